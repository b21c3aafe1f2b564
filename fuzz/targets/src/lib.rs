//! What each fuzz target does with its bytes. A function per target, in a library of its own: `fuzz/fuzz_targets/` hands them
//! libFuzzer's bytes, and `cargo test` hands them the kept corpora and findings on stable Rust.
//!
//! A target panics if a promise is broken. Whatever else it returns is fine.
#![forbid(unsafe_code)]

mod arguments;
mod files;
mod frame;
mod payload;
mod round_trip;
mod take;
mod zfp;

pub use arguments::arguments;
pub use files::files;
pub use frame::{frame, repair};
pub use payload::{payload, seed as payload_seed};
pub use round_trip::round_trip;
pub use zfp::zfp;

/// A target: its name, which is that of its program and of its folders of kept inputs, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Target; 6] = [
    ("arguments", arguments),
    ("files", files),
    ("frame", frame),
    ("payload", payload),
    ("round_trip", round_trip),
    ("zfp", zfp),
];

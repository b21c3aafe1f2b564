//! The transform codec of tolzip: zfp's streams, bit for bit.
//!
//! [`zfp`] reads and writes the streams of libzfp 1.0 (codec version 5) for f32 and f64 in one to four dimensions.
//! [`Transform`] is the same as one of tolzip's codecs, also with entropy-coded coefficients.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod codec;
mod context;
pub mod zfp;

pub use codec::{Settings, Transform};

//! tolzip for C: compress, inspect and decompress in the caller's memory.
//!
//! The header `include/tolzip.h` is made from this crate by cbindgen and committed; a test makes it again and compares. Link
//! with `libtolzip_c.a` or `libtolzip_c.so`; `examples/round_trip.c` is a whole program, which the tests build and run.
//!
//! This crate and `tolzip-simd` are the only ones with `unsafe`. Here it stands where C hands over pointers: each is checked
//! for null, each length for what Rust allows, inputs and outputs for overlap, before a slice is made of it. Panics end at the
//! border as [`TolzipStatus::Internal`]; there should be none.
#![deny(improper_ctypes_definitions)]

mod compress;
mod decompress;
mod inspect;
mod memory;
mod report;
mod types;

pub use compress::{TolzipSettings, tolzip_compress, tolzip_max_compressed_bytes, tolzip_settings};
pub use decompress::{tolzip_decompress, tolzip_decompress_region};
pub use inspect::{TolzipInfo, tolzip_inspect};
pub use report::{tolzip_message, tolzip_status_text, tolzip_version};
pub use types::{TolzipBound, TolzipDtype, TolzipStatus};

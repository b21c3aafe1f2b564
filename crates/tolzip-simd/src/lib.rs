//! The kernels of tolzip, and the only crate that may contain `unsafe`.
//!
//! Each kernel has a scalar definition; vector versions are chosen at run time and give the same results, bit for bit.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod arena;
pub mod cast;
pub mod cpu;
pub mod crc32c;
pub mod digits;
pub mod floats;
pub mod histogram;
pub mod lags;
pub mod lane;
pub mod memory;
pub mod normal;
pub mod range;
pub mod rans;
pub mod residuals;
pub mod rice;
pub mod rows;
pub mod words;
pub mod zfp;

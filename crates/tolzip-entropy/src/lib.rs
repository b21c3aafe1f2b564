//! Entropy coders of tolzip: interleaved rANS, LZ, context mixing, and their models.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod bits;
pub mod lz;
pub mod mixing;
pub mod rans;

//! Truncation and sampling: the reductions of tolzip that need no entropy coder of their own.
//!
//! [`bitround`] zeroes low mantissa bits, which makes values compress well without loss afterwards; [`sample`] keeps some
//! rows of an array and drops the others.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod bitround;
mod generator;
pub mod sample;

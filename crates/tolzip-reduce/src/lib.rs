//! Truncation and sampling: the reductions of tolzip that need no entropy coder of their own.
//!
//! [`bitround`], [`truncate`], [`digits`] and [`cast`] make the low mantissa bits alike, so that values compress well without
//! loss afterwards; [`information`] tells how many bits are worth keeping; [`sample`] keeps some rows of an array and drops
//! the others.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod bitround;
pub mod cast;
pub mod digits;
mod generator;
pub mod information;
mod layout;
pub mod sample;
#[cfg(test)]
mod tests;
pub mod truncate;

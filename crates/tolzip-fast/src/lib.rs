//! The multi-gigabyte codec of tolzip: values are quantized within the bound, predicted as integers from neighbours, and what
//! is left goes to Rice codes, 64 values at a time.
//!
//! The layout of a chunk is specified in `docs/codecs/fast.md`.
//!
//! ```
//! use tolzip_core::{Codec, Shape, Target};
//! use tolzip_fast::Fast;
//!
//! let values: Vec<f32> = (0..1000).map(|i| (i as f32 * 0.01).sin()).collect();
//! let shape = Shape::line(1000);
//! let mut chunk = Vec::new();
//! Fast.encode(&values, shape, Target::Abs(1e-3), &mut chunk)?;
//! let mut back = vec![0.0f32; 1000];
//! Fast.decode(&chunk, shape, &mut back)?;
//! assert!(values.iter().zip(&back).all(|(x, y)| (x - y).abs() <= 1e-3) && chunk.len() < 600);
//! # Ok::<(), tolzip_core::Error>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod choose;
mod codec;
mod describe;
mod exact;
mod heads;
mod lags;
mod line;
mod step;
#[cfg(test)]
mod tests;

pub use codec::Fast;

//! An example of tolzip on a device: readings of a few sensors come in one at a time, and leave as compressed blocks, in fixed
//! memory and without the standard library.
//!
//! The readings of a block are kept in an array inside of the [`Logger`]; when it is full it is compressed, handed on (to
//! flash, to a radio), and reused. Each block is a stream of its own: power that fails costs the block being filled, a damaged
//! page the block on it. What the heap has to hold is the same for every block of a kind, and nothing of it is kept between
//! blocks: with four sensors of 256 readings the [`HEAP`] is enough, which `tests/peak.rs` holds the logger to with a counting
//! allocator, on the roughest signals as well. Firmware gives its allocator an arena of that size (two or three times it for
//! one that fragments).
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;
use tolzip::{Bound, Compressor, Method, Result, Shape, View};

/// The most bytes of heap that a `Logger<4, 256>` has in use at a time: of 4096 bytes of readings, whatever they are.
pub const HEAP: usize = 48 * 1024;

/// Collects `N` readings of each of `SENSORS` sensors, then compresses them.
#[derive(Clone, Debug)]
pub struct Logger<const SENSORS: usize, const N: usize> {
    /// By sensor, so that neighbours in memory are neighbours in time.
    block: [[f32; N]; SENSORS],
    filled: usize,
    compressor: Compressor,
}

impl<const SENSORS: usize, const N: usize> Logger<SENSORS, N> {
    /// A logger whose readings come back within `error`, in the sensors' own unit.
    #[must_use]
    pub const fn new(error: f64) -> Self {
        const { assert!(SENSORS > 0 && N > 0, "a block of no readings is never full") };
        // The method with the least to remember: differences and Rice codes.
        let compressor = Compressor::new(Method::Fast, Bound::Abs(error)).threads(1);
        Self { block: [[0.0; N]; SENSORS], filled: 0, compressor }
    }

    /// Takes one reading of every sensor. When they fill a block, its stream goes to `store`.
    ///
    /// # Errors
    /// [`tolzip::Error::OutOfMemory`] if the heap is too small, [`tolzip::Error::BadBound`] if `error` is no bound. The block
    /// is lost, and the next one begins.
    pub fn push(&mut self, readings: [f32; SENSORS], store: impl FnMut(&[u8])) -> Result<()> {
        for (row, reading) in self.block.iter_mut().zip(readings) {
            row[self.filled] = reading;
        }
        self.filled += 1;
        if self.filled == N { self.flush(store) } else { Ok(()) }
    }

    /// Compresses what is there: before the power goes, or when it is asked for.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn flush(&mut self, mut store: impl FnMut(&[u8])) -> Result<()> {
        let filled = core::mem::take(&mut self.filled);
        if filled == 0 {
            return Ok(());
        }
        // Rows of the block are `N` apart, however many of their readings are there.
        let values = &self.block.as_flattened()[..(SENSORS - 1) * N + filled];
        let view = View::strided(values, Shape::new(&[SENSORS, filled])?, &[N, 1])?;
        let stream: Vec<u8> = self.compressor.compress(view)?;
        store(&stream);
        Ok(())
    }
}

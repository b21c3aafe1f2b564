//! An example of tolzip on a device: readings of a few sensors come in one at a time, and leave as compressed blocks, in fixed
//! memory and without the standard library.
//!
//! The readings of a block are kept in an array inside of the [`Logger`]; when it is full it is compressed, handed on (to
//! flash, to a radio), and reused. Each block is a stream of its own: power that fails costs the block being filled, a damaged
//! page the block on it. What the heap has to hold is the same for every block of a kind, and nothing of it is kept between
//! blocks: with four sensors of 256 readings the [`HEAP`] is enough, which `tests/peak.rs` holds the logger to with a counting
//! allocator, on the roughest signals as well. Firmware gives its allocator an arena of that size, and some more for one that
//! fragments. `examples/firmware` is such a program, for a Cortex-M4.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;
use tolzip::{Result, Shape, View, device};

/// The most bytes of heap that a `Logger<4, 256>` has in use at a time: of 4096 bytes of readings, whatever they are.
pub const HEAP: usize = 48 * 1024;

/// Four blocks of readings of a thermometer, a barometer, a vibration and a counter, within 0.01: the bytes of readings and of
/// blocks, and a hash of the blocks (FNV-1a), which are the same on every machine.
///
/// # Errors
/// As [`Logger::push`].
pub fn example() -> Result<(usize, usize, u64)> {
    const N: usize = 256;
    let mut logger = Logger::<4, N>::new(0.01);
    let (mut stored, mut hash) = (0, 0xcbf2_9ce4_8422_2325);
    for i in 0..4 * N {
        let (t, swing) = (i as f32, (i % 64) as f32 / 64.0 - 0.5);
        let now = [20.0 + 1e-3 * t, 1013.25 - 2e-3 * t, swing * (1.0 - 2.0 * swing), t];
        logger.push(now, |block| {
            stored += block.len();
            hash = block.iter().fold(hash, |h: u64, &b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        })?;
    }
    Ok((4 * N * size_of::<[f32; 4]>(), stored, hash))
}

/// Collects `N` readings of each of `SENSORS` sensors, then compresses them.
#[derive(Clone, Debug)]
pub struct Logger<const SENSORS: usize, const N: usize> {
    /// By sensor, so that neighbours in memory are neighbours in time.
    block: [[f32; N]; SENSORS],
    filled: usize,
    error: f64,
}

impl<const SENSORS: usize, const N: usize> Logger<SENSORS, N> {
    /// A logger whose readings come back within `error`, in the sensors' own unit.
    #[must_use]
    pub const fn new(error: f64) -> Self {
        const { assert!(SENSORS > 0 && N > 0, "a block of no readings is never full") };
        Self { block: [[0.0; N]; SENSORS], filled: 0, error }
    }

    /// Takes one reading of every sensor. When they fill a block, its stream goes to `store`.
    ///
    /// # Errors
    /// [`tolzip::Error::BadBound`] if `error` is no bound: the block is lost, and the next one begins. A heap that is too small (of
    /// less than [`HEAP`], for that kind of logger) ends the program, as allocations in Rust that fail do, or is told as
    /// [`tolzip::Error::OutOfMemory`].
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
        let stream: Vec<u8> = device::compress(view, self.error)?;
        store(&stream);
        Ok(())
    }
}

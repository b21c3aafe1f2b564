//! Sampling rows as a method.

use alloc::vec::Vec;
use tolzip_core::Result;
pub use tolzip_reduce::sample::Sampling;
use tolzip_reduce::sample::{Amount, rows as rows_of};

/// Settings of row sampling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// How rows are chosen.
    pub mode: Sampling,
    /// The share of the rows that is kept, above 0 and at most 1.
    pub rate: f64,
    /// Chooses among the possible samples.
    pub seed: u64,
}

impl Sample {
    /// Which rows of `rows` are kept, in the order in which they are stored. The same for ever: labels and other arrays
    /// can be sampled alike.
    ///
    /// # Errors
    /// [`Error::BadSetting`](crate::Error::BadSetting) for a rate outside of (0, 1].
    pub fn rows(&self, rows: u64) -> Result<Vec<u64>> {
        rows_of(rows, Amount::Rate(self.rate), self.mode, self.seed)
    }
}

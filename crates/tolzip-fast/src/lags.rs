//! Which neighbours predict.

use tolzip_simd::lags::MOST;

/// A set of axes along which differences are taken; bit 0 is the last axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Axes(pub(crate) u8);

/// The distances of neighbours along a set of axes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lags {
    /// Whether the value before is among them.
    pub(crate) one: bool,
    others: [usize; MOST],
    count: usize,
}

impl Axes {
    /// The number of different sets.
    pub(crate) const SETS: u8 = 16;

    /// The neighbours' distances in an array of these sides.
    pub(crate) fn lags(self, sides: [usize; 4]) -> Lags {
        let mut lags = Lags { one: self.0 & 1 != 0, others: [0; MOST], count: 0 };
        let mut stride = 1;
        for (i, &side) in sides.iter().rev().enumerate().take(MOST) {
            stride *= side;
            if self.0 >> (i + 1) & 1 != 0 {
                lags.others[lags.count] = stride;
                lags.count += 1;
            }
        }
        lags
    }
}

impl Lags {
    /// The distances but the one of the value before.
    pub(crate) fn others(&self) -> &[usize] {
        &self.others[..self.count]
    }

    /// How many values before the first a prediction can look at.
    pub(crate) fn reach(&self) -> usize {
        self.others().iter().sum()
    }
}

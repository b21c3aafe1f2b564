//! The quantizer's numbers.

use tolzip_core::Float;
use tolzip_simd::rows::{Quantum, Work};

/// How values become integers: `offset + k step`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) size: f64,
    pub(crate) offset: f64,
    /// f32 is calculated with in f64.
    pub(crate) wide: bool,
}

/// Below so many units in the last place of the largest value, f32 is too coarse to calculate with.
const WIDE_BELOW: f64 = 128.0;

/// Multiples up to this need no offset.
const FAR: f64 = 268_435_456.0;

impl Step {
    /// The step for values that a sample found between `min` and `max`: twice the bound, less what rounding can add, so
    /// that values are seldom pushed beyond the bound by a rounding.
    pub(crate) fn choose<T: Float>(bound: f64, min: f64, max: f64, wide: bool) -> Self {
        let largest = if -min > max { -min } else { max };
        let ulp = largest / (1u64 << T::MANTISSA_BITS) as f64;
        let wide = T::MANTISSA_BITS < 52 && (wide || bound < WIDE_BELOW * ulp);
        let slack = if wide { 0.5 * ulp } else { ulp };
        let slack = if slack < bound / 16.0 { slack } else { bound / 16.0 };
        let size = 2.0 * (bound * (1.0 - 1.0 / 1_048_576.0) - slack);
        let middle = min + (max - min) / 2.0;
        let offset = if largest > FAR * size && middle.is_finite() { middle } else { 0.0 };
        Self { size, offset: T::from_f64(offset).to_f64(), wide }
    }

    /// The quantizer in type `W`, or `None` where the step or its inverse leaves the type's range.
    pub(crate) fn quantum<T: Float, W: Work<T>>(self, bound: f64) -> Option<Quantum<T, W>> {
        Quantum::new(self.size, bound)
    }
}

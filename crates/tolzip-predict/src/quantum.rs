//! The quantizer's numbers for a chunk, and the exact check where the fast one is not sure.

use tolzip_core::bytes::Reader;
use tolzip_core::{Error, Float, Result};
use tolzip_simd::rows::{EXCEPTION, Quantum, Work};

/// The distance of neighbouring reconstructions, and whether f32 values are predicted in f64.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) size: f64,
    pub(crate) wide: bool,
}

/// Below so many units in the last place of the largest value, f32 is too coarse to predict in.
const WIDE_BELOW: f64 = 512.0;

impl Step {
    /// The step for values up to `largest` in magnitude: twice the bound, less what rounding to `T` can add, so that
    /// values are seldom pushed beyond the bound by a rounding.
    pub(crate) fn choose<T: Float>(bound: f64, largest: f64) -> Self {
        let ulp = largest / f64::from(T::MANTISSA_BITS).exp2_int();
        let wide = T::MANTISSA_BITS < 52 && bound < WIDE_BELOW * ulp;
        let slack = if wide { 0.5 * ulp } else { ulp };
        let slack = if slack > bound / 16.0 { bound / 16.0 } else { slack };
        let size = 2.0 * (bound * (1.0 - 1.0 / 1_048_576.0) - slack);
        Self { size, wide }
    }

    /// The quantizer in type `W`, or `None` where the step or its inverse leaves the type's range.
    pub(crate) fn quantum<T: Float, W: Work<T>>(self, bound: f64) -> Option<Quantum<T, W>> {
        Quantum::new(self.size, bound)
    }

    pub(crate) fn read(reader: &mut Reader<'_>, wide: bool) -> Result<Self> {
        let size = reader.f64()?;
        if size.is_finite() && size > 0.0 {
            Ok(Self { size, wide })
        } else {
            Err(Error::corrupt("a step that is no positive number"))
        }
    }
}

trait ExpInt {
    fn exp2_int(self) -> f64;
}

impl ExpInt for f64 {
    /// 2^self for a small whole number, without the library's powers.
    fn exp2_int(self) -> f64 {
        Self::from_bits((1023 + self as u64) << 52)
    }
}

/// Gives values that the fast check was not sure of a second chance by the exact one, and returns the largest error of
/// those that pass. The others stay exceptions.
pub(crate) fn second_chance<T: Float, W: Work<T>>(
    x: &[T],
    p: &[W],
    quantum: &Quantum<T, W>,
    bound: f64,
    k: &mut [i32],
    r: &mut [T],
) -> T {
    let mut most = T::ZERO;
    for (((&x, &p), k), r) in x.iter().zip(p).zip(k).zip(r) {
        if *k != EXCEPTION {
            continue;
        }
        let t = (W::load(x) - p) * quantum.inverse;
        if t.abs() <= W::LIMIT {
            let (whole, integer) = t.round();
            let back = (p + whole * quantum.step).store();
            if x.within(back, bound) {
                (*k, *r) = (integer, back);
                let error = (back - x).abs();
                most = if error > most { error } else { most };
            }
        }
    }
    most
}

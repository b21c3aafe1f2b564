//! Bit rounding as a method: how many mantissa bits to keep.

use crate::road::scan::Scan;
use alloc::vec::Vec;
use tolzip_core::{Element, Error, Result, Target};
use tolzip_reduce::bitround;

/// Settings of bit rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bitround {
    /// Explicit mantissa bits to keep; `None` keeps the fewest that hold the bound.
    pub bits: Option<u32>,
}

impl Bitround {
    /// The values, rounded for the target. What misses the bound is for the caller to correct.
    pub(crate) fn apply<T: Element>(self, values: &[T], target: Target, here: Scan) -> Result<Vec<T>> {
        let bits = match (self.bits, target) {
            (Some(bits), _) => Some(bits),
            (None, Target::Abs(e)) => {
                let largest = if -here.min > here.max { -here.min } else { here.max };
                bitround::bits_for_abs::<T>(largest, e)
            }
            (None, Target::PointwiseRel(e)) => bitround::bits_for_pointwise::<T>(e),
            (None, _) => {
                return Err(Error::BadSetting {
                    method: "bitround",
                    knob: "bits",
                    needs: "a number, or a bound",
                });
            }
        };
        let mut rounded = values.to_vec();
        if let Some(bits) = bits {
            bitround::round(&mut rounded, bits)?;
        }
        Ok(rounded)
    }
}

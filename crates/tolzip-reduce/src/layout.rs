//! How a float type is made up, and exponents of f64 without a mathematical library.

use tolzip_core::{DType, Error, Result};

/// The layout of a float type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) mantissa_bits: u32,
    /// Exponents of the smallest and the largest normal values.
    pub(crate) lowest: i32,
    pub(crate) highest: i32,
}

impl Layout {
    pub(crate) fn of(dtype: DType) -> Result<Self> {
        let (mantissa_bits, highest) = match dtype {
            DType::F32 => (23, 127),
            DType::F64 => (52, 1023),
            DType::F16 => (10, 15),
            DType::Bf16 => (7, 127),
            _ => return Err(Error::TypeUnsupported { method: "truncation", dtype }),
        };
        Ok(Self { mantissa_bits, lowest: 1 - highest, highest })
    }

    /// The number of bits, from 0 on, if it is less than all.
    pub(crate) fn fewest(self, bits: i32) -> Option<u32> {
        let bits = bits.max(0).unsigned_abs();
        (bits < self.mantissa_bits).then_some(bits)
    }
}

/// The exponent of the power of two at or below a positive number; 1024 for infinity, `None` for anything else.
pub(crate) fn exponent(x: f64) -> Option<i32> {
    if x.is_nan() || x <= 0.0 {
        return None;
    }
    let bits = x.to_bits();
    let biased = (bits >> 52) as i32;
    Some(if biased == 0 { -1011 - bits.leading_zeros() as i32 } else { biased - 1023 })
}

/// 2^power for the powers of normal f64.
pub(crate) fn power_of_two(power: i32) -> f64 {
    f64::from_bits(((1023 + power.clamp(-1022, 1023)) as u64) << 52)
}

//! 16-bit floats as plain bit patterns, with exact widening and correctly rounded narrowing.
//!
//! Widening to f32 is exact; narrowing rounds to nearest, ties to even, and goes to infinity beyond the largest finite
//! value. NaN stays NaN (a signalling one becomes quiet); the codecs never send NaN through here.

/// IEEE 754 binary16: 1 sign, 5 exponent, 10 mantissa bits.
///
/// ```
/// use tolzip_core::F16;
///
/// let tenth = F16::from_f32(0.1);
/// assert_eq!((tenth.0, tenth.to_f32()), (0x2e66, 0.0999755859375));
/// assert_eq!(F16::from_f32(2049.0).to_f32(), 2048.0);
/// assert_eq!(F16::from_f32(70_000.0).to_f32(), f32::INFINITY);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[repr(transparent)]
pub struct F16(pub u16);

/// bfloat16: the upper half of an f32.
///
/// ```
/// use tolzip_core::Bf16;
///
/// assert_eq!(Bf16::from_f32(1.0).0, 0x3f80);
/// assert_eq!(Bf16::from_f32(257.0).to_f32(), 256.0);
/// assert!(Bf16::from_f32(1e38).to_f32().is_finite());
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[repr(transparent)]
pub struct Bf16(pub u16);

impl F16 {
    /// The same value as f32.
    #[must_use]
    pub fn to_f32(self) -> f32 {
        let sign = u32::from(self.0 & 0x8000) << 16;
        let exponent = u32::from(self.0 >> 10 & 0x1f);
        let mantissa = u32::from(self.0 & 0x3ff);
        match exponent {
            // Denormals and zero: the mantissa in units of 2^-24, exact in f32.
            0 => {
                let magnitude = mantissa as f32 * f32::from_bits((127 - 24) << 23);
                f32::from_bits(magnitude.to_bits() | sign)
            }
            0x1f => f32::from_bits(sign | 0x7f80_0000 | mantissa << 13),
            _ => f32::from_bits(sign | (exponent + 127 - 15) << 23 | mantissa << 13),
        }
    }

    /// The nearest half-precision value, ties to even.
    #[must_use]
    pub fn from_f32(x: f32) -> Self {
        let bits = x.to_bits();
        let sign = (bits >> 16 & 0x8000) as u16;
        let magnitude = bits & 0x7fff_ffff;
        if magnitude > 0x7f80_0000 {
            return Self(sign | 0x7e00 | (magnitude >> 13 & 0x3ff) as u16);
        }
        // 65520 is half-way from the largest finite value, 65504, to the next power of two.
        if magnitude >= 0x477f_f000 {
            return Self(sign | 0x7c00);
        }
        if magnitude < 0x3880_0000 {
            // Below 2^-14: adding 2^-1 leaves multiples of 2^-24 in the low mantissa bits, correctly rounded.
            let rounded = f32::from_bits(magnitude) + 0.5;
            return Self(sign | (rounded.to_bits() - 0.5f32.to_bits()) as u16);
        }
        let odd = magnitude >> 13 & 1;
        let rounded = (magnitude + 0xfff + odd) >> 13;
        Self(sign | (rounded - ((127 - 15) << 10)) as u16)
    }
}

impl Bf16 {
    /// The same value as f32.
    #[must_use]
    pub fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }

    /// The nearest bfloat16 value, ties to even.
    #[must_use]
    pub fn from_f32(x: f32) -> Self {
        let bits = x.to_bits();
        if x.is_nan() {
            return Self((bits >> 16) as u16 | 0x40);
        }
        let odd = bits >> 16 & 1;
        Self(((bits + 0x7fff + odd) >> 16) as u16)
    }
}

impl PartialEq for F16 {
    fn eq(&self, other: &Self) -> bool {
        self.to_f32() == other.to_f32()
    }
}

impl PartialEq for Bf16 {
    fn eq(&self, other: &Self) -> bool {
        self.to_f32() == other.to_f32()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_survives_the_round_trip() {
        for bits in 0..=u16::MAX {
            let x = F16(bits).to_f32();
            if !x.is_nan() {
                assert_eq!(F16::from_f32(x).0, bits);
            } else {
                assert!(F16::from_f32(x).to_f32().is_nan());
            }
            let b = Bf16(bits).to_f32();
            if !b.is_nan() {
                assert_eq!(Bf16::from_f32(b).0, bits);
            } else {
                assert!(Bf16::from_f32(b).to_f32().is_nan());
            }
        }
    }

    #[test]
    fn narrowing_picks_the_nearest_and_ties_go_to_even() {
        // Every midpoint between neighbouring halves, and the f32 values next to it.
        for bits in 0..0x7bffu16 {
            let (low, high) = (F16(bits).to_f32(), F16(bits + 1).to_f32());
            let mid = (low + high) / 2.0;
            let even = if bits % 2 == 0 { bits } else { bits + 1 };
            assert_eq!(F16::from_f32(mid).0, even);
            assert_eq!(F16::from_f32(mid.next_up()).0, bits + 1);
            assert_eq!(F16::from_f32(mid.next_down()).0, bits);
            assert_eq!(F16::from_f32(-mid).0, even | 0x8000);
        }
        assert_eq!(F16::from_f32(65519.996).0, 0x7bff);
        assert_eq!(F16::from_f32(65520.0).0, 0x7c00);
        assert_eq!(Bf16::from_f32(f32::from_bits(0x3f80_8000)).0, 0x3f80);
        assert_eq!(Bf16::from_f32(f32::MAX).0, 0x7f80);
    }
}

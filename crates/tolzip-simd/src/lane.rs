//! What the lossless kernels need of a word beyond [`Word`]: signed order, shifts, and the float of the same size.

use tolzip_core::{Float, Word};

/// A word of 8, 16, 32 or 64 bits with wrapping arithmetic.
pub trait Lane: Word {
    /// The float of this size; f32 for the narrow words, whose stages never use it.
    type Float: Float;
    /// Bits of a word.
    const BITS: u32 = Self::BYTES as u32 * 8;
    /// The float with these bits.
    fn float(self) -> Self::Float;
    /// The bits of a float.
    fn unfloat(x: Self::Float) -> Self;
    /// Multiplies modulo 2^bits.
    #[must_use]
    fn times(self, by: i8) -> Self;
    /// Shifts right, copying the sign.
    #[must_use]
    fn sar(self, by: u32) -> Self;
    /// Shifts left.
    #[must_use]
    fn shl(self, by: u32) -> Self;
    /// Number of bits up to the highest set one.
    fn bit_length(self) -> u32;

    /// Signed to unsigned with small magnitudes first: 0, -1, 1, -2, ...
    #[inline(always)]
    #[must_use]
    fn zigzag(self) -> Self {
        self.shl(1) ^ self.sar(Self::BITS - 1)
    }

    /// Inverse of [`zigzag`](Self::zigzag).
    #[inline(always)]
    #[must_use]
    fn unzigzag(self) -> Self {
        self.shr(1) ^ Self::default().wrapping_sub(self & Self::from_u64(1))
    }

    /// Shifts right, filling with zeros.
    #[must_use]
    fn shr(self, by: u32) -> Self;
    /// The bits that are in either.
    #[must_use]
    fn or(self, other: Self) -> Self;
}

macro_rules! lane {
    ($($t:ident $signed:ident $float:ident $to:expr, $from:expr;)*) => {$(
        impl Lane for $t {
            type Float = $float;
            #[inline(always)]
            fn float(self) -> $float {
                $to(self)
            }
            #[inline(always)]
            fn unfloat(x: $float) -> Self {
                $from(x)
            }
            #[inline(always)]
            fn times(self, by: i8) -> Self {
                self.wrapping_mul(by as $signed as $t)
            }
            #[inline(always)]
            fn sar(self, by: u32) -> Self {
                (self as $signed).wrapping_shr(by) as $t
            }
            #[inline(always)]
            fn shl(self, by: u32) -> Self {
                self.wrapping_shl(by)
            }
            #[inline(always)]
            fn shr(self, by: u32) -> Self {
                self.wrapping_shr(by)
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self | other
            }
            #[inline(always)]
            fn bit_length(self) -> u32 {
                $t::BITS - self.leading_zeros()
            }
        }
    )*};
}
lane! {
    u8 i8 f32 |_| 0.0, |_| 0;
    u16 i16 f32 |_| 0.0, |_| 0;
    u32 i32 f32 f32::from_bits, f32::to_bits;
    u64 i64 f64 f64::from_bits, f64::to_bits;
}

/// How words become integers whose order is that of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The sign is a bit of its own (floats): negative words count backwards.
    pub sign_magnitude: bool,
    /// Low bits that are zero in every word, and dropped; less than the word's bits.
    pub shift: u32,
}

impl Order {
    /// The word as an integer.
    #[inline(always)]
    #[must_use]
    pub fn of<W: Lane>(self, word: W) -> W {
        self.flip(word.sar(self.shift))
    }

    /// The word of an integer.
    #[inline(always)]
    #[must_use]
    pub fn word<W: Lane>(self, integer: W) -> W {
        self.flip(integer).shl(self.shift)
    }

    /// The integer nearest to a word whose low bits need not be zero.
    #[inline(always)]
    #[must_use]
    pub fn nearest<W: Lane>(self, word: W) -> W {
        let half = if self.shift == 0 { W::default() } else { W::from_u64(1).shl(self.shift - 1) };
        self.of(word.wrapping_add(half))
    }

    #[inline(always)]
    fn flip<W: Lane>(self, s: W) -> W {
        if self.sign_magnitude {
            let magnitude = W::from_u64(u64::MAX).shr(1).shr(self.shift);
            s ^ (s.sar(W::BITS - 1) & magnitude)
        } else {
            s
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zigzag_is_a_bijection_of_bytes() {
        let mut seen = [false; 256];
        for x in 0..=u8::MAX {
            assert_eq!(x.zigzag().unzigzag(), x);
            seen[usize::from(x.zigzag())] = true;
        }
        assert!(seen.iter().all(|&s| s));
        assert_eq!([0u32, u32::MAX, 1].map(Lane::zigzag), [0, 1, 2]);
    }

    #[test]
    fn the_order_of_floats_is_that_of_their_integers() {
        let values = [f32::NEG_INFINITY, -1e30, -1.0, -1e-40, -0.0, 0.0, 1e-40, 1.0, 1e30, f32::INFINITY];
        for shift in [0, 4] {
            let order = Order { sign_magnitude: true, shift };
            let mut last = i32::MIN;
            for x in values {
                let word = x.to_bits() & (u32::MAX << shift);
                let integer = order.of(word);
                assert!(integer as i32 >= last, "{x} {shift}");
                last = integer as i32;
                assert_eq!(order.word(integer), word);
            }
        }
    }

    #[test]
    fn neighbouring_floats_are_neighbouring_integers_across_zero() {
        let order = Order { sign_magnitude: true, shift: 0 };
        assert_eq!(order.of(0f64.to_bits()), 0);
        assert_eq!(order.of((-0f64).to_bits()), u64::MAX);
        assert_eq!(Order { shift: 8, ..order }.nearest(0x3f80_0080u32), 0x3f_8001);
    }
}

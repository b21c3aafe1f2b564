//! The four element types of the kernels, and what they can do.

use super::kernels::Kernels;
use core::any::TypeId;
use core::ops::{BitOr, BitOrAssign, Not, Shl, Shr};
use tolzip_core::{Element, Float, Word};

/// f32, f64, i32 or i64, with the integers of the same size that their blocks become: those of integers are the values
/// themselves, those of floats what the common exponent of their block makes of them.
pub trait Scalar: Element<Bits: Unsigned> + Kernels {
    /// Bits of a float's exponent field; 0 for integers.
    const EXPONENT_BITS: u32;
    /// Bits of a float's mantissa that are stored; 0 for integers.
    const MANTISSA_BITS: u32;
    /// `2^exponent`, rounded to the nearest value of this type, ties to even: 0 far below, infinite above. For integers
    /// 1, since nothing is scaled.
    fn power_of_two(exponent: i32) -> Self;
    /// The value without its fraction, in two's complement. Everything that has no place there (NaN and infinities
    /// too) becomes the least integer, as x86's conversion instructions have it.
    fn truncate(self) -> Self::Bits;
    /// The nearest value to an integer in two's complement, ties to even.
    fn from_integer(x: Self::Bits) -> Self;
}

/// u32 or u64, taken as two's complement where it says so. Everything wraps.
pub trait Unsigned:
    Word
    + Not<Output = Self>
    + BitOr<Output = Self>
    + BitOrAssign
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
{
    /// Number of bits.
    const WIDTH: u32;
    /// `...101010`.
    const ALTERNATING: Self;
    /// Halves a two's complement number, rounding down.
    #[must_use]
    fn half(self) -> Self;
    /// The number of zeros above the highest one.
    fn leading_zeros(self) -> u32;
    /// The number of zeros below the lowest one.
    fn trailing_zeros(self) -> u32;
}

macro_rules! scalar {
    ($t:ident $u:ident $i:ident) => {
        impl Unsigned for $u {
            const WIDTH: u32 = $u::BITS;
            const ALTERNATING: Self = $u::MAX / 3 * 2;
            #[inline(always)]
            fn half(self) -> Self {
                (self as $i >> 1) as Self
            }
            #[inline(always)]
            fn leading_zeros(self) -> u32 {
                self.leading_zeros()
            }
            #[inline(always)]
            fn trailing_zeros(self) -> u32 {
                self.trailing_zeros()
            }
        }

        impl Scalar for $t {
            const EXPONENT_BITS: u32 = <$t as Float>::EXPONENT_BITS;
            const MANTISSA_BITS: u32 = <$t as Float>::MANTISSA_BITS;
            #[inline(always)]
            fn power_of_two(exponent: i32) -> Self {
                const MANTISSA: i32 = <$t as Float>::MANTISSA_BITS as i32;
                const BIAS: i32 = (1 << (<$t as Float>::EXPONENT_BITS - 1)) - 1;
                let biased = exponent + BIAS;
                let normal = (biased.clamp(0, 2 * BIAS + 1) as $u) << MANTISSA;
                // A tie between 0 and the least denormal (one place further down) goes to the even one, 0.
                let place = biased - 1 + MANTISSA;
                let denormal = if place >= 0 { 1 << place.clamp(0, MANTISSA) } else { 0 };
                <$t>::from_bits(if biased > 0 { normal } else { denormal })
            }

            #[inline(always)]
            fn truncate(self) -> $u {
                const LIMIT: $t = -($i::MIN as $t);
                let x = self as $i;
                (if Float::abs(self) < LIMIT { x } else { $i::MIN }) as $u
            }

            #[inline(always)]
            fn from_integer(x: $u) -> Self {
                x as $i as Self
            }
        }

        impl Scalar for $i {
            const EXPONENT_BITS: u32 = 0;
            const MANTISSA_BITS: u32 = 0;
            fn power_of_two(_: i32) -> Self {
                1
            }
            #[inline(always)]
            fn truncate(self) -> $u {
                self as $u
            }
            #[inline(always)]
            fn from_integer(x: $u) -> Self {
                x as Self
            }
        }
    };
}
scalar!(f32 u32 i32);
scalar!(f64 u64 i64);

/// `values` as values of another type, if that is the same type under another name.
#[must_use]
pub fn same<T: Element, U: Element>(values: &[T]) -> Option<&[U]> {
    if TypeId::of::<T>() != TypeId::of::<U>() {
        return None;
    }
    // SAFETY: `T` and `U` are one type, so this is the slice itself.
    Some(unsafe { core::slice::from_raw_parts(values.as_ptr().cast(), values.len()) })
}

/// As [`same`], for values to be changed.
#[must_use]
pub fn same_mut<T: Element, U: Element>(values: &mut [T]) -> Option<&mut [U]> {
    if TypeId::of::<T>() != TypeId::of::<U>() {
        return None;
    }
    // SAFETY: `T` and `U` are one type, so this is the slice itself; the borrow stays unique.
    Some(unsafe { core::slice::from_raw_parts_mut(values.as_mut_ptr().cast(), values.len()) })
}

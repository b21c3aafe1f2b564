//! The types of values that an array can hold.

use crate::half::{Bf16, F16};
use alloc::borrow::Cow;
use core::fmt;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// An element type at run time. The numbers are those of the container format.
///
/// ```
/// use tolzip_core::DType;
///
/// let dtype = DType::from_name("bf16").expect("a name of the list");
/// assert_eq!((dtype, dtype.size(), dtype.is_float()), (DType::Bf16, 2, true));
/// assert_eq!(DType::from_number(dtype as u8), Some(dtype));
/// assert_eq!((dtype.to_string().as_str(), DType::from_name("f8")), ("bf16", None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum DType {
    /// IEEE binary32.
    F32 = 1,
    /// IEEE binary64.
    F64 = 2,
    /// IEEE binary16.
    F16 = 3,
    /// bfloat16.
    Bf16 = 4,
    /// Signed, 8 bits.
    I8 = 5,
    /// Signed, 16 bits.
    I16 = 6,
    /// Signed, 32 bits.
    I32 = 7,
    /// Signed, 64 bits.
    I64 = 8,
    /// Unsigned, 8 bits.
    U8 = 9,
    /// Unsigned, 16 bits.
    U16 = 10,
    /// Unsigned, 32 bits.
    U32 = 11,
    /// Unsigned, 64 bits.
    U64 = 12,
}

impl DType {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::F32,
        Self::F64,
        Self::F16,
        Self::Bf16,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
    ];

    /// The type with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&d| d as u8 == number)
    }

    /// The type of this name, as `name` spells it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.name() == name)
    }

    /// `f32`, `bf16`, `u8`, ...
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
        }
    }

    /// Bytes a value.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// Whether values can have a fraction.
    #[must_use]
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64 | Self::F16 | Self::Bf16)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

mod sealed {
    pub trait Sealed {}
}

/// An unsigned integer that holds the bits of an [`Element`].
///
/// ```
/// use tolzip_core::{Element, F16, Word};
///
/// let one: u16 = F16::from_f32(1.0).to_bits();
/// assert_eq!((one.to_u64(), <u16 as Word>::BYTES), (0x3c00, 2));
/// assert_eq!(u16::from_u64(0x1_3c00), one);
/// ```
pub trait Word:
    Element<Bits = Self> + Eq + Ord + core::ops::BitXor<Output = Self> + core::ops::BitAnd<Output = Self>
{
    /// Bytes a word.
    const BYTES: usize;
    /// Zero-extends to 64 bits.
    fn to_u64(self) -> u64;
    /// The low bits of `x`.
    fn from_u64(x: u64) -> Self;
    /// Adds modulo 2^bits.
    #[must_use]
    fn wrapping_add(self, other: Self) -> Self;
    /// Subtracts modulo 2^bits.
    #[must_use]
    fn wrapping_sub(self, other: Self) -> Self;
}

/// A type of value that an array can hold. Sealed: every implementor is a plain number of exactly `Bits`' size and
/// alignment, valid for every bit pattern.
///
/// ```
/// use tolzip_core::Element;
///
/// /// The largest error of an array of any type.
/// fn largest<T: Element>(before: &[T], after: &[T]) -> f64 {
///     before.iter().zip(after).map(|(x, y)| x.distance(*y)).fold(0.0, f64::max)
/// }
/// assert_eq!(largest(&[1.5f32, 2.0], &[1.25, 2.0]), 0.25);
/// assert_eq!(largest(&[u64::MAX, 7], &[u64::MAX - 3, 7]), 3.0);
/// ```
pub trait Element: sealed::Sealed + Copy + Default + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// The type at run time.
    const DTYPE: DType;
    /// The unsigned integer of the same size.
    type Bits: Word;
    /// The type in which lossy codecs handle these values: f32 or f64. Exact for all but 64-bit integers.
    type Carrier: Float;

    /// The bit pattern.
    fn to_bits(self) -> Self::Bits;
    /// The value with this bit pattern.
    fn from_bits(bits: Self::Bits) -> Self;
    /// The value in f64: exact for all but 64-bit integers beyond 2^53, which round to nearest.
    fn to_f64(self) -> f64;
    /// False for NaN and infinities.
    fn is_finite(self) -> bool;
    /// The value as lossy codecs see it.
    fn to_carrier(self) -> Self::Carrier;
    /// The nearest value of this type, ties to even; integers saturate at their limits.
    ///
    /// ```
    /// use tolzip_core::Element;
    ///
    /// assert_eq!((u8::from_carrier(2.5), u8::from_carrier(3.5)), (2, 4));
    /// assert_eq!((u8::from_carrier(-7.0), i8::from_carrier(300.0)), (0, 127));
    /// ```
    fn from_carrier(x: Self::Carrier) -> Self;
    /// All values as lossy codecs see them: borrowed where they already are.
    fn as_carriers(values: &[Self]) -> Cow<'_, [Self::Carrier]> {
        Cow::Owned(values.iter().map(|v| v.to_carrier()).collect())
    }
    /// The values as their carriers, to be written in place, where the two types are the same.
    fn as_carriers_mut(_values: &mut [Self]) -> Option<&mut [Self::Carrier]> {
        None
    }
    /// `|self - other|` in f64, never below the exact difference by more than rounding to nearest. NaN if either is.
    fn distance(self, other: Self) -> f64;
    /// Whether `|self - other| <= bound`, decided exactly (no rounding can let a larger difference pass).
    ///
    /// ```
    /// use tolzip_core::Element;
    ///
    /// // The difference is 1 + 2^-60, which no f64 is: it rounds to 1.
    /// let tiny = 2f64.powi(-60);
    /// assert_eq!(1.0.distance(-tiny), 1.0);
    /// assert!(!1.0.within(-tiny, 1.0));
    /// assert!(1.0.within(tiny, 1.0));
    /// ```
    fn within(self, other: Self, bound: f64) -> bool;
}

/// f32 or f64: what lossy codecs calculate with. Only + - * / and comparisons, so that every machine gets the same bits.
///
/// ```
/// use tolzip_core::Float;
///
/// fn third<F: Float>(x: F) -> F {
///     x.abs() / F::from_f64(3.0)
/// }
/// assert_eq!((third(-6.0f32), third(6.0f64)), (2.0, 2.0));
/// assert_eq!((<f32 as Float>::MANTISSA_BITS, <f64 as Float>::MANTISSA_BITS), (23, 52));
/// ```
pub trait Float:
    Element<Carrier = Self>
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Mantissa bits that are stored (23 or 52).
    const MANTISSA_BITS: u32;
    /// Exponent bits (8 or 11).
    const EXPONENT_BITS: u32;
    /// The nearest value to `x`, ties to even.
    fn from_f64(x: f64) -> Self;
    /// The absolute value.
    #[must_use]
    fn abs(self) -> Self;
}

macro_rules! word {
    ($($t:ident $dtype:ident $carrier:ident),*) => {$(
        integer!($t $dtype $t $carrier);

        impl Word for $t {
            const BYTES: usize = size_of::<$t>();
            fn to_u64(self) -> u64 {
                u64::from(self)
            }
            fn from_u64(x: u64) -> Self {
                x as $t
            }
            fn wrapping_add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn wrapping_sub(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
        }
    )*};
}

macro_rules! integer {
    ($t:ident $dtype:ident $bits:ident $carrier:ident) => {
        impl sealed::Sealed for $t {}

        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            type Bits = $bits;
            type Carrier = $carrier;

            fn to_bits(self) -> $bits {
                self as $bits
            }
            fn from_bits(bits: $bits) -> Self {
                bits as $t
            }
            fn to_f64(self) -> f64 {
                self as f64
            }
            fn is_finite(self) -> bool {
                true
            }
            fn to_carrier(self) -> $carrier {
                self as $carrier
            }
            fn from_carrier(x: $carrier) -> Self {
                <$carrier as RoundEven>::round_even(x) as $t
            }
            fn distance(self, other: Self) -> f64 {
                self.abs_diff(other) as f64
            }
            fn within(self, other: Self, bound: f64) -> bool {
                let d = self.abs_diff(other) as $bits;
                let near = d as f64;
                // Rounding to f64 keeps order, so only a tie needs the exact comparison.
                near < bound || (near == bound && (d as u128) <= (bound as u128))
            }
        }
    };
}

trait RoundEven {
    fn round_even(self) -> Self;
}

// Two additions, the same bits everywhere; `round_ties_even` is a library call on targets without the instruction.
macro_rules! round_even {
    ($($t:ident $half_ulp:literal),*) => {$(
        impl RoundEven for $t {
            #[inline]
            fn round_even(self) -> Self {
                let magnitude = <$t>::from_bits(self.to_bits() & !(1 << (<$t>::EXPONENT_BITS + <$t>::MANTISSA_BITS)));
                if magnitude < $half_ulp {
                    let rounded = (magnitude + $half_ulp) - $half_ulp;
                    if self < 0.0 { -rounded } else { rounded }
                } else {
                    self
                }
            }
        }
    )*};
}
round_even!(f32 8_388_608.0, f64 4_503_599_627_370_496.0);

word!(u8 U8 f32, u16 U16 f32, u32 U32 f64, u64 U64 f64);
integer!(i8 I8 u8 f32);
integer!(i16 I16 u16 f32);
integer!(i32 I32 u32 f64);
integer!(i64 I64 u64 f64);

/// Whether `|y - x| <= bound` for f64, exactly: the rounding error of the difference is known (Knuth's two-sum).
fn within_f64(x: f64, y: f64, bound: f64) -> bool {
    let d = y - x;
    let near = if d < 0.0 { -d } else { d };
    if near != bound {
        return near < bound;
    }
    let back = d + x;
    let error = (y - back) + ((back - d) - x);
    // d + error is the exact difference: it must not reach outwards from d.
    if d < 0.0 { error >= 0.0 } else { error <= 0.0 }
}

macro_rules! float {
    ($t:ident $dtype:ident $bits:ident $exponent:literal $mantissa:literal) => {
        impl sealed::Sealed for $t {}

        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            type Bits = $bits;
            type Carrier = $t;

            #[inline]
            fn to_bits(self) -> $bits {
                <$t>::to_bits(self)
            }
            #[inline]
            fn from_bits(bits: $bits) -> Self {
                <$t>::from_bits(bits)
            }
            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline]
            fn is_finite(self) -> bool {
                <$t>::is_finite(self)
            }
            #[inline]
            fn to_carrier(self) -> $t {
                self
            }
            #[inline]
            fn from_carrier(x: $t) -> Self {
                x
            }
            fn as_carriers(values: &[Self]) -> Cow<'_, [$t]> {
                Cow::Borrowed(values)
            }
            fn as_carriers_mut(values: &mut [Self]) -> Option<&mut [$t]> {
                Some(values)
            }
            #[inline]
            fn distance(self, other: Self) -> f64 {
                Float::abs(f64::from(self) - f64::from(other))
            }
            #[inline]
            fn within(self, other: Self, bound: f64) -> bool {
                within_f64(f64::from(self), f64::from(other), bound)
            }
        }

        impl Float for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const MANTISSA_BITS: u32 = $mantissa;
            const EXPONENT_BITS: u32 = $exponent;
            #[inline]
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            #[inline]
            fn abs(self) -> Self {
                <$t>::from_bits(<$t>::to_bits(self) & !(1 << ($exponent + $mantissa)))
            }
        }
    };
}
float!(f32 F32 u32 8 23);
float!(f64 F64 u64 11 52);

macro_rules! half {
    ($t:ty, $dtype:ident, $from:expr, $to:expr, $new:expr, $bits:expr) => {
        impl sealed::Sealed for $t {}

        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            type Bits = u16;
            type Carrier = f32;

            fn to_bits(self) -> u16 {
                $bits(self)
            }
            fn from_bits(bits: u16) -> Self {
                $new(bits)
            }
            fn to_f64(self) -> f64 {
                f64::from($to(self))
            }
            fn is_finite(self) -> bool {
                $to(self).is_finite()
            }
            fn to_carrier(self) -> f32 {
                $to(self)
            }
            fn from_carrier(x: f32) -> Self {
                $from(x)
            }
            fn distance(self, other: Self) -> f64 {
                $to(self).distance($to(other))
            }
            fn within(self, other: Self, bound: f64) -> bool {
                $to(self).within($to(other), bound)
            }
        }
    };
}
half!(F16, F16, F16::from_f32, F16::to_f32, F16, |x: F16| x.0);
half!(Bf16, Bf16, Bf16::from_f32, Bf16::to_f32, Bf16, |x: Bf16| x.0);

/// The element types of the `half` crate, as the ones of this crate with the same bits.
#[cfg(feature = "half")]
mod foreign {
    use super::{Bf16, DType, Element, F16, sealed};

    half!(
        half::f16,
        F16,
        |x| half::f16::from_bits(F16::from_f32(x).0),
        |x: half::f16| F16(x.to_bits()).to_f32(),
        half::f16::from_bits,
        half::f16::to_bits
    );
    half!(
        half::bf16,
        Bf16,
        |x| half::bf16::from_bits(Bf16::from_f32(x).0),
        |x: half::bf16| Bf16(x.to_bits()).to_f32(),
        half::bf16::from_bits,
        half::bf16::to_bits
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn within_is_exact_at_the_bound() {
        // 1 + 2^-60 is not a f64: the difference of 1 and -2^-60 rounds to 1 exactly, but is above it.
        let tiny = f64::from_bits((1023 - 60) << 52);
        assert!(!within_f64(-tiny, 1.0, 1.0));
        assert!(within_f64(tiny, 1.0, 1.0));
        assert!(!within_f64(1.0, -tiny, 1.0));
        assert!(within_f64(1.0, tiny, 1.0));
        assert!(!within_f64(f64::NAN, 0.0, 1.0));
        assert!(!within_f64(f64::MAX, f64::MIN, f64::MAX));
        assert!(u64::MAX.within(0, 18_446_744_073_709_551_616.0));
        assert!(!u64::MAX.within(0, 18_446_744_073_709_549_568.0));
        assert!(!i64::MAX.within(i64::MIN, 0.5));
        assert!(5u8.within(3, 2.0) && !5u8.within(3, 1.9));
    }

    #[test]
    fn integers_saturate_and_round_to_even() {
        assert_eq!(u8::from_carrier(2.5), 2);
        assert_eq!(u8::from_carrier(3.5), 4);
        assert_eq!(u8::from_carrier(-7.0), 0);
        assert_eq!(i16::from_carrier(-1e9), i16::MIN);
        assert_eq!(i64::from_carrier(1e300), i64::MAX);
        assert_eq!(i32::from_carrier(-2.5), -2);
        assert_eq!(u64::from_carrier(f64::NAN), 0);
    }

    #[test]
    fn numbers_and_names_are_unique() {
        for (i, d) in DType::ALL.into_iter().enumerate() {
            assert_eq!(d as usize, i + 1);
            assert_eq!(DType::from_name(d.name()), Some(d));
            assert_eq!(DType::from_number(d as u8), Some(d));
        }
        assert_eq!(DType::from_number(0), None);
    }

    proptest! {
        #[test]
        fn within_never_passes_a_larger_f32_difference(x: f32, y: f32, bound in 0.0f64..1e39) {
            // The difference of two f32 needs at most 277 bits; here the exponents are close enough for f64.
            prop_assume!(x.is_finite() && y.is_finite() && (x == 0.0 || y == 0.0 || (x / y).abs() < 1e8 && (y / x).abs() < 1e8));
            let exact = (f64::from(x) - f64::from(y)).abs();
            prop_assert_eq!(x.within(y, bound), exact <= bound);
        }

        #[test]
        fn small_integers_survive_their_carrier(a: i16, b: u32, c: i32, d: u8) {
            prop_assert_eq!(i16::from_carrier(a.to_carrier()), a);
            prop_assert_eq!(u32::from_carrier(b.to_carrier()), b);
            prop_assert_eq!(i32::from_carrier(c.to_carrier()), c);
            prop_assert_eq!(u8::from_carrier(d.to_carrier()), d);
        }
    }
}

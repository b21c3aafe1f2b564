//! Vectors of integers of an element's size, as far as the steps need them: a portable one, AVX2 and AVX-512.

use super::scalar::{Scalar, Unsigned};
use super::{LANES, Row};
use tolzip_core::{Float, Word};

/// Some neighbouring lanes of a row. Where a step takes floats, they are bit patterns.
pub(super) trait Vector<T: Scalar>: Copy {
    /// How many, a divisor of [`LANES`](super::LANES).
    const WIDTH: usize;

    /// The lanes from `at` on.
    fn load(row: &Row<T::Bits>, at: usize) -> Self;
    /// Changes the lanes from `at` on.
    fn store(self, row: &mut Row<T::Bits>, at: usize);
    /// The same number in all lanes.
    fn splat(x: T::Bits) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    /// Shifts by less than the number of bits.
    fn shl(self, by: u32) -> Self;
    fn shr(self, by: u32) -> Self;
    /// Halves two's complement numbers, rounding down.
    fn half(self) -> Self;
    /// Floats: the other's magnitude where it is larger, so not where it is NaN.
    fn max_magnitude(self, other: Self) -> Self;
    /// Floats: the product's whole part as [`Scalar::truncate`] has it.
    fn cast(self, scale: Self) -> Self;
    /// Integers as floats, times `scale`.
    fn uncast(self, scale: Self) -> Self;
}

/// Plain lanes, in groups that fit the 128 bits which most machines have.
#[derive(Clone, Copy)]
pub(super) struct Portable<U, const W: usize>([U; W]);

impl<U: Unsigned, const W: usize> Portable<U, W> {
    #[inline(always)]
    fn map(self, f: impl Fn(U) -> U) -> Self {
        let mut out = self.0;
        for x in &mut out {
            *x = f(*x);
        }
        Self(out)
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(U, U) -> U) -> Self {
        let mut out = self.0;
        for (x, y) in out.iter_mut().zip(other.0) {
            *x = f(*x, y);
        }
        Self(out)
    }
}

impl<T: Scalar, const W: usize> Vector<T> for Portable<T::Bits, W> {
    const WIDTH: usize = W;

    #[inline(always)]
    fn load(row: &Row<T::Bits>, at: usize) -> Self {
        let mut out = [T::Bits::default(); W];
        for (l, x) in out.iter_mut().enumerate() {
            *x = row[(at + l) % LANES];
        }
        Self(out)
    }
    #[inline(always)]
    fn store(self, row: &mut Row<T::Bits>, at: usize) {
        for (l, x) in self.0.into_iter().enumerate() {
            row[(at + l) % LANES] = x;
        }
    }
    #[inline(always)]
    fn splat(x: T::Bits) -> Self {
        Self([x; W])
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, Word::wrapping_add)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, Word::wrapping_sub)
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self.zip(other, |a, b| a ^ b)
    }
    #[inline(always)]
    fn shl(self, by: u32) -> Self {
        self.map(|a| a << by)
    }
    #[inline(always)]
    fn shr(self, by: u32) -> Self {
        self.map(|a| a >> by)
    }
    #[inline(always)]
    fn half(self) -> Self {
        self.map(Unsigned::half)
    }
    #[inline(always)]
    fn max_magnitude(self, other: Self) -> Self {
        self.zip(other, |m, v| {
            let v = Float::abs(T::from_bits(v));
            // False for NaN.
            if T::from_bits(m) < v { v.to_bits() } else { m }
        })
    }
    #[inline(always)]
    fn cast(self, scale: Self) -> Self {
        self.zip(scale, |v, s| (T::from_bits(v) * T::from_bits(s)).truncate())
    }
    #[inline(always)]
    fn uncast(self, scale: Self) -> Self {
        self.zip(scale, |x, s| (T::from_integer(x) * T::from_bits(s)).to_bits())
    }
}

//! Vectors of integers of an element's size, as far as the steps need them: a portable one, AVX2 and AVX-512.

use super::scalar::{Scalar, Unsigned};
use super::{LANES, Row};
use tolzip_core::{Float, Word};

/// Some neighbouring lanes of a row.
pub(super) trait Vector<U: Unsigned>: Copy {
    /// What proves that the CPU has the instructions: without one no vector comes into being.
    type Cpu: Copy;
    /// How many, a divisor of [`LANES`](super::LANES).
    const WIDTH: usize;

    /// The lanes from `at` on.
    fn load(cpu: Self::Cpu, row: &Row<U>, at: usize) -> Self;
    /// The same number in all lanes.
    fn splat(cpu: Self::Cpu, x: U) -> Self;
    /// Changes the lanes from `at` on.
    fn store(self, row: &mut Row<U>, at: usize);
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
    /// Transposes the squares of 4 by 4 that every four lanes of four vectors are. The width is a multiple of 4.
    fn transpose(rows: [Self; 4]) -> [Self; 4];
}

/// How the bit patterns of values of type `T` become integers in two's complement, and back. Integers stay as they are.
pub(super) trait Cast<T: Scalar>: Vector<T::Bits> {
    /// The other's magnitude where it is larger, so not where it is NaN.
    fn max_magnitude(self, other: Self) -> Self;
    /// The product's whole part as [`Scalar::truncate`] has it.
    fn cast(self, scale: Self) -> Self;
    /// Integers as floats, times `scale`.
    fn uncast(self, scale: Self) -> Self;
}

macro_rules! integers {
    ($($i:ident $u:ident),*) => {$(
        impl<V: Vector<$u>> Cast<$i> for V {
            #[inline(always)]
            fn max_magnitude(self, _: Self) -> Self {
                self
            }
            #[inline(always)]
            fn cast(self, _: Self) -> Self {
                self
            }
            #[inline(always)]
            fn uncast(self, _: Self) -> Self {
                self
            }
        }
    )*};
}
integers!(i32 u32, i64 u64);

/// Plain lanes. Four of 32 bits fit what most machines have.
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

impl<U: Unsigned, const W: usize> Vector<U> for Portable<U, W> {
    type Cpu = ();
    const WIDTH: usize = W;

    #[inline(always)]
    fn load((): (), row: &Row<U>, at: usize) -> Self {
        let mut out = [U::default(); W];
        for (l, x) in out.iter_mut().enumerate() {
            *x = row[(at + l) % LANES];
        }
        Self(out)
    }
    #[inline(always)]
    fn store(self, row: &mut Row<U>, at: usize) {
        for (l, x) in self.0.into_iter().enumerate() {
            row[(at + l) % LANES] = x;
        }
    }
    #[inline(always)]
    fn splat((): (), x: U) -> Self {
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
    fn transpose(rows: [Self; 4]) -> [Self; 4] {
        let mut out = rows;
        for (i, column) in out.iter_mut().enumerate() {
            for (l, x) in column.0.iter_mut().enumerate() {
                *x = rows[l % 4].0[l / 4 * 4 + i];
            }
        }
        out
    }
}

macro_rules! floats {
    ($($t:ident $u:ident),*) => {$(
        impl<const W: usize> Cast<$t> for Portable<$u, W> {
            #[inline(always)]
            fn max_magnitude(self, other: Self) -> Self {
                self.zip(other, |m, v| {
                    let v = Float::abs($t::from_bits(v));
                    // False for NaN.
                    if $t::from_bits(m) < v { v.to_bits() } else { m }
                })
            }
            #[inline(always)]
            fn cast(self, scale: Self) -> Self {
                self.zip(scale, |v, s| ($t::from_bits(v) * $t::from_bits(s)).truncate())
            }
            #[inline(always)]
            fn uncast(self, scale: Self) -> Self {
                self.zip(scale, |x, s| ($t::from_integer(x) * $t::from_bits(s)).to_bits())
            }
        }
    )*};
}
floats!(f32 u32, f64 u64);

//! The arithmetic of zfp's blocks, for [`LANES`] blocks at a time: block-floating-point cast, decorrelating transform,
//! coefficient order, negabinary and bit planes, and back.
//!
//! A batch holds value `i` (of 4, 16, 64 or 256) of every block side by side in row `i`, so each step is plain
//! arithmetic on whole rows, which the compiler vectorises. On x86-64 the same code is compiled for AVX2 and AVX-512
//! too; all versions calculate with wrapping integers and exact or singly rounded products, and give the same bits.
//!
//! Method: P. Lindstrom, *Fixed-Rate Compressed Floating-Point Arrays*, IEEE TVCG 20 (2014), as libzfp 1.0 runs it.

mod order;
mod scalar;
mod steps;

pub use scalar::{Scalar, Unsigned, same, same_mut};

use steps::{Steps, forward_body, inverse_body};

/// Blocks in a batch.
pub const LANES: usize = 16;

/// One value of every block of a batch.
pub type Row<X> = [X; LANES];

/// How a batch turns into integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transform {
    /// zfp's lossy transform.
    Lossy,
    /// The transform of zfp's reversible mode (differences).
    Reversible,
}

/// What [`forward`] learned about every block of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks<U> {
    /// The blocks' common exponents, as C's `frexp` gives it for the largest magnitude: `2^(e-1) <= max < 2^e`; not
    /// below the type's least normal exponent, and minus the exponent bias for a block of zeros. NaN is passed over and
    /// an infinity counts as exponent 0, as in libzfp on common C libraries.
    pub exponents: Row<i32>,
    /// All coefficients of the block or-ed together: its leading zeros are the empty top bit planes.
    pub union: Row<U>,
    /// For [`Transform::Reversible`]: whether the block's values were taken as integers bit for bit, because the cast
    /// to a common exponent would lose something.
    pub reinterpreted: Row<bool>,
}

/// Turns values into bit planes of coefficients in zfp's order. `values` and `planes` have `N` = 4, 16, 64 or 256 rows.
///
/// Plane `k` (0 is the least bit) of a block in lane `l`, where `W` is the type's number of bits: for `N < W` it is
/// the bits `N * (k / N) ..` (`N` of them) of `planes[k % N][l]`; else `planes[W * g + k][l]` holds the bits of the
/// coefficients `W * g ..`.
pub fn forward<T: Scalar, const N: usize>(
    values: &[Row<T>; N],
    transform: Transform,
    planes: &mut [Row<T::Bits>; N],
) -> Blocks<T::Bits> {
    dispatch(Forward { values, transform, planes })
}

/// The inverse of [`forward`]: planes (changed on the way) to values.
pub fn inverse<T: Scalar, const N: usize>(
    planes: &mut [Row<T::Bits>; N],
    transform: Transform,
    exponents: &Row<i32>,
    reinterpreted: &Row<bool>,
    values: &mut [Row<T>; N],
) {
    dispatch(Inverse { planes, transform, exponents, reinterpreted, values });
}

struct Forward<'a, T: Scalar, const N: usize> {
    values: &'a [Row<T>; N],
    transform: Transform,
    planes: &'a mut [Row<T::Bits>; N],
}

struct Inverse<'a, T: Scalar, const N: usize> {
    planes: &'a mut [Row<T::Bits>; N],
    transform: Transform,
    exponents: &'a Row<i32>,
    reinterpreted: &'a Row<bool>,
    values: &'a mut [Row<T>; N],
}

impl<T: Scalar, const N: usize> Steps for Forward<'_, T, N> {
    type Out = Blocks<T::Bits>;
    #[inline(always)]
    fn run(self) -> Self::Out {
        forward_body(self.values, self.transform, self.planes)
    }
}

impl<T: Scalar, const N: usize> Steps for Inverse<'_, T, N> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        inverse_body(self.planes, self.transform, self.exponents, self.reinterpreted, self.values);
    }
}

/// Runs the steps compiled for the best instructions that this machine has.
#[inline]
fn dispatch<S: Steps>(steps: S) -> S::Out {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    {
        #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
        fn avx2<S: Steps>(steps: S) -> S::Out {
            steps.run()
        }
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx2,bmi1,bmi2,lzcnt")]
        fn avx512<S: Steps>(steps: S) -> S::Out {
            steps.run()
        }
        use std::arch::is_x86_feature_detected as has;
        if has!("avx2") && has!("bmi1") && has!("bmi2") && has!("lzcnt") {
            if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") && has!("avx512cd")
            {
                // SAFETY: the features that the function is compiled for were all just found.
                return unsafe { avx512(steps) };
            }
            // SAFETY: as above.
            return unsafe { avx2(steps) };
        }
    }
    steps.run()
}

#[cfg(test)]
mod tests;

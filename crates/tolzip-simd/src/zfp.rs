//! The arithmetic of zfp's blocks, for [`LANES`] blocks at a time: block-floating-point cast, decorrelating transform,
//! coefficient order, negabinary and bit planes, and back.
//!
//! A batch holds coefficient or plane `i` (of 4, 16, 64 or 256) of every block side by side in row `i`, so each step is
//! plain arithmetic on whole rows. (Values stand in [`quad`]s, as they do in an array.) On x86-64 the same code is compiled for AVX2 and AVX-512
//! too; all versions calculate with wrapping integers and exact or singly rounded products, and give the same bits.
//!
//! Method: P. Lindstrom, *Fixed-Rate Compressed Floating-Point Arrays*, IEEE TVCG 20 (2014), as libzfp 1.0 runs it.

mod bits;
mod gather;
mod kernels;
mod lift;
mod order;
mod scalar;
mod steps;
mod vector;
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
mod x86;

pub use gather::{Gather, Program, run};
pub use order::order;
pub use scalar::{Scalar, Unsigned, same, same_mut};

/// Blocks in a batch.
pub const LANES: usize = 16;

/// One value of every block of a batch.
pub type Row<X> = [X; LANES];

/// Where the values `4 r .. 4 r + 4` of the block in lane `l` stand in a batch of values: the row, and the first of four
/// places there. Four neighbours along x go into an array, and come from there, as one; the batch is transposed as it is
/// transformed, four rows at a time.
#[must_use]
#[inline(always)]
pub const fn quad(r: usize, l: usize) -> (usize, usize) {
    (4 * r + l % 4, l / 4 * 4)
}

/// How a batch turns into integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transform {
    /// zfp's lossy transform.
    Lossy,
    /// The transform of zfp's reversible mode (differences).
    Reversible,
    /// The lossy transform, and rows of coefficients in zfp's order, in negabinary, in place of planes.
    Coefficients,
}

/// What [`forward`] learned about every block of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks<U> {
    /// The blocks' common exponents, as C's `frexp` gives it for the largest magnitude: `2^(e-1) <= max < 2^e`; not
    /// below the type's least normal exponent, and minus the exponent bias for a block of zeros. NaN is passed over and
    /// an infinity counts as exponent 0, as in libzfp on common C libraries. For integers 0.
    pub exponents: Row<i32>,
    /// All coefficients of the block or-ed together: its leading zeros are the empty top bit planes.
    pub union: Row<U>,
    /// For [`Transform::Reversible`]: whether the block's values were taken as integers bit for bit, because the cast
    /// to a common exponent would lose something.
    pub reinterpreted: Row<bool>,
}

/// Turns values (as their bit patterns, in [`quad`]s) into bit planes of coefficients in zfp's order. `values` and `planes`
/// have `N` = 4, 16, 64 or 256 rows.
///
/// Plane `k` (0 is the least bit) of a block in lane `l`, where `W` is the type's number of bits:
/// - `N = 4`: the planes stand one behind another from the highest down, the lowest bits of row 0 first: the bits
///   `4 * (p % (W / 4)) ..` (4 of them) of `planes[p / (W / 4)][l]`, where `p = W - 1 - k`;
/// - else `N < W`: the bits `N * (k / N) ..` (`N` of them) of `planes[k % N][l]`;
/// - else `planes[W * g + k][l]` holds the bits of the coefficients `W * g ..`.
pub fn forward<T: Scalar, const N: usize>(
    values: &[Row<T::Bits>; N],
    transform: Transform,
    planes: &mut [Row<T::Bits>; N],
) -> Blocks<T::Bits> {
    T::forward_batch(values, transform, planes)
}

/// Turns coefficients, as [`forward`] gives them by [`Transform::Coefficients`], into the planes that it gives by
/// [`Transform::Lossy`].
pub fn to_planes<T: Scalar, const N: usize>(
    coefficients: &[Row<T::Bits>; N],
    planes: &mut [Row<T::Bits>; N],
) {
    T::planes_batch(coefficients, planes);
}

/// The inverse of [`forward`]: planes to values.
pub fn inverse<T: Scalar, const N: usize>(
    planes: &[Row<T::Bits>; N],
    transform: Transform,
    exponents: &Row<i32>,
    reinterpreted: &Row<bool>,
    values: &mut [Row<T::Bits>; N],
) {
    T::inverse_batch(planes, transform, exponents, reinterpreted, values);
}

#[cfg(test)]
mod tests;

//! What decoding will give, without decoding: at a fixed accuracy a stream holds the upper planes of each block's coefficients,
//! all of them, so that the encoder need only transform back what it keeps.

use super::geometry::{Block, Geometry};
use super::params::Params;
use super::stream::{bias, planes_of};
use alloc::vec::Vec;
use tolzip_core::Word;
use tolzip_simd::zfp::{Gather, LANES, Program, Row, Scalar, Transform, Unsigned, inverse, run};

/// Misses in so many values at which it is no longer worth the memory to note them one by one.
const MISSES_IN: usize = 16;

/// Holds what a decoder will make of the blocks against the values.
pub(crate) struct Checker<'a, T: Scalar, const N: usize> {
    geometry: &'a Geometry,
    params: Params,
    bound: f64,
    kept: [Row<T::Bits>; N],
    back: [Row<T::Bits>; N],
    /// The largest error of those within the bound, of each place of a row.
    worst: Row<f64>,
    misses: Vec<usize>,
    most_misses: usize,
}

/// What a check has found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// The largest error of the values within the bound.
    pub(crate) max_error: f64,
    /// Where the others stand in the array, ascending.
    pub(crate) misses: Vec<usize>,
}

impl<'a, T: Scalar, const N: usize> Checker<'a, T, N> {
    /// For as many values, of fixed accuracy, within this absolute bound.
    pub(crate) fn new(geometry: &'a Geometry, params: Params, bound: f64, values: usize) -> Self {
        let empty = [[T::Bits::default(); LANES]; N];
        let most_misses = values / MISSES_IN + MISSES_IN;
        Self {
            geometry,
            params,
            bound,
            kept: empty,
            back: empty,
            worst: [0.0; LANES],
            misses: Vec::new(),
            most_misses,
        }
    }

    /// Checks the first `count` blocks of a batch, whose coefficients are these.
    pub(crate) fn batch(
        &mut self,
        values: &[Row<T::Bits>; N],
        coefficients: &[Row<T::Bits>; N],
        exponents: &Row<i32>,
        blocks: &Row<Block>,
        count: usize,
    ) {
        if self.misses.len() > self.most_misses {
            return;
        }
        let exponents = cut::<T, N>(coefficients, exponents, &self.params, &mut self.kept);
        inverse::<T, N>(&self.kept, Transform::Coefficients, &exponents, &[false; LANES], &mut self.back);
        self.geometry.copy_padding(values, blocks, count, &mut self.back);
        run(Compare::<T, N> { values, blocks, of: self });
    }

    /// The result; `None` if more values miss the bound than were noted.
    pub(crate) fn finish(mut self) -> Option<Found> {
        if self.misses.len() > self.most_misses {
            return None;
        }
        // Blocks are not in the values' order.
        self.misses.sort_unstable();
        let max_error = self.worst.iter().fold(0.0, |a, &b| if b > a { b } else { a });
        Some(Found { max_error, misses: self.misses })
    }
}

/// Compares a batch of values with `of.back`.
struct Compare<'a, 'b, T: Scalar, const N: usize> {
    values: &'a [Row<T::Bits>; N],
    blocks: &'a Row<Block>,
    of: &'a mut Checker<'b, T, N>,
}

impl<T: Scalar, const N: usize> Program for Compare<'_, '_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: impl Gather) {
        let Checker { back, worst, bound, .. } = self.of;
        let mut largest = *worst;
        // Rows with values that are not surely within the bound, by bits.
        let mut unsure = [0u64; 4];
        for (w, (x, y)) in self.values.iter().zip(&*back).enumerate() {
            let errors = errors::<T>(x, y);
            // A difference that is below the bound after rounding to nearest is below exactly.
            if errors.iter().fold(true, |good, &error| good & (error < *bound)) {
                for (largest, &error) in largest.iter_mut().zip(&errors) {
                    *largest = if error > *largest { error } else { *largest };
                }
            } else {
                unsure[w / 64 % 4] |= 1 << (w % 64);
            }
        }
        *worst = largest;
        for (first, mut rows) in (0..).step_by(64).zip(unsure) {
            while rows != 0 {
                one_by_one(self.of, self.values, self.blocks, (first + rows.trailing_zeros() as usize) % N);
                rows &= rows - 1;
            }
        }
    }
}

/// How far values are from each other, rounded to nearest.
#[inline(always)]
pub(super) fn errors<T: Scalar>(x: &Row<T::Bits>, y: &Row<T::Bits>) -> Row<f64> {
    let mut errors = [0f64; LANES];
    for ((error, &x), &y) in errors.iter_mut().zip(x).zip(y) {
        *error = tolzip_core::Float::abs(T::from_bits(y).to_f64() - T::from_bits(x).to_f64());
    }
    errors
}

/// Compares the values of a row: of places `4 j ..` four neighbours of the block in lane `w % 4 + 4 j`
/// ([`quad`](tolzip_simd::zfp::quad)).
#[inline(never)]
fn one_by_one<T: Scalar, const N: usize>(
    of: &mut Checker<'_, T, N>,
    values: &[Row<T::Bits>; N],
    blocks: &Row<Block>,
    w: usize,
) {
    let errors = errors::<T>(&values[w], &of.back[w]);
    let worst = of.worst.iter_mut().zip(errors);
    let mut unsure = 0u32;
    for (place, (worst, error)) in worst.enumerate() {
        let sure = error < of.bound;
        *worst = if sure & (error > *worst) { error } else { *worst };
        unsure |= u32::from(!sure) << place;
    }
    while unsure != 0 {
        let place = unsure.trailing_zeros() as usize % LANES;
        unsure &= unsure - 1;
        let (x, y) = (T::from_bits(values[w][place]), T::from_bits(of.back[w][place]));
        if x.within(y, of.bound) {
            let error = x.distance(y);
            of.worst[place] = if error > of.worst[place] { error } else { of.worst[place] };
        } else if x.to_bits() != y.to_bits() {
            // What is only there to fill up a block is the same as itself.
            of.misses.push(of.geometry.place(&blocks[w % 4 + place / 4 * 4], w / 4, place % 4));
        }
    }
}

/// What a decoder gets to see of coefficients at a fixed accuracy, and of their blocks' exponents.
pub(super) fn cut<T: Scalar, const N: usize>(
    coefficients: &[Row<T::Bits>; N],
    exponents: &Row<i32>,
    params: &Params,
    to: &mut [Row<T::Bits>; N],
) -> Row<i32> {
    let (mut seen, mut mask) = ([-bias::<T>(); LANES], [T::Bits::default(); LANES]);
    for ((seen, mask), &exponent) in seen.iter_mut().zip(&mut mask).zip(exponents) {
        let width = <T::Bits as Unsigned>::WIDTH;
        let planes = planes_of::<T, N>(params, exponent).min(width);
        if planes > 0 && exponent > -bias::<T>() {
            *seen = exponent;
            *mask = T::Bits::from_u64(u64::MAX) << (width - planes);
        }
    }
    for (to, from) in to.iter_mut().zip(coefficients) {
        for ((to, &from), &mask) in to.iter_mut().zip(from).zip(&mask) {
            *to = from & mask;
        }
    }
    seen
}

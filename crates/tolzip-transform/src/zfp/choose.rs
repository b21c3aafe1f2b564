//! The coarsest tolerance that still pays.
//!
//! zfp keeps enough bits for the worst case of its transform, and so typically uses a fifth of its tolerance. Where
//! somebody else verifies the values and stores those that miss the bound, larger tolerances can be tried: here, on a
//! sample of the blocks, by coding them and by transforming back what is left of their coefficients.

use super::bits::Writer;
use super::check::{cut, errors};
use super::geometry::{Block, Geometry};
use super::params::Params;
use super::stream::WriteBlocks;
use alloc::vec::Vec;
use tolzip_simd::cast::as_bits;
use tolzip_simd::zfp::{
    Blocks, Gather, LANES, Program, Row, Scalar, Transform, forward, inverse, run, to_planes,
};

/// Tolerances that may be taken: each twice the one before.
const CANDIDATES: usize = 5;
/// The one that is tried first: the best of most arrays, or its neighbour.
const USUAL: usize = 2;
/// Batches that are always looked at (if there are as many), and one more for every so many.
const LEAST_SAMPLE: u64 = 4;
const SAMPLE_EVERY: u64 = 32;
/// Bits for the position of a value that is stored exactly.
const POSITION_BITS: u64 = 24;

/// Of the fixed-accuracy `params` and those with larger tolerances, the ones that need the fewest bits in all, if every
/// value that misses the bound `e` is stored in full.
pub(super) fn coarsest<T: Scalar, const N: usize>(
    values: &[T],
    geometry: &Geometry,
    params: Params,
    e: f64,
) -> Params {
    let mut sample = Sample::<T, N>::new(values, geometry);
    params.coarser(lowest(|c, limit| sample.bits(&params.coarser(c as i32), e, limit)) as i32)
}

/// The candidate with the fewest bits, the finest of equals, where bits fall up to it and rise behind it. `bits` gives those
/// of a candidate, or any number beyond a limit that they exceed.
fn lowest(mut bits: impl FnMut(usize, u64) -> u64) -> usize {
    let usual = bits(USUAL, u64::MAX);
    let (mut least, mut best) = (usual, USUAL);
    for c in USUAL + 1..CANDIDATES {
        let next = bits(c, least);
        if next >= least {
            break;
        }
        (least, best) = (next, c);
    }
    if best > USUAL {
        return best;
    }
    for c in (0..USUAL).rev() {
        let next = bits(c, least);
        if next > least {
            break;
        }
        (least, best) = (next, c);
    }
    best
}

/// Blocks from all over the array, side by side in the lanes of batches.
struct Sample<T: Scalar, const N: usize> {
    /// How many there are.
    blocks: usize,
    values: Vec<[Row<T::Bits>; N]>,
    coefficients: Vec<[Row<T::Bits>; N]>,
    planes: Vec<[Row<T::Bits>; N]>,
    found: Vec<Blocks<T::Bits>>,
    /// What is left of coefficients, and the values that those give.
    kept: Vec<[Row<T::Bits>; N]>,
    writer: Writer,
    bytes: Vec<u8>,
}

impl<T: Scalar, const N: usize> Sample<T, N> {
    fn new(values: &[T], geometry: &Geometry) -> Self {
        let lanes = LANES as u64;
        let blocks = geometry.blocks();
        let wanted = (lanes * (LEAST_SAMPLE + blocks / (SAMPLE_EVERY * lanes))).min(blocks);
        let empty = [[T::Bits::default(); LANES]; N];
        let batches = alloc::vec![empty; wanted.div_ceil(lanes) as usize];
        let mut sample = Self {
            blocks: wanted as usize,
            values: batches.clone(),
            coefficients: batches.clone(),
            planes: batches,
            found: Vec::new(),
            kept: alloc::vec![empty; 2],
            writer: Writer::new(),
            bytes: Vec::new(),
        };
        let batches = sample.values.iter_mut().zip(&mut sample.coefficients).zip(&mut sample.planes);
        for (first, ((batch, coefficients), planes)) in (0..wanted).step_by(LANES).zip(batches) {
            // Lanes that are left over take the last block again.
            let number =
                |l: u64| u128::from((first + l).min(wanted - 1)) * u128::from(blocks) / u128::from(wanted);
            let mut standing = [Block::default(); LANES];
            for (l, block) in (0..).zip(&mut standing) {
                *block = geometry.block(number(l) as u64);
            }
            geometry.gather(as_bits(values), &standing, batch);
            sample.found.push(forward::<T, N>(batch, Transform::Coefficients, coefficients));
            to_planes::<T, N>(coefficients, planes);
        }
        sample
    }

    /// The bits that the blocks take, and the values that miss the bound; or any number beyond a limit that they exceed.
    fn bits(&mut self, params: &Params, e: f64, limit: u64) -> u64 {
        let mut sum = 0;
        for b in 0..self.found.len() {
            let (values, coefficients, found) = (&self.values[b], &self.coefficients[b], &self.found[b]);
            let (planes, count) = (&self.planes[b], (self.blocks - b * LANES).min(LANES));
            self.bytes.clear();
            let (w, out) = (&mut self.writer, &mut self.bytes);
            run(WriteBlocks::<T, N> { w, out, planes, found, params, count });
            self.writer.finish(&mut self.bytes, 1);
            let [kept, back] = &mut self.kept[..] else { return sum };
            let exponents = cut::<T, N>(coefficients, &found.exponents, params, kept);
            inverse::<T, N>(kept, Transform::Coefficients, &exponents, &[false; LANES], back);
            let misses = run(CountMisses::<T, N> { values, back, e }) * count as u64 / LANES as u64;
            sum += 8 * self.bytes.len() as u64 + misses * (8 * size_of::<T>() as u64 + POSITION_BITS);
            if sum > limit {
                break;
            }
        }
        sum
    }
}

/// How many values of a batch are beyond a bound, to the precision of f64.
struct CountMisses<'a, T: Scalar, const N: usize> {
    values: &'a [Row<T::Bits>; N],
    back: &'a [Row<T::Bits>; N],
    e: f64,
}

impl<T: Scalar, const N: usize> Program for CountMisses<'_, T, N> {
    type Output = u64;

    #[inline(always)]
    fn run(self, _: impl Gather) -> u64 {
        let mut misses = [0u64; LANES];
        for (x, y) in self.values.iter().zip(self.back) {
            // A value that is not finite is beyond nothing.
            for (misses, error) in misses.iter_mut().zip(errors::<T>(x, y)) {
                *misses += u64::from(error > self.e && error < f64::INFINITY);
            }
        }
        misses.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::Shape;
    use tolzip_simd::zfp::quad;

    #[test]
    fn the_lowest_is_found_wherever_it_is() {
        for bottom in 0..CANDIDATES {
            let mut looked = 0;
            let valley = |c: usize, _| {
                looked += 1;
                c.abs_diff(bottom) as u64
            };
            assert_eq!(lowest(valley), bottom);
            assert!(looked < CANDIDATES || bottom == 0);
        }
        assert_eq!(lowest(|_, _| 7), 0);
        assert_eq!(lowest(|c, _| u64::from(c == 0)), 1);
    }

    #[test]
    fn every_block_of_a_small_array_is_looked_at_once() {
        let values: Vec<f32> = (0..9 * 70).map(|i| i as f32).collect();
        let geometry = Geometry::new(Shape::new(&[9, 70]).unwrap()).unwrap();
        let sample = Sample::<f32, 16>::new(&values, &geometry);
        assert_eq!(sample.blocks as u64, geometry.blocks());
        let mut firsts: Vec<u32> = (0..sample.blocks)
            .map(|i| {
                let (row, at) = quad(0, i % LANES);
                sample.values[i / LANES][row][at]
            })
            .collect();
        firsts.sort_unstable();
        firsts.dedup();
        assert_eq!(firsts.len(), sample.blocks);
    }
}

//! The coarsest tolerance that still pays.
//!
//! zfp keeps enough bits for the worst case of its transform, and so typically uses a fifth of its tolerance. Where
//! somebody else verifies the values and stores those that miss the bound, larger tolerances can be tried: here, on a
//! sample of the blocks, by coding them and by transforming back what is left of their coefficients.

use super::bits::Writer;
use super::check::cut;
use super::geometry::Geometry;
use super::params::Params;
use super::stream::WriteBlocks;
use alloc::vec::Vec;
use tolzip_simd::cast::as_bits;
use tolzip_simd::zfp::{LANES, Scalar, Transform, forward, inverse, quad, run};

/// Tolerances tried: each twice the one before.
const CANDIDATES: usize = 5;
/// Batches that are always looked at (if there are as many), and one more for every so many.
const LEAST_SAMPLE: u64 = 8;
const SAMPLE_EVERY: u64 = 64;
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
    let batches = geometry.blocks().div_ceil(LANES as u64);
    let sample = (LEAST_SAMPLE + batches / SAMPLE_EVERY).min(batches);
    let candidates: [Params; CANDIDATES] = core::array::from_fn(|c| params.coarser(c as i32));
    let mut bits = [0u64; CANDIDATES];
    let mut batch = [[T::Bits::default(); LANES]; N];
    let (mut back, mut planes, mut coefficients, mut kept) = (batch, batch, batch, batch);
    let mut writer = Writer::new();
    let mut bytes = Vec::new();
    for i in 0..sample {
        let (blocks, count) = geometry.walk_from(i * batches / sample * LANES as u64).next_batch();
        geometry.gather(as_bits(values), &blocks, &mut batch);
        let found = forward::<T, N>(&batch, Transform::Lossy, &mut planes);
        forward::<T, N>(&batch, Transform::Coefficients, &mut coefficients);
        for (candidate, bits) in candidates.iter().zip(&mut bits) {
            bytes.clear();
            let (w, out) = (&mut writer, &mut bytes);
            run(WriteBlocks::<T, N> { w, out, planes: &planes, found: &found, params: candidate, count });
            writer.finish(&mut bytes, 1);
            let exponents = cut::<T, N>(&coefficients, &found.exponents, candidate, &mut kept);
            inverse::<T, N>(&kept, Transform::Coefficients, &exponents, &[false; LANES], &mut back);
            let mut misses = 0u64;
            for r in 0..N / 4 {
                for l in 0..count {
                    let (row, at) = quad(r, l);
                    for (&x, &y) in batch[row % N][at..at + 4].iter().zip(&back[row % N][at..at + 4]) {
                        let (x, y) = (T::from_bits(x), T::from_bits(y));
                        misses += u64::from(x.is_finite() && !x.within(y, e));
                    }
                }
            }
            *bits += 8 * bytes.len() as u64 + misses * (8 * size_of::<T>() as u64 + POSITION_BITS);
        }
    }
    // The finest of equals.
    let best = (0..CANDIDATES).min_by_key(|&c| bits[c]).unwrap_or(0);
    candidates[best]
}

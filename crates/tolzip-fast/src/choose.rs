//! What a look at a few places of the chunk decides: the range, and the axes along which differences are small.

use crate::lags::Axes;
use alloc::vec::Vec;
use tolzip_core::Float;
use tolzip_simd::rows::{EXCEPTION, Quantum, Work, pre_quantise};

/// Values of a sampled run.
pub(crate) const RUN: usize = 64;
/// Predictions that would need more memory than a cache holds are left to slower codecs.
const FARTHEST: usize = 1 << 20;

/// Where the sampled runs begin: evenly spread, one for about every 4096 values, 8 to 64.
pub(crate) fn places(n: usize) -> impl Iterator<Item = usize> {
    let runs = (n / 4096).clamp(8, 64).min(n.div_ceil(RUN));
    let last = n.saturating_sub(RUN);
    // Not all at the same column of an array whose sides are powers of two.
    (0..runs).map(move |i| (i * 2 + 1) * last / (2 * runs))
}

/// Smallest and largest value of the sample.
pub(crate) fn range<T: Float>(values: &[T]) -> (f64, f64) {
    let mut range = (f64::INFINITY, f64::NEG_INFINITY);
    for from in places(values.len()) {
        for x in values[from..].iter().take(RUN).map(|x| x.to_f64()) {
            range = (if x < range.0 { x } else { range.0 }, if x > range.1 { x } else { range.1 });
        }
    }
    if range.0 <= range.1 { range } else { (0.0, 0.0) }
}

/// The axes that leave the fewest bits, and how many the values in [`places`] take with them; exceptions count in full.
pub(crate) fn axes<T: Float, W: Work<T>>(
    values: &[T],
    sides: [usize; 4],
    offset: W,
    quantum: &Quantum<T, W>,
) -> (Axes, u64) {
    // The strides of the axes that can be used, and their bits.
    let mut usable: Vec<(u8, usize)> = Vec::new();
    let mut stride = 1;
    for (axis, &side) in sides.iter().rev().enumerate() {
        if side > 1 && stride <= FARTHEST {
            usable.push((1 << axis, stride));
        }
        stride *= side;
    }
    let mut costs = [0u64; Axes::SETS as usize];
    let mut zeros = [0u64; Axes::SETS as usize];
    let mut neighbours = [[0i32; RUN]; Axes::SETS as usize];
    let sets = 1usize << usable.len();
    let mut exceptions = 0;
    for from in places(values.len()) {
        let len = RUN.min(values.len() - from);
        for (set, k) in neighbours[..sets].iter_mut().enumerate() {
            let distance: usize =
                usable.iter().enumerate().filter(|(i, _)| set >> i & 1 != 0).map(|(_, axis)| axis.1).sum();
            // Before the first value there are zeros.
            let missing = distance.saturating_sub(from).min(len);
            k[..missing].fill(0);
            if missing < len {
                pre_quantise(
                    &values[from + missing - distance..][..len - missing],
                    offset,
                    quantum,
                    &mut k[missing..len],
                );
            }
            for k in &mut k[..len] {
                exceptions += u64::from(set == 0 && *k == EXCEPTION);
                *k = if *k == EXCEPTION { 0 } else { *k };
            }
        }
        // Differences along one axis after the other, in place, largest sets last.
        for axis in 0..usable.len() {
            for set in (0..sets).rev().filter(|s| s >> axis & 1 != 0) {
                let (without, with) = neighbours.split_at_mut(set);
                // What was the neighbour at this distance becomes the difference to it.
                for (a, b) in with[0].iter_mut().zip(&without[set ^ 1 << axis]) {
                    *a = b.wrapping_sub(*a);
                }
            }
        }
        for ((cost, zeros), k) in costs.iter_mut().zip(&mut zeros).zip(&neighbours[..sets]) {
            *cost += bits(&k[..len]);
            *zeros += if k[..len].iter().all(|&k| k == 0) { len as u64 } else { 0 };
        }
    }
    let best = (0..sets).min_by_key(|&set| costs[set]).unwrap_or(0);
    let axes = usable.iter().enumerate().filter(|(i, _)| best >> i & 1 != 0).map(|(_, axis)| axis.0).sum();
    // Blocks of zeros take a head and no bits.
    (Axes(axes), costs[best] - zeros[best] + exceptions * 8 * (1 + size_of::<T>() as u64))
}

/// About as many bits as Rice codes need.
fn bits(residuals: &[i32]) -> u64 {
    let n = residuals.len() as u64;
    let sum: u64 = residuals.iter().map(|&d| u64::from((d << 1 ^ d >> 31) as u32)).sum();
    // Near the logarithm of the mean.
    let near = u64::from(63 - ((sum / n.max(1)) | 1).leading_zeros()).saturating_sub(1);
    (near..near + 3).map(|k| n * (k + 1) + (sum >> k)).min().unwrap_or(0)
}

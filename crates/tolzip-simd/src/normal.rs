//! Normal equations of a re-weighted least-squares fit.

use crate::rows::dispatched;

/// Features of a sample, the last of which is the target.
pub const WIDTH: usize = 20;

/// Samples whose products are added together.
const TOGETHER: usize = 4;

#[inline(always)]
fn add<const N: usize>(
    samples: &[[f64; WIDTH]; N],
    weights: &[f64; N],
    n: usize,
    a: &mut [[f64; WIDTH]; WIDTH],
) {
    for (i, row) in a.iter_mut().enumerate().take(n) {
        let scaled: [f64; N] = core::array::from_fn(|s| samples[s][i] * weights[s]);
        for (j, a) in row.as_chunks_mut::<4>().0.iter_mut().enumerate().skip(i / 4) {
            for (f, scaled) in samples.iter().zip(scaled) {
                for lane in 0..4 {
                    a[lane] += scaled * f[4 * j + lane];
                }
            }
        }
    }
}

dispatched! {
    /// Adds every sample's weighted products to the normal equations: `a[i][j] += u f[i] f[j]` for `i < n` and `j >= i`
    /// (and a few below the diagonal, which mean nothing). With `r` the error of the solution `w` so far, the weight is
    /// `u = 1 / (r^2 + 1/2)`; at `first`, a tenth of all features' squares stands for `r^2`. Features from `n` up to the
    /// target must be zero. All sums are made in the order of the samples.
    accumulate<>(samples: &[[f64; WIDTH]], n: usize, w: &[f64; WIDTH], first: bool, a: &mut [[f64; WIDTH]; WIDTH]) -> () {
        let weight = |f: &[f64; WIDTH]| {
            let mut four = [0.0; 4];
            for (f, w) in f.as_chunks::<4>().0.iter().zip(w.as_chunks::<4>().0) {
                for lane in 0..4 {
                    four[lane] += if first { f[lane] * f[lane] } else { f[lane] * w[lane] };
                }
            }
            let sum = (four[0] + four[1]) + (four[2] + four[3]);
            let r = f[WIDTH - 1] - sum;
            1.0 / (if first { sum * 0.1 } else { r * r } + 0.5)
        };
        // Some samples at a time, so that a sum is read and written once for them: it is made in their order still.
        let (groups, rest) = samples.as_chunks::<TOGETHER>();
        for group in groups {
            let weights = group.each_ref().map(weight);
            add(group, &weights, n, a);
        }
        for f in rest {
            add(core::array::from_ref(f), &[weight(f)], n, a);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec::Vec;

    #[test]
    fn sums_are_the_products() {
        let samples: Vec<[f64; WIDTH]> = (0..50)
            .map(|s| {
                core::array::from_fn(|i| {
                    if i < 3 || i == WIDTH - 1 { f64::from((s * 7 + i as i32 * 3) % 11) } else { 0.0 }
                })
            })
            .collect();
        let mut a = [[0.0; WIDTH]; WIDTH];
        let mut w = [0.0; WIDTH];
        w[1] = 1.0;
        accumulate(&samples, 3, &w, false, &mut a);
        let (mut product, mut target) = (0.0, 0.0);
        for f in &samples {
            let r = f[WIDTH - 1] - f[1];
            product += f[0] / (r * r + 0.5) * f[2];
            target += f[2] / (r * r + 0.5) * f[WIDTH - 1];
        }
        assert!((a[0][2] - product).abs() < 1e-9 && (a[2][WIDTH - 1] - target).abs() < 1e-9);
    }
}

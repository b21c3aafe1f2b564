//! Normal equations of a re-weighted least-squares fit.

/// Features of a sample, the last of which is the target.
pub const WIDTH: usize = 20;

/// Samples whose products are added together.
const TOGETHER: usize = 4;
/// Samples whose weights are found at once; whole groups of those.
const WEIGHED: usize = 64;

/// Adds the products of some samples: row `i` of the sums takes feature `i` times all from it on.
#[inline(always)]
fn add<const N: usize>(
    samples: &[[f64; WIDTH]; N],
    weights: &[f64; N],
    n: usize,
    a: &mut [[f64; WIDTH]; WIDTH],
) {
    for (i, row) in a.iter_mut().enumerate().take(n) {
        let scaled: [f64; N] = core::array::from_fn(|s| samples[s][i] * weights[s]);
        let row = row.as_chunks_mut::<4>().0;
        for column in columns(i, n) {
            for (f, scaled) in samples.iter().zip(&scaled) {
                for lane in 0..4 {
                    row[column][lane] += scaled * f[4 * column + lane];
                }
            }
        }
    }
}

/// The columns of four that row `i` has sums in: between the features that are used and the target there are zeros.
#[inline(always)]
fn columns(i: usize, n: usize) -> impl Iterator<Item = usize> {
    const LAST: usize = WIDTH / 4 - 1;
    (i / 4..n.div_ceil(4).min(LAST)).chain([LAST])
}

/// The same, written out: of what is above, the compiler makes vectors of four samples, whose features it gathers, wherever it sees
/// enough around it (four to eight times slower).
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[target_feature(enable = "avx2")]
fn add_avx2<const N: usize>(
    samples: &[[f64; WIDTH]; N],
    weights: &[f64; N],
    n: usize,
    a: &mut [[f64; WIDTH]; WIDTH],
) {
    use core::arch::x86_64::*;
    // SAFETY: the array has four values.
    let load = |x: &[f64; 4]| unsafe { _mm256_loadu_pd(x.as_ptr()) };
    let features: [&[[f64; 4]]; N] = core::array::from_fn(|s| samples[s].as_chunks().0);
    for (i, row) in a.iter_mut().enumerate().take(n) {
        let scaled: [__m256d; N] = core::array::from_fn(|s| _mm256_set1_pd(samples[s][i] * weights[s]));
        let row = row.as_chunks_mut::<4>().0;
        for column in columns(i, n) {
            let mut sum = load(&row[column]);
            for (f, &scaled) in features.iter().zip(&scaled) {
                sum = _mm256_add_pd(sum, _mm256_mul_pd(scaled, load(&f[column])));
            }
            // SAFETY: the array has four values.
            unsafe { _mm256_storeu_pd(row[column].as_mut_ptr(), sum) };
        }
    }
}

/// The weight of a sample with this sum of its features, or of their squares at `first`, as [`accumulate`] defines it.
#[inline(always)]
fn weight(f: &[f64; WIDTH], sum: f64, first: bool) -> f64 {
    let r = f[WIDTH - 1] - sum;
    1.0 / (if first { sum * 0.1 } else { r * r } + 0.5)
}

/// The weights of samples.
fn weights_scalar(samples: &[[f64; WIDTH]], w: &[f64; WIDTH], first: bool, out: &mut [f64]) {
    for (out, f) in out.iter_mut().zip(samples) {
        let mut four = [0.0; 4];
        for (f, w) in f.as_chunks::<4>().0.iter().zip(w.as_chunks::<4>().0) {
            for lane in 0..4 {
                four[lane] += if first { f[lane] * f[lane] } else { f[lane] * w[lane] };
            }
        }
        *out = weight(f, (four[0] + four[1]) + (four[2] + four[3]), first);
    }
}

/// Written out, for the compiler makes gathers of the samples' features of it.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[target_feature(enable = "avx2")]
fn weights_avx2(samples: &[[f64; WIDTH]], w: &[f64; WIDTH], first: bool, out: &mut [f64]) {
    use core::arch::x86_64::*;
    // SAFETY: the array has four values.
    let load = |x: &[f64; 4]| unsafe { _mm256_loadu_pd(x.as_ptr()) };
    for (out, f) in out.iter_mut().zip(samples) {
        let mut four = _mm256_setzero_pd();
        for (f, w) in f.as_chunks::<4>().0.iter().zip(w.as_chunks::<4>().0) {
            let f = load(f);
            four = _mm256_add_pd(four, _mm256_mul_pd(f, if first { f } else { load(w) }));
        }
        let pairs = _mm256_hadd_pd(four, four);
        let sum = _mm_add_sd(_mm256_castpd256_pd128(pairs), _mm256_extractf128_pd::<1>(pairs));
        *out = weight(f, _mm_cvtsd_f64(sum), first);
    }
}

/// Adds every sample's weighted products to the normal equations: `a[i][j] += u f[i] f[j]` for `i < n` and `j >= i`
/// (and a few below the diagonal, which mean nothing). With `r` the error of the solution `w` so far, the weight is
/// `u = 1 / (r^2 + 1/2)`; at `first`, a tenth of all features' squares stands for `r^2`. Features from `n` up to the
/// target must be zero. All sums are made in the order of the samples.
pub fn accumulate(
    samples: &[[f64; WIDTH]],
    n: usize,
    w: &[f64; WIDTH],
    first: bool,
    a: &mut [[f64; WIDTH]; WIDTH],
) {
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if crate::cpu::cpu() >= crate::cpu::Cpu::Avx2 {
        let weigh = |samples: &[_], out: &mut [f64]| {
            // SAFETY: the CPU has AVX2.
            unsafe { weights_avx2(samples, w, first, out) }
        };
        return in_groups(
            samples,
            weigh,
            // SAFETY: the CPU has AVX2.
            |group, weights| unsafe { add_avx2(group, weights, n, a) },
        );
    }
    in_groups(
        samples,
        |samples, out| weights_scalar(samples, w, first, out),
        |group, weights| add(group, weights, n, a),
    );
}

/// Has samples weighed, and their products added, some samples at a time, so that a sum is read and written once for them: it is made
/// in their order still. The last group is filled up with samples of no weight: they add zeros to sums that are no -0.
#[inline(always)]
fn in_groups(
    samples: &[[f64; WIDTH]],
    weigh: impl Fn(&[[f64; WIDTH]], &mut [f64]),
    mut add: impl FnMut(&[[f64; WIDTH]; TOGETHER], &[f64; TOGETHER]),
) {
    let mut held = [0.0; WEIGHED];
    for samples in samples.chunks(WEIGHED) {
        let held = &mut held[..samples.len()];
        weigh(samples, held);
        let ((groups, rest), (weights, last)) = (samples.as_chunks(), held.as_chunks());
        for (group, weights) in groups.iter().zip(weights) {
            add(group, weights);
        }
        if !rest.is_empty() {
            let (mut group, mut weights) = ([[0.0; WIDTH]; TOGETHER], [0.0; TOGETHER]);
            group[..rest.len()].copy_from_slice(rest);
            weights[..last.len()].copy_from_slice(last);
            add(&group, &weights);
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

    #[test]
    fn every_version_weighs_the_same() {
        let samples: Vec<[f64; WIDTH]> = (0..70)
            .map(|s| core::array::from_fn(|i| f64::from((s * 31 + i as i32 * 17) % 101) * 0.37 - 9.0))
            .collect();
        let w = core::array::from_fn(|i| 0.3 - i as f64 * 0.11);
        for first in [false, true] {
            let (mut a, mut b) = ([0.0; 70], [0.0; 70]);
            #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
            if crate::cpu::cpu() >= crate::cpu::Cpu::Avx2 {
                // SAFETY: the CPU has AVX2.
                unsafe { weights_avx2(&samples, &w, first, &mut a) };
                weights_scalar(&samples, &w, first, &mut b);
                assert_eq!(a.map(f64::to_bits), b.map(f64::to_bits));
            }
            for (n, count) in [(1, 1), (3, 4), (7, 62), (16, 70), (19, 69)] {
                let (mut sums, mut plain) = ([[0.0; WIDTH]; WIDTH], [[0.0; WIDTH]; WIDTH]);
                accumulate(&samples[..count], n, &w, first, &mut sums);
                weights_scalar(&samples, &w, first, &mut b);
                for (f, weight) in samples[..count].iter().zip(&b) {
                    add(&[*f], &[*weight], n, &mut plain);
                }
                let bits = |a: [[f64; WIDTH]; WIDTH]| a.map(|row| row.map(f64::to_bits));
                assert!(bits(sums) == bits(plain), "{n} of {count}");
            }
        }
    }
}

//! Data sets that a solver makes when they are asked for, the same on every machine: only sums, products, quotients and
//! square roots are used, all of which IEEE 754 fixes to the last bit, and random numbers come from ChaCha.

mod burgers;
mod darcy;

pub(crate) use burgers::{POINTS, burgers};
pub(crate) use darcy::darcy;

use crate::nn::unit;
use rand_chacha::ChaCha8Rng;

/// Cosines of `2 pi k / n` for `k` in `0..n`; `n` is a power of two of at least 4. By the half-angle formula from cos 0 and
/// cos(pi/2): the cosine of a library may differ between platforms.
fn cosines(n: usize) -> Vec<f64> {
    // Of the first quadrant, 0 to pi/2, from both ends inwards.
    let quarter = n / 4;
    let mut c = vec![0.0f64; quarter + 1];
    c[0] = 1.0;
    let mut step = quarter;
    while step > 1 {
        step /= 2;
        // cos(a) = sqrt((1 + cos(2 a)) / 2); the cosine of an angle beyond pi/2 is that of its complement, negative.
        for k in (step..quarter).step_by(2 * step) {
            let double = 2 * k;
            let of_double = if double <= quarter { c[double] } else { -c[2 * quarter - double] };
            c[k] = ((1.0 + of_double) / 2.0).sqrt();
        }
    }
    (0..n)
        .map(|k| {
            let k = k.min(n - k);
            if k <= quarter { c[k] } else { -c[2 * quarter - k] }
        })
        .collect()
}

/// About normal, mean 0 and variance 1: twelve uniform numbers added up.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| f64::from(unit(rng))).sum::<f64>() - 6.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosines_are_cosines() {
        for n in [4, 8, 64] {
            for (k, c) in cosines(n).into_iter().enumerate() {
                let exact = (2.0 * std::f64::consts::PI * k as f64 / n as f64).cos();
                assert!((c - exact).abs() < 1e-15, "{k} of {n}: {c} {exact}");
            }
        }
    }
}

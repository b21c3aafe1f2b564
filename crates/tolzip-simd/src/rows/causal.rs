//! Integer prediction from rows that are already known.

use super::{EXCEPTION, Quantum, Work, dispatched};
use tolzip_core::Float;

/// Values handled at once.
const WIDE: usize = 16;

dispatched! {
    /// `sums = start + ` the sum of the rows times their weights, modulo 2^32.
    ///
    /// # Panics
    /// If a row is shorter than `sums`.
    weigh<>(sums: &mut [i32], start: i32, rows: &[(&[i32], i32)]) -> () {
        let n = sums.len();
        assert!(rows.iter().all(|r| r.0.len() >= n));
        let (blocks, rest) = sums.as_chunks_mut::<WIDE>();
        let whole = blocks.len() * WIDE;
        for (i, block) in blocks.iter_mut().enumerate() {
            let mut sum = [start; WIDE];
            for &(row, weight) in rows {
                if let Some(row) = row[i * WIDE..].first_chunk::<WIDE>() {
                    for lane in 0..WIDE {
                        sum[lane] = sum[lane].wrapping_add(row[lane].wrapping_mul(weight));
                    }
                }
            }
            *block = sum;
        }
        for (i, s) in rest.iter_mut().enumerate() {
            *s = rows.iter().fold(start, |s, r| s.wrapping_add(r.0[whole + i].wrapping_mul(r.1)));
        }
    }
}

dispatched! {
    /// `residuals = k - reference - floor(residuals / 2^shift)`, modulo 2^32.
    ///
    /// # Panics
    /// If `k` or `reference` is shorter than `residuals`.
    subtract<>(residuals: &mut [i32], k: &[i32], reference: &[i32], shift: u32) -> () {
        let n = residuals.len();
        for ((r, k), reference) in residuals.iter_mut().zip(&k[..n]).zip(&reference[..n]) {
            *r = k.wrapping_sub(*reference).wrapping_sub(*r >> shift);
        }
    }
}

dispatched! {
    /// `k = residuals + floor(sums / 2^shift)`, modulo 2^32.
    ///
    /// # Panics
    /// If `sums` or `residuals` is shorter than `k`.
    add_shifted<>(k: &mut [i32], sums: &[i32], residuals: &[i32], shift: u32) -> () {
        let n = k.len();
        for ((k, sum), r) in k.iter_mut().zip(&sums[..n]).zip(&residuals[..n]) {
            *k = r.wrapping_add(*sum >> shift);
        }
    }
}

dispatched! {
    /// `k += other`, modulo 2^32.
    ///
    /// # Panics
    /// If `other` is shorter than `k`.
    add<>(k: &mut [i32], other: &[i32]) -> () {
        let n = k.len();
        for (k, other) in k.iter_mut().zip(&other[..n]) {
            *k = k.wrapping_add(*other);
        }
    }
}

dispatched! {
    /// The nearest multiple `k step` to `x - offset`; [`EXCEPTION`] where `offset + k step` is not surely within the
    /// bound. Returns the largest error of the others, and whether there were no exceptions.
    ///
    /// # Panics
    /// If `k` is shorter than `x`.
    pre_quantise<T: Float, W: Work<T>>(x: &[T], offset: W, quantum: &Quantum<T, W>, k: &mut [i32]) -> (T, bool) {
        let n = x.len();
        let k = &mut k[..n];
        let Quantum { step, inverse, sure } = *quantum;
        let mut most = [T::ZERO; WIDE];
        let mut failed = [0u32; WIDE];
        let mut one = |lane: usize, x: T, k: &mut i32| {
            let t = (W::load(x) - offset) * inverse;
            let (whole, integer) = t.round();
            let error = ((offset + whole * step).store() - x).abs();
            let good = (error <= sure) & (t.abs() <= W::CAUSAL_LIMIT);
            *k = if good { integer } else { EXCEPTION };
            failed[lane] |= u32::from(!good);
            let error = if good { error } else { T::ZERO };
            most[lane] = if error > most[lane] { error } else { most[lane] };
        };
        let whole = n / WIDE * WIDE;
        for (x, k) in x.as_chunks::<WIDE>().0.iter().zip(k.as_chunks_mut::<WIDE>().0) {
            for lane in 0..WIDE {
                one(lane, x[lane], &mut k[lane]);
            }
        }
        for i in whole..n {
            one(i - whole, x[i], &mut k[i]);
        }
        let largest = most.into_iter().fold(T::ZERO, |a, b| if b > a { b } else { a });
        (largest, failed == [0; WIDE])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn sums_and_residuals() {
        let (a, b): (Vec<i32>, Vec<i32>) = ((0..37).collect(), (0..37).map(|i| i * i).collect());
        let mut sums = vec![0; 37];
        weigh(&mut sums, 8, &[(&a, 3), (&b, -16)]);
        assert!(sums.iter().enumerate().all(|(i, &s)| s == 8 + 3 * a[i] - 16 * b[i]));
        subtract(&mut sums, &a, &b, 4);
        assert!(sums.iter().enumerate().all(|(i, &s)| s == a[i] - b[i] - ((8 + 3 * a[i] - 16 * b[i]) >> 4)));
    }
}

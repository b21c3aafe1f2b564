//! Integer prediction from rows that are already known.

use super::{EXCEPTION, Quantum, Work, dispatched};
use tolzip_core::Float;

/// Values handled at once.
const WIDE: usize = 16;

/// `start + ` the weighted sums of the rows, for some blocks of values from `at` on. The rows are long enough.
#[inline(always)]
fn weighted<const BLOCKS: usize>(start: i32, rows: &[(&[i32], i32)], at: usize) -> [[i32; WIDE]; BLOCKS] {
    let mut sums = [[start; WIDE]; BLOCKS];
    for &(row, weight) in rows {
        if let Some(row) = row.get(at..at + BLOCKS * WIDE) {
            for (sum, row) in sums.iter_mut().zip(row.as_chunks::<WIDE>().0) {
                for lane in 0..WIDE {
                    sum[lane] = sum[lane].wrapping_add(row[lane].wrapping_mul(weight));
                }
            }
        }
    }
    sums
}

/// [`weigh`], to be compiled with what uses it.
#[inline(always)]
fn weigh_row(sums: &mut [i32], start: i32, rows: &[(&[i32], i32)]) {
    let n = sums.len();
    assert!(rows.iter().all(|r| r.0.len() >= n));
    let mut at = 0;
    while let Some(blocks) = sums.get_mut(at..at + 2 * WIDE) {
        for (block, sum) in blocks.as_chunks_mut::<WIDE>().0.iter_mut().zip(weighted::<2>(start, rows, at)) {
            *block = sum;
        }
        at += 2 * WIDE;
    }
    // What is left is done with some of what was done before, which comes out the same.
    while at < n && n >= WIDE {
        at = at.min(n - WIDE);
        if let Some(block) = sums[at..].first_chunk_mut::<WIDE>() {
            [*block] = weighted::<1>(start, rows, at);
        }
        at += WIDE;
    }
    for (i, s) in sums.iter_mut().enumerate().skip(at) {
        *s = rows.iter().fold(start, |s, r| s.wrapping_add(r.0[i].wrapping_mul(r.1)));
    }
}

dispatched! {
    /// `sums = start + ` the sum of the rows times their weights, modulo 2^32.
    ///
    /// # Panics
    /// If a row is shorter than `sums`.
    weigh<>(sums: &mut [i32], start: i32, rows: &[(&[i32], i32)]) -> () {
        weigh_row(sums, start, rows);
    }
}

dispatched! {
    /// `residuals = k - reference - floor(sums / 2^shift)` for the sums of [`weigh`], modulo 2^32; the result is the
    /// residuals or-ed together.
    ///
    /// # Panics
    /// If `k`, `reference` or a row is shorter than `residuals`.
    residuals<>(
        k: &[i32], reference: &[i32], shift: u32, start: i32, rows: &[(&[i32], i32)], residuals: &mut [i32],
    ) -> i32 {
        weigh_row(residuals, start, rows);
        let n = residuals.len();
        let mut any = 0;
        for ((r, k), reference) in residuals.iter_mut().zip(&k[..n]).zip(&reference[..n]) {
            *r = k.wrapping_sub(*reference).wrapping_sub(*r >> shift);
            any |= *r;
        }
        any
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
        // 1 where there was an exception: as numbers of the values' type, vectors of all kinds keep them in registers.
        let mut failed = [T::ZERO; WIDE];
        let mut one = |lane: usize, x: T, k: &mut i32| {
            let t = (W::load(x) - offset) * inverse;
            let (whole, integer) = t.round();
            let error = ((offset + whole * step).store() - x).abs();
            let good = (error <= sure) & (t.abs() <= W::CAUSAL_LIMIT);
            *k = if good { integer } else { EXCEPTION };
            let fails = if good { T::ZERO } else { T::ONE };
            failed[lane] = if fails > failed[lane] { fails } else { failed[lane] };
            let error = if good { error } else { T::ZERO };
            most[lane] = if error > most[lane] { error } else { most[lane] };
        };
        for (x, k) in x.as_chunks::<WIDE>().0.iter().zip(k.as_chunks_mut::<WIDE>().0) {
            for lane in 0..WIDE {
                one(lane, x[lane], &mut k[lane]);
            }
        }
        // What is left is done with some of what was done before, which comes out the same.
        if let (false, Some(x), Some(k)) =
            (n.is_multiple_of(WIDE), x.last_chunk::<WIDE>(), k.last_chunk_mut::<WIDE>())
        {
            for lane in 0..WIDE {
                one(lane, x[lane], &mut k[lane]);
            }
        } else if n < WIDE {
            for i in 0..n {
                one(i, x[i], &mut k[i]);
            }
        }
        let largest = most.into_iter().fold(T::ZERO, |a, b| if b > a { b } else { a });
        (largest, failed == [T::ZERO; WIDE])
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
        for n in (0..70).chain([96, 100, 131]) {
            let (a, b): (Vec<i32>, Vec<i32>) = ((0..n).collect(), (0..n).map(|i| i * i - 50).collect());
            let rows: [(&[i32], i32); 2] = [(&a, 3), (&b, -16)];
            let mut sums = vec![0; a.len()];
            weigh(&mut sums, 8, &rows);
            assert!(sums.iter().enumerate().all(|(i, &s)| s == 8 + 3 * a[i] - 16 * b[i]));
            let mut left = vec![-1; a.len()];
            let any = residuals(&a, &b, 4, 8, &rows, &mut left);
            assert!(left.iter().enumerate().all(|(i, &r)| r == a[i] - b[i] - (sums[i] >> 4)));
            assert_eq!(any, left.iter().fold(0, |any, r| any | r));
        }
    }

    #[test]
    fn rows_of_any_length_are_quantised() {
        let x: Vec<f32> = (0..100).map(|i| if i == 70 { f32::NAN } else { i as f32 * 0.37 - 9.0 }).collect();
        let quantum = Quantum { step: 0.5f32, inverse: 2.0, sure: 0.25 };
        for n in 0..x.len() {
            let mut k = vec![7; n];
            let (most, good) = pre_quantise(&x[..n], 1.0, &quantum, &mut k);
            let expected =
                |x: f32| if x.is_nan() { EXCEPTION } else { ((x - 1.0) * 2.0).round_ties_even() as i32 };
            assert!(x.iter().zip(&k).all(|(&x, &k)| k == expected(x)));
            let error = |(x, k): (&f32, &i32)| (1.0 + *k as f32 * 0.5 - x).abs();
            let largest =
                x[..n].iter().zip(&k).map(error).filter(|e| e.is_finite() && *e < 1.0).fold(0.0, f32::max);
            assert_eq!((most, good), (largest, n <= 70));
        }
    }
}

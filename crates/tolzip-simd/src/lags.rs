//! Integer Lorenzo prediction on a line of integers, from neighbours at given distances ("lags"), and its inverse.
//!
//! An array of any shape is one line here: the neighbour along an axis is the value one stride before. Taking differences at
//! several lags one after the other is the Lorenzo predictor of as many dimensions (L. Ibarria, P. Lindstrom, J. Rossignac,
//! A. Szymczak, "Out-of-core compression and decompression of large n-dimensional scalar fields", 2003); the edges need no
//! case of their own. All sums are modulo 2^32.

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
use crate::cpu::Cpu;
use crate::rows::{Work, dispatched};
use tolzip_core::Float;

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
mod x86;

/// The most lags other than 1 at a time.
pub const MOST: usize = 3;

/// Runs `each(i, prediction)` for `n` values that follow `past` values, where all lags are at least `n` or the values are
/// known already.
#[inline(always)]
fn predictions(known: &[i32], at: usize, n: usize, lags: &[usize], mut each: impl FnMut(usize, i32)) {
    let from = |lag: usize| &known[at - lag..][..n];
    match *lags {
        [] => {
            for i in 0..n {
                each(i, 0);
            }
        }
        [a] => {
            for (i, &a) in from(a).iter().enumerate() {
                each(i, a);
            }
        }
        [a, b] => {
            let (ab, a, b) = (from(a + b), from(a), from(b));
            for i in 0..n {
                each(i, a[i].wrapping_add(b[i]).wrapping_sub(ab[i]));
            }
        }
        [a, b, c, ..] => {
            let (abc, ab, ac, bc) = (from(a + b + c), from(a + b), from(a + c), from(b + c));
            let (a, b, c) = (from(a), from(b), from(c));
            for i in 0..n {
                let odd = a[i].wrapping_add(b[i]).wrapping_add(c[i].wrapping_add(abc[i]));
                each(i, odd.wrapping_sub(ab[i]).wrapping_sub(ac[i].wrapping_add(bc[i])));
            }
        }
    }
}

dispatched! {
    /// `rest = line - prediction` for the values of `line` from `at` on.
    ///
    /// # Panics
    /// If `line` is shorter than that, or there are fewer values before `at` than the lags' sum.
    subtract<>(line: &[i32], at: usize, lags: &[usize], rest: &mut [i32]) -> () {
        let n = rest.len();
        let own = &line[at..][..n];
        predictions(line, at, n, lags, |i, p| rest[i] = own[i].wrapping_sub(p));
    }
}

dispatched! {
    /// `line = rest + prediction` for the values of `line` from `at` on: the inverse of [`subtract`].
    ///
    /// # Panics
    /// As [`subtract`], and if a lag is 0.
    add<>(line: &mut [i32], at: usize, lags: &[usize], rest: &[i32]) -> () {
        let step = lags.iter().copied().min().unwrap_or(usize::MAX);
        let mut at = at;
        for rest in rest.chunks(step) {
            let (past, now) = line.split_at_mut(at);
            let now = &mut now[..rest.len()];
            predictions(past, at, rest.len(), lags, |i, p| now[i] = rest[i].wrapping_add(p));
            at += rest.len();
        }
    }
}

dispatched! {
    /// Differences of neighbours, folded (0, -1, 1, -2, ... to 0, 1, 2, 3, ...): `u` from the values of `line` but the
    /// first, which is the one before.
    ///
    /// # Panics
    /// If `line` is not longer than `u` by one.
    fold_differences<>(line: &[i32], u: &mut [u32]) -> () {
        let n = u.len();
        let (before, own) = (&line[..n], &line[1..][..n]);
        for i in 0..n {
            let d = own[i].wrapping_sub(before[i]);
            u[i] = (d << 1 ^ d >> 31) as u32;
        }
    }
}

dispatched! {
    /// Integers folded.
    ///
    /// # Panics
    /// If the slices differ in length.
    fold<>(line: &[i32], u: &mut [u32]) -> () {
        let n = u.len();
        let line = &line[..n];
        for i in 0..n {
            u[i] = (line[i] << 1 ^ line[i] >> 31) as u32;
        }
    }
}

dispatched! {
    /// The inverse of [`fold`].
    ///
    /// # Panics
    /// If `line` is shorter than `u`.
    unfold<>(u: &[u32], line: &mut [i32]) -> () {
        let n = u.len();
        let line = &mut line[..n];
        for i in 0..n {
            line[i] = (u[i] >> 1) as i32 ^ -((u[i] & 1) as i32);
        }
    }
}

/// The inverse of [`fold_differences`]; `last` is the value before.
///
/// # Panics
/// If `line` is shorter than `u`.
pub fn unfold_differences(u: &[u32], last: i32, line: &mut [i32]) {
    let line = &mut line[..u.len()];
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    {
        match crate::cpu::cpu() {
            // SAFETY: the CPU has AVX-512.
            Cpu::Avx512 => return unsafe { x86::unfold_differences_avx512(u, last, line) },
            // SAFETY: the CPU has AVX2.
            Cpu::Avx2 => return unsafe { x86::unfold_differences_avx2(u, last, line) },
            _ => {}
        }
    }
    running_sums(u, last, line);
}

/// [`unfold_differences`], value by value.
fn running_sums(u: &[u32], mut last: i32, line: &mut [i32]) {
    for (u, line) in u.iter().zip(line) {
        last = last.wrapping_add((u >> 1) as i32 ^ -((u & 1) as i32));
        *line = last;
    }
}

dispatched! {
    /// `r = offset + k step`, as [`pre_quantise`](crate::rows::pre_quantise) reconstructs.
    ///
    /// # Panics
    /// If `k` is shorter than `r`.
    place<T: Float, W: Work<T>>(k: &[i32], offset: W, step: W, r: &mut [T]) -> () {
        let n = r.len();
        let k = &k[..n];
        for i in 0..n {
            r[i] = (offset + W::from_int(k[i]) * step).store();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn sums_undo_differences() {
        let before = 140;
        for lags in [&[][..], &[5], &[100], &[7, 35], &[1, 2], &[3, 12, 100]] {
            let mut x = 9u32;
            let mut line = vec![0i32; before];
            line.extend((0..500).map(|_| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                x as i32
            }));
            let mut rest = vec![0; 500];
            subtract(&line, before, lags, &mut rest);
            let mut back = vec![0i32; before + 500];
            add(&mut back, before, lags, &rest);
            assert_eq!(back, line, "{lags:?}");
        }
    }

    #[test]
    fn a_plane_is_predicted_exactly() {
        let line: Vec<i32> = (0..20 * 30).map(|i| i / 30 * 3 + i % 30 * 7).collect();
        let mut rest = vec![0; 100];
        subtract(&line, 200, &[1, 30], &mut rest);
        assert!((0..100).all(|i| (200 + i) % 30 == 0 || rest[i] == 0));
    }

    #[test]
    fn folded_integers_come_back() {
        let line: Vec<i32> =
            (0..77).map(|i: i32| i.wrapping_mul(0x1234_5679)).chain([i32::MIN, i32::MAX, 0, -1]).collect();
        let n = line.len();
        let (mut u, mut back) = (vec![0; n], vec![0; n]);
        fold(&line, &mut u);
        assert_eq!(u[n - 4..], [u32::MAX, u32::MAX - 1, 0, 1]);
        unfold(&u, &mut back);
        assert_eq!(back, line);
        fold_differences(&line, &mut u[1..]);
        unfold_differences(&u[1..], line[0], &mut back);
        assert_eq!(back[..n - 1], line[1..]);
        for cut in 1..n {
            unfold_differences(&u[1..cut], line[0], &mut back);
            assert_eq!(back[..cut - 1], line[1..cut]);
            #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
            if std::is_x86_feature_detected!("avx2") {
                back.fill(9);
                // SAFETY: the CPU has AVX2.
                unsafe { x86::unfold_differences_avx2(&u[1..cut], line[0], &mut back[..cut - 1]) };
                assert_eq!(back[..cut - 1], line[1..cut]);
            }
        }
    }
}

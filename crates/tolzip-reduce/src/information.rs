//! How many mantissa bits hold information.
//!
//! M. Klöwer, M. Razinger, J. J. Dominguez, P. D. Düben, T. N. Palmer, "Compressing atmospheric data into its real information
//! content", Nat. Comput. Sci. 1, 2021: a bit holds *real information* as far as it tells something about the same bit of the
//! next value, measured by their mutual information. What chance alone would give in 99 % of cases counts as none. The bits
//! to keep are those up to which a given share of all information is found.

use crate::layout::Layout;
use alloc::vec::Vec;
use tolzip_core::{Element, Result, Word};

/// Pairs that are counted, at most; of longer arrays, runs of 4096 values at even distances are taken.
const PAIRS: usize = 1 << 18;
const RUN: usize = 4096;

/// The fewest explicit mantissa bits that hold `share` (0 to 1) of the real information in neighbouring values, slow to fast.
///
/// Only + - * / on f64 in one order, so the number is the same everywhere. 0 if there is no information at all.
///
/// ```
/// use tolzip_reduce::information::bits_for_share;
///
/// // A slow wave under noise that begins at the ninth bit or so of the mantissa.
/// let noise = |i: u32| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 24) as f32;
/// let values: Vec<f32> = (0..20_000).map(|i| 1.5 + 0.4 * (i as f32 * 1e-3).sin() + noise(i) / 256.0).collect();
/// let bits = bits_for_share(&values, 0.99)?;
/// assert!((4..14).contains(&bits), "{bits}");
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::TypeUnsupported`](tolzip_core::Error::TypeUnsupported) for integers.
pub fn bits_for_share<T: Element>(values: &[T], share: f64) -> Result<u32> {
    let mantissa = Layout::of(T::DTYPE)?.mantissa_bits;
    let information = information(values);
    let all: f64 = information.iter().fold(0.0, |a, b| a + b);
    let mut found = 0.0;
    for (i, bits) in information.iter().enumerate() {
        found += bits;
        if all > 0.0 && found >= share * all {
            // The first bits are sign and exponent.
            let others = information.len() as u32 - mantissa;
            return Ok((i as u32 + 1).saturating_sub(others).min(mantissa));
        }
    }
    Ok(if all > 0.0 { mantissa } else { 0 })
}

/// Real information of each bit, from the sign on, in bits.
///
/// ```
/// use tolzip_reduce::information::information;
///
/// // Sign and exponents are all alike, which tells nothing; the first bits of the mantissa tell of the next value's.
/// let values: Vec<f32> = (0..20_000).map(|i| 1.5 + 0.4 * (i as f32 * 1e-3).sin()).collect();
/// let bits = information(&values);
/// assert_eq!((bits.len(), bits[0]), (32, 0.0));
/// assert!(bits[9] > 0.5, "{bits:?}");
/// ```
#[must_use]
pub fn information<T: Element>(values: &[T]) -> Vec<f64> {
    let width = 8 * size_of::<T>();
    let mut counts = alloc::vec![[0u64; 4]; width];
    let mut pairs = 0u64;
    let every = (values.len() / PAIRS + 1) * RUN;
    for run in values.chunks(every) {
        for pair in run[..run.len().min(RUN)].windows(2) {
            // NaN and infinities are no neighbours.
            if !(pair[0].is_finite() && pair[1].is_finite()) {
                continue;
            }
            let (a, b) = (pair[0].to_bits().to_u64(), pair[1].to_bits().to_u64());
            for (i, count) in counts.iter_mut().enumerate() {
                let at = width - 1 - i;
                count[((a >> at & 1) << 1 | b >> at & 1) as usize] += 1;
            }
            pairs += 1;
        }
    }
    if pairs == 0 {
        return alloc::vec![0.0; width];
    }
    let n = pairs as f64;
    let chance = free_entropy(n);
    let mutual = |[c00, c01, c10, c11]: [u64; 4]| {
        let part = |c: u64| c as f64 / n;
        let rows = [part(c00 + c01), part(c10 + c11)];
        let columns = [part(c00 + c10), part(c01 + c11)];
        let term = |c: u64, row: f64, column: f64| {
            if c == 0 { 0.0 } else { part(c) * log2(part(c) / (row * column)) }
        };
        let sum = (term(c00, rows[0], columns[0]) + term(c01, rows[0], columns[1]))
            + (term(c10, rows[1], columns[0]) + term(c11, rows[1], columns[1]));
        if sum > chance { sum } else { 0.0 }
    };
    counts.into_iter().map(mutual).collect()
}

/// What a fair coin's entropy is short of one bit at the edge of its 99 % interval in `n` throws.
fn free_entropy(n: f64) -> f64 {
    let p = 0.5 + 2.575_829_303_548_901 / (2.0 * square_root(n));
    if p >= 1.0 { 1.0 } else { 1.0 + p * log2(p) + (1.0 - p) * log2(1.0 - p) }
}

/// By Newton's method, for numbers from 1 on.
fn square_root(x: f64) -> f64 {
    let mut root = x;
    for _ in 0..64 {
        root = 0.5 * (root + x / root);
    }
    root
}

/// The logarithm of a positive normal number, by the series of the inverse hyperbolic tangent.
fn log2(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut power = (bits >> 52) as i64 - 1023;
    let mut m = f64::from_bits(bits & (u64::MAX >> 12) | 1023 << 52);
    if m > 1.414 {
        m /= 2.0;
        power += 1;
    }
    let t = (m - 1.0) / (m + 1.0);
    let square = t * t;
    let mut sum = 0.0;
    for k in (0..12).rev() {
        sum = sum * square + 1.0 / f64::from(2 * k + 1);
    }
    power as f64 + 2.0 * t * sum * core::f64::consts::LOG2_E
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_and_roots_are_close() {
        for i in 1..2000 {
            let x = f64::from(i) * 0.0013;
            assert!((log2(x) - x.log2()).abs() < 1e-13, "{x}");
            assert!((square_root(f64::from(i)) - f64::from(i).sqrt()).abs() < 1e-12);
        }
    }

    #[test]
    fn noise_below_a_signal_is_no_information() {
        // A slow wave in steps of 2^-8, and noise below.
        let mut x = 1u64;
        let values: Vec<f32> = (0..100_000)
            .map(|i| {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let noise = (x >> 40) as f64 / f64::from(1 << 24);
                let wave = ((f64::from(i) * 0.001).sin() * 60.0) as i32;
                (1.25 + (f64::from(wave) + noise) / 256.0) as f32
            })
            .collect();
        let bits = bits_for_share(&values, 0.99).unwrap();
        assert!((6..=9).contains(&bits), "{bits} bits");
        assert!(bits_for_share(&values, 0.5).unwrap() < bits);
        let information = information(&values);
        assert!(information[32 - 8..].iter().all(|&b| b == 0.0), "{information:?}");
        assert_eq!(bits_for_share(&[1.5f64; 50], 0.99), Ok(0));
        assert_eq!(bits_for_share::<f32>(&[], 0.99), Ok(0));
        assert_eq!(bits_for_share(&[f32::NAN; 9], 0.99), Ok(0));
        assert!(bits_for_share(&[1i32, 2], 0.99).is_err());
    }
}

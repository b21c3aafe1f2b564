//! Rounding to significant decimal digits.
//!
//! A value of `d` digits before the point (`10^(d-1) <= |x| < 10^d`, `d` may be negative) keeps `digits` significant digits if
//! its error is at most half a unit of the last one, `10^(d - digits) / 2`. Both ways here quantize to multiples of `q`, the
//! power of two at or below that unit, so that the low bits of the mantissa become alike:
//!
//! * *Digit rounding* (X. Delaunay, A. Courtois, F. Gouillon, "Evaluation of lossless and lossy algorithms for the compression
//!   of scientific datasets in netCDF-4 or HDF5 files", Geosci. Model Dev. 12, 2019): the middle of the interval,
//!   `sign(x) (floor(|x| / q) + 1/2) q`.
//! * *Granular rounding* (Granular BitRound of C. S. Zender's NCO 5; R. Kouznetsov, Geosci. Model Dev. 14, 2021, for the
//!   rounding): the nearest multiple of `q`, ties to even, which ends in one zero bit more.
//!
//! Where bit rounding keeps the same number of bits of every value, these keep the number that the value's own digits need:
//! up to three fewer.

use crate::layout::{Layout, exponent};
use alloc::vec::Vec;
use tolzip_core::{Element, Error, Float, Result, Word};
use tolzip_simd::words::{WordsMut, words_mut};

/// The most digits that can be asked for: as many as f64 has.
pub const MOST_DIGITS: u32 = 17;

/// Quantizes every value to the middle of an interval, so that `digits` significant decimal digits are kept.
///
/// Zeros, NaN and infinities stay as they are. Denormals are quantized as the smallest normal values.
///
/// # Errors
/// [`Error::TypeUnsupported`] for integers, [`Error::BadSetting`] for 0 or more than [`MOST_DIGITS`] digits.
pub fn digit_round<T: Element>(values: &mut [T], digits: u32) -> Result<()> {
    quantize(values, digits, true)
}

/// Rounds every value to the nearest multiple of a power of two that keeps `digits` significant decimal digits.
///
/// Zeros, NaN and infinities stay as they are; a value that would round to infinity is cut instead, with at most twice the
/// error.
///
/// # Errors
/// As [`digit_round`].
pub fn granular_round<T: Element>(values: &mut [T], digits: u32) -> Result<()> {
    quantize(values, digits, false)
}

/// The fewest digits for which no value of at most `max_abs_value` is changed by more than `e`; `None` if there is no such
/// number.
#[must_use]
pub fn digits_for_abs(max_abs_value: f64, e: f64) -> Option<u32> {
    // The number of digits before the point, by comparison.
    let d = (-330..=309).find(|&p| ten_to(p) > max_abs_value)?;
    (1..=MOST_DIGITS).find(|&n| ten_to(d - n as i32) / 2.0 <= e)
}

/// The fewest digits for which no normal value is changed by more than `e` times its magnitude.
#[must_use]
pub fn digits_for_pointwise(e: f64) -> Option<u32> {
    (1..=MOST_DIGITS).find(|&n| ten_to(1 - n as i32) / 2.0 <= e)
}

/// The f64 nearest to `10^power`; 0 and infinity beyond them.
fn ten_to(power: i32) -> f64 {
    alloc::format!("1e{power}").parse().unwrap_or(0.0)
}

/// What to drop of the values with one exponent: they have up to two numbers of digits.
#[derive(Clone, Copy, Debug, Default)]
struct Drop<W> {
    /// The first magnitude with the larger number.
    from: W,
    below: u8,
    above: u8,
}

/// The table for all exponents of a type.
fn table<T: Element>(digits: u32) -> Result<Vec<Drop<T::Bits>>> {
    let layout = Layout::of(T::DTYPE)?;
    let mantissa = layout.mantissa_bits as i32;
    let drop = |d: i32, e: i32| {
        let unit = exponent(ten_to(d - digits as i32)).unwrap_or(-1100);
        (unit - (e - mantissa)).clamp(0, mantissa) as u8
    };
    let mut table = Vec::new();
    let mut d = -330;
    for e in layout.lowest..=layout.highest {
        let first = crate::layout::power_of_two(e);
        while ten_to(d) <= first {
            d += 1;
        }
        let limit = ten_to(d);
        let (from, above) = if limit < first * 2.0 {
            let near = T::from_carrier(T::Carrier::from_f64(limit));
            let bits = near.to_bits().to_u64() + u64::from(near.to_f64() < limit);
            (bits, drop(d + 1, e))
        } else {
            (u64::MAX, 0)
        };
        let entry = Drop { from: T::Bits::from_u64(from), below: drop(d, e), above };
        // Denormals have the exponent's number below the lowest one's, and the same units.
        if table.is_empty() {
            table.push(Drop { from: T::Bits::from_u64(u64::MAX), ..entry });
        }
        table.push(entry);
    }
    // NaN and infinities: nothing is dropped.
    table.push(Drop::default());
    Ok(table)
}

fn quantize<T: Element>(values: &mut [T], digits: u32, middle: bool) -> Result<()> {
    if !(1..=MOST_DIGITS).contains(&digits) {
        return Err(Error::BadSetting { method: "digitround", knob: "digits", needs: "1 to 17" });
    }
    let mantissa = Layout::of(T::DTYPE)?.mantissa_bits;
    let table = table::<T>(digits)?;
    let wide = |t: &[Drop<T::Bits>]| -> Vec<(u64, u8, u8)> {
        t.iter().map(|d| (d.from.to_u64(), d.below, d.above)).collect()
    };
    let table = wide(&table);
    match words_mut(values) {
        // No float has 8 bits.
        WordsMut::W8(_) => {}
        WordsMut::W16(words) => quantize16(words, &table, mantissa, middle),
        WordsMut::W32(words) => quantize32(words, &table, mantissa, middle),
        WordsMut::W64(words) => quantize64(words, &table, mantissa, middle),
    }
    Ok(())
}

macro_rules! quantize_words {
    ($name:ident $word:ident) => {
        fn $name(words: &mut [$word], table: &[(u64, u8, u8)], mantissa: u32, middle: bool) {
            // As long as there are exponents, so that no index needs a check.
            let mut all = [Drop::<$word>::default(); 2048];
            for (slot, &(from, below, above)) in all.iter_mut().zip(table) {
                let from = $word::try_from(from).unwrap_or($word::MAX);
                *slot = Drop { from, below, above };
            }
            let exponent = ($word::MAX >> 1) & ($word::MAX << mantissa);
            for w in words {
                let x = *w;
                let magnitude = x & ($word::MAX >> 1);
                let d = all[(magnitude >> mantissa) as usize % 2048];
                let drop = u32::from(if magnitude >= d.from { d.above } else { d.below });
                let unit = (1 as $word) << drop;
                let keep = unit.wrapping_neg();
                let half = if magnitude == 0 { 0 } else { unit >> 1 };
                *w = if middle {
                    x & keep | half
                } else {
                    let up = half.saturating_sub(1) + (x >> drop & 1 & $word::from(half != 0));
                    let rounded = x.wrapping_add(up) & keep;
                    // The largest values can't go up; what had no finite exponent has nothing to drop.
                    let overflow = rounded & exponent == exponent;
                    if overflow { x & keep } else { rounded }
                };
            }
        }
    };
}
quantize_words!(quantize16 u16);
quantize_words!(quantize32 u32);
quantize_words!(quantize64 u64);

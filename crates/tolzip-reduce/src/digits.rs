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
use tolzip_simd::digits as kernel;
use tolzip_simd::lane::Lane;
use tolzip_simd::words::{WordsMut, words_mut};

/// The most digits that can be asked for: as many as f64 has.
pub const MOST_DIGITS: u32 = 17;

/// Quantizes every value to the middle of an interval, so that `digits` significant decimal digits are kept.
///
/// Zeros, NaN and infinities stay as they are. Denormals are quantized as the smallest normal values.
///
/// ```
/// let mut values = [3.14159f64, 0.0];
/// tolzip_reduce::digits::digit_round(&mut values, 3)?;
/// assert!((values[0] - 3.14159).abs() <= 0.005 && values[0] != 3.14159);
/// assert_eq!(values[1], 0.0);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
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
/// ```
/// // A unit of the third digit is 0.01; the power of two below it is 1/128.
/// let mut values = [3.14159f64];
/// tolzip_reduce::digits::granular_round(&mut values, 3)?;
/// assert_eq!(values, [402.0 / 128.0]);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// As [`digit_round`].
pub fn granular_round<T: Element>(values: &mut [T], digits: u32) -> Result<()> {
    quantize(values, digits, false)
}

/// The fewest digits for which no value of at most `max_abs_value` is changed by more than `e`; `None` if there is no such
/// number.
///
/// ```
/// // Up to 999.9, with an error of at most 0.06: one digit behind the point.
/// assert_eq!(tolzip_reduce::digits::digits_for_abs(999.9, 0.06), Some(4));
/// ```
#[must_use]
pub fn digits_for_abs(max_abs_value: f64, e: f64) -> Option<u32> {
    // The number of digits before the point, by comparison.
    let d = (-330..=309).find(|&p| ten_to(p) > max_abs_value)?;
    (1..=MOST_DIGITS).find(|&n| ten_to(d - n as i32) / 2.0 <= e)
}

/// The fewest digits for which no normal value is changed by more than `e` times its magnitude.
///
/// ```
/// assert_eq!(tolzip_reduce::digits::digits_for_pointwise(0.01), Some(3));
/// ```
#[must_use]
pub fn digits_for_pointwise(e: f64) -> Option<u32> {
    (1..=MOST_DIGITS).find(|&n| ten_to(1 - n as i32) / 2.0 <= e)
}

/// The f64 nearest to `10^power`; 0 and infinity beyond them.
fn ten_to(power: i32) -> f64 {
    alloc::format!("1e{power}").parse().unwrap_or(0.0)
}

/// Where numbers of digits begin, as bits of magnitudes, and what each number keeps: see [`kernel::round_to_units`].
struct Decades {
    from: Vec<u64>,
    units: Vec<u64>,
}

impl Decades {
    fn new<T: Element>(digits: u32) -> Result<Self> {
        let layout = Layout::of(T::DTYPE)?;
        let unit = |d: i32| {
            let exponent = exponent(ten_to(d - digits as i32)).unwrap_or(-1100);
            u64::try_from(exponent + layout.mantissa_bits as i32 - layout.lowest + 1).unwrap_or(0)
        };
        let first = crate::layout::power_of_two(layout.lowest);
        let beyond = 2.0 * crate::layout::power_of_two(layout.highest);
        let mut d = -330;
        while ten_to(d) <= first {
            d += 1;
        }
        let mut decades = Self { from: Vec::new(), units: alloc::vec![unit(d)] };
        loop {
            let limit = ten_to(d);
            if limit >= beyond {
                return Ok(decades);
            }
            let near = T::from_carrier(T::Carrier::from_f64(limit));
            decades.from.push(near.to_bits().to_u64() + u64::from(near.to_f64() < limit));
            d += 1;
            decades.units.push(unit(d));
        }
    }

    fn round<W: Lane>(&self, words: &mut [W], mantissa: u32, middle: bool) {
        let lanes = |all: &[u64]| -> Vec<W> { all.iter().map(|&x| W::from_u64(x)).collect() };
        kernel::round_to_units(words, &lanes(&self.from), &lanes(&self.units), mantissa, middle);
    }
}

fn quantize<T: Element>(values: &mut [T], digits: u32, middle: bool) -> Result<()> {
    if !(1..=MOST_DIGITS).contains(&digits) {
        return Err(Error::BadSetting { method: "digitround", knob: "digits", needs: "1 to 17" });
    }
    let mantissa = Layout::of(T::DTYPE)?.mantissa_bits;
    let decades = Decades::new::<T>(digits)?;
    match words_mut(values) {
        // No float has 8 bits.
        WordsMut::W8(_) => {}
        WordsMut::W16(words) => decades.round(words, mantissa, middle),
        WordsMut::W32(words) => decades.round(words, mantissa, middle),
        WordsMut::W64(words) => decades.round(words, mantissa, middle),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One value by the definition, without tables.
    fn one<T: Element>(x: T, digits: u32, middle: bool, tens: &[f64]) -> T {
        let layout = Layout::of(T::DTYPE).unwrap();
        let magnitude = x.to_f64().abs();
        if !magnitude.is_finite() || magnitude == 0.0 {
            return x;
        }
        let normal = magnitude.max(crate::layout::power_of_two(layout.lowest));
        let d = tens.iter().position(|&ten| ten > normal).unwrap() as i32 - 330;
        let (e, mantissa) = (exponent(normal).unwrap(), layout.mantissa_bits as i32);
        let unit =
            tens.get((d - digits as i32 + 330) as usize).and_then(|&ten| exponent(ten)).unwrap_or(-1100);
        let drop = (unit - (e - mantissa)).clamp(0, mantissa);
        let bits = x.to_bits().to_u64();
        let down = bits >> drop << drop;
        let half = 1u64 << drop >> 1;
        let of = |bits: u64| T::from_bits(T::Bits::from_u64(bits));
        if middle {
            return of(down | half);
        }
        let rest = bits - down;
        let up = rest > half || rest == half && half > 0 && bits >> drop & 1 == 1;
        let rounded = of(if up { down + (1 << drop) } else { down });
        if rounded.to_f64().is_finite() { rounded } else { of(down) }
    }

    fn check<T: Element>(values: &[T]) {
        let tens: Vec<f64> = (-330..=309).map(ten_to).collect();
        for digits in [1, 2, 3, 5, 7, 11, 16, MOST_DIGITS] {
            for middle in [true, false] {
                let mut rounded = values.to_vec();
                quantize(&mut rounded, digits, middle).unwrap();
                for (&x, r) in values.iter().zip(rounded) {
                    let expected = one(x, digits, middle, &tens);
                    assert!(r.to_bits() == expected.to_bits(), "{x:?} {digits} {middle}: {r:?} {expected:?}");
                }
            }
        }
    }

    /// All bit patterns mixed, then values of about one size with zeros between, then powers of ten and their neighbours.
    fn words(exponents: u32, mantissa: u32) -> Vec<u64> {
        let width = exponents + mantissa + 1;
        let mut x = 0x9e37_79b9_7f4a_7c15u64;
        let mut next = || {
            x = x.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
            x >> (64 - width)
        };
        let mut all: Vec<u64> = (0..3000).map(|_| next()).collect();
        let one = ((1u64 << (exponents - 1)) - 1) << mantissa;
        let near = |w: u64| (one + (w & ((1 << (mantissa + 3)) - 1))) | (w & 1 << (width - 1));
        all.extend((0..3000).map(|i| if i % 50 == 0 { 0 } else { near(next()) }));
        let finite = ((1u64 << exponents) - 1) << mantissa;
        all.extend((0..600).map(|_| next() & ((1 << mantissa) - 1)));
        all.extend([
            0,
            1,
            finite - 1,
            finite,
            finite + 1,
            1 << (width - 1),
            (1 << mantissa) - 1,
            1 << mantissa,
        ]);
        all
    }

    #[test]
    fn every_value_is_rounded_by_the_definition() {
        let mut double: Vec<f64> = words(11, 52).into_iter().map(f64::from_bits).collect();
        let mut single: Vec<f32> = words(8, 23).into_iter().map(|w| f32::from_bits(w as u32)).collect();
        for d in -308..309 {
            double.extend([ten_to(d).next_down(), ten_to(d), -ten_to(d).next_up()]);
            let near = ten_to(d) as f32;
            single.extend([near.next_down(), near, -near.next_up()]);
        }
        check(&double);
        check(&single);
        check(&words(5, 10).into_iter().map(|w| tolzip_core::F16::from_bits(w as u16)).collect::<Vec<_>>());
        check(&words(8, 7).into_iter().map(|w| tolzip_core::Bf16::from_bits(w as u16)).collect::<Vec<_>>());
    }
}

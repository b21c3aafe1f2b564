//! Rounding of mantissas to fewer bits.
//!
//! Round to nearest, ties to even, is the variant with the smallest error and without bias (R. Kouznetsov, "A note on
//! precision-preserving compression of scientific data", Geosci. Model Dev. 14, 2021); how many bits hold information
//! is the subject of M. Klöwer et al., "Compressing atmospheric data into its real information content", Nat. Comput.
//! Sci. 1, 2021.

use crate::layout::{Layout, exponent};
use tolzip_core::{DType, Element, Result};
use tolzip_simd::words::{WordsMut, words_mut};

/// The stored mantissa bits of a type: 23, 52, 10 or 7.
///
/// ```
/// use tolzip_core::DType;
/// use tolzip_reduce::bitround::mantissa_bits;
///
/// assert_eq!(mantissa_bits(DType::F32), Ok(23));
/// assert!(mantissa_bits(DType::I32).is_err());
/// ```
///
/// # Errors
/// [`Error::TypeUnsupported`](tolzip_core::Error::TypeUnsupported) for integers.
pub fn mantissa_bits(dtype: DType) -> Result<u32> {
    Ok(Layout::of(dtype)?.mantissa_bits)
}

/// Rounds every value to `bits` explicit mantissa bits, to nearest, ties to even; the lower bits become zero.
///
/// For normal values the error is at most `2^(E - bits - 1)`, with `2^E` the power of two at or below `|x|`. Denormals are
/// rounded to the same absolute step as the smallest normal values. A value that would round to infinity is rounded
/// towards zero instead, with at most twice that error. NaN, infinities and the sign of zero stay as they are. With as
/// many bits as the type has, or more, nothing changes.
///
/// ```
/// use tolzip_reduce::bitround::round;
///
/// // Two mantissa bits: 1, 1.25, 1.5 and 1.75, and these times powers of two.
/// let mut values = [1.2f32, -1.375, 1.95, f32::NAN];
/// round(&mut values, 2)?;
/// assert_eq!(values[..3], [1.25, -1.5, 2.0]);
/// assert!(values[3].is_nan());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::TypeUnsupported`](tolzip_core::Error::TypeUnsupported) for integers.
pub fn round<T: Element>(values: &mut [T], bits: u32) -> Result<()> {
    let mantissa = Layout::of(T::DTYPE)?.mantissa_bits;
    if bits >= mantissa {
        return Ok(());
    }
    let drop = mantissa - bits;
    match words_mut(values) {
        // No float has 8 bits.
        WordsMut::W8(_) => {}
        WordsMut::W16(words) => round16(words, drop, mantissa),
        WordsMut::W32(words) => round32(words, drop, mantissa),
        WordsMut::W64(words) => round64(words, drop, mantissa),
    }
    Ok(())
}

macro_rules! round_words {
    ($name:ident $word:ident) => {
        /// Drops `drop` of `mantissa` bits, 1 at least, in every word.
        fn $name(words: &mut [$word], drop: u32, mantissa: u32) {
            let exponent = ($word::MAX >> 1) & ($word::MAX << mantissa);
            let keep = $word::MAX << drop;
            let below_half = (1 << (drop - 1)) - 1;
            for w in words {
                let x = *w;
                // The carry may run into the exponent: the next power of two, as it should be.
                let rounded = x.wrapping_add(below_half + (x >> drop & 1)) & keep;
                let special = x & exponent == exponent;
                let overflow = rounded & exponent == exponent;
                let finite = if overflow { x & keep } else { rounded };
                *w = if special { x } else { finite };
            }
        }
    };
}
round_words!(round16 u16);
round_words!(round32 u32);
round_words!(round64 u64);

/// The fewest mantissa bits for which [`round`] changes no value of at most `max_abs_value` by more than `e`.
///
/// `None` if only all bits of the type will do, so that rounding would be of no use: also for integers, and for a bound or
/// maximum that is not a number. `max_abs_value` is the largest `|x|` of the finite values.
///
/// ```
/// use tolzip_reduce::bitround::bits_for_abs;
///
/// // Of values below 2, 7 bits after the point leave an error of half of 2^-7.
/// assert_eq!(bits_for_abs::<f32>(1.99, 1.0 / 256.0), Some(7));
/// assert_eq!(bits_for_abs::<f32>(1.99, 1e-9), None);
/// ```
#[must_use]
pub fn bits_for_abs<T: Element>(max_abs_value: f64, e: f64) -> Option<u32> {
    let layout = Layout::of(T::DTYPE).ok()?;
    if max_abs_value == 0.0 && e >= 0.0 {
        return Some(0);
    }
    let top = exponent(max_abs_value)?.max(layout.lowest);
    // Half a unit of the last bit that is kept; a whole one where rounding up would give infinity.
    let half = i32::from(top < layout.highest);
    layout.fewest(top - half - exponent(e)?)
}

/// The fewest mantissa bits for which [`round`] changes no value by more than `e` times its magnitude.
///
/// This holds for all normal values but those so near the largest one that they would round to infinity; denormals have
/// no relative precision, and need a look. `None` as in [`bits_for_abs`].
///
/// ```
/// assert_eq!(tolzip_reduce::bitround::bits_for_pointwise::<f64>(1.0 / 256.0), Some(7));
/// ```
#[must_use]
pub fn bits_for_pointwise<T: Element>(e: f64) -> Option<u32> {
    Layout::of(T::DTYPE).ok()?.fewest(-1 - exponent(e)?)
}

#[cfg(test)]
mod tests;

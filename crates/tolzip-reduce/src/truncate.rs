//! Mantissas cut to fewer bits: truncation, and bit grooming.
//!
//! Truncation ("bit shaving") sets the low bits to zero: every magnitude shrinks, by up to one unit of the last bit that is
//! kept, so that sums are biased towards zero. Bit grooming (C. S. Zender, "Bit Grooming: statistically accurate
//! precision-preserving quantization with compression", Geosci. Model Dev. 9, 2016) sets them to zero and to one in turns, by
//! the value's position: the errors are as large, but cancel in the mean.

use crate::layout::{Layout, exponent};
use tolzip_core::{Element, Result};
use tolzip_simd::words::{WordsMut, words_mut};

/// Sets all but `bits` explicit mantissa bits to zero.
///
/// The error of normal values is below `2^(E - bits)`, with `2^E` the power of two at or below `|x|`; denormals are cut at the
/// same absolute place as the smallest normal values. NaN and infinities stay as they are. With as many bits as the type
/// has, or more, nothing changes.
///
/// ```
/// let mut values = [1.2f32, -1.95];
/// tolzip_reduce::truncate::truncate(&mut values, 2)?;
/// assert_eq!(values, [1.0, -1.75]);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::TypeUnsupported`](tolzip_core::Error::TypeUnsupported) for integers.
pub fn truncate<T: Element>(values: &mut [T], bits: u32) -> Result<()> {
    cut(values, bits, false)
}

/// Sets all but `bits` explicit mantissa bits to zero in values at even positions, to one in values at odd positions (but for
/// zeros, which stay).
///
/// Errors are as [`truncate`]'s.
///
/// ```
/// let mut values = [1.2f32, 1.2];
/// tolzip_reduce::truncate::groom(&mut values, 2)?;
/// assert_eq!(values, [1.0, 1.25f32.next_down()]);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// As [`truncate`].
pub fn groom<T: Element>(values: &mut [T], bits: u32) -> Result<()> {
    cut(values, bits, true)
}

/// The fewest bits for which [`truncate`] and [`groom`] change no value of at most `max_abs_value` by more than `e`; `None` if
/// only all bits of the type will do, or if a number is not one.
///
/// ```
/// // One more than where values are rounded.
/// assert_eq!(tolzip_reduce::truncate::bits_for_abs::<f32>(1.99, 1.0 / 256.0), Some(8));
/// ```
#[must_use]
pub fn bits_for_abs<T: Element>(max_abs_value: f64, e: f64) -> Option<u32> {
    let layout = Layout::of(T::DTYPE).ok()?;
    if max_abs_value == 0.0 && e >= 0.0 {
        return Some(0);
    }
    layout.fewest(exponent(max_abs_value)?.max(layout.lowest) - exponent(e)?)
}

/// The fewest bits for which [`truncate`] and [`groom`] change no normal value by more than `e` times its magnitude.
///
/// ```
/// assert_eq!(tolzip_reduce::truncate::bits_for_pointwise::<f32>(1.0 / 256.0), Some(8));
/// ```
#[must_use]
pub fn bits_for_pointwise<T: Element>(e: f64) -> Option<u32> {
    Layout::of(T::DTYPE).ok()?.fewest(-exponent(e)?)
}

fn cut<T: Element>(values: &mut [T], bits: u32, set_odd: bool) -> Result<()> {
    let mantissa = Layout::of(T::DTYPE)?.mantissa_bits;
    if bits >= mantissa {
        return Ok(());
    }
    let drop = mantissa - bits;
    match words_mut(values) {
        // No float has 8 bits.
        WordsMut::W8(_) => {}
        WordsMut::W16(words) => cut16(words, drop, mantissa, set_odd),
        WordsMut::W32(words) => cut32(words, drop, mantissa, set_odd),
        WordsMut::W64(words) => cut64(words, drop, mantissa, set_odd),
    }
    Ok(())
}

macro_rules! cut_words {
    ($name:ident $word:ident) => {
        fn $name(words: &mut [$word], drop: u32, mantissa: u32, set_odd: bool) {
            let exponent = ($word::MAX >> 1) & ($word::MAX << mantissa);
            let keep = $word::MAX << drop;
            let odd = if set_odd { !keep } else { 0 };
            let one = |w: &mut $word, set: $word| {
                let x = *w;
                let set = if x & ($word::MAX >> 1) == 0 { 0 } else { set };
                *w = if x & exponent == exponent { x } else { x & keep | set };
            };
            let (pairs, rest) = words.as_chunks_mut::<2>();
            for [a, b] in pairs {
                one(a, 0);
                one(b, odd);
            }
            for a in rest {
                one(a, 0);
            }
        }
    };
}
cut_words!(cut16 u16);
cut_words!(cut32 u32);
cut_words!(cut64 u64);

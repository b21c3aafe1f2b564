//! A look at a chunk for what only an exact coder makes use of, in less time than a few hundredths of its coding.

use crate::choose::common_zeros;
use crate::decimal;
use crate::lane::Lane;
use crate::sample::Sample;
use alloc::vec::Vec;
use tolzip_core::{Element, Error, Result, Shape};
use tolzip_simd::words::{Words, words};

/// What a chunk's words look like to an exact coder.
///
/// ```
/// use tolzip_core::Shape;
/// use tolzip_lossless::Outlook;
///
/// let prices: Vec<f64> = (0..6000).map(|i| f64::from(i * 37 % 5000) / 100.0).collect();
/// assert_ne!(Outlook::of(&prices, Shape::line(6000))?, Outlook::Noise);
/// let wave: Vec<f64> = (0..6000).map(|i| f64::from(i).sin()).collect();
/// assert_eq!(Outlook::of(&wave, Shape::line(6000))?, Outlook::Noise);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Low mantissa bits are noise: a coder that may drop them is better off.
    Noise,
    /// Few different values, decimals, or low bits that are zero: a sample coded would tell.
    Regular,
    /// Words come again and again, so that the chunk would take about so many bytes.
    Repeating(u64),
}

impl Outlook {
    /// Looks at a few hundred values, and for repeats at a part of a sixteenth.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] for a shape of another size.
    pub fn of<T: Element>(values: &[T], shape: Shape) -> Result<Self> {
        if values.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
        }
        if values.is_empty() {
            return Ok(Self::Regular);
        }
        let (sides, float) = (shape.folded(), T::DTYPE.is_float());
        Ok(match words(values) {
            Words::W8(w) => look(w, sides, float),
            Words::W16(w) => look(w, sides, float),
            Words::W32(w) => look(w, sides, float),
            Words::W64(w) => look(w, sides, float),
        })
    }
}

/// Sampled values.
const POINTS: usize = 512;
/// Of the words, one in so many is looked at for repeats.
const PART: usize = 16;
const LEAST: usize = 1 << 12;

fn look<W: Lane>(words: &[W], sides: [usize; 4], is_float: bool) -> Outlook {
    let window = (words.len() / PART).max(LEAST).min(words.len());
    if let Some(bytes) = repeating(words, window) {
        return Outlook::Repeating(bytes);
    }
    let sample = Sample::new(sides, POINTS);
    // A word like the one before says nothing: a predictor has it for free.
    let mut changed: Vec<W> = Vec::with_capacity(sample.len());
    let mut last = None;
    for w in sample.words(words) {
        if last != Some(w) {
            changed.push(w);
        }
        last = Some(w);
    }
    let n = changed.len();
    let decimals = is_float && W::BYTES >= 4 && decimal::are(&changed);
    let zeros = common_zeros(&changed) >= W::BITS / 4;
    changed.sort_unstable();
    changed.dedup();
    if decimals || zeros || !is_float || changed.len() <= n * 3 / 4 {
        Outlook::Regular
    } else {
        Outlook::Noise
    }
}

/// Slots for words that were seen: more than the words of a window that are looked at.
const SLOT_BITS: u32 = 12;

/// About how many bytes all words would take if each repeat is a match and every other word stands as it is, if that is
/// little, judged by so many words in the middle. What repeats is expected to have come before by its second half.
fn repeating<W: Lane>(words: &[W], window: usize) -> Option<u64> {
    // A match that is a part of a longer one, and one alone.
    const FURTHER: u64 = 10;
    const MATCH: u64 = 20;
    let inside = &words[(words.len() - window) / 2..][..window];
    let mut slots = alloc::vec![(W::default(), 0); 1 << SLOT_BITS];
    let (mut bits, mut seen, mut distance) = ([0u64; 2], [0u64; 2], 0);
    for (i, &w) in inside.iter().enumerate() {
        let hash = w.to_u64().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // One value in 16, at all its places: a sample of places would not see the repeats.
        if hash >> 60 != 0 {
            continue;
        }
        let slot = &mut slots[(hash >> (60 - SLOT_BITS)) as usize & ((1 << SLOT_BITS) - 1)];
        let half = usize::from(i >= window / 2);
        let cost = if slot.0 != w {
            u64::from(W::BITS)
        } else if i - slot.1 == distance {
            FURTHER
        } else {
            distance = i - slot.1;
            MATCH
        };
        // Runs of one word tell nothing of the others: every coder has them for free.
        if slot.0 != w || slot.1 + 1 != i {
            seen[half] += 1;
            bits[half] += cost;
        }
        *slot = (w, i);
    }
    let limit = u64::from(W::BITS * 3 / 8);
    if seen[1] < 16 || bits[1] > seen[1] * limit {
        return None;
    }
    let rest = u128::from(bits[1]) * (words.len() - window / 2) as u128 / u128::from(seen[1]);
    // One value in 16 was looked at.
    u64::try_from((rest + u128::from(bits[0]) * 16) / 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<T: Element>(values: &[T]) -> Outlook {
        Outlook::of(values, Shape::new(&[values.len()]).unwrap()).unwrap()
    }

    /// Numbers from 0 to 1 without a pattern.
    fn noise(n: u64) -> impl Iterator<Item = f64> {
        (0..n).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11) as f64 / (1u64 << 53) as f64)
    }

    #[test]
    fn noise_is_told_from_what_exact_coders_like() {
        assert_eq!(of(&noise(20_000).collect::<Vec<_>>()), Outlook::Noise);
        assert_eq!(of(&noise(20_000).map(|x| x as f32).collect::<Vec<_>>()), Outlook::Noise);
        let decimals: Vec<f64> = noise(20_000).map(|x| (x * 1e5) as u32 as f64 / 100.0).collect();
        assert_eq!(of(&decimals), Outlook::Regular);
        let few: Vec<f32> = noise(20_000).map(|x| ((x * 50.0) as u32 as f32).sqrt()).collect();
        assert_eq!(of(&few), Outlook::Regular);
        let short: Vec<f64> = noise(20_000).map(|x| f64::from(x as f32)).collect();
        assert_eq!(of(&short), Outlook::Regular);
    }

    #[test]
    fn repeats_are_estimated() {
        let once: Vec<f64> = noise(300).collect();
        let often = once.repeat(100);
        let Outlook::Repeating(bytes) = of(&often) else { panic!("{:?}", of(&often)) };
        assert!(bytes < often.len() as u64 * 2, "{bytes}");
    }

    #[test]
    fn shapes_are_checked() {
        let values = [1.0f32; 5];
        assert!(Outlook::of(&values, Shape::new(&[6]).unwrap()).is_err());
        assert_eq!(of::<f32>(&[]), Outlook::Regular);
    }
}

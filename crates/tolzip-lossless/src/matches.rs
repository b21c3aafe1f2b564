//! Runs of words that stood before: literals, and how far back the rest begins.
//!
//! LZ77 (J. Ziv, A. Lempel, "A universal algorithm for sequential data compression", 1977) on whole words, so that what
//! stands between the repeats is still coded as numbers.

use crate::lane::Lane;
use alloc::vec;
use alloc::vec::Vec;
use tolzip_core::bytes::try_vec;
use tolzip_core::{Error, Result};

/// Bits of the largest hash table.
const MAX_BITS: u32 = 16;

/// Words as literals and sequences: copy `runs` literals, then `lengths` words from `distances` before; what is left are
/// literals.
#[derive(Debug, Default)]
pub(crate) struct Matches<W> {
    pub(crate) runs: Vec<u32>,
    pub(crate) lengths: Vec<u32>,
    pub(crate) distances: Vec<u32>,
    pub(crate) literals: Vec<W>,
}

impl<W: Lane> Matches<W> {
    /// Finds repeats of at least `least` words, which is not 0; at most 2^32 words are searched.
    pub(crate) fn new(words: &[W], least: usize) -> Option<Self> {
        if u32::try_from(words.len()).is_err() {
            return None;
        }
        let bits = (usize::BITS - words.len().leading_zeros()).clamp(4, MAX_BITS);
        let mut slots = vec![u32::MAX; 1 << bits].into_boxed_slice();
        let mut new = Self { runs: vec![], lengths: vec![], distances: vec![], literals: vec![] };
        let (mut begin, mut at) = (0, 0);
        while at < words.len() {
            let hash = words[at].to_u64().wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let slot = &mut slots[(hash >> (64 - bits)) as usize];
            let from = core::mem::replace(slot, at as u32) as usize;
            if from >= at || words[from] != words[at] {
                at += 1;
                continue;
            }
            let mut length = 1;
            while at + length < words.len() && words[from + length] == words[at + length] {
                length += 1;
            }
            if length < least {
                at += 1;
                continue;
            }
            new.runs.push((at - begin) as u32);
            new.lengths.push(length as u32);
            new.distances.push((at - from) as u32);
            new.literals.extend_from_slice(&words[begin..at]);
            // The ends of what repeats are where the next repeat may begin.
            at += length;
            begin = at;
        }
        new.literals.extend_from_slice(&words[begin..]);
        Some(new)
    }

    /// How many literals belong to these sequences of `n` words.
    ///
    /// # Errors
    /// If they are more than the words, or none.
    pub(crate) fn count(lengths: &[u32], n: usize) -> Result<usize> {
        let mut left = n;
        for &length in lengths {
            left = left.checked_sub(length as usize).ok_or(Error::corrupt("more repeats than words"))?;
        }
        if left == 0 {
            return Err(Error::corrupt("repeats of nothing"));
        }
        Ok(left)
    }

    /// Puts the words together.
    ///
    /// # Errors
    /// If the sequences do not fit.
    pub(crate) fn restore(&self, words: &mut [W]) -> Result<()> {
        let (mut at, mut rest) = (0usize, &self.literals[..]);
        for ((&run, &length), &distance) in self.runs.iter().zip(&self.lengths).zip(&self.distances) {
            let (run, length, distance) = (run as usize, length as usize, distance as usize);
            let literals =
                rest.split_at_checked(run).ok_or(Error::corrupt("more literals than there are"))?;
            let place = words.get_mut(at..at + run).ok_or(Error::corrupt("literals beyond the last word"))?;
            place.copy_from_slice(literals.0);
            rest = literals.1;
            at += run;
            if distance == 0 || distance > at || length > words.len() - at {
                return Err(Error::corrupt("a repeat beyond the words that are there"));
            }
            // The period doubles with each copy.
            let (from, mut done) = (at - distance, 0);
            while done < length {
                let n = (distance + done).min(length - done);
                words.copy_within(from..from + n, at + done);
                done += n;
            }
            at += length;
        }
        if rest.len() != words.len() - at {
            return Err(Error::corrupt("literals that do not fill the words"));
        }
        words[at..].copy_from_slice(rest);
        Ok(())
    }

    /// With room for `sequences` and literals to be decoded.
    ///
    /// # Errors
    /// If memory runs out.
    pub(crate) fn room(sequences: usize) -> Result<Self> {
        Ok(Self {
            runs: try_vec(sequences)?,
            lengths: try_vec(sequences)?,
            distances: try_vec(sequences)?,
            literals: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_come_back_as_they_were() {
        for n in [1usize, 2, 10, 1000] {
            for period in [1, 3, 250] {
                let words: Vec<u32> = (0..n).map(|i| (i % period * i % 97) as u32).collect();
                for least in [1, 2, 5] {
                    let found = Matches::new(&words, least).unwrap();
                    let count = Matches::<u32>::count(&found.lengths, n).unwrap();
                    assert_eq!(count, found.literals.len());
                    let mut back = vec![0; n];
                    found.restore(&mut back).unwrap();
                    assert_eq!(back, words);
                }
            }
        }
    }

    #[test]
    fn sequences_that_do_not_fit_are_errors() {
        let fits = |runs: u32, lengths, distances, literals: usize| {
            let (runs, lengths, distances) = (vec![runs], vec![lengths], vec![distances]);
            Matches { runs, lengths, distances, literals: vec![1u8; literals] }.restore(&mut [0; 9]).is_ok()
        };
        assert!(fits(3, 5, 2, 4));
        assert!(!fits(3, 5, 4, 4) && !fits(3, 5, 0, 4) && !fits(3, 7, 1, 4) && !fits(5, 4, 1, 4));
        assert!(!fits(3, 5, 2, 5) && !fits(3, 5, 2, 3) && !fits(10, 1, 1, 20));
        assert!(Matches::<u8>::count(&[5, 5], 9).is_err() && Matches::<u8>::count(&[9], 9).is_err());
    }
}

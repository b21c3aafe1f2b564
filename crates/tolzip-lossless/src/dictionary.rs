//! Chunks of few different words: each word by its rank among them, so that neighbouring values have neighbouring ranks.

use crate::lane::{Lane, Order};
use alloc::vec;
use alloc::vec::Vec;

/// The most different words.
pub(crate) const MAX_WORDS: usize = 1 << 16;

/// The different words of a chunk, in their order as values.
#[derive(Debug)]
pub(crate) struct Dictionary<W> {
    /// In ascending order.
    pub(crate) words: Vec<W>,
    /// The word of each slot of a hash table, and its number: first by appearance, in the end by rank. Free slots have
    /// the number [`FREE`].
    slots: Vec<(W, u32)>,
    bits: u32,
    /// The slot of each word of the chunk.
    places: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl<W: Lane> Dictionary<W> {
    /// The most words that a dictionary of `words` may have: they are to be at least eight times as many as it.
    pub(crate) fn most(words: &[W]) -> usize {
        (words.len() / 8).min(MAX_WORDS)
    }

    /// The dictionary of `words`, if it has not too many.
    pub(crate) fn new(words: &[W], order: Order) -> Option<Self> {
        let limit = Self::most(words);
        let bits = usize::BITS - limit.leading_zeros() + 1;
        let places = vec![0; words.len()];
        let mut new = Self { words: Vec::new(), slots: vec![(W::default(), FREE); 1 << bits], bits, places };
        for (i, &w) in words.iter().enumerate() {
            let slot = new.slot(w);
            new.places[i] = slot as u32;
            let entry = &mut new.slots[slot];
            if entry.1 == FREE {
                if new.words.len() == limit {
                    return None;
                }
                *entry = (w, 0);
                new.words.push(w);
            }
        }
        let signed = |w: W| order.of(w) ^ W::from_u64(1).shl(W::BITS - 1);
        if order.sign_magnitude {
            new.words.sort_unstable_by_key(|&w| signed(w));
        } else {
            new.words.sort_unstable();
        }
        for rank in 0..new.words.len() {
            let slot = new.slot(new.words[rank]);
            new.slots[slot].1 = rank as u32;
        }
        Some(new)
    }

    /// The ranks of the words that the dictionary was made of.
    pub(crate) fn ranks(&self) -> Vec<W> {
        self.places.iter().map(|&place| W::from_u64(u64::from(self.slots[place as usize].1))).collect()
    }

    /// Where a word is, or would be.
    #[inline]
    fn slot(&self, word: W) -> usize {
        let hash = word.to_u64().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (slots, last) = (&*self.slots, self.slots.len() - 1);
        let mut at = (hash >> (64 - self.bits)) as usize & last;
        // At most half of the slots are taken.
        while slots[at].1 != FREE && slots[at].0 != word {
            at = (at + 1) & last;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_the_order_of_floats() {
        let values = [2.5f32, -1.0, 0.0, -7.0, 1e-3];
        let words: Vec<u32> = values.iter().cycle().take(100).map(|x| x.to_bits()).collect();
        let dictionary = Dictionary::new(&words, Order { sign_magnitude: true, shift: 0 }).unwrap();
        assert_eq!(dictionary.ranks()[..5], [4, 1, 2, 0, 3]);
        assert_eq!(f32::from_bits(dictionary.words[0]), -7.0);
        let many: Vec<u32> = (0..100).collect();
        assert!(Dictionary::new(&many, Order { sign_magnitude: false, shift: 0 }).is_none());
    }
}

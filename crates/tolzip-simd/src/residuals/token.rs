//! Tokens: where a word's highest bit stands, and what the next one is.

use super::versions;
use crate::lane::Lane;

/// 0 and 1 are themselves; a word of L >= 2 bits is `2 (L - 1)` plus its second bit.
#[inline(always)]
pub fn token<W: Lane>(word: W) -> u8 {
    let length = word.bit_length();
    // The word with its highest bit on top: the second one then stands in a fixed place.
    let second = word.shl((W::BITS - length) & (W::BITS - 1)).shr(W::BITS - 2).to_u64() as u8 & 1;
    let long = (2 * length).wrapping_sub(2) as u8 + second;
    if length < 2 { length as u8 } else { long }
}

/// Bits that a token leaves open.
#[inline(always)]
#[must_use]
pub fn open_bits(token: u8) -> u32 {
    u32::from(token >> 1).saturating_sub(1)
}

/// The highest bit or two of a word, which its token tells.
#[inline(always)]
#[must_use]
pub fn known<W: Lane>(token: u8) -> W {
    let token = u32::from(token);
    if token < 4 {
        W::from_u64(u64::from(token))
    } else {
        W::from_u64(u64::from(2 | token & 1)).shl((token >> 1) - 1)
    }
}

versions! {
    /// The tokens of words.
    ///
    /// # Panics
    /// If the slices differ in length.
    tokens<W: Lane>(words: &[W], out: &mut [u8]) {
        assert_eq!(words.len(), out.len());
        for (t, &w) in out.iter_mut().zip(words) {
            *t = token(w);
        }
    }
}

//! The order of tokens in arrays of one axis.
//!
//! A line has no row above, and what tells a token's size best is the token before. So the block is cut into 32 equal
//! segments, one for each lane of rANS, and the tokens are coded in turn, one of each segment: then the tokens before
//! are known for all lanes.

use super::{ALPHABET, ROUND};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_core::Result;
use tolzip_entropy::rans::Decoder;
use tolzip_simd::residuals::line_levels;

/// Zeros in front of the first token of each segment.
pub(super) const PADDING: usize = 3 * ROUND;

/// The tokens in the order of coding, behind the padding; missing ones at the end of segments are 0.
pub(super) fn interleave(tokens: &[u8]) -> Vec<u8> {
    let segment = tokens.len().div_ceil(ROUND);
    let mut out = vec![0; PADDING + segment * ROUND];
    for (lane, tokens) in tokens.chunks(segment.max(1)).enumerate() {
        for (turn, &t) in out[PADDING..].chunks_exact_mut(ROUND).zip(tokens) {
            turn[lane] = t;
        }
    }
    out
}

/// The level of each token, which [`line_levels`] defines.
pub(super) fn levels(padded: &[u8], levels: &mut Vec<u8>) {
    let n = padded.len() - PADDING;
    levels.resize(n, 0);
    line_levels(&padded[2 * ROUND..][..n], &padded[ROUND..][..n], &padded[..n], levels);
}

#[inline(always)]
fn mean(a: u8, b: u8, c: u8) -> u8 {
    ((2 * u16::from(a) + u16::from(b) + u16::from(c) + 2) >> 2) as u8
}

/// Decodes all tokens of a block; `map` gives the context of a level.
pub(super) fn decode(decoder: &mut Decoder<'_>, map: &[u8; ALPHABET], tokens: &mut [u8]) -> Result<()> {
    let segment = tokens.len().div_ceil(ROUND);
    let [mut a, mut b, mut c] = [[0u8; ROUND]; 3];
    for turn in 0..segment {
        let mut contexts = [0; ROUND];
        for (lane, context) in contexts.iter_mut().enumerate() {
            *context = map[usize::from(mean(a[lane], b[lane], c[lane]) & 127)];
        }
        (c, b) = (b, a);
        decoder.decode(&contexts, &mut a)?;
        for (lane, &t) in a.iter().enumerate() {
            // Segments at the end may be short or missing; what is decoded there means nothing.
            let at = lane * segment + turn;
            if let Some(place) = tokens.get_mut(at) {
                *place = t;
            }
        }
    }
    Ok(())
}

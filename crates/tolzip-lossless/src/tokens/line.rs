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

/// Decodes all tokens of a block; `map` gives the context of a level.
pub(super) fn decode(decoder: &mut Decoder<'_>, map: &[u8; ALPHABET], tokens: &mut [u8]) -> Result<()> {
    let segment = tokens.len().div_ceil(ROUND);
    let mut before = [[0u8; ROUND]; 3];
    let mut turns = [[0u8; ROUND]; ROUND];
    for from in (0..segment).step_by(ROUND) {
        let turns = &mut turns[..(segment - from).min(ROUND)];
        decoder.decode_turns(map, &mut before, turns)?;
        for (i, turns) in turns.chunks(8).enumerate() {
            for lane in (0..ROUND).step_by(8) {
                deal(turns, lane, segment, from + 8 * i, tokens);
            }
        }
    }
    Ok(())
}

/// Puts what at most eight turns have for the eight lanes from `lane` on to their segments, behind `from` tokens of each.
fn deal(turns: &[[u8; ROUND]], lane: usize, segment: usize, from: usize, tokens: &mut [u8]) {
    let mut rows = [0u64; 8];
    for (row, turn) in rows.iter_mut().zip(turns) {
        *row = turn[lane..].first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight));
    }
    for (i, column) in transposed(rows).into_iter().enumerate() {
        // Segments at the end may be short or missing; what is decoded there means nothing.
        let place = tokens.get_mut((lane + i) * segment + from..).unwrap_or_default();
        match place.first_chunk_mut::<8>() {
            Some(place) if turns.len() == 8 => *place = column.to_le_bytes(),
            _ => place.iter_mut().zip(column.to_le_bytes()).take(turns.len()).for_each(|(p, t)| *p = t),
        }
    }
}

/// Eight rows of eight bytes as columns: blocks change places, of four bytes, of two, of one.
fn transposed(mut rows: [u64; 8]) -> [u64; 8] {
    for (distance, mask) in [(4, 0xffff_ffff), (2, 0x0000_ffff_0000_ffff), (1, 0x00ff_00ff_00ff_00ff)] {
        for i in (0..8).filter(|i| i & distance == 0) {
            let swapped = (rows[i] >> (8 * distance) ^ rows[i + distance]) & mask;
            rows[i] ^= swapped << (8 * distance);
            rows[i + distance] ^= swapped;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        let rows: [[u8; 8]; 8] = core::array::from_fn(|i| core::array::from_fn(|k| (8 * i + k) as u8));
        let columns = transposed(rows.map(u64::from_le_bytes)).map(u64::to_le_bytes);
        for i in 0..8 {
            for k in 0..8 {
                assert_eq!(columns[i][k], rows[k][i]);
            }
        }
    }
}

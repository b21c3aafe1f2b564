//! Words in the fewest bits that hold the largest of 128: the fast way.

use crate::lane::Lane;
use alloc::vec;
use alloc::vec::Vec;
use tolzip_core::bytes::Reader;
use tolzip_core::{Error, Result};
use tolzip_simd::residuals::{self as kernel, TILE};

/// Added to the width of a tile of which only the words that are not zero are stored.
const SPARSE: u8 = 0x80;

/// Appends `words`: for each tile the number of bits, one byte, then the packed lanes; a last part of a tile is filled up
/// with zeros. A tile of many zeros: which words are not zero, one bit each, then these in whole bytes.
pub(crate) fn encode<W: Lane>(words: &[W], room: &mut Room, out: &mut Vec<u8>) {
    let (tiles, rest) = words.as_chunks::<TILE>();
    for tile in tiles {
        pack(tile, room, out);
    }
    if !rest.is_empty() {
        let mut last = [W::default(); TILE];
        last[..rest.len()].copy_from_slice(rest);
        pack(&last, room, out);
    }
    room.empty(out);
}

/// Where a few tiles are put together: in a near cache, and cleared once.
pub(crate) struct Room {
    bytes: Vec<u8>,
    used: usize,
}

impl Room {
    const TILES: usize = 16;

    /// For this many words at a time.
    pub(crate) fn new<W: Lane>(words: usize) -> Self {
        let tiles = (words / TILE + 1).min(Self::TILES);
        Self { bytes: vec![0; tiles * Self::tile::<W>()], used: 0 }
    }

    /// The most bytes of a tile: the width, the least word, all words.
    const fn tile<W: Lane>() -> usize {
        1 + W::BYTES + TILE * W::BYTES
    }

    /// Room for a tile; `out` gets the tiles before where these leave none.
    fn of_tile<W: Lane>(&mut self, out: &mut Vec<u8>) -> &mut [u8] {
        if self.bytes.len() - self.used < Self::tile::<W>() {
            self.empty(out);
        }
        &mut self.bytes[self.used..][..Self::tile::<W>()]
    }

    fn empty(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes[..self.used]);
        self.used = 0;
    }
}

/// Decodes what [`encode`] appended into `words`.
///
/// # Errors
/// If the bytes are no such tiles.
pub(crate) fn decode<W: Lane>(bytes: &[u8], words: &mut [W]) -> Result<()> {
    let mut reader = Reader::new(bytes);
    for part in words.chunks_mut(TILE) {
        let head = reader.u8()?;
        let width = u32::from(head & !SPARSE);
        if width > W::BITS {
            return Err(Error::corrupt("words of more bits than they have"));
        }
        if head & SPARSE != 0 {
            scatter(&mut reader, width, part)?;
            continue;
        }
        let packed = reader.take(width as usize * TILE / 8)?;
        if let Some(tile) = part.first_chunk_mut::<TILE>() {
            kernel::unpack(packed, width, tile);
        } else {
            let mut tile = [W::default(); TILE];
            kernel::unpack(packed, width, &mut tile);
            if tile[part.len()..].iter().any(|&w| w != W::default()) {
                return Err(Error::corrupt("a last tile that is not filled up with zeros"));
            }
            part.copy_from_slice(&tile[..part.len()]);
        }
    }
    reader.finish()
}

/// Appends one tile.
fn pack<W: Lane>(tile: &[W; TILE], room: &mut Room, out: &mut Vec<u8>) {
    let (all, others) = kernel::survey(tile);
    let width = all.bit_length();
    let bytes = width as usize * TILE / 8;
    if TILE / 8 + others as usize * width.div_ceil(8) as usize * 2 < bytes {
        room.empty(out);
        return gather(tile, width, out);
    }
    let coded = room.of_tile::<W>(out);
    coded[0] = width as u8;
    if width > 0 {
        kernel::pack(tile, width, &mut coded[1..]);
    }
    room.used += 1 + bytes;
}

/// Appends `words`: for each tile the number of bits, one byte, the least word, then the distances from it as [`encode`]
/// packs them; a last part of a tile is filled up with its first word.
pub(crate) fn encode_based<W: Lane>(words: &[W], room: &mut Room, out: &mut Vec<u8>) {
    let mut one = |tile: &[W; TILE]| {
        let (least, most) = kernel::extremes(tile);
        let width = most.wrapping_sub(least).bit_length();
        let coded = room.of_tile::<W>(out);
        coded[0] = width as u8;
        coded[1..=W::BYTES].copy_from_slice(&least.to_u64().to_le_bytes()[..W::BYTES]);
        if width > 0 {
            let mut distances = *tile;
            kernel::shift_by(&mut distances, W::default().wrapping_sub(least));
            kernel::pack(&distances, width, &mut coded[1 + W::BYTES..]);
        }
        room.used += 1 + W::BYTES + width as usize * TILE / 8;
    };
    let (tiles, rest) = words.as_chunks::<TILE>();
    tiles.iter().for_each(&mut one);
    if let Some(&first) = rest.first() {
        let mut last = [first; TILE];
        last[..rest.len()].copy_from_slice(rest);
        one(&last);
    }
    room.empty(out);
}

/// Decodes what [`encode_based`] appended into `words`.
///
/// # Errors
/// If the bytes are no such tiles.
pub(crate) fn decode_based<W: Lane>(bytes: &[u8], words: &mut [W]) -> Result<()> {
    let mut reader = Reader::new(bytes);
    for part in words.chunks_mut(TILE) {
        let width = u32::from(reader.u8()?);
        if width > W::BITS {
            return Err(Error::corrupt("words of more bits than they have"));
        }
        let mut wide = [0; 8];
        wide[..W::BYTES].copy_from_slice(reader.take(W::BYTES)?);
        let least = W::from_u64(u64::from_le_bytes(wide));
        let packed = reader.take(width as usize * TILE / 8)?;
        if let Some(tile) = part.first_chunk_mut::<TILE>() {
            kernel::unpack(packed, width, tile);
            kernel::shift_by(tile, least);
        } else {
            let mut tile = [W::default(); TILE];
            kernel::unpack(packed, width, &mut tile);
            kernel::shift_by(&mut tile, least);
            if tile[part.len()..].iter().any(|&w| w != tile[0]) {
                return Err(Error::corrupt("a last tile that is not filled up with its first word"));
            }
            part.copy_from_slice(&tile[..part.len()]);
        }
    }
    reader.finish()
}

/// Appends a sparse tile.
fn gather<W: Lane>(tile: &[W; TILE], width: u32, out: &mut Vec<u8>) {
    out.push(width as u8 | SPARSE);
    let bytes = width.div_ceil(8) as usize;
    let mut bits = kernel::occupied(tile);
    out.extend_from_slice(&bits.to_le_bytes());
    while bits != 0 {
        let word = tile[bits.trailing_zeros() as usize & (TILE - 1)];
        out.extend_from_slice(&word.to_u64().to_le_bytes()[..bytes]);
        bits &= bits - 1;
    }
}

/// Reads a sparse tile, or the part of it that there is.
fn scatter<W: Lane>(reader: &mut Reader<'_>, width: u32, part: &mut [W]) -> Result<()> {
    let bytes = width.div_ceil(8) as usize;
    let mut bits = u128::from_le_bytes(reader.array()?);
    if part.len() < TILE && bits >> part.len() != 0 {
        return Err(Error::corrupt("a last tile that is not filled up with zeros"));
    }
    part.fill(W::default());
    while bits != 0 {
        let at = bits.trailing_zeros() as usize;
        bits &= bits - 1;
        let mut wide = [0; 8];
        wide[..bytes].copy_from_slice(reader.take(bytes)?);
        let word = u64::from_le_bytes(wide);
        if word >> (width.max(1) - 1) > 1 {
            return Err(Error::corrupt("a word of more bits than its tile"));
        }
        // `bits` has none beyond the part.
        if let Some(w) = part.get_mut(at) {
            *w = W::from_u64(word);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<W: Lane>() {
        for width in 0..=W::BITS {
            for n in [1, 5, 127, 128, 300] {
                let mask = if width == 0 { 0 } else { u64::MAX >> (64 - width) };
                let words: Vec<W> = (0..n)
                    .map(|i: u64| W::from_u64(i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 3 & mask))
                    .collect();
                let mut bytes = Vec::new();
                encode(&words, &mut Room::new::<W>(words.len()), &mut bytes);
                let mut back = vec![W::from_u64(9); words.len()];
                decode(&bytes, &mut back).unwrap();
                assert!(back == words, "{width} {n}");
                assert!(decode(&bytes[..bytes.len() - 1], &mut back).is_err());
                // The same far from zero.
                let far: Vec<W> = words.iter().map(|w| w.wrapping_sub(W::from_u64(u64::MAX / 3))).collect();
                bytes.clear();
                encode_based(&far, &mut Room::new::<W>(far.len()), &mut bytes);
                decode_based(&bytes, &mut back).unwrap();
                assert!(back == far, "{width} {n}");
                assert!(decode_based(&bytes[..bytes.len() - 1], &mut back).is_err());
            }
        }
    }

    #[test]
    fn every_width_of_every_word_survives() {
        check::<u8>();
        check::<u16>();
        check::<u32>();
        check::<u64>();
    }

    #[test]
    fn sparse_tiles_survive_and_are_small() {
        for n in [3usize, 128, 500] {
            let words: Vec<u32> =
                (0..n).map(|i| if i % 37 == 2 { 0xdead_beef - i as u32 } else { 0 }).collect();
            let mut bytes = Vec::new();
            encode(&words, &mut Room::new::<u32>(words.len()), &mut bytes);
            assert!(bytes.len() <= n.div_ceil(128) * 34);
            let mut back = vec![9; n];
            decode(&bytes, &mut back).unwrap();
            assert_eq!(back, words);
            for cut in 0..bytes.len() {
                assert!(decode(&bytes[..cut], &mut back).is_err());
            }
        }
        // A bit beyond the end of a last tile.
        let mut bytes = vec![0x81];
        bytes.extend_from_slice(&(1u128 << 9).to_le_bytes());
        bytes.push(1);
        assert!(decode::<u32>(&bytes, &mut [0; 9]).is_err());
        assert!(decode::<u32>(&bytes, &mut [0; 10]).is_ok());
    }

    #[test]
    fn a_width_beyond_the_word_is_an_error() {
        assert!(decode::<u8>(&[9; 300], &mut [0; 128]).is_err());
    }
}

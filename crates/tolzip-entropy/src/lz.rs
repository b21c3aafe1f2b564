//! Repeated byte strings: an LZ77 (J. Ziv, A. Lempel, "A universal algorithm for sequential data compression", 1977)
//! whose literals, lengths and distances are coded by rANS.
//!
//! # Layout
//! The number of sequences and the number of literals (LEB128), then four strings, each behind its length (LEB128): the
//! literals, the codes of literal lengths, of match lengths, and of distances; then bits, to the end. A string is one
//! byte and what it says: 0, one byte that all are; 1, the bytes; 2, [`rans::encode_bytes`](crate::rans::encode_bytes).
//!
//! A sequence copies `literal length` literals, then `match length + 4` bytes from `distance` bytes back, which may
//! overlap what is being written. After the last sequence the remaining literals follow. A number `v < 16` is its own
//! code; a larger one with its highest bit at `h` (so `2^h <= v`) has the code `16 + 2 (h - 4) + second highest bit`,
//! and its lower `h - 1` bits stand in the bits. For each sequence in turn: those of the literal length, of the match
//! length, of the distance, the first one in the lowest place.
//!
//! The distance number is 0, 1 or 2 for the last, second last or third last *different* distance, which moves to the
//! front; otherwise it is the distance plus 2. The three begin as 1, 4, 8.

mod matches;
mod parts;

use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128, put_prefixed};
use tolzip_core::{Error, Result};

use crate::bits::{BitReader, BitWriter};
use matches::{Search, Sequence};

/// The shortest match.
const MIN_MATCH: usize = 4;
/// The longest string that is searched, since positions are held in 32 bits.
pub const MAX_LEN: usize = 1 << 30;

/// The recent distances.
#[derive(Clone, Copy, Debug)]
struct Recent([usize; 3]);

impl Recent {
    const fn new() -> Self {
        Self([1, 4, 8])
    }

    /// The number that stands for a distance, and the distance moved to the front.
    fn number(&mut self, distance: usize) -> u32 {
        let at = self.0.iter().position(|&d| d == distance);
        self.touch(at.unwrap_or(2), distance);
        at.map_or(distance as u32 + 2, |at| at as u32)
    }

    fn touch(&mut self, at: usize, distance: usize) {
        self.0.copy_within(..at.min(2), 1);
        self.0[0] = distance;
    }

    fn distance(&mut self, number: u32) -> usize {
        let at = (number as usize).min(2);
        let distance = if number < 3 { self.0[at] } else { number as usize - 2 };
        self.touch(at, distance);
        distance
    }
}

/// The code of a number, and how many lower bits go with it.
fn code(v: u32) -> (u8, u32) {
    if v < 16 {
        return (v as u8, 0);
    }
    let h = 31 - v.leading_zeros();
    ((16 + 2 * (h - 4) + (v >> (h - 1) & 1)) as u8, h - 1)
}

/// The number without its lower bits, and how many there are.
fn decode_code(code: u8) -> Result<(u32, u32)> {
    let code = u32::from(code);
    if code < 16 {
        return Ok((code, 0));
    }
    let h = 4 + (code - 16) / 2;
    if h > 31 {
        return Err(Error::corrupt("a length or distance beyond 32 bits"));
    }
    Ok((1 << h | (code & 1) << (h - 1), h - 1))
}

/// Appends the compressed form of `input`, whose length the reader knows. It can be longer than the input by a few
/// dozen bytes and a few per cent.
///
/// # Panics
/// If `input` is longer than [`MAX_LEN`].
pub fn compress(input: &[u8], out: &mut Vec<u8>) {
    assert!(input.len() <= MAX_LEN, "at most 2^30 bytes at a time");
    let mut literals = Vec::new();
    let [mut runs, mut lengths, mut distances] = [const { Vec::new() }; 3];
    let mut bits = BitWriter::new();
    let mut recent = Recent::new();
    let mut at = 0;
    let mut search = Search::new(input);
    while let Some(Sequence { start, length, distance }) = search.next(&recent.0) {
        literals.extend_from_slice(&input[at..start]);
        let numbers = [(start - at) as u32, (length - MIN_MATCH) as u32, recent.number(distance)];
        for (v, codes) in numbers.into_iter().zip([&mut runs, &mut lengths, &mut distances]) {
            let (code, open) = code(v);
            codes.push(code);
            bits.put(u64::from(v) & ((1 << open) - 1), open);
        }
        at = start + length;
    }
    literals.extend_from_slice(&input[at..]);
    put_leb128(out, runs.len() as u64);
    put_leb128(out, literals.len() as u64);
    for part in [&literals, &runs, &lengths, &distances] {
        let mut coded = Vec::new();
        parts::encode(part, &mut coded);
        put_prefixed(out, &coded);
    }
    out.extend_from_slice(&bits.finish());
}

/// How many bytes of a string [`compress`] would find to be there already.
#[must_use]
pub fn repeated(input: &[u8]) -> usize {
    let mut search = Search::new(input);
    core::iter::from_fn(|| search.next(&Recent::new().0)).map(|found| found.length).sum()
}

/// Decodes what [`compress`] appended, which must fill `bytes`, into all of `out`.
///
/// # Errors
/// If the bytes are no compressed string of this length.
pub fn decompress(bytes: &[u8], out: &mut [u8]) -> Result<()> {
    let mut reader = Reader::new(bytes);
    // Every sequence writes bytes, so that what is allocated for it is bounded by the output.
    let count = reader.leb128_up_to(out.len() / MIN_MATCH, "more sequences than bytes")?;
    let literals = reader.leb128_up_to(out.len(), "more literals than bytes")?;
    let literals = parts::decode(reader.prefixed()?, literals)?;
    let runs = parts::decode(reader.prefixed()?, count)?;
    let lengths = parts::decode(reader.prefixed()?, count)?;
    let distances = parts::decode(reader.prefixed()?, count)?;
    let mut bits = BitReader::new(reader.rest());
    let mut recent = Recent::new();
    let (mut at, mut literal) = (0, 0);
    for ((&run, &length), &distance) in runs.iter().zip(&lengths).zip(&distances) {
        let mut number = |code: u8| -> Result<u32> {
            let (high, open) = decode_code(code)?;
            Ok(high | bits.get(open) as u32)
        };
        let run = number(run)? as usize;
        let length = (number(length)? as usize).saturating_add(MIN_MATCH);
        let distance = recent.distance(number(distance)?);
        if run > literals.len() - literal || run > out.len() - at {
            return Err(Error::corrupt("literals beyond their end"));
        }
        copy_literals(&literals, literal, out, at, run);
        literal += run;
        at += run;
        if distance == 0 || distance > at || length > out.len() - at {
            return Err(Error::corrupt("a match beyond the bytes that are there"));
        }
        copy_match(out, at, distance, length);
        at += length;
    }
    bits.finish()?;
    if literals.len() - literal != out.len() - at {
        return Err(Error::corrupt("literals that do not fill the string"));
    }
    out[at..].copy_from_slice(&literals[literal..]);
    Ok(())
}

/// Bytes that are copied at once where there is room, even if fewer are needed: what is too much is written over later.
const WIDE: usize = 16;

#[inline(always)]
fn copy_literals(literals: &[u8], from: usize, out: &mut [u8], at: usize, run: usize) {
    if run <= WIDE
        && let (Some(source), Some(target)) = (literals.get(from..from + WIDE), out.get_mut(at..at + WIDE))
    {
        target.copy_from_slice(source);
    } else {
        out[at..at + run].copy_from_slice(&literals[from..from + run]);
    }
}

#[inline(always)]
fn copy_match(out: &mut [u8], at: usize, distance: usize, length: usize) {
    let from = at - distance;
    if distance >= WIDE && out.len() - at >= length + WIDE {
        for i in (0..length).step_by(WIDE) {
            let mut piece = [0; WIDE];
            piece.copy_from_slice(&out[from + i..from + i + WIDE]);
            out[at + i..at + i + WIDE].copy_from_slice(&piece);
        }
        return;
    }
    // The period doubles with each copy.
    let mut done = 0;
    while done < length {
        let n = (distance + done).min(length - done);
        out.copy_within(from..from + n, at + done);
        done += n;
    }
}

#[cfg(test)]
mod tests;

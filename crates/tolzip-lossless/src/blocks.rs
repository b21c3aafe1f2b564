//! Blocks: runs of words, each coded in the way its chunk prefers, or a cheaper one.

use crate::lane::Lane;
use crate::pack::Room;
use crate::tokens::Neighbours;
use crate::{pack, planes, tokens};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, leb128_len, put_leb128, try_vec};
use tolzip_core::{Error, Result};
use tolzip_entropy::lz;

/// Words of a block; the last one has fewer.
const BLOCK: usize = 1 << 18;

/// How a block is coded. The numbers are those of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One word for all.
    Constant = 0,
    /// The words, little-endian.
    Raw = 1,
    /// Tokens in contexts, and open bits.
    Tokens = 2,
    /// Planes of bytes.
    Planes = 3,
    /// The bytes of the words, with repeats found.
    Repeats = 4,
    /// Tiles of as few bits a word as will do.
    Packed = 5,
    /// The same of distances from the least word of each tile.
    Based = 6,
}

/// Appends all blocks of `words`.
pub(crate) fn write<W: Lane>(words: &[W], kind: Kind, near: Neighbours, out: &mut Vec<u8>) {
    if matches!(kind, Kind::Packed | Kind::Based) {
        let mut rest = words;
        let next = |part: &mut [W]| {
            let (now, later) = rest.split_at(part.len());
            part.copy_from_slice(now);
            rest = later;
        };
        return write_made(words.len(), next, kind, near, out);
    }
    let mut writer = Writer::new(kind, near, words.len());
    words.chunks(BLOCK).for_each(|block| writer.block(block, out));
}

/// Appends all blocks of `n` words, each made by `next` when its turn comes, so that it stays in a cache.
pub(crate) fn write_made<W: Lane>(
    n: usize,
    mut next: impl FnMut(&mut [W]),
    kind: Kind,
    near: Neighbours,
    out: &mut Vec<u8>,
) {
    let lengths = (0..n).step_by(BLOCK).map(|from| (n - from).min(BLOCK));
    if matches!(kind, Kind::Packed | Kind::Based) {
        let mut part = vec![W::default(); n.min(PART)];
        let mut room = Room::new::<W>(part.len());
        return lengths.for_each(|n| in_parts(n, &mut next, kind, (&mut part, &mut room), out));
    }
    let mut writer = Writer::new(kind, near, n);
    let mut block = vec![W::default(); n.min(BLOCK)];
    for n in lengths {
        let block = &mut block[..n];
        next(block);
        writer.block(block, out);
    }
}

/// Words of whole tiles that are made and packed while they are in the nearest cache.
const PART: usize = 2048;

/// Appends a block of tiles, of which no more than a part is in memory.
fn in_parts<W: Lane>(
    n: usize,
    next: &mut impl FnMut(&mut [W]),
    kind: Kind,
    (part, room): (&mut [W], &mut Room),
    out: &mut Vec<u8>,
) {
    let raw = n * W::BYTES;
    let (at, begin) = leave_room(raw, out);
    out.reserve(raw);
    let (mut first, mut constant) = (None, true);
    for from in (0..n).step_by(PART) {
        let part = &mut part[..(n - from).min(PART)];
        next(part);
        let first = *first.get_or_insert(part[0]);
        constant = constant && part.iter().all(|w| *w == first);
        if kind == Kind::Based { pack::encode_based(part, room, out) } else { pack::encode(part, room, out) }
    }
    let kind = match first {
        Some(first) if constant => {
            out.truncate(begin);
            put(&[first], out);
            Kind::Constant
        }
        _ if out.len() - begin >= raw => {
            // Rare: they are unpacked again.
            let mut words = vec![W::default(); n];
            let packed = &out[begin..];
            let done = match kind {
                Kind::Based => pack::decode_based(packed, &mut words),
                _ => pack::decode(packed, &mut words),
            };
            debug_assert!(done.is_ok(), "tiles that were just packed");
            out.truncate(begin);
            put(&words, out);
            Kind::Raw
        }
        _ => kind,
    };
    head(kind, at, begin, out);
}

/// Leaves room in front of a block for its kind and its length, which come first but are known last: as much as the length of a
/// block takes that is shorter than the raw words. Where the room begins, and where it ends.
fn leave_room(raw: usize, out: &mut Vec<u8>) -> (usize, usize) {
    let at = out.len();
    let begin = at + 1 + leb128_len((raw as u64).saturating_sub(1));
    out.resize(begin, 0);
    (at, begin)
}

/// What was written, as far as later blocks need it.
struct Writer {
    kind: Kind,
    near: Neighbours,
    /// Behind the padding those of all words; zeros, or not there yet, for words that have none.
    tokens: Vec<u8>,
    words: usize,
}

impl Writer {
    fn new(kind: Kind, near: Neighbours, n: usize) -> Self {
        let mut tokens = vec![0u8; near.padding()];
        tokens.reserve(if kind == Kind::Tokens { n } else { 0 });
        Self { kind, near, tokens, words: 0 }
    }

    /// Appends a block.
    fn block<W: Lane>(&mut self, block: &[W], out: &mut Vec<u8>) {
        let raw = size_of_val(block);
        let mark = self.near.padding() + self.words;
        self.words += block.len();
        let (at, begin) = leave_room(raw, out);
        let kind = if block.iter().all(|w| *w == block[0]) {
            put(&block[..1], out);
            Kind::Constant
        } else {
            match self.kind {
                Kind::Tokens => {
                    self.tokens.resize(mark, 0);
                    tokens::encode(block, self.near, &mut self.tokens, out);
                }
                Kind::Planes => planes::encode(block, out),
                Kind::Repeats => {
                    let mut bytes = Vec::new();
                    put(block, &mut bytes);
                    lz::compress(&bytes, out);
                }
                // Tiles are made part by part.
                Kind::Packed | Kind::Based | Kind::Raw | Kind::Constant => {}
            }
            if out.len() == begin || out.len() - begin >= raw {
                out.truncate(begin);
                put(block, out);
                Kind::Raw
            } else {
                self.kind
            }
        };
        if kind != Kind::Tokens {
            self.tokens.truncate(mark);
        }
        head(kind, at, begin, out);
    }
}

/// Writes the kind and the length of the block that stands from `begin` on to `at`, and moves it to where they end.
fn head(kind: Kind, at: usize, begin: usize, out: &mut Vec<u8>) {
    let length = out.len() - begin;
    let mut head = Vec::with_capacity(1 + leb128_len(length as u64));
    head.push(kind as u8);
    put_leb128(&mut head, length as u64);
    let to = at + head.len();
    if to != begin {
        out.resize(out.len().max(to + length), 0);
        out.copy_within(begin..begin + length, to);
        out.truncate(to + length);
    }
    out[at..to].copy_from_slice(&head);
}

/// Appends words, little-endian.
fn put<W: Lane>(words: &[W], out: &mut Vec<u8>) {
    let begin = out.len();
    out.resize(begin + size_of_val(words), 0);
    for (place, w) in out[begin..].chunks_exact_mut(W::BYTES).zip(words) {
        place.copy_from_slice(&w.to_u64().to_le_bytes()[..W::BYTES]);
    }
}

/// Reads words, little-endian, which must fill `bytes`.
fn take<W: Lane>(bytes: &[u8], words: &mut [W]) -> Result<()> {
    if bytes.len() != size_of_val(words) {
        return Err(Error::corrupt("a block of another size than its words"));
    }
    for (w, b) in words.iter_mut().zip(bytes.chunks_exact(W::BYTES)) {
        let mut wide = [0; 8];
        wide[..W::BYTES].copy_from_slice(b);
        *w = W::from_u64(u64::from_le_bytes(wide));
    }
    Ok(())
}

/// Reads all blocks of `words`, which must fill what the reader has left; after each, `then` is called with the words and how many
/// of them are there.
///
/// # Errors
/// If the bytes are no such blocks.
pub(crate) fn read<W: Lane>(
    mut reader: Reader<'_>,
    near: Neighbours,
    words: &mut [W],
    mut then: impl FnMut(&mut [W], usize),
) -> Result<()> {
    let mut tokens = vec![0u8; near.padding()];
    for from in (0..words.len()).step_by(BLOCK) {
        let to = words.len().min(from + BLOCK);
        let block = &mut words[from..to];
        let kind = reader.u8()?;
        let coded = reader.prefixed()?;
        match kind {
            0 => {
                let mut one = [W::default()];
                take(coded, &mut one)?;
                block.fill(one[0]);
            }
            1 => take(coded, block)?,
            2 => {
                // Words without tokens have zeros.
                tokens.resize(near.padding() + from, 0);
                tokens::decode(coded, near, &mut tokens, block)?;
            }
            3 => planes::decode(coded, block)?,
            4 => {
                let mut bytes: Vec<u8> = try_vec(size_of_val(block))?;
                lz::decompress(coded, &mut bytes)?;
                take(&bytes, block)?;
            }
            5 => pack::decode(coded, block)?,
            6 => pack::decode_based(coded, block)?,
            _ => return Err(Error::corrupt("an unknown kind of block")),
        }
        then(words, to);
    }
    reader.finish()
}

//! Residuals as tokens, coded in the context of earlier tokens, and raw low bits.
//!
//! A token says where a residual's highest bit stands and what the next one is; the bits below are stored as they are.
//! How large a residual will be is well told by the residuals around it, of which only those at least one row back are
//! used: so a decoder knows the contexts of a whole run of tokens before it decodes them.

mod line;

use crate::cost;
use crate::lane::Lane;
use alloc::vec;
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128};
use tolzip_core::{Error, Result};
use tolzip_entropy::rans::{self, Tables};

/// Tokens of words of 64 bits.
pub(crate) const ALPHABET: usize = 128;
/// A context has a table of 16 KiB when decoding: this many stay in the second-level cache.
const MAX_CONTEXTS: usize = 16;
/// Runs of tokens are whole rounds of the 32 lanes of rANS.
const ROUND: usize = 32;

/// 0 and 1 are themselves; a word of L >= 2 bits is `2 (L - 1)` plus its second bit.
#[inline(always)]
pub(crate) fn token<W: Lane>(word: W) -> u8 {
    let length = word.bit_length();
    if length < 2 {
        return length as u8;
    }
    (2 * (length - 1)) as u8 + (word.shr(length - 2).to_u64() & 1) as u8
}

/// Bits that a token leaves open.
#[inline(always)]
pub(crate) fn open_bits(token: u8) -> u32 {
    u32::from(token >> 1).saturating_sub(1)
}

/// Which earlier tokens a token's context comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neighbours {
    /// The value above: a row back, or several if rows are short.
    up: usize,
    /// A slice back; for tables two rows back.
    back: usize,
    /// The array has one axis only: the tokens just before.
    line: bool,
}

impl Neighbours {
    pub(crate) fn new(sides: [usize; 4]) -> Self {
        let values: usize = sides.iter().product();
        let row = sides[3].max(1);
        let rows = (ROUND + 1).div_ceil(row);
        let up = if row < values { rows * row } else { ROUND + 1 };
        let slice = row.saturating_mul(sides[2].max(1));
        let back = if slice < values && slice > up { slice } else { up.saturating_mul(2) };
        // Beyond the array there is nothing to lean on, and the padding need not be long.
        Self {
            up: up.min(values + ROUND + 1),
            back: back.min(2 * values + 2 * ROUND + 2),
            line: row == values,
        }
    }

    /// Zeros in front of the first token.
    pub(crate) fn padding(self) -> usize {
        self.up.max(self.back) + 1
    }

    /// Tokens whose contexts are known at once.
    fn run(self) -> usize {
        ((self.up - 1) / ROUND * ROUND).min(4096)
    }

    /// The mean of the neighbours of `out.len()` tokens, of which the first one stands at `at` in the padded tokens.
    fn levels(self, tokens: &[u8], at: usize, out: &mut [u8]) {
        let n = out.len();
        let up = &tokens[at - self.up - 1..][..n + 2];
        let back = &tokens[at - self.back..][..n];
        for (i, (o, &b)) in out.iter_mut().zip(back).enumerate() {
            let sum = u16::from(up[i]) + 2 * u16::from(up[i + 1]) + u16::from(up[i + 2]);
            // (3 * mean of the row + back) / 4, over 4.
            *o = ((3 * sum + 4 * u16::from(b) + 8) >> 4) as u8;
        }
    }
}

/// Appends the residuals of one block to `out`. `tokens` holds the padding, the tokens of the array before the block,
/// and gets those of the block.
pub(crate) fn encode<W: Lane>(words: &[W], near: Neighbours, tokens: &mut Vec<u8>, out: &mut Vec<u8>) {
    let at = tokens.len();
    let n = words.len();
    tokens.extend(words.iter().map(|&w| token(w)));
    let mut levels = vec![0u8; n];
    let lined;
    let symbols: &[u8] = if near.line {
        lined = line::interleave(&tokens[at..]);
        line::levels(&lined, &mut levels);
        &lined[line::PADDING..]
    } else {
        near.levels(tokens, at, &mut levels);
        &tokens[at..]
    };
    let mut contexts = levels;

    let mut counts = vec![[0u32; ALPHABET]; ALPHABET];
    for (&t, &level) in symbols.iter().zip(&contexts) {
        counts[usize::from(level & 127)][usize::from(t & 127)] += 1;
    }
    let (starts, counts) = merge(&counts, n);
    let mut map = [0u8; ALPHABET];
    for (context, &start) in starts.iter().enumerate() {
        map[usize::from(start)..].fill(context as u8);
    }
    for c in &mut contexts {
        *c = map[usize::from(*c & 127)];
    }

    let alphabet = usize::from(symbols.iter().fold(0, |m, &t| m.max(t))) + 1;
    out.push(starts.len() as u8);
    out.extend_from_slice(&starts[1..]);
    out.push(alphabet as u8);
    let flat: Vec<u32> = counts.iter().flat_map(|row| row[..alphabet].iter().copied()).collect();
    let tables = Tables::from_counts(&flat, alphabet);
    tables.write(out);
    let mut coded = Vec::new();
    rans::encode(symbols, &contexts, &tables, &mut coded);
    put_leb128(out, coded.len() as u64);
    out.extend_from_slice(&coded);
    crate::open::write(words, &tokens[at..], out);
}

/// Decodes what [`encode`] appended into `words`.
///
/// # Errors
/// If the bytes are no such block.
pub(crate) fn decode<W: Lane>(
    bytes: &[u8],
    near: Neighbours,
    tokens: &mut Vec<u8>,
    words: &mut [W],
) -> Result<()> {
    let mut reader = Reader::new(bytes);
    let count = usize::from(reader.u8()?);
    if !(1..=MAX_CONTEXTS).contains(&count) {
        return Err(Error::corrupt("a number of contexts out of range"));
    }
    let starts = reader.take(count - 1)?;
    let mut map = [0u8; ALPHABET];
    for (i, &start) in starts.iter().enumerate() {
        let Some(rest) = map.get_mut(usize::from(start)..) else {
            return Err(Error::corrupt("a context beyond the last level"));
        };
        rest.fill(i as u8 + 1);
    }
    let alphabet = usize::from(reader.u8()?);
    if !(1..=2 * W::BITS as usize).contains(&alphabet) {
        return Err(Error::corrupt("an alphabet out of range"));
    }
    let tables = Tables::read(&mut reader, count, alphabet)?;
    let mut decoder = rans::Decoder::new(reader.prefixed()?, &tables)?;
    let first = tokens.len();
    let mut at = first;
    tokens.resize(first + words.len(), 0);
    if near.line {
        line::decode(&mut decoder, &map, &mut tokens[first..])?;
        at = tokens.len();
    }
    let mut contexts = [0u8; 4096];
    while at < tokens.len() {
        let n = near.run().min(tokens.len() - at);
        let contexts = &mut contexts[..n];
        near.levels(tokens, at, contexts);
        for c in &mut *contexts {
            *c = map[usize::from(*c & 127)];
        }
        decoder.decode(contexts, &mut tokens[at..at + n])?;
        at += n;
    }
    decoder.finish()?;
    crate::open::read(reader.rest(), &tokens[first..], words)
}

/// Joins neighbouring levels into contexts: the first level of each, and its counts.
fn merge(levels: &[[u32; ALPHABET]], n: usize) -> (Vec<u8>, Vec<[u32; ALPHABET]>) {
    // A table costs bytes in the stream, and time in the decoder.
    const TABLE_BITS: u64 = 200;
    let least = (n / 32).max(256) as u64;
    let mut groups: Vec<(u8, u64, [u32; ALPHABET])> = vec![(0, 0, [0; ALPHABET])];
    for (level, row) in levels.iter().enumerate() {
        let total: u64 = row.iter().map(|&c| u64::from(c)).sum();
        if total == 0 {
            continue;
        }
        match groups.last_mut() {
            Some(last) if last.1 < least => add(last, total, row),
            _ => groups.push((level as u8, total, *row)),
        }
    }
    if groups.len() > 1
        && groups.last().is_some_and(|g| g.1 < least)
        && let (Some(last), Some(before)) = (groups.pop(), groups.last_mut())
    {
        add(before, last.1, &last.2);
    }
    let entropy = |g: &[u32; ALPHABET]| cost::entropy(g.iter().copied());
    let mut bits: Vec<u64> = groups.iter().map(|g| entropy(&g.2)).collect();
    let joined =
        |a: &[u32; ALPHABET], b: &[u32; ALPHABET]| cost::entropy(a.iter().zip(b).map(|(&x, &y)| x + y));
    let mut loss: Vec<u64> = (1..groups.len())
        .map(|i| joined(&groups[i - 1].2, &groups[i].2).saturating_sub(bits[i - 1] + bits[i]))
        .collect();
    while let Some((i, &least)) = loss.iter().enumerate().min_by_key(|&(i, &l)| (l, i)) {
        if groups.len() <= MAX_CONTEXTS && least > TABLE_BITS << cost::FRACTION {
            break;
        }
        let right = groups.remove(i + 1);
        add(&mut groups[i], right.1, &right.2);
        bits.remove(i + 1);
        bits[i] = entropy(&groups[i].2);
        loss.remove(i);
        for k in [i.wrapping_sub(1), i] {
            if k < loss.len() {
                loss[k] = joined(&groups[k].2, &groups[k + 1].2).saturating_sub(bits[k] + bits[k + 1]);
            }
        }
    }
    groups.into_iter().map(|g| (g.0, g.2)).unzip()
}

fn add(group: &mut (u8, u64, [u32; ALPHABET]), total: u64, row: &[u32; ALPHABET]) {
    group.1 += total;
    for (a, &b) in group.2.iter_mut().zip(row) {
        *a += b;
    }
}

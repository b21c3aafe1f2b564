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
use tolzip_simd::histogram::histograms;
use tolzip_simd::residuals as kernel;
use tolzip_simd::rows::translate;

use tolzip_simd::residuals::open_bits;

/// Tokens of words of 64 bits.
pub(crate) const ALPHABET: usize = 128;
/// A context has a table of 16 KiB when decoding: this many stay in the second-level cache.
const MAX_CONTEXTS: usize = 16;
/// Tokens between two looks at what to sample.
const SAMPLE: usize = 1024;
/// Runs of tokens are whole rounds of the 32 lanes of rANS.
const ROUND: usize = 32;

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
        kernel::levels(up, back, out);
    }
}

/// Appends the residuals of one block to `out`. `tokens` holds the padding, the tokens of the array before the block,
/// and gets those of the block.
pub(crate) fn encode<W: Lane>(words: &[W], near: Neighbours, tokens: &mut Vec<u8>, out: &mut Vec<u8>) {
    let at = tokens.len();
    let n = words.len();
    tokens.resize(at + n, 0);
    kernel::tokens(words, &mut tokens[at..]);
    let mut contexts = vec![0u8; n];
    let lined;
    let symbols: &[u8] = if near.line {
        lined = line::interleave(&tokens[at..]);
        line::levels(&lined, &mut contexts);
        &lined[line::PADDING..]
    } else {
        near.levels(tokens, at, &mut contexts);
        &tokens[at..]
    };

    // Which levels are alike is seen as well by a part of the tokens.
    let highest = |bytes: &[u8]| bytes.iter().fold(0, |m, &b| m.max(b));
    let mut seen = vec![[0u32; ALPHABET]; usize::from(highest(&contexts)) + 1];
    let every = if n < 4 * SAMPLE { SAMPLE } else { 4 * SAMPLE };
    let mut sampled = 0;
    for (symbols, levels) in symbols.chunks(every).zip(contexts.chunks(every)) {
        let part = symbols.len().min(SAMPLE);
        histograms(&symbols[..part], &levels[..part], &mut seen);
        sampled += part;
    }
    let starts = merge(&seen, sampled);
    let mut map = [0u8; ALPHABET];
    for (context, &start) in starts.iter().enumerate() {
        map[usize::from(start)..].fill(context as u8);
    }
    translate(&mut contexts, &map);
    let mut counts = vec![[0u32; ALPHABET]; starts.len()];
    histograms(symbols, &contexts, &mut counts);

    let alphabet = usize::from(highest(symbols)) + 1;
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
    let begin = out.len();
    let open: u64 = flat.chunks(alphabet).map(open_of).sum();
    out.resize(begin + open.div_ceil(8) as usize + 8, 0);
    let length = kernel::open_write(words, &tokens[at..], &mut out[begin..]);
    out.truncate(begin + length);
}

/// Bits that tokens leave open, of which there are `counts`.
pub(crate) fn open_of(counts: &[u32]) -> u64 {
    counts.iter().zip(0u8..).map(|(&n, token)| u64::from(n) * u64::from(open_bits(token))).sum()
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
    } else {
        at += decoder.decode_near(&map, [near.up, near.back], tokens, at);
    }
    let mut contexts = [0u8; 4096];
    while at < tokens.len() {
        let n = near.run().min(tokens.len() - at);
        let contexts = &mut contexts[..n];
        near.levels(tokens, at, contexts);
        translate(contexts, &map);
        decoder.decode(contexts, &mut tokens[at..at + n])?;
        at += n;
    }
    decoder.finish()?;
    if kernel::open_read(reader.rest(), &tokens[first..], words) {
        Ok(())
    } else {
        Err(Error::corrupt("the open bits are not as many as the tokens say"))
    }
}

/// Joins neighbouring levels into contexts: the first level of each.
fn merge(levels: &[[u32; ALPHABET]], n: usize) -> Vec<u8> {
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
    groups.into_iter().map(|g| g.0).collect()
}

fn add(group: &mut (u8, u64, [u32; ALPHABET]), total: u64, row: &[u32; ALPHABET]) {
    group.1 += total;
    for (a, &b) in group.2.iter_mut().zip(row) {
        *a += b;
    }
}

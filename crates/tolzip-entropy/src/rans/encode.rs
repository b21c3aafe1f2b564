//! The encoder: symbols backwards through the states, words into the stream.

use super::{FEW_LANES, FEW_LANES_BYTES, MANY_LANES, PROB_BITS, START, Tables};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// What the encoder needs to know of one symbol in one context.
#[derive(Clone, Copy, Default)]
struct Entry {
    /// `ceil(2^44 / frequency)`: `x * reciprocal >> 44` is `x / frequency` for every `x < frequency * 2^20`, which the
    /// states are when they are divided. The product stays below 2^64.
    reciprocal: u64,
    /// 4096 - frequency.
    complement: u16,
    /// Sum of the frequencies before this one.
    start: u16,
    /// A state at or above `limit << 16` must shed a word first: frequency * 16.
    limit: u32,
}

fn entries(tables: &Tables) -> Vec<Entry> {
    let mut all = Vec::with_capacity(tables.contexts() * 256);
    for row in tables.rows() {
        let mut start = 0;
        for &f in row {
            let wide = u64::from(f);
            all.push(Entry {
                reciprocal: (1u64 << 44)
                    .checked_div(wide)
                    .map_or(0, |q| q + u64::from(!wide.is_power_of_two())),
                complement: (1 << PROB_BITS) - f,
                start,
                limit: u32::from(f) << 4,
            });
            start += f;
        }
        all.resize(all.len() + 256 - row.len(), Entry::default());
    }
    all
}

/// Appends the stream of `symbols`, each coded with the table that its context selects.
///
/// # Panics
/// If the slices differ in length, or a symbol does not occur in its context's table.
pub fn encode(symbols: &[u8], contexts: &[u8], tables: &Tables, out: &mut Vec<u8>) {
    assert_eq!(symbols.len(), contexts.len());
    let entries = entries(tables);
    if estimate(symbols, contexts, &entries) < FEW_LANES_BYTES {
        out.push(0);
        run::<FEW_LANES>(symbols, contexts, &entries, out);
    } else {
        out.push(1);
        run::<MANY_LANES>(symbols, contexts, &entries, out);
    }
}

/// Bytes of the stream, by a sample of at most a few thousand symbols. Only chooses the number of lanes.
fn estimate(symbols: &[u8], contexts: &[u8], entries: &[Entry]) -> u64 {
    let n = symbols.len();
    let every = n / 4096 + 1;
    let mut bits = 0u64;
    for (&s, &c) in symbols.iter().zip(contexts).step_by(every) {
        // 16 * frequency, so that 16 - log2 of it is 12 - log2(frequency).
        let f = entries.get(usize::from(c) << 8 | usize::from(s)).map_or(1, |e| e.limit.max(1));
        let log = 31 - f.leading_zeros();
        // A linear log2 within the octave, in 1/256 bit.
        let fraction = (u64::from(f) << 8 >> log) - 256;
        bits += (16u64 << 8).saturating_sub((u64::from(log) << 8) + fraction);
    }
    (bits * every as u64) >> 11
}

/// Symbols between two visits of the output vector.
const BLOCK: usize = 1 << 12;

fn run<const LANES: usize>(symbols: &[u8], contexts: &[u8], entries: &[Entry], out: &mut Vec<u8>) {
    let mut states = [START; LANES];
    // Words in the order of encoding, which is the reverse of the stream's.
    let mut words: Vec<u16> = Vec::new();
    let mut block: Box<[u16]> = vec![0; BLOCK].into();
    let mut unknown = false;
    let n = symbols.len();
    let mut end = n;
    while end > 0 {
        let begin = (end - 1) / BLOCK * BLOCK;
        let mut used = 0;
        let mut one = |lane: &mut u32, s: u8, c: u8| {
            let e = match entries.get(usize::from(c) << 8 | usize::from(s)) {
                Some(e) => *e,
                None => Entry::default(),
            };
            unknown |= e.limit == 0;
            let x = *lane;
            // Written always, kept if the state is too large.
            block[used & (BLOCK - 1)] = x as u16;
            let full = x >> 16 >= e.limit;
            used += usize::from(full);
            let x = if full { x >> 16 } else { x };
            let quotient = ((u64::from(x) * e.reciprocal) >> 44) as u32;
            *lane = x
                .wrapping_add(quotient.wrapping_mul(u32::from(e.complement)))
                .wrapping_add(u32::from(e.start));
        };
        // BLOCK is a multiple of the lanes, so that every block but the last begins and ends with whole rounds.
        let whole = begin + (end - begin) / LANES * LANES;
        for i in (whole..end).rev() {
            one(&mut states[i % LANES], symbols[i], contexts[i]);
        }
        let rounds =
            symbols[begin..whole].chunks_exact(LANES).zip(contexts[begin..whole].chunks_exact(LANES));
        for (s, c) in rounds.rev() {
            for lane in (0..LANES).rev() {
                one(&mut states[lane], s[lane], c[lane]);
            }
        }
        words.extend_from_slice(&block[..used]);
        end = begin;
    }
    assert!(!unknown, "every symbol must have been counted in its context");
    out.reserve(4 * LANES + 2 * words.len());
    for x in states {
        out.extend_from_slice(&x.to_le_bytes());
    }
    out.extend(words.iter().rev().flat_map(|w| w.to_le_bytes()));
}

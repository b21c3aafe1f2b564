//! The encoder: symbols backwards through the states, words into the stream.

use super::{FEW_LANES, FEW_LANES_BYTES, START, Tables};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_simd::rans as kernel;

/// For each context, its 256 symbols' frequencies and their running sums.
fn entries(tables: &Tables) -> Vec<u32> {
    let mut all = vec![0; tables.contexts() * 256];
    for (row, entries) in tables.rows().zip(all.as_chunks_mut::<256>().0) {
        let mut start = 0;
        for (&f, entry) in row.iter().zip(entries) {
            *entry = kernel::entry(f, start);
            start += f;
        }
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
    if !is_long(symbols, contexts, &entries) {
        out.push(0);
        run(symbols, contexts, &entries, out, kernel::encode_scalar::<FEW_LANES>);
    } else {
        out.push(1);
        run(symbols, contexts, &entries, out, kernel::encode);
    }
}

/// Whether the stream takes [`FEW_LANES_BYTES`] or more, by a sample of at most a few thousand symbols. Only chooses the
/// number of lanes.
fn is_long(symbols: &[u8], contexts: &[u8], entries: &[u32]) -> bool {
    /// Sampled symbols between two looks at the sum.
    const PART: usize = 64;
    // No symbol takes more than 12 bits.
    if symbols.len() as u64 * u64::from(kernel::PROB_BITS) < FEW_LANES_BYTES * 8 {
        return false;
    }
    let every = symbols.len() / 4096 + 1;
    let mut bits = 0u64;
    for (symbols, contexts) in symbols.chunks(PART * every).zip(contexts.chunks(PART * every)) {
        for (&s, &c) in symbols.iter().zip(contexts).step_by(every) {
            // 16 * frequency, so that 16 - log2 of it is 12 - log2(frequency).
            let f =
                entries.get(usize::from(c) << 8 | usize::from(s)).map_or(1, |e| (e << 4 & 0x1_ffff).max(1));
            let log = 31 - f.leading_zeros();
            // A linear log2 within the octave, in 1/256 bit.
            let fraction = (u64::from(f) << 8 >> log) - 256;
            bits += (16u64 << 8).saturating_sub((u64::from(log) << 8) + fraction);
        }
        if (bits * every as u64) >> 11 >= FEW_LANES_BYTES {
            return true;
        }
    }
    false
}

/// Appends the states and the words; `rounds` encodes the symbols that fill whole rounds of the lanes.
fn run<const LANES: usize>(
    symbols: &[u8],
    contexts: &[u8],
    entries: &[u32],
    out: &mut Vec<u8>,
    rounds: impl Fn(&[u32], &mut [u32; LANES], &[u8], &[u8], &mut [u16]) -> Option<usize>,
) {
    let whole = symbols.len() / LANES * LANES;
    // No symbol needs more than a word; zeroed pages that are not written cost nothing.
    let mut words = vec![0u16; symbols.len()];
    let mut states = [START; LANES];
    let (front, back) = words.split_at_mut(whole);
    // The symbols after the last whole round have lanes of their own, each one symbol: from the last to the first.
    let mut used = Some(0);
    let mut held = symbols.len() - whole;
    for (lane, (s, c)) in symbols[whole..].iter().zip(&contexts[whole..]).enumerate().rev() {
        let state = core::array::from_mut(&mut states[lane]);
        let mut word = [0];
        let one = kernel::encode_scalar::<1>(entries, state, &[*s], &[*c], &mut word);
        if one == Some(1) {
            held -= 1;
            back[held] = word[0];
        }
        used = used.and(one);
    }
    used = used.and(rounds(entries, &mut states, &symbols[..whole], &contexts[..whole], front));
    let Some(used) = used else { panic!("every symbol must have been counted in its context") };
    out.reserve(4 * LANES + 2 * (used + back.len() - held));
    for x in states {
        out.extend_from_slice(&x.to_le_bytes());
    }
    for words in [&front[whole - used..], &back[held..]] {
        let at = out.len();
        out.resize(at + 2 * words.len(), 0);
        for (place, word) in out[at..].as_chunks_mut::<2>().0.iter_mut().zip(words) {
            *place = word.to_le_bytes();
        }
    }
}

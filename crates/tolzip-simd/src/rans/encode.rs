//! Encoding of interleaved rANS: the inner loop of `tolzip_entropy::rans`, where the format is described.

use super::{LANES, PROB_BITS};

/// What the encoder needs to know of one symbol in one context: its frequency (0 to 4096) in the low 16 bits, and the sum
/// of the frequencies before it above.
#[must_use]
pub const fn entry(frequency: u16, start: u16) -> u32 {
    frequency as u32 | (start as u32) << 16
}

/// `ceil(2^44 / frequency)`: `x * reciprocal >> 44` is `x / frequency` for every `x < frequency * 2^20`, which states are
/// when they are divided. The product stays below 2^64.
static RECIPROCALS: [u64; (1 << PROB_BITS) + 1] = {
    let mut all = [0; (1 << PROB_BITS) + 1];
    let mut f = 1;
    while f < all.len() {
        all[f] = (1u64 << 44).div_ceil(f as u64);
        f += 1;
    }
    all
};

/// Encodes symbols, of which there are whole rounds of 32 lanes, from the last to the first; the words fill `words` from
/// its end, in the order in which a decoder reads them. `entries` has 256 of them for each context. The result is the
/// number of words, or `None` if a symbol's frequency is 0 or missing.
///
/// # Panics
/// If the slices differ in length, or are no whole rounds.
#[must_use]
pub fn encode(
    entries: &[u32],
    states: &mut [u32; LANES],
    symbols: &[u8],
    contexts: &[u8],
    words: &mut [u16],
) -> Option<usize> {
    assert!(symbols.len() == contexts.len() && symbols.len() == words.len());
    assert!(symbols.len().is_multiple_of(LANES), "whole rounds");
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if super::has_avx512() {
        let most = contexts.iter().fold(0, |m, &c| m.max(c));
        if usize::from(most) >= entries.len() >> 8 {
            return contexts.is_empty().then_some(0);
        }
        // SAFETY: the CPU has the features, every context has its entries, and the lengths were checked.
        return unsafe { super::x86_encode::encode_avx512(entries, states, symbols, contexts, words) };
    }
    encode_scalar(entries, states, symbols, contexts, words)
}

/// The definition of [`encode`], for any number of lanes.
///
/// # Panics
/// As [`encode`].
#[must_use]
pub fn encode_scalar<const N: usize>(
    entries: &[u32],
    states: &mut [u32; N],
    symbols: &[u8],
    contexts: &[u8],
    words: &mut [u16],
) -> Option<usize> {
    assert!(symbols.len() == contexts.len() && symbols.len() == words.len());
    assert!(symbols.len().is_multiple_of(N), "whole rounds");
    let mut missing = false;
    let mut left = words.len();
    for (s, c) in symbols.chunks_exact(N).zip(contexts.chunks_exact(N)).rev() {
        for lane in (0..N).rev() {
            let entry = entries.get(usize::from(c[lane]) << 8 | usize::from(s[lane])).copied().unwrap_or(0);
            let (frequency, start) = (entry & 0xffff, entry >> 16);
            missing |= frequency == 0;
            let x = states[lane];
            // Written always, kept if the state is too large.
            words[left - 1] = x as u16;
            let full = x >> 20 >= frequency;
            left -= usize::from(full);
            let x = if full { x >> 16 } else { x };
            let reciprocal = RECIPROCALS[frequency.min(1 << PROB_BITS) as usize];
            let quotient = ((u64::from(x) * reciprocal) >> 44) as u32;
            let complement = (1u32 << PROB_BITS).wrapping_sub(frequency);
            states[lane] = x.wrapping_add(quotient.wrapping_mul(complement)).wrapping_add(start);
        }
    }
    (!missing).then(|| words.len() - left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;
    extern crate std;

    /// Frequencies of all sizes, and every state that a division can meet.
    #[test]
    fn every_version_encodes_the_same() {
        let mut x = 1u64;
        let mut next = || {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (x >> 33) as u32
        };
        let tables: [&[u16]; 5] =
            [&[4096], &[1, 4095], &[2049, 2047], &[1000, 1001, 3, 7, 85, 1500, 500], &[256; 16]];
        let mut entries = Vec::new();
        for table in tables {
            let mut start = 0;
            for &f in table {
                entries.push(entry(f, start));
                start += f;
            }
            entries.resize(entries.len().next_multiple_of(256), 0);
        }
        let n = 64 * LANES;
        for _ in 0..50 {
            let contexts: Vec<u8> = (0..n).map(|_| (next() % 5) as u8).collect();
            let symbols: Vec<u8> =
                contexts.iter().map(|&c| (next() as usize % tables[usize::from(c)].len()) as u8).collect();
            let mut a: [u32; LANES] = core::array::from_fn(|_| next() | 1 << 16);
            let mut b = a;
            let (mut p, mut q) = (vec![0; n], vec![0; n]);
            let used = encode(&entries, &mut a, &symbols, &contexts, &mut p);
            assert_eq!(used, encode_scalar(&entries, &mut b, &symbols, &contexts, &mut q));
            let used = used.unwrap();
            assert_eq!((a, &p[n - used..]), (b, &q[n - used..]));
        }
        let mut states = [1 << 16; LANES];
        assert_eq!(encode(&entries, &mut states, &[9; 32], &[2; 32], &mut [0; 32]), None);
        assert_eq!(encode(&entries, &mut states, &[0; 32], &[5; 32], &mut [0; 32]), None);
    }
}

//! The bits that tokens leave open, one after the other: the first bit is the least significant of the first byte.

use super::token::{known, open_bits};
use super::versions;
use crate::lane::Lane;

/// Words between two looks at the room left.
const RUN: usize = 32;

versions! {
    /// Writes the open bits of `words` to the front of `out`, filling up the last byte with zeros; how many bytes.
    ///
    /// # Panics
    /// If the slices differ in length, or `out` has not room for all bits and 8 bytes more.
    open_write<W: Lane>(words: &[W], tokens: &[u8], out: &mut [u8]) -> usize {
        assert_eq!(words.len(), tokens.len());
        let (mut held, mut count, mut at) = (0u64, 0u32, 0);
        let mut put = |bits: u64, n: u32| {
            held |= bits << count;
            count += n;
            out[at..at + 8].copy_from_slice(&held.to_le_bytes());
            // `count` is at most 7 + 56.
            at += (count / 8) as usize;
            held >>= count & !7;
            count %= 8;
        };
        if W::BITS < 64 {
            // Two together have at most 60 bits: 56, and all is one step.
            let (pairs, last) = (words.chunks_exact(2), words.chunks_exact(2).remainder());
            for (w, t) in pairs.zip(tokens.chunks_exact(2)) {
                let (a, b) = ((w[0] ^ known(t[0])).to_u64(), (w[1] ^ known(t[1])).to_u64());
                let (m, n) = (open_bits(t[0]), open_bits(t[1]));
                if m + n <= 56 {
                    put(a | b << m, m + n);
                } else {
                    put(a, m);
                    put(b, n);
                }
            }
            if let (Some(&w), Some(&t)) = (last.first(), tokens.last()) {
                put((w ^ known(t)).to_u64(), open_bits(t));
            }
        } else {
            for (&w, &t) in words.iter().zip(tokens) {
                let n = open_bits(t);
                let bits = (w ^ known(t)).to_u64();
                if n <= 56 {
                    put(bits, n);
                } else {
                    put(bits & 0xffff_ffff, 32);
                    put(bits >> 32, n - 32);
                }
            }
        }
        at + usize::from(count > 0)
    }
}

versions! {
    /// Puts words together from their tokens and the open bits. False if these do not fill `bytes` exactly, the last byte
    /// filled up with zeros; what was written to `words` then means nothing.
    ///
    /// # Panics
    /// If the slices differ in length.
    open_read<W: Lane>(bytes: &[u8], tokens: &[u8], words: &mut [W]) -> bool {
        assert_eq!(words.len(), tokens.len());
        let mut at = 0u64;
        for (words, tokens) in words.chunks_mut(RUN).zip(tokens.chunks(RUN)) {
            let from = (at / 8) as usize;
            // A run takes at most 32 times 62 bits, and loads reach 8 bytes beyond.
            const WINDOW: usize = RUN * 8 + 8;
            let Some(window) = bytes.get(from..).and_then(|b| b.first_chunk::<WINDOW>()) else {
                let mut last = [0; WINDOW];
                let rest = bytes.get(from..).unwrap_or(&[]);
                last[..rest.len()].copy_from_slice(rest);
                at = from as u64 * 8 + u64::from(run(&last, (at % 8) as u32, tokens, words));
                continue;
            };
            at = from as u64 * 8 + u64::from(run(window, (at % 8) as u32, tokens, words));
        }
        let spare = (bytes.len() as u64 * 8).wrapping_sub(at);
        spare < 8 && bytes.last().is_none_or(|&b| spare == 0 || b >> (8 - spare) == 0)
    }
}

/// Reads one run; the position behind it.
#[inline(always)]
fn run<W: Lane, const N: usize>(window: &[u8; N], from: u32, tokens: &[u8], words: &mut [W]) -> u32 {
    let mut at = from;
    let load = |at: u32| {
        // Never beyond the window: the masked position is for the compiler's sake.
        let i = (at / 8) as usize & 255;
        let mut word = [0; 8];
        word.copy_from_slice(&window[i..i + 8]);
        u64::from_le_bytes(word) >> (at % 8)
    };
    for (w, &t) in words.iter_mut().zip(tokens) {
        let n = open_bits(t) & (W::BITS - 1);
        let bits = if W::BITS < 64 || n <= 56 {
            load(at) & ((1u64 << n) - 1)
        } else {
            load(at) & 0xffff_ffff | (load(at + 32) & ((1u64 << (n - 32)) - 1)) << 32
        };
        at += n;
        *w = known::<W>(t) ^ W::from_u64(bits);
    }
    at
}

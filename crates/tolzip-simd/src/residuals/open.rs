//! The bits that tokens leave open, one after the other: the first bit is the least significant of the first byte.

use super::token::{known, open_bits};
use super::versions;
use crate::lane::Lane;

/// Words between two looks at the room left.
const RUN: usize = 32;
/// Runs between two looks at how many bits are open: where that changed from run to run, guesses would go wrong.
const STRETCH: usize = 8;
/// Bits that are put at once.
const MOST: u32 = 56;

/// Writes the open bits of `words` to the front of `out`, filling up the last byte with zeros; how many bytes.
///
/// # Panics
/// If the slices differ in length, or `out` has not room for all bits and 8 bytes more.
pub fn open_write<W: Lane>(words: &[W], tokens: &[u8], out: &mut [u8]) -> usize {
    assert_eq!(words.len(), tokens.len());
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if crate::cpu::cpu() == crate::cpu::Cpu::Avx512 {
        use super::{from_u32, from_u64, x86};
        if let Some(words) = from_u32(words) {
            // SAFETY: the CPU has the features.
            return unsafe { x86::open_write32(words, tokens, out) };
        }
        if let Some(words) = from_u64(words) {
            // SAFETY: the CPU has the features.
            return unsafe { x86::open_write64(words, tokens, out) };
        }
    }
    open_write_plain(words, tokens, out)
}

versions! {
    /// The definition of [`open_write`].
    #[allow(unreachable_pub, reason = "as versions are made")]
    open_write_plain<W: Lane>(words: &[W], tokens: &[u8], out: &mut [u8]) -> usize {
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
        // Words that have no more than that together, everywhere in a stretch; fewer where that is not so.
        let together = if W::BITS < 64 { 4 } else { 2 };
        for (words, tokens) in words.chunks(STRETCH * RUN).zip(tokens.chunks(STRETCH * RUN)) {
            let most = open_bits(tokens.iter().fold(0, |m, &t| m.max(t)));
            let short = most * together <= MOST;
            for (words, tokens) in words.chunks(RUN).zip(tokens.chunks(RUN)) {
                let (mut bits, mut lengths) = ([0u64; RUN], [0u32; RUN]);
                for ((b, n), (&w, &t)) in bits.iter_mut().zip(&mut lengths).zip(words.iter().zip(tokens)) {
                    *b = (w ^ known(t)).to_u64();
                    *n = open_bits(t);
                }
                if W::BITS < 64 {
                    // Two together have at most 60 bits: nearly always 56, and all is one step.
                    let (pairs, sums): ([_; RUN / 2], _) = joined(&bits, &lengths);
                    if short {
                        let (fours, sums): ([_; RUN / 4], _) = joined(&pairs, &sums);
                        for (&bits, &n) in fours.iter().zip(&sums).take(words.len().div_ceil(4)) {
                            put(bits, n);
                        }
                        continue;
                    }
                    for i in 0..words.len().div_ceil(2) {
                        if sums[i] <= MOST {
                            put(pairs[i], sums[i]);
                        } else {
                            put(bits[2 * i], lengths[2 * i]);
                            put(bits[2 * i + 1], lengths[2 * i + 1]);
                        }
                    }
                } else if short {
                    let (pairs, sums): ([_; RUN / 2], _) = joined(&bits, &lengths);
                    for (&bits, &n) in pairs.iter().zip(&sums).take(words.len().div_ceil(2)) {
                        put(bits, n);
                    }
                } else {
                    for (&bits, &n) in bits.iter().zip(&lengths).take(words.len()) {
                        if n <= MOST {
                            put(bits, n);
                        } else {
                            put(bits & 0xffff_ffff, 32);
                            put(bits >> 32, n - 32);
                        }
                    }
                }
            }
        }
        at + usize::from(count > 0)
    }
}

/// Each two neighbours' bits as one, and how many they are: the second's behind the first's.
#[inline(always)]
fn joined<const N: usize, const HALF: usize>(
    bits: &[u64; N],
    lengths: &[u32; N],
) -> ([u64; HALF], [u32; HALF]) {
    let (mut pairs, mut sums) = ([0; HALF], [0; HALF]);
    for i in 0..HALF {
        pairs[i] = bits[2 * i] | bits[2 * i + 1] << lengths[2 * i];
        sums[i] = lengths[2 * i] + lengths[2 * i + 1];
    }
    (pairs, sums)
}

/// Puts words together from their tokens and the open bits. False if these do not fill `bytes` exactly, the last byte filled
/// up with zeros; what was written to `words` then means nothing.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn open_read<W: Lane>(bytes: &[u8], tokens: &[u8], words: &mut [W]) -> bool {
    assert_eq!(words.len(), tokens.len());
    let at = position_behind(bytes, tokens, words);
    let spare = (bytes.len() as u64 * 8).wrapping_sub(at);
    spare < 8 && bytes.last().is_none_or(|&b| spare == 0 || b >> (8 - spare) == 0)
}

fn position_behind<W: Lane>(bytes: &[u8], tokens: &[u8], words: &mut [W]) -> u64 {
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if crate::cpu::cpu() == crate::cpu::Cpu::Avx512 {
        use super::{as_u32, as_u64, x86};
        if let Some(words) = as_u32(words) {
            // SAFETY: the CPU has the features.
            return unsafe { x86::open_read32(bytes, tokens, words) };
        }
        if let Some(words) = as_u64(words) {
            // SAFETY: the CPU has the features.
            return unsafe { x86::open_read64(bytes, tokens, words) };
        }
    }
    open_read_plain(bytes, tokens, words)
}

versions! {
    /// The definition of [`open_read`], apart from its last look; the position behind the bits.
    #[allow(unreachable_pub, reason = "as versions are made")]
    open_read_plain<W: Lane>(bytes: &[u8], tokens: &[u8], words: &mut [W]) -> u64 {
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
        at
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
    // In three steps, of which only the middle one can't be done for many words at once.
    let (mut raw, mut lengths) = ([0u64; RUN], [0u32; RUN]);
    for (n, &t) in lengths.iter_mut().zip(tokens) {
        *n = open_bits(t) & (W::BITS - 1);
    }
    for (bits, &n) in raw.iter_mut().zip(&lengths) {
        *bits = load(at);
        if W::BITS == 64 && n > 56 {
            *bits = *bits & 0xffff_ffff | load(at + 32) << 32;
        }
        at += n;
    }
    for ((w, &t), (&bits, &n)) in words.iter_mut().zip(tokens).zip(raw.iter().zip(&lengths)) {
        *w = known::<W>(t) ^ W::from_u64(bits & ((1 << n) - 1));
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn every_version_writes_the_same() {
        fn check<W: Lane>() {
            let mut x = 7u64;
            for n in [0, 1, 7, 8, 15, 16, 17, 1000] {
                for least in [0, 40, 63] {
                    let words: Vec<W> = (0..n)
                        .map(|_| {
                            x = x
                                .wrapping_mul(6_364_136_223_846_793_005)
                                .wrapping_add(1_442_695_040_888_963_407);
                            W::from_u64(x >> ((x >> 20) % (64 - least)))
                        })
                        .collect();
                    let tokens: Vec<u8> = words.iter().map(|&w| crate::residuals::token(w)).collect();
                    let (mut a, mut b) = (vec![0xaa; n * W::BYTES + 8], vec![0x55; n * W::BYTES + 8]);
                    let length = open_write(&words, &tokens, &mut a);
                    assert_eq!(length, open_write_plain(&words, &tokens, &mut b));
                    assert!(a[..length] == b[..length], "{n} {least}");
                }
            }
        }
        check::<u32>();
        check::<u64>();
    }

    /// Any tokens and any bits, also fewer than the tokens say.
    #[test]
    fn every_version_reads_the_same() {
        fn check<W: Lane>() {
            let mut x = 1u64;
            let mut next = || {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                x >> 33
            };
            for n in [0, 1, 7, 8, 15, 16, 17, 100] {
                for bytes in [0, 1, 63, 64, 65, 700] {
                    let bytes: Vec<u8> = (0..bytes).map(|_| next() as u8).collect();
                    let tokens: Vec<u8> = (0..n).map(|_| (next() % u64::from(2 * W::BITS)) as u8).collect();
                    let (mut a, mut b) = (vec![W::default(); n], vec![W::default(); n]);
                    let at = position_behind(&bytes, &tokens, &mut a);
                    assert_eq!(at, open_read_plain(&bytes, &tokens, &mut b));
                    assert!(a == b, "{n} {}", bytes.len());
                }
            }
        }
        check::<u32>();
        check::<u64>();
    }
}

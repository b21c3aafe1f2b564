//! The bits that tokens leave open, one after the other: the first bit is the least significant of the first byte.

use crate::lane::Lane;
use crate::tokens::open_bits;
use alloc::vec::Vec;
use tolzip_core::{Error, Result};

/// The highest bit or two of a word, which its token tells.
#[inline(always)]
fn known<W: Lane>(token: u8) -> W {
    let token = u32::from(token);
    if token < 4 {
        W::from_u64(u64::from(token))
    } else {
        W::from_u64(u64::from(2 | token & 1)).shl((token >> 1) - 1)
    }
}

/// Appends the open bits of `words`.
pub(crate) fn write<W: Lane>(words: &[W], tokens: &[u8], out: &mut Vec<u8>) {
    // Room for a piece of words and the 8 bytes of the last store.
    const PIECE: usize = 256;
    let mut buffer = [0u8; PIECE * 8 + 16];
    let (mut held, mut count) = (0u64, 0u32);
    for (words, tokens) in words.chunks(PIECE).zip(tokens.chunks(PIECE)) {
        let mut at = 0;
        let mut put = |bits: u64, n: u32| {
            held |= bits << count;
            count += n;
            buffer[at..at + 8].copy_from_slice(&held.to_le_bytes());
            let whole = count / 8;
            at += whole as usize;
            // `count` is at most 7 + 56.
            held >>= whole * 8;
            count %= 8;
        };
        for (&w, &t) in words.iter().zip(tokens) {
            let n = open_bits(t);
            let bits = (w ^ known(t)).to_u64();
            if W::BITS < 64 || n <= 56 {
                put(bits, n);
            } else {
                put(bits & 0xffff_ffff, 32);
                put(bits >> 32, n - 32);
            }
        }
        out.extend_from_slice(&buffer[..at]);
    }
    if count > 0 {
        out.push(held as u8);
    }
}

/// Puts words together from their tokens and the open bits, which must fill `bytes`.
///
/// # Errors
/// If there are too few bytes, too many, or the last one is not filled up with zeros.
pub(crate) fn read<W: Lane>(bytes: &[u8], tokens: &[u8], words: &mut [W]) -> Result<()> {
    let total: u64 = tokens.iter().map(|&t| u64::from(open_bits(t))).sum();
    if total.div_ceil(8) != bytes.len() as u64 {
        return Err(Error::corrupt("the number of open bits is not what the tokens say"));
    }
    let spare = (bytes.len() as u64 * 8 - total) as u32;
    if spare > 0 && bytes.last().is_some_and(|&b| b >> (8 - spare) != 0) {
        return Err(Error::corrupt("bits left over"));
    }
    // The last words are read from a copy with zeros behind it, so that 8 bytes can always be loaded.
    let mut at = 0u64;
    let get = |bytes: &[u8], at: u64, n: u32| {
        let from = (at / 8) as usize;
        let word = match bytes.get(from..).and_then(|b| b.first_chunk::<8>()) {
            Some(word) => u64::from_le_bytes(*word),
            None => tail(bytes, from),
        };
        (word >> (at % 8)) & ((1u64 << n) - 1)
    };
    for (w, &t) in words.iter_mut().zip(tokens) {
        let n = open_bits(t);
        let bits = if W::BITS < 64 || n <= 56 {
            get(bytes, at, n)
        } else {
            get(bytes, at, 32) | get(bytes, at + 32, n - 32) << 32
        };
        at += u64::from(n);
        *w = known::<W>(t) ^ W::from_u64(bits);
    }
    Ok(())
}

/// The last bytes as a word, zeros behind.
#[cold]
fn tail(bytes: &[u8], from: usize) -> u64 {
    let mut word = [0; 8];
    for (w, &b) in word.iter_mut().zip(bytes.get(from..).unwrap_or(&[])) {
        *w = b;
    }
    u64::from_le_bytes(word)
}

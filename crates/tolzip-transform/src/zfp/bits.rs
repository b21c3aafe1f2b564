//! Bits to bytes and back, least bit first: 64-bit little-endian words, which is the same as bytes.

use alloc::vec::Vec;
use tolzip_core::{Error, Result};

/// Words that a writer holds before they must be flushed: half for one block (at most 2^15 bits and a header), many
/// times over.
const WORDS: usize = 2048;

/// Collects bits into words.
pub(crate) struct Writer {
    words: Vec<u64>,
    /// Full words so far.
    at: usize,
    /// The word in the making: `fill` bits (below 64), zeros above.
    acc: u64,
    fill: u32,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self { words: alloc::vec![0; WORDS], at: 0, acc: 0, fill: 0 }
    }

    /// Appends the low `n` bits of `x`, which has no others; `n` is at most 64.
    #[inline(always)]
    pub(crate) fn put(&mut self, x: u64, n: u32) {
        debug_assert!(n == 64 || x >> n == 0);
        let word = self.acc | x << self.fill;
        // The index can't be too large (see `flush`); the mask only tells the compiler so.
        self.words[..WORDS][self.at % WORDS] = word;
        let fill = self.fill + n;
        self.acc = if fill >= 64 { x >> 1 >> (63 - self.fill) } else { word };
        self.at += (fill / 64) as usize;
        self.fill = fill % 64;
    }

    /// Appends zeros.
    pub(crate) fn put_zeros(&mut self, mut n: u32) {
        while n > 64 {
            self.put(0, 64);
            n -= 64;
        }
        self.put(0, n);
    }

    /// Bits since the last flush.
    #[inline(always)]
    pub(crate) fn position(&self) -> u32 {
        64 * self.at as u32 + self.fill
    }

    /// Forgets all bits behind an earlier position, not before the last flush.
    pub(crate) fn truncate(&mut self, position: u32) {
        let at = (position / 64) as usize;
        let word = if at < self.at { self.words[at % WORDS] } else { self.acc };
        self.fill = position % 64;
        self.acc = word & ((1 << self.fill) - 1);
        self.at = at;
    }

    /// Moves the full words to `out` if there could be too little room for another block.
    #[inline]
    pub(crate) fn flush_if_half_full(&mut self, out: &mut Vec<u8>) {
        if self.at >= WORDS / 2 {
            self.flush(out);
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + 8 * self.at, 0);
        for (bytes, word) in out[start..].chunks_exact_mut(8).zip(&self.words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        self.at = 0;
    }

    /// Moves everything to `out`, padded with zeros to `unit` bytes (1 or 8) since the first bit, and begins anew.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>, unit: u32) {
        self.flush(out);
        let bytes = self.fill.div_ceil(8).next_multiple_of(unit) as usize;
        out.extend_from_slice(&self.acc.to_le_bytes()[..bytes]);
        self.acc = 0;
        self.fill = 0;
    }
}

/// Takes bits from bytes; behind the end there are zeros, and [`check`](Self::check) tells.
///
/// Inner loops work on a copy, whose position stays in a register.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    /// In bits.
    position: u64,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// At least the next 57 bits, zeros above what there is.
    #[inline(always)]
    pub(crate) fn peek(&self) -> u64 {
        let at = (self.position / 8) as usize;
        // One comparison: `at` is far below the largest number.
        let word = match self.bytes.get(at..at + 8).and_then(|b| b.first_chunk()) {
            Some(&chunk) => u64::from_le_bytes(chunk),
            None => last_word(self.bytes, at),
        };
        word >> (self.position % 8)
    }

    /// Goes to a position.
    #[inline(always)]
    pub(crate) fn seek(&mut self, position: u64) {
        self.position = position;
    }

    /// Passes over `n` bits.
    #[inline(always)]
    pub(crate) fn skip(&mut self, n: u32) {
        self.position += u64::from(n);
    }

    /// Takes `n` bits, at most 64.
    #[inline(always)]
    pub(crate) fn take(&mut self, n: u32) -> u64 {
        if n <= 57 {
            let x = self.peek() & ((1 << n) - 1);
            self.skip(n);
            x
        } else {
            let low = self.peek() & 0xffff_ffff;
            self.skip(32);
            let high = self.peek() & ((1 << (n - 32)) - 1);
            self.skip(n - 32);
            high << 32 | low
        }
    }

    /// Bits taken so far.
    #[inline(always)]
    pub(crate) const fn position(&self) -> u64 {
        self.position
    }

    /// # Errors
    /// If more bits were taken than there are.
    #[inline]
    pub(crate) fn check(&self) -> Result<()> {
        let needed = self.position.div_ceil(8);
        if needed > self.bytes.len() as u64 {
            return Err(Error::truncated(needed, self.bytes.len() as u64));
        }
        Ok(())
    }

    /// Whether everything was taken but for zeros in the last byte.
    pub(crate) fn is_at_end(&self) -> bool {
        self.position.div_ceil(8) == self.bytes.len() as u64 && self.peek() == 0
    }
}

/// The last bytes from `at` on, and zeros.
#[cold]
#[inline(never)]
fn last_word(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    for (to, &from) in word.iter_mut().zip(bytes.get(at..).unwrap_or_default()) {
        *to = from;
    }
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_come_back(fields in proptest::collection::vec((any::<u64>(), 0u32..=64), 0..300)) {
            let mut w = Writer::new();
            let mut out = Vec::new();
            let mut total = 0u64;
            let cut = |x: u64, n: u32| if n == 64 { x } else { x & ((1 << n) - 1) };
            for &(x, n) in &fields {
                w.put(cut(x, n), n);
                w.flush_if_half_full(&mut out);
                total += u64::from(n);
            }
            w.finish(&mut out, 1);
            prop_assert_eq!(out.len() as u64, total.div_ceil(8));
            let mut r = Reader::new(&out);
            for &(x, n) in &fields {
                prop_assert_eq!(r.take(n), cut(x, n));
            }
            prop_assert!(r.is_at_end() && r.check().is_ok());
            r.skip(8);
            prop_assert!(r.check().is_err());
        }

        #[test]
        fn truncation_forgets(first in 0u32..200, second in 0u32..200) {
            let mut w = Writer::new();
            let mut out = Vec::new();
            for _ in 0..first {
                w.put(1, 1);
            }
            for _ in 0..second {
                w.put(0x2a5, 10);
            }
            w.truncate(first);
            prop_assert_eq!(w.position(), first);
            w.put_zeros(130);
            w.finish(&mut out, 8);
            prop_assert_eq!(out.len(), (first as usize + 130).div_ceil(64) * 8);
            let ones: u32 = out.iter().map(|b| b.count_ones()).sum();
            prop_assert_eq!(ones, first);
        }
    }
}

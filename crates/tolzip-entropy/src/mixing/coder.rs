//! The arithmetic coder: a range of 64 bits, cut in two by every decision.

use alloc::vec::Vec;
use tolzip_core::{Error, Result};

/// One definition of a model serves both directions: an encoder takes the decisions that it is given, a decoder finds
/// them.
pub trait BinaryCoder {
    /// Codes a decision that is true with probability `p` 2^-16 (from 1 to 65535), and returns it.
    fn code(&mut self, decision: bool, p: u32) -> bool;
}

/// The numbers that are still possible, both ends included.
#[derive(Debug)]
struct Range {
    low: u64,
    high: u64,
}

impl Range {
    const ALL: Self = Self { low: 0, high: u64::MAX };

    /// Where the range is cut: decisions are true up to there.
    #[inline(always)]
    const fn cut(&self, p: u32) -> u64 {
        // Both ends are never in the same place: `settled` sees to that.
        self.low
            + ((self.high - self.low) >> 16) * p as u64
            + ((((self.high - self.low) & 0xffff) * p as u64) >> 16)
    }

    #[inline(always)]
    const fn take(&mut self, decision: bool, cut: u64) {
        if decision {
            self.high = cut;
        } else {
            self.low = cut + 1;
        }
    }

    /// The first 32 bits, if all numbers share them; the range goes on with what follows them.
    #[inline(always)]
    const fn settled(&mut self) -> Option<u32> {
        if (self.low ^ self.high) >> 32 != 0 {
            return None;
        }
        let word = (self.high >> 32) as u32;
        self.low <<= 32;
        self.high = self.high << 32 | u32::MAX as u64;
        Some(word)
    }
}

/// Decisions to bytes.
#[derive(Debug)]
pub struct BinaryEncoder {
    range: Range,
    bytes: Vec<u8>,
}

impl Default for BinaryEncoder {
    fn default() -> Self {
        Self { range: Range::ALL, bytes: Vec::new() }
    }
}

impl BinaryEncoder {
    /// Nothing coded yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes: as few as tell the last range from others, if what follows them is read as zeros.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        let Range { low, high } = self.range;
        // The number in the range that ends with the most zeros.
        let zeros = (0..64).rev().find(|&n| high >> n << n >= low).unwrap_or(0);
        let shortest = if low == 0 { 0 } else { high >> zeros << zeros };
        self.bytes.extend_from_slice(&shortest.to_be_bytes());
        while self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        self.bytes
    }
}

impl BinaryCoder for BinaryEncoder {
    #[inline]
    fn code(&mut self, decision: bool, p: u32) -> bool {
        self.range.take(decision, self.range.cut(p));
        // A cut can settle two words: when nothing is left but one number.
        while let Some(word) = self.range.settled() {
            self.bytes.extend_from_slice(&word.to_be_bytes());
        }
        decision
    }
}

/// Bytes to decisions. Behind their end it reads zeros, without an end.
#[derive(Debug)]
pub struct BinaryDecoder<'a> {
    range: Range,
    value: u64,
    bytes: &'a [u8],
}

impl<'a> BinaryDecoder<'a> {
    /// A decoder of these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut out = Self { range: Range::ALL, value: 0, bytes };
        out.shift();
        out.shift();
        out
    }

    #[inline]
    fn shift(&mut self) {
        let (word, rest) = self.bytes.split_at(self.bytes.len().min(4));
        let mut four = [0; 4];
        four[..word.len()].copy_from_slice(word);
        self.value = self.value << 32 | u64::from(u32::from_be_bytes(four));
        self.bytes = rest;
    }

    /// Checks that all bytes were read.
    ///
    /// # Errors
    /// If some are left.
    pub const fn finish(self) -> Result<()> {
        if self.bytes.is_empty() { Ok(()) } else { Err(Error::corrupt("bytes behind the last decision")) }
    }
}

impl BinaryCoder for BinaryDecoder<'_> {
    #[inline]
    fn code(&mut self, _: bool, p: u32) -> bool {
        let cut = self.range.cut(p);
        let decision = self.value <= cut;
        self.range.take(decision, cut);
        while self.range.settled().is_some() {
            self.shift();
        }
        decision
    }
}

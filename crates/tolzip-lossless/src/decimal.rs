//! Floats that were written as decimals: `k / 10^e`, rounded once, with an integer `k`. Then `k` is what to code.
//!
//! Text files and fixed-point instruments give such data: their low mantissa bits look like noise, and are none. The idea
//! is that of ALP (A. Afroozeh, L. Kuffo, P. Boncz, "ALP: Adaptive lossless floating-point compression", 2023).

use crate::lane::Lane;
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128};
use tolzip_core::{Element, Error, Float, Result};

/// All exact in f64.
const POWERS: [f64; 13] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

/// A chunk as decimals.
#[derive(Debug)]
pub(crate) struct Decimals<W> {
    exponent: usize,
    /// `k` of each word; where there is none, that of the word before.
    pub(crate) integers: Vec<W>,
    /// The words that are no such decimals, and where they stand.
    exceptions: Vec<(usize, W)>,
}

impl<W: Lane> Decimals<W> {
    /// The decimals of `words`, if nearly all are such, judging first by those in `sample`.
    pub(crate) fn new(words: &[W], sample: &(impl Iterator<Item = W> + Clone)) -> Option<Self> {
        let exponent = (0..POWERS.len()).find(|&e| {
            let (mut all, mut others) = (0usize, 0usize);
            for w in sample.clone() {
                all += 1;
                others += usize::from(integer(w, e).is_none());
                // Most exponents fail at once.
                if others > 4 + all / 16 {
                    return false;
                }
            }
            others <= all / 32
        })?;
        let mut new = Self { exponent, integers: Vec::with_capacity(words.len()), exceptions: Vec::new() };
        let mut last = W::default();
        for (i, &w) in words.iter().enumerate() {
            match integer(w, exponent) {
                Some(k) => last = k,
                None if new.exceptions.len() > words.len() / 16 => return None,
                None => new.exceptions.push((i, w)),
            }
            new.integers.push(last);
        }
        Some(new)
    }

    /// Appends what must be known besides the integers: the exponent, the number of exceptions, and for each the distance
    /// from the one before and the word.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.exponent as u8);
        put_leb128(out, self.exceptions.len() as u64);
        let mut next = 0;
        for &(at, w) in &self.exceptions {
            put_leb128(out, (at - next) as u64);
            out.extend_from_slice(&w.to_u64().to_le_bytes()[..W::BYTES]);
            next = at + 1;
        }
    }
}

/// What [`Decimals::write`] wrote, still in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Head<'a> {
    power: f64,
    exceptions: usize,
    reader: Reader<'a>,
}

impl<'a> Head<'a> {
    /// Reads past the exceptions of `n` words.
    ///
    /// # Errors
    /// If the bytes are no such head.
    pub(crate) fn read<W: Lane>(reader: &mut Reader<'a>, n: usize) -> Result<Self> {
        let Some(&power) = POWERS.get(usize::from(reader.u8()?)) else {
            return Err(Error::corrupt("a power of ten out of range"));
        };
        let exceptions = reader.leb128_up_to(n, "more exceptions than values")?;
        let head = Self { power, exceptions, reader: reader.clone() };
        let mut left = n;
        for _ in 0..exceptions {
            let skip = reader.leb128_up_to(left, "an exception beyond the last value")?;
            left = left.checked_sub(skip + 1).ok_or(Error::corrupt("an exception beyond the last value"))?;
            reader.take(W::BYTES)?;
        }
        Ok(head)
    }

    /// Replaces integers by the words they stand for.
    ///
    /// # Errors
    /// None, after [`read`](Self::read).
    pub(crate) fn restore<W: Lane>(mut self, words: &mut [W]) -> Result<()> {
        for w in words.iter_mut() {
            *w = word(signed(*w), self.power);
        }
        let mut at = 0;
        for _ in 0..self.exceptions {
            at += self.reader.leb128()? as usize;
            let mut wide = [0; 8];
            wide[..W::BYTES].copy_from_slice(self.reader.take(W::BYTES)?);
            let place = words.get_mut(at).ok_or(Error::corrupt("an exception beyond the last value"))?;
            *place = W::from_u64(u64::from_le_bytes(wide));
            at += 1;
        }
        Ok(())
    }
}

#[inline(always)]
fn signed<W: Lane>(word: W) -> i64 {
    let unused = 64 - W::BITS;
    ((word.to_u64() << unused) as i64) >> unused
}

#[inline(always)]
fn word<W: Lane>(k: i64, power: f64) -> W {
    W::unfloat(W::Float::from_f64(k as f64 / power))
}

/// The integer `k` of a word, if it has one.
#[inline(always)]
fn integer<W: Lane>(w: W, exponent: usize) -> Option<W> {
    let power = POWERS[exponent];
    let scaled = w.float().to_f64() * power;
    let k = (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i64;
    // Integers of a float's precision; beyond 2^53, `k as f64` would not be exact.
    let integer = W::from_u64(k as u64);
    let exact = signed(integer) == k && k.unsigned_abs() <= 1 << 53;
    (exact && word::<W>(k, power) == w).then_some(integer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_and_exceptions_survive() {
        let mut words: Vec<u64> = (0..1000i64).map(|i| ((i * i - 5000) as f64 / 1e3).to_bits()).collect();
        words[0] = f64::NAN.to_bits();
        words[77] = (-0.0f64).to_bits();
        words[999] = f64::INFINITY.to_bits();
        let decimals = Decimals::new(&words, &words.iter().copied()).unwrap();
        assert_eq!((decimals.exponent, decimals.exceptions.len()), (3, 3));
        let mut bytes = Vec::new();
        decimals.write(&mut bytes);
        let mut reader = Reader::new(&bytes);
        let head = Head::read::<u64>(&mut reader, 1000).unwrap();
        assert!(reader.is_empty());
        let mut back = decimals.integers.clone();
        head.restore(&mut back).unwrap();
        assert_eq!(back, words);
        for cut in 0..bytes.len() {
            assert!(Head::read::<u64>(&mut Reader::new(&bytes[..cut]), 1000).is_err());
        }
        assert!(Head::read::<u64>(&mut Reader::new(&bytes), 999).is_err());
    }

    #[test]
    fn every_decimal_of_single_precision_is_found() {
        for k in (-99_999i64..99_999).step_by(7) {
            let w = (k as f32 / 1e4).to_bits();
            assert!(integer(w, 4) == Some(k as u32) || word::<u32>(k, 1e4) != w, "{k}");
        }
        assert_eq!(integer(0.1f64.to_bits(), 1), Some(1));
        assert_eq!(integer(1e300f64.to_bits(), 1), None);
        assert_eq!(integer(core::f64::consts::PI.to_bits(), 12), None);
    }
}

//! Floats that were written as decimals: `k / 10^e`, rounded once, with an integer `k`. Then `k` is what to code.
//!
//! Text files and fixed-point instruments give such data: their low mantissa bits look like noise, and are none. The idea
//! is that of ALP (A. Afroozeh, L. Kuffo, P. Boncz, "ALP: Adaptive lossless floating-point compression", 2023).

use crate::lane::Lane;
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128};
use tolzip_core::{Error, Float, Result};
use tolzip_simd::residuals::{from_decimals, to_decimals};

/// All exact in f64.
const POWERS: [f64; 13] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

/// Words that are made into decimals at a time.
const PART: usize = 1 << 12;

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
        let sample: Vec<W> = sample.clone().collect();
        let (mut integers, mut marks) =
            (alloc::vec![W::default(); sample.len()], alloc::vec![0; sample.len()]);
        let exponent = (0..POWERS.len()).find(|&e| {
            // Most exponents fail at once.
            let first = sample.len().min(64);
            let power = POWERS[e];
            to_decimals(&sample[..first], power, &mut integers[..first], &mut marks[..first])
                <= 4 + first / 16
                && to_decimals(&sample, power, &mut integers, &mut marks) <= sample.len() / 32
        })?;
        // Integers about as long as mantissas tell nothing: where floats lie closer than decimals, all are such.
        let most = W::Float::MANTISSA_BITS - 1;
        let long = integers.iter().filter(|k| k.zigzag().bit_length() > most).count();
        if long > sample.len() / 4 {
            return None;
        }
        let mut integers = alloc::vec![W::default(); words.len()];
        let mut exceptions = Vec::new();
        let mut marks = [0; PART];
        let mut last = W::default();
        for (part, words) in words.chunks(PART).enumerate() {
            let integers = &mut integers[part * PART..][..words.len()];
            let marks = &mut marks[..words.len()];
            if to_decimals(words, POWERS[exponent], integers, marks) > 0 {
                for i in (0..words.len()).filter(|&i| marks[i] != 0) {
                    exceptions.push((part * PART + i, words[i]));
                    integers[i] = if i == 0 { last } else { integers[i - 1] };
                }
                if exceptions.len() > integers.len() / 16 + part * PART / 16 {
                    return None;
                }
            }
            last = integers.last().copied().unwrap_or(last);
        }
        Some(Self { exponent, integers, exceptions })
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
        from_decimals(words, self.power);
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
}

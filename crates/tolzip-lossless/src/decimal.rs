//! Floats that were written as decimals: `k m / 10^e`, rounded once, with an integer `k` and a multiple `m` common to all.
//! Then `k` is what to code.
//!
//! Text files and fixed-point instruments give such data: their low mantissa bits look like noise, and are none. The idea
//! is that of ALP (A. Afroozeh, L. Kuffo, P. Boncz, "ALP: Adaptive lossless floating-point compression", 2023).

use crate::lane::Lane;
use alloc::vec::Vec;
use core::fmt;
use tolzip_core::bytes::{Reader, put_leb128};
use tolzip_core::{Error, Float, Result};
use tolzip_simd::residuals::{from_decimals, to_decimals};

/// All exact in f64.
const POWERS: [f64; 13] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

/// Added to the exponent if a multiple follows.
const MULTIPLE: u8 = 16;
/// Added to the exponent if negative values have the inverted bits of their magnitudes, so that -0 is an integer too; the
/// first streams had plain signed ones.
const INVERTED: u8 = 32;

/// Words that are made into decimals at a time.
const PART: usize = 1 << 12;

/// A chunk as decimals.
#[derive(Debug)]
pub(crate) struct Decimals<W> {
    exponent: usize,
    multiple: u32,
    /// `k` of each word; where there is none, that of the word before.
    pub(crate) integers: Vec<W>,
    /// The words that are no such decimals, and where they stand.
    exceptions: Vec<(usize, W)>,
}

impl<W: Lane> Decimals<W> {
    /// The decimals of `words`, if nearly all are such, judging first by those in `sample`.
    pub(crate) fn new(words: &[W], sample: &[W]) -> Option<Self> {
        let (exponent, integers) = exponent(sample)?;
        let multiple = multiple(integers.iter().map(|&k| (k ^ k.sar(W::BITS - 1)).to_u64()));
        let mut integers = Vec::with_capacity(words.len());
        let mut exceptions = Vec::new();
        let mut marks = [0; PART];
        let mut last = W::default();
        for (part, words) in words.chunks(PART).enumerate() {
            integers.resize(part * PART + words.len(), W::default());
            let integers = &mut integers[part * PART..];
            let marks = &mut marks[..words.len()];
            if to_decimals(words, POWERS[exponent], f64::from(multiple), integers, marks) > 0 {
                for i in (0..words.len()).filter(|&i| marks[i] != 0) {
                    exceptions.push((part * PART + i, words[i]));
                    integers[i] = if i == 0 { last } else { integers[i - 1] };
                }
                if exceptions.len() > (integers.len() + part * PART) / 8 {
                    return None;
                }
            }
            last = integers.last().copied().unwrap_or(last);
        }
        Some(Self { exponent, multiple, integers, exceptions })
    }

    /// Appends what must be known besides the integers: the exponent, the multiple unless it is 1, the number of
    /// exceptions, and for each the distance from the one before and the word.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        if self.multiple == 1 {
            out.push(self.exponent as u8 | INVERTED);
        } else {
            out.push(self.exponent as u8 | MULTIPLE | INVERTED);
            put_leb128(out, u64::from(self.multiple));
        }
        put_leb128(out, self.exceptions.len() as u64);
        let mut next = 0;
        for &(at, w) in &self.exceptions {
            put_leb128(out, (at - next) as u64);
            out.extend_from_slice(&w.to_u64().to_le_bytes()[..W::BYTES]);
            next = at + 1;
        }
    }
}

/// The exponent of ten with which nearly all words of a sample are decimals, and their integers.
fn exponent<W: Lane>(sample: &[W]) -> Option<(usize, Vec<W>)> {
    let (mut integers, mut marks) = (alloc::vec![W::default(); sample.len()], alloc::vec![0; sample.len()]);
    let exponent = (0..POWERS.len()).find(|&e| {
        // Most exponents fail at once.
        let first = sample.len().min(64);
        let power = POWERS[e];
        to_decimals(&sample[..first], power, 1.0, &mut integers[..first], &mut marks[..first])
            <= 4 + first / 16
            && to_decimals(sample, power, 1.0, &mut integers, &mut marks) <= sample.len() / 32
    })?;
    // Integers about as long as mantissas tell nothing: where floats lie closer than decimals, all are such.
    let most = W::Float::MANTISSA_BITS - 1;
    let long = integers.iter().filter(|k| k.zigzag().bit_length() > most).count();
    (long <= sample.len() / 4).then_some((exponent, integers))
}

/// Whether nearly all words of a sample are decimals.
pub(crate) fn are<W: Lane>(sample: &[W]) -> bool {
    exponent(sample).is_some()
}

/// The largest whole number that nearly all magnitudes are multiples of, judged by greatest common divisors of three.
fn multiple(magnitudes: impl Iterator<Item = u64> + Clone) -> u32 {
    let gcd = |mut a: u64, mut b: u64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let mut others = magnitudes.clone().filter(|&k| k != 0);
    let mut found = Vec::new();
    while let (Some(a), Some(b), Some(c)) = (others.next(), others.next(), others.next()) {
        found.push(gcd(gcd(a, b), c));
        if found.len() == 64 {
            break;
        }
    }
    found.sort_unstable();
    // The divisor that most have: multiples of it by chance are larger, strays smaller.
    let Some(&middle) = found.get(found.len() / 4) else { return 1 };
    let Some(multiple) = u32::try_from(middle).ok().filter(|&m| m > 1) else { return 1 };
    let strays = magnitudes.clone().filter(|k| k % u64::from(multiple) != 0).count();
    if strays <= magnitudes.count() / 16 { multiple } else { 1 }
}

/// What [`Decimals::write`] wrote, still in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Head<'a> {
    power: f64,
    multiple: f64,
    inverted: bool,
    exceptions: usize,
    reader: Reader<'a>,
}

impl fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "k {} / {}", self.multiple, self.power)?;
        if self.inverted {
            f.write_str(", negative ones inverted")?;
        }
        write!(f, ", {} exceptions", self.exceptions)
    }
}

impl<'a> Head<'a> {
    /// Reads past the exceptions of `n` words.
    ///
    /// # Errors
    /// If the bytes are no such head.
    pub(crate) fn read<W: Lane>(reader: &mut Reader<'a>, n: usize) -> Result<Self> {
        let exponent = reader.u8()?;
        let Some(&power) = POWERS.get(usize::from(exponent & !(MULTIPLE | INVERTED))) else {
            return Err(Error::corrupt("a power of ten out of range"));
        };
        let multiple = if exponent & MULTIPLE == 0 {
            1
        } else {
            reader.leb128_up_to(u32::MAX as usize, "a multiple beyond 32 bits")?
        };
        let multiple = multiple as f64;
        let exceptions = reader.leb128_up_to(n, "more exceptions than values")?;
        let inverted = exponent & INVERTED != 0;
        let head = Self { power, multiple, inverted, exceptions, reader: reader.clone() };
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
        from_decimals(words, self.power, self.multiple, self.inverted);
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
        let decimals = Decimals::new(&words, &words).unwrap();
        assert_eq!((decimals.exponent, decimals.exceptions.len()), (3, 2));
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
    fn common_multiples_are_found() {
        let words: Vec<u32> =
            (0..1000i64).map(|i| ((i * i % 777 * 35 - 9000) as f32 / 1e3).to_bits()).collect();
        let decimals = Decimals::new(&words, &words).unwrap();
        // 35 and 9000 have 5 in common.
        assert_eq!((decimals.exponent, decimals.multiple), (3, 5));
        assert!(decimals.exceptions.is_empty());
        let mut bytes = Vec::new();
        decimals.write(&mut bytes);
        let head = Head::read::<u32>(&mut Reader::new(&bytes), 1000).unwrap();
        let mut back = decimals.integers.clone();
        head.restore(&mut back).unwrap();
        assert_eq!(back, words);
        assert_eq!(multiple([0, 0, 7].into_iter()), 1);
        assert_eq!(multiple((0..999).map(|i| i * 12)), 12);
    }
}

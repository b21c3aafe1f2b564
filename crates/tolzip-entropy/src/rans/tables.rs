//! Frequency tables: from counts, to bytes and back.
//!
//! Frequencies of all but one symbol are rounded to 4 significant bits, which costs less than a thousandth of a bit per
//! symbol and lets a frequency be written as a small number; the remaining symbol, the most frequent, gets what is left
//! of 4096.

use super::PROB_BITS;
use crate::bits::{BitReader, BitWriter};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_prefixed, try_vec};
use tolzip_core::{Error, Result};

const TOTAL: u32 = 1 << PROB_BITS;
/// Steps of the scale on which frequencies are written: 0 to 15, then 8 to the octave.
const STEPS: u32 = 80;

/// The frequency on step `step` of the scale.
const fn frequency(step: u32) -> u32 {
    if step < 16 { step } else { (8 + step % 8) << (step / 8 - 1) }
}

/// The step nearest to frequency `f` in 1..4096, from below.
const fn step(f: u32) -> u32 {
    if f < 16 {
        f
    } else {
        let shift = 28 - f.leading_zeros();
        8 * shift + (f >> shift)
    }
}

/// Symbol frequencies of every context, each context's summing to 4096, or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    frequencies: Vec<u16>,
    alphabet: usize,
}

impl Tables {
    /// The tables that fit these counts: `counts[context * alphabet + symbol]`. Every symbol that was counted can be
    /// coded; a context without counts has no table. At most 256 contexts of at most 256 symbols.
    #[must_use]
    pub fn from_counts(counts: &[u32], alphabet: usize) -> Self {
        assert!((1..=256).contains(&alphabet) && counts.len() <= 256 * alphabet);
        assert!(counts.len().is_multiple_of(alphabet), "whole contexts");
        let mut frequencies = vec![0; counts.len()];
        for (counts, frequencies) in counts.chunks(alphabet).zip(frequencies.chunks_mut(alphabet)) {
            normalise(counts, frequencies);
        }
        Self { frequencies, alphabet }
    }

    /// The number of contexts.
    #[must_use]
    pub fn contexts(&self) -> usize {
        self.frequencies.len() / self.alphabet
    }

    /// The number of symbols.
    #[must_use]
    pub const fn alphabet(&self) -> usize {
        self.alphabet
    }

    /// The frequencies of a context's symbols, in units of 1/4096.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u16]> {
        self.frequencies.chunks(self.alphabet)
    }

    /// Bits that symbols with these counts need, rounded up; a lower bound of the stream's size.
    #[must_use]
    pub fn cost(&self, counts: &[u32]) -> u64 {
        let mut sum = 0;
        for (&f, &n) in self.frequencies.iter().zip(counts) {
            if n > 0 {
                sum += u64::from(n) * u64::from(64 * PROB_BITS - log2_times_64(u32::from(f)));
            }
        }
        sum.div_ceil(64)
    }

    /// Appends the tables, behind their length.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut bits = BitWriter::new();
        for row in self.rows() {
            write_row(row, &mut bits);
        }
        put_prefixed(out, &bits.finish());
    }

    /// Reads what [`write`](Self::write) wrote for this many contexts and symbols.
    ///
    /// # Errors
    /// If the bytes end early or are no tables.
    pub fn read(reader: &mut Reader<'_>, contexts: usize, alphabet: usize) -> Result<Self> {
        assert!((1..=256).contains(&alphabet) && contexts <= 256);
        let mut bits = BitReader::new(reader.prefixed()?);
        let mut frequencies = try_vec(contexts * alphabet)?;
        for row in frequencies.chunks_mut(alphabet) {
            read_row(&mut bits, row)?;
        }
        bits.finish()?;
        Ok(Self { frequencies, alphabet })
    }
}

/// `64 * log2(x)` of a number in 1..=4096, rounded down; linear between eighths of an octave.
fn log2_times_64(x: u32) -> u32 {
    const EIGHTHS: [u32; 9] = [0, 10, 20, 29, 37, 44, 51, 58, 64];
    if x == 0 {
        return 0;
    }
    let exponent = 31 - x.leading_zeros();
    let rest = (x << (PROB_BITS - exponent)) - TOTAL;
    let (cell, part) = ((rest >> 9) as usize, rest & 511);
    64 * exponent + EIGHTHS[cell] + (((EIGHTHS[cell + 1] - EIGHTHS[cell]) * part) >> 9)
}

fn normalise(counts: &[u32], frequencies: &mut [u16]) {
    let total: u64 = counts.iter().map(|&n| u64::from(n)).sum();
    let Some((most, _)) = counts.iter().enumerate().max_by_key(|&(i, &n)| (n, usize::MAX - i)) else {
        return;
    };
    if total == 0 {
        return;
    }
    let mut sum = 0;
    for (i, (&n, f)) in counts.iter().zip(&mut *frequencies).enumerate() {
        if n == 0 || i == most {
            continue;
        }
        let ideal = (u64::from(n) * u64::from(TOTAL) + total / 2) / total;
        let ideal = (ideal as u32).clamp(1, TOTAL - 1);
        let below = step(ideal);
        let (low, high) = (frequency(below), frequency(below + 1));
        let chosen = if ideal - low > high.saturating_sub(ideal) && high < TOTAL { high } else { low };
        *f = chosen as u16;
        sum += chosen;
    }
    // Many rare symbols, each rounded up to 1/4096, can leave nothing for the most frequent one.
    while sum >= TOTAL {
        let Some(largest) = frequencies.iter_mut().max_by_key(|f| **f) else { return };
        let f = u32::from(*largest);
        let lower = frequency(step(f) - 1);
        *largest = lower as u16;
        sum -= f - lower;
    }
    frequencies[most] = (TOTAL - sum) as u16;
}

/// One bit: whether there is a table. Then the most frequent symbol, the number of symbols up to the last that occurs,
/// and the steps of the others, each as the difference from the one before.
fn write_row(row: &[u16], bits: &mut BitWriter) {
    // At most one frequency is not on the scale.
    let on_scale = |f: u16| u32::from(f) < TOTAL && frequency(step(u32::from(f))) == u32::from(f);
    let key = |&(i, &f): &(usize, &u16)| (!on_scale(f), f, usize::MAX - i);
    let most = row.iter().enumerate().max_by_key(key).map_or(0, |(i, _)| i);
    let used = row.iter().rposition(|&f| f > 0).map_or(0, |last| last + 1);
    bits.put(u64::from(used > 0), 1);
    if used == 0 {
        return;
    }
    bits.put_gamma(most as u32);
    bits.put_gamma((used - 1) as u32);
    let mut steps = Differences::default();
    for (i, &f) in row[..used].iter().enumerate() {
        if i != most {
            steps.write(step(u32::from(f)), bits);
        }
    }
}

fn read_row(bits: &mut BitReader<'_>, row: &mut [u16]) -> Result<()> {
    if bits.get(1) == 0 {
        return Ok(());
    }
    let most = bits.get_gamma()? as usize;
    let used = (bits.get_gamma()? as usize).saturating_add(1);
    if used > row.len() || most >= used {
        return Err(Error::corrupt("a frequency table beyond its alphabet"));
    }
    let mut steps = Differences::default();
    let mut left = TOTAL;
    for (i, f) in row[..used].iter_mut().enumerate() {
        if i != most {
            let value = frequency(steps.read(bits)?);
            *f = value as u16;
            left = left
                .checked_sub(value)
                .filter(|&l| l > 0)
                .ok_or(Error::corrupt("frequencies of more than 4096"))?;
        }
    }
    row[most] = left as u16;
    if row[used - 1] == 0 {
        return Err(Error::corrupt("a frequency table longer than its symbols"));
    }
    Ok(())
}

/// Steps of the scale as differences in a Rice code whose parameter follows their size.
struct Differences {
    last: u32,
    /// Sixteen times the running mean of the folded differences.
    mean: u32,
}

impl Default for Differences {
    fn default() -> Self {
        Self { last: 40, mean: 16 * 16 }
    }
}

impl Differences {
    fn parameter(&self) -> u32 {
        let mean = self.mean / 16;
        if mean < 2 { 0 } else { (31 - mean.leading_zeros()).min(4) }
    }

    fn learn(&mut self, folded: u32, step: u32) {
        self.mean = self.mean - self.mean / 4 + folded * 4;
        self.last = step;
    }

    fn write(&mut self, step: u32, bits: &mut BitWriter) {
        let difference = step as i32 - self.last as i32;
        let folded = (difference << 1 ^ difference >> 31) as u32;
        let k = self.parameter();
        let mut quotient = folded >> k;
        while quotient >= 32 {
            bits.put(0, 32);
            quotient -= 32;
        }
        bits.put(1 << quotient, quotient + 1);
        bits.put(u64::from(folded & ((1 << k) - 1)), k);
        self.learn(folded, step);
    }

    fn read(&mut self, bits: &mut BitReader<'_>) -> Result<u32> {
        let k = self.parameter();
        let mut quotient = 0;
        while bits.get(1) == 0 {
            quotient += 1;
            if quotient > 2 * STEPS {
                return Err(Error::corrupt("a frequency outside its scale"));
            }
        }
        let folded = quotient << k | bits.get(k) as u32;
        let difference = (folded >> 1) as i32 ^ -((folded & 1) as i32);
        let step = self.last as i32 + difference;
        if !(0..STEPS as i32).contains(&step) {
            return Err(Error::corrupt("a frequency outside its scale"));
        }
        self.learn(folded, step as u32);
        Ok(step as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_scale_is_monotone_and_inverts() {
        for s in 1..STEPS {
            assert_eq!(step(frequency(s)), s);
            assert!(frequency(s) > frequency(s - 1));
        }
        assert_eq!(frequency(STEPS), TOTAL);
    }

    #[test]
    fn the_logarithm_is_close() {
        for x in 1..=TOTAL {
            let exact = f64::from(x).log2() * 64.0;
            assert!((f64::from(log2_times_64(x)) - exact).abs() < 2.0, "{x}");
        }
    }

    fn counts() -> impl Strategy<Value = Vec<u32>> {
        prop::collection::vec(prop_oneof![Just(0u32), 1u32..5, 0u32..1000, any::<u32>()], 256)
    }

    proptest! {
        #[test]
        fn tables_sum_to_4096_and_survive_bytes(counts in counts(), alphabet in prop::sample::select(vec![1usize, 2, 16, 256])) {
            let tables = Tables::from_counts(&counts, alphabet);
            for (row, counts) in tables.rows().zip(counts.chunks(alphabet)) {
                let sum: u32 = row.iter().map(|&f| u32::from(f)).sum();
                prop_assert!(sum == TOTAL || (sum == 0 && counts.iter().all(|&n| n == 0)));
                prop_assert!(row.iter().zip(counts).all(|(&f, &n)| (f > 0) == (n > 0)));
            }
            let mut bytes = Vec::new();
            tables.write(&mut bytes);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(Tables::read(&mut reader, 256 / alphabet, alphabet), Ok(tables));
            prop_assert!(reader.is_empty());
            for cut in 0..bytes.len() {
                prop_assert!(Tables::read(&mut Reader::new(&bytes[..cut]), 256 / alphabet, alphabet).is_err());
            }
        }

        #[test]
        fn any_bytes_are_tables_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(tables) = Tables::read(&mut Reader::new(&bytes), 4, 64) {
                for row in tables.rows() {
                    let sum: u32 = row.iter().map(|&f| u32::from(f)).sum();
                    prop_assert!(sum == TOTAL || sum == 0);
                }
            }
        }
    }
}

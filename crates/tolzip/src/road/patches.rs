//! Exact values at some positions: how special values and corrections are stored.
//!
//! ```text
//! section  := kind u8 | runs: length LEB128, compressed bytes | patterns
//! runs     := LEB128 integers: values to leave alone, values to replace, values to leave alone, ...
//!             (only the first may be 0; what is not covered is left alone)
//! patterns := kind 0: one bit pattern, for all positions
//!             kind 1: compressed bytes: the bit patterns in order
//! ```
//! Patterns are little-endian, of the element type's width; compressed bytes are `tolzip_lossless::bytes`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128, put_prefixed};
use tolzip_core::{Element, Error, Result, Word};
use tolzip_lossless::bytes;

const ONE_PATTERN: u8 = 0;
const PATTERNS: u8 = 1;

/// The positions whose values are to be stored, as alternating runs, and the values.
#[derive(Debug)]
pub(crate) struct Patches<T> {
    runs: Vec<u8>,
    patterns: Vec<T>,
    end: usize,
    run: usize,
}

impl<T: Element> Patches<T> {
    pub(crate) const fn new() -> Self {
        Self { runs: Vec::new(), patterns: Vec::new(), end: 0, run: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The number of values.
    pub(crate) fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Notes a value. Positions must grow from call to call.
    pub(crate) fn push(&mut self, position: usize, value: T) {
        if self.run > 0 && position == self.end {
            self.run += 1;
        } else {
            self.close_run();
            put_leb128(&mut self.runs, (position - self.end) as u64);
            self.run = 1;
        }
        self.end = position + 1;
        self.patterns.push(value);
    }

    fn close_run(&mut self) {
        if self.run > 0 {
            put_leb128(&mut self.runs, self.run as u64);
        }
    }

    /// The section's bytes.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.close_run();
        let width = <T::Bits as Word>::BYTES;
        let first = self.patterns.first().map(|v| v.to_bits());
        let one = first.is_some_and(|first| self.patterns.iter().all(|v| v.to_bits() == first));
        let kept = if one { &self.patterns[..self.patterns.len().min(1)] } else { &self.patterns[..] };
        let mut patterns = Vec::with_capacity(kept.len() * width);
        for v in kept {
            patterns.extend_from_slice(&v.to_bits().to_u64().to_le_bytes()[..width]);
        }
        let mut out = alloc::vec![if one { ONE_PATTERN } else { PATTERNS }];
        put_prefixed(&mut out, &bytes::compress(&self.runs));
        if one {
            out.extend_from_slice(&patterns);
        } else {
            out.extend_from_slice(&bytes::compress(&patterns));
        }
        out
    }
}

/// How many values a section replaces, and by what.
pub(crate) fn describe(section: &[u8], n: usize, limit: usize) -> Result<String> {
    let mut r = Reader::new(section);
    let kind = r.u8()?;
    let runs = bytes::decompress(r.prefixed()?, n.saturating_mul(2).saturating_add(16).min(limit))?;
    let (mut runs, mut left, mut replaced) = (Reader::new(&runs), n, 0);
    while !runs.is_empty() {
        left -= runs.leb128_up_to(left, "a patch beyond the chunk")?;
        let run = runs.leb128_up_to(left, "a patch beyond the chunk")?;
        (left, replaced) = (left - run, replaced + run);
    }
    let by = match kind {
        ONE_PATTERN => "one value".to_string(),
        PATTERNS => format!("values in {} bytes", r.rest().len()),
        _ => return Err(Error::corrupt("an unknown kind of patch")),
    };
    Ok(format!("{replaced} replaced by {by}"))
}

/// Puts the values of a section back.
pub(crate) fn apply<T: Element>(section: &[u8], out: &mut [T]) -> Result<()> {
    let width = <T::Bits as Word>::BYTES;
    let mut r = Reader::new(section);
    let kind = r.u8()?;
    // A run takes at most as many bytes as the values it covers, and one for a leading 0.
    let runs = bytes::decompress(r.prefixed()?, out.len().saturating_mul(2) + 16)?;
    let patterns = match kind {
        ONE_PATTERN => r.take(width)?.to_vec(),
        PATTERNS => bytes::decompress(r.take(r.rest().len())?, out.len().saturating_mul(width))?,
        _ => return Err(Error::corrupt("an unknown kind of patch")),
    };
    r.finish()?;
    let pattern = |bytes: &[u8]| {
        let mut word = [0; 8];
        word[..width].copy_from_slice(bytes);
        T::from_bits(T::Bits::from_u64(u64::from_le_bytes(word)))
    };
    let mut runs = Reader::new(&runs);
    let mut patterns = patterns.chunks_exact(width);
    let one = (kind == ONE_PATTERN).then(|| patterns.next().map(pattern)).flatten();
    let mut rest = out;
    let beyond = "a patch beyond the chunk";
    while !runs.is_empty() {
        let skip = runs.leb128_up_to(rest.len(), beyond)?;
        rest = &mut rest[skip..];
        let run = runs.leb128_up_to(rest.len(), beyond)?;
        let (head, tail) = rest.split_at_mut(run);
        for slot in head {
            *slot = match one {
                Some(value) => value,
                None => pattern(patterns.next().ok_or(Error::corrupt("fewer patch values than positions"))?),
            };
        }
        rest = tail;
    }
    if patterns.next().is_some() {
        return Err(Error::corrupt("more patch values than positions"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn patched_values_come_back(mask in proptest::collection::vec(any::<Option<u16>>(), 0..300)) {
            let mut patches = Patches::new();
            for (i, v) in mask.iter().enumerate().filter_map(|(i, v)| v.map(|v| (i, v))) {
                patches.push(i, v);
            }
            let section = patches.into_bytes();
            let mut out = alloc::vec![7u16; mask.len()];
            apply(&section, &mut out).unwrap();
            let want: Vec<u16> = mask.iter().map(|v| v.unwrap_or(7)).collect();
            prop_assert_eq!(out, want);
        }

        #[test]
        fn hostile_sections_are_errors_or_harmless(section in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut out = [0f32; 20];
            let _ = apply(&section, &mut out);
        }
    }

    #[test]
    fn every_cut_is_an_error() {
        let mut patches = Patches::new();
        for i in [3, 4, 9] {
            patches.push(i, i as f64);
        }
        let section = patches.into_bytes();
        for cut in 0..section.len() {
            assert!(apply(&section[..cut], &mut [0f64; 20]).is_err(), "cut at {cut}");
        }
        assert!(apply(&section, &mut [0f64; 9]).is_err());
    }
}

//! Rows of integers as symbols with contexts, raw bits and exact values, and back.

use crate::flags::{ReadRuns, Runs};
use crate::mixed::{Mixing, Rows};
use crate::model::{CONTEXTS, Model};
use alloc::boxed::Box;
use alloc::vec::Vec;
use tolzip_core::bytes::try_vec;
use tolzip_core::{Element, Error, Float, Result, Word};
use tolzip_entropy::bits::{BitReader, BitWriter};
use tolzip_entropy::mixing::{BinaryDecoder, BinaryEncoder};
use tolzip_entropy::rans::Decoder;
use tolzip_simd::memory::room;
use tolzip_simd::rows::{
    EXCEPTION, Work, activities, fold, reconstruct, translate, unfold, unfold_reconstruct,
};

/// Folded integers below this are symbols themselves.
pub(crate) const DIRECT: u32 = 32;
/// Above them come eight symbols to the octave.
const BUCKETS: u32 = 8 * 27;
/// A value that is stored exactly.
pub(crate) const EXACT: u8 = 255;

/// The symbol of a folded integer from 32 upwards, and how many low bits it leaves open.
const fn bucket(u: u32) -> (u8, u32) {
    let exponent = 31 - u.leading_zeros();
    let open = exponent - 3;
    ((DIRECT + 8 * (exponent - 5) + (u >> open & 7)) as u8, open)
}

/// How many raw bits follow a symbol.
pub(crate) const fn open_bits(symbol: u8) -> u32 {
    let s = symbol as u32;
    if s < DIRECT {
        0
    } else if s < DIRECT + BUCKETS {
        (s - DIRECT) / 8 + 2
    } else {
        64
    }
}

/// The least folded integer of each symbol, and the bits it leaves open.
const LEAST: [(u32, u32); 256] = {
    let mut table = [(0, 0); 256];
    let mut s = 0;
    while s < DIRECT + BUCKETS {
        let open = open_bits(s as u8);
        table[s as usize] = (if open == 0 { s } else { (8 + (s & 7)) << open }, open);
        s += 1;
    }
    table
};

/// How integers become bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entropy {
    /// Symbols by rANS, with tables chosen by contexts.
    Tables,
    /// By context mixing.
    Mixed,
}

/// What the predictors hand to the entropy coder.
pub(crate) struct Sink {
    pub(crate) symbols: Vec<u8>,
    pub(crate) contexts: Vec<u8>,
    pub(crate) raw: BitWriter,
    /// Which rows are left out; none in a sample.
    flags: Option<Runs>,
    /// Takes integers in place of symbols and contexts.
    mixed: Option<Mixed>,
}

struct Mixed {
    coder: BinaryEncoder,
    mixing: Box<Mixing>,
    row: Vec<i32>,
}

impl Sink {
    /// For a chunk of `n` values.
    pub(crate) fn new(n: usize, entropy: Entropy) -> Result<Self> {
        let mixed = match entropy {
            Entropy::Tables => None,
            Entropy::Mixed => {
                Some(Mixed { coder: BinaryEncoder::new(), mixing: Box::new(Mixing::new()), row: Vec::new() })
            }
        };
        let n = if mixed.is_some() { 0 } else { n };
        Ok(Self {
            symbols: room(n)?,
            contexts: room(n)?,
            raw: BitWriter::new(),
            flags: Some(Runs::default()),
            mixed,
        })
    }

    /// For a sample, which is written without flags.
    pub(crate) fn without_flags(n: usize) -> Result<Self> {
        Ok(Self { flags: None, ..Self::new(n, Entropy::Tables)? })
    }

    /// Writes whether all integers of the rows that come next are zero; if so, they are not to be written.
    pub(crate) fn skips(&mut self, zero: bool) -> bool {
        let Some(flags) = &mut self.flags else { return false };
        flags.put(zero);
        zero
    }

    /// The flags' bytes.
    pub(crate) fn finish_flags(&mut self) -> Vec<u8> {
        self.flags.take().unwrap_or_default().finish()
    }

    /// The bytes of the mixed integers, if they were mixed.
    pub(crate) fn finish_mixed(&mut self) -> Option<Vec<u8>> {
        self.mixed.take().map(|mixed| mixed.coder.finish())
    }

    /// Takes rows and sets their activities; `x` are the values that the exceptions stand for.
    pub(crate) fn row<T: Element>(
        &mut self,
        rows: Rows,
        contexts: &[u8],
        k: &[i32],
        activity: &mut [u16],
        x: &[T],
    ) -> Result<()> {
        if let Some(Mixed { coder, mixing, row }) = &mut self.mixed {
            row.clear();
            row.extend_from_slice(k);
            mixing.code(coder, &mut self.raw, rows, contexts, row)?;
            activities(k, activity);
            for i in (0..k.len()).filter(|&i| k[i] == EXCEPTION) {
                put_exact(&mut self.raw, x.get(i));
            }
        } else {
            self.symbols(contexts, k, activity, x);
        }
        Ok(())
    }

    fn symbols<T: Element>(&mut self, contexts: &[u8], k: &[i32], activity: &mut [u16], x: &[T]) {
        let begin = self.symbols.len();
        self.symbols.resize(begin + k.len(), 0);
        self.contexts.extend_from_slice(contexts);
        let symbols = &mut self.symbols[begin..];
        let (all, large) = fold(k, symbols, activity);
        if large == 0 {
            return;
        }
        if all >> 31 == 0 {
            open(&mut self.raw, symbols, k, all, large);
            return;
        }
        for (i, (s, &k)) in symbols.iter_mut().zip(k).enumerate() {
            if k == EXCEPTION {
                *s = EXACT;
                put_exact(&mut self.raw, x.get(i));
                continue;
            }
            let u = (k << 1 ^ k >> 31) as u32;
            if u >= DIRECT {
                let (symbol, open) = bucket(u);
                *s = symbol;
                self.raw.put(u64::from(u & ((1 << open) - 1)), open);
            }
        }
    }
}

/// Writes a value as it is.
fn put_exact<T: Element>(raw: &mut BitWriter, x: Option<&T>) {
    let bits = x.map_or(0, |x| x.to_bits().to_u64());
    raw.put(bits & 0xffff_ffff, u32::min(32, 8 * size_of::<T>() as u32));
    if size_of::<T>() > 4 {
        raw.put(bits >> 32, 32);
    }
}

/// Reads a value as it is.
fn get_exact<T: Element>(raw: &mut BitReader<'_>) -> T {
    let mut bits = raw.get(u32::min(32, 8 * size_of::<T>() as u32));
    if size_of::<T>() > 4 {
        bits |= raw.get(32) << 32;
    }
    T::from_bits(T::Bits::from_u64(bits))
}

/// The bits that a symbol leaves open, and how many they are.
#[inline(always)]
fn rest(symbol: u8, k: i32) -> (u64, u32) {
    let open = LEAST[usize::from(symbol)].1;
    (u64::from((k << 1 ^ k >> 31) as u32 & ((1 << open) - 1)), open)
}

/// Writes the bits that the symbols of a row leave open. There are no exceptions; `all` are the folded integers
/// or-ed together, and `large` of them leave bits open.
fn open(raw: &mut BitWriter, symbols: &[u8], k: &[i32], all: u32, large: u32) {
    // Which integers are large is hard to foresee: where many are, it must not be a branch.
    if large as usize * 10 > k.len() && all >> 19 == 0 {
        let (pairs, last) = symbols.as_chunks::<2>();
        for (&[s, t], &[k, l]) in pairs.iter().zip(k.as_chunks::<2>().0) {
            let ((a, open), (b, more)) = (rest(s, k), rest(t, l));
            raw.put(a | b << open, open + more);
        }
        if let (&[s], &[.., k]) = (last, k) {
            let (a, open) = rest(s, k);
            raw.put(a, open);
        }
        return;
    }
    large_symbols(symbols, |i| {
        let (a, open) = rest(symbols[i], k[i]);
        raw.put(a, open);
    });
}

/// Calls `f` with the place of every symbol that leaves bits open, in order.
#[inline]
fn large_symbols(symbols: &[u8], mut f: impl FnMut(usize)) {
    // A byte is 32 or more if one of its three highest bits is set.
    const HIGH: u64 = 0xe0e0_e0e0_e0e0_e0e0;
    const LOWEST: u64 = 0x2020_2020_2020_2020;
    let (eights, rest) = symbols.as_chunks::<8>();
    for (i, eight) in eights.iter().enumerate() {
        let high = u64::from_le_bytes(*eight) & HIGH;
        let mut large = (high | high >> 1 | high >> 2) & LOWEST;
        while large != 0 {
            f(8 * i + large.trailing_zeros() as usize / 8);
            large &= large - 1;
        }
    }
    for (i, &s) in rest.iter().enumerate() {
        if u32::from(s) >= DIRECT {
            f(8 * eights.len() + i);
        }
    }
}

/// What the predictors read from the entropy decoder.
pub(crate) struct Source<'a> {
    integers: Integers<'a>,
    raw: BitReader<'a>,
    k: Vec<i32>,
    /// Which rows are left out; none in chunks without flags.
    flags: Option<ReadRuns<'a>>,
}

/// Where integers come from.
enum Integers<'a> {
    Symbols(Box<Symbols<'a>>),
    Mixed { decoder: BinaryDecoder<'a>, mixing: Box<Mixing> },
}

/// Symbols, whose tables their contexts choose.
struct Symbols<'a> {
    decoder: Decoder<'a>,
    tables: [u8; CONTEXTS],
    row: Vec<u8>,
}

impl Symbols<'_> {
    /// Decodes as many symbols as there are contexts, which are turned into tables on the way.
    fn read(&mut self, contexts: &mut [u8]) -> Result<&[u8]> {
        translate(contexts, &self.tables);
        let Some(symbols) = self.row.get_mut(..contexts.len()) else {
            return Err(Error::corrupt("a row too long"));
        };
        self.decoder.decode(contexts, symbols)?;
        Ok(symbols)
    }
}

impl<'a> Source<'a> {
    /// `longest` is the length of the longest row; `flags` are their bytes, if there are some.
    pub(crate) fn new(
        model: Option<&Model>,
        stream: &'a [u8],
        raw: &'a [u8],
        longest: usize,
        flags: Option<&'a [u8]>,
    ) -> Result<Self> {
        let integers = match model {
            Some(model) => Integers::Symbols(Box::new(Symbols {
                decoder: Decoder::new(stream, &model.tables)?,
                tables: model.map,
                row: try_vec(longest)?,
            })),
            None => Integers::Mixed { decoder: BinaryDecoder::new(stream), mixing: Box::new(Mixing::new()) },
        };
        Ok(Self {
            integers,
            raw: BitReader::new(raw),
            k: try_vec(longest)?,
            flags: flags.map(ReadRuns::new).transpose()?,
        })
    }

    /// Reads whether all integers of the rows that come next are zero; they are not read then.
    pub(crate) fn skips(&mut self) -> Result<bool> {
        self.flags.as_mut().map_or(Ok(false), ReadRuns::next)
    }

    /// Reads a row of integers and its activities, and says whether all are zero; none may be an exception.
    pub(crate) fn integers(
        &mut self,
        rows: Rows,
        contexts: &mut [u8],
        k: &mut [i32],
        activity: &mut [u16],
    ) -> Result<bool> {
        let symbols = match &mut self.integers {
            Integers::Symbols(symbols) => symbols.read(contexts)?,
            Integers::Mixed { decoder, mixing } => {
                mixing.code(decoder, &mut self.raw, rows, contexts, k)?;
                activities(k, activity);
                if k.contains(&EXCEPTION) {
                    return Err(Error::corrupt("an exact value among integers"));
                }
                return Ok(k.iter().fold(0, |any, &k| any | k) == 0);
            }
        };
        let most = unfold(symbols, k, activity);
        if u32::from(most) >= DIRECT {
            let mut exact = false;
            large::<u32>(&mut self.raw, symbols, k, |_, _| exact = true);
            if exact {
                return Err(Error::corrupt("an exact value among integers"));
            }
            activities(k, activity);
        }
        Ok(most == 0)
    }

    /// Reads the integers of rows, and reconstructs them and their activities.
    pub(crate) fn values<T: Float, W: Work<T>>(
        &mut self,
        rows: Rows,
        contexts: &mut [u8],
        p: &[W],
        step: W,
        r: &mut [T],
        activity: &mut [u16],
    ) -> Result<()> {
        let Some(k) = self.k.get_mut(..r.len()) else { return Err(Error::corrupt("a row too long")) };
        // Reconstruction must come before the exact values, which are found first.
        let mut exact: Vec<(usize, T)> = Vec::new();
        match &mut self.integers {
            Integers::Symbols(symbols) => {
                let symbols = symbols.read(contexts)?;
                if symbols.iter().fold(0, |m, &s| s.max(m)) < DIRECT as u8 {
                    unfold_reconstruct(symbols, p, step, r, activity);
                    return Ok(());
                }
                unfold(symbols, k, activity);
                large::<T>(&mut self.raw, symbols, k, |i, x| exact.push((i, x)));
            }
            Integers::Mixed { decoder, mixing } => {
                mixing.code(decoder, &mut self.raw, rows, contexts, k)?;
                exact.extend(
                    (0..k.len()).filter(|&i| k[i] == EXCEPTION).map(|i| (i, get_exact(&mut self.raw))),
                );
            }
        }
        reconstruct(p, k, step, r);
        activities(k, activity);
        for (i, x) in exact {
            r[i] = x;
        }
        Ok(())
    }

    /// Checks that everything was read.
    pub(crate) fn finish(self) -> Result<()> {
        match self.integers {
            Integers::Symbols(symbols) => symbols.decoder.finish()?,
            Integers::Mixed { decoder, .. } => decoder.finish()?,
        }
        self.flags.map_or(Ok(()), ReadRuns::finish)?;
        self.raw.finish()
    }
}

/// The integer of a symbol that is not exact, with the bits that it leaves open.
#[inline(always)]
fn complete(raw: &mut BitReader<'_>, symbol: u8) -> i32 {
    let (least, open) = LEAST[usize::from(symbol)];
    let u = least | raw.get(open) as u32;
    (u >> 1) as i32 ^ -((u & 1) as i32)
}

/// Symbols completed at once.
const RUN: usize = 32;

/// The integers of up to [`RUN`] symbols, none of them exact. Bits are read where they stand: whether more must be fetched
/// would be a branch for each symbol, which can't be foreseen.
fn complete_run(raw: &mut BitReader<'_>, symbols: &[u8], k: &mut [i32]) {
    // A run's bits end within 8 + 28 RUN bits, so that 8 bytes can be loaded from wherever one begins.
    const WINDOW: usize = 4 * RUN + 8;
    let Some((window, from)) = raw.window::<WINDOW>() else {
        for (k, &s) in k.iter_mut().zip(symbols) {
            *k = complete(raw, s);
        }
        return;
    };
    let mut at = from;
    for (k, &s) in k.iter_mut().zip(symbols) {
        let (least, open) = LEAST[usize::from(s)];
        // Never beyond the window: the masked place is for the compiler's sake.
        let i = (at / 8) as usize & (4 * RUN - 1);
        let bits = window[i..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word)) >> (at % 8);
        let u = least | bits as u32 & ((1 << open) - 1);
        at += open;
        *k = (u >> 1) as i32 ^ -((u & 1) as i32);
    }
    raw.skip(at - from);
}

/// Completes the integers whose symbols leave bits open, and hands exact values to `exact`.
fn large<T: Element>(
    raw: &mut BitReader<'_>,
    symbols: &[u8],
    k: &mut [i32],
    mut exact: impl FnMut(usize, T),
) {
    if symbols.iter().fold(0, |m, &s| s.max(m)) < (DIRECT + BUCKETS) as u8 {
        // Which integers are large is hard to foresee: where many are, it must not be a branch.
        let large = symbols.iter().fold(0u32, |n, &s| n + u32::from(u32::from(s) >= DIRECT));
        if large as usize * 16 > k.len() {
            for (k, symbols) in k.chunks_mut(RUN).zip(symbols.chunks(RUN)) {
                complete_run(raw, symbols, k);
            }
        } else {
            large_symbols(symbols, |i| k[i] = complete(raw, symbols[i]));
        }
        return;
    }
    for (i, (k, &s)) in k.iter_mut().zip(symbols).enumerate() {
        let s = u32::from(s);
        if s < DIRECT {
            continue;
        }
        if s >= DIRECT + BUCKETS {
            exact(i, get_exact(raw));
            *k = EXCEPTION;
            continue;
        }
        let open = (s - DIRECT) / 8 + 2;
        let u = (8 + (s & 7)) << open | raw.get(open) as u32;
        *k = (u >> 1) as i32 ^ -((u & 1) as i32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_completed_as_symbols_are(
            symbols in prop::collection::vec(0u8..248, 0..90), bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let (mut run, mut single) = (BitReader::new(&bytes), BitReader::new(&bytes));
            let mut k = alloc::vec![0; symbols.len()];
            for (k, symbols) in k.chunks_mut(RUN).zip(symbols.chunks(RUN)) {
                complete_run(&mut run, symbols, k);
            }
            for (k, s) in k.into_iter().zip(symbols) {
                prop_assert_eq!(k, complete(&mut single, s));
            }
            prop_assert_eq!(run.finish(), single.finish());
        }
    }

    #[test]
    fn buckets_invert() {
        for u in (DIRECT..5000)
            .chain((5..32).flat_map(|e| [(1u64 << e) as u32, ((1u64 << e) - 1) as u32]))
            .filter(|&u| u >= 32)
        {
            let (s, open) = bucket(u);
            let s = u32::from(s);
            assert!(s < DIRECT + BUCKETS);
            assert_eq!(open, (s - DIRECT) / 8 + 2);
            assert_eq!(((8 + (s & 7)) << open) | u & ((1 << open) - 1), u);
        }
    }
}

//! A payload to values.

use super::model::{BY_SUM, CONTEXTS, first, others, parents};
use super::{ESCAPE, exponent, segment_blocks};
use crate::zfp::stream::{bias, planes_of};
use crate::zfp::{Geometry, Params, Reader};
use alloc::vec::Vec;
use tolzip_core::bytes::{self, try_vec};
use tolzip_core::{Error, Result};
use tolzip_entropy::rans::{Decoder, Tables};
use tolzip_simd::cast::as_bits_mut;
use tolzip_simd::zfp::{Gather, LANES, Program, Row, Scalar, Transform, Unsigned, inverse, run};

/// Decodes the payload that fills `bytes` into values that fit the geometry.
pub(crate) fn decode<T: Scalar, const N: usize>(
    bytes: &[u8],
    geometry: &Geometry,
    params: Params,
    out: &mut [T],
) -> Result<()> {
    let alphabet = <T::Bits as Unsigned>::WIDTH as usize + 1;
    let mut reader = bytes::Reader::new(bytes);
    let bitmap = reader.array::<{ CONTEXTS / 8 }>()?;
    // A context without a table has a number that no table has.
    let mut numbers = [u8::MAX; CONTEXTS];
    let mut used = 0usize;
    for (c, number) in numbers.iter_mut().enumerate() {
        if bitmap[c / 8] >> (c % 8) & 1 == 1 {
            *number = used as u8;
            used += 1;
        }
    }
    let heads = Tables::read(&mut reader, 1, 256)?;
    let tables = Tables::read(&mut reader, used, alphabet)?;
    let parents = parents::<N>();
    let blocks = geometry.blocks();
    let mut at = 0u64;
    while at < blocks {
        let count = (blocks - at).min(segment_blocks::<N>() as u64) as usize;
        let exponents = read_heads::<T, N>(&mut reader, &heads, params, count)?;
        let lengths = read_lengths(reader.prefixed()?, &tables, &numbers, &parents, &exponents.precisions)?;
        let digits = reader.prefixed()?;
        segment::<T, N>(digits, geometry, at, &exponents, &lengths, out)?;
        at += count as u64;
    }
    reader.finish()
}

/// What the heads of a segment's blocks say.
struct Heads {
    /// One a block; the least for those without coefficients.
    exponents: Vec<i32>,
    /// Planes of each block that has some.
    precisions: Vec<u8>,
}

fn read_heads<T: Scalar, const N: usize>(
    reader: &mut bytes::Reader<'_>,
    tables: &Tables,
    params: Params,
    count: usize,
) -> Result<Heads> {
    let mut decoder = Decoder::new(reader.prefixed()?, tables)?;
    let mut symbols = try_vec(count)?;
    decoder.decode(&try_vec(count)?, &mut symbols)?;
    decoder.finish()?;
    let mut escapes = bytes::Reader::new(reader.prefixed()?);
    let (mut exponents, mut precisions) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut before = 0;
    for symbol in symbols {
        if symbol == 0 {
            exponents.push(-bias::<T>());
            continue;
        }
        before =
            if symbol == ESCAPE { i32::from(escapes.u16()?.cast_signed()) } else { exponent(symbol, before) };
        let planes = planes_of::<T, N>(&params, before).min(<T::Bits as Unsigned>::WIDTH);
        if planes == 0 || !(1 - bias::<T>()..=1 + bias::<T>()).contains(&before) {
            return Err(Error::corrupt("a block with an exponent that no block has"));
        }
        exponents.push(before);
        precisions.push(planes as u8);
    }
    escapes.finish()?;
    Ok(Heads { exponents, precisions })
}

fn read_lengths(
    bytes: &[u8],
    tables: &Tables,
    numbers: &[u8; CONTEXTS],
    parents: &[Vec<usize>],
    precisions: &[u8],
) -> Result<Vec<u8>> {
    let present = precisions.len();
    let mut lengths: Vec<u8> = try_vec(parents.len() * present)?;
    let mut contexts = try_vec(present)?;
    let mut decoder = Decoder::new(bytes, tables)?;
    let by_sum = BY_SUM.map(|row| row.map(|c| numbers[usize::from(c)]));
    for (i, parents) in parents.iter().enumerate() {
        let (before, row) = lengths.split_at_mut(i * present);
        let row = &mut row[..present];
        if i == 0 {
            first(precisions, &mut contexts);
            for c in &mut contexts {
                *c = numbers[usize::from(*c)];
            }
        } else {
            others(&by_sum, parents, |p| &before[p * present..(p + 1) * present], &mut contexts);
        }
        decoder.decode(&contexts, row)?;
        if row.iter().zip(precisions).fold(false, |over, (l, p)| over | (l > p)) {
            return Err(Error::corrupt("a coefficient longer than its block's planes"));
        }
    }
    decoder.finish()?;
    Ok(lengths)
}

fn segment<T: Scalar, const N: usize>(
    digits: &[u8],
    geometry: &Geometry,
    at: u64,
    heads: &Heads,
    lengths: &[u8],
    out: &mut [T],
) -> Result<()> {
    let mut r = Reader::new(digits);
    let mut values = [[T::Bits::default(); LANES]; N];
    let mut walk = geometry.walk_from(at);
    let present = heads.precisions.len();
    let mut first = 0;
    for exponents in heads.exponents.chunks(LANES) {
        let (blocks, n) = walk.next_batch();
        let mut all = [-bias::<T>(); LANES];
        all[..exponents.len()].copy_from_slice(exponents);
        let mut kept = [(0, 0); LANES];
        let mut count = 0;
        for (l, &e) in exponents.iter().enumerate() {
            if e != -bias::<T>() {
                kept[count % LANES] = (l, u32::from(heads.precisions[first + count]));
                count += 1;
            }
        }
        if count == 0 {
            values = [[T::Bits::default(); LANES]; N];
            geometry.scatter(&values, &blocks, n.min(exponents.len()), as_bits_mut(out));
            continue;
        }
        let mut coefficients = [[T::Bits::default(); LANES]; N];
        r = run(ReadDigits::<T, N> {
            r,
            kept: &kept[..count],
            lengths: lengths.get(first..).unwrap_or_default(),
            stride: present,
            coefficients: &mut coefficients,
        });
        r.check()?;
        inverse::<T, N>(&coefficients, Transform::Coefficients, &all, &[false; LANES], &mut values);
        geometry.scatter(&values, &blocks, n.min(exponents.len()), as_bits_mut(out));
        first += count;
    }
    if r.is_at_end() { Ok(()) } else { Err(Error::corrupt("digits left over behind the last block")) }
}

/// Reads a batch's coefficients, whose lengths are known.
struct ReadDigits<'a, 'b, T: Scalar, const N: usize> {
    r: Reader<'a>,
    kept: &'b [(usize, u32)],
    lengths: &'b [u8],
    stride: usize,
    coefficients: &'b mut [Row<T::Bits>; N],
}

impl<'a, T: Scalar, const N: usize> Program for ReadDigits<'a, '_, T, N> {
    type Output = Reader<'a>;

    #[inline(always)]
    fn run(self, _: impl Gather) -> Reader<'a> {
        let mut r = self.r;
        let width = <T::Bits as Unsigned>::WIDTH;
        let (fours, rest) = self.kept.as_chunks::<4>();
        for (row, lengths) in self.coefficients.iter_mut().zip(self.lengths.chunks(self.stride.max(1))) {
            let lengths = &lengths[..self.kept.len().min(lengths.len())];
            // High frequencies are often empty in all blocks, and rows are 0 from the start.
            if lengths.iter().fold(0, |union, &l| union | l) == 0 {
                continue;
            }
            let (fours_lengths, last) = lengths.split_at((4 * fours.len()).min(lengths.len()));
            for (four, lengths) in fours.iter().zip(fours_lengths.as_chunks::<4>().0) {
                let below = lengths.map(|l| u32::from(l).saturating_sub(1) % 64);
                let total: u32 = below.iter().sum();
                // Each read waits for the one before: one for all four where they fit.
                let mut bits = r.peek();
                let together = total <= 57;
                r.skip(if together { total } else { 0 });
                for ((&(lane, planes), below), &length) in four.iter().zip(below).zip(lengths) {
                    let low = if together { bits & ((1 << below) - 1) } else { r.take(below) };
                    bits >>= below;
                    let x = low | u64::from(length > 0) << below;
                    row[lane % LANES] = tolzip_core::Word::from_u64(x << ((width - planes) % 64));
                }
            }
            for (&(lane, planes), &length) in rest.iter().zip(last) {
                if length > 0 {
                    let below = u32::from(length) - 1;
                    let x = r.take(below % 64) | 1 << (below % 64);
                    row[lane % LANES] = tolzip_core::Word::from_u64(x << ((width - planes) % 64));
                }
            }
        }
        r
    }
}

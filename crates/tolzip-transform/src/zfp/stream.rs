//! All blocks of an array, a batch at a time.

use super::bits::{Reader, Writer};
use super::check::{Checker, Found};
use super::geometry::Geometry;
use super::params::Params;
use super::wide::Plane;
use super::{coder, lines, wide};
use alloc::vec::Vec;
use tolzip_core::{Result, Word};
use tolzip_simd::cast::{as_bits, as_bits_mut};
use tolzip_simd::zfp::{
    Blocks, Gather, LANES, Program, Row, Scalar, Transform, Unsigned, forward, inverse, run, to_planes,
};

/// Bits for a reversible block's number of planes.
const fn precision_bits<T: Scalar>() -> u32 {
    width::<T>().trailing_zeros()
}

/// Bits a value.
const fn width<T: Scalar>() -> u32 {
    <T::Bits as Unsigned>::WIDTH
}

const fn is_float<T: Scalar>() -> bool {
    T::EXPONENT_BITS > 0
}

/// Of the type's exponents.
pub(crate) const fn bias<T: Scalar>() -> i32 {
    if is_float::<T>() { (1 << (T::EXPONENT_BITS - 1)) - 1 } else { 0 }
}

/// Bit planes to code of a block with this exponent.
#[inline(always)]
pub(crate) fn planes_of<T: Scalar, const N: usize>(params: &Params, exponent: i32) -> u32 {
    if !is_float::<T>() {
        return params.max_prec();
    }
    let dims = N.trailing_zeros() as i32 / 2;
    (exponent - params.min_exp() + 2 * dims + 2).clamp(0, params.max_prec() as i32) as u32
}

const fn transform(params: &Params) -> Transform {
    if params.is_reversible() { Transform::Reversible } else { Transform::Lossy }
}

/// Appends all blocks; full words go to `out` now and then, the last ones stay in the writer.
pub(super) fn encode<T: Scalar, const N: usize>(
    values: &[T],
    geometry: &Geometry,
    params: Params,
    w: &mut Writer,
    out: &mut Vec<u8>,
) {
    let mut batch = [[T::Bits::default(); LANES]; N];
    let mut planes = [[T::Bits::default(); LANES]; N];
    let mut walk = geometry.walk();
    loop {
        let (blocks, count) = walk.next_batch();
        if count == 0 {
            return;
        }
        geometry.gather(as_bits(values), &blocks, &mut batch);
        if put_empty::<T, N>(&batch, &params, count, w, out) {
            continue;
        }
        let found = forward::<T, N>(&batch, transform(&params), &mut planes);
        run(WriteBlocks::<T, N> { w, out, planes: &planes, found: &found, params: &params, count });
    }
}

/// As [`encode`] at a fixed accuracy, with a check of what decoding will give.
pub(super) fn encode_checked<T: Scalar, const N: usize>(
    values: &[T],
    geometry: &Geometry,
    params: Params,
    bound: f64,
    w: &mut Writer,
    out: &mut Vec<u8>,
) -> Option<Found> {
    let mut batch = [[T::Bits::default(); LANES]; N];
    let (mut coefficients, mut planes) = (batch, batch);
    let mut checker = Checker::<T, N>::new(geometry, params, bound, values.len());
    let mut walk = geometry.walk();
    loop {
        let (blocks, count) = walk.next_batch();
        if count == 0 {
            return checker.finish();
        }
        geometry.gather(as_bits(values), &blocks, &mut batch);
        if put_empty::<T, N>(&batch, &params, count, w, out) {
            continue;
        }
        let found = forward::<T, N>(&batch, Transform::Coefficients, &mut coefficients);
        to_planes::<T, N>(&coefficients, &mut planes);
        run(WriteBlocks::<T, N> { w, out, planes: &planes, found: &found, params: &params, count });
        checker.batch(&batch, &coefficients, &found.exponents, &blocks, count);
    }
}

/// Whether an empty block is a bit, whatever follows.
fn is_bit<T: Scalar>(params: &Params) -> bool {
    is_float::<T>() && params.min_bits() <= 1
}

/// Whether a batch holds nothing but +0, as where there is no sea, no cloud or no gas.
pub(crate) fn is_empty<T: Scalar, const N: usize>(batch: &[Row<T::Bits>; N]) -> bool {
    let zero = T::Bits::default();
    batch.iter().all(|row| row.iter().fold(zero, |any, &x| any | x) == zero)
}

/// Writes `count` blocks if all are empty; says whether they were.
#[inline(always)]
fn put_empty<T: Scalar, const N: usize>(
    batch: &[Row<T::Bits>; N],
    params: &Params,
    count: usize,
    w: &mut Writer,
    out: &mut Vec<u8>,
) -> bool {
    let empty = is_bit::<T>(params) && is_empty::<T, N>(batch);
    if empty {
        w.flush_if_half_full(out);
        w.put_zeros(count as u32);
    }
    empty
}

/// Writes the first `count` blocks of a batch.
pub(super) struct WriteBlocks<'a, T: Scalar, const N: usize> {
    pub(super) w: &'a mut Writer,
    pub(super) out: &'a mut Vec<u8>,
    pub(super) planes: &'a [Row<T::Bits>; N],
    pub(super) found: &'a Blocks<T::Bits>,
    pub(super) params: &'a Params,
    pub(super) count: usize,
}

impl<T: Scalar, const N: usize> Program for WriteBlocks<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: impl Gather) {
        for l in 0..self.count.min(LANES) {
            self.w.flush_if_half_full(self.out);
            encode_block::<T, N>(self.w, self.planes, self.found, l, self.params);
        }
    }
}

/// Writes the block in one lane.
#[inline(always)]
fn encode_block<T: Scalar, const N: usize>(
    w: &mut Writer,
    planes: &[Row<T::Bits>; N],
    found: &Blocks<T::Bits>,
    l: usize,
    params: &Params,
) {
    let start = w.position();
    let precision = if params.is_reversible() {
        head_reversible::<T>(w, found.exponents[l], found.reinterpreted[l], found.union[l], params)
    } else {
        head::<T, N>(w, found.exponents[l], params)
    };
    let end = start + params.max_bits();
    if precision > 0 {
        encode_planes::<T, N>(w, planes, l, found.union[l], precision, end);
    }
    if w.position() > end {
        w.truncate(end);
    }
    w.put_zeros((start + params.min_bits()).saturating_sub(w.position()));
}

/// Writes what stands in front of a block's planes; returns how many planes there are to code.
#[inline(always)]
fn head<T: Scalar, const N: usize>(w: &mut Writer, exponent: i32, params: &Params) -> u32 {
    let precision = planes_of::<T, N>(params, exponent);
    if !is_float::<T>() {
        return precision;
    }
    let biased = (exponent + bias::<T>()) as u64;
    if precision == 0 || biased == 0 {
        w.put(0, 1);
        return 0;
    }
    w.put(2 * biased + 1, 1 + T::EXPONENT_BITS);
    precision
}

fn head_reversible<T: Scalar>(
    w: &mut Writer,
    exponent: i32,
    reinterpreted: bool,
    union: T::Bits,
    params: &Params,
) -> u32 {
    let biased = (exponent + bias::<T>()) as u64;
    if !is_float::<T>() {
        // No word about the exponent.
    } else if reinterpreted {
        w.put(3, 2);
    } else if biased == 0 {
        w.put(0, 1);
        return 0;
    } else {
        w.put(1, 2);
        w.put(biased, T::EXPONENT_BITS);
    }
    let precision = (width::<T>() - union.trailing_zeros()).clamp(1, params.max_prec());
    w.put(u64::from(precision) - 1, precision_bits::<T>());
    precision
}

#[inline(always)]
fn encode_planes<T: Scalar, const N: usize>(
    w: &mut Writer,
    planes: &[Row<T::Bits>; N],
    l: usize,
    union: T::Bits,
    precision: u32,
    end: u32,
) {
    let width = width::<T>();
    if N == 4 {
        let (line, count, budget) =
            (line::<T, N>(planes, l), precision.min(width), end.saturating_sub(w.position()));
        if budget > 57 {
            return lines::encode(w, &line, count, end);
        }
        let (code, length) = lines::encode_short(&line, count, budget);
        return w.put(code, length);
    }
    let bottom = width - precision.min(width);
    let top = (width - union.leading_zeros()).max(bottom);
    // Every empty plane on top is a single 0.
    w.put_zeros(width - top);
    if N == 256 {
        wide::encode(w, (bottom, top), end, |k| wide_plane::<T, N>(planes, l, k as usize));
    } else {
        coder::encode::<N>(w, (bottom, top), end, |k| plane::<T, N>(planes, l, k as usize));
    }
}

/// The planes of a block of four values, from the highest down.
#[inline(always)]
fn line<T: Scalar, const N: usize>(planes: &[Row<T::Bits>; N], l: usize) -> lines::Planes {
    let word = |i: usize| planes[i % N][l].to_u64();
    if width::<T>() == 64 {
        [word(0), word(1), word(2), word(3), 0]
    } else {
        [word(0) | word(1) << 32, word(2) | word(3) << 32, 0, 0, 0]
    }
}

/// Plane `k` of a block of 16 or 64 values, by the layout that `tolzip_simd::zfp::forward` documents.
#[inline(always)]
fn plane<T: Scalar, const N: usize>(planes: &[Row<T::Bits>; N], l: usize, k: usize) -> u64 {
    let width = size_of::<T>() * 8;
    if N < width {
        planes[k % N][l].to_u64() >> (N * (k / N)) & ((1 << N) - 1)
    } else if N == width {
        planes[k % N][l].to_u64()
    } else {
        planes[k % N][l].to_u64() | planes[(width + k) % N][l].to_u64() << (width % 64)
    }
}

#[inline(always)]
fn wide_plane<T: Scalar, const N: usize>(planes: &[Row<T::Bits>; N], l: usize, k: usize) -> Plane {
    let width = size_of::<T>() * 8;
    core::array::from_fn(|i| {
        (64 * i..64 * (i + 1)).step_by(width).rev().fold(0, |word, g| {
            // The double shift is that by `width`, without the overflow at 64.
            word << (width / 2) << (width / 2) | planes[(g + k) % N][l].to_u64()
        })
    })
}

/// Reads all blocks into `values`, whose length fits the geometry.
pub(super) fn decode<T: Scalar, const N: usize>(
    r: &mut Reader<'_>,
    geometry: &Geometry,
    params: Params,
    values: &mut [T],
) -> Result<()> {
    let mut batch = [[T::Bits::default(); LANES]; N];
    let mut walk = geometry.walk();
    loop {
        let (blocks, count) = walk.next_batch();
        if count == 0 {
            return Ok(());
        }
        decode_batch::<T, N>(r, &params, count, &mut batch)?;
        geometry.scatter(&batch, &blocks, count, as_bits_mut(values));
    }
}

/// Reads the next `count` blocks into the lanes of a batch.
pub(super) fn decode_batch<T: Scalar, const N: usize>(
    r: &mut Reader<'_>,
    params: &Params,
    count: usize,
    batch: &mut [Row<T::Bits>; N],
) -> Result<()> {
    if is_bit::<T>(params) && r.peek().trailing_zeros() >= count as u32 {
        r.skip(count as u32);
        *batch = [[T::Bits::default(); LANES]; N];
        return r.check();
    }
    let mut planes = Planes::<T, N> {
        planes: [[T::Bits::default(); LANES]; N],
        exponents: [-bias::<T>(); LANES],
        reinterpreted: [false; LANES],
    };
    *r = run(ReadBlocks::<T, N> { r: *r, params: *params, count, to: &mut planes });
    r.check()?;
    let Planes::<T, N> { planes, exponents, reinterpreted } = &planes;
    inverse::<T, N>(planes, transform(params), exponents, reinterpreted, batch);
    Ok(())
}

/// What stands in a stream for the blocks of a batch.
struct Planes<T: Scalar, const N: usize> {
    planes: [Row<T::Bits>; N],
    exponents: Row<i32>,
    reinterpreted: Row<bool>,
}

/// Reads the next `count` blocks and returns the reader behind them.
struct ReadBlocks<'a, 'b, T: Scalar, const N: usize> {
    r: Reader<'a>,
    params: Params,
    count: usize,
    to: &'b mut Planes<T, N>,
}

impl<'a, T: Scalar, const N: usize> Program for ReadBlocks<'a, '_, T, N> {
    type Output = Reader<'a>;

    #[inline(always)]
    fn run(self, gather: impl Gather) -> Reader<'a> {
        let Self { mut r, params, count, to } = self;
        // At a fixed rate every block is found without waiting for the one before.
        let is_fixed = params.min_bits() == params.max_bits();
        for l in 0..count.min(LANES) {
            let start = r.position();
            let precision = if params.is_reversible() {
                read_head_reversible::<T>(&mut r, &mut to.exponents[l], &mut to.reinterpreted[l])
            } else {
                read_head::<T, N>(&mut r, &params, &mut to.exponents[l])
            };
            if precision > 0 {
                let budget = params.max_bits() - (r.position() - start) as u32;
                decode_planes::<T, N>(gather, &mut r, &mut to.planes, l, precision, (is_fixed, budget));
            }
            let least = start + u64::from(params.min_bits());
            if is_fixed || r.position() < least {
                r.seek(least);
            }
        }
        r
    }
}

#[inline(always)]
fn read_head<T: Scalar, const N: usize>(r: &mut Reader<'_>, params: &Params, exponent: &mut i32) -> u32 {
    if !is_float::<T>() {
        return planes_of::<T, N>(params, 0);
    }
    let bits = r.peek();
    if bits & 1 == 0 {
        r.skip(1);
        return 0;
    }
    r.skip(1 + T::EXPONENT_BITS);
    *exponent = (bits >> 1 & ((1 << T::EXPONENT_BITS) - 1)) as i32 - bias::<T>();
    planes_of::<T, N>(params, *exponent)
}

fn read_head_reversible<T: Scalar>(r: &mut Reader<'_>, exponent: &mut i32, reinterpreted: &mut bool) -> u32 {
    if is_float::<T>() {
        if r.take(1) == 0 {
            return 0;
        }
        *reinterpreted = r.take(1) == 1;
        if !*reinterpreted {
            *exponent = r.take(T::EXPONENT_BITS) as i32 - bias::<T>();
        }
    }
    r.take(precision_bits::<T>()) as u32 + 1
}

#[inline(always)]
fn decode_planes<T: Scalar, const N: usize>(
    gather: impl Gather,
    r: &mut Reader<'_>,
    planes: &mut [Row<T::Bits>; N],
    l: usize,
    precision: u32,
    (is_fixed, budget): (bool, u32),
) {
    let width = width::<T>();
    let bottom = width - precision.min(width);
    let word = size_of::<T>() * 8;
    if N == 4 {
        let count = precision.min(width);
        let line = if is_fixed && budget <= 57 {
            lines::decode_short(r, count, budget)
        } else {
            lines::decode(r, count, budget)
        };
        for (i, row) in planes.iter_mut().enumerate() {
            row[l] = T::Bits::from_u64(if word == 64 { line[i] } else { line[i / 2 % 2] >> (32 * (i % 2)) });
        }
    } else if N == 256 {
        wide::decode(r, (bottom, width), budget, |k, x| {
            for g in (0..N).step_by(word) {
                planes[(g + k as usize) % N][l] = T::Bits::from_u64(x[g / 64 % 4] >> (g % 64));
            }
        });
    } else {
        coder::decode::<N, _>(gather, r, (bottom, width), budget, |k, x| {
            let k = k as usize;
            if N < word {
                planes[k % N][l] |= T::Bits::from_u64(x << (N * (k / N)));
            } else {
                planes[k % N][l] = T::Bits::from_u64(x);
                if N > word {
                    planes[(word + k) % N][l] = T::Bits::from_u64(x >> (word % 64));
                }
            }
        });
    }
}

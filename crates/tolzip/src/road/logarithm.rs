//! Point-wise relative bounds for codecs that hold absolute ones: they code the logarithms of the magnitudes.
//!
//! A factor of at most `1 + E` between a value and its reconstruction is a difference of at most `log2(1 + E)` between
//! their logarithms (the idea of Liang et al., *An efficient transformation scheme for lossy data compression with
//! point-wise relative error bound*, CLUSTER 2018). Zeros have no logarithm: they go where NaN and infinities go, into the
//! chunk's specials. Signs are stored as runs.
//!
//! ```text
//! payload := codec u8 | type u8 | offset i16 | signs: LEB128 length, compressed bytes | payload of the codec
//! type    := 1: the logarithms are f32; 2: f64
//! signs   := LEB128 integers: values that are positive, values that are negative, ... (only the first may be 0; what is
//!            not covered is positive); nothing at all if none is negative
//! value   := +- 2^(logarithm + offset)
//! ```

pub(crate) mod function;

use super::describe::inner;
use super::specials;
use crate::codec;
use crate::method::Method;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use function::{exp2, ln_1p, log2};
use tolzip_core::bytes::{Reader, put_leb128, put_prefixed, try_vec};
use tolzip_core::error::DecodeError;
use tolzip_core::{Bound, DType, Element, Error, Fields, Float, Result, Shape, Target};
use tolzip_lossless::bytes;

const TYPE_F32: u8 = DType::F32 as u8;
const TYPE_F64: u8 = DType::F64 as u8;

/// What a relative bound is among logarithms.
#[derive(Clone, Copy, Debug)]
struct Tolerance {
    /// Half the width of the interval.
    width: f64,
    /// What is added to a value's logarithm to come to the middle of its interval.
    shift: f64,
}

impl Tolerance {
    /// The interval whose upper end is `1 + e` and in which a reconstruction that is anywhere with equal likelihood is not
    /// biased: that of half width `a = l + l^2 / 6` around `-a^2 / 6`, with `l = ln(1 + e)`, up to terms of `l^4`. Its
    /// lower end is above `1 - e`.
    fn of(e: f64) -> Self {
        let l = ln_1p(if e < 1.0 { e } else { 1.0 });
        let a = l + l * l / 6.0;
        Self { width: a / core::f64::consts::LN_2, shift: -a * a / 6.0 / core::f64::consts::LN_2 }
    }
}

/// The magnitudes of an array that has any beside 0.
#[derive(Clone, Copy, Debug)]
struct Magnitudes {
    least: f64,
    most: f64,
}

/// An encoded payload, and what it decodes to.
pub(crate) struct Coded<C> {
    pub(crate) payload: Vec<u8>,
    pub(crate) decoded: Vec<C>,
}

/// Encodes the values that are no `hole` within the point-wise relative bound, nearly all of them: the caller checks.
/// Zeros have to be holes. `None` where the bound is too tight for logarithms, or nothing but holes is there.
pub(crate) fn encode<T: Element>(
    method: &Method,
    values: &[T],
    shape: Shape,
    e: f64,
    hole: impl Fn(T) -> bool + Copy,
) -> Result<Option<Coded<T::Carrier>>> {
    let (mut least, mut most) = (f64::INFINITY, 0.0);
    for &v in values.iter().filter(|v| !hole(**v)) {
        let x = Float::abs(v.to_f64());
        least = if x < least { x } else { least };
        most = if x > most { x } else { most };
    }
    let magnitudes = Magnitudes { least, most };
    let tolerance = Tolerance::of(e);
    if least > most || tolerance.width < 64.0 * rounding::<T::Carrier>(1.0) {
        return Ok(None);
    }
    // Relative roundings of the output are differences of logarithms, half as much again.
    let output = if T::DTYPE.is_float() { 1.5 * relative_rounding(T::DTYPE) } else { 0.0 };
    let tight = tolerance.width * (1.0 - 1.0 / 1_048_576.0) - output;
    let reach = (log2(most) - log2(least)) * 0.5 + 2.0;
    let usable = |slack: f64| slack <= tolerance.width / 16.0 && tight - slack >= tolerance.width / 2.0;
    if usable(rounding::<f32>(reach)) {
        let width = tight - rounding::<f32>(reach);
        encode_as::<T, f32>(method, values, shape, Tolerance { width, ..tolerance }, magnitudes, hole)
            .map(Some)
    } else if usable(rounding::<f64>(reach)) {
        let width = tight - rounding::<f64>(reach);
        encode_as::<T, f64>(method, values, shape, Tolerance { width, ..tolerance }, magnitudes, hole)
            .map(Some)
    } else {
        Ok(None)
    }
}

/// Half a unit in the last place of a number of type `C` below `reach`, which is at least 1.
fn rounding<C: Float>(reach: f64) -> f64 {
    let mut power = 1.0;
    while power < reach {
        power *= 2.0;
    }
    power / (1u64 << (C::MANTISSA_BITS + 2)) as f64
}

/// Half a unit in the last place of 1.
pub(super) fn relative_rounding(dtype: DType) -> f64 {
    let mantissa_bits = match dtype {
        DType::F64 => 52,
        DType::F32 => 23,
        DType::F16 => 10,
        _ => 7,
    };
    1.0 / (1u64 << (mantissa_bits + 1)) as f64
}

fn encode_as<T: Element, C: Float>(
    method: &Method,
    values: &[T],
    shape: Shape,
    tolerance: Tolerance,
    magnitudes: Magnitudes,
    hole: impl Fn(T) -> bool + Copy,
) -> Result<Coded<T::Carrier>> {
    // In the middle of the logarithms, a whole number: so that they have the more bits left for their fractions.
    let offset = (log2(magnitudes.least) * 0.5 + log2(magnitudes.most) * 0.5) as i16;
    let down = tolerance.shift - f64::from(offset);
    let mut logs: Vec<C> = try_vec(values.len())?;
    for (slot, &v) in logs.iter_mut().zip(values) {
        *slot = C::from_f64(log2(Float::abs(v.to_f64())) + down);
    }
    specials::bridge(values, &mut logs, hole);
    let signs = signs(values, hole);
    let (number, codec) = codec::lossy::<C>(method)?
        .ok_or(Error::BoundUnsupported { method: method.family(), kind: Bound::PointwiseRel(0.0).kind() })?;
    let mut payload = alloc::vec![number, C::DTYPE as u8];
    payload.extend_from_slice(&offset.to_le_bytes());
    let compressed = if signs.is_empty() { Vec::new() } else { bytes::compress(&signs) };
    put_prefixed(&mut payload, &compressed);
    let head = payload.len();
    codec.encode(&logs, shape, Target::Abs(tolerance.width), &mut payload)?;
    codec.decode(&payload[head..], shape, &mut logs)?;
    let mut decoded = try_vec(values.len())?;
    restore(&logs, offset, &signs, &mut decoded)?;
    Ok(Coded { payload, decoded })
}

/// The signs as runs; holes have the sign of the value before them.
fn signs<T: Element>(values: &[T], hole: impl Fn(T) -> bool) -> Vec<u8> {
    let mut runs = Vec::new();
    let (mut negative, mut run) = (false, 0);
    for &v in values {
        let now = if hole(v) { negative } else { v.to_f64() < 0.0 };
        if now != negative {
            put_leb128(&mut runs, run);
            (negative, run) = (now, 0);
        }
        run += 1;
    }
    if negative {
        put_leb128(&mut runs, run);
    }
    runs
}

/// Logarithms and signs to values.
fn restore<C: Float, D: Float>(logs: &[C], offset: i16, signs: &[u8], out: &mut [D]) -> Result<()> {
    let offset = f64::from(offset);
    let magnitude = |y: C| D::from_f64(exp2(y.to_f64() + offset));
    let mut runs = Reader::new(signs);
    let (mut logs, mut out, mut negative) = (logs, out, false);
    while !runs.is_empty() {
        let n = runs.leb128_up_to(logs.len(), "a run of signs beyond the chunk")?;
        let (head, rest) = logs.split_at(n);
        let (to, tail) = out.split_at_mut(n);
        for (slot, &y) in to.iter_mut().zip(head) {
            *slot = if negative { -magnitude(y) } else { magnitude(y) };
        }
        (logs, out, negative) = (rest, tail, !negative);
    }
    for (slot, &y) in out.iter_mut().zip(logs) {
        *slot = magnitude(y);
    }
    Ok(())
}

/// Decodes a payload into `out`, whose length is `shape.len()`.
pub(crate) fn decode<D: Float>(payload: &[u8], shape: Shape, out: &mut [D]) -> Result<()> {
    let mut r = Reader::new(payload);
    let (number, kind, offset) = (r.u8()?, r.u8()?, r.u16()? as i16);
    let signs = r.prefixed()?;
    let signs = if signs.is_empty() { Vec::new() } else { bytes::decompress(signs, out.len() + 16)? };
    match kind {
        TYPE_F32 => decode_as::<f32, D>(number, r.rest(), shape, offset, &signs, out),
        TYPE_F64 => decode_as::<f64, D>(number, r.rest(), shape, offset, &signs, out),
        _ => Err(Error::corrupt("logarithms of an unknown type")),
    }
}

/// The fields of a payload.
pub(crate) fn describe(payload: &[u8], shape: Shape) -> Result<Fields> {
    let mut r = Reader::new(payload);
    let (number, kind, offset) = (r.u8()?, r.u8()?, r.u16()? as i16);
    let signs = r.prefixed()?.len();
    let (of, inside) = match kind {
        TYPE_F32 => ("f32", inner::<f32>(number, r.rest(), shape)?),
        TYPE_F64 => ("f64", inner::<f64>(number, r.rest(), shape)?),
        _ => return Err(Error::corrupt("logarithms of an unknown type")),
    };
    let mut fields: Fields = [
        ("logarithms", of.to_string()),
        ("offset of logarithms", offset.to_string()),
        ("signs", format!("{signs} bytes")),
    ]
    .into();
    fields.extend(inside);
    Ok(fields)
}

fn decode_as<C: Float, D: Float>(
    number: u8,
    payload: &[u8],
    shape: Shape,
    offset: i16,
    signs: &[u8],
    out: &mut [D],
) -> Result<()> {
    let codec = codec::lossy_by_id::<C>(number).ok_or(DecodeError::UnknownCodec { id: number })?;
    let mut logs: Vec<C> = try_vec(out.len())?;
    codec.decode(payload, shape, &mut logs)?;
    restore(&logs, offset, signs, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_within_the_bound_and_without_bias() {
        for e in [1e-12, 1e-6, 1e-3, 0.03, 0.1, 0.3, 0.5, 1.0, 7.0] {
            let t = Tolerance::of(e);
            let (low, high) = ((t.shift - t.width).exp2(), (t.shift + t.width).exp2());
            assert!(high - 1.0 <= e * (1.0 + 1e-9) + 1e-15 && 1.0 - low <= e, "{e}: {low} {high}");
            assert!(high - 1.0 >= e.min(1.0) * 0.95 - 1e-15, "{e}: {high}");
            let mean = (high - low) / (high / low).ln();
            // Below, this way to find the mean is no longer accurate.
            assert!(e < 1e-6 || (mean - 1.0).abs() < 0.01 * e, "{e}: {mean}");
        }
    }

    #[test]
    fn runs_of_signs_come_back() {
        let values = [0.0f32, 3.0, -1.0, 0.0, -2.0, 5.0, f32::NAN, -4.0];
        let runs = signs(&values, |v| v == 0.0 || v.is_nan());
        assert_eq!(runs, [2, 3, 2, 1]);
        let mut back = [0f32; 8];
        restore(&[1f32; 8], 0, &runs, &mut back).unwrap();
        assert_eq!(back, [2.0, 2.0, -2.0, -2.0, -2.0, 2.0, 2.0, -2.0]);
        assert!(restore(&[1f32; 7], 0, &runs, &mut [0f32; 7]).is_err());
        assert!(signs(&[1.0f64, 2.0], |_| false).is_empty());
    }

    #[test]
    fn damaged_payloads_are_errors_or_harmless() {
        let values: Vec<f32> = (0..200).map(|i| (i as f32 - 77.5) * 1e-3).collect();
        let shape = Shape::new(&[10, 20]).unwrap();
        let method = "predict".parse().unwrap();
        let coded = encode(&method, &values, shape, 1e-2, |v| v == 0.0).unwrap().unwrap();
        let mut back = alloc::vec![0f32; 200];
        decode(&coded.payload, shape, &mut back).unwrap();
        assert_eq!(back, coded.decoded);
        assert!(values.iter().zip(&back).all(|(x, y)| (x - y).abs() <= 1e-2 * x.abs()));
        for cut in 0..coded.payload.len() {
            assert!(decode(&coded.payload[..cut], shape, &mut back).is_err(), "cut at {cut}");
        }
        for bit in 0..coded.payload.len() * 8 {
            let mut bad = coded.payload.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let _ = decode(&bad, shape, &mut back);
        }
    }
}

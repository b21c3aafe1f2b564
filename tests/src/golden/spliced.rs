//! Streams that no encoder writes today, but their pages allow: made of others, with what is to be different put in.

use crate::arrays::{Kind, array};
use crate::damage::in_long_form;
use crate::independent::{crc32c, parse};
use tolzip::codecs::{Codec, Target};
use tolzip::{AnyArray, Array, Bound, Compressor, DType, Limits, Scope, Shape, Stream};

/// Name and bytes of each.
pub(super) fn spliced(threads: usize) -> Vec<(String, Vec<u8>)> {
    let mut all = without_row_flags(threads);
    all.extend([DType::F32, DType::F64].map(|dtype| fast_in_scaled(dtype, threads)));
    // What the road around the codecs never asks them for, but their pages allow.
    for dtype in [DType::F32, DType::F64] {
        let size = dtype.size();
        let noise = array(dtype, &[30], Kind::AnyBits, 6);
        let stored = compress("predict", Bound::Abs(1e-300), Scope::Whole, threads, &noise);
        let values = parse(&stored).chunks[0].payload.clone();
        assert_eq!(values.len(), 30 * size, "a stored chunk");
        let payloads = [
            ("predict_verbatim", 3, [&[1, 0], &values[..]].concat()),
            ("predict_constant", 3, [&[1, 1], &values[..size]].concat()),
            ("fast_verbatim", 5, [&[0], &values[..]].concat()),
        ];
        for (name, codec, payload) in payloads {
            all.push((format!("rare_{dtype}_{name}.tlz"), with_payload(&stored, codec, &payload)));
        }
    }
    all
}

fn compress(method: &str, bound: Bound, scope: Scope, threads: usize, original: &AnyArray) -> Vec<u8> {
    let compressor = Compressor::new(method.parse().expect("a method"), bound).by(scope).threads(threads);
    compressor.compress_any(original).expect("a method that takes the array")
}

/// Predictions whose rows have no flags.
fn without_row_flags(threads: usize) -> Vec<(String, Vec<u8>)> {
    let noise = |dtype| array(dtype, &[600], Kind::Noise, 0);
    // Readings of a converter whose zero is none of its steps.
    let readings: Vec<f64> = (0..2000).map(|i| f64::from((i * i) % 97 - 30) * 0.005 + 1.002).collect();
    let narrow: Vec<f32> = readings.iter().map(|&v| v as f32).collect();
    let line = Shape::line(2000);
    let narrow: AnyArray = Array::new(narrow, line).expect("as many values").into();
    let readings: AnyArray = Array::new(readings, line).expect("as many values").into();
    let mut all = Vec::new();
    for (level, mixed) in [(2, ""), (4, "_mixed")] {
        for (predictor, name) in [("interpolation", "interpolation"), ("lorenzo", "causal")] {
            let mut add = |what: &str, bound: Bound, original: &AnyArray| {
                let method = format!("predict:predictor={predictor},level={level}");
                let stream = compress(&method, bound, Scope::Whole, threads, original);
                let bare = strip_row_flags(&stream);
                let values = |bytes: &[u8]| {
                    Stream::open(bytes, Limits::default()).expect("a stream").decode_any(1).expect("a stream")
                };
                assert_eq!(values(&stream), values(&bare), "a row was left out");
                all.push((
                    format!("rare_{}_{name}{mixed}{what}_without_row_flags.tlz", original.dtype()),
                    bare,
                ));
            };
            add("", Bound::Rel(1e-2), &noise(DType::F64));
            add("_wide", Bound::Rel(1e-5), &noise(DType::F32));
            if predictor == "lorenzo" {
                add("_offset", Bound::Abs(5e-4), &readings);
                add("_wide_offset", Bound::Abs(1e-5), &narrow);
            }
        }
    }
    all
}

/// A line's chunk of predictions, none of whose rows is left out, without the flags that say so.
fn strip_row_flags(stream: &[u8]) -> Vec<u8> {
    let payload = &parse(stream).chunks[0].payload;
    let kind = payload[1];
    assert!(kind & 0x40 != 0, "there are flags");
    // Behind the kind: the step, then which axes are whole; or the step, an offset, no exact values, and six weights.
    let mut at = if kind & 15 == 2 {
        11
    } else {
        let count = if kind & 0x20 != 0 { 18 } else { 10 };
        assert_eq!(payload[count], 0, "there are exact values");
        count + 13
    };
    let prefixed = |at: usize| {
        let (mut length, mut shift, mut end) = (0, 0, at);
        loop {
            length |= usize::from(payload[end] & 0x7f) << shift;
            shift += 7;
            end += 1;
            if payload[end - 1] < 0x80 {
                return end + length;
            }
        }
    };
    if kind & 0x80 == 0 {
        // Which contexts have which table, the alphabet, the tables.
        at = prefixed(prefixed(at) + 1);
    }
    let bare = [&[1, kind & !0x40], &payload[2..at], &payload[prefixed(at)..]].concat();
    with_payload(stream, 3, &bare)
}

/// Rows in units of their bounds, coded by `fast`, which is never taken for them.
fn fast_in_scaled(dtype: DType, threads: usize) -> (String, Vec<u8>) {
    let grown = array(dtype, &[4, 5, 6, 5], Kind::Growth, 0);
    let e = if dtype == DType::F32 { 1e-1 } else { 1e-7 };
    let stream = compress("predict:predictor=lorenzo", Bound::Rel(e), Scope::Row, threads, &grown);
    let payload = &parse(&stream).chunks[0].payload;
    assert_eq!(payload[..2], [3, dtype as u8], "predictions of numbers of the array's own type");
    let at = 3 + 2 * dtype.size() * 4;
    let shape = Shape::line(600);
    let mut new = payload[..at].to_vec();
    new[0] = 5;
    fn again<T: tolzip::codecs::Float>(coded: &[u8], shape: Shape, out: &mut Vec<u8>)
    where
        tolzip::codecs::predict::Predict: Codec<T>,
    {
        let mut numbers = vec![T::default(); shape.len()];
        tolzip::codecs::predict::Predict::default().decode(coded, shape, &mut numbers).expect("a payload");
        tolzip::codecs::fast::Fast.encode(&numbers, shape, Target::Abs(0.01), out).expect("finite numbers");
    }
    match dtype {
        DType::F32 => again::<f32>(&payload[at..], shape, &mut new),
        _ => again::<f64>(&payload[at..], shape, &mut new),
    }
    (format!("rare_{dtype}_rows_fast.tlz"), with_payload(&stream, 17, &new))
}

/// A stream of one chunk, with another payload, of this codec, in the long form.
fn with_payload(stream: &[u8], codec: u8, payload: &[u8]) -> Vec<u8> {
    let stream = &in_long_form(stream)[..];
    let old = &parse(stream).chunks[0].payload;
    let footer = stream.len() - 28;
    let header = 20 + stream[12] as usize + 256 * stream[13] as usize;
    let mut chunk = [&stream[header..footer - old.len()], payload].concat();
    chunk[0] = codec;
    let mut end = (chunk.len() as u32).to_le_bytes().to_vec();
    end.extend(crc32c(&chunk).to_le_bytes());
    end.extend(&stream[footer + 8..footer + 20]);
    let crc = crc32c(&end);
    end.extend(crc.to_le_bytes());
    [&stream[..header], &chunk, &end, b"TLZ$"].concat()
}

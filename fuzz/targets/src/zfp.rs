//! zfp's own streams: any bytes as one, and any array through ours and through zfp-rs.

use crate::take::Take;
use tolzip::zfp::{self, Header, Mode, Params, Parts};
use tolzip::{DType, Element, Shape, View};
use zfp_rs::{ZfpBitStream, ZfpConfig, ZfpDims, ZfpField, ZfpFieldMut, ZfpScalar, ZfpScalarType};

/// The first byte says which of the two.
pub fn zfp(bytes: &[u8]) {
    let mut take = Take(bytes);
    let how = take.u8();
    match how % 3 {
        0 => whole(take.rest()),
        1 => headless(&mut take),
        _ => match how / 3 % 4 {
            0 => compare::<f32>(ZfpScalarType::F32, &mut take),
            1 => compare::<f64>(ZfpScalarType::F64, &mut take),
            2 => compare::<i32>(ZfpScalarType::I32, &mut take),
            _ => compare::<i64>(ZfpScalarType::I64, &mut take),
        },
    }
}

/// A stream with a full header.
fn whole(bytes: &[u8]) {
    let header = Header::read(bytes);
    if let Ok(array) = zfp::decode_any(bytes, 1 << 20) {
        let header = header.expect("it was decoded");
        assert!(header.dtype() == array.dtype() && header.shape() == array.shape());
    }
}

/// A stream whose header the reader must know in part.
fn headless(take: &mut Take<'_>) {
    let flags = take.u8();
    let parts = Parts { magic: flags & 1 != 0, meta: flags & 2 != 0, mode: flags & 4 != 0 };
    let dtype = [DType::F32, DType::F64, DType::I32, DType::I64][usize::from(flags >> 3 & 3)];
    let shape = take.shape(4, 3000);
    let mode = Mode::Expert(params(take));
    let Ok(known) = Header::new(dtype, shape, mode) else { return };
    let (gap, bytes) = (usize::from(flags >> 5), take.rest());
    let strides: Vec<usize> = shape.strides()[..shape.ndim()].iter().map(|s| s * (gap + 1)).collect();
    let strides = (gap > 0).then_some(&strides[..]);
    let len = shape.len() * (gap + 1);
    let _ = match dtype {
        DType::F32 => zfp::decode_into(bytes, known, parts, &mut vec![0f32; len], strides),
        DType::F64 => zfp::decode_into(bytes, known, parts, &mut vec![0f64; len], strides),
        DType::I32 => zfp::decode_into(bytes, known, parts, &mut vec![0i32; len], strides),
        _ => zfp::decode_into(bytes, known, parts, &mut vec![0i64; len], strides),
    };
}

fn params(take: &mut Take<'_>) -> Params {
    let (how, a, b, e) = (take.u8(), u32::from(take.u16()), u32::from(take.u8()), i32::from(take.u16()));
    let (rate, planes, least) = (20 + a % 2980, 1 + b % 64, e % 160 - 90);
    let (min, max, precision, exponent) = match how % 6 {
        0 => (1, 16658, 64, least),
        1 => (rate, rate, 64, -1074),
        2 => (1, 16658, planes, -1074),
        3 => (1, 16658, 64, -1075),
        4 => ((1 + b * 2).min(rate), rate, planes, least),
        _ => (1, rate, planes, -1075),
    };
    Params::new(min, max, precision, exponent).expect("within the limits")
}

/// Ours and zfp-rs make the same bytes of the same values, and the same values of them.
fn compare<T: Element + ZfpScalar>(kind: ZfpScalarType, take: &mut Take<'_>) {
    let shape = take.shape(4, 800);
    let params = params(take);
    if shape.is_empty() || shape.ndim() == 0 {
        return;
    }
    let values = values::<T>(take, shape.len());
    let mode = Mode::Expert(params);
    let mine =
        zfp::encode(View::new(&values, shape).expect("whole"), mode, Parts::NONE).expect("a mode of zfp's");
    let mut back = vec![T::default(); values.len()];
    let known = Header::new(T::DTYPE, shape, mode).expect("as above");
    zfp::decode_into(&mine, known, Parts::NONE, &mut back, None).expect("just written");
    let fast_first: Vec<usize> = shape.sides().iter().rev().copied().collect();
    match fast_first[..] {
        [x] => theirs(kind, &values, [x], shape, params, &mine, &back),
        [x, y] => theirs(kind, &values, [x, y], shape, params, &mine, &back),
        [x, y, z] => theirs(kind, &values, [x, y, z], shape, params, &mine, &back),
        _ => {
            let sides: [usize; 4] = fast_first.try_into().expect("four");
            theirs(kind, &values, sides, shape, params, &mine, &back);
        }
    }
}

/// Values from bytes. Floats get exponents near 0: libzfp loses whole blocks of the smallest, which zfp-rs does not imitate,
/// and scales of the largest overflow.
fn values<T: Element>(take: &mut Take<'_>, len: usize) -> Vec<T> {
    let (smooth, scatter) = (take.u8(), u32::from(take.u8() % 64));
    let bytes = take.rest();
    let mut previous = 0i64;
    (0..len)
        .map(|i| {
            let mut word = [0; 8];
            for (k, w) in word.iter_mut().enumerate() {
                *w = bytes.get((i * 8 + k) % bytes.len().max(1)).copied().unwrap_or(i as u8);
            }
            let bits = i64::from_le_bytes(word);
            if smooth & 1 == 1 {
                previous = previous.wrapping_add(bits >> 40);
            } else {
                previous = bits;
            }
            if T::DTYPE.is_float() {
                let x = (previous >> scatter) as f64 / 65536.0;
                T::from_carrier(tolzip_core::Float::from_f64(x))
            } else {
                use tolzip_core::Word;
                T::from_bits(T::Bits::from_u64((previous >> scatter) as u64))
            }
        })
        .collect()
}

fn theirs<T: Element + ZfpScalar, D: ZfpDims + Copy>(
    kind: ZfpScalarType,
    values: &[T],
    sides: D,
    shape: Shape,
    params: Params,
    mine: &[u8],
    back: &[T],
) {
    let (a, b, p, e) = (params.min_bits(), params.max_bits(), params.max_prec(), params.min_exp());
    let config = ZfpConfig::expert(a, b, p, e).expect("the same limits");
    let mut out = vec![T::default(); values.len()];
    let room = config.maximum_size(kind, sides).expect("a small array");
    let mut stream = ZfpBitStream::new(room).expect("a little memory");
    stream.compress(&config, &ZfpField::new(values, sides).expect("whole")).expect("room for it");
    assert!(stream.as_bytes() == mine, "compressed {shape} {params:?}");
    stream.rewind();
    stream.decompress(&config, &mut ZfpFieldMut::new(&mut out, sides).expect("whole")).expect("just written");
    let same = back.iter().zip(&out).all(|(x, y)| x.to_bits() == y.to_bits());
    assert!(same, "decompressed {shape} {params:?}");
}

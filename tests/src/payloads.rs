//! Payloads by the independent decoders.

use crate::independent::{self, met};
use tolzip::{DType, Element, Shape, with_dtype};

/// Decodes a codec's payload by the codec's own public interface, as the format's page says: values or carriers.
#[must_use]
pub fn payload(dtype: DType, codec: u8, bytes: &[u8], size: &[u64]) -> Vec<u8> {
    let sides: Vec<usize> = size.iter().map(|&s| s as usize).collect();
    let shape = Shape::new(&sides).unwrap();
    if codec == 16 {
        return logarithms(dtype, bytes, shape);
    }
    if codec == 17 {
        return scaled(dtype, bytes, size);
    }
    if codec == 4 && !bytes.is_empty() {
        met::note("transform kind", bytes[0]);
        met::note("transform mode", mode(u16::from_le_bytes([bytes[1], bytes[2]])));
    }
    with_dtype!(dtype, T => {
        let mut out = vec![T::default(); shape.len()];
        match codec {
            2 => return independent::lossless::decode(bytes, size, size_of::<T>()),
            4 => {
                let wide = <<T as Element>::Carrier as Element>::DTYPE == DType::F64;
                let bits = independent::transform::decode(bytes, size, wide);
                out = bits.into_iter().map(|b| T::from_carrier(from_bits::<<T as Element>::Carrier>(b))).collect();
            }
            3 | 5 => {
                let wide = <<T as Element>::Carrier as Element>::DTYPE == DType::F64;
                let bits = if codec == 3 {
                    independent::predict::decode(bytes, size, wide)
                } else {
                    independent::fast::decode(bytes, size, wide, independent::entropy::bytes)
                };
                out = bits.into_iter().map(|b| T::from_carrier(from_bits::<<T as Element>::Carrier>(b))).collect();
            }
            other => panic!("codec {other}"),
        }
        tolzip::AnyArray::from(tolzip::Array::new(out, shape).unwrap()).to_le_bytes()
    })
}

/// Which of zfp's modes a mode word is of: 0 rate, 1 precision, 2 reversible, 3 accuracy, 4 any other.
fn mode(word: u16) -> u32 {
    match word {
        0..2048 => 0,
        2048..2176 => 1,
        2176 => 2,
        2177..4095 => 3,
        _ => 4,
    }
}

fn from_bits<C: Element>(bits: u64) -> C {
    C::from_bits(<C::Bits as tolzip_core::Word>::from_u64(bits))
}

/// A payload of codec 16, by `tolzip_tests::independent` but for the codec inside.
fn logarithms(dtype: DType, bytes: &[u8], shape: Shape) -> Vec<u8> {
    let size: Vec<u64> = shape.sides().iter().map(|&s| s as u64).collect();
    let inner = if bytes[1] == 1 { DType::F32 } else { DType::F64 };
    met::note("logarithms, 16 codec + type", 16 * bytes[0] + bytes[1]);
    let length = bytes[4..].iter().position(|b| b & 0x80 == 0).unwrap() + 1;
    let signs = bytes[4..4 + length].iter().rev().fold(0, |n, b| n << 7 | usize::from(b & 0x7f));
    let (signs, rest) = bytes[4 + length..].split_at(signs);
    met::note("logarithm signs", u8::from(!signs.is_empty()));
    let signs = if signs.is_empty() { Vec::new() } else { compressed(signs) };
    let logs = tolzip::AnyArray::from_le_bytes(inner, shape, &payload(inner, bytes[0], rest, &size)).unwrap();
    let logs: Vec<f64> = tolzip::with_any!(&logs, a => a.values().iter().map(|v| v.to_f64()).collect());
    let values = independent::from_logarithms(&logs, i16::from_le_bytes([bytes[2], bytes[3]]), &signs);
    with_dtype!(dtype, T => {
        let carriers = values.into_iter().map(<<T as Element>::Carrier as tolzip::codecs::Float>::from_f64);
        tolzip::AnyArray::from(tolzip::Array::new(carriers.map(T::from_carrier).collect(), shape).unwrap()).to_le_bytes()
    })
}

/// A payload of codec 17, by `tolzip_tests::independent` but for the codec inside.
fn scaled(dtype: DType, bytes: &[u8], size: &[u64]) -> Vec<u8> {
    let inner = if bytes[1] == 1 { DType::F32 } else { DType::F64 };
    met::note("scaled, 16 codec + type", 16 * bytes[0] + bytes[1]);
    met::note("scaled by index", u8::from(bytes[2] != 255));
    let axis = (bytes[2] != 255).then(|| usize::from(bytes[2]));
    let shape = Shape::new(&size.iter().map(|&s| s as usize).collect::<Vec<_>>()).unwrap();
    with_dtype!(dtype, T => {
        type Carrier = <T as Element>::Carrier;
        let width = size_of::<Carrier>();
        let number = |b: &[u8]| match b.try_into() {
            Ok(four) if width == 4 => f64::from(f32::from_le_bytes(four)),
            _ => f64::from_le_bytes(b.try_into().unwrap()),
        };
        let count = axis.map_or(1, |a| size[a] as usize);
        let (pairs, rest) = bytes[3..].split_at(2 * width * count);
        let scales: Vec<(f64, f64)> =
            pairs.chunks(2 * width).map(|p| (number(&p[..width]), number(&p[width..]))).collect();
        let line = if axis.is_some() { vec![shape.len() as u64] } else { size.to_vec() };
        let line_shape = Shape::new(&line.iter().map(|&s| s as usize).collect::<Vec<_>>()).unwrap();
        let ys = tolzip::AnyArray::from_le_bytes(inner, line_shape, &payload(inner, bytes[0], rest, &line)).unwrap();
        let ys: Vec<f64> = tolzip::with_any!(&ys, a => a.values().iter().map(|v| v.to_f64()).collect());
        let values = independent::from_scaled(&ys, size, axis, &scales).into_iter();
        let values = values.map(|v| T::from_carrier(<Carrier as tolzip::codecs::Float>::from_f64(v))).collect();
        tolzip::AnyArray::from(tolzip::Array::new(values, shape).unwrap()).to_le_bytes()
    })
}

/// Byte strings, as sections have them.
#[must_use]
pub fn compressed(bytes: &[u8]) -> Vec<u8> {
    independent::lossless::decompress(bytes)
}

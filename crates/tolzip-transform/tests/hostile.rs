//! Bytes that nobody compressed: every answer is a value or an error.

use proptest::prelude::*;
use tolzip_core::error::DecodeError;
use tolzip_core::{Codec, DType, Element, Error, Float, Shape, Target, View};
use tolzip_transform::zfp::{self, Header, Mode, Params, Parts};
use tolzip_transform::{Settings, Transform};

const MODES: [Mode; 5] =
    [Mode::Accuracy(1e-3), Mode::Accuracy(0.0), Mode::Rate(5.3), Mode::Precision(20), Mode::Reversible];

fn sample<T: Element>(shape: Shape) -> Vec<T> {
    (0..shape.len())
        .map(|i| T::from_carrier(T::Carrier::from_f64((i * i % 101) as f64 * 0.3 - 9.0)))
        .collect()
}

/// Every bit of the head, and one bit of each byte behind it.
fn flips(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len.min(24))
        .flat_map(|byte| (0..8).map(move |bit| (byte, bit)))
        .chain((24..len).map(|byte| (byte, byte % 8)))
}

fn every_truncation_is_an_error<T: Element>() {
    for sides in [&[30][..], &[6, 7], &[5, 4, 3], &[2, 5, 4, 3]] {
        let shape = Shape::new(sides).unwrap();
        for mode in MODES {
            let full =
                zfp::encode(View::new(&sample::<T>(shape), shape).unwrap(), mode, Parts::FULL).unwrap();
            // The last word may be padding, but not all of it.
            for cut in 0..full.len() - 7 {
                assert!(zfp::decode::<T>(&full[..cut], 1 << 20).is_err(), "{sides:?} {mode:?} {cut}");
            }
            for (byte, bit) in flips(full.len()) {
                let mut bad = full.clone();
                bad[byte] ^= 1 << bit;
                let _ = zfp::decode::<T>(&bad, 1 << 20);
            }
        }
    }
}

#[test]
fn truncated_or_flipped_f32_streams_are_harmless() {
    every_truncation_is_an_error::<f32>();
}

#[test]
fn truncated_or_flipped_f64_streams_are_harmless() {
    every_truncation_is_an_error::<f64>();
}

#[test]
fn truncated_or_flipped_integer_streams_are_harmless() {
    every_truncation_is_an_error::<i32>();
    every_truncation_is_an_error::<i64>();
}

fn chunks<T: Float>(settings: Settings, target: Target) {
    let codec = Transform::new(settings).unwrap();
    for sides in [&[30][..], &[6, 7], &[5, 1, 3, 2, 2], &[2, 5, 4, 3]] {
        let shape = Shape::new(sides).unwrap();
        let mut out = vec![T::default(); shape.len()];
        let mut bytes = Vec::new();
        codec.encode(&sample::<T>(shape), shape, target, &mut bytes).unwrap();
        codec.decode(&bytes, shape, &mut out).unwrap();
        for cut in 0..bytes.len() {
            assert!(codec.decode(&bytes[..cut], shape, &mut out).is_err());
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(codec.decode(&longer, shape, &mut out).is_err());
        for (byte, bit) in flips(bytes.len()) {
            let mut bad = bytes.clone();
            bad[byte] ^= 1 << bit;
            let _ = codec.decode(&bad, shape, &mut out);
        }
    }
}

#[test]
fn chunks_must_be_consumed_exactly() {
    chunks::<f32>(Settings::Auto, Target::Abs(0.01));
    chunks::<f64>(Settings::Auto, Target::Abs(1e-9));
    chunks::<f32>(Settings::Context, Target::Abs(0.01));
    chunks::<f64>(Settings::Context, Target::Abs(1e-9));
    chunks::<f32>(Settings::Auto, Target::Lossless);
    chunks::<f64>(Settings::Reversible, Target::Knob);
    chunks::<f64>(Settings::Rate(7.5), Target::Knob);
    chunks::<f32>(Settings::Precision(9), Target::Knob);
}

/// A header with these fields and nothing behind it.
fn header(ndim: u64, kind: u64, sizes: u64, mode: u64) -> Vec<u8> {
    let mut bytes = b"zfp\x05".to_vec();
    let meta = u128::from(kind) | u128::from(ndim - 1) << 2 | u128::from(sizes) << 4 | u128::from(mode) << 52;
    bytes.extend_from_slice(&meta.to_le_bytes());
    bytes
}

#[test]
fn absurd_headers_are_refused_before_memory_is_asked_for() {
    let largest = (1 << 48) - 1;
    for ndim in 1..=4 {
        let bytes = header(ndim, 2, largest, 2176);
        assert_eq!(Header::read(&bytes).unwrap().dtype(), DType::F32);
        assert_eq!(
            zfp::decode::<f32>(&bytes, 1 << 30),
            Err(DecodeError::Limit { needed: 1 << 50, limit: 1 << 30 }.into())
        );
        // Even without a limit, there are too few bytes for that many blocks.
        assert!(matches!(
            zfp::decode::<f32>(&bytes, u64::MAX),
            Err(Error::Decode(DecodeError::Truncated { .. }))
        ));
        assert_eq!(
            zfp::decode::<f64>(&bytes, u64::MAX),
            Err(Error::TypeMismatch { stored: DType::F32, asked: DType::F64 })
        );
        assert_eq!(
            zfp::decode::<i64>(&header(ndim, 0, 5, 2176), u64::MAX),
            Err(Error::TypeMismatch { stored: DType::I32, asked: DType::I64 })
        );
        // 2048 bits a block: the bytes needed are known before anything is allocated.
        assert!(matches!(
            zfp::decode::<f32>(&header(ndim, 2, 4000, 2047), u64::MAX),
            Err(Error::Decode(DecodeError::Truncated { .. }))
        ));
    }
    // A precision beyond 64, a block that can't hold its exponent, more bits at least than at most.
    assert!(Header::read(&header(1, 2, 5, 2175)).is_err());
    assert!(zfp::decode::<f32>(&header(1, 2, 5, 3), 1 << 20).is_err());
    assert!(Header::read(&header(1, 2, 5, 0xfff | 9 << 12 | 8 << 27)).is_err());
    assert!(Header::read(b"zfp\x04aaaaaaaaaaaaaaaa").is_err());
    assert!(Header::read(&[]).is_err());
}

fn bare<T: Element>(bytes: &[u8], shape: Shape, mode: Mode, out: &mut [T]) -> tolzip_core::Result<()> {
    zfp::decode_into(bytes, Header::new(T::DTYPE, shape, mode)?, Parts::NONE, out, None)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_are_harmless(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        sides in prop::collection::vec(1usize..8, 1..5),
        (a, b, p, e) in (1u32..3000, 20u32..3000, 1u32..=64, -1076i32..200),
    ) {
        let shape = Shape::new(&sides).unwrap();
        let mode = Mode::Expert(Params::new(a.min(b), b, p, e).unwrap());
        let _ = bare(&bytes, shape, mode, &mut vec![0f32; shape.len()]);
        let _ = bare(&bytes, shape, mode, &mut vec![0f64; shape.len()]);
        let _ = bare(&bytes, shape, mode, &mut vec![0i32; shape.len()]);
        let _ = bare(&bytes, shape, mode, &mut vec![0i64; shape.len()]);
        let codec = Transform::default();
        let _ = codec.decode(&bytes, shape, &mut vec![0f32; shape.len()]);
        let mut versioned = vec![2];
        versioned.extend_from_slice(&bytes);
        let _ = codec.decode(&versioned, shape, &mut vec![0f32; shape.len()]);
        versioned[0] = 1;
        let _ = codec.decode(&versioned, shape, &mut vec![0f64; shape.len()]);
        let mut headed = b"zfp\x05".to_vec();
        headed.extend_from_slice(&bytes);
        let _ = zfp::decode::<f32>(&headed, 1 << 16);
        let _ = zfp::decode::<f64>(&headed, 1 << 16);
        let _ = zfp::decode_any(&headed, 1 << 16);
    }
}

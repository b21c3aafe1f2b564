//! The golden streams by decoders that share no code with the library: each is written from the pages of the format alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tolzip::codecs::Codec;
use tolzip::codecs::transform::{Settings, Transform};
use tolzip::{DType, Element, Limits, Stream, with_dtype};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::independent::{self, entropy, fast, lossless, predict, transform};

/// Every payload of this codec among the golden streams; the first two bytes of each are returned.
fn payloads(codec: u8, mut check: impl FnMut(&str, DType, &independent::Chunk)) -> BTreeSet<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1");
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    names.sort();
    let mut seen = 0;
    let mut kinds = BTreeSet::new();
    for path in names.iter().filter(|p| p.extension().is_some_and(|e| e == "tlz")) {
        let bytes = fs::read(path).unwrap();
        let parsed = independent::parse(&bytes);
        let dtype = Stream::open(&bytes, Limits::default()).unwrap().info().dtype;
        for chunk in parsed.chunks.iter().filter(|c| c.codec == codec) {
            check(&path.file_name().unwrap().to_string_lossy(), dtype, chunk);
            seen += 1;
            kinds.insert(chunk.payload.iter().take(2).copied().collect::<Vec<u8>>());
        }
    }
    assert!(seen > 20, "{seen} payloads of codec {codec}");
    kinds
}

#[test]
fn predictions_are_as_their_page_says() {
    let kinds = payloads(3, |name, dtype, chunk| {
        let sides: Vec<usize> = chunk.size.iter().map(|&s| s as usize).collect();
        let shape = tolzip::Shape::new(&sides).unwrap();
        with_dtype!(dtype, T => {
            type Carrier = <T as Element>::Carrier;
            let mut want = vec![Carrier::default(); shape.len()];
            let library = tolzip::codecs::predict::Predict::default();
            tolzip::codecs::Codec::decode(&library, &chunk.payload, shape, &mut want).unwrap();
            let want: Vec<u64> = want.into_iter().map(|v| tolzip_core::Word::to_u64(v.to_bits())).collect();
            let double = <Carrier as Element>::DTYPE == DType::F64;
            assert!(predict::decode(&chunk.payload, &chunk.size, double) == want, "{name}");
        });
    });
    let reached = |byte: u8| kinds.contains(&vec![1, byte]);
    assert!([0, 1, 2, 3, 0x42, 0x43, 0x52, 0x53, 0xc2, 0xc3].into_iter().all(reached), "{kinds:02x?}");
}

#[test]
fn fast_payloads_are_as_their_page_says() {
    let kinds = payloads(5, |name, dtype, chunk| {
        let sides: Vec<usize> = chunk.size.iter().map(|&s| s as usize).collect();
        let shape = tolzip::Shape::new(&sides).unwrap();
        with_dtype!(dtype, T => {
            type Carrier = <T as Element>::Carrier;
            let mut want = vec![Carrier::default(); shape.len()];
            let library = tolzip::codecs::fast::Fast;
            tolzip::codecs::Codec::decode(&library, &chunk.payload, shape, &mut want).unwrap();
            let want: Vec<u64> = want.into_iter().map(|v| tolzip_core::Word::to_u64(v.to_bits())).collect();
            let double = <Carrier as Element>::DTYPE == DType::F64;
            assert!(fast::decode(&chunk.payload, &chunk.size, double, entropy::bytes) == want, "{name}");
        });
    });
    assert!([0, 1].into_iter().all(|byte| kinds.iter().any(|k| k[0] == byte)), "{kinds:02x?}");
}

#[test]
fn lossless_payloads_are_as_their_page_says() {
    let kinds = payloads(2, |name, dtype, chunk| {
        let sides: Vec<usize> = chunk.size.iter().map(|&s| s as usize).collect();
        let shape = tolzip::Shape::new(&sides).unwrap();
        with_dtype!(dtype, T => {
            let mut want = vec![T::default(); shape.len()];
            let library = tolzip::codecs::lossless::Lossless::default();
            tolzip::codecs::Codec::decode(&library, &chunk.payload, shape, &mut want).unwrap();
            let want = tolzip::AnyArray::from(tolzip::Array::new(want, shape).unwrap()).to_le_bytes();
            assert!(lossless::decode(&chunk.payload, &chunk.size, size_of::<T>()) == want, "{name}");
        });
    });
    let flags = kinds.iter().fold(0, |all, k| all | k[1]);
    assert_eq!(flags, 0x7f, "a flag that no golden stream has");
}

/// Holds a payload of `transform` against the library.
fn same_transform<C: tolzip::codecs::Float>(payload: &[u8], sides: &[usize], what: &str) {
    let shape = tolzip::Shape::new(sides).unwrap();
    let mut want = vec![C::default(); shape.len()];
    Transform::default().decode(payload, shape, &mut want).unwrap();
    let want: Vec<u64> = want.into_iter().map(|v| tolzip_core::Word::to_u64(v.to_bits())).collect();
    let sides: Vec<u64> = sides.iter().map(|&s| s as u64).collect();
    let found = transform::decode(payload, &sides, C::DTYPE == DType::F64);
    assert!(found == want, "{what}: value {:?}", found.iter().zip(&want).position(|(a, b)| a != b));
}

#[test]
fn transform_payloads_are_as_their_page_says() {
    let mut seen = [0; 3];
    payloads(4, |name, dtype, chunk| {
        let sides: Vec<usize> = chunk.size.iter().map(|&s| s as usize).collect();
        seen[usize::from(chunk.payload[0])] += 1;
        with_dtype!(dtype, T => same_transform::<<T as Element>::Carrier>(&chunk.payload, &sides, name));
    });
    assert!(seen[1] > 20 && seen[2] > 20, "{seen:?} payloads");
}

/// In all modes: few planes, rates that end blocks within a head, within a plane and never, values far apart, any bits.
#[test]
fn zfp_streams_are_as_their_page_says() {
    let shapes: &[&[usize]] =
        &[&[1], &[3], &[103], &[64, 8], &[13, 10], &[8, 12, 4], &[9, 6, 7], &[1, 7, 1, 5], &[3, 6, 5, 9]];
    let kinds = [
        Kind::Smooth,
        Kind::Noisy,
        Kind::Steps,
        Kind::Sparse,
        Kind::Exponents,
        Kind::Denormal,
        Kind::Constant,
        Kind::AnyBits,
    ];
    let mut settings = vec![(Settings::Reversible, tolzip::codecs::Target::Lossless)];
    settings
        .extend([1, 3, 17, 40, 64].map(|planes| (Settings::Precision(planes), tolzip::codecs::Target::Knob)));
    let rates = [0.1, 1.0, 2.3, 5.0, 9.5, 17.0, 33.0, 70.0, 128.0];
    settings.extend(rates.map(|rate| (Settings::Rate(rate), tolzip::codecs::Target::Knob)));
    settings.extend([1e3, 0.1, 1e-6, 1e-310].map(|e| (Settings::Auto, tolzip::codecs::Target::Abs(e))));
    for dtype in [DType::F32, DType::F64] {
        for (i, sides) in shapes.iter().enumerate() {
            for kind in kinds {
                let original = array(dtype, sides, kind, i as u64);
                for &(setting, target) in &settings {
                    let codec = Transform::new(setting).unwrap();
                    let (mut payload, what) =
                        (Vec::new(), format!("{dtype} {sides:?} {kind:?} {setting:?} {target:?}"));
                    match &original {
                        tolzip::AnyArray::F32(a) => {
                            codec.encode(a.values(), a.shape(), target, &mut payload).unwrap();
                            same_transform::<f32>(&payload, sides, &what);
                        }
                        tolzip::AnyArray::F64(a) => {
                            codec.encode(a.values(), a.shape(), target, &mut payload).unwrap();
                            same_transform::<f64>(&payload, sides, &what);
                        }
                        other => panic!("{}", other.dtype()),
                    }
                }
            }
        }
    }
}

/// All numbers of dimensions and both types, sides that are multiples of four and not, from bounds that leave a plane or none
/// to such as keep everything, exponents far apart, and more blocks than a segment has.
#[test]
fn coefficients_by_context_are_as_their_page_says() {
    let shapes: &[&[usize]] = &[
        &[1],
        &[3],
        &[1003],
        &[64, 64],
        &[33, 30],
        &[16, 12, 20],
        &[9, 10, 11],
        &[1, 7, 1, 5],
        &[3, 6, 5, 9],
    ];
    let kinds = [
        Kind::Smooth,
        Kind::Noisy,
        Kind::Steps,
        Kind::Sparse,
        Kind::Growth,
        Kind::Exponents,
        Kind::Denormal,
        Kind::Constant,
    ];
    let codec = Transform::new(Settings::Context).unwrap();
    let check = |original: &tolzip::AnyArray, bound: f64, what: &str| {
        let mut payload = Vec::new();
        let target = tolzip::codecs::Target::Abs(bound);
        match original {
            tolzip::AnyArray::F32(a) => {
                codec.encode(a.values(), a.shape(), target, &mut payload).unwrap();
                same_transform::<f32>(&payload, a.shape().sides(), what);
            }
            tolzip::AnyArray::F64(a) => {
                codec.encode(a.values(), a.shape(), target, &mut payload).unwrap();
                same_transform::<f64>(&payload, a.shape().sides(), what);
            }
            other => panic!("{}", other.dtype()),
        }
    };
    for dtype in [DType::F32, DType::F64] {
        for (i, sides) in shapes.iter().enumerate() {
            for kind in kinds {
                let original = array(dtype, sides, kind, i as u64);
                for bound in [1e300, 3.0, 0.1, 1e-3, 1e-9, 1e-40, 1e-310] {
                    check(&original, bound, &format!("{dtype} {sides:?} {kind:?} {bound:e}"));
                }
            }
        }
        let large = array(dtype, &[150, 100, 101], Kind::Noisy, 3);
        check(&large, 1e-2, &format!("{dtype}, two segments"));
    }
}

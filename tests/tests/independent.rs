//! The golden streams by decoders that share no code with the library: each is written from the pages of the format alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tolzip::{DType, Element, Limits, Stream, with_dtype};
use tolzip_tests::independent::{self, entropy, fast, lossless, predict};

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

//! The library against the decoder that was written from `docs/format.md` alone, and against itself on other threads.

use proptest::prelude::*;
use tolzip::{Bound, Compressor, DType, Limits, Scope, Shape, Stream};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::independent;
use tolzip_tests::methods::with_bounds;
use tolzip_tests::payloads::{compressed, payload};

#[test]
fn the_specification_and_the_library_agree() {
    for dtype in DType::ALL {
        for (method, bound) in with_bounds(dtype) {
            if ["deflate", "lz4", "brotli", "pco"].contains(&method.family()) {
                continue;
            }
            for (i, kind) in Kind::ALL.into_iter().enumerate() {
                let original = array(dtype, &[7, 6, 5], kind, i as u64);
                let mut compressor = Compressor::new(method.clone(), bound);
                if i % 2 == 0 {
                    compressor = compressor.chunk(&[3, 6, 2]);
                } else if i % 3 == 0 {
                    compressor = compressor.by(Scope::Axis(1));
                }
                let bytes = compressor.compress_any(&original).unwrap();
                let stream = Stream::open(&bytes, Limits::default()).unwrap();
                let parsed = independent::parse(&bytes);
                let info = stream.info();
                assert_eq!(parsed.dtype, info.dtype as u8);
                assert_eq!(parsed.method, info.method);
                assert_eq!(parsed.max_error.to_bits(), info.max_error.to_bits());
                assert_eq!(parsed.bound.1, bound.value().unwrap_or(0.0));
                let values = independent::decode(&parsed, |c, b, s| payload(dtype, c, b, s), compressed);
                assert_eq!(
                    values,
                    stream.decode_any(1).unwrap().to_le_bytes(),
                    "{method} {bound:?} {dtype} {kind:?}"
                );
            }
        }
    }
}

/// Mixed integers tell the contexts of all values apart, of which tables join most: where the page could be misread, they show it.
#[test]
fn mixed_integers_of_small_sides_are_as_their_page_says() {
    let method: tolzip::Method = "predict:predictor=interpolation,level=4".parse().unwrap();
    for sides in
        [[1, 5, 2, 7], [5, 1, 2, 7], [7, 2, 1, 7], [2, 5, 3, 4], [3, 2, 2, 8], [4, 3, 5, 9], [1, 16, 3, 7]]
    {
        for (dtype, bound) in [(DType::F32, 1e-1), (DType::F64, 1e-1), (DType::F64, 1e-3)] {
            let original = array(dtype, &sides, Kind::Noise, 0);
            let bytes = Compressor::new(method.clone(), Bound::Rel(bound)).compress_any(&original).unwrap();
            let want = Stream::open(&bytes, Limits::default()).unwrap().decode_any(1).unwrap().to_le_bytes();
            let parsed = independent::parse(&bytes);
            let values = independent::decode(&parsed, |c, b, s| payload(dtype, c, b, s), compressed);
            assert!(values == want, "{dtype} {sides:?} {bound}");
        }
    }
}

#[test]
fn the_entropy_coders_and_their_page_agree() {
    let mut random = tolzip_tests::arrays::Bits(7);
    for n in [0usize, 1, 5, 63, 64, 65, 1000, 30_000] {
        for spread in [1u64, 2, 7, 40, 256] {
            // Bytes that are mostly small, with repeats of what was before.
            let mut bytes: Vec<u8> = Vec::new();
            while bytes.len() < n {
                let (far, long) = (random.bits() as usize % 900 + 1, random.bits() as usize % 90);
                if random.bits().is_multiple_of(20) && far <= bytes.len() {
                    (0..long).for_each(|_| bytes.push(bytes[bytes.len() - far]));
                } else {
                    bytes.push((random.bits() % spread * (random.bits() % spread) / spread) as u8);
                }
            }
            bytes.truncate(n);
            let mut coded = Vec::new();
            tolzip_entropy::rans::encode_bytes(&bytes, &mut coded);
            assert_eq!(independent::entropy::bytes(&coded, n), bytes, "rANS, {n} of {spread}");
            let mut coded = Vec::new();
            tolzip_entropy::lz::compress(&bytes, &mut coded);
            assert_eq!(independent::entropy::lz77(&coded, n), bytes, "LZ77, {n} of {spread}");
        }
    }
}

#[test]
fn default_chunks_are_where_the_specification_says() {
    for sides in [&[1usize << 25][..], &[5000, 5000], &[300, 300, 300], &[20, 40, 300, 301], &[20_000_000, 3]]
    {
        let shape = Shape::new(sides).unwrap();
        let values = vec![1u8; shape.len()];
        let view = tolzip::View::new(&values, shape).unwrap();
        let bytes = Compressor::new("lossless".parse().unwrap(), Bound::Lossless).compress(view).unwrap();
        let parsed = independent::parse(&bytes);
        let info = Stream::open(&bytes, Limits::default()).unwrap().info();
        let chunk: Vec<u64> = info.chunk.sides().iter().map(|&s| s as u64).collect();
        assert_eq!(parsed.chunk, chunk);
        assert!(info.chunks > 1 && info.chunks == parsed.chunks.len());
    }
}

#[test]
fn transform_is_read_in_parts_at_any_mode() {
    let sides = [104, 120, 100];
    let shape = Shape::new(&sides).unwrap();
    let wave = |i: usize| (i as f32 * 0.003).sin() + (i % 100) as f32 * 0.01;
    let values: Vec<f32> = (0..shape.len()).map(wave).collect();
    let view = tolzip::View::new(&values, shape).unwrap();
    let modes = [
        ("transform", Bound::Rel(1e-3)),
        ("transform", Bound::Lossless),
        ("transform:mode=rate,rate=6", Bound::Knob),
        ("transform:mode=precision,precision=14", Bound::Knob),
        ("transform:coder=context", Bound::Abs(0.01)),
    ];
    for (method, bound) in modes {
        let with = |threads| {
            Compressor::new(method.parse().unwrap(), bound).threads(threads).compress(view).unwrap()
        };
        let mut bytes = with(1);
        assert!(bytes == with(2), "{method}");
        let whole = tolzip::decompress::<f32>(&bytes).unwrap();
        let stream = Stream::open(&bytes, Limits::default()).unwrap();
        let info = stream.info();
        assert!(info.chunks > 1 && info.chunk.len() <= 1 << 20, "{method}: {:?}", info.chunk);
        // With the bytes of all other chunks damaged, the region is still what it was.
        let lengths: Vec<usize> = (0..info.chunks).map(|i| stream.chunk(i).unwrap().bytes as usize).collect();
        let mut at = bytes.len() - 8 * info.chunks - 20 - lengths.iter().sum::<usize>();
        for (i, length) in lengths.into_iter().enumerate() {
            if i > 0 {
                bytes[at + length / 2] ^= 0x10;
            }
            at += length;
        }
        let stream = Stream::open(&bytes, Limits::default()).unwrap();
        let region: Vec<_> = info.chunk.sides().iter().map(|&side| side / 2..side).collect();
        let part = stream.region::<f32>(&region, 1).unwrap();
        let mut places = part.values().iter();
        for (z, y, x) in region[0].clone().flat_map(|z| {
            let (ys, xs) = (region[1].clone(), region[2].clone());
            ys.flat_map(move |y| xs.clone().map(move |x| (z, y, x)))
        }) {
            assert_eq!(places.next(), Some(&whole.values()[(z * sides[1] + y) * sides[2] + x]), "{method}");
        }
        assert!(stream.decode::<f32>(2).is_err());
    }
}

#[test]
fn the_bytes_do_not_depend_on_the_threads() {
    for dtype in [DType::F32, DType::F64, DType::I16] {
        for (method, bound) in with_bounds(dtype) {
            let original = array(dtype, &[30, 20, 10], Kind::Noisy, 8);
            let with = |threads| {
                let c = Compressor::new(method.clone(), bound).threads(threads).chunk(&[7, 20, 10]);
                c.compress_any(&original).unwrap()
            };
            let one = with(1);
            assert_eq!(one, with(2), "{method} {bound:?}");
            assert_eq!(one, with(7), "{method} {bound:?}");
            let stream = Stream::open(&one, Limits::default()).unwrap();
            let (a, b) = (stream.decode_any(1).unwrap(), stream.decode_any(7).unwrap());
            assert_eq!(a.to_le_bytes(), b.to_le_bytes());
        }
    }
}

#[test]
fn writing_as_one_goes_gives_the_same_bytes() {
    let values: Vec<f32> = (0..6000).map(|i| (i as f32 * 0.01).sin()).collect();
    let view = tolzip::View::new(&values, Shape::new(&[60, 100]).unwrap()).unwrap();
    let compressor = Compressor::new("predict".parse().unwrap(), Bound::Rel(1e-3)).chunk(&[7, 100]);
    let mut written = Vec::new();
    let summary = compressor.write(view, &mut written).unwrap();
    assert_eq!(written, compressor.compress(view).unwrap());
    assert_eq!(
        (summary.raw_bytes, summary.compressed_bytes, summary.chunks),
        (24_000, written.len() as u64, 9)
    );
    assert!(summary.max_error > 0.0 && summary.max_error <= 2e-3);
}

proptest! {
    #[test]
    fn any_region_is_a_part_of_the_whole(
        sides in prop::collection::vec(1usize..12, 1..4),
        cuts in prop::collection::vec(1usize..8, 4),
        picks in prop::collection::vec((0.0f64..1.0, 0.0f64..1.0), 4),
        seed: u64,
    ) {
        let original = array(DType::F32, &sides, Kind::Noisy, seed);
        let bytes = Compressor::new("predict".parse().unwrap(), Bound::Abs(1e-2))
            .chunk(&cuts[..sides.len()])
            .compress_any(&original)
            .unwrap();
        let stream = Stream::open(&bytes, Limits::default()).unwrap();
        let whole = stream.decode::<f32>(1).unwrap();
        let region: Vec<_> = sides.iter().zip(&picks).map(|(&s, &(a, b))| {
            let (a, b) = ((a * (s + 1) as f64) as usize, (b * (s + 1) as f64) as usize);
            a.min(b)..a.max(b)
        }).collect();
        let part = stream.region::<f32>(&region, 1).unwrap();
        let start: Vec<usize> = region.iter().map(|r| r.start).collect();
        let mut want = Vec::new();
        whole.view().gather(&start, part.shape(), &mut want);
        prop_assert_eq!(part.values(), &want[..]);
    }
}

#[test]
fn arrays_of_the_half_crate_are_the_same_streams() {
    let values: Vec<half::f16> = (0..600).map(|i| half::f16::from_f32((i as f32 * 0.02).sin())).collect();
    let ours: Vec<tolzip::F16> = values.iter().map(|v| tolzip::F16(v.to_bits())).collect();
    let bytes = tolzip::compress(&values, &[20, 30], Bound::rel(1e-2)).unwrap();
    assert_eq!(bytes, tolzip::compress(&ours, &[20, 30], Bound::rel(1e-2)).unwrap());
    let back = tolzip::decompress::<half::f16>(&bytes).unwrap();
    assert!(values.iter().zip(back.values()).all(|(x, y)| (x.to_f32() - y.to_f32()).abs() <= 0.02));
    assert!(matches!(tolzip::decompress::<half::bf16>(&bytes), Err(tolzip::Error::TypeMismatch { .. })));
}

/// None of its chunks is there to be decoded, however large they would be.
#[test]
fn an_empty_array_needs_no_limit() {
    for sides in [[3000, 0, 1000], [0, 3000, 1000], [3000, 1000, 0]] {
        let empty = array(DType::F64, &sides, Kind::Smooth, 0);
        let bytes =
            Compressor::new("predict".parse().unwrap(), Bound::Abs(0.1)).compress_any(&empty).unwrap();
        let back = Stream::open(&bytes, Limits::bytes(0)).unwrap().decode_any(1).unwrap();
        assert_eq!(back.shape().sides(), sides);
    }
}

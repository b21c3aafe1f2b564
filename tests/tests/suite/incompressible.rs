//! Arrays that nothing can make smaller: what a stream of them may add.

use tolzip::{AnyArray, Array, Bound, Compressor, DType, Limits, Shape, Stream};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::methods::{check, with_bounds};

const LENGTHS: [usize; 4] = [0, 1, 7, 1000];

/// Random bits of every type, up to so many, by these methods: all that grow by as much as 0.1 % and 256 bytes, and what came out in bytes.
fn grown(methods: &[(&str, Bound)], most: usize) -> Vec<String> {
    let mut out = Vec::new();
    for dtype in DType::ALL {
        for n in LENGTHS.into_iter().chain([most]) {
            let original = array(dtype, &[n], Kind::AnyBits, n as u64 + 1);
            for (method, bound) in methods {
                let bytes = Compressor::new(method.parse().unwrap(), *bound).compress_any(&original).unwrap();
                let back = Stream::open(&bytes, Limits::default()).unwrap().decode_any(2).unwrap();
                let context = format!("{method} {bound:?} on {n} {dtype}");
                check(&original, &back, *bound).unwrap_or_else(|e| panic!("{context}: {e}"));
                let raw = n * dtype.size();
                // 1000 (stream - raw) < raw + 256000, without a division.
                if bytes.len() * 1000 >= raw * 1001 + 256_000 {
                    out.push(format!("{context}: {raw} bytes became {}", bytes.len()));
                }
            }
        }
    }
    out
}

/// NaN with bits of their own, which go beside the payload, one by one.
fn nans(n: usize) -> AnyArray {
    let values =
        (0..n as u64).map(|i| f32::from_bits(0x7fc0_0000 | (i.wrapping_mul(0x9e37_79b9) as u32 >> 10)));
    Array::new(values.collect(), Shape::line(n)).unwrap().into()
}

#[test]
fn no_stream_is_larger_than_the_most_it_can_be() {
    let mut originals: Vec<AnyArray> = vec![nans(3000), nans(1)];
    for dtype in DType::ALL {
        let kinds = [Kind::AnyBits, Kind::Runs, Kind::Holes];
        originals
            .extend(kinds.iter().flat_map(|&kind| LENGTHS.map(|n| array(dtype, &[n], kind, n as u64 + 1))));
    }
    let (mut streams, mut closest) = (0, u64::MAX);
    for original in &originals {
        let mut methods = with_bounds(original.dtype());
        // All rows, whose index would be the longest.
        methods.push(("sample:mode=stratified,rate=1".parse().unwrap(), Bound::Knob));
        methods.push(("sample:mode=stratified,rate=0.4".parse().unwrap(), Bound::Knob));
        for (method, bound) in methods {
            for chunk in [None, Some(7)] {
                let mut compressor = Compressor::new(method.clone(), bound).threads(1);
                if let Some(side) = chunk {
                    compressor = compressor.chunk(&[side]);
                }
                let most = compressor.max_compressed_bytes(original.shape(), original.dtype()).unwrap();
                let Ok(bytes) = compressor.compress_any(original) else { continue };
                let context = || format!("{method} {bound:?} on {} {}", original.shape(), original.dtype());
                assert!(bytes.len() as u64 <= most, "{}: {} bytes, at most {most}", context(), bytes.len());
                streams += 1;
                closest = closest.min(most - bytes.len() as u64);
            }
        }
    }
    // What is allowed for and not always there: the chunks' shape and what was reached.
    assert!(streams > 1000 && closest < 100, "{streams} streams, the closest is {closest} bytes below");
}

#[test]
fn random_bits_hardly_grow_without_loss() {
    let methods =
        ["lossless:level=1", "lossless", "lossless:level=3", "auto"].map(|method| (method, Bound::Lossless));
    let grown = grown(&methods, 1_000_000);
    assert!(grown.is_empty(), "{}", grown.join("\n"));
}

#[test]
fn random_bits_hardly_grow_within_a_bound_below_their_precision() {
    let mut methods = Vec::new();
    for method in ["fast", "predict", "predict:level=4", "auto", "transform", "transform:coder=context"] {
        methods.extend([1e-300, 1e-40].map(|e| (method, Bound::Abs(e))));
        methods.push((method, Bound::PointwiseRel(1e-30)));
    }
    let grown = grown(&methods, 200_000);
    assert!(grown.is_empty(), "{}", grown.join("\n"));
}

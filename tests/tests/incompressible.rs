//! Arrays that nothing can make smaller: what a stream of them may add.

use tolzip::{Bound, Compressor, DType, Limits, Stream};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::methods::check;

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

//! Golden streams: which there are, and the hash that says what they decode to.

use crate::arrays::{Kind, array};
use crate::methods::{is_like_others, with_bounds};
use tolzip::{Bound, Compressor, DType};

/// FNV-1a, 64 bits.
#[must_use]
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// Name and bytes of a stream for every method and bound, over some types, shapes and kinds, by so many threads.
#[must_use]
pub fn streams(threads: usize) -> Vec<(String, Vec<u8>)> {
    let cases: &[(DType, &[usize], Kind)] = &[
        (DType::F32, &[9, 10, 11], Kind::Noisy),
        (DType::F32, &[40, 41, 42], Kind::Smooth),
        (DType::F64, &[3000], Kind::Noisy),
        (DType::F64, &[20, 30], Kind::Holes),
        (DType::F32, &[700], Kind::Sparse),
        (DType::F64, &[4, 5, 6, 5], Kind::Smooth),
        (DType::F16, &[12, 13], Kind::Steps),
        (DType::I32, &[8, 9, 7], Kind::Noisy),
    ];
    // Decimals, of which only the bit-exact codec takes note.
    let exact: &[(DType, &[usize], Kind)] = &[
        (DType::F32, &[2000], Kind::Steps),
        (DType::F64, &[600], Kind::Steps),
        (DType::U16, &[40, 25], Kind::Noisy),
    ];
    let cases = cases.iter().map(|c| (c, true)).chain(exact.iter().map(|c| (c, false)));
    let lossless =
        |level: u8| (format!("lossless:level={level}").parse().expect("a listed method"), Bound::Lossless);
    let mut all = Vec::new();
    for (&(dtype, sides, kind), any_method) in cases {
        let original = array(dtype, sides, kind, 1);
        let mut methods = if any_method { with_bounds(dtype) } else { vec![lossless(2)] };
        methods.extend([lossless(1), lossless(3)]);
        for (method, bound) in methods {
            let one_of_many =
                bound.second().is_some() || matches!(bound, Bound::Psnr(60.0) | Bound::Ratio(_));
            if is_like_others(&method, bound) || (!one_of_many && bound.value().is_some_and(|e| e != 1e-3)) {
                continue;
            }
            let text: String =
                method.to_string().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            let dims: Vec<String> = sides.iter().map(ToString::to_string).collect();
            let name =
                format!("{dtype}_{}_{kind:?}_{text}_{}.tlz", dims.join("x"), bound.kind()).to_lowercase();
            let bytes = Compressor::new(method, bound)
                .threads(threads)
                .compress_any(&original)
                .expect("a listed method");
            // The repository need not carry what compresses badly.
            if bytes.len() <= 12_000 {
                all.push((name, bytes));
            }
        }
    }
    all
}

/// As [`streams`], of larger arrays in chunks, so that threads have something to share. Too much to be kept.
#[must_use]
pub fn chunked(threads: usize) -> Vec<(String, Vec<u8>)> {
    let cases: [(DType, &[usize], &[usize], Kind); 4] = [
        (DType::F32, &[48, 50, 40], &[17, 25, 40], Kind::Noisy),
        (DType::F64, &[30_000], &[4000], Kind::Growth),
        (DType::F32, &[200, 130], &[64, 64], Kind::Runs),
        (DType::I16, &[150, 90], &[70, 50], Kind::Smooth),
    ];
    let mut all = Vec::new();
    for (dtype, sides, chunk, kind) in cases {
        let original = array(dtype, sides, kind, 2);
        let few = |bound: &Bound| bound.value().is_none_or(|e| e == 1e-3 || e == 60.0);
        for (method, bound) in
            with_bounds(dtype).into_iter().filter(|(m, b)| few(b) && !is_like_others(m, *b))
        {
            let name = format!("{dtype} {sides:?} {kind:?} {method} {}", bound.kind());
            let compressor = Compressor::new(method, bound).threads(threads).chunk(chunk);
            all.push((name, compressor.compress_any(&original).expect("a listed method")));
        }
    }
    all
}

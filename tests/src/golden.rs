//! Golden streams: which there are, and the hash that says what they decode to.

use crate::arrays::{Kind, array};
use crate::methods::{is_like_others, with_bounds};
use tolzip::{Bound, Compressor, DType};

/// FNV-1a, 64 bits.
#[must_use]
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// Name and bytes of a stream for every method and bound, over some types, shapes and kinds.
#[must_use]
pub fn streams() -> Vec<(String, Vec<u8>)> {
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
            let bytes =
                Compressor::new(method, bound).threads(1).compress_any(&original).expect("a listed method");
            // The repository need not carry what compresses badly.
            if bytes.len() <= 12_000 {
                all.push((name, bytes));
            }
        }
    }
    all
}

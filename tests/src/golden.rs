//! Golden streams: which there are, and the hash that says what they decode to.

mod rare;
mod spliced;

use crate::arrays::{Kind, array};
use crate::methods::{is_like_others, with_bounds};
pub use rare::rare;
use tolzip::{Bound, Compressor, DType, Method, NonFinite, Scope};

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

/// Name and bytes of streams with what [`streams`] has none of: other types, chunks, fill values, masks, bounds by index, and the
/// kinds of payload that defaults rarely choose.
#[must_use]
pub fn features(threads: usize) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut add = |name: &str, compressor: Compressor, original: &tolzip::AnyArray| {
        let bytes =
            compressor.threads(threads).compress_any(original).expect("a method that takes the array");
        all.push((format!("feature_{}_{name}.tlz", original.dtype()), bytes));
    };
    let method = |text: &str| text.parse::<tolzip::Method>().expect("a method");
    for dtype in DType::ALL {
        let compressor = |name: &str| Compressor::new(method(name), Bound::Rel(1e-2));
        let smooth = array(dtype, &[15, 8, 3], Kind::Noisy, 4);
        add("chunks", compressor("auto").chunk(&[7, 8, 2]), &smooth);
        add("columns", compressor("transform").by(Scope::Column), &smooth);
        add("constant", compressor("auto"), &array(dtype, &[200], Kind::Constant, 4));
        add("empty", compressor("predict"), &array(dtype, &[3, 0], Kind::Smooth, 4));
        add("one", compressor("fast"), &array(dtype, &[], Kind::Smooth, 4));
        if dtype.is_float() {
            let runs = array(dtype, &[60, 9], Kind::Runs, 4);
            add(
                "fill",
                compressor("predict").fill_value(if dtype == DType::F16 { 6e4 } else { 1e20 }),
                &runs,
            );
            add("masked", compressor("fast").non_finite(NonFinite::Mask), &runs);
        }
    }
    for dtype in [DType::F32, DType::F64] {
        let any = array(dtype, &[90], Kind::AnyBits, 5);
        for family in ["predict", "fast", "transform", "lossless"] {
            let bound = if family == "lossless" { Bound::Lossless } else { Bound::Abs(1e-30) };
            add(&format!("any_{family}"), Compressor::new(method(family), bound), &any);
        }
        let smooth = array(dtype, &[9, 10, 11], Kind::Smooth, 5);
        for (name, text, bound) in [
            ("lorenzo", "predict:predictor=lorenzo", 1e-4),
            ("interpolation", "predict:predictor=interpolation", 1e-4),
            ("exhaustive", "predict:level=3", 1e-2),
            ("mixed_interpolation", "predict:predictor=interpolation,level=4", 1e-3),
            ("mixed_lorenzo", "predict:predictor=lorenzo,level=4", 1e-3),
            ("wide", "predict:predictor=interpolation", 1e-7),
            ("wide_fast", "fast", 1e-7),
            ("wide_context", "transform:coder=context", 1e-7),
        ] {
            add(name, Compressor::new(method(text), Bound::Abs(bound)), &smooth);
        }
        add("reversible", Compressor::new(method("transform:mode=reversible"), Bound::Lossless), &smooth);
        add(
            "planes",
            Compressor::new(method("predict"), Bound::Abs(1e-3)),
            &array(dtype, &[3, 8, 9, 20], Kind::Noisy, 5),
        );
        add(
            "line",
            Compressor::new(method("predict"), Bound::Abs(1e-3)),
            &array(dtype, &[3000], Kind::Noisy, 5),
        );
        add(
            "table",
            Compressor::new(method("predict"), Bound::Abs(1e-3)),
            &array(dtype, &[700, 5], Kind::Noisy, 5),
        );
    }
    all
}

/// Name and bytes of streams in the format's short form: every type, number of axes, kind of bound and way to name a method.
#[must_use]
pub fn short(threads: usize) -> Vec<(String, Vec<u8>)> {
    let sides: [&[usize]; 9] = [
        &[],
        &[300],
        &[3, 130],
        &[5, 6, 7],
        &[1, 2, 3, 200],
        &[2, 2, 2, 2, 2],
        &[1, 1, 1, 1, 1, 40],
        &[2, 1, 2, 1, 2, 1, 2],
        &[1, 2, 1, 2, 1, 2, 1, 2],
    ];
    let mut all = Vec::new();
    for (i, dtype) in DType::ALL.into_iter().enumerate() {
        for (j, (method, bound)) in with_bounds(dtype).into_iter().enumerate() {
            let sides = sides[all.len() % sides.len()];
            let kind = [Kind::Noisy, Kind::Smooth, Kind::Holes, Kind::Constant][all.len() % 4];
            // Of the many pairs of method and bound a different part for each type; samples are never in the short form.
            let is_sample = matches!(method, Method::Sample(_));
            if is_sample || is_like_others(&method, bound) || (j + i) % 9 != 0 {
                continue;
            }
            let text: String =
                method.to_string().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            let name = format!("short_{dtype}_{}d_{kind:?}_{text}_{}", sides.len(), bound.kind());
            let original = array(dtype, sides, kind, 3);
            let bytes = Compressor::new(method, bound).threads(threads).compress_any(&original);
            let bytes = bytes.expect("a listed method");
            if crate::independent::is_short(&bytes) {
                all.push((format!("{}.tlz", name.to_lowercase()), bytes));
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

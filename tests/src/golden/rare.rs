//! Streams of the kinds, layouts and flags that few arrays call for.

use crate::arrays::{Kind, array};
use tolzip::{Bound, Compressor, DType, Scope};

/// Name and bytes of streams whose payloads are of the kinds that neither `streams` nor `features` reach.
#[must_use]
pub fn rare(threads: usize) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut add = |name: &str, method: &str, bound: Bound, original: &tolzip::AnyArray| {
        let method = method.parse().expect("a method");
        let bytes = Compressor::new(method, bound).threads(threads).compress_any(original);
        let bytes = bytes.expect("a method that takes the array");
        all.push((format!("rare_{}_{name}.tlz", original.dtype()), bytes));
    };
    for dtype in [DType::F32, DType::F64] {
        for level in 1..=3 {
            let lossless = format!("lossless:level={level}");
            add(&format!("few_{level}"), &lossless, Bound::Lossless, &words(dtype, 500, 9, 9));
            let repeats = words(dtype, 3000, 1500, 700);
            add(&format!("repeats_{level}"), &lossless, Bound::Lossless, &repeats);
        }
    }
    all.retain(|(_, bytes)| bytes.len() <= 12_000);
    all.extend(flagged(threads));
    all.extend(super::spliced::spliced(threads));
    all
}

/// Name, array, method and bound.
type Case = (&'static str, DType, &'static [usize], Kind, &'static str, Bound, Scope);

/// Streams whose payloads have flags and kinds that few arrays call for.
fn flagged(threads: usize) -> Vec<(String, Vec<u8>)> {
    use DType::{F32, F64, I64};
    let (rel, whole) = (Bound::Rel, Scope::Whole);
    let causal = "predict:predictor=lorenzo";
    let (mixed, mixed_even) =
        ("predict:predictor=lorenzo,level=4", "predict:predictor=interpolation,level=4");
    let context = "transform:coder=context";
    let cases: &[Case] = &[
        ("wide_offset", F32, &[600], Kind::Sparse, causal, rel(1e-10), whole),
        ("wide_mixed_offset", F32, &[600], Kind::Sparse, mixed, rel(1e-10), whole),
        ("mixed_offset", F64, &[30], Kind::Ulps, mixed, rel(0.01), whole),
        ("wide_mixed", F32, &[30], Kind::AnyBits, mixed, rel(1e-5), whole),
        ("wide_mixed_interpolation", F32, &[30], Kind::AnyBits, mixed_even, rel(1e-5), whole),
        ("mixed_small_sides", F64, &[5, 2, 7], Kind::Noise, mixed_even, rel(0.1), whole),
        ("exact_values", F32, &[30], Kind::Holes, causal, rel(0.1), whole),
        ("fast_one_head", F32, &[30], Kind::Smooth, "fast", rel(0.1), whole),
        ("fast_exact_values", F32, &[600], Kind::Spikes, "fast", rel(0.1), whole),
        ("fast_wide", F32, &[30], Kind::Denormal, "fast", rel(0.1), whole),
        ("fast_offset", F64, &[30], Kind::Ulps, "fast", Bound::PointwiseRel(1e-10), whole),
        ("far_exponents", F64, &[600], Kind::Exponents, context, rel(0.1), whole),
        ("far_exponents", F32, &[600], Kind::Exponents, context, rel(0.1), whole),
        ("ranks_predicted", F64, &[700, 5], Kind::Steps, "lossless", Bound::Lossless, whole),
        ("matches_predicted", I64, &[700, 5], Kind::Scales, "lossless:level=3", Bound::Lossless, whole),
        ("matches_magnitudes", F32, &[600], Kind::Runs, "lossless:level=3", Bound::Lossless, whole),
        ("matches_floats", F64, &[600], Kind::Runs, "lossless:level=3", Bound::Lossless, whole),
    ];
    let mut all = Vec::new();
    let mut add = |name: &str, method: &str, bound: Bound, scope: Scope, original: &tolzip::AnyArray| {
        let method = method.parse().expect("a method");
        let bytes = Compressor::new(method, bound).by(scope).threads(threads).compress_any(original);
        let bytes = bytes.expect("a method that takes the array");
        all.push((format!("rare_{}_{name}.tlz", original.dtype()), bytes));
    };
    for &(name, dtype, sides, kind, method, bound, scope) in cases {
        add(name, method, bound, scope, &array(dtype, sides, kind, 0));
    }
    // Readings of a converter whose zero is none of its steps.
    let readings: Vec<f64> = (0..2000).map(|i| f64::from((i * i) % 97 - 30) * 0.005 + 1.002).collect();
    let readings = tolzip::Array::new(readings, tolzip::Shape::line(2000)).expect("as many values").into();
    add("offset", causal, Bound::Abs(5e-4), whole, &readings);
    for dtype in [F32, F64] {
        for level in ["", ",level=4"] {
            let method = format!("predict:predictor=interpolation{level}");
            let name = if level.is_empty() { "followed" } else { "mixed_followed" };
            add(name, &method, Bound::Abs(0.1), whole, &film(dtype, &[9, 15, 16]));
            add(&format!("{name}_slowest"), &method, Bound::Abs(0.1), whole, &film(dtype, &[9, 2, 15, 8]));
        }
        add(
            "wide_followed",
            "predict:predictor=interpolation",
            Bound::Abs(1e-6),
            whole,
            &film(dtype, &[9, 15, 16]),
        );
    }
    // Decimals of which none tells anything of the next.
    let mut random = crate::arrays::Bits(8);
    let decimals: Vec<f64> = (0..600).map(|_| (random.bits() % 10_000) as f64 / 100.0).collect();
    let decimals = tolzip::Array::new(decimals, tolzip::Shape::line(600)).expect("as many values").into();
    for level in 1..=3 {
        add(
            &format!("decimals_{level}"),
            &format!("lossless:level={level}"),
            Bound::Lossless,
            whole,
            &decimals,
        );
    }
    for dtype in [F32, F64] {
        let (grown, noisy) =
            (array(dtype, &[4, 5, 6, 5], Kind::Growth, 0), array(dtype, &[600], Kind::Smooth, 0));
        for (family, method) in
            [("predict", causal), ("transform", "transform"), ("fast", "fast"), ("context", context)]
        {
            for (bound, e) in [("loose", 1e-1), ("tight", 1e-7)] {
                add(&format!("rows_{family}_{bound}"), method, rel(e), Scope::Row, &grown);
            }
            for (bound, e) in [("loose", 1e-2), ("tight", 1e-8)] {
                add(&format!("logarithms_{family}_{bound}"), method, Bound::PointwiseRel(e), whole, &noisy);
            }
        }
    }
    all.retain(|(_, bytes)| bytes.len() <= 12_000);
    all
}

/// Frames, along the slowest axis, of noise that stays in its place while all of it grows and sinks.
fn film(dtype: DType, sides: &[usize]) -> tolzip::AnyArray {
    let shape = tolzip::Shape::new(sides).expect("a shape");
    let frame = shape.len() / sides[0];
    let mut random = crate::arrays::Bits(3);
    let map: Vec<f64> = (0..frame).map(|_| (random.bits() % 1000) as f64 / 100.0).collect();
    let values = (0..shape.len()).map(|i| {
        let time = (i / frame) as f64;
        map[i % frame] + time + 0.02 * (time * (i % frame % 7) as f64)
    });
    of_type(dtype, shape, &values.collect::<Vec<_>>())
}

/// Values as a type holds them.
fn of_type(dtype: DType, shape: tolzip::Shape, values: &[f64]) -> tolzip::AnyArray {
    tolzip::with_dtype!(dtype, T => {
        let values = values.iter().map(|&v| <T as tolzip::Element>::from_carrier(
            <<T as tolzip::Element>::Carrier as tolzip::codecs::Float>::from_f64(v))).collect::<Vec<T>>();
        tolzip::AnyArray::from(tolzip::Array::new(values, shape).expect("as many values"))
    })
}

/// So many values, of so many different ones, which mostly repeat after a period.
fn words(dtype: DType, count: usize, different: u64, period: usize) -> tolzip::AnyArray {
    let mut random = crate::arrays::Bits(different);
    let mut values: Vec<f64> = Vec::new();
    while values.len() < count {
        let skip = values.len() > period && random.bits() % 100 > 2;
        let value = random.bits() % different;
        let sign = if random.bits().is_multiple_of(2) { 1.0 } else { -1.0 };
        values.push(if skip && different > 9 {
            values[values.len() - period]
        } else {
            sign * (value as f64 + 1.5) / 7.0
        });
    }
    of_type(dtype, tolzip::Shape::line(values.len()), &values)
}

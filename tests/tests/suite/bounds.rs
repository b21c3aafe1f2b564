//! The bound, for every registered method, bound and type, checked in exact arithmetic on every value.

use proptest::prelude::*;
use tolzip::{Bound, Compressor, DType, Limits, NonFinite, Scope, Stream};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::methods::{check, with_bounds};

const SHAPES: &[&[usize]] = &[
    &[],
    &[0],
    &[1],
    &[2],
    &[3],
    &[5],
    &[7],
    &[129],
    &[3, 0, 2],
    &[1, 1, 1],
    &[17, 9],
    &[1, 40],
    &[40, 1],
    &[6, 7, 8],
    &[2, 1, 33],
    &[5, 4, 3, 7],
    &[2, 3, 2, 3, 4],
];

#[test]
fn every_method_holds_every_bound_on_every_kind_of_array() {
    let mut checked = 0;
    for dtype in DType::ALL {
        let methods = with_bounds(dtype);
        for (s, sides) in SHAPES.iter().enumerate() {
            for (k, kind) in Kind::ALL.into_iter().enumerate() {
                let original = array(dtype, sides, kind, (s * 100 + k) as u64);
                for (method, bound) in &methods {
                    let context = || format!("{method} {bound:?} on {dtype} {sides:?} {kind:?}");
                    if method.family() == "sample" {
                        continue;
                    }
                    let bytes = Compressor::new(method.clone(), *bound)
                        .threads(1)
                        .compress_any(&original)
                        .unwrap_or_else(|e| panic!("{}: {e}", context()));
                    let stream = Stream::open(&bytes, Limits::default()).unwrap();
                    let back = stream.decode_any(1).unwrap_or_else(|e| panic!("{}: {e}", context()));
                    check(&original, &back, *bound).unwrap_or_else(|e| panic!("{}: {e}", context()));
                    checked += original.shape().len();
                }
            }
        }
    }
    assert!(checked > 1_000_000, "only {checked} values were checked");
}

/// A part of what `just bounds` goes on with.
#[test]
fn adversarial_cases_hold_their_bounds() {
    let (mut checked, mut counted, mut changed) = (0, 0, 0);
    for number in 0..4000 {
        let case = tolzip_tests::adversary::Case::new(number, 100);
        let found = case.run().unwrap_or_else(|e| panic!("case {number}: {e}"));
        checked += found.values;
        if case.is_bounded() {
            counted += found.values;
            changed += found.changed;
            assert!(!case.is_exact(), "no evidence that bounds hold: {case:?}");
        }
    }
    assert!(checked > 1_000_000 && counted > 500_000, "only {counted} of {checked} values had a bound");
    assert!(changed > 50_000, "only {changed} of {counted} values under a bound are not as they were");
}

fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        prop::collection::vec(0usize..12, 0..5),
        (1usize..3000).prop_map(|n| vec![n]),
        (1usize..70, 1usize..70).prop_map(|(a, b)| vec![a, b]),
        (1usize..18, 1usize..18, 1usize..18).prop_map(|(a, b, c)| vec![a, b, c]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bound_holds_on_any_shape(
        sides in shapes(),
        dtype in prop::sample::select(DType::ALL.to_vec()),
        kind in prop::sample::select(Kind::ALL.to_vec()),
        exponent in -320.0f64..10.0,
        pick: prop::sample::Index,
        seed: u64,
    ) {
        let original = array(dtype, &sides, kind, seed);
        let methods = with_bounds(dtype);
        let (method, bound) = &methods[pick.index(methods.len())];
        let e = 10f64.powf(exponent);
        let bound = match bound {
            Bound::Abs(_) => Bound::Abs(e),
            Bound::Rel(_) => Bound::Rel(e),
            Bound::PointwiseRel(_) => Bound::PointwiseRel(e),
            Bound::L2(_) => Bound::L2(e),
            Bound::Psnr(_) => Bound::Psnr(-20.0 * exponent),
            other => *other,
        };
        prop_assume!(method.family() != "sample");
        let bytes = Compressor::new(method.clone(), bound).threads(1).compress_any(&original).unwrap();
        let back = Stream::open(&bytes, Limits::default()).unwrap().decode_any(1).unwrap();
        if let Err(e) = check(&original, &back, bound) {
            prop_assert!(false, "{method} {bound:?} on {dtype} {sides:?} {kind:?}: {e}");
        }
    }

    #[test]
    fn bounds_by_index_hold_for_each_index(
        rows in 1usize..60,
        columns in 1usize..9,
        dtype in prop::sample::select(vec![DType::F32, DType::F64, DType::F16, DType::I32, DType::U64]),
        kind in prop::sample::select(Kind::ALL.to_vec()),
        e in prop::sample::select(vec![1e-1, 1e-3, 1e-6]),
        by_row: bool,
        seed: u64,
    ) {
        let original = array(dtype, &[rows, columns], kind, seed);
        let scope = if by_row { Scope::Row } else { Scope::Column };
        for method in ["auto", "predict", "transform", "bitround"] {
            if method == "bitround" && !dtype.is_float() {
                continue;
            }
            let bytes = Compressor::new(method.parse().unwrap(), Bound::Rel(e)).by(scope).compress_any(&original).unwrap();
            let stream = Stream::open(&bytes, Limits::default()).unwrap();
            let (from, to) = if by_row { (rows, columns) } else { (columns, rows) };
            for i in 0..from {
                let region = if by_row { [i..i + 1, 0..to] } else { [0..to, i..i + 1] };
                let exact = Compressor::new("none".parse().unwrap(), Bound::Lossless).compress_any(&original).unwrap();
                let x = Stream::open(&exact, Limits::default()).unwrap().region_any(&region, 1).unwrap();
                let y = stream.region_any(&region, 1).unwrap();
                if let Err(e) = check(&x, &y, Bound::Rel(e)) {
                    prop_assert!(false, "{method} {dtype} {kind:?} index {i}: {e}");
                }
            }
        }
    }
}

#[test]
fn fill_values_are_exact_and_outside_of_the_range() {
    let mut values: Vec<f32> = (0..4000).map(|i| (i % 63) as f32 * 0.25).collect();
    for i in (0..4000).step_by(7) {
        values[i] = 1e20;
    }
    let view = tolzip::View::new(&values, tolzip::Shape::new(&[40, 100]).unwrap()).unwrap();
    for method in ["auto", "predict", "transform", "bitround"] {
        let bytes = Compressor::new(method.parse().unwrap(), Bound::Rel(1e-2))
            .fill_value(1e20)
            .compress(view)
            .unwrap();
        let back = tolzip::decompress::<f32>(&bytes).unwrap();
        for (x, y) in values.iter().zip(back.values()) {
            if *x == 1e20 {
                assert_eq!(x.to_bits(), y.to_bits());
            } else {
                assert!((x - y).abs() <= 62.0 * 0.25 * 1e-2, "{method}: {x} became {y}");
            }
        }
    }
}

/// The bound alone would let a zero change its sign.
#[test]
fn zeros_keep_their_signs_under_a_pointwise_relative_bound() {
    let mut zeros = 0;
    for dtype in [DType::F32, DType::F64, DType::F16, DType::Bf16] {
        for (method, bound) in with_bounds(dtype) {
            if !matches!(bound, Bound::PointwiseRel(_)) {
                continue;
            }
            for kind in [Kind::Denormal, Kind::Holes, Kind::Sparse, Kind::Exponents] {
                for sides in [&[500][..], &[9, 8, 7]] {
                    let original = array(dtype, sides, kind, 3);
                    let bytes =
                        Compressor::new(method.clone(), bound).threads(1).compress_any(&original).unwrap();
                    let back = Stream::open(&bytes, Limits::default()).unwrap().decode_any(1).unwrap();
                    let size = dtype.size();
                    let (x, y) = (original.to_le_bytes(), back.to_le_bytes());
                    for (x, y) in x.chunks(size).zip(y.chunks(size)) {
                        // All bits but the first are 0.
                        if x[size - 1] & 0x7f == 0 && x[..size - 1].iter().all(|b| *b == 0) {
                            assert_eq!(x, y, "{method} {bound:?} {dtype} {kind:?}");
                            zeros += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(zeros > 10_000, "only {zeros} zeros");
}

#[test]
fn policies_for_what_is_not_finite() {
    let values = [1.0f64, f64::NAN, 3.0, f64::INFINITY, 5.0];
    let view = tolzip::View::new(&values, tolzip::Shape::line(5)).unwrap();
    let with = |policy| {
        Compressor::new("predict".parse().unwrap(), Bound::Abs(0.1)).non_finite(policy).compress(view)
    };
    assert_eq!(with(NonFinite::Deny), Err(tolzip::Error::NonFinite { count: 2, first: 1 }));
    let kept = tolzip::decompress::<f64>(&with(NonFinite::Preserve).unwrap()).unwrap();
    assert!(kept.values()[1].is_nan() && kept.values()[3] == f64::INFINITY);
    let masked = tolzip::decompress::<f64>(&with(NonFinite::Mask).unwrap()).unwrap();
    assert!(masked.values()[1].is_nan() && masked.values()[3].is_nan());
}

#[test]
fn samples_are_rows_of_the_original() {
    let values: Vec<f32> = (0..300).map(|i| i as f32).collect();
    let view = tolzip::View::new(&values, tolzip::Shape::new(&[100, 3]).unwrap()).unwrap();
    for mode in ["first", "wor", "wr", "decimate"] {
        let text = format!("sample:mode={mode},rate=0.25,seed=3");
        let method: tolzip::Method = text.parse().unwrap();
        let tolzip::Method::Sample(sample) = method.clone() else { panic!("{method} is not a sample") };
        let bytes = Compressor::new(method, Bound::Knob).compress(view).unwrap();
        let stream = Stream::open(&bytes, Limits::default()).unwrap();
        assert_eq!(stream.info().source_rows, Some(100));
        let back = stream.decode::<f32>(1).unwrap();
        let rows = sample.rows(100).unwrap();
        assert_eq!(back.shape().sides(), [25, 3]);
        for (row, r) in back.values().chunks(3).zip(rows) {
            let first = r as f32 * 3.0;
            assert_eq!(row, [first, first + 1.0, first + 2.0], "{mode}");
        }
    }
}

#[test]
fn stratified_samples_keep_every_label_and_say_which_rows() {
    let values: Vec<f32> = (0..400).map(|i| if i % 2 == 1 { (i / 2 % 4) as f32 } else { i as f32 }).collect();
    let view = tolzip::View::new(&values, tolzip::Shape::new(&[200, 2]).unwrap()).unwrap();
    let method: tolzip::Method = "sample:mode=stratified,rate=0.2".parse().unwrap();
    let tolzip::Method::Sample(sample) = method.clone() else { panic!("{method} is not a sample") };
    let rows = sample.rows_of(view).unwrap();
    assert!(sample.rows(200).is_err());
    let bytes = Compressor::new(method, Bound::Knob).compress(view).unwrap();
    let stream = Stream::open(&bytes, Limits::default()).unwrap();
    let back = stream.decode::<f32>(1).unwrap();
    assert_eq!(back.shape().sides(), [40, 2]);
    for (row, &r) in back.values().chunks(2).zip(&rows) {
        assert_eq!(row, &values[r as usize * 2..][..2]);
    }
    for label in [0.0, 1.0, 2.0, 3.0] {
        assert_eq!(back.values().chunks(2).filter(|row| row[1] == label).count(), 10);
    }
    assert_eq!(stream.sampled_rows().unwrap(), Some(rows));
    let other: tolzip::Method = "sample:mode=wor,rate=0.2".parse().unwrap();
    let bytes = Compressor::new(other, Bound::Knob).compress(view).unwrap();
    let tolzip::Method::Sample(sample) = "sample:mode=wor,rate=0.2".parse().unwrap() else { unreachable!() };
    let stream = Stream::open(&bytes, Limits::default()).unwrap();
    assert_eq!(stream.sampled_rows().unwrap(), Some(sample.rows(200).unwrap()));
    let all = tolzip::compress(&values, &[200, 2], Bound::rel(0.1)).unwrap();
    assert_eq!(Stream::open(&all, Limits::default()).unwrap().sampled_rows().unwrap(), None);
}

/// Compresses, decompresses and checks.
fn holds(original: &tolzip::AnyArray, method: &str, bound: Bound) {
    let bytes = Compressor::new(method.parse().unwrap(), bound).threads(1).compress_any(original).unwrap();
    let back = Stream::open(&bytes, Limits::default()).unwrap().decode_any(1).unwrap();
    check(original, &back, bound).unwrap_or_else(|e| panic!("{method} {bound:?}: {e}"));
}

#[test]
fn integers_as_far_apart_as_they_can_be_come_back() {
    // Quantized to integers of +-2^30, whose differences reach 2^31: found by review, once lost.
    let mut random = tolzip_tests::arrays::Bits(3);
    let step = 2.0 * (1.0 - 1.0 / f64::from(1 << 20));
    for scale in [1u64 << 28, 1 << 29, 1 << 30, 1 << 31] {
        let values: Vec<f64> = (0..4096)
            .map(|_| {
                let bits = random.bits();
                let far = (scale as f64 - 0.4 - (bits % 8) as f64) * step;
                if bits & 256 == 0 { far } else { -far }
            })
            .collect();
        for sides in [&[4096usize][..], &[64, 64], &[16, 16, 16]] {
            let array =
                tolzip::Array::new(values.clone(), tolzip::Shape::new(sides).unwrap()).unwrap().into();
            for method in ["auto", "predict:predictor=lorenzo", "predict:predictor=interpolation"] {
                holds(&array, method, Bound::Abs(1.0));
            }
        }
    }
}

#[test]
fn bounds_of_about_a_denormal_hold() {
    // The smallest f32 above 0 is 2^-149: a bound of nine tenths of it must not be rounded up to it.
    let unit = f64::from(f32::from_bits(1));
    let mut random = tolzip_tests::arrays::Bits(5);
    let values: Vec<f32> =
        (0..5000u32).map(|i| f32::from_bits(4_000_000 + i * 300 + (random.bits() % 4) as u32)).collect();
    let array = tolzip::Array::new(values, tolzip::Shape::line(5000)).unwrap().into();
    for part in [0.4, 0.6, 0.9, 1.0, 1.6, 2.5, 7.3] {
        for method in
            ["auto", "predict:predictor=lorenzo", "predict:predictor=interpolation", "transform", "bitround"]
        {
            holds(&array, method, Bound::Abs(part * unit));
        }
    }
}

#[test]
fn fill_values_that_cannot_be_are_refused() {
    let view = tolzip::View::new(&[1u8, 2, 3], tolzip::Shape::line(3)).unwrap();
    let with =
        |fill| Compressor::new("auto".parse().unwrap(), Bound::Abs(1.0)).fill_value(fill).compress(view);
    assert!(with(3.0).is_ok());
    for fill in [-999.0, 300.0, 2.5, f64::NAN] {
        assert!(matches!(with(fill), Err(tolzip::Error::FillValue { .. })), "{fill}");
    }
}

//! The codec's contract: chunks of any shape come back within what was asked for, and what can't be had is refused.

use proptest::prelude::*;
use tolzip_core::{Codec, Encoded, Error, Float, Shape, Target, View};
use tolzip_transform::zfp::{self, Mode, Parts};
use tolzip_transform::{Settings, Transform};

fn round_trip<T: Float>(
    codec: Transform,
    values: &[T],
    shape: Shape,
    target: Target,
) -> (Encoded, usize, Vec<T>) {
    let mut bytes = vec![7; 3];
    let encoded = codec.encode(values, shape, target, &mut bytes).unwrap();
    assert_eq!(bytes[..3], [7; 3], "what stood in `out` before stays");
    let mut out = vec![T::ONE; values.len()];
    codec.decode(&bytes[3..], shape, &mut out).unwrap();
    (encoded, bytes.len() - 3, out)
}

fn smooth<T: Float>(shape: Shape) -> Vec<T> {
    (0..shape.len()).map(|i| T::from_f64((i % 37) as f64 * 0.25 + (i / 37 % 11) as f64)).collect()
}

#[test]
fn hardly_any_value_misses_the_bound() {
    for sides in [&[1000][..], &[20, 50], &[10, 11, 12], &[3, 5, 6, 7], &[2, 3, 1, 4, 5, 6], &[]] {
        let shape = Shape::new(sides).unwrap();
        for e in [1e-1, 1e-3, 1e-5] {
            let values = smooth::<f64>(shape);
            let (encoded, _, back) = round_trip(Transform::default(), &values, shape, Target::Abs(e));
            assert_eq!(encoded, Encoded::Unverified);
            let misses = values.iter().zip(&back).filter(|(a, b)| (*a - *b).abs() > e).count();
            assert!(misses * 20 <= values.len(), "{misses} of {shape} at {e}");
        }
    }
}

#[test]
fn coefficients_by_context_are_the_same_values_in_fewer_bytes() {
    for sides in [&[5000][..], &[70, 90], &[20, 21, 22], &[5, 9, 11, 13], &[7]] {
        let shape = Shape::new(sides).unwrap();
        for e in [1e-1, 1e-3, 1e-5] {
            // Two thirds smooth, the rest zeros.
            let mut values = smooth::<f64>(shape);
            values[shape.len() * 2 / 3..].fill(0.0);
            let narrow: Vec<f32> = values.iter().map(|&v| v as f32).collect();
            let coder = Transform::new(Settings::Context).unwrap();
            let (encoded, size, back) = round_trip(coder, &values, shape, Target::Abs(e));
            let (_, plain, expected) = round_trip(Transform::default(), &values, shape, Target::Abs(e));
            assert_eq!(encoded, Encoded::Unverified);
            assert_eq!(back, expected);
            assert!(
                size * 10 < plain * 9 || shape.len() < 10_000,
                "{size} against {plain} of {shape} at {e}"
            );
            let (_, _, back) = round_trip(coder, &narrow, shape, Target::Abs(e));
            let (_, _, expected) = round_trip(Transform::default(), &narrow, shape, Target::Abs(e));
            assert_eq!(back, expected);
        }
    }
}

#[test]
fn knobs_decide_the_size() {
    let shape = Shape::new(&[16, 16, 16]).unwrap();
    let values = smooth::<f32>(shape);
    let size = |settings| round_trip(Transform::new(settings).unwrap(), &values, shape, Target::Knob).1;
    assert_eq!(size(Settings::Rate(8.0)), 3 + 4096);
    assert_eq!(size(Settings::Rate(2.0)), 3 + 1024);
    assert!(size(Settings::Precision(8)) < size(Settings::Precision(16)));
    assert!(size(Settings::Reversible) < 4 * 4096);
}

#[test]
fn what_it_cannot_do_is_refused() {
    let shape = Shape::line(5);
    let values = [1.0f32; 5];
    let try_it = |settings, target| {
        Codec::<f32>::encode(&Transform::new(settings).unwrap(), &values, shape, target, &mut Vec::new())
    };
    assert!(matches!(
        try_it(Settings::Auto, Target::PointwiseRel(0.1)),
        Err(Error::BoundUnsupported { kind: "pw_rel", .. })
    ));
    assert!(matches!(
        try_it(Settings::Rate(8.0), Target::Abs(0.1)),
        Err(Error::BoundUnsupported { kind: "abs", .. })
    ));
    assert!(matches!(try_it(Settings::Precision(8), Target::Lossless), Err(Error::BoundUnsupported { .. })));
    assert!(matches!(try_it(Settings::Auto, Target::Knob), Err(Error::BadSetting { knob: "mode", .. })));
    assert!(matches!(try_it(Settings::Auto, Target::Abs(0.0)), Err(Error::BadBound { .. })));
    for settings in
        [Settings::Rate(0.0), Settings::Rate(f64::NAN), Settings::Rate(129.0), Settings::Precision(0)]
    {
        assert!(Transform::new(settings).is_err());
    }
    let mut out = Vec::new();
    let codec = Transform::default();
    assert!(codec.encode(&values[1..], shape, Target::Lossless, &mut out).is_err());
    assert!(out.is_empty());
}

#[test]
fn rates_up_to_the_limit_work_in_every_number_of_dimensions() {
    for sides in [&[9][..], &[5, 6], &[5, 6, 7], &[3, 5, 6, 7]] {
        let shape = Shape::new(sides).unwrap();
        let values = smooth::<f64>(shape);
        for rate in [0.001, 1.0, 64.0, 127.9, 128.0] {
            let codec = Transform::new(Settings::Rate(rate)).unwrap();
            let (_, _, back) = round_trip(codec, &values, shape, Target::Knob);
            assert!(rate < 64.0 || values.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-9));
        }
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    let side = prop::sample::select(vec![0usize, 1, 2, 3, 5, 7]);
    prop::collection::vec(side, 0..6).prop_map(|sides| Shape::new(&sides).unwrap())
}

fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -100.0..100.0,
        1 => prop::sample::select(vec![0.0, -0.0, 1e300, -1e300, 5e-324, 1e-40, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]),
        1 => any::<u64>().prop_map(f64::from_bits),
    ]
}

fn arrays() -> impl Strategy<Value = (Shape, Vec<f64>)> {
    shapes().prop_flat_map(|shape| (Just(shape), prop::collection::vec(wild(), shape.len())))
}

/// What `encode_checked` tells must be what decoding shows.
fn tells_what_decoding_shows<T: Float>(codec: Transform, values: &[T], shape: Shape, e: f64) -> bool {
    let (_, size, back) = round_trip(codec, values, shape, Target::Abs(e));
    let mut bytes = Vec::new();
    let told = codec.encode_checked(values, shape, Target::Abs(e), &mut bytes).unwrap();
    assert_eq!(bytes.len(), size);
    let mut again = vec![T::ONE; values.len()];
    codec.decode(&bytes, shape, &mut again).unwrap();
    assert!(back.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits()));
    let pairs = || values.iter().zip(&back).enumerate();
    let found: Vec<usize> = pairs().filter(|(_, (x, y))| !x.within(**y, e)).map(|(i, _)| i).collect();
    match told {
        Encoded::Checked { max_error, misses } => {
            // A NaN that came back as itself is none.
            let found: Vec<usize> =
                found.into_iter().filter(|&i| values[i].to_bits() != back[i].to_bits()).collect();
            assert_eq!(misses, found, "{shape} at {e:e}");
            let within = pairs().filter(|(_, (x, y))| x.within(**y, e)).map(|(_, (x, y))| x.distance(*y));
            assert_eq!(max_error, within.fold(0.0, f64::max), "{shape} at {e:e}");
            true
        }
        Encoded::Verified { max_error } => {
            assert!(found.is_empty() && max_error == 0.0);
            false
        }
        _ => {
            assert!(found.len() > values.len() / 16);
            false
        }
    }
}

#[test]
fn misses_are_told_without_decoding() {
    for sides in [&[1000][..], &[99, 130], &[17, 33, 30], &[8, 12, 16], &[5, 9, 11, 13], &[7], &[4, 1, 4]] {
        let shape = Shape::new(sides).unwrap();
        let mut values = smooth::<f64>(shape);
        values[shape.len() / 2..].iter_mut().step_by(9).for_each(|v| *v *= 3.7);
        values[shape.len() * 3 / 4..].fill(0.0);
        let narrow: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        for settings in [Settings::Auto, Settings::Context] {
            let codec = Transform::new(settings).unwrap();
            for e in [1.0, 1e-1, 1e-3, 1e-5, 1e-9] {
                assert!(tells_what_decoding_shows(codec, &values, shape, e));
                // Single precision is too coarse for the last one: nearly all values miss it.
                assert!(tells_what_decoding_shows(codec, &narrow, shape, e) || e < 1e-8);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn misses_are_told_of_any_values((shape, values) in arrays(), e in -300i32..300, context in any::<bool>()) {
        let codec = Transform::new(if context { Settings::Context } else { Settings::Auto }).unwrap();
        let e = 10f64.powi(e);
        tells_what_decoding_shows(codec, &values, shape, e);
        let narrow: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        tells_what_decoding_shows(codec, &narrow, shape, e);
        let bits: Vec<f32> = values.iter().map(|&v| f32::from_bits((v.to_bits() >> 32) as u32)).collect();
        tells_what_decoding_shows(codec, &bits, shape, e.sqrt());
    }

    #[test]
    fn lossless_is_bit_exact_whatever_the_values((shape, values) in arrays()) {
        let (encoded, _, back) = round_trip(Transform::default(), &values, shape, Target::Lossless);
        prop_assert_eq!(encoded, Encoded::Verified { max_error: 0.0 });
        prop_assert!(values.iter().zip(&back).all(|(a, b)| a.to_bits() == b.to_bits()));
        let narrow: Vec<f32> = values.iter().map(|&v| f32::from_bits((v.to_bits() >> 32) as u32)).collect();
        let (_, _, back) = round_trip(Transform::default(), &narrow, shape, Target::Lossless);
        prop_assert!(narrow.iter().zip(&back).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn lossy_modes_take_any_values((shape, values) in arrays(), e in 1e-300f64..1e300, rate in 0.01f64..128.0) {
        let narrow: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        let rated = Transform::new(Settings::Rate(rate)).unwrap();
        let context = Transform::new(Settings::Context).unwrap();
        let (_, _, expected) = round_trip(Transform::default(), &values, shape, Target::Abs(e));
        let (_, _, back) = round_trip(context, &values, shape, Target::Abs(e));
        prop_assert!(expected.iter().zip(&back).all(|(a, b)| a.to_bits() == b.to_bits()));
        let (_, _, expected) = round_trip(Transform::default(), &narrow, shape, Target::Abs(e));
        let (_, _, back) = round_trip(context, &narrow, shape, Target::Abs(e));
        prop_assert!(expected.iter().zip(&back).all(|(a, b)| a.to_bits() == b.to_bits()));
        round_trip(rated, &values, shape, Target::Knob);
        round_trip(rated, &narrow, shape, Target::Knob);
    }
}

#[test]
fn a_coarser_tolerance_than_the_bound_saves_bytes() {
    let shape = Shape::new(&[40, 40, 40]).unwrap();
    let values: Vec<f64> = (0..shape.len())
        .map(|i| {
            let [x, y, z] = [i % 40, i / 40 % 40, i / 1600].map(|i| i as f64);
            x * x * 0.01 + y * z * 0.02 - z * 0.3 + (x * y * z) * 1e-4
        })
        .collect();
    for e in [0.1, 1e-3] {
        let mut bytes = Vec::new();
        Transform::default().encode(&values, shape, Target::Abs(e), &mut bytes).unwrap();
        let plain = zfp::encode(View::new(&values, shape).unwrap(), Mode::Accuracy(e), Parts::NONE).unwrap();
        assert!(bytes.len() * 10 < plain.len() * 9, "{} against {}", bytes.len(), plain.len());
    }
}

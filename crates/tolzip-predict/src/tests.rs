use crate::{Predict, Predictor, Settings};
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;
use tolzip_core::{Codec, Encoded, Error, Float, Result, Shape, Target};

const PREDICTORS: [Predictor; 3] = [Predictor::Auto, Predictor::Interpolation, Predictor::Lorenzo];

/// All predictors, and the levels that have a coder of their own.
fn all_settings() -> impl Iterator<Item = Settings> {
    PREDICTORS.into_iter().flat_map(|p| [2, 4].map(|level| Settings::new(p).with_level(level).unwrap()))
}

fn encode<T: Float>(predictor: Predictor, values: &[T], sides: &[usize], bound: f64) -> Result<(Vec<u8>, f64)>
where
    Predict: Codec<T>,
{
    encode_with(Settings::new(predictor), values, sides, bound)
}

fn encode_with<T: Float>(
    settings: Settings,
    values: &[T],
    sides: &[usize],
    bound: f64,
) -> Result<(Vec<u8>, f64)>
where
    Predict: Codec<T>,
{
    let mut bytes = vec![0xaa];
    let shape = Shape::new(sides)?;
    match Predict::new(settings).encode(values, shape, Target::Abs(bound), &mut bytes)? {
        Encoded::Verified { max_error } => Ok((bytes.split_off(1), max_error)),
        _ => panic!("every value is checked"),
    }
}

fn decode<T: Float>(bytes: &[u8], sides: &[usize]) -> Result<Vec<T>>
where
    Predict: Codec<T>,
{
    let shape = Shape::new(sides)?;
    // Filled with something that no decoder should rely on.
    let mut out = vec![T::from_f64(7.5); shape.len()];
    Predict::default().decode(bytes, shape, &mut out).map(|()| out)
}

/// Encodes and decodes with every predictor; all values must be within the bound, and the error be the one promised.
fn round_trip<T: Float>(values: &[T], sides: &[usize], bound: f64)
where
    Predict: Codec<T>,
{
    for settings in all_settings() {
        let (bytes, max_error) = encode_with(settings, values, sides, bound).unwrap();
        let back: Vec<T> = decode(&bytes, sides).unwrap();
        let mut most = 0.0;
        for (x, y) in values.iter().zip(&back) {
            if x.is_finite() {
                assert!(x.within(*y, bound), "{x:?} became {y:?}, bound {bound}, {settings:?}");
                most = f64::max(most, x.distance(*y));
            } else {
                assert_eq!(x.to_bits(), y.to_bits());
            }
        }
        assert!(max_error <= bound && most <= max_error * 1.000_001, "{most} found, {max_error} promised");
        assert!(bytes.len() <= 2 + size_of_val(values), "{} bytes for {} values", bytes.len(), values.len());
    }
}

/// A smooth field with a little noise, and a quiet half.
fn field(sides: &[usize]) -> Vec<f64> {
    let n: usize = sides.iter().product();
    let mut noise = 1u64;
    (0..n)
        .map(|i| {
            let (mut rest, mut v) = (i, 0.0);
            for (d, &s) in sides.iter().enumerate().rev() {
                let x = (rest % s) as f64;
                rest /= s;
                v += (x * 0.2 + d as f64).sin() * (d + 1) as f64;
            }
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if i < n / 2 { v + (noise >> 40) as f64 * 1e-9 } else { 0.0 }
        })
        .collect()
}

const SHAPES: &[&[usize]] = &[
    &[],
    &[0],
    &[1],
    &[2],
    &[3000],
    &[70_001],
    &[50, 60],
    &[300, 1],
    &[1, 300],
    &[2000, 3],
    &[3, 2000],
    &[300, 28],
    &[20, 30, 40],
    &[2, 3000, 3],
    &[7, 5, 3],
    &[3, 11, 12, 13],
    &[5, 4, 3, 2],
    &[2, 3, 4, 5, 6, 7],
    &[0, 5],
];

#[test]
fn fields_of_all_shapes_round_trip() {
    for &sides in SHAPES {
        let values = field(sides);
        let single: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        for bound in [1.0, 1e-2, 1e-4, 1e-7] {
            round_trip(&values, sides, bound);
            round_trip(&single, sides, bound);
        }
    }
}

#[test]
fn constants_are_cheap() {
    for sides in SHAPES.iter().filter(|s| s.iter().product::<usize>() > 0) {
        let n: usize = sides.iter().product();
        for value in [0.0, -0.0, 1e300, f64::NAN, 5e-324] {
            let (bytes, error) = encode(Predictor::Auto, &vec![value; n], sides, 1e-3).unwrap();
            assert_eq!((bytes.len(), error), (10, 0.0));
            assert_eq!(decode::<f64>(&bytes, sides).unwrap()[n - 1].to_bits(), value.to_bits());
        }
    }
    let nearly: Vec<f32> = (0..1000).map(|i| i as f32 * 1e-6).collect();
    assert_eq!(encode(Predictor::Auto, &nearly, &[1000], 1e-3).unwrap().0.len(), 6);
    round_trip(&nearly, &[1000], 1e-3);
}

#[test]
fn mostly_zero_fields_are_small() {
    let mut values = vec![0.0f32; 100 * 100 * 50];
    for (i, v) in values.iter_mut().enumerate().take(600) {
        *v = (i as f32 * 0.1).sin();
    }
    for predictor in PREDICTORS {
        let (bytes, _) = encode(predictor, &values, &[50, 100, 100], 1e-3).unwrap();
        assert!(bytes.len() < 4000, "{} bytes, {predictor:?}", bytes.len());
    }
    round_trip(&values, &[50, 100, 100], 1e-3);
}

#[test]
fn values_on_the_edge_of_the_bound_hold() {
    // Multiples of twice the bound: every other one lies exactly between two reconstructions.
    let values: Vec<f32> = (0..4096).map(|i| ((i * 7) % 101) as f32 * 0.5).collect();
    round_trip(&values, &[64, 64], 0.25);
    round_trip(&values, &[64, 64], 0.5);
    // A range of a few units in the last place.
    let values: Vec<f32> = (0..4096).map(|i| f32::from_bits(0x4b00_0000 + i % 300)).collect();
    for bound in [0.4, 1.0, 3.0, 10.0] {
        round_trip(&values, &[4096], bound);
    }
}

#[test]
fn readings_of_a_converter_are_coded_by_their_unit() {
    let values: Vec<f32> = (0..20_000).map(|i| ((i * i) % 13 - 5) as f32 * 0.005 + 0.1).collect();
    let (bytes, error) = encode(Predictor::Lorenzo, &values, &[20_000], 1e-5).unwrap();
    assert!(bytes.len() < 11_000 && error < 1e-6, "{} bytes, error {error}", bytes.len());
    round_trip(&values, &[20_000], 1e-5);
    // A few values off the lattice are stored exactly.
    let mut values = values;
    values[777] = 0.033_33;
    values[778] = f32::NAN;
    round_trip(&values, &[20_000], 1e-5);
}

#[test]
fn other_targets_are_refused() {
    let codec = Predict::default();
    for (target, kind) in
        [(Target::Lossless, "lossless"), (Target::PointwiseRel(0.1), "pw_rel"), (Target::Knob, "knob")]
    {
        let result = codec.encode(&[1.0f32], Shape::line(1), target, &mut Vec::new());
        assert_eq!(result, Err(Error::BoundUnsupported { method: "predict", kind }));
    }
    for bound in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(codec.encode(&[1.0f32], Shape::line(1), Target::Abs(bound), &mut Vec::new()).is_err());
    }
    assert!(codec.encode(&[1.0f32], Shape::line(2), Target::Abs(1.0), &mut Vec::new()).is_err());
    assert!(codec.decode(&[1, 0, 0, 0, 0, 0], Shape::line(2), &mut [1.0f32]).is_err());
}

#[test]
fn more_effort_is_never_larger() {
    let noisy = portable_field(64 * 64 * 20);
    let smooth: Vec<f32> = field(&[20, 64, 64]).iter().map(|&v| v as f32).collect();
    for values in [noisy, smooth] {
        for bound in [1e-3, 0.1, 10.0] {
            let size = |level| {
                let codec = Predict::new(Settings::default().with_level(level).unwrap());
                let mut bytes = Vec::new();
                let shape = Shape::new(&[20, 64, 64]).unwrap();
                codec.encode(&values, shape, Target::Abs(bound), &mut bytes).unwrap();
                let back = decode::<f32>(&bytes, &[20, 64, 64]).unwrap();
                assert!(values.iter().zip(&back).all(|(a, b)| (a - b).abs() <= bound as f32));
                bytes.len()
            };
            assert!(size(3) <= size(2) && size(3) <= size(1) && size(4) <= size(3));
        }
    }
    assert!(Settings::default().with_level(0).is_err() && Settings::default().with_level(5).is_err());
}

#[test]
fn mixing_is_smaller_where_errors_follow_their_neighbours() {
    // Between the points of a coarse grid, a steep wave is interpolated too low and too high in turns.
    let values: Vec<f32> = (0..128 * 128)
        .map(|i| {
            let (x, y) = ((i % 128) as f32, (i / 128) as f32);
            (x * 0.9).sin() * (y * 0.4).cos()
        })
        .collect();
    let size = |level| {
        let settings = Settings::new(Predictor::Interpolation).with_level(level).unwrap();
        encode_with(settings, &values, &[128, 128], 1e-3).unwrap().0.len()
    };
    assert!(size(4) * 100 < size(3) * 90, "{} and {} bytes", size(4), size(3));
}

fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

/// A field made of integer arithmetic alone, so that it is the same on every machine.
fn portable_field(n: usize) -> Vec<f32> {
    (0..n as i64)
        .map(|i| ((i % 64) * (i / 64 % 64) * (64 - i / 4096) + (i * i * 7919) % 101) as f32 / 64.0)
        .collect()
}

#[test]
fn streams_are_what_they_were() {
    let values = portable_field(64 * 64 * 20);
    let settings = |p: Predictor, level| Settings::new(p).with_level(level).unwrap();
    let (a, b) = (Predictor::Interpolation, Predictor::Lorenzo);
    let found = [settings(a, 2), settings(b, 2), settings(a, 4), settings(b, 4)].map(|settings| {
        let (bytes, _) = encode_with(settings, &values, &[20, 64, 64], 1.5).unwrap();
        (bytes.len(), hash(&bytes))
    });
    assert_eq!(
        found, GOLDEN,
        "is it the layout or the choice of weights that changed? A new layout is a new version"
    );
}
const GOLDEN: [(usize, u64); 4] = [
    (1580, 10_997_511_130_313_652_954),
    (11575, 14_005_463_172_963_772_878),
    (1486, 6_360_286_514_790_775_785),
    (10803, 5_262_155_903_224_050_866),
];

#[test]
fn damage_is_found_or_harmless() {
    let sides = [6, 12, 17];
    let values: Vec<f32> = field(&sides).iter().map(|&v| v as f32).collect();
    for settings in all_settings() {
        let (mut bytes, _) = encode_with(settings, &values, &sides, 1e-3).unwrap();
        for cut in 0..bytes.len() {
            assert!(decode::<f32>(&bytes[..cut], &sides).is_err(), "cut at {cut}");
        }
        // Mixing begins with large tables, which is slow on emulated machines.
        let pace = if settings.level() == 4 { 13 } else { 1 };
        for i in (0..bytes.len()).step_by(pace) {
            for bit in 0..8 {
                bytes[i] ^= 1 << bit;
                let _ = decode::<f32>(&bytes, &sides);
                let _ = decode::<f64>(&bytes, &[7, 300]);
                bytes[i] ^= 1 << bit;
            }
        }
        bytes.push(0);
        assert!(decode::<f32>(&bytes, &sides).is_err());
    }
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -10.0f64..10.0,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1e300, -1e300, 5e-324, 1e-310]),
    ]
}

fn side() -> impl Strategy<Value = usize> {
    prop::sample::select(vec![0usize, 1, 2, 3, 5, 7, 18])
}

/// Frames of a map that stays where it is, while all of it grows and waves pass.
fn film(frames: usize, frame: usize, seed: u64) -> Vec<f64> {
    let mut x = seed | 1;
    let mut next = || {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (x >> 40) as f64 / 1_677_721.6
    };
    let map: Vec<f64> = (0..frame).map(|_| next()).collect();
    (0..frames * frame).map(|i| map[i % frame] + (i / frame) as f64 + 0.05 * next()).collect()
}

/// Axes follow the kind and the step.
const AXES_BYTE: usize = 10;

#[test]
fn what_stays_is_followed_along_either_axis() {
    for (sides, bit) in [(&[12usize, 21, 20][..], 0x40), (&[12, 3, 11, 13], 0x80), (&[2, 12, 25, 19], 0x40)] {
        let frames = sides.iter().position(|&s| s == 12).unwrap();
        let frame = sides[frames + 1..].iter().product();
        let values: Vec<f64> =
            (0..sides[..frames].iter().product()).flat_map(|i| film(12, frame, 2 * i as u64)).collect();
        let (bytes, _) = encode(Predictor::Interpolation, &values, sides, 0.2).unwrap();
        assert_eq!(bytes[AXES_BYTE] & 0xc0, bit, "{sides:?}");
        let fields =
            <Predict as Codec<f64>>::describe(&Predict::default(), &bytes, Shape::new(sides).unwrap());
        assert!(fields.unwrap().iter().any(|(name, _)| *name == "followed axis"));
        round_trip(&values, sides, 0.2);
        // Rounding and exceptions amidst it.
        let mut narrow: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        narrow[values.len() / 2] = f32::NAN;
        narrow[values.len() / 3] = f32::MAX;
        round_trip(&narrow, sides, 1e-6);
        round_trip(&narrow, sides, 0.2);
        // Two axes, or one of a single point.
        let mut damaged = bytes.clone();
        damaged[AXES_BYTE] |= 0xc0;
        assert!(decode::<f64>(&damaged, sides).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_values_round_trip(sides in prop::collection::vec(side(), 0..5), seed in prop::collection::vec(any_value(), 1..200), exponent in -8i32..4) {
        let n: usize = sides.iter().product();
        prop_assume!(n < 20_000);
        let bound = 10f64.powi(exponent);
        let values: Vec<f64> = (0..n).map(|i| seed[(i * i + i / 7) % seed.len()]).collect();
        round_trip(&values, &sides, bound);
        let single: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        round_trip(&single, &sides, bound);
    }

    #[test]
    fn extreme_bounds_hold(scale in -320i32..308, bound in -320i32..308, n in 1usize..300) {
        let (scale, bound) = (10f64.powi(scale), 10f64.powi(bound));
        prop_assume!(bound > 0.0);
        let values: Vec<f64> = (0..n).map(|i| scale * (i as f64 * 0.1).cos()).collect();
        round_trip(&values, &[n], bound);
        let single: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        round_trip(&single, &[n], bound);
    }

    #[test]
    fn any_bytes_decode_or_fail(mut bytes in prop::collection::vec(any::<u8>(), 0..300), kind in 0u8..4, sides in prop::collection::vec(side(), 0..5)) {
        if bytes.len() > 16 {
            bytes[0] = 1;
            bytes[1] = kind | bytes[1] & 0xf0;
            // A step that is a number, so that more than the header is reached.
            bytes[2..10].copy_from_slice(&0.01f64.to_le_bytes());
        }
        let n: usize = sides.iter().product();
        prop_assume!(n < 20_000);
        let _ = decode::<f32>(&bytes, &sides);
        let _ = decode::<f64>(&bytes, &sides);
    }
}

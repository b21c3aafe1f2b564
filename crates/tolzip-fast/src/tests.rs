use super::*;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;
use tolzip_core::{Codec, Encoded, Float, Shape, Target, Word};

fn check<T: Float>(values: &[T], sides: &[usize], bound: f64) -> usize {
    let shape = Shape::new(sides).unwrap();
    let mut bytes = vec![1, 2, 3];
    let encoded = Fast.encode(values, shape, Target::Abs(bound), &mut bytes).unwrap();
    let bytes = &bytes[3..];
    let mut back = vec![T::ONE; values.len()];
    Fast.decode(bytes, shape, &mut back).unwrap();
    let Encoded::Verified { max_error } = encoded else { panic!("fast checks its values") };
    assert!(max_error <= bound);
    for (&x, &y) in values.iter().zip(&back) {
        let same = x.to_bits().to_u64() == y.to_bits().to_u64();
        assert!(
            same || (x.distance(y) <= max_error * (1.0 + 1e-6) && x.within(y, bound)),
            "{x:?} became {y:?}, bound {bound}"
        );
    }
    bytes.len()
}

fn smooth(sides: &[usize]) -> Vec<f32> {
    let shape = Shape::new(sides).unwrap();
    let strides = shape.strides();
    (0..shape.len())
        .map(|i| {
            let x = |d: usize| (i / strides[d] % sides[d]) as f32 / sides[d] as f32;
            (0..sides.len()).map(|d| (x(d) * (3.0 + d as f32)).sin()).product::<f32>()
        })
        .collect()
}

#[test]
fn shapes_of_every_kind() {
    for sides in [
        &[0usize][..],
        &[1],
        &[63],
        &[64],
        &[65],
        &[5000],
        &[3, 2049],
        &[2049, 3],
        &[1, 1, 1],
        &[2, 0, 3],
        &[70, 70],
        &[5, 7, 11],
        &[33, 40, 50],
        &[3, 5, 7, 11],
        &[2, 3, 2, 3, 50],
        &[40, 1, 40],
    ] {
        let values = smooth(sides);
        let wide: Vec<f64> = values.iter().map(|&x| f64::from(x)).collect();
        for bound in [1e-1, 1e-3, 1e-6, 1e-7, 1e-8, 1e-12, 1e-300, 1e300] {
            check(&values, sides, bound);
            check(&wide, sides, bound);
        }
    }
}

#[test]
fn smooth_fields_become_small() {
    let sides = [64, 64, 64];
    let size = check(&smooth(&sides), &sides, 1e-3);
    assert!(size * 12 < 64 * 64 * 64 * 4, "{size}");
    assert!(check(&[0f32; 10_000], &[10_000], 1e-3) < 40);
}

#[test]
fn special_values_and_spikes_survive() {
    let mut values = smooth(&[40, 50]);
    for (i, x) in
        [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, 1e-42, 3e38, -3e38].into_iter().enumerate()
    {
        values[i * 271] = x;
    }
    for bound in [1e-2, 1e-5, 1e-9] {
        check(&values, &[40, 50], bound);
    }
    check(&[f64::NAN; 100], &[100], 1e-3);
    check(&[1e300f64, -1e300, 5e-324, 0.0], &[4], 1e-3);
    check(&[f64::MAX, f64::MIN, 0.0, 1.0], &[4], 1e305);
}

#[test]
fn far_from_zero_is_no_reason_to_store_values_as_they_are() {
    let values: Vec<f64> = (0..20_000).map(|i| 1e9 + f64::from(i) * 1e-3).collect();
    assert!(check(&values, &[20_000], 1e-4) < 40_000);
    let values: Vec<f32> = (0..20_000).map(|i| 1e6 + i as f32).collect();
    assert!(check(&values, &[20_000], 0.25) < 20_000);
}

#[test]
fn noise_beyond_the_largest_integers_is_stored_as_it_is() {
    let mut x = 1u64;
    let values: Vec<f64> = (0..5000)
        .map(|_| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            x as f64
        })
        .collect();
    assert!(check(&values, &[5000], 1e-3) <= 5000 * 8 + 1);
}

#[test]
fn targets_and_shapes_are_checked() {
    let shape = Shape::line(3);
    let mut out = Vec::new();
    assert!(Fast.encode(&[1.0f32], shape, Target::Abs(1.0), &mut out).is_err());
    assert!(Fast.encode(&[1.0f32; 3], shape, Target::Lossless, &mut out).is_err());
    assert!(out.is_empty() && Fast.decode(&[], shape, &mut [0f32; 2]).is_err());
    assert!(Fast.decode(&[], Shape::line(0), &mut [0f32; 0]).is_ok());
    assert!(Fast.decode(&[1], Shape::line(0), &mut [0f32; 0]).is_err());
}

fn chunk(sides: &[usize], bound: f64) -> (Shape, Vec<u8>) {
    let mut values = smooth(sides);
    for i in (0..values.len()).step_by(97) {
        values[i] = f32::NAN;
    }
    let shape = Shape::new(sides).unwrap();
    let mut bytes = Vec::new();
    Fast.encode(&values, shape, Target::Abs(bound), &mut bytes).unwrap();
    (shape, bytes)
}

#[test]
fn every_cut_is_an_error() {
    for (sides, bound) in [(&[7, 9, 20][..], 1e-2), (&[500], 1e-5), (&[100], 1e-30)] {
        let (shape, bytes) = chunk(sides, bound);
        let mut out = vec![0f32; shape.len()];
        for cut in 0..bytes.len() {
            assert!(Fast.decode(&bytes[..cut], shape, &mut out).is_err(), "{sides:?} {bound} cut at {cut}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        // A byte more can only pass for the string of heads.
        let _ = Fast.decode(&longer, shape, &mut out);
    }
}

proptest! {
    #[test]
    fn any_values_survive(
        sides in prop::collection::vec(prop::sample::select(vec![0usize, 1, 2, 3, 5, 7, 70]), 0..5),
        words in prop::collection::vec(any::<u64>(), 1..60),
        kind in 0..3,
        power in -40i32..10,
    ) {
        let shape = Shape::new(&sides).unwrap();
        prop_assume!(shape.len() < 20_000);
        let bound = 2f64.powi(power) * 1.3;
        let word = |i: usize| words[i % words.len()].wrapping_mul(1 + i as u64 / words.len() as u64);
        let wide: Vec<f64> = (0..shape.len()).map(|i| match kind {
            0 => f64::from_bits(word(i)),
            1 => (word(i) % 1000) as f64 * 1e-3,
            _ => (i as f64 * 0.01).sin() + (word(i) % 7) as f64 * 1e-5,
        }).collect();
        let narrow: Vec<f32> = if kind == 0 {
            (0..shape.len()).map(|i| f32::from_bits(word(i) as u32)).collect()
        } else {
            wide.iter().map(|&x| x as f32).collect()
        };
        check(&wide, &sides, bound);
        check(&narrow, &sides, bound);
    }

    #[test]
    fn damage_gives_values_or_an_error(at in any::<prop::sample::Index>(), change in 1u8.., rest in prop::collection::vec(any::<u8>(), 0..80)) {
        let (shape, mut bytes) = chunk(&[11, 13], 1e-3);
        let mut out = vec![0f32; shape.len()];
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        let _ = Fast.decode(&bytes, shape, &mut out);
        bytes.truncate(at);
        bytes.extend_from_slice(&rest);
        let _ = Fast.decode(&bytes, shape, &mut out);
        let mut random = vec![1, change];
        random.extend_from_slice(&rest);
        let _ = Fast.decode(&random, shape, &mut out);
        let _ = Fast.decode(&random, shape, &mut vec![0f64; shape.len()]);
    }
}

use crate::{cast, digits, truncate};
use alloc::vec::Vec;
use proptest::prelude::*;
use tolzip_core::{Bf16, DType, Element, F16, Float, Word};

type Round<T> = fn(&mut [T], u32) -> tolzip_core::Result<()>;

fn one<T: Element>(round: Round<T>, x: T, knob: u32) -> T {
    let mut values = [x];
    round(&mut values, knob).unwrap();
    values[0]
}

#[test]
fn truncation_goes_towards_zero_and_grooming_both_ways() {
    assert_eq!(one(truncate::truncate, 1.999f32, 1), 1.5);
    assert_eq!(one(truncate::truncate, -1.999f64, 2), -1.75);
    let mut groomed = [1.3f32; 4];
    truncate::groom(&mut groomed, 3).unwrap();
    assert_eq!(groomed[0], 1.25);
    assert!(groomed[1] > 1.374_999 && groomed[1] < 1.375);
    assert_eq!(groomed[2..], groomed[..2]);
    let mut zeros = [0.0f64, -0.0, 0.0, -0.0];
    truncate::groom(&mut zeros, 3).unwrap();
    assert!(zeros.iter().all(|&z| z == 0.0) && zeros[1].is_sign_negative());
    assert!(truncate::truncate(&mut [1u8], 3).is_err());
}

#[test]
fn digits_are_kept() {
    // 3 digits of 123.456: units of 1, quantized to 1; the middle of [123, 124).
    assert_eq!(one(digits::digit_round, 123.456f64, 3), 123.5);
    assert_eq!(one(digits::granular_round, 123.456f64, 3), 123.0);
    // 2 digits: units of 10, quantized to 8.
    assert_eq!(one(digits::digit_round, 123.456f64, 2), 124.0);
    assert_eq!(one(digits::granular_round, 123.456f64, 2), 120.0);
    assert_eq!(one(digits::granular_round, -0.001_234_5f32, 2), -0.001_220_703_1);
    // On both sides of a power of ten.
    assert_eq!(one(digits::granular_round, 999.9f32, 3), 1000.0);
    assert_eq!(one(digits::granular_round, 1003.0f32, 3), 1000.0);
    assert!(digits::digit_round(&mut [1.0f32], 0).is_err());
    assert!(digits::digit_round(&mut [1i64], 3).is_err());
    assert_eq!(digits::digits_for_pointwise(0.05), Some(2));
    assert_eq!(digits::digits_for_pointwise(0.049), Some(3));
    assert_eq!(digits::digits_for_abs(999.0, 0.5), Some(3));
    assert_eq!(digits::digits_for_abs(1000.0, 0.5), Some(4));
    assert_eq!(digits::digits_for_abs(1000.0, 0.0), None);
    assert_eq!(digits::digits_for_abs(f64::INFINITY, 1.0), None);
}

#[test]
fn casts_are_those_of_the_types() {
    let mut x = 7u64;
    for _ in 0..200_000 {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let v = f32::from_bits((x >> 32) as u32);
        let near = f32::from_bits((x >> 32) as u32 & 0x81ff_ffff | 0x3700_0000);
        for v in [v, near] {
            if v.is_nan() {
                continue;
            }
            let mut values = [v];
            cast::cast(&mut values, DType::F16).unwrap();
            assert_eq!(values[0].to_bits(), F16::from_f32(v).to_f32().to_bits(), "{v:e}");
            values = [v];
            cast::cast(&mut values, DType::Bf16).unwrap();
            assert_eq!(values[0].to_bits(), Bf16::from_f32(v).to_f32().to_bits(), "{v:e}");
            let wide = f64::from(v) * (1.0 + (x % 1000) as f64 * 1e-9);
            let mut values = [wide];
            cast::cast(&mut values, DType::F32).unwrap();
            assert_eq!(values[0].to_bits(), f64::from(wide as f32).to_bits(), "{wide:e}");
        }
    }
    let mut special = [f64::NAN, f64::INFINITY, -0.0, 1e300];
    cast::cast(&mut special, DType::F32).unwrap();
    assert!(special[0].is_nan() && special[1] == f64::INFINITY && special[3] == f64::INFINITY);
    assert!(special[2].is_sign_negative());
    assert!(cast::cast(&mut special, DType::F64).is_err());
    let mut same = [1.1f32];
    cast::cast(&mut same, DType::F32).unwrap();
    assert_eq!(same, [1.1]);
}

/// Every way with its number of bits or digits for a bound keeps to it, for normal values.
fn check<T: Element>(words: &[u64], e: f64, lowest: f64, highest: f64) {
    let values: Vec<T> = words.iter().map(|&w| T::from_bits(T::Bits::from_u64(w))).collect();
    let normal = |x: f64| x == 0.0 || (Float::abs(x) >= lowest && Float::abs(x) <= highest);
    let values: Vec<T> = values.into_iter().filter(|x| x.is_finite() && normal(x.to_f64())).collect();
    let most = values.iter().map(|x| Float::abs(x.to_f64())).fold(0.0, f64::max);
    let ways: [(Round<T>, Option<u32>, Option<u32>); 4] = [
        (
            truncate::truncate,
            truncate::bits_for_abs::<T>(most, most * e),
            truncate::bits_for_pointwise::<T>(e),
        ),
        (truncate::groom, truncate::bits_for_abs::<T>(most, most * e), truncate::bits_for_pointwise::<T>(e)),
        (digits::digit_round, digits::digits_for_abs(most, most * e), digits::digits_for_pointwise(e)),
        (digits::granular_round, digits::digits_for_abs(most, most * e), digits::digits_for_pointwise(e)),
    ];
    for (i, (round, abs, relative)) in ways.into_iter().enumerate() {
        for (knob, absolute) in [(abs, true), (relative, false)] {
            let Some(knob) = knob else { continue };
            let mut back = values.clone();
            round(&mut back, knob).unwrap();
            for (x, y) in values.iter().zip(&back) {
                let limit = if absolute { most * e } else { Float::abs(x.to_f64()) * e };
                assert!(y.is_finite());
                assert!(
                    x.distance(*y) <= limit * (1.0 + 1e-15),
                    "way {i}, {knob}: {x:?} became {y:?}, {limit:e}"
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn bounds_hold(words in prop::collection::vec(any::<u64>(), 0..40), power in -40i32..0, part in 1.0f64..2.0) {
        let e = part * 2f64.powi(power);
        check::<f32>(&words, e, f64::from(f32::MIN_POSITIVE), 1e38);
        check::<f64>(&words, e, f64::MIN_POSITIVE, 8e307);
        check::<F16>(&words, e, 6.2e-5, 3e4);
        check::<Bf16>(&words, e, f64::from(f32::MIN_POSITIVE), 1e38);
    }

    #[test]
    fn special_values_stay(digits in 1u32..18, bits in 0u32..52) {
        for x in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0] {
            prop_assert_eq!(one(digits::digit_round, x, digits).to_bits(), x.to_bits());
            prop_assert_eq!(one(digits::granular_round, x, digits).to_bits(), x.to_bits());
            prop_assert_eq!(one(truncate::groom, x, bits).to_bits(), x.to_bits());
            prop_assert_eq!(one(truncate::truncate, x, bits).to_bits(), x.to_bits());
        }
        prop_assert!(one(digits::granular_round, f32::MAX, digits).is_finite());
        prop_assert!(one(digits::granular_round, f64::MIN, digits).is_finite());
        prop_assert!(one(digits::digit_round, f64::MIN, digits).is_finite());
    }
}

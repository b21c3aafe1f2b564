use super::*;
use crate::layout::{Layout, exponent};
use alloc::vec::Vec;
use proptest::prelude::*;
use tolzip_core::{Bf16, F16, Word};

fn rounded<T: Element>(x: T, bits: u32) -> T {
    let mut one = [x];
    round(&mut one, bits).unwrap();
    one[0]
}

#[test]
fn ties_go_to_even() {
    // With one bit, the values between 1 and 2 are 1 and 1.5.
    assert_eq!(rounded(1.25f32, 1), 1.0);
    assert_eq!(rounded(1.75f32, 1), 2.0);
    assert_eq!(rounded(1.250_000_1f32, 1), 1.5);
    assert_eq!(rounded(-1.75f64, 1), -2.0);
    assert_eq!(rounded(F16::from_f32(1.75), 1), F16::from_f32(2.0));
    assert_eq!(rounded(Bf16::from_f32(1.25), 1), Bf16::from_f32(1.0));
}

#[test]
fn finite_stays_finite_and_special_stays_itself() {
    for bits in 0..23 {
        let x = rounded(f32::MAX, bits);
        assert!(x.is_finite() && x >= f32::MAX / 2.0);
        assert!(rounded(f64::MIN, bits).is_finite());
        assert!(rounded(F16(0x7bff), bits).is_finite());
        assert!(rounded(Bf16(0xff7f), bits).is_finite());
        for word in
            [0x7f80_0000, 0xff80_0000, 0x7f80_0001, 0x7fff_ffff, 0xffff_ffff, 0x7fc0_0000, 0x8000_0000, 0]
        {
            assert_eq!(rounded(f32::from_bits(word), bits).to_bits(), word);
        }
        for word in [0x7ff0_0000_0000_0001, u64::MAX, 1 << 63] {
            assert_eq!(rounded(f64::from_bits(word), bits).to_bits(), word);
        }
    }
}

#[test]
fn denormals_round_to_multiples_of_one_step() {
    let step = f32::from_bits(1 << 20);
    assert_eq!(rounded(f32::from_bits(3 << 19), 3).to_bits(), 2 << 20);
    assert_eq!(rounded(f32::from_bits(1), 3).to_bits(), 0);
    assert_eq!(rounded(-f32::from_bits(1), 3).to_bits(), 1 << 31);
    assert_eq!(rounded(f32::from_bits(0x7f_ffff), 3), f32::MIN_POSITIVE);
    assert_eq!(step * 8.0, f32::MIN_POSITIVE);
}

#[test]
fn integers_are_refused() {
    assert!(round(&mut [1i32], 3).is_err());
    assert_eq!(bits_for_abs::<u8>(1.0, 1.0), None);
    assert_eq!(mantissa_bits(DType::F64), Ok(52));
}

#[test]
fn the_number_of_bits_is_the_fewest() {
    // Values up to 1000 = 2^9.97: half a unit of the last bit is 2^(8 - bits).
    assert_eq!(bits_for_abs::<f32>(1000.0, 0.25), Some(10));
    assert_eq!(bits_for_abs::<f32>(1000.0, 0.249), Some(11));
    assert_eq!(bits_for_abs::<f32>(1000.0, 1e9), Some(0));
    assert_eq!(bits_for_abs::<f32>(1000.0, 1e-9), None);
    assert_eq!(bits_for_abs::<f32>(0.0, 0.0), Some(0));
    assert_eq!(bits_for_abs::<f32>(f64::NAN, 1.0), None);
    assert_eq!(bits_for_abs::<f32>(1.0, f64::NAN), None);
    assert_eq!(bits_for_abs::<f32>(1.0, 0.0), None);
    // One step of the denormals: the last bit can go.
    assert_eq!(bits_for_abs::<f64>(5e-324, 5e-324), Some(51));
    assert_eq!(bits_for_pointwise::<f32>(1e-3), Some(9));
    assert_eq!(bits_for_pointwise::<f64>(1e-3), Some(9));
    assert_eq!(bits_for_pointwise::<Bf16>(1e-3), None);
    assert_eq!(bits_for_pointwise::<f32>(1.0), Some(0));
}

/// Floats of all magnitudes, by their bits.
fn check_abs<T: Element>(words: &[u64], e: f64) {
    let values: Vec<T> =
        words.iter().map(|&w| T::from_bits(T::Bits::from_u64(w))).filter(|x| x.is_finite()).collect();
    let most = values.iter().map(|x| x.to_f64().abs()).fold(0.0, f64::max);
    for e in [e, most * e, most] {
        if let Some(bits) = bits_for_abs::<T>(most, e) {
            let mut back = values.clone();
            round(&mut back, bits).unwrap();
            for (a, b) in values.iter().zip(&back) {
                assert!(a.within(*b, e), "{a:?} {b:?} {bits} {e}");
            }
        }
    }
    if let Some(bits) = bits_for_pointwise::<T>(e) {
        let layout = Layout::of(T::DTYPE).unwrap();
        for &x in &values {
            let normal = exponent(x.to_f64().abs()).is_some_and(|p| p >= layout.lowest && p < layout.highest);
            let error = (x.to_f64() - rounded(x, bits).to_f64()).abs();
            // The product may round down by a hair.
            assert!(!normal || error <= x.to_f64().abs() * e * (1.0 + 1e-15), "{x:?} {bits} {e}");
        }
    }
}

proptest! {
    #[test]
    fn bounds_hold(words in prop::collection::vec(any::<u64>(), 0..40), power in -60i32..3, part in 1.0f64..2.0) {
        let e = part * 2f64.powi(power);
        check_abs::<f32>(&words, e);
        check_abs::<f64>(&words, e);
        check_abs::<F16>(&words, e);
        check_abs::<Bf16>(&words, e);
    }

    #[test]
    fn dropped_bits_are_zero_and_rounding_twice_changes_nothing(word: u32, bits in 0u32..30) {
        let once = rounded(f32::from_bits(word), bits);
        if once.is_finite() {
            prop_assert_eq!(once.to_bits() & ((1 << 23u32.saturating_sub(bits)) - 1), 0);
        }
        prop_assert_eq!(rounded(once, bits).to_bits(), once.to_bits());
    }
}

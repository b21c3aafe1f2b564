use super::steps::{forward_steps, inverse_steps};
use super::vector::{Cast, Portable};
use super::*;
use proptest::prelude::*;
extern crate alloc;
use alloc::vec::Vec;
use tolzip_core::Word;

/// Bit `k` of coefficient `i` in lane `l`, by the rule that `forward` documents.
fn bit<T: Scalar, const N: usize>(planes: &[Row<T::Bits>; N], k: usize, i: usize, l: usize) -> u64 {
    let width = size_of::<T>() * 8;
    let (row, at) = if N == 4 {
        let place = 4 * (width - 1 - k) + i;
        (place / width, place % width)
    } else if N < width {
        (k % N, N * (k / N) + i)
    } else {
        (width * (i / width) + k, i % width)
    };
    planes[row][l].to_u64() >> at & 1
}

/// The types with what their vectors are called.
trait Tested: Scalar {
    type Portable: Cast<Self, Cpu = ()>;
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    type Avx2: Cast<Self, Cpu = super::x86::HasAvx2>;
    /// What stands for 1: integers have two bits to spare.
    const UNIT: f64;
    fn of(x: f64) -> Self;
}

macro_rules! tested {
    ($($t:ident $bits:ident $unit:expr;)*) => {$(
        impl Tested for $t {
            type Portable = Portable<$bits, 4>;
            #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
            type Avx2 = super::x86::Avx2;
            const UNIT: f64 = $unit;
            fn of(x: f64) -> Self {
                (x * Self::UNIT) as Self
            }
        }
    )*};
}
tested! {
    f32 u32 1.0;
    f64 u64 1.0;
    i32 u32 (1u64 << 30) as f64;
    i64 u64 (1u64 << 62) as f64;
}

/// With an infinite `slack`: of arbitrary bits.
fn round_trip<T: Tested, const N: usize>(seed: u64, slack: f64) {
    let mut state = seed;
    let mut values = [[T::Bits::default(); LANES]; N];
    for v in values.iter_mut().flatten() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *v = if slack.is_finite() {
            T::of((state >> 11) as f64 / (1u64 << 52) as f64 - 1.0).to_bits()
        } else {
            T::Bits::from_u64(state >> (64 - 8 * size_of::<T>()))
        };
    }
    let mut planes = [[T::Bits::default(); LANES]; N];
    for transform in [Transform::Lossy, Transform::Reversible, Transform::Coefficients] {
        let found = forward::<T, N>(&values, transform, &mut planes);
        let mut back = [[T::Bits::default(); LANES]; N];
        inverse::<T, N>(&planes, transform, &found.exponents, &found.reinterpreted, &mut back);
        for (&a, &b) in values.iter().flatten().zip(back.iter().flatten()) {
            match transform {
                Transform::Lossy | Transform::Coefficients if !slack.is_finite() => {}
                Transform::Lossy | Transform::Coefficients => {
                    let off = T::from_bits(a).to_f64() - T::from_bits(b).to_f64();
                    assert!(off.abs() < slack * T::UNIT);
                }
                Transform::Reversible => assert!(a == b),
            }
        }
        // The portable version agrees with whatever was chosen.
        let mut portable = [[T::Bits::default(); LANES]; N];
        assert!(forward_steps::<T, T::Portable, N>((), &values, transform, &mut portable) == found);
        assert!(portable == planes);
        let mut other = [[T::Bits::default(); LANES]; N];
        inverse_steps::<T, T::Portable, N>(
            (),
            &planes,
            transform,
            &found.exponents,
            &found.reinterpreted,
            &mut other,
        );
        assert!(back == other);
        // And so does AVX2, where AVX-512 was chosen.
        #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
        if let Some(cpu) = super::x86::HasAvx2::detect() {
            // SAFETY: the feature was just found.
            unsafe { with_avx2::<T, N>(cpu, &values, transform, &planes, &back) };
        }
    }
}

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[target_feature(enable = "avx2")]
fn with_avx2<T: Tested, const N: usize>(
    cpu: super::x86::HasAvx2,
    values: &[Row<T::Bits>; N],
    transform: Transform,
    planes: &[Row<T::Bits>; N],
    back: &[Row<T::Bits>; N],
) {
    let mut mine = [[T::Bits::default(); LANES]; N];
    let found = forward_steps::<T, T::Avx2, N>(cpu, values, transform, &mut mine);
    assert!(mine == *planes);
    let mut other = [[T::Bits::default(); LANES]; N];
    let (exponents, reinterpreted) = (&found.exponents, &found.reinterpreted);
    inverse_steps::<T, T::Avx2, N>(cpu, &mine, transform, exponents, reinterpreted, &mut other);
    assert!(other == *back);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn blocks_come_back(seed: u64) {
        round_trip::<f32, 4>(seed, 1e-6);
        round_trip::<f32, 16>(seed, 1e-6);
        round_trip::<f32, 64>(seed, 1e-6);
        round_trip::<f32, 256>(seed, 1e-6);
        round_trip::<f64, 4>(seed, 1e-14);
        round_trip::<f64, 16>(seed, 1e-14);
        round_trip::<f64, 64>(seed, 1e-14);
        round_trip::<f64, 256>(seed, 1e-14);
        round_trip::<i32, 4>(seed, 1e-6);
        round_trip::<i32, 64>(seed, 1e-6);
        round_trip::<i64, 16>(seed, 1e-14);
        round_trip::<i64, 256>(seed, 1e-14);
    }

    // NaN, infinities and exponents far apart: lossless when asked, and the same for all sets of instructions.
    #[test]
    fn any_bits_give_the_same_everywhere(seed: u64) {
        round_trip::<f32, 4>(seed, f64::INFINITY);
        round_trip::<f32, 64>(seed, f64::INFINITY);
        round_trip::<f64, 4>(seed, f64::INFINITY);
        round_trip::<f64, 64>(seed, f64::INFINITY);
        round_trip::<i32, 4>(seed, f64::INFINITY);
        round_trip::<i64, 4>(seed, f64::INFINITY);
        round_trip::<i32, 16>(seed, f64::INFINITY);
        round_trip::<i64, 64>(seed, f64::INFINITY);
    }
}

fn planes_stand_where_documented<T: Tested, const N: usize>() {
    // A constant block has one coefficient, the first: the mean in negabinary.
    let values = [[T::of(0.5).to_bits(); LANES]; N];
    let mut planes = [[T::Bits::default(); LANES]; N];
    let found = forward::<T, N>(&values, Transform::Lossy, &mut planes);
    assert_eq!(found.exponents, [0; LANES]);
    let width = size_of::<T>() * 8;
    for l in 0..LANES {
        let first = (0..width).fold(0u64, |x, k| x | bit::<T, N>(&planes, k, 0, l) << k);
        assert_eq!(first, found.union[l].to_u64());
        let others = (0..width).flat_map(|k| (1..N).map(move |i| (k, i)));
        assert!(others.into_iter().all(|(k, i)| bit::<T, N>(&planes, k, i, l) == 0));
    }
}

#[test]
fn planes_stand_where_the_docs_say() {
    planes_stand_where_documented::<f32, 4>();
    planes_stand_where_documented::<f32, 16>();
    planes_stand_where_documented::<f32, 64>();
    planes_stand_where_documented::<f32, 256>();
    planes_stand_where_documented::<f64, 4>();
    planes_stand_where_documented::<f64, 16>();
    planes_stand_where_documented::<f64, 64>();
    planes_stand_where_documented::<f64, 256>();
    planes_stand_where_documented::<i32, 4>();
    planes_stand_where_documented::<i64, 16>();
}

#[test]
fn powers_of_two_are_exact_or_rounded_as_ldexp_does() {
    assert_eq!(f32::power_of_two(0), 1.0);
    assert_eq!(f32::power_of_two(127), 1.701_411_8e38);
    assert_eq!(f32::power_of_two(128), f32::INFINITY);
    assert_eq!(f32::power_of_two(500), f32::INFINITY);
    assert_eq!(f32::power_of_two(-126), f32::MIN_POSITIVE);
    assert_eq!(f32::power_of_two(-127), f32::MIN_POSITIVE / 2.0);
    assert_eq!(f32::power_of_two(-149).to_bits(), 1);
    assert_eq!(f32::power_of_two(-150).to_bits(), 0);
    assert_eq!(f64::power_of_two(-1074).to_bits(), 1);
    assert_eq!(f64::power_of_two(-1075).to_bits(), 0);
    assert_eq!(f64::power_of_two(1024), f64::INFINITY);
}

#[test]
fn truncation_is_that_of_x86() {
    let cases = [1.9f32, -1.9, 2_147_483_520.0, 2_147_483_648.0, -2_147_483_648.0, 1e30, -1e30];
    let expected = [1, -1, 2_147_483_520, i32::MIN, i32::MIN, i32::MIN, i32::MIN];
    let got: Vec<i32> = cases.iter().map(|v| v.truncate() as i32).collect();
    assert_eq!(got, expected);
    assert_eq!(f32::NAN.truncate() as i32, i32::MIN);
    assert_eq!(f64::NEG_INFINITY.truncate() as i64, i64::MIN);
    assert_eq!((-2.5f64).truncate() as i64, -2);
}

#[test]
fn exponents_are_those_of_frexp() {
    let mut values = [[0u32; LANES]; 4];
    let given = [1.0f32, 0.75, -2.0, 1e-45, f32::MAX, f32::INFINITY, f32::NAN, 0.0, -0.0, f32::MIN_POSITIVE];
    for (l, x) in given.into_iter().enumerate() {
        let (row, at) = quad(0, l);
        values[row][at + 2] = x.to_bits();
    }
    let mut planes = [[0; LANES]; 4];
    let found = forward::<f32, 4>(&values, Transform::Reversible, &mut planes);
    assert_eq!(found.exponents[..10], [1, 0, 2, -126, 128, 0, -127, -127, -127, -125]);
    let mut back = [[1; LANES]; 4];
    inverse::<f32, 4>(&planes, Transform::Reversible, &found.exponents, &found.reinterpreted, &mut back);
    assert_eq!(values, back);
}

#[test]
fn slices_become_their_own_type_only() {
    let mut x = [1.0f32];
    assert_eq!(same::<f32, f32>(&x), Some(&[1.0f32][..]));
    assert!(same::<f32, f64>(&x).is_none());
    same_mut::<f32, f32>(&mut x).unwrap()[0] = 2.0;
    assert_eq!(x[0].abs(), 2.0);
    assert!(same_mut::<f32, u32>(&mut x).is_none());
}

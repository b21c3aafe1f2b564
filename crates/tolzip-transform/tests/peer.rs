//! Random arrays against zfp-rs, another implementation of the same format.

use proptest::prelude::*;
use tolzip_core::{Element, Float, Shape, View};
use tolzip_transform::zfp::{self, Header, Mode, Params, Parts};
use zfp_rs::{ZfpBitStream, ZfpConfig, ZfpField, ZfpFieldMut, ZfpScalar, ZfpScalarType};

/// Sides from slow to fast, and the values' bits; how wide the values' exponents scatter.
fn arrays() -> impl Strategy<Value = (Vec<usize>, u64, u32)> {
    (
        prop::collection::vec(1usize..10, 1..5),
        any::<u64>(),
        prop_oneof![Just(0), Just(3), Just(24), Just(64), Just(180)],
    )
}

fn params() -> impl Strategy<Value = Params> {
    let all = (1u32, 16658u32, 64u32);
    prop_oneof![
        (-60i32..30).prop_map(move |e| (all.0, all.1, all.2, e)),
        (20u32..3000).prop_map(|bits| (bits, bits, 64, -1074)),
        // A block of four values in a word.
        (20u32..80).prop_map(|bits| (bits, bits, 64, -1074)),
        (1u32..=64).prop_map(|planes| (1, 16658, planes, -1074)),
        Just((1, 16658, 64, -1075)),
        (1u32..600, 20u32..2000, 1u32..=64, -80i32..80).prop_map(|(a, b, p, e)| (a.min(b), b, p, e)),
        (20u32..2000, 1u32..=64).prop_map(|(b, p)| (1, b, p, -1075)),
    ]
    .prop_map(|(a, b, p, e)| Params::new(a, b, p, e).unwrap())
}

/// Values around 1 with exponents up to `scatter` apart, some zeros; smooth if `scatter` is 0. None is so small that
/// libzfp would lose its whole block, which zfp-rs does not imitate.
fn values<T: Float>(len: usize, mut seed: u64, scatter: u32) -> Vec<T> {
    let mut next = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    seed_nonzero(len, scatter, &mut next)
}

fn seed_nonzero<T: Float>(len: usize, scatter: u32, next: &mut impl FnMut() -> u64) -> Vec<T> {
    let exponent = |e: u64| f64::from_bits((1023 - 90 + e) << 52);
    (0..len)
        .map(|i| {
            let bits = next();
            let x = if scatter == 0 {
                (i * i % 977) as f64 * 0.37
            } else if bits.is_multiple_of(7) {
                0.0
            } else {
                let mantissa = 1.0 + (bits >> 12) as f64 / (1u64 << 52) as f64;
                mantissa * exponent(90 + next() % u64::from(scatter) / 2 - u64::from(scatter) / 4)
            };
            T::from_f64(if bits & 1 == 0 { x } else { -x })
        })
        .collect()
}

/// Integers with up to `64 - scatter` bits, smooth if `scatter` is 0.
fn integers(len: usize, mut seed: u64, scatter: u32) -> Vec<i64> {
    (0..len)
        .map(|i| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if scatter == 0 { (i * i % 977) as i64 * 37 } else { seed as i64 >> (scatter % 64) }
        })
        .collect()
}

fn compare<T: Element + ZfpScalar>(kind: ZfpScalarType, sides: &[usize], values: &[T], params: Params) {
    let shape = Shape::new(sides).unwrap();
    let mode = Mode::Expert(params);
    let mine = zfp::encode(View::new(values, shape).unwrap(), mode, Parts::NONE).unwrap();
    let mut back = vec![T::default(); values.len()];
    let known = Header::new(T::DTYPE, shape, mode).unwrap();
    zfp::decode_into(&mine, known, Parts::NONE, &mut back, None).unwrap();

    let (a, b, p, e) = (params.min_bits(), params.max_bits(), params.max_prec(), params.min_exp());
    let config = ZfpConfig::expert(a, b, p, e).unwrap();
    let fast_first: Vec<usize> = sides.iter().rev().copied().collect();
    let mut theirs = vec![T::default(); values.len()];
    macro_rules! run {
        ($n:literal) => {{
            let dims: [usize; $n] = fast_first.try_into().unwrap();
            let mut stream = ZfpBitStream::new(config.maximum_size(kind, dims).unwrap()).unwrap();
            stream.compress(&config, &ZfpField::new(values, dims).unwrap()).unwrap();
            assert!(stream.as_bytes() == mine, "compressed {sides:?} {params:?}");
            stream.rewind();
            stream.decompress(&config, &mut ZfpFieldMut::new(&mut theirs, dims).unwrap()).unwrap();
        }};
    }
    match sides.len() {
        1 => run!(1),
        2 => run!(2),
        3 => run!(3),
        _ => run!(4),
    }
    let same = back.iter().zip(&theirs).all(|(x, y)| x.to_bits() == y.to_bits());
    assert!(same, "decompressed {sides:?} {params:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn f32_streams_and_values_are_the_same((sides, seed, scatter) in arrays(), params in params()) {
        let values = values::<f32>(sides.iter().product(), seed | 1, scatter);
        compare(ZfpScalarType::F32, &sides, &values, params);
    }

    #[test]
    fn f64_streams_and_values_are_the_same((sides, seed, scatter) in arrays(), params in params()) {
        let values = values::<f64>(sides.iter().product(), seed | 1, scatter);
        compare(ZfpScalarType::F64, &sides, &values, params);
    }

    #[test]
    fn i32_streams_and_values_are_the_same((sides, seed, scatter) in arrays(), params in params()) {
        let values: Vec<i32> = integers(sides.iter().product(), seed, scatter).iter().map(|&v| v as i32).collect();
        compare(ZfpScalarType::I32, &sides, &values, params);
    }

    #[test]
    fn i64_streams_and_values_are_the_same((sides, seed, scatter) in arrays(), params in params()) {
        compare(ZfpScalarType::I64, &sides, &integers(sides.iter().product(), seed, scatter), params);
    }

    /// Whole batches of empty blocks, and batches with some.
    #[test]
    fn regions_of_zeros_are_the_same(
        values in prop::collection::vec((any::<bool>(), 1usize..1500), 1..6),
        scatter in prop_oneof![Just(0), Just(24)],
        params in params(),
    ) {
        let mut field = Vec::new();
        for (i, (is_empty, len)) in values.into_iter().enumerate() {
            let some = self::values::<f64>(len, i as u64 + 1, scatter);
            field.extend(some.into_iter().map(|x| if is_empty { 0.0 } else { x }));
        }
        compare(ZfpScalarType::F64, &[field.len()], &field, params);
        let rows = field.len() / 24;
        if rows > 0 {
            let field: Vec<f32> = field[..24 * rows].iter().map(|&x| x as f32).collect();
            compare(ZfpScalarType::F32, &[rows, 24], &field, params);
            compare(ZfpScalarType::F32, &[rows, 4, 6], &field, params);
        }
    }
}

//! Round trips of awkward arrays, and hostile bytes.

use super::*;
use alloc::vec;
use proptest::prelude::*;
use tolzip_core::{Bf16, F16, Float, Word};

const LEVELS: [u8; 3] = [1, 2, 3];

fn shape(sides: &[usize]) -> Shape {
    Shape::new(sides).unwrap()
}

/// The sizes at each level, after a check that every bit came back.
fn round_trip<T: Element>(values: &[T], shape: Shape) -> Vec<usize> {
    let mut sizes = Vec::new();
    for level in LEVELS {
        let codec = Lossless::new(Settings::new(level).unwrap());
        let mut out = vec![7u8];
        let done = codec.encode(values, shape, Target::Lossless, &mut out).unwrap();
        assert_eq!(done, Encoded::Verified { max_error: 0.0 });
        let mut back = vec![T::default(); values.len()];
        Lossless::default().decode(&out[1..], shape, &mut back).unwrap();
        for (i, (a, b)) in values.iter().zip(&back).enumerate() {
            assert!(a.to_bits() == b.to_bits(), "level {level}, position {i}");
        }
        let raw = size_of_val(values);
        assert!(out.len() - 1 <= raw + raw / 1000 + 256, "{} of {raw} at level {level}", out.len() - 1);
        sizes.push(out.len() - 1);
    }
    sizes
}

fn noise(n: usize) -> impl Iterator<Item = u64> {
    let mut x = 0x1234_5678_9abc_def1u64;
    (0..n).map(move |_| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x.wrapping_mul(0x2545_f491_4f6c_dd1d)
    })
}

/// A field that is smooth, changes sign and is rougher in some places.
fn field(nz: usize, ny: usize, nx: usize) -> Vec<f64> {
    let mut out = Vec::new();
    let mut rough = noise(nz * ny * nx);
    for z in 0..nz {
        for y in 0..ny {
            for x in 0..nx {
                let (u, v, w) = (x as f64 / 40.0, y as f64 / 30.0 - 0.4, z as f64 / 20.0);
                let r = (rough.next().unwrap() >> 40) as f64 / (1u64 << 24) as f64;
                out.push((u * v + v * v * w - 0.3) + if x > nx / 2 { r * 1e-2 } else { r * 1e-6 });
            }
        }
    }
    out
}

#[test]
fn smooth_fields_shrink() {
    let (sides, values) = (shape(&[10, 40, 50]), field(10, 40, 50));
    let sizes = round_trip(&values, sides);
    assert!(sizes[1] * 100 < 160_000 * 75, "{sizes:?}");
    let single: Vec<f32> = values.iter().map(|&x| x as f32).collect();
    let sizes = round_trip(&single, sides);
    assert!(sizes[1] * 100 < 80_000 * 60, "{sizes:?}");
    let half: Vec<F16> = single.iter().map(|&x| F16::from_f32(x)).collect();
    round_trip(&half, sides);
    let brain: Vec<Bf16> = single.iter().map(|&x| Bf16::from_f32(x)).collect();
    round_trip(&brain, sides);
    let integers: Vec<i32> = values.iter().map(|&x| (x * 1e4) as i32).collect();
    assert!(round_trip(&integers, sides)[1] < 35_000);
    round_trip(&values.iter().map(|&x| (x * 100.0) as i8).collect::<Vec<_>>(), sides);
}

#[test]
fn noise_hardly_grows() {
    for n in [1, 7, 100, 5000, 100_000] {
        round_trip(&noise(n).collect::<Vec<_>>(), Shape::line(n));
        round_trip(&noise(n).map(|x| f32::from_bits(x as u32)).collect::<Vec<_>>(), Shape::line(n));
        round_trip(&noise(n).map(|x| x as u8).collect::<Vec<_>>(), Shape::line(n));
        round_trip(&noise(n).map(|x| Bf16(x as u16)).collect::<Vec<_>>(), Shape::line(n));
    }
}

#[test]
fn special_shapes_and_values() {
    for sides in
        [&[][..], &[0], &[3, 0, 5], &[1, 1, 1], &[1, 7, 1, 2, 1], &[2, 2, 2, 2, 2, 2, 2, 2], &[300_000, 1]]
    {
        let shape = shape(sides);
        let n = shape.len();
        round_trip(&vec![0.0f64; n], shape);
        round_trip(&vec![f32::NAN; n], shape);
        let special =
            [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -f64::NAN, 5e-324, -1e300, 1e300, 1.5];
        round_trip(&special.iter().copied().cycle().take(n).collect::<Vec<_>>(), shape);
        round_trip(&special.iter().map(|&x| x as f32).cycle().take(n).collect::<Vec<_>>(), shape);
    }
}

#[test]
fn blocks_meet_where_they_should() {
    // Two blocks and a bit, in rows of odd length, the middle constant.
    let n = (1 << 19) + 3 * 1001;
    let values: Vec<u32> = noise(n)
        .enumerate()
        .map(|(i, x)| if i / 200_000 == 1 { 5 } else { (x & 63) as u32 + i as u32 / 77 })
        .collect();
    assert!(round_trip(&values[..n / 1001 * 1001], shape(&[n / 1001, 1001]))[1] < n * 5 / 4);
    round_trip(&values, Shape::line(n));
}

/// Along an axis whose neighbours are further apart than a part of a row, asked for in parts of any length.
#[test]
fn neighbours_far_apart_are_predicted_and_restored() {
    for (sides, degree) in
        [([1, 1, 9, 700], 1), ([1, 1, 7, 2500], 3), ([3, 5, 600, 1], 2), ([1, 4, 30, 30], 3)]
    {
        let n: usize = sides.iter().product();
        let words: Vec<u64> = noise(n).map(|x| x >> 20).collect();
        for axis in 0..4 {
            let mut degrees = [0; 4];
            degrees[axis] = degree;
            degrees[axis.saturating_sub(1)] = degree.min(2);
            let order = lane::Order { sign_magnitude: true, shift: 0 };
            let spec = stencil::Spec { order, float: false, degrees };
            let rows = stencil::Rows::new(sides, degrees);
            let mut all = vec![0; n];
            integer::Residuals::new(&words, rows, spec).next(&mut all);
            for length in [37, 1000, 2049] {
                let mut parts = vec![0; n];
                let mut next = integer::Residuals::new(&words, rows, spec);
                parts.chunks_mut(length).for_each(|part| next.next(part));
                assert!(parts == all, "{sides:?} {degrees:?} {length}");
            }
            integer::Restorer::new(rows, spec).restore(&mut all, n);
            assert!(all == words, "{sides:?} {degrees:?}");
        }
    }
}

#[test]
fn few_values_are_ranked() {
    // 400 decimals on a walk: neighbours in rank, but not in their bits.
    let mut at = 200i64;
    let values: Vec<f32> = noise(50_000)
        .map(|x| {
            at = (at + (x % 7) as i64 - 3).clamp(0, 399);
            (at - 200) as f32 * 0.005
        })
        .collect();
    assert!(round_trip(&values, Shape::line(50_000))[1] < 50_000 / 2);
}

#[test]
fn decimals_are_found() {
    // Independent columns of three decimals, with a gap and a negative zero.
    let mut values: Vec<f64> = noise(20_000).map(|x| (x % 4000) as i64 as f64 / 1e3 - 2.0).collect();
    values.iter_mut().for_each(|x| *x = (*x * 1e3) as i64 as f64 / 1e3);
    (values[9], values[5000]) = (f64::NAN, -0.0);
    assert!(round_trip(&values, shape(&[1000, 20]))[1] < 20_000 * 2);
    let single: Vec<f32> = values.iter().map(|&x| x as f32).collect();
    assert!(round_trip(&single, shape(&[1000, 20]))[1] < 20_000 * 2);
}

#[test]
fn repeats_are_found() {
    let different: Vec<f64> = noise(4000).map(|x| f64::from_bits(x >> 2 | 1 << 61)).collect();
    let values: Vec<f64> = different.iter().cycle().take(40_000).copied().collect();
    assert!(round_trip(&values, Shape::line(40_000))[1] < 40_000);
}

#[test]
fn common_low_zeros_cost_nothing() {
    let rounded: Vec<f32> =
        field(4, 50, 50).iter().map(|&x| f32::from_bits((x as f32).to_bits() & 0xffff_f000)).collect();
    let sizes = round_trip(&rounded, shape(&[4, 50, 50]));
    assert!(sizes[1] < 10_000 * 5 / 4, "{sizes:?}");
}

#[test]
fn lossy_targets_are_refused() {
    let codec = Lossless::default();
    let mut out = Vec::new();
    assert!(codec.encode(&[1.0f32], Shape::line(1), Target::Abs(0.1), &mut out).is_err());
    assert!(codec.encode(&[1.0f32], Shape::line(2), Target::Lossless, &mut out).is_err());
    assert!(codec.decode(&[1], Shape::line(2), &mut [0.0f32]).is_err());
    assert!(Settings::new(0).is_err() && Settings::new(9).is_err());
}

/// Streams of every kind, small enough to be damaged everywhere.
fn streams() -> Vec<(Vec<u8>, Shape)> {
    let mut all = Vec::new();
    let sides = shape(&[5, 8, 9]);
    let values: Vec<f32> = field(5, 8, 9).iter().map(|&x| x as f32).collect();
    let few: Vec<f32> = values.iter().map(|x| (x * 8.0) as i32 as f32 * 0.3).collect();
    let some: Vec<f32> = noise(20).map(|x| f32::from_bits(x as u32)).collect();
    let repeated = some.iter().cycle().take(360).copied().collect();
    let planes: Vec<f32> = noise(360).map(|x| f32::from_bits(0x3f00_0000 | x as u32 & 0x80ff_f00f)).collect();
    let mut decimals: Vec<f32> = noise(360).map(|x| (x % 3000) as f32 / 1e2).collect();
    decimals[100] = f32::NAN;
    for values in [values, few, repeated, planes, decimals] {
        for level in LEVELS {
            let mut out = Vec::new();
            let codec = Lossless::new(Settings::new(level).unwrap());
            codec.encode(&values, sides, Target::Lossless, &mut out).unwrap();
            all.push((out, sides));
        }
    }
    all
}

#[test]
fn every_truncation_is_an_error() {
    for (bytes, shape) in streams() {
        let mut back = vec![0.0f32; shape.len()];
        for cut in 0..bytes.len() {
            assert!(Lossless::default().decode(&bytes[..cut], shape, &mut back).is_err(), "{cut}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(Lossless::default().decode(&longer, shape, &mut back).is_err());
    }
}

#[test]
fn flipped_bits_do_not_panic() {
    for (bytes, shape) in streams() {
        let mut back = vec![0.0f32; shape.len()];
        for at in 0..bytes.len() {
            for bit in [0, 3, 7] {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                let _ = Lossless::default().decode(&damaged, shape, &mut back);
            }
        }
    }
}

fn sides() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop::sample::select(vec![0usize, 1, 2, 3, 5, 7, 33]), 0..5)
}

/// Bits of values: noise, steps, small numbers, specials.
fn bits(n: usize) -> impl Strategy<Value = Vec<u64>> {
    let one = prop_oneof![
        any::<u64>(),
        0u64..40,
        Just(f64::NAN.to_bits()),
        Just(f64::INFINITY.to_bits()),
        Just(1 << 63),
        (-1e3..1e3).prop_map(f64::to_bits),
        (-1e3f32..1e3).prop_map(|x| u64::from(x.to_bits())),
    ];
    prop_oneof![
        prop::collection::vec(one.clone(), n),
        (one, 0u64..1 << 40).prop_map(move |(from, step)| (0..n as u64)
            .map(|i| from.wrapping_add((i * i).wrapping_mul(step)))
            .collect()),
    ]
}

fn values<T: Element>(bits: &[u64]) -> Vec<T> {
    bits.iter().map(|&b| T::from_bits(T::Bits::from_u64(b))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_array_survives((sides, bits) in sides().prop_flat_map(|s| { let n = s.iter().product(); (Just(s), bits(n)) })) {
        let shape = shape(&sides);
        round_trip(&values::<f32>(&bits), shape);
        round_trip(&values::<f64>(&bits), shape);
        round_trip(&values::<F16>(&bits), shape);
        round_trip(&values::<u8>(&bits), shape);
        round_trip(&values::<i16>(&bits), shape);
        round_trip(&values::<u32>(&bits), shape);
        round_trip(&values::<i64>(&bits), shape);
    }

    #[test]
    fn every_predictor_inverts(
        (sides, bits) in sides().prop_flat_map(|s| { let n = s.iter().product(); (Just(s), bits(n)) }),
        degrees in [0u8..4, 0u8..4, 0u8..4, 0u8..4],
        float: bool,
        shift in 0u32..20,
    ) {
        fn check<W: lane::Lane>(words: &[W], sides: [usize; 4], spec: stencil::Spec) {
            let words: Vec<W> = words.iter().map(|w| w.sar(spec.order.shift).shl(spec.order.shift)).collect();
            let rows = stencil::Rows::new(sides, spec.degrees);
            let mut residuals = Vec::new();
            if spec.float {
                float::residuals(&words, rows, spec, &mut residuals);
                float::restore(&mut residuals, rows, spec);
            } else {
                // In parts that begin anywhere in a row.
                residuals = vec![W::default(); words.len()];
                let mut next = integer::Residuals::new(&words, rows, spec);
                residuals.chunks_mut(7).for_each(|part| next.next(part));
                let mut all = vec![W::default(); words.len()];
                integer::Residuals::new(&words, rows, spec).next(&mut all);
                assert!(residuals == all, "{sides:?} {spec:?}");
                let mut restorer = integer::Restorer::new(rows, spec);
                for known in (0..words.len()).step_by(11).chain([words.len()]) {
                    restorer.restore(&mut residuals, known);
                }
            }
            assert!(residuals == words, "{sides:?} {spec:?}");
        }
        let folded = shape(&sides).folded();
        prop_assume!(!bits.is_empty());
        let order = lane::Order { sign_magnitude: float || shift % 2 == 0, shift };
        let spec = stencil::Spec { order, float, degrees };
        check(&values::<u32>(&bits), folded, spec);
        check(&bits, folded, spec);
        let narrow = lane::Order { shift: shift % 8, ..order };
        check(&values::<u8>(&bits), folded, stencil::Spec { order: narrow, float: false, degrees });
    }

    #[test]
    fn any_bytes_are_a_chunk_or_an_error(mut bytes in prop::collection::vec(any::<u8>(), 1..200), sides in sides(), flags in 0u8..128, kind in 0u8..8) {
        let shape = shape(&sides);
        bytes[0] = 1;
        let n = bytes.len();
        // Past the first fields more often than chance would have it.
        for (at, b) in [(1, flags), (2, 0), (4 % n, kind)] {
            if at < n && kind < 6 {
                bytes[at] = b;
            }
        }
        let _ = Lossless::default().decode(&bytes, shape, &mut vec![0.0f32; shape.len()]);
        let _ = Lossless::default().decode(&bytes, shape, &mut vec![0.0f64; shape.len()]);
        let _ = Lossless::default().decode(&bytes, shape, &mut vec![0u8; shape.len()]);
    }
}

#[test]
fn float_prediction_is_used_where_signs_change() {
    // Only to be sure that the paths above are those of real streams: the flag stands behind the version.
    let values: Vec<f32> = field(6, 40, 50).iter().map(|&x| x as f32).collect();
    let mut out = Vec::new();
    Lossless::default().encode(&values, shape(&[6, 40, 50]), Target::Lossless, &mut out).unwrap();
    assert_eq!(out[0], 1);
    assert_eq!(out[1] & 1, 1);
    assert_eq!(f32::MANTISSA_BITS, 23);
}

#[test]
fn the_bytes_never_change() {
    // FNV-1a of every stream: a change here is a change of the format or of the encoder's choices, and must be meant.
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let (large, sides) = (field(12, 50, 61), shape(&[12, 50, 61]));
    let single: Vec<f32> = large.iter().map(|&x| x as f32).collect();
    let mut all: Vec<Vec<u8>> = streams().into_iter().map(|s| s.0).collect();
    for level in LEVELS {
        let codec = Lossless::new(Settings::new(level).unwrap());
        let mut out = Vec::new();
        codec.encode(&large, sides, Target::Lossless, &mut out).unwrap();
        codec.encode(&single, sides, Target::Lossless, &mut out).unwrap();
        all.push(out);
    }
    for byte in all.into_iter().flatten() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    assert_eq!(hash, 0x4a1b_a356_2b9e_5bc4, "{hash:#018x}");
}

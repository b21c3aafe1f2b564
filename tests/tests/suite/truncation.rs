//! The knob that truncation chooses for a bound: it holds, and the next coarser one would not.
//!
//! (Where shortened values take no less than the values themselves, those are stored: such a choice is not seen, and not counted.)

use tolzip::{AnyArray, Bound, Compressor, DType, Limits, Shape, Stream};
use tolzip_tests::arrays::Bits;
use tolzip_tests::methods::check;

/// Mantissa bits and the exponent's bias.
fn layout(dtype: DType) -> (u32, i32) {
    match dtype {
        DType::F16 => (10, 15),
        DType::Bf16 => (7, 127),
        DType::F32 => (23, 127),
        _ => (52, 1023),
    }
}

/// Values of which some have the largest error that each number of bits allows: `2^top` and a single bit or all below it, at
/// even and at odd places (where grooming goes the other way). The rest are smaller, of either sign.
fn worst(dtype: DType, top: i32, seed: u64) -> AnyArray {
    let (mantissa, bias) = layout(dtype);
    let word = |exponent: i32, low: u64| ((exponent + bias) as u64) << mantissa | low;
    let mut words = vec![word(top, 0), word(top, (1 << mantissa) - 1)];
    words.extend((0..mantissa).flat_map(|k| [word(top, 1 << k), word(top, (1 << k) - 1)]));
    let mut random = Bits(seed);
    words.extend((0..1500).map(|_| {
        let bits = random.bits();
        let sign = (bits >> 63) << (dtype.size() * 8 - 1);
        sign | word(top - 1 - (bits >> 60 & 3) as i32, bits & ((1 << mantissa) - 1))
    }));
    let bytes: Vec<u8> =
        words.iter().flat_map(|w| [w, w]).flat_map(|w| w.to_le_bytes()[..dtype.size()].to_vec()).collect();
    AnyArray::from_le_bytes(dtype, Shape::line(words.len() * 2), &bytes).unwrap()
}

fn through(method: &str, bound: Bound, original: &AnyArray) -> AnyArray {
    let bytes = Compressor::new(method.parse().unwrap(), bound).threads(1).compress_any(original).unwrap();
    Stream::open(&bytes, Limits::default()).unwrap().decode_any(1).unwrap()
}

/// A bound of `limit`, in each of the three ways to say it, for values as [`worst`] makes them.
fn bounds(original: &AnyArray, top: i32, limit: f64) -> [Bound; 3] {
    let values = tolzip::with_any!(original, a => {
        a.values().iter().map(|v| tolzip::Element::to_f64(*v)).collect::<Vec<f64>>()
    });
    let (min, max) = values.iter().fold((f64::MAX, f64::MIN), |(a, b), &v| (a.min(v), b.max(v)));
    [Bound::Abs(limit), Bound::Rel(limit / (max - min)), Bound::PointwiseRel(limit / 2f64.powi(top))]
}

const FLOATS: [DType; 4] = [DType::F16, DType::Bf16, DType::F32, DType::F64];

#[test]
fn bits_are_the_fewest_that_hold_the_bound() {
    let mut random = Bits(1);
    let (mut seen, mut all) = ([0; 3], 0);
    for round in 0..120 {
        let dtype = FLOATS[round % 4];
        let mantissa = layout(dtype).0;
        let top = (random.bits() % 13) as i32 - 6;
        let original = worst(dtype, top, random.bits());
        // From a quarter of the largest value down to some units of its last place, where errors below a unit of the last kept
        // bit (by one unit in the last place) are not yet as good as the next number of bits.
        let down = (random.bits() % u64::from(mantissa - 3)) as i32;
        let limit = (1.01 + 0.29 * random.unit()) * 2f64.powi(top - 2 - down);
        for bound in bounds(&original, top, limit) {
            all += 1;
            for (method, seen) in ["truncate", "groom", "bitround"].into_iter().zip(&mut seen) {
                let with = |bits: u32| through(&format!("{method}:bits={bits}"), Bound::Knob, &original);
                let fewest = (0..mantissa).find(|&bits| check(&original, &with(bits), bound).is_ok());
                let fewest = fewest.unwrap_or_else(|| panic!("{method} {bound:?} {dtype}: nothing holds"));
                let chosen = through(method, bound, &original);
                check(&original, &chosen, bound).unwrap();
                if chosen == original {
                    continue;
                }
                *seen += 1;
                assert!(chosen == with(fewest), "{method} {bound:?} on {dtype}: {fewest} bits are enough");
            }
        }
    }
    assert!(seen.iter().all(|s| s * 3 > all), "{seen:?} of {all}");
}

#[test]
fn digits_are_the_fewest_that_promise_the_bound() {
    let mut random = Bits(2);
    let (mut seen, mut broken) = ([0; 2], [0; 2]);
    // 2^top to 2^(top + 1) without a power of ten between; and 10^before is the next one.
    for (top, before) in [(1, 1), (4, 2), (8, 3), (-2, 0), (-6, -1)] {
        for (dtype, digits) in FLOATS.into_iter().flat_map(|d| (2..8).map(move |n| (d, n))) {
            let original = worst(dtype, top, random.bits());
            let limit = (1.01 + 8.0 * random.unit()) * 10f64.powi(before - digits) / 2.0;
            // No finer than the type, whose own rounding would decide.
            if limit < 2f64.powi(top + 1 - layout(dtype).0 as i32) {
                continue;
            }
            for bound in &bounds(&original, top, limit)[..2] {
                for (m, method) in ["digitround", "granular"].into_iter().enumerate() {
                    let with =
                        |digits: i32| through(&format!("{method}:digits={digits}"), Bound::Knob, &original);
                    let chosen = through(method, *bound, &original);
                    check(&original, &chosen, *bound).unwrap();
                    if chosen == original {
                        continue;
                    }
                    seen[m] += 1;
                    assert!(
                        chosen == with(digits),
                        "{method} {bound:?} on {dtype}: {digits} digits promise it"
                    );
                    // One digit fewer promises ten times as much, and errs by half of the power of two below that.
                    if 10f64.powi(before - digits + 1).log2().floor().exp2() / 2.0 > limit {
                        broken[m] += 1;
                        let coarser = with(digits - 1);
                        assert!(check(&original, &coarser, *bound).is_err(), "{method} {bound:?} on {dtype}");
                    }
                }
            }
        }
    }
    assert!(seen.iter().chain(&broken).all(|&n| n > 30), "{seen:?} {broken:?}");
}

#[test]
fn a_cast_is_to_the_narrowest_type_that_holds_the_bound_nearly_everywhere() {
    let mut random = Bits(3);
    let mut seen = [0; 3];
    for round in 0..60 {
        let (dtype, types) = match round % 2 {
            0 => (DType::F32, &["bf16", "f16"][..]),
            _ => (DType::F64, &["bf16", "f16", "f32"][..]),
        };
        let top = (random.bits() % 13) as i32 - 6;
        let original = worst(dtype, top, random.bits());
        let limit = (1.01 + 0.8 * random.unit()) * 2f64.powi(top - 4 - (random.bits() % 24) as i32);
        for bound in bounds(&original, top, limit) {
            let chosen = through("cast", bound, &original);
            check(&original, &chosen, bound).unwrap();
            if chosen == original {
                continue;
            }
            let misses = |to: &str| {
                missing(&original, &through(&format!("cast:to={to}"), Bound::Knob, &original), bound, limit)
            };
            let n = original.shape().len();
            let (to, missing) = (0..types.len())
                .map(|to| (to, misses(types[to])))
                .find(|(_, missing)| missing.len() * 64 <= n)
                .expect("a type, since something was changed");
            let (size, exact) = (dtype.size(), original.to_le_bytes());
            let mut expected =
                through(&format!("cast:to={}", types[to]), Bound::Knob, &original).to_le_bytes();
            for place in missing.into_iter().map(|i| i * size..(i + 1) * size) {
                expected[place.clone()].copy_from_slice(&exact[place]);
            }
            seen[to] += 1;
            assert!(chosen.to_le_bytes() == expected, "{bound:?} on {dtype} is not {}", types[to]);
        }
    }
    assert!(seen.iter().all(|&n| n > 3), "{seen:?}");
}

/// Which values miss the bound, each looked at by itself.
fn missing(original: &AnyArray, narrow: &AnyArray, bound: Bound, limit: f64) -> Vec<usize> {
    let size = original.dtype().size();
    // By itself, a value has no range.
    let bound = if let Bound::Rel(_) = bound { Bound::Abs(limit) } else { bound };
    let (x, y) = (original.to_le_bytes(), narrow.to_le_bytes());
    let one = |bytes: &[u8]| AnyArray::from_le_bytes(original.dtype(), Shape::line(1), bytes).unwrap();
    let pairs = x.chunks(size).zip(y.chunks(size)).enumerate();
    pairs.filter(|(_, (x, y))| check(&one(x), &one(y), bound).is_err()).map(|(i, _)| i).collect()
}

//! Bounds of the array as a whole: met, and not by much more than was asked.

use tolzip::{Bound, Compressor, DType, Error, Limits, Method, NonFinite, Scope, Stream};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::methods::check;

/// What was reached, after a check that the stream holds what it claims.
fn reached(method: &str, dtype: DType, sides: &[usize], kind: Kind, bound: Bound) -> f64 {
    let original = array(dtype, sides, kind, 7);
    let bytes = Compressor::new(method.parse().unwrap(), bound).compress_any(&original).unwrap();
    let stream = Stream::open(&bytes, Limits::default()).unwrap();
    let context = || format!("{method} {bound:?} {dtype} {sides:?} {kind:?}");
    check(&original, &stream.decode_any(1).unwrap(), bound).unwrap_or_else(|e| panic!("{}: {e}", context()));
    let reached = stream.info().reached.unwrap_or_else(|| panic!("{}: nothing recorded", context()));
    if let Bound::Ratio(_) = bound {
        assert_eq!(reached, original.byte_len() as f64 / bytes.len() as f64, "{}", context());
    }
    reached
}

#[test]
fn errors_of_the_whole_are_met_by_at_most_half_a_decibel() {
    for method in ["predict", "auto"] {
        for (dtype, kind) in
            [(DType::F32, Kind::Noisy), (DType::F64, Kind::Noise), (DType::F64, Kind::Smooth)]
        {
            for db in [30.0, 60.0, 90.0] {
                let found = reached(method, dtype, &[40, 50, 60], kind, Bound::Psnr(db));
                assert!(found >= db && found <= db + 0.5, "{method} {dtype} {kind:?}: {found} dB for {db}");
            }
            // (Among the few hundred bytes that 1e-2 leaves of noisy data, the error jumps.)
            for e in [1e-3, 1e-4] {
                let found = reached(method, dtype, &[300, 200], kind, Bound::L2(e));
                assert!(found <= e && found >= e * 0.944, "{method} {dtype} {kind:?}: {found} for {e}");
            }
        }
    }
}

#[test]
fn ratios_are_met_by_at_most_five_percent() {
    for method in ["predict", "auto"] {
        for ratio in [4.0, 10.0, 40.0] {
            let found = reached(method, DType::F32, &[40, 50, 60], Kind::Noisy, Bound::Ratio(ratio));
            assert!(found >= ratio && found <= ratio * 1.05, "{method}: {found} for {ratio}");
        }
    }
    // Large enough to be sampled first, and cut into chunks.
    let original = array(DType::F32, &[100, 90, 80], Kind::Noisy, 1);
    let compressor = Compressor::new(Method::Auto, Bound::Ratio(12.0)).chunk(&[50, 90, 80]);
    let bytes = compressor.clone().threads(1).compress_any(&original).unwrap();
    assert_eq!(bytes, compressor.threads(3).compress_any(&original).unwrap());
    let found = original.byte_len() as f64 / bytes.len() as f64;
    assert!((12.0..=12.6).contains(&found), "{found}");
}

#[test]
fn a_ratio_that_needs_no_error_gets_none_and_one_that_is_too_much_is_refused() {
    let original = array(DType::F32, &[40, 50], Kind::Steps, 1);
    let with =
        |ratio| Compressor::new("predict".parse().unwrap(), Bound::Ratio(ratio)).compress_any(&original);
    let bytes = with(1.5).unwrap();
    assert_eq!(Stream::open(&bytes, Limits::default()).unwrap().info().max_error, 0.0);
    let Err(Error::RatioOutOfReach { asked, reached }) = with(1e6) else { panic!("a ratio of a million") };
    assert!((asked - 1e6).abs() < 1.0 && reached > 20.0 && reached < 1000.0, "{reached}");
}

#[test]
fn each_column_reaches_its_own_psnr() {
    let original = array(DType::F64, &[3000, 3], Kind::Noisy, 1);
    let bytes = Compressor::new("predict".parse().unwrap(), Bound::Psnr(50.0))
        .by(Scope::Column)
        .compress_any(&original)
        .unwrap();
    let stream = Stream::open(&bytes, Limits::default()).unwrap();
    let exact = Compressor::new("none".parse().unwrap(), Bound::Lossless).compress_any(&original).unwrap();
    let exact = Stream::open(&exact, Limits::default()).unwrap();
    for i in 0..3 {
        let region = [0..3000, i..i + 1];
        let (x, y) = (exact.region_any(&region, 1).unwrap(), stream.region_any(&region, 1).unwrap());
        check(&x, &y, Bound::Psnr(50.0)).unwrap();
        assert!(check(&x, &y, Bound::Psnr(50.6)).is_err(), "column {i} is better than it need be");
    }
    assert!((50.0..50.5).contains(&stream.info().reached.unwrap()));
}

#[test]
fn what_is_not_finite_stays_and_has_no_part_in_the_error() {
    let original = array(DType::F32, &[60, 70], Kind::Holes, 1);
    for bound in [Bound::Psnr(60.0), Bound::L2(1e-3), Bound::Ratio(4.0)] {
        let bytes = Compressor::new("predict".parse().unwrap(), bound).compress_any(&original).unwrap();
        let stream = Stream::open(&bytes, Limits::default()).unwrap();
        check(&original, &stream.decode_any(1).unwrap(), bound).unwrap();
        assert!(!stream.info().masked);
    }
    let masked = Compressor::new("predict".parse().unwrap(), Bound::Abs(1e-3)).non_finite(NonFinite::Mask);
    let bytes = masked.compress_any(&original).unwrap();
    assert!(Stream::open(&bytes, Limits::default()).unwrap().info().masked);
}

/// That this compiles is the test.
#[test]
fn everything_public_goes_between_threads() {
    const fn is<T: Send + Sync + Unpin + std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    is::<Compressor>();
    is::<Stream<'static>>();
    is::<tolzip::Info>();
    is::<tolzip::Limits>();
    is::<tolzip::DamagedChunk>();
    is::<Method>();
    is::<Bound>();
    is::<tolzip::Scope>();
    is::<tolzip::Error>();
    is::<tolzip::AnyArray>();
    is::<tolzip::Array<f64>>();
    is::<tolzip::View<'static, f32>>();
    is::<tolzip::codecs::fast::Fast>();
    is::<tolzip::codecs::lossless::Lossless>();
    is::<tolzip::codecs::predict::Predict>();
    is::<tolzip::codecs::transform::Transform>();
    is::<tolzip::method::MethodInfo>();
}

#[test]
fn shared_between_threads() {
    let original = array(DType::F32, &[20, 30, 10], Kind::Noisy, 1);
    let compressor = Compressor::new(Method::Auto, Bound::Rel(1e-3)).chunk(&[10, 30, 10]);
    let bytes = compressor.compress_any(&original).unwrap();
    let stream = Stream::open(&bytes, Limits::default()).unwrap();
    let values = stream.decode_any(1).unwrap().to_le_bytes();
    std::thread::scope(|scope| {
        for threads in 1..4 {
            let (compressor, stream, original, bytes, values) =
                (&compressor, &stream, &original, &bytes, &values);
            scope.spawn(move || {
                assert_eq!(compressor.compress_any(original).unwrap(), *bytes);
                assert_eq!(stream.decode_any(threads).unwrap().to_le_bytes(), *values);
            });
        }
    });
}

#[test]
fn small_columns_share_a_payload() {
    // 28 columns of 300 values in units that differ by up to 10^7.
    let mut random = tolzip_tests::arrays::Bits(5);
    let units: Vec<f32> = (0..28).map(|_| (random.unit() * 7.0 - 3.0).exp2() as f32).collect();
    let values: Vec<f32> = (0..300 * 28).map(|i| units[i % 28] * random.unit() as f32).collect();
    let view = tolzip::View::new(&values, tolzip::Shape::new(&[300, 28]).unwrap()).unwrap();
    let one = Compressor::new("predict".parse().unwrap(), Bound::Rel(1e-2));
    let together = one.clone().by(Scope::Column).compress(view).unwrap();
    let apart = one.by(Scope::Column).chunk(&[300, 1]).compress(view).unwrap();
    assert!(together.len() * 5 < apart.len() * 4, "{} and {}", together.len(), apart.len());
    let stream = Stream::open(&together, Limits::default()).unwrap();
    assert_eq!(stream.info().chunks, 1);
    let part = stream.region::<f32>(&[0..300, 7..8], 1).unwrap();
    let column: Vec<f32> = values.iter().skip(7).step_by(28).copied().collect();
    let range =
        column.iter().fold(f32::MIN, |a, &b| a.max(b)) - column.iter().fold(f32::MAX, |a, &b| a.min(b));
    assert!(column.iter().zip(part.values()).all(|(x, y)| (x - y).abs() <= range * 1e-2));
}

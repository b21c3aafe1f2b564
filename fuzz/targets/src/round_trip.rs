//! Any array through any method: what comes back is within the bound, whatever was asked for.

use crate::take::Take;
use tolzip::{AnyArray, Bound, Compressor, DType, Error, Limits, Method, NonFinite, Shape, Stream, with_any};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::methods::{check_but, with_bounds};

/// Compresses, decompresses and holds every value against the bound, in arithmetic of its own.
pub fn round_trip(bytes: &[u8]) {
    let mut take = Take(bytes);
    let dtype = *take.of(&DType::ALL);
    let methods: Vec<(Method, Bound)> =
        with_bounds(dtype).into_iter().filter(|(m, _)| m.family() != "sample").collect();
    let (method, like) = methods[usize::from(take.u16()) % methods.len()].clone();
    let shape = take.shape(4, 2000);
    let (part, rel, policy) = (take.u16(), take.u16(), take.u8());
    let original = values(dtype, shape, &mut take);
    let bound = bound(like, part, rel, &original);
    let fill = [None, None, Some(1e20), Some(0.0)][usize::from(policy) % 4].filter(|_| dtype.is_float());
    let fill = fill.filter(|_| dtype.size() >= 4);
    let mask = policy & 4 != 0;
    let mut compressor = Compressor::new(method, bound).threads(1);
    if let Some(fill) = fill {
        compressor = compressor.fill_value(fill);
    }
    if mask {
        compressor = compressor.non_finite(NonFinite::Mask);
    }
    if policy & 16 != 0 {
        let sides: Vec<usize> = shape.sides().iter().map(|&s| s.div_ceil(2).max(1)).collect();
        compressor = compressor.chunk(&sides);
    }
    let stream = match compressor.compress_any(&original) {
        Ok(stream) => stream,
        Err(Error::RatioOutOfReach { .. }) => return,
        Err(e) => panic!("{compressor:?} {dtype} {shape}: {e}"),
    };
    let opened = Stream::open(&stream, Limits::default()).expect("just written");
    let back = opened.decode_any(1).expect("just written");
    let holds = if mask {
        check_but(&as_one_nan(&original), &as_one_nan(&back), bound, fill)
    } else {
        check_but(&original, &back, bound, fill)
    };
    holds.unwrap_or_else(|e| panic!("{compressor:?} {dtype} {shape}: {e}"));
    other_ways(&original, &opened, &back, bound);
}

/// Other ways to the same values and bytes: into memory that was used, and the stream of a device.
fn other_ways(original: &AnyArray, stream: &Stream<'_>, back: &AnyArray, bound: Bound) {
    with_any!(back, a => {
        let mut used: Vec<_> = a.values().iter().rev().copied().collect();
        stream.decode_into(&mut used, 1).expect("was decoded before");
        let same = used.iter().zip(a.values()).all(|(x, y)| tolzip::Element::to_bits(*x) == tolzip::Element::to_bits(*y));
        assert!(same, "into memory that was used");
    });
    if let Bound::Abs(error) = bound {
        with_any!(original, a => {
            let whole: Vec<usize> = a.shape().sides().iter().map(|&side| side.max(1)).collect();
            let compressor = Compressor::new(Method::Fast, bound).chunk(&whole);
            let (small, large) = (tolzip::device::compress(a.view(), error), compressor.compress(a.view()));
            assert!(small == large, "a device writes other bytes");
        });
    }
}

/// Values as the bytes say, or of a kind that codecs dislike, with the bytes over them.
fn values(dtype: DType, shape: Shape, take: &mut Take<'_>) -> AnyArray {
    let kind = take.u8();
    let bytes = shape.len() * dtype.size();
    let mut values = match Kind::ALL.get(usize::from(kind % 32)) {
        Some(&like) => array(dtype, shape.sides(), like, u64::from(take.u8())).to_le_bytes(),
        None => vec![0; bytes],
    };
    let rest = take.rest();
    if kind >= 128 && !rest.is_empty() {
        // Over and over.
        values.iter_mut().zip(rest.iter().cycle()).for_each(|(v, b)| *v = *b);
    } else {
        values.iter_mut().zip(rest).for_each(|(v, b)| *v ^= *b);
    }
    AnyArray::from_le_bytes(dtype, shape, &values).expect("as many bytes as the shape needs")
}

/// A bound of this kind with another number; absolute ones in parts of the largest value.
fn bound(like: Bound, part: u16, rel: u16, original: &AnyArray) -> Bound {
    let floats: Vec<f64> =
        with_any!(original, a => a.values().iter().map(|v| tolzip::Element::to_f64(*v)).collect());
    let largest = floats.iter().map(|v| v.abs()).filter(|v| v.is_finite()).fold(0.0, f64::max);
    let unit = if largest > 0.0 { largest } else { 1.0 };
    let power = |x: u16| 10f64.powf(-20.0 + 22.0 * f64::from(x) / 65535.0);
    let (e, r) = (if part == 0 { 0.0 } else { power(part) }, power(rel));
    let abs = (e * unit).min(f64::MAX);
    match like {
        Bound::Abs(_) => Bound::Abs(abs),
        Bound::Rel(_) => Bound::Rel(e),
        Bound::PointwiseRel(_) => Bound::PointwiseRel(e),
        Bound::L2(_) => Bound::L2(abs),
        Bound::Psnr(_) => Bound::Psnr(f64::from(part) / 200.0 - 20.0),
        Bound::Ratio(_) => Bound::Ratio(f64::from(part) / 2000.0 + 1e-3),
        Bound::AbsAndRel { .. } => Bound::AbsAndRel { abs, rel: r },
        Bound::AbsOrRel { .. } => Bound::AbsOrRel { abs, rel: r },
        other => other,
    }
}

/// What is not finite as one NaN: all that is left of it where it was to be masked.
fn as_one_nan(array: &AnyArray) -> AnyArray {
    let size = array.dtype().size();
    let finite: Vec<bool> =
        with_any!(array, a => a.values().iter().map(|v| tolzip::Element::to_f64(*v).is_finite()).collect());
    let mut bytes = array.to_le_bytes();
    for (value, _) in bytes.chunks_exact_mut(size).zip(finite).filter(|(_, finite)| !finite) {
        value.fill(0xff);
    }
    AnyArray::from_le_bytes(array.dtype(), array.shape(), &bytes).expect("as many as before")
}

#![no_main]
//! Any array through any method: what comes back is within the bound.

use libfuzzer_sys::fuzz_target;
use tolzip::{AnyArray, Bound, Compressor, DType, Limits, Shape, Stream, method};

fuzz_target!(|input: (u8, u8, [u8; 3], f64, Vec<u64>)| {
    let (method, dtype, sides, e, values) = input;
    let sides: Vec<usize> = sides.iter().map(|&s| usize::from(s) % 9).collect();
    let shape = Shape::new(&sides).expect("at most 9^3 values");
    let dtype = if dtype % 2 == 0 { DType::F32 } else { DType::F64 };
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).chain(std::iter::repeat(0)).take(shape.len() * dtype.size()).collect();
    let original = AnyArray::from_le_bytes(dtype, shape, &bytes).expect("as many bytes as the shape needs");
    let methods = method::all();
    let info = &methods[usize::from(method) % methods.len()];
    if info.family == "sample" || !(e.is_finite() && e >= 0.0) {
        return;
    }
    let bound = match info.bounds[usize::from(method >> 4) % info.bounds.len()] {
        "abs" => Bound::Abs(e),
        "rel" => Bound::Rel(e.min(1.0)),
        "pw_rel" => Bound::PointwiseRel(e.min(1.0)),
        "knob" => Bound::Knob,
        _ => Bound::Lossless,
    };
    let method = info.id.parse().expect("a listed method");
    let stream = Compressor::new(method, bound).threads(1).compress_any(&original).expect("it takes the bound");
    let back = Stream::open(&stream, Limits::default()).expect("whole").decode_any(1).expect("whole");
    let floats = |a: &AnyArray| tolzip::with_any!(a, a => a.values().iter().map(|v| tolzip::Element::to_f64(*v)).collect::<Vec<f64>>());
    let (x, y) = (floats(&original), floats(&back));
    let finite = || x.iter().copied().filter(|v| v.is_finite());
    let (min, max) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    for (a, b) in x.iter().zip(&y) {
        let limit = match bound {
            Bound::Abs(e) => e,
            Bound::Rel(e) if (max - min).is_finite() => e * (max - min),
            Bound::Rel(e) => e * max - e * min,
            Bound::PointwiseRel(e) => e * a.abs(),
            Bound::Knob => continue,
            _ => 0.0,
        };
        assert!(if a.is_finite() { (a - b).abs() <= limit } else { a.to_bits() == b.to_bits() }, "{a:?} became {b:?}, {bound:?}");
    }
});

//! Raw zfp streams beside those of zfp-rs, one thread: bytes of raw values a second, both ways.
// Criterion's macros make public functions without documentation.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tolzip::zfp::{self, Header, Mode, Parts};
use tolzip::{Element, Shape, View};
use tolzip_benches::field;
use zfp_rs::{ZfpBitStream, ZfpConfig, ZfpDims, ZfpField, ZfpFieldMut, ZfpScalar, ZfpScalarType};

fn one<T: Element + ZfpScalar, D: ZfpDims + Copy>(
    c: &mut Criterion,
    kind: ZfpScalarType,
    values: &[T],
    sides: &[usize],
    dims: D,
) {
    let shape = Shape::new(sides).expect("a small shape");
    let view = View::new(values, shape).expect("as many values as the shape needs");
    // Of the field's range, which is a few units.
    let modes = [
        ("accuracy", Mode::Accuracy(2e-3)),
        ("rate 8", Mode::Rate(8.0)),
        ("precision 16", Mode::Precision(16)),
        ("reversible", Mode::Reversible),
    ];
    for (name, mode) in modes {
        let header = Header::new(T::DTYPE, shape, mode).expect("a mode of this type");
        let p = header.params();
        let config = ZfpConfig::expert(p.min_bits(), p.max_bits(), p.max_prec(), p.min_exp())
            .expect("parameters that zfp has");
        let stream = zfp::encode(view, mode, Parts::NONE).expect("a shape of zfp's");
        let mut back = vec![T::default(); values.len()];
        let mut theirs = ZfpBitStream::new(config.maximum_size(kind, dims).expect("a small array"))
            .expect("memory for a small array");
        let source = ZfpField::new(values, dims).expect("as many values as the shape needs");
        let mut group = c.benchmark_group(format!("zfp {}-D {} {name}", sides.len(), T::DTYPE));
        group.throughput(Throughput::Bytes(size_of_val(values) as u64)).sample_size(10);
        group.bench_function(BenchmarkId::new("compress", "tolzip"), |b| {
            b.iter(|| zfp::encode(black_box(view), mode, Parts::NONE));
        });
        group.bench_function(BenchmarkId::new("compress", "zfp-rs"), |b| {
            b.iter(|| {
                theirs.rewind();
                theirs.compress(&config, black_box(&source))
            });
        });
        group.bench_function(BenchmarkId::new("decompress", "tolzip"), |b| {
            b.iter(|| zfp::decode_into(black_box(&stream), header, Parts::NONE, &mut back, None));
        });
        group.bench_function(BenchmarkId::new("decompress", "zfp-rs"), |b| {
            let mut to = ZfpFieldMut::new(&mut back, dims).expect("as many values as the shape needs");
            b.iter(|| {
                theirs.rewind();
                theirs.decompress(&config, &mut to)
            });
        });
        group.finish();
    }
}

fn all(c: &mut Criterion) {
    fn every_type<D: ZfpDims + Copy>(c: &mut Criterion, sides: &[usize], dims: D) {
        let values = field(sides);
        let wide: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
        let integers: Vec<i32> = values.iter().map(|v| (v * 1e6) as i32).collect();
        let wide_integers: Vec<i64> = wide.iter().map(|v| (v * 1e12) as i64).collect();
        one(c, ZfpScalarType::F32, &values, sides, dims);
        one(c, ZfpScalarType::F64, &wide, sides, dims);
        one(c, ZfpScalarType::I32, &integers, sides, dims);
        one(c, ZfpScalarType::I64, &wide_integers, sides, dims);
    }
    every_type(c, &[1 << 18], [1 << 18]);
    every_type(c, &[512, 512], [512, 512]);
    every_type(c, &[64, 64, 64], [64, 64, 64]);
    every_type(c, &[16, 16, 32, 32], [32, 32, 16, 16]);
}

criterion_group!(benches, all);
criterion_main!(benches);

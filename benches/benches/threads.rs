//! A smooth field of 256^3 values with one thread and with two, both ways; the bytes are the same.
// Criterion's macros make public functions without documentation.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tolzip::{Bound, Compressor, Limits, Method, Shape, Stream, View};
use tolzip_benches::field;

fn threads(c: &mut Criterion) {
    let sides = [256, 256, 256];
    let values = field(&sides);
    let shape = Shape::new(&sides).expect("a shape with room in memory");
    let view = View::new(&values, shape).expect("as many values as the shape needs");
    for (method, bound) in [
        ("predict", Bound::Rel(1e-2)),
        ("predict", Bound::Rel(1e-3)),
        ("transform", Bound::Rel(1e-3)),
        ("fast", Bound::Rel(1e-3)),
        ("lossless", Bound::Lossless),
    ] {
        let compressor = |threads| {
            let method = method.parse::<Method>().expect("a listed method");
            Compressor::new(method, bound).threads(threads)
        };
        let bytes = compressor(1).compress(view).expect("the method takes the bound");
        assert!(compressor(2).compress(view) == Ok(bytes.clone()), "bytes depend on threads");
        let mut group = c.benchmark_group(format!("256^3 {method} {}", bound.value().unwrap_or(0.0)));
        group.throughput(Throughput::Bytes(size_of_val(&values[..]) as u64)).sample_size(10);
        for threads in [1, 2] {
            group.bench_function(BenchmarkId::new("compress", threads), |b| {
                b.iter(|| compressor(threads).compress(black_box(view)));
            });
            group.bench_function(BenchmarkId::new("decompress", threads), |b| {
                b.iter(|| Stream::open(black_box(&bytes), Limits::default())?.decode::<f32>(threads));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, threads);
criterion_main!(benches);

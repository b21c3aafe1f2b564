//! Whole methods, one thread: bytes of raw values a second, both ways.
// Criterion's macros make public functions without documentation.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tolzip::{Bound, Compressor, Limits, Method, Shape, Stream, View};
use tolzip_benches::field;

fn codecs(c: &mut Criterion) {
    for sides in [&[1usize << 20][..], &[1024, 1024], &[128, 128, 128]] {
        let values = field(sides);
        let shape = Shape::new(sides).expect("a small shape");
        let view = View::new(&values, shape).expect("as many values as the shape needs");
        for (method, bound) in [
            ("predict", Bound::Rel(1e-2)),
            ("predict", Bound::Rel(1e-3)),
            ("predict", Bound::Rel(1e-4)),
            ("fast", Bound::Rel(1e-3)),
            ("transform", Bound::Rel(1e-3)),
            ("transform:mode=rate,rate=8", Bound::Knob),
            ("bitround", Bound::Rel(1e-3)),
            ("lossless", Bound::Lossless),
            ("deflate", Bound::Lossless),
            ("lz4", Bound::Lossless),
        ] {
            let compressor =
                Compressor::new(method.parse::<Method>().expect("a listed method"), bound).threads(1);
            let bytes = compressor.compress(view).expect("the method takes the bound");
            let id = format!("{method} {} {}", bound.kind(), bound.value().unwrap_or(0.0));
            let mut group = c.benchmark_group(format!("{}-D f32", sides.len()));
            group.throughput(Throughput::Bytes(size_of_val(&values[..]) as u64)).sample_size(10);
            group.bench_function(BenchmarkId::new("compress", &id), |b| {
                b.iter(|| compressor.compress(black_box(view)));
            });
            group.bench_function(BenchmarkId::new("decompress", &id), |b| {
                b.iter(|| Stream::open(black_box(&bytes), Limits::default())?.decode::<f32>(1));
            });
            group.finish();
        }
    }
}

criterion_group!(benches, codecs);
criterion_main!(benches);

//! The parts that the codecs are made of.
// Criterion's macros make public functions without documentation.
#![allow(missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tolzip_benches::field;
use tolzip_core::frame::crc32c::crc32c;

fn kernels(c: &mut Criterion) {
    let values = field(&[1 << 18]);
    let bytes: Vec<u8> = values.iter().map(|v| (v.to_bits() >> 16) as u8).collect();

    let mut group = c.benchmark_group("bytes");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("crc32c", |b| b.iter(|| crc32c(black_box(&bytes))));
    let mut coded = Vec::new();
    tolzip_entropy::rans::encode_bytes(&bytes, &mut coded);
    group.bench_function("rans order 0, encode", |b| {
        b.iter(|| {
            let mut out = Vec::new();
            tolzip_entropy::rans::encode_bytes(black_box(&bytes), &mut out);
            out
        });
    });
    let mut out = vec![0; bytes.len()];
    group.bench_function("rans order 0, decode", |b| {
        b.iter(|| tolzip_entropy::rans::decode_bytes(black_box(&coded), &mut out));
    });
    let packed = tolzip_lossless::bytes::compress(&bytes);
    group.bench_function("lossless bytes, compress", |b| {
        b.iter(|| tolzip_lossless::bytes::compress(black_box(&bytes)));
    });
    group.bench_function("lossless bytes, decompress", |b| {
        b.iter(|| tolzip_lossless::bytes::decompress(black_box(&packed), bytes.len()));
    });
    group.finish();

    let mut group = c.benchmark_group("f32");
    group.throughput(Throughput::Bytes(size_of_val(&values[..]) as u64));
    let mut rounded = values.clone();
    group.bench_function("bit rounding, 7 bits", |b| {
        b.iter(|| tolzip_reduce::bitround::round(black_box(&mut rounded), 7));
    });
    group.finish();
}

criterion_group!(benches, kernels);
criterion_main!(benches);

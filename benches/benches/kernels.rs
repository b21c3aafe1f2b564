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
    rounding(&mut group, &values);
    fast(&mut group, &values);
    group.finish();
}

/// The ways to shorten mantissas.
fn rounding(group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>, values: &[f32]) {
    use tolzip_reduce::{bitround, cast, digits, truncate};
    type Round = fn(&mut [f32]) -> tolzip_core::Result<()>;
    let ways: [(&str, Round); 6] = [
        ("bitround", |v| bitround::round(v, 7)),
        ("truncate", |v| truncate::truncate(v, 7)),
        ("groom", |v| truncate::groom(v, 7)),
        ("digitround", |v| digits::digit_round(v, 3)),
        ("granular", |v| digits::granular_round(v, 3)),
        ("cast to f16", |v| cast::cast(v, tolzip_core::DType::F16)),
    ];
    for (name, round) in ways {
        let mut rounded = values.to_vec();
        group.bench_function(format!("rounding, {name}"), |b| b.iter(|| round(black_box(&mut rounded))));
    }
}

/// The kernels of the fast codec, on what it would make of the values.
fn fast(group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>, values: &[f32]) {
    use tolzip_simd::{lags, rice, rows};
    let n = values.len();
    let quantum = rows::Quantum { step: 2e-3f32, inverse: 500.0, sure: 1e-3f32 };
    let (mut line, mut rest, mut folded) = (vec![0i32; n + 1], vec![0i32; n], vec![0u32; n]);
    group.bench_function("quantize", |b| {
        b.iter(|| rows::pre_quantise(black_box(values), 0.0, &quantum, &mut line[1..]));
    });
    group.bench_function("differences", |b| {
        b.iter(|| lags::fold_differences(black_box(&line), &mut folded));
    });
    group.bench_function("running sums", |b| {
        b.iter(|| lags::unfold_differences(black_box(&folded), 0, &mut rest));
    });
    let mut heads = vec![0u8; n / rice::BLOCK];
    let mut coded = vec![0u8; heads.len() * rice::MOST_BYTES + 8];
    group.bench_function("Rice codes, encode", |b| {
        b.iter(|| {
            let mut bits = rice::Writer::new(&mut coded, (0, 0));
            rice::encode(black_box(&folded), &mut heads, &mut bits);
            bits.finish()
        });
    });
    group.bench_function("Rice codes, decode", |b| {
        b.iter(|| rice::decode(&heads, &mut rice::Reader::new(black_box(&coded)), &mut folded));
    });
    let mut back = vec![0f32; n];
    group.bench_function("integers to values", |b| {
        b.iter(|| lags::place(black_box(&line[1..]), 0.0f32, quantum.step, &mut back));
    });
}

criterion_group!(benches, kernels);
criterion_main!(benches);

//! The lossless codec's kernels, and its levels: bytes of raw values a second.
// Criterion's macros make public functions without documentation.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tolzip_benches::field;
use tolzip_core::{Codec, Shape, Target};
use tolzip_lossless::{Lossless, Settings};
use tolzip_simd::lane::{Lane, Order};
use tolzip_simd::residuals::{self as kernel, Stencil};

fn kernels(c: &mut Criterion) {
    let words: Vec<u32> = field(&[256, 1024]).iter().map(|v| v.to_bits()).collect();
    let n = words.len();
    let mut group = c.benchmark_group("lossless kernels, f32");
    group.throughput(Throughput::Bytes(size_of_val(&words[..]) as u64));
    let order = Order { sign_magnitude: true, shift: 0 };
    let (mut near, mut residuals) = (vec![0; 1024], vec![0; n]);
    for (name, terms) in [("differences", &[][..]), ("Lorenzo", &[(1024, 1), (2048, 1), (3072, -1)])] {
        let stencil = Stencil { order, terms, step: 1, degree: 1 };
        let first = terms.iter().map(|t| t.0).max().unwrap_or(0);
        group.bench_function(format!("residuals, {name}"), |b| {
            b.iter(|| {
                for at in (first..n).step_by(1024) {
                    let out = &mut residuals[at..at + 1024];
                    kernel::residuals(black_box(&words), at, 0, stencil, &mut near, out);
                }
            });
        });
        let mut back = residuals.clone();
        group.bench_function(format!("restored, {name}"), |b| {
            b.iter(|| {
                for at in (first..n).step_by(1024) {
                    kernel::restore(black_box(&mut back), at, 1024, stencil);
                }
            });
        });
    }
    let mut tokens = vec![0; n];
    group.bench_function("tokens", |b| b.iter(|| kernel::tokens(black_box(&residuals), &mut tokens)));
    let mut bits = vec![0; 4 * n + 8];
    group.bench_function("open bits, write", |b| {
        b.iter(|| kernel::open_write(black_box(&residuals), &tokens, &mut bits));
    });
    let length = kernel::open_write(&residuals, &tokens, &mut bits);
    bits.truncate(length);
    let mut back = vec![0u32; n];
    group.bench_function("open bits, read", |b| {
        b.iter(|| kernel::open_read(black_box(&bits), &tokens, &mut back));
    });
    let mut contexts = vec![0; n - 2];
    group.bench_function("levels", |b| {
        b.iter(|| kernel::levels(black_box(&tokens), &tokens[..n - 2], &mut contexts));
    });
    let mut packed = vec![0; 4 * n];
    group.bench_function("pack", |b| {
        b.iter(|| {
            for (tile, out) in residuals.as_chunks().0.iter().zip(packed.chunks_mut(512)) {
                let (all, _) = kernel::survey(black_box(tile));
                kernel::pack(tile, all.bit_length().max(1), out);
            }
        });
    });
    group.bench_function("unpack", |b| {
        b.iter(|| {
            for (tile, packed) in back.as_chunks_mut().0.iter_mut().zip(packed.chunks(512)) {
                kernel::unpack(black_box(packed), 20, tile);
            }
        });
    });
    let decimals: Vec<u32> = (0..n).map(|i| ((i * i % 5000) as f32 / 1e3).to_bits()).collect();
    let (mut k, mut marks) = (vec![0; n], vec![0; n]);
    group.bench_function("to decimals", |b| {
        b.iter(|| kernel::to_decimals(black_box(&decimals), 1e3, 1.0, &mut k, &mut marks));
    });
    group.bench_function("from decimals", |b| {
        b.iter(|| kernel::from_decimals(black_box(&mut k), 1e3, 1.0, true));
    });
    group.finish();
}

fn levels(c: &mut Criterion) {
    let shape = Shape::new(&[128, 128, 64]).expect("a small shape");
    let values = field(&[128, 128, 64]);
    let mut group = c.benchmark_group("lossless levels, f32");
    group.throughput(Throughput::Bytes(size_of_val(&values[..]) as u64)).sample_size(20);
    for level in 1..=3 {
        let codec = Lossless::new(Settings::new(level).expect("a level"));
        let mut bytes = Vec::new();
        group.bench_function(BenchmarkId::new("compress", level), |b| {
            b.iter(|| {
                bytes.clear();
                codec.encode(black_box(&values), shape, Target::Lossless, &mut bytes)
            });
        });
        let mut back = values.clone();
        group.bench_function(BenchmarkId::new("decompress", level), |b| {
            b.iter(|| codec.decode(black_box(&bytes), shape, &mut back));
        });
    }
    group.finish();
}

criterion_group!(benches, kernels, levels);
criterion_main!(benches);

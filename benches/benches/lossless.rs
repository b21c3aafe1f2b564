//! The lossless codec's kernels, and its levels: bytes of raw values a second.
// Criterion's macros make public functions without documentation.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tolzip_benches::field;
use tolzip_core::{Codec, Shape, Target};
use tolzip_lossless::{Lossless, Settings};
use tolzip_simd::lane::{Lane, Order};
use tolzip_simd::residuals as kernel;

fn kernels(c: &mut Criterion) {
    let words: Vec<u32> = field(&[256, 1024]).iter().map(|v| v.to_bits()).collect();
    let n = words.len();
    let mut group = c.benchmark_group("lossless kernels, f32");
    group.throughput(Throughput::Bytes(size_of_val(&words[..]) as u64));
    let order = Order { sign_magnitude: true, shift: 0 };
    let mut integers = vec![0; n];
    group
        .bench_function("order", |b| b.iter(|| kernel::to_integers(black_box(&words), order, &mut integers)));
    let mut row = integers[3072..4096].to_vec();
    group.throughput(Throughput::Bytes(4096));
    let terms = [(1024, 1), (2048, 1), (3072, -1)];
    group.bench_function("rows combined", |b| {
        b.iter(|| kernel::combine(black_box(&mut row), &integers, 3072, &terms, -1));
    });
    group.throughput(Throughput::Bytes(size_of_val(&words[..]) as u64));
    let mut residuals = vec![0; n];
    group.bench_function("differences", |b| {
        b.iter(|| kernel::differences(black_box(&integers), 1, &mut residuals));
    });
    let mut sums = residuals.clone();
    group.bench_function("running sums", |b| b.iter(|| kernel::running_sums(black_box(&mut sums), 1, 1)));
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

//! The ratio against two published schemes on smooth fields at the same bound.

use tolzip_core::{Codec, Shape, Target, View};
use tolzip_fast::Fast;
use tolzip_transform::zfp;

/// PFPL's steps (A. Fallin, N. Azami, S. Di, F. Cappello, M. Burtscher, "Fast and Effective Lossy Compression on GPUs and CPUs
/// with Guaranteed Error Bounds", IPDPS 2025) for f32 and an absolute bound, as bytes: chunks of 16 KiB; quantization with the
/// values that miss the bound kept as they are; differences, in negabinary; bit transposition of 32 words; zero bytes left
/// out, by a bitmap that loses its own repeated bytes in the same way; chunks that don't shrink are stored.
fn pfpl(values: &[f32], bound: f32) -> usize {
    let mut total = 0;
    for chunk in values.chunks(4096) {
        let step = 2.0 * bound;
        let words: Vec<u32> = chunk
            .iter()
            .map(|&x| {
                let k = (x / step).round();
                let good = (k * step - x).abs() <= bound && k.abs() < 4e6;
                if good { k as i32 as u32 } else { x.to_bits() }
            })
            .collect();
        let mut before = 0;
        let mut planes = vec![0u8; words.len().div_ceil(32) * 128];
        for (i, &w) in words.iter().enumerate() {
            const MASK: u32 = 0xaaaa_aaaa;
            let negabinary = w.wrapping_sub(before).wrapping_add(MASK) ^ MASK;
            before = w;
            for bit in 0..32 {
                // Word by word of the transposed block: 32 of the same bit together.
                planes[i / 32 * 128 + bit * 4 + i % 32 / 8] |= ((negabinary >> bit & 1) as u8) << (i % 8);
            }
        }
        let (mut kept, mut bitmap) = split(&planes, |bytes, i| bytes[i] != 0);
        // The bitmap: only bytes that differ from the one before.
        while bitmap.len() > 16 {
            let (bytes, next) = split(&bitmap, |bytes, i| bytes[i] != if i > 0 { bytes[i - 1] } else { 0 });
            kept += bytes;
            bitmap = next;
        }
        total += (kept + bitmap.len() + 4).min(chunk.len() * 4);
    }
    total
}

/// How many bytes are kept, and the bitmap of which.
fn split(bytes: &[u8], keep: impl Fn(&[u8], usize) -> bool) -> (usize, Vec<u8>) {
    let mut bitmap = vec![0u8; bytes.len().div_ceil(8)];
    for i in (0..bytes.len()).filter(|&i| keep(bytes, i)) {
        bitmap[i / 8] |= 1 << (i % 8);
    }
    (bitmap.iter().map(|b| b.count_ones() as usize).sum(), bitmap)
}

/// A sum of plane waves.
fn field(side: usize, longest: f64) -> Vec<f32> {
    let waves: Vec<[f64; 4]> = (0..12)
        .map(|i| {
            let t = f64::from(i);
            let size = 2.0 + longest * (t / 12.0).powi(2);
            let (a, b) = (t * 2.4, t * 0.9);
            [size * a.sin() * b.cos(), size * a.cos() * b.cos(), size * b.sin(), 1.0 / size]
        })
        .collect();
    let at = |i: usize| i as f64 / side as f64;
    (0..side * side * side)
        .map(|i| {
            let (z, y, x) = (at(i / side / side), at(i / side % side), at(i % side));
            waves.iter().map(|w| w[3] * (w[0] * z + w[1] * y + w[2] * x).sin()).sum::<f64>() as f32
        })
        .collect()
}

#[test]
fn ratios_are_above_those_of_pfpl_and_zfp() {
    let side = 96;
    let shape = Shape::new(&[side; 3]).unwrap();
    for longest in [8.0, 16.0] {
        let values = field(side, longest);
        let (min, max) = values.iter().fold((f32::MAX, f32::MIN), |(a, b), &v| (a.min(v), b.max(v)));
        for rel in [1e-3f32, 1e-4] {
            let bound = rel * (max - min);
            let mut ours = Vec::new();
            Fast.encode(&values, shape, Target::Abs(f64::from(bound)), &mut ours).unwrap();
            let published = pfpl(&values, bound);
            let view = View::new(&values, shape).unwrap();
            let zfp = zfp::encode(view, zfp::Mode::Accuracy(f64::from(bound)), zfp::Parts::NONE).unwrap();
            assert!(ours.len() * 11 <= published * 10, "{rel}: {} and {published} bytes", ours.len());
            assert!(ours.len() < zfp.len(), "{rel}: {} and {} bytes", ours.len(), zfp.len());
        }
    }
}

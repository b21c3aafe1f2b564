#![no_main]
//! Any bytes as a codec's payload: the container's checksums would keep the fuzzer from getting here.

use libfuzzer_sys::fuzz_target;
use tolzip::Shape;
use tolzip::codecs::{Codec, lossless, predict, transform};

fuzz_target!(|input: (u8, [u8; 4], &[u8])| {
    let (codec, sides, bytes) = input;
    let ndim = 1 + usize::from(codec >> 4) % 4;
    let sides: Vec<usize> = sides[..ndim].iter().map(|&s| usize::from(s) % 20).collect();
    let shape = Shape::new(&sides).expect("at most 20^4 values");
    let (mut single, mut double) = (vec![0f32; shape.len()], vec![0f64; shape.len()]);
    let _ = match codec & 7 {
        0 => lossless::Lossless::default().decode(bytes, shape, &mut single),
        1 => lossless::Lossless::default().decode(bytes, shape, &mut double),
        2 => lossless::Lossless::default().decode(bytes, shape, &mut vec![0u8; shape.len()]),
        3 => predict::Predict::default().decode(bytes, shape, &mut single),
        4 => predict::Predict::default().decode(bytes, shape, &mut double),
        5 => transform::Transform::default().decode(bytes, shape, &mut single),
        6 => transform::Transform::default().decode(bytes, shape, &mut double),
        _ => lossless::bytes::decompress(bytes, 1 << 16).map(drop),
    };
});

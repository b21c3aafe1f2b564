//! Ratio and speed on .npy files: `cargo run --release --example lossless_ratio -- [--level N] A.npy B.npy ...`
#![allow(clippy::print_stdout)]

use std::time::Instant;
use tolzip_core::{AnyArray, Codec, DType, Shape, Target, with_any};
use tolzip_lossless::{Lossless, Settings};

/// Version 1 of the .npy format: a text header that names type and shape, then the values.
fn read(path: &str) -> Option<AnyArray> {
    let bytes = std::fs::read(path).ok()?;
    let header = usize::from(u16::from_le_bytes([*bytes.get(8)?, *bytes.get(9)?]));
    let text = std::str::from_utf8(bytes.get(10..10 + header)?).ok()?;
    let between = |from: &str, to: char| text.split_once(from)?.1.split_once(to).map(|(s, _)| s);
    let dtype = match between("'descr': '", '\'')?.trim_start_matches(['<', '|']) {
        "f4" => DType::F32,
        "f8" => DType::F64,
        "f2" => DType::F16,
        "u1" => DType::U8,
        "u2" => DType::U16,
        "i4" => DType::I32,
        "i8" => DType::I64,
        _ => return None,
    };
    let sides: Vec<usize> =
        between("'shape': (", ')')?.split(',').filter_map(|s| s.trim().parse().ok()).collect();
    AnyArray::from_le_bytes(dtype, Shape::new(&sides).ok()?, &bytes[10 + header..]).ok()
}

/// The best of several runs, in seconds.
fn best(mut f: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..15 {
        let start = Instant::now();
        f();
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}

fn main() {
    let mut codec = Lossless::default();
    let (mut logs, mut count) = ([0.0f64; 3], 0.0);
    println!("{:40} {:>8} {:>9} {:>9}", "array", "ratio", "c MB/s", "d MB/s");
    let mut arguments = std::env::args().skip(1);
    while let Some(path) = arguments.next() {
        if path == "--level" {
            let level = arguments.next().and_then(|l| l.parse().ok()).unwrap_or(0);
            codec = Lossless::new(Settings::new(level).expect("a level that exists"));
            continue;
        }
        let Some(array) = read(&path) else {
            println!("{path}: not read");
            continue;
        };
        let raw = array.byte_len() as f64;
        let (size, compress, decompress) = with_any!(&array, a => {
            let mut out = Vec::new();
            let compress = best(|| {
                out.clear();
                codec.encode(a.values(), a.shape(), Target::Lossless, &mut out).expect("any array can be encoded");
            });
            let mut back = a.values().to_vec();
            let decompress = best(|| codec.decode(&out, a.shape(), &mut back).expect("what was encoded"));
            let same = a.values().iter().zip(&back).all(|(x, y)| tolzip_core::Element::to_bits(*x) == tolzip_core::Element::to_bits(*y));
            assert!(same, "{path}");
            (out.len(), compress, decompress)
        });
        let figures = [raw / size as f64, raw / 1e6 / compress, raw / 1e6 / decompress];
        let name = path.rsplit('/').next().unwrap_or(&path);
        println!("{name:40} {:8.3} {:9.0} {:9.0}", figures[0], figures[1], figures[2]);
        for (l, f) in logs.iter_mut().zip(figures) {
            *l += f.ln();
        }
        count += 1.0;
    }
    let mean = logs.map(|l| (l / count).exp());
    println!("{:40} {:8.3} {:9.0} {:9.0}", "geometric mean", mean[0], mean[1], mean[2]);
}

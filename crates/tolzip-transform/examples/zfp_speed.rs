//! Compression and decompression speed, one thread, best of several runs, at tolerances relative to the range.
//!
//! ```text
//! cargo run --release -p tolzip-transform --example zfp_speed                          # a synthetic 3-D field
//! cargo run --release -p tolzip-transform --example zfp_speed f32 91x91x91 field.raw   # raw little-endian values
//! ```

use std::io::Write;
use std::time::Instant;
use tolzip_core::{AnyArray, Array, Codec, DType, Float, Shape, Target};
use tolzip_transform::Transform;
use tolzip_transform::zfp::{self, Mode, Parts};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match &args[..] {
        [] => {
            let field = synthetic(128)?;
            measure("synthetic 128^3 f32", &field)
        }
        [dtype, shape, file] => {
            let sides = shape.split('x').map(str::parse).collect::<std::result::Result<Vec<usize>, _>>()?;
            let dtype = DType::from_name(dtype).ok_or("unknown type")?;
            match AnyArray::from_le_bytes(dtype, Shape::new(&sides)?, &std::fs::read(file)?)? {
                AnyArray::F32(a) => measure(file, &a),
                AnyArray::F64(a) => measure(file, &a),
                _ => Err("f32 or f64 only".into()),
            }
        }
        _ => Err("usage: zfp_speed [TYPE SHAPE FILE]".into()),
    }
}

/// Waves of several lengths and a little noise.
fn synthetic(side: usize) -> Result<Array<f32>> {
    let mut noise = 1u32;
    let mut values = Vec::with_capacity(side * side * side);
    for z in 0..side {
        for y in 0..side {
            for x in 0..side {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [x, y, z] = [x, y, z].map(|i| i as f32 / side as f32);
                let waves = (9.0 * x + 4.0 * y).sin() + (17.0 * y * z).cos() + 0.3 * (61.0 * (x - z)).sin();
                values.push(waves + 1e-4 * (noise >> 8) as f32 / 16_777_216.0);
            }
        }
    }
    Ok(Array::new(values, Shape::new(&[side; 3])?)?)
}

fn measure<T: Float>(name: &str, field: &Array<T>) -> Result<()> {
    let values = field.values();
    let mut range = (f64::INFINITY, f64::NEG_INFINITY);
    for v in values.iter().map(|v| v.to_f64()).filter(|v| v.is_finite()) {
        range = (range.0.min(v), range.1.max(v));
    }
    let bytes = (values.len() * T::DTYPE.size()) as f64;
    let runs = (3e8 / bytes).clamp(5.0, 100.0) as usize;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{name}: {} values", values.len())?;
    for rel in [1e-1, 1e-2, 1e-3, 1e-4, 1e-5] {
        let mode = Mode::Accuracy(rel * (range.1 - range.0));
        let stream = zfp::encode(field.view(), mode, Parts::FULL)?;
        let mut back = vec![T::default(); values.len()];
        let encode = best(runs, || zfp::encode(field.view(), mode, Parts::FULL).map(drop))?;
        let decode = best(runs, || zfp::decode::<T>(&stream, 1 << 40).map(drop))?;
        let ratio = bytes / stream.len() as f64;
        writeln!(
            out,
            "rel {rel:.0e}: ratio {ratio:7.2}, compress {:6.0} MB/s, decompress {:6.0} MB/s",
            bytes / encode / 1e6,
            bytes / decode / 1e6
        )?;
        // The codec may choose a larger tolerance, and leaves a few values for its caller to correct.
        let (codec, bound) = (Transform::default(), rel * (range.1 - range.0));
        let mut chunk = Vec::new();
        let encode = best(runs, || {
            chunk.clear();
            codec.encode(values, field.shape(), Target::Abs(bound), &mut chunk).map(drop)
        })?;
        codec.decode(&chunk, field.shape(), &mut back)?;
        let misses = values.iter().zip(&back).filter(|(x, y)| x.is_finite() && !x.within(**y, bound)).count();
        writeln!(
            out,
            "  as codec: ratio {:7.2}, compress {:6.0} MB/s, {:.4} % of the values to be corrected",
            bytes / chunk.len() as f64,
            bytes / encode / 1e6,
            100.0 * misses as f64 / values.len() as f64
        )?;
    }
    Ok(())
}

/// Seconds of the fastest run.
fn best(runs: usize, mut f: impl FnMut() -> tolzip_core::Result<()>) -> Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let start = Instant::now();
        f()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

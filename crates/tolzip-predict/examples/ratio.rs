//! Ratio, speed and error of the prediction codec on `.npy` files: `ratio REL[,REL...] A.npy B.npy ...`.
//!
//! The bound is REL times the range of each array. `--interp` and `--lorenzo` force a predictor, `--level1` sets the level.
#![allow(clippy::print_stdout)]

use std::time::Instant;
use tolzip_core::{Codec, Float, Shape, Target, Word};
use tolzip_predict::{Predict, Predictor, Settings};

fn run<T: Float>(name: &str, codec: &Predict, data: &[u8], shape: Shape, rels: &[f64], sums: &mut [[f64; 4]])
where
    Predict: Codec<T>,
{
    let size = size_of::<T>();
    let values: Vec<T> = data
        .chunks_exact(size)
        .map(|b| {
            let mut word = [0; 8];
            word[..size].copy_from_slice(b);
            T::from_bits(T::Bits::from_u64(u64::from_le_bytes(word)))
        })
        .collect();
    let finite = || values.iter().map(|v| v.to_f64()).filter(|v| v.is_finite());
    let range = finite().fold(f64::MIN, f64::max) - finite().fold(f64::MAX, f64::min);
    print!("{name:36.36} {:>14}", shape.to_string());
    for (&rel, sum) in rels.iter().zip(sums) {
        let bound = rel * range;
        let (mut compress, mut decompress) = (f64::MAX, f64::MAX);
        let (mut bytes, mut back) = (Vec::new(), vec![T::ZERO; values.len()]);
        for _ in 0..std::env::var("N").map_or(7, |n| n.parse().expect("a number")) {
            bytes.clear();
            let start = Instant::now();
            codec.encode(&values, shape, Target::Abs(bound), &mut bytes).expect("encodes");
            compress = compress.min(start.elapsed().as_secs_f64());
            for _ in 0..std::env::var("D").map_or(1, |n| n.parse().expect("a number")) {
                let start = Instant::now();
                codec.decode(&bytes, shape, &mut back).expect("decodes");
                decompress = decompress.min(start.elapsed().as_secs_f64());
            }
        }
        let error = values
            .iter()
            .zip(&back)
            .filter(|(x, _)| x.is_finite())
            .map(|(x, y)| x.distance(*y))
            .fold(0.0, f64::max);
        let ratio = data.len() as f64 / bytes.len() as f64;
        let speed = |seconds: f64| data.len() as f64 / 1e6 / seconds;
        print!(
            " | {} {ratio:8.2} {:5.0} {:5.0} {:.4}",
            bytes[1] & 15,
            speed(compress),
            speed(decompress),
            error / bound
        );
        for (s, v) in sum.iter_mut().zip([ratio, speed(compress), speed(decompress), 0.0]) {
            *s += v.ln();
        }
        sum[3] = f64::max(if sum[3].is_finite() { sum[3] } else { 0.0 }, error / bound);
    }
    println!();
}

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let (mut predictor, mut level) = (Predictor::Auto, 2);
    args.retain(|a| {
        match a.as_str() {
            "--interp" => predictor = Predictor::Interpolation,
            "--lorenzo" => predictor = Predictor::Lorenzo,
            "--level1" => level = 1,
            _ => return true,
        }
        false
    });
    let codec = Predict::new(Settings::new(predictor).with_level(level).expect("a level"));
    let rels: Vec<f64> = args[0].split(',').map(|r| r.parse().expect("a number")).collect();
    let mut sums = vec![[0.0; 4]; rels.len()];
    for path in &args[1..] {
        let file = std::fs::read(path).expect("a file");
        let begin = 10 + usize::from(u16::from_le_bytes([file[8], file[9]]));
        let header = String::from_utf8_lossy(&file[10..begin]).into_owned();
        let sides = header.split_once("'shape': (").and_then(|(_, s)| s.split_once(')')).expect("a shape").0;
        let sides: Vec<usize> = sides.split(',').filter_map(|s| s.trim().parse().ok()).collect();
        let shape = Shape::new(&sides).expect("a shape");
        let name = path.rsplit('/').next().unwrap_or(path);
        if header.contains("'<f8'") {
            run::<f64>(name, &codec, &file[begin..], shape, &rels, &mut sums);
        } else {
            run::<f32>(name, &codec, &file[begin..], shape, &rels, &mut sums);
        }
    }
    let n = (args.len() - 1) as f64;
    print!("{:51}", "geometric mean (and the largest error/bound)");
    for s in sums {
        print!(" |   {:8.2} {:5.0} {:5.0} {:.4}", (s[0] / n).exp(), (s[1] / n).exp(), (s[2] / n).exp(), s[3]);
    }
    println!();
}

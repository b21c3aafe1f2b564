//! The model of transfers beside transfers over loopback: arrays of several sizes, methods and bandwidths.
//!
//! `cargo run --release -p tolzip-eval --example transfers` prints a table, and ends with 1 if a speed-up is further than 15 %
//! from the predicted one. It wants the machine for itself.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use tolzip::{AnyArray, Array, Bound, Method, Scope, Shape};
use tolzip_eval::transfer::{Setting, check};

/// A smooth field with some noise: n planes of 256 x 256.
fn field(planes: usize) -> AnyArray {
    let shape = Shape::new(&[planes, 256, 256]).expect("small");
    let mut noise = 1u32;
    let values = (0..shape.len()).map(|i| {
        let (z, y, x) = ((i >> 16) as f32, (i >> 8 & 255) as f32, (i & 255) as f32);
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (0.05 * x).sin() * (0.03 * y).cos() + (0.2 * z).sin() + 1e-4 * (noise >> 16) as f32 / 65536.0
    });
    Array::new(values.collect::<Vec<f32>>(), shape).expect("as many values as the shape has").into()
}

fn main() -> ExitCode {
    println!(
        "| raw | method | MB/s | in steps: model | measured | off | pipelined: model | measured | off |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut worst = 0.0f64;
    for planes in [4, 32, 192] {
        let array = field(planes);
        for (method, bound) in [
            ("predict", Bound::Rel(1e-3)),
            ("fast", Bound::Rel(1e-3)),
            ("transform", Bound::Rel(1e-5)),
            ("lossless", Bound::Lossless),
        ] {
            let setting =
                Setting { method: method.parse().unwrap_or(Method::Auto), bound, scope: Scope::Whole };
            let found = match check(&array, &setting, &[20e6, 60e6, 180e6]) {
                Ok(found) => found,
                Err(e) => {
                    println!("{method}: {e}");
                    return ExitCode::from(2);
                }
            };
            for c in found {
                let off = |measured: f64, predicted: f64| 100.0 * (measured / predicted - 1.0);
                println!(
                    "| {:.0} MB | {method} {} | {:.0} | {:.2} | {:.2} | {:+.0} % | {:.2} | {:.2} | {:+.0} % |",
                    array.byte_len() as f64 / 1e6,
                    bound.value().map_or(String::new(), |v| format!("{v}")),
                    c.bandwidth / 1e6,
                    c.predicted_serial,
                    c.measured_serial,
                    off(c.measured_serial, c.predicted_serial),
                    c.predicted_pipelined,
                    c.measured_pipelined,
                    off(c.measured_pipelined, c.predicted_pipelined),
                );
                worst = worst.max(c.off());
            }
        }
    }
    println!("\nfurthest off: {:.1} %", 100.0 * worst);
    ExitCode::from(u8::from(worst > 0.15))
}

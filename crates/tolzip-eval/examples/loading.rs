//! Training on batches that are decompressed on the fly, beside training on the same rows in memory: times and quality.
//!
//! `cargo run --release -p tolzip-eval --example loading` prints a table in a few seconds. It wants the machine for itself.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use tolzip::{Bound, Method, Scope};
use tolzip_eval::loading::{Blocks, race};
use tolzip_eval::transfer::Setting;

fn main() -> ExitCode {
    println!(
        "| application | setting | blocks of rows | in memory | ratio | raw | on the fly | ahead | quality raw | compressed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let blocks = [Blocks { rows: 64, kept: 4 }, Blocks { rows: 64, kept: 100 }];
    for (id, method, bound, scope) in [
        ("digits", "predict", Bound::Rel(0.1), Scope::Whole),
        ("cells", "predict", Bound::Rel(0.1), Scope::Column),
        ("darcy", "predict", Bound::Rel(1e-3), Scope::Whole),
        ("darcy", "fast", Bound::Rel(1e-3), Scope::Whole),
    ] {
        let setting = Setting { method: method.parse().unwrap_or(Method::Auto), bound, scope };
        for blocks in blocks {
            match race(id, &setting, blocks, 5) {
                Some(Ok(r)) => println!(
                    "| {id} | {method} {} | {} | {:.0} % | {:.1} | {:.1} ms | {:.1} ms | {:.1} ms | {:.4} | {:.4} |",
                    bound.value().map_or(String::new(), |v| format!("{v}")),
                    blocks.rows,
                    (100 * blocks.kept * blocks.rows / r.rows).min(100),
                    r.ratio,
                    1e3 * r.raw_seconds,
                    1e3 * r.loaded_seconds,
                    1e3 * r.ahead_seconds,
                    r.raw_quality,
                    r.loaded_quality
                ),
                other => {
                    println!("{id}: {other:?}");
                    return ExitCode::from(2);
                }
            }
        }
    }
    ExitCode::SUCCESS
}

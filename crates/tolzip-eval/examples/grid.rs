//! How much of the exhaustive grid's result does a search find, for how many of its trainings?
//! `cargo run --release -p tolzip-eval --example grid -- cells OUT.json`
//!
//! The grid: 12 settings of every lossy method-and-mode pair, five seeds each, and the baseline. The search may do 15 % of
//! as many trainings. (Where settings bring back the same bits one training serves them all, in both: `distinct` counts
//! what was really trained.) Compared is the area under the front (logarithm of
//! the ratio against loss) down to a loss of 5 %: as both report it, and, since among many settings the luckiest look best,
//! once more with the settings of both fronts trained again on ten fresh seeds.

use serde_json::json;
use std::path::Path;
use tolzip_core::AnyArray;
use tolzip_eval::reduce::Setting;
use tolzip_eval::search::{Point, hypervolume, losses};
use tolzip_eval::{Search, Study, apps};

const KNOBS: usize = 12;
const SEEDS: u64 = 5;
const SHARE: f64 = 0.15;
const REFERENCE: f64 = 0.05;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, id, out, ..] = &args[..] else { return Err("usage: grid APP OUT.json".into()) };
    let app = apps::get(id).ok_or("no such application")?;
    let grid = Search::new(app.as_ref()).grid(KNOBS).run()?;
    let lossy = grid.outcome.points.iter().filter(|p| p.bound.kind != "lossless").count() as u64;
    let grid_trainings = SEEDS * (lossy + 1);
    let allowed = (SHARE * grid_trainings as f64) as u64;
    let found = Search::new(app.as_ref()).trainings(allowed).run()?;

    let nominal = |s: &Study| {
        let all: Vec<(f64, f64)> = s.outcome.front.iter().map(|p| (p.ratio, p.loss)).collect();
        hypervolume(&all, REFERENCE)
    };
    // Without the points that are there only because a better one is within noise.
    let front = |s: &Study| -> Vec<Point> {
        s.outcome.front.iter().filter(|p| p.flags.iter().all(|f| f != "tie")).cloned().collect()
    };
    let fresh = |s: &Study| -> Result<f64, Box<dyn std::error::Error>> {
        let front = front(s);
        let settings: Vec<Setting> =
            front.iter().map(|p| Setting { method: p.method.clone(), bound: p.bound.clone() }).collect();
        let losses = losses(app.as_ref(), &settings, 1000..1010)?;
        let all: Vec<(f64, f64)> =
            front.iter().zip(losses).filter_map(|(p, loss)| Some((p.ratio, loss?))).collect();
        Ok(hypervolume(&all, REFERENCE))
    };
    let modes = |s: &Study| {
        let lossy = s.outcome.points.iter().filter(|p| p.bound.kind != "lossless");
        let mut all: Vec<&str> = lossy.map(|p| p.mode.as_str()).collect();
        all.dedup();
        all.len()
    };
    let (grid_fresh, found_fresh) = (fresh(&grid)?, fresh(&found)?);
    let summary = json!({
        "app": id,
        "compressor": grid.provenance.reducer,
        "data_sha256": grid.provenance.data_sha256,
        "raw_bytes": app.arrays().iter().map(|a| AnyArray::byte_len(&a.array)).sum::<u64>(),
        "modes": modes(&grid),
        "settings": lossy,
        "grid_trainings": grid_trainings,
        "grid_distinct_trainings": grid.outcome.trainings,
        "search_trainings": found.outcome.trainings,
        "trainings_share": found.outcome.trainings as f64 / grid_trainings as f64,
        "hypervolume_share": nominal(&found) / nominal(&grid),
        "hypervolume_share_fresh_seeds": found_fresh / grid_fresh,
        "grid_seconds": grid.provenance.seconds,
        "search_seconds": found.provenance.seconds,
    });
    let points = |s: &Study| -> Vec<serde_json::Value> {
        let mut all = s.outcome.points.clone();
        all.sort_by(|a, b| a.mode.cmp(&b.mode).then(a.ratio.total_cmp(&b.ratio)));
        all.iter()
            .map(|p| {
                json!([
                    p.method,
                    p.bound.to_string(),
                    round(p.ratio),
                    round(p.loss),
                    round(p.loss_low),
                    round(p.loss_high),
                    p.on_front,
                    p.seeds
                ])
            })
            .collect()
    };
    let text = json!({
        "summary": summary,
        "columns": ["method", "bound", "ratio", "loss", "loss_low", "loss_high", "on_front", "seeds"],
        "grid": points(&grid),
        "search": points(&found),
    })
    .to_string()
    .replace("],[", "],\n[");
    std::fs::write(Path::new(out), text + "\n")?;
    let line = serde_json::to_string_pretty(&summary)? + "\n";
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
    Ok(())
}

/// Five significant digits are enough to keep.
fn round(v: f64) -> f64 {
    format!("{v:.4e}").parse().unwrap_or(v)
}

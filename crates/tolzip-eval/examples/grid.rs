//! How much of the exhaustive grid's result does a search find, for how many of its trainings?
//!
//! - `cargo run --release -p tolzip-eval --example grid -- make cells docs/benchmarks/grid` trains on the whole grid: 12
//!   settings of every method-and-mode pair, five seeds each, and the baseline. Its results go to `cells.json` there.
//! - `cargo run --release -p tolzip-eval --example grid -- check docs/benchmarks/grid` searches with 15 % of the trainings of
//!   every grid that is stored there, and prints the comparison. Exit code 1 if a search finds less than 98 % of a grid's
//!   hypervolume.
//!
//! A folder as a last argument keeps trainings, so that the same command again is quick.
//!
//! Settings that bring back the same bits share one training, in the grid as in the search; 15 % is of the trainings that the
//! grid really needed, not of settings times seeds. Compared is the area under the front (logarithm of the ratio against loss)
//! down to a loss of 5 %. Among many settings the luckiest look best, the more so the more there are, so that it is taken
//! twice: as both report it, and with the settings of both fronts trained again on [`FRESH`] seeds that neither has seen.

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use tolzip_eval::reduce::{BoundSpec, Setting};
use tolzip_eval::search::{Point, hypervolume, losses};
use tolzip_eval::{Search, Study, apps};

const KNOBS: usize = 12;
const SHARE: f64 = 0.15;
const REFERENCE: f64 = 0.05;
const FRESH: std::ops::Range<u64> = 1000..1020;
/// What a search has to find.
const ENOUGH: f64 = 0.98;

/// A stored grid.
#[derive(Debug, Serialize, Deserialize)]
struct Grid {
    app: String,
    compressor: String,
    data_sha256: String,
    modes: usize,
    /// Trainings; settings that bring back the same bits share theirs.
    trainings: u64,
    seconds: f64,
    settings: Vec<Row>,
}

/// Mode, method, bound, ratio, mean loss, its interval, and whether it is on the front.
#[derive(Debug, Serialize, Deserialize)]
struct Row(String, String, BoundSpec, f64, f64, [f64; 2], bool);

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["make", id, folder] => make(id, Path::new(folder), None),
        ["make", id, folder, store] => make(id, Path::new(folder), Some(Path::new(store))),
        ["check", folder] => check(Path::new(folder), None),
        ["check", folder, store] => check(Path::new(folder), Some(Path::new(store))),
        _ => Err("usage: grid make APP FOLDER [STORE] | grid check FOLDER [STORE]".into()),
    }
}

fn make(id: &str, folder: &Path, store: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let app = apps::get(id).ok_or("no such application")?;
    let mut search = Search::new(app.as_ref()).grid(KNOBS);
    if let Some(store) = store {
        search = search.folder(&store.join(id));
    }
    let study = search.run()?;
    let mut points: Vec<&Point> = study.outcome.points.iter().collect();
    points.sort_by(|a, b| a.mode.cmp(&b.mode).then(a.ratio.total_cmp(&b.ratio)));
    let mut modes: Vec<&str> = points.iter().map(|p| p.mode.as_str()).collect();
    modes.dedup();
    let grid = Grid {
        app: id.into(),
        compressor: study.provenance.reducer.clone(),
        data_sha256: study.provenance.data_sha256.clone(),
        modes: modes.len(),
        trainings: study.outcome.trainings,
        seconds: study.provenance.seconds.round(),
        settings: points
            .iter()
            .map(|p| {
                let interval = [short(p.loss_low), short(p.loss_high)];
                let (mode, method, bound) = (p.mode.clone(), p.method.clone(), p.bound.clone());
                Row(mode, method, bound, short(p.ratio), short(p.loss), interval, leads(p))
            })
            .collect(),
    };
    std::fs::create_dir_all(folder)?;
    let text = serde_json::to_string(&grid)?.replace("],[\"", "],\n[\"").replace("[[", "[\n[") + "\n";
    std::fs::write(folder.join(id).with_extension("json"), text)?;
    say(&format!(
        "{id}: {} settings of {} modes, {} trainings, {:.0} s",
        grid.settings.len(),
        grid.modes,
        grid.trainings,
        grid.seconds
    ))
}

fn check(folder: &Path, store: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|f| f.extension().is_some_and(|e| e == "json"));
    files.sort();
    say(
        "| application | grid: settings, trainings | search: trainings | share of trainings | share of hypervolume | on fresh seeds |\n|---|---|---|---|---|---|",
    )?;
    let mut least = f64::INFINITY;
    for file in files {
        let grid: Grid = serde_json::from_slice(&std::fs::read(&file)?)?;
        let app = apps::get(&grid.app).ok_or("no such application")?;
        let mut search = Search::new(app.as_ref()).trainings((SHARE * grid.trainings as f64) as u64);
        if let Some(store) = store {
            search = search.folder(&store.join(&grid.app));
        }
        let found = search.run()?;
        if found.provenance.data_sha256 != grid.data_sha256 {
            return Err(format!("{}: the grid is one of other data", file.display()).into());
        }
        let ours: Vec<&Point> = front(&found);
        let reported = |all: Vec<(f64, f64)>| hypervolume(&all, REFERENCE);
        let theirs: Vec<&Row> = grid.settings.iter().filter(|r| r.6).collect();
        let nominal = reported(ours.iter().map(|p| (p.ratio, p.loss)).collect())
            / reported(theirs.iter().map(|r| (r.3, r.4)).collect());

        // Both anew, in one go.
        let mut settings: Vec<Setting> = ours.iter().map(|p| setting(&p.method, &p.bound)).collect();
        settings.extend(theirs.iter().map(|r| setting(&r.1, &r.2)));
        let ratios = ours.iter().map(|p| p.ratio).chain(theirs.iter().map(|r| r.3));
        let fresh: Vec<(f64, f64)> = ratios
            .zip(losses(app.as_ref(), &settings, FRESH)?)
            .map(|(ratio, loss)| (ratio, loss.unwrap_or(1.0)))
            .collect();
        let fresh =
            hypervolume(&fresh[..ours.len()], REFERENCE) / hypervolume(&fresh[ours.len()..], REFERENCE);
        let trainings = found.outcome.trainings;
        say(&format!(
            "| {} | {}, {} | {trainings} | {:.1} % | {nominal:.3} | {fresh:.3} |",
            grid.app,
            grid.settings.len(),
            grid.trainings,
            100.0 * trainings as f64 / grid.trainings as f64,
        ))?;
        least = least.min(nominal).min(fresh);
    }
    if least >= ENOUGH { Ok(()) } else { Err(format!("found {least:.3} of a grid, wanted {ENOUGH}").into()) }
}

/// The front without the points that are there only because a better one is within noise.
fn front(study: &Study) -> Vec<&Point> {
    study.outcome.front.iter().filter(|p| leads(p)).collect()
}

fn leads(p: &Point) -> bool {
    p.on_front && p.flags.iter().all(|f| f != "tie")
}

fn setting(method: &str, bound: &BoundSpec) -> Setting {
    Setting { method: method.into(), bound: bound.clone() }
}

/// Five significant digits are enough to keep.
fn short(v: f64) -> f64 {
    format!("{v:.4e}").parse().unwrap_or(v)
}

fn say(line: &str) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

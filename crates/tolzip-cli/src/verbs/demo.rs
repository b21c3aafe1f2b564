//! `tolzip demo`: the main job, small, on data inside the program.

use super::search::{answers, seconds, show};
use crate::compare::{Promise, compare};
use crate::failure::{Failure, Outcome, Result};
use crate::output::{self, Table};
use clap::Args;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tolzip::{AnyArray, Bound, Compressor, Limits, Method, Stream};
use tolzip_eval::{Search, apps, report};
use tolzip_io::{Destination, Format, Hints};

/// Air temperature over 12 levels of 100 x 100 points; see the README beside it for source and licence.
const FIELD: &[u8] = include_bytes!("../../data/potential_temperature.npz");
const FIELD_FILE: &str = "potential_temperature.npy";
/// The part of the value range that a value may be off.
const REL: f64 = 1e-3;
const METHODS: [&str; 4] = ["predict", "transform", "bitround", "lossless"];

/// Compress a real field, verify it, and search how much compression a real training task can take, in under a minute
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  tolzip demo -o tolzip-demo")]
pub(crate) struct Demo {
    /// Folder for the field, its compressed files and the report
    #[arg(short, long, value_name = "DIR", default_value = "tolzip-demo")]
    output: PathBuf,
    /// Seconds for the search
    #[arg(long, value_name = "S", value_parser = seconds, default_value = "25", allow_hyphen_values = true)]
    seconds: f64,
    /// Use a folder that holds other things
    #[arg(short, long)]
    force: bool,
}

impl Demo {
    pub(crate) fn run(self) -> Result<Outcome> {
        self.prepare()?;
        let field = tolzip_io::npz::read(Cursor::new(FIELD), None, Hints::default())
            .map_err(|e| Failure::new(format!("the field inside the program: {e}")))?;
        let kept = self.output.join(FIELD_FILE);
        Destination::new(&kept, true)?.write_array(&field, Format::Npy)?;
        output::line(&format!(
            "1. {}: air temperature, {} of {}, {}; no value may be off by more than 1/1000 of the range",
            kept.display(),
            field.shape(),
            field.dtype(),
            output::bytes(field.byte_len())
        ))?;
        let holds = self.compress(&field)?;
        let safe = self.search()?;
        Ok(if holds && safe { Outcome::Done } else { Outcome::DoesNotHold })
    }

    /// Makes the folder; one with other things in it is not touched.
    fn prepare(&self) -> Result<()> {
        let failed = |e| Failure::at(&self.output, e);
        std::fs::create_dir_all(&self.output).map_err(failed)?;
        let mut inside = std::fs::read_dir(&self.output).map_err(failed)?;
        if inside.next().is_some() && !self.output.join(FIELD_FILE).exists() && !self.force {
            return Err(Failure::new(format!(
                "{} holds other things; -o names another folder, -f uses it all the same",
                self.output.display()
            )));
        }
        Ok(())
    }

    /// Compresses with each method into a file, reads it back and verifies it.
    fn compress(&self, field: &AnyArray) -> Result<bool> {
        let mut table = Table::new(["   method", "ratio", "c MB/s", "d MB/s", "error / bound", "verified"]);
        let mut all = true;
        for name in METHODS {
            let path = self.output.join(format!("{FIELD_FILE}.{name}.tlz"));
            let failed = |e| Failure::at(&path, e);
            let method: Method = name.parse().map_err(|e| Failure::new(format!("method {name}: {e}")))?;
            let bound = if method.bounds().contains(&"rel") { Bound::Rel(REL) } else { Bound::Lossless };
            let compressor = Compressor::new(method, bound).threads(1);
            let (bytes, compress_seconds) = timed(|| compressor.compress_any(field).map_err(failed))?;
            Destination::new(&path, true)?.write_bytes(&bytes)?;
            let bytes = tolzip_io::read_bytes(&path)?;
            let stream = Stream::open(&bytes, Limits::default()).map_err(failed)?;
            let (decoded, decompress_seconds) = timed(|| stream.decode_any(1).map_err(failed))?;
            let found = compare(field, &decoded, Promise::of(&stream.info(), false))?;
            all &= found.ok();
            let mb = field.byte_len() as f64 / 1e6;
            let part = found.bound_abs.filter(|b| *b > 0.0).map(|b| found.max_abs_error / b);
            table.row([
                format!("   {name}"),
                format!("{:.2}", field.byte_len() as f64 / bytes.len() as f64),
                format!("{:.0}", mb / compress_seconds),
                format!("{:.0}", mb / decompress_seconds),
                part.map_or_else(|| "exact".to_owned(), |p| format!("{p:.4}")),
                if found.ok() { "yes" } else { "NO" }.to_owned(),
            ]);
        }
        table.print()?;
        Ok(all)
    }

    /// Searches the trade-off of a training task and writes the report.
    fn search(&self) -> Result<bool> {
        let app = apps::get("digits").ok_or_else(|| Failure::new("the task \"digits\" is missing"))?;
        output::line(&format!(
            "2. {}: how much compression can it take? (at most {} s)",
            app.summary(),
            self.seconds
        ))?;
        let bar = output::progress(0);
        let study = Search::new(app.as_ref())
            .unlimited()
            .seconds(self.seconds)
            .folder(&self.output)
            .command("tolzip demo")
            .progress(|p| show(&bar, p))
            .run();
        bar.finish_and_clear();
        let study = study.map_err(|e| Failure::new(e.to_string()))?;
        let found = &study.outcome;
        output::line(&format!(
            "   without compression {} {:.4} +- {:.4}; {} trainings on {} of {} settings",
            study.provenance.metric,
            found.baseline.mean,
            found.baseline.std,
            found.trainings,
            found.points.len(),
            study.sweep.len()
        ))?;
        for answer in answers(&study) {
            output::line(&format!("   {answer}"))?;
        }
        report::write(&self.output, &study).map_err(|e| Failure::at(&self.output, e))?;
        output::line(&format!("3. the report: {}", self.report().display()))?;
        Ok(!found.recommendations.is_empty())
    }

    fn report(&self) -> PathBuf {
        Path::new(&self.output).join("report.html")
    }
}

/// The result of the second of two runs, and its seconds: the first one warms up.
fn timed<R>(work: impl Fn() -> Result<R>) -> Result<(R, f64)> {
    work()?;
    let start = Instant::now();
    let result = work()?;
    Ok((result, start.elapsed().as_secs_f64().max(1e-9)))
}

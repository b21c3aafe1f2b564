//! `tolzip bench`

use super::compress::chosen;
use super::curves;
use crate::args::methods::{Asked, parse_list};
use crate::args::{Ask, BoundListArgs, InputArgs, ScopeArgs, bound};
use crate::compare::{Promise, compare, expected};
use crate::failure::{Failure, Outcome, Result};
use crate::output::{self, Table};
use crate::record::BoundRecord;
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tolzip::{AnyArray, Bound, Compressor, Limits, NonFinite, Stream, method};

/// Measure ratio, speed and error of methods on files, in memory
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    tolzip bench field.npy --methods predict,transform --rel 1e-2,1e-3\n  \
    tolzip bench field.npy --methods all --lossless --json\n  \
    tolzip bench field.npy --methods predict,fast --rel 1e-2,1e-3,1e-4 --csv --svg field.svg\n\n\
    Without a bound, methods whose settings decide are measured (transform:mode=rate,rate=8, bitround:bits=7, ...).")]
pub(crate) struct Bench {
    /// Files, as `compress` takes them
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Methods, separated by commas; all stands for those that take the bound
    #[arg(short, long, value_name = "M,M", default_value = "all")]
    methods: String,
    #[command(flatten)]
    bounds: BoundListArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    form: InputArgs,
    /// Number of threads, 0 for all cores
    #[arg(short = 'T', long, value_name = "N", default_value_t = 1)]
    threads: usize,
    /// How often each is timed, after one run to warm up; speeds are medians
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Also draw PSNR against bits a value, a line per method, to this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Overwrite the drawing if it is there
    #[arg(short, long, requires = "svg")]
    force: bool,
}

#[derive(Serialize)]
pub(super) struct Record {
    pub(super) file: String,
    dtype: &'static str,
    shape: Vec<usize>,
    pub(super) method: String,
    bound: BoundRecord,
    raw_bytes: u64,
    compressed_bytes: u64,
    ratio: f64,
    pub(super) bits_per_value: f64,
    compress_mb_s: f64,
    decompress_mb_s: f64,
    max_abs_error: f64,
    bound_abs: Option<f64>,
    pub(super) psnr: Option<f64>,
    bound_ok: bool,
    threads: usize,
}

impl Bench {
    pub(crate) fn run(self) -> Result<Outcome> {
        let mut bounds: Vec<Option<Bound>> = self.bounds.get().into_iter().map(Some).collect();
        if bounds.is_empty() {
            bounds.push(None);
        }
        let runs = self.runs(&bounds)?;
        settle_allocator();
        let mut records = Vec::new();
        let progress = output::progress(self.files.len() * runs.len());
        for path in &self.files {
            let array = self.form.read(path)?;
            for (asked, bound) in &runs {
                progress.set_message(format!("{} {} {}", path.display(), asked.text, bound::text(*bound)));
                if self.everything() && !asked.method.takes(array.dtype()) {
                    continue;
                }
                records.push(self.measure(path, &array, asked, *bound)?);
                progress.inc(1);
            }
        }
        progress.finish_and_clear();
        if let Some(path) = &self.svg {
            let exists = path.exists() && !self.force;
            if exists {
                return Err(Failure::at(path, "exists already; -f overwrites it"));
            }
            std::fs::write(path, curves::svg(&records)).map_err(|e| Failure::at(path, e))?;
        }
        if self.json {
            output::json(&records)?;
        } else if self.csv {
            output::line(csv(&records).trim_end())?;
        } else {
            print(&records)?;
        }
        Ok(if records.iter().all(|r| r.bound_ok) { Outcome::Done } else { Outcome::DoesNotHold })
    }

    fn everything(&self) -> bool {
        self.methods == "all"
    }

    /// Each method with each bound.
    fn runs(&self, bounds: &[Option<Bound>]) -> Result<Vec<(Asked, Bound)>> {
        let asked = if self.everything() {
            let all = method::all();
            parse_list(&all.iter().map(|m| m.id).collect::<Vec<_>>().join(","))?
        } else {
            parse_list(&self.methods)?
        };
        let mut runs = Vec::new();
        for asked in asked {
            for &given in bounds {
                if self.everything() {
                    let kind = given.map_or("knob", |b| b.kind());
                    if asked.method.bounds().contains(&kind) {
                        runs.push((asked.clone(), given.unwrap_or(Bound::Knob)));
                    }
                } else {
                    let (_, bound) = chosen(asked.method.clone(), given.map(Ask::Bound))?;
                    runs.push((asked.clone(), bound));
                }
            }
        }
        Ok(runs)
    }

    fn measure(&self, path: &Path, array: &AnyArray, asked: &Asked, bound: Bound) -> Result<Record> {
        let failed =
            |e: tolzip::Error| Failure::at(path, format!("{} {}: {e}", asked.text, bound::text(bound)));
        let mut compressor = Compressor::new(asked.method.clone(), bound)
            .by(self.scope.scope())
            .threads(self.threads)
            .non_finite(self.scope.non_finite());
        compressor = self.scope.fill(compressor, array.dtype());
        let (bytes, compress_seconds) = self.timed(|| compressor.compress_any(array)).map_err(failed)?;
        let (decoded, decompress_seconds) = self
            .timed(|| Stream::open(&bytes, Limits::bytes(u64::MAX))?.decode_any(self.threads))
            .map_err(failed)?;
        let info = Stream::open(&bytes, Limits::default()).map_err(failed)?.info();
        let masked = self.scope.non_finite() == NonFinite::Mask;
        let found = compare(&*expected(array, &info)?, &decoded, Promise::of(&info, masked))?;
        let raw_bytes = array.byte_len();
        let mb_s = |seconds: f64| raw_bytes as f64 / 1e6 / seconds.max(1e-9);
        Ok(Record {
            file: path.display().to_string(),
            dtype: array.dtype().name(),
            shape: array.shape().sides().to_vec(),
            method: asked.text.clone(),
            bound: bound.into(),
            raw_bytes,
            compressed_bytes: bytes.len() as u64,
            ratio: raw_bytes as f64 / bytes.len() as f64,
            bits_per_value: bytes.len() as f64 * 8.0 / array.shape().len() as f64,
            compress_mb_s: mb_s(compress_seconds),
            decompress_mb_s: mb_s(decompress_seconds),
            max_abs_error: found.max_abs_error,
            bound_abs: found.bound_abs,
            psnr: found.psnr,
            bound_ok: found.ok(),
            threads: self.threads,
        })
    }

    /// Runs `work` to warm up (caches, branches, the pages of both results that are alive at a time), then as often as
    /// asked, and takes the median time in seconds.
    fn timed<R>(&self, work: impl Fn() -> tolzip::Result<R>) -> tolzip::Result<(R, f64)> {
        let start = Instant::now();
        let mut result = work()?;
        while start.elapsed() < WARM_UP {
            result = work()?;
        }
        let mut seconds = Vec::new();
        for _ in 0..self.repeat {
            let start = Instant::now();
            let next = work()?;
            seconds.push(start.elapsed().as_secs_f64());
            // Freeing the previous result is not part of the work.
            result = next;
        }
        seconds.sort_by(f64::total_cmp);
        let middle = seconds.len() / 2;
        let median = if seconds.len() % 2 == 1 {
            seconds[middle]
        } else {
            (seconds[middle - 1] + seconds[middle]) / 2.0
        };
        Ok((result, median))
    }
}

/// How long a piece of work runs before it is timed.
const WARM_UP: Duration = Duration::from_millis(20);

/// Lets the C library's allocator behave as in a program that has been running for a while. glibc hands the memory of
/// large vectors back to the system, and so pays for fresh pages, until it has seen one of up to 32 MiB freed
/// (mallopt(3), `M_MMAP_THRESHOLD`): a short benchmark would measure that, and not the codec.
fn settle_allocator() {
    std::hint::black_box(vec![0u8; 31 << 20]);
}

/// The fields of the JSON, one line a measurement (RFC 4180).
fn csv(records: &[Record]) -> String {
    let mut text = String::from(
        "file,dtype,shape,method,bound,value,raw_bytes,compressed_bytes,ratio,bits_per_value,compress_mb_s,decompress_mb_s,\
         max_abs_error,bound_abs,psnr,bound_ok,threads\n",
    );
    let quoted = |t: &str| {
        if t.contains([',', '"', '\n']) { format!("\"{}\"", t.replace('"', "\"\"")) } else { t.to_owned() }
    };
    let maybe = |v: Option<f64>| v.filter(|v| v.is_finite()).map_or_else(String::new, |v| v.to_string());
    for r in records {
        let shape: Vec<String> = r.shape.iter().map(ToString::to_string).collect();
        let bound = r.bound.text();
        let (kind, value) = bound.split_once(' ').unwrap_or((&bound, ""));
        let fields = [
            quoted(&r.file),
            r.dtype.to_owned(),
            shape.join("x"),
            quoted(&r.method),
            kind.to_owned(),
            quoted(value),
            r.raw_bytes.to_string(),
            r.compressed_bytes.to_string(),
            r.ratio.to_string(),
            r.bits_per_value.to_string(),
            r.compress_mb_s.to_string(),
            r.decompress_mb_s.to_string(),
            r.max_abs_error.to_string(),
            maybe(r.bound_abs),
            maybe(r.psnr),
            r.bound_ok.to_string(),
            r.threads.to_string(),
        ];
        text += &(fields.join(",") + "\n");
    }
    text
}

fn print(records: &[Record]) -> Result<()> {
    let mut table =
        Table::new(["file", "method", "bound", "ratio", "c MB/s", "d MB/s", "max error", "psnr", "holds"]);
    for r in records {
        let bound = r.bound.text();
        table.row([
            Path::new(&r.file).file_name().unwrap_or_default().to_string_lossy().into_owned(),
            r.method.clone(),
            bound,
            format!("{:.2}", r.ratio),
            format!("{:.0}", r.compress_mb_s),
            format!("{:.0}", r.decompress_mb_s),
            output::number(r.max_abs_error),
            output::maybe(r.psnr),
            if r.bound_ok { "yes" } else { "NO" }.to_owned(),
        ]);
    }
    table.print()
}

//! `tolzip io`

use crate::args::{BoundArgs, InputArgs, ScopeArgs, bound, methods};
use crate::failure::{Failure, Outcome, Result};
use crate::output::{self, Table, number};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;
use tolzip::{AnyArray, Bound, Compressor, Limits, with_any};
use tolzip_eval::Loader;
use tolzip_eval::transfer::{self, Check, LINKS, PIECES, Rates, Setting, Transfer};

/// Say from which network speed on compression pays, from rates measured on a file, and check that on a real transfer
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    tolzip io field.npy --rel 1e-3\n  \
    tolzip io train.npy --method predict --rel 1e-3 --by column --epochs 20\n  \
    tolzip io field.npy --method fast --abs 0.01 --bandwidth 20,100\n\n\
    Compression pays on a link of B bytes a second if sending S/B takes longer than compressing, sending S/(ratio B) and\n\
    decompressing. The check sends the data over this machine's loopback, held to a bandwidth; it wants the machine for itself.")]
pub(crate) struct Io {
    /// A .npy file, a member of a .npz archive or a raw file
    #[arg(value_name = "FILE")]
    input: PathBuf,
    /// The method
    #[arg(short, long, value_name = "M", default_value = "auto")]
    method: String,
    #[command(flatten)]
    bound: BoundArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    form: InputArgs,
    /// How often what is written once is read
    #[arg(long, value_name = "E", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
    /// The most cores to measure with, 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    cores: usize,
    /// Bandwidths in MB/s to check the model at, separated by commas [default: half the break-even one, at most 200]
    #[arg(long, value_name = "MB/S", value_delimiter = ',', value_parser = bandwidth, allow_hyphen_values = true)]
    bandwidth: Vec<f64>,
    /// Leave out the transfers over loopback
    #[arg(long, conflicts_with = "bandwidth")]
    no_check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What compression does on one link.
#[derive(Debug, Serialize)]
struct Link {
    name: &'static str,
    bytes_per_second: f64,
    /// Speed-ups with all cores that were measured.
    serial: f64,
    pipelined: f64,
    /// The fewest cores on each side with which it pays, beyond the measured ones by their own rate each; `null` if none up
    /// to 1024.
    least_cores: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Found {
    raw_bytes: u64,
    ratio: f64,
    rates: Vec<Rates>,
    break_even_bytes_per_second: f64,
    epochs: u32,
    links: Vec<Link>,
    /// Seconds of one epoch of shuffled batches of 64 rows, raw and by decompressing on the fly.
    loader: Option<LoaderTimes>,
    /// The model beside transfers over loopback.
    checks: Vec<Check>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct LoaderTimes {
    raw_seconds: f64,
    compressed_seconds: f64,
    rows: usize,
    ratio: f64,
}

impl Io {
    pub(crate) fn run(self) -> Result<Outcome> {
        let array = self.form.read(&self.input)?;
        let method = methods::parse(&self.method)?;
        let bound = match self.bound.get() {
            Some(crate::args::Ask::Bound(bound)) => bound,
            Some(_) => {
                return Err(Failure::new(
                    "a rate or a precision is a setting here: --method transform:mode=rate,rate=8",
                ));
            }
            None if method.bounds() == ["knob"] => Bound::Knob,
            None => return Err(Failure::new(bound::AVAILABLE)),
        };
        let setting = Setting { method, bound, scope: self.scope.scope() };
        let most = match self.cores {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let mut cores: Vec<usize> = (0..).map(|k| 1 << k).take_while(|&n| n < most).collect();
        cores.push(most);
        let failed = |e: &dyn std::fmt::Display| Failure::at(&self.input, e);
        let (ratio, rates) = transfer::measure(&array, &setting, &cores).map_err(|e| failed(&e))?;
        let epochs = f64::from(self.epochs);
        let raw_bytes = array.byte_len();
        let model = |r: &Rates| Transfer {
            bytes: raw_bytes as f64,
            ratio,
            compress: r.compress,
            decompress: r.decompress,
            reads: epochs,
            startup: 0.0,
        };
        let last = rates[rates.len() - 1];
        let best = model(&last);
        let links = LINKS
            .iter()
            .map(|&(name, bandwidth)| Link {
                name,
                bytes_per_second: bandwidth,
                serial: best.raw(bandwidth) / best.serial(bandwidth),
                pipelined: best.raw(bandwidth) / best.pipelined(bandwidth, PIECES),
                least_cores: transfer::least_cores(&best, &rates, bandwidth),
            })
            .collect();
        let found = Found {
            raw_bytes,
            ratio,
            break_even_bytes_per_second: best.break_even(),
            epochs: self.epochs,
            links,
            loader: epoch(&array, &setting).map_err(|e| failed(&e))?,
            checks: if self.no_check {
                Vec::new()
            } else {
                let bandwidths: Vec<f64> = self.bandwidth.iter().map(|b| b * 1e6).collect();
                transfer::check(&array, &setting, &bandwidths).map_err(|e| failed(&e))?
            },
            rates,
        };
        if self.json {
            output::json(&found)?;
        } else {
            print(&found)?;
        }
        Ok(Outcome::Done)
    }
}

/// Times one epoch of batches in a random order, from memory and through a [`Loader`]. `None` for what has no rows.
fn epoch(array: &AnyArray, setting: &Setting) -> tolzip::Result<Option<LoaderTimes>> {
    const BATCH: usize = 64;
    let sides = array.shape().sides().to_vec();
    let (Some(&rows), true) = (sides.first(), sides.len() > 1) else { return Ok(None) };
    let width: usize = sides[1..].iter().product();
    if rows < 2 || width == 0 {
        return Ok(None);
    }
    let mut chunk = sides.clone();
    chunk[0] = rows.min(256);
    let bytes = Compressor::new(setting.method.clone(), setting.bound)
        .by(setting.scope)
        .chunk(&chunk)
        .compress_any(array)?;
    let stream_bytes = bytes.len();
    // Blocks in random order, rows in random order within a few of them: what loaders of sharded sets do.
    let mut order: Vec<usize> = Vec::with_capacity(rows);
    let blocks = rows.div_ceil(chunk[0]);
    for i in 0..blocks {
        let block = (i * 7919 + 13) % blocks.max(1);
        let (from, to) = (block * chunk[0], ((block + 1) * chunk[0]).min(rows));
        let n = to - from;
        order.extend((0..n).map(|k| from + (k * 101 + 7) % n));
    }
    with_any!(array, a => {
        let mut loader = Loader::open(&bytes, Limits::default(), 4)?;
        let mut batch = Vec::with_capacity(BATCH * width);
        let start = Instant::now();
        let mut sum = 0.0;
        for rows in order.chunks(BATCH) {
            batch.clear();
            loader.batch(rows, &mut batch)?;
            sum += tolzip::Element::to_f64(batch[0]);
        }
        let compressed_seconds = start.elapsed().as_secs_f64();
        let start = Instant::now();
        for rows in order.chunks(BATCH) {
            batch.clear();
            for &r in rows {
                batch.extend_from_slice(&a.values()[r * width..(r + 1) * width]);
            }
            sum += tolzip::Element::to_f64(batch[0]);
        }
        let raw_seconds = start.elapsed().as_secs_f64();
        // So that nobody finds the sums superfluous.
        std::hint::black_box(sum);
        Ok(Some(LoaderTimes {
            raw_seconds,
            compressed_seconds,
            rows,
            ratio: array.byte_len() as f64 / stream_bytes as f64,
        }))
    })
}

fn print(found: &Found) -> Result<()> {
    output::line(&format!("{}, ratio {:.2}", output::bytes(found.raw_bytes), found.ratio))?;
    let mut table = Table::new(["cores", "compress MB/s", "decompress MB/s"]);
    for r in &found.rates {
        table.row([r.cores.to_string(), number(r.compress / 1e6), number(r.decompress / 1e6)]);
    }
    table.print()?;
    output::line(&format!(
        "\none step after the other, one read: pays below {} MB/s ({} Gbit/s)",
        number(found.break_even_bytes_per_second / 1e6),
        number(found.break_even_bytes_per_second * 8e-9)
    ))?;
    output::line(&format!(
        "speed-up with {} cores on each side, {} reads:\n",
        found.rates[found.rates.len() - 1].cores,
        found.epochs
    ))?;
    let mut table = Table::new(["link", "in steps", "pipelined", "pays from"]);
    for l in &found.links {
        table.row([
            l.name.to_owned(),
            format!("{:.2}x", l.serial),
            format!("{:.2}x", l.pipelined),
            l.least_cores.map_or_else(|| "-".to_owned(), |n| format!("{n} cores")),
        ]);
    }
    table.print()?;
    if let Some(l) = found.loader {
        output::line(&format!(
            "\nan epoch of shuffled batches of 64 rows: {} ms from memory, {} ms decompressed on the fly (ratio {:.2} in blocks of 256 rows)",
            number(1e3 * l.raw_seconds),
            number(1e3 * l.compressed_seconds),
            l.ratio
        ))?;
    }
    if found.checks.is_empty() {
        return Ok(());
    }
    output::line(
        "\nchecked over loopback, one core on each side, speed-ups as the model says them and as measured:",
    )?;
    let mut table = Table::new(["MB/s", "in steps", "measured", "pipelined", "measured"]);
    for c in &found.checks {
        let [steps, done, pipelined, done_pipelined] =
            [c.predicted_serial, c.measured_serial, c.predicted_pipelined, c.measured_pipelined]
                .map(|speedup| format!("{speedup:.2}x"));
        table.row([number(c.bandwidth / 1e6), steps, done, pipelined, done_pipelined]);
    }
    table.print()?;
    if found.checks.iter().any(|c| c.off() > CLOSE) {
        output::line(
            "further apart than 15 %: is the machine busy, or the bandwidth beyond what its loopback can do?",
        )?;
    }
    Ok(())
}

/// How far apart the model and a transfer may be.
const CLOSE: f64 = 0.15;

/// A bandwidth in MB/s.
fn bandwidth(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(b) if (0.01..=1e6).contains(&b) => Ok(b),
        _ => Err("a number of MB/s from 0.01 to 1000000".to_owned()),
    }
}

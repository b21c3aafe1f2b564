//! `tolzip compress`

use crate::args::input::Input;
use crate::args::{Ask, BoundArgs, InputArgs, ScopeArgs, bound, input, keep, methods};
use crate::codecs;
use crate::failure::{Failure, Outcome, Result};
use crate::missing;
use crate::output;
use crate::record::BoundRecord;
use crate::zfp;
use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;
use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tolzip::{AnyArray, Bound, Compressor, Element, Method, Scope, Shape, Summary, with_any};
use tolzip_eval::columns;
use tolzip_io::Destination;

/// Compress an array so that no value is off by more than the bound
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    tolzip compress field.npy --rel 1e-3\n  \
    tolzip compress pressure.f32 --dtype f32 --shape 100x500x500 --abs 0.5 -o pressure.tlz\n  \
    tolzip compress data.npz:train --method predict --rel 1e-4 --by column")]
pub(crate) struct Compress {
    /// A .npy file, a member of a .npz archive (data.npz:name), a raw file with --dtype and --shape, or - (standard input)
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Where to write; - is standard output [default: IN plus .tlz, or .zfp with --raw-zfp]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Method and settings, as in predict:predictor=lorenzo (see `tolzip methods`)
    #[arg(short, long, value_name = "METHOD", default_value = "auto")]
    method: String,
    #[command(flatten)]
    bound: BoundArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    form: InputArgs,
    /// Cut the array into chunks of this shape: smaller ones make region reads and parallel work finer
    #[arg(long, value_name = "SHAPE", value_parser = input::shape)]
    chunk: Option<Shape>,
    /// Columns of a table that are kept bit for bit, in a stream of their own, OUT.kept: auto (labels, ids and other whole
    /// numbers) or their numbers from 0 separated by commas. `tolzip decompress OUT --keep COLUMNS` joins them again
    #[arg(long, value_name = "COLUMNS")]
    keep: Option<String>,
    /// Write a bare zfp stream with its full header, which zfp itself reads, instead of a tolzip stream
    #[arg(long, conflicts_with_all = ["json", "by", "fill_value", "chunk", "keep"])]
    raw_zfp: bool,
    /// Number of threads, 0 for all cores; the bytes do not depend on it
    #[arg(short = 'T', long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Overwrite an existing output
    #[arg(short, long)]
    force: bool,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

/// Values along the fastest axis of chunks for which a file is not read in parts.
const NARROW: usize = 64;

#[derive(Serialize)]
struct Record {
    input: String,
    output: String,
    dtype: &'static str,
    shape: Vec<usize>,
    method: String,
    bound: BoundRecord,
    /// What was reached, for a bound of the array as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    reached: Option<f64>,
    max_abs_error: f64,
    raw_bytes: u64,
    compressed_bytes: u64,
    ratio: f64,
    seconds: f64,
}

/// The stream of the columns that are kept bit for bit.
struct Kept {
    path: PathBuf,
    raw_bytes: u64,
    bytes: u64,
}

impl Compress {
    pub(crate) fn run(self) -> Result<Outcome> {
        let method = methods::parse(&self.method)?;
        let (method, bound) = if self.raw_zfp {
            zfp::mode(&method, self.bound.get())?;
            (method, Bound::Knob)
        } else {
            chosen(method, self.bound.get())?
        };
        let output = self.output.clone().unwrap_or_else(|| default_output(&self.input, self.raw_zfp));
        if output == Path::new("-") {
            if self.json {
                return Err(Failure::new(
                    "--json and the stream can't both go to standard output: give -o a file",
                ));
            }
            if output::stdout_is_terminal() && !self.force {
                return Err(Failure::new(
                    "compressed data is not for a terminal: give -o a file, or -f to insist",
                ));
            }
        }
        let destination = Destination::new(&output, self.force)?.apart_from(&self.input)?;
        if self.raw_zfp {
            return self.zfp(&self.form.read(&self.input)?, &output, destination, &method);
        }

        let (array, kept) = if self.keep.is_some() {
            let (array, kept) = self.keep(self.form.read(&self.input)?, &output)?;
            (Input::Memory(array), kept)
        } else if self.cuts_across_rows() {
            (Input::Memory(self.form.read(&self.input)?), None)
        } else {
            (self.form.open(&self.input)?, None)
        };
        if let Some(chunk) = self.chunk.filter(|c| c.ndim() != array.shape().ndim()) {
            return Err(Failure::new(format!(
                "--chunk {chunk} has {} side{}, the array {} dimensions (shape {})",
                chunk.ndim(),
                if chunk.ndim() == 1 { "" } else { "s" },
                array.shape().ndim(),
                array.shape(),
            )));
        }
        let start = Instant::now();
        let mut compressor = Compressor::new(method, bound)
            .by(self.scope.scope())
            .threads(self.threads)
            .non_finite(self.scope.non_finite());
        compressor = self.scope.fill(compressor, array.dtype());
        if let Some(chunk) = self.chunk {
            compressor = compressor.chunk(chunk.sides());
        }
        let chunks = compressor.chunks(array.shape()).map_err(|e| Failure::at(&self.input, e))?;
        let summary = self.write(&array, &compressor, chunks, destination)?;
        let seconds = start.elapsed().as_secs_f64();
        if matches!(bound, Bound::Rel(_))
            && !self.scope.has_fill_value()
            && let Some(note) = missing::note(&array)
        {
            output::note(&note);
        }
        // The sample of a file is smaller than the file.
        self.tell(&output, &array, (&compressor, bound), &summary, seconds)?;
        if let Some(Kept { path, raw_bytes, bytes: kept_bytes }) = kept {
            let (raw, all) = (raw_bytes + array.byte_len(), kept_bytes + summary.compressed_bytes);
            output::note(&format!(
                "kept columns -> {}: {}; the whole table: ratio {:.2}",
                path.display(),
                output::bytes(kept_bytes),
                raw as f64 / all as f64
            ));
        }
        Ok(Outcome::Done)
    }

    /// Whether chunks are columns, or nearly so: each would read all of the file.
    fn cuts_across_rows(&self) -> bool {
        let narrow = |chunk: Shape| chunk.sides().last().is_some_and(|&side| side < NARROW);
        self.scope.scope() != Scope::Whole || self.chunk.is_some_and(narrow)
    }

    /// Compresses, and writes what comes of it chunk by chunk.
    fn write(
        &self,
        array: &Input,
        compressor: &Compressor,
        chunks: usize,
        destination: Destination,
    ) -> Result<Summary> {
        let mut done = None;
        let written = destination.write_with(|out| {
            let mut counted = Counted::new(out, chunks);
            let summary = array.compress(compressor, &mut counted);
            counted.progress.finish_and_clear();
            // What the array is to blame for is no failure of the file that is written.
            match summary.map_err(io::Error::downcast::<tolzip::Error>) {
                Ok(summary) => done = Some(Ok(summary)),
                Err(Ok(error)) => {
                    done = Some(Err(Failure::at(&self.input, &error)));
                    return Err(io::Error::other(error));
                }
                Err(Err(error)) => return Err(error),
            }
            Ok(())
        });
        match (done, written) {
            (Some(Err(failure)), _) => Err(failure),
            (Some(Ok(summary)), Ok(())) => Ok(summary),
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => unreachable!("what was written has a summary"),
        }
    }

    /// Writes the columns that are to be kept; what is left, and where they are, with their sizes before and after.
    fn keep(&self, array: AnyArray, output: &Path) -> Result<(AnyArray, Option<Kept>)> {
        let Some(text) = &self.keep else { return Ok((array, None)) };
        let numbers = keep::columns(text, &array)?;
        if numbers.is_empty() {
            return Ok((array, None));
        }
        if output == Path::new("-") {
            return Err(Failure::new("--keep writes two files: give -o a name"));
        }
        let (kept, others) = columns::split(&array, &numbers);
        let path = keep::beside(output);
        let destination = Destination::new(&path, self.force)?;
        let bytes = Compressor::new(methods::parse("lossless")?, Bound::Lossless)
            .by(Scope::Column)
            .threads(self.threads)
            .compress_any(&kept)
            .map_err(|e| Failure::at(&self.input, e))?;
        destination.write_bytes(&bytes)?;
        let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        output::note(&format!(
            "columns {} are kept bit for bit; `tolzip decompress {} --keep {}` joins them with the others",
            list.join(","),
            output.display(),
            list.join(",")
        ));
        Ok((others, Some(Kept { path, raw_bytes: kept.byte_len(), bytes: bytes.len() as u64 })))
    }

    /// Writes a stream of zfp's own, without tolzip's container.
    fn zfp(
        &self,
        array: &AnyArray,
        output: &Path,
        destination: Destination,
        method: &Method,
    ) -> Result<Outcome> {
        let lost = with_any!(array, a => a.values().iter().filter(|v| !v.is_finite()).count());
        if lost > 0 && self.bound.get() != Some(Ask::Bound(Bound::Lossless)) {
            output::note(&format!(
                "warning: {}: {lost} values are NaN or infinite: zfp loses them, and what shares a block of 4 values \
                 a side with them; --lossless or a tolzip stream keeps them",
                self.input.display()
            ));
        }
        let bytes = zfp::encode(array, zfp::mode(method, self.bound.get())?);
        let bytes = bytes.map_err(|e| Failure::at(&self.input, e))?;
        destination.write_bytes(&bytes)?;
        output::note(&format!(
            "{} -> {}: {} -> {}, ratio {:.2} (a zfp stream: no checksum, no promised bound)",
            self.input.display(),
            output.display(),
            output::bytes(array.byte_len()),
            output::bytes(bytes.len() as u64),
            array.byte_len() as f64 / bytes.len() as f64
        ));
        Ok(Outcome::Done)
    }

    fn tell(
        &self,
        output: &Path,
        array: &Input,
        (compressor, bound): (&Compressor, Bound),
        summary: &Summary,
        seconds: f64,
    ) -> Result<()> {
        let method = compressor.method().to_string();
        let raw_bytes = array.byte_len();
        let ratio = raw_bytes as f64 / summary.compressed_bytes as f64;
        if self.json {
            return output::json(&Record {
                input: self.input.display().to_string(),
                output: output.display().to_string(),
                dtype: array.dtype().name(),
                shape: summary.shape.sides().to_vec(),
                method,
                bound: bound.into(),
                reached: summary.reached.filter(|r| r.is_finite()),
                max_abs_error: summary.max_error,
                raw_bytes,
                compressed_bytes: summary.compressed_bytes,
                ratio,
                seconds,
            });
        }
        let speed = raw_bytes as f64 / 1e6 / seconds.max(1e-9);
        let largest = output::number(summary.max_error);
        let kept = match bound {
            Bound::Lossless => "every bit kept".to_owned(),
            Bound::Knob => format!("no bound, largest error {largest}"),
            bound => {
                let reached =
                    summary.reached.map_or(String::new(), |r| format!(" (reached {})", output::number(r)));
                format!("{}{reached}, largest error {largest}", bound::text(bound))
            }
        };
        output::note(&format!(
            "{} -> {}: {} -> {}, ratio {ratio:.2} ({}, {kept}, {speed:.0} MB/s)",
            self.input.display(),
            output.display(),
            output::bytes(raw_bytes),
            output::bytes(summary.compressed_bytes),
            codecs::told(&method, &summary.codecs),
        ));
        Ok(())
    }
}

/// Where the stream goes, and its progress: the pieces between the first and the last are the chunks.
struct Counted<W> {
    out: W,
    pieces: u64,
    progress: ProgressBar,
}

impl<W: io::Write> Counted<W> {
    fn new(out: W, chunks: usize) -> Self {
        // One chunk is done before a bar could move.
        let progress = if chunks > 1 { output::progress(chunks) } else { ProgressBar::hidden() };
        progress.set_message("chunks");
        Self { out, pieces: 0, progress }
    }
}

impl<W: io::Write> io::Write for Counted<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.out.write_all(piece)?;
        // The first piece is the header, the last one the footer.
        self.progress.set_position(self.pieces.min(self.progress.length().unwrap_or(0)));
        self.pieces += 1;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The method and bound that a user means: what was asked for must be something that the method holds, and may be nothing
/// where its settings decide.
pub(crate) fn chosen(method: Method, asked: Option<Ask>) -> Result<(Method, Bound)> {
    let takes = method.bounds();
    let bound = match asked {
        Some(Ask::Bound(bound)) => bound,
        Some(Ask::Rate(bits)) => return fixed(&method, "rate", bits),
        Some(Ask::Precision(planes)) => return fixed(&method, "precision", planes),
        None if takes.contains(&"knob") => Bound::Knob,
        None if takes == ["lossless"] => Bound::Lossless,
        None => return Err(Failure::new(format!("a bound is missing: {}", bound::AVAILABLE))),
    };
    if takes.contains(&bound.kind()) {
        return Ok((method, bound));
    }
    let flags: Vec<String> = takes
        .iter()
        .map(|&kind| match kind {
            "knob" => "no bound, its settings decide".to_owned(),
            kind => format!("--{}", kind.replace('_', "-")),
        })
        .collect();
    Err(Failure::new(format!(
        "method {method} takes no {} bound (it takes: {}); `tolzip methods` lists what each one takes",
        bound.kind(),
        flags.join(", ")
    )))
}

/// A size in place of a bound is a setting of the transform.
fn fixed(method: &Method, name: &str, value: impl Display) -> Result<(Method, Bound)> {
    if *method != Method::Auto && *method != methods::parse("transform")? {
        return Err(Failure::new(format!("--{name} goes with --method transform only, not {method}")));
    }
    Ok((methods::parse(&format!("transform:mode={name},{name}={value}"))?, Bound::Knob))
}

/// IN plus `.tlz` or `.zfp`; `data.npz:name` becomes `data.name.npy.tlz`, since that is what unpacks from it.
fn default_output(input: &Path, zfp: bool) -> PathBuf {
    if input == Path::new("-") {
        return input.to_owned();
    }
    let (path, member) = tolzip_io::split_member(input);
    let mut name = match &member {
        Some(member) => {
            path.with_extension(format!("{}.npy", member.trim_end_matches(".npy").replace('/', ".")))
        }
        None => path,
    }
    .into_os_string();
    name.push(if zfp { ".zfp" } else { ".tlz" });
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_counts_chunks() {
        let array =
            tolzip::Array::new((0..600).map(f64::from).collect(), Shape::new(&[20, 30]).unwrap()).unwrap();
        let compressor = || Compressor::new(methods::parse("auto").unwrap(), Bound::Rel(0.1));
        assert_eq!(compressor().chunk(&[8, 8]).chunks(array.shape()).unwrap(), 12);
        // Small rows may share a chunk: how many there are is the library's business.
        for compressor in [compressor().chunk(&[8, 8]), compressor().by(tolzip::Scope::Row)] {
            let chunks = compressor.chunks(array.shape()).unwrap();
            let mut counted = Counted::new(Vec::new(), chunks);
            compressor.write(array.view(), &mut counted).unwrap();
            assert_eq!(counted.pieces, chunks as u64 + 2);
            assert_eq!(counted.out, compressor.compress(array.view()).unwrap());
        }
    }

    #[test]
    fn outputs_are_named_after_inputs() {
        let named = |input: &str| default_output(Path::new(input), false).display().to_string();
        assert_eq!(named("a/field.npy"), "a/field.npy.tlz");
        assert_eq!(named("a/field.f32"), "a/field.f32.tlz");
        assert_eq!(named("a/data.npz:x/y"), "a/data.x.y.npy.tlz");
        assert_eq!(named("-"), "-");
        assert_eq!(default_output(Path::new("x.npy"), true), Path::new("x.npy.zfp"));
    }
}

//! `tolzip decompress`

use crate::args::input::WHOLE;
use crate::args::keep;
use crate::args::region::Region;
use crate::failure::{Failure, Outcome, Result};
use crate::output;
use crate::zfp;
use clap::{Args, ValueEnum};
use std::ffi::OsStr;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tolzip::{AnyArray, DType, Limits, Shape, Stream};
use tolzip_eval::columns;
use tolzip_io::{Destination, Format};

/// Decompress a stream, whole or a region of it
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    tolzip decompress field.npy.tlz\n  \
    tolzip decompress field.npy.tlz --region 0:64,:,10:20 -o part.npy\n  \
    tolzip decompress pressure.tlz -o pressure.f32")]
pub(crate) struct Decompress {
    /// A tolzip stream, a zfp stream with its full header, or - (standard input)
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Where to write: .npy, .npz, anything else is a raw file; - is standard output, npy unless IN's name says
    /// otherwise [default: IN without .tlz; for x.zfp x.npy]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Only this part: a range per axis, as in 0:64,:,10:20 (ends excluded); one index, as in 0:64,:,10, keeps its axis
    #[arg(long, value_name = "RANGES", conflicts_with = "salvage", allow_hyphen_values = true)]
    region: Option<Region>,
    /// Join the columns that `compress --keep` put in IN.kept with the others: their numbers from 0, separated by commas
    #[arg(long, value_name = "COLUMNS", conflicts_with_all = ["region", "salvage"])]
    keep: Option<String>,
    /// Format of the output, where its name does not tell
    #[arg(long, value_name = "FORMAT")]
    format: Option<OutputFormat>,
    /// Write what can be read of a damaged stream: lost chunks become NaN (0 in integers) and are listed, and the exit code is 1
    #[arg(long)]
    salvage: bool,
    /// The most bytes to unpack, as a guard against hostile streams [default: 4 GiB, or 1000 times the stream]
    #[arg(long, value_name = "BYTES")]
    limit: Option<u64>,
    /// Number of threads, 0 for all cores
    #[arg(short = 'T', long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Overwrite an existing output
    #[arg(short, long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OutputFormat {
    Npy,
    Npz,
    Raw,
}

impl From<OutputFormat> for Format {
    fn from(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Npy => Self::Npy,
            OutputFormat::Npz => Self::Npz,
            OutputFormat::Raw => Self::Raw,
        }
    }
}

impl Decompress {
    pub(crate) fn run(self) -> Result<Outcome> {
        let output = match &self.output {
            Some(output) => output.clone(),
            None => default_output(&self.input)?,
        };
        let to_stdout = output == Path::new("-");
        if to_stdout && output::stdout_is_terminal() && !self.force {
            return Err(Failure::new("an array is not for a terminal: give -o a file, or -f to insist"));
        }
        let format = self.format.map_or_else(|| format_of(&output, &self.input), Format::from);
        let destination = Destination::new(&output, self.force)?.apart_from(&self.input)?;
        let bytes = tolzip_io::read_bytes(&self.input)?;
        if let Some(stream) = self.large(&bytes, format)? {
            return self.in_parts(&stream, destination, format, &output);
        }
        let busy = output::busy("decompressing");
        let unpacked = self.unpack(&bytes);
        busy.finish_and_clear();
        let (mut array, outcome) = unpacked?;
        if let Some(list) = &self.keep {
            array = self.joined(&array, &keep::numbers(list)?)?;
        }
        self.written(destination.write_array(&array, format), (array.dtype(), array.shape()), &output)?;
        Ok(outcome)
    }

    /// Says what was written.
    fn written(
        &self,
        written: tolzip_io::Result<()>,
        (dtype, shape): (DType, Shape),
        output: &Path,
    ) -> Result<()> {
        let to_stdout = output == Path::new("-");
        match written {
            // A reader that has seen enough (`| head`) is no failure.
            Err(e) if to_stdout && hung_up(&e) => return Ok(()),
            written => written?,
        }
        if !to_stdout {
            output::note(&format!(
                "{} -> {}: {shape} of {dtype}, {}",
                self.input.display(),
                output.display(),
                output::bytes(shape.len() as u64 * dtype.size() as u64)
            ));
        }
        Ok(())
    }

    /// A stream of an array so large that it is written part by part, if that is possible.
    fn large<'a>(&self, bytes: &'a [u8], format: Format) -> Result<Option<Stream<'a>>> {
        let apart = self.region.is_some() || self.salvage || self.keep.is_some() || format == Format::Npz;
        if apart || zfp::is_zfp(bytes) {
            return Ok(None);
        }
        let failed = |e| Failure::at(&self.input, explain(&e));
        let limits = limits(self.limit, bytes);
        let stream = Stream::open(bytes, limits).map_err(failed)?;
        let needed = stream.info().raw_bytes;
        if needed > limits.max_bytes {
            // No part would be too large, but all of them would.
            let limit = limits.max_bytes;
            return Err(failed(tolzip::Error::Decode(tolzip::DecodeError::Limit { needed, limit })));
        }
        Ok((needed > WHOLE).then_some(stream))
    }

    /// Decompresses and writes one layer of chunks after the other.
    fn in_parts(
        &self,
        stream: &Stream<'_>,
        destination: Destination,
        format: Format,
        output: &Path,
    ) -> Result<Outcome> {
        let info = stream.info();
        let layers = layers(info.shape, info.chunk);
        let progress = output::progress(layers.len());
        progress.set_message("layers of chunks");
        let mut damage = None;
        let written = destination.write_with(|out| {
            if format == Format::Npy {
                tolzip_io::npy::write_header(out, info.dtype, info.shape)?;
            }
            for layer in &layers {
                let part = stream.region_any(layer, self.threads).map_err(|e| {
                    damage = Some(Failure::at(&self.input, explain(&e)));
                    io::Error::other(e)
                })?;
                tolzip_io::write_values(out, &part)?;
                progress.inc(1);
            }
            Ok(())
        });
        progress.finish_and_clear();
        if let Some(failure) = damage {
            return Err(failure);
        }
        self.written(written, (info.dtype, info.shape), output)?;
        Ok(Outcome::Done)
    }

    /// The whole table: these columns from the stream beside the input, the others as they are.
    fn joined(&self, others: &AnyArray, numbers: &[usize]) -> Result<AnyArray> {
        let path = keep::beside(&self.input);
        let bytes = tolzip_io::read_bytes(&path)?;
        let failed = |e| Failure::at(&path, explain(&e));
        let stream = Stream::open(&bytes, limits(self.limit, &bytes)).map_err(failed)?;
        let kept = stream.decode_any(self.threads).map_err(failed)?;
        let (&[rows, width], &[kept_rows, kept_width]) = (others.shape().sides(), kept.shape().sides())
        else {
            return Err(Failure::at(&path, "kept columns belong to a table"));
        };
        let all = width + kept_width;
        if rows != kept_rows || kept_width != numbers.len() || kept.dtype() != others.dtype() {
            return Err(Failure::at(
                &path,
                format!(
                    "{kept_width} columns of {kept_rows} rows are kept there; --keep names {}, and the others have {rows} rows",
                    numbers.len()
                ),
            ));
        }
        if let Some(n) = numbers.iter().find(|&&n| n >= all) {
            return Err(Failure::new(format!("--keep {n}: the table has columns 0 to {}", all - 1)));
        }
        Ok(columns::join(&kept, others, numbers))
    }

    fn unpack(&self, bytes: &[u8]) -> Result<(AnyArray, Outcome)> {
        let failed = |e| Failure::at(&self.input, explain(&e));
        let limits = limits(self.limit, bytes);
        if zfp::is_zfp(bytes) {
            if self.region.is_some() || self.salvage {
                return Err(Failure::at(&self.input, "a zfp stream can only be read whole"));
            }
            return Ok((zfp::decode(bytes, limits.max_bytes).map_err(failed)?, Outcome::Done));
        }
        let stream = Stream::open(bytes, limits).map_err(failed)?;
        if let Some(region) = &self.region {
            let ranges = region.resolve(stream.info().shape)?;
            return Ok((stream.region_any(&ranges, self.threads).map_err(failed)?, Outcome::Done));
        }
        if !self.salvage {
            return Ok((stream.decode_any(self.threads).map_err(failed)?, Outcome::Done));
        }
        let (array, damaged) = stream.salvage_any(self.threads).map_err(failed)?;
        for chunk in &damaged {
            let ranges: Vec<String> = chunk.region.iter().map(|r| format!("{}:{}", r.start, r.end)).collect();
            output::note(&format!("lost: region {}: {}", ranges.join(","), chunk.error));
        }
        let outcome = if damaged.is_empty() { Outcome::Done } else { Outcome::DoesNotHold };
        Ok((array, outcome))
    }
}

/// Boxes that follow each other in the file, as thick as a chunk.
fn layers(shape: Shape, chunk: Shape) -> Vec<Vec<Range<usize>>> {
    let whole: Vec<Range<usize>> = shape.sides().iter().map(|&side| 0..side).collect();
    let Some(axis) = shape.sides().iter().position(|&side| side > 1) else { return vec![whole] };
    let (side, thick) = (shape.sides()[axis], chunk.sides()[axis].max(1));
    let layer = |begin: usize| {
        let mut layer = whole.clone();
        layer[axis] = begin..side.min(begin + thick);
        layer
    };
    (0..side).step_by(thick).map(layer).collect()
}

/// Whether the other end of the pipe went away.
fn hung_up(error: &tolzip_io::Error) -> bool {
    matches!(error.problem(), tolzip_io::Problem::System(e) if e.kind() == std::io::ErrorKind::BrokenPipe)
}

/// What a stream may unpack to: a hostile one is small and claims much.
pub(crate) fn limits(asked: Option<u64>, bytes: &[u8]) -> Limits {
    let default = Limits::default().max_bytes.max((bytes.len() as u64).saturating_mul(1000));
    Limits::bytes(asked.unwrap_or(default))
}

/// The error, with the flag that helps.
pub(crate) fn explain(error: &tolzip::Error) -> String {
    use tolzip::DecodeError;
    match error {
        tolzip::Error::Decode(DecodeError::Chunk { of: 2.., .. }) => format!("{error} (with --salvage)"),
        tolzip::Error::Decode(DecodeError::Limit { .. }) => format!("{error} (with --limit BYTES)"),
        _ => error.to_string(),
    }
}

fn default_output(input: &Path) -> Result<PathBuf> {
    if input == Path::new("-") || input.extension() == Some(OsStr::new("tlz")) {
        return Ok(input.with_extension(""));
    }
    if input.extension() == Some(OsStr::new("zfp")) {
        return Ok(input.with_extension("npy"));
    }
    Err(Failure::new(format!("{} does not end with .tlz: say with -o where to write", input.display())))
}

/// By the output's name; on a standard stream by the input's, and npy where that says nothing either.
fn format_of(output: &Path, input: &Path) -> Format {
    if output != Path::new("-") {
        return Format::from_name(&tolzip_io::split_member(output).0);
    }
    let unpacked = input.with_extension("");
    if input == Path::new("-") || unpacked.extension().is_none() {
        Format::Npy
    } else {
        Format::from_name(&unpacked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_the_format() {
        let format = |output: &str, input: &str| format_of(Path::new(output), Path::new(input));
        assert_eq!(format("x.npy", "x.tlz"), Format::Npy);
        assert_eq!(format("x.npz:name", "x.tlz"), Format::Npz);
        assert_eq!(format("x.f32", "x.npy.tlz"), Format::Raw);
        assert_eq!(format("-", "x.f32.tlz"), Format::Raw);
        assert_eq!(format("-", "x.tlz"), Format::Npy);
        assert_eq!(format("-", "-"), Format::Npy);
    }

    #[test]
    fn layers_follow_each_other() {
        let shape = |sides: &[usize]| Shape::new(sides).unwrap();
        assert_eq!(
            layers(shape(&[1, 5, 3]), shape(&[1, 2, 2])),
            [[0..1, 0..2, 0..3], [0..1, 2..4, 0..3], [0..1, 4..5, 0..3]]
        );
        assert_eq!(layers(shape(&[7, 1]), shape(&[4, 1])), [[0..4, 0..1], [4..7, 0..1]]);
        assert_eq!(layers(shape(&[]), shape(&[])), [vec![]]);
        assert_eq!(layers(shape(&[1, 1]), shape(&[1, 1])), [[0..1, 0..1]]);
    }

    #[test]
    fn outputs_are_named_after_streams() {
        assert_eq!(default_output(Path::new("a/x.npy.tlz")).unwrap(), Path::new("a/x.npy"));
        assert_eq!(default_output(Path::new("-")).unwrap(), Path::new("-"));
        assert!(default_output(Path::new("x.npy")).is_err());
    }
}

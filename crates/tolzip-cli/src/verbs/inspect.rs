//! `tolzip inspect`

use super::decompress::explain;
use crate::args::bound;
use crate::codecs;
use crate::failure::{Failure, Outcome, Result};
use crate::output;
use crate::record::BoundRecord;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use tolzip::{Limits, Stream};

/// Show what a stream holds and how it was made, and check its checksums
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  tolzip inspect field.npy.tlz --chunks")]
pub(crate) struct Inspect {
    /// A tolzip stream, or - (standard input)
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// List every chunk
    #[arg(long)]
    chunks: bool,
    /// Print JSON (with every chunk)
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Record {
    file: String,
    format_version: String,
    dtype: &'static str,
    shape: Vec<usize>,
    method: String,
    bound: BoundRecord,
    axis: Option<usize>,
    fill_value: Option<f64>,
    source_rows: Option<u64>,
    /// What was reached, for a bound of the array as a whole.
    reached: Option<f64>,
    masked: bool,
    max_abs_error: f64,
    raw_bytes: u64,
    compressed_bytes: u64,
    ratio: f64,
    bits_per_value: f64,
    chunk_shape: Vec<usize>,
    damaged_chunks: usize,
    chunks: Vec<ChunkRecord>,
}

#[derive(Serialize)]
struct ChunkRecord {
    index: usize,
    bytes: u32,
    crc32c: String,
    intact: bool,
    codec: Option<u8>,
    codec_name: Option<&'static str>,
    bound_abs: Option<f64>,
}

impl Inspect {
    pub(crate) fn run(self) -> Result<Outcome> {
        let bytes = tolzip_io::read_bytes(&self.input)?;
        let stream =
            Stream::open(&bytes, Limits::default()).map_err(|e| Failure::at(&self.input, explain(&e)))?;
        let info = stream.info();
        let chunks: Vec<ChunkRecord> = (0..info.chunks)
            .filter_map(|index| {
                let chunk = stream.chunk(index)?;
                Some(ChunkRecord {
                    index,
                    bytes: chunk.bytes,
                    crc32c: format!("{:08x}", chunk.crc),
                    intact: chunk.whole,
                    codec: chunk.codec,
                    codec_name: chunk.codec_name,
                    bound_abs: chunk.bound,
                })
            })
            .collect();
        // The rows that a sample leaves out were there before: they count, as they do in `compress` and `verify`.
        let raw_bytes = match (info.source_rows, info.shape.sides().first()) {
            (Some(rows), Some(&kept)) if kept > 0 => (info.raw_bytes / kept as u64).saturating_mul(rows),
            _ => info.raw_bytes,
        };
        let record = Record {
            file: self.input.display().to_string(),
            format_version: format!("{}.{}", info.version.0, info.version.1),
            dtype: info.dtype.name(),
            shape: info.shape.sides().to_vec(),
            method: info.method.clone(),
            bound: info.bound.into(),
            axis: info.axis,
            fill_value: info.fill_value,
            source_rows: info.source_rows,
            reached: info.reached.filter(|r| r.is_finite()),
            masked: info.masked,
            max_abs_error: info.max_error,
            raw_bytes,
            compressed_bytes: info.compressed_bytes,
            ratio: raw_bytes as f64 / info.compressed_bytes as f64,
            bits_per_value: info.compressed_bytes as f64 * 8.0
                / (raw_bytes / info.dtype.size() as u64) as f64,
            chunk_shape: info.chunk.sides().to_vec(),
            damaged_chunks: chunks.iter().filter(|c| !c.intact).count(),
            chunks,
        };
        if self.json {
            output::json(&record)?;
        } else {
            let mut bound = bound::text(info.bound);
            if let Some(axis) = info.axis {
                bound.push_str(&format!(", for each index of axis {axis}"));
            }
            self.print(&record, &codecs::told(&info.method, &stream), &bound)?;
        }
        Ok(if record.damaged_chunks == 0 { Outcome::Done } else { Outcome::DoesNotHold })
    }

    fn print(&self, record: &Record, method: &str, bound: &str) -> Result<()> {
        let sides = |sides: &[usize]| sides.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
        let mut lines = vec![
            ("file", format!("{} (format {})", record.file, record.format_version)),
            ("array", format!("{} of {}", sides(&record.shape), record.dtype)),
            ("method", method.to_owned()),
            ("bound", bound.to_owned()),
            (
                "largest error",
                format!("{} (found when it was written)", output::number(record.max_abs_error)),
            ),
        ];
        lines.extend(record.reached.map(|r| ("reached", output::number(r))));
        if record.masked {
            lines.push(("NaN, infinities", "became one NaN".to_owned()));
        }
        lines.extend(record.fill_value.map(|v| ("fill value", v.to_string())));
        lines.extend(record.source_rows.map(|n| ("sample", format!("{} of {n} rows", record.shape[0]))));
        lines.push((
            "size",
            format!(
                "{} -> {}, ratio {:.2}, {:.3} bits a value",
                output::bytes(record.raw_bytes),
                output::bytes(record.compressed_bytes),
                record.ratio,
                record.bits_per_value
            ),
        ));
        lines.push(("chunks", format!("{} of up to {}", record.chunks.len(), sides(&record.chunk_shape))));
        lines.push((
            "checksums",
            match record.damaged_chunks {
                0 => "all match".to_owned(),
                n => format!("{n} of {} chunks are damaged", record.chunks.len()),
            },
        ));
        for (name, text) in lines {
            output::line(&format!("{name:<14} {text}"))?;
        }
        if self.chunks {
            let mut table = output::Table::new(["chunk", "bytes", "codec", "bound", "crc32c", "state"]);
            for c in &record.chunks {
                table.row([
                    c.index.to_string(),
                    c.bytes.to_string(),
                    match (c.codec_name, c.codec) {
                        (Some(name), _) => name.to_owned(),
                        (None, Some(number)) => number.to_string(),
                        (None, None) => "-".to_owned(),
                    },
                    output::maybe(c.bound_abs),
                    c.crc32c.clone(),
                    if c.intact { "intact" } else { "damaged" }.to_owned(),
                ]);
            }
            table.print()?;
        }
        Ok(())
    }
}

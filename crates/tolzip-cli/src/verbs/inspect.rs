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
    /// Its bit pattern, in hexadecimal: a NaN is told from another by it.
    fill_bits: Option<String>,
    source_rows: Option<u64>,
    row_index_bytes: usize,
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
    /// Why a chunk whose checksum matches can't be read by this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<String>,
    codec: Option<u8>,
    codec_name: Option<&'static str>,
    bound_abs: Option<f64>,
    max_abs_error: Option<f64>,
    /// Bytes of what a chunk is made of: the codec's, and of the sections beside it.
    payload_bytes: Option<usize>,
    specials_bytes: Option<usize>,
    corrections_bytes: Option<usize>,
    /// What the payload and the sections beside it say before what is coded.
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    name: &'static str,
    value: String,
}

impl Inspect {
    pub(crate) fn run(self) -> Result<Outcome> {
        let bytes = tolzip_io::read_bytes(&self.input)?;
        let stream =
            Stream::open(&bytes, Limits::default()).map_err(|e| Failure::at(&self.input, explain(&e)))?;
        let info = stream.info();
        let chunks: Vec<ChunkRecord> = (0..info.chunks)
            .filter_map(|index| {
                let (chunk, fields) = (stream.chunk(index)?, stream.fields(index));
                Some(ChunkRecord {
                    index,
                    bytes: chunk.bytes,
                    crc32c: format!("{:08x}", chunk.crc),
                    intact: chunk.whole,
                    codec: chunk.codec,
                    codec_name: chunk.codec_name,
                    bound_abs: chunk.bound,
                    max_abs_error: chunk.max_error,
                    payload_bytes: chunk.payload,
                    specials_bytes: chunk.specials,
                    corrections_bytes: chunk.corrections,
                    unreadable: fields.as_ref().err().filter(|_| chunk.whole).map(ToString::to_string),
                    fields: fields
                        .unwrap_or_default()
                        .into_iter()
                        .map(|(name, value)| Field { name, value })
                        .collect(),
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
            fill_bits: info.fill_bits.map(|bits| format!("{bits:x}")),
            source_rows: info.source_rows,
            row_index_bytes: info.row_index_bytes,
            reached: info.reached.filter(|r| r.is_finite()),
            masked: info.masked,
            max_abs_error: info.max_error,
            raw_bytes,
            compressed_bytes: info.compressed_bytes,
            ratio: raw_bytes as f64 / info.compressed_bytes as f64,
            bits_per_value: info.compressed_bytes as f64 * 8.0
                / (raw_bytes / info.dtype.size() as u64) as f64,
            chunk_shape: info.chunk.sides().to_vec(),
            damaged_chunks: chunks.iter().filter(|c| !c.intact || c.unreadable.is_some()).count(),
            chunks,
        };
        if self.json {
            output::json(&record)?;
        } else {
            let mut bound = bound::text(info.bound);
            if let Some(axis) = info.axis {
                bound.push_str(&format!(", for each index of axis {axis}"));
            }
            self.print(&record, &codecs::told(&info.method, &codecs::counts(&stream)), &bound)?;
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
        if let (Some(value), Some(bits)) = (record.fill_value, &record.fill_bits) {
            // Integers of 64 bits are not all f64.
            let exact = u64::from_str_radix(bits, 16).ok().and_then(|bits| match record.dtype {
                "i64" => Some(bits.cast_signed().to_string()),
                "u64" => Some(bits.to_string()),
                _ => None,
            });
            lines.push((
                "fill value",
                format!("{} (bits {bits})", exact.unwrap_or_else(|| value.to_string())),
            ));
        }
        if let Some(rows) = record.source_rows {
            let index = match record.row_index_bytes {
                0 => String::new(),
                bytes => format!(", their index in {bytes} bytes"),
            };
            lines.push(("sample", format!("{} of {rows} rows{index}", record.shape[0])));
        }
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
                n => format!("{n} of {} chunks can't be read", record.chunks.len()),
            },
        ));
        for c in &record.chunks {
            lines.extend(c.unreadable.as_ref().map(|why| ("unreadable", why.clone())));
        }
        for (name, text) in lines {
            output::line(&format!("{name:<14} {text}"))?;
        }
        if self.chunks {
            let mut table = output::Table::new([
                "chunk",
                "bytes",
                "codec",
                "payload",
                "specials",
                "corrections",
                "bound",
                "largest error",
                "crc32c",
                "state",
            ]);
            let bytes = |n: Option<usize>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
            for c in &record.chunks {
                table.row([
                    c.index.to_string(),
                    c.bytes.to_string(),
                    match (c.codec_name, c.codec) {
                        (Some(name), _) => name.to_owned(),
                        (None, Some(number)) => number.to_string(),
                        (None, None) => "-".to_owned(),
                    },
                    bytes(c.payload_bytes),
                    bytes(c.specials_bytes),
                    bytes(c.corrections_bytes),
                    output::maybe(c.bound_abs),
                    output::maybe(c.max_abs_error),
                    c.crc32c.clone(),
                    match (c.intact, &c.unreadable) {
                        (true, None) => "intact",
                        (true, Some(_)) => "unreadable",
                        (false, _) => "damaged",
                    }
                    .to_owned(),
                ]);
            }
            table.print()?;
            output::line("")?;
            for c in record.chunks.iter().filter(|c| !c.fields.is_empty()) {
                let told: Vec<String> =
                    c.fields.iter().map(|field| format!("{}: {}", field.name, field.value)).collect();
                output::line(&format!("chunk {}: {}", c.index, told.join(", ")))?;
            }
        }
        Ok(())
    }
}

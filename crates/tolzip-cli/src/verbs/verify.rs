//! `tolzip verify`

use super::decompress::{explain, limits};
use crate::args::{InputArgs, bound};
use crate::compare::{Promise, compare, expected};
use crate::failure::{Failure, Outcome, Result};
use crate::output;
use crate::record::BoundRecord;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use tolzip::{Bound, DType, Shape, Stream};
use tolzip_io::{Format, Hints};

/// Decompress and compare with the original: does the bound hold? Exit code 1 if it does not
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  tolzip verify field.npy field.npy.tlz")]
pub(crate) struct Verify {
    /// The original (a raw file is taken to have the stream's type and shape)
    original: PathBuf,
    /// The tolzip stream made from it
    compressed: PathBuf,
    #[command(flatten)]
    form: InputArgs,
    /// NaN and infinities may come back as any NaN, as `compress --non-finite mask` makes them
    #[arg(long)]
    masked: bool,
    /// The most bytes to unpack [default: 4 GiB, or 1000 times the stream]
    #[arg(long, value_name = "BYTES")]
    limit: Option<u64>,
    /// Number of threads, 0 for all cores
    #[arg(short = 'T', long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Record {
    ok: bool,
    n: u64,
    max_abs_error: f64,
    max_rel_error: Option<f64>,
    max_pw_rel_error: Option<f64>,
    rmse: f64,
    mean_error: Option<f64>,
    psnr: Option<f64>,
    value_range: f64,
    ratio: f64,
    non_finite_mismatches: u64,
    misses: u64,
    reached: bool,
    bound: BoundRecord,
}

impl Verify {
    pub(crate) fn run(self) -> Result<Outcome> {
        let bytes = tolzip_io::read_bytes(&self.compressed)?;
        let failed = |e| Failure::at(&self.compressed, explain(&e));
        let stream = Stream::open(&bytes, limits(self.limit, &bytes)).map_err(failed)?;
        let info = stream.info();
        let original = self.read_original(info.dtype, info.shape)?;
        let decoded = stream.decode_any(self.threads).map_err(failed)?;
        let found = compare(&*expected(&original, &info)?, &decoded, Promise::of(&info, self.masked))?;
        let record = Record {
            ok: found.ok(),
            n: found.n,
            max_abs_error: found.max_abs_error,
            max_rel_error: found.max_rel_error,
            max_pw_rel_error: found.max_pw_rel_error,
            rmse: found.rmse,
            mean_error: Some(found.mean_error).filter(|m| m.is_finite()),
            psnr: found.psnr,
            value_range: found.value_range,
            ratio: original.byte_len() as f64 / bytes.len() as f64,
            non_finite_mismatches: found.non_finite_mismatches,
            misses: found.misses,
            reached: found.reached,
            bound: info.bound.into(),
        };
        if self.json {
            output::json(&record)?;
        } else {
            record.print(info.bound)?;
        }
        Ok(if record.ok { Outcome::Done } else { Outcome::DoesNotHold })
    }

    /// The original; the stream says what a raw file holds.
    fn read_original(&self, dtype: DType, shape: Shape) -> Result<tolzip::AnyArray> {
        let path = tolzip_io::split_member(&self.original).0;
        let Hints { dtype: asked, shape: given, .. } = self.form.hints();
        let hints = match Format::from_name(&path) {
            Format::Raw => Hints::new(asked.or(Some(dtype)), given.or(Some(shape))),
            // 16-bit integers in a npy file may stand for bfloat16.
            _ => Hints::new(asked.or((dtype == DType::Bf16).then_some(dtype)), given),
        };
        Ok(tolzip_io::read_array(&self.original, hints)?)
    }
}

impl Record {
    fn print(&self, asked: Bound) -> Result<()> {
        let bound = bound::text(asked);
        let verdict = if self.ok && asked == Bound::Knob {
            "none was asked for".to_owned()
        } else if self.ok {
            format!("holds: {bound}")
        } else {
            format!(
                "BROKEN: {bound}, {} of {} values miss it, {} NaN or infinities differ{}",
                self.misses,
                self.n,
                self.non_finite_mismatches,
                if self.reached { "" } else { ", the whole does not reach it" }
            )
        };
        let psnr = self.psnr.map_or_else(|| "-".to_owned(), |db| format!("{db:.2} dB"));
        for (name, text) in [
            ("bound", verdict),
            ("values", self.n.to_string()),
            ("largest error", output::number(self.max_abs_error)),
            ("  of the range", output::maybe(self.max_rel_error)),
            ("  of the value", output::maybe(self.max_pw_rel_error)),
            ("rmse", output::number(self.rmse)),
            ("mean error", output::maybe(self.mean_error)),
            ("psnr", psnr),
            ("value range", output::number(self.value_range)),
            ("ratio", format!("{:.2}", self.ratio)),
        ] {
            output::line(&format!("{name:<15} {text}"))?;
        }
        Ok(())
    }
}

//! A finished study, and its file.

use super::outcome::Outcome;
use super::speeds::Speed;
use crate::files::replace;
use crate::reduce::BoundSpec;
use crate::report::Picture;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;

/// A finished search, with all that a report needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Study {
    /// What was found: the JSON of `tolzip search`.
    pub outcome: Outcome,
    /// What is needed to repeat it.
    pub provenance: Provenance,
    /// Compression alone: every setting that was tried.
    pub sweep: Vec<SweepPoint>,
    /// Slices before and after.
    pub pictures: Vec<Picture>,
    /// How fast the recommended settings are.
    #[serde(default)]
    pub speeds: Vec<Speed>,
    /// What went wrong beside the trainings: files that could not be written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What is needed to repeat a study.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Provenance {
    /// The application's id.
    pub app: String,
    /// Its summary.
    pub summary: String,
    /// Its data.
    pub data: String,
    /// Its model.
    pub model: String,
    /// Its metric.
    pub metric: String,
    /// Whether larger is better.
    pub maximize: bool,
    /// Name, type and shape of each training array.
    pub arrays: Vec<String>,
    /// Columns of the first training array that stayed as they are.
    #[serde(default)]
    pub keep: Vec<usize>,
    /// SHA-256 of the training arrays (types, shapes and values).
    pub data_sha256: String,
    /// The compressor and its version.
    pub reducer: String,
    /// Seeds per setting: 0 to this number, and as many again where something was checked.
    pub seeds: u64,
    /// The main margin of loss.
    pub loss: f64,
    /// The command line, if there was one.
    pub command: String,
    /// Operating system and architecture.
    pub machine: String,
    /// Seconds that the search took, this time.
    pub seconds: f64,
}

/// A setting and its compression.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SweepPoint {
    /// The method-and-mode pair.
    pub mode: String,
    /// The method.
    pub method: String,
    /// The bound.
    pub bound: BoundSpec,
    /// Compression ratio.
    pub ratio: f64,
}

impl Provenance {
    /// The arguments of `tolzip compress` that do what this setting does: also `--keep` where columns stayed as they are.
    #[must_use]
    pub fn arguments(&self, method: &str, bound: &BoundSpec) -> String {
        let mut text = format!("--method {method} {bound}").trim_end().to_owned();
        if !self.keep.is_empty() && bound.kind != "lossless" && !method.starts_with("sample") {
            let numbers: Vec<String> = self.keep.iter().map(ToString::to_string).collect();
            text = format!("{text} --keep {}", numbers.join(","));
        }
        text
    }
}

impl Study {
    /// Writes `search.json` into a folder.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        replace(&folder.join("search.json"), serde_json::to_vec_pretty(self)?)
    }

    /// Reads `search.json` of a folder.
    ///
    /// # Errors
    /// Whatever the file system says, and [`io::ErrorKind::InvalidData`] if the file is something else.
    pub fn load(folder: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(folder.join("search.json"))?)?)
    }
}

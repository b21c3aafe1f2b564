//! The report of a study: one page that needs no network.

use crate::apps::Application;
use crate::reduce::Reducer;
use crate::search::{Outcome, Study};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// A slice of the data before and after, as PNG data URIs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Picture {
    /// The setting.
    pub setting: String,
    /// What else to say under it.
    pub caption: String,
    /// The original.
    pub before: String,
    /// The reconstruction.
    pub after: String,
    /// Their difference.
    pub difference: String,
}

pub(crate) fn pictures(_: &dyn Application, _: &dyn Reducer, _: &Outcome) -> Vec<Picture> {
    Vec::new()
}

/// Writes `report.html` into a folder.
///
/// # Errors
/// Whatever the file system says.
pub fn write(folder: &Path, study: &Study) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("report.html"), serde_json::to_string(&study.outcome)?)
}

//! `tolzip report`

use crate::failure::{Failure, Outcome, Result};
use crate::output;
use clap::Args;
use std::path::PathBuf;
use tolzip_eval::{Study, report};

/// Write the report of a finished search anew
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  tolzip report digits-study")]
pub(crate) struct Report {
    /// The folder that `tolzip search -o DIR` filled
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Report {
    pub(crate) fn run(self) -> Result<Outcome> {
        let study = Study::load(&self.folder).map_err(|e| {
            Failure::new(format!("{}: no finished search in there: {e}", self.folder.display()))
        })?;
        report::write(&self.folder, &study).map_err(|e| Failure::at(&self.folder, e))?;
        output::note(&format!("{}", self.folder.join("report.html").display()));
        Ok(Outcome::Done)
    }
}

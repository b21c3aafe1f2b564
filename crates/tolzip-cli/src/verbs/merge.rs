//! `tolzip merge`

use super::search::{ARGUMENTS, Search};
use crate::failure::{Failure, Outcome, Result};
use crate::output;
use clap::{Args, Parser};
use std::path::PathBuf;

/// Join the trainings of shards of one search, and write its report. Exit code 1 if no setting is safe
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    tolzip merge study -o result\n  \
    tolzip merge node1/study node2/study -o result\n\n\
    The search itself is taken from the first folder, and run in OUT: what was trained is found, what is missing is trained.")]
pub(crate) struct Merge {
    /// Folders that `tolzip search --shard i/n -o DIR` filled
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// Folder for the joined trainings, the report and the tables
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A search as its arguments describe it.
#[derive(Parser)]
struct Again {
    #[command(flatten)]
    search: Search,
}

impl Merge {
    pub(crate) fn run(self) -> Result<Outcome> {
        let path = self.folders[0].join(ARGUMENTS);
        let text = std::fs::read(&path).map_err(|e| Failure::at(&path, e))?;
        let arguments: Vec<String> = serde_json::from_slice(&text).map_err(|e| Failure::at(&path, e))?;
        let again = Again::try_parse_from(arguments).map_err(|e| Failure::at(&path, e))?;
        let count = tolzip_eval::search::merge(&self.folders, &self.output)
            .map_err(|e| Failure::new(e.to_string()))?;
        output::note(&format!("{count} trainings in {}", self.output.join("store.jsonl").display()));
        again.search.into_whole(self.output, self.json).run()
    }
}

//! The verbs, one per file.

mod apps;
mod bench;
mod compress;
mod curves;
mod decompress;
mod demo;
mod inspect;
mod io;
mod merge;
mod methods;
mod report;
mod search;
mod study;
mod verify;

use crate::failure::{Outcome, Result};
use clap::Subcommand;

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    Compress(compress::Compress),
    Decompress(decompress::Decompress),
    Inspect(inspect::Inspect),
    Verify(verify::Verify),
    Bench(bench::Bench),
    Methods(methods::Methods),
    Apps(apps::Apps),
    Search(search::Search),
    Report(report::Report),
    Merge(merge::Merge),
    Study(study::Study),
    Io(io::Io),
    Demo(demo::Demo),
}

impl Verb {
    pub(crate) fn run(self) -> Result<Outcome> {
        match self {
            Self::Compress(verb) => verb.run(),
            Self::Decompress(verb) => verb.run(),
            Self::Inspect(verb) => verb.run(),
            Self::Verify(verb) => verb.run(),
            Self::Bench(verb) => verb.run(),
            Self::Methods(verb) => verb.run(),
            Self::Apps(verb) => verb.run(),
            Self::Search(verb) => verb.run(),
            Self::Report(verb) => verb.run(),
            Self::Merge(verb) => verb.run(),
            Self::Study(verb) => verb.run(),
            Self::Io(verb) => verb.run(),
            Self::Demo(verb) => verb.run(),
        }
    }
}

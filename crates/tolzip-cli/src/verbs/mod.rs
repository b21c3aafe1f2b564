//! The verbs, one per file.

mod bench;
mod compress;
mod decompress;
mod inspect;
mod methods;
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
        }
    }
}

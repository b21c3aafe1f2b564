//! What a verb ends with, and the exit code that scripts see.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

/// How a verb ended that did what it could.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Exit code 0.
    Done,
    /// The thing asked for does not hold: exit code 1.
    DoesNotHold,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::DoesNotHold => 1,
        })
    }
}

/// Why a verb could not do its work: wrong usage or an input that can't be read. Exit code 2.
#[derive(Debug)]
pub(crate) struct Failure(String);

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A failure that a file is to blame for.
    pub(crate) fn at(path: &Path, error: impl Display) -> Self {
        Self(format!("{}: {error}", path.display()))
    }

    pub(crate) fn message(&self) -> &str {
        &self.0
    }
}

impl From<tolzip_io::Error> for Failure {
    fn from(e: tolzip_io::Error) -> Self {
        Self(match e.problem() {
            tolzip_io::Problem::Exists => format!("{} exists already; -f overwrites it", e.path().display()),
            tolzip_io::Problem::Undescribed { .. } => {
                format!("{e} (as in --dtype f32 --shape 100x500x500, slow to fast)")
            }
            _ => e.to_string(),
        })
    }
}

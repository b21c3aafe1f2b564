//! The search: which settings keep the quality of a model, at the largest ratio, in few trainings.

mod candidates;
mod front;
mod hunt;
mod narrow;
mod outcome;
mod plan;
mod run;
mod speeds;
mod stats;
mod study;
mod summary;
mod trainer;

#[cfg(test)]
mod planted;

pub use hunt::hypervolume;
pub use outcome::{Baseline, Edge, FailedTraining, Fall, Outcome, Point, Quality, Recommendation, Refusal};
pub use speeds::Speed;
pub use study::{Provenance, Study, SweepPoint};

use crate::apps::{Application, Failure, Part};
use crate::reduce::{Reducer, Setting};
use crate::store::{Shard, Store};
use rayon::prelude::*;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tolzip_core::Scope;

/// The margins of loss that every study answers for, besides the one it was asked for.
const MARGINS: [f64; 3] = [0.001, 0.01, 0.05];

/// What a search is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Compressing only.
    Sweep,
    /// Training.
    Train,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// Settings tried, or trainings done.
    pub done: u64,
    /// How many there will be at most, if that is known.
    pub total: Option<u64>,
}

/// How much may be spent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Budget {
    /// Trainings, those found in the store included.
    pub(crate) trainings: Option<u64>,
    /// Seconds from the start on; a training that has begun is finished.
    pub(crate) seconds: Option<f64>,
}

/// Why there is no result at all.
#[derive(Debug)]
#[non_exhaustive]
pub enum SearchError {
    /// The application fails on the data as they are.
    Baseline(Failure),
    /// The budget ends before the baseline is known.
    Budget,
    /// None of the methods can reduce these data.
    NoMethod,
    /// The store, or another file, can't be read or written.
    Io(io::Error),
    /// The threads could not be started.
    Threads(String),
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Baseline(failure) => {
                write!(f, "training on the data as they are fails: {}", failure.message)?;
                if failure.output.is_empty() { Ok(()) } else { write!(f, "\n{}", failure.output) }
            }
            Self::Budget => write!(f, "the budget ends before the baseline is known"),
            Self::NoMethod => write!(f, "none of the methods can reduce these data"),
            Self::Io(e) => write!(f, "{e}"),
            Self::Threads(e) => write!(f, "cannot start threads: {e}"),
        }
    }
}

impl std::error::Error for SearchError {}

impl From<io::Error> for SearchError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

/// Joins the trainings in several folders to one store in another; how many there are then. A search in that folder finds
/// them.
///
/// # Errors
/// Whatever the file system says, and [`io::ErrorKind::NotFound`] for a folder without trainings.
pub fn merge(folders: &[PathBuf], target: &Path) -> io::Result<usize> {
    Store::merge(folders, target)
}

/// Mean relative losses of settings with these seeds, against the baseline with the same ones; `None` where a training
/// fails. Compresses with tolzip's own methods, on all cores.
///
/// # Errors
/// [`SearchError::Baseline`].
pub fn losses(
    app: &dyn Application,
    settings: &[Setting],
    seeds: Range<u64>,
) -> Result<Vec<Option<f64>>, SearchError> {
    let raw: Vec<Part> = app.arrays().iter().map(Part::from).collect();
    let train = |parts: &[Part]| -> Result<Vec<f64>, Failure> {
        seeds.clone().into_par_iter().map(|seed| app.train(parts, seed)).collect()
    };
    let base = train(&raw).map_err(SearchError::Baseline)?;
    let mean = (base.iter().sum::<f64>() / base.len() as f64).abs();
    let sign = if app.maximize() { 1.0 } else { -1.0 };
    Ok(settings
        .iter()
        .map(|setting| {
            let (_, parts) = candidates::parts(&crate::facade::Tolzip, app.arrays(), setting).ok()?;
            let all = train(&parts).ok()?;
            let sum: f64 = base.iter().zip(&all).map(|(b, q)| sign * (b - q)).sum();
            Some(sum / base.len() as f64 / mean)
        })
        .collect())
}

/// A search, to be set up and run.
///
/// ```no_run
/// use tolzip_eval::{Search, apps, report};
/// let app = apps::get("digits").unwrap();
/// let study = Search::new(app.as_ref()).loss(0.01).seconds(30.0).folder("study".as_ref()).run()?;
/// println!("{}", serde_json::to_string(&study.outcome).unwrap());
/// report::write("study".as_ref(), &study)?;
/// # Ok::<(), tolzip_eval::search::SearchError>(())
/// ```
pub struct Search<'a> {
    app: &'a dyn Application,
    reducer: Option<&'a dyn Reducer>,
    methods: Option<Vec<String>>,
    scopes: Option<Vec<Scope>>,
    loss: f64,
    seeds: u64,
    budget: Budget,
    threads: usize,
    folder: Option<PathBuf>,
    grid: Option<usize>,
    shard: Option<Shard>,
    command: String,
    progress: Box<dyn Fn(&Progress) + Sync + 'a>,
}

impl<'a> Search<'a> {
    /// A search over all methods, for a loss of 1 %, with five seeds, within 400 trainings, on all cores.
    #[must_use]
    pub fn new(app: &'a dyn Application) -> Self {
        Self {
            app,
            reducer: None,
            methods: None,
            scopes: None,
            loss: 0.01,
            seeds: 5,
            budget: Budget { trainings: Some(400), seconds: None },
            threads: 0,
            folder: None,
            grid: None,
            shard: None,
            command: String::new(),
            progress: Box::new(|_| {}),
        }
    }

    /// Compresses by something else than tolzip's own methods.
    #[must_use]
    pub fn reducer(mut self, reducer: &'a dyn Reducer) -> Self {
        self.reducer = Some(reducer);
        self
    }

    /// Only these methods: a family (`predict`), a method with settings (`predict:predictor=lorenzo`), or one mode of it
    /// (`predict rel`; `predict psnr`, `predict l2` and `predict ratio` only so).
    #[must_use]
    pub fn methods(mut self, methods: &[impl AsRef<str>]) -> Self {
        self.methods = Some(methods.iter().map(|m| m.as_ref().to_owned()).collect());
        self
    }

    /// Only this scope of bounds, instead of all that the application names.
    #[must_use]
    pub fn by(mut self, scope: Scope) -> Self {
        self.scopes = Some(vec![scope]);
        self
    }

    /// The margin of loss, relative to the baseline, at which cliffs are looked for: 0.01 is one percent.
    #[must_use]
    pub fn loss(mut self, loss: f64) -> Self {
        self.loss = loss;
        self
    }

    /// Seeds per setting, at least 3; what is recommended or suspicious gets as many fresh ones again.
    #[must_use]
    pub fn seeds(mut self, seeds: u64) -> Self {
        self.seeds = seeds.max(3);
        self
    }

    /// The most trainings, baseline and those in the store included.
    #[must_use]
    pub fn trainings(mut self, trainings: u64) -> Self {
        self.budget.trainings = Some(trainings);
        self
    }

    /// The most seconds. Without a number of trainings the time alone ends the search.
    #[must_use]
    pub fn seconds(mut self, seconds: f64) -> Self {
        self.budget.seconds = Some(seconds);
        self
    }

    /// No limit on the number of trainings: until everything is bracketed, or the time is over.
    #[must_use]
    pub fn unlimited(mut self) -> Self {
        self.budget.trainings = None;
        self
    }

    /// Trainings at a time; 0 for one per core. For a command that uses all cores itself, 1.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Keeps every training in `store.jsonl` of this folder, and finds those of earlier runs there.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Makes this one of `count` processes, number `index` from 0, that search together in one [`folder`](Self::folder), on
    /// any machines that see it. Each trains its share of every round and waits for the others' results; what nobody delivers
    /// for a while it trains itself. All of them come to the result that one process alone would.
    #[must_use]
    pub fn shard(mut self, index: usize, count: usize) -> Self {
        self.shard = Some(Shard { index, count: count.max(1) });
        self
    }

    /// In place of a search, trains on this many settings of every mode, at even steps of its knob, with all seeds: the
    /// exhaustive grid, against which a search can be judged. The number of trainings is not limited.
    #[must_use]
    pub fn grid(mut self, settings: usize) -> Self {
        self.grid = Some(settings);
        self.budget.trainings = None;
        self
    }

    /// The command line that started this, for the report.
    #[must_use]
    pub fn command(mut self, command: &str) -> Self {
        self.command = command.into();
        self
    }

    /// Calls this after every step, from any thread.
    #[must_use]
    pub fn progress(mut self, progress: impl Fn(&Progress) + Sync + 'a) -> Self {
        self.progress = Box::new(progress);
        self
    }

    /// Searches.
    ///
    /// # Errors
    /// [`SearchError`]. A training that fails is none, unless the baseline does; it stands in
    /// [`Outcome::failures`].
    pub fn run(&self) -> Result<Study, SearchError> {
        run::run(self)
    }
}

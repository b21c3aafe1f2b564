//! Applications: models that are trained on compressed data, to see what the compression costs them.
//!
//! An application is a control variable: data split, model, metric and seeds stay as they are, and only the training and
//! validation features change, so that a change of quality is due to the compression alone. Labels are never compressed,
//! nor is the test set.

mod burgers;
mod cells;
mod command;
mod darcy;
mod demand;
mod digits;
mod external;
mod folder;
mod genes;
mod housing;
mod objective;
mod process;
mod reach;
mod score;
mod task;

pub use command::{Command, WriteArray};
pub use external::External;
pub(crate) use folder::dtype;
pub use objective::Objective;
pub use reach::Reach;
pub(crate) use task::Task;

use serde::Serialize;
use std::borrow::Cow;
use tolzip_core::{AnyArray, Scope};

/// One of the arrays that a study compresses.
#[derive(Clone, Debug)]
pub struct TrainingArray {
    /// `train`, `validation`, ...
    pub name: String,
    /// The values; the first axis counts the samples.
    pub array: AnyArray,
    /// Columns that stay as they are: labels, ids and whole numbers of a table.
    pub exact: Vec<usize>,
}

impl TrainingArray {
    /// An array whose values may all change.
    #[must_use]
    pub fn new(name: &str, array: AnyArray) -> Self {
        Self { name: name.into(), array, exact: Vec::new() }
    }

    /// A table, whose columns are looked at: see [`columns`](crate::columns).
    #[must_use]
    pub fn table(name: &str, array: AnyArray) -> Self {
        let exact = crate::columns::exact(&crate::columns::describe(&array));
        Self { name: name.into(), array, exact }
    }
}

/// One of the arrays after it was compressed and decompressed.
#[derive(Clone, Debug)]
pub struct Part {
    /// What decompression returned.
    pub array: AnyArray,
    /// The samples that are left, in order, where the method drops some.
    pub rows: Option<Vec<usize>>,
}

impl From<&TrainingArray> for Part {
    fn from(a: &TrainingArray) -> Self {
        Self { array: a.array.clone(), rows: None }
    }
}

/// A training that gave no quality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong, in a sentence.
    pub message: String,
    /// What the application printed, where it is a program (the end of it, if it is long).
    pub output: String,
}

impl Failure {
    /// A failure without output.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), output: String::new() }
    }
}

/// The baseline as it was measured when the application was added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recorded {
    /// Mean quality over the seeds 0, 1, ...
    pub mean: f64,
    /// Sample standard deviation of it.
    pub std: f64,
    /// Number of seeds.
    pub seeds: u32,
    /// Seconds for one training on one core of a current server.
    pub seconds: f64,
}

/// A model, its data and its metric.
pub trait Application: Send + Sync {
    /// Short name, as `--app` takes it.
    fn id(&self) -> &str;
    /// One line on the task.
    fn summary(&self) -> &str;
    /// The data set and its split.
    fn data(&self) -> &str;
    /// The model and how it is trained.
    fn model(&self) -> &str;
    /// Name of the quality metric.
    fn metric(&self) -> &str;
    /// Whether larger is better.
    fn maximize(&self) -> bool;
    /// The baseline as recorded; `seeds` is 0 if it never was.
    fn recorded(&self) -> Recorded;
    /// The arrays to compress.
    fn arrays(&self) -> &[TrainingArray];
    /// Which scopes of a bound suit the data; studies try them all.
    fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Whole]
    }
    /// Whether methods that drop samples can be used: the application then drops the labels that belong to them.
    fn takes_samples(&self) -> bool {
        true
    }
    /// Whether all seeds give the same: then two qualities that differ, differ.
    fn deterministic(&self) -> bool {
        false
    }
    /// Everything that makes results of two applications of one id differ; part of the store's key.
    fn fingerprint(&self) -> Cow<'_, str> {
        format!("{}|{}|{}|{}", self.id(), self.data(), self.model(), self.metric()).into()
    }
    /// Trains on these arrays, which stand for [`arrays`](Self::arrays) one by one, and tests.
    ///
    /// # Errors
    /// [`Failure`] if no quality came of it; a NaN is one too. The search goes on without it.
    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure>;
    /// The features that quality is measured on, where these can be compressed too.
    fn test(&self) -> Option<TrainingArray> {
        None
    }
    /// As [`train`](Self::train), but tested on features that stand for [`test`](Self::test); what is asked of the model is
    /// the original's.
    ///
    /// # Errors
    /// As [`train`](Self::train).
    fn train_and_test(&self, parts: &[Part], test: Option<&AnyArray>, seed: u64) -> Result<f64, Failure> {
        match test {
            None => self.train(parts, seed),
            Some(_) => Err(Failure::new("the test set of this task can't be replaced")),
        }
    }
}

/// What [`list`] says of an application: the record of `tolzip apps --json`.
#[derive(Clone, Debug, Serialize)]
pub struct AppInfo {
    /// See [`Application::id`].
    pub id: String,
    /// See [`Application::summary`].
    pub summary: String,
    /// See [`Application::data`].
    pub data: String,
    /// See [`Application::model`].
    pub model: String,
    /// See [`Application::metric`].
    pub metric: String,
    /// See [`Application::maximize`].
    pub maximize: bool,
    /// Quality without compression, as recorded.
    pub baseline: BaselineInfo,
    /// Seconds for one training, as recorded.
    pub seconds_per_training: f64,
}

/// See [`Recorded`].
#[derive(Clone, Copy, Debug, Serialize)]
pub struct BaselineInfo {
    /// Mean quality.
    pub mean: f64,
    /// Sample standard deviation over the seeds.
    pub std: f64,
    /// Number of seeds.
    pub seeds: u32,
}

/// Trains a built-in application on its data as they are, with the seeds 0, 1, ...: what [`list`] has on record, measured
/// here and now. Trainings run one after another.
///
/// # Errors
/// The first [`Failure`].
pub fn measure(app: &dyn Application, seeds: u32) -> Result<Recorded, Failure> {
    let parts: Vec<Part> = app.arrays().iter().map(Part::from).collect();
    let start = std::time::Instant::now();
    let all = (0..u64::from(seeds)).map(|s| app.train(&parts, s)).collect::<Result<Vec<f64>, _>>()?;
    let seconds = start.elapsed().as_secs_f64() / f64::from(seeds.max(1));
    let mean = all.iter().sum::<f64>() / f64::from(seeds.max(1));
    let squares: f64 = all.iter().map(|q| (q - mean) * (q - mean)).sum();
    Ok(Recorded { mean, std: (squares / f64::from(seeds.max(2) - 1)).sqrt(), seeds, seconds })
}

/// The built-in applications.
#[must_use]
pub fn list() -> Vec<AppInfo> {
    all().iter().map(|a| info(a.as_ref())).collect()
}

/// The application of this id: a built-in one, or a sub-folder of `$TOLZIP_DATA`.
#[must_use]
pub fn get(id: &str) -> Option<Box<dyn Application>> {
    let built_in = all().into_iter().find(|a| a.id() == id);
    built_in.or_else(|| Some(Box::new(folder::get(id)?)))
}

/// The applications in the sub-folders of `$TOLZIP_DATA` that hold `x_train`, `y_train`, `x_test` and `y_test` as `.npy` files
/// (whatever follows an underscore in their names is ignored) and can be read. None has a baseline on record.
#[must_use]
pub fn found() -> Vec<AppInfo> {
    folder::ids().iter().filter_map(|id| Some(info(&folder::get(id)?))).collect()
}

fn all() -> Vec<Box<dyn Application>> {
    vec![
        Box::new(digits::Digits::new()),
        Box::new(cells::Cells::new()),
        Box::new(housing::Housing),
        Box::new(demand::Demand),
        Box::new(genes::Genes),
        Box::new(burgers::Burgers),
        Box::new(darcy::Darcy),
    ]
}

fn info(app: &dyn Application) -> AppInfo {
    let Recorded { mean, std, seeds, seconds } = app.recorded();
    AppInfo {
        id: app.id().into(),
        summary: app.summary().into(),
        data: app.data().into(),
        model: app.model().into(),
        metric: app.metric().into(),
        maximize: app.maximize(),
        baseline: BaselineInfo { mean, std, seeds },
        seconds_per_training: seconds,
    }
}

/// Also by column for a table with columns that stay as they are.
fn scopes_of(array: &TrainingArray) -> Vec<Scope> {
    if array.exact.is_empty() { vec![Scope::Whole] } else { vec![Scope::Whole, Scope::Column] }
}

/// The labels of the samples that a part still has.
fn kept<T: Copy>(labels: &[T], part: &Part) -> Result<Vec<T>, Failure> {
    let kept = match &part.rows {
        None => labels.to_vec(),
        Some(rows) => rows
            .iter()
            .map(|&r| {
                labels.get(r).copied().ok_or_else(|| Failure::new("a sample that the data do not have"))
            })
            .collect::<Result<_, _>>()?,
    };
    let samples = part.array.shape().sides().first().copied().unwrap_or(0);
    if kept.len() == samples {
        Ok(kept)
    } else {
        Err(Failure::new(format!("{samples} samples, but labels of {}", kept.len())))
    }
}

/// The labels of the samples that a part still has, all of `classes` classes among them: what a model never saw it can't tell,
/// and a quality would speak of that, not of the data.
fn kept_classes(labels: &[usize], part: &Part, classes: usize) -> Result<Vec<usize>, Failure> {
    let kept = kept(labels, part)?;
    all_classes(&kept, classes)?;
    Ok(kept)
}

/// Whether every class has a sample.
fn all_classes(labels: &[usize], classes: usize) -> Result<(), Failure> {
    match (0..classes).find(|class| !labels.contains(class)) {
        None => Ok(()),
        Some(class) => Err(Failure::new(format!(
            "class {class} of {classes} has vanished: none of the {} samples that are left to train on is one of it",
            labels.len()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::with_any;

    fn parts(app: &dyn Application) -> Vec<Part> {
        app.arrays().iter().map(Part::from).collect()
    }

    /// Exact figures differ between CPUs with and without fused multiply-add, which the tensors use where there is one.
    #[test]
    fn baselines_are_as_recorded() {
        for app in all() {
            let r = app.recorded();
            let q: Vec<f64> =
                (0..u64::from(r.seeds)).map(|s| app.train(&parts(app.as_ref()), s).unwrap()).collect();
            let mean = q.iter().sum::<f64>() / q.len() as f64;
            let std = (q.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (q.len() as f64 - 1.0)).sqrt();
            assert!((mean - r.mean).abs() < 0.02 * r.mean, "{}: {mean} +- {std}, {q:?}", app.id());
            assert!(std < 3.0 * r.std && r.std < 3.0 * std, "{}: {mean} +- {std}", app.id());
        }
    }

    #[test]
    fn a_seed_decides_everything_whatever_the_thread() {
        for app in all() {
            let parts = parts(app.as_ref());
            let here = app.train(&parts, 7).unwrap();
            std::thread::scope(|s| {
                let jobs: Vec<_> = (0..3).map(|_| s.spawn(|| app.train(&parts, 7).unwrap())).collect();
                for j in jobs {
                    assert_eq!(j.join().unwrap().to_bits(), here.to_bits());
                }
            });
        }
    }

    #[test]
    fn labels_follow_the_samples() {
        let app = get("digits").unwrap();
        let whole = parts(app.as_ref());
        // Every second sample, and no validation at all.
        let rows: Vec<usize> = (0..1097).step_by(2).collect();
        let picked: Vec<_> =
            rows.iter().map(|&r| crate::data::rows(&whole[0].array, r, r + 1).to_le_bytes()).collect();
        let shape = tolzip_core::Shape::new(&[rows.len(), 8, 8]).unwrap();
        let array = AnyArray::from_le_bytes(whole[0].array.dtype(), shape, &picked.concat()).unwrap();
        let none = Part { array: crate::data::rows(&whole[1].array, 0, 0), rows: Some(Vec::new()) };
        let q = app.train(&[Part { array: array.clone(), rows: Some(rows) }, none.clone()], 0).unwrap();
        assert!(q > 0.8, "{q}");
        // Labels that do not fit are a failure, not a wrong answer.
        assert!(app.train(&[Part { array, rows: None }, none], 0).is_err());
    }

    #[test]
    fn classes_that_vanish_are_a_failure() {
        for (id, samples, class) in [("digits", 1097, 3), ("cells", 809, 1), ("genes", 102, 2)] {
            let app = get(id).unwrap();
            let mut parts = parts(app.as_ref());
            // Samples that are all alike in their label: those of which dropping one more loses the class.
            let labels = match id {
                "digits" => crate::data::digits().labels,
                "cells" => crate::data::cells().labels,
                _ => crate::data::genes().labels,
            };
            let rows: Vec<usize> = (0..samples).filter(|&r| labels[r] != class).collect();
            parts[0] = Part { array: crate::data::pick(&parts[0].array, &rows), rows: Some(rows) };
            let failure = app.train(&parts, 0).unwrap_err();
            assert!(failure.message.starts_with(&format!("class {class} of ")), "{id}: {failure:?}");
        }
    }

    /// One row in a hundred of 102 tissues lacks most of their kinds.
    #[test]
    fn a_study_goes_on_without_classes_that_vanished() {
        let app = get("genes").unwrap();
        let study = crate::Search::new(app.as_ref())
            .methods(&["sample:mode=first", "lossless"])
            .grid(12)
            .seeds(3)
            .run()
            .unwrap();
        let (failures, front) = (study.outcome.failures, study.outcome.front);
        assert!(!failures.is_empty() && !front.is_empty());
        for f in failures {
            assert!(f.message.contains("has vanished"), "{f:?}");
        }
    }

    #[test]
    fn destroyed_features_destroy_the_quality() {
        for app in all() {
            let mut parts = parts(app.as_ref());
            for p in &mut parts {
                let shape = p.array.shape();
                let zeros = vec![0u8; with_any!(&p.array, a => a.values().len()) * p.array.dtype().size()];
                p.array = AnyArray::from_le_bytes(p.array.dtype(), shape, &zeros).unwrap();
            }
            // Or the training fails, which says as much.
            if let Ok(q) = app.train(&parts, 0) {
                let base = app.recorded().mean;
                let bad = if app.maximize() { q < 0.75 * base } else { q > 2.0 * base };
                assert!(bad, "{}: {q}", app.id());
            }
        }
    }
}

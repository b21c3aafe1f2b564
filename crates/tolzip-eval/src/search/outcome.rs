//! What a search found: the JSON of `tolzip search`.

use crate::metrics::Fidelity;
use crate::reduce::BoundSpec;
use serde::{Deserialize, Serialize};

/// Everything that a search found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Quality without compression.
    pub baseline: Baseline,
    /// Trainings that these results stand on, baseline included.
    pub trainings: u64,
    /// Every setting that was trained on, by method and severity.
    pub points: Vec<Point>,
    /// Those of them that no other one dominates, by ratio.
    pub front: Vec<Point>,
    /// Where quality is lost, known to a factor of [`Mode::BRACKET`](crate::reduce::Mode::BRACKET) of the number that was
    /// turned, or to neighbours where that is a whole number.
    pub cliffs: Vec<Fall>,
    /// Where quality is lost bit by bit: the losses of settings between the two are too close to the margin to be told from
    /// it with the seeds they have.
    #[serde(default)]
    pub slopes: Vec<Fall>,
    /// Where quality is lost between two settings that are further apart, because the budget ended.
    #[serde(default)]
    pub open: Vec<Fall>,
    /// The largest ratio per loss margin.
    pub recommendations: Vec<Recommendation>,
    /// The margins for which nothing qualifies, and why.
    pub refusals: Vec<Refusal>,
    /// The trainings that gave no quality.
    pub failures: Vec<FailedTraining>,
}

impl Outcome {
    /// All places where quality is lost, each with what it is called: `cliff`, `slope` or `open`.
    pub fn falls(&self) -> impl Iterator<Item = (&'static str, &Fall)> {
        let named = |name| move |fall| (name, fall);
        let cliffs = self.cliffs.iter().map(named("cliff"));
        cliffs.chain(self.slopes.iter().map(named("slope"))).chain(self.open.iter().map(named("open")))
    }

    /// The place where quality is lost next, if the mode of a recommendation is turned further.
    #[must_use]
    pub fn behind(&self, r: &Recommendation) -> Option<&Fall> {
        let point = self.points.iter().find(|p| p.method == r.method && p.bound == r.bound)?;
        let falls = self.falls().map(|(_, fall)| fall).filter(|f| f.mode == point.mode);
        falls
            .filter(|f| f.first_unacceptable.ratio > r.ratio)
            .min_by(|a, b| a.first_unacceptable.ratio.total_cmp(&b.first_unacceptable.ratio))
    }
}

/// Quality without compression.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Baseline {
    /// Mean over the seeds.
    pub mean: f64,
    /// Sample standard deviation over the seeds.
    pub std: f64,
    /// Number of seeds.
    pub seeds: u64,
}

/// A setting that was trained on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Point {
    /// The method with its settings, as the command line spells it.
    pub method: String,
    /// The bound.
    pub bound: BoundSpec,
    /// The method-and-mode pair it belongs to, such as `predict rel`.
    pub mode: String,
    /// Raw bytes by compressed bytes, all training arrays together.
    pub ratio: f64,
    /// Quality on the test set.
    pub quality: Quality,
    /// Quality lost, relative to the baseline: 0.01 is one percent worse, negative is better.
    pub loss: f64,
    /// Lower end of the loss's 95 % interval.
    pub loss_low: f64,
    /// Upper end of the loss's 95 % interval.
    pub loss_high: f64,
    /// Number of paired seeds.
    pub seeds: u64,
    /// How far the first training array is from the original; `null` where samples were dropped.
    pub fidelity: Option<Fidelity>,
    /// Whether no other point dominates this one.
    pub on_front: bool,
    /// Remarks: `exact` (the data came back bit for bit), `within_noise` (the loss's interval holds 0), `acceptable` and
    /// `unacceptable` (the whole interval within or beyond the main margin), `non_monotonic` (worse than a more severe
    /// setting of the same mode, confirmed with fresh seeds), `few_seeds` (clearly lost after two), `tie` (on the front
    /// only because the better point is within noise).
    pub flags: Vec<String>,
}

/// A mean with its 95 % interval, from the differences to the baseline's quality with the same seed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Quality {
    /// Mean over the seeds.
    pub mean: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The place where a mode's quality is lost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fall {
    /// The method-and-mode pair.
    pub mode: String,
    /// The margin of loss that is kept on the one side and not on the other.
    pub loss: f64,
    /// The most severe setting on the good side. It is undecided where no milder setting of the mode is shown to be acceptable,
    /// but the next one is worse beyond doubt.
    pub last_acceptable: Edge,
    /// The mildest setting on the other.
    pub first_unacceptable: Edge,
    /// Whether quality comes back at more severe settings: then there is another branch behind.
    pub recovers: bool,
}

/// One side of a fall.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Edge {
    /// The method.
    pub method: String,
    /// The bound.
    pub bound: BoundSpec,
    /// Compression ratio.
    pub ratio: f64,
    /// Mean loss; none where a training failed.
    pub loss: Option<f64>,
    /// Whether the loss can't be told from the margin.
    #[serde(default)]
    pub undecided: bool,
}

/// The largest ratio that is shown to cost no more than a margin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recommendation {
    /// The margin.
    pub loss: f64,
    /// The method.
    pub method: String,
    /// The bound.
    pub bound: BoundSpec,
    /// Compression ratio.
    pub ratio: f64,
    /// Upper end of the measured loss's 95 % interval: at most the margin.
    pub loss_high: f64,
    /// Number of paired seeds behind it.
    pub seeds: u64,
    /// All this in words.
    pub statement: String,
}

/// Why there is no recommendation for a margin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// The margin.
    pub loss: f64,
    /// The reason in words.
    pub reason: String,
}

/// A training that gave no quality.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FailedTraining {
    /// The method; `none` for the baseline.
    pub method: String,
    /// The bound.
    pub bound: BoundSpec,
    /// The seed.
    pub seed: u64,
    /// What went wrong.
    pub message: String,
    /// What the application printed.
    pub output: String,
}

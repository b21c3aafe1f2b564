//! In place of a model: how close the data are to the original, up to a goal.

use super::{Application, Failure, Part, Recorded, TrainingArray};
use crate::metrics::Fidelity;
use std::borrow::Cow;
use tolzip_core::{AnyArray, Scope};

/// Figures of [`Fidelity`] of which more is better; less is better of all others.
const MORE: [&str; 7] = ["psnr", "ssim", "ssim_3d", "snr", "pearson", "r_squared", "ks_p"];
/// The others that make sense as a goal.
const LESS: [&str; 16] = [
    "max_abs_error",
    "max_rel_error",
    "max_pw_rel_error",
    "rmse",
    "nrmse",
    "mean_abs_error",
    "mse",
    "error_std",
    "median_abs_error",
    "p99_abs_error",
    "beyond_1_percent",
    "ks",
    "kl",
    "kl_reverse",
    "gradient_error",
    "spectrum_error",
];

/// An application whose quality is a figure of [`Fidelity`]: PSNR, SSIM and the like. Better than the goal counts as the goal,
/// so that the baseline is the goal itself, and a loss of 1 % is 1 % short of it. Seeds make no difference.
pub struct Objective {
    name: String,
    goal: f64,
    arrays: Vec<TrainingArray>,
}

impl Objective {
    /// The names that [`new`](Self::new) takes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        MORE.into_iter().chain(LESS)
    }

    /// A goal for the figure of this name; `None` if there is no such figure or the goal is not above 0.
    #[must_use]
    pub fn new(name: &str, goal: f64, data: TrainingArray) -> Option<Self> {
        let known = Self::names().any(|n| n == name) && goal > 0.0 && goal.is_finite();
        known.then(|| Self { name: name.into(), goal, arrays: vec![data] })
    }
}

impl Application for Objective {
    fn id(&self) -> &str {
        "objective"
    }
    fn summary(&self) -> &str {
        "closeness to the original"
    }
    fn data(&self) -> &str {
        "a file of the user's"
    }
    fn model(&self) -> &str {
        "none: the data are compared with the original"
    }
    fn metric(&self) -> &str {
        &self.name
    }
    fn maximize(&self) -> bool {
        MORE.contains(&self.name.as_str())
    }
    fn recorded(&self) -> Recorded {
        Recorded { mean: self.goal, std: 0.0, seeds: 0, seconds: f64::NAN }
    }
    fn arrays(&self) -> &[TrainingArray] {
        &self.arrays
    }
    fn scopes(&self) -> Vec<Scope> {
        super::scopes_of(&self.arrays[0])
    }
    fn takes_samples(&self) -> bool {
        false
    }
    fn deterministic(&self) -> bool {
        true
    }
    fn fingerprint(&self) -> Cow<'_, str> {
        // What is compared with has to be part of the key; the content of a setting says only what came back.
        let original: Vec<Part> = self.arrays.iter().map(Part::from).collect();
        format!("objective|{}|{}|{}", self.name, self.goal, crate::store::content(&original)).into()
    }

    fn train(&self, parts: &[Part], _: u64) -> Result<f64, Failure> {
        let [Part { array, .. }] = parts else { return Err(Failure::new("one array expected")) };
        let original: &AnyArray = &self.arrays[0].array;
        let found = Fidelity::full(original, array).map_err(|e| Failure::new(e.to_string()))?;
        let json = serde_json::to_value(&found).map_err(|e| Failure::new(e.to_string()))?;
        match json.get(&self.name).and_then(serde_json::Value::as_f64) {
            Some(v) if self.maximize() => Ok(v.min(self.goal)),
            Some(v) => Ok(v.max(self.goal)),
            // PSNR and the like of an exact copy.
            None if found.max_abs_error == 0.0 => Ok(self.goal),
            None => Err(Failure::new(format!("{} is not defined for these data", self.name))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Search;
    use tolzip_core::{Array, Shape};

    #[test]
    fn the_largest_ratio_at_a_psnr() {
        let values =
            (0..64 * 64).map(|i| ((i / 64) as f32 * 0.1).sin() + ((i % 64) as f32 * 0.07).cos()).collect();
        let array = Array::<f32>::new(values, Shape::new(&[64, 64]).unwrap()).unwrap();
        let data = TrainingArray::new("data", array.into());
        let app = Objective::new("psnr", 60.0, data.clone()).unwrap();
        let outcome = Search::new(&app).methods(&["predict rel", "lossless"]).seeds(3).run().unwrap().outcome;
        let best = outcome.recommendations.iter().find(|r| r.loss == 0.001).unwrap();
        let at = |r: &crate::search::Point| r.fidelity.as_ref().unwrap().psnr;
        let point = outcome.points.iter().find(|p| p.method == best.method && p.bound == best.bound).unwrap();
        assert!(at(point).unwrap() > 59.9 && at(point).unwrap() < 66.0, "{point:?}");
        assert!(outcome.points.iter().filter(|p| p.ratio > best.ratio * 1.1).all(|p| at(p).unwrap() < 60.0));
        assert!(Objective::new("beauty", 1.0, data.clone()).is_none());
        assert!(Objective::new("psnr", 0.0, data).is_none());
    }
}

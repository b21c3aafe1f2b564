//! A surrogate of a simulation: from the initial values of a flow to its course.

use super::{Application, Failure, Part, Recorded, TrainingArray};
use crate::data;
use crate::generate::{self, POINTS};
use crate::nn::{Config, Target, train};
use ndarray::{Array2, s};
use std::sync::LazyLock;
use tolzip_core::AnyArray;

const TRAIN: usize = 480;
const VALIDATION: usize = 60;
const TEST: usize = 160;

struct Loaded {
    parts: Vec<TrainingArray>,
    test: AnyArray,
}

static LOADED: LazyLock<Loaded> = LazyLock::new(|| {
    let all = generate::burgers(TRAIN + VALIDATION + TEST, 1);
    let part = |name, from, to| TrainingArray::new(name, data::rows(&all, from, to));
    Loaded {
        parts: vec![part("train", 0, TRAIN), part("validation", TRAIN, TRAIN + VALIDATION)],
        test: data::rows(&all, TRAIN + VALIDATION, TRAIN + VALIDATION + TEST),
    }
});

/// A perceptron from 32 initial values to 8 times of 32 values, relative error.
pub(super) struct Burgers;

impl Application for Burgers {
    fn id(&self) -> &str {
        "burgers"
    }
    fn summary(&self) -> &str {
        "surrogate of a simulation: the viscous Burgers equation from its initial values"
    }
    fn data(&self) -> &str {
        "solutions by the built-in solver, seed 1: 9 times of 32 points f32, 480 train / 60 validation / 160 test; inputs and \
         outputs are both compressed"
    }
    fn model(&self) -> &str {
        "perceptron 32-128-256, Adam, 60 epochs of batches of 16, weights of the best validation epoch"
    }
    fn metric(&self) -> &str {
        "relative_l2"
    }
    fn maximize(&self) -> bool {
        false
    }
    fn recorded(&self) -> Recorded {
        Recorded { mean: 0.236, std: 0.0054, seeds: 5, seconds: 0.17 }
    }
    fn arrays(&self) -> &[TrainingArray] {
        &LOADED.parts
    }
    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        self.train_and_test(parts, None, seed)
    }
    fn test(&self) -> Option<TrainingArray> {
        Some(TrainingArray::new("test", LOADED.test.clone()))
    }

    fn train_and_test(&self, parts: &[Part], test: Option<&AnyArray>, seed: u64) -> Result<f64, Failure> {
        let [train_part, val_part] = parts else { return Err(Failure::new("two arrays expected")) };
        let (x, y) = sides(&train_part.array);
        let (val_x, val_y) = sides(&val_part.array);
        let (_, test_y) = sides(&LOADED.test);
        let (test_x, _) = sides(test.unwrap_or(&LOADED.test));
        let config = Config { hidden: &[128], epochs: 60, batch: 16, learning_rate: 2e-3, decay: 1e-3 };
        let model = train(&config, (&x, Target::Values(&y)), (&val_x, Target::Values(&val_y)), seed);
        Ok(super::score::relative_l2(&model.outputs(&test_x), &test_y))
    }
}

/// What is given and what is asked; values that are not finite count as 0.
fn sides(array: &AnyArray) -> (Array2<f32>, Array2<f32>) {
    let all = data::matrix(array).mapv(|v| if v.is_finite() { v } else { 0.0 });
    let at = POINTS.min(all.ncols());
    (all.slice(s![.., ..at]).to_owned(), all.slice(s![.., at..]).to_owned())
}

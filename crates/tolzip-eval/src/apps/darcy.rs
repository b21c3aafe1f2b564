//! An autoencoder of pressure fields.

use super::task::Task;
use super::{Application, Failure, Part, Recorded, TrainingArray};
use crate::data;
use crate::generate;
use crate::nn::{Config, Scale, Target, train};
use std::sync::LazyLock;
use tolzip_core::AnyArray;

const TRAIN: usize = 600;
const VALIDATION: usize = 100;
const TEST: usize = 200;

struct Loaded {
    parts: Vec<TrainingArray>,
    test: AnyArray,
}

static LOADED: LazyLock<Loaded> = LazyLock::new(|| {
    let all = generate::darcy(TRAIN + VALIDATION + TEST, 1);
    let part = |name, from, to| TrainingArray::new(name, data::rows(&all, from, to));
    Loaded {
        parts: vec![part("train", 0, TRAIN), part("validation", TRAIN, TRAIN + VALIDATION)],
        test: data::rows(&all, TRAIN + VALIDATION, TRAIN + VALIDATION + TEST),
    }
});

/// 16 x 16 values through 12 and back, relative error.
pub(super) struct Darcy;

impl Application for Darcy {
    fn id(&self) -> &str {
        "darcy"
    }
    fn summary(&self) -> &str {
        "autoencoder of pressure fields of flow through a porous medium"
    }
    fn data(&self) -> &str {
        "solutions of Darcy's equation by the built-in solver, seed 1: 16x16 points f32, 600 train / 100 validation / 200 test"
    }
    fn model(&self) -> &str {
        "standardised points, autoencoder 256-64-12-64-256, Adam, 50 epochs of batches of 16, weights of the best validation \
         epoch"
    }
    fn metric(&self) -> &str {
        "relative_l2"
    }
    fn maximize(&self) -> bool {
        false
    }
    fn recorded(&self) -> Recorded {
        Recorded { mean: 0.0822, std: 0.0044, seeds: 5, seconds: 0.15 }
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
        let x = data::matrix(&train_part.array);
        let scale = Scale::of(&x);
        let (x, val_x) = (scale.apply(&x), scale.apply(&data::matrix(&val_part.array)));
        let model = train(&CONFIG, (&x, Target::Values(&x)), (&val_x, Target::Values(&val_x)), seed);
        let given = data::matrix(test.unwrap_or(&LOADED.test));
        let back = scale.invert(&model.outputs(&scale.apply(&given)));
        Ok(super::score::relative_l2(&back, &data::matrix(&LOADED.test)))
    }
}

const CONFIG: Config<'_> =
    Config { hidden: &[64, 12, 64], epochs: 50, batch: 16, learning_rate: 2e-3, decay: 1e-4 };

/// The same in batches, standardised by the scale of the original fields.
pub(super) fn task() -> Task {
    let train = LOADED.parts[0].array.clone();
    let scale = Scale::of(&data::matrix(&train));
    let test = data::matrix(&LOADED.test);
    let (scaled, apply) = (scale.apply(&test), scale.clone());
    Task {
        train,
        config: CONFIG,
        labels: None,
        validation: (scale.apply(&data::matrix(&LOADED.parts[1].array)), Vec::new()),
        prepare: Box::new(move |x| apply.apply(x)),
        score: Box::new(move |model| {
            super::score::relative_l2(&scale.invert(&model.outputs(&scaled)), &test)
        }),
    }
}

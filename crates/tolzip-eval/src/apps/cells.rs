//! Cell segmentation: a table whose columns differ in scale by five orders of magnitude.

use super::task::Task;
use super::{Application, Failure, Part, TrainingArray, kept, kept_classes};
use crate::data;
use crate::nn::{Config, Scale, Target, train};
use tolzip_core::{AnyArray, Scope};

/// Rows before this one train, those up to [`TEST`] validate, the rest are the authors' test set.
const VALIDATION: usize = 809;
const TEST: usize = 1009;

/// Two classes of 47 features, a perceptron with one hidden layer of 64, area under the ROC curve.
pub(super) struct Cells {
    parts: Vec<TrainingArray>,
    labels: Vec<usize>,
    test: AnyArray,
}

impl Cells {
    pub(super) fn new() -> Self {
        let set = data::cells();
        Self {
            parts: vec![
                TrainingArray::table("train", data::rows(&set.features, 0, VALIDATION)),
                TrainingArray::table("validation", data::rows(&set.features, VALIDATION, TEST)),
            ],
            test: data::rows(&set.features, TEST, set.labels.len()),
            labels: set.labels,
        }
    }
}

impl Application for Cells {
    fn id(&self) -> &str {
        "cells"
    }
    fn summary(&self) -> &str {
        "was a cell outlined well? table, 2 classes"
    }
    fn data(&self) -> &str {
        "cell image features of Hill et al. 2007: 47 columns f32, 809 train / 200 validation / 1010 test"
    }
    fn model(&self) -> &str {
        "standardised columns, perceptron 47-64-2, Adam, 30 epochs of batches of 32, weights of the best validation epoch"
    }
    fn metric(&self) -> &str {
        "auc"
    }
    fn maximize(&self) -> bool {
        true
    }
    fn recorded(&self) -> super::Recorded {
        super::Recorded { mean: 0.873, std: 0.0051, seeds: 5, seconds: 0.05 }
    }
    fn arrays(&self) -> &[TrainingArray] {
        &self.parts
    }
    fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Whole, Scope::Column]
    }
    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        self.train_and_test(parts, None, seed)
    }
    fn test(&self) -> Option<TrainingArray> {
        Some(TrainingArray {
            exact: self.parts[0].exact.clone(),
            ..TrainingArray::new("test", self.test.clone())
        })
    }

    fn train_and_test(&self, parts: &[Part], test: Option<&AnyArray>, seed: u64) -> Result<f64, Failure> {
        let [train_part, val_part] = parts else { return Err(Failure::new("two arrays expected")) };
        let y = kept_classes(&self.labels[..VALIDATION], train_part, 2)?;
        let val_y = kept(&self.labels[VALIDATION..TEST], val_part)?;
        let x = data::matrix(&train_part.array);
        let scale = Scale::of(&x);
        let scaled = |a: &AnyArray| scale.apply(&data::matrix(a));
        let model = train(
            &CONFIG,
            (&scale.apply(&x), Target::Classes(&y, 2)),
            (&scaled(&val_part.array), Target::Classes(&val_y, 2)),
            seed,
        );
        let p = model.probabilities(&scaled(test.unwrap_or(&self.test)));
        Ok(super::score::auc(&p.column(1).to_vec(), &self.labels[TEST..]))
    }
}

const CONFIG: Config<'_> = Config { hidden: &[64], epochs: 30, batch: 32, learning_rate: 5e-4, decay: 3.0 };

/// The same in batches, standardised by the scale of the original rows.
pub(super) fn task() -> Task {
    let app = Cells::new();
    let scale = Scale::of(&data::matrix(&app.parts[0].array));
    let test = scale.apply(&data::matrix(&app.test));
    let test_labels = app.labels[TEST..].to_vec();
    let validation = scale.apply(&data::matrix(&app.parts[1].array));
    Task {
        train: app.parts[0].array.clone(),
        config: CONFIG,
        labels: Some((app.labels[..VALIDATION].to_vec(), 2)),
        validation: (validation, app.labels[VALIDATION..TEST].to_vec()),
        prepare: Box::new(move |x| scale.apply(x)),
        score: Box::new(move |model| {
            super::score::auc(&model.probabilities(&test).column(1).to_vec(), &test_labels)
        }),
    }
}

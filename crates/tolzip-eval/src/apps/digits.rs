//! Handwritten digits: the smallest image classification that is real.

use super::task::Task;
use super::{Application, Failure, Part, TrainingArray, kept, kept_classes};
use crate::data;
use crate::nn::{Config, Target, train};
use ndarray::Array2;
use tolzip_core::{AnyArray, Array, Element};

/// Rows before this one train, those up to [`TEST`] validate, the rest test. The source is ordered by writer, so that
/// the test asks about people whom the model has not seen.
const VALIDATION: usize = 1097;
const TEST: usize = 1297;

/// 10 classes of 8 x 8 pixels, a perceptron with one hidden layer of 32, accuracy.
pub(super) struct Digits {
    parts: Vec<TrainingArray>,
    labels: Vec<usize>,
    test: AnyArray,
}

impl Digits {
    pub(super) fn new() -> Self {
        let set = data::digits();
        let pixels = crate::metrics::to_f64(&set.features).into_iter().map(|v| v as f32).collect();
        let all = Array::<f32>::new(pixels, set.features.shape()).expect("one value each").into();
        Self {
            parts: vec![
                TrainingArray::new("train", data::rows(&all, 0, VALIDATION)),
                TrainingArray::new("validation", data::rows(&all, VALIDATION, TEST)),
            ],
            test: data::rows(&all, TEST, set.labels.len()),
            labels: set.labels,
        }
    }
}

impl Application for Digits {
    fn id(&self) -> &str {
        "digits"
    }
    fn summary(&self) -> &str {
        "handwritten digits, 10 classes"
    }
    fn data(&self) -> &str {
        "UCI Optical Recognition of Handwritten Digits, test part: 8x8 pixels as f32, 1097 train / 200 validation / 500 test"
    }
    fn model(&self) -> &str {
        "perceptron 64-32-10, Adam, 30 epochs of batches of 32, weights of the best validation epoch"
    }
    fn metric(&self) -> &str {
        "accuracy"
    }
    fn maximize(&self) -> bool {
        true
    }
    fn recorded(&self) -> super::Recorded {
        super::Recorded { mean: 0.920, std: 0.0057, seeds: 5, seconds: 0.045 }
    }
    fn arrays(&self) -> &[TrainingArray] {
        &self.parts
    }
    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        self.train_and_test(parts, None, seed)
    }
    fn test(&self) -> Option<TrainingArray> {
        Some(TrainingArray::new("test", self.test.clone()))
    }

    fn train_and_test(&self, parts: &[Part], test: Option<&AnyArray>, seed: u64) -> Result<f64, Failure> {
        let [train_part, val_part] = parts else { return Err(Failure::new("two arrays expected")) };
        let y = kept_classes(&self.labels[..VALIDATION], train_part, 10)?;
        let val_y = kept(&self.labels[VALIDATION..TEST], val_part)?;
        let x = |a: &AnyArray| prepared(&data::matrix(a));
        let model = train(
            &CONFIG,
            (&x(&train_part.array), Target::Classes(&y, 10)),
            (&x(&val_part.array), Target::Classes(&val_y, 10)),
            seed,
        );
        let p = model.probabilities(&x(test.unwrap_or(&self.test)));
        Ok(super::score::accuracy(&p, &self.labels[TEST..]))
    }
}

const CONFIG: Config<'_> = Config { hidden: &[32], epochs: 30, batch: 32, learning_rate: 3e-3, decay: 1e-3 };

/// Pixels are 0..16; what is not finite counts as no ink.
fn prepared(x: &Array2<f32>) -> Array2<f32> {
    x.mapv(|v| if Element::is_finite(v) { v / 16.0 } else { 0.0 })
}

/// The same in batches.
pub(super) fn task() -> Task {
    let app = Digits::new();
    let test = prepared(&data::matrix(&app.test));
    let test_labels = app.labels[TEST..].to_vec();
    Task {
        train: app.parts[0].array.clone(),
        config: CONFIG,
        labels: Some((app.labels[..VALIDATION].to_vec(), 10)),
        validation: (prepared(&data::matrix(&app.parts[1].array)), app.labels[VALIDATION..TEST].to_vec()),
        prepare: Box::new(prepared),
        score: Box::new(move |model| super::score::accuracy(&model.probabilities(&test), &test_labels)),
    }
}

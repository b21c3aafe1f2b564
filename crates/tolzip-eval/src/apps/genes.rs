//! Gene expression: few samples, many columns.

use super::{Application, Failure, Part, Recorded, TrainingArray, all_classes, kept};
use crate::data;
use crate::nn::{Config, Scale, Target, shuffle, train};
use ndarray::{Array2, Axis};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use std::sync::LazyLock;
use tolzip_core::AnyArray;

const CLASSES: usize = 4;
const FOLDS: usize = 5;
/// Partitions into folds that one training averages over: a single one leaves much to chance.
const REPEATS: u64 = 5;

struct Loaded {
    parts: Vec<TrainingArray>,
    raw: Array2<f32>,
    labels: Vec<usize>,
}

static LOADED: LazyLock<Loaded> = LazyLock::new(|| {
    let set = data::genes();
    Loaded {
        raw: data::matrix(&set.features),
        parts: vec![TrainingArray::new("samples", set.features)],
        labels: set.labels,
    }
});

/// Logistic regression on 400 genes, log-loss by cross-validation.
pub(super) struct Genes;

impl Application for Genes {
    fn id(&self) -> &str {
        "genes"
    }
    fn summary(&self) -> &str {
        "tissue from gene expression; 102 samples of 400 genes, 4 classes"
    }
    fn data(&self) -> &str {
        "tissue microarrays of Su et al. 2001: log-ratios of 400 genes f32, 102 samples, 5 times in 5 stratified folds by seed; tested \
         on the samples as they are"
    }
    fn model(&self) -> &str {
        "standardised columns, multinomial logistic regression, Adam, 60 epochs of batches of 16, weight decay 0.1"
    }
    /// Accuracy is at its ceiling.
    fn metric(&self) -> &str {
        "log_loss"
    }
    fn maximize(&self) -> bool {
        false
    }
    fn recorded(&self) -> Recorded {
        Recorded { mean: 0.0514, std: 0.0021, seeds: 5, seconds: 0.1 }
    }
    fn arrays(&self) -> &[TrainingArray] {
        &LOADED.parts
    }
    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        self.train_and_test(parts, None, seed)
    }
    fn test(&self) -> Option<TrainingArray> {
        Some(TrainingArray::new("test", LOADED.parts[0].array.clone()))
    }

    fn train_and_test(&self, parts: &[Part], test: Option<&AnyArray>, seed: u64) -> Result<f64, Failure> {
        let [part] = parts else { return Err(Failure::new("one array expected")) };
        let y = kept(&LOADED.labels, part)?;
        let rows: Vec<usize> = part.rows.clone().unwrap_or_else(|| (0..y.len()).collect());
        let x = data::matrix(&part.array);
        let config = Config { hidden: &[], epochs: 60, batch: 16, learning_rate: 3e-3, decay: 0.1 };
        let replaced = test.map(data::matrix);
        let given = replaced.as_ref().unwrap_or(&LOADED.raw);
        let mut sum = 0.0;
        for (k, fold) in (0..REPEATS).flat_map(|r| {
            let fold = folds(&LOADED.labels, REPEATS * seed + r);
            (0..FOLDS).map(move |k| (k, fold.clone()))
        }) {
            let learn: Vec<usize> = (0..rows.len()).filter(|&i| fold[rows[i]] != k).collect();
            let tested: Vec<usize> = (0..fold.len()).filter(|&r| fold[r] == k).collect();
            let labels: Vec<usize> = learn.iter().map(|&i| y[i]).collect();
            all_classes(&labels, CLASSES)?;
            let x = x.select(Axis(0), &learn);
            let scale = Scale::of(&x);
            let none = (&Array2::zeros((0, x.ncols())), Target::Classes(&[], CLASSES));
            let model = train(&config, (&scale.apply(&x), Target::Classes(&labels, CLASSES)), none, seed);
            let p = model.probabilities(&scale.apply(&given.select(Axis(0), &tested)));
            let truth: Vec<usize> = tested.iter().map(|&r| LOADED.labels[r]).collect();
            sum += super::score::log_loss(&p, &truth) * tested.len() as f64;
        }
        Ok(sum / (REPEATS as usize * LOADED.labels.len()) as f64)
    }
}

/// The fold of each sample: every class is dealt out evenly, in an order that the seed decides.
fn folds(labels: &[usize], seed: u64) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut fold = vec![0; labels.len()];
    let mut next = 0;
    for class in 0..CLASSES {
        let mut of_class: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] == class).collect();
        shuffle(&mut of_class, &mut rng);
        for i in of_class {
            fold[i] = next % FOLDS;
            next += 1;
        }
    }
    fold
}

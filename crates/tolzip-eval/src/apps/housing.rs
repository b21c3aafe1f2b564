//! House prices: a table of counts, coordinates and incomes with missing values.

use super::{Application, Failure, Part, Recorded, TrainingArray, kept};
use crate::data;
use crate::nn::{Boosting, boost, shuffle};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use std::sync::LazyLock;
use tolzip_core::{AnyArray, Scope};

/// Of 20640 districts, those that train.
const TRAIN: usize = 16512;

struct Loaded {
    parts: Vec<TrainingArray>,
    labels: Vec<f64>,
    test: AnyArray,
    test_labels: Vec<f64>,
}

static LOADED: LazyLock<Loaded> = LazyLock::new(|| {
    let (features, prices) = data::housing();
    let mut order: Vec<usize> = (0..prices.len()).collect();
    // The source is ordered by place.
    shuffle(&mut order, &mut ChaCha8Rng::seed_from_u64(42));
    let (train, test) = order.split_at(TRAIN);
    let pick = |rows: &[usize]| rows.iter().map(|&r| prices[r]).collect();
    Loaded {
        parts: vec![TrainingArray::table("train", data::pick(&features, train))],
        labels: pick(train),
        test: data::pick(&features, test),
        test_labels: pick(test),
    }
});

/// Boosted trees on 8 columns, coefficient of determination.
pub(super) struct Housing;

impl Application for Housing {
    fn id(&self) -> &str {
        "housing"
    }
    fn summary(&self) -> &str {
        "median house value of a district; table with integer columns and missing values, regression"
    }
    fn data(&self) -> &str {
        "California housing of the census of 1990 (R. Pace, R. Barry 1997): 8 columns f32, 16512 train / 4128 test"
    }
    fn model(&self) -> &str {
        "gradient-boosted trees: 120 of 31 leaves, rate 0.1, each on a random 90 % of the rows"
    }
    fn metric(&self) -> &str {
        "r2"
    }
    fn maximize(&self) -> bool {
        true
    }
    fn recorded(&self) -> Recorded {
        Recorded { mean: 0.830, std: 0.0008, seeds: 5, seconds: 0.2 }
    }
    fn arrays(&self) -> &[TrainingArray] {
        &LOADED.parts
    }
    fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Whole, Scope::Column]
    }
    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        self.train_and_test(parts, None, seed)
    }
    fn test(&self) -> Option<TrainingArray> {
        Some(TrainingArray {
            exact: LOADED.parts[0].exact.clone(),
            ..TrainingArray::new("test", LOADED.test.clone())
        })
    }

    fn train_and_test(&self, parts: &[Part], test: Option<&AnyArray>, seed: u64) -> Result<f64, Failure> {
        let [part] = parts else { return Err(Failure::new("one array expected")) };
        let y = kept(&LOADED.labels, part)?;
        let config = Boosting { trees: 120, leaves: 31, least: 20, rate: 0.1, bagging: 0.9 };
        let model = boost(&config, &data::matrix(&part.array), &y, seed);
        Ok(super::score::r2(&model.predict(&data::matrix(test.unwrap_or(&LOADED.test))), &LOADED.test_labels))
    }
}

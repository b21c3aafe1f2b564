//! Electricity demand: forecasting the next value of a long series.

use super::{Application, Failure, Part, Recorded, TrainingArray};
use crate::data;
use crate::nn::{ridge, shuffle};
use ndarray::{Array1, Array2};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use std::sync::LazyLock;
use tolzip_core::AnyArray;

/// Half-hours that train: the first 80 %.
const TRAIN: usize = 14016;
/// Values that a forecast sees: a week.
const WINDOW: usize = 336;
/// Windows that one training draws.
const WINDOWS: usize = 10_000;

struct Loaded {
    parts: Vec<TrainingArray>,
    /// The last window of the training part and all that follows.
    test: AnyArray,
}

static LOADED: LazyLock<Loaded> = LazyLock::new(|| {
    let series = data::demand();
    let all = series.shape().sides()[0];
    Loaded {
        parts: vec![TrainingArray::new("train", data::rows(&series, 0, TRAIN))],
        test: data::rows(&series, TRAIN - WINDOW, all),
    }
});

/// Ridge regression on the last 336 values, root mean square error of the next.
pub(super) struct Demand;

impl Application for Demand {
    fn id(&self) -> &str {
        "demand"
    }
    fn summary(&self) -> &str {
        "electricity demand half an hour ahead; time series, forecasting"
    }
    fn data(&self) -> &str {
        "half-hourly demand of Victoria, Australia, 2014, in GW, f64: the first 14016 values train, the last 3504 test"
    }
    fn model(&self) -> &str {
        "ridge regression on the 336 values before (a week), 10000 windows drawn at random"
    }
    fn metric(&self) -> &str {
        "rmse"
    }
    fn maximize(&self) -> bool {
        false
    }
    fn recorded(&self) -> Recorded {
        Recorded { mean: 0.0302, std: 0.00006, seeds: 5, seconds: 0.07 }
    }
    fn arrays(&self) -> &[TrainingArray] {
        &LOADED.parts
    }
    /// Windows need their neighbours.
    fn takes_samples(&self) -> bool {
        false
    }
    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        self.train_and_test(parts, None, seed)
    }
    fn test(&self) -> Option<TrainingArray> {
        Some(TrainingArray::new("test", LOADED.test.clone()))
    }

    fn train_and_test(&self, parts: &[Part], test: Option<&AnyArray>, seed: u64) -> Result<f64, Failure> {
        let [Part { array, rows: None }] = parts else {
            return Err(Failure::new("one whole series expected"));
        };
        let series = crate::metrics::to_f64(array);
        let finite: Vec<f64> = series.iter().copied().filter(|v| v.is_finite()).collect();
        let mean = finite.iter().sum::<f64>() / finite.len().max(1) as f64;
        let mut starts: Vec<usize> = (0..series.len().saturating_sub(WINDOW)).collect();
        shuffle(&mut starts, &mut ChaCha8Rng::seed_from_u64(seed));
        starts.truncate(WINDOWS);
        let (x, y) = windows(&series, &starts, mean);
        let w = ridge(&x, &y, 0.1).ok_or_else(|| Failure::new("the normal equations have no solution"))?;
        let truth = crate::metrics::to_f64(&LOADED.test);
        let all: Vec<usize> = (0..truth.len() - WINDOW).collect();
        let (_, y) = windows(&truth, &all, mean);
        let (x, _) = windows(&test.map_or(truth, crate::metrics::to_f64), &all, mean);
        Ok(super::score::rmse(&x.dot(&w).to_vec(), &y.to_vec()))
    }
}

/// Windows from these places and the values that follow them, less the mean.
fn windows(series: &[f64], starts: &[usize], mean: f64) -> (Array2<f64>, Array1<f64>) {
    let x = Array2::from_shape_fn((starts.len(), WINDOW), |(i, j)| series[starts[i] + j] - mean);
    let y = starts.iter().map(|&s| series[s + WINDOW] - mean).collect();
    (x, y)
}

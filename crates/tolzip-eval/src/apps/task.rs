//! Applications whose model takes its rows in batches, so that these can be decompressed while it trains.

use crate::nn::{Config, Mlp};
use ndarray::Array2;
use tolzip_core::AnyArray;

/// Rows as they are prepared for the model.
pub(crate) type Prepare = dyn Fn(&Array2<f32>) -> Array2<f32> + Send + Sync;

/// The parts of a training.
pub(crate) struct Task {
    /// The features to train on, as they are stored.
    pub(crate) train: AnyArray,
    pub(crate) config: Config<'static>,
    /// Labels and number of classes; an autoencoder has none, it is to return its inputs.
    pub(crate) labels: Option<(Vec<usize>, usize)>,
    /// Rows, prepared, and their labels.
    pub(crate) validation: (Array2<f32>, Vec<usize>),
    pub(crate) prepare: Box<Prepare>,
    /// Quality on the test set.
    pub(crate) score: Box<dyn Fn(&Mlp) -> f64 + Send + Sync>,
}

impl Task {
    /// The task of a built-in application that has one.
    pub(crate) fn of(id: &str) -> Option<Self> {
        match id {
            "digits" => Some(super::digits::task()),
            "cells" => Some(super::cells::task()),
            "darcy" => Some(super::darcy::task()),
            _ => None,
        }
    }
}

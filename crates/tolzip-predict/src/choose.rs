//! Which engine codes a chunk.

use crate::settings::Predictor;

/// The engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Both,
    Interpolation,
    Causal,
}

pub(crate) fn choose(predictor: Predictor) -> Engine {
    match predictor {
        Predictor::Auto => Engine::Both,
        Predictor::Interpolation => Engine::Interpolation,
        Predictor::Lorenzo => Engine::Causal,
    }
}

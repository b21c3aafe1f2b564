//! What a caller can choose.

/// Which predictor a chunk is coded with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Predictor {
    /// The one that a sample of the chunk finds cheaper.
    #[default]
    Auto,
    /// Interpolation from coarse grids to fine ones: best on smooth data and at loose bounds.
    Interpolation,
    /// Weighted sums of neighbours that come earlier: best on noisy data and at tight bounds.
    Lorenzo,
}

/// The settings of [`Predict`](crate::Predict).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The predictor.
    pub predictor: Predictor,
}

impl Settings {
    /// Settings with this predictor.
    #[must_use]
    pub const fn new(predictor: Predictor) -> Self {
        Self { predictor }
    }
}

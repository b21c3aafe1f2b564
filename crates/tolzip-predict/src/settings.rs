//! What a caller can choose.

use crate::codec::METHOD;
use tolzip_core::{Error, Result};

/// Which predictor a chunk is coded with.
///
/// ```
/// use tolzip_predict::{Predictor, Settings};
///
/// assert_eq!(Settings::default().predictor, Predictor::Auto);
/// assert_eq!(Settings::new(Predictor::Lorenzo).predictor, Predictor::Lorenzo);
/// ```
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
///
/// ```
/// use tolzip_predict::{Predictor, Settings};
///
/// let settings = Settings::new(Predictor::Interpolation).with_level(3)?;
/// assert_eq!((settings.predictor, settings.level()), (Predictor::Interpolation, 3));
/// assert!(settings.with_level(5).is_err());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The predictor.
    pub predictor: Predictor,
    level: u8,
}

/// The highest level.
const MOST: u8 = 4;

impl Settings {
    /// Settings with this predictor, of level 2.
    #[must_use]
    pub const fn new(predictor: Predictor) -> Self {
        Self { predictor, level: 2 }
    }

    /// The same with another level of effort, which decides how the engine of a chunk is found: 1, on one small block,
    /// or two where the first tells little; 2, the same, but the first must tell more; 3, by coding the whole chunk with
    /// every engine and keeping the smallest, which takes two to three times as long. Decoding is the same for these.
    /// Level 4 also codes the best engine's integers by context mixing, which is many times slower in both directions,
    /// and smaller.
    ///
    /// # Errors
    /// [`Error::BadSetting`] for any other level.
    pub const fn with_level(self, level: u8) -> Result<Self> {
        if level >= 1 && level <= MOST {
            Ok(Self { level, ..self })
        } else {
            Err(Error::BadSetting { method: METHOD, knob: "level", needs: "1, 2, 3 or 4" })
        }
    }

    /// The level.
    #[must_use]
    pub const fn level(self) -> u8 {
        self.level
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(Predictor::Auto)
    }
}

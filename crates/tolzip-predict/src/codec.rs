//! The codec: what kinds of chunk there are, and the two directions.

use crate::decode::decode;
use crate::describe::describe;
use crate::encode::encode;
use crate::settings::Settings;
use alloc::vec::Vec;
use tolzip_core::{Codec, Encoded, Fields, Float, Result, Shape, Target};
use tolzip_simd::rows::Work;

pub(crate) const METHOD: &str = "predict";
pub(crate) const VERSION: u8 = 1;

/// Kinds of chunk, in the low bits of the second byte.
pub(crate) mod kind {
    pub(crate) const VERBATIM: u8 = 0;
    pub(crate) const CONSTANT: u8 = 1;
    pub(crate) const INTERPOLATION: u8 = 2;
    pub(crate) const CAUSAL: u8 = 3;
    /// Values of f32 are predicted in f64.
    pub(crate) const WIDE: u8 = 0x10;
    /// The integers count from an offset.
    pub(crate) const OFFSET: u8 = 0x20;
    /// Before rows stands whether all of their integers are zero.
    pub(crate) const FLAGS: u8 = 0x40;
    /// Integers are coded by context mixing, without tables.
    pub(crate) const MIXED: u8 = 0x80;
}

/// The prediction codec for chunks of f32 or f64, with an absolute bound.
///
/// Values are predicted from their neighbours, the differences quantised so that every value is within the bound (which
/// is checked; what can't be held is stored exactly, NaN and infinities too), and the integers coded by rANS with tables
/// chosen by the size of the integers around them.
///
/// ```
/// use tolzip_core::{Codec, Encoded, Shape, Target};
/// use tolzip_predict::Predict;
///
/// let chunk: Vec<f64> = (0..4096).map(|i| (f64::from(i) * 0.01).sin()).collect();
/// let (shape, mut payload, mut back) = (Shape::new(&[64, 64])?, Vec::new(), vec![0.0; 4096]);
/// let told = Predict::default().encode(&chunk, shape, Target::Abs(1e-3), &mut payload)?;
/// assert!(matches!(told, Encoded::Verified { max_error } if max_error <= 1e-3));
/// Predict::default().decode(&payload, shape, &mut back)?;
/// assert!(chunk.iter().zip(&back).all(|(x, y)| (x - y).abs() <= 1e-3) && payload.len() < 4096);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Predict {
    settings: Settings,
}

impl Predict {
    /// The codec with these settings.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Codec<f32> for Predict {
    fn encode(&self, values: &[f32], shape: Shape, target: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        encode(self.settings, values, shape, target, out)
    }
    fn decode(&self, bytes: &[u8], shape: Shape, out: &mut [f32]) -> Result<()> {
        decode(bytes, shape, out)
    }
    fn describe(&self, bytes: &[u8], shape: Shape) -> Result<Fields> {
        describe::<f32>(bytes, shape)
    }
}

impl Codec<f64> for Predict {
    fn encode(&self, values: &[f64], shape: Shape, target: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        encode(self.settings, values, shape, target, out)
    }
    fn decode(&self, bytes: &[u8], shape: Shape, out: &mut [f64]) -> Result<()> {
        decode(bytes, shape, out)
    }
    fn describe(&self, bytes: &[u8], shape: Shape) -> Result<Fields> {
        describe::<f64>(bytes, shape)
    }
}

/// The types that values of a type are predicted in: their own, and f64.
pub(crate) trait Predicted: Float {
    type Native: Work<Self>;
}

impl Predicted for f32 {
    type Native = f32;
}

impl Predicted for f64 {
    type Native = f64;
}

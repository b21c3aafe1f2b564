//! Lossless float and byte-level backends of tolzip.
//!
//! [`Lossless`] keeps every bit of arrays of any element type; [`bytes`] compresses strings without a shape. What they write
//! is described in `docs/codecs/lossless.md`.
//!
//! ```
//! use tolzip_core::{Codec, Shape, Target};
//! use tolzip_lossless::Lossless;
//!
//! let (values, shape) = ([1.5f32, 2.5, 3.5, f32::NAN], Shape::new(&[2, 2])?);
//! let mut chunk = Vec::new();
//! Lossless::default().encode(&values, shape, Target::Lossless, &mut chunk)?;
//! let mut back = [0.0f32; 4];
//! Lossless::default().decode(&chunk, shape, &mut back)?;
//! assert_eq!(back[..3], values[..3]);
//! # Ok::<(), tolzip_core::Error>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod blocks;
pub mod bytes;
mod choose;
mod chunk;
mod cost;
mod decimal;
mod describe;
mod dictionary;
mod float;
mod integer;
mod matches;
mod outlook;
mod pack;
mod planes;
mod sample;
mod stencil;
mod terms;
#[cfg(test)]
mod tests;
mod tokens;
mod trials;

pub use outlook::Outlook;

use alloc::vec::Vec;
use tolzip_core::{Codec, Element, Encoded, Error, Fields, Result, Shape, Target};
use tolzip_simd::lane;
use tolzip_simd::words::{Words, WordsMut, words, words_mut};

/// How much time to spend.
///
/// ```
/// use tolzip_lossless::Settings;
///
/// assert_eq!((Settings::default().level(), Settings::new(3)?.level()), (2, 3));
/// assert!(Settings::new(4).is_err());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    level: u8,
}

impl Settings {
    /// Level 1 runs at several gigabytes a second; 2, the default, takes several times as long and codes entropy; 3 tries
    /// everything there is: predictions by floats, repeats wherever they may be, more than one way where a sample does
    /// not tell.
    ///
    /// # Errors
    /// [`Error::BadSetting`] for any other level.
    pub const fn new(level: u8) -> Result<Self> {
        if level >= 1 && level <= MAX_LEVEL {
            Ok(Self { level })
        } else {
            Err(Error::BadSetting { method: METHOD, knob: "level", needs: "1, 2 or 3" })
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
        Self { level: 2 }
    }
}

const METHOD: &str = "lossless";
const MAX_LEVEL: u8 = 3;

/// The bit-exact codec. Decoding needs no settings.
///
/// ```
/// use tolzip_core::{Codec, Shape, Target};
/// use tolzip_lossless::{Lossless, Settings};
///
/// let (values, shape) = ([-7i64, 0, 7, i64::MAX], Shape::line(4));
/// let mut chunk = Vec::new();
/// Lossless::new(Settings::new(1)?).encode(&values, shape, Target::Lossless, &mut chunk)?;
/// let mut back = [0; 4];
/// Lossless::default().decode(&chunk, shape, &mut back)?;
/// assert_eq!(back, values);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Lossless {
    settings: Settings,
}

impl Lossless {
    /// A codec with these settings.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl<T: Element> Codec<T> for Lossless {
    fn encode(&self, values: &[T], shape: Shape, target: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        if values.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
        }
        if !matches!(target, Target::Lossless | Target::Knob) {
            return Err(Error::BoundUnsupported { method: METHOD, kind: "lossy" });
        }
        let (sides, float) = (shape.folded(), T::DTYPE.is_float());
        let level = self.settings.level;
        match words(values) {
            Words::W8(w) => chunk::encode(w, sides, float, level, out),
            Words::W16(w) => chunk::encode(w, sides, float, level, out),
            Words::W32(w) => chunk::encode(w, sides, float, level, out),
            Words::W64(w) => chunk::encode(w, sides, float, level, out),
        }
        Ok(Encoded::Verified { max_error: 0.0 })
    }

    fn decode(&self, bytes: &[u8], shape: Shape, out: &mut [T]) -> Result<()> {
        if out.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: out.len() as u64 });
        }
        let sides = shape.folded();
        match words_mut(out) {
            WordsMut::W8(w) => chunk::decode(bytes, sides, w),
            WordsMut::W16(w) => chunk::decode(bytes, sides, w),
            WordsMut::W32(w) => chunk::decode(bytes, sides, w),
            WordsMut::W64(w) => chunk::decode(bytes, sides, w),
        }
    }

    fn describe(&self, bytes: &[u8], shape: Shape) -> Result<Fields> {
        match size_of::<T>() {
            1 => describe::describe::<u8>(bytes, shape.len()),
            2 => describe::describe::<u16>(bytes, shape.len()),
            4 => describe::describe::<u32>(bytes, shape.len()),
            _ => describe::describe::<u64>(bytes, shape.len()),
        }
    }
}

//! The methods: every way to reduce an array, with its settings, under one name.

pub(crate) mod auto;
mod info;
mod knobs;
mod sample;
mod text;
mod truncation;

use info::all_families;
pub use info::{Knob, KnobKind, MethodInfo, all};
pub use sample::{Sample, Sampling};
pub use text::ParseMethodError;
pub use truncation::{Bitround, Truncation};

#[cfg(feature = "baselines")]
pub use crate::codec::baselines::{Brotli, Deflate, Pco};
use tolzip_core::{Bound, DType, Error, Result};

/// A method and its settings. Parses from and prints as the command line spells it: `predict:level=2`.
///
/// ```
/// use tolzip::{DType, Method};
///
/// let method: Method = "transform:mode=rate,rate=8".parse()?;
/// assert_eq!(method.to_string(), "transform:mode=rate,rate=8");
/// assert_eq!((method.family(), method.bounds()), ("transform", &["knob"][..]));
/// assert!(method.takes(DType::F32));
/// assert!("transform:rate=0".parse::<Method>().is_err());
/// # Ok::<(), tolzip::method::ParseMethodError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Method {
    /// The smallest of prediction, transform, fast and lossless on a sample of each chunk. *Use it unless you know better.*
    #[default]
    Auto,
    /// The values as they are, in a checksummed container.
    None,
    /// Prediction, quantization and entropy coding (the family of SZ). *Best ratio for fields and series.*
    Predict(tolzip_predict::Settings),
    /// Block transform and bit planes (zfp's stream). *Fast; fixed rate or precision possible.*
    Transform(tolzip_transform::Settings),
    /// Quantization, integer differences and Rice codes. *Several gigabytes a second, at about zfp's ratio or better.*
    Fast,
    /// Bit-exact. *For labels, ids, and whenever no error is acceptable.*
    Lossless(tolzip_lossless::Settings),
    /// Mantissas rounded to fewer bits, then lossless. *The values stay plain floats of bounded relative error.*
    Bitround(Bitround),
    /// Mantissas cut, groomed, rounded to digits or to a narrower type, then lossless. *To compare with, or where a tool
    /// downstream expects it.*
    Truncation(Truncation),
    /// Some of the rows, bit-exact. *The baseline to beat: fewer samples instead of coarser ones.*
    Sample(Sample),
    /// Deflate (gzip's algorithm) on the raw bytes, to compare with.
    #[cfg(feature = "baselines")]
    Deflate(Deflate),
    /// LZ4 on the raw bytes, to compare with.
    #[cfg(feature = "baselines")]
    Lz4,
    /// Brotli (of zstd's class) on the raw bytes, to compare with.
    #[cfg(feature = "baselines")]
    Brotli(Brotli),
    /// Pcodec on the numbers, to compare with.
    #[cfg(feature = "baselines")]
    Pco(Pco),
}

impl Method {
    /// Bit-exact, default effort.
    pub(crate) fn lossless() -> Self {
        Self::Lossless(tolzip_lossless::Settings::default())
    }

    /// Bit-exact, at several gigabytes a second.
    pub(crate) fn lossless_fast() -> Self {
        Self::Lossless(tolzip_lossless::Settings::new(1).unwrap_or_default())
    }

    /// The family's name: the part before the colon.
    #[must_use]
    pub const fn family(&self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::None => "none",
            Self::Predict(_) => "predict",
            Self::Transform(_) => "transform",
            Self::Fast => "fast",
            Self::Lossless(_) => "lossless",
            Self::Bitround(_) => "bitround",
            Self::Truncation(way) => way.family(),
            Self::Sample(_) => "sample",
            #[cfg(feature = "baselines")]
            Self::Deflate(_) => "deflate",
            #[cfg(feature = "baselines")]
            Self::Lz4 => "lz4",
            #[cfg(feature = "baselines")]
            Self::Brotli(_) => "brotli",
            #[cfg(feature = "baselines")]
            Self::Pco(_) => "pco",
        }
    }

    /// The kinds of bound (as [`Bound::kind`] names them) that the method takes with these settings.
    #[must_use]
    pub fn bounds(&self) -> &'static [&'static str] {
        match self {
            Self::Auto => {
                &["lossless", "abs", "rel", "abs_and_rel", "abs_or_rel", "pw_rel", "psnr", "l2", "ratio"]
            }
            Self::Predict(_) | Self::Fast => {
                &["abs", "rel", "abs_and_rel", "abs_or_rel", "pw_rel", "psnr", "l2", "ratio"]
            }
            Self::Transform(settings)
                if !matches!(
                    settings,
                    tolzip_transform::Settings::Auto
                        | tolzip_transform::Settings::Context
                        | tolzip_transform::Settings::Reversible
                ) =>
            {
                &["knob"]
            }
            Self::Transform(tolzip_transform::Settings::Reversible) => &["lossless"],
            Self::Transform(_) => {
                &["abs", "rel", "abs_and_rel", "abs_or_rel", "pw_rel", "psnr", "l2", "ratio", "lossless"]
            }
            Self::Bitround(way) if way.is_set() => &["knob"],
            Self::Truncation(way) if way.is_set() => &["knob"],
            Self::Bitround(_) | Self::Truncation(_) => &["abs", "rel", "abs_and_rel", "abs_or_rel", "pw_rel"],
            Self::Sample(_) => &["knob"],
            _ => &["lossless"],
        }
    }

    /// Whether the method takes elements of this type.
    #[must_use]
    pub const fn takes(&self, dtype: DType) -> bool {
        match self {
            Self::Truncation(Truncation::Cast(_)) => matches!(dtype, DType::F32 | DType::F64),
            Self::Bitround(_) | Self::Truncation(_) => dtype.is_float(),
            _ => true,
        }
    }

    /// The method itself, if it is bit-exact whatever the bound.
    pub(crate) const fn exact(&self) -> Option<&Self> {
        match self {
            Self::Auto
            | Self::Predict(_)
            | Self::Transform(_)
            | Self::Fast
            | Self::Bitround(_)
            | Self::Truncation(_)
            | Self::Sample(_) => None,
            _ => Some(self),
        }
    }

    /// Whether bound and type fit the method.
    pub(crate) fn check(&self, bound: Bound, dtype: DType) -> Result<()> {
        if !self.bounds().contains(&bound.kind()) {
            return Err(Error::BoundUnsupported { method: self.family(), kind: bound.kind() });
        }
        if !self.takes(dtype) {
            return Err(Error::TypeUnsupported { method: self.family(), dtype });
        }
        Ok(())
    }
}

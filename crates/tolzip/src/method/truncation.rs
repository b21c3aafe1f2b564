//! Truncation as methods: which way, and how much to keep.

use crate::road::scan::Scan;
use crate::road::verify::verify;
use alloc::vec::Vec;
use tolzip_core::{DType, Element, Error, Result, Target};
use tolzip_reduce::{bitround, cast, digits, information, truncate};

/// Settings of bit rounding.
///
/// ```
/// use tolzip::method::Bitround;
/// use tolzip::{Bound, Method};
///
/// let values: Vec<f32> = (1..=1000).map(|i| 1.0 / i as f32).collect();
/// let method = Method::Bitround(Bitround::bits(7));
/// let back = tolzip::decompress::<f32>(&tolzip::compress_with(method, &values, &[1000], Bound::Knob)?)?;
/// assert!(back.values().iter().all(|y| y.to_bits() & 0xffff == 0));
/// assert!(values.iter().zip(back.values()).all(|(x, y)| (x - y).abs() <= x / 256.0));
///
/// // Without a number of its own it keeps the bits that the bound needs.
/// assert_eq!("bitround".parse::<Method>(), Ok(Method::Bitround(Bitround::default())));
/// # Ok::<(), tolzip::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Bitround {
    /// Explicit mantissa bits to keep.
    pub bits: Option<u32>,
    /// Keep as many bits as hold this share of the real information, above 0 and at most 1.
    pub info: Option<f64>,
}

/// Mantissas made shorter, in other ways than by rounding all to the same number of bits. Without a number of its own, each
/// keeps the least that holds the bound. A chunk that takes no more room bit for bit, such as one of a few values, is stored so.
///
/// ```
/// use tolzip::method::Truncation;
/// use tolzip::{Bound, DType, F16, Method};
///
/// let values: Vec<f32> = (1..=1000).map(|i| 1.0 / i as f32).collect();
/// let halves = Method::Truncation(Truncation::Cast(Some(DType::F16)));
/// let back = tolzip::decompress::<f32>(&tolzip::compress_with(halves, &values, &[1000], Bound::Knob)?)?;
/// assert!(values.iter().zip(back.values()).all(|(x, y)| F16::from_f32(*x).to_f32() == *y));
///
/// assert_eq!("truncate:bits=7".parse::<Method>(), Ok(Method::Truncation(Truncation::Truncate(Some(7)))));
/// assert_eq!(Method::Truncation(Truncation::Granular(None)).to_string(), "granular");
/// # Ok::<(), tolzip::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Truncation {
    /// Low bits set to zero: explicit mantissa bits to keep.
    Truncate(Option<u32>),
    /// Low bits set to zero and to one in turns: explicit mantissa bits to keep.
    Groom(Option<u32>),
    /// Significant decimal digits, the middle of the interval.
    DigitRound(Option<u32>),
    /// Significant decimal digits, the nearest multiple of a power of two.
    Granular(Option<u32>),
    /// The nearest value of a narrower type: f16, bf16, or f32 for f64.
    Cast(Option<DType>),
}

impl Bitround {
    /// As many explicit mantissa bits.
    #[must_use]
    pub const fn bits(bits: u32) -> Self {
        Self { bits: Some(bits), info: None }
    }

    /// Whether settings decide, and no bound.
    pub(crate) const fn is_set(self) -> bool {
        self.bits.is_some() || self.info.is_some()
    }

    /// The values, rounded for the target. What misses the bound is for the caller to correct.
    pub(crate) fn apply<T: Element>(self, values: &[T], target: Target, here: Scan) -> Result<Vec<T>> {
        let bits = match (self.bits, self.info) {
            (Some(bits), _) => Some(bits),
            (None, Some(share)) => Some(information::bits_for_share(values, share)?),
            (None, None) => match target {
                Target::Abs(e) => bitround::bits_for_abs::<T>(largest(here), e),
                Target::PointwiseRel(e) => bitround::bits_for_pointwise::<T>(e),
                _ => return Err(needs("bitround", "bits")),
            },
        };
        let mut rounded = values.to_vec();
        if let Some(bits) = bits {
            bitround::round(&mut rounded, bits)?;
        }
        Ok(rounded)
    }
}

impl Truncation {
    pub(crate) const fn family(self) -> &'static str {
        match self {
            Self::Truncate(_) => "truncate",
            Self::Groom(_) => "groom",
            Self::DigitRound(_) => "digitround",
            Self::Granular(_) => "granular",
            Self::Cast(_) => "cast",
        }
    }

    /// Whether settings decide, and no bound.
    pub(crate) const fn is_set(self) -> bool {
        match self {
            Self::Truncate(n) | Self::Groom(n) | Self::DigitRound(n) | Self::Granular(n) => n.is_some(),
            Self::Cast(to) => to.is_some(),
        }
    }

    /// The values, shortened for the target. What misses the bound is for the caller to correct.
    pub(crate) fn apply<T: Element>(self, values: &[T], target: Target, here: Scan) -> Result<Vec<T>> {
        type Round<T> = fn(&mut [T], u32) -> Result<()>;
        let bits = || match target {
            Target::Abs(e) => Ok(truncate::bits_for_abs::<T>(largest(here), e)),
            Target::PointwiseRel(e) => Ok(truncate::bits_for_pointwise::<T>(e)),
            _ => Err(needs(self.family(), "bits")),
        };
        let digits = || match target {
            Target::Abs(e) => Ok(digits::digits_for_abs(largest(here), e)),
            Target::PointwiseRel(e) => Ok(digits::digits_for_pointwise(e)),
            _ => Err(needs(self.family(), "digits")),
        };
        let (round, knob): (Round<T>, Option<u32>) = match self {
            Self::Truncate(n) => (truncate::truncate, n.map_or_else(bits, |n| Ok(Some(n)))?),
            Self::Groom(n) => (truncate::groom, n.map_or_else(bits, |n| Ok(Some(n)))?),
            Self::DigitRound(n) => (digits::digit_round, n.map_or_else(digits, |n| Ok(Some(n)))?),
            Self::Granular(n) => (digits::granular_round, n.map_or_else(digits, |n| Ok(Some(n)))?),
            Self::Cast(Some(to)) => return as_type(values, to),
            Self::Cast(None) if target == Target::Knob => return Err(needs("cast", "to")),
            Self::Cast(None) => {
                // The narrowest type that leaves few values to be stored exactly.
                for to in cast::TYPES {
                    let narrow = as_type(values, to)?;
                    let misses = verify(values, &T::as_carriers(&narrow), target, None).corrections.len();
                    if misses * 64 <= values.len() {
                        return Ok(narrow);
                    }
                }
                return Ok(values.to_vec());
            }
        };
        let mut rounded = values.to_vec();
        if let Some(knob) = knob {
            round(&mut rounded, knob)?;
        }
        Ok(rounded)
    }
}

fn as_type<T: Element>(values: &[T], to: DType) -> Result<Vec<T>> {
    let mut narrow = values.to_vec();
    let carriers =
        T::as_carriers_mut(&mut narrow).ok_or(Error::TypeUnsupported { method: "cast", dtype: T::DTYPE })?;
    cast::cast(carriers, to)?;
    Ok(narrow)
}

/// The largest magnitude.
fn largest(here: Scan) -> f64 {
    if -here.min > here.max { -here.min } else { here.max }
}

const fn needs(method: &'static str, knob: &'static str) -> Error {
    Error::BadSetting { method, knob, needs: "a number, or a bound" }
}

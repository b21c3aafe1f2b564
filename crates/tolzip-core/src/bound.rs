//! What the user asks for: the kind of bound, its number, and what part of the array it speaks of.

use crate::{Error, Result, Shape};

/// How far a decompressed value may be from the original.
///
/// `x` is the original, `x'` what decompression returns, in the array's own type. NaN, infinities and fill values are
/// kept exactly whatever the bound.
///
/// ```
/// use tolzip_core::Bound;
///
/// let bound = Bound::rel(1e-3);
/// assert_eq!((bound.kind(), bound.value()), ("rel", Some(1e-3)));
/// let both = Bound::AbsAndRel { abs: 0.5, rel: 1e-3 };
/// assert_eq!((both.value(), both.second()), (Some(0.5), Some(1e-3)));
/// assert!(Bound::abs(-0.5).validate().is_err());
/// assert!(Bound::Psnr(-0.5).validate().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Bound {
    /// Bit-exact.
    Lossless,
    /// `|x - x'| <= E`, in the data's own unit.
    Abs(f64),
    /// `|x - x'| <= E * (max - min)` of the finite values in scope (*value-range relative*, as in SZ and LibPressio).
    Rel(f64),
    /// `|x - x'| <= E * |x|` (*point-wise relative*).
    PointwiseRel(f64),
    /// A peak signal-to-noise ratio of at least this many decibels: `20 log10((max - min) / rmse)`, of the finite values
    /// in scope, as SZ and Z-checker define it.
    Psnr(f64),
    /// A root mean square error of at most this.
    L2(f64),
    /// The tightest absolute bound that makes the stream smaller by at least this factor.
    Ratio(f64),
    /// Both an absolute and a value-range relative bound: the smaller error of the two.
    AbsAndRel {
        /// `|x - x'| <= abs`
        abs: f64,
        /// `|x - x'| <= rel * (max - min)`
        rel: f64,
    },
    /// An absolute or a value-range relative bound: the larger error of the two.
    AbsOrRel {
        /// `|x - x'| <= abs`
        abs: f64,
        /// `|x - x'| <= rel * (max - min)`
        rel: f64,
    },
    /// No bound: the method's own knob (kept bits, rate, ...) decides, and the error that results is recorded.
    Knob,
}

impl Bound {
    /// `|x - x'| <= e`.
    #[must_use]
    pub const fn abs(e: f64) -> Self {
        Self::Abs(e)
    }

    /// `|x - x'| <= e * (max - min)`.
    #[must_use]
    pub const fn rel(e: f64) -> Self {
        Self::Rel(e)
    }

    /// `|x - x'| <= e * |x|`.
    #[must_use]
    pub const fn pointwise_rel(e: f64) -> Self {
        Self::PointwiseRel(e)
    }

    /// The kind's name, as the command line spells it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Lossless => "lossless",
            Self::Abs(_) => "abs",
            Self::Rel(_) => "rel",
            Self::PointwiseRel(_) => "pw_rel",
            Self::Psnr(_) => "psnr",
            Self::L2(_) => "l2",
            Self::Ratio(_) => "ratio",
            Self::AbsAndRel { .. } => "abs_and_rel",
            Self::AbsOrRel { .. } => "abs_or_rel",
            Self::Knob => "knob",
        }
    }

    /// The number, for the kinds that have one; of two, the absolute bound.
    #[must_use]
    pub const fn value(&self) -> Option<f64> {
        match *self {
            Self::Abs(e) | Self::Rel(e) | Self::PointwiseRel(e) => Some(e),
            Self::Psnr(number) | Self::L2(number) | Self::Ratio(number) => Some(number),
            Self::AbsAndRel { abs, .. } | Self::AbsOrRel { abs, .. } => Some(abs),
            Self::Lossless | Self::Knob => None,
        }
    }

    /// The relative bound beside the absolute one, for the kinds that have both.
    #[must_use]
    pub const fn second(&self) -> Option<f64> {
        match *self {
            Self::AbsAndRel { rel, .. } | Self::AbsOrRel { rel, .. } => Some(rel),
            _ => None,
        }
    }

    /// Checks the numbers: finite and at least 0 (0 means bit-exact up to the sign of zero); a PSNR may be anything finite,
    /// a ratio has to be above 0.
    ///
    /// # Errors
    /// [`Error::BadBound`] for anything else.
    pub fn validate(&self) -> Result<()> {
        for value in [self.value(), self.second()].into_iter().flatten() {
            let (fits, needs) = match self {
                Self::Psnr(_) => (true, "a finite number"),
                Self::Ratio(_) => (value > 0.0, "a finite number above 0"),
                _ => (value >= 0.0, "a finite number that is not negative"),
            };
            if !(fits && value.is_finite()) {
                return Err(Error::BadBound { kind: self.kind(), value, needs });
            }
        }
        Ok(())
    }
}

/// Which values share one range and one bound.
///
/// ```
/// use tolzip_core::{Error, Scope, Shape};
///
/// let table = Shape::new(&[1000, 28])?;
/// assert_eq!(Scope::default().axis(table)?, None);
/// assert_eq!(Scope::Column.axis(table)?, Some(1));
/// assert_eq!(Scope::Axis(2).axis(table), Err(Error::NoSuchAxis { axis: 2, ndim: 2 }));
/// assert_eq!(Scope::Column.axis(Shape::line(1000)), Err(Error::NoColumns { ndim: 1 }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// All of them.
    #[default]
    Whole,
    /// Each column: each index of the last axis.
    Column,
    /// Each row: each index of the first axis.
    Row,
    /// Each index of this axis.
    Axis(usize),
}

impl Scope {
    /// The axis whose indices are treated separately, `None` for the whole array.
    ///
    /// # Errors
    /// [`Error::NoColumns`] and [`Error::NoSuchAxis`] when the shape has none such.
    pub fn axis(self, shape: Shape) -> Result<Option<usize>> {
        let ndim = shape.ndim();
        let axis = match self {
            Self::Whole => return Ok(None),
            Self::Column | Self::Row if ndim < 2 => return Err(Error::NoColumns { ndim }),
            Self::Column => ndim - 1,
            Self::Row => 0,
            Self::Axis(axis) => axis,
        };
        if axis < ndim { Ok(Some(axis)) } else { Err(Error::NoSuchAxis { axis, ndim }) }
    }
}

//! How far a reconstruction is from its original.

mod detail;
mod distribution;
mod errors;
mod signal;
mod ssim;

pub use detail::{ColumnErrors, Detail};
pub use ssim::{ssim, ssim_3d};

use serde::{Deserialize, Serialize};
use tolzip_core::{AnyArray, Element, Error, Result, with_any};

/// Fidelity of one reconstruction, every figure computed in f64 over the values that are finite in both arrays.
///
/// `None` (JSON `null`) stands for a figure that is infinite or not defined: PSNR of an exact copy, anything relative to
/// the range of a constant array, SSIM of an array without planes of at least 7 x 7.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fidelity {
    /// Number of values.
    pub n: u64,
    /// Largest minus smallest finite value of the original.
    pub value_range: f64,
    /// Largest `|x - x'|`.
    pub max_abs_error: f64,
    /// `max_abs_error / value_range`.
    pub max_rel_error: Option<f64>,
    /// Largest `|x - x'| / |x|`; `None` if a zero did not stay zero.
    pub max_pw_rel_error: Option<f64>,
    /// Root mean square error, `sqrt(mean((x - x')^2))`.
    pub rmse: f64,
    /// `rmse / value_range`.
    pub nrmse: Option<f64>,
    /// Peak signal-to-noise ratio in dB, `20 log10(value_range / rmse)`.
    pub psnr: Option<f64>,
    /// Mean of `x' - x`.
    pub bias: f64,
    /// Structural similarity, see [`ssim`].
    pub ssim: Option<f64>,
    /// Values that are not finite in one array and not the same in the other (NaN is the same as NaN).
    pub non_finite_mismatches: u64,
    /// Everything else, where it was asked for.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
}

impl Fidelity {
    /// Compares a reconstruction with its original.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] and [`Error::TypeMismatch`] if the arrays are not of one shape and type.
    pub fn new(original: &AnyArray, reconstructed: &AnyArray) -> Result<Self> {
        Self::check(original, reconstructed)?;
        Ok(errors::compare(&to_f64(original), &to_f64(reconstructed), original.shape()))
    }

    /// As [`new`](Self::new), with all that is in [`Detail`]; takes several times as long.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn full(original: &AnyArray, reconstructed: &AnyArray) -> Result<Self> {
        Self::check(original, reconstructed)?;
        let (x, y) = (to_f64(original), to_f64(reconstructed));
        let detail = Some(detail::detail(&x, &y, original.shape()));
        Ok(Self { detail, ..errors::compare(&x, &y, original.shape()) })
    }

    fn check(original: &AnyArray, reconstructed: &AnyArray) -> Result<()> {
        if original.dtype() != reconstructed.dtype() {
            return Err(Error::TypeMismatch { stored: reconstructed.dtype(), asked: original.dtype() });
        }
        if original.shape() != reconstructed.shape() {
            return Err(Error::ShapeMismatch {
                needed: original.shape().len() as u64,
                got: reconstructed.shape().len() as u64,
            });
        }
        Ok(())
    }
}

/// The values of any array as f64 (64-bit integers beyond 2^53 are rounded).
pub(crate) fn to_f64(array: &AnyArray) -> Vec<f64> {
    with_any!(array, a => a.values().iter().map(|v| v.to_f64()).collect())
}

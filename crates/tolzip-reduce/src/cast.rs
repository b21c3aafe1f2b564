//! Values as a narrower float type would hold them.
//!
//! The values stay in their own type: what a cast to the narrower one and back gives, rounded once, to nearest, ties to even
//! (IEEE 754-2019, section 4.3.1). The bits that the narrower type lacks are zero, and cost nothing in lossless storage.

use crate::bitround;
use crate::layout::{Layout, power_of_two};
use tolzip_core::{DType, Error, Float, Result};

/// The narrower types, from the one with the fewest mantissa bits on.
pub const TYPES: [DType; 3] = [DType::Bf16, DType::F16, DType::F32];

/// Replaces every value by the nearest one of `to`: [`DType::F16`], [`DType::Bf16`] or [`DType::F32`]. Beyond that type's range
/// this is an infinity. NaN and infinities stay as they are; the sign of zero is kept.
///
/// ```
/// use tolzip_core::DType;
///
/// let mut values = [0.1f64, 2049.0, 1e6];
/// tolzip_reduce::cast::cast(&mut values, DType::F16)?;
/// assert_eq!(values, [0.0999755859375, 2048.0, f64::INFINITY]);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::BadSetting`] for any other type.
pub fn cast<C: Float>(values: &mut [C], to: DType) -> Result<()> {
    if !TYPES.contains(&to) {
        return Err(Error::BadSetting { method: "cast", knob: "to", needs: "f16, bf16 or f32" });
    }
    let (own, narrow) = (Layout::of(C::DTYPE)?, Layout::of(to)?);
    if narrow.mantissa_bits >= own.mantissa_bits {
        return Ok(());
    }
    let normal = C::from_f64(power_of_two(narrow.lowest));
    // Adding this leaves units of the narrower type's denormals.
    let unit = narrow.lowest - narrow.mantissa_bits as i32;
    let shift = C::from_f64(1.5 * power_of_two(unit + own.mantissa_bits as i32));
    // Half a unit above the largest value: from here on the nearest one is infinity.
    let last = 2.0 - power_of_two(-(narrow.mantissa_bits as i32) - 1);
    let beyond = C::from_f64(last * power_of_two(narrow.highest));
    let infinity = C::from_f64(f64::INFINITY);
    let mut rounded = [C::ZERO; 256];
    for block in values.chunks_mut(rounded.len()) {
        let rounded = &mut rounded[..block.len()];
        rounded.copy_from_slice(block);
        bitround::round(rounded, narrow.mantissa_bits)?;
        for (x, &r) in block.iter_mut().zip(&*rounded) {
            let magnitude = x.abs();
            let small = (magnitude + shift) - shift;
            let large = if magnitude >= beyond { infinity } else { r.abs() };
            let new = if magnitude < normal { small } else { large };
            *x = with_sign_of(new, *x);
        }
    }
    Ok(())
}

/// A number that is not negative, with the sign of `x`; `x` itself where it is NaN.
fn with_sign_of<C: Float>(new: C, x: C) -> C {
    let sign = x.to_bits() ^ x.abs().to_bits();
    let is_nan = x.partial_cmp(&x).is_none();
    if is_nan { x } else { C::from_bits(new.to_bits() ^ sign) }
}

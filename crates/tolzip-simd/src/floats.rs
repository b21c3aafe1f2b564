//! Slices of values seen as slices of f32 or f64, so that code with a body per type is reached from generic code.

use tolzip_core::{DType, Float};

/// A slice of one of the two floating-point types that codecs calculate with.
#[derive(Clone, Copy, Debug)]
pub enum Floats<'a> {
    /// Single precision.
    F32(&'a [f32]),
    /// Double precision.
    F64(&'a [f64]),
}

/// The same, to be changed in place.
#[derive(Debug)]
pub enum FloatsMut<'a> {
    /// Single precision.
    F32(&'a mut [f32]),
    /// Double precision.
    F64(&'a mut [f64]),
}

/// The values, as the type they are.
#[must_use]
pub fn floats<C: Float>(values: &[C]) -> Floats<'_> {
    let (at, n) = (values.as_ptr(), values.len());
    match C::DTYPE {
        // SAFETY: `Float` is sealed: its only implementor with this `DTYPE` is f32, so the cast does not change the type.
        DType::F32 => Floats::F32(unsafe { core::slice::from_raw_parts(at.cast(), n) }),
        // SAFETY: likewise; f64 is the only other implementor.
        _ => Floats::F64(unsafe { core::slice::from_raw_parts(at.cast(), n) }),
    }
}

/// The values, as the type they are, to be changed in place.
#[must_use]
pub fn floats_mut<C: Float>(values: &mut [C]) -> FloatsMut<'_> {
    let (at, n) = (values.as_mut_ptr(), values.len());
    match C::DTYPE {
        // SAFETY: as in `floats`, and the borrow stays unique.
        DType::F32 => FloatsMut::F32(unsafe { core::slice::from_raw_parts_mut(at.cast(), n) }),
        // SAFETY: as above.
        _ => FloatsMut::F64(unsafe { core::slice::from_raw_parts_mut(at.cast(), n) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_the_one_it_was() {
        assert!(matches!(floats(&[1.0f32]), Floats::F32([1.0])));
        assert!(matches!(floats(&[1.0f64]), Floats::F64([1.0])));
        let mut x = [2.0f64];
        if let FloatsMut::F64(x) = floats_mut(&mut x) {
            x[0] = 3.0;
        }
        assert_eq!(x, [3.0]);
    }
}

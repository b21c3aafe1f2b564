//! Slices of values seen as slices of their bit patterns, without a copy.

use tolzip_core::Element;

/// The bit patterns of `values`.
#[must_use]
pub fn as_bits<T: Element>(values: &[T]) -> &[T::Bits] {
    const { assert!(size_of::<T>() == size_of::<T::Bits>() && align_of::<T>() == align_of::<T::Bits>()) };
    // SAFETY: same size and alignment (checked above); `Element` is sealed and its implementors are plain numbers, so
    // every bit pattern of `T` is initialised and is a valid unsigned integer.
    unsafe { core::slice::from_raw_parts(values.as_ptr().cast(), values.len()) }
}

/// The bit patterns of `values`, to be changed in place.
#[must_use]
pub fn as_bits_mut<T: Element>(values: &mut [T]) -> &mut [T::Bits] {
    const { assert!(size_of::<T>() == size_of::<T::Bits>() && align_of::<T>() == align_of::<T::Bits>()) };
    // SAFETY: as in `as_bits`, and every unsigned integer is a valid bit pattern of `T`; the borrow stays unique.
    unsafe { core::slice::from_raw_parts_mut(values.as_mut_ptr().cast(), values.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_the_values_bits() {
        let mut x = [1.0f32, -0.0, f32::NAN];
        assert_eq!(as_bits(&x)[..2], [0x3f80_0000, 0x8000_0000]);
        as_bits_mut(&mut x)[2] = 0x4000_0000;
        assert_eq!(x[2], 2.0);
        assert!(as_bits::<f64>(&[]).is_empty());
    }
}

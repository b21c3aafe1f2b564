//! Slices of values seen as slices of one of the four unsigned words, so that generic code is written once a width.

use crate::cast::{as_bits, as_bits_mut};
use tolzip_core::Element;

/// The bit patterns of a slice of values.
#[derive(Clone, Copy, Debug)]
pub enum Words<'a> {
    /// Of 1 byte.
    W8(&'a [u8]),
    /// Of 2 bytes.
    W16(&'a [u16]),
    /// Of 4 bytes.
    W32(&'a [u32]),
    /// Of 8 bytes.
    W64(&'a [u64]),
}

/// The bit patterns of a slice of values, to be changed in place.
#[derive(Debug)]
pub enum WordsMut<'a> {
    /// Of 1 byte.
    W8(&'a mut [u8]),
    /// Of 2 bytes.
    W16(&'a mut [u16]),
    /// Of 4 bytes.
    W32(&'a mut [u32]),
    /// Of 8 bytes.
    W64(&'a mut [u64]),
}

/// The words of `values`.
#[must_use]
pub fn words<T: Element>(values: &[T]) -> Words<'_> {
    let bits = as_bits(values);
    let (at, n) = (bits.as_ptr(), bits.len());
    // SAFETY (all four): `T::Bits` is one of u8, u16, u32 and u64 (`Word` is sealed), and a size has only one of them:
    // the cast does not change the type.
    match size_of::<T::Bits>() {
        // SAFETY: as above.
        1 => Words::W8(unsafe { core::slice::from_raw_parts(at.cast(), n) }),
        // SAFETY: as above.
        2 => Words::W16(unsafe { core::slice::from_raw_parts(at.cast(), n) }),
        // SAFETY: as above.
        4 => Words::W32(unsafe { core::slice::from_raw_parts(at.cast(), n) }),
        // SAFETY: as above.
        _ => Words::W64(unsafe { core::slice::from_raw_parts(at.cast(), n) }),
    }
}

/// The words of `values`, to be changed in place.
#[must_use]
pub fn words_mut<T: Element>(values: &mut [T]) -> WordsMut<'_> {
    let bits = as_bits_mut(values);
    let (at, n) = (bits.as_mut_ptr(), bits.len());
    // SAFETY (all four): as in `words`, and the borrow stays unique.
    match size_of::<T::Bits>() {
        // SAFETY: as above.
        1 => WordsMut::W8(unsafe { core::slice::from_raw_parts_mut(at.cast(), n) }),
        // SAFETY: as above.
        2 => WordsMut::W16(unsafe { core::slice::from_raw_parts_mut(at.cast(), n) }),
        // SAFETY: as above.
        4 => WordsMut::W32(unsafe { core::slice::from_raw_parts_mut(at.cast(), n) }),
        // SAFETY: as above.
        _ => WordsMut::W64(unsafe { core::slice::from_raw_parts_mut(at.cast(), n) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::{Bf16, Element};

    #[test]
    fn each_type_has_its_width() {
        fn width<T: Element>() -> (usize, usize) {
            let mut values = [T::default(); 3];
            let read = match words(&values) {
                Words::W8(w) => w.len() * 100 + 1,
                Words::W16(w) => w.len() * 100 + 2,
                Words::W32(w) => w.len() * 100 + 4,
                Words::W64(w) => w.len() * 100 + 8,
            };
            let write = match words_mut(&mut values) {
                WordsMut::W8(w) => w.len() * 100 + 1,
                WordsMut::W16(w) => w.len() * 100 + 2,
                WordsMut::W32(w) => w.len() * 100 + 4,
                WordsMut::W64(w) => w.len() * 100 + 8,
            };
            (read, write)
        }
        assert_eq!(width::<i8>(), (301, 301));
        assert_eq!(width::<Bf16>(), (302, 302));
        assert_eq!(width::<f32>(), (304, 304));
        assert_eq!(width::<f64>(), (308, 308));
        assert!(matches!(words(&[1.0f32, -2.0]), Words::W32([0x3f80_0000, 0xc000_0000])));
    }
}

//! Words as integers, and differences of all of them at once.

use super::versions;
use crate::lane::{Lane, Order};

versions! {
    /// Words as integers whose order is that of the values.
    ///
    /// # Panics
    /// If the slices differ in length.
    integers<W: Lane>(words: &[W], order: Order, out: &mut [W]) {
        assert_eq!(words.len(), out.len());
        for (o, &w) in out.iter_mut().zip(words) {
            *o = order.of(w);
        }
    }
}

versions! {
    /// Signed to unsigned, with small magnitudes first.
    ///
    /// # Panics
    /// If the slices differ in length.
    zigzag<W: Lane>(words: &[W], out: &mut [W]) {
        assert_eq!(words.len(), out.len());
        for (o, w) in out.iter_mut().zip(words) {
            *o = w.zigzag();
        }
    }
}

/// Spreads words over all bits of a product.
pub const HASH: u64 = 0x9e37_79b9_7f4a_7c15;

versions! {
    /// Which words are of the sixteenth whose products with [`HASH`], the highest bit left out, have four zeros on top: all of the same
    /// words, or none.
    ///
    /// # Panics
    /// If the slices differ in length.
    sixteenth<W: Lane>(words: &[W], out: &mut [u8]) {
        assert_eq!(words.len(), out.len());
        for (o, w) in out.iter_mut().zip(words) {
            *o = u8::from(w.shl(1).to_u64().wrapping_mul(HASH) >> 60 == 0);
        }
    }
}

versions! {
    /// From each integer the one `step` before is subtracted, but not from those whose place along their axis, which has `side`
    /// of them, is before `first`, and first at least 1: they stay.
    ///
    /// # Panics
    /// If the slices differ in length, or are shorter than a step.
    difference<W: Lane>(from: &[W], step: usize, side: usize, first: usize, out: &mut [W]) {
        assert_eq!(from.len(), out.len());
        let (head, rest) = out.split_at_mut(step);
        head.copy_from_slice(&from[..step]);
        for ((o, &x), &y) in rest.iter_mut().zip(&from[step..]).zip(from) {
            *o = x.wrapping_sub(y);
        }
        let stay = (first * step).min(side * step);
        for (o, x) in out.chunks_mut((side * step).max(1)).zip(from.chunks((side * step).max(1))) {
            if stay == 1 {
                o[0] = x[0];
            } else {
                o[..stay].copy_from_slice(&x[..stay]);
            }
        }
    }
}

//! The range of the finite values.

use crate::rows::dispatched;
use tolzip_core::Float;

/// Values handled at once.
const LANES: usize = 16;

/// The least and the greatest finite value, and how many are not finite; `None` where none is finite.
#[must_use]
pub fn range<T: Float>(values: &[T]) -> Option<(T, T, usize)> {
    let &first = values.iter().find(|v| v.is_finite())?;
    // Counts of a lane have 32 bits.
    let mut all = (first, first, 0);
    for values in values.chunks(1 << 31) {
        let (least, most, others) = range_from(values, first);
        all.0 = if least < all.0 { least } else { all.0 };
        all.1 = if most > all.1 { most } else { all.1 };
        all.2 += others;
    }
    Some(all)
}

dispatched! {
    /// The same among the values and `first`, which is finite.
    range_from<T: Float>(values: &[T], first: T) -> (T, T, usize) {
        let (mut least, mut most, mut others) = ([first; LANES], [first; LANES], [0u32; LANES]);
        let mut one = |lane: usize, x: T| {
            // NaN and infinities minus themselves are NaN; unlike a test of the bits, this becomes vector code for any
            // type.
            #[allow(clippy::eq_op)]
            let finite = x - x == T::ZERO;
            others[lane] += u32::from(!finite);
            least[lane] = if finite & (x < least[lane]) { x } else { least[lane] };
            most[lane] = if finite & (x > most[lane]) { x } else { most[lane] };
        };
        let (blocks, rest) = values.as_chunks::<LANES>();
        for block in blocks {
            for (lane, &x) in block.iter().enumerate() {
                one(lane, x);
            }
        }
        for (lane, &x) in rest.iter().enumerate() {
            one(lane, x);
        }
        let least = least.into_iter().fold(first, |a, b| if b < a { b } else { a });
        let most = most.into_iter().fold(first, |a, b| if b > a { b } else { a });
        (least, most, others.into_iter().map(|n| n as usize).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec::Vec;

    #[test]
    fn what_is_not_finite_is_counted_and_left_out() {
        for n in 0..70 {
            let mut values: Vec<f64> = (0..n).map(|i| f64::from(i * 37 % 70) - 30.0).collect();
            for (i, x) in values.iter_mut().enumerate().filter(|(i, _)| i % 9 == 3) {
                *x = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][i % 3];
            }
            let finite = || values.iter().copied().filter(|x| x.is_finite());
            let expected = (
                finite().fold(99.0, f64::min),
                finite().fold(-99.0, f64::max),
                n as usize - finite().count(),
            );
            assert_eq!(range(&values), (n > 0).then_some(expected));
        }
        assert_eq!(range(&[f32::NAN; 20]), None);
    }
}

//! Interpolation along one axis, and the moves between a dense row and its even and odd values.

use super::{Work, dispatched};
use tolzip_core::{Element, Float};

/// Four rows and their weights.
pub type Stencil<'a, T, W> = ([&'a [T]; 4], [W; 4]);

#[inline(always)]
fn four<T, W: Work<T>>([a, b, c, d]: [T; 4], w: [W; 4]) -> W {
    (w[0] * W::load(a) + w[3] * W::load(d)) + (w[1] * W::load(b) + w[2] * W::load(c))
}

dispatched! {
    /// `p = (w0 a + w3 d) + (w1 b + w2 c)` of the first four rows, plus the same of each four after them, in order.
    ///
    /// # Panics
    /// If there are no rows, or one is shorter than `p`.
    predict<T: Float, W: Work<T>>(p: &mut [W], stencils: &[Stencil<'_, T, W>]) -> () {
        let n = p.len();
        let Some(((rows, w), more)) = stencils.split_first() else { return };
        let [a, b, c, d] = rows.map(|r| &r[..n]);
        for i in 0..n {
            p[i] = four([a[i], b[i], c[i], d[i]], *w);
        }
        for (rows, w) in more {
            let [a, b, c, d] = rows.map(|r| &r[..n]);
            for i in 0..n {
                p[i] = p[i] + four([a[i], b[i], c[i], d[i]], *w);
            }
        }
    }
}

dispatched! {
    /// Every second value of `row`, from the first.
    ///
    /// # Panics
    /// If `out` does not have half of `row`'s values, rounded up.
    take_even<T: Element>(row: &[T], out: &mut [T]) -> () {
        assert_eq!(out.len(), row.len().div_ceil(2));
        let (pairs, last) = row.as_chunks::<2>();
        for (o, pair) in out.iter_mut().zip(pairs) {
            *o = pair[0];
        }
        if let ([x], Some(o)) = (last, out.last_mut()) {
            *o = *x;
        }
    }
}

dispatched! {
    /// Every second value of `row`, from the second.
    ///
    /// # Panics
    /// If `out` does not have half of `row`'s values, rounded down.
    take_odd<T: Element>(row: &[T], out: &mut [T]) -> () {
        assert_eq!(out.len(), row.len() / 2);
        for (o, pair) in out.iter_mut().zip(row.as_chunks::<2>().0) {
            *o = pair[1];
        }
    }
}

dispatched! {
    /// The inverse of [`take_even`] and [`take_odd`].
    ///
    /// # Panics
    /// If `even` and `odd` do not have half of `out`'s values each, rounded up and down.
    interleave<T: Copy>(even: &[T], odd: &[T], out: &mut [T]) -> () {
        assert_eq!((even.len(), odd.len()), (out.len().div_ceil(2), out.len() / 2));
        let (pairs, last) = out.as_chunks_mut::<2>();
        for ((o, &e), &d) in pairs.iter_mut().zip(even).zip(odd) {
            *o = [e, d];
        }
        if let ([o], Some(&e)) = (last, even.last()) {
            *o = e;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;
    extern crate std;

    #[test]
    fn halves_interleave_to_the_whole() {
        for n in 0..100 {
            let row: Vec<f32> = (0..n).map(|i| i as f32).collect();
            let (mut even, mut odd, mut back) = (vec![0.0; n.div_ceil(2)], vec![0.0; n / 2], vec![-1.0; n]);
            take_even(&row, &mut even);
            take_odd(&row, &mut odd);
            interleave(&even, &odd, &mut back);
            assert_eq!(row, back);
        }
    }

    #[test]
    fn a_cubic_is_met_exactly() {
        let at = |x: f64| x * x * x - 2.0 * x;
        let row = |dx: f64| (0..50).map(|i| at(f64::from(i) + dx)).collect::<Vec<f64>>();
        let (a, b, c, d) = (row(-3.0), row(-1.0), row(1.0), row(3.0));
        let w = [-0.0625, 0.5625, 0.5625, -0.0625];
        let mut p = vec![0.0; 50];
        let stencil: Stencil<'_, f64, f64> = ([&a, &b, &c, &d], w);
        predict(&mut p, &[stencil]);
        assert_eq!(p, row(0.0));
        predict(&mut p, &[stencil, stencil]);
        assert_eq!(p, row(0.0).iter().map(|v| 2.0 * v).collect::<Vec<_>>());
    }
}

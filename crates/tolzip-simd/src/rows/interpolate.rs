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
    /// If a row is shorter than `p`.
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
    /// Interpolates along rows: between the values of each row of `even` values in `from` stand the values of a row of
    /// `n` in `p`, which is `even` or one less. The weights are chosen by which of the outer neighbours exist: 1 for
    /// that at -3, plus 2 for +1, plus 4 for +3; missing ones stand for the nearest that exists. With `add`, what `p`
    /// holds is added to.
    ///
    /// # Panics
    /// If the rows do not fit.
    predict_along<T: Float, W: Work<T>>(
        p: &mut [W], n: usize, from: &[T], even: usize, weights: &[[W; 4]; 8], add: bool,
    ) -> () {
        assert!(n > 0 && (n == even || n + 1 == even));
        let full = weights[7];
        for (p, row) in p.chunks_exact_mut(n).zip(from.chunks_exact(even)) {
            let edge = |i: usize| {
                let which = usize::from(i > 0) | usize::from(i + 1 < even) << 1 | usize::from(i + 2 < even) << 2;
                let near = [i.saturating_sub(1), i, (i + 1).min(even - 1), (i + 2).min(even - 1)];
                four(near.map(|j| row[j]), weights[which])
            };
            // Points 1..inner have all four neighbours.
            let inner = (even - 2.min(even)).clamp(1, n);
            let count = inner - 1;
            if add {
                p[0] = p[0] + edge(0);
                for (i, p) in p.iter_mut().enumerate().skip(inner) {
                    *p = *p + edge(i);
                }
            } else {
                p[0] = edge(0);
                for (i, p) in p.iter_mut().enumerate().skip(inner) {
                    *p = edge(i);
                }
            }
            if count > 0 {
                let p = &mut p[1..inner];
                let (a, b, c, d) = (&row[..count], &row[1..][..count], &row[2..][..count], &row[3..][..count]);
                if add {
                    for i in 0..count {
                        p[i] = p[i] + four([a[i], b[i], c[i], d[i]], full);
                    }
                } else {
                    for i in 0..count {
                        p[i] = four([a[i], b[i], c[i], d[i]], full);
                    }
                }
            }
        }
    }
}

dispatched! {
    /// Adds to each prediction a part of what was missed at the value before: `p += weight (before - q)`, where `q` is what
    /// that one was predicted as.
    ///
    /// # Panics
    /// If `q` or `before` are shorter than `p`.
    follow<T: Float, W: Work<T>>(p: &mut [W], q: &[W], before: &[T], weight: W) -> () {
        let n = p.len();
        let (q, before) = (&q[..n], &before[..n]);
        for i in 0..n {
            p[i] = p[i] + weight * (W::load(before[i]) - q[i]);
        }
    }
}

dispatched! {
    /// The even values (`odd` 0) or the odd ones (`odd` 1) of rows of `side` values, the rows being `pace` apart in
    /// `from`.
    ///
    /// # Panics
    /// If the rows do not fit.
    take_half<T: Element>(from: &[T], side: usize, pace: usize, odd: usize, out: &mut [T]) -> () {
        let n = (side + 1 - odd) / 2;
        for (i, out) in out.chunks_exact_mut(n).enumerate() {
            let row = &from[i * pace..i * pace + side];
            let pairs = row.as_chunks::<2>().0;
            // Two loops of known places: with a place that is not known, vectors would be gathered value by value.
            if odd == 0 {
                for (o, &[even, _]) in out.iter_mut().zip(pairs) {
                    *o = even;
                }
            } else {
                for (o, &[_, odd]) in out.iter_mut().zip(pairs) {
                    *o = odd;
                }
            }
            if n > side / 2 {
                out[n - 1] = row[side - 1];
            }
        }
    }
}

dispatched! {
    /// The inverse of [`take_half`].
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
        for n in 0..100usize {
            let row: Vec<f32> = (0..n).map(|i| i as f32).collect();
            let (mut even, mut odd, mut back) = (vec![0.0; n.div_ceil(2)], vec![0.0; n / 2], vec![-1.0; n]);
            if n > 0 {
                take_half(&row, n, n, 0, &mut even);
            }
            if n > 1 {
                take_half(&row, n, n, 1, &mut odd);
            }
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

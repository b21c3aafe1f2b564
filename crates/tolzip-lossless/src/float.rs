//! Prediction by floating-point sums: residuals and back.
//!
//! The prediction is a float, formed in the same written order by encoder and decoder; the residual is the distance of
//! its integer (see [`Order`](crate::lane::Order)) from the value's, so that no rounding is lost. Where values change
//! sign or magnitude quickly this predicts far better than sums of integers.

use crate::lane::{Lane, Order};
use crate::stencil::{Rows, Spec, Terms};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_core::Float;

/// The zigzag residuals of `words` appended to `out`.
pub(crate) fn residuals<W: Lane>(words: &[W], rows: Rows, spec: Spec, out: &mut Vec<W>) {
    let mut offsets = Offsets::new(&rows);
    rows.each(|at, terms| {
        let offsets = offsets.of(words, at, &rows, terms);
        let row = &words[at..at + rows.row];
        for block in 0..=rows.degree {
            // The first values of a row know fewer earlier ones.
            let (from, to) = block_range(block, &rows);
            let o = &offsets[from..to];
            let x = &row[from..to];
            let back = |n: usize| &row[from - n * rows.step..to - n * rows.step];
            let residual =
                |p: W::Float, &x: &W| spec.order.of(x).wrapping_sub(integer(p, spec.order)).zigzag();
            match block {
                0 => out.extend(o.iter().zip(x).map(|(&o, x)| residual(o, x))),
                1 => out.extend(o.iter().zip(x).zip(back(1)).map(|((&o, x), a)| residual(o + a.float(), x))),
                2 => out.extend(
                    o.iter()
                        .zip(x)
                        .zip(back(1).iter().zip(back(2)))
                        .map(|((&o, x), (a, b))| residual(second(o, a.float(), b.float()), x)),
                ),
                _ => out.extend(
                    o.iter()
                        .zip(x)
                        .zip(back(1).iter().zip(back(2)).zip(back(3)))
                        .map(|((&o, x), ((a, b), c))| residual(third(o, a.float(), b.float(), c.float()), x)),
                ),
            }
        }
    });
}

/// Replaces the zigzag residuals in `words` by the words they stand for.
pub(crate) fn restore<W: Lane>(words: &mut [W], rows: Rows, spec: Spec) {
    let mut offsets = Offsets::new(&rows);
    let order = spec.order;
    rows.each(|at, terms| {
        let (earlier, rest) = words.split_at_mut(at);
        let offsets = offsets.of(earlier, at, &rows, terms);
        let row = &mut rest[..rows.row];
        for block in 0..=rows.degree {
            let (from, to) = block_range(block, &rows);
            let step = rows.step;
            match block {
                0 => {
                    for (x, &o) in row[from..to].iter_mut().zip(&offsets[from..to]) {
                        *x = word(o, *x, order);
                    }
                }
                // The values before stay in registers: a load would have to wait for their store.
                1 if step == 1 => {
                    let mut a = at_back::<W>(row, from, 1);
                    for (x, &o) in row[from..to].iter_mut().zip(&offsets[from..to]) {
                        *x = word(o + a, *x, order);
                        a = x.float();
                    }
                }
                2 if step == 1 => {
                    let (mut a, mut b) = (at_back::<W>(row, from, 1), at_back::<W>(row, from, 2));
                    for (x, &o) in row[from..to].iter_mut().zip(&offsets[from..to]) {
                        *x = word(second(o, a, b), *x, order);
                        (a, b) = (x.float(), a);
                    }
                }
                3 if step == 1 => {
                    let [mut a, mut b, mut c] = [1, 2, 3].map(|n| at_back::<W>(row, from, n));
                    for (x, &o) in row[from..to].iter_mut().zip(&offsets[from..to]) {
                        *x = word(third(o, a, b, c), *x, order);
                        (a, b, c) = (x.float(), a, b);
                    }
                }
                1 => {
                    for i in from..to {
                        row[i] = word(offsets[i] + at_back::<W>(row, i, step), row[i], order);
                    }
                }
                2 => {
                    for i in from..to {
                        let (a, b) = (at_back::<W>(row, i, step), at_back::<W>(row, i, 2 * step));
                        row[i] = word(second(offsets[i], a, b), row[i], order);
                    }
                }
                _ => {
                    for i in from..to {
                        let [a, b, c] = [1, 2, 3].map(|n| at_back::<W>(row, i, n * step));
                        row[i] = word(third(offsets[i], a, b, c), row[i], order);
                    }
                }
            }
        }
    });
}

/// The value `back` before position `i`, which is not before the row.
#[inline(always)]
fn at_back<W: Lane>(row: &[W], i: usize, back: usize) -> W::Float {
    row.get(i.wrapping_sub(back)).map_or(W::Float::ZERO, |w| w.float())
}

/// The word that a prediction and a zigzag residual stand for.
#[inline(always)]
#[allow(clippy::eq_op)]
fn word<W: Lane>(p: W::Float, residual: W, order: Order) -> W {
    let r = residual.unzigzag();
    // In the usual case a short way, since every value waits for the one before: without a change of sign, an integer
    // counts up or down as its float's bits do.
    if order.shift == 0 && order.sign_magnitude && p == p {
        let bits = W::unfloat(p);
        let sign = bits.sar(W::BITS - 1);
        let near = bits.wrapping_sub(sign).wrapping_add(r ^ sign);
        if (near ^ bits).sar(W::BITS - 1) == W::default() {
            return near;
        }
    }
    order.word(integer::<W>(p, order).wrapping_add(r))
}

/// The positions of a row at which `degree` earlier values are used.
fn block_range(degree: usize, rows: &Rows) -> (usize, usize) {
    let from = (degree * rows.step).min(rows.row);
    let to = if degree == rows.degree { rows.row } else { ((degree + 1) * rows.step).min(rows.row) };
    (from, to)
}

/// The integer of a prediction; 0 for NaN, whose bits machines disagree about.
#[inline(always)]
#[allow(clippy::eq_op)]
pub(crate) fn integer<W: Lane>(p: W::Float, order: Order) -> W {
    let known = if p == p { p } else { W::Float::ZERO };
    order.nearest(W::unfloat(known))
}

#[inline(always)]
fn second<F: Float>(offset: F, a: F, b: F) -> F {
    (offset - b) + (a + a)
}

#[inline(always)]
fn third<F: Float>(offset: F, a: F, b: F, c: F) -> F {
    let three = F::ONE + F::ONE + F::ONE;
    ((offset + c) - three * b) + three * a
}

/// What the earlier rows add to the prediction of each value of a row.
struct Offsets<F> {
    sums: Vec<F>,
    offsets: Vec<F>,
}

impl<F: Float> Offsets<F> {
    fn new(rows: &Rows) -> Self {
        let sums = if rows.has_terms() { rows.row } else { 0 };
        Self { sums: vec![F::ZERO; sums], offsets: vec![F::ZERO; rows.row] }
    }

    /// The offsets of the row at `at`. `words` holds at least the rows before it.
    fn of<W: Lane<Float = F>>(&mut self, words: &[W], at: usize, rows: &Rows, terms: &Terms) -> &[F] {
        let (row, step) = (rows.row, rows.step);
        if terms.is_empty() {
            self.offsets.fill(F::ZERO);
            return &self.offsets;
        }
        self.sums.fill(F::ZERO);
        for (lag, weight) in terms.iter() {
            let other = &words[at - lag..at - lag + row];
            let sums = self.sums.iter_mut().zip(other);
            match weight {
                1 => sums.for_each(|(s, x)| *s = *s + x.float()),
                -1 => sums.for_each(|(s, x)| *s = *s - x.float()),
                _ => {
                    let weight = F::from_f64(f64::from(weight));
                    sums.for_each(|(s, x)| *s = *s + weight * x.float());
                }
            }
        }
        let s = &self.sums;
        let three = F::ONE + F::ONE + F::ONE;
        for block in 0..=rows.degree {
            let (from, to) = block_range(block, rows);
            let out = self.offsets[from..to].iter_mut().zip(&s[from..to]);
            let back = |n: usize| &s[from - n * step..to - n * step];
            match block {
                0 => out.for_each(|(o, &s)| *o = s),
                1 => out.zip(back(1)).for_each(|((o, &s), &a)| *o = s - a),
                2 => out
                    .zip(back(1).iter().zip(back(2)))
                    .for_each(|((o, &s), (&a, &b))| *o = (s - (a + a)) + b),
                _ => out
                    .zip(back(1).iter().zip(back(2)).zip(back(3)))
                    .for_each(|((o, &s), ((&a, &b), &c))| *o = ((s - three * a) + three * b) - c),
            }
        }
        &self.offsets
    }
}

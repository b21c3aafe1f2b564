//! Words as integers in the order of their values, and differences of rows of them, modulo 2^bits.

use super::versions;
use crate::lane::{Lane, Order};

versions! {
    /// Words to integers.
    ///
    /// # Panics
    /// If the slices differ in length.
    to_integers<W: Lane>(words: &[W], order: Order, out: &mut [W]) {
        assert_eq!(words.len(), out.len());
        for (o, &w) in out.iter_mut().zip(words) {
            *o = order.of(w);
        }
    }
}

versions! {
    /// Integers to words, in place.
    from_integers<W: Lane>(integers: &mut [W], order: Order) {
        for i in integers {
            *i = order.word(*i);
        }
    }
}

versions! {
    /// Words with their sign, the topmost bit, as the lowest one.
    ///
    /// # Panics
    /// If the slices differ in length.
    rotate<W: Lane>(words: &[W], out: &mut [W]) {
        assert_eq!(words.len(), out.len());
        for (o, &w) in out.iter_mut().zip(words) {
            *o = w.shl(1).or(w.shr(W::BITS - 1));
        }
    }
}

versions! {
    /// Undoes [`rotate`], in place.
    rotate_back<W: Lane>(words: &mut [W]) {
        for w in words {
            *w = w.shr(1).or(w.shl(W::BITS - 1));
        }
    }
}

/// `x + weight * y`, where the weight is nearly always 1 or -1.
#[inline(always)]
fn add<W: Lane>(row: &mut [W], other: &[W], weight: i8) {
    match weight {
        1 => row.iter_mut().zip(other).for_each(|(x, &y)| *x = x.wrapping_add(y)),
        -1 => row.iter_mut().zip(other).for_each(|(x, &y)| *x = x.wrapping_sub(y)),
        _ => row.iter_mut().zip(other).for_each(|(x, &y)| *x = x.wrapping_add(y.times(weight))),
    }
}

versions! {
    /// Adds to `row` each of the rows of `all` that begin at `at - lag`, times `sign` times its weight.
    ///
    /// # Panics
    /// If such a row is not there.
    combine<W: Lane>(row: &mut [W], all: &[W], at: usize, terms: &[(usize, i8)], sign: i8) {
        let n = row.len();
        let of = |lag: usize| &all[at - lag..at - lag + n];
        let mut terms = terms;
        // The Lorenzo predictor's three, in one go.
        while let [(a, 1), (b, 1), (c, -1), rest @ ..] = terms {
            let others = of(*a).iter().zip(of(*b)).zip(of(*c));
            if sign > 0 {
                for (x, ((&a, &b), &c)) in row.iter_mut().zip(others) {
                    *x = x.wrapping_add(a).wrapping_add(b).wrapping_sub(c);
                }
            } else {
                for (x, ((&a, &b), &c)) in row.iter_mut().zip(others) {
                    *x = x.wrapping_sub(a).wrapping_sub(b).wrapping_add(c);
                }
            }
            terms = rest;
        }
        for &(lag, weight) in terms {
            add(row, of(lag), weight * sign);
        }
    }
}

versions! {
    /// The zigzag difference of each integer from the one `step` before, as far as there is one.
    ///
    /// # Panics
    /// If the slices differ in length.
    differences<W: Lane>(row: &[W], step: usize, out: &mut [W]) {
        assert_eq!(row.len(), out.len());
        let head = step.min(row.len());
        for (o, x) in out[..head].iter_mut().zip(row) {
            *o = x.zigzag();
        }
        for ((o, x), &y) in out[head..].iter_mut().zip(&row[head..]).zip(row) {
            *o = x.wrapping_sub(y).zigzag();
        }
    }
}

versions! {
    /// Undoes the zigzag of residuals, in place.
    separate<W: Lane>(row: &mut [W]) {
        for x in row {
            *x = x.unzigzag();
        }
    }
}

versions! {
    /// From position `from` on, adds the value `step` before.
    running_sums<W: Lane>(row: &mut [W], step: usize, from: usize) {
        if step == 0 || from >= row.len() || from < step {
            return;
        }
        if step == 1 {
            let mut sum = row[from - 1];
            let (blocks, rest) = row[from..].as_chunks_mut::<8>();
            for block in blocks {
                // Sums within a block do not wait for those before it: only the last one does.
                let mut part = *block;
                for distance in [1, 2, 4] {
                    let before = part;
                    for i in distance..8 {
                        part[i] = part[i].wrapping_add(before[i - distance]);
                    }
                }
                for (o, p) in block.iter_mut().zip(part) {
                    *o = p.wrapping_add(sum);
                }
                sum = sum.wrapping_add(part[7]);
            }
            for x in rest {
                sum = sum.wrapping_add(*x);
                *x = sum;
            }
            return;
        }
        let mut rest = &mut row[from - step..];
        while rest.len() > step {
            let (before, after) = rest.split_at_mut(step);
            for (x, &y) in after.iter_mut().zip(before.iter()) {
                *x = x.wrapping_add(y);
            }
            rest = after;
        }
    }
}

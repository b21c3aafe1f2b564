//! Prediction by sums of integers modulo 2^bits: residuals and back.

use crate::lane::Lane;
use crate::stencil::{Rows, Spec};
use alloc::vec;
use alloc::vec::Vec;

/// The zigzag residuals of `words` appended to `out`.
pub(crate) fn residuals<W: Lane>(words: &[W], rows: Rows, spec: Spec, out: &mut Vec<W>) {
    let integers: Vec<W> = words.iter().map(|&w| spec.order.of(w)).collect();
    let mut near = vec![W::default(); if rows.has_terms() { rows.row } else { 0 }];
    let mut far = near.clone();
    let begin = out.len();
    rows.each(|at, terms| {
        let own = &integers[at..at + rows.row];
        let row: &[W] = if terms.is_empty() {
            own
        } else {
            near.copy_from_slice(own);
            for (lag, weight) in terms.iter() {
                add(&mut near, &integers[at - lag..at - lag + rows.row], -weight);
            }
            &near
        };
        match rows.degree {
            0 => out.extend(row.iter().map(|x| x.zigzag())),
            1 => differences(row, rows.step, rows.step, |d| d.zigzag(), out),
            degree => {
                let mut current = row.to_vec();
                far.clear();
                for pass in 1..degree {
                    differences(&current, rows.step, pass * rows.step, |d| d, &mut far);
                    core::mem::swap(&mut current, &mut far);
                    far.clear();
                }
                differences(&current, rows.step, degree * rows.step, |d| d, &mut far);
                out.extend(far.iter().map(|x| x.zigzag()));
            }
        }
    });
    // The first `begin` values are not ours; a predictor writes one residual a word.
    debug_assert_eq!(out.len() - begin, words.len());
}

/// Appends `row`, from position `from` on minus the value `step` before, through `map`.
fn differences<W: Lane>(row: &[W], step: usize, from: usize, map: impl Fn(W) -> W, out: &mut Vec<W>) {
    let from = from.min(row.len());
    // Below `from` the difference of this degree does not exist: the lower one stays. A first pass starts at `step`.
    out.extend(row[..from].iter().map(|&x| map(x)));
    if from < row.len() {
        let now = &row[from..];
        let before = &row[from - step..row.len() - step];
        out.extend(now.iter().zip(before).map(|(x, &y)| map(x.wrapping_sub(y))));
    }
}

/// Replaces the zigzag residuals in `words` by the words they stand for.
pub(crate) fn restore<W: Lane>(words: &mut [W], rows: Rows, spec: Spec) {
    for w in words.iter_mut() {
        *w = w.unzigzag();
    }
    rows.each(|at, terms| {
        let (earlier, rest) = words.split_at_mut(at);
        let row = &mut rest[..rows.row];
        for pass in (1..=rows.degree).rev() {
            sums(row, rows.step, pass * rows.step);
        }
        for (lag, weight) in terms.iter() {
            add(row, &earlier[at - lag..at - lag + rows.row], weight);
        }
    });
    for w in words.iter_mut() {
        *w = spec.order.word(*w);
    }
}

/// From position `from` on, adds the value `step` before.
fn sums<W: Lane>(row: &mut [W], step: usize, from: usize) {
    if from >= row.len() {
        return;
    }
    if step == 1 {
        let mut sum = row[from - 1];
        for x in &mut row[from..] {
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

fn add<W: Lane>(row: &mut [W], other: &[W], weight: i8) {
    match weight {
        1 => row.iter_mut().zip(other).for_each(|(x, &y)| *x = x.wrapping_add(y)),
        -1 => row.iter_mut().zip(other).for_each(|(x, &y)| *x = x.wrapping_sub(y)),
        _ => row.iter_mut().zip(other).for_each(|(x, &y)| *x = x.wrapping_add(y.times(weight))),
    }
}

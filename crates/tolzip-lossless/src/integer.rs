//! Prediction by sums of integers modulo 2^bits: residuals and back.

use crate::lane::Lane;
use crate::stencil::{Row, Rows, Spec};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_simd::residuals::{self as kernel, Stencil};

/// Values of a row that are predicted at a time: they stay in the nearest cache.
const PART: usize = 2048;
/// Neighbours further apart are predicted for each value that needs them; nearer ones once for a part, and again for the next.
const APART: usize = 512;

/// The residuals of an array, part by part, from first to last.
pub(crate) struct Residuals<'a, W> {
    words: &'a [W],
    rows: Rows,
    spec: Spec,
    row: Row,
    /// How much of the row was asked for.
    done: usize,
    near: Vec<W>,
}

impl<'a, W: Lane> Residuals<'a, W> {
    pub(crate) fn new(words: &'a [W], rows: Rows, spec: Spec) -> Self {
        let most = rows.row.min(PART + if rows.step > APART { 0 } else { rows.degree * rows.step });
        Self { words, rows, spec, row: rows.first(), done: 0, near: vec![W::default(); most] }
    }

    /// Fills `out` with the next zigzag residuals.
    ///
    /// # Panics
    /// If there are not as many.
    pub(crate) fn next(&mut self, mut out: &mut [W]) {
        let Rows { row, step, degree, .. } = self.rows;
        while !out.is_empty() {
            let begin = self.done;
            let stencil = self.row.stencil(&self.rows, self.spec.order);
            let known = degree.min(begin / step);
            // All of a part have as many neighbours, where these are apart.
            let end = if step > APART && known < degree { (known + 1) * step } else { row };
            let count = PART.min(end - begin).min(out.len());
            let (now, later) = out.split_at_mut(count);
            let at = self.row.at + begin;
            if step > APART {
                let stencil = Stencil { degree: known, ..stencil };
                kernel::residuals_apart(self.words, at, stencil, &mut self.near, now);
            } else {
                kernel::residuals(self.words, at, begin.min(degree * step), stencil, &mut self.near, now);
            }
            self.done += count;
            if self.done == row {
                self.row.advance(&self.rows);
                self.done = 0;
            }
            out = later;
        }
    }
}

/// Turns zigzag residuals into the words they stand for, row by row as they become known.
pub(crate) struct Restorer {
    rows: Rows,
    spec: Spec,
    row: Row,
}

impl Restorer {
    pub(crate) fn new(rows: Rows, spec: Spec) -> Self {
        Self { rows, spec, row: rows.first() }
    }

    /// Replaces residuals in `words`, of which the first `known` are there.
    pub(crate) fn restore<W: Lane>(&mut self, words: &mut [W], known: usize) {
        while self.rows.row > 0 && self.row.at + self.rows.row <= known {
            let stencil: Stencil<'_> = self.row.stencil(&self.rows, self.spec.order);
            kernel::restore(words, self.row.at, self.rows.row, stencil);
            self.row.advance(&self.rows);
        }
    }
}

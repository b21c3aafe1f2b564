//! Prediction by sums of integers modulo 2^bits: residuals and back.

use crate::lane::Lane;
use crate::stencil::{Row, Rows, Spec};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_simd::residuals::{self as kernel, Stencil};

/// Values of a row that are predicted at a time: they stay in the nearest cache.
const PART: usize = 2048;

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
        let most = rows.row.min(PART.max(4 * rows.step) + rows.degree * rows.step);
        Self { words, rows, spec, row: rows.first(), done: 0, near: vec![W::default(); most] }
    }

    /// Fills `out` with the next zigzag residuals.
    ///
    /// # Panics
    /// If there are not as many.
    pub(crate) fn next(&mut self, mut out: &mut [W]) {
        let Rows { row, step, degree, .. } = self.rows;
        // Neighbours before a part are predicted once more: a small part of it.
        let part = PART.max(4 * step);
        while !out.is_empty() {
            let begin = self.done;
            let count = part.min(row - begin).min(out.len());
            let (now, later) = out.split_at_mut(count);
            let stencil = self.row.stencil(&self.rows, self.spec.order);
            let back = begin.min(degree * step);
            kernel::residuals(self.words, self.row.at + begin, back, stencil, &mut self.near, now);
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

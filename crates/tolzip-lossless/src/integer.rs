//! Prediction by sums of integers modulo 2^bits: residuals and back.

use crate::lane::Lane;
use crate::stencil::{Rows, Spec};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_simd::memory::zeros;
use tolzip_simd::residuals as kernel;

/// The zigzag residuals of `words` appended to `out`.
pub(crate) fn residuals<W: Lane>(words: &[W], rows: Rows, spec: Spec, out: &mut Vec<W>) {
    let mut integers = zeros::<W>(words.len()).unwrap_or_else(|_| vec![W::default(); words.len()]);
    kernel::to_integers(words, spec.order, &mut integers);
    let mut near = vec![W::default(); if rows.has_terms() || rows.degree > 1 { rows.row } else { 0 }];
    let mut far = near.clone();
    let begin = out.len();
    out.resize(begin + words.len(), W::default());
    let out = &mut out[begin..];
    rows.each(|at, terms| {
        let own = &integers[at..at + rows.row];
        let out = &mut out[at..at + rows.row];
        let row: &[W] = if terms.is_empty() {
            own
        } else {
            near.copy_from_slice(own);
            kernel::combine(&mut near, &integers, at, terms.as_slice(), -1);
            &near
        };
        match rows.degree {
            0 => kernel::differences(row, rows.row, out),
            1 => kernel::differences(row, rows.step, out),
            degree => {
                far.copy_from_slice(row);
                for pass in 1..=degree {
                    // Below `from` the difference of this degree does not exist: the lower one stays.
                    let from = (pass * rows.step).min(rows.row);
                    for i in (from..rows.row).rev() {
                        far[i] = far[i].wrapping_sub(far[i - rows.step]);
                    }
                }
                kernel::differences(&far, rows.row, out);
            }
        }
    });
}

/// Replaces the zigzag residuals in `words` by the words they stand for.
pub(crate) fn restore<W: Lane>(words: &mut [W], rows: Rows, spec: Spec) {
    rows.each(|at, terms| {
        let (earlier, rest) = words.split_at_mut(at);
        let row = &mut rest[..rows.row];
        kernel::separate(row);
        for pass in (1..=rows.degree).rev() {
            kernel::running_sums(row, rows.step, pass * rows.step);
        }
        kernel::combine(row, earlier, at, terms.as_slice(), 1);
    });
    kernel::from_integers(words, spec.order);
}

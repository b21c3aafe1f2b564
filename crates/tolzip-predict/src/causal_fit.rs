//! Weights of the causal predictor by least squares on a sample of the integers.
//!
//! Errors are weighted by the inverse of their own squares (iteratively re-weighted least squares), which comes close
//! to minimising the bits of the residuals: a plain fit would look at the few wildest values only. All sums are made in
//! one fixed order, in f64, without fused operations: every machine finds the same weights.

use crate::causal::{Field, MOST_TAPS, Row, SETS, SHIFT, Weights, each_row, set_of, sets, taps};
use alloc::vec::Vec;

/// Sampled values for each set.
const SAMPLES: usize = 4096;
/// Sampled values that follow each other.
const RUN: usize = 64;
const ROUNDS: usize = 3;

/// One sampled value: its neighbours' differences from the reference, and its own.
type Sample = ([f64; MOST_TAPS - 1], f64);

pub(crate) fn fit(field: &Field) -> Weights {
    let mut weights = Weights::default();
    let layout = field.layout;
    let used = sets(&layout);
    let mut rows = [0usize; SETS];
    each_row(layout.sides, |at| rows[set_of(at)] += 1);
    let mut samples: [Vec<Sample>; SETS] = Default::default();
    let mut seen = [0usize; SETS];
    let runs_per_row = (layout.sides[3] / RUN).max(1);
    each_row(layout.sides, |at| {
        let set = set_of(at);
        let n = layout.row_len(at);
        // Runs are numbered over all rows of a set; every so many-th is taken.
        let every = (rows[set] * runs_per_row * RUN.min(layout.sides[3]) / SAMPLES).max(1) | 1;
        for run in 0..runs_per_row {
            let number = seen[set];
            seen[set] += 1;
            if number % every != every / 2 {
                continue;
            }
            let taps = taps(layout.folded, set);
            let starts: Vec<usize> = taps.iter().map(|&t| field.tap(at, t)).collect();
            let here = field.tap(at, (Row::Here, 0));
            for x in run * RUN..((run + 1) * RUN).min(n) {
                let reference = f64::from(field.at(starts[0] + x));
                let mut features = [0.0; MOST_TAPS - 1];
                for (f, &start) in features.iter_mut().zip(&starts[1..]) {
                    *f = f64::from(field.at(start + x)) - reference;
                }
                samples[set].push((features, f64::from(field.at(here + x)) - reference));
            }
        }
    });
    for set in (0..SETS).filter(|&s| used[s]) {
        let count = taps(layout.folded, set).len();
        weights.0[set] = solve(&samples[set], count - 1);
    }
    weights
}

/// The weights, that of the reference first; they sum to 1.
fn solve(samples: &[Sample], n: usize) -> Vec<i16> {
    let one = f64::from(1u32 << SHIFT);
    let mut w = [0.0f64; MOST_TAPS - 1];
    if samples.len() > 8 * n {
        for round in 0..ROUNDS {
            let mut a = [[0.0f64; MOST_TAPS]; MOST_TAPS - 1];
            for (f, t) in samples {
                let predicted = f.iter().zip(&w).fold(0.0, |s, (x, w)| s + x * w);
                let r = t - predicted;
                // At first nothing is known but the size of the differences.
                let scale = if round == 0 { f.iter().fold(t * t, |s, x| s + x * x) * 0.1 } else { r * r };
                let weight = 1.0 / (scale + 0.5);
                for i in 0..n {
                    let s = f[i] * weight;
                    for j in 0..MOST_TAPS - 1 {
                        a[i][j] = a[i][j] + s * f[j];
                    }
                    a[i][MOST_TAPS - 1] = a[i][MOST_TAPS - 1] + s * t;
                }
            }
            let Some(solution) = eliminate(&mut a, n) else { break };
            w = solution;
        }
    }
    let mut out = Vec::with_capacity(n + 1);
    out.push(0);
    let mut rest = 1i32 << SHIFT;
    for &w in &w[..n] {
        let scaled = w * one;
        let limited = if scaled > 16000.0 {
            16000.0
        } else if scaled > -16000.0 {
            scaled
        } else {
            -16000.0
        };
        // Adding half and cutting rounds to nearest; limited numbers fit.
        let whole = (limited + 16384.5) as i32 - 16384;
        rest -= whole;
        out.push(whole as i16);
    }
    out[0] = rest.clamp(-32768, 32767) as i16;
    out
}

/// Solves the normal equations `a x = b`, `b` in the last column, by elimination; they are positive definite after the
/// diagonal is raised a little. `None` if they are not numbers.
fn eliminate(a: &mut [[f64; MOST_TAPS]; MOST_TAPS - 1], n: usize) -> Option<[f64; MOST_TAPS - 1]> {
    const LAST: usize = MOST_TAPS - 1;
    let trace = (0..n).fold(0.0, |s, i| s + a[i][i]);
    for i in 0..n {
        a[i][i] = a[i][i] * 1.000_1 + trace * 1e-7 + 1e-9;
    }
    for i in 0..n {
        let pivot = a[i][i];
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        let row = a[i];
        for lower in a[i + 1..n].iter_mut() {
            let factor = lower[i] / pivot;
            for j in i..=LAST {
                lower[j] = lower[j] - factor * row[j];
            }
        }
    }
    let mut x = [0.0; LAST];
    for i in (0..n).rev() {
        let known = (i + 1..n).fold(a[i][LAST], |s, j| s - a[i][j] * x[j]);
        x[i] = known / a[i][i];
    }
    x.iter().all(|v| v.is_finite()).then_some(x)
}

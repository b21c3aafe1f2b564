//! Weights of the causal predictor by least squares on a sample of the integers.
//!
//! Errors are weighted by the inverse of their own squares (iteratively re-weighted least squares), which comes close
//! to minimising the bits of the residuals: a plain fit would look at the few wildest values only. All sums are made in
//! one fixed order, in f64, without fused operations: every machine finds the same weights.

use crate::causal::{Field, each_row};
use crate::causal_layout::{Row, SETS, SHIFT, Weights, set_of, sets, taps};
use alloc::vec::Vec;

/// How much work a fit may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Sampled values for each set.
    samples: usize,
    rounds: usize,
}

/// For weights that are used.
pub(crate) const FULL: Effort = Effort { samples: 3072, rounds: 3 };
/// For weights that are only to be compared with another predictor.
pub(crate) const ROUGH: Effort = Effort { samples: 768, rounds: 2 };
/// One value in so many is sampled, where that is less, but for the fewest.
const EVERY: usize = 4;
const FEWEST: usize = 256;
/// Sampled values that follow each other.
const RUN: usize = 64;
/// Features: the neighbours' differences from the reference, and at the end the value's own.
const WIDTH: usize = tolzip_simd::normal::WIDTH;
const TARGET: usize = WIDTH - 1;

/// The weights that fit these fields of one layout kind.
pub(crate) fn fit(fields: &[Field], effort: Effort) -> Weights {
    let mut weights = Weights::default();
    let mut samples: [Vec<[f64; WIDTH]>; SETS] = Default::default();
    for field in fields {
        collect(field, effort.samples / fields.len(), &mut samples);
    }
    let Some(layout) = fields.first().map(|f| f.layout) else { return weights };
    for (set, used) in sets(&layout).into_iter().enumerate() {
        if used {
            let n = taps(layout.folded, set).len() - 1;
            // Neighbours in a line can be as good as strangers: the best guess is then near zero.
            let pull = layout.folded && set == 1 && pulled(&samples[set], n);
            if !pull {
                samples[set].iter_mut().for_each(|f| f[n] = 0.0);
            }
            weights.0[set] = solve(&samples[set], n, pull, effort.rounds);
            // The prediction adds the reference by itself.
            if set > 0 {
                weights.0[set][0] = weights.0[set][0].wrapping_sub(1 << SHIFT);
            }
        }
    }
    weights
}

/// Whether the reference's own values, feature `n`, are no larger than the differences from it: only then can it be that
/// it tells nothing. Weights are too coarse to pull large values by a little.
fn pulled(samples: &[[f64; WIDTH]], n: usize) -> bool {
    let sum = |i: usize| samples.iter().fold(0.0, |s, f| s + if f[i] < 0.0 { -f[i] } else { f[i] });
    sum(n) <= sum(TARGET)
}

/// Appends samples of a field, about `wanted` for each set.
fn collect(field: &Field, wanted: usize, samples: &mut [Vec<[f64; WIDTH]>; SETS]) {
    let layout = field.layout;
    let mut rows = [0usize; SETS];
    each_row(layout.sides, |at| rows[set_of(at)] += 1);
    // Few are enough for few values, which are a small part of the array.
    let wanted = rows.map(|rows| wanted.min(rows * layout.sides[3] / EVERY).max(FEWEST));
    for ((samples, &rows), wanted) in samples.iter_mut().zip(&rows).zip(wanted) {
        samples.reserve(if rows > 0 { wanted + RUN } else { 0 });
    }
    let mut seen = [0usize; SETS];
    let runs_per_row = (layout.sides[3] / RUN).max(1);
    each_row(layout.sides, |at| {
        let set = set_of(at);
        let n = layout.row_len(at);
        // Runs are numbered over all rows of a set; every so many-th is taken.
        let every = (rows[set] * runs_per_row * RUN.min(layout.sides[3]) / wanted[set]).max(1) | 1;
        let taps = taps(layout.folded, set);
        for run in 0..runs_per_row {
            let number = seen[set];
            seen[set] += 1;
            if number % every != every / 2 {
                continue;
            }
            let mut starts = [0; WIDTH];
            for (start, &tap) in starts.iter_mut().zip(taps) {
                *start = field.tap(at, tap);
            }
            let here = field.tap(at, (Row::Here, 0));
            for x in run * RUN..((run + 1) * RUN).min(n) {
                let reference = f64::from(field.at(starts[0] + x));
                let mut features = [0.0; WIDTH];
                for (f, &start) in features.iter_mut().zip(&starts[1..taps.len()]) {
                    *f = f64::from(field.at(start + x)) - reference;
                }
                features[taps.len() - 1] = reference;
                features[TARGET] = f64::from(field.at(here + x)) - reference;
                samples[set].push(features);
            }
        }
    });
}

/// The weights, that of the reference first; they sum to 1, unless with `pull` the reference's own value is
/// one more feature.
fn solve(samples: &[[f64; WIDTH]], n: usize, pull: bool, rounds: usize) -> Vec<i16> {
    let mut w = [0.0f64; WIDTH];
    let mut whole = [0; WIDTH];
    let features = n + usize::from(pull);
    if samples.len() > 8 * n {
        for round in 0..rounds {
            let mut a = [[0.0f64; WIDTH]; WIDTH];
            tolzip_simd::normal::accumulate(samples, features, &w, round == 0, &mut a);
            let Some(solution) = eliminate(&mut a.clone(), n, features) else { break };
            w = solution;
            if round + 1 == rounds {
                whole = rounded(&a, &w, n, features);
            }
        }
    }
    let mut out = Vec::with_capacity(n + 1);
    let rest = (1i32 << SHIFT) + if pull { whole[n] } else { 0 } - whole[..n].iter().sum::<i32>();
    out.push(rest.clamp(-32768, 32767) as i16);
    out.extend(whole[..n].iter().map(|&w| w as i16));
    out
}

/// The solution `w` of the normal equations `a` in multiples of 2^-[`SHIFT`]: weights are rounded one after the other, the
/// farthest neighbour's first, and after each the best of the others are found again. Neighbours may differ from the
/// reference by a million steps: it is only together that weights can be exact enough then, as plain Lorenzo weights are.
fn rounded(a: &[[f64; WIDTH]; WIDTH], w: &[f64; WIDTH], differences: usize, n: usize) -> [i32; WIDTH] {
    let one = f64::from(1u32 << SHIFT);
    let (mut a, mut w) = (*a, *w);
    let mut out = [0; WIDTH];
    for i in (0..n).rev() {
        let scaled = w[i] * one;
        let limited = if scaled > 16000.0 {
            16000.0
        } else if scaled > -16000.0 {
            scaled
        } else {
            -16000.0
        };
        // Adding half and cutting rounds to nearest; limited numbers fit.
        out[i] = (limited + 16384.5) as i32 - 16384;
        let fixed = f64::from(out[i]) / one;
        // The matrix is symmetric: only what is above its diagonal is there.
        for row in &mut a[..i] {
            row[TARGET] -= row[i] * fixed;
        }
        if let Some(others) = eliminate(&mut a.clone(), differences.min(i), i) {
            w = others;
        }
    }
    out
}

/// Solves the normal equations `a x = b`, `b` in the last column, by elimination; they are positive definite after the
/// diagonal is raised a little. `None` if they are not numbers.
///
/// The first `differences` features are of one kind, so that none of them can count for much less than the others.
fn eliminate(a: &mut [[f64; WIDTH]; WIDTH], differences: usize, n: usize) -> Option<[f64; WIDTH]> {
    let trace = (0..differences).fold(0.0, |s, i| s + a[i][i]);
    for (i, row) in a.iter_mut().enumerate().take(n) {
        row[i] = row[i] * (1.0 + 1e-12) + trace * 1e-12 + 1e-9;
    }
    for i in 0..n {
        let pivot = a[i][i];
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        let row = a[i];
        for (l, lower) in a.iter_mut().enumerate().take(n).skip(i + 1) {
            // The matrix is symmetric: what stands below the diagonal is read above it.
            let factor = row[l] / pivot;
            for j in l..WIDTH {
                lower[j] -= factor * row[j];
            }
        }
    }
    let mut x = [0.0; WIDTH];
    for i in (0..n).rev() {
        let known = (i + 1..n).fold(a[i][TARGET], |s, j| s - a[i][j] * x[j]);
        x[i] = known / a[i][i];
    }
    x.iter().all(|v| v.is_finite()).then_some(x)
}

//! How much each axis has to say where several can be interpolated along.

use crate::grid::{Grid, odd_axes};
use alloc::vec::Vec;
use core::f64::consts::{FRAC_1_SQRT_2, SQRT_2};
use tolzip_core::bytes::Reader;
use tolzip_core::{Error, Float, Result};

/// Levels with shares of their own, from the finest; coarser ones use the last.
pub(crate) const LEVELS: usize = 3;

/// For every axis, how much worse than the best one its interpolation is: mean squared errors in half octaves, 0 to 15.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shares {
    worse: [[u8; 4]; LEVELS],
}

/// The mean squared error of the cubic along each axis, on a sample of the values; `None` for axes too short.
pub(crate) type Errors = [Option<f64>; 4];

/// The errors on an array's finest grid.
pub(crate) fn errors<T: Float>(sides: [usize; 4], values: &[T]) -> Errors {
    core::array::from_fn(|d| error(sides, values, d))
}

/// How much worse than the best each axis is. Reconstructed neighbours are off by up to `bound`, whatever the axis.
fn relative(errors: &Errors, bound: f64) -> [u8; 4] {
    let noise = bound * bound * 0.2;
    let least = errors.iter().flatten().fold(f64::INFINITY, |m, &e| if e < m { e } else { m }) + noise;
    errors.map(|e| e.map_or(0, |e| half_octaves((e + noise) / least)))
}

impl Shares {
    /// The share of every axis in the prediction of a class; they sum to 1.
    pub(crate) fn of(&self, level: usize, class: usize) -> [f64; 4] {
        // 2^(-i/2), the odd ones from a fixed approximation of the square root.
        let weight = |worse: u8| {
            let halves = 1.0 / f64::from(1u32 << (worse / 2));
            if worse % 2 == 1 { halves * FRAC_1_SQRT_2 } else { halves }
        };
        let worse = &self.worse[level.min(LEVELS - 1)];
        let sum = odd_axes(class).fold(0.0, |s, d| s + weight(worse[d]));
        let mut out = [0.0; 4];
        for d in odd_axes(class) {
            out[d] = weight(worse[d]) / sum;
        }
        out
    }

    /// Shares by the errors that interpolation makes on a sample of the original values; the grids' values stand in
    /// `levels`, and the errors on the finest grid were found before.
    pub(crate) fn fit<T: Float>(grids: &[Grid], levels: &[&[T]], finest: &Errors, bound: f64) -> Self {
        let mut out = Self::default();
        for (level, worse) in out.worse.iter_mut().enumerate() {
            let (Some(grid), Some(values)) = (grids.get(level), levels.get(level)) else { break };
            *worse = relative(
                &core::array::from_fn(|d| match level {
                    _ if !grid.split[d] => None,
                    0 => finest[d],
                    _ => error(grid.sides, values, d),
                }),
                bound,
            );
        }
        for level in 1..LEVELS {
            if grids.get(level).is_none_or(|g| g.sides.iter().product::<usize>() < 512) {
                out.worse[level] = out.worse[level - 1];
            }
        }
        out
    }

    pub(crate) fn write(&self, axes: [bool; 4], out: &mut Vec<u8>) {
        if axes.iter().filter(|&&a| a).count() < 2 {
            return;
        }
        for worse in &self.worse {
            let packed = worse.iter().fold(0u16, |p, &w| p << 4 | u16::from(w));
            out.extend_from_slice(&packed.to_le_bytes());
        }
    }

    pub(crate) fn read(axes: [bool; 4], reader: &mut Reader<'_>) -> Result<Self> {
        let mut out = Self::default();
        if axes.iter().filter(|&&a| a).count() < 2 {
            return Ok(out);
        }
        for worse in &mut out.worse {
            let packed = reader.u16()?;
            for (d, w) in worse.iter_mut().enumerate() {
                *w = (packed >> (12 - 4 * d) & 15) as u8;
                if !axes[d] && *w != 0 {
                    return Err(Error::corrupt("a share of an axis that is not there"));
                }
            }
        }
        Ok(out)
    }
}

impl Shares {
    /// Shares of an array by its finest level alone.
    pub(crate) fn rough(finest: &Errors, bound: f64) -> Self {
        Self { worse: [relative(finest, bound); LEVELS] }
    }

    /// The axis that is interpolated best at a level, of those that `grid`, the finest, splits, other than `but`.
    pub(crate) fn best(&self, level: usize, grid: &Grid, but: usize) -> Option<usize> {
        let worse = &self.worse[level.min(LEVELS - 1)];
        (0..4).filter(|&d| d != but && grid.split[d] && grid.sides[d] > 1 << level).min_by_key(|&d| worse[d])
    }

    /// The slow axes that are interpolated much worse than the best axis is; bit 3 - axis. Grids along them may be
    /// better left whole.
    pub(crate) fn poor_axes(&self) -> u8 {
        (0..3).filter(|&d| self.worse[0][d] >= POOR).fold(0, |m, d| m | 1 << (3 - d))
    }
}

/// Half octaves of the mean squared error from which an axis is poor.
const POOR: u8 = 4;

/// `2 log2(ratio)` rounded down, at most 15; 0 for what is no number above 1.
fn half_octaves(ratio: f64) -> u8 {
    let mut halves = 0;
    let mut r = ratio;
    while r >= SQRT_2 && halves < 15 {
        r /= SQRT_2;
        halves += 1;
    }
    halves
}

/// Sampled points along each axis.
const SAMPLES: usize = 4096;

/// The mean squared error of the cubic along `axis`, by a sample; `None` for an axis too short.
fn error<T: Float>(sides: [usize; 4], values: &[T], axis: usize) -> Option<f64> {
    let probe = Probe::along(sides, values, axis, 0)?;
    let (mut sum, mut count) = (0.0, 0.0);
    for i in probe.points(SAMPLES) {
        let e = probe.miss(i);
        let square = e * e;
        if square.is_finite() {
            sum += square;
            count += 1.0;
        }
    }
    (count > 0.0).then(|| sum / count)
}

/// Interpolation along one axis, at points that have all the neighbours it wants.
pub(crate) struct Probe<'a, T> {
    values: &'a [T],
    /// From one point of the axis to the next.
    stride: usize,
    side: usize,
    /// From a point to its nearest neighbours, in points.
    pace: usize,
    /// Too short for a cubic: the mean of two neighbours, or the only one.
    short: bool,
}

impl<'a, T: Float> Probe<'a, T> {
    /// With the distances of a level; `None` for an axis too short.
    pub(crate) fn along(sides: [usize; 4], values: &'a [T], axis: usize, level: usize) -> Option<Self> {
        let (side, pace) = (sides[axis], 1 << level);
        let stride = sides[axis + 1..].iter().product();
        (side > pace).then_some(Self { values, stride, side, pace, short: side < 7 * pace })
    }

    /// By how much a point is missed.
    pub(crate) fn miss(&self, i: usize) -> f64 {
        let value = |j: usize| self.values[j].to_f64();
        let (one, x) = (self.stride * self.pace, value(i));
        if self.short {
            let right = if self.side > 2 * self.pace { value(i + one) } else { value(i - one) };
            return (value(i - one) + right) * 0.5 - x;
        }
        let near = value(i - one) + value(i + one);
        let far = value(i - 3 * one) + value(i + 3 * one);
        (9.0 * near - far) * 0.0625 - x
    }

    /// About so many of the points that are far enough from both ends of the axis.
    pub(crate) fn points(&self, count: usize) -> impl Iterator<Item = usize> + use<T> {
        let (side, stride) = (self.side, self.stride);
        let margin = if self.short { self.pace } else { 3 * self.pace };
        let length = if side > 2 * margin { side - 2 * margin } else { 1 };
        let points = length * (self.values.len() / side);
        // An odd stride visits all residues.
        let every = (points / count).max(1) | 1;
        // The point is the `along`th of its line, which is the `inner`th of those that begin at `outer`; divisions would take
        // longer than the points.
        let (lines_on, points_on) = (every / length, every % length);
        let (outer_on, inner_on) = (lines_on / stride * (stride * side), lines_on % stride);
        let (mut outer, mut inner, mut along) = (0, 0, 0);
        (0..points.div_ceil(every)).map(move |_| {
            let point = outer + inner + (margin + along) * stride;
            along += points_on;
            inner += inner_on;
            outer += outer_on;
            if along >= length {
                along -= length;
                inner += 1;
            }
            if inner >= stride {
                inner -= stride;
                outer += stride * side;
            }
            point
        })
    }
}

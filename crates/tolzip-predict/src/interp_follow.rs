//! Following: what interpolation missed at the point before, along a slow axis (time, an ensemble), is expected again.
//!
//! Errors of interpolation often stay where they are, as a map's mountains do in every month of temperatures. Kept apart from
//! what neighbours in space tell, they serve the next slice.

use crate::grid::Grid;
use crate::interp_fit::{LEVELS, Probe, Shares};
use alloc::vec::Vec;
use tolzip_core::bytes::Reader;
use tolzip_core::{Error, Float, Result};

/// The axis along which points follow the one before, and how closely, by level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Follow {
    pub(crate) axis: usize,
    /// Multiples of 1/4096.
    weights: [i16; LEVELS],
}

/// What weights are multiples of.
const UNIT: f64 = 1.0 / 4096.0;

/// Axes that can be followed: slabs of rows have whole slabs before them there.
const AXES: usize = 2;

impl Follow {
    /// The part of an error that is expected again at this level; `None` where none is.
    pub(crate) fn weight<W: Float>(&self, level: usize) -> Option<W> {
        let weight = self.weights[level.min(LEVELS - 1)];
        (weight != 0).then(|| W::from_f64(f64::from(weight) * UNIT))
    }

    /// The bit of an axis in the byte of axes; 0 for none.
    pub(crate) fn bit(axis: Option<usize>) -> u8 {
        axis.map_or(0, |axis| 0x80 >> axis)
    }

    /// All of those bits.
    pub(crate) const BITS: u8 = 0xc0;

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for weight in self.weights {
            out.extend_from_slice(&weight.to_le_bytes());
        }
    }

    /// Reads what stands behind the shares if a bit of `axes` says so.
    pub(crate) fn read(axes: u8, sides: [usize; 4], reader: &mut Reader<'_>) -> Result<Option<Self>> {
        let axis = match axes & Self::BITS {
            0 => return Ok(None),
            0x80 => 0,
            0x40 => 1,
            _ => return Err(Error::corrupt("two axes to follow")),
        };
        if sides[axis] < 2 {
            return Err(Error::corrupt("an axis of one point to follow"));
        }
        let mut weights = [0; LEVELS];
        for weight in &mut weights {
            *weight = reader.u16()? as i16;
        }
        Ok(Some(Self { axis, weights }))
    }

    /// How closely points follow the one before along `axis`, in a grid that is split along the axes that `split` says.
    pub(crate) fn fit<T: Float>(
        axis: usize,
        sides: [usize; 4],
        split: [bool; 4],
        values: &[T],
        shares: &Shares,
        bound: f64,
    ) -> Self {
        Self::look(axis, &Grid { sides, split }, values, shares, bound, FITTED).0
    }

    /// What a rough look at the array promises: with the grids along the axis split as the others, and whole.
    ///
    /// Errors have to come again across the distance of a split grid's points: from one point to the next, those of every smooth
    /// field do, and interpolating between both is better.
    pub(crate) fn promising<T: Float>(
        sides: [usize; 4],
        values: &[T],
        shares: &Shares,
        bound: f64,
    ) -> Option<[Self; 2]> {
        let mut grid = Grid { sides, split: [true; 4] };
        let look = |axis, grid: &Grid| Self::look(axis, grid, values, shares, bound, LOOKED);
        let (mut best, mut least) = (None, 1.0 - WORTH);
        for axis in (0..AXES).filter(|&axis| sides[axis] > LEAST_SIDE) {
            let (split, left) = look(axis, &grid);
            if left < least {
                (best, least) = (Some(split), left);
            }
        }
        let split = best?;
        grid.split[split.axis] = false;
        Some([split, look(split.axis, &grid).0])
    }

    /// Weights by `count` points a level, and what part of the bits they leave.
    fn look<T: Float>(
        axis: usize,
        grid: &Grid,
        values: &[T],
        shares: &Shares,
        bound: f64,
        count: usize,
    ) -> (Self, f64) {
        let mut weights = [0; LEVELS];
        let (mut without, mut with, mut most) = (0.0, 0.0, 0.0);
        // Points of a level among all, about.
        let mut part = 1.0;
        for level in 0..LOOKED_LEVELS {
            let lag = if grid.split[axis] { 2 << level } else { 1 };
            let pairs = sample(grid, values, axis, lag, (shares.best(level, grid, axis), level), count);
            if pairs.len() < FEW {
                if level > 0 && level < LEVELS {
                    weights[level] = weights[level - 1];
                }
                continue;
            }
            let found = weigh(&pairs, bound);
            let saved = part * (found.without - found.with);
            // The coarser levels share a weight: that of the one where it matters most.
            if level < LEVELS || saved > most {
                weights[level.min(LEVELS - 1)] = found.weight;
                most = saved;
            }
            without += part * found.without;
            with += part * found.with;
            part *= PART_OF_COARSER;
        }
        (Self { axis, weights }, if without > 0.0 { with / without } else { 1.0 })
    }
}

/// Axes with no more points than this have too few to follow.
const LEAST_SIDE: usize = 4;
/// Sampled points of a level for a look, and for weights that are used.
const LOOKED: usize = 512;
const FITTED: usize = 4096;
/// Levels that are looked at, from the finest.
const LOOKED_LEVELS: usize = 6;
/// Fewer pairs tell nothing of a level.
const FEW: usize = 64;
/// The part of the bits that has to be left out for an axis to be tried.
const WORTH: f64 = 0.1;
/// How many points the next coarser grid has of a grid's, about: two axes are split.
const PART_OF_COARSER: f64 = 0.25;

/// Errors of interpolation along an axis and at a level (`probed`) at sampled points, and at the points `lag` before them
/// along `axis`.
fn sample<T: Float>(
    grid: &Grid,
    values: &[T],
    axis: usize,
    lag: usize,
    (probed, level): (Option<usize>, usize),
    count: usize,
) -> Vec<(f64, f64)> {
    let Some(probe) = probed.and_then(|d| Probe::along(grid.sides, values, d, level)) else {
        return Vec::new();
    };
    let stride: usize = grid.sides[axis + 1..].iter().product();
    let later = |i: &usize| i / stride % grid.sides[axis] >= lag;
    let pair = |i: usize| (probe.miss(i), probe.miss(i - lag * stride));
    let pairs = probe.points(count).filter(later).map(pair);
    pairs.filter(|(e, before)| e.is_finite() && before.is_finite()).collect()
}

/// A weight, and the mean bits without and with it.
struct Found {
    weight: i16,
    without: f64,
    with: f64,
}

/// The part of the errors before that makes the cost of what is left least: least squares, re-weighted as the causal
/// predictor's are.
fn weigh(pairs: &[(f64, f64)], bound: f64) -> Found {
    let step = 2.0 * bound;
    // The decoder knows an error before as well as its integer tells, and less by what neighbours are off.
    let known = |e: f64| {
        let steps = e / step;
        if steps.abs() < 1e9 { ((steps + ROUND) - ROUND) * step } else { e }
    };
    let noise = 0.2 * bound * bound;
    let mut w = 0.0;
    for _ in 0..3 {
        let (mut product, mut square) = (0.0, 0.0);
        for &(e, before) in pairs {
            let before = known(before);
            let r = e - w * before;
            let weight = 1.0 / (r * r + 0.5 * bound * bound);
            product += weight * (e * before);
            square += weight * (before * before + noise);
        }
        w = if square > 0.0 { (product / square).clamp(-1.0, 1.0) } else { 0.0 };
    }
    let weight = ((w / UNIT + ROUND) - ROUND) as i16;
    let w = f64::from(weight) * UNIT;
    let (mut without, mut with) = (0.0, 0.0);
    for &(e, before) in pairs {
        without += bits(e / bound);
        with += bits((e - w * known(before)) / bound);
    }
    let n = pairs.len() as f64;
    Found { weight, without: without / n, with: with / n }
}

/// About the bits of an error in units of the bound: `log2(1 + e^2) / 2`, linear within an octave.
fn bits(e: f64) -> f64 {
    let square = (1.0 + e * e).to_bits();
    let octave = ((square >> 52 & 0x7ff) as f64) - 1023.0;
    let within = (square & ((1 << 52) - 1)) as f64 / (1u64 << 52) as f64;
    (octave + within) / 2.0
}

/// Added and subtracted, it rounds an f64 of less than 2^51 to the nearest integer.
const ROUND: f64 = 6_755_399_441_055_744.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interp_fit::errors;
    extern crate std;

    /// Noise that stays in its place while everything moves.
    fn film(frames: usize) -> ([usize; 4], Vec<f64>) {
        let (rows, n) = (40, 60);
        let mut x = 7u64;
        let mut noise = || {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (x >> 40) as f64 / 16_777_216.0
        };
        let map: Vec<f64> = (0..rows * n).map(|_| noise()).collect();
        let frame =
            |t: usize| map.iter().enumerate().map(move |(i, m)| m + (t * i % 97) as f64 * 1e-3).collect();
        let values = (0..frames).flat_map(|t| -> Vec<f64> { frame(t) }).collect();
        ([1, frames, rows, n], values)
    }

    #[test]
    fn what_stays_is_followed() {
        let (sides, values) = film(12);
        let shares = Shares::rough(&errors(sides, &values), 0.01);
        let [split, whole] = Follow::promising(sides, &values, &shares, 0.01).unwrap();
        assert_eq!((split.axis, whole.axis), (1, 1));
        let weight: f64 = whole.weight(0).unwrap();
        assert!(weight > 0.6 && weight <= 1.0, "{weight}");
        // At a bound above all errors nothing is known of the ones before.
        assert!(Follow::promising(sides, &values, &shares, 10.0).is_none());
    }

    #[test]
    fn noise_is_not_followed() {
        let (_, values) = film(12);
        let mut shuffled = values;
        let n = shuffled.len();
        for i in 0..n {
            shuffled.swap(i, i * 7919 % n);
        }
        let sides = [1, 12, 40, 60];
        let shares = Shares::rough(&errors(sides, &shuffled), 0.01);
        assert!(Follow::promising(sides, &shuffled, &shares, 0.01).is_none());
    }

    #[test]
    fn weights_come_back() {
        let follow = Follow { axis: 1, weights: [4096, -3, 0] };
        let mut bytes = Vec::new();
        follow.write(&mut bytes);
        let read = |axes, sides| Follow::read(axes, sides, &mut Reader::new(&bytes));
        assert_eq!(read(Follow::bit(Some(1)), [1, 2, 3, 4]), Ok(Some(follow)));
        assert_eq!(read(0x0e, [1, 2, 3, 4]), Ok(None));
        assert!(read(0xc0, [2, 2, 3, 4]).is_err() && read(0x80, [1, 2, 3, 4]).is_err());
        assert_eq!(follow.weight::<f64>(0), Some(1.0));
        assert_eq!(follow.weight::<f32>(7), None);
    }
}

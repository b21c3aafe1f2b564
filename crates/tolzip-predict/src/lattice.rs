//! Values that are multiples of a unit: readings of a converter, decimals, counts.
//!
//! Where the unit is larger than the step that the bound allows, steps of one unit make smaller integers, and no error.

use alloc::vec::Vec;
use tolzip_core::Float;

/// Differences that are looked at.
const SAMPLES: usize = 2048;

/// The lattice `offset + i unit`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lattice {
    pub(crate) offset: f64,
    pub(crate) unit: f64,
}

impl Lattice {
    /// The lattice that all but very few values lie on within the bound, if it is coarser than `step`.
    pub(crate) fn find<T: Float>(values: &[T], step: f64, bound: f64) -> Option<Self> {
        let unit = unit(values, step)?;
        let first = from_nearest(values.first()?.to_f64(), unit, 1.0 / unit);
        let offset = if Float::abs(first) < 0.02 * unit { 0.0 } else { first };
        let met = met(values, unit, offset, bound);
        (offset.is_finite() && values.len() - met <= values.len() / 1024).then_some(Self { offset, unit })
    }
}

/// How far a value is from the nearest multiple of the unit; not a number where that is too many units away to be told. `per_unit`
/// is one by the unit: it errs by a multiple only half way between two, where it does not matter which is the nearest.
#[inline(always)]
fn from_nearest(x: f64, unit: f64, per_unit: f64) -> f64 {
    // Multiples beyond this are no longer exact.
    const FAR: f64 = 1e9;
    // Added and taken away again, it rounds to an integer.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let ratio = x * per_unit;
    let nearest = (ratio + ROUND) - ROUND;
    if Float::abs(ratio) < FAR { x - nearest * unit } else { f64::NAN }
}

/// How many values are less than the bound away from a point of the lattice: no branches, so that it is done in vectors.
fn met<T: Float>(values: &[T], unit: f64, offset: f64, bound: f64) -> usize {
    let per_unit = 1.0 / unit;
    let is_met = |x: &T| Float::abs(from_nearest(x.to_f64() - offset, unit, per_unit)) < bound;
    let in_part = |part: &[T]| part.iter().map(|x| u32::from(is_met(x))).sum::<u32>() as usize;
    values.chunks(1 << 16).map(in_part).sum()
}

/// The unit, if it is larger than `step` and a sample of differences are multiples of it.
pub(crate) fn unit<T: Float>(values: &[T], step: f64) -> Option<f64> {
    let every = values.len() / SAMPLES + 1;
    let difference = |w: &[T]| Float::abs(w[1].to_f64() - w[0].to_f64());
    let mut differences: Vec<f64> = Vec::with_capacity(SAMPLES);
    for pair in values.windows(2).step_by(every) {
        let d = difference(pair);
        if d == 0.0 {
            continue;
        }
        // Most data ends the search here.
        if !(d > step && d.is_finite()) {
            return None;
        }
        differences.push(d);
    }
    differences.sort_unstable_by(f64::total_cmp);
    let mut unit = *differences.first()?;
    if differences.len() < 32 {
        return None;
    }
    // Larger differences are larger multiples, and tell the unit more exactly.
    for d in differences {
        let ratio = d / unit;
        if ratio > 1e6 {
            return None;
        }
        let multiple = f64::from((ratio + 0.5) as u32);
        if Float::abs(ratio - multiple) > 0.02 {
            return None;
        }
        unit = d / multiple;
    }
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn readings_have_a_unit_and_others_have_none() {
        let readings: Vec<f32> = (0..5000).map(|i| ((i * i) % 977 - 300) as f32 * 0.005).collect();
        let found = unit(&readings, 0.001).unwrap();
        assert!((found - 0.005).abs() < 1e-7, "{found}");
        let lattice = Lattice::find(&readings, 0.001, 0.0005).unwrap();
        assert_eq!(lattice.offset, 0.0);
        let shifted: Vec<f64> = (0..5000).map(|i| f64::from((i * i) % 977 - 300) * 0.005 + 1.002).collect();
        let lattice = Lattice::find(&shifted, 0.001, 0.0005).unwrap();
        assert!((lattice.offset - 0.002).abs() < 1e-6, "{lattice:?}");
        assert_eq!(unit(&readings, 0.01), None);
        let smooth: Vec<f32> = (0..5000).map(|i| (i as f32 * 0.1).sin()).collect();
        assert_eq!(unit(&smooth, 0.001), None);
        assert_eq!(unit(&[f32::NAN; 100], 0.001), None);
        assert_eq!(unit::<f64>(&[], 0.001), None);
    }

    /// Found by fuzzing: multiples of the unit too large for an integer.
    #[test]
    fn values_far_beyond_their_unit_are_on_no_lattice() {
        for far in [1e10, -1e10, 1e15, -1e15] {
            let values: Vec<f64> = (0..100).map(|i| far + f64::from(i % 7)).collect();
            assert!(unit(&values, 0.25).is_some());
            assert_eq!(Lattice::find(&values, 0.25, 0.125), None);
        }
    }
}

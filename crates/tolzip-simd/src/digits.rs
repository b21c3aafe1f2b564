//! Rounding of floats to multiples of a power of two that depends on how many decimal digits they have.

use crate::lane::Lane;
use crate::residuals::versions;

/// Words that are looked at together: their powers of ten are few.
const TILE: usize = 256;
/// The most powers of ten that all words of a tile are compared with one after the other.
const FEW: usize = 16;

versions! {
    /// Rounds floats of `mantissa` bits to multiples of their unit.
    ///
    /// `from` holds, in ascending order, the magnitudes (as bits) from which on there is one more digit, and `units` the
    /// biased exponents of the units, each plus `mantissa`, before, between and after them, 0 for those below any float.
    /// With `middle`, values get the middle of the multiple below them and the next one; else the nearest multiple, ties to
    /// even, cut where that is infinite. Denormals have the unit of the smallest normal value; zeros, infinities and NaN stay.
    ///
    /// # Panics
    /// If there is not one unit more than `from` has magnitudes.
    round_to_units<W: Lane>(words: &mut [W], from: &[W], units: &[W], mantissa: u32, middle: bool) {
        assert_eq!(units.len(), from.len() + 1);
        let (zero, one) = (W::default(), W::from_u64(1));
        let all = W::from_u64(u64::MAX).shr(1);
        let infinity = all & W::from_u64(u64::MAX).shl(mantissa);
        let least = one.shl(mantissa);
        let most = W::from_u64(u64::from(mantissa));
        let normal = |w: W| {
            let m = w & all;
            if m < least { least } else { m }
        };
        for tile in words.chunks_mut(TILE) {
            let (mut low, mut high) = (all, zero);
            for &w in &*tile {
                let m = w & all;
                let counts = m != zero && m < infinity;
                let m = normal(w);
                low = if counts && m < low { m } else { low };
                high = if counts && m > high { m } else { high };
            }
            let first = from.partition_point(|&f| f <= low);
            let last = from.partition_point(|&f| f <= high).max(first);
            let mut unit = [units[first]; TILE];
            if last - first <= FEW {
                for (&f, &u) in from[first..last].iter().zip(&units[first + 1..]) {
                    for (unit, &w) in unit.iter_mut().zip(&*tile) {
                        *unit = if w & all >= f { u } else { *unit };
                    }
                }
            } else {
                for (unit, &w) in unit.iter_mut().zip(&*tile) {
                    *unit = units[from.partition_point(|&f| f <= normal(w))];
                }
            }
            for (w, &unit) in tile.iter_mut().zip(&unit) {
                let x = *w;
                let m = x & all;
                let exponent = normal(x).shr(mantissa);
                let drop = if unit > exponent { unit.wrapping_sub(exponent) } else { zero };
                let drop = if drop > most { most } else { drop };
                let drop = if m < infinity { drop } else { zero };
                let drop = drop.to_u64() as u32;
                let step = one.shl(drop);
                let keep = zero.wrapping_sub(step);
                let half = if m == zero { zero } else { step.shr(1) };
                *w = if middle {
                    (x & keep).or(half)
                } else {
                    // Half a unit less the smallest step, and that where the last bit kept is one.
                    let odd = if half == zero { zero } else { x.shr(drop) & one };
                    let up = if half == zero { zero } else { half.wrapping_sub(one) };
                    let rounded = x.wrapping_add(up.wrapping_add(odd)) & keep;
                    if rounded & infinity == infinity { x & keep } else { rounded }
                };
            }
        }
    }
}

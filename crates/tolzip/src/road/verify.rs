//! The verifier: what the decoder will return is held against the original, in the output type.

use super::patches::Patches;
use super::scan::ordinary;
use tolzip_core::{Element, Float, Target};

/// Values compared at a time: what misses the bound is looked for only in blocks that have any, and of these only in the
/// parts that have.
const BLOCK: usize = 1024;
const PART: usize = 32;

/// Compares original and reconstruction, and keeps what must be stored exactly.
#[derive(Debug)]
pub(crate) struct Verifier<T: Element> {
    target: Target,
    fill: Option<T::Bits>,
    at: usize,
    corrections: Patches<T>,
    max_error: f64,
}

/// What a comparison found.
#[derive(Debug)]
pub(crate) struct Verdict<T> {
    /// The values that must be stored exactly.
    pub(crate) corrections: Patches<T>,
    /// Largest `|x - x'|` of the others.
    pub(crate) max_error: f64,
}

impl<T: Element> Verifier<T> {
    pub(crate) const fn new(target: Target, fill: Option<T::Bits>) -> Self {
        Self { target, fill, at: 0, corrections: Patches::new(), max_error: 0.0 }
    }

    /// Compares the next values with what their carriers decode to.
    pub(crate) fn compare(&mut self, original: &[T], decoded: &[T::Carrier]) {
        for (x, y) in original.chunks(BLOCK).zip(decoded.chunks(BLOCK)) {
            if self.surely(x, y) {
                continue;
            }
            for (x, y) in x.chunks(PART).zip(y.chunks(PART)) {
                if !self.surely(x, y) {
                    self.one_by_one(x, y);
                    self.at += x.len();
                }
            }
        }
    }

    /// Goes past values that are all surely within the bound.
    fn surely(&mut self, original: &[T], decoded: &[T::Carrier]) -> bool {
        let Some(error) = self.clean(original, decoded) else { return false };
        self.max_error = if error > self.max_error { error } else { self.max_error };
        self.at += original.len();
        true
    }

    /// What was found in all.
    pub(crate) fn verdict(self) -> Verdict<T> {
        Verdict { corrections: self.corrections, max_error: self.max_error }
    }

    /// The largest error of a block in which every value is surely within an absolute bound.
    fn clean(&self, original: &[T], decoded: &[T::Carrier]) -> Option<f64> {
        if self.fill.is_some() || T::DTYPE != <T::Carrier as Element>::DTYPE {
            return None;
        }
        match self.target {
            Target::Abs(e) => largest_below(&T::as_carriers(original), decoded, |_| e),
            // Four units less than the product, which has no room for them among denormals.
            Target::PointwiseRel(e) => largest_below(&T::as_carriers(original), decoded, |x| {
                let limit = e * Float::abs(x.to_f64());
                if limit > 1e-290 { limit * (1.0 - 4.0 * f64::EPSILON) } else { 0.0 }
            }),
            _ => None,
        }
    }

    fn one_by_one(&mut self, original: &[T], decoded: &[T::Carrier]) {
        for (i, (&x, &y)) in original.iter().zip(decoded).enumerate() {
            if !ordinary(x, self.fill) {
                continue;
            }
            let y = T::from_carrier(y);
            if self.holds(x, y) {
                let error = x.distance(y);
                self.max_error = if error > self.max_error { error } else { self.max_error };
            } else {
                self.corrections.push(self.at + i, x);
            }
        }
    }

    fn holds(&self, x: T, y: T) -> bool {
        match self.target {
            Target::Abs(e) => x.within(y, e),
            Target::PointwiseRel(e) => x.to_bits() == y.to_bits() || x.within(y, Self::part(e, x)),
            // Knobs promise nothing, but a finite value must stay one.
            Target::Knob => y.is_finite(),
            _ => x.to_bits() == y.to_bits(),
        }
    }
}

impl<T: Element> Verifier<T> {
    /// At most `e |x|`: the product rounds to nearest, and so do 64-bit integers on their way to f64.
    fn part(e: f64, x: T) -> f64 {
        let product = (e * Float::abs(x.to_f64())).next_down();
        if !T::DTYPE.is_float() && T::DTYPE.size() == 8 { product.next_down().next_down() } else { product }
    }
}

/// The largest `|x - y|`, if all are below their limits. A difference that is below after rounding to nearest is below
/// exactly.
fn largest_below<C: Float>(x: &[C], y: &[C], limit: impl Fn(C) -> f64) -> Option<f64> {
    const LANES: usize = 8;
    let (mut largest, mut good) = ([0f64; LANES], [true; LANES]);
    let mut one = |lane: usize, x: C, y: C| {
        let error = Float::abs(y.to_f64() - x.to_f64());
        largest[lane] = if error > largest[lane] { error } else { largest[lane] };
        // NaN is not below anything.
        good[lane] &= error < limit(x);
    };
    let ((x_blocks, x_rest), (y_blocks, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    for (x, y) in x_blocks.iter().zip(y_blocks) {
        for lane in 0..LANES {
            one(lane, x[lane], y[lane]);
        }
    }
    for (lane, (&x, &y)) in x_rest.iter().zip(y_rest).enumerate() {
        one(lane, x, y);
    }
    let largest = largest.into_iter().fold(0.0, |a, b| if b > a { b } else { a });
    (good == [true; LANES]).then_some(largest)
}

/// Compares a whole chunk.
pub(crate) fn verify<T: Element>(
    original: &[T],
    decoded: &[T::Carrier],
    target: Target,
    fill: Option<T::Bits>,
) -> Verdict<T> {
    let mut verifier = Verifier::new(target, fill);
    verifier.compare(original, decoded);
    verifier.verdict()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_misses_the_bound_is_corrected() {
        let x = [1.0f32, 2.0, f32::NAN, 4.0];
        let y = [1.5f32, 2.0, 0.0, 4.75];
        let verdict = verify(&x, &y, Target::Abs(0.5), None);
        assert_eq!(verdict.max_error, 0.5);
        let mut back = y;
        super::super::patches::apply(&verdict.corrections.into_bytes(), &mut back).unwrap();
        assert_eq!(back, [1.5, 2.0, 0.0, 4.0]);
        assert!(verify(&x, &x, Target::PointwiseRel(1e-30), None).corrections.is_empty());
    }

    #[test]
    fn one_miss_among_many_is_found_where_it_is() {
        let x: alloc::vec::Vec<f64> = (0..5000).map(f64::from).collect();
        for at in [0, 1023, 1024, 4999] {
            let mut y = x.clone();
            y[at] += 1.0;
            y[(at + 7) % 5000] += 0.25;
            let verdict = verify(&x, &y, Target::Abs(0.5), None);
            assert_eq!(verdict.max_error, 0.25);
            super::super::patches::apply(&verdict.corrections.into_bytes(), &mut y).unwrap();
            assert_eq!(y[at], x[at]);
        }
    }

    #[test]
    fn narrow_types_are_checked_after_rounding() {
        // 2.4 rounds to 2: exact for the integer, though the carrier is off by 0.4.
        assert_eq!(verify(&[2u8], &[2.4], Target::Abs(0.1), None).max_error, 0.0);
        assert!(!verify(&[2u8], &[2.6], Target::Abs(0.9), None).corrections.is_empty());
    }
}

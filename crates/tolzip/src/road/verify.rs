//! The verifier: what the decoder will return is held against the original, in the output type.

use super::patches::Patches;
use super::scan::ordinary;
use tolzip_core::{Element, Target};

/// What a comparison of original and reconstruction found.
#[derive(Debug)]
pub(crate) struct Verdict<T> {
    /// The values that must be stored exactly.
    pub(crate) corrections: Patches<T>,
    /// Largest `|x - x'|` of the others.
    pub(crate) max_error: f64,
}

/// Compares, leaving out special values (they are stored exactly anyway).
pub(crate) fn verify<T: Element>(
    original: &[T],
    decoded: impl Iterator<Item = T>,
    target: Target,
    fill: Option<T::Bits>,
) -> Verdict<T> {
    let mut corrections = Patches::new();
    let mut max_error = 0.0;
    for (i, (&x, y)) in original.iter().zip(decoded).enumerate() {
        if !ordinary(x, fill) {
            continue;
        }
        let holds = match target {
            Target::Abs(e) => x.within(y, e),
            // The product rounds to nearest: one step down keeps it at or below the exact bound.
            Target::PointwiseRel(e) => {
                let magnitude = x.to_f64();
                let magnitude = if magnitude < 0.0 { -magnitude } else { magnitude };
                x.to_bits() == y.to_bits() || x.within(y, (e * magnitude).next_down())
            }
            // Knobs promise nothing, but a finite value must stay one.
            Target::Knob => y.is_finite(),
            _ => x.to_bits() == y.to_bits(),
        };
        if holds {
            let error = x.distance(y);
            max_error = if error > max_error { error } else { max_error };
        } else {
            corrections.push(i, x);
        }
    }
    Verdict { corrections, max_error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_misses_the_bound_is_corrected() {
        let x = [1.0f32, 2.0, f32::NAN, 4.0];
        let y = [1.5f32, 2.0, 0.0, 4.75];
        let verdict = verify(&x, y.into_iter(), Target::Abs(0.5), None);
        assert_eq!(verdict.max_error, 0.5);
        let mut back = y;
        super::super::patches::apply(&verdict.corrections.into_bytes(), &mut back).unwrap();
        assert_eq!(back, [1.5, 2.0, 0.0, 4.0]);
        assert!(verify(&x, x.into_iter(), Target::PointwiseRel(1e-30), None).corrections.is_empty());
    }
}

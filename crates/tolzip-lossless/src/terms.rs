//! The earlier values that a sampled value is predicted from, and what is left of it.

use crate::lane::Lane;
use crate::stencil::{Spec, binomial};
use alloc::vec::Vec;
use tolzip_core::Float;

/// An earlier value, and its weight in a prediction.
pub(crate) struct Term {
    lag: usize,
    weight: i8,
    float: f64,
}

/// The earlier values that values are predicted from, for each combination of degrees that was asked for: few, but near the
/// front faces every value has another one than the value before.
pub(crate) struct Terms {
    sides: [usize; 4],
    all: Vec<Term>,
    /// Degrees, and where their terms stand.
    known: Vec<([u8; 4], usize, usize)>,
}

impl Terms {
    pub(crate) const fn new(sides: [usize; 4]) -> Self {
        Self { sides, all: Vec::new(), known: Vec::new() }
    }

    /// The terms with as many earlier values along each axis as `degrees` says.
    pub(crate) fn of(&mut self, degrees: [u8; 4]) -> &[Term] {
        if degrees == [0; 4] {
            return &[];
        }
        let found = self.known.iter().find(|k| k.0 == degrees).copied();
        let (_, from, to) = found.unwrap_or_else(|| self.add(degrees));
        &self.all[from..to]
    }

    fn add(&mut self, degrees: [u8; 4]) -> ([u8; 4], usize, usize) {
        let [_, j, k, l] = self.sides;
        let weight = |axis: usize, back: u8| i32::from(binomial(degrees[axis], back));
        let from = self.all.len();
        for a in 0..=degrees[0] {
            let (lag, product) = (usize::from(a) * j * k * l, weight(0, a));
            for b in 0..=degrees[1] {
                let (lag, product) = (lag + usize::from(b) * k * l, product * weight(1, b));
                for c in 0..=degrees[2] {
                    let (lag, product) = (lag + usize::from(c) * l, product * weight(2, c));
                    for d in 0..=degrees[3] {
                        let weight = -product * weight(3, d);
                        if [a, b, c, d] != [0; 4] {
                            let lag = lag + usize::from(d);
                            self.all.push(Term { lag, weight: weight as i8, float: f64::from(weight) });
                        }
                    }
                }
            }
        }
        let new = (degrees, from, self.all.len());
        self.known.push(new);
        new
    }
}

/// The residuals of the `N` words from position `at` on, of which each has all the earlier values of `terms`.
#[inline]
pub(crate) fn residuals<W: Lane, const N: usize>(
    words: &[W],
    spec: Spec,
    at: usize,
    terms: &[Term],
) -> [W; N] {
    let back = |lag: usize| words[at - lag..].first_chunk::<N>().copied().unwrap_or([W::default(); N]);
    let mut sums = [W::default(); N];
    if spec.float {
        let mut floats = [W::Float::ZERO; N];
        for term in terms {
            let weight = W::Float::from_f64(term.float);
            for (sum, w) in floats.iter_mut().zip(back(term.lag)) {
                *sum = *sum + weight * w.float();
            }
        }
        sums = floats.map(|sum| crate::float::integer(sum, spec.order));
    } else {
        for term in terms {
            for (sum, w) in sums.iter_mut().zip(back(term.lag)) {
                *sum = sum.wrapping_add(spec.order.of(w).times(term.weight));
            }
        }
    }
    let mut here = back(0);
    for (w, sum) in here.iter_mut().zip(sums) {
        *w = spec.order.of(*w).wrapping_sub(sum).zigzag();
    }
    here
}

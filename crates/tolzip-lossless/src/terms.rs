//! The earlier values that a sampled value is predicted from, and what is left of it.

use crate::lane::Lane;
use crate::stencil::{Spec, binomial};
use alloc::vec::Vec;
use tolzip_core::Float;

/// How many values back an earlier value stands, and its weight in a prediction.
pub(crate) type Term = (usize, i8);

/// The earlier values that values are predicted from, for each combination of degrees that was asked for: few, but near the
/// front faces every value has another one than the value before.
pub(crate) struct Terms {
    sides: [usize; 4],
    all: Vec<Term>,
    /// Where the terms of degrees stand, by all four in base 4: those from one place to another, none where they were not asked for yet.
    places: [(u16, u16); 256],
}

impl Terms {
    pub(crate) const fn new(sides: [usize; 4]) -> Self {
        Self { sides, all: Vec::new(), places: [(0, 0); 256] }
    }

    /// The terms with as many earlier values along each axis as `degrees` says.
    pub(crate) fn of(&mut self, degrees: [u8; 4]) -> &[Term] {
        let place = degrees.iter().fold(0, |place, &d| place << 2 | usize::from(d & 3));
        let (mut from, mut to) = self.places[place];
        if from == to && place != 0 {
            (from, to) = self.add(degrees);
            self.places[place] = (from, to);
        }
        &self.all[usize::from(from)..usize::from(to)]
    }

    fn add(&mut self, degrees: [u8; 4]) -> (u16, u16) {
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
                            self.all.push((lag, weight as i8));
                        }
                    }
                }
            }
        }
        // All combinations together have some 10,000.
        (from as u16, self.all.len() as u16)
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
        for &(lag, weight) in terms {
            let weight = W::Float::from_f64(f64::from(weight));
            for (sum, w) in floats.iter_mut().zip(back(lag)) {
                *sum = *sum + weight * w.float();
            }
        }
        sums = floats.map(|sum| crate::float::integer(sum, spec.order));
    } else {
        for &(lag, weight) in terms {
            for (sum, w) in sums.iter_mut().zip(back(lag)) {
                *sum = sum.wrapping_add(spec.order.of(w).times(weight));
            }
        }
    }
    let mut here = back(0);
    for (w, sum) in here.iter_mut().zip(sums) {
        *w = spec.order.of(*w).wrapping_sub(sum).zigzag();
    }
    here
}

//! What predictors leave of sampled words.

use crate::lane::{Lane, Order};
use crate::sample::Sample;
use crate::stencil::Spec;
use crate::terms::{Terms, residuals};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_simd::residuals::{self as kernel, RUN};

/// Predictors tried one after the other on the same words.
pub(crate) struct Trials<'a, W> {
    pub(crate) sample: &'a Sample,
    words: &'a [W],
    pub(crate) order: Order,
    terms: Terms,
    /// Differences of all words, where these are few.
    whole: Option<Whole<W>>,
    out: Vec<W>,
}

impl<'a, W: Lane> Trials<'a, W> {
    pub(crate) fn new(sample: &'a Sample, words: &'a [W], order: Order) -> Self {
        /// So many words are subtracted from others while a run of them is predicted value by value.
        const RUN_COSTS: usize = 256;
        let axes = sample.sides.map(|side| u8::from(side > 1));
        let near_faces = sample.runs.iter().filter(|run| !run.has_all(axes)).count();
        let few = sample.len() == words.len() || near_faces * RUN_COSTS > words.len();
        let whole = few.then(|| Whole::new(words, order));
        Self {
            sample,
            words,
            order,
            terms: Terms::new(sample.sides),
            whole,
            out: vec![W::default(); sample.len()],
        }
    }

    /// The zigzag residuals of all sampled words.
    pub(crate) fn residuals(&mut self, spec: Spec) -> &[W] {
        match &mut self.whole {
            Some(whole) if !spec.float => {
                whole.sampled(spec.degrees, self.sample, &mut self.out);
            }
            _ => self.by_terms(spec),
        }
        &self.out
    }

    /// The predictors to come have about these degrees, but no less along any axis.
    pub(crate) fn lean_on(&mut self, spec: Spec) {
        if let Some(whole) = &mut self.whole
            && !spec.float
        {
            whole.lean_on(spec.degrees, self.sample.sides);
        }
    }

    fn by_terms(&mut self, spec: Spec) {
        let Self { sample, words, terms, out, .. } = self;
        if !spec.float {
            let start =
                |run: &crate::sample::Run| if run.has_all(spec.degrees) { run.at } else { usize::MAX };
            let starts: Vec<usize> = sample.runs.iter().map(start).collect();
            kernel::sampled(words, &starts, terms.of(spec.degrees), spec.order, out);
        }
        for (run, out) in sample.runs.iter().zip(out.chunks_mut(RUN)) {
            if run.has_all(spec.degrees) {
                if spec.float {
                    let run = residuals::<W, RUN>(words, spec, run.at, terms.of(spec.degrees));
                    out.copy_from_slice(&run);
                }
                continue;
            }
            for ((at, index), out) in run.positions(sample.sides).zip(out) {
                // Near the front faces there are fewer earlier values.
                let mut degrees = spec.degrees;
                for (d, i) in degrees.iter_mut().zip(index) {
                    *d = i.min(usize::from(*d)) as u8;
                }
                [*out] = residuals::<W, 1>(words, spec, at, terms.of(degrees));
            }
        }
    }
}

/// Differences of all words of an array, of which those of one degree more along one axis are soon made.
struct Whole<W> {
    degrees: [u8; 4],
    base: Vec<W>,
    next: Vec<W>,
}

impl<W: Lane> Whole<W> {
    fn new(words: &[W], order: Order) -> Self {
        let mut base = vec![W::default(); words.len()];
        kernel::integers(words, order, &mut base);
        Self { degrees: [0; 4], base, next: vec![W::default(); words.len()] }
    }

    /// Takes differences along an axis once more, into `next`.
    fn differ(&mut self, axis: usize, sides: [usize; 4]) {
        let step = sides[axis + 1..].iter().product();
        kernel::difference(
            &self.base,
            step,
            sides[axis],
            usize::from(self.degrees[axis]) + 1,
            &mut self.next,
        );
    }

    /// Differences of these degrees, which are at least those of the base.
    fn lean_on(&mut self, degrees: [u8; 4], sides: [usize; 4]) {
        for (axis, degree) in degrees.into_iter().enumerate() {
            while self.degrees[axis] < degree {
                self.differ(axis, sides);
                core::mem::swap(&mut self.base, &mut self.next);
                self.degrees[axis] += 1;
            }
        }
    }

    /// The sampled residuals of degrees that are at least those of the base.
    fn sampled(&mut self, degrees: [u8; 4], sample: &Sample, out: &mut [W]) {
        let more = degrees.iter().zip(self.degrees).map(|(d, base)| d - base);
        let all = match more.clone().sum() {
            0u8 => &self.base,
            1 => {
                self.differ(more.clone().position(|m| m > 0).unwrap_or(0), sample.sides);
                &self.next
            }
            _ => {
                self.lean_on(degrees, sample.sides);
                &self.base
            }
        };
        if out.len() == all.len() {
            return kernel::zigzag(all, out);
        }
        for (run, out) in sample.runs.iter().zip(out.chunks_mut(RUN)) {
            out.iter_mut().zip(&all[run.at..]).for_each(|(o, d)| *o = d.zigzag());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integer;
    use crate::stencil::Rows;

    /// Runs that have all earlier values, and values near the faces that have not, are what the coder makes of them.
    #[test]
    fn sampled_residuals_are_those_of_the_coder() {
        for (sides, all) in [
            ([1, 5, 7, 40], &[[0, 1, 2, 3], [0, 2, 2, 3]][..]),
            ([3, 4, 5, 9], &[[0, 0, 1, 0], [1, 1, 1, 1], [1, 3, 1, 2]]),
            ([1, 1, 6, 50], &[[0, 0, 2, 0], [0, 0, 3, 1]]),
            ([1, 1, 1, 33], &[[0, 0, 0, 0], [0, 0, 0, 2]]),
            ([1, 1, 1, 9000], &[[0, 0, 0, 3]]),
            ([1, 4, 9, 3], &[[0, 0, 1, 0], [0, 0, 2, 0], [0, 0, 2, 1], [0, 1, 2, 1], [0, 3, 3, 2]]),
        ] {
            let n: usize = sides.iter().product();
            let words: Vec<u32> =
                (0..n as u32).map(|i| i.wrapping_mul(i).wrapping_mul(2_654_435_761)).collect();
            for sign_magnitude in [false, true] {
                let order = Order { sign_magnitude, shift: 0 };
                for most in [n, n - 1, n / 2, 256] {
                    let sample = Sample::new(sides, most);
                    let mut trials = Trials::new(&sample, &words, order);
                    for &degrees in all {
                        let spec = Spec { order, float: false, degrees };
                        let mut coded = vec![0; n];
                        integer::Residuals::new(&words, Rows::new(sides, degrees), spec).next(&mut coded);
                        let positions = sample.runs.iter().flat_map(|run| run.positions(sides));
                        let expected: Vec<u32> = positions.map(|(at, _)| coded[at]).collect();
                        assert_eq!(trials.residuals(spec), expected, "{sides:?} {degrees:?} {most}");
                        trials.lean_on(spec);
                        trials.by_terms(spec);
                        assert_eq!(trials.out, expected, "{sides:?} {degrees:?} {most}");
                    }
                }
            }
        }
    }
}

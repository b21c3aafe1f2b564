//! A sample of a chunk's positions: runs of neighbours, so that a vector takes one at a time.

use crate::lane::Lane;
use crate::stencil::MAX_DEGREE;
use alloc::vec;
use alloc::vec::Vec;
use tolzip_simd::residuals::RUN;

/// Positions of a chunk, and their indices along the folded axes.
pub(crate) struct Sample {
    pub(crate) runs: Vec<Run>,
    pub(crate) sides: [usize; 4],
    len: usize,
}

/// Some positions that follow each other: [`RUN`], or what is left of a chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) at: usize,
    pub(crate) len: usize,
    /// Of the first position.
    index: [usize; 4],
    /// The most earlier values along each axis, up to [`MAX_DEGREE`], that all of [`RUN`] positions have; `None` for fewer
    /// positions.
    known: Option<[u8; 4]>,
}

impl Run {
    fn new(at: usize, len: usize, sides: [usize; 4]) -> Self {
        let (mut rest, mut index) = (at, [0; 4]);
        for d in (0..4).rev() {
            index[d] = rest % sides[d];
            rest /= sides[d];
        }
        let known = (len == RUN).then(|| {
            let (mut known, mut carry) = ([0; 4], RUN - 1);
            for d in (0..4).rev() {
                let last = index[d] + carry;
                // Who comes to the end of an axis has its beginning next.
                carry = if last < sides[d] { 0 } else { last / sides[d] };
                let least = if carry > 0 { 0 } else { index[d] };
                known[d] = least.min(usize::from(MAX_DEGREE)) as u8;
            }
            known
        });
        Self { at, len, index, known }
    }

    /// Whether it is a whole run of which all positions have that many earlier values.
    pub(crate) fn has_all(&self, degrees: [u8; 4]) -> bool {
        self.known.is_some_and(|known| degrees.iter().zip(known).all(|(d, known)| *d <= known))
    }

    /// The positions, and the index of each.
    pub(crate) fn positions(&self, sides: [usize; 4]) -> impl Iterator<Item = (usize, [usize; 4])> {
        let mut next = self.index;
        (self.at..self.at + self.len).map(move |at| {
            let index = next;
            for d in (0..4).rev() {
                next[d] += 1;
                if next[d] < sides[d] {
                    break;
                }
                next[d] = 0;
            }
            (at, index)
        })
    }
}

impl Sample {
    /// About `most` positions of an array that is not empty.
    pub(crate) fn new(sides: [usize; 4], most: usize) -> Self {
        let n: usize = sides.iter().product();
        let runs: Vec<Run> = if n <= most {
            (0..n).step_by(RUN).map(|at| Run::new(at, RUN.min(n - at), sides)).collect()
        } else {
            let runs = most / RUN;
            // Evenly spaced, each displaced by a fraction that no period of the data follows.
            let mut x = 0x9e37_79b9_7f4a_7c15u64;
            (0..runs)
                .map(|run| {
                    x = x.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
                    let (from, to) = (part(n, run, runs), part(n, run + 1, runs));
                    let room = (to - from).saturating_sub(RUN) as u64 + 1;
                    let start = from + ((u128::from(x >> 32) * u128::from(room)) >> 32) as usize;
                    Run::new(start, RUN.min(n - start), sides)
                })
                .collect()
        };
        let len = runs.iter().map(|run| run.len).sum();
        Self { runs, sides, len }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The sampled words.
    pub(crate) fn words<W: Lane>(&self, words: &[W]) -> Vec<W> {
        if self.len == words.len() {
            return words.to_vec();
        }
        let mut out = Vec::with_capacity(self.len);
        for run in &self.runs {
            match words[run.at..].first_chunk::<RUN>() {
                Some(all) if run.len == RUN => out.extend_from_slice(all),
                _ => out.extend_from_slice(&words[run.at..run.at + run.len]),
            }
        }
        out
    }
}

/// How many different words there are among the sampled ones, and how many at least there seem to be in all: those that were
/// seen and `once (once - 1) / 2 (twice + 1)` more, by how many were seen once and twice (A. Chao, "Nonparametric estimation of
/// the number of classes in a population", 1984).
pub(crate) fn different<W: Lane>(sampled: &[W]) -> (usize, u64) {
    // At most half of the slots are taken where it matters.
    let bits = usize::BITS - sampled.len().leading_zeros() + 1;
    // Numbers of the different words, counted from 1.
    let mut slots = vec![0u16; 1 << bits];
    let mut found: Vec<(W, u16)> = Vec::with_capacity(sampled.len());
    for &w in sampled {
        let hash = w.to_u64().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut at = (hash >> (64 - bits)) as usize;
        while slots[at] != 0 && found[usize::from(slots[at]) - 1].0 != w {
            at = (at + 1) & (slots.len() - 1);
        }
        if slots[at] == 0 {
            found.push((w, 0));
            slots[at] = found.len() as u16;
        }
        found[usize::from(slots[at]) - 1].1 += 1;
    }
    let seen = |times: u16| found.iter().filter(|f| f.1 == times).count() as u64;
    let (once, twice) = (seen(1), seen(2));
    (found.len(), found.len() as u64 + once * once.saturating_sub(1) / (2 * (twice + 1)))
}

/// `n * i / of` without overflow.
fn part(n: usize, i: usize, of: usize) -> usize {
    (n as u128 * i as u128 / of as u128) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_words_are_counted_and_estimated() {
        let all: Vec<u32> = (0..100_000u32).map(|i| i.wrapping_mul(2_654_435_761)).collect();
        let sample = Sample::new([1, 1, 1, all.len()], 2048);
        assert_eq!(different(&sample.words(&all)), (2048, 2048 + 2048 * 2047 / 2));
        let few: Vec<u32> = all.iter().map(|w| w % 300).collect();
        let (seen, estimate) = different(&sample.words(&few));
        assert!(seen > 250 && seen <= 300 && estimate < 400, "{seen} {estimate}");
        let some: Vec<u32> = all.iter().map(|w| w % 10_000).collect();
        let (_, estimate) = different(&sample.words(&some));
        assert!((5_000..20_000).contains(&estimate), "{estimate}");
    }

    #[test]
    fn positions_have_their_indices() {
        for sides in [[2, 3, 5, 70], [7, 25, 3, 3], [1, 2, 90, 2], [1, 1, 1, 333]] {
            for most in [64, 320, 5000] {
                let sample = Sample::new(sides, most);
                assert!(sample.len() <= most.max(16));
                for run in &sample.runs {
                    let mut least = [usize::from(MAX_DEGREE); 4];
                    for (at, index) in run.positions(sides) {
                        let [i, j, k, l] = index;
                        assert_eq!(at, ((i * sides[1] + j) * sides[2] + k) * sides[3] + l);
                        least.iter_mut().zip(index).for_each(|(m, i)| *m = i.min(*m));
                    }
                    let known = least.map(|m| m as u8);
                    assert_eq!(run.known, (run.len == RUN).then_some(known), "{sides:?} {run:?}");
                }
            }
        }
    }
}

//! Which predictor suits a chunk: judged by a sample of its values, by integer arithmetic.

use crate::cost;
use crate::integer;
use crate::lane::{Lane, Order};
use crate::stencil::{MAX_DEGREE, Rows, Spec};
use crate::terms::{Terms, residuals};
use crate::tokens::{ALPHABET, open_of};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_simd::histogram::histogram;
use tolzip_simd::residuals::{self as kernel, RUN, TILE};

/// Positions of a chunk, and their indices along the folded axes.
pub(crate) struct Sample {
    points: Vec<(usize, [usize; 4])>,
    /// Of each [`RUN`] positions that follow each other, the most earlier values along each axis, up to [`MAX_DEGREE`],
    /// that all of them have; `None` for others.
    known: Vec<Option<[u8; 4]>>,
    sides: [usize; 4],
}

/// Bits that the sampled values would take, in units of 2^-[`cost::FRACTION`].
pub(crate) type Bits = u64;

impl Sample {
    /// About `most` positions of an array that is not empty.
    pub(crate) fn new(sides: [usize; 4], most: usize) -> Self {
        let n: usize = sides.iter().product();
        let mut points = Vec::with_capacity(most.min(n) + RUN);
        let mut take = |from: usize, to: usize| {
            let (mut rest, mut index) = (from, [0; 4]);
            for d in (0..4).rev() {
                index[d] = rest % sides[d];
                rest /= sides[d];
            }
            for at in from..to {
                points.push((at, index));
                // The next one's index: with carries.
                for d in (0..4).rev() {
                    index[d] += 1;
                    if index[d] < sides[d] {
                        break;
                    }
                    index[d] = 0;
                }
            }
        };
        if n <= most {
            take(0, n);
        } else {
            let runs = most / RUN;
            // Evenly spaced, each displaced by a fraction that no period of the data follows.
            let mut x = 0x9e37_79b9_7f4a_7c15u64;
            for run in 0..runs {
                x = x.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
                let (from, to) = (part(n, run, runs), part(n, run + 1, runs));
                let room = (to - from).saturating_sub(RUN) as u64 + 1;
                let start = from + ((u128::from(x >> 32) * u128::from(room)) >> 32) as usize;
                take(start, (start + RUN).min(n));
            }
        }
        let known = points.chunks(RUN).map(known).collect();
        Self { points, known, sides }
    }

    pub(crate) fn len(&self) -> usize {
        self.points.len()
    }

    /// The sampled words.
    pub(crate) fn words<W: Lane>(&self, words: &[W]) -> impl Iterator<Item = W> + Clone {
        self.points.iter().map(move |&(at, _)| words[at])
    }

    /// How many different words there are among the sampled ones, and how many at least there seem to be in all: those that were
    /// seen and `once (once - 1) / 2 (twice + 1)` more, by how many were seen once and twice (A. Chao, "Nonparametric estimation of
    /// the number of classes in a population", 1984).
    pub(crate) fn different<W: Lane>(&self, words: &[W]) -> (usize, u64) {
        // At most half of the slots are taken where it matters.
        let bits = usize::BITS - self.len().leading_zeros() + 1;
        // Numbers of the different words, counted from 1.
        let mut slots = vec![0u16; 1 << bits];
        let mut found: Vec<(W, u16)> = Vec::with_capacity(self.len());
        for w in self.words(words) {
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

    /// The residuals of all sampled words.
    fn residuals<W: Lane>(&self, words: &[W], spec: Spec) -> Vec<W> {
        let mut out = vec![W::default(); self.len()];
        if !spec.float && self.len() == words.len() {
            integer::Residuals::new(words, Rows::new(self.sides, spec.degrees), spec).next(&mut out);
            return out;
        }
        let mut terms = Terms::new(self.sides);
        let has_all = |most: &Option<[u8; 4]>| {
            most.is_some_and(|most| spec.degrees.iter().zip(most).all(|(d, most)| *d <= most))
        };
        if !spec.float {
            let runs = self.points.chunks(RUN).zip(&self.known);
            let starts: Vec<usize> =
                runs.map(|(run, most)| if has_all(most) { run[0].0 } else { usize::MAX }).collect();
            kernel::sampled(words, &starts, terms.of(spec.degrees), spec.order, &mut out);
        }
        for ((run, most), out) in self.points.chunks(RUN).zip(&self.known).zip(out.chunks_mut(RUN)) {
            if has_all(most) {
                if spec.float {
                    let run = residuals::<W, RUN>(words, spec, run[0].0, terms.of(spec.degrees));
                    out.copy_from_slice(&run);
                }
                continue;
            }
            for (&(at, index), out) in run.iter().zip(out) {
                // Near the front faces there are fewer earlier values.
                let mut degrees = spec.degrees;
                for (d, i) in degrees.iter_mut().zip(index) {
                    *d = i.min(usize::from(*d)) as u8;
                }
                [*out] = residuals::<W, 1>(words, spec, at, terms.of(degrees));
            }
        }
        out
    }

    /// What the tokens of the residuals would take with one table.
    pub(crate) fn predicted<W: Lane>(&self, words: &[W], spec: Spec) -> Bits {
        let residuals = self.residuals(words, spec);
        let mut tokens = vec![0; residuals.len()];
        kernel::tokens(&residuals, &mut tokens);
        let counts = &histogram::<ALPHABET>(&tokens)[..2 * W::BITS as usize];
        cost::entropy(counts.iter().copied()) + (open_of(counts) << cost::FRACTION)
    }

    /// What the bytes of the words would take with one table for each byte of a word.
    pub(crate) fn planes<W: Lane>(&self, words: &[W]) -> Bits {
        let sampled: Vec<W> = self.words(words).collect();
        let mut plane = Vec::with_capacity(sampled.len());
        let mut bits = 0;
        for byte in 0..W::BYTES as u32 {
            plane.clear();
            plane.extend(sampled.iter().map(|w| w.shr(8 * byte).to_u64() as u8));
            let counts = histogram::<256>(&plane);
            let used = counts.iter().filter(|&&c| c > 0).count() as u64;
            // A sample shows less entropy than there is: about (symbols - 1) / (2 ln 2) bits less (Miller 1955).
            let all =
                cost::entropy(counts.into_iter()) + (used.saturating_sub(1) << cost::FRACTION) * 185 / 256;
            bits += all.min((self.points.len() as u64 * 8) << cost::FRACTION);
        }
        bits
    }

    /// What the residuals would take in tiles of bits, if tiles were runs of sampled values.
    pub(crate) fn packed<W: Lane>(&self, words: &[W], spec: Spec) -> Bits {
        let residuals = self.residuals(words, spec);
        let bits = residuals.chunks(RUN).map(|run| {
            let tile = run.iter().fold(W::default(), |tile, &r| tile.or(r));
            run.len() as u64 * u64::from(tile.bit_length())
        });
        bits.sum::<u64>() << cost::FRACTION
    }

    /// The same of the distances from the least word of each tile, which is stored too.
    pub(crate) fn based<W: Lane>(&self, words: &[W], rotated: bool) -> Bits {
        let mut bits = 0;
        for run in self.points.chunks(RUN) {
            let all = run.iter().map(|&(at, _)| {
                let w = words[at];
                if rotated { w.shl(1).or(w.shr(W::BITS - 1)) } else { w }
            });
            let (mut least, mut most) = (W::from_u64(u64::MAX), W::default());
            for w in all {
                (least, most) = (least.min(w), most.max(w));
            }
            // A tile is several runs wide, and its words lie further apart: half a bit.
            let width = u64::from(most.wrapping_sub(least).bit_length()) * 2 + 1;
            bits += run.len() as u64 * width / 2 + run.len() as u64 * u64::from(W::BITS) / TILE as u64;
        }
        bits << cost::FRACTION
    }

    /// The best predictor of integers with degrees of at most 1 for tiles of bits.
    pub(crate) fn climb_packed<W: Lane>(&self, words: &[W], order: Order) -> (Spec, Bits) {
        self.climb_by(order, false, 1, |spec| self.packed(words, spec))
    }

    /// The predictor with degrees of at most `most` that a climb from no prediction at all ends with.
    fn climb_by(&self, order: Order, float: bool, most: u8, cost: impl Fn(Spec) -> Bits) -> (Spec, Bits) {
        let mut best = Spec { order, float: false, degrees: [0; 4] };
        let mut best_bits = cost(best);
        loop {
            let from = best;
            for axis in 0..4 {
                if usize::from(from.degrees[axis]) + 1 >= self.sides[axis] || from.degrees[axis] >= most {
                    continue;
                }
                let mut next = Spec { float, ..from };
                next.degrees[axis] += 1;
                let bits = cost(next);
                // Every degree takes time: it must earn a thousandth.
                if bits + bits / 1024 < best_bits {
                    (best, best_bits) = (next, bits);
                }
            }
            if best == from {
                return (best, best_bits);
            }
        }
    }

    /// The best predictor with degrees of at most `most` for tokens.
    pub(crate) fn climb<W: Lane>(&self, words: &[W], order: Order, float: bool, most: u8) -> (Spec, Bits) {
        let (best, best_bits) = self.climb_by(order, float, most, |spec| self.predicted(words, spec));
        if best.float {
            // Sums of integers are faster to undo: the float ones must earn a hundredth.
            let integer = Spec { float: false, ..best };
            let bits = self.predicted(words, integer);
            if bits <= best_bits + best_bits / 100 {
                return (integer, bits);
            }
        }
        (best, best_bits)
    }
}

/// The earlier values that all of some positions have, if these are a whole run.
fn known(run: &[(usize, [usize; 4])]) -> Option<[u8; 4]> {
    (run.len() == RUN && run[RUN - 1].0 - run[0].0 == RUN - 1).then(|| {
        [0, 1, 2, 3].map(|axis| {
            run.iter().fold(MAX_DEGREE, |most, &(_, index)| {
                most.min(index[axis].min(usize::from(MAX_DEGREE)) as u8)
            })
        })
    })
}

/// `n * i / of` without overflow.
fn part(n: usize, i: usize, of: usize) -> usize {
    (n as u128 * i as u128 / of as u128) as usize
}

/// Low bits that are zero in every word; 0 if all words are zero.
pub(crate) fn common_zeros<W: Lane>(words: &[W]) -> u32 {
    const PART: usize = 256;
    let mut all = W::default();
    for part in words.chunks(PART) {
        let (chunks, rest) = part.as_chunks::<16>();
        let mut lanes = [W::default(); 16];
        for chunk in chunks {
            for (l, &w) in lanes.iter_mut().zip(chunk) {
                *l = l.or(w);
            }
        }
        all = rest.iter().chain(&lanes).fold(all, |a, &w| a.or(w));
        // Most arrays have none, which the first few words tell.
        if all & W::from_u64(1) != W::default() {
            return 0;
        }
    }
    if all == W::default() { 0 } else { all.to_u64().trailing_zeros() }
}

/// Whether words take less than about `limit` each, in bits of 2^-[`cost::FRACTION`], if repeats of them are found and
/// nothing else is done.
pub(crate) fn repeats<W: Lane>(words: &[W], limit: u64) -> bool {
    const MAX_SLOT_BITS: u32 = 14;
    // A lone match costs about this; most belong to longer ones.
    const MATCH: u64 = 20;
    if limit <= MATCH.min(u64::from(W::BITS)) << cost::FRACTION {
        return false;
    }
    // Enough to see what repeats at all, in a time that does not matter.
    const WINDOW: usize = 1 << 18;
    let n = words.len().min(WINDOW);
    let words = &words[(words.len() - n) / 2..][..n];
    // Twice as many as words that are looked at.
    let bits = (usize::BITS - (n / 16).leading_zeros() + 1).clamp(4, MAX_SLOT_BITS);
    let mut slots: alloc::boxed::Box<[(W, usize)]> = vec![(W::default(), 0); 1 << bits].into();
    let (mut seen, mut hits, mut runs) = (0u64, 0u64, 0u64);
    for (i, &w) in words.iter().enumerate() {
        // The sign is left out: a match of all other bytes is nearly as good.
        let magnitude = w.shl(1);
        let hash = magnitude.to_u64().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // One value in 16, at all its places: a sample of places would not see the repeats.
        if hash >> 60 != 0 {
            continue;
        }
        let slot = &mut slots[(hash >> (60 - bits)) as usize & ((1 << bits) - 1)];
        seen += 1;
        if slot.0 == magnitude {
            if slot.1 + 1 == i {
                runs += 1;
            } else {
                hits += 1;
            }
        }
        *slot = (magnitude, i);
    }
    // Zero hashes to the sample, and tells nothing of the others where it is frequent: tokens are as good at runs.
    let rest = seen - runs;
    rest > 0 && ((hits * MATCH + (rest - hits) * u64::from(W::BITS)) << cost::FRACTION) / rest < limit
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs that have all earlier values, and values near the faces that have not, are what the coder makes of them.
    #[test]
    fn sampled_residuals_are_those_of_the_coder() {
        for (sides, degrees) in [
            ([1, 5, 7, 40], [0, 1, 2, 3]),
            ([3, 4, 5, 9], [1, 1, 1, 1]),
            ([1, 1, 6, 50], [0, 0, 3, 0]),
            ([1, 1, 1, 33], [0, 0, 0, 0]),
        ] {
            let n: usize = sides.iter().product();
            let words: Vec<u32> =
                (0..n as u32).map(|i| i.wrapping_mul(i).wrapping_mul(2_654_435_761)).collect();
            for sign_magnitude in [false, true] {
                let spec = Spec { order: Order { sign_magnitude, shift: 0 }, float: false, degrees };
                let mut coded = vec![0; n];
                integer::Residuals::new(&words, Rows::new(sides, degrees), spec).next(&mut coded);
                for most in [n, n - 1, n / 2] {
                    let sample = Sample::new(sides, most);
                    assert!(sample.known.iter().any(Option::is_some), "{sides:?}");
                    let expected: Vec<u32> = sample.points.iter().map(|&(at, _)| coded[at]).collect();
                    assert_eq!(sample.residuals(&words, spec), expected, "{sides:?} {degrees:?} {most}");
                }
            }
        }
    }

    #[test]
    fn different_words_are_counted_and_estimated() {
        let all: Vec<u32> = (0..100_000u32).map(|i| i.wrapping_mul(2_654_435_761)).collect();
        let sample = Sample::new([1, 1, 1, all.len()], 2048);
        assert_eq!(sample.different(&all), (2048, 2048 + 2048 * 2047 / 2));
        let few: Vec<u32> = all.iter().map(|w| w % 300).collect();
        let (seen, estimate) = sample.different(&few);
        assert!(seen > 250 && seen <= 300 && estimate < 400, "{seen} {estimate}");
        let some: Vec<u32> = all.iter().map(|w| w % 10_000).collect();
        let (_, estimate) = sample.different(&some);
        assert!((5_000..20_000).contains(&estimate), "{estimate}");
    }

    #[test]
    fn positions_have_their_indices() {
        let sides = [2, 3, 5, 70];
        for most in [64, 320, 5000] {
            let sample = Sample::new(sides, most);
            assert!(sample.len() <= most.max(16));
            for &(at, [i, j, k, l]) in &sample.points {
                assert_eq!(at, ((i * 3 + j) * 5 + k) * 70 + l);
            }
        }
    }
}

//! Which predictor suits a chunk: judged by a sample of its values, by integer arithmetic.

use crate::cost;
use crate::lane::{Lane, Order};
use crate::stencil::{MAX_DEGREE, Spec, binomial};
use crate::tokens::{ALPHABET, open_bits, token};
use alloc::vec::Vec;
use tolzip_core::Float;

/// Sampled values stand in runs of this many.
const RUN: usize = 16;

/// Positions of a chunk, and their indices along the folded axes.
pub(crate) struct Sample {
    points: Vec<(usize, [usize; 4])>,
    sides: [usize; 4],
}

/// Bits that the sampled values would take, in units of 2^-[`cost::FRACTION`].
pub(crate) type Bits = u64;

impl Sample {
    /// About `points` positions of an array that is not empty.
    pub(crate) fn new(sides: [usize; 4], points: usize) -> Self {
        let n: usize = sides.iter().product();
        let mut at = Vec::with_capacity(points + RUN);
        if n <= points {
            at.extend(0..n);
        } else {
            let runs = points / RUN;
            // Evenly spaced, each displaced by a fraction that no period of the data follows.
            let mut x = 0x9e37_79b9_7f4a_7c15u64;
            for run in 0..runs {
                x = x.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
                let (from, to) = (part(n, run, runs), part(n, run + 1, runs));
                let room = (to - from).saturating_sub(RUN) as u64 + 1;
                let start = from + ((u128::from(x >> 32) * u128::from(room)) >> 32) as usize;
                at.extend(start..(start + RUN).min(n));
            }
        }
        let points = at
            .into_iter()
            .map(|i| {
                let (mut rest, mut index) = (i, [0; 4]);
                for d in (0..4).rev() {
                    index[d] = rest % sides[d];
                    rest /= sides[d];
                }
                (i, index)
            })
            .collect();
        Self { points, sides }
    }

    pub(crate) fn len(&self) -> usize {
        self.points.len()
    }

    /// What the tokens of the residuals would take with one table.
    pub(crate) fn predicted<W: Lane>(&self, words: &[W], spec: Spec) -> Bits {
        let mut counts = [0u32; ALPHABET];
        let mut open = 0u64;
        for &(at, index) in &self.points {
            let t = token(self.residual(words, spec, at, index));
            counts[usize::from(t & 127)] += 1;
            open += u64::from(open_bits(t));
        }
        cost::entropy(counts.into_iter()) + (open << cost::FRACTION)
    }

    /// What the bytes of the words would take with one table for each byte of a word.
    pub(crate) fn planes<W: Lane>(&self, words: &[W]) -> Bits {
        let mut bits = 0;
        for byte in 0..W::BYTES as u32 {
            let mut counts = [0u32; 256];
            for &(at, _) in &self.points {
                counts[words[at].shr(8 * byte).to_u64() as usize & 255] += 1;
            }
            let used = counts.iter().filter(|&&c| c > 0).count() as u64;
            // A sample shows less entropy than there is: about (symbols - 1) / (2 ln 2) bits less (Miller 1955).
            let all =
                cost::entropy(counts.into_iter()) + (used.saturating_sub(1) << cost::FRACTION) * 185 / 256;
            bits += all.min((self.points.len() as u64 * 8) << cost::FRACTION);
        }
        bits
    }

    /// The best predictor that a climb from no prediction at all finds.
    pub(crate) fn climb<W: Lane>(&self, words: &[W], order: Order, float: bool) -> (Spec, Bits) {
        let mut best = Spec { order, float: false, degrees: [0; 4] };
        let mut best_bits = self.predicted(words, best);
        loop {
            let from = best;
            for axis in 0..4 {
                if usize::from(from.degrees[axis]) + 1 >= self.sides[axis] || from.degrees[axis] == MAX_DEGREE
                {
                    continue;
                }
                let mut next = Spec { float, ..from };
                next.degrees[axis] += 1;
                let bits = self.predicted(words, next);
                // Every degree takes time: it must earn a thousandth.
                if bits + bits / 1024 < best_bits {
                    (best, best_bits) = (next, bits);
                }
            }
            if best == from {
                break;
            }
        }
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

    fn residual<W: Lane>(&self, words: &[W], spec: Spec, at: usize, index: [usize; 4]) -> W {
        let mut degrees = spec.degrees;
        for (d, i) in degrees.iter_mut().zip(index) {
            *d = i.min(usize::from(*d)) as u8;
        }
        let (mut sum, mut float) = (W::default(), W::Float::ZERO);
        let strides =
            [self.sides[1] * self.sides[2] * self.sides[3], self.sides[2] * self.sides[3], self.sides[3], 1];
        for a in 0..=degrees[0] {
            for b in 0..=degrees[1] {
                for c in 0..=degrees[2] {
                    for d in 0..=degrees[3] {
                        let back = [a, b, c, d];
                        if back == [0; 4] {
                            continue;
                        }
                        let lag: usize = (0..4).map(|d| usize::from(back[d]) * strides[d]).sum();
                        let weight: i32 =
                            -(0..4).map(|d| i32::from(binomial(degrees[d], back[d]))).product::<i32>();
                        let word = words[at - lag];
                        if spec.float {
                            float = float + W::Float::from_f64(f64::from(weight)) * word.float();
                        } else {
                            sum = sum.wrapping_add(spec.order.of(word).times(weight as i8));
                        }
                    }
                }
            }
        }
        if spec.float {
            sum = crate::float::integer(float, spec.order);
        }
        spec.order.of(words[at]).wrapping_sub(sum).zigzag()
    }
}

/// `n * i / of` without overflow.
fn part(n: usize, i: usize, of: usize) -> usize {
    (n as u128 * i as u128 / of as u128) as usize
}

/// Low bits that are zero in every word; 0 if all words are zero.
pub(crate) fn common_zeros<W: Lane>(words: &[W]) -> u32 {
    let mut lanes = [W::default(); 16];
    let mut chunks = words.chunks_exact(16);
    for chunk in &mut chunks {
        for (l, &w) in lanes.iter_mut().zip(chunk) {
            *l = or(*l, w);
        }
    }
    let all = chunks.remainder().iter().chain(&lanes).fold(W::default(), |a, &w| or(a, w)).to_u64();
    if all == 0 { 0 } else { all.trailing_zeros() }
}

fn or<W: Lane>(a: W, b: W) -> W {
    a ^ b ^ (a & b)
}

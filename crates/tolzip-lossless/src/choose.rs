//! Which predictor suits a chunk: judged by a sample of its values, by integer arithmetic.

use crate::cost;
use crate::lane::{Lane, Order};
use crate::sample::Sample;
use crate::stencil::Spec;
use crate::tokens::{ALPHABET, open_of};
use crate::trials::Trials;
use alloc::vec;
use tolzip_simd::histogram::histogram;
use tolzip_simd::residuals::{self as kernel, RUN, TILE};

/// Bits that the sampled values would take, in units of 2^-[`cost::FRACTION`].
pub(crate) type Bits = u64;

/// What the tokens of residuals would take with one table.
fn of_tokens<W: Lane>(residuals: &[W]) -> Bits {
    let mut tokens = vec![0; residuals.len()];
    kernel::tokens(residuals, &mut tokens);
    let counts = &histogram::<ALPHABET>(&tokens)[..2 * W::BITS as usize];
    cost::entropy(counts.iter().copied()) + (open_of(counts) << cost::FRACTION)
}

/// What residuals would take in tiles of bits, if tiles were runs of sampled values.
fn of_tiles<W: Lane>(residuals: &[W]) -> Bits {
    let bits = residuals.chunks(RUN).map(|run| {
        let tile = run.iter().fold(W::default(), |tile, &r| tile.or(r));
        run.len() as u64 * u64::from(tile.bit_length())
    });
    bits.sum::<u64>() << cost::FRACTION
}

/// What the bytes of sampled words would take with one table for each byte of a word; where that is not less than `limit`, as
/// much or something above the limit.
pub(crate) fn planes<W: Lane>(sampled: &[W], limit: Bits) -> Bits {
    let mut plane = vec![0; sampled.len()];
    let mut bits = 0;
    for byte in 0..W::BYTES as u32 {
        for (b, w) in plane.iter_mut().zip(sampled) {
            *b = w.shr(8 * byte).to_u64() as u8;
        }
        let counts = histogram::<256>(&plane);
        let used = counts.iter().filter(|&&c| c > 0).count() as u64;
        // A sample shows less entropy than there is: about (symbols - 1) / (2 ln 2) bits less (Miller 1955).
        let all = cost::entropy(counts.into_iter()) + (used.saturating_sub(1) << cost::FRACTION) * 185 / 256;
        bits += all.min((sampled.len() as u64 * 8) << cost::FRACTION);
        if bits >= limit {
            break;
        }
    }
    bits
}

/// What the distances of sampled words from the least word of each tile would take, which is stored too.
pub(crate) fn based<W: Lane>(sampled: &[W], rotated: bool) -> Bits {
    let mut bits = 0;
    for run in sampled.chunks(RUN) {
        let (mut least, mut most) = (W::from_u64(u64::MAX), W::default());
        for &w in run {
            let w = if rotated { w.shl(1).or(w.shr(W::BITS - 1)) } else { w };
            (least, most) = (least.min(w), most.max(w));
        }
        // A tile is several runs wide, and its words lie further apart: half a bit.
        let width = u64::from(most.wrapping_sub(least).bit_length()) * 2 + 1;
        bits += run.len() as u64 * width / 2 + run.len() as u64 * u64::from(W::BITS) / TILE as u64;
    }
    bits << cost::FRACTION
}

/// What the tokens of the residuals would take with one table.
pub(crate) fn predicted<W: Lane>(sample: &Sample, words: &[W], spec: Spec) -> Bits {
    of_tokens(Trials::new(sample, words, spec.order).residuals(spec))
}

/// The best predictor of integers with degrees of at most 1 for tiles of bits.
pub(crate) fn climb_packed<W: Lane>(sample: &Sample, words: &[W], order: Order) -> (Spec, Bits) {
    climb_by(&mut Trials::new(sample, words, order), false, 1, of_tiles)
}

/// The best predictor with degrees of at most `most` for tokens.
pub(crate) fn climb<W: Lane>(
    sample: &Sample,
    words: &[W],
    order: Order,
    float: bool,
    most: u8,
) -> (Spec, Bits) {
    let mut trials = Trials::new(sample, words, order);
    let (best, best_bits) = climb_by(&mut trials, float, most, of_tokens);
    if best.float {
        // Sums of integers are faster to undo: the float ones must earn a hundredth.
        let integer = Spec { float: false, ..best };
        let bits = of_tokens(trials.residuals(integer));
        if bits <= best_bits + best_bits / 100 {
            return (integer, bits);
        }
    }
    (best, best_bits)
}

/// The predictor with degrees of at most `most` that a climb from no prediction at all ends with.
fn climb_by<W: Lane>(
    trials: &mut Trials<'_, W>,
    float: bool,
    most: u8,
    cost: impl Fn(&[W]) -> Bits,
) -> (Spec, Bits) {
    let mut best = Spec { order: trials.order, float: false, degrees: [0; 4] };
    let mut best_bits = cost(trials.residuals(best));
    loop {
        let from = best;
        for axis in 0..4 {
            if usize::from(from.degrees[axis]) + 1 >= trials.sample.sides[axis] || from.degrees[axis] >= most
            {
                continue;
            }
            let mut next = Spec { float, ..from };
            next.degrees[axis] += 1;
            let bits = cost(trials.residuals(next));
            // Every degree takes time: it must earn a thousandth.
            if bits + bits / 1024 < best_bits {
                (best, best_bits) = (next, bits);
            }
        }
        if best == from {
            return (best, best_bits);
        }
        trials.lean_on(best);
    }
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
    const PART: usize = 64;
    let mut chosen = [0u8; PART];
    for (part, words) in words.chunks(PART).enumerate() {
        kernel::sixteenth(words, &mut chosen[..words.len()]);
        chosen[words.len()..].fill(0);
        // One bit of each byte: the first one's is the lowest.
        let mut bits64 = chosen.as_chunks::<8>().0.iter().rev().fold(0u64, |bits, eight| {
            bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56
        });
        while bits64 != 0 {
            let i = bits64.trailing_zeros() as usize;
            bits64 &= bits64 - 1;
            // The sign is left out: a match of all other bytes is nearly as good.
            let magnitude = words[i].shl(1);
            let hash = magnitude.to_u64().wrapping_mul(kernel::HASH);
            let slot = &mut slots[(hash >> (60 - bits)) as usize & ((1 << bits) - 1)];
            let i = part * PART + i;
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
    }
    // Zero hashes to the sample, and tells nothing of the others where it is frequent: tokens are as good at runs.
    let rest = seen - runs;
    rest > 0 && ((hits * MATCH + (rest - hits) * u64::from(W::BITS)) << cost::FRACTION) / rest < limit
}

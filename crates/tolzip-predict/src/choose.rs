//! Which engine codes a chunk: both are tried on a sample.

use crate::encode::Chunk;
use crate::grid::Grid;
use crate::interp::Axes;
use crate::interp_fit::Shares;
use crate::interp_follow::Follow;
use crate::settings::{Predictor, Settings};
use crate::symbols::{Entropy, Sink};
use crate::{causal, causal_fit, model};
use alloc::vec::Vec;
use tolzip_core::{Float, Result};
use tolzip_simd::rows::{Quantum, Work};

/// The engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Interpolation; the axes whose bits are set (bit 3 - axis) are left whole, and points follow the one before along an
    /// axis.
    Interpolation {
        whole: u8,
        follow: Option<usize>,
    },
    Causal,
}

/// An engine, how it uses the axes where it interpolates, and the bits that the sample took by it so far.
struct Candidate {
    engine: Engine,
    axes: Axes,
    bits: u64,
}

impl<T: Float> Chunk<'_, T> {
    /// All engines that a predictor allows.
    pub(crate) fn engines(&self, predictor: Predictor) -> Vec<Engine> {
        let mut all = Vec::new();
        if predictor != Predictor::Lorenzo {
            let shares = Shares::rough(&self.errors, self.bound);
            all.extend(self.interpolations(&shares, true).into_iter().map(|c| c.engine));
        }
        if predictor != Predictor::Interpolation {
            all.push(Engine::Causal);
        }
        all
    }

    /// The ways to interpolate that are worth a try: with all axes, with poor ones left whole, and with points that follow
    /// the one before along an axis that is split as the others are, or left whole.
    fn interpolations(&self, shares: &Shares, follow: bool) -> Vec<Candidate> {
        let poor = shares.poor_axes();
        let candidate = |whole: u8, follow: Option<Follow>| Candidate {
            engine: Engine::Interpolation { whole, follow: follow.map(|f| f.axis) },
            axes: Axes { shares: *shares, follow },
            bits: 0,
        };
        let mut all: Vec<Candidate> = [candidate(0, None)].into();
        if poor != 0 {
            all.push(candidate(poor, None));
        }
        let promising =
            if follow { Follow::promising(self.sides, self.values, shares, self.bound) } else { None };
        if let Some([split, whole]) = promising {
            let bit = 8 >> whole.axis;
            if poor & bit == 0 {
                all.push(candidate(poor, Some(split)));
            }
            all.push(candidate(poor | bit, Some(whole)));
        }
        all
    }

    /// The engine that needs the fewest bits for a sample of the values, how many bits that are, and the blocks of the
    /// sample; none where no other engine is allowed. Bits are counted for so many blocks at least, whether or not they
    /// are needed for the choice.
    pub(crate) fn cheapest<W: Work<T>>(
        &self,
        settings: Settings,
        quantum: &Quantum<T, W>,
        least_blocks: usize,
    ) -> Result<(Engine, u64, Vec<Block>)> {
        let predictor = settings.predictor;
        if predictor == Predictor::Lorenzo {
            return Ok((Engine::Causal, 0, Vec::new()));
        }
        let shares = Shares::rough(&self.errors, self.bound);
        let mut candidates = self.interpolations(&shares, settings.level() > 1);
        if let (Predictor::Interpolation, [only]) = (predictor, &candidates[..]) {
            return Ok((only.engine, 0, Vec::new()));
        }
        if predictor == Predictor::Auto {
            candidates.insert(
                0,
                Candidate { engine: Engine::Causal, axes: Axes { shares, follow: None }, bits: 0 },
            );
        }
        let (mut blocks, mut seen, mut chosen) = (Vec::new(), 0, None);
        for place in sample(self.sides) {
            let (values, sides) = (place.cut(self.values, self.sides), place.sides);
            blocks.push(place);
            seen += values.len() as u64;
            let block = Chunk { values: &values, sides, ..*self };
            for candidate in &mut candidates {
                candidate.bits += block.expected_bits::<W>(candidate.engine, candidate.axes, quantum)?;
            }
            candidates.sort_by_key(|c| c.bits);
            if let [least, next, ..] = &candidates[..]
                && (is_clear(settings, seen, least.bits, next.bits) || blocks.len() > 1 && next.bits > 0)
            {
                chosen = chosen.or(Some(least.engine));
            }
            if chosen.is_some() && blocks.len() >= least_blocks {
                break;
            }
            // One block tells which ways to follow are none.
            let least = candidates[0].bits;
            candidates.retain(|c| c.axes.follow.is_none() || c.bits / (FOLLOWED + 1) <= least / FOLLOWED);
        }
        let engine = chosen.unwrap_or(candidates[0].engine);
        let bits = candidates.iter().find(|c| c.engine == engine).map_or(0, |c| c.bits);
        Ok((engine, bits, blocks))
    }

    /// About how many bits a block of a sample takes with an engine.
    fn expected_bits<W: Work<T>>(&self, engine: Engine, axes: Axes, quantum: &Quantum<T, W>) -> Result<u64> {
        let Engine::Interpolation { whole, .. } = engine else {
            let fields = [self.field::<W>(quantum)?.field];
            let weights = causal_fit::fit(&fields, causal_fit::ROUGH);
            let mut sink = Sink::without_flags(self.values.len())?;
            causal::encode(&fields[0], &weights, &mut sink)?;
            // The first plane, which has nothing before it, is a larger part of a block than of the array.
            return Ok(model::estimate(&sink, fields[0].layout.begin_of_last_set()));
        };
        let (sample, entropy) = (Some(axes), Entropy::Tables);
        let coded = self.interpolation::<W>(quantum, whole, None, sample, entropy, &mut Vec::new())?;
        Ok(model::estimate(&coded.sink, top(self.sides, whole)))
    }
}

/// A way to follow that takes a part in so many more than another engine is not tried on another block.
const FOLLOWED: u64 = 5;

/// Whether what was seen of a sample, of so many values, is enough to choose by.
const fn is_clear(settings: Settings, values: u64, least: u64, next: u64) -> bool {
    let margin = if settings.level() == 1 { NEAR } else { FAR };
    least * TOLD >= values && next - least > least / margin
}

/// A block with less than one bit for so many values tells nothing about the others.
const TOLD: u64 = 16;
/// Engines that are as near to each other as a part in so many are compared on another block; at level 1 and above.
const NEAR: u64 = 20;
const FAR: u64 = 8;

/// Values of a block's coarsest grids, which cost more than the others and are a larger part of it than of the array.
fn top(sides: [usize; 4], whole: u8) -> usize {
    let few = |grid: &Grid| {
        let n = grid.sides.iter().product::<usize>();
        (n <= MOST_OF_TOP).then_some(n)
    };
    Grid::pyramid(sides, whole).find_map(|grid| few(&grid)).unwrap_or(0)
}

const MOST_OF_TOP: usize = 128;

/// Values in a block of the sample, about: a part of the array, within limits.
const PART: usize = 32;
const LEAST: usize = 4 << 10;
const MOST: usize = 8 << 10;

/// A part of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Its first index along each axis.
    pub(crate) begin: [usize; 4],
    pub(crate) sides: [usize; 4],
}

/// Blocks that stand for the whole array. The whole array, where that is not much more.
fn sample(sides: [usize; 4]) -> Vec<Block> {
    let n: usize = sides.iter().product();
    let about = (n / PART).clamp(LEAST, MOST);
    if n <= 2 * about {
        return [Block { begin: [0; 4], sides }].into();
    }
    let mut block = sides;
    // Odd sides suit interpolation: their last points have no neighbour missing.
    while block.iter().product::<usize>() > about {
        // Rows stay longer than the other sides, for the layout of short rows is another one.
        let longest =
            (0..4).max_by_key(|&d| if d < 3 { block[d] } else { block[d].saturating_sub(24) }).unwrap_or(3);
        block[longest] = (block[longest] * 3 / 4) | 1;
    }
    // Where the blocks begin along each axis, in eighths of the way.
    const PLACES: [[usize; 4]; 3] = [[1, 7, 4, 1], [4, 1, 1, 4], [7, 4, 7, 7]];
    PLACES
        .into_iter()
        .map(|place| Block {
            begin: core::array::from_fn(|d| (sides[d] - block[d]) * place[d] / 8),
            sides: block,
        })
        .collect()
}

impl Block {
    /// A copy of the values in the block.
    fn cut<T: Float>(&self, values: &[T], sides: [usize; 4]) -> Vec<T> {
        let Self { begin, sides: block } = *self;
        let mut out = Vec::with_capacity(block.iter().product());
        for a in begin[0]..begin[0] + block[0] {
            for b in begin[1]..begin[1] + block[1] {
                for c in begin[2]..begin[2] + block[2] {
                    let at = ((a * sides[1] + b) * sides[2] + c) * sides[3] + begin[3];
                    out.extend_from_slice(&values[at..at + block[3]]);
                }
            }
        }
        out
    }
}

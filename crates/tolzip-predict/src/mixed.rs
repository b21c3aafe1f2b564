//! Integers coded by context mixing, one definition for both directions.
//!
//! What distinguishes it from tables: integers of both signs around a value also tell where its own is likely to lie,
//! contexts of several kinds are weighed against each other, and all of it adapts on the way.

use crate::mixed_expect::Expectation;
use crate::mixed_value::{Circumstances, Decisions, KINDS, RawBits};
use alloc::vec::Vec;
use tolzip_core::Result;
use tolzip_entropy::mixing::BinaryCoder;
use tolzip_simd::memory::zeros;
use tolzip_simd::rows::EXCEPTION;

/// Rows of a dense array of integers that are coded together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    /// What kind of points these are: the class of an interpolation's points, and its level.
    pub(crate) class: usize,
    pub(crate) level: usize,
    /// The array, and the first row.
    pub(crate) sides: [usize; 4],
    pub(crate) at: [usize; 3],
    /// How far apart neighbours in a row are, at least 1.
    pub(crate) lag: usize,
    /// Neighbours in a row tell nothing of each other.
    pub(crate) folded: bool,
}

/// Finer levels are told apart; the coarser ones share what they learn.
const LEVELS: usize = KINDS / 16;

impl Rows {
    const NONE: Self = Self { class: 0, level: usize::MAX, sides: [0; 4], at: [0; 3], lag: 1, folded: false };

    fn kind(&self) -> usize {
        16 * self.level.min(LEVELS - 1) + self.class % 16
    }

    /// Values of a row, with room for two neighbours before it and one behind.
    const fn stride(&self) -> usize {
        self.sides[3] + 3 * self.lag
    }

    const fn number(&self, at: [usize; 3]) -> usize {
        (at[0] * self.sides[1] + at[1]) * self.sides[2] + at[2]
    }
}

/// Everything that both directions learn.
pub(crate) struct Mixing {
    rows: Rows,
    /// The integers of the array, those beyond 2^15 cut off; before them a row that stands for missing ones.
    history: Vec<i16>,
    expectations: [Expectation; KINDS],
    decisions: Decisions,
}

impl Mixing {
    pub(crate) fn new() -> Self {
        Self {
            rows: Rows::NONE,
            history: Vec::new(),
            expectations: [Expectation::default(); KINDS],
            decisions: Decisions::new(),
        }
    }

    /// Codes rows of integers, with the contexts that tables would be chosen by. An encoder is given the integers, a
    /// decoder finds them.
    pub(crate) fn code(
        &mut self,
        coder: &mut impl BinaryCoder,
        raw: &mut impl RawBits,
        rows: Rows,
        contexts: &[u8],
        k: &mut [i32],
    ) -> Result<()> {
        let latest = &self.rows;
        if (rows.class, rows.level, rows.sides) != (latest.class, latest.level, latest.sides) {
            let count = rows.sides[..3].iter().product::<usize>();
            self.history = zeros((count + 1) * rows.stride())?;
        }
        self.rows = rows;
        let n = rows.sides[3];
        let mut at = rows.at;
        for (k, contexts) in k.chunks_mut(n).zip(contexts.chunks(n)) {
            self.row(coder, raw, at, contexts, k);
            at[2] += 1;
        }
        Ok(())
    }

    fn row(
        &mut self,
        coder: &mut impl BinaryCoder,
        raw: &mut impl RawBits,
        at: [usize; 3],
        contexts: &[u8],
        k: &mut [i32],
    ) {
        let (rows, stride, lag) = (self.rows, self.rows.stride(), self.rows.lag);
        let (before, latest) = self.history.split_at_mut((rows.number(at) + 1) * stride);
        // The row so many rows, planes and volumes back, from where it begins in its room.
        let back = |[volumes, planes, up]: [usize; 3], shift: usize| {
            let exists = at[0] >= volumes && at[1] >= planes && at[2] >= up;
            let number =
                if exists { rows.number([at[0] - volumes, at[1] - planes, at[2] - up]) + 1 } else { 0 };
            &before[number * stride + shift * lag..][..k.len()]
        };
        let up = |rows: usize| back([0, 0, rows], 2);
        let missing = &before[..k.len()];
        // Above, above to both sides, above twice, in the plane before, behind that, in the volume before.
        let others = if rows.folded {
            [up(1), up(4), missing, up(2), missing, missing, missing]
        } else {
            let above = [up(1), back([0, 0, 1], 1), back([0, 0, 1], 3), up(2)];
            let [plane, behind] = [2, 3].map(|shift| back([0, 1, 0], shift));
            [above[0], above[1], above[2], above[3], plane, behind, back([1, 0, 0], 2)]
        };
        // In a folded line, all neighbours stand above.
        let left = rows.folded.then(|| [up(2), up(3)]);
        let kind = rows.kind();
        let expectation = &mut self.expectations[kind];
        for (i, (k, &context)) in k.iter_mut().zip(contexts).enumerate() {
            let [l, ll] = left.map_or_else(|| [latest[i + lag], latest[i]], |[l, ll]| [l[i], ll[i]]);
            let [u, ul, ur, uu, p, pr, v] = others.map(|row| row[i]);
            let around = [l, ll, u, ul, ur, uu, p, pr, v].map(i32::from);
            let expected = expectation.of(&around);
            let c = Circumstances::new(kind, context, &around, expected, expectation.pays());
            *k = self.decisions.value(coder, raw, &c, *k);
            let kept = if *k == EXCEPTION { 0 } else { (*k).clamp(-32767, 32767) };
            latest[i + 2 * lag] = kept as i16;
            expectation.learn(&around, expected, kept);
        }
    }
}

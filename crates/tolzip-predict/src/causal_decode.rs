//! The causal predictor's way back.
//!
//! Contexts need nothing but the residuals of the rows above, so that several rows' residuals are decoded before the first of
//! their values is found: then all of these rows can be followed at once ([`rows::Batch`]).

use crate::causal::{Energies, Field, SLACK, Starts, each_row, sums};
use crate::causal_layout::{Layout, Row, SETS, SHIFT, Tap, W, WW, Weights, set_of, taps};
use crate::symbols::Source;
use alloc::vec::Vec;
use tolzip_core::Result;
use tolzip_core::bytes::try_vec;
use tolzip_simd::rows::{self, Batch, Chain, Near};

/// Values that wait at most, but for four rows.
const WAITING: usize = 1 << 17;

/// Decodes a field and calls `f` with every row's number and integers, in order.
pub(crate) fn decode(
    layout: Layout,
    weights: &Weights,
    source: &mut Source<'_>,
    mut f: impl FnMut(usize, &[i32]),
) -> Result<()> {
    let sets: [Set; SETS] = core::array::from_fn(|set| Set::new(&layout, weights, set));
    // Rows that wait must not leave the caches.
    let most = (WAITING / layout.sides[3]).max(4).min(rows::rows_at_once()).min(layout.sides[2]);
    let most = if sets.iter().any(|set| set.waits) { most } else { 1 };
    let mut decoder = Rows {
        field: Field::of_latest(layout)?,
        weights,
        sets,
        batch: Batch::new(most, layout.sides[3])?,
        most,
        waiting: [0; 3],
        held: 0,
    };
    let mut energies = Energies::new(&layout)?;
    let mut contexts: Vec<u8> = try_vec(layout.sides[3])?;
    let mut starts = Starts::default();
    let mut result = Ok(());
    each_row(layout.sides, |at| {
        if result.is_err() {
            return;
        }
        let n = layout.row_len(at);
        starts.advance(&decoder.field, at);
        let residuals = &mut decoder.batch.row(decoder.held).0[..n];
        let read = source.skips().and_then(|zero| {
            if zero {
                residuals.fill(0);
                energies.row_mut(&decoder.field, at, n).fill(0);
                return Ok(true);
            }
            let contexts = &mut contexts[..n];
            energies.contexts(&decoder.field, at, contexts);
            source.integers(layout.rows(at), contexts, residuals, energies.row_mut(&decoder.field, at, n))
        });
        match read {
            Ok(all_zero) => decoder.row(at, &starts, all_zero, &mut f),
            Err(e) => result = Err(e),
        }
    });
    result
}

/// What a set of weights says about the rows that it is for.
struct Set {
    near: Near,
    /// Whether the weights come to nothing where all neighbours are equal: the prediction is then the reference.
    balanced: bool,
    /// Whether rows are worth holding back until some more are there.
    waits: bool,
}

impl Set {
    fn new(layout: &Layout, weights: &Weights, set: usize) -> Self {
        let (taps, weights) = (taps(layout.folded, set), &weights.0[set]);
        let weight = |tap: Tap| {
            let i = taps.iter().position(|&t| t == tap);
            i.and_then(|i| weights.get(i)).map_or(0, |&w| i32::from(w))
        };
        let near = Near {
            left: [weight(W), weight(WW)],
            above: [-1, 0, 1].map(|shift| weight((Row::Up(1), shift))),
            above2: weight((Row::Up(2), 0)),
            from_above: taps[0].0 == Row::Up(1),
            shift: SHIFT,
        };
        Self {
            near,
            balanced: weights.iter().map(|&w| i32::from(w)).sum::<i32>() == 0,
            waits: !layout.folded && layout.lag == 1 && layout.sides[3] >= 4 && near.left != [0, 0],
        }
    }
}

/// Rows on their way from residuals to values.
struct Rows<'a> {
    field: Field,
    weights: &'a Weights,
    sets: [Set; SETS],
    /// The rows that wait for the next one: their residuals, and predictions but for the part of the neighbours that are
    /// not known yet.
    batch: Batch,
    /// Where the first of them is. All are rows of a plane, one after the other.
    waiting: [usize; 3],
    /// How many there are, and how many there may be.
    held: usize,
    most: usize,
}

impl Rows<'_> {
    /// Takes the row at `at`, whose residuals were decoded.
    fn row(&mut self, at: [usize; 3], starts: &Starts, all_zero: bool, f: &mut impl FnMut(usize, &[i32])) {
        let Self { field, batch, .. } = self;
        let n = field.layout.row_len(at);
        let folded = field.layout.folded;
        let set = &self.sets[set_of(at)];
        let slot = self.held;
        // Large parts of many fields have one value; what follows would find so value by value. Behind a row that waits,
        // this is left out, but not for long.
        if all_zero
            && !folded
            && slot == 0
            && let Some(level) = field.level_around(at)
            && (level == 0 || set.balanced)
        {
            field.fill(at, level);
            let begin = field.start(field.row_number(at));
            return f(field.row_number(at), &field.values[begin..begin + n]);
        }
        let (residuals, predicted) = batch.row(slot);
        // Rows of the batch are not known yet.
        let known = |row: Row| !matches!(row, Row::Here) && !matches!(row, Row::Up(by) if by <= slot);
        // Whole blocks are faster: what is found behind the row counts nothing.
        let whole = n.next_multiple_of(SLACK);
        sums(field, at, starts, self.weights, known, &mut predicted[..whole]);
        if !(slot > 0 && set.near.from_above)
            && let Some(reference) = field.reference(at, whole)
        {
            rows::add(&mut residuals[..whole], reference);
        }
        if slot == 0 {
            self.waiting = at;
        }
        self.held += 1;
        // Only in the first row of a plane do the rows above mean others.
        let waits = set.waits && at[2] > 0 && at[2] + 1 < field.layout.sides[2];
        if !waits || self.held >= self.most {
            self.finish(f);
        }
    }

    /// Finishes the rows that wait.
    fn finish(&mut self, f: &mut impl FnMut(usize, &[i32])) {
        let Self { field, batch, held, waiting, .. } = self;
        let (layout, mut at) = (field.layout, *waiting);
        let near = &self.sets[set_of(at)].near;
        let n = layout.row_len(at);
        if !layout.folded {
            field.open_row(at);
        }
        let (begin, count) = (field.start(field.row_number(at)), core::mem::take(held));
        if count == 1 {
            let (residuals, predicted) = batch.row(0);
            let row = &mut field.values[begin - 2 * layout.lag..begin + n];
            integrate(row, layout.lag, near, &predicted[..n], &residuals[..n]);
        } else {
            batch.integrate(count, field.values[begin - 1], near);
        }
        for row in 0..count {
            let number = field.row_number(at);
            let begin = field.start(number);
            if row > 0 {
                field.open_row(at);
            }
            if count > 1 {
                field.values[begin..begin + n].copy_from_slice(&batch.row(row).0[..n]);
            }
            // Rows of a folded line look at nothing but what stands straight above.
            if !layout.folded {
                field.close_row(at, n);
                field.note_level(at, n);
            }
            f(number, &field.values[begin..begin + n]);
            at[2] += 1;
        }
    }
}

/// Adds residuals to predictions, whose last part depends on the values just found. `row` begins `2 lag` early.
fn integrate(row: &mut [i32], lag: usize, near: &Near, predicted: &[i32], residuals: &[i32]) {
    if near.left == [0, 0] {
        return rows::add_shifted(&mut row[2 * lag..], predicted, residuals, SHIFT);
    }
    match lag {
        1 => chains::<1>(row, near, predicted, residuals),
        2 => chains::<2>(row, near, predicted, residuals),
        3 => chains::<3>(row, near, predicted, residuals),
        4 => chains::<4>(row, near, predicted, residuals),
        _ => {
            let [w1, w2] = near.left;
            for (i, (&p, &r)) in predicted.iter().zip(residuals).enumerate() {
                let p = p.wrapping_add(row[i].wrapping_mul(w2)).wrapping_add(row[i + lag].wrapping_mul(w1));
                row[i + 2 * lag] = (p >> SHIFT).wrapping_add(r);
            }
        }
    }
}

/// [`integrate`] for a lag that is known: so many chains.
fn chains<const LAG: usize>(row: &mut [i32], near: &Near, predicted: &[i32], residuals: &[i32]) {
    let mut chains: [Chain; LAG] = core::array::from_fn(|i| Chain::new([row[i], row[i + LAG]], near));
    let (values, last) = row[2 * LAG..].as_chunks_mut::<LAG>();
    let (predicted, last_predicted) = predicted.as_chunks::<LAG>();
    let (residuals, last_residuals) = residuals.as_chunks::<LAG>();
    for ((k, p), r) in values.iter_mut().zip(predicted).zip(residuals) {
        for lane in 0..LAG {
            k[lane] = chains[lane].next(p[lane], r[lane]);
        }
    }
    for (((k, chain), &p), &r) in last.iter_mut().zip(&mut chains).zip(last_predicted).zip(last_residuals) {
        *k = chain.next(p, r);
    }
}

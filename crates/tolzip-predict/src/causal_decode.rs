//! The causal predictor's way back.
//!
//! Every value waits for the one before it, which is a chain of a multiplication and two short operations. Two rows at a
//! time, the lower one two values behind, make two chains that a CPU follows at once.

use crate::causal::{Energies, Field, Starts, each_row, sums};
use crate::causal_layout::{Layout, Row, SHIFT, Tap, W, WW, Weights, set_of, taps};
use crate::symbols::Source;
use alloc::vec::Vec;
use tolzip_core::Result;
use tolzip_core::bytes::try_vec;
use tolzip_simd::rows;

/// Decodes a field and calls `f` with every row's number and integers, in order.
pub(crate) fn decode(
    layout: Layout,
    weights: &Weights,
    source: &mut Source<'_>,
    mut f: impl FnMut(usize, &[i32]),
) -> Result<()> {
    let row = || -> Result<Parts> {
        Ok(Parts { residuals: try_vec(layout.sides[3])?, predicted: try_vec(layout.sides[3])? })
    };
    let mut decoder = Rows {
        field: Field::of_latest(layout)?,
        weights,
        balanced: weights.0.each_ref().map(|set| set.iter().map(|&w| i32::from(w)).sum::<i32>() == 0),
        waiting: None,
        first: row()?,
        second: row()?,
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
        let parts = if decoder.waiting.is_some() { &mut decoder.second } else { &mut decoder.first };
        let residuals = &mut parts.residuals[..n];
        let read = source.skips().and_then(|zero| {
            if zero {
                residuals.fill(0);
                energies.row_mut(&decoder.field, at, n).fill(0);
                return Ok(true);
            }
            let contexts = &mut contexts[..n];
            contexts.copy_from_slice(energies.contexts(&decoder.field, at, n));
            source.integers(layout.rows(at), contexts, residuals, energies.row_mut(&decoder.field, at, n))
        });
        match read {
            Ok(all_zero) => decoder.row(at, &starts, all_zero, &mut f),
            Err(e) => result = Err(e),
        }
    });
    result
}

/// What a row is the sum of.
struct Parts {
    residuals: Vec<i32>,
    /// Predictions but for the part of the neighbours that were not known yet, times 2^SHIFT.
    predicted: Vec<i32>,
}

/// Rows on their way from residuals to values.
struct Rows<'a> {
    field: Field,
    weights: &'a Weights,
    /// Sets of weights that come to nothing where all neighbours are equal: the prediction is then the reference.
    balanced: [bool; 4],
    /// A row whose parts are known, which waits for the next one.
    waiting: Option<[usize; 3]>,
    first: Parts,
    second: Parts,
}

impl Rows<'_> {
    /// Takes the row at `at`, whose residuals were decoded.
    fn row(&mut self, at: [usize; 3], starts: &Starts, all_zero: bool, f: &mut impl FnMut(usize, &[i32])) {
        let n = self.field.layout.row_len(at);
        let number = self.field.row_number(at);
        // Large parts of many fields have one value; what follows would find so value by value.
        let folded = self.field.layout.folded;
        if all_zero && !folded {
            if let Some(upper) = self.waiting.take() {
                self.alone(upper, f);
                core::mem::swap(&mut self.first, &mut self.second);
            }
            if let Some(level) = self.field.level_around(at)
                && (level == 0 || self.balanced[set_of(at)])
            {
                self.field.fill(at, level);
                let begin = self.field.start(number);
                return f(number, &self.field.values[begin..begin + n]);
            }
        }
        let lower = self.waiting.is_some();
        let reference_above = taps(folded, set_of(at))[0].0 == Row::Up(1);
        let parts = if lower { &mut self.second } else { &mut self.first };
        let (residuals, predicted) = (&mut parts.residuals[..n], &mut parts.predicted[..n]);
        let known = |row: Row| row != Row::Here && !(lower && row == Row::Up(1));
        sums(&self.field, at, starts, self.weights, known, predicted);
        if !(lower && reference_above)
            && let Some(reference) = self.field.reference(at, n)
        {
            rows::add(residuals, reference);
        }
        match self.waiting.take() {
            Some(upper) => self.together(upper, at, reference_above, f),
            None if self.waits(at) => self.waiting = Some(at),
            None => self.alone(at, f),
        }
    }

    fn weight(&self, at: [usize; 3], tap: Tap) -> i32 {
        let set = set_of(at);
        let i = taps(self.field.layout.folded, set).iter().position(|&t| t == tap);
        i.and_then(|i| self.weights.0[set].get(i)).map_or(0, |&w| i32::from(w))
    }

    /// Whether a row is worth holding back until the next one is there, of which it must be the only unknown neighbour.
    fn waits(&self, at: [usize; 3]) -> bool {
        let layout = &self.field.layout;
        let next = at[2] + 1;
        let serial = self.weight(at, W) != 0 || self.weight(at, WW) != 0;
        !layout.folded
            && layout.lag == 1
            && layout.sides[3] >= 4
            && at[2] > 0
            && next < layout.sides[2]
            && serial
    }

    /// Finishes the row in `first`.
    fn alone(&mut self, at: [usize; 3], f: &mut impl FnMut(usize, &[i32])) {
        let (layout, n) = (self.field.layout, self.field.layout.row_len(at));
        let serial = [self.weight(at, W), self.weight(at, WW)];
        let number = self.field.row_number(at);
        let begin = self.field.start(number);
        if !layout.folded {
            self.field.open_row(at);
        }
        let row = &mut self.field.values[begin - 2 * layout.lag..begin + n];
        integrate(row, layout.lag, serial, &self.first.predicted[..n], &self.first.residuals[..n]);
        self.close(at, f);
    }

    /// Finishes the row in `first`, and the one below it in `second`.
    fn together(
        &mut self,
        upper: [usize; 3],
        lower: [usize; 3],
        reference_above: bool,
        f: &mut impl FnMut(usize, &[i32]),
    ) {
        let n = self.field.layout.sides[3];
        let serial = |at| [self.weight(at, W), self.weight(at, WW)];
        let serial = [serial(upper), serial(lower)];
        let above = [-1, 0, 1].map(|shift| self.weight(lower, (Row::Up(1), shift)));
        self.field.open_row(upper);
        let from = self.field.start(self.field.row_number(upper));
        let to = self.field.start(self.field.row_number(lower));
        let rows = [from - 2..from + n, to - 2..to + n];
        if let Ok(rows) = self.field.values.get_disjoint_mut(rows) {
            let parts = [&self.first, &self.second].map(|p| (&p.predicted[..n], &p.residuals[..n]));
            if reference_above {
                integrate_two::<true>(rows, serial, above, parts);
            } else {
                integrate_two::<false>(rows, serial, above, parts);
            }
        }
        self.close(upper, f);
        self.close(lower, f);
    }

    /// What follows when a row is known.
    fn close(&mut self, at: [usize; 3], f: &mut impl FnMut(usize, &[i32])) {
        let n = self.field.layout.row_len(at);
        let number = self.field.row_number(at);
        let begin = self.field.start(number);
        // Rows of a folded line look at nothing but what stands straight above.
        if !self.field.layout.folded {
            self.field.close_row(at, n);
            self.field.note_level(at, n);
        }
        f(number, &self.field.values[begin..begin + n]);
    }
}
/// Adds residuals to predictions, whose last part depends on the values just found. `row` begins `2 lag` early.
fn integrate(row: &mut [i32], lag: usize, serial: [i32; 2], predicted: &[i32], residuals: &[i32]) {
    if serial == [0, 0] {
        return rows::add_shifted(&mut row[2 * lag..], predicted, residuals, SHIFT);
    }
    match lag {
        1 => chains::<1>(row, serial, predicted, residuals),
        2 => chains::<2>(row, serial, predicted, residuals),
        3 => chains::<3>(row, serial, predicted, residuals),
        4 => chains::<4>(row, serial, predicted, residuals),
        _ => {
            let [w1, w2] = serial;
            for (i, (&p, &r)) in predicted.iter().zip(residuals).enumerate() {
                let p = p.wrapping_add(row[i].wrapping_mul(w2)).wrapping_add(row[i + lag].wrapping_mul(w1));
                row[i + 2 * lag] = (p >> SHIFT).wrapping_add(r);
            }
        }
    }
}

/// [`integrate`] for a lag that is known: so many chains.
fn chains<const LAG: usize>(row: &mut [i32], serial: [i32; 2], predicted: &[i32], residuals: &[i32]) {
    let mut chains: [Chain; LAG] = core::array::from_fn(|i| Chain::new([row[i], row[i + LAG]], serial));
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

/// Values of a row, each of which the next ones wait for.
struct Chain {
    weights: [i32; 2],
    /// The last two values.
    values: [i32; 2],
    /// The last value but for its residual, and that: what the next value waits for is the former only.
    predicted: i32,
    residual: i32,
}

impl Chain {
    const fn new(before: [i32; 2], weights: [i32; 2]) -> Self {
        Self { weights, values: before, predicted: before[1], residual: 0 }
    }

    #[inline(always)]
    const fn next(&mut self, sum: i32, residual: i32) -> i32 {
        let [w1, w2] = self.weights;
        let [b, a] = self.values;
        let known = sum.wrapping_add(b.wrapping_mul(w2)).wrapping_add(self.residual.wrapping_mul(w1));
        self.predicted = known.wrapping_add(self.predicted.wrapping_mul(w1)) >> SHIFT;
        self.residual = residual;
        self.values = [a, self.predicted.wrapping_add(residual)];
        self.values[1]
    }
}

/// [`integrate`] for a row and the one below it, whose sums still lack the part of the row above, with weights `above`
/// for the neighbours before, at and behind a value's place. With `REFERENCE`, the latter's residuals count from it.
fn integrate_two<const REFERENCE: bool>(
    [upper, lower]: [&mut [i32]; 2],
    serial: [[i32; 2]; 2],
    above: [i32; 3],
    [(sums, residuals), (lower_sums, lower_residuals)]: [(&[i32], &[i32]); 2],
) {
    let n = sums.len();
    let mut first = Chain::new([upper[0], upper[1]], serial[0]);
    let mut near = [upper[1], first.next(sums[0], residuals[0]), first.next(sums[1], residuals[1])];
    (upper[2], upper[3]) = (near[1], near[2]);
    // The room before a row repeats the first value of the row above.
    lower[..2].fill(near[1]);
    let mut second = Chain::new([near[1]; 2], serial[1]);
    let mut below = |near: [i32; 3], sum: i32, residual: i32| {
        let [a, b, c] = near;
        let [wa, wb, wc] = above;
        let part = a.wrapping_mul(wa).wrapping_add(c.wrapping_mul(wc)).wrapping_add(b.wrapping_mul(wb));
        second.next(sum.wrapping_add(part), residual.wrapping_add(if REFERENCE { b } else { 0 }))
    };
    let upper = upper[4..].iter_mut().zip(&sums[2..]).zip(&residuals[2..]);
    let (middle, last) = lower[2..].split_at_mut(n - 2);
    for (((k, &sum), &residual), ((l, &lower_sum), &lower_residual)) in
        upper.zip(middle.iter_mut().zip(lower_sums).zip(lower_residuals))
    {
        *l = below(near, lower_sum, lower_residual);
        *k = first.next(sum, residual);
        near = [near[1], near[2], *k];
    }
    last[0] = below(near, lower_sums[n - 2], lower_residuals[n - 2]);
    // The room behind a row repeats its last value.
    last[1] = below([near[1], near[2], near[2]], lower_sums[n - 1], lower_residuals[n - 1]);
}

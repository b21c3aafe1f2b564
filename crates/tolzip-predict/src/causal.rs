//! Prediction from neighbours that come earlier, on values that were quantised first.
//!
//! The values become integers (multiples of the step) before anything is predicted; the rest is integer arithmetic,
//! modulo 2^32 where it overflows, so that both directions agree whatever the weights are. A weighted sum of
//! neighbours generalises the Lorenzo predictor (Ibarria et al., "Out-of-core compression and decompression of large
//! n-dimensional scalar fields", 2003); quantising first is cuSZ's "dual quantization" (Tian et al., PACT 2020).

use crate::causal_layout::{BATCH, Layout, MOST_TAPS, Row, SHIFT, Tap, Weights, set_of, taps};
use crate::symbols::Sink;
use alloc::vec::Vec;
use tolzip_core::bytes::try_vec;
use tolzip_core::{Error, Result};
use tolzip_simd::memory::zeros;
use tolzip_simd::rows;

/// Room behind the last row: values that can be read behind any row, whatever they are.
pub(crate) const SLACK: usize = 16;

/// The integers of an array, or of its latest rows; each row with room at both ends for the neighbours beyond them.
pub(crate) struct Field {
    pub(crate) layout: Layout,
    margin: usize,
    stride: usize,
    /// Row `i` stands at place `i` modulo the number of rows kept.
    kept: usize,
    pub(crate) values: Vec<i32>,
    /// For each place, the value that the row there is known to have throughout, with the room at both ends.
    level: Vec<Option<i32>>,
}

impl Field {
    /// Room for the integers of an array; all zero.
    pub(crate) fn new(layout: Layout) -> Result<Self> {
        Self::keeping(layout, usize::MAX)
    }

    /// Room for as many rows as the neighbours of a row are away at most.
    pub(crate) fn of_latest(layout: Layout) -> Result<Self> {
        let [s0, s1, s2, _] = layout.sides;
        let reach = if s0 > 1 { s1 * s2 + s2 } else { 2 * s2 * usize::from(s1 > 1) };
        // Two rows are decoded at a time.
        Self::keeping(layout, reach.max(4) + 2)
    }

    fn keeping(layout: Layout, kept: usize) -> Result<Self> {
        let margin = 2 * layout.lag;
        let stride = layout.sides[3] + 2 * margin;
        let kept = kept.min(layout.sides[..3].iter().product());
        let size = stride
            .checked_mul(kept)
            .and_then(|size| size.checked_add(SLACK))
            .ok_or(Error::OutOfMemory { bytes: u64::MAX })?;
        Ok(Self { layout, margin, stride, kept, values: zeros(size)?, level: try_vec(kept)? })
    }

    pub(crate) fn row_number(&self, at: [usize; 3]) -> usize {
        let s = self.layout.sides;
        (at[0] * s[1] + at[1]) * s[2] + at[2]
    }

    const fn place(&self, number: usize) -> usize {
        // An encoder keeps all rows: a division for each neighbour's would take longer than the neighbour.
        if number < self.kept { number } else { number % self.kept }
    }

    pub(crate) fn start(&self, number: usize) -> usize {
        self.place(number) * self.stride + self.margin
    }

    pub(crate) fn row_mut(&mut self, at: [usize; 3]) -> &mut [i32] {
        let begin = self.start(self.row_number(at));
        let n = self.layout.sides[3];
        &mut self.values[begin..begin + n]
    }

    /// Fills a folded field, of which all rows are kept, with the integers of its line.
    pub(crate) fn fold(&mut self, line: &[i32]) {
        let Layout { sides: [_, _, rows, row], lag: width, last_row, .. } = self.layout;
        let begins: Vec<usize> = self.layout.segment_begins().collect();
        for first in (0..rows).step_by(BATCH) {
            let whole = BATCH.min(rows - first);
            for (segment, begin) in begins.iter().enumerate() {
                let at = segment * width;
                // Only the last row can be shorter than the others.
                let short = first + whole == rows && at >= last_row && last_row < row;
                let from = &line[begin + first * width..][..(whole - usize::from(short)) * width];
                let to = &mut self.values[first * self.stride + self.margin + at..];
                if width == 1 {
                    for (to, &from) in to.iter_mut().step_by(self.stride).zip(from) {
                        *to = from;
                    }
                } else {
                    for (to, from) in to.chunks_mut(self.stride).zip(from.chunks_exact(width)) {
                        to[..width].copy_from_slice(from);
                    }
                }
            }
        }
    }

    /// The number of the row that a neighbour stands in.
    fn resolve(&self, at: [usize; 3], row: Row) -> usize {
        let [a, b, c] = at;
        let s = self.layout.sides;
        let clamped = |i: usize, d: isize, side: usize| i.saturating_add_signed(d).min(side - 1);
        let place = match row {
            Row::Here => at,
            Row::Up(n) if c > 0 => [a, b, c - n.min(c)],
            // Without a row above, the planes must do.
            Row::Up(_) => {
                return if b > 0 || a > 0 { self.resolve(at, Row::Plane(0)) } else { self.row_number(at) };
            }
            Row::Plane(d) if b > 0 => [a, b - 1, clamped(c, d, s[2])],
            Row::Plane2 if b > 1 => [a, b - 2, c],
            Row::Plane2 if b > 0 => [a, b - 1, c],
            Row::Plane2 => return self.resolve(at, Row::Volume(0)),
            Row::Plane(d) => return self.resolve(at, Row::Volume(d)),
            Row::Volume(d) => [a.saturating_sub(1), b, clamped(c, d, s[2])],
            Row::VolumePlane(d) => [a.saturating_sub(1), clamped(b, d, s[1]), c],
        };
        self.row_number(place)
    }

    /// Where a neighbour's row begins, as seen from the row at `at`.
    pub(crate) fn tap(&self, at: [usize; 3], tap: Tap) -> usize {
        self.start(self.resolve(at, tap.0)).saturating_add_signed(tap.1 * self.layout.lag as isize)
    }

    /// The row that predictions are corrections of: the first neighbour's, but in the first row.
    pub(crate) fn reference(&self, at: [usize; 3], n: usize) -> Option<&[i32]> {
        let (&tap, set) = (taps(self.layout.folded, set_of(at)).first()?, set_of(at));
        let begin = self.tap(at, tap);
        (set > 0).then(|| &self.values[begin..begin + n])
    }

    pub(crate) fn at(&self, index: usize) -> i32 {
        self.values.get(index).copied().unwrap_or(0)
    }

    /// The value that all rows which a prediction at `at` uses are known to have throughout.
    pub(crate) fn level_around(&self, at: [usize; 3]) -> Option<i32> {
        let here = self.row_number(at);
        let level = |row: Row| match self.resolve(at, row) {
            // The room before the first row is zero.
            number if number == here => (set_of(at) == 0).then_some(0),
            number => self.level[self.place(number)],
        };
        let first = level(Row::Up(1))?;
        let others =
            taps(self.layout.folded, set_of(at)).iter().map(|tap| tap.0).filter(|&row| row != Row::Here);
        others.map(level).all(|other| other == Some(first)).then_some(first)
    }

    /// Notes whether a row of `n`, with its room, has one value throughout.
    pub(crate) fn note_level(&mut self, at: [usize; 3], n: usize) {
        let place = self.place(self.row_number(at));
        let row = &self.values[place * self.stride..][..n + 2 * self.margin];
        let first = row[0];
        // Most rows have not, which a few values tell.
        let level = row[self.margin] == first
            && row.chunks(64).all(|part| part.iter().fold(0, |any, &k| any | (k ^ first)) == 0);
        self.level[place] = level.then_some(first);
    }

    /// Gives a row, with its room, one value.
    pub(crate) fn fill(&mut self, at: [usize; 3], value: i32) {
        let place = self.place(self.row_number(at));
        if self.level[place] != Some(value) {
            self.values[place * self.stride..(place + 1) * self.stride].fill(value);
        }
        self.level[place] = Some(value);
    }

    /// Fills the room before a row from the row that the first neighbour stands in.
    pub(crate) fn open_row(&mut self, at: [usize; 3]) {
        let above = self.resolve(at, Row::Up(1));
        let here = self.row_number(at);
        let (from, to) = (self.start(above), self.start(here));
        let lag = self.layout.lag;
        for begin in [to - 2 * lag, to - lag] {
            if above == here {
                self.values[begin..begin + lag].fill(0);
            } else {
                self.repeat(from, begin, lag);
            }
        }
    }

    /// Fills the room behind a row by repeating its end.
    pub(crate) fn close_row(&mut self, at: [usize; 3], n: usize) {
        let end = self.start(self.row_number(at)) + n;
        let lag = self.layout.lag.min(n);
        let mut filled = 0;
        while filled < self.margin {
            let more = lag.min(self.margin - filled);
            self.repeat(end - lag, end + filled, more);
            filled += more;
        }
    }

    /// Copies `n` values, which are not `n` apart or nearer.
    fn repeat(&mut self, from: usize, to: usize, n: usize) {
        // Mostly it is one value.
        if n == 1 {
            self.values[to] = self.values[from];
        } else {
            self.values.copy_within(from..from + n, to);
        }
    }

    /// Fills all the room of a field whose rows are known.
    pub(crate) fn close_all(&mut self) {
        let s = self.layout.sides;
        each_row(s, |at| {
            self.open_row(at);
            self.close_row(at, self.layout.row_len(at));
        });
    }
}

/// All rows, slow to fast.
pub(crate) fn each_row(sides: [usize; 4], mut f: impl FnMut([usize; 3])) {
    for a in 0..sides[0] {
        for b in 0..sides[1] {
            for c in 0..sides[2] {
                f([a, b, c]);
            }
        }
    }
}

/// The activities of the rows that still count, with room at both ends.
pub(crate) struct Energies {
    /// Row `i` stands at place `i` modulo the number of rows kept.
    activity: Vec<u16>,
    kept: usize,
    stride: usize,
    lag: usize,
}

impl Energies {
    pub(crate) fn new(layout: &Layout) -> Result<Self> {
        let [s0, s1, s2, n] = layout.sides;
        let kept = if s0 > 1 {
            s1 * s2 + 1
        } else if s1 > 1 {
            s2 + 1
        } else {
            5
        };
        let stride = n + 2 * layout.lag;
        Ok(Self { activity: try_vec(kept * stride)?, kept, stride, lag: layout.lag })
    }

    /// The contexts of a row.
    pub(crate) fn contexts(&self, field: &Field, at: [usize; 3], contexts: &mut [u8]) {
        let (lag, n) = (self.lag, contexts.len());
        let row = |r: Row, shift: usize| {
            let begin = field.resolve(at, r) % self.kept * self.stride + shift;
            &self.activity[begin..begin + n]
        };
        let up = Row::Up(1);
        match (set_of(at), field.layout.folded) {
            (0, _) => rows::contexts(&[], 0, contexts),
            (1, true) => {
                let up = |i: usize, weight: u16| (row(Row::Up(i), lag), weight);
                rows::contexts(&[up(1, 6), up(2, 4), up(3, 3), up(4, 3)], 0, contexts);
            }
            (1, false) => {
                rows::contexts(&[(row(up, lag), 6), (row(up, 0), 4), (row(up, 2 * lag), 4)], 0, contexts);
            }
            (2, _) => {
                let plane = row(Row::Plane(0), lag);
                let above = [(row(up, lag), 4), (row(up, 0), 2), (row(up, 2 * lag), 2)];
                rows::contexts(&[above[0], above[1], above[2], (plane, 6)], 0, contexts);
            }
            _ => {
                let (plane, volume) = (row(Row::Plane(0), lag), row(Row::Volume(0), lag));
                let above = [(row(up, lag), 4), (row(up, 0), 1), (row(up, 2 * lag), 1)];
                rows::contexts(&[above[0], above[1], above[2], (plane, 4), (volume, 4)], 0, contexts);
            }
        }
    }

    /// The place of a row's activities.
    pub(crate) fn row_mut(&mut self, field: &Field, at: [usize; 3], n: usize) -> &mut [u16] {
        let begin = field.row_number(at) % self.kept * self.stride + self.lag;
        &mut self.activity[begin..begin + n]
    }
}

/// Where the neighbours of a row begin, one for each tap of its set.
#[derive(Default)]
pub(crate) struct Starts([usize; MOST_TAPS]);

impl Starts {
    /// Goes on to the row at `at`. Between rows whose neighbours are all inside the array, all of them move on by a row.
    pub(crate) fn advance(&mut self, field: &Field, at: [usize; 3]) {
        let taps = taps(field.layout.folded, set_of(at));
        let starts = &mut self.0[..taps.len()];
        // Four rows up are the farthest neighbours, and one down in another plane; the row before was inside as well.
        if at[2] > 4 && at[2] + 1 < field.layout.sides[2] {
            let size = field.kept * field.stride;
            for start in starts {
                *start += field.stride;
                *start -= if *start >= size { size } else { 0 };
            }
        } else {
            for (start, &tap) in starts.iter_mut().zip(taps) {
                *start = field.tap(at, tap);
            }
        }
    }
}

/// The neighbours of a row in known rows, with their weights.
pub(crate) fn neighbours<'a>(
    field: &'a Field,
    at: [usize; 3],
    starts: &Starts,
    weights: &Weights,
    known: impl Fn(Row) -> bool,
    n: usize,
    rows: &mut [(&'a [i32], i32); MOST_TAPS],
) -> usize {
    let set = set_of(at);
    let mut count = 0;
    let taps = taps(field.layout.folded, set).iter().zip(&starts.0);
    for ((&tap, &begin), &w) in taps.zip(&weights.0[set]) {
        if w != 0 && known(tap.0) {
            rows[count] = (&field.values[begin..begin + n], i32::from(w));
            count += 1;
        }
    }
    count
}

/// Half of a prediction's unit, which weighted sums begin with.
const HALF: i32 = 1 << (SHIFT - 1);

/// Predictions of a row, still times 2^SHIFT, from the neighbours in known rows.
pub(crate) fn sums(
    field: &Field,
    at: [usize; 3],
    starts: &Starts,
    weights: &Weights,
    known: impl Fn(Row) -> bool,
    sums: &mut [i32],
) {
    let mut rows: [(&[i32], i32); MOST_TAPS] = [(&[], 0); MOST_TAPS];
    let count = neighbours(field, at, starts, weights, known, sums.len(), &mut rows);
    rows::weigh(sums, HALF, &rows[..count]);
}

/// Codes a field, whose rooms are filled.
pub(crate) fn encode(field: &Field, weights: &Weights, sink: &mut Sink) -> Result<()> {
    let mut energies = Energies::new(&field.layout)?;
    let mut residuals = try_vec(field.layout.sides[3])?;
    let nothing: Vec<i32> = try_vec(field.layout.sides[3])?;
    let mut contexts: Vec<u8> = try_vec(field.layout.sides[3])?;
    let mut starts = Starts::default();
    let mut result = Ok(());
    each_row(field.layout.sides, |at| {
        if result.is_err() {
            return;
        }
        let n = field.layout.row_len(at);
        let residuals = &mut residuals[..n];
        starts.advance(field, at);
        let mut rows: [(&[i32], i32); MOST_TAPS] = [(&[], 0); MOST_TAPS];
        let count = neighbours(field, at, &starts, weights, |_| true, n, &mut rows);
        let begin = field.start(field.row_number(at));
        let k = &field.values[begin..begin + n];
        let reference = field.reference(at, n).unwrap_or(&nothing[..n]);
        let any = rows::residuals(k, reference, SHIFT, HALF, &rows[..count], residuals);
        if sink.skips(any == 0) {
            energies.row_mut(field, at, n).fill(0);
            return;
        }
        // The sink would take it for a value to be stored exactly; the quantizer's limit keeps residuals smaller.
        debug_assert!(!residuals.contains(&rows::EXCEPTION));
        let contexts = &mut contexts[..n];
        energies.contexts(field, at, contexts);
        let activity = energies.row_mut(field, at, n);
        result = sink.row::<u8>(field.layout.rows(at), contexts, residuals, activity, &[]);
    });
    result
}

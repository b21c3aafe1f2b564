//! Bounds that speak of an array as a whole (its mean square error, its size), met by searching for the absolute bound
//! that leads there.
//!
//! Every step compresses everything with one absolute bound, after a search on a sample has said where to begin. The bytes
//! depend on the values and the settings only: sums run in a fixed order, whatever the threads.

use crate::input::Input;
use crate::method::auto::middle;
use crate::parallel::Threads;
use crate::road::chunk::Chunk;
use crate::road::decode::decode;
use crate::road::encode::Plan;
use crate::road::logarithm::function::{exp2, log2};
use crate::road::scan::{Scan, ordinary};
use alloc::vec::Vec;
use tolzip_core::bytes::try_vec;
use tolzip_core::frame::Grid;
use tolzip_core::{Bound, Element, Error, MAX_DIMS, Result, Shape};
use tolzip_simd::crc32c::crc32c;

/// The most times that everything is compressed.
const TRIALS: usize = 16;
/// How many more bounds are tried around a jump.
const AROUND: usize = 16;
/// Arrays of more values are sampled first.
const SAMPLE_ABOVE: usize = 1 << 19;
/// Chunks of which a sample is taken, at most.
const SAMPLES: usize = 4;
/// Bounds this close (in powers of two) are one: the goal lies in a jump between them.
const CLOSE: f64 = 0.005;
const LOG2_10: f64 = core::f64::consts::LOG2_10;

/// What is to be reached, in powers of two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// A root mean square error of at most this.
    Rmse(f64),
    /// A ratio of at least this.
    Ratio(f64),
}

impl Goal {
    /// The goal of a bound, if it is one for the array as a whole; `range` is that of the values in its scope.
    fn of(bound: Bound, range: f64) -> Option<Self> {
        Some(match bound {
            Bound::Psnr(db) => Self::Rmse(range - db / 20.0 * LOG2_10),
            Bound::L2(e) => Self::Rmse(log2(e)),
            Bound::Ratio(ratio) => Self::Ratio(log2(ratio)),
            _ => return None,
        })
    }

    /// How far beyond the goal a trial is: both grow with the absolute bound.
    fn score<T>(self, trial: &Trial, job: &Job<'_, T>) -> f64
    where
        T: Element,
    {
        match self {
            Self::Rmse(goal) => trial.log2_rmse() - goal,
            Self::Ratio(goal) => log2(job.raw_bytes(trial.values)) - log2(trial.bytes) - goal,
        }
    }

    /// Whether a score is on the right side, by more than the roundings of the logarithms.
    fn holds(self, score: f64) -> bool {
        match self {
            Self::Rmse(_) => score <= -1e-12,
            Self::Ratio(_) => score >= 1e-12,
        }
    }

    /// Where to aim: a little on the right side.
    const fn aim(self) -> f64 {
        match self {
            Self::Rmse(_) => -0.03,
            Self::Ratio(_) => 0.025,
        }
    }

    /// Whether a score that holds is close enough: half a decibel in the error, 5 % in the ratio.
    fn is_close(self, score: f64) -> bool {
        match self {
            Self::Rmse(_) => score > -0.5 / 20.0 * LOG2_10,
            Self::Ratio(_) => score < 0.07,
        }
    }
}

/// The array, how it is cut, and with what it is compressed.
pub(crate) struct Job<'a, T: Element> {
    pub(crate) plan: &'a Plan<T>,
    pub(crate) input: Input<'a, T>,
    pub(crate) grid: &'a Grid,
    pub(crate) axis: Option<usize>,
    pub(crate) threads: Threads,
    /// Bytes of header and footer.
    pub(crate) overhead: usize,
}

/// The chunks with which the goals are reached.
pub(crate) struct Aimed {
    /// In the grid's order, with their checksums.
    pub(crate) chunks: Vec<(u32, Chunk)>,
    /// What was reached, in the unit of the bound; of several scopes, the worst.
    pub(crate) reached: f64,
}

type Box = ([usize; MAX_DIMS], Shape);

/// Boxes of the array, compressed with one absolute bound.
struct Trial {
    chunks: Vec<(u32, Chunk)>,
    values: usize,
    bytes: f64,
    /// Power of two of the absolute bound.
    x: f64,
    squares: Squares,
}

impl Trial {
    /// Power of two of the root mean square error; -infinity if there is no error.
    fn log2_rmse(&self) -> f64 {
        let Squares { unit, sum, compared } = self.squares;
        if sum > 0.0 { log2(unit) + 0.5 * log2(sum / compared as f64) } else { f64::NEG_INFINITY }
    }
}

impl<T: Element> Job<'_, T> {
    /// Reaches the goal in every scope. `None` if the bound is none of those.
    pub(crate) fn aim(&self, bound: Bound, scans: &[Scan]) -> Result<Option<Aimed>> {
        if Goal::of(bound, 0.0).is_none() {
            return Ok(None);
        }
        let mut slots: Vec<Option<(u32, Chunk)>> = Vec::new();
        slots.resize_with(self.grid.len(), || None);
        let mut worst: Option<f64> = None;
        for (scope, scan) in scans.iter().enumerate() {
            let numbers: Vec<usize> = (0..self.grid.len())
                .filter(|&n| self.axis.is_none_or(|a| self.grid.chunk_at(n).0[a] == scope))
                .collect();
            let range = scan.log2_range();
            let goal = Goal::of(bound, range).expect("found to be a goal above");
            let trial = self.hunt(goal, range, &numbers)?;
            let reached = match bound {
                Bound::Psnr(_) => (range - trial.log2_rmse()) * (20.0 / LOG2_10),
                Bound::L2(_) => exp2(trial.log2_rmse()),
                _ => self.raw_bytes(trial.values) / trial.bytes,
            };
            // Errors are the worse the larger, the others the smaller.
            let worse = |a: f64, b: f64| if matches!(bound, Bound::L2(_)) { a > b } else { a < b };
            worst = worst.map_or(Some(reached), |w| Some(if worse(reached, w) { reached } else { w }));
            for (number, chunk) in numbers.into_iter().zip(trial.chunks) {
                slots[number] = Some(chunk);
            }
        }
        let chunks = slots.into_iter().flatten().collect();
        let nothing = if matches!(bound, Bound::L2(_)) { 0.0 } else { f64::INFINITY };
        Ok(Some(Aimed { chunks, reached: worst.unwrap_or(nothing) }))
    }

    fn raw_bytes(&self, values: usize) -> f64 {
        values as f64 * T::DTYPE.size() as f64
    }

    /// The trial that meets the goal most closely.
    fn hunt(&self, goal: Goal, range: f64, numbers: &[usize]) -> Result<Trial> {
        let boxes: Vec<Box> = numbers.iter().map(|&n| self.grid.chunk_at(n)).collect();
        let values: usize = boxes.iter().map(|b| b.1.len()).sum();
        let overhead = self.overhead * numbers.len() / self.grid.len().max(1);
        let exact = || self.trial(&boxes, None, overhead);
        if values == 0 || range == f64::NEG_INFINITY {
            let trial = exact()?;
            return self.or_out_of_reach(goal, trial);
        }
        let mut x = match goal {
            Goal::Rmse(rmse) => rmse + 0.79,
            Goal::Ratio(_) => range - 10.0,
        };
        let mut likely_exact = true;
        if values > SAMPLE_ABOVE {
            let sample = self.sample(&boxes);
            if matches!(goal, Goal::Ratio(_)) {
                likely_exact = goal.score(&self.trial(&sample, None, 0)?, self) > -0.5;
            }
            if !matches!(goal, Goal::Ratio(_)) || !likely_exact {
                x = self.search(goal, range, &sample, x, 0)?.1;
            }
        }
        if matches!(goal, Goal::Ratio(_)) && likely_exact {
            let trial = exact()?;
            if goal.holds(goal.score(&trial, self)) {
                return Ok(trial);
            }
        }
        match (self.search(goal, range, &boxes, x, overhead)?.0, goal) {
            (Some(trial), _) => Ok(trial),
            (None, Goal::Rmse(_)) => exact(),
            (None, Goal::Ratio(_)) => {
                let widest = self.trial(&boxes, Some(range), overhead)?;
                self.or_out_of_reach(goal, widest)
            }
        }
    }

    fn or_out_of_reach(&self, goal: Goal, trial: Trial) -> Result<Trial> {
        match goal {
            Goal::Ratio(asked) if trial.values > 0 && !goal.holds(goal.score(&trial, self)) => {
                let reached = self.raw_bytes(trial.values) / trial.bytes;
                Err(Error::RatioOutOfReach { asked: exp2(asked), reached })
            }
            _ => Ok(trial),
        }
    }

    /// Boxes in the middle of some of the chunks.
    fn sample(&self, boxes: &[Box]) -> Vec<Box> {
        let count = boxes.len().min(SAMPLES);
        let pick = |i: usize| &boxes[(2 * i + 1) * boxes.len() / (2 * count)];
        (0..count)
            .map(|i| {
                let (mut start, size) = *pick(i);
                let (inside, size) = middle(size, SAMPLE_ABOVE / (2 * SAMPLES));
                for (s, inside) in start.iter_mut().zip(inside) {
                    *s += inside;
                }
                (start, size)
            })
            .collect()
    }

    /// Searches from the bound `2^x`; what meets the goal most closely, and the last bound that was tried.
    fn search(
        &self,
        goal: Goal,
        range: f64,
        boxes: &[Box],
        mut x: f64,
        overhead: usize,
    ) -> Result<(Option<Trial>, f64)> {
        let values: usize = boxes.iter().map(|b| b.1.len()).sum();
        let mut best: Option<Trial> = None;
        let mut bracket = Bracket { low: None, high: None, range };
        x = x.min(range).max(range - 80.0);
        // Beyond a jump of the error, which is where the bracket closes: on curves that jump often, near on either side.
        let mut around: Option<f64> = None;
        let most = if (1 << 12..SAMPLE_ABOVE).contains(&values) { TRIALS + AROUND } else { TRIALS };
        for number in 0..most {
            let trial = self.trial(boxes, Some(x), overhead)?;
            let score = goal.score(&trial, self);
            let bits = trial.bytes * 8.0 / trial.values as f64;
            let close = goal.is_close(score);
            if goal.holds(score) {
                let better = best.as_ref().is_none_or(|b| match goal {
                    Goal::Rmse(_) => trial.log2_rmse() > b.log2_rmse(),
                    Goal::Ratio(_) => x < b.x,
                });
                if better {
                    best = Some(trial);
                }
                if close {
                    break;
                }
            }
            let slope = match goal {
                Goal::Rmse(_) => 1.0,
                // A bit less of b bits; at loose bounds bits are halved rather than taken away.
                Goal::Ratio(_) => (1.0 / (bits * core::f64::consts::LN_2)).clamp(0.1, 1.5),
            };
            if around.is_none() {
                let side = if score < goal.aim() { &mut bracket.low } else { &mut bracket.high };
                *side = Some((x, score));
            }
            match (bracket.next(goal.aim(), slope, number), around) {
                (Some(next), None) if number < TRIALS => x = next,
                (None, None)
                    if matches!(goal, Goal::Rmse(_)) && bracket.low.is_some() && bracket.high.is_some() =>
                {
                    around = Some(x);
                    x += 0.04;
                }
                // 1, -1, 2, -2, ... steps.
                (_, Some(middle)) => {
                    let step = x - middle;
                    x = middle - step + if step < 0.0 { 0.04 } else { 0.0 };
                }
                _ => break,
            }
        }
        Ok((best, x))
    }

    /// Compresses the boxes with the absolute bound `2^x`, or exactly.
    fn trial(&self, boxes: &[Box], x: Option<f64>, overhead: usize) -> Result<Trial> {
        let e = x.map_or(0.0, exp2);
        let e = if e.is_finite() { e } else { f64::MAX };
        let bound = if e > 0.0 { Bound::Abs(e) } else { Bound::Lossless };
        let plan = Plan { bound, even: true, ..self.plan.clone() };
        let fill = self.plan.fill;
        let done = self.threads.map(boxes.to_vec(), |(start, size)| -> Result<_> {
            let values = self.input.values(&start, size)?;
            let chunk = plan.encode(&values, size, None)?;
            let squares = if chunk.max_error > 0.0 {
                let mut back = try_vec::<T>(size.len())?;
                decode(&chunk.bytes, size, &mut back)?;
                Squares::of(&values, &back, chunk.max_error, fill)
            } else {
                let compared = values.iter().filter(|v| ordinary(**v, fill)).count();
                Squares { compared, ..Squares::default() }
            };
            Ok((crc32c(&chunk.bytes), chunk, squares))
        });
        let mut trial = Trial {
            chunks: Vec::with_capacity(boxes.len()),
            values: boxes.iter().map(|b| b.1.len()).sum(),
            bytes: overhead as f64,
            x: x.unwrap_or(f64::NEG_INFINITY),
            squares: Squares::default(),
        };
        for one in done {
            let (crc, chunk, squares) = one?;
            trial.bytes += chunk.bytes.len() as f64;
            trial.squares = trial.squares.with(squares);
            trial.chunks.push((crc, chunk));
        }
        Ok(trial)
    }
}

/// A sum of squared errors.
#[derive(Clone, Copy, Debug, Default)]
struct Squares {
    /// The largest error, in units of which the sum is kept, lest it overflow or vanish.
    unit: f64,
    sum: f64,
    /// Number of values that were compared.
    compared: usize,
}

impl Squares {
    /// Over the ordinary values, whose largest error is `unit`: lane by lane, then over the lanes.
    fn of<T: Element>(x: &[T], y: &[T], unit: f64, fill: Option<T::Bits>) -> Self {
        const LANES: usize = 8;
        let (mut sums, mut compared) = ([0.0f64; LANES], 0);
        for (x, y) in x.chunks(LANES).zip(y.chunks(LANES)) {
            for ((sum, &x), &y) in sums.iter_mut().zip(x).zip(y) {
                if ordinary(x, fill) {
                    let part = x.distance(y) / unit;
                    *sum += part * part;
                    compared += 1;
                }
            }
        }
        Self { unit, sum: sums.iter().sum(), compared }
    }

    /// The sum of two sums.
    fn with(self, other: Self) -> Self {
        let unit = if other.unit > self.unit { other.unit } else { self.unit };
        let in_unit = |s: Self| if s.sum > 0.0 { s.sum * (s.unit / unit) * (s.unit / unit) } else { 0.0 };
        Self { unit, sum: in_unit(self) + in_unit(other), compared: self.compared + other.compared }
    }
}

/// The nearest trials on either side of the goal: power of two of the bound, and score.
struct Bracket {
    low: Option<(f64, f64)>,
    high: Option<(f64, f64)>,
    range: f64,
}

impl Bracket {
    /// What to try next: where a line meets the aim, or the middle every third time, lest a bend slow it down.
    fn next(&self, aim: f64, slope: f64, number: usize) -> Option<f64> {
        let step = |score: f64| {
            let distance = (aim - score) / slope;
            if distance.is_finite() { distance.clamp(-8.0, 8.0) } else { 2.0 }
        };
        match (self.low, self.high) {
            (Some((x, _)), None) if x >= self.range => None,
            (Some((x, score)), None) => Some((x + step(score).max(0.05)).min(self.range)),
            (None, Some((x, _))) if x <= self.range - 80.0 => None,
            (None, Some((x, score))) => Some((x + step(score).min(-0.05)).max(self.range - 80.0)),
            (Some((a, low)), Some((b, high))) if b - a > CLOSE => {
                let part = (aim - low) / (high - low);
                let part = if part.is_finite() && number % 3 != 2 { part.clamp(0.05, 0.95) } else { 0.5 };
                Some(a + (b - a) * part)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_close_in_on_curves_of_any_kind() {
        let curves: [fn(f64) -> f64; 4] =
            [|x| x - 3.0, |x| 0.2 * x, |x| if x < 1.0 { f64::NEG_INFINITY } else { 5.0 }, |x| x * x * x];
        for curve in curves {
            let mut bracket = Bracket { low: None, high: None, range: 9.0 };
            let (mut x, mut tried) = (-20.0, 0);
            for number in 0..40 {
                let score = curve(x);
                if (score + 0.03).abs() < 0.02 {
                    break;
                }
                *(if score < -0.03 { &mut bracket.low } else { &mut bracket.high }) = Some((x, score));
                match bracket.next(-0.03, 1.0, number) {
                    Some(next) => x = next,
                    None => break,
                }
                tried = number;
            }
            assert!(tried < 30, "{tried}");
            assert!((curve(x) + 0.03).abs() < 0.02 || (x - 1.0).abs() < 0.01, "{x}");
        }
    }
}

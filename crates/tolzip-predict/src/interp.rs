//! Interpolation from coarse to fine, one definition for encoding and decoding.
//!
//! Every level's points are kept by class (which coordinates are odd), each class a dense array: neighbours along an
//! axis stand in another class at the same or the next index, so that all rows are contiguous.

use crate::grid::{Grid, odd_axes};
use crate::interp_classes::{Class, Classes};
use crate::interp_fit::Shares;
use crate::interp_follow::Follow;
use crate::mixed::Rows;
use alloc::vec::Vec;
use tolzip_core::bytes::try_vec;
use tolzip_core::{Float, Result};
use tolzip_simd::rows::{self, Stencil, Work};

/// Where a slab of rows stands: its level (0 is the finest), class, the class's sides, and the place of its first row
/// within the class.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) level: usize,
    pub(crate) class: usize,
    pub(crate) sides: [usize; 4],
    pub(crate) at: [usize; 3],
}

impl Place {
    /// The same for the entropy coder.
    pub(crate) const fn rows(self) -> Rows {
        let Self { level, class, sides, at } = self;
        Rows { class, level, sides, at, lag: 1, folded: false }
    }
}

/// The two directions: an encoder finds the integers of a slab of rows, a decoder reads them.
pub(crate) trait Slabs<T: Float, W: Work<T>> {
    /// Given the prediction, sets the reconstruction and the activities. `contexts` finds the contexts, if they are
    /// needed, in scratch that may be overwritten.
    fn slab<'c>(
        &mut self,
        place: Place,
        p: &[W],
        contexts: impl FnOnce() -> &'c mut [u8],
        r: &mut [T],
        activity: &mut [u16],
    ) -> Result<()>;
}

/// Sixteenths of the four neighbours at -3, -1, +1, +3, by which of the outer ones exist.
const STENCILS: [[i8; 4]; 8] = {
    const CUBIC: [i8; 4] = [-1, 9, 9, -1];
    const LEFT: [i8; 4] = [-2, 12, 6, 0];
    const RIGHT: [i8; 4] = [0, 6, 12, -2];
    const MIDDLE: [i8; 4] = [0, 8, 8, 0];
    const BEYOND: [i8; 4] = [-8, 24, 0, 0];
    const COPY: [i8; 4] = [0, 16, 0, 0];
    // Bit 0: -3 exists; bit 1: +1; bit 2: +3.
    [COPY, BEYOND, MIDDLE, LEFT, COPY, BEYOND, RIGHT, CUBIC]
};

/// The weights of every stencil.
type Stencils<W> = [[W; 4]; 8];

/// The stencils, scaled.
fn scaled<W: Float>(share: f64) -> Stencils<W> {
    STENCILS.map(|s| s.map(|w| W::from_f64(f64::from(w) / 16.0 * share)))
}

/// Which stencil odd point `i` needs on an axis with `even` even points.
fn which(i: usize, even: usize) -> usize {
    usize::from(i > 0) | usize::from(i + 1 < even) << 1 | usize::from(i + 2 < even) << 2
}

/// Values that are handled together: whole rows up to about so many, or one row.
pub(crate) const SLAB: usize = 1024;
/// The same in chunks without flags.
pub(crate) const SLAB_WITHOUT_FLAGS: usize = 2048;

/// Scratch for a slab.
struct Scratch<T, W> {
    p: Vec<W>,
    /// What the slab before was interpolated as.
    before: Vec<W>,
    r: Vec<T>,
    activity: Vec<u16>,
    contexts: Vec<u8>,
}

/// How the axes of an array are used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axes {
    pub(crate) shares: Shares,
    pub(crate) follow: Option<Follow>,
}

/// Runs over all levels and returns the classes of the finest one; class 0 holds the points of the next coarser grid.
///
/// `slab` is the number of values that are handled together.
pub(crate) fn run<T: Float, W: Work<T>>(
    grids: &[Grid],
    axes: &Axes,
    slab: usize,
    coder: &mut impl Slabs<T, W>,
) -> Result<Classes<T>> {
    let n = slab.max(grids[0].sides[3]);
    let mut scratch = Scratch {
        p: try_vec::<W>(n)?,
        before: try_vec::<W>(if axes.follow.is_some() { n } else { 0 })?,
        r: try_vec::<T>(n)?,
        activity: try_vec(n)?,
        contexts: try_vec(n)?,
    };
    let top = grids.len() - 1;
    // Every level's classes become class 0 of the next finer level; odd levels and even ones have their own memory.
    let count = |level: usize| grids.get(level).map_or(0, |grid| grid.sides.iter().product());
    let (mut here, mut other) = (Classes::with_room(count(0))?, Classes::with_room(count(1))?);
    if top > 0 && top.is_multiple_of(2) {
        core::mem::swap(&mut here, &mut other);
    }
    run_top(&grids[top], top, &mut here, coder)?;
    for level in (0..top).rev() {
        run_level((&grids[level], level), &mut here, axes, slab, &mut scratch, coder)?;
        if level > 0 {
            other.join(&grids[level], &here);
            core::mem::swap(&mut here, &mut other);
        }
    }
    Ok(here)
}

/// The points of the coarsest grid, one for each combination of the axes that are not halved: the first is predicted
/// as 0, the others as the one before.
fn run_top<T: Float, W: Work<T>>(
    grid: &Grid,
    level: usize,
    classes: &mut Classes<T>,
    coder: &mut impl Slabs<T, W>,
) -> Result<()> {
    classes.restart(grid.sides);
    let mut last = W::ZERO;
    for i in 0..grid.sides.iter().product() {
        let (b, c) = (grid.sides[1], grid.sides[2]);
        let at = [i / (b * c), i / c % b, i % c];
        let (mut r, mut contexts) = ([T::ZERO], [TOP_CONTEXT]);
        let place = Place { level, class: 0, sides: grid.sides, at };
        coder.slab(place, &[last], || &mut contexts, &mut r, &mut [0])?;
        last = W::load(if r[0].is_finite() { r[0] } else { T::ZERO });
        classes.push(&r, &[0]);
    }
    Ok(())
}

/// The context of the coarsest points, which nothing is known about.
const TOP_CONTEXT: u8 = 0;

fn run_level<T: Float, W: Work<T>>(
    (grid, level): (&Grid, usize),
    classes: &mut Classes<T>,
    axes: &Axes,
    slab: usize,
    scratch: &mut Scratch<T, W>,
    coder: &mut impl Slabs<T, W>,
) -> Result<()> {
    for class in grid.classes() {
        let sides = grid.sides_of(class);
        classes.begin(class, sides);
        let weights = axes.shares.of(level, class).map(scaled::<W>);
        let follow = axes.follow.and_then(|f| Some((f.axis, f.weight::<W>(level)?)));
        let n = sides[3];
        let rows = (slab / n).clamp(1, sides[2]);
        for i0 in 0..sides[0] {
            for i1 in 0..sides[1] {
                for i2 in (0..sides[2]).step_by(rows) {
                    let at = [i0, i1, i2];
                    let len = rows.min(sides[2] - i2) * n;
                    let slab = Slab { classes, class, at, n };
                    slab.predict(&weights, &mut scratch.p[..len]);
                    if let Some((axis, weight)) = follow.filter(|&(axis, _)| at[axis] > 0) {
                        let (p, q) = (&mut scratch.p[..len], &mut scratch.before[..len]);
                        let before = slab.before(axis);
                        before.predict(&weights, q);
                        rows::follow(p, q, classes.get(class).slab(before.at, len), weight);
                    }
                    let contexts = &mut scratch.contexts[..len];
                    let find = || {
                        slab.contexts(contexts);
                        contexts
                    };
                    let (r, activity) = (&mut scratch.r[..len], &mut scratch.activity[..len]);
                    let place = Place { level, class, sides, at };
                    coder.slab(place, &scratch.p[..len], find, r, activity)?;
                    classes.push(r, activity);
                }
            }
        }
    }
    Ok(())
}

/// Some rows of a class, and what they are predicted from.
struct Slab<'a, T: Float> {
    classes: &'a Classes<T>,
    class: usize,
    at: [usize; 3],
    /// Values in a row.
    n: usize,
}

impl<T: Float> Slab<'_, T> {
    /// The slab at the index before along an axis.
    fn before(&self, axis: usize) -> Self {
        let mut at = self.at;
        at[axis] -= 1;
        Slab { at, ..*self }
    }

    /// The class of the even neighbours along an axis.
    fn from(&self, axis: usize) -> Class<'_, T> {
        self.classes.get(self.class & !(1 << (3 - axis)))
    }

    /// The mean of the interpolations along the axes on which the points are odd, each with its share.
    fn predict<W: Work<T>>(&self, weights: &[Stencils<W>; 4], p: &mut [W]) {
        let n = self.n;
        let count = p.len() / n;
        // Runs of rows with the same stencil along axis 2.
        let mut begin = 0;
        while begin < count {
            let mut end = count;
            let mut at = self.at;
            at[2] += begin;
            if self.class & 2 != 0 {
                let even = self.from(2).sides[2];
                let inner = even.saturating_sub(2);
                end = if at[2] > 0 && at[2] < inner { count.min(inner - self.at[2]) } else { begin + 1 };
            }
            self.predict_slow(at, weights, &mut p[begin * n..end * n]);
            begin = end;
        }
        if self.class & 1 != 0 {
            let from = self.from(3);
            let even = from.sides[3];
            let values = from.slab(self.at, count * even);
            rows::predict_along(p, n, values, even, &weights[3], self.class != 1);
        }
    }

    /// The part of the axes across the rows, for rows from `at` that have the same neighbours.
    fn predict_slow<W: Work<T>>(&self, at: [usize; 3], weights: &[Stencils<W>; 4], p: &mut [W]) {
        let mut stencils: [Stencil<'_, T, W>; 3] = [([&[]; 4], [W::ZERO; 4]); 3];
        let mut count = 0;
        for axis in odd_axes(self.class & !1) {
            let from = self.from(axis);
            let (i, even) = (at[axis], from.sides[axis]);
            let slab = |j: usize| {
                let mut at = at;
                at[axis] = if j < even { j } else { i };
                from.slab(at, p.len())
            };
            let four = [slab(i.wrapping_sub(1)), slab(i), slab(i + 1), slab(i + 2)];
            stencils[count] = (four, weights[axis][which(i, even)]);
            count += 1;
        }
        rows::predict(p, &stencils[..count]);
    }

    /// Contexts by what the integers of the neighbours were: those that the points are interpolated from, those around
    /// them, and those of the same rows in the planes before.
    fn contexts(&self, contexts: &mut [u8]) {
        let new = self.classes.get(self.class);
        let odd = self.class.count_ones() as usize;
        let near: u16 = [0, 2, 3, 2, 1][odd];
        let before: u16 = [0, 4, 3, 1, 1][odd];
        // Contexts of points with one odd coordinate, and of the others, are kept apart.
        let base = if odd == 1 { 0 } else { 64 };
        let n = self.n;
        let count = contexts.len() / n;
        // The last row may have no neighbour behind it along axis 2, and takes the one before it twice.
        let cut = if self.class & 2 != 0 && self.at[2] + count == self.from(2).sides[2] {
            count - 1
        } else {
            count
        };
        for (begin, end) in [(0, cut), (cut, count)] {
            if begin == end {
                continue;
            }
            let mut at = self.at;
            at[2] += begin;
            let len = (end - begin) * n;
            let mut rows: [(&[u16], u16); 16] = [(&[], 0); 16];
            let mut found = 0;
            let mut add = |row, weight| {
                rows[found] = (row, weight);
                found += 1;
            };
            for axis in odd_axes(self.class & !1) {
                let from = self.from(axis);
                let mut next = at;
                next[axis] = if at[axis] + 1 < from.sides[axis] { at[axis] + 1 } else { at[axis] };
                for at in [at, next] {
                    add(from.slab_activity(at, len), near);
                    if odd == 1 {
                        add(from.shifted(at, -1, len), 1);
                        add(from.shifted(at, 1, len), 1);
                        if axis < 2 {
                            add(from.shifted(at, -(n as isize), len), 1);
                            add(from.shifted(at, n as isize, len), 1);
                        }
                    }
                }
            }
            for axis in 0..2 {
                if at[axis] > 0 {
                    let mut previous = at;
                    previous[axis] -= 1;
                    add(new.slab_activity(previous, len), before);
                }
            }
            let out = &mut contexts[begin * n..end * n];
            if self.class & 1 == 0 {
                rows::contexts(&rows[..found], base, out);
                continue;
            }
            let from = self.from(3);
            let even = from.sides[3];
            let len = (end - begin) * even;
            let mut along = [(from.slab_activity(at, len), near), (&[][..], 0), (&[][..], 0)];
            if odd == 1 {
                along[1] = (from.shifted(at, -(even as isize), len), 1);
                along[2] = (from.shifted(at, even as isize, len), 1);
            }
            rows::contexts_along(&rows[..found], &along[..if odd == 1 { 3 } else { 1 }], even, base, n, out);
        }
    }
}

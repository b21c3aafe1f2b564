//! Interpolation from coarse to fine, one definition for encoding and decoding.
//!
//! Every level's points are kept by class (which coordinates are odd), each class a dense array: neighbours along an
//! axis stand in another class at the same or the next index, so that all rows are contiguous.

use crate::grid::{Grid, odd_axes};
use crate::interp_fit::Shares;
use alloc::vec::Vec;
use tolzip_core::bytes::try_vec;
use tolzip_core::{Float, Result};
use tolzip_simd::rows::{self, Stencil, Work};

/// Where a row stands: its level (0 is the finest), class, and place within the class.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) level: usize,
    pub(crate) class: usize,
    pub(crate) at: [usize; 3],
}

/// The two directions: an encoder finds the integers of a row, a decoder reads them.
pub(crate) trait Rows<T: Float, W: Work<T>> {
    /// Given the prediction and the contexts, sets the reconstruction and the activities. `contexts` may be overwritten.
    fn row(&mut self, place: Place, p: &[W], contexts: &mut [u8], r: &mut [T], activity: &mut [u16]) -> Result<()>;
}

/// Reconstructed values and activities of one class.
#[derive(Clone, Debug)]
pub(crate) struct Class<T> {
    pub(crate) sides: [usize; 4],
    pub(crate) values: Vec<T>,
    activity: Vec<u16>,
}

impl<T> Default for Class<T> {
    fn default() -> Self {
        Self { sides: [0; 4], values: Vec::new(), activity: Vec::new() }
    }
}

impl<T> Class<T> {
    fn index(&self, at: [usize; 3]) -> usize {
        ((at[0] * self.sides[1] + at[1]) * self.sides[2] + at[2]) * self.sides[3]
    }

    pub(crate) fn values(&self, at: [usize; 3]) -> &[T] {
        let i = self.index(at);
        &self.values[i..i + self.sides[3]]
    }

    fn activity(&self, at: [usize; 3]) -> &[u16] {
        let i = self.index(at);
        &self.activity[i..i + self.sides[3]]
    }
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

/// The stencil of odd point `i` on an axis with `even` even points, scaled.
fn stencil<W: Float>(i: usize, even: usize, share: f64) -> [W; 4] {
    let which = usize::from(i > 0) | usize::from(i + 1 < even) << 1 | usize::from(i + 2 < even) << 2;
    STENCILS[which].map(|w| W::from_f64(f64::from(w) / 16.0 * share))
}

/// Rows of scratch, as long as the longest row.
struct Scratch<T, W> {
    p: Vec<W>,
    r: Vec<T>,
    activity: Vec<u16>,
    contexts: Vec<u8>,
}

/// Runs over all levels and returns the classes of the finest one; class 0 holds the points of the next coarser grid.
pub(crate) fn run<T: Float, W: Work<T>>(
    grids: &[Grid],
    shares: &Shares,
    coder: &mut impl Rows<T, W>,
) -> Result<Vec<Class<T>>> {
    let n = grids[0].sides[3];
    let mut scratch = Scratch {
        p: try_vec::<W>(n)?,
        r: try_vec::<T>(n)?,
        activity: try_vec(n)?,
        contexts: try_vec(n)?,
    };
    let top = grids.len() - 1;
    let mut coarse = run_top(&grids[top], top, coder)?;
    for level in (0..top).rev() {
        let classes = run_level(&grids[level], level, coarse, shares, &mut scratch, coder)?;
        if level == 0 {
            return Ok(classes);
        }
        coarse = join(&grids[level], &classes)?;
    }
    Ok([coarse].to_vec())
}

/// The points of the coarsest grid, one for each combination of the axes that are not halved: the first is predicted
/// as 0, the others as the one before.
fn run_top<T: Float, W: Work<T>>(grid: &Grid, level: usize, coder: &mut impl Rows<T, W>) -> Result<Class<T>> {
    let count = grid.sides.iter().product();
    let mut top = Class { sides: grid.sides, values: try_vec::<T>(count)?, activity: try_vec(count)? };
    let mut last = W::ZERO;
    for (i, value) in top.values.iter_mut().enumerate() {
        let (b, c) = (grid.sides[1], grid.sides[2]);
        let at = [i / (b * c), i / c % b, i % c];
        let r = core::slice::from_mut(value);
        coder.row(Place { level, class: 0, at }, &[last], &mut [TOP_CONTEXT], r, &mut [0])?;
        last = W::load(if r[0].is_finite() { r[0] } else { T::ZERO });
    }
    Ok(top)
}

/// The context of the coarsest points, which nothing is known about.
const TOP_CONTEXT: u8 = 0;

fn run_level<T: Float, W: Work<T>>(
    grid: &Grid,
    level: usize,
    coarse: Class<T>,
    shares: &Shares,
    scratch: &mut Scratch<T, W>,
    coder: &mut impl Rows<T, W>,
) -> Result<Vec<Class<T>>> {
    let mut classes: Vec<Class<T>> = Vec::new();
    classes.resize_with(16, Class::default);
    classes[0] = coarse;
    for class in grid.classes() {
        let sides = grid.sides_of(class);
        let mut new = Class { sides, values: Vec::new(), activity: Vec::new() };
        let count = sides.iter().product();
        new.values.try_reserve_exact(count).map_err(|_| out_of_memory(count))?;
        new.activity.try_reserve_exact(count).map_err(|_| out_of_memory(count))?;
        let share = shares.of(level, class);
        let n = sides[3];
        for i0 in 0..sides[0] {
            for i1 in 0..sides[1] {
                for i2 in 0..sides[2] {
                    let at = [i0, i1, i2];
                    predict(&classes, class, at, &share, &mut scratch.p[..n]);
                    let contexts = &mut scratch.contexts[..n];
                    find_contexts(&classes, &new, class, at, contexts);
                    let (r, activity) = (&mut scratch.r[..n], &mut scratch.activity[..n]);
                    coder.row(Place { level, class, at }, &scratch.p[..n], contexts, r, activity)?;
                    new.values.extend_from_slice(r);
                    new.activity.extend_from_slice(activity);
                }
            }
        }
        classes[class] = new;
    }
    Ok(classes)
}

fn out_of_memory(count: usize) -> tolzip_core::Error {
    tolzip_core::Error::OutOfMemory { bytes: 8 * count as u64 }
}

/// The mean of the interpolations along the axes on which the row's points are odd, each with its share.
fn predict<T: Float, W: Work<T>>(classes: &[Class<T>], class: usize, at: [usize; 3], share: &[f64; 4], p: &mut [W]) {
    let mut stencils: [Stencil<'_, T, W>; 4] = [([&[]; 4], [W::ZERO; 4]); 4];
    let mut count = 0;
    for axis in odd_axes(class & !1) {
        let from = &classes[class & !(1 << (3 - axis))];
        let even = from.sides[axis];
        let i = at[axis];
        let row = |j: usize| {
            let mut at = at;
            at[axis] = if j < even { j } else { i };
            from.values(at)
        };
        let rows = [row(i.wrapping_sub(1)), row(i), row(i + 1), row(i + 2)];
        stencils[count] = (rows, stencil(i, even, share[axis]));
        count += 1;
    }
    if class & 1 == 0 {
        return rows::predict(p, &stencils[..count]);
    }
    // Along the row itself, the points at its ends lack neighbours.
    let from = &classes[class & !1];
    let even = from.sides[3];
    let row = from.values(at);
    let n = p.len();
    let slow = stencils;
    let mut part = |begin: usize, end: usize, along: [&'_ [T]; 4]| {
        let mut parts = slow;
        for (part, slow) in parts.iter_mut().zip(&slow[..count]) {
            part.0 = slow.0.map(|r| &r[begin..end]);
        }
        parts[count] = (along, stencil(begin, even, share[3]));
        rows::predict(&mut p[begin..end], &parts[..=count]);
    };
    let one = |i: usize| [i.saturating_sub(1), i, (i + 1).min(even - 1), (i + 2).min(even - 1)].map(|j| &row[j..=j]);
    // Points 1..inner have all four neighbours.
    let inner = (even - 2.min(even)).clamp(1, n);
    part(0, 1, one(0));
    if inner > 1 {
        part(1, inner, [row, &row[1..], &row[2..], &row[3..]]);
    }
    for i in inner..n {
        part(i, i + 1, one(i));
    }
}

/// Contexts of points with one odd coordinate, and of the others, are kept apart.
fn base(class: usize) -> u8 {
    if class.is_power_of_two() { 0 } else { 64 }
}

/// Contexts by what the integers of a row's neighbours were: those it is interpolated from, and those of the rows
/// before it.
fn find_contexts<T>(classes: &[Class<T>], new: &Class<T>, class: usize, at: [usize; 3], contexts: &mut [u8]) {
    let odd = class.count_ones() as usize;
    let near: u16 = [0, 4, 2, 2, 1][odd];
    let before: u16 = [0, 3, 2, 2, 2][odd];
    let mut rows: [(&[u16], u16); 12] = [(&[], 0); 12];
    let mut count = 0;
    let mut add = |row, weight| {
        rows[count] = (row, weight);
        count += 1;
    };
    for axis in odd_axes(class & !1) {
        let from = &classes[class & !(1 << (3 - axis))];
        let mut next = at;
        next[axis] = if at[axis] + 1 < from.sides[axis] { at[axis] + 1 } else { at[axis] };
        add(from.activity(at), near);
        add(from.activity(next), near);
    }
    for axis in 0..3 {
        if at[axis] > 0 {
            let mut previous = at;
            previous[axis] -= 1;
            add(new.activity(previous), before);
        }
    }
    let n = contexts.len();
    if class & 1 == 0 {
        return rows::contexts(&rows[..count], base(class), contexts);
    }
    let row = classes[class & !1].activity(at);
    rows[count] = (row, near);
    // The last point may have no neighbour behind it, and takes the one before it twice.
    let inner = (row.len() - 1).min(n);
    rows[count + 1] = (&row[1..], near);
    rows::contexts(&rows[..count + 2], base(class), &mut contexts[..inner]);
    for i in inner..n {
        let mut last = rows.map(|(r, weight)| (r.get(i..).unwrap_or(&[]), weight));
        last[count + 1] = last[count];
        rows::contexts(&last[..count + 2], base(class), &mut contexts[i..]);
    }
}

/// A level's grid from its classes.
fn join<T: Float>(grid: &Grid, classes: &[Class<T>]) -> Result<Class<T>> {
    let count = grid.sides.iter().product();
    let mut whole = Class { sides: grid.sides, values: try_vec(count)?, activity: try_vec(count)? };
    join_rows(grid, |class, at| classes[class].values(at), &mut whole.values);
    join_rows(grid, |class, at| classes[class].activity(at), &mut whole.activity);
    Ok(whole)
}

/// Puts rows of classes together to the rows of their grid.
pub(crate) fn join_rows<'a, V: Copy + 'a>(
    grid: &Grid,
    row: impl Fn(usize, [usize; 3]) -> &'a [V],
    out: &mut [V],
) {
    let sides = grid.sides;
    let mut rest = out;
    for i0 in 0..sides[0] {
        for i1 in 0..sides[1] {
            for i2 in 0..sides[2] {
                let (mut class, mut at) = (0, [i0, i1, i2]);
                for d in 0..3 {
                    if grid.split[d] {
                        class |= (at[d] & 1) << (3 - d);
                        at[d] /= 2;
                    }
                }
                let (target, more) = core::mem::take(&mut rest).split_at_mut(sides[3]);
                rest = more;
                if grid.split[3] {
                    rows::interleave(row(class, at), row(class | 1, at), target);
                } else {
                    target.copy_from_slice(row(class, at));
                }
            }
        }
    }
}

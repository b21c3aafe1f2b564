//! Interpolation from coarse to fine, one definition for encoding and decoding.
//!
//! Every level's points are kept by class (which coordinates are odd), each class a dense array: neighbours along an
//! axis stand in another class at the same or the next index, so that all rows are contiguous.

use crate::grid::{Grid, odd_axes};
use crate::interp_fit::Shares;
use alloc::vec::Vec;
use tolzip_core::bytes::try_vec;
use tolzip_core::{Float, Result};
use tolzip_simd::rows::{self, Work};

/// Where a row stands: its level (0 is the finest), class, and place within the class.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) level: usize,
    pub(crate) class: usize,
    pub(crate) at: [usize; 3],
}

/// The two directions: an encoder finds the integers of a row, a decoder reads them.
pub(crate) trait Rows<T: Float, W: Work<T>> {
    /// Given the prediction and the contexts, sets the integers and the reconstruction. `contexts` may be overwritten.
    fn row(&mut self, place: Place, p: &[W], contexts: &mut [u8], k: &mut [i32], r: &mut [T]) -> Result<()>;
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
    k: Vec<i32>,
    r: Vec<T>,
    energy: Vec<u16>,
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
        k: try_vec(n)?,
        r: try_vec::<T>(n)?,
        energy: try_vec(n)?,
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
        coder.row(Place { level, class: 0, at }, &[last], &mut [TOP_CONTEXT], &mut [0], r)?;
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
                    let energy = &mut scratch.energy[..n];
                    gather_energy(&classes, &new, class, at, energy);
                    let contexts = &mut scratch.contexts[..n];
                    rows::contexts(energy, base(class), contexts);
                    let (k, r) = (&mut scratch.k[..n], &mut scratch.r[..n]);
                    coder.row(Place { level, class, at }, &scratch.p[..n], contexts, k, r)?;
                    new.values.extend_from_slice(r);
                    let activity = &mut scratch.activity[..n];
                    rows::activity(k, activity);
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
fn predict<T: Float, W: Work<T>>(
    classes: &[Class<T>],
    class: usize,
    at: [usize; 3],
    share: &[f64; 4],
    p: &mut [W],
) {
    let mut first = true;
    let put = |first: bool, p: &mut [W], rows: [&[T]; 4], w: [W; 4]| {
        if first {
            rows::four(p, rows, w);
        } else {
            rows::add_four(p, rows, w);
        }
    };
    for axis in odd_axes(class) {
        let from = &classes[class & !(1 << (3 - axis))];
        let even = from.sides[axis];
        if axis < 3 {
            let i = at[axis];
            let row = |j: usize| {
                let mut at = at;
                at[axis] = if j < even { j } else { i };
                from.values(at)
            };
            let rows = [row(i.wrapping_sub(1)), row(i), row(i + 1), row(i + 2)];
            put(first, p, rows, stencil(i, even, share[axis]));
        } else {
            let row = from.values(at);
            let n = p.len();
            let one = |i: usize| {
                [i.saturating_sub(1), i, (i + 1).min(even - 1), (i + 2).min(even - 1)].map(|j| &row[j..=j])
            };
            // Points 1..inner have all four neighbours.
            let inner = (even - 2.min(even)).clamp(1, n);
            put(first, &mut p[..1], one(0), stencil(0, even, share[axis]));
            if inner > 1 {
                put(
                    first,
                    &mut p[1..inner],
                    [row, &row[1..], &row[2..], &row[3..]],
                    stencil(1, even, share[axis]),
                );
            }
            for i in inner..n {
                put(first, &mut p[i..=i], one(i), stencil(i, even, share[axis]));
            }
        }
        first = false;
    }
}

/// Contexts of points with one odd coordinate, and of the others, are kept apart.
fn base(class: usize) -> u8 {
    if class.is_power_of_two() { 0 } else { 64 }
}

/// Sums what the integers of a row's neighbours were, weighted: those it is interpolated from, and those of the rows
/// before it.
fn gather_energy<T>(classes: &[Class<T>], new: &Class<T>, class: usize, at: [usize; 3], energy: &mut [u16]) {
    energy.fill(0);
    let odd = class.count_ones();
    let near: u16 = [0, 4, 2, 2, 1][odd as usize];
    for axis in odd_axes(class) {
        let from = &classes[class & !(1 << (3 - axis))];
        let even = from.sides[axis];
        if axis < 3 {
            let i = at[axis];
            let mut next = at;
            next[axis] = if i + 1 < even { i + 1 } else { i };
            rows::add_energy(energy, from.activity(at), near);
            rows::add_energy(energy, from.activity(next), near);
        } else {
            let row = from.activity(at);
            let n = energy.len();
            rows::add_energy(energy, row, near);
            let shifted = (even - 1).min(n);
            rows::add_energy(&mut energy[..shifted], &row[1..], near);
            if shifted < n {
                rows::add_energy(&mut energy[shifted..], &row[shifted..], near);
            }
        }
    }
    let before: u16 = [0, 3, 2, 2, 2][odd as usize];
    for axis in 0..3 {
        if at[axis] > 0 {
            let mut previous = at;
            previous[axis] -= 1;
            rows::add_energy(energy, new.activity(previous), before);
        }
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

//! The points of a level's classes: reconstructed values and activities, one class behind the other in one piece of memory.

use crate::grid::Grid;
use tolzip_core::{Element, Result};
use tolzip_simd::arena::Arena;
use tolzip_simd::rows;

/// All classes of a level that are there, in the order in which they came.
///
/// Memory for a class of its own would go back to the system as soon as the level is done, and its pages would have to be
/// had again; here two pieces, of two levels in turn, are all that a chunk needs.
#[derive(Debug)]
pub(crate) struct Classes<T: Element> {
    /// Values and activities.
    points: Arena<T, u16>,
    /// Where each class begins and ends.
    places: [Place; 16],
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    begin: usize,
    end: usize,
    sides: [usize; 4],
}

impl<T: Element> Classes<T> {
    /// None yet, with room for `n` points.
    pub(crate) fn with_room(n: usize) -> Result<Self> {
        Ok(Self { points: Arena::with_room(n)?, places: [Place::default(); 16] })
    }

    /// Forgets all classes and begins with class 0.
    pub(crate) fn restart(&mut self, sides: [usize; 4]) {
        self.points.clear();
        self.places = [Place::default(); 16];
        self.begin(0, sides);
    }

    /// Begins a class, whose points are pushed next.
    pub(crate) fn begin(&mut self, class: usize, sides: [usize; 4]) {
        let begin = self.points.len();
        self.places[class] = Place { begin, end: begin + sides.iter().product::<usize>(), sides };
    }

    /// The next points of the class begun last.
    pub(crate) fn push(&mut self, values: &[T], activity: &[u16]) {
        self.points.push(values, activity);
    }

    /// A class, as far as it is there.
    pub(crate) fn get(&self, class: usize) -> Class<'_, T> {
        let Place { begin, end, sides } = self.places[class];
        let end = end.min(self.points.len());
        Class { sides, values: &self.points.first()[begin..end], activity: &self.points.second()[begin..end] }
    }

    /// Begins anew with class 0, which is the grid that other classes make up.
    pub(crate) fn join(&mut self, grid: &Grid, from: &Self) {
        self.restart(grid.sides);
        let (values, activity) = self.points.push_zeros(self.places[0].end);
        let classes: [Class<'_, T>; 16] = core::array::from_fn(|class| from.get(class));
        join_rows(grid, |class, at| classes[class].values(at), values);
        join_rows(grid, |class, at| classes[class].activities(at), activity);
    }

    /// The values of the grid that the classes make up.
    pub(crate) fn join_values(&self, grid: &Grid, out: &mut [T]) {
        let classes: [Class<'_, T>; 16] = core::array::from_fn(|class| self.get(class));
        join_rows(grid, |class, at| classes[class].values(at), out);
    }
}

/// One class: a dense array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Class<'a, T> {
    pub(crate) sides: [usize; 4],
    pub(crate) values: &'a [T],
    activity: &'a [u16],
}

impl<'a, T> Class<'a, T> {
    fn index(&self, at: [usize; 3]) -> usize {
        ((at[0] * self.sides[1] + at[1]) * self.sides[2] + at[2]) * self.sides[3]
    }

    /// A row.
    fn values(&self, at: [usize; 3]) -> &'a [T] {
        self.slab(at, self.sides[3])
    }

    fn activities(&self, at: [usize; 3]) -> &'a [u16] {
        self.slab_activity(at, self.sides[3])
    }

    /// So many values from the beginning of a row.
    pub(crate) fn slab(&self, at: [usize; 3], len: usize) -> &'a [T] {
        let i = self.index(at);
        &self.values[i..i + len]
    }

    pub(crate) fn slab_activity(&self, at: [usize; 3], len: usize) -> &'a [u16] {
        let i = self.index(at);
        &self.activity[i..i + len]
    }

    /// The activities of a slab's neighbours at a distance: of what stands there in memory, which is another row's end
    /// at a row's ends, and the slab itself at the array's.
    pub(crate) fn shifted(&self, at: [usize; 3], by: isize, len: usize) -> &'a [u16] {
        let begin = self.index(at);
        let i = begin.checked_add_signed(by).filter(|i| i + len <= self.activity.len()).unwrap_or(begin);
        &self.activity[i..i + len]
    }
}

/// Puts rows of classes together to the rows of their grid.
fn join_rows<'a, V: Copy + 'a>(grid: &Grid, row: impl Fn(usize, [usize; 3]) -> &'a [V], out: &mut [V]) {
    let sides = grid.sides;
    let mut rest = out;
    for i0 in 0..sides[0] {
        for i1 in 0..sides[1] {
            for i2 in 0..sides[2] {
                let (mut class, mut at) = (0, [i0, i1, i2]);
                for (d, at) in at.iter_mut().enumerate() {
                    if grid.split[d] {
                        class |= (*at & 1) << (3 - d);
                        *at /= 2;
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

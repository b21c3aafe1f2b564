//! How an array is cut into chunks, and the ranges of their scopes.

use super::Compressor;
use crate::input::Input;
use crate::method::Method;
use crate::road::encode::absolute;
use crate::road::scan::{Scan, scan};
use alloc::vec::Vec;
use tolzip_core::frame::Grid;
use tolzip_core::{Element, MAX_DIMS, Result, Shape};
use tolzip_transform::Settings as Transform;

/// Indices of an axis with fewer values than this are coded together,
const SMALL: usize = 1 << 12;
/// up to about this many values.
const TOGETHER: usize = 1 << 20;

/// Values in a chunk of zfp's streams: a chunk costs them nothing but its place in the table, and chooses a tolerance of its own.
const STREAM: usize = 1 << 18;
/// Of coefficients by context, which have tables to share: a segment of theirs.
const SEGMENT: usize = 1 << 20;
/// Values along each side of a block of the transform.
const BLOCK: usize = 4;

/// Values that are looked at together for their range: few enough to stay in a cache.
const SLICE: usize = 1 << 17;

impl Compressor {
    pub(super) fn grid(&self, shape: Shape, axis: Option<usize>) -> Result<Grid> {
        let Some(chunk) = &self.chunk else {
            return match axis.and_then(|axis| self.together(shape, axis)) {
                Some(sides) => Grid::new(shape, &sides),
                None => Ok(match &self.method {
                    Method::Transform(settings) => {
                        let most = if *settings == Transform::Context { SEGMENT } else { STREAM };
                        Grid::in_blocks(shape, axis, BLOCK, most)
                    }
                    _ => Grid::chosen_for(shape, axis),
                }),
            };
        };
        let mut sides = chunk.clone();
        if let Some(side) = axis.and_then(|a| sides.get_mut(a)) {
            *side = 1;
        }
        Grid::new(shape, &sides)
    }

    /// The shape of chunks that take several indices of the axis together, each with its own bound: where those are small,
    /// lest each pay for a header and for tables of its own.
    fn together(&self, shape: Shape, axis: usize) -> Option<Vec<usize>> {
        let able = matches!(self.method, Method::Auto | Method::Predict(_) | Method::Transform(_))
            && absolute(self.bound, Scan::EMPTY).is_some();
        let mut sides = shape.sides().to_vec();
        let each = shape.len() / sides[axis].max(1);
        if !able || each == 0 || each >= SMALL {
            return None;
        }
        sides[axis] = sides[axis].min(TOGETHER / each);
        (sides[axis] > 1).then_some(sides)
    }

    /// The range of each scope.
    pub(super) fn ranges<T: Element>(
        &self,
        input: Input<'_, T>,
        grid: &Grid,
        axis: Option<usize>,
        fill: Option<T::Bits>,
    ) -> Result<Vec<Scan>> {
        let scopes = axis.map_or(1, |a| input.shape().sides()[a]);
        // Of the whole array, without a copy of what stands in memory.
        let runs = Grid::in_runs(input.shape(), SLICE);
        let grid = if axis.is_none() { &runs } else { grid };
        let scans = self.threads.map((0..grid.len()).collect(), |number| -> Result<_> {
            let (start, size) = grid.chunk_at(number);
            let mut found = Scan::EMPTY;
            for (start, size) in slices(start, size) {
                found = found.merge(scan(&input.values(&start, size?)?, fill));
            }
            Ok((axis.map_or(0, |a| start[a]), found))
        });
        let mut ranges = alloc::vec![Scan::EMPTY; scopes];
        for found in scans {
            let (scope, found) = found?;
            ranges[scope] = ranges[scope].merge(found);
        }
        Ok(ranges)
    }
}

/// A box in slices of at most [`SLICE`] values where the slowest axis along which it has several allows that.
fn slices(start: [usize; MAX_DIMS], size: Shape) -> impl Iterator<Item = ([usize; MAX_DIMS], Result<Shape>)> {
    let axis = size.sides().iter().position(|&side| side > 1).unwrap_or(0);
    let side = size.sides().get(axis).copied().unwrap_or(1);
    let thick = (SLICE * side / size.len().max(1)).max(1);
    (0..side).step_by(thick).map(move |begin| {
        let (mut at, mut sides) = (start, size.sides().to_vec());
        at[axis] += begin;
        if let Some(slot) = sides.get_mut(axis) {
            *slot = thick.min(side - begin);
        }
        (at, Shape::new(&sides))
    })
}

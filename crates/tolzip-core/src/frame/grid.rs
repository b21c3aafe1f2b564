//! How an array is cut into chunks.

use crate::{Error, MAX_DIMS, Result, Shape};
use core::ops::Range;

/// Arrays of up to this many values are one chunk by default; the chunks of larger ones are of about this size.
const DEFAULT_VALUES: usize = 1 << 24;
/// Chunks of less than so many values are not made for the sake of an axis that is shorter than two blocks.
const FEW: usize = 1 << 13;
/// Arrays of more values than this are given two chunks at least.
const MOST_ALONE: usize = 1 << 23;

/// An array cut into boxes of one shape (smaller at the far faces), numbered slow to fast.
///
/// ```
/// use tolzip_core::{Shape, frame::Grid};
///
/// // Three by two chunks; the last one is cut off by both faces.
/// let grid = Grid::new(Shape::new(&[10, 7])?, &[4, 4])?;
/// assert_eq!(grid.len(), 6);
/// let (start, size) = grid.chunk_at(5);
/// assert_eq!((&start[..2], size.sides()), (&[8, 4][..], &[2, 3][..]));
/// assert_eq!(grid.touched(&[3..9, 0..4])?, [0, 2, 4]);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    shape: Shape,
    chunk: Shape,
    counts: Shape,
}

impl Grid {
    /// A grid of chunks of the given shape; sides beyond the array's are cut down to it.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if the two have different numbers of dimensions, [`Error::BadSetting`] if a chunk's
    /// side is 0.
    pub fn new(shape: Shape, chunk: &[usize]) -> Result<Self> {
        if chunk.len() != shape.ndim() {
            return Err(Error::ShapeMismatch { needed: shape.ndim() as u64, got: chunk.len() as u64 });
        }
        if chunk.contains(&0) {
            return Err(Error::BadSetting { method: "chunk", knob: "shape", needs: "sides of at least 1" });
        }
        let mut sides = [1; MAX_DIMS];
        let mut counts = [1; MAX_DIMS];
        let n = shape.ndim();
        for d in 0..n {
            sides[d] = chunk[d].min(shape.sides()[d]).max(1);
            counts[d] = shape.sides()[d].div_ceil(sides[d]);
        }
        Ok(Self { shape, chunk: Shape::new(&sides[..n])?, counts: Shape::new(&counts[..n])? })
    }

    /// The grid that compression uses unless it is told another: the [default](Self::default_for), but that an array of
    /// more than 2^23 values has two chunks at least, for two threads to work on.
    #[must_use]
    pub fn chosen_for(shape: Shape, split: Option<usize>) -> Self {
        let whole = Self::default_for(shape, split);
        if whole.len() > 1 || shape.len() <= MOST_ALONE {
            return whole;
        }
        let mut sides = [1; MAX_DIMS];
        let sides = &mut sides[..shape.ndim()];
        sides.copy_from_slice(shape.sides());
        // The slowest of the longest.
        if let Some(side) = sides.iter_mut().rev().max_by_key(|side| **side) {
            *side = side.div_ceil(2) | 1;
        }
        Self::new(shape, sides).unwrap_or(whole)
    }

    /// A grid for codecs that lose nothing at the faces of chunks whose sides are multiples of `block`: boxes of at most `most`
    /// values, so that a part of the array can be read alone, and threads have work also in small arrays. Axes are halved slow to
    /// fast, down to some blocks each, so that chunks are layers where that is possible, and runs of values are long. Each index of an
    /// axis shorter than two blocks (components, colours, a few moments) is cut off by itself, where chunks keep a few thousand
    /// values: a part of a block takes as much as a whole one.
    ///
    /// With `split`, each index of that axis gets its own chunks.
    ///
    /// ```
    /// use tolzip_core::{Shape, frame::Grid};
    ///
    /// let chunk = |sides: &[usize]| Grid::in_blocks(Shape::new(sides).unwrap(), None, 4, 1 << 18).chunk();
    /// assert_eq!(chunk(&[300, 100, 50]).sides(), [40, 100, 50]);
    /// assert_eq!(chunk(&[512, 512, 512]).sides(), [16, 32, 512]);
    /// assert_eq!(chunk(&[300, 300, 3]).sides(), [300, 300, 1]);
    /// ```
    #[must_use]
    pub fn in_blocks(shape: Shape, split: Option<usize>, block: usize, most: usize) -> Self {
        let mut sides = [1; MAX_DIMS];
        let sides = &mut sides[..shape.ndim()];
        for (to, &side) in sides.iter_mut().zip(shape.sides()) {
            *to = side.max(1);
        }
        if let Some(side) = split.and_then(|axis| sides.get_mut(axis)) {
            *side = 1;
        }
        let block = block.max(1);
        let is_long = |side: usize| side >= 2 * block;
        let values = |sides: &[usize]| sides.iter().map(|&s| s as u128).product::<u128>();
        let long: u128 = sides.iter().filter(|&&s| is_long(s)).map(|&s| s as u128).product();
        if long >= FEW as u128 {
            sides.iter_mut().filter(|s| !is_long(**s)).for_each(|side| *side = 1);
        }
        for least in [4 * block, block] {
            for axis in 0..sides.len() {
                while sides[axis] > least && values(sides) > most as u128 {
                    sides[axis] = sides[axis].div_ceil(2).next_multiple_of(block);
                }
            }
        }
        Self::new(shape, sides).unwrap_or_else(|_| Self::default_for(shape, split))
    }

    /// A grid whose chunks are runs of at most `most` values that stand one behind another in the array, if not in a file.
    ///
    /// ```
    /// use tolzip_core::{Shape, frame::Grid};
    ///
    /// let grid = Grid::in_runs(Shape::new(&[2, 100, 50])?, 2000);
    /// assert_eq!((grid.chunk().sides(), grid.len()), (&[1, 34, 50][..], 6));
    /// # Ok::<(), tolzip_core::Error>(())
    /// ```
    #[must_use]
    pub fn in_runs(shape: Shape, most: usize) -> Self {
        let mut sides = [1; MAX_DIMS];
        let sides = &mut sides[..shape.ndim()];
        let mut left = most.max(1);
        for (to, &side) in sides.iter_mut().zip(shape.sides()).rev() {
            let side = side.max(1);
            // As even as they can be.
            *to = side.div_ceil(side.div_ceil(left));
            left = if *to == side { left / side } else { 1 };
        }
        Self::new(shape, sides).unwrap_or_else(|_| Self::default_for(shape, None))
    }

    /// The default grid, which a stream need not mention. It depends on the shape only, so that the stream does not
    /// depend on threads or machine: the whole array up to 2^24 values, else boxes that are about as long along each of
    /// the three fastest axes (257 values; 4097 in two dimensions, 2^20 + 1 in one). Sides are odd where they can be,
    /// since interpolation then has a sample on both faces.
    ///
    /// With `split`, each index of that axis gets its own chunks.
    #[must_use]
    pub fn default_for(shape: Shape, split: Option<usize>) -> Self {
        let n = shape.ndim();
        let mut sides = [1; MAX_DIMS];
        sides[..n].copy_from_slice(shape.sides());
        if let Some(axis) = split {
            sides[axis] = 1;
        }
        // Per axis, lest one zero side hide the others.
        let values = |sides: &[usize; MAX_DIMS]| sides.iter().map(|&s| s.max(1) as u128).product::<u128>();
        if values(&sides) > DEFAULT_VALUES as u128 {
            let long = sides.iter().filter(|&&s| s > 1).count();
            let cap = match long {
                0 | 1 => (1 << 20) + 1,
                2 => 4097,
                _ => 257,
            };
            let mut left = DEFAULT_VALUES;
            let mut seen = 0;
            for side in sides[..n].iter_mut().rev().filter(|s| **s > 1) {
                seen += 1;
                // Beyond the three fastest axes, and along the slowest one: as many slices as still fit.
                let cap = match seen {
                    1 => cap,
                    2 | 3 => {
                        if seen == long {
                            cap.max(left)
                        } else {
                            cap
                        }
                    }
                    _ => left.max(1),
                };
                *side = even_parts(*side, cap);
                left /= *side;
            }
        }
        Self::new(shape, &sides.map(|s| s.max(1))[..n])
            .expect("sides of at least 1 that multiply to no more than the shape's")
    }

    /// The array's shape.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// The shape of a chunk that is not cut off by a far face.
    #[must_use]
    pub const fn chunk(&self) -> Shape {
        self.chunk
    }

    /// Number of chunks; 0 for an empty array.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether the array is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where chunk `number` begins, and its shape.
    #[must_use]
    pub fn chunk_at(&self, number: usize) -> ([usize; MAX_DIMS], Shape) {
        let n = self.shape.ndim();
        let (mut start, mut sides) = ([0; MAX_DIMS], [1; MAX_DIMS]);
        let mut rest = number;
        for d in (0..n).rev() {
            let count = self.counts.sides()[d].max(1);
            start[d] = rest % count * self.chunk.sides()[d];
            rest /= count;
            sides[d] = self.chunk.sides()[d].min(self.shape.sides()[d] - start[d].min(self.shape.sides()[d]));
        }
        (start, Shape::new(&sides[..n]).expect("part of a valid shape"))
    }

    /// The numbers of the chunks that a region touches, in order.
    ///
    /// # Errors
    /// [`Error::BadRegion`] if the region is not inside the array.
    pub fn touched(&self, region: &[Range<usize>]) -> Result<alloc::vec::Vec<usize>> {
        let n = self.shape.ndim();
        if region.len() != n {
            return Err(Error::BadRegion {
                axis: n.min(region.len()),
                end: region.len() as u64,
                side: n as u64,
            });
        }
        for (axis, (r, &side)) in region.iter().zip(self.shape.sides()).enumerate() {
            if r.end > side || r.start > r.end {
                return Err(Error::BadRegion { axis, end: r.end.max(r.start) as u64, side: side as u64 });
            }
        }
        if region.iter().any(Range::is_empty) || self.is_empty() {
            return Ok(alloc::vec::Vec::new());
        }
        let (mut first, mut sides) = ([0; MAX_DIMS], [1; MAX_DIMS]);
        for d in 0..n {
            let side = self.chunk.sides()[d];
            first[d] = region[d].start / side;
            sides[d] = (region[d].end - 1) / side + 1 - first[d];
        }
        let strides = self.counts.strides();
        let mut numbers = alloc::vec::Vec::new();
        crate::shape::for_each_row(Shape::new(&sides[..n])?, |index| {
            let at: usize = (0..n).map(|d| (first[d] + index[d]) * strides[d]).sum();
            let row = if n == 0 { 1 } else { sides[n - 1] };
            numbers.extend(at..at + row);
        });
        Ok(numbers)
    }
}

/// The side of the parts when `side` is cut into the fewest parts of at most `cap`: even parts, of odd length if it fits.
fn even_parts(side: usize, cap: usize) -> usize {
    let parts = side.div_ceil(cap);
    let part = side.div_ceil(parts);
    if parts > 1 && part.is_multiple_of(2) && part < cap { part + 1 } else { part }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    #[test]
    fn boxes_of_blocks_are_small_enough() {
        let big = 1 << 28;
        for sides in [
            &[big][..],
            &[3, big],
            &[1 << 20, 28],
            &[91, 91, 91],
            &[2, 110, 64, 128],
            &[5; 8],
            &[],
            &[0, 9],
            &[9, 0],
        ] {
            let shape = Shape::new(sides).unwrap();
            for (split, most) in [(None, 1 << 18), (Some(0), 1 << 18), (None, 1 << 16)] {
                let split = split.filter(|&axis| axis < sides.len());
                let grid = Grid::in_blocks(shape, split, 4, most);
                assert!(grid.chunk().len() <= most, "{sides:?}: {:?}", grid.chunk());
                for (d, (&chunk, &side)) in grid.chunk().sides().iter().zip(sides).enumerate() {
                    let whole = chunk == side.max(1) || chunk % 4 == 0 || (chunk == 1 && side < 8);
                    assert!(
                        if split == Some(d) { chunk == 1 } else { whole },
                        "{sides:?}: {:?}",
                        grid.chunk()
                    );
                }
            }
            if shape.len() <= 1 << 16 {
                assert_eq!(Grid::in_blocks(shape, None, 4, 1 << 16), Grid::default_for(shape, None));
            }
        }
        // Where even a block is too much, a block it is.
        assert_eq!(Grid::in_blocks(Shape::new(&[100]).unwrap(), None, 4, 1).chunk().sides(), [4]);
    }

    #[test]
    fn runs_are_runs() {
        for sides in [&[1 << 28][..], &[7, 11, 13], &[1, 5, 1, 9], &[], &[0, 3], &[4, 0], &[1 << 20, 1, 3]] {
            let shape = Shape::new(sides).unwrap();
            for most in [1, 10, 100, 1 << 17] {
                let grid = Grid::in_runs(shape, most);
                let chunk = grid.chunk();
                assert!(chunk.len() <= most);
                // Behind the first axis that has several, all are whole.
                let several = chunk.sides().iter().position(|&side| side > 1).unwrap_or(sides.len());
                assert!((several + 1..sides.len()).all(|d| chunk.sides()[d] == sides[d].max(1)), "{sides:?}");
            }
        }
    }

    #[test]
    fn small_arrays_are_one_chunk_and_empty_ones_none() {
        assert_eq!(Grid::default_for(Shape::new(&[256, 256, 256]).unwrap(), None).len(), 1);
        assert_eq!(Grid::default_for(Shape::new(&[]).unwrap(), None).len(), 1);
        assert_eq!(Grid::default_for(Shape::new(&[5, 0]).unwrap(), None).len(), 0);
        assert_eq!(Grid::default_for(Shape::new(&[0, 1 << 30]).unwrap(), None).len(), 0);
    }

    #[test]
    fn large_arrays_are_cut_into_boxes() {
        let chunk = |sides: &[usize]| Grid::default_for(Shape::new(sides).unwrap(), None).chunk();
        assert_eq!(chunk(&[512, 512, 512]).sides(), [257, 257, 257]);
        assert_eq!(chunk(&[1 << 30]).sides(), [(1 << 20) + 1]);
        assert_eq!(chunk(&[10_000, 10_000]).sides(), [5001, 3335]);
        assert_eq!(chunk(&[100_000_000, 28]).sides(), [598_803, 28]);
        assert_eq!(chunk(&[100, 64, 128, 512]).sides(), [7, 64, 128, 257]);
        assert_eq!(Grid::default_for(Shape::new(&[9, 28]).unwrap(), Some(1)).chunk().sides(), [9, 1]);
    }

    #[test]
    fn two_threads_have_something_to_do() {
        let chosen = |sides: &[usize]| Grid::chosen_for(Shape::new(sides).unwrap(), None);
        assert_eq!(chosen(&[256, 256, 256]).chunk().sides(), [129, 256, 256]);
        assert_eq!(chosen(&[2, 3000, 2000]).chunk().sides(), [2, 1501, 2000]);
        for sides in [&[256, 256, 256][..], &[1 << 24], &[16, 1 << 20], &[1, 9_000_001], &[100, 100, 100, 9]]
        {
            assert_eq!(chosen(sides).len(), 2, "{sides:?}");
        }
        for sides in [&[200, 200, 200][..], &[], &[0, 5], &[512, 512, 512], &[1 << 25]] {
            assert_eq!(chosen(sides), Grid::default_for(Shape::new(sides).unwrap(), None));
        }
    }

    proptest! {
        #[test]
        fn chunks_tile_the_array(sides in proptest::collection::vec(0usize..7, 0..4), cut in proptest::collection::vec(1usize..4, 4)) {
            let shape = Shape::new(&sides).unwrap();
            let grid = Grid::new(shape, &cut[..sides.len()]).unwrap();
            let mut seen = vec![0u32; shape.len()];
            let strides = shape.strides();
            for number in 0..grid.len() {
                let (start, size) = grid.chunk_at(number);
                crate::shape::for_each_row(size, |index| {
                    let at: usize = (0..sides.len()).map(|d| (start[d] + index[d]) * strides[d]).sum();
                    for s in &mut seen[at..at + size.sides().last().copied().unwrap_or(1)] {
                        *s += 1;
                    }
                });
            }
            prop_assert!(seen.iter().all(|&s| s == 1));
            let all: vec::Vec<_> = sides.iter().map(|&s| 0..s).collect();
            prop_assert_eq!(grid.touched(&all).unwrap(), (0..grid.len()).collect::<vec::Vec<_>>());
        }
    }
}

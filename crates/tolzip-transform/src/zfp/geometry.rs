//! Where blocks of four values a side stand in an array, and how they get into a batch and out of it.

use super::params::METHOD;
use tolzip_core::{Element, Error, Result, Shape};
use tolzip_simd::zfp::{LANES, Row, quad};

/// Which value stands in for place `i` of a line with `n` values: the rule by which zfp fills up blocks.
const PAD: [[usize; 4]; 5] = [[0; 4], [0; 4], [0, 1, 1, 0], [0, 1, 2, 0], [0, 1, 2, 3]];

/// An array cut into blocks. All fields fast to slow, with sides of 1 where there is no dimension.
#[derive(Clone, Debug)]
pub(crate) struct Geometry {
    sides: [usize; 4],
    strides: [usize; 4],
    ndim: usize,
}

/// A block in its array.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Block {
    /// Where its first value stands.
    offset: usize,
    /// How many values it has along each axis, 1 to 4.
    extents: [usize; 4],
    /// Whether its rows are four neighbours each.
    is_full: bool,
}

impl Geometry {
    /// # Errors
    /// [`Error::BadSetting`] for less than one or more than four dimensions, or an empty side.
    pub(crate) fn new(shape: Shape) -> Result<Self> {
        Self::strided(shape, &shape.strides()[..shape.ndim()])
    }

    /// With as many distances between neighbours as dimensions, slow to fast.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn strided(shape: Shape, distances: &[usize]) -> Result<Self> {
        let ndim = shape.ndim();
        if !(1..=4).contains(&ndim) || shape.is_empty() {
            return Err(Error::BadSetting {
                method: METHOD,
                knob: "shape",
                needs: "1 to 4 dimensions, no side of which is 0",
            });
        }
        let mut sides = [1; 4];
        let mut strides = [0; 4];
        for (d, (&side, &stride)) in shape.sides().iter().zip(distances).rev().enumerate() {
            sides[d] = side;
            strides[d] = stride;
        }
        Ok(Self { sides, strides, ndim })
    }

    /// Number of dimensions.
    pub(crate) const fn ndim(&self) -> usize {
        self.ndim
    }

    /// Number of blocks.
    pub(crate) fn blocks(&self) -> u64 {
        self.sides.iter().map(|s| s.div_ceil(4) as u64).product()
    }

    /// All blocks, in the order of the stream.
    pub(crate) fn walk(&self) -> Walk<'_> {
        Walk { geometry: self, at: [0; 4], is_done: false }
    }

    /// The blocks from number `first` on.
    pub(crate) fn walk_from(&self, mut first: u64) -> Walk<'_> {
        let mut walk = self.walk();
        for (at, side) in walk.at.iter_mut().zip(self.sides) {
            let blocks = side.div_ceil(4) as u64;
            *at = 4 * (first % blocks) as usize;
            first /= blocks;
        }
        walk.is_done = first > 0;
        walk
    }

    /// The block of this number.
    pub(crate) fn block(&self, number: u64) -> Block {
        let mut one = [Block { extents: [1; 4], ..Block::default() }];
        self.walk_from(number).next_blocks(&mut one);
        one[0]
    }

    /// Where the row of four values number `r` of a full block begins, from the block's own beginning.
    #[inline(always)]
    fn row_offset(&self, r: usize) -> usize {
        (r & 3) * self.strides[1] + (r >> 2 & 3) * self.strides[2] + (r >> 4) * self.strides[3]
    }

    /// The same, with rows that are not there replaced.
    #[inline(always)]
    fn padded_row_offset(&self, block: &Block, r: usize) -> usize {
        let place = |d: usize, i: usize| PAD[block.extents[d]][i] * self.strides[d];
        place(1, r & 3) + place(2, r >> 2 & 3) + place(3, r >> 4)
    }

    /// The row of four values number `r` of a block, filled up.
    #[inline(always)]
    fn padded_quad<T: Element>(&self, values: &[T], block: &Block, r: usize) -> [T; 4] {
        let start = block.offset + self.padded_row_offset(block, r);
        let [a, b, c, d] = PAD[block.extents[0]].map(|i| start + i * self.strides[0]);
        [values[a], values[b], values[c], values[d]]
    }

    /// Copies blocks to the lanes of a batch.
    pub(crate) fn gather<T: Element, const N: usize>(
        &self,
        values: &[T],
        blocks: &Row<Block>,
        to: &mut [Row<T>; N],
    ) {
        let mut l = 0;
        while l < LANES {
            let run = full_run(&blocks[l..]);
            for r in 0..N / 4 {
                if run == 0 {
                    let (row, at) = quad(r, l);
                    to[row % N][at..at + 4].copy_from_slice(&self.padded_quad(values, &blocks[l], r));
                    continue;
                }
                let start = blocks[l].offset + self.row_offset(r);
                let from = values.get(start..start.saturating_add(4 * run)).unwrap_or_default();
                for (l, from) in (l..LANES).zip(from.chunks_exact(4)) {
                    let (row, at) = quad(r, l);
                    to[row % N][at..at + 4].copy_from_slice(from);
                }
            }
            l += run.max(1);
        }
    }

    /// Copies the first `count` lanes of a batch to their blocks.
    pub(crate) fn scatter<T: Element, const N: usize>(
        &self,
        from: &[Row<T>; N],
        blocks: &Row<Block>,
        count: usize,
        values: &mut [T],
    ) {
        let blocks = &blocks[..count];
        let mut l = 0;
        while l < blocks.len() {
            let run = full_run(&blocks[l..]);
            for r in 0..N / 4 {
                let start = blocks[l].offset + self.row_offset(r);
                if run > 0 {
                    let to = values.get_mut(start..start.saturating_add(4 * run)).unwrap_or_default();
                    for (l, to) in (l..LANES).zip(to.chunks_exact_mut(4)) {
                        let (row, at) = quad(r, l);
                        to.copy_from_slice(&from[row % N][at..at + 4]);
                    }
                } else if self.has_row(&blocks[l], r) {
                    let (row, at) = quad(r, l);
                    for (i, &v) in from[row % N][at..at + 4].iter().take(blocks[l].extents[0]).enumerate() {
                        values[start + i * self.strides[0]] = v;
                    }
                }
            }
            l += run.max(1);
        }
    }

    /// Copies what is only there to fill up a batch: places of blocks beyond the array's faces, and lanes from `count` on.
    pub(crate) fn copy_padding<T: Element, const N: usize>(
        &self,
        from: &[Row<T>; N],
        blocks: &Row<Block>,
        count: usize,
        to: &mut [Row<T>; N],
    ) {
        for (l, block) in blocks.iter().enumerate() {
            if l < count && block.extents[..self.ndim].iter().all(|&extent| extent == 4) {
                continue;
            }
            for r in 0..N / 4 {
                let real = if l < count && self.has_row(block, r) { block.extents[0] } else { 0 };
                let (row, at) = quad(r, l);
                to[row % N][at + real..at + 4].copy_from_slice(&from[row % N][at + real..at + 4]);
            }
        }
    }

    /// Where value `i` of the row of four number `r` of a block stands in the array.
    pub(crate) fn place(&self, block: &Block, r: usize, i: usize) -> usize {
        block.offset + self.row_offset(r) + i * self.strides[0]
    }

    fn has_row(&self, block: &Block, r: usize) -> bool {
        (r & 3) < block.extents[1] && (r >> 2 & 3) < block.extents[2] && (r >> 4) < block.extents[3]
    }
}

/// How many full blocks stand side by side at the beginning: their rows are one.
#[inline(always)]
fn full_run(blocks: &[Block]) -> usize {
    let is_next = |(i, b): &(usize, &Block)| b.is_full && b.offset == blocks[0].offset + 4 * i;
    blocks.iter().enumerate().take_while(is_next).count()
}

/// Goes through the blocks, x first.
pub(crate) struct Walk<'a> {
    geometry: &'a Geometry,
    /// The next block's first index along each axis.
    at: [usize; 4],
    is_done: bool,
}

impl Walk<'_> {
    /// The next blocks, and how many they are: all lanes, except at the end of the array.
    pub(crate) fn next_batch(&mut self) -> (Row<Block>, usize) {
        let mut batch = [Block { extents: [1; 4], ..Block::default() }; LANES];
        let mut count = 0;
        while count < LANES && !self.is_done {
            count += self.next_blocks(&mut batch[count..]);
        }
        (batch, count)
    }

    /// Fills `batch` as far as blocks along x go; returns how many that are.
    #[inline(always)]
    fn next_blocks(&mut self, batch: &mut [Block]) -> usize {
        let g = self.geometry;
        let mut first = Block { offset: 0, extents: [1; 4], is_full: g.strides[0] == 1 };
        for d in 0..g.ndim {
            first.offset += self.at[d] * g.strides[d];
            first.extents[d] = (g.sides[d] - self.at[d]).min(4);
            first.is_full &= d == 0 || first.extents[d] == 4;
        }
        let left = g.sides[0] - self.at[0];
        let count = left.div_ceil(4).min(batch.len());
        for (i, block) in batch[..count].iter_mut().enumerate() {
            *block = first;
            block.offset += 4 * i * g.strides[0];
            block.extents[0] = (left - 4 * i).min(4);
            block.is_full &= block.extents[0] == 4;
        }
        // No sum can overflow: sides are below 2^62.
        self.at[0] += 4 * count;
        if self.at[0] >= g.sides[0] {
            self.at[0] = 0;
            self.is_done = true;
            for d in 1..g.ndim {
                self.at[d] += 4;
                if self.at[d] < g.sides[d] {
                    self.is_done = false;
                    break;
                }
                self.at[d] = 0;
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// Value `i` of the block in lane `l`.
    fn value(batch: &[Row<u32>], i: usize, l: usize) -> u32 {
        let (row, at) = quad(i / 4, l);
        batch[row][at + i % 4]
    }

    #[test]
    fn every_value_is_in_one_block() {
        for sides in [&[1][..], &[70], &[3, 9], &[4, 64], &[5, 1, 6], &[2, 5, 3, 9], &[4, 4, 4, 4]] {
            let shape = Shape::new(sides).unwrap();
            let g = Geometry::new(shape).unwrap();
            let values: Vec<u32> = (1..=shape.len() as u32).collect();
            let mut back = alloc::vec![0u32; values.len()];
            let mut walk = g.walk_from(0);
            let mut blocks = 0;
            loop {
                let (batch, count) = walk.next_batch();
                if count == 0 {
                    break;
                }
                blocks += count as u64;
                let mut rows = [[0u32; LANES]; 256];
                g.gather(&values, &batch, &mut rows);
                let n = 4usize.pow(sides.len() as u32);
                assert!((0..n).all(|i| (0..count).all(|l| value(&rows, i, l) > 0)));
                g.scatter(&rows, &batch, count, &mut back);
            }
            assert_eq!(blocks, g.blocks());
            assert_eq!(g.walk_from(blocks).next_batch().1, 0);
            assert_eq!(g.walk_from(blocks - 1).next_batch().1, 1);
            assert_eq!(back, values);
        }
    }

    #[test]
    fn strided_values_are_found() {
        let shape = Shape::new(&[5, 6]).unwrap();
        let distances = [40, 3];
        let values: Vec<u32> = (0..4 * 40 + 5 * 3 + 1).collect();
        let g = Geometry::strided(shape, &distances).unwrap();
        let mut back = alloc::vec![0u32; values.len()];
        let (batch, count) = g.walk().next_batch();
        assert_eq!(count, 4);
        let mut rows = [[0u32; LANES]; 16];
        g.gather(&values, &batch, &mut rows);
        g.scatter(&rows, &batch, count, &mut back);
        for (i, &v) in back.iter().enumerate() {
            let is_there = i % 40 % 3 == 0 && i % 40 / 3 < 6;
            assert_eq!(v, if is_there { i as u32 } else { 0 });
        }
    }

    #[test]
    fn short_lines_are_filled_up_as_zfp_does() {
        let values = [1u32, 2, 3, 4, 5, 6];
        let g = Geometry::new(Shape::new(&[2, 3]).unwrap()).unwrap();
        let (batch, count) = g.walk().next_batch();
        let mut rows = [[0u32; LANES]; 16];
        g.gather(&values, &batch, &mut rows);
        assert_eq!(count, 1);
        let first: Vec<u32> = (0..16).map(|i| value(&rows, i, 0)).collect();
        assert_eq!(first, [1, 2, 3, 1, 4, 5, 6, 4, 4, 5, 6, 4, 1, 2, 3, 1]);
    }

    #[test]
    fn impossible_shapes_are_refused() {
        for sides in [&[][..], &[0], &[3, 0, 2], &[1, 1, 1, 1, 1]] {
            assert!(Geometry::new(Shape::new(sides).unwrap()).is_err());
        }
    }
}

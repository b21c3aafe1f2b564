//! Batches of rows from a compressed array, for training loops: only the chunks that a batch touches are decompressed.

use std::collections::VecDeque;
use std::ops::Range;
use tolzip::{Array, Element, Error, Limits, Result, Stream};

/// Rows of a stream by number, in any order.
///
/// Compress with chunks of some hundred rows ([`Compressor::chunk`](tolzip::Compressor::chunk)); a chunk is decompressed when
/// a row of it is asked for, and the last few stay in memory.
///
/// ```
/// use tolzip::{Array, Bound, Compressor, Limits, Method, Shape};
/// use tolzip_eval::Loader;
///
/// let table = Array::new((0..4000).map(|i| i as f32).collect(), Shape::new(&[1000, 4])?)?;
/// let bytes = Compressor::new(Method::Auto, Bound::Lossless).chunk(&[100, 4]).compress(table.view())?;
/// let mut loader = Loader::<f32>::open(&bytes, Limits::default(), 4)?;
/// let mut batch = Vec::new();
/// loader.batch(&[999, 0], &mut batch)?;
/// assert_eq!(batch, [3996.0, 3997.0, 3998.0, 3999.0, 0.0, 1.0, 2.0, 3.0]);
/// # Ok::<(), tolzip::Error>(())
/// ```
#[derive(Debug)]
pub struct Loader<'a, T> {
    stream: Stream<'a>,
    sides: Vec<usize>,
    /// Rows of a chunk, and values of a row.
    block: usize,
    width: usize,
    /// Decompressed blocks of rows by number, the latest used at the end.
    kept: VecDeque<(usize, Array<T>)>,
    capacity: usize,
}

impl<'a, T: Element> Loader<'a, T> {
    /// A loader that keeps up to `blocks` blocks of rows decompressed, at least one.
    ///
    /// # Errors
    /// As [`Stream::open`], and [`Error::TypeMismatch`].
    pub fn open(bytes: &'a [u8], limits: Limits, blocks: usize) -> Result<Self> {
        let stream = Stream::open(bytes, limits)?;
        let info = stream.info();
        if info.dtype != T::DTYPE {
            return Err(Error::TypeMismatch { stored: info.dtype, asked: T::DTYPE });
        }
        let sides = info.shape.sides().to_vec();
        let block = info.chunk.sides().first().copied().unwrap_or(1).max(1);
        let width = sides.iter().skip(1).product();
        Ok(Self { stream, sides, block, width, kept: VecDeque::new(), capacity: blocks.max(1) })
    }

    /// Number of rows: the first side of the shape.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.sides.first().copied().unwrap_or(1)
    }

    /// Values of a row.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Appends these rows to `out`, in this order.
    ///
    /// # Errors
    /// [`Error::BadRegion`] for a row that is not there, and what decompressing its chunk says; `out` then ends with the
    /// rows before it.
    pub fn batch(&mut self, rows: &[usize], out: &mut Vec<T>) -> Result<()> {
        for &row in rows {
            let at = self.block_of(row)?;
            let start = (row - self.kept[at].0 * self.block) * self.width;
            out.extend_from_slice(&self.kept[at].1.values()[start..start + self.width]);
        }
        Ok(())
    }

    /// Where in `kept` the block of a row is.
    fn block_of(&mut self, row: usize) -> Result<usize> {
        let all = self.rows();
        if row >= all {
            return Err(Error::BadRegion { axis: 0, end: row as u64 + 1, side: all as u64 });
        }
        let number = row / self.block;
        if let Some(at) = self.kept.iter().position(|(n, _)| *n == number) {
            return Ok(at);
        }
        let from = number * self.block;
        let to = (from + self.block).min(all);
        let mut region: Vec<Range<usize>> = self.sides.iter().map(|&s| 0..s).collect();
        // A single value has no sides, and one row.
        if let Some(first) = region.first_mut() {
            *first = from..to;
        }
        let block = self.stream.region(&region, 1)?;
        if self.kept.len() == self.capacity {
            self.kept.pop_front();
        }
        self.kept.push_back((number, block));
        Ok(self.kept.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip::{Bound, Compressor, Method, Shape};

    #[test]
    fn rows_in_any_order() {
        let values: Vec<f64> = (0..1001 * 6).map(f64::from).collect();
        let shape = Shape::new(&[1001, 3, 2]).unwrap();
        let array = Array::new(values.clone(), shape).unwrap();
        let bytes =
            Compressor::new(Method::Auto, Bound::Lossless).chunk(&[64, 3, 2]).compress(array.view()).unwrap();
        for blocks in [1, 3, 100] {
            let mut loader = Loader::<f64>::open(&bytes, Limits::default(), blocks).unwrap();
            assert_eq!((loader.rows(), loader.width()), (1001, 6));
            let rows: Vec<usize> = (0..300).map(|i| i * 7919 % 1001).chain([1000, 0]).collect();
            let mut out = Vec::new();
            loader.batch(&rows, &mut out).unwrap();
            let expected: Vec<f64> = rows.iter().flat_map(|r| values[r * 6..r * 6 + 6].to_vec()).collect();
            assert_eq!(out, expected);
            assert!(loader.kept.len() <= blocks);
            assert!(loader.batch(&[1001], &mut out).is_err());
        }
        assert!(Loader::<f32>::open(&bytes, Limits::default(), 1).is_err());
        assert!(Loader::<f64>::open(&bytes[..40], Limits::default(), 1).is_err());
    }
}

//! Shapes and borrowed, possibly strided views. All orders are slow to fast (C order, as numpy prints them).

use crate::{Element, Error, Result};
use core::fmt;

/// The most dimensions an array can have.
pub const MAX_DIMS: usize = 8;

/// The sides of an array, slow to fast. Its product fits in 62 bits; a shape without sides is a single value.
///
/// ```
/// use tolzip_core::{Error, MAX_DIMS, Shape};
///
/// let shape = Shape::new(&[2, 3, 4])?;
/// assert_eq!((shape.sides(), shape.ndim(), shape.len()), (&[2, 3, 4][..], 3, 24));
/// assert_eq!(shape.to_string(), "2x3x4");
/// assert_eq!(shape.strides()[..3], [12, 4, 1]);
/// assert_eq!(Shape::new(&[1; MAX_DIMS + 1]), Err(Error::ShapeTooLarge { ndim: 9 }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    sides: [usize; MAX_DIMS],
    ndim: usize,
}

impl Shape {
    /// A shape from its sides, slow to fast. Sides may be 0.
    ///
    /// # Errors
    /// [`Error::ShapeTooLarge`] beyond [`MAX_DIMS`] dimensions or 2^62 values.
    pub fn new(sides: &[usize]) -> Result<Self> {
        let too_large = Error::ShapeTooLarge { ndim: sides.len() };
        if sides.len() > MAX_DIMS {
            return Err(too_large);
        }
        let mut values = 1u64;
        for &side in sides {
            // Zeros count as ones here, so that no order of the sides can hide an overflow.
            values = match values.checked_mul((side as u64).max(1)) {
                Some(v) if v <= 1 << 62 => v,
                _ => return Err(too_large),
            };
        }
        if usize::try_from(values).is_err() {
            return Err(too_large);
        }
        let mut all = [1; MAX_DIMS];
        all[..sides.len()].copy_from_slice(sides);
        Ok(Self { sides: all, ndim: sides.len() })
    }

    /// A shape of one dimension.
    #[must_use]
    pub const fn line(values: usize) -> Self {
        let mut sides = [1; MAX_DIMS];
        sides[0] = values;
        Self { sides, ndim: 1 }
    }

    /// The sides, slow to fast.
    #[must_use]
    pub fn sides(&self) -> &[usize] {
        &self.sides[..self.ndim]
    }

    /// Number of dimensions.
    #[must_use]
    pub const fn ndim(&self) -> usize {
        self.ndim
    }

    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sides().iter().product()
    }

    /// Whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Distances in values between neighbours along each axis, for values stored without gaps.
    #[must_use]
    pub fn strides(&self) -> [usize; MAX_DIMS] {
        let mut strides = [1; MAX_DIMS];
        for d in (1..self.ndim).rev() {
            strides[d - 1] = strides[d] * self.sides[d];
        }
        strides
    }

    /// The shape without the sides of 1 at its end, so that its last axis is one along which there are values to run.
    ///
    /// ```
    /// let column = tolzip_core::Shape::new(&[1, 500, 1])?;
    /// assert_eq!(column.without_trailing_ones().sides(), [1, 500]);
    /// # Ok::<(), tolzip_core::Error>(())
    /// ```
    #[must_use]
    pub fn without_trailing_ones(&self) -> Self {
        let ones = self.sides().iter().rev().take_while(|&&side| side == 1).count();
        Self { sides: self.sides, ndim: self.ndim - ones }
    }

    /// The same values as exactly four dimensions, slow to fast: sides of 1 are dropped, missing leading sides are 1,
    /// and surplus leading sides are multiplied together. Codecs see arrays this way.
    ///
    /// ```
    /// use tolzip_core::Shape;
    ///
    /// assert_eq!(Shape::new(&[7, 1, 5])?.folded(), [1, 1, 7, 5]);
    /// assert_eq!(Shape::new(&[2, 3, 4, 5, 6])?.folded(), [6, 4, 5, 6]);
    /// # Ok::<(), tolzip_core::Error>(())
    /// ```
    #[must_use]
    pub fn folded(&self) -> [usize; 4] {
        let mut out = [1usize; 4];
        let mut at = 4;
        for &side in self.sides().iter().rev().filter(|&&s| s != 1) {
            if at > 0 {
                at -= 1;
                out[at] = side;
            } else {
                out[0] *= side;
            }
        }
        out
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Shape {
    /// `100x500x500`; a shape without sides is `1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ndim == 0 {
            return write!(f, "1");
        }
        for (i, side) in self.sides().iter().enumerate() {
            write!(f, "{}{side}", if i == 0 { "" } else { "x" })?;
        }
        Ok(())
    }
}

/// A borrowed array, not necessarily contiguous: value (i, j, ...) stands at `i * strides[0] + j * strides[1] + ...`.
///
/// ```
/// use tolzip_core::{Shape, View};
///
/// // Two rows of three values, each with a fourth behind it that is not of the array.
/// let storage = [1u16, 2, 3, 0, 4, 5, 6, 0];
/// let view = View::strided(&storage, Shape::new(&[2, 3])?, &[4, 1])?;
/// assert_eq!(view.as_slice(), None);
/// let mut values = Vec::new();
/// view.gather(&[0, 0], view.shape(), &mut values);
/// assert_eq!(values, [1, 2, 3, 4, 5, 6]);
///
/// let dense = View::new(&values, Shape::new(&[2, 3])?)?;
/// assert_eq!(dense.as_slice(), Some(&[1, 2, 3, 4, 5, 6][..]));
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct View<'a, T> {
    values: &'a [T],
    shape: Shape,
    strides: [usize; MAX_DIMS],
}

impl<'a, T: Element> View<'a, T> {
    /// A view of values stored without gaps.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if there are more or fewer values than the shape needs.
    pub fn new(values: &'a [T], shape: Shape) -> Result<Self> {
        if values.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
        }
        Ok(Self { values, shape, strides: shape.strides() })
    }

    /// A view of values whose number is known to fit.
    pub(crate) fn contiguous(values: &'a [T], shape: Shape) -> Self {
        debug_assert_eq!(values.len(), shape.len());
        Self { values, shape, strides: shape.strides() }
    }

    /// A view with a distance in values per axis.
    ///
    /// ```
    /// use tolzip_core::{Error, Shape, View};
    ///
    /// // Fortran's order: the first axis is the fastest.
    /// let columns = [1.0f32, 4.0, 2.0, 5.0, 3.0, 6.0];
    /// let view = View::strided(&columns, Shape::new(&[2, 3])?, &[1, 2])?;
    /// let mut rows = Vec::new();
    /// view.gather(&[0, 0], view.shape(), &mut rows);
    /// assert_eq!(rows, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    ///
    /// let beyond = View::strided(&columns, Shape::new(&[2, 3])?, &[1, 3]).map(|_| ());
    /// assert_eq!(beyond, Err(Error::ShapeMismatch { needed: 8, got: 6 }));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if the last value would stand beyond the slice or `strides` has another length than the
    /// shape.
    pub fn strided(values: &'a [T], shape: Shape, strides: &[usize]) -> Result<Self> {
        let got = values.len() as u64;
        if strides.len() != shape.ndim() {
            return Err(Error::ShapeMismatch { needed: shape.ndim() as u64, got: strides.len() as u64 });
        }
        if !shape.is_empty() {
            let last = shape
                .sides()
                .iter()
                .zip(strides)
                .try_fold(0usize, |at, (&side, &stride)| at.checked_add((side - 1).checked_mul(stride)?));
            match last {
                Some(last) if last < values.len() => {}
                last => {
                    let needed = last.map_or(u64::MAX, |l| l as u64 + 1);
                    return Err(Error::ShapeMismatch { needed, got });
                }
            }
        }
        let mut all = [1; MAX_DIMS];
        all[..strides.len()].copy_from_slice(strides);
        Ok(Self { values, shape, strides: all })
    }

    /// The shape.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Distances in values between neighbours along each axis.
    #[must_use]
    pub fn strides(&self) -> &[usize] {
        &self.strides[..self.shape.ndim]
    }

    /// What the array's values stand in, from the first one on; there may be others between and behind them.
    #[must_use]
    pub const fn storage(&self) -> &'a [T] {
        self.values
    }

    /// The values, if they are stored without gaps.
    #[must_use]
    pub fn as_slice(&self) -> Option<&'a [T]> {
        let contiguous = self.shape.strides()[..self.shape.ndim()] == self.strides[..self.shape.ndim()];
        contiguous.then(|| &self.values[..self.shape.len()])
    }

    /// Calls `f` with each row (run along the last axis) of the box that begins at `start`, in slow-to-fast order.
    /// `f` gets the row's first value and the stride between its values.
    ///
    /// ```
    /// use tolzip_core::{Shape, View};
    ///
    /// // The sums of the last two values of each row.
    /// let table = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    /// let view = View::new(&table, Shape::new(&[2, 3])?)?;
    /// let mut sums = Vec::new();
    /// view.rows(&[0, 1], Shape::new(&[2, 2])?, |row, stride| sums.push(row.iter().step_by(stride).sum::<f64>()));
    /// assert_eq!(sums, [5.0, 11.0]);
    /// # Ok::<(), tolzip_core::Error>(())
    /// ```
    pub fn rows(&self, start: &[usize], size: Shape, mut f: impl FnMut(&'a [T], usize)) {
        let n = self.shape.ndim();
        debug_assert_eq!((start.len(), size.ndim()), (n, n));
        if size.is_empty() {
            return;
        }
        if n == 0 {
            return f(&self.values[..1], 1);
        }
        let stride = self.strides[n - 1];
        let reach = (size.sides()[n - 1] - 1) * stride + 1;
        for_each_row(size, |index| {
            let at: usize = (0..n).map(|d| (start[d] + index[d]) * self.strides[d]).sum();
            f(&self.values[at..at + reach], stride);
        });
    }

    /// Appends the values of a box to `out`, in slow-to-fast order.
    ///
    /// ```
    /// use tolzip_core::{Shape, View};
    ///
    /// let table = [1, 2, 3, 4, 5, 6];
    /// let mut column = Vec::new();
    /// View::new(&table, Shape::new(&[2, 3])?)?.gather(&[0, 1], Shape::new(&[2, 1])?, &mut column);
    /// assert_eq!(column, [2, 5]);
    /// # Ok::<(), tolzip_core::Error>(())
    /// ```
    pub fn gather(&self, start: &[usize], size: Shape, out: &mut alloc::vec::Vec<T>) {
        if size.is_empty() {
            return;
        }
        // A column of a table is one long run, not many rows of one value.
        let run = size.without_trailing_ones();
        let at: usize = start.iter().zip(&self.strides).map(|(index, stride)| index * stride).sum();
        let box_of_runs = Self { values: &self.values[at..], shape: run, strides: self.strides };
        box_of_runs.rows(&[0; MAX_DIMS][..run.ndim], run, |row, stride| {
            match stride {
                1 => out.extend_from_slice(row),
                // One value stands for all of a row.
                0 => out.extend(core::iter::repeat_n(row[0], run.sides().last().copied().unwrap_or(1))),
                _ => out.extend(row.iter().step_by(stride).copied()),
            }
        });
    }
}

/// Calls `f` with the index of the first value of every row (run along the last axis) of `size`, slow to fast.
///
/// ```
/// use tolzip_core::shape::{Shape, for_each_row};
///
/// let mut rows = Vec::new();
/// for_each_row(Shape::new(&[2, 2, 100])?, |index| rows.push([index[0], index[1], index[2]]));
/// assert_eq!(rows, [[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0]]);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
pub fn for_each_row(size: Shape, mut f: impl FnMut(&[usize; MAX_DIMS])) {
    let n = size.ndim();
    let mut index = [0usize; MAX_DIMS];
    if size.is_empty() {
        return;
    }
    loop {
        f(&index);
        let mut d = n.saturating_sub(1);
        loop {
            if d == 0 {
                return;
            }
            d -= 1;
            index[d] += 1;
            if index[d] < size.sides()[d] {
                break;
            }
            index[d] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn shapes_refuse_what_overflows() {
        assert!(Shape::new(&[usize::MAX, 2]).is_err());
        assert!(Shape::new(&[usize::MAX, 0, usize::MAX]).is_err());
        assert!(Shape::new(&[1; 9]).is_err());
        assert_eq!(Shape::new(&[]).unwrap().len(), 1);
        assert_eq!(Shape::new(&[3, 0, 4]).unwrap().len(), 0);
    }

    #[test]
    fn folding_keeps_the_number_of_values() {
        assert_eq!(Shape::new(&[2, 3, 4, 5, 6]).unwrap().folded(), [6, 4, 5, 6]);
        assert_eq!(Shape::new(&[7, 1, 5]).unwrap().folded(), [1, 1, 7, 5]);
        assert_eq!(Shape::new(&[]).unwrap().folded(), [1; 4]);
        assert_eq!(Shape::new(&[0, 5]).unwrap().folded(), [1, 1, 0, 5]);
    }

    #[test]
    fn strided_views_gather_what_they_show() {
        let values: Vec<i32> = (0..24).collect();
        // Every second column of a 4 x 6 table, transposed.
        let view = View::strided(&values, Shape::new(&[3, 4]).unwrap(), &[2, 6]).unwrap();
        let mut out = Vec::new();
        view.gather(&[0, 0], view.shape(), &mut out);
        assert_eq!(out, [0, 6, 12, 18, 2, 8, 14, 20, 4, 10, 16, 22]);
        out.clear();
        view.gather(&[1, 2], Shape::new(&[2, 2]).unwrap(), &mut out);
        assert_eq!(out, [14, 20, 16, 22]);
        assert!(view.as_slice().is_none());
        assert!(View::strided(&values, Shape::new(&[3, 4]).unwrap(), &[3, 7]).is_err());
        assert!(View::strided(&values, Shape::new(&[3, 4]).unwrap(), &[usize::MAX, 7]).is_err());
    }

    #[test]
    fn columns_and_repeated_values_are_gathered_too() {
        let values: Vec<i32> = (0..24).collect();
        let table = View::new(&values, Shape::new(&[2, 3, 4]).unwrap()).unwrap();
        let gather = |view: View<'_, i32>, start: &[usize], size: &[usize]| {
            let mut out = Vec::new();
            view.gather(start, Shape::new(size).unwrap(), &mut out);
            out
        };
        assert_eq!(gather(table, &[0, 1, 2], &[2, 2, 1]), [6, 10, 18, 22]);
        assert_eq!(gather(table, &[0, 2, 3], &[2, 1, 1]), [11, 23]);
        assert_eq!(gather(table, &[1, 2, 3], &[1, 1, 1]), [23]);
        assert_eq!(gather(table, &[2, 3, 4], &[0, 1, 1]), [0; 0]);
        let repeated = View::strided(&values, Shape::new(&[2, 3]).unwrap(), &[4, 0]).unwrap();
        assert_eq!(gather(repeated, &[0, 0], &[2, 3]), [0, 0, 0, 4, 4, 4]);
    }

    #[test]
    fn a_single_value_is_one_row() {
        let view = View::new(&[5u8], Shape::new(&[]).unwrap()).unwrap();
        let mut out = Vec::new();
        view.gather(&[], view.shape(), &mut out);
        assert_eq!(out, [5]);
    }
}

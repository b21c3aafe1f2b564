//! Arrays that are read box by box.

use crate::{Element, Result, Shape, View};
use alloc::vec::Vec;

/// An array whose values are read as they are needed: from a file larger than memory, from flash, from another format's
/// chunks. Several threads may ask at a time.
///
/// ```
/// use tolzip_core::{Error, Result, Shape, Source};
///
/// /// The squares of the column numbers, in every row.
/// struct Squares;
///
/// impl Source<f64> for Squares {
///     fn shape(&self) -> Shape {
///         Shape::new(&[1000, 50]).unwrap()
///     }
///     fn read(&self, start: &[usize], size: Shape, out: &mut Vec<f64>) -> Result<()> {
///         let &[rows, columns] = size.sides() else { return Err(Error::Source("two dimensions".into())) };
///         let row = || (start[1]..start[1] + columns).map(|c| (c * c) as f64);
///         out.extend((0..rows).flat_map(|_| row()));
///         Ok(())
///     }
/// }
///
/// let mut out = Vec::new();
/// Squares.read(&[7, 2], Shape::new(&[2, 3])?, &mut out)?;
/// assert_eq!(out, [4.0, 9.0, 16.0, 4.0, 9.0, 16.0]);
/// # Ok::<(), Error>(())
/// ```
pub trait Source<T: Element>: Sync {
    /// The whole array's sides, slow to fast. Always the same.
    fn shape(&self) -> Shape;

    /// Appends the values of a box inside the array to `out`, in slow-to-fast order: `size` of them from index `start` on.
    ///
    /// # Errors
    /// [`Error::Source`](crate::Error::Source) where they can't be had.
    fn read(&self, start: &[usize], size: Shape, out: &mut Vec<T>) -> Result<()>;
}

impl<T: Element> Source<T> for View<'_, T> {
    fn shape(&self) -> Shape {
        Self::shape(self)
    }

    fn read(&self, start: &[usize], size: Shape, out: &mut Vec<T>) -> Result<()> {
        self.gather(start, size, out);
        Ok(())
    }
}

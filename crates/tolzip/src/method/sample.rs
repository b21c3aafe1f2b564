//! Sampling rows as a method.

use crate::input::Input;
use alloc::vec::Vec;
use tolzip_core::{Element, Error, MAX_DIMS, Result, Shape, View, Word};
pub use tolzip_reduce::sample::Sampling;
use tolzip_reduce::sample::{Amount, rows as drawn, stratified};

/// Settings of row sampling.
///
/// ```
/// use tolzip::method::{Method, Sampling};
///
/// let Method::Sample(sample) = "sample:mode=first,rate=0.3".parse()? else { unreachable!() };
/// assert_eq!(sample.mode, Sampling::First);
/// assert_eq!(sample.rows(10)?, [0, 1, 2]);
/// let Method::Sample(sample) = "sample:mode=first,rows=4".parse()? else { unreachable!() };
/// assert_eq!(sample.rows(10)?, [0, 1, 2, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sample {
    /// How rows are chosen.
    pub mode: Sampling,
    /// The share of the rows that is kept, above 0 and at most 1.
    pub rate: f64,
    /// How many rows are kept, if not a share: at least one, and more than there are only with replacement.
    pub count: Option<u64>,
    /// Chooses among the possible samples.
    pub seed: u64,
    /// Of a stratified sample: which of a row's values is its label; `None` is the last one.
    pub label: Option<usize>,
}

impl Sample {
    fn amount(&self) -> Amount {
        self.count.map_or(Amount::Rate(self.rate), Amount::Count)
    }

    /// Which rows of `rows` are kept, in the order in which they are stored. The same for ever: labels and other arrays
    /// can be sampled alike.
    ///
    /// # Errors
    /// [`Error::BadSetting`] for a rate outside of (0, 1], more rows than there are, and for a stratified sample, which depends on the labels.
    pub fn rows(&self, rows: u64) -> Result<Vec<u64>> {
        drawn(rows, self.amount(), self.mode, self.seed)
    }

    /// Which rows of an array are kept. Labels are told apart by their bits.
    ///
    /// ```
    /// use tolzip::method::Method;
    /// use tolzip::{Shape, View};
    ///
    /// // Half of the rows, of both labels, which stand in the last column.
    /// let table = [0.1f32, 0.0, 0.2, 0.0, 0.3, 1.0, 0.4, 1.0];
    /// let view = View::new(&table, Shape::new(&[4, 2])?)?;
    /// let Method::Sample(sample) = "sample:mode=stratified,rate=0.5".parse()? else { unreachable!() };
    /// let rows = sample.rows_of(view)?;
    /// assert!(rows.len() == 2 && rows[0] < 2 && rows[1] >= 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::BadSetting`] for a rate outside of (0, 1], more rows than there are, an array without dimensions, or one without the column of labels.
    pub fn rows_of<T: Element>(&self, view: View<'_, T>) -> Result<Vec<u64>> {
        self.rows_in(Input::Memory(view))
    }

    pub(crate) fn rows_in<T: Element>(&self, input: Input<'_, T>) -> Result<Vec<u64>> {
        let shape = input.shape();
        let bad = |needs| Error::BadSetting { method: "sample", knob: "array", needs };
        let Some(&rows) = shape.sides().first() else { return Err(bad("at least one dimension")) };
        if self.mode != Sampling::Stratified {
            return self.rows(rows as u64);
        }
        let width: usize = shape.sides()[1..].iter().product();
        let label = self.label.unwrap_or(width.saturating_sub(1));
        if label >= width.max(1) {
            return Err(Error::BadSetting {
                method: "sample",
                knob: "label",
                needs: "a column of the array",
            });
        }
        let labels: Vec<u64> = if width == 0 {
            // Rows of nothing are all alike.
            alloc::vec![0; rows]
        } else {
            let (mut start, mut sides, mut left) = ([0; MAX_DIMS], alloc::vec![1; shape.ndim()], label);
            for axis in (1..shape.ndim()).rev() {
                start[axis] = left % shape.sides()[axis];
                left /= shape.sides()[axis];
            }
            sides[0] = rows;
            let column = input.values(&start, Shape::new(&sides)?)?;
            column.iter().map(|v: &T| v.to_bits().to_u64()).collect()
        };
        stratified(&labels, self.amount(), self.seed)
    }

    /// What a stream must say of the rows, so that a reader can know them: nothing where they follow from the settings.
    pub(crate) fn index(&self, rows: &[u64]) -> Vec<u8> {
        if self.mode != Sampling::Stratified {
            return Vec::new();
        }
        let mut gaps = Vec::new();
        let mut next = 0;
        for &row in rows {
            tolzip_core::bytes::put_leb128(&mut gaps, row - next);
            next = row + 1;
        }
        tolzip_lossless::bytes::compress(&gaps)
    }
}

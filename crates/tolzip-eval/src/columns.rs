//! What the columns of a table are: measured numbers, which may change within a bound, or labels, ids and counts, which may
//! not. A label that is off by a hundredth is a new class, and an id that is off by one is somebody else.

use serde::Serialize;
use tolzip_core::{AnyArray, Shape};

/// What a column seems to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers that are not all whole: compressed within the bound.
    Real,
    /// One value throughout: costs nothing, whatever is done with it.
    Constant,
    /// Few different whole numbers, such as classes or flags.
    Label,
    /// Whole numbers that grow or fall from row to row by the same step, or are all different and in order.
    Id,
    /// Other whole numbers, such as counts.
    Integer,
    /// Nothing finite.
    Empty,
}

/// A column and why it was taken for what it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Its number, from 0.
    pub index: usize,
    /// What it seems to hold.
    pub kind: Kind,
    /// Different finite values, as far as they were counted.
    pub distinct: usize,
    /// The smallest finite value.
    pub min: f64,
    /// The largest finite value.
    pub max: f64,
    /// Values that are not finite.
    pub missing: usize,
    /// Whether it is kept bit for bit.
    pub exact: bool,
    /// The reason in words.
    pub reason: String,
}

/// Whole numbers with at most this many different values are labels,
const LABELS: usize = 64;
/// if there are at least this many rows for each value.
const ROWS_A_LABEL: usize = 4;
/// Tables with fewer rows show too little to tell, and wider ones are rather images or spectra.
const ROWS: usize = 8;
const WIDTH: usize = 1024;

/// Looks at the columns (the last axis) of a two-dimensional array of floating-point numbers. Empty for everything else, and
/// for what has no column of fractions at all: an image of whole numbers is no table of labels.
#[must_use]
pub fn describe(array: &AnyArray) -> Vec<Column> {
    let shape = array.shape();
    let &[rows, width] = shape.sides() else { return Vec::new() };
    if rows < ROWS || width == 0 || width > WIDTH || !array.dtype().is_float() {
        return Vec::new();
    }
    let values = crate::metrics::to_f64(array);
    let columns: Vec<Column> = (0..width)
        .map(|index| {
            let column: Vec<f64> = values.iter().skip(index).step_by(width).copied().collect();
            one(index, &column)
        })
        .collect();
    if columns.iter().any(|c| c.kind == Kind::Real) { columns } else { Vec::new() }
}

/// The numbers of the columns that are kept bit for bit.
#[must_use]
pub fn exact(columns: &[Column]) -> Vec<usize> {
    columns.iter().filter(|c| c.exact).map(|c| c.index).collect()
}

/// The columns of a table that are named by their numbers, and the others, as two tables. The second is empty of values where
/// all are named; what is no table is returned twice.
#[must_use]
pub fn split(table: &AnyArray, named: &[usize]) -> (AnyArray, AnyArray) {
    let &[rows, width] = table.shape().sides() else { return (table.clone(), table.clone()) };
    let (bytes, size) = (table.to_le_bytes(), table.dtype().size());
    let take = |wanted: &dyn Fn(usize) -> bool| {
        let columns: Vec<usize> = (0..width).filter(|&c| wanted(c)).collect();
        let mut out = Vec::with_capacity(rows * columns.len() * size);
        for row in bytes.chunks_exact(width * size) {
            for &c in &columns {
                out.extend_from_slice(&row[c * size..][..size]);
            }
        }
        let shape = Shape::new(&[rows, columns.len()]).expect("a part of the table");
        AnyArray::from_le_bytes(table.dtype(), shape, &out).expect("lengths agree")
    };
    (take(&|c| named.contains(&c)), take(&|c| !named.contains(&c)))
}

/// Undoes [`split`]: the named columns at these numbers, which ascend, the others between them in their order.
///
/// # Panics
/// If the two are not tables of as many rows, or the numbers are not as many as the named columns.
#[must_use]
pub fn join(named: &AnyArray, others: &AnyArray, numbers: &[usize]) -> AnyArray {
    let (rows, size) = (others.shape().sides()[0], others.dtype().size());
    let (a, b) = (named.to_le_bytes(), others.to_le_bytes());
    let width = numbers.len() + others.shape().sides()[1];
    let (mut a, mut b) = (a.chunks_exact(size), b.chunks_exact(size));
    let mut out = Vec::with_capacity(rows * width * size);
    for _ in 0..rows {
        for column in 0..width {
            let next = if numbers.contains(&column) { a.next() } else { b.next() };
            out.extend_from_slice(next.expect("as many values as the shapes say"));
        }
    }
    let shape = Shape::new(&[rows, width]).expect("as large as the table was");
    AnyArray::from_le_bytes(others.dtype(), shape, &out).expect("lengths agree")
}

fn one(index: usize, column: &[f64]) -> Column {
    let finite: Vec<f64> = column.iter().copied().filter(|v| v.is_finite()).collect();
    let missing = column.len() - finite.len();
    let (min, max) =
        finite.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
    let mut sorted = finite.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    let distinct = sorted.len();
    // Beyond 2^53 every f64 is whole, which says nothing.
    let whole = finite.iter().all(|v| v.fract() == 0.0 && v.abs() < 9e15);
    let steps = |w: &[f64]| w[1] - w[0];
    let even = finite.len() > 1 && missing == 0 && {
        let first = steps(&finite[..2]);
        first != 0.0 && finite.windows(2).all(|w| steps(w) == first)
    };
    let ordered = missing == 0 && distinct == column.len() && finite.windows(2).all(|w| w[0] < w[1]);
    let (kind, reason) = if finite.is_empty() {
        (Kind::Empty, "no finite value".to_owned())
    } else if distinct == 1 {
        (Kind::Constant, format!("always {min}"))
    } else if !whole {
        (Kind::Real, format!("fractions between {min} and {max}"))
    } else if even || ordered {
        (Kind::Id, format!("whole numbers in order, from {min} to {max}"))
    } else if distinct <= LABELS && distinct * ROWS_A_LABEL <= finite.len() {
        (Kind::Label, format!("{distinct} different whole numbers"))
    } else {
        (Kind::Integer, format!("whole numbers between {min} and {max}, {distinct} different ones"))
    };
    let exact = matches!(kind, Kind::Label | Kind::Id | Kind::Integer);
    let (min, max) = if finite.is_empty() { (f64::NAN, f64::NAN) } else { (min, max) };
    Column { index, kind, distinct, min, max, missing, exact, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::{Array, Shape};

    fn table(rows: usize, column: &[&dyn Fn(usize) -> f64]) -> AnyArray {
        let values = (0..rows).flat_map(|i| column.iter().map(move |f| f(i))).collect();
        Array::<f64>::new(values, Shape::new(&[rows, column.len()]).unwrap()).unwrap().into()
    }

    #[test]
    fn columns_are_taken_for_what_they_are() {
        let t = table(
            100,
            &[
                &|i| i as f64 + 1000.0,
                &|i| (i % 3) as f64,
                &|i| i as f64 * 0.37,
                &|i| ((i * 7919) % 1009) as f64,
                &|_| 5.5,
                &|i| if i % 10 == 0 { f64::NAN } else { (i * i % 83) as f64 },
                &|i| (i * i) as f64,
                &|_| f64::NAN,
                &|i| if i == 50 { 0.5 } else { 3.0 },
            ],
        );
        let columns = describe(&t);
        let kinds: Vec<Kind> = columns.iter().map(|c| c.kind).collect();
        use Kind::{Constant, Empty, Id, Integer, Label, Real};
        assert_eq!(kinds, [Id, Label, Real, Integer, Constant, Integer, Id, Empty, Real]);
        assert_eq!(exact(&columns), [0, 1, 3, 5, 6]);
        assert_eq!((columns[5].missing, columns[1].distinct, columns[1].max), (10, 3, 2.0));
    }

    #[test]
    fn what_is_no_table_has_no_columns() {
        // An image of whole numbers, a series, a short table, integers.
        assert!(describe(&table(50, &[&|i| i as f64, &|i| (i % 7) as f64])).is_empty());
        let series = Array::<f64>::new(vec![0.5; 100], Shape::line(100)).unwrap().into();
        assert!(describe(&series).is_empty());
        assert!(describe(&table(7, &[&|i| i as f64 * 0.1])).is_empty());
        let integers = Array::<i32>::new(vec![1; 100], Shape::new(&[50, 2]).unwrap()).unwrap().into();
        assert!(describe(&integers).is_empty());
    }

    #[test]
    fn the_built_in_tables() {
        // Median age, rooms, bedrooms, population and households are whole; places and incomes are not.
        let (housing, _) = crate::data::housing();
        assert_eq!(exact(&describe(&housing)), [2, 3, 4, 5, 6]);
        assert!(exact(&describe(&crate::data::genes().features)).is_empty());
    }
}

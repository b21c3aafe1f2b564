//! Which earlier values predict a value: finite differences of a degree of their own along each axis.
//!
//! With `B_a` the shift by one along axis `a`, the residual is the product of `(1 - B_a)^degree_a`, applied to the
//! values. All degrees 1 is the Lorenzo predictor (Ibarria, Lindstrom, Rossignac, Szymczak 2003); degree 2 and 3 also
//! follow slopes and curvatures. Near the front faces, where an axis has fewer than `degree` earlier values, the degree
//! is as many as there are.

use crate::lane::Order;
use tolzip_simd::residuals::Stencil;

/// The highest degree along an axis.
pub(crate) const MAX_DEGREE: u8 = 3;
/// Earlier rows of one row: at most three axes of degree 3.
const MAX_TERMS: usize = 63;

/// A predictor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spec {
    /// How words become integers.
    pub(crate) order: Order,
    /// Predict with floating-point sums instead of integer ones.
    pub(crate) float: bool,
    /// The degree along each folded axis, slow to fast.
    pub(crate) degrees: [u8; 4],
}

/// An array as rows along the fastest axis that is predicted; axes faster than it run inside the row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    /// Sides of the slower axes; the rest 1.
    outer: [usize; 3],
    /// Values a row.
    pub(crate) row: usize,
    /// Distance between neighbours along the row's axis.
    pub(crate) step: usize,
    /// Degree along the row's axis.
    pub(crate) degree: usize,
    outer_degrees: [u8; 3],
}

impl Rows {
    pub(crate) fn new(sides: [usize; 4], degrees: [u8; 4]) -> Self {
        let axis = (0..4).rev().find(|&a| degrees[a] > 0).unwrap_or(0);
        let mut outer = [1; 3];
        let mut outer_degrees = [0; 3];
        // Right-aligned, so that the last outer axis is the nearest.
        for a in 0..axis {
            outer[3 - axis + a] = sides[a];
            outer_degrees[3 - axis + a] = degrees[a];
        }
        let step: usize = sides[axis + 1..].iter().product();
        Self {
            outer,
            row: step * sides[axis],
            step: step.max(1),
            // A higher degree would never have enough earlier values.
            degree: usize::from(degrees[axis]).min(sides[axis].saturating_sub(1)),
            outer_degrees,
        }
    }

    /// Whether any row leans on earlier rows.
    pub(crate) fn has_terms(&self) -> bool {
        self.outer_degrees.iter().zip(self.outer).any(|(&d, side)| d > 0 && side > 1)
    }

    /// The first row.
    pub(crate) fn first(&self) -> Row {
        Row { at: 0, index: [0; 3], terms: Terms::none() }
    }

    /// Calls `f` with each row's first position and the earlier rows it is predicted from, slow to fast.
    pub(crate) fn each(&self, mut f: impl FnMut(usize, &Terms)) {
        let mut row = self.first();
        let n = if self.row == 0 { 0 } else { self.outer.iter().product::<usize>() * self.row };
        while row.at < n {
            f(row.at, &row.terms);
            row.advance(self);
        }
    }
}

/// A row, and the earlier ones it is predicted from.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its first position.
    pub(crate) at: usize,
    index: [usize; 3],
    terms: Terms,
}

impl Row {
    /// Goes on to the next row; behind the last one that is no row.
    pub(crate) fn advance(&mut self, rows: &Rows) {
        self.at += rows.row;
        for (i, side) in self.index.iter_mut().zip(rows.outer).rev() {
            *i += 1;
            if *i < side {
                break;
            }
            *i = 0;
        }
        self.terms.renew(rows, self.index);
    }

    /// How the row's integers are predicted.
    pub(crate) fn stencil(&self, rows: &Rows, order: Order) -> Stencil<'_> {
        Stencil { order, terms: self.terms.as_slice(), step: rows.step, degree: rows.degree }
    }
}

/// Earlier rows and their weights in the prediction.
#[derive(Debug)]
pub(crate) struct Terms {
    degrees: [u8; 3],
    count: usize,
    /// Distances in values, and weights.
    terms: [(usize, i8); MAX_TERMS],
}

impl Terms {
    const fn none() -> Self {
        Self { degrees: [0; 3], count: 0, terms: [(0, 0); MAX_TERMS] }
    }

    /// The terms of the row at `index`; free unless a face is left.
    fn renew(&mut self, rows: &Rows, index: [usize; 3]) {
        let mut degrees = rows.outer_degrees;
        for (d, i) in degrees.iter_mut().zip(index) {
            *d = i.min(usize::from(*d)) as u8;
        }
        if degrees == self.degrees {
            return;
        }
        self.degrees = degrees;
        self.count = 0;
        let strides = [rows.outer[1] * rows.outer[2] * rows.row, rows.outer[2] * rows.row, rows.row];
        for a in 0..=degrees[0] {
            for b in 0..=degrees[1] {
                for c in 0..=degrees[2] {
                    let back = [a, b, c];
                    if back == [0; 3] {
                        continue;
                    }
                    let lag = (0..3).map(|d| usize::from(back[d]) * strides[d]).sum();
                    let weight = -(0..3).map(|d| binomial(degrees[d], back[d])).product::<i8>();
                    self.terms[self.count] = (lag, weight);
                    self.count += 1;
                }
            }
        }
    }

    /// Distances in values, and weights.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, i8)> {
        self.as_slice().iter().copied()
    }

    /// The same.
    pub(crate) fn as_slice(&self) -> &[(usize, i8)] {
        &self.terms[..self.count]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The coefficient of `B^k` in `(1 - B)^n`, n <= 3.
pub(crate) fn binomial(n: u8, k: u8) -> i8 {
    const ROWS: [[i8; 4]; 4] = [[1, 0, 0, 0], [1, -1, 0, 0], [1, -2, 1, 0], [1, -3, 3, -1]];
    ROWS[usize::from(n & 3)][usize::from(k & 3)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn lorenzo_in_three_dimensions_has_three_earlier_rows() {
        let rows = Rows::new([1, 4, 5, 6], [0, 1, 1, 1]);
        assert_eq!((rows.row, rows.step, rows.degree), (6, 1, 1));
        let mut all = Vec::new();
        rows.each(|at, terms| all.push((at, terms.iter().collect::<Vec<_>>())));
        assert_eq!(all.len(), 20);
        assert_eq!(all[0], (0, Vec::new()));
        assert_eq!(all[1].1, [(6, 1)]);
        assert_eq!(all[5].1, [(30, 1)]);
        assert_eq!(all[6].1, [(6, 1), (30, 1), (36, -1)]);
    }

    #[test]
    fn an_unpredicted_fast_axis_runs_inside_the_row() {
        let rows = Rows::new([1, 8, 100, 3], [0, 0, 2, 0]);
        assert_eq!((rows.row, rows.step, rows.degree), (300, 3, 2));
        assert!(!rows.has_terms());
        let mut firsts = Vec::new();
        rows.each(|at, _| firsts.push(at));
        assert_eq!(firsts.len(), 8);
        assert_eq!(firsts[1], 300);
    }

    #[test]
    fn without_prediction_all_is_one_row() {
        let rows = Rows::new([2, 3, 4, 5], [0; 4]);
        assert_eq!((rows.row, rows.degree), (120, 0));
    }
}

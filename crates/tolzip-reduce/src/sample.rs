//! Some of the rows of an array: the indices of its first axis that are kept.
//!
//! The choice depends on the number of rows, the amount, the mode and the seed alone, and will never change: the random
//! numbers are SplitMix64's, brought into a range without bias by Lemire's method, and used as each mode below says.
//! Rows stay in the order of the data in every mode.

use crate::generator::Generator;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use tolzip_core::{Element, Error, Result, Shape};

const METHOD: &str = "sample";

/// Which rows are kept.
///
/// ```
/// use tolzip_reduce::sample::{Amount, Sampling, rows};
///
/// assert_eq!(rows(10, Amount::Count(4), Sampling::First, 0)?, [0, 1, 2, 3]);
/// assert_eq!(rows(10, Amount::Count(4), Sampling::Decimation, 0)?, [0, 2, 5, 7]);
/// let drawn = rows(10, Amount::Count(4), Sampling::WithoutReplacement, 7)?;
/// assert!(drawn.len() == 4 && drawn.windows(2).all(|pair| pair[0] < pair[1]));
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sampling {
    /// The first ones.
    First,
    /// Random ones, each at most once, every set of rows equally likely: going from the first row to the last, a row is
    /// kept if a random number below the rows that are left (itself included) is below the number that is still wanted
    /// (C. Fan, M. Muller, I. Rezucha 1962; Knuth's Algorithm S).
    #[default]
    WithoutReplacement,
    /// Random ones, each as often as it is drawn: one random number below the number of rows for each, then sorted.
    WithReplacement,
    /// Random ones, each at most once, of every label its share: see [`stratified`].
    Stratified,
    /// Evenly spaced ones: the rows `floor(i * rows / count)`.
    Decimation,
}

/// How many rows are kept.
///
/// ```
/// use tolzip_reduce::sample::Amount;
///
/// assert_eq!((Amount::Rate(0.25).count(10)?, Amount::Rate(0.001).count(10)?), (3, 1));
/// assert!(Amount::Rate(1.5).count(10).is_err() && Amount::Count(0).count(10).is_err());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Amount {
    /// This share of the rows, above 0 and at most 1: `rows * rate` rounded to the nearest, but at least one row.
    Rate(f64),
    /// This many rows; more than there are only with replacement.
    Count(u64),
}

impl Amount {
    /// The number of rows that are kept of `rows`.
    ///
    /// # Errors
    /// [`Error::BadSetting`] if the rate is outside (0, 1], or the count is 0 and there are rows, or above 0 and there
    /// are none.
    pub fn count(self, rows: u64) -> Result<u64> {
        let bad = |knob, needs| Err(Error::BadSetting { method: METHOD, knob, needs });
        match self {
            // NaN fails too.
            Self::Rate(rate) if !(rate > 0.0 && rate <= 1.0) => bad("rate", "a number above 0, at most 1"),
            Self::Rate(_) if rows == 0 => Ok(0),
            Self::Rate(rate) => Ok(((rows as f64 * rate + 0.5) as u64).clamp(1, rows)),
            Self::Count(0) if rows > 0 => bad("rows", "at least one row"),
            Self::Count(n) if n > 0 && rows == 0 => bad("rows", "0 for an array without rows"),
            Self::Count(n) => Ok(n),
        }
    }
}

/// The rows that are kept of `rows`, in ascending order.
///
/// ```
/// use tolzip_reduce::sample::{Amount, Sampling, rows};
///
/// // The same seed, the same rows: labels in another array are sampled alike.
/// let kept = rows(1000, Amount::Rate(0.1), Sampling::WithoutReplacement, 7)?;
/// assert_eq!(kept, rows(1000, Amount::Rate(0.1), Sampling::WithoutReplacement, 7)?);
/// assert_ne!(kept, rows(1000, Amount::Rate(0.1), Sampling::WithoutReplacement, 8)?);
/// assert!(rows(10, Amount::Count(11), Sampling::First, 0).is_err());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// As [`Amount::count`]; [`Error::BadSetting`] for more rows than there are, unless with replacement;
/// [`Error::OutOfMemory`].
pub fn rows(rows: u64, amount: Amount, mode: Sampling, seed: u64) -> Result<Vec<u64>> {
    if mode == Sampling::Stratified {
        return Err(Error::BadSetting { method: METHOD, knob: "mode", needs: "labels, to be stratified" });
    }
    let count = amount.count(rows)?;
    if count > rows && mode != Sampling::WithReplacement {
        let needs = "at most the number of rows, unless with replacement";
        return Err(Error::BadSetting { method: METHOD, knob: "rows", needs });
    }
    let mut kept = Vec::new();
    let room = usize::try_from(count).ok().map(|n| kept.try_reserve_exact(n));
    if !matches!(room, Some(Ok(()))) {
        return Err(Error::OutOfMemory { bytes: count.saturating_mul(8) });
    }
    let mut random = Generator::new(seed);
    match mode {
        Sampling::First | Sampling::Stratified => kept.extend(0..count),
        Sampling::Decimation => {
            kept.extend((0..count).map(|i| (u128::from(i) * u128::from(rows) / u128::from(count)) as u64));
        }
        Sampling::WithReplacement => {
            kept.extend((0..count).map(|_| random.below(rows)));
            kept.sort_unstable();
        }
        Sampling::WithoutReplacement => {
            let mut wanted = count;
            for row in 0..rows {
                if wanted == 0 {
                    break;
                }
                if random.below(rows - row) < wanted {
                    kept.push(row);
                    wanted -= 1;
                }
            }
        }
    }
    Ok(kept)
}

/// The rows that are kept if every label keeps its share: `count * rows with the label / rows`, rounded down, and one more for
/// the labels with the largest remainders (of equal ones, by lot) until there are `count` rows. Of each label's
/// rows every set is equally likely: as in [`Sampling::WithoutReplacement`], with one series of random numbers for all.
///
/// ```
/// use tolzip_reduce::sample::{Amount, stratified};
///
/// let labels = [5, 5, 5, 5, 9, 9];
/// let kept = stratified(&labels, Amount::Count(3), 0)?;
/// assert_eq!(kept.iter().filter(|&&row| labels[row as usize] == 9).count(), 1);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// As [`rows`].
pub fn stratified(labels: &[u64], amount: Amount, seed: u64) -> Result<Vec<u64>> {
    let rows = labels.len() as u64;
    let count = amount.count(rows)?;
    if count > rows {
        let needs = "at most the number of rows, unless with replacement";
        return Err(Error::BadSetting { method: METHOD, knob: "rows", needs });
    }
    // Labels in order of appearance: how many rows are left, and how many of them are wanted.
    let mut order: BTreeMap<u64, usize> = BTreeMap::new();
    let mut strata: Vec<(u64, u64)> = Vec::new();
    for &label in labels {
        let at = *order.entry(label).or_insert(strata.len());
        if at == strata.len() {
            strata.push((0, 0));
        }
        strata[at].0 += 1;
    }
    let mut random = Generator::new(seed);
    let mut remainders = Vec::with_capacity(strata.len());
    let mut missing = count;
    for (at, (left, wanted)) in strata.iter_mut().enumerate() {
        let share = u128::from(count) * u128::from(*left);
        *wanted = (share / u128::from(rows)) as u64;
        missing -= *wanted;
        remainders.push((core::cmp::Reverse(share % u128::from(rows)), random.below(u64::MAX), at));
    }
    remainders.sort_unstable();
    for &(_, _, at) in remainders.iter().take(missing as usize) {
        strata[at].1 += 1;
    }
    let mut kept = Vec::with_capacity(count as usize);
    for (row, label) in labels.iter().enumerate() {
        let (left, wanted) = &mut strata[order[label]];
        if *wanted > 0 && random.below(*left) < *wanted {
            kept.push(row as u64);
            *wanted -= 1;
        }
        *left -= 1;
    }
    Ok(kept)
}

/// The given rows of an array, in the given order, and the shape of what they make.
///
/// ```
/// use tolzip_core::Shape;
/// use tolzip_reduce::sample::take_rows;
///
/// let (values, shape) = take_rows(&[1, 2, 3, 4, 5, 6], Shape::new(&[3, 2])?, &[0, 2])?;
/// assert_eq!((&values[..], shape), (&[1, 2, 5, 6][..], Shape::new(&[2, 2])?));
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::ShapeMismatch`] if `values` does not fit `shape`, [`Error::NoSuchAxis`] if the shape has no axis,
/// [`Error::BadRegion`] for a row beyond the last, [`Error::ShapeTooLarge`] and [`Error::OutOfMemory`] if rows are
/// repeated too often.
pub fn take_rows<T: Element>(values: &[T], shape: Shape, rows: &[u64]) -> Result<(Vec<T>, Shape)> {
    if values.len() != shape.len() {
        return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
    }
    let mut sides = shape.sides().to_vec();
    let Some(first) = sides.first_mut() else {
        return Err(Error::NoSuchAxis { axis: 0, ndim: 0 });
    };
    let side = core::mem::replace(first, rows.len());
    let kept = Shape::new(&sides)?;
    let width = values.len().checked_div(side).unwrap_or(0);
    let mut out = Vec::new();
    if out.try_reserve_exact(rows.len().saturating_mul(width)).is_err() {
        return Err(Error::OutOfMemory { bytes: (kept.len() as u64).saturating_mul(size_of::<T>() as u64) });
    }
    for &row in rows {
        if row >= side as u64 {
            return Err(Error::BadRegion { axis: 0, end: row.saturating_add(1), side: side as u64 });
        }
        let at = row as usize * width;
        out.extend_from_slice(&values[at..at + width]);
    }
    Ok((out, kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    const MODES: [Sampling; 4] =
        [Sampling::First, Sampling::WithoutReplacement, Sampling::WithReplacement, Sampling::Decimation];

    #[test]
    fn the_choice_never_changes() {
        let ten = |mode| rows(100, Amount::Count(10), mode, 42).unwrap();
        assert_eq!(ten(Sampling::First), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(ten(Sampling::Decimation), [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
        assert_eq!(ten(Sampling::WithoutReplacement), WITHOUT);
        assert_eq!(ten(Sampling::WithReplacement), WITH);
    }

    #[test]
    fn amounts_are_checked() {
        for rate in [0.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(rows(10, Amount::Rate(rate), Sampling::First, 0).is_err());
        }
        assert_eq!(Amount::Rate(1e-9).count(10), Ok(1));
        assert_eq!(Amount::Rate(0.25).count(10), Ok(3));
        assert_eq!(Amount::Rate(1.0).count(u64::MAX), Ok(u64::MAX));
        for mode in MODES {
            assert_eq!(rows(0, Amount::Rate(0.5), mode, 0), Ok(vec![]));
            assert!(rows(10, Amount::Count(0), mode, 0).is_err());
            assert!(rows(0, Amount::Count(1), mode, 0).is_err());
            assert_eq!(rows(10, Amount::Count(11), mode, 0).is_ok(), mode == Sampling::WithReplacement);
            assert!(rows(u64::MAX, Amount::Rate(1.0), mode, 0).is_err());
        }
    }

    #[test]
    fn every_row_is_equally_likely() {
        let mut hits = [[0u32; 7]; 2];
        for seed in 0..7000 {
            for (hits, mode) in hits.iter_mut().zip([Sampling::WithoutReplacement, Sampling::WithReplacement])
            {
                for row in rows(7, Amount::Count(3), mode, seed).unwrap() {
                    hits[row as usize] += 1;
                }
            }
        }
        assert!(hits.iter().flatten().all(|h| (2800..3200).contains(h)), "{hits:?}");
    }

    #[test]
    fn every_label_keeps_its_share() {
        let labels: Vec<u64> = (0..1000).map(|i| if i % 10 == 0 { 7 } else { i % 3 }).collect();
        for seed in 0..20 {
            let kept = stratified(&labels, Amount::Rate(0.1), seed).unwrap();
            assert_eq!(kept.len(), 100);
            assert!(kept.windows(2).all(|w| w[0] < w[1]));
            for label in [0, 1, 2, 7] {
                let of = |rows: &mut dyn Iterator<Item = u64>| rows.filter(|&l| l == label).count();
                let all = of(&mut labels.iter().copied());
                let ours = of(&mut kept.iter().map(|&r| labels[r as usize]));
                assert!(ours * 10 <= all + 10 && ours * 10 + 10 >= all, "{ours} of {all}");
            }
        }
        assert_eq!(stratified(&[], Amount::Rate(0.5), 1), Ok(vec![]));
        assert_eq!(stratified(&[4, 4, 4], Amount::Rate(1.0), 1), Ok(vec![0, 1, 2]));
        assert!(stratified(&[4, 4], Amount::Count(3), 1).is_err());
        assert!(rows(10, Amount::Rate(0.5), Sampling::Stratified, 0).is_err());
    }

    #[test]
    fn rows_are_taken_whole() {
        let values: Vec<i32> = (0..12).collect();
        let shape = Shape::new(&[4, 3]).unwrap();
        let (out, kept) = take_rows(&values, shape, &[1, 3, 3]).unwrap();
        assert_eq!((out, kept.sides()), (vec![3, 4, 5, 9, 10, 11, 9, 10, 11], &[3, 3][..]));
        assert_eq!(take_rows(&values, shape, &[4]), Err(Error::BadRegion { axis: 0, end: 5, side: 4 }));
        assert!(take_rows(&values, shape, &[u64::MAX]).is_err());
        assert!(take_rows(&values[1..], shape, &[0]).is_err());
        assert!(take_rows(&[1.0f32], Shape::new(&[]).unwrap(), &[0]).is_err());
        let empty = Shape::new(&[0, 5]).unwrap();
        assert_eq!(take_rows::<f32>(&[], empty, &[]).unwrap().0, []);
        assert!(take_rows::<f32>(&[], empty, &[0]).is_err());
        let thin = Shape::new(&[5, 0]).unwrap();
        assert_eq!(take_rows::<f32>(&[], thin, &[4]).unwrap().1.sides(), [1, 0]);
    }

    proptest! {
        #[test]
        fn rows_are_ascending_and_as_many_as_asked(n in 1u64..500, rate in 0.001f64..=1.0, seed: u64) {
            for mode in MODES {
                let kept = rows(n, Amount::Rate(rate), mode, seed).unwrap();
                prop_assert_eq!(kept.len() as u64, Amount::Rate(rate).count(n).unwrap());
                prop_assert!(kept.iter().all(|&r| r < n));
                let distinct = mode != Sampling::WithReplacement;
                prop_assert!(kept.windows(2).all(|w| w[0] < w[1] || (!distinct && w[0] == w[1])));
                prop_assert_eq!(&kept, &rows(n, Amount::Count(kept.len() as u64), mode, seed).unwrap());
            }
        }
    }

    // From an independent program that follows the definitions above.
    const WITHOUT: [u64; 10] = [4, 16, 18, 21, 24, 36, 54, 59, 63, 80];
    const WITH: [u64; 10] = [3, 15, 21, 27, 33, 34, 61, 74, 80, 86];
}

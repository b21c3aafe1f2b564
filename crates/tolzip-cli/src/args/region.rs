//! Regions such as `0:64,:,10:20`.

use crate::failure::{Failure, Result};
use std::ops::Range;
use std::str::FromStr;
use tolzip::Shape;

/// A region as it was written: a range per axis, open ends left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region(Vec<(Option<usize>, Option<usize>)>);

impl FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(axis).collect::<Result<_, _>>().map(Self)
    }
}

fn axis(text: &str) -> Result<(Option<usize>, Option<usize>), String> {
    let bad = || {
        format!(
            "{text:?} is no range: write FIRST:END (END excluded), an open end as in 5: or :, or one index, as in 0:64,:,10"
        )
    };
    let end = |part: &str| if part.is_empty() { Ok(None) } else { part.parse().map(Some).map_err(|_| bad()) };
    match text.split_once(':') {
        Some((first, last)) => Ok((end(first)?, end(last)?)),
        None => {
            let index: usize = text.parse().map_err(|_| bad())?;
            Ok((Some(index), Some(index.checked_add(1).ok_or_else(bad)?)))
        }
    }
}

impl Region {
    /// The ranges for an array of this shape.
    pub(crate) fn resolve(&self, shape: Shape) -> Result<Vec<Range<usize>>> {
        if self.0.len() != shape.ndim() {
            return Err(Failure::new(format!(
                "the region has {} ranges, the array has {} dimensions (shape {shape})",
                self.0.len(),
                shape.ndim()
            )));
        }
        let axes = self.0.iter().zip(shape.sides()).enumerate();
        axes.map(|(axis, (&(first, end), &side))| {
            let range = first.unwrap_or(0)..end.unwrap_or(side);
            if range.start > range.end {
                return Err(Failure::new(format!(
                    "region {}:{} along axis {axis} ends before it begins",
                    range.start, range.end
                )));
            }
            if range.end > side {
                return Err(Failure::new(format!(
                    "region {}:{} along axis {axis}, which has indices 0 to {} (shape {shape})",
                    range.start,
                    range.end,
                    side.saturating_sub(1)
                )));
            }
            Ok(range)
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_open_ends_and_single_indices() {
        let region: Region = "0:64,:,10,5:".parse().unwrap();
        let shape = Shape::new(&[100, 7, 20, 9]).unwrap();
        assert_eq!(region.resolve(shape).unwrap(), [0..64, 0..7, 10..11, 5..9]);
        assert!(region.resolve(Shape::new(&[100, 7, 20]).unwrap()).is_err());
        assert!(region.resolve(Shape::new(&[63, 7, 20, 9]).unwrap()).is_err());
        assert!("5:3".parse::<Region>().unwrap().resolve(Shape::line(9)).is_err());
        for bad in ["", "a", "1:2:3", "-1:2", "1,", "99999999999999999999"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }
}

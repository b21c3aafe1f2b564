//! Numbers as they are, compared without the library's own arithmetic: who verifies should not ask the one that is verified.

use tolzip::codecs::Word;
use tolzip::{DType, Element};

/// A finite value, not rounded: integers of up to 64 bits, and what all types of floats hold.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) enum Exact {
    Integer(i128),
    Float(f64),
}

impl Exact {
    pub(crate) fn of<T: Element>(v: T) -> Self {
        let bits = v.to_bits().to_u64();
        // Signed integers stand in the lowest bits.
        let unused = 64 - 8 * size_of::<T>() as u32;
        match T::DTYPE {
            DType::I8 | DType::I16 | DType::I32 | DType::I64 => {
                Self::Integer(i128::from((bits << unused) as i64 >> unused))
            }
            DType::U8 | DType::U16 | DType::U32 | DType::U64 => Self::Integer(i128::from(bits)),
            _ => Self::Float(v.to_f64()),
        }
    }

    /// Whether the two differ by at most `limit`.
    pub(crate) fn is_near(self, other: Self, limit: f64) -> bool {
        match (self, other) {
            // Conversion drops what is behind the point: an integer is at most the limit if it is at most that.
            (Self::Integer(a), Self::Integer(b)) => a.abs_diff(b) <= limit as u128,
            (Self::Float(a), Self::Float(b)) => {
                let (most, least) = if a < b { (b, a) } else { (a, b) };
                // The exact sum of two numbers, by D. Knuth: the nearest f64, and what it is off.
                let difference = most - least;
                let back = most - difference;
                let rest = (most - (difference + back)) + (back - least);
                difference < limit || (difference == limit && rest <= 0.0)
            }
            _ => false,
        }
    }
}

/// Least and greatest of some values, if there are any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Range(pub(crate) Option<(Exact, Exact)>);

impl Range {
    pub(crate) fn see(&mut self, v: Exact) {
        let (min, max) = self.0.unwrap_or((v, v));
        self.0 = Some((if v < min { v } else { min }, if v > max { v } else { max }));
    }

    /// A part of the range, to the nearest f64; 0 of none.
    pub(crate) fn part(self, part: f64) -> f64 {
        match self.0 {
            Some((Exact::Integer(min), Exact::Integer(max))) => part * (max - min) as f64,
            Some((Exact::Float(min), Exact::Float(max))) => {
                let range = max - min;
                (if range.is_finite() { part * range } else { part * max - part * min }).min(f64::MAX)
            }
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_not_rounded() {
        let base = (1i64 << 62) + 511;
        let mut range = Range::default();
        assert_eq!(range.part(1.0), 0.0);
        [base + 600, base, base + 300].into_iter().for_each(|v| range.see(Exact::of(v)));
        assert_eq!(range.part(0.5), 300.0);
        assert!(Exact::of(base).is_near(Exact::of(base + 300), 300.0));
        assert!(!Exact::of(base).is_near(Exact::of(base + 301), 300.9));
        assert!(Exact::of(i64::MIN).is_near(Exact::of(i64::MAX), 2f64.powi(64)));
        assert!(!Exact::of(-3i8).is_near(Exact::of(100i8), 102.5));
        assert!(!Exact::of(0u64).is_near(Exact::of((1u64 << 53) + 1), 2f64.powi(53)));
    }

    #[test]
    fn floats_are_not_rounded() {
        let tiny = 2f64.powi(-60);
        assert!(Exact::of(tiny).is_near(Exact::of(1.0), 1.0));
        assert!(!Exact::of(-tiny).is_near(Exact::of(1.0), 1.0));
        assert!(!Exact::of(1.0).is_near(Exact::of(-tiny), 1.0));
        assert!(Exact::of(1f32).is_near(Exact::of(1.5f32), 0.5));
    }

    #[test]
    fn the_range_of_all_floats_overflows_to_the_largest() {
        let mut range = Range::default();
        [f64::MAX, f64::MIN].into_iter().for_each(|v| range.see(Exact::of(v)));
        assert_eq!((range.part(0.5), range.part(1.0)), (f64::MAX, f64::MAX));
    }
}

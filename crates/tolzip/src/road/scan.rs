//! One pass over the values for what the bound needs to know: the range of the ordinary values, and how many others.

use super::logarithm::function::log2;
use tolzip_core::{Element, Float};

/// What a pass over some values found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scan {
    /// Smallest ordinary value; above `max` if there are none.
    pub(crate) min: f64,
    /// Largest ordinary value.
    pub(crate) max: f64,
    /// How many values are NaN, infinite or the fill value.
    pub(crate) specials: usize,
}

impl Scan {
    /// What is known before any value was seen.
    pub(crate) const EMPTY: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, specials: 0 };

    /// What two passes found together.
    pub(crate) fn merge(self, other: Self) -> Self {
        Self {
            min: if other.min < self.min { other.min } else { self.min },
            max: if other.max > self.max { other.max } else { self.max },
            specials: self.specials + other.specials,
        }
    }

    /// `max - min` as a power of two: -infinity where all ordinary values are one, or there is none.
    pub(crate) fn log2_range(self) -> f64 {
        if self.min < self.max { log2(self.max * 0.5 - self.min * 0.5) + 1.0 } else { f64::NEG_INFINITY }
    }

    /// `part * (max - min)`, without overflow on the way; 0 where there is no ordinary value.
    pub(crate) fn of_range(self, part: f64) -> f64 {
        if self.min > self.max {
            return 0.0;
        }
        let range = self.max - self.min;
        let bound = if range.is_finite() { part * range } else { part * self.max - part * self.min };
        // Both roundings are to nearest: two steps down are at or below the exact product.
        let bound = if part == 0.0 { bound } else { bound.next_down().next_down().max(0.0) };
        if bound.is_finite() { bound } else { f64::MAX }
    }
}

/// Scans the values. `fill` is the bit pattern of the value that means "missing".
pub(crate) fn scan<T: Element>(values: &[T], fill: Option<T::Bits>) -> Scan {
    if let Some(fill) = fill {
        return scan_with_fill(values, fill);
    }
    let mut all = Scan::EMPTY;
    // In blocks, so that types which are not their own carrier never need a second copy of the array.
    for block in values.chunks(1 << 14) {
        all = all.merge(scan_floats(&T::as_carriers(block)));
    }
    all
}

/// Whether a value is neither NaN, infinite nor the fill value.
pub(crate) fn ordinary<T: Element>(value: T, fill: Option<T::Bits>) -> bool {
    value.is_finite() && fill != Some(value.to_bits())
}

fn scan_with_fill<T: Element>(values: &[T], fill: T::Bits) -> Scan {
    let mut all = Scan::EMPTY;
    for &v in values {
        if ordinary(v, Some(fill)) {
            let x = v.to_f64();
            all.min = if x < all.min { x } else { all.min };
            all.max = if x > all.max { x } else { all.max };
        } else {
            all.specials += 1;
        }
    }
    all
}

fn scan_floats<C: Float>(values: &[C]) -> Scan {
    let Some((min, max, specials)) = tolzip_simd::range::range(values) else {
        return Scan { specials: values.len(), ..Scan::EMPTY };
    };
    Scan { min: min.to_f64(), max: max.to_f64(), specials }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::F16;

    #[test]
    fn ranges_leave_out_what_is_not_ordinary() {
        let mut x: alloc::vec::Vec<f32> = (0..1000).map(|i| i as f32).collect();
        x[500] = f32::NAN;
        x[501] = f32::NEG_INFINITY;
        x[999] = 1e20;
        assert_eq!(scan(&x, Some(1e20f32.to_bits())), Scan { min: 0.0, max: 998.0, specials: 3 });
        assert_eq!(scan(&x, None), Scan { min: 0.0, max: f64::from(1e20f32), specials: 2 });
        assert_eq!(scan(&[f64::NAN; 40], None).specials, 40);
        assert_eq!(scan::<f32>(&[], None), Scan::EMPTY);
        assert_eq!(
            scan(&[F16(0x3c00), F16(0x7c00), F16(0xc000)], None),
            Scan { min: -2.0, max: 1.0, specials: 1 }
        );
        assert_eq!(scan(&[3u8, 250, 7], None), Scan { min: 3.0, max: 250.0, specials: 0 });
    }

    #[test]
    fn huge_ranges_do_not_overflow() {
        let s = scan(&[f64::MAX, f64::MIN], None);
        assert_eq!(s.of_range(0.25), (f64::MAX / 2.0).next_down().next_down());
        assert!(s.of_range(3.0).is_finite() && s.of_range(3.0) > 1.7e308);
        assert_eq!(Scan::EMPTY.of_range(1.0), 0.0);
    }
}

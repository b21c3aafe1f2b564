//! One pass over the values for what the bound needs to know: the range of the ordinary values, and how many others.

use super::logarithm::function::log2;
use tolzip_core::{DType, Element, Float, Word};

/// What a pass over some values found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scan {
    /// Smallest ordinary value, to the nearest f64; above `max` if there are none.
    pub(crate) min: f64,
    /// Largest ordinary value, to the nearest f64.
    pub(crate) max: f64,
    /// What the two are less than the values themselves: not 0 only of 64-bit integers. Times of a clock in nanoseconds are
    /// above 2^60, and may lie in a range that is less than the distance of two f64 there.
    rests: [f64; 2],
    /// How many values are NaN, infinite or the fill value.
    pub(crate) specials: usize,
}

impl Scan {
    /// What is known before any value was seen.
    pub(crate) const EMPTY: Self =
        Self { min: f64::INFINITY, max: f64::NEG_INFINITY, rests: [0.0; 2], specials: 0 };

    /// One ordinary value was seen.
    pub(crate) fn see<T: Element>(&mut self, v: T) {
        *self = self.merge(Self { min: v.to_f64(), max: v.to_f64(), rests: [rest(v); 2], specials: 0 });
    }

    /// What two passes found together.
    pub(crate) fn merge(self, other: Self) -> Self {
        // Rounding keeps the order, so only a tie asks for what was rounded away.
        let ([low, high], [less, more]) = (self.rests, other.rests);
        let (min, low) =
            if (other.min, less) < (self.min, low) { (other.min, less) } else { (self.min, low) };
        let (max, high) =
            if (other.max, more) > (self.max, high) { (other.max, more) } else { (self.max, high) };
        Self { min, max, rests: [low, high], specials: self.specials + other.specials }
    }

    /// `max - min` of what was rounded away.
    fn rest(self) -> f64 {
        self.rests[1] - self.rests[0]
    }

    /// `max - min` as a power of two: -infinity where all ordinary values are one, or there is none.
    pub(crate) fn log2_range(self) -> f64 {
        let half = (self.max * 0.5 - self.min * 0.5) + self.rest() * 0.5;
        if half > 0.0 { log2(half) + 1.0 } else { f64::NEG_INFINITY }
    }

    /// `part * (max - min)`, without overflow on the way; 0 where there is no ordinary value.
    pub(crate) fn of_range(self, part: f64) -> f64 {
        if self.min > self.max {
            return 0.0;
        }
        let range = (self.max - self.min) + self.rest();
        let bound = if range.is_finite() { part * range } else { part * self.max - part * self.min };
        // All roundings are to nearest: so many steps down are at or below the exact product. Where there are rests, the first
        // difference is rounded too.
        let steps = if self.rest() == 0.0 { 2 } else { 3 };
        let lower = (0..steps).fold(bound, |bound, _| bound.next_down()).max(0.0);
        let bound = if part == 0.0 { bound } else { lower };
        if bound.is_finite() { bound } else { f64::MAX }
    }
}

/// Scans the values. `fill` is the bit pattern of the value that means "missing".
pub(crate) fn scan<T: Element>(values: &[T], fill: Option<T::Bits>) -> Scan {
    if let Some(fill) = fill {
        return scan_with_fill(values, fill);
    }
    if !T::DTYPE.is_float() && T::DTYPE.size() == 8 {
        return scan_integers(values);
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
            all.see(v);
        } else {
            all.specials += 1;
        }
    }
    all
}

/// What a 64-bit integer is more than the nearest f64; 0 of other types.
fn rest<T: Element>(v: T) -> f64 {
    let bits = v.to_bits().to_u64();
    let exact = match T::DTYPE {
        DType::I64 => i128::from(bits as i64),
        DType::U64 => i128::from(bits),
        _ => return 0.0,
    };
    (exact - v.to_f64() as i128) as f64
}

/// Of 64-bit integers: all are compared as u64, in the same order.
fn scan_integers<T: Element>(values: &[T]) -> Scan {
    let sign = if T::DTYPE == DType::I64 { 1 << 63 } else { 0 };
    let (mut least, mut most) = (u64::MAX, 0);
    for v in values {
        let key = v.to_bits().to_u64() ^ sign;
        least = least.min(key);
        most = most.max(key);
    }
    let mut all = Scan::EMPTY;
    if !values.is_empty() {
        all.see(T::from_bits(T::Bits::from_u64(least ^ sign)));
        all.see(T::from_bits(T::Bits::from_u64(most ^ sign)));
    }
    all
}

fn scan_floats<C: Float>(values: &[C]) -> Scan {
    let Some((min, max, specials)) = tolzip_simd::range::range(values) else {
        return Scan { specials: values.len(), ..Scan::EMPTY };
    };
    Scan { min: min.to_f64(), max: max.to_f64(), specials, ..Scan::EMPTY }
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
        let found = |min: f64, max: f64, specials| Scan { min, max, specials, ..Scan::EMPTY };
        assert_eq!(scan(&x, Some(1e20f32.to_bits())), found(0.0, 998.0, 3));
        assert_eq!(scan(&x, None), found(0.0, f64::from(1e20f32), 2));
        assert_eq!(scan(&[f64::NAN; 40], None).specials, 40);
        assert_eq!(scan::<f32>(&[], None), Scan::EMPTY);
        assert_eq!(scan(&[F16(0x3c00), F16(0x7c00), F16(0xc000)], None), found(-2.0, 1.0, 1));
        assert_eq!(scan(&[3u8, 250, 7], None), found(3.0, 250.0, 0));
    }

    #[test]
    fn ranges_of_large_integers_are_exact() {
        let times: alloc::vec::Vec<i64> = (0..1000).map(|i| 1_760_000_000_000_000_001 + i).collect();
        let near = |bound: f64, exact: f64| bound <= exact && bound > exact * (1.0 - 1e-15);
        for found in
            [scan(&times, None), scan(&times, Some(0)), scan(&times[..1], None).merge(scan(&times, None))]
        {
            assert!(near(found.of_range(1.0), 999.0), "{found:?}");
            assert!((found.log2_range() - 999f64.log2()).abs() < 1e-12);
        }
        assert_eq!(scan(&[i64::MAX, i64::MAX], None).of_range(1.0), 0.0);
        assert_eq!(scan(&[i64::MAX, i64::MAX - 1], None).log2_range(), 0.0);
        assert!(near(scan(&[u64::MAX, 0, 5], None).of_range(1.0), u64::MAX as f64));
        assert!(near(scan(&[i64::MIN, i64::MAX], None).of_range(0.5), 2f64.powi(63)));
        assert_eq!(scan::<u64>(&[], None), Scan::EMPTY);
    }

    #[test]
    fn huge_ranges_do_not_overflow() {
        let s = scan(&[f64::MAX, f64::MIN], None);
        assert_eq!(s.of_range(0.25), (f64::MAX / 2.0).next_down().next_down());
        assert!(s.of_range(3.0).is_finite() && s.of_range(3.0) > 1.7e308);
        assert_eq!(Scan::EMPTY.of_range(1.0), 0.0);
    }
}

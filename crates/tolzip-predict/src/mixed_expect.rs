//! What the integers around one let expect of it.

/// Integers around the current one.
pub(crate) const AROUND: usize = 9;

/// Expectations are multiples of 1/16.
pub(crate) const UNIT: i32 = 16;

/// Over how many integers costs are compared, as a power of two.
const MEMORY: u32 = 8;

/// A weighted sum of the integers around, adapted to come close to the next one: normalised least mean squares (Nagumo
/// and Noda, "A learning method for system identification", 1967), where the norm is a power of two.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expectation {
    /// Times 2^16.
    weights: [i32; AROUND],
    /// Sums of the latest integers' magnitudes, and of what is left of them when expectations are subtracted.
    costs: [i64; 2],
}

impl Expectation {
    /// In units of 1/16.
    #[inline]
    pub(crate) fn of(&self, around: &[i32; AROUND]) -> i32 {
        let products = self.weights.iter().zip(around).map(|(&w, &x)| i64::from(w) * i64::from(x));
        (products.sum::<i64>() >> 12).clamp(-1 << 20, 1 << 20) as i32
    }

    /// Whether subtracting expectations has made the latest integers smaller.
    pub(crate) const fn pays(&self) -> bool {
        self.costs[1] < self.costs[0]
    }

    /// Learns from the integer that was found, of magnitude below 2^15.
    #[inline]
    pub(crate) fn learn(&mut self, around: &[i32; AROUND], expected: i32, found: i32) {
        let error = (found * UNIT - expected).clamp(-(UNIT << 15), UNIT << 15);
        for (cost, new) in self.costs.iter_mut().zip([found * UNIT, error]) {
            *cost += i64::from(new.unsigned_abs()) - (*cost >> MEMORY);
        }
        let norm = around.iter().fold(16i64, |sum, &x| sum + i64::from(x) * i64::from(x));
        let step = (i64::from(error) << 17) >> (64 - norm.leading_zeros());
        for (w, &x) in self.weights.iter_mut().zip(around) {
            *w = w.wrapping_add(((step * i64::from(x)) >> 12) as i32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_what_is_regular() {
        // Every integer is its left neighbour less the one before: a sequence of period six.
        let (mut a, mut b) = (40, -17);
        let mut expectation = Expectation::default();
        let mut last = 0;
        for _ in 0..3000 {
            let found = b - a;
            let around = [b, a, 0, 0, 0, 0, 0, 0, 0];
            let expected = expectation.of(&around);
            last = (found * UNIT - expected).abs();
            expectation.learn(&around, expected, found);
            (a, b) = (b, found);
        }
        assert!(last <= UNIT, "off by {last}/16");
        assert!(expectation.pays());
    }

    #[test]
    fn extremes_do_not_overflow() {
        let mut expectation = Expectation::default();
        for i in 0..2000 {
            let around = [if i % 3 == 0 { 32767 } else { -32767 }; AROUND];
            let expected = expectation.of(&around);
            expectation.learn(&around, expected, if i % 2 == 0 { 32767 } else { -32767 });
        }
    }
}

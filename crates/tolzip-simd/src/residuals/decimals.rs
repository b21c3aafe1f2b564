//! Floats that are decimals: `k / 10^e`, rounded once, with an integer `k`.

use super::versions;
use crate::lane::Lane;
use tolzip_core::{Element, Float};

/// Adding and subtracting 1.5 * 2^52 rounds a float below 2^51 to an integer, ties to even.
const MAGIC: f64 = 6_755_399_441_055_744.0;

versions! {
    /// For each word the integer `k` for which `k / power` is its float, or what looks most like it; how many words have
    /// none, which `exceptions` marks with 1 and others with 0. Integers are below 2^51 and, for words of 32 bits, 2^31.
    ///
    /// # Panics
    /// If the slices differ in length.
    to_decimals<W: Lane>(words: &[W], power: f64, integers: &mut [W], exceptions: &mut [u8]) -> usize {
        assert!(words.len() == integers.len() && words.len() == exceptions.len());
        let mut total = 0u64;
        let limit = if W::BITS < 64 { 2_147_483_647.0 } else { 2_251_799_813_685_247.0 };
        for ((&w, k), e) in words.iter().zip(integers).zip(exceptions) {
            let scaled = w.float().to_f64() * power;
            // False for NaN as well.
            let small = scaled.abs() < limit;
            let shifted = if small { scaled } else { 0.0 } + MAGIC;
            let rounded = shifted - MAGIC;
            let same = W::unfloat(W::Float::from_f64(rounded / power)) == w;
            *k = W::from_u64(shifted.to_bits().wrapping_sub(MAGIC.to_bits()));
            let other = u8::from(!(small && same));
            *e = other;
            total += u64::from(other);
        }
        total as usize
    }
}

versions! {
    /// Replaces signed integers by the floats `k / power`.
    from_decimals<W: Lane>(words: &mut [W], power: f64) {
        let unused = 64 - W::BITS;
        for w in words {
            let k = ((w.to_u64() << unused) as i64) >> unused;
            *w = W::unfloat(W::Float::from_f64(k as f64 / power));
        }
    }
}

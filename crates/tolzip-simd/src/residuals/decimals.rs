//! Floats that are decimals: `k / 10^e`, rounded once, with an integer `k`; or multiples of such.

use super::versions;
use crate::lane::Lane;
use tolzip_core::{Element, Float};

/// Adding and subtracting 1.5 * 2^52 rounds a float below 2^51 to an integer, ties to even.
const MAGIC: f64 = 6_755_399_441_055_744.0;

versions! {
    /// For each word the integer `k` for which `k * multiple / power` is its float, or what looks most like it; how many
    /// words have none, which `exceptions` marks with 1 and others with 0. `multiple` is a whole number; its products with
    /// integers found are below 2^51 and the integers, for words of 32 bits, below 2^31. Negative ones, -0 among them, have
    /// all bits of their magnitude inverted.
    ///
    /// # Panics
    /// If the slices differ in length.
    to_decimals<W: Lane>(words: &[W], power: f64, multiple: f64, integers: &mut [W], exceptions: &mut [u8]) -> usize {
        assert!(words.len() == integers.len() && words.len() == exceptions.len());
        let mut total = 0u64;
        let limit = if W::BITS < 64 { 2_147_483_647.0 } else { 2_251_799_813_685_247.0 };
        let inverse = power / multiple;
        for ((&w, k), e) in words.iter().zip(integers).zip(exceptions) {
            let sign = w.sar(W::BITS - 1);
            let magnitude = w.shl(1).shr(1);
            let x = magnitude.float().to_f64();
            let scaled = x * inverse;
            // False for NaN as well.
            let small = scaled < limit && x * power < 2_251_799_813_685_247.0;
            let shifted = if small { scaled } else { 0.0 } + MAGIC;
            let rounded = shifted - MAGIC;
            let same = W::unfloat(W::Float::from_f64(rounded * multiple / power)) == magnitude;
            *k = W::from_u64(shifted.to_bits().wrapping_sub(MAGIC.to_bits())) ^ sign;
            let other = u8::from(!(small && same));
            *e = other;
            total += u64::from(other);
        }
        total as usize
    }
}

versions! {
    /// Replaces integers by the floats `k * multiple / power`. Negative ones are, if `inverted`, magnitudes with all bits
    /// inverted.
    from_decimals<W: Lane>(words: &mut [W], power: f64, multiple: f64, inverted: bool) {
        let unused = 64 - W::BITS;
        for w in words {
            let k = ((w.to_u64() << unused) as i64) >> unused;
            let sign = if inverted { k >> 63 } else { 0 };
            let float = W::unfloat(W::Float::from_f64((k ^ sign) as f64 * multiple / power));
            *w = float ^ W::from_u64(sign as u64).shl(W::BITS - 1);
        }
    }
}

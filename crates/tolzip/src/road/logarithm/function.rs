//! The base-2 logarithm and its inverse by + - * / and bit patterns only, in one written order, so that every machine
//! gets the same bits. Loops over slices of them become vector code.

use core::f64::consts::LN_2;

/// The bits of sqrt(1/2): mantissas are taken from there to sqrt(2), where the series converges fastest.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const MANTISSA: u64 = (1 << 52) - 1;
/// 2^52 in the exponent's place: with an integer below as mantissa, minus 2^52, it is that integer.
const TWO_52: f64 = 4_503_599_627_370_496.0;
/// Added and subtracted, it rounds to the nearest integer, ties to even; the sum's low bits are that integer.
const ROUND: f64 = 1.5 * TWO_52;

/// `2 atanh(s) = ln((1 + s) / (1 - s))` for |s| up to 0.172, to about one unit in the last place.
#[inline]
fn ln_of_quotient(s: f64) -> f64 {
    let z = s * s;
    let mut sum = 1.0 / 23.0;
    sum = sum * z + 1.0 / 21.0;
    sum = sum * z + 1.0 / 19.0;
    sum = sum * z + 1.0 / 17.0;
    sum = sum * z + 1.0 / 15.0;
    sum = sum * z + 1.0 / 13.0;
    sum = sum * z + 1.0 / 11.0;
    sum = sum * z + 1.0 / 9.0;
    sum = sum * z + 1.0 / 7.0;
    sum = sum * z + 1.0 / 5.0;
    sum = sum * z + 1.0 / 3.0;
    2.0 * s + 2.0 * s * (sum * z)
}

/// The logarithm of a finite number above 0, to about one unit in the last place of the result. For anything else some
/// number.
#[inline]
pub(crate) fn log2(x: f64) -> f64 {
    // Denormals are made normal first.
    let (x, less) = if x < f64::MIN_POSITIVE { (x * (TWO_52 * 4096.0), 64.0) } else { (x, 0.0) };
    let t = x.to_bits().wrapping_add((1023 << 52) - SQRT_HALF);
    let exponent = f64::from_bits((t >> 52) | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    let m = f64::from_bits((t & MANTISSA).wrapping_add(SQRT_HALF));
    (exponent - less) + ln_of_quotient((m - 1.0) / (m + 1.0)) * (1.0 / LN_2)
}

/// `ln(1 + e)` for `e` from 0 to 1, accurate also where `1 + e` would round to 1.
pub(super) fn ln_1p(e: f64) -> f64 {
    if e < 0.3 { ln_of_quotient(e / (2.0 + e)) } else { log2(1.0 + e) * LN_2 }
}

/// 2 to the power of `y`, to about one unit in the last place; 0 or infinity beyond the range of f64. Any `y` gives some
/// number that is not negative: NaN counts as -infinity.
#[inline]
pub(crate) fn exp2(y: f64) -> f64 {
    let y = if y > -1100.0 { y } else { -1100.0 };
    let y = if y < 1100.0 { y } else { 1100.0 };
    let n = (y + ROUND) - ROUND;
    let u = (y - n) * LN_2;
    let mut sum = 1.0 / 6_227_020_800.0;
    sum = sum * u + 1.0 / 479_001_600.0;
    sum = sum * u + 1.0 / 39_916_800.0;
    sum = sum * u + 1.0 / 3_628_800.0;
    sum = sum * u + 1.0 / 362_880.0;
    sum = sum * u + 1.0 / 40_320.0;
    sum = sum * u + 1.0 / 5040.0;
    sum = sum * u + 1.0 / 720.0;
    sum = sum * u + 1.0 / 120.0;
    sum = sum * u + 1.0 / 24.0;
    sum = sum * u + 1.0 / 6.0;
    sum = sum * u + 0.5;
    sum = sum * u + 1.0;
    sum = sum * u + 1.0;
    // In two factors, each a normal number.
    let half = n * 0.5 + ROUND;
    let rest = (n - (half - ROUND)) + ROUND;
    let power = |rounded: f64| f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52);
    sum * power(half) * power(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn close_to_the_real_ones(bits in 1u64..0x7ff0_0000_0000_0000, y in -1073.9f64..1023.9) {
            let x = f64::from_bits(bits);
            let (found, exact) = (log2(x), x.log2());
            prop_assert!((found - exact).abs() <= 4e-16 * exact.abs().max(1.0), "{x}: {found} {exact}");
            let (found, exact) = (exp2(y), y.exp2());
            prop_assert!((found - exact).abs() <= 8e-16 * exact + 5e-324, "{y}: {found} {exact}");
        }
    }

    #[test]
    fn powers_of_two_are_exact() {
        for n in -1074i32..1024 {
            let x = exp2(f64::from(n));
            let bits = if n < -1022 { 1 << (n + 1074) } else { ((n + 1023) as u64) << 52 };
            assert_eq!(x.to_bits(), bits, "{n}");
            assert_eq!(log2(x), f64::from(n));
        }
        assert_eq!((exp2(f64::NAN), exp2(-2000.0), exp2(2000.0)), (0.0, 0.0, f64::INFINITY));
        for e in [1e-300, 1e-16, 1e-3, 0.299, 0.3, 1.0] {
            assert!((ln_1p(e) / e.ln_1p() - 1.0).abs() < 1e-15, "{e}");
        }
    }
}

//! Sizes in bits without the mathematical library: integers only, so that every machine chooses alike.

/// Fraction bits of the costs here.
pub(crate) const FRACTION: u32 = 8;

/// `log2(n)` for n > 0 in units of 2^-16, exact to about 2^-12; 0 for 0.
pub(crate) fn log2(n: u32) -> u64 {
    if n == 0 {
        return 0;
    }
    let exponent = 31 - n.leading_zeros();
    // 16 fraction bits of n / 2^exponent - 1.
    let x = ((u64::from(n) << 32 >> exponent) - (1 << 32)) >> 16;
    // log2(1 + x) = x + c x (1 - x) (1 + d (1/2 - x)): right at both ends, 0.0009 off at most.
    let bow = x * (65536 - x) >> 16;
    let tilt = 65536 + (32768 - x as i64) * 24 / 100;
    let fraction = x + (bow * 22510 / 65536 * tilt as u64 >> 16);
    (u64::from(exponent) << 16) + fraction
}

/// Order-0 entropy of symbols that occur `counts` times, in all, in units of 2^-[`FRACTION`] bits.
pub(crate) fn entropy(counts: impl Iterator<Item = u32>) -> u64 {
    let (mut total, mut sum) = (0u64, 0u64);
    for n in counts {
        total += u64::from(n);
        sum += u64::from(n) * log2(n);
    }
    let all = total * log2(u32::try_from(total).unwrap_or(u32::MAX));
    all.saturating_sub(sum) >> (16 - FRACTION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_close() {
        for n in (1..100_000u32).chain([u32::MAX - 1, u32::MAX]) {
            let exact = f64::from(n).log2() * 65536.0;
            assert!((log2(n) as f64 - exact).abs() < 100.0, "{n}: {} {exact}", log2(n));
        }
        assert_eq!(log2(1 << 20), 20 << 16);
    }

    #[test]
    fn entropy_of_equal_symbols_is_their_number_of_bits() {
        assert_eq!(entropy([7u32; 16].into_iter()), (7 * 16 * 4) << FRACTION);
        assert_eq!(entropy([0, 9, 0].into_iter()), 0);
    }
}

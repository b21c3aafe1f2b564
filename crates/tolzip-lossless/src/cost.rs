//! Sizes in bits without the mathematical library: integers only, so that every machine chooses alike.

/// Fraction bits of the costs here.
pub(crate) const FRACTION: u32 = 8;

/// `log2(1 + i / 64)` in units of 2^-16, by repeated squaring.
const LOGS: [u64; 65] = {
    let mut logs = [0; 65];
    let mut i = 0;
    while i < 64 {
        // 1 + i / 64 with 32 fraction bits.
        let mut x = (64 + i as u64) << 26;
        let mut bit = 0;
        while bit < 16 {
            x = ((x as u128 * x as u128) >> 32) as u64;
            logs[i] <<= 1;
            if x >= 2 << 32 {
                x >>= 1;
                logs[i] |= 1;
            }
            bit += 1;
        }
        i += 1;
    }
    logs[64] = 1 << 16;
    logs
};

/// `n log2(n)` of the usual small counts, in units of 2^-16.
const SMALL: [u32; 512] = {
    let mut all = [0; 512];
    let mut n = 1;
    while n < all.len() {
        all[n] = n as u32 * log2(n as u32) as u32;
        n += 1;
    }
    all
};

/// `log2(n)` in units of 2^-16, exact to about 2^-14; 0 for 0.
pub(crate) const fn log2(n: u32) -> u64 {
    if n == 0 {
        return 0;
    }
    let exponent = 31 - n.leading_zeros();
    // 32 bits behind the leading one.
    let rest = ((n as u64) << (32 - exponent)) & 0xffff_ffff;
    let (cell, part) = ((rest >> 26) as usize, rest >> 10 & 0xffff);
    let low = LOGS[cell];
    ((exponent as u64) << 16) + low + (((LOGS[cell + 1] - low) * part) >> 16)
}

/// Order-0 entropy of symbols that occur `counts` times, in all, in units of 2^-[`FRACTION`] bits.
pub(crate) fn entropy(counts: impl Iterator<Item = u32>) -> u64 {
    let (mut total, mut sum) = (0u64, 0u64);
    for n in counts {
        total += u64::from(n);
        sum += match SMALL.get(n as usize) {
            Some(&known) => u64::from(known),
            None => u64::from(n) * log2(n),
        };
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
            assert!((log2(n) as f64 - exact).abs() < 6.0, "{n}: {} {exact}", log2(n));
        }
        assert_eq!(log2(1 << 20), 20 << 16);
    }

    #[test]
    fn entropy_of_equal_symbols_is_their_number_of_bits() {
        assert_eq!(entropy([7u32; 16].into_iter()), (7 * 16 * 4) << FRACTION);
        assert_eq!(entropy([0, 9, 0].into_iter()), 0);
    }
}

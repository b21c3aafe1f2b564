//! Logarithms in integers, so that every machine weighs alternatives alike.

/// log2 of 1 + i/256 in units of 1/256, rounded down.
const FRACTIONS: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        // Squaring doubles the logarithm: each step yields one more bit of it.
        let mut x = (256 + i as u64) << 22;
        let mut bits = 0u8;
        let mut n = 0;
        while n < 8 {
            x = (x * x) >> 30;
            bits <<= 1;
            if x >= 1 << 31 {
                bits |= 1;
                x >>= 1;
            }
            n += 1;
        }
        table[i] = bits;
        i += 1;
    }
    table
};

/// log2 of `x` in units of 1/256, rounded down; 0 for 0.
#[inline]
pub(crate) const fn log2(x: u64) -> u32 {
    if x == 0 {
        return 0;
    }
    let exponent = 63 - x.leading_zeros();
    let mantissa = (x << (63 - exponent)) >> 55;
    256 * exponent + FRACTIONS[(mantissa & 255) as usize] as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_to_the_real_one() {
        for x in (1..5000u64).chain((1..64).map(|s| u64::MAX >> s)) {
            let exact = (x as f64).log2() * 256.0;
            assert!((f64::from(log2(x)) - exact).abs() < 2.6, "{x}");
        }
    }
}

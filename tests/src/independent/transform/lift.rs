//! From a block's coefficients to its values.

/// The bits of a block's values, by index, from its coefficients in negabinary.
pub(super) fn values(coefficients: &[u64], exponent: i64, double: bool) -> Vec<u64> {
    let width: i64 = if double { 64 } else { 32 };
    // Kept within the width after every step, as signed numbers.
    let wrap = |v: i128| (v << (128 - width)) >> (128 - width);
    let alternating = if double { 0xaaaa_aaaa_aaaa_aaaa } else { 0xaaaa_aaaa };
    let mut block: Vec<i128> =
        coefficients.iter().map(|&u| wrap(i128::from(u ^ alternating) - i128::from(alternating))).collect();
    let mut step = block.len() / 4;
    while step > 0 {
        for i in (0..block.len()).filter(|i| (i / step).is_multiple_of(4)) {
            let at = [i, i + step, i + 2 * step, i + 3 * step];
            let [mut x, mut y, mut z, mut w] = at.map(|i| block[i]);
            y = wrap(y + (w >> 1));
            w = wrap(w - (y >> 1));
            y = wrap(y + w);
            w = wrap(2 * w - y);
            z = wrap(z + x);
            x = wrap(2 * x - z);
            y = wrap(y + z);
            z = wrap(2 * z - y);
            w = wrap(w + x);
            x = wrap(2 * x - w);
            for (i, v) in at.into_iter().zip([x, y, z, w]) {
                block[i] = v;
            }
        }
        step /= 4;
    }
    let power = exponent - width + 2;
    block
        .into_iter()
        .map(|v| {
            if double {
                (v as f64 * power_of_two(power)).to_bits()
            } else {
                u64::from((v as f32 * power_of_two(power) as f32).to_bits())
            }
        })
        .collect()
}

/// The nearest f64, ties to even: halved or doubled from 1, where only the step below the smallest denormal rounds.
fn power_of_two(e: i64) -> f64 {
    let factor = if e < 0 { 0.5 } else { 2.0 };
    (0..e.abs()).fold(1.0, |p, _| p * factor)
}

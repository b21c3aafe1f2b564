//! From a block's coefficients to its values.

/// The bits of a block's values, by index, from its coefficients in negabinary.
pub(super) fn values(coefficients: &[u64], exponent: i64, double: bool) -> Vec<u64> {
    let wrap = wrapped(double);
    let block = lines(integers(coefficients, double), |[mut x, mut y, mut z, mut w]| {
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
        [x, y, z, w]
    });
    block.into_iter().map(|v| scaled(v, exponent, double)).collect()
}

/// The same in reversible mode, of a block with an exponent or of one of bit patterns.
pub(super) fn summed(coefficients: &[u64], exponent: Option<i64>, double: bool) -> Vec<u64> {
    let wrap = wrapped(double);
    let block = lines(integers(coefficients, double), |[x, mut y, mut z, mut w]| {
        w = wrap(w + z);
        z = wrap(z + y);
        w = wrap(w + z);
        y = wrap(y + x);
        z = wrap(z + y);
        w = wrap(w + z);
        [x, y, z, w]
    });
    let ones = if double { u64::MAX } else { u64::from(u32::MAX) };
    let value = |v: i128| match exponent {
        Some(exponent) => scaled(v, exponent, double),
        None if v < 0 => (v as u64 & ones) ^ (ones >> 1),
        None => v as u64,
    };
    block.into_iter().map(value).collect()
}

/// Keeps numbers within the type's bits, as signed ones.
fn wrapped(double: bool) -> impl Fn(i128) -> i128 {
    let width = if double { 64 } else { 32 };
    move |v| (v << (128 - width)) >> (128 - width)
}

fn integers(coefficients: &[u64], double: bool) -> Vec<i128> {
    let wrap = wrapped(double);
    let alternating = if double { 0xaaaa_aaaa_aaaa_aaaa } else { 0xaaaa_aaaa };
    coefficients.iter().map(|&u| wrap(i128::from(u ^ alternating) - i128::from(alternating))).collect()
}

/// Lines of four along each axis, the slowest first.
fn lines(mut block: Vec<i128>, line: impl Fn([i128; 4]) -> [i128; 4]) -> Vec<i128> {
    let mut step = block.len() / 4;
    while step > 0 {
        for i in (0..block.len()).filter(|i| (i / step).is_multiple_of(4)) {
            let at = [i, i + step, i + 2 * step, i + 3 * step];
            for (i, v) in at.into_iter().zip(line(at.map(|i| block[i]))) {
                block[i] = v;
            }
        }
        step /= 4;
    }
    block
}

fn scaled(v: i128, exponent: i64, double: bool) -> u64 {
    if double {
        (v as f64 * power_of_two(exponent - 62)).to_bits()
    } else {
        u64::from((v as f32 * power_of_two(exponent - 30) as f32).to_bits())
    }
}

/// The nearest f64, ties to even: halved or doubled from 1, where only the step below the smallest denormal rounds.
fn power_of_two(e: i64) -> f64 {
    let factor = if e < 0 { 0.5 } else { 2.0 };
    (0..e.abs()).fold(1.0, |p, _| p * factor)
}

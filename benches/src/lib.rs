//! Fields to measure on: generated, so that every machine measures the same work.

/// A smooth field with structure on several scales and a little noise, of this shape (slow to fast).
#[must_use]
pub fn field(sides: &[usize]) -> Vec<f32> {
    let n: usize = sides.iter().product();
    let mut noise = 0x9e37_79b9_7f4a_7c15u64;
    let mut values = Vec::with_capacity(n);
    for i in 0..n {
        let (mut rest, mut sum, mut product) = (i, 0.0f64, 1.0f64);
        for (d, &side) in sides.iter().enumerate().rev() {
            let x = (rest % side) as f64 / side as f64;
            rest /= side;
            sum += (x * (7.0 + 3.0 * d as f64)).sin();
            product *= (x * (23.0 + 11.0 * d as f64)).cos();
        }
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        let grain = (noise >> 40) as f64 / (1u64 << 24) as f64 - 0.5;
        values.push((sum + 0.2 * product + 2e-4 * grain) as f32);
    }
    values
}

//! Predictions undone.

use super::mask;

pub(super) struct Prediction {
    pub(super) width: usize,
    pub(super) shift: u32,
    pub(super) degrees: [usize; 4],
    pub(super) float: bool,
    pub(super) magnitude: bool,
}

impl Prediction {
    /// The integer of a word, its sign copied to 64 bits.
    fn integer(&self, word: u64) -> i64 {
        let unused = 64 - 8 * self.width as u32;
        let k = ((word << unused) as i64) >> unused >> self.shift;
        if self.magnitude && k < 0 { k ^ self.inverted() } else { k }
    }

    /// All bits of an integer but the topmost `shift + 1` of the word.
    fn inverted(&self) -> i64 {
        let low = 8 * self.width as u32 - self.shift - 1;
        ((1u64 << low) - 1) as i64
    }

    fn word(&self, k: i64) -> u64 {
        let unused = 64 - 8 * self.width as u32 + self.shift;
        let k = (k << unused) >> unused;
        let k = if self.magnitude && k < 0 { k ^ self.inverted() } else { k };
        (k << self.shift) as u64 & mask(self.width)
    }

    /// Rounds to the words' floats.
    fn round(&self, x: f64) -> f64 {
        if self.width == 4 { f64::from(x as f32) } else { x }
    }

    fn value(&self, word: u64) -> f64 {
        if self.width == 4 { f64::from(f32::from_bits(word as u32)) } else { f64::from_bits(word) }
    }
}

/// The coefficients of `(1 - B)^degree`.
fn binomial(degree: usize) -> &'static [i64] {
    [&[1][..], &[1, -1], &[1, -2, 1], &[1, -3, 3, -1]][degree]
}

/// The words, from the zigzag forms of their residuals.
pub(super) fn undo(residuals: &[u64], sides: [usize; 4], how: &Prediction) -> Vec<u64> {
    let strides = [sides[1] * sides[2] * sides[3], sides[2] * sides[3], sides[3], 1];
    let mut out: Vec<u64> = Vec::with_capacity(residuals.len());
    for (i, &zigzag) in residuals.iter().enumerate() {
        let degrees = [0, 1, 2, 3].map(|a| how.degrees[a].min(i / strides[a] % sides[a]));
        let predicted = if how.float {
            float(&out, i, strides, degrees, how)
        } else {
            let mut sum = 0i64;
            each(degrees, strides, &mut |w, back| {
                if back > 0 {
                    sum = sum.wrapping_sub(w.wrapping_mul(how.integer(out[i - back])));
                }
            });
            sum
        };
        let residual = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
        out.push(how.word(predicted.wrapping_add(residual)));
    }
    out
}

/// All terms of the product over the axes: coefficient and distance, the slowest axis outermost, distances ascending.
fn each(degrees: [usize; 4], strides: [usize; 4], term: &mut impl FnMut(i64, usize)) {
    for (a, &wa) in binomial(degrees[0]).iter().enumerate() {
        for (b, &wb) in binomial(degrees[1]).iter().enumerate() {
            for (c, &wc) in binomial(degrees[2]).iter().enumerate() {
                for (d, &wd) in binomial(degrees[3]).iter().enumerate() {
                    let back = a * strides[0] + b * strides[1] + c * strides[2] + d * strides[3];
                    term(wa * wb * wc * wd, back);
                }
            }
        }
    }
}

fn float(out: &[u64], i: usize, strides: [usize; 4], degrees: [usize; 4], how: &Prediction) -> i64 {
    let r = |x: f64| how.round(x);
    let t = (0..4).rev().find(|&a| how.degrees[a] > 0).unwrap_or(0);
    let d = degrees[t];
    let mut slower = degrees;
    slower[t..].fill(0);
    let value = |back: usize| how.value(out[i - back]);
    let s = |along: usize| {
        let mut sum = 0.0;
        each(slower, strides, &mut |w, back| {
            if back > 0 {
                let x = r(-w as f64 * value(back + along * strides[t]));
                sum = r(sum + x);
            }
        });
        sum
    };
    let none = slower == [0; 4];
    let offset = match d {
        _ if none => 0.0,
        0 => s(0),
        1 => r(s(0) - s(1)),
        2 => r(r(s(0) - r(s(1) + s(1))) + s(2)),
        _ => r(r(r(s(0) - r(3.0 * s(1))) + r(3.0 * s(2))) - s(3)),
    };
    let back = |n: usize| value(n * strides[t]);
    let predicted = match d {
        0 => offset,
        1 => r(offset + back(1)),
        2 => r(r(offset - back(2)) + r(back(1) + back(1))),
        _ => r(r(r(offset + back(3)) - r(3.0 * back(2))) + r(3.0 * back(1))),
    };
    let predicted = if predicted.is_nan() { 0.0 } else { predicted };
    let word = if how.width == 4 { u64::from((predicted as f32).to_bits()) } else { predicted.to_bits() };
    let half = if how.shift == 0 { 0 } else { 1u64 << (how.shift - 1) };
    how.integer(word.wrapping_add(half) & mask(how.width))
}

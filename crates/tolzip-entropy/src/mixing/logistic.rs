//! The logistic function and its inverse, in integers.

/// Logits are multiples of 1/256; probabilities of 2^-16.
pub(super) const MOST_LOGIT: i32 = 11 * 256 - 1;
/// Distance of the points between which [`squash`] interpolates.
const PACE: i32 = 32;
const POINTS: usize = (2 * (MOST_LOGIT + 1) / PACE) as usize + 1;

/// e^x by its series, with x halved until that converges quickly. Evaluated by the compiler only.
const fn exp(x: f64) -> f64 {
    let small = x / 1024.0;
    let (mut term, mut sum, mut n) = (1.0, 1.0, 1);
    while n < 12 {
        term = term * small / n as f64;
        sum += term;
        n += 1;
    }
    let mut times = 0;
    while times < 10 {
        sum *= sum;
        times += 1;
    }
    sum
}

/// Probabilities at the points.
const SQUASHED: [u16; POINTS] = {
    let mut table = [0; POINTS];
    let mut i = 0;
    while i < POINTS {
        let x = (i as i32 * PACE - MOST_LOGIT - 1) as f64 / 256.0;
        table[i] = (65536.0 / (1.0 + exp(-x)) + 0.5) as u16;
        i += 1;
    }
    table
};

/// The probability of a logit, from 1 to 65535; logits beyond ±11 are taken for that.
#[inline]
pub(super) fn squash(logit: i32) -> i32 {
    let x = logit.clamp(-MOST_LOGIT, MOST_LOGIT) + MOST_LOGIT + 1;
    let (i, f) = ((x / PACE) as usize, x % PACE);
    let (a, b) = (i32::from(SQUASHED[i]), i32::from(SQUASHED[i + 1]));
    (a * (PACE - f) + b * f + PACE / 2) / PACE
}

/// Probabilities below 2^-5 have logits of their own; the others share one among 16.
const FINE: usize = 2048;

/// Logits of the probabilities (i + 1/2) 2^-16.
const STRETCHED: [i16; FINE] = stretched(1);
/// Logits of the probabilities (i + 1/2) 2^-12, up to a half.
const COARSE: [i16; FINE] = stretched(16);

const fn stretched(width: usize) -> [i16; FINE] {
    let mut table = [0; FINE];
    let mut i = 0;
    // The logarithm by bisection of its inverse, from the last value found.
    let mut logit = -MOST_LOGIT;
    while i < FINE {
        let p = (i as f64 + 0.5) * width as f64 / 65536.0;
        let odds = p / (1.0 - p);
        let (mut low, mut high) = (logit, 1);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if exp((middle as f64 + 0.5) / 256.0) > odds {
                high = middle;
            } else {
                low = middle;
            }
        }
        logit = low;
        table[i] = high as i16;
        i += 1;
    }
    table
}

/// The logit of a probability of 0 to 65535.
#[inline]
pub(super) fn stretch(p: u32) -> i32 {
    let rare = if p < 32768 { p } else { 65535 - p } as usize;
    let logit = if rare < FINE { STRETCHED[rare] } else { COARSE[rare / 16 % FINE] };
    i32::from(if p < 32768 { logit } else { -logit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logistic_function() {
        for logit in -4000..4000 {
            let x = f64::from(logit.clamp(-MOST_LOGIT, MOST_LOGIT)) / 256.0;
            let exact = 65536.0 / (1.0 + (-x).exp());
            let found = f64::from(squash(logit));
            assert!((found - exact).abs() < 4.0 + exact * 0.002, "{logit}: {found} for {exact}");
            assert!((1..=65535).contains(&squash(logit)));
        }
    }

    #[test]
    fn its_inverse() {
        for p in 0..65536u32 {
            let q = (f64::from(p) + 0.5) / 65536.0;
            let exact = ((q / (1.0 - q)).ln() * 256.0).clamp(-2814.0, 2814.0);
            let found = f64::from(stretch(p));
            assert!((found - exact).abs() < 2.0 + exact.abs() * 0.003, "{p}: {found} for {exact}");
            assert_eq!(stretch(65535 - p), -stretch(p));
        }
        for (table, width) in [(&STRETCHED, 1.0), (&COARSE, 16.0)] {
            for (i, &found) in table.iter().enumerate() {
                let p = (i as f64 + 0.5) * width / 65536.0;
                let exact = ((p / (1.0 - p)).ln() * 256.0).round().max(-2814.0);
                assert_eq!(f64::from(found), exact, "{i} of width {width}");
            }
        }
    }
}

//! What the tokens before tell about a token.

use super::versions;

versions! {
    /// For each token the mean of its neighbours a row before, of which `up` has one more at either end, and of that in
    /// `back`: `(3 (up + 2 up + up) + 4 back + 8) / 16`.
    ///
    /// # Panics
    /// If the lengths do not fit.
    levels(up: &[u8], back: &[u8], out: &mut [u8]) {
        let n = out.len();
        assert!(up.len() == n + 2 && back.len() == n);
        let near = up[..n].iter().zip(&up[1..n + 1]).zip(&up[2..n + 2]);
        for ((o, ((&a, &b), &c)), &back) in out.iter_mut().zip(near).zip(back) {
            let sum = u16::from(a) + 2 * u16::from(b) + u16::from(c);
            *o = ((3 * sum + 4 * u16::from(back) + 8) >> 4) as u8;
        }
    }
}

versions! {
    /// For each token the mean of the last three, the nearest counted twice: `(2 first + second + third + 2) / 4`.
    ///
    /// # Panics
    /// If the lengths differ.
    line_levels(first: &[u8], second: &[u8], third: &[u8], out: &mut [u8]) {
        let n = out.len();
        assert!(first.len() == n && second.len() == n && third.len() == n);
        for ((o, &a), (&b, &c)) in out.iter_mut().zip(first).zip(second.iter().zip(third)) {
            *o = ((2 * u16::from(a) + u16::from(b) + u16::from(c) + 2) >> 2) as u8;
        }
    }
}

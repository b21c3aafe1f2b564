//! What a coded row tells about the next ones, and the integers' way into symbols.

use super::dispatched;

/// Activities saturate here, so that a sum of weights up to 32 stays within 16 bits.
const MOST: u32 = 2047;

dispatched! {
    /// `min(|k|, 2047)`; exceptions count as 2047.
    ///
    /// # Panics
    /// If `k` is shorter than `out`.
    activity<>(k: &[i32], out: &mut [u16]) -> () {
        let k = &k[..out.len()];
        for (o, k) in out.iter_mut().zip(k) {
            *o = k.unsigned_abs().min(MOST) as u16;
        }
    }
}

dispatched! {
    /// `energy += weight * activity`, modulo 2^16.
    ///
    /// # Panics
    /// If `activity` is shorter than `energy`.
    add_energy<>(energy: &mut [u16], activity: &[u16], weight: u16) -> () {
        let activity = &activity[..energy.len()];
        for (e, &a) in energy.iter_mut().zip(activity) {
            *e = e.wrapping_add(a.wrapping_mul(weight));
        }
    }
}

dispatched! {
    /// The context of an energy `e`: `base` for 0, else `base + 1` and four more for every doubling:
    /// `base + 1 + floor(4 log2 e)` with the logarithm taken as linear within an octave.
    ///
    /// # Panics
    /// If `energy` is shorter than `out`.
    contexts<>(energy: &[u16], base: u8, out: &mut [u8]) -> () {
        let energy = &energy[..out.len()];
        for (o, &e) in out.iter_mut().zip(energy) {
            // Exponent and two bits of the mantissa; the conversion is exact.
            let bits = (f32::from(e).to_bits() >> 21) as i32 - 507;
            *o = base.wrapping_add(bits.max(0) as u8);
        }
    }
}

dispatched! {
    /// Integers folded to 0, 1, 2, ... for 0, -1, 1, ...; the result is the largest of them before the cut to 8 bits.
    ///
    /// # Panics
    /// If `k` is shorter than `out`.
    fold<>(k: &[i32], out: &mut [u8]) -> u32 {
        let k = &k[..out.len()];
        let mut all = 0;
        for (o, &k) in out.iter_mut().zip(k) {
            let u = (k << 1 ^ k >> 31) as u32;
            *o = u as u8;
            all |= u;
        }
        all
    }
}

dispatched! {
    /// The inverse of [`fold`]; the result is the largest symbol.
    ///
    /// # Panics
    /// If `symbols` is shorter than `k`.
    unfold<>(symbols: &[u8], k: &mut [i32]) -> u8 {
        let symbols = &symbols[..k.len()];
        let mut most = 0;
        for (k, &s) in k.iter_mut().zip(symbols) {
            let u = i32::from(s);
            *k = u >> 1 ^ -(u & 1);
            most = s.max(most);
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_grow_with_the_energy() {
        let energy: [u16; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 32752, 65535];
        let mut out = [0; 12];
        contexts(&energy, 3, &mut out);
        assert_eq!(out, [3, 4, 8, 10, 12, 13, 14, 15, 16, 16, 62, 66]);
    }

    #[test]
    fn folding_inverts() {
        let k = [0, -1, 1, -2, 2, -16, 15];
        let (mut symbols, mut back) = ([0; 7], [0; 7]);
        assert!(fold(&k, &mut symbols) < 32);
        assert_eq!(unfold(&symbols, &mut back), 31);
        assert_eq!(k, back);
        assert!(fold(&[i32::MIN], &mut [0]) > 255);
        let mut a = [0; 3];
        activity(&[-3, i32::MIN, 5000], &mut a);
        assert_eq!(a, [3, 2047, 2047]);
    }
}

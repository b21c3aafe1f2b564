//! What a coded row tells about the next ones, and the integers' way into symbols.

use super::{dispatched, place};

/// Activities saturate here, so that a sum of weights up to 32 stays within 16 bits.
const MOST: u32 = 2047;

/// `min(|k|, 2047)`; exceptions count as 2047.
#[inline(always)]
fn activity(k: i32) -> u16 {
    k.unsigned_abs().min(MOST) as u16
}

/// 0 for an energy of 0, else `1 + floor(4 log2 energy)` with the logarithm taken as linear within an octave.
#[inline(always)]
fn level(energy: u16) -> u8 {
    // Exponent and two bits of the mantissa; the conversion is exact.
    let bits = (f32::from(energy).to_bits() >> 21) as i32 - 507;
    bits.max(0) as u8
}

/// Values handled at once.
const WIDE: usize = 16;
/// The same where integers are folded.
const FOLDED: usize = 32;

/// The contexts of the values from `at` on.
#[inline(always)]
fn block(rows: &[(&[u16], u16)], at: usize, base: u8, out: &mut [u8]) {
    let Some(out) = out[at..].first_chunk_mut::<WIDE>() else { return };
    let mut energy = [0u16; WIDE];
    for &(row, weight) in rows {
        if let Some(row) = row[at..].first_chunk::<WIDE>() {
            for lane in 0..WIDE {
                energy[lane] = sum(energy[lane], row[lane], weight);
            }
        }
    }
    for lane in 0..WIDE {
        out[lane] = base.wrapping_add(level(energy[lane]));
    }
}

dispatched! {
    /// The contexts of a row: its energy, which is the sum of other rows' activities times their weights (modulo 2^16),
    /// on a logarithmic scale that begins at `base`.
    ///
    /// # Panics
    /// If a row is shorter than `out`.
    contexts<>(rows: &[(&[u16], u16)], base: u8, out: &mut [u8]) -> () {
        let n = out.len();
        assert!(rows.iter().all(|r| r.0.len() >= n));
        if n >= WIDE {
            for i in 0..n.div_ceil(WIDE) {
                block(rows, place::<WIDE>(i, n), base, out);
            }
        } else {
            for (i, o) in out.iter_mut().enumerate() {
                *o = base.wrapping_add(level(rows.iter().fold(0, |e, r| sum(e, r.0[i], r.1))));
            }
        }
    }
}

#[inline(always)]
fn sum(energy: u16, activity: u16, weight: u16) -> u16 {
    energy.wrapping_add(activity.wrapping_mul(weight))
}

/// The first contexts of `out`; the rows' activities begin at `at`.
#[inline(always)]
fn block_along(
    rows: &[(&[u16], u16)],
    along: &[(&[u16], u16)],
    at: (usize, usize),
    base: u8,
    out: &mut [u8],
) {
    let Some(out) = out.first_chunk_mut::<WIDE>() else { return };
    let mut energy = [0u16; WIDE];
    for &(row, weight) in along {
        if let (Some(a), Some(b)) = (row[at.1..].first_chunk::<WIDE>(), row[at.1 + 1..].first_chunk::<WIDE>())
        {
            for lane in 0..WIDE {
                energy[lane] = sum(energy[lane], a[lane].wrapping_add(b[lane]), weight);
            }
        }
    }
    for &(row, weight) in rows {
        if let Some(row) = row[at.0..].first_chunk::<WIDE>() {
            for lane in 0..WIDE {
                energy[lane] = sum(energy[lane], row[lane], weight);
            }
        }
    }
    for lane in 0..WIDE {
        out[lane] = base.wrapping_add(level(energy[lane]));
    }
}

dispatched! {
    /// [`contexts`] of rows of `n` values that stand between the values of rows of `even` (`n` or one more): the
    /// activities on both sides count, in each of `along` with its weight. The last of `n` may have one neighbour only,
    /// which counts twice.
    ///
    /// # Panics
    /// If the rows do not fit.
    contexts_along<>(
        rows: &[(&[u16], u16)], along: &[(&[u16], u16)], even: usize, base: u8, n: usize, out: &mut [u8],
    ) -> () {
        assert!(n > 0 && (n == even || n + 1 == even));
        for (i, out) in out.chunks_exact_mut(n).enumerate() {
            let (begin, from) = (i * n, i * even);
            let both = (even - 1).min(n);
            let mut whole = 0;
            while whole + WIDE <= both {
                block_along(rows, along, (begin + whole, from + whole), base, &mut out[whole..]);
                whole += WIDE;
            }
            // What is left is done with some of what was done before, which comes out the same.
            if whole > 0 && whole < both {
                let at = both - WIDE;
                block_along(rows, along, (begin + at, from + at), base, &mut out[at..]);
                whole = both;
            }
            for j in whole..n {
                let pair = |r: &[u16]| r[from + j].wrapping_add(r[from + (j + 1).min(even - 1)]);
                let energy = along.iter().fold(0, |e, r| sum(e, pair(r.0), r.1));
                let energy = rows.iter().fold(energy, |e, r| sum(e, r.0[begin + j], r.1));
                out[j] = base.wrapping_add(level(energy));
            }
        }
    }
}

/// The symbol of a folded integer below 2^31: itself below 32; above, eight symbols to the octave.
#[inline(always)]
fn symbol(u: u32) -> u8 {
    // Exponent and three bits of the mantissa; 24 bits are converted exactly.
    let exact = if u >> 24 != 0 { u & !0xff } else { u };
    let bits = ((exact as i32 as f32).to_bits() >> 20) as i32 - 1024;
    (if u < 32 { u as i32 } else { bits }) as u8
}

/// Symbols and activities of slices of one length; what [`fold`] finds, the large ones counted from `new` on.
#[inline(always)]
fn fold_slice(k: &[i32], symbols: &mut [u8], activities: &mut [u16], new: usize) -> (u32, u32) {
    let (mut all, mut large) = (0, 0);
    for (i, ((o, a), &k)) in symbols.iter_mut().zip(activities).zip(k).enumerate() {
        let u = (k << 1 ^ k >> 31) as u32;
        *o = symbol(u);
        *a = activity(k);
        all |= u;
        large += u32::from((u >= 32) & (i >= new));
    }
    (all, large)
}

dispatched! {
    /// The symbols of integers folded to 0, 1, 2, ... for 0, -1, 1, ...: below 32 the folded integer itself, above it
    /// eight to the octave, from 32 for 32..36 on. Also their activities, `min(|k|, 2047)`; the result is the folded
    /// integers or-ed together, and how many are 32 or more. The symbols of those from 2^31 mean nothing.
    ///
    /// # Panics
    /// If the slices differ in length.
    fold<>(k: &[i32], symbols: &mut [u8], activities: &mut [u16]) -> (u32, u32) {
        let n = k.len();
        assert_eq!((n, n), (symbols.len(), activities.len()));
        let (mut all, mut large) = (0, 0);
        let blocks = k.as_chunks::<FOLDED>().0.iter().zip(symbols.as_chunks_mut::<FOLDED>().0);
        for ((k, symbols), activities) in blocks.zip(activities.as_chunks_mut::<FOLDED>().0) {
            let found = fold_slice(k, symbols, activities, 0);
            (all, large) = (all | found.0, large + found.1);
        }
        let rest = n % FOLDED;
        // What is left is done with some of what was done before, which comes out the same.
        if let (true, Some(k), Some(symbols), Some(activities)) = (
            rest > 0,
            k.last_chunk::<FOLDED>(),
            symbols.last_chunk_mut::<FOLDED>(),
            activities.last_chunk_mut::<FOLDED>(),
        ) {
            let found = fold_slice(k, symbols, activities, FOLDED - rest);
            (all, large) = (all | found.0, large + found.1);
        } else if n < FOLDED {
            (all, large) = fold_slice(k, symbols, activities, 0);
        }
        (all, large)
    }
}

/// The integer of a symbol below 32.
#[inline(always)]
fn unfolded(symbol: u8) -> i32 {
    let u = i32::from(symbol);
    u >> 1 ^ -(u & 1)
}

dispatched! {
    /// The inverse of [`fold`] for symbols below 32, with the activities of what it finds; the result is the largest
    /// symbol.
    ///
    /// # Panics
    /// If the slices differ in length.
    unfold<>(symbols: &[u8], k: &mut [i32], activities: &mut [u16]) -> u8 {
        let n = symbols.len();
        assert_eq!((n, n), (k.len(), activities.len()));
        let mut most = [0; WIDE];
        if n < WIDE {
            for (((k, a), &s), most) in k.iter_mut().zip(activities).zip(symbols).zip(&mut most) {
                (*k, *a, *most) = (unfolded(s), u16::from(s).div_ceil(2), s);
            }
        } else {
            for i in 0..n.div_ceil(WIDE) {
                let at = place::<WIDE>(i, n);
                let symbols = symbols[at..].first_chunk::<WIDE>();
                let results = (k[at..].first_chunk_mut::<WIDE>(), activities[at..].first_chunk_mut::<WIDE>());
                let (Some(symbols), (Some(k), Some(activities))) = (symbols, results) else { break };
                for lane in 0..WIDE {
                    let s = symbols[lane];
                    (k[lane], activities[lane]) = (unfolded(s), u16::from(s).div_ceil(2));
                    most[lane] = s.max(most[lane]);
                }
            }
        }
        most.into_iter().fold(0, u8::max)
    }
}

dispatched! {
    /// The activities of integers.
    ///
    /// # Panics
    /// If the slices differ in length.
    activities<>(k: &[i32], out: &mut [u16]) -> () {
        let n = k.len();
        assert_eq!(n, out.len());
        if n < WIDE {
            for (o, &k) in out.iter_mut().zip(k) {
                *o = activity(k);
            }
            return;
        }
        for i in 0..n.div_ceil(WIDE) {
            let at = place::<WIDE>(i, n);
            if let (Some(k), Some(out)) = (k[at..].first_chunk::<WIDE>(), out[at..].first_chunk_mut::<WIDE>()) {
                for lane in 0..WIDE {
                    out[lane] = activity(k[lane]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_grow_with_the_energy() {
        let energy: [u16; 20] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 32752, 65535, 0, 0, 0, 0, 0, 1, 2, 3];
        let mut out = [0; 20];
        contexts(&[(&energy, 1)], 3, &mut out);
        assert_eq!(out[..12], [3, 4, 8, 10, 12, 13, 14, 15, 16, 16, 63, 67]);
        assert_eq!(out[16..], [3, 4, 8, 10]);
        contexts(&[(&energy, 2), (&energy, 6)], 0, &mut out);
        assert_eq!(out[16..], [0, 13, 17, 19]);
        assert_eq!(out[1], 13);
    }

    /// Whole blocks, those that overlap, and rows too short for one.
    #[test]
    fn rows_of_every_length_come_out_value_by_value() {
        let noise = |i: usize| (i * 7919 % 4801) as u16;
        for n in 0..70 {
            let a: [u16; 70] = core::array::from_fn(noise);
            let b: [u16; 70] = core::array::from_fn(|i| noise(i + 100) % 9);
            let mut out = [0; 70];
            contexts(&[(&a, 3), (&b, 7)], 5, &mut out[..n]);
            for i in 0..70 {
                let energy = a[i].wrapping_mul(3).wrapping_add(b[i] * 7);
                assert_eq!(out[i], if i < n { 5 + level(energy) } else { 0 });
            }
            let symbols: [u8; 70] = core::array::from_fn(|i| (noise(i) % 32) as u8);
            let (mut k, mut found) = ([0; 70], [0; 70]);
            let most = unfold(&symbols[..n], &mut k[..n], &mut found[..n]);
            assert_eq!(most, symbols[..n].iter().fold(0, |m, &s| s.max(m)));
            let mut again = [0; 70];
            activities(&k[..n], &mut again[..n]);
            assert_eq!(found, again);
            for i in 0..n {
                assert_eq!((k[i], found[i]), (unfolded(symbols[i]), activity(k[i])));
            }
        }
    }

    #[test]
    fn folding_inverts() {
        let k = [0, -1, 1, -2, 2, -16, 15];
        let (mut symbols, mut back, mut a, mut b) = ([0; 7], [0; 7], [0; 7], [9; 7]);
        assert_eq!(fold(&k, &mut symbols, &mut a), (31, 0));
        assert_eq!(unfold(&symbols, &mut back, &mut b), 31);
        assert_eq!((k, a), (back, b));
        let k = [16, -17, 20, 1 << 29, (1 << 30) - 1];
        let (mut symbols, mut a) = ([0; 5], [0; 5]);
        assert_eq!(fold(&k, &mut symbols, &mut a), ((1 << 31) - 1, 5));
        assert_eq!(symbols, [32, 32, 34, 32 + 8 * 25, 32 + 8 * 25 + 7]);
        assert_eq!(fold(&[i32::MIN], &mut [0], &mut [0]), (u32::MAX, 1));
        let k: [i32; 100] = core::array::from_fn(|i| i as i32 * 7 % 40 - 20);
        for n in 0..k.len() {
            let (mut symbols, mut a) = ([0; 100], [0; 100]);
            let large = k[..n].iter().filter(|&&k| !(-16..16).contains(&k)).count();
            let all = k[..n].iter().fold(0, |all, &k| all | (k << 1 ^ k >> 31) as u32);
            assert_eq!(fold(&k[..n], &mut symbols[..n], &mut a[..n]), (all, large as u32));
            assert!((0..n).all(|i| symbols[i] == symbol((k[i] << 1 ^ k[i] >> 31) as u32)));
            assert!((0..n).all(|i| u32::from(a[i]) == k[i].unsigned_abs()));
        }
        let mut a = [0; 3];
        activities(&[-3, i32::MIN, 5000], &mut a);
        assert_eq!(a, [3, 2047, 2047]);
    }
}

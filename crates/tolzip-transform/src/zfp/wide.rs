//! The same coding as in `coder`, for blocks of 256 values: a plane is four words.

use super::bits::{Reader, Writer};

/// A bit plane of 256 coefficients.
pub(super) type Plane = [u64; 4];

const SIZE: u32 = 256;

#[inline(always)]
fn set(x: &mut Plane, i: u32) {
    x[(i / 64 % 4) as usize] |= 1 << (i % 64);
}

/// The place of the first one from `n` on.
#[inline(always)]
fn next_one(x: &Plane, n: u32) -> Option<u32> {
    let first = n / 64;
    for i in first..4 {
        let from = if i == first { n % 64 } else { 0 };
        let word = x[i as usize] >> from << from;
        if word != 0 {
            return Some(64 * i + word.trailing_zeros());
        }
    }
    None
}

/// As `coder::encode`.
#[inline(always)]
pub(super) fn encode(w: &mut Writer, (bottom, top): (u32, u32), end: u32, plane: impl Fn(u32) -> Plane) {
    let mut n = 0u32;
    for k in (bottom..top).rev() {
        let x = plane(k);
        for (i, &word) in x.iter().enumerate() {
            match n.saturating_sub(64 * i as u32) {
                0 => break,
                bits @ 1..64 => w.put(word & ((1 << bits) - 1), bits),
                _ => w.put(word, 64),
            }
        }
        while n < SIZE {
            let Some(one) = next_one(&x, n) else {
                w.put(0, 1);
                break;
            };
            w.put(1, 1);
            w.put_zeros(one - n);
            if one < SIZE - 1 {
                w.put(1, 1);
            }
            n = one + 1;
        }
        if w.position() >= end {
            return;
        }
    }
}

/// As `coder::decode`.
#[inline(always)]
pub(super) fn decode(
    r: &mut Reader<'_>,
    (bottom, top): (u32, u32),
    budget: u32,
    mut plane: impl FnMut(u32, &Plane),
) {
    let end = r.position() + u64::from(budget);
    let mut k = top;
    let mut n = 0u32;
    while k > bottom && r.position() + u64::from(2 * SIZE) <= end {
        k -= 1;
        let mut x = [0; 4];
        for (i, word) in x.iter_mut().enumerate() {
            *word = r.take(n.saturating_sub(64 * i as u32).min(64));
        }
        while n < SIZE && r.take(1) == 1 {
            n = skip_zeros(r, n);
            set(&mut x, n);
            n += 1;
        }
        plane(k, &x);
    }
    while k > bottom && r.position() < end {
        k -= 1;
        plane(k, &decode_last(r, &mut n, end));
    }
}

/// Reads zeros up to and including a one (which the last coefficient has not); returns the one's place.
#[inline(always)]
fn skip_zeros(r: &mut Reader<'_>, mut n: u32) -> u32 {
    loop {
        let zeros = (r.peek() | 1 << 56).trailing_zeros();
        let longest = SIZE - 1 - n;
        if zeros >= longest {
            r.skip(longest);
            return SIZE - 1;
        }
        n += zeros;
        if zeros < 56 {
            r.skip(zeros + 1);
            return n;
        }
        r.skip(zeros);
    }
}

/// As `coder::decode_last`.
#[cold]
#[inline(never)]
fn decode_last(r: &mut Reader<'_>, n: &mut u32, end: u64) -> Plane {
    let left = |r: &Reader<'_>| end - r.position();
    let mut x = [0; 4];
    for (i, word) in x.iter_mut().enumerate() {
        let bits = n.saturating_sub(64 * i as u32).min(64);
        *word = r.take(bits.min(left(r).min(64) as u32));
    }
    while *n < SIZE && left(r) > 0 && r.take(1) == 1 {
        while *n < SIZE - 1 && left(r) > 0 && r.take(1) == 0 {
            *n += 1;
        }
        set(&mut x, *n);
        *n += 1;
    }
    x
}

//! From rows of coefficients to rows of bit planes, and back: the bits of every lane change places.

use super::scalar::Unsigned;
use super::vector::Vector;

/// Coefficients to planes, in the layout that [`forward`](super::forward) documents.
#[inline(always)]
pub(super) fn to_planes<U: Unsigned, V: Vector<U>, const N: usize>(cpu: V::Cpu, rows: &mut [V; N]) {
    if N == 4 {
        line_to_string::<U, V>(cpu, rows);
    } else {
        transpose::<U, V>(cpu, rows);
    }
}

/// The inverse of [`to_planes`].
#[inline(always)]
pub(super) fn from_planes<U: Unsigned, V: Vector<U>, const N: usize>(cpu: V::Cpu, rows: &mut [V; N]) {
    if N == 4 {
        string_to_line::<U, V>(cpu, rows);
    } else {
        transpose::<U, V>(cpu, rows);
    }
}

/// Transposes, in every lane, the square bit matrices that `min(N, W)` rows of `W` bits hold: rows become planes and
/// planes rows. Its own inverse. The classic exchange of ever smaller quarters (Warren, *Hacker's Delight*, 7-3).
#[inline(always)]
fn transpose<U: Unsigned, V: Vector<U>>(cpu: V::Cpu, rows: &mut [V]) {
    let side = rows.len().min(U::WIDTH as usize);
    for square in rows.chunks_exact_mut(side) {
        exchange::<U, V>(cpu, square, 32, 32);
        exchange::<U, V>(cpu, square, 16, 16);
        exchange::<U, V>(cpu, square, 8, 8);
        exchange::<U, V>(cpu, square, 4, 4);
        exchange::<U, V>(cpu, square, 2, 2);
        exchange::<U, V>(cpu, square, 1, 1);
    }
}

/// Bit `k` of coefficient `c` stands in row `c` at place `k`; it goes to place `4 p + c` of the string that the four rows
/// are when put one behind another, `p = W - 1 - k` being the plane's number from the top.
///
/// A place is a number in binary, and each step swaps two of its digits or negates one.
#[inline(always)]
fn line_to_string<U: Unsigned, V: Vector<U>>(cpu: V::Cpu, rows: &mut [V]) {
    let digits = U::WIDTH.trailing_zeros();
    // The two highest digits of k become those of the row, those of c the word's highest.
    exchange::<U, V>(cpu, rows, 2, U::WIDTH / 2);
    exchange::<U, V>(cpu, rows, 1, U::WIDTH / 4);
    rows.reverse();
    for row in rows {
        // Then c's digits go to the bottom, and those of k are negated.
        for high in (2..digits).rev() {
            *row = swap_digits::<U, V>(cpu, *row, high, high - 2);
        }
        if digits % 2 == 1 {
            *row = swap_digits::<U, V>(cpu, *row, 1, 0);
        }
        for digit in 2..digits {
            *row = negate_digit::<U, V>(cpu, *row, digit);
        }
    }
}

/// The inverse of [`line_to_string`]: the same steps backwards.
#[inline(always)]
fn string_to_line<U: Unsigned, V: Vector<U>>(cpu: V::Cpu, rows: &mut [V]) {
    let digits = U::WIDTH.trailing_zeros();
    for row in &mut *rows {
        for digit in 2..digits {
            *row = negate_digit::<U, V>(cpu, *row, digit);
        }
        if digits % 2 == 1 {
            *row = swap_digits::<U, V>(cpu, *row, 1, 0);
        }
        for high in 2..digits {
            *row = swap_digits::<U, V>(cpu, *row, high, high - 2);
        }
    }
    rows.reverse();
    exchange::<U, V>(cpu, rows, 1, U::WIDTH / 4);
    exchange::<U, V>(cpu, rows, 2, U::WIDTH / 2);
}

/// Ones in the low half of every `2 * distance` bits.
#[inline(always)]
fn low_halves<U: Unsigned>(distance: u32) -> U {
    U::from_u64(u64::MAX / ((1u64 << distance) + 1))
}

/// Swaps, for all pairs of rows `apart`, the high halves of `2 * by` bits in the first with the low ones in the second.
/// Nothing where there are not so many rows.
#[inline(always)]
fn exchange<U: Unsigned, V: Vector<U>>(cpu: V::Cpu, rows: &mut [V], apart: usize, by: u32) {
    if apart >= rows.len() {
        return;
    }
    let low = V::splat(cpu, low_halves(by));
    for pair in rows.chunks_exact_mut(2 * apart) {
        let (upper, lower) = pair.split_at_mut(apart);
        for (a, b) in upper.iter_mut().zip(lower) {
            let t = a.shr(by).xor(*b).and(low);
            *b = b.xor(t);
            *a = a.xor(t.shl(by));
        }
    }
}

/// Swaps two digits of the places of a word's bits.
#[inline(always)]
fn swap_digits<U: Unsigned, V: Vector<U>>(cpu: V::Cpu, x: V, high: u32, low: u32) -> V {
    let by = (1 << high) - (1 << low);
    // Places with the digit `low` and without `high`.
    let places = low_halves::<U>(1 << high) & !low_halves::<U>(1 << low);
    let t = x.xor(x.shr(by)).and(V::splat(cpu, places));
    x.xor(t).xor(t.shl(by))
}

/// Negates a digit of the places of a word's bits: swaps halves.
#[inline(always)]
fn negate_digit<U: Unsigned, V: Vector<U>>(cpu: V::Cpu, x: V, digit: u32) -> V {
    let low = V::splat(cpu, low_halves(1 << digit));
    x.shr(1 << digit).and(low).or(x.and(low).shl(1 << digit))
}

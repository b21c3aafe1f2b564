//! The steps of the transform, each on whole rows.

use super::order::order;
use super::scalar::{Scalar, Unsigned, map, zip};
use super::{Blocks, LANES, Row, Transform};
use tolzip_core::{Float, Word};

/// Something to be compiled for several instruction sets; `run` must be `inline(always)`.
pub(super) trait Steps {
    /// What comes out.
    type Out;
    /// Does it.
    fn run(self) -> Self::Out;
}

const fn bias<T: Scalar>() -> i32 {
    (1 << (T::EXPONENT_BITS - 1)) - 1
}

/// Bits that a value of the type has behind the point of a block's common exponent: two bits of the integer are left
/// for the sign and for growth.
const fn point<T: Scalar>() -> i32 {
    <T::Bits as Unsigned>::WIDTH as i32 - 2
}

#[inline(always)]
pub(super) fn forward_body<T: Scalar, const N: usize>(
    values: &[Row<T>; N],
    transform: Transform,
    planes: &mut [Row<T::Bits>; N],
) -> Blocks<T::Bits> {
    let exponents = exponents(values);
    let mut x = [[T::Bits::default(); LANES]; N];
    cast(values, &exponents, &mut x);
    let mut reinterpreted = [false; LANES];
    match transform {
        Transform::Lossy => lift_all(&mut x, lift),
        Transform::Reversible => {
            reinterpreted = reinterpret_what_would_lose(values, &exponents, &mut x);
            lift_all(&mut x, lift_reversible);
        }
    }
    let mut union = [T::Bits::default(); LANES];
    for (row, &from) in planes.iter_mut().zip(order::<N>()) {
        *row = map(&x[usize::from(from) % N], negabinary);
        for (u, &c) in union.iter_mut().zip(row.iter()) {
            *u |= c;
        }
    }
    transpose(planes);
    Blocks { exponents, union, reinterpreted }
}

#[inline(always)]
pub(super) fn inverse_body<T: Scalar, const N: usize>(
    planes: &mut [Row<T::Bits>; N],
    transform: Transform,
    exponents: &Row<i32>,
    reinterpreted: &Row<bool>,
    values: &mut [Row<T>; N],
) {
    transpose(planes);
    let mut x = [[T::Bits::default(); LANES]; N];
    for (row, &to) in planes.iter().zip(order::<N>()) {
        x[usize::from(to) % N] = map(row, from_negabinary);
    }
    match transform {
        Transform::Lossy => unlift_all(&mut x, unlift),
        Transform::Reversible => unlift_all(&mut x, unlift_reversible),
    }
    let scale = map(exponents, |e| T::power_of_two(e - point::<T>()));
    for (out, row) in values.iter_mut().zip(&x) {
        *out = zip(row, &scale, |c, s| T::from_integer(c) * s);
    }
    if transform == Transform::Reversible {
        for l in 0..LANES {
            if reinterpreted[l] {
                for (out, row) in values.iter_mut().zip(&x) {
                    out[l] = T::from_bits(fold_sign::<T>(row[l]));
                }
            } else if exponents[l] == -bias::<T>() {
                for out in values.iter_mut() {
                    out[l] = T::ZERO;
                }
            }
        }
    }
}

#[inline(always)]
fn exponents<T: Scalar, const N: usize>(values: &[Row<T>; N]) -> Row<i32> {
    let mut max = [T::ZERO; LANES];
    for row in values {
        max = zip(&max, row, |m, v| {
            let v = Float::abs(v);
            // False for NaN, which is thereby passed over.
            if m < v { v } else { m }
        });
    }
    map(&max, |m| {
        let field = (m.to_bits().to_u64() >> T::MANTISSA_BITS) as i32;
        if m == T::ZERO {
            -bias::<T>()
        } else if field == 2 * bias::<T>() + 1 {
            0
        } else {
            field + 1 - bias::<T>()
        }
    })
}

#[inline(always)]
fn cast<T: Scalar, const N: usize>(values: &[Row<T>; N], exponents: &Row<i32>, x: &mut [Row<T::Bits>; N]) {
    let scale = map(exponents, |e| T::power_of_two(point::<T>() - e));
    for (out, row) in x.iter_mut().zip(values) {
        *out = zip(row, &scale, |v, s| (v * s).truncate());
    }
}

/// Where the cast does not come back bit for bit: the values' bits, made monotonic.
#[inline(always)]
fn reinterpret_what_would_lose<T: Scalar, const N: usize>(
    values: &[Row<T>; N],
    exponents: &Row<i32>,
    x: &mut [Row<T::Bits>; N],
) -> Row<bool> {
    let zero = map(exponents, |e| e == -bias::<T>());
    for l in 0..LANES {
        if zero[l] {
            for row in x.iter_mut() {
                row[l] = T::Bits::default();
            }
        }
    }
    let scale = map(exponents, |e| T::power_of_two(e - point::<T>()));
    let mut lost = [T::Bits::default(); LANES];
    for (row, value) in x.iter().zip(values) {
        for l in 0..LANES {
            let back = if zero[l] { T::ZERO } else { T::from_integer(row[l]) * scale[l] };
            lost[l] |= back.to_bits() ^ value[l].to_bits();
        }
    }
    let lost = map(&lost, |bits| bits != T::Bits::default());
    for l in 0..LANES {
        if lost[l] {
            for (row, value) in x.iter_mut().zip(values) {
                row[l] = fold_sign::<T>(value[l].to_bits());
            }
        }
    }
    lost
}

/// Sign and magnitude to two's complement (shifted by one below zero), and back.
#[inline(always)]
fn fold_sign<T: Scalar>(bits: T::Bits) -> T::Bits {
    let all_but_sign = T::Bits::from_u64(u64::MAX >> 1 >> (64 - <T::Bits as Unsigned>::WIDTH));
    if bits.is_negative() { bits ^ all_but_sign } else { bits }
}

#[inline(always)]
fn negabinary<U: Unsigned>(x: U) -> U {
    x.wrapping_add(U::ALTERNATING) ^ U::ALTERNATING
}

#[inline(always)]
fn from_negabinary<U: Unsigned>(x: U) -> U {
    (x ^ U::ALTERNATING).wrapping_sub(U::ALTERNATING)
}

type Line<U> = [U; 4];

/// Runs `f` on every line of four along every axis, x first.
#[inline(always)]
fn lift_all<U: Unsigned, const N: usize>(x: &mut [Row<U>; N], f: impl Fn(Line<U>) -> Line<U> + Copy) {
    lines::<U, N>(x, 1, f);
    lines::<U, N>(x, 4, f);
    lines::<U, N>(x, 16, f);
    lines::<U, N>(x, 64, f);
}

/// Runs `f` on every line of four along every axis, x last.
#[inline(always)]
fn unlift_all<U: Unsigned, const N: usize>(x: &mut [Row<U>; N], f: impl Fn(Line<U>) -> Line<U> + Copy) {
    lines::<U, N>(x, 64, f);
    lines::<U, N>(x, 16, f);
    lines::<U, N>(x, 4, f);
    lines::<U, N>(x, 1, f);
}

#[inline(always)]
fn lines<U: Unsigned, const N: usize>(
    x: &mut [Row<U>; N],
    step: usize,
    f: impl Fn(Line<U>) -> Line<U> + Copy,
) {
    if step >= N {
        return;
    }
    for group in x.chunks_exact_mut(4 * step) {
        let (a, rest) = group.split_at_mut(step);
        let (b, rest) = rest.split_at_mut(step);
        let (c, d) = rest.split_at_mut(step);
        for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
            for l in 0..LANES {
                [a[l], b[l], c[l], d[l]] = f([a[l], b[l], c[l], d[l]]);
            }
        }
    }
}

#[inline(always)]
fn lift<U: Unsigned>([mut x, mut y, mut z, mut w]: Line<U>) -> Line<U> {
    x = x.wrapping_add(w).half();
    w = w.wrapping_sub(x);
    z = z.wrapping_add(y).half();
    y = y.wrapping_sub(z);
    x = x.wrapping_add(z).half();
    z = z.wrapping_sub(x);
    w = w.wrapping_add(y).half();
    y = y.wrapping_sub(w);
    w = w.wrapping_add(y.half());
    y = y.wrapping_sub(w.half());
    [x, y, z, w]
}

#[inline(always)]
fn unlift<U: Unsigned>([mut x, mut y, mut z, mut w]: Line<U>) -> Line<U> {
    y = y.wrapping_add(w.half());
    w = w.wrapping_sub(y.half());
    y = y.wrapping_add(w);
    w = (w << 1).wrapping_sub(y);
    z = z.wrapping_add(x);
    x = (x << 1).wrapping_sub(z);
    y = y.wrapping_add(z);
    z = (z << 1).wrapping_sub(y);
    w = w.wrapping_add(x);
    x = (x << 1).wrapping_sub(w);
    [x, y, z, w]
}

/// Differences of third order.
#[inline(always)]
fn lift_reversible<U: Unsigned>([x, mut y, mut z, mut w]: Line<U>) -> Line<U> {
    w = w.wrapping_sub(z);
    z = z.wrapping_sub(y);
    y = y.wrapping_sub(x);
    w = w.wrapping_sub(z);
    z = z.wrapping_sub(y);
    w = w.wrapping_sub(z);
    [x, y, z, w]
}

#[inline(always)]
fn unlift_reversible<U: Unsigned>([x, mut y, mut z, mut w]: Line<U>) -> Line<U> {
    w = w.wrapping_add(z);
    z = z.wrapping_add(y);
    w = w.wrapping_add(z);
    y = y.wrapping_add(x);
    z = z.wrapping_add(y);
    w = w.wrapping_add(z);
    [x, y, z, w]
}

/// Transposes, in every lane, the square bit matrices that `min(N, W)` rows of `W` bits hold: rows become planes and
/// planes rows. Its own inverse. The classic exchange of ever smaller quarters (Warren, *Hacker's Delight*, 7-3).
#[inline(always)]
fn transpose<U: Unsigned, const N: usize>(rows: &mut [Row<U>; N]) {
    let side = N.min(U::WIDTH as usize);
    for square in rows.chunks_exact_mut(side) {
        exchange(square, 32);
        exchange(square, 16);
        exchange(square, 8);
        exchange(square, 4);
        exchange(square, 2);
        exchange(square, 1);
    }
}

#[inline(always)]
fn exchange<U: Unsigned>(square: &mut [Row<U>], distance: usize) {
    if distance >= square.len() {
        return;
    }
    let by = distance as u32;
    // Ones in the low half of every 2 * distance bits.
    let low = U::from_u64(u64::MAX / ((1u64 << by) + 1));
    for pair in square.chunks_exact_mut(2 * distance) {
        let (upper, lower) = pair.split_at_mut(distance);
        for (a, b) in upper.iter_mut().zip(lower) {
            for l in 0..LANES {
                let t = ((a[l] >> by) ^ b[l]) & low;
                b[l] = b[l] ^ t;
                a[l] = a[l] ^ (t << by);
            }
        }
    }
}

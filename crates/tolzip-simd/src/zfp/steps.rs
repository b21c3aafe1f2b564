//! The steps of the transform, each on whole vectors of lanes.

use super::order::order;
use super::scalar::{Scalar, Unsigned};
use super::vector::Vector;
use super::{Blocks, LANES, Row, Transform};
use tolzip_core::Word;

const fn bias<T: Scalar>() -> i32 {
    (1 << (T::EXPONENT_BITS - 1)) - 1
}

/// Bits that a value of the type has behind the point of a block's common exponent: two bits of the integer are left
/// for the sign and for growth.
const fn point<T: Scalar>() -> i32 {
    <T::Bits as Unsigned>::WIDTH as i32 - 2
}

/// Applies `f` to every lane of a row.
#[inline(always)]
fn map<X: Copy, Y: Copy + Default>(x: &Row<X>, f: impl Fn(X) -> Y) -> Row<Y> {
    // Not `array::map`, which is not always inlined.
    let mut out = [Y::default(); LANES];
    for (y, &x) in out.iter_mut().zip(x) {
        *y = f(x);
    }
    out
}

/// All ones where `x` is true.
#[inline(always)]
fn mask<T: Scalar>(x: &Row<bool>) -> Row<T::Bits> {
    map(x, |x| if x { T::Bits::from_u64(u64::MAX) } else { T::Bits::default() })
}

#[inline(always)]
fn zero<T: Scalar, V: Vector<T>>() -> V {
    V::splat(T::Bits::default())
}

#[inline(always)]
pub(super) fn forward_steps<T: Scalar, V: Vector<T>, const N: usize>(
    values: &[Row<T::Bits>; N],
    transform: Transform,
    planes: &mut [Row<T::Bits>; N],
) -> Blocks<T::Bits> {
    let exponents = exponents::<T, V, N>(values);
    let scale = map(&exponents, |e| T::power_of_two(point::<T>() - e).to_bits());
    let back = map(&exponents, |e| T::power_of_two(e - point::<T>()).to_bits());
    let zeros = mask::<T>(&map(&exponents, |e| e == -bias::<T>()));
    let mut union = [T::Bits::default(); LANES];
    let mut lost = [T::Bits::default(); LANES];
    for at in (0..LANES).step_by(V::WIDTH) {
        let factor = V::load(&scale, at);
        let mut x = [zero::<T, V>(); N];
        for (x, row) in x.iter_mut().zip(values) {
            *x = V::load(row, at).cast(factor);
        }
        match transform {
            Transform::Lossy => lift_all::<Lossy, T, V, N>(&mut x),
            Transform::Reversible => {
                let zeros = V::load(&zeros, at);
                let l = reinterpret_what_would_lose::<T, V, N>(values, at, V::load(&back, at), zeros, &mut x);
                l.store(&mut lost, at);
                lift_all::<Reversible, T, V, N>(&mut x);
            }
        }
        let mut y = [zero::<T, V>(); N];
        let mut any = zero::<T, V>();
        for (y, &from) in y.iter_mut().zip(order::<N>()) {
            *y = negabinary::<T, V>(x[usize::from(from) % N]);
            any = any.or(*y);
        }
        any.store(&mut union, at);
        transpose::<T, V, N>(&mut y);
        for (y, row) in y.into_iter().zip(planes.iter_mut()) {
            y.store(row, at);
        }
    }
    Blocks { exponents, union, reinterpreted: map(&lost, |l| l != T::Bits::default()) }
}

#[inline(always)]
pub(super) fn inverse_steps<T: Scalar, V: Vector<T>, const N: usize>(
    planes: &[Row<T::Bits>; N],
    transform: Transform,
    exponents: &Row<i32>,
    reinterpreted: &Row<bool>,
    values: &mut [Row<T::Bits>; N],
) {
    let scale = map(exponents, |e| T::power_of_two(e - point::<T>()).to_bits());
    let zeros = mask::<T>(&map(exponents, |e| e == -bias::<T>()));
    let reinterpreted = mask::<T>(reinterpreted);
    for at in (0..LANES).step_by(V::WIDTH) {
        let mut y = [zero::<T, V>(); N];
        for (y, row) in y.iter_mut().zip(planes) {
            *y = V::load(row, at);
        }
        transpose::<T, V, N>(&mut y);
        let mut x = [zero::<T, V>(); N];
        for (y, &to) in y.into_iter().zip(order::<N>()) {
            x[usize::from(to) % N] = from_negabinary::<T, V>(y);
        }
        let factor = V::load(&scale, at);
        match transform {
            Transform::Lossy => {
                unlift_all::<Lossy, T, V, N>(&mut x);
                for (x, row) in x.into_iter().zip(values.iter_mut()) {
                    x.uncast(factor).store(row, at);
                }
            }
            Transform::Reversible => {
                unlift_all::<Reversible, T, V, N>(&mut x);
                let (zeros, reinterpreted) = (V::load(&zeros, at), V::load(&reinterpreted, at));
                for (x, row) in x.into_iter().zip(values.iter_mut()) {
                    let cast = choose::<T, V>(zeros, zero::<T, V>(), x.uncast(factor));
                    choose::<T, V>(reinterpreted, fold_sign::<T, V>(x), cast).store(row, at);
                }
            }
        }
    }
}

/// `yes` where the mask is ones, `no` where it is zeros.
#[inline(always)]
fn choose<T: Scalar, V: Vector<T>>(mask: V, yes: V, no: V) -> V {
    no.xor(no.xor(yes).and(mask))
}

#[inline(always)]
fn exponents<T: Scalar, V: Vector<T>, const N: usize>(values: &[Row<T::Bits>; N]) -> Row<i32> {
    let mut max = [T::Bits::default(); LANES];
    for at in (0..LANES).step_by(V::WIDTH) {
        let mut m = zero::<T, V>();
        for row in values {
            m = m.max_magnitude(V::load(row, at));
        }
        m.store(&mut max, at);
    }
    map(&max, |m| {
        let field = (m.to_u64() >> T::MANTISSA_BITS) as i32;
        if m == T::Bits::default() {
            -bias::<T>()
        } else if field == 2 * bias::<T>() + 1 {
            0
        } else {
            field + 1 - bias::<T>()
        }
    })
}

/// Takes the values' bits, made monotonic, in lanes where the cast does not come back bit for bit; gives something that
/// is not 0 in those. `zeros` marks the blocks without anything but zeros.
#[inline(always)]
fn reinterpret_what_would_lose<T: Scalar, V: Vector<T>, const N: usize>(
    values: &[Row<T::Bits>; N],
    at: usize,
    scale: V,
    zeros: V,
    x: &mut [V; N],
) -> V {
    let mut lost = zero::<T, V>();
    for (x, value) in x.iter_mut().zip(values) {
        *x = choose::<T, V>(zeros, zero::<T, V>(), *x);
        let back = choose::<T, V>(zeros, zero::<T, V>(), x.uncast(scale));
        lost = lost.or(back.xor(V::load(value, at)));
    }
    let mut row = [T::Bits::default(); LANES];
    lost.store(&mut row, at);
    let mask = V::load(&mask::<T>(&map(&row, |l| l != T::Bits::default())), at);
    for (x, value) in x.iter_mut().zip(values) {
        *x = choose::<T, V>(mask, fold_sign::<T, V>(V::load(value, at)), *x);
    }
    lost
}

/// Sign and magnitude to two's complement (shifted by one below zero), and back.
#[inline(always)]
fn fold_sign<T: Scalar, V: Vector<T>>(bits: V) -> V {
    let width = <T::Bits as Unsigned>::WIDTH;
    let negative = zero::<T, V>().sub(bits.shr(width - 1));
    bits.xor(negative.shr(1))
}

#[inline(always)]
fn negabinary<T: Scalar, V: Vector<T>>(x: V) -> V {
    let alternating = V::splat(T::Bits::ALTERNATING);
    x.add(alternating).xor(alternating)
}

#[inline(always)]
fn from_negabinary<T: Scalar, V: Vector<T>>(x: V) -> V {
    let alternating = V::splat(T::Bits::ALTERNATING);
    x.xor(alternating).sub(alternating)
}

/// A transform of lines of four values. (Types, and no closures: those would not inherit the caller's instructions.)
trait Lift {
    fn forward<T: Scalar, V: Vector<T>>(line: [V; 4]) -> [V; 4];
    fn inverse<T: Scalar, V: Vector<T>>(line: [V; 4]) -> [V; 4];
}

/// zfp's decorrelating transform, close to a cosine transform.
struct Lossy;

impl Lift for Lossy {
    #[inline(always)]
    fn forward<T: Scalar, V: Vector<T>>([mut x, mut y, mut z, mut w]: [V; 4]) -> [V; 4] {
        x = x.add(w).half();
        w = w.sub(x);
        z = z.add(y).half();
        y = y.sub(z);
        x = x.add(z).half();
        z = z.sub(x);
        w = w.add(y).half();
        y = y.sub(w);
        w = w.add(y.half());
        y = y.sub(w.half());
        [x, y, z, w]
    }

    #[inline(always)]
    fn inverse<T: Scalar, V: Vector<T>>([mut x, mut y, mut z, mut w]: [V; 4]) -> [V; 4] {
        y = y.add(w.half());
        w = w.sub(y.half());
        y = y.add(w);
        w = w.shl(1).sub(y);
        z = z.add(x);
        x = x.shl(1).sub(z);
        y = y.add(z);
        z = z.shl(1).sub(y);
        w = w.add(x);
        x = x.shl(1).sub(w);
        [x, y, z, w]
    }
}

/// Differences of up to third order, which lose nothing.
struct Reversible;

impl Lift for Reversible {
    #[inline(always)]
    fn forward<T: Scalar, V: Vector<T>>([x, mut y, mut z, mut w]: [V; 4]) -> [V; 4] {
        w = w.sub(z);
        z = z.sub(y);
        y = y.sub(x);
        w = w.sub(z);
        z = z.sub(y);
        w = w.sub(z);
        [x, y, z, w]
    }

    #[inline(always)]
    fn inverse<T: Scalar, V: Vector<T>>([x, mut y, mut z, mut w]: [V; 4]) -> [V; 4] {
        w = w.add(z);
        z = z.add(y);
        w = w.add(z);
        y = y.add(x);
        z = z.add(y);
        w = w.add(z);
        [x, y, z, w]
    }
}

/// Transforms every line of four along every axis, x first.
#[inline(always)]
fn lift_all<L: Lift, T: Scalar, V: Vector<T>, const N: usize>(x: &mut [V; N]) {
    lines::<L, T, V, N>(x, 1, false);
    lines::<L, T, V, N>(x, 4, false);
    lines::<L, T, V, N>(x, 16, false);
    lines::<L, T, V, N>(x, 64, false);
}

/// The inverse: every line along every axis, x last.
#[inline(always)]
fn unlift_all<L: Lift, T: Scalar, V: Vector<T>, const N: usize>(x: &mut [V; N]) {
    lines::<L, T, V, N>(x, 64, true);
    lines::<L, T, V, N>(x, 16, true);
    lines::<L, T, V, N>(x, 4, true);
    lines::<L, T, V, N>(x, 1, true);
}

#[inline(always)]
fn lines<L: Lift, T: Scalar, V: Vector<T>, const N: usize>(x: &mut [V; N], step: usize, inverse: bool) {
    if step >= N {
        return;
    }
    for group in x.chunks_exact_mut(4 * step) {
        let (a, rest) = group.split_at_mut(step);
        let (b, rest) = rest.split_at_mut(step);
        let (c, d) = rest.split_at_mut(step);
        for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
            let line = [*a, *b, *c, *d];
            [*a, *b, *c, *d] = if inverse { L::inverse(line) } else { L::forward(line) };
        }
    }
}

/// Transposes, in every lane, the square bit matrices that `min(N, W)` rows of `W` bits hold: rows become planes and
/// planes rows. Its own inverse. The classic exchange of ever smaller quarters (Warren, *Hacker's Delight*, 7-3).
#[inline(always)]
fn transpose<T: Scalar, V: Vector<T>, const N: usize>(rows: &mut [V; N]) {
    let side = N.min(<T::Bits as Unsigned>::WIDTH as usize);
    for square in rows.chunks_exact_mut(side) {
        exchange::<T, V>(square, 32);
        exchange::<T, V>(square, 16);
        exchange::<T, V>(square, 8);
        exchange::<T, V>(square, 4);
        exchange::<T, V>(square, 2);
        exchange::<T, V>(square, 1);
    }
}

#[inline(always)]
fn exchange<T: Scalar, V: Vector<T>>(square: &mut [V], distance: usize) {
    if distance >= square.len() {
        return;
    }
    let by = distance as u32;
    // Ones in the low half of every 2 * distance bits.
    let low = V::splat(T::Bits::from_u64(u64::MAX / ((1u64 << by) + 1)));
    for pair in square.chunks_exact_mut(2 * distance) {
        let (upper, lower) = pair.split_at_mut(distance);
        for (a, b) in upper.iter_mut().zip(lower) {
            let t = a.shr(by).xor(*b).and(low);
            *b = b.xor(t);
            *a = a.xor(t.shl(by));
        }
    }
}

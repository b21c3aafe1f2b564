//! The steps of the transform, each on whole vectors of lanes.

use super::bits::{from_planes, to_planes};
use super::lift::{Lossy, Reversible, lift_all, unlift_all};
use super::order::order;
use super::scalar::{Scalar, Unsigned};
use super::vector::{Cast, Vector};
use super::{Blocks, LANES, Row, Transform};
use tolzip_core::Word;

/// Of the type's exponents; for integers 0, which is the exponent that all their blocks are given.
const fn bias<T: Scalar>() -> i32 {
    if is_float::<T>() { (1 << (T::EXPONENT_BITS - 1)) - 1 } else { 0 }
}

const fn is_float<T: Scalar>() -> bool {
    T::EXPONENT_BITS > 0
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
    fill(&mut out, x, f);
    out
}

/// Applies `f` to some lanes.
#[inline(always)]
fn fill<X: Copy, Y>(out: &mut [Y], x: &[X], f: impl Fn(X) -> Y) {
    for (y, &x) in out.iter_mut().zip(x) {
        *y = f(x);
    }
}

/// All ones where `x` is true.
#[inline(always)]
fn mask<T: Scalar>(x: bool) -> T::Bits {
    if x { T::Bits::from_u64(u64::MAX) } else { T::Bits::default() }
}

#[inline(always)]
fn zero<U: Unsigned, V: Vector<U>>(cpu: V::Cpu) -> V {
    V::splat(cpu, U::default())
}

#[inline(always)]
pub(super) fn forward_steps<T: Scalar, V: Cast<T>, const N: usize>(
    cpu: V::Cpu,
    values: &[Row<T::Bits>; N],
    transform: Transform,
    planes: &mut [Row<T::Bits>; N],
) -> Blocks<T::Bits> {
    let mut exponents = [0; LANES];
    let mut union = [T::Bits::default(); LANES];
    let mut lost = [T::Bits::default(); LANES];
    let (mut scale, mut back, mut zeros) = (union, union, union);
    for at in (0..LANES).step_by(V::WIDTH) {
        let mut x = [zero::<_, V>(cpu); N];
        for (four, quads) in x.chunks_exact_mut(4).zip(values.chunks_exact(4)) {
            let mut rows = [zero::<_, V>(cpu); 4];
            for (row, quads) in rows.iter_mut().zip(quads) {
                *row = V::load(cpu, quads, at);
            }
            four.copy_from_slice(&V::transpose(rows));
        }
        if is_float::<T>() {
            let lanes = at..at + V::WIDTH;
            fill(
                &mut exponents[lanes.clone()],
                &largest::<T, V, N>(cpu, &x, at)[lanes.clone()],
                exponent::<T>,
            );
            let exponents = &exponents[lanes.clone()];
            fill(&mut scale[lanes.clone()], exponents, |e| T::power_of_two(point::<T>() - e).to_bits());
            fill(&mut back[lanes.clone()], exponents, |e| T::power_of_two(e - point::<T>()).to_bits());
            fill(&mut zeros[lanes], exponents, |e| mask::<T>(e == -bias::<T>()));
        }
        let factor = V::load(cpu, &scale, at);
        match transform {
            Transform::Lossy | Transform::Coefficients => {
                cast_all::<T, V, N>(factor, &mut x);
                lift_all::<Lossy, T::Bits, V, N>(&mut x);
            }
            Transform::Reversible => {
                if is_float::<T>() {
                    let raw = x;
                    cast_all::<T, V, N>(factor, &mut x);
                    let (back, zeros) = (V::load(cpu, &back, at), V::load(cpu, &zeros, at));
                    let l = reinterpret_what_would_lose::<T, V, N>(cpu, &raw, at, back, zeros, &mut x);
                    l.store(&mut lost, at);
                }
                lift_all::<Reversible, T::Bits, V, N>(&mut x);
            }
        }
        let mut y = [zero::<_, V>(cpu); N];
        let mut any = zero::<_, V>(cpu);
        for (y, &from) in y.iter_mut().zip(order::<N>()) {
            *y = negabinary::<T::Bits, V>(cpu, x[usize::from(from) % N]);
            any = any.or(*y);
        }
        any.store(&mut union, at);
        if transform != Transform::Coefficients {
            to_planes::<T::Bits, V, N>(cpu, &mut y);
        }
        for (y, row) in y.iter().zip(planes.iter_mut()) {
            y.store(row, at);
        }
    }
    Blocks { exponents, union, reinterpreted: map(&lost, |l| l != T::Bits::default()) }
}

#[inline(always)]
pub(super) fn planes_steps<T: Scalar, V: Cast<T>, const N: usize>(
    cpu: V::Cpu,
    coefficients: &[Row<T::Bits>; N],
    planes: &mut [Row<T::Bits>; N],
) {
    for at in (0..LANES).step_by(V::WIDTH) {
        let mut y = [zero::<_, V>(cpu); N];
        for (y, row) in y.iter_mut().zip(coefficients) {
            *y = V::load(cpu, row, at);
        }
        to_planes::<T::Bits, V, N>(cpu, &mut y);
        for (y, row) in y.iter().zip(planes.iter_mut()) {
            y.store(row, at);
        }
    }
}

#[inline(always)]
pub(super) fn inverse_steps<T: Scalar, V: Cast<T>, const N: usize>(
    cpu: V::Cpu,
    planes: &[Row<T::Bits>; N],
    transform: Transform,
    exponents: &Row<i32>,
    reinterpreted: &Row<bool>,
    values: &mut [Row<T::Bits>; N],
) {
    let scale = map(exponents, |e| T::power_of_two(e - point::<T>()).to_bits());
    let zeros = map(exponents, |e| mask::<T>(e == -bias::<T>()));
    let reinterpreted = map(reinterpreted, mask::<T>);
    for at in (0..LANES).step_by(V::WIDTH) {
        let mut y = [zero::<_, V>(cpu); N];
        for (y, row) in y.iter_mut().zip(planes) {
            *y = V::load(cpu, row, at);
        }
        if transform != Transform::Coefficients {
            from_planes::<T::Bits, V, N>(cpu, &mut y);
        }
        let mut x = [zero::<_, V>(cpu); N];
        for (&y, &to) in y.iter().zip(order::<N>()) {
            x[usize::from(to) % N] = from_negabinary::<T::Bits, V>(cpu, y);
        }
        let factor = V::load(cpu, &scale, at);
        match transform {
            Transform::Lossy | Transform::Coefficients => unlift_all::<Lossy, T::Bits, V, N>(&mut x),
            Transform::Reversible => unlift_all::<Reversible, T::Bits, V, N>(&mut x),
        }
        let is_checked = is_float::<T>() && transform == Transform::Reversible;
        let (zeros, reinterpreted) = (V::load(cpu, &zeros, at), V::load(cpu, &reinterpreted, at));
        for (four, rows) in x.chunks_exact(4).zip(values.chunks_exact_mut(4)) {
            let mut quads = [four[0], four[1], four[2], four[3]];
            for x in &mut quads {
                let cast = x.uncast(factor);
                *x = if is_checked {
                    let cast = choose::<T::Bits, V>(zeros, zero::<_, V>(cpu), cast);
                    choose::<T::Bits, V>(reinterpreted, fold_sign::<T::Bits, V>(cpu, *x), cast)
                } else {
                    cast
                };
            }
            for (quads, row) in V::transpose(quads).iter().zip(rows) {
                quads.store(row, at);
            }
        }
    }
}

/// Values to integers.
#[inline(always)]
fn cast_all<T: Scalar, V: Cast<T>, const N: usize>(factor: V, x: &mut [V; N]) {
    for x in x {
        *x = x.cast(factor);
    }
}

/// `yes` where the mask is ones, `no` where it is zeros.
#[inline(always)]
fn choose<U: Unsigned, V: Vector<U>>(mask: V, yes: V, no: V) -> V {
    no.xor(no.xor(yes).and(mask))
}

/// The largest magnitude of every block; only the lanes from `at` on are there.
#[inline(always)]
fn largest<T: Scalar, V: Cast<T>, const N: usize>(cpu: V::Cpu, x: &[V; N], at: usize) -> Row<T::Bits> {
    let mut row = [T::Bits::default(); LANES];
    let mut max = zero::<_, V>(cpu);
    for &x in x {
        max = max.max_magnitude(x);
    }
    max.store(&mut row, at);
    row
}

/// Of a block with this largest magnitude: see [`Blocks`].
#[inline(always)]
fn exponent<T: Scalar>(largest: T::Bits) -> i32 {
    let field = (largest.to_u64() >> T::MANTISSA_BITS) as i32;
    if largest == T::Bits::default() {
        -bias::<T>()
    } else if field == 2 * bias::<T>() + 1 {
        0
    } else {
        field + 1 - bias::<T>()
    }
}

/// Takes the values' bits, made monotonic, in lanes where the cast does not come back bit for bit; gives something that
/// is not 0 in those. `zeros` marks the blocks without anything but zeros.
#[inline(always)]
fn reinterpret_what_would_lose<T: Scalar, V: Cast<T>, const N: usize>(
    cpu: V::Cpu,
    values: &[V; N],
    at: usize,
    scale: V,
    zeros: V,
    x: &mut [V; N],
) -> V {
    let mut lost = zero::<_, V>(cpu);
    for (x, &value) in x.iter_mut().zip(values) {
        *x = choose::<T::Bits, V>(zeros, zero::<_, V>(cpu), *x);
        let back = choose::<T::Bits, V>(zeros, zero::<_, V>(cpu), x.uncast(scale));
        lost = lost.or(back.xor(value));
    }
    let mut row = [T::Bits::default(); LANES];
    lost.store(&mut row, at);
    let mask = V::load(cpu, &map(&row, |l| mask::<T>(l != T::Bits::default())), at);
    for (x, &value) in x.iter_mut().zip(values) {
        *x = choose::<T::Bits, V>(mask, fold_sign::<T::Bits, V>(cpu, value), *x);
    }
    lost
}

/// Sign and magnitude to two's complement (shifted by one below zero), and back.
#[inline(always)]
fn fold_sign<U: Unsigned, V: Vector<U>>(cpu: V::Cpu, bits: V) -> V {
    let negative = zero::<_, V>(cpu).sub(bits.shr(U::WIDTH - 1));
    bits.xor(negative.shr(1))
}

#[inline(always)]
fn negabinary<U: Unsigned, V: Vector<U>>(cpu: V::Cpu, x: V) -> V {
    let alternating = V::splat(cpu, U::ALTERNATING);
    x.add(alternating).xor(alternating)
}

#[inline(always)]
fn from_negabinary<U: Unsigned, V: Vector<U>>(cpu: V::Cpu, x: V) -> V {
    let alternating = V::splat(cpu, U::ALTERNATING);
    x.xor(alternating).sub(alternating)
}

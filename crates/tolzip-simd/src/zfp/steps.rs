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
    let exponents = if is_float::<T>() { exponents::<T, V, N>(cpu, values) } else { [0; LANES] };
    let scale = map(&exponents, |e| T::power_of_two(point::<T>() - e).to_bits());
    let back = map(&exponents, |e| T::power_of_two(e - point::<T>()).to_bits());
    let zeros = mask::<T>(&map(&exponents, |e| is_float::<T>() && e == -bias::<T>()));
    let mut union = [T::Bits::default(); LANES];
    let mut lost = [T::Bits::default(); LANES];
    for at in (0..LANES).step_by(V::WIDTH) {
        let factor = V::load(cpu, &scale, at);
        let mut x = [zero::<_, V>(cpu); N];
        for (x, row) in x.iter_mut().zip(values) {
            *x = V::load(cpu, row, at).cast(factor);
        }
        match transform {
            Transform::Lossy | Transform::Coefficients => lift_all::<Lossy, T::Bits, V, N>(&mut x),
            Transform::Reversible => {
                if is_float::<T>() {
                    let (back, zeros) = (V::load(cpu, &back, at), V::load(cpu, &zeros, at));
                    let l = reinterpret_what_would_lose::<T, V, N>(cpu, values, at, back, zeros, &mut x);
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
        for (y, row) in y.into_iter().zip(planes.iter_mut()) {
            y.store(row, at);
        }
    }
    Blocks { exponents, union, reinterpreted: map(&lost, |l| l != T::Bits::default()) }
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
    let zeros = mask::<T>(&map(exponents, |e| e == -bias::<T>()));
    let reinterpreted = mask::<T>(reinterpreted);
    for at in (0..LANES).step_by(V::WIDTH) {
        let mut y = [zero::<_, V>(cpu); N];
        for (y, row) in y.iter_mut().zip(planes) {
            *y = V::load(cpu, row, at);
        }
        if transform != Transform::Coefficients {
            from_planes::<T::Bits, V, N>(cpu, &mut y);
        }
        let mut x = [zero::<_, V>(cpu); N];
        for (y, &to) in y.into_iter().zip(order::<N>()) {
            x[usize::from(to) % N] = from_negabinary::<T::Bits, V>(cpu, y);
        }
        let factor = V::load(cpu, &scale, at);
        match transform {
            Transform::Lossy | Transform::Coefficients => unlift_all::<Lossy, T::Bits, V, N>(&mut x),
            Transform::Reversible => unlift_all::<Reversible, T::Bits, V, N>(&mut x),
        }
        if is_float::<T>() && transform == Transform::Reversible {
            let (zeros, reinterpreted) = (V::load(cpu, &zeros, at), V::load(cpu, &reinterpreted, at));
            for (x, row) in x.into_iter().zip(values.iter_mut()) {
                let cast = choose::<T::Bits, V>(zeros, zero::<_, V>(cpu), x.uncast(factor));
                choose::<T::Bits, V>(reinterpreted, fold_sign::<T::Bits, V>(cpu, x), cast).store(row, at);
            }
        } else {
            for (x, row) in x.into_iter().zip(values.iter_mut()) {
                x.uncast(factor).store(row, at);
            }
        }
    }
}

/// `yes` where the mask is ones, `no` where it is zeros.
#[inline(always)]
fn choose<U: Unsigned, V: Vector<U>>(mask: V, yes: V, no: V) -> V {
    no.xor(no.xor(yes).and(mask))
}

#[inline(always)]
fn exponents<T: Scalar, V: Cast<T>, const N: usize>(cpu: V::Cpu, values: &[Row<T::Bits>; N]) -> Row<i32> {
    let mut max = [T::Bits::default(); LANES];
    for at in (0..LANES).step_by(V::WIDTH) {
        let mut m = zero::<_, V>(cpu);
        for row in values {
            m = m.max_magnitude(V::load(cpu, row, at));
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
fn reinterpret_what_would_lose<T: Scalar, V: Cast<T>, const N: usize>(
    cpu: V::Cpu,
    values: &[Row<T::Bits>; N],
    at: usize,
    scale: V,
    zeros: V,
    x: &mut [V; N],
) -> V {
    let mut lost = zero::<_, V>(cpu);
    for (x, value) in x.iter_mut().zip(values) {
        *x = choose::<T::Bits, V>(zeros, zero::<_, V>(cpu), *x);
        let back = choose::<T::Bits, V>(zeros, zero::<_, V>(cpu), x.uncast(scale));
        lost = lost.or(back.xor(V::load(cpu, value, at)));
    }
    let mut row = [T::Bits::default(); LANES];
    lost.store(&mut row, at);
    let mask = V::load(cpu, &mask::<T>(&map(&row, |l| l != T::Bits::default())), at);
    for (x, value) in x.iter_mut().zip(values) {
        *x = choose::<T::Bits, V>(mask, fold_sign::<T::Bits, V>(cpu, V::load(cpu, value, at)), *x);
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

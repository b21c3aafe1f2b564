//! The transforms of a block: every line of four values along every axis.

use super::scalar::Unsigned;
use super::vector::Vector;

/// A transform of lines of four values. (Types, and no closures: those would not inherit the caller's instructions.)
pub(super) trait Lift {
    fn forward<U: Unsigned, V: Vector<U>>(line: [V; 4]) -> [V; 4];
    fn inverse<U: Unsigned, V: Vector<U>>(line: [V; 4]) -> [V; 4];
}

/// zfp's decorrelating transform, close to a cosine transform.
pub(super) struct Lossy;

impl Lift for Lossy {
    #[inline(always)]
    fn forward<U: Unsigned, V: Vector<U>>([mut x, mut y, mut z, mut w]: [V; 4]) -> [V; 4] {
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
    fn inverse<U: Unsigned, V: Vector<U>>([mut x, mut y, mut z, mut w]: [V; 4]) -> [V; 4] {
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
pub(super) struct Reversible;

impl Lift for Reversible {
    #[inline(always)]
    fn forward<U: Unsigned, V: Vector<U>>([x, mut y, mut z, mut w]: [V; 4]) -> [V; 4] {
        w = w.sub(z);
        z = z.sub(y);
        y = y.sub(x);
        w = w.sub(z);
        z = z.sub(y);
        w = w.sub(z);
        [x, y, z, w]
    }

    #[inline(always)]
    fn inverse<U: Unsigned, V: Vector<U>>([x, mut y, mut z, mut w]: [V; 4]) -> [V; 4] {
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
pub(super) fn lift_all<L: Lift, U: Unsigned, V: Vector<U>, const N: usize>(x: &mut [V; N]) {
    lines::<L, U, V, N>(x, 1, false);
    lines::<L, U, V, N>(x, 4, false);
    lines::<L, U, V, N>(x, 16, false);
    lines::<L, U, V, N>(x, 64, false);
}

/// The inverse: every line along every axis, x last.
#[inline(always)]
pub(super) fn unlift_all<L: Lift, U: Unsigned, V: Vector<U>, const N: usize>(x: &mut [V; N]) {
    lines::<L, U, V, N>(x, 64, true);
    lines::<L, U, V, N>(x, 16, true);
    lines::<L, U, V, N>(x, 4, true);
    lines::<L, U, V, N>(x, 1, true);
}

#[inline(always)]
fn lines<L: Lift, U: Unsigned, V: Vector<U>, const N: usize>(x: &mut [V; N], step: usize, inverse: bool) {
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

//! Integer prediction from rows that are already known.

use super::{EXCEPTION, Quantum, Work, dispatched};
use tolzip_core::Float;

dispatched! {
    /// `sum += weight * row`, modulo 2^32.
    ///
    /// # Panics
    /// If `row` is shorter than `sum`.
    add_tap<>(sum: &mut [i32], row: &[i32], weight: i32) -> () {
        let row = &row[..sum.len()];
        for (s, &v) in sum.iter_mut().zip(row) {
            *s = s.wrapping_add(v.wrapping_mul(weight));
        }
    }
}

dispatched! {
    /// The nearest multiple `k step` to `x - offset`; [`EXCEPTION`] where `offset + k step` is not surely within the
    /// bound. Returns the largest error of the others, and whether there were no exceptions.
    ///
    /// # Panics
    /// If `k` is shorter than `x`.
    pre_quantise<T: Float, W: Work<T>>(x: &[T], offset: W, quantum: &Quantum<T, W>, k: &mut [i32]) -> (T, bool) {
        let k = &mut k[..x.len()];
        let Quantum { step, inverse, sure } = *quantum;
        let mut most = T::ZERO;
        let mut failed = 0u32;
        for (k, &x) in k.iter_mut().zip(x) {
            let t = (W::load(x) - offset) * inverse;
            let (whole, integer) = t.round();
            let error = ((offset + whole * step).store() - x).abs();
            let good = (error <= sure) & (t.abs() <= W::LIMIT);
            *k = if good { integer } else { EXCEPTION };
            failed |= u32::from(!good);
            let error = if good { error } else { T::ZERO };
            most = if error > most { error } else { most };
        }
        (most, failed == 0)
    }
}

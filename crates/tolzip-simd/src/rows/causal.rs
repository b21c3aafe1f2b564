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
        let n = x.len();
        let k = &mut k[..n];
        let Quantum { step, inverse, sure } = *quantum;
        let mut most = [T::ZERO; 8];
        let mut failed = [0u32; 8];
        let mut one = |lane: usize, x: T, k: &mut i32| {
            let t = (W::load(x) - offset) * inverse;
            let (whole, integer) = t.round();
            let error = ((offset + whole * step).store() - x).abs();
            let good = (error <= sure) & (t.abs() <= W::LIMIT);
            *k = if good { integer } else { EXCEPTION };
            failed[lane] |= u32::from(!good);
            let error = if good { error } else { T::ZERO };
            most[lane] = if error > most[lane] { error } else { most[lane] };
        };
        let whole = n / 8 * 8;
        for (x, k) in x.as_chunks::<8>().0.iter().zip(k.as_chunks_mut::<8>().0) {
            for lane in 0..8 {
                one(lane, x[lane], &mut k[lane]);
            }
        }
        for i in whole..n {
            one(i - whole, x[i], &mut k[i]);
        }
        let largest = most.into_iter().fold(T::ZERO, |a, b| if b > a { b } else { a });
        (largest, failed == [0; 8])
    }
}

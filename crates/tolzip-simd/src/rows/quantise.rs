//! Residuals to integers and back.

use super::{dispatched, place};
use tolzip_core::{Float, Word};

/// Stands in a row of integers for a value that is stored exactly.
pub const EXCEPTION: i32 = i32::MIN;

/// The type in which values of type `T` are predicted: `T` itself, or f64.
pub trait Work<T>: Float {
    /// Integers beyond this are exceptions.
    const LIMIT: Self;
    /// The same where integers are predicted from integers: the difference of two of them and a prediction of up to
    /// 2^19 more must not reach 2^31.
    const CAUSAL_LIMIT: Self;
    /// The value in this type, exactly.
    fn load(x: T) -> Self;
    /// The nearest value of `T`.
    fn store(self) -> T;
    /// The nearest integer, ties to even, of a number within the limit.
    fn round(self) -> (Self, i32);
    /// An integer within the limit, exactly.
    fn from_int(k: i32) -> Self;
}

impl Work<f32> for f32 {
    const LIMIT: Self = 2_097_152.0;
    const CAUSAL_LIMIT: Self = 2_097_152.0;
    #[inline(always)]
    fn load(x: f32) -> Self {
        x
    }
    #[inline(always)]
    fn store(self) -> f32 {
        self
    }
    #[inline(always)]
    fn round(self) -> (Self, i32) {
        const MAGIC: f32 = 12_582_912.0;
        let s = self + MAGIC;
        (s - MAGIC, (s.to_bits() as i32).wrapping_sub(MAGIC.to_bits() as i32))
    }
    #[inline(always)]
    fn from_int(k: i32) -> Self {
        k as f32
    }
}

macro_rules! in_f64 {
    ($t:ident) => {
        impl Work<$t> for f64 {
            const LIMIT: Self = 1_073_741_824.0;
            const CAUSAL_LIMIT: Self = 536_870_912.0;
            #[inline(always)]
            fn load(x: $t) -> Self {
                Self::from(x)
            }
            #[inline(always)]
            fn store(self) -> $t {
                self as $t
            }
            #[inline(always)]
            fn round(self) -> (Self, i32) {
                const MAGIC: f64 = 6_755_399_441_055_744.0;
                let s = self + MAGIC;
                (s - MAGIC, s.to_bits() as i32)
            }
            #[inline(always)]
            fn from_int(k: i32) -> Self {
                Self::from(k)
            }
        }
    };
}
in_f64!(f32);
in_f64!(f64);

/// Values handled at once.
const LANES: usize = 16;

/// The numbers of a uniform quantizer.
#[derive(Clone, Copy, Debug)]
pub struct Quantum<T, W> {
    /// The distance of neighbouring reconstructions.
    pub step: W,
    /// Its inverse.
    pub inverse: W,
    /// Errors up to this one are within the bound even when the difference was rounded.
    pub sure: T,
}

impl<T: Float, W: Work<T>> Quantum<T, W> {
    /// The quantizer of a step and an absolute bound, both in units of the values, or `None` where the step or its inverse
    /// leaves the range of `W`.
    #[must_use]
    pub fn new(step: f64, bound: f64) -> Option<Self> {
        let step = W::from_f64(step);
        let inverse = W::ONE / step;
        // A difference that is rounded is within the bound if it is below this.
        let limit = bound * (1.0 - 1.0 / 1_048_576.0);
        let nearest = T::from_f64(limit);
        // Never above the bound, which among denormals the nearest value can be.
        let above = nearest.to_f64() > limit;
        let sure =
            if above { T::from_bits(T::Bits::from_u64(nearest.to_bits().to_u64() - 1)) } else { nearest };
        let usable = |x: W| x.is_finite() && x > W::ZERO;
        (usable(step) && usable(inverse)).then_some(Self { step, inverse, sure })
    }
}

dispatched! {
    /// Quantises `x - p` to `k`, reconstructs `r = p + k step`, and returns the largest `|r - x|` of the values that
    /// were found surely within the bound. Values that were not are left as [`EXCEPTION`] with `r = x`, and the
    /// second result is whether there are none.
    ///
    /// # Panics
    /// If a row is shorter than `x`.
    quantise<T: Float, W: Work<T>>(
        x: &[T], p: &[W], quantum: &Quantum<T, W>, k: &mut [i32], r: &mut [T],
    ) -> (T, bool) {
        let n = x.len();
        let (p, k, r) = (&p[..n], &mut k[..n], &mut r[..n]);
        let Quantum { step, inverse, sure } = *quantum;
        let mut most = [T::ZERO; LANES];
        // 1 where there was an exception: as numbers of the values' type, vectors of all kinds keep them in registers.
        let mut failed = [T::ZERO; LANES];
        let mut one = |lane: usize, x: T, p: W, k: &mut i32, r: &mut T| {
            let t = (W::load(x) - p) * inverse;
            let (whole, integer) = t.round();
            let back = (p + whole * step).store();
            let error = (back - x).abs();
            let good = (error <= sure) & (t.abs() <= W::LIMIT);
            *k = if good { integer } else { EXCEPTION };
            *r = if good { back } else { x };
            let fails = if good { T::ZERO } else { T::ONE };
            failed[lane] = if fails > failed[lane] { fails } else { failed[lane] };
            let error = if good { error } else { T::ZERO };
            most[lane] = if error > most[lane] { error } else { most[lane] };
        };
        let rounds = x.as_chunks::<LANES>().0.iter().zip(p.as_chunks::<LANES>().0);
        let results = k.as_chunks_mut::<LANES>().0.iter_mut().zip(r.as_chunks_mut::<LANES>().0);
        for ((x, p), (k, r)) in rounds.zip(results) {
            for lane in 0..LANES {
                one(lane, x[lane], p[lane], &mut k[lane], &mut r[lane]);
            }
        }
        // What is left is done with some of what was done before, which comes out the same.
        if let (false, Some(x), Some(p), Some(k), Some(r)) = (
            n.is_multiple_of(LANES),
            x.last_chunk::<LANES>(),
            p.last_chunk::<LANES>(),
            k.last_chunk_mut::<LANES>(),
            r.last_chunk_mut::<LANES>(),
        ) {
            for lane in 0..LANES {
                one(lane, x[lane], p[lane], &mut k[lane], &mut r[lane]);
            }
        } else if n < LANES {
            for i in 0..n {
                one(i, x[i], p[i], &mut k[i], &mut r[i]);
            }
        }
        let largest = most.into_iter().fold(T::ZERO, |a, b| if b > a { b } else { a });
        (largest, failed == [T::ZERO; LANES])
    }
}

dispatched! {
    /// `r = p + k step`, as [`quantise`] reconstructs.
    ///
    /// # Panics
    /// If a row is shorter than `r`.
    reconstruct<T: Float, W: Work<T>>(p: &[W], k: &[i32], step: W, r: &mut [T]) -> () {
        let n = r.len();
        let (p, k) = (&p[..n], &k[..n]);
        if n < LANES {
            for i in 0..n {
                r[i] = (p[i] + W::from_int(k[i]) * step).store();
            }
            return;
        }
        for i in 0..n.div_ceil(LANES) {
            let at = place::<LANES>(i, n);
            let from = (p[at..].first_chunk::<LANES>(), k[at..].first_chunk::<LANES>());
            if let ((Some(p), Some(k)), Some(r)) = (from, r[at..].first_chunk_mut::<LANES>()) {
                for lane in 0..LANES {
                    r[lane] = (p[lane] + W::from_int(k[lane]) * step).store();
                }
            }
        }
    }
}

dispatched! {
    /// [`reconstruct`] with all `k = 0`, which makes 0 of -0.
    ///
    /// # Panics
    /// If `p` is shorter than `r`.
    store<T: Float, W: Work<T>>(p: &[W], r: &mut [T]) -> () {
        let n = r.len();
        for (r, &p) in r.iter_mut().zip(&p[..n]) {
            *r = (p + W::ZERO).store();
        }
    }
}

dispatched! {
    /// [`unfold`](super::unfold) and [`reconstruct`] at once, without the integers.
    ///
    /// # Panics
    /// If the slices differ in length.
    unfold_reconstruct<T: Float, W: Work<T>>(
        symbols: &[u8], p: &[W], step: W, r: &mut [T], activities: &mut [u16],
    ) -> u8 {
        let n = r.len();
        let (symbols, p, activities) = (&symbols[..n], &p[..n], &mut activities[..n]);
        let mut most = 0;
        for i in 0..n {
            let u = i32::from(symbols[i]);
            r[i] = (p[i] + W::from_int(u >> 1 ^ -(u & 1)) * step).store();
            activities[i] = u16::from(symbols[i]).div_ceil(2);
            most = symbols[i].max(most);
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;
    extern crate std;

    fn both_ways<W: Work<f32>>(step: W) {
        let x: Vec<f32> = (0..1000).map(|i| (i as f32 * 0.37).sin() * 10.0).collect();
        let p: Vec<W> = (0..1000).map(|i| W::from_f64(f64::from(i % 7) - 3.0)).collect();
        let quantum = Quantum { step, inverse: W::ONE / step, sure: 0.01 };
        let (mut k, mut r, mut again) = (vec![0; 1000], vec![0.0; 1000], vec![0.0; 1000]);
        let (most, good) = quantise(&x, &p, &quantum, &mut k, &mut r);
        assert!(good && most <= 0.01 && most > 0.005);
        reconstruct(&p, &k, step, &mut again);
        assert_eq!(r, again);
        let bad = [f32::NAN, f32::INFINITY, 1e30, 0.5, -0.0];
        let (_, good) = quantise(&bad, &p, &quantum, &mut k, &mut r);
        assert!(!good);
        assert_eq!(k[..3], [EXCEPTION; 3]);
        assert!(k[3] != EXCEPTION && k[4] != EXCEPTION);
    }

    #[test]
    fn rows_of_every_length_are_reconstructed_value_by_value() {
        for n in 0..50 {
            let p: Vec<f32> = (0..n).map(|i| i as f32 * 0.3).collect();
            let k: Vec<i32> = (0..n).map(|i| i * i - 70).collect();
            let mut r = vec![0.0f32; k.len()];
            reconstruct(&p, &k, 0.7, &mut r);
            assert!(r.iter().zip(p.iter().zip(&k)).all(|(&r, (&p, &k))| r == p + k as f32 * 0.7));
        }
    }

    #[test]
    fn reconstruction_repeats_the_quantizer() {
        both_ways(0.019f32);
        both_ways(0.019f64);
    }
}

//! Rows of integers under each other, each value predicted from the ones before it and above it.
//!
//! A value waits for its neighbour to the left, and rows wait for the row above: one after the other, values take as long as
//! a multiplication and what follows it. A row can begin as soon as the row above is two values ahead, however: registers
//! hold a value of each row, and a step finds one more value in all of them.

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
mod x86;

/// The most rows of a [`Batch`].
const ROWS: usize = 16;
/// Room before a row of a batch: rows begin two steps after each other.
const BEFORE: usize = 2 * ROWS;
/// Room behind a row: that of the last one to end, and what is left of a block of steps.
const BEHIND: usize = 3 * ROWS;

/// The weights of the neighbours that are found with a value's own row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Near {
    /// Of the value before, and the one before that.
    pub left: [i32; 2],
    /// In the row above: before the value's place, at it, and behind it.
    pub above: [i32; 3],
    /// Two rows above.
    pub above2: i32,
    /// Whether residuals count from the value above.
    pub from_above: bool,
    /// What predictions are shifted by.
    pub shift: u32,
}

/// Rows that [`turn`] turns into columns.
pub const TURNED: usize = 16;

/// Turns 16 rows of `stride` integers, a multiple of 16, into rows of 16.
///
/// # Panics
/// If the slices do not have so many.
pub fn turn(from: &[i32], stride: usize, to: &mut [i32]) {
    assert!(stride.is_multiple_of(TURNED) && from.len() == TURNED * stride && to.len() == from.len());
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    match crate::cpu::cpu() {
        // SAFETY: the CPU has the features.
        crate::cpu::Cpu::Avx512 => return unsafe { x86::avx512::turn(from, stride, to) },
        // SAFETY: the CPU has AVX2.
        crate::cpu::Cpu::Avx2 => return unsafe { x86::avx2::turn(from, stride, to) },
        _ => {}
    }
    turn_scalar(from, stride, to);
}

/// The definition of [`turn`].
fn turn_scalar(from: &[i32], stride: usize, to: &mut [i32]) {
    for (column, to) in to.as_chunks_mut::<TURNED>().0.iter_mut().enumerate() {
        for (row, to) in to.iter_mut().enumerate() {
            *to = from[row * stride + column];
        }
    }
}

/// Rows of residuals, and of sums: predictions but for the part of the neighbours in the batch, times `2^shift`.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Residuals, in whose place the values come.
    values: alloc::vec::Vec<i32>,
    sums: alloc::vec::Vec<i32>,
    stride: usize,
    /// Values in a row.
    n: usize,
}

/// How many rows [`Batch::integrate`] takes at once; the values do not depend on it.
#[must_use]
pub fn rows_at_once() -> usize {
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    match crate::cpu::cpu() {
        crate::cpu::Cpu::Avx512 => return x86::avx512::ROWS,
        crate::cpu::Cpu::Avx2 => return x86::avx2::ROWS,
        _ => {}
    }
    2
}

impl Batch {
    /// Room for up to so many rows of up to `n` values.
    ///
    /// # Errors
    /// [`tolzip_core::Error::OutOfMemory`].
    pub fn new(rows: usize, n: usize) -> tolzip_core::Result<Self> {
        let out_of_memory = tolzip_core::Error::OutOfMemory { bytes: u64::MAX };
        // An odd number of cache lines, so that the rows' places are not all the same in a cache.
        let lines = n.checked_add(BEFORE + BEHIND + ROWS).ok_or(out_of_memory.clone())? / ROWS;
        let stride = lines | 1;
        let size = stride.checked_mul(ROWS * rows).ok_or(out_of_memory)?;
        let (values, sums) = (crate::memory::zeros(size)?, crate::memory::zeros(size)?);
        Ok(Self { values, sums, stride: stride * ROWS, n })
    }

    /// A row's residuals (or values) and its sums, with room behind them for what is written there as well.
    pub fn row(&mut self, row: usize) -> (&mut [i32], &mut [i32]) {
        let (begin, end) = (row * self.stride + BEFORE, (row + 1) * self.stride);
        (&mut self.values[begin..end], &mut self.sums[begin..end])
    }

    /// Turns the first `n` residuals of the first `rows` rows into values, modulo 2^32:
    /// `k = r + floor((sum + weights * neighbours) / 2^shift)`, plus the value above with `from_above`.
    ///
    /// Before a row stands twice the first value of the row above it, `first` for the first one; behind it its last value
    /// again. Neighbours in rows above the first count nothing: they are in the sums.
    ///
    /// # Panics
    /// If there are more than there is room for, or than [`rows_at_once`].
    pub fn integrate(&mut self, rows: usize, first: i32, near: &Near) {
        assert!(rows * self.stride <= self.values.len());
        #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
        if rows > 2 {
            match crate::cpu::cpu() {
                // SAFETY: the CPU has the features.
                crate::cpu::Cpu::Avx512 => return unsafe { x86::avx512::integrate(self, rows, first, near) },
                // SAFETY: the CPU has AVX2.
                crate::cpu::Cpu::Avx2 => return unsafe { x86::avx2::integrate(self, rows, first, near) },
                _ => {}
            }
        }
        self.integrate_scalar(rows, first, near);
    }

    /// The definition of [`integrate`](Self::integrate): one row after the other, but two together.
    fn integrate_scalar(&mut self, rows: usize, first: i32, near: &Near) {
        let (n, stride) = (self.n, self.stride);
        if rows == 2 && n >= 2 {
            return two(self, first, near);
        }
        for row in 0..rows {
            let begin = row * stride + BEFORE;
            let (above, here) = self.values.split_at_mut(begin);
            // Rows begin with two of the first value above, here and in the row above; behind them the last one comes again.
            let up = |by: usize| (row >= by).then(|| &above[begin - by * stride - 2..][..n + 3]);
            let (up, up2) = (up(1), up(2));
            let mut chain = Chain::new([up.map_or(first, |up| up[2]); 2], near);
            here[..n].iter_mut().zip(&self.sums[begin..]).enumerate().for_each(|(i, (k, &sum))| {
                let [a, b, c] = up.map_or([0; 3], |up| [up[i + 1], up[i + 2], up[i + 3]]);
                let sum = up2.map_or(sum, |up2| sum.wrapping_add(up2[i + 2].wrapping_mul(near.above2)));
                *k = chain.below([a, b, c], near, sum, *k);
            });
            let (before, last) = (up.map_or(first, |up| up[2]), here[n.saturating_sub(1)]);
            here[n] = last;
            self.values[begin - 2..begin].fill(before);
        }
    }
}

/// Values of a row, each of which the next ones wait for.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    weights: [i32; 2],
    shift: u32,
    /// The last two values.
    values: [i32; 2],
    /// The last value but for its residual, and that: what the next value waits for is the former only.
    predicted: i32,
    residual: i32,
}

impl Chain {
    /// Begins behind two values, the latter of which is the nearer one. `near` has the weights of such values, the nearer
    /// one's first; nothing else in it counts.
    #[must_use]
    pub const fn new(before: [i32; 2], near: &Near) -> Self {
        Self { weights: near.left, shift: near.shift, values: before, predicted: before[1], residual: 0 }
    }

    /// The next value, from the rest of its sum and its residual.
    #[inline(always)]
    pub const fn next(&mut self, sum: i32, residual: i32) -> i32 {
        let [w1, w2] = self.weights;
        let [b, a] = self.values;
        let known = sum.wrapping_add(b.wrapping_mul(w2)).wrapping_add(self.residual.wrapping_mul(w1));
        self.predicted = known.wrapping_add(self.predicted.wrapping_mul(w1)) >> self.shift;
        self.residual = residual;
        self.values = [a, self.predicted.wrapping_add(residual)];
        self.values[1]
    }

    /// The next value of a row with one above it.
    #[inline(always)]
    const fn below(&mut self, above: [i32; 3], near: &Near, sum: i32, residual: i32) -> i32 {
        let ([a, b, c], [wa, wb, wc]) = (above, near.above);
        let part = a.wrapping_mul(wa).wrapping_add(c.wrapping_mul(wc)).wrapping_add(b.wrapping_mul(wb));
        self.next(sum.wrapping_add(part), residual.wrapping_add(if near.from_above { b } else { 0 }))
    }
}

/// [`Batch::integrate`] for two rows, the lower one two values behind: two chains, which a CPU follows at once.
fn two(batch: &mut Batch, first: i32, near: &Near) {
    let (n, stride) = (batch.n, batch.stride);
    let (upper, lower) = batch.values.split_at_mut(stride);
    let (upper, lower) = (&mut upper[BEFORE..][..n], &mut lower[BEFORE..][..n]);
    let (sums, lower_sums) = batch.sums.split_at(stride);
    let (sums, lower_sums) = (&sums[BEFORE..][..n], &lower_sums[BEFORE..][..n]);
    let mut chain = Chain::new([first; 2], near);
    let mut around = [first, chain.next(sums[0], upper[0]), chain.next(sums[1], upper[1])];
    (upper[0], upper[1]) = (around[1], around[2]);
    let mut second = Chain::new([around[1]; 2], near);
    let (middle, last) = lower.split_at_mut(n - 2);
    let above = upper[2..].iter_mut().zip(&sums[2..]);
    for ((k, &sum), (l, &lower_sum)) in above.zip(middle.iter_mut().zip(lower_sums)) {
        *l = second.below(around, near, lower_sum, *l);
        *k = chain.next(sum, *k);
        around = [around[1], around[2], *k];
    }
    last[0] = second.below(around, near, lower_sums[n - 2], last[0]);
    around = [around[1], around[2], around[2]];
    last[1] = second.below(around, near, lower_sums[n - 1], last[1]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    /// The definition, as it is written.
    fn plainly(batch: &Batch, rows: usize, first: i32, near: &Near) -> Vec<Vec<i32>> {
        let mut all: Vec<Vec<i32>> = Vec::new();
        for row in 0..rows {
            let begin = row * batch.stride + BEFORE;
            // Two values before each row, one behind it.
            let up = if row > 0 { all[row - 1].clone() } else { vec![first; batch.n + 3] };
            let counts = if row > 0 { 1i32 } else { 0 };
            let mut line = vec![up[2]; 2];
            for i in 0..batch.n {
                let mut sum = batch.sums[begin + i];
                sum = sum.wrapping_add(line[i + 1].wrapping_mul(near.left[0]));
                sum = sum.wrapping_add(line[i].wrapping_mul(near.left[1]));
                for (d, w) in near.above.iter().enumerate() {
                    sum = sum.wrapping_add(up[i + 1 + d].wrapping_mul(*w).wrapping_mul(counts));
                }
                if row > 1 {
                    sum = sum.wrapping_add(all[row - 2][i + 2].wrapping_mul(near.above2));
                }
                let from = if near.from_above { up[i + 2].wrapping_mul(counts) } else { 0 };
                line.push((sum >> near.shift).wrapping_add(batch.values[begin + i]).wrapping_add(from));
            }
            line.push(line[batch.n + 1]);
            all.push(line);
        }
        all
    }

    #[test]
    fn every_version_turns_the_same() {
        for stride in [0, 16, 64, 80] {
            let from: Vec<i32> = (0..TURNED * stride).map(|i| i as i32 * 7).collect();
            let (mut to, mut scalar) = (vec![0; from.len()], vec![1; from.len()]);
            turn(&from, stride, &mut to);
            turn_scalar(&from, stride, &mut scalar);
            assert_eq!(to, scalar);
            assert!(stride == 0 || (to[TURNED + 1], to[15]) == (from[stride + 1], from[15 * stride]));
        }
    }

    proptest! {
        #[test]
        fn every_version_integrates_the_same(
            n in 1usize..130, rows in 1usize..=ROWS, seed in any::<u64>(), first in any::<i32>(), small in any::<bool>(),
            left in any::<[i16; 2]>(), above in any::<[i16; 3]>(), above2 in any::<i16>(), from_above in any::<bool>(),
        ) {
            let mut batch = Batch::new(rows_at_once(), n).unwrap();
            let rows = rows.min(rows_at_once());
            let mut x = seed;
            for v in batch.values.iter_mut().chain(&mut batch.sums) {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *v = if small { (x >> 60) as i32 - 8 } else { (x >> 32) as i32 };
            }
            let near = Near {
                left: left.map(i32::from),
                above: above.map(i32::from),
                above2: i32::from(above2),
                from_above,
                shift: 12,
            };
            let right = plainly(&batch, rows, first, &near);
            let mut scalar = batch.clone();
            scalar.integrate_scalar(rows, first, &near);
            batch.integrate(rows, first, &near);
            for (row, right) in right.iter().enumerate() {
                prop_assert_eq!(&scalar.row(row).0[..n], &right[2..n + 2]);
                prop_assert_eq!(&batch.row(row).0[..n], &right[2..n + 2]);
            }
        }
    }
}

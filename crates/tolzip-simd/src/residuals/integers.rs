//! Words as integers in the order of their values, and differences of rows of them, modulo 2^bits.

use super::versions;
use crate::lane::{Lane, Order};

versions! {
    /// Words with their sign, the topmost bit, as the lowest one.
    ///
    /// # Panics
    /// If the slices differ in length.
    rotate<W: Lane>(words: &[W], out: &mut [W]) {
        assert_eq!(words.len(), out.len());
        for (o, &w) in out.iter_mut().zip(words) {
            *o = w.shl(1).or(w.shr(W::BITS - 1));
        }
    }
}

versions! {
    /// Undoes [`rotate`], in place.
    rotate_back<W: Lane>(words: &mut [W]) {
        for w in words {
            *w = w.shr(1).or(w.shl(W::BITS - 1));
        }
    }
}

/// How integers are predicted from earlier ones.
#[derive(Clone, Copy, Debug)]
pub struct Stencil<'a> {
    /// How words become integers.
    pub order: Order,
    /// Earlier rows: how many values back, and their weights.
    pub terms: &'a [(usize, i8)],
    /// The distance of neighbours within a row.
    pub step: usize,
    /// How often differences are taken within a row.
    pub degree: usize,
}

/// Values that go through all steps while they are in the nearest cache.
const PART: usize = 2048;

impl Stencil<'_> {
    /// The integers of a row that begins at `at`, or of a part of it, apart from the rows before.
    #[inline(always)]
    fn differ<W: Lane>(&self, words: &[W], at: usize, near: &mut [W]) {
        for (o, &w) in near.iter_mut().zip(&words[at..]) {
            *o = self.order.of(w);
        }
        self.combine(near, words, at, -1);
    }

    /// Adds to integers that begin at `at` those of the earlier rows, times `sign` times their weights.
    #[inline(always)]
    fn combine<W: Lane>(&self, row: &mut [W], words: &[W], at: usize, sign: i8) {
        let (n, order) = (row.len(), self.order);
        let of = |lag: usize| &words[at - lag..at - lag + n];
        let mut terms = self.terms;
        // The Lorenzo predictor's three, in one go.
        while let [(a, 1), (b, 1), (c, -1), rest @ ..] = terms {
            let others = of(*a).iter().zip(of(*b)).zip(of(*c));
            let sum = |((&a, &b), &c): ((&W, &W), &W)| {
                order.of::<W>(a).wrapping_add(order.of(b)).wrapping_sub(order.of(c))
            };
            if sign > 0 {
                row.iter_mut().zip(others).for_each(|(x, o)| *x = x.wrapping_add(sum(o)));
            } else {
                row.iter_mut().zip(others).for_each(|(x, o)| *x = x.wrapping_sub(sum(o)));
            }
            terms = rest;
        }
        for &(lag, weight) in terms {
            let other = row.iter_mut().zip(of(lag));
            // The weight is nearly always 1 or -1.
            match weight * sign {
                1 => other.for_each(|(x, &y)| *x = x.wrapping_add(order.of(y))),
                -1 => other.for_each(|(x, &y)| *x = x.wrapping_sub(order.of(y))),
                weight => other.for_each(|(x, &y)| *x = x.wrapping_add(order.of(y).times(weight))),
            }
        }
    }
}

versions! {
    /// The zigzag residuals of the words from `at` on, which belong to one row; `back` words before them do too, which are
    /// `degree * step`, or all of the row's. `near` has room for both.
    ///
    /// # Panics
    /// If words are missing, or room.
    residuals<W: Lane>(words: &[W], at: usize, back: usize, stencil: Stencil<'_>, near: &mut [W], out: &mut [W]) {
        let near = &mut near[..back + out.len()];
        stencil.differ(words, at - back, near);
        let (step, degree) = (stencil.step, stencil.degree);
        if degree == 1 {
            // What has no neighbour stays.
            let head = step.saturating_sub(back).min(out.len());
            let (first, rest) = out.split_at_mut(head);
            first.iter_mut().zip(&near[back..]).for_each(|(o, x)| *o = x.zigzag());
            let neighbours = near[back + head..].iter().zip(&near[(back + head).saturating_sub(step)..]);
            rest.iter_mut().zip(neighbours).for_each(|(o, (x, &y))| *o = x.wrapping_sub(y).zigzag());
            return;
        }
        for pass in 1..=degree {
            // Before `pass * step` the difference of this degree does not exist: the lower one stays.
            for i in ((pass * step).min(near.len())..near.len()).rev() {
                near[i] = near[i].wrapping_sub(near[i - step]);
            }
        }
        out.iter_mut().zip(&near[back..]).for_each(|(o, x)| *o = x.zigzag());
    }
}

versions! {
    /// What [`residuals`] gives for neighbours that are far: the words from `at` on all have exactly `degree` of them, `step` apart.
    /// `near` has room for as many words as `out`.
    ///
    /// # Panics
    /// If words are missing, or room, or for degrees above 3.
    residuals_apart<W: Lane>(words: &[W], at: usize, stencil: Stencil<'_>, near: &mut [W], out: &mut [W]) {
        const WEIGHTS: [&[i8]; 4] = [&[], &[-1], &[-2, 1], &[-3, 3, -1]];
        stencil.differ(words, at, out);
        let near = &mut near[..out.len()];
        for (i, &weight) in WEIGHTS[stencil.degree].iter().enumerate() {
            stencil.differ(words, at - (i + 1) * stencil.step, near);
            out.iter_mut().zip(&*near).for_each(|(o, &x)| *o = o.wrapping_add(x.times(weight)));
        }
        out.iter_mut().for_each(|o| *o = o.zigzag());
    }
}

versions! {
    /// Replaces the zigzag residuals of a row, `n` from `at` on, by the words they stand for; those before are words already.
    ///
    /// # Panics
    /// If words are missing.
    restore<W: Lane>(words: &mut [W], at: usize, n: usize, stencil: Stencil<'_>) {
        let (earlier, rest) = words.split_at_mut(at);
        let row = &mut rest[..n];
        let Stencil { order, step, degree, .. } = stencil;
        if step == 1 && stencil.terms.is_empty() {
            let mut last = [W::default(); 4];
            for (i, part) in row.chunks_mut(PART).enumerate() {
                separate(part);
                for pass in (1..=degree).rev() {
                    if i == 0 {
                        running_sums(part, 1, pass);
                    } else {
                        sums(part, last[pass & 3]);
                    }
                    last[pass & 3] = part[part.len() - 1];
                }
                part.iter_mut().for_each(|x| *x = order.word(*x));
            }
            return;
        }
        separate(row);
        for pass in (1..=degree).rev() {
            running_sums(row, step, pass * step);
        }
        for (i, part) in row.chunks_mut(PART).enumerate() {
            stencil.combine(part, earlier, at + i * PART, 1);
            part.iter_mut().for_each(|x| *x = order.word(*x));
        }
    }
}

/// Words of a run of [`sampled`] ones.
pub const RUN: usize = 16;

versions! {
    /// The zigzag residuals of runs of [`RUN`] words that begin at `starts`, of which each word has all the earlier ones that `terms`
    /// name: how many values back, and their weights. A start of `usize::MAX` is no run; its residuals stay as they are.
    ///
    /// # Panics
    /// If words are missing.
    sampled<W: Lane>(words: &[W], starts: &[usize], terms: &[(usize, i8)], order: Order, out: &mut [W]) {
        for (&start, out) in starts.iter().zip(out.as_chunks_mut::<RUN>().0) {
            let back = |lag: usize| words[start - lag..].first_chunk::<RUN>().expect("a run within the words");
            if start == usize::MAX {
                continue;
            }
            let mut sums = back(0).map(|w| order.of(w));
            for &(lag, weight) in terms {
                let other = sums.iter_mut().zip(back(lag));
                match weight {
                    1 => other.for_each(|(x, &y)| *x = x.wrapping_sub(order.of(y))),
                    -1 => other.for_each(|(x, &y)| *x = x.wrapping_add(order.of(y))),
                    _ => other.for_each(|(x, &y)| *x = x.wrapping_sub(order.of(y).times(weight))),
                }
            }
            *out = sums.map(Lane::zigzag);
        }
    }
}

/// Undoes the zigzag of residuals.
#[inline(always)]
fn separate<W: Lane>(row: &mut [W]) {
    for x in row {
        *x = x.unzigzag();
    }
}

/// From position `from` on, adds the value `step` before.
#[inline(always)]
fn running_sums<W: Lane>(row: &mut [W], step: usize, from: usize) {
    if step == 0 || from >= row.len() || from < step {
        return;
    }
    if step == 1 {
        let last = row[from - 1];
        return sums(&mut row[from..], last);
    }
    let mut rest = &mut row[from - step..];
    while rest.len() > step {
        let (before, after) = rest.split_at_mut(step);
        for (x, &y) in after.iter_mut().zip(before.iter()) {
            *x = x.wrapping_add(y);
        }
        rest = after;
    }
}

/// Adds to each value all before it, and `sum`.
#[inline(always)]
fn sums<W: Lane>(row: &mut [W], mut sum: W) {
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if row.len() >= 8 && crate::cpu::cpu() == crate::cpu::Cpu::Avx512 {
        use super::{as_u32, as_u64, x86};
        if let Some(row) = as_u32(row) {
            // SAFETY: the CPU has the features.
            return unsafe { x86::sums32(row, sum.to_u64() as u32) };
        }
        if let Some(row) = as_u64(row) {
            // SAFETY: the CPU has the features.
            return unsafe { x86::sums64(row, sum.to_u64()) };
        }
    }
    let (blocks, rest) = row.as_chunks_mut::<8>();
    for block in blocks {
        // Sums within a block do not wait for those before it: only the last one does.
        let mut part = *block;
        for distance in [1, 2, 4] {
            let before = part;
            for i in distance..8 {
                part[i] = part[i].wrapping_add(before[i - distance]);
            }
        }
        for (o, p) in block.iter_mut().zip(part) {
            *o = p.wrapping_add(sum);
        }
        sum = sum.wrapping_add(part[7]);
    }
    for x in rest {
        sum = sum.wrapping_add(*x);
        *x = sum;
    }
}

//! Adaptive probabilities, and the weights that they are mixed with.

use super::coder::BinaryCoder;
use super::logistic::{squash, stretch};
use alloc::vec;
use alloc::vec::Vec;

/// What a context knows of a decision: the probability that it is true, in the upper 22 bits, and how often it was seen,
/// in the lower 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(u32);

impl Default for Slot {
    /// Nothing is known.
    fn default() -> Self {
        Self(1 << 31)
    }
}

/// Probabilities follow the mean of all decisions until so many were seen, then that of about so many.
const LIMIT: u32 = 1000;

/// 2048 / (n + 3/2).
const PACES: [u16; 1024] = {
    let mut table = [0; 1024];
    let mut n = 0;
    while n < 1024 {
        table[n] = (4096 / (2 * n as u32 + 3)) as u16;
        n += 1;
    }
    table
};

/// Sixteenths of its logit that a probability counts for which was seen so many times.
const SURE: [u8; 16] = [0, 6, 9, 11, 12, 12, 13, 13, 14, 14, 14, 15, 15, 15, 15, 16];

/// The least probability of either outcome, times 2^16.
const RARE: i32 = 16;

impl Slot {
    const fn seen(self) -> u32 {
        self.0 & 1023
    }

    #[inline(always)]
    fn logit(self) -> i32 {
        stretch(self.0 >> 16) * i32::from(SURE[self.seen().min(15) as usize]) / 16
    }

    #[inline(always)]
    fn learn(&mut self, decision: bool) {
        let p = (self.0 >> 10) as i32;
        let aim = if decision { (1 << 22) - 1 } else { 0 };
        let pace = i32::from(PACES[self.seen() as usize]);
        let moved = p + ((((aim - p) >> 2) * pace) >> 9);
        self.0 = (moved as u32) << 10 | (self.seen() + 1).min(LIMIT);
    }

    /// Codes a decision by what this context alone knows of it.
    #[inline]
    pub fn code(&mut self, coder: &mut impl BinaryCoder, decision: bool) -> bool {
        let p = ((self.0 >> 16) as i32).clamp(RARE, 65536 - RARE);
        let decision = coder.code(decision, p as u32);
        self.learn(decision);
        decision
    }
}

/// Mixes the opinions of `N` contexts, with sets of weights that a small context of their own chooses from.
#[derive(Debug)]
pub struct Mixer<const N: usize> {
    weights: Vec<[i32; N]>,
}

/// Weights are multiples of 2^-16.
const ONE: i32 = 1 << 16;
/// What they begin with.
const FIRST: i32 = ONE * 2 / 5;
/// The largest; sums of eight products with logits still fit 32 bits.
const MOST: i32 = 6 * ONE;
/// How fast weights follow.
const RATE: i32 = 20;

impl<const N: usize> Mixer<N> {
    /// A mixer with so many sets of weights.
    #[must_use]
    pub fn new(sets: usize) -> Self {
        const { assert!(N <= 8, "sums would leave 32 bits") };
        Self { weights: vec![[FIRST; N]; sets] }
    }

    /// Codes a decision, of which the contexts know what stands in `slots` at `at`, with the set `set` of weights.
    ///
    /// # Panics
    /// If one of the indices is out of range.
    #[inline]
    pub fn code(
        &mut self,
        coder: &mut impl BinaryCoder,
        decision: bool,
        slots: &mut [Slot],
        at: [usize; N],
        set: usize,
    ) -> bool {
        let mut logits = [0; N];
        for (logit, &i) in logits.iter_mut().zip(&at) {
            *logit = slots[i].logit();
        }
        let weights = &mut self.weights[set];
        let logit = sum(weights, &logits);
        let p = squash(logit);
        let decision = coder.code(decision, p.clamp(RARE, 65536 - RARE) as u32);
        learn(weights, &logits, decision, p);
        for i in at {
            slots[i].learn(decision);
        }
        decision
    }
}

#[inline(always)]
fn sum<const N: usize>(weights: &[i32; N], logits: &[i32; N]) -> i32 {
    let mut sum = 0;
    for (w, x) in weights.iter().zip(logits) {
        sum += (w >> 4) * x;
    }
    sum >> 12
}

/// A step down the gradient of the decision's code length.
#[inline(always)]
fn learn<const N: usize>(weights: &mut [i32; N], logits: &[i32; N], decision: bool, p: i32) {
    let aim = if decision { 65535 } else { 0 };
    let error = (aim - p) * RATE / 16;
    for (w, x) in weights.iter_mut().zip(logits) {
        *w = (*w + ((x * error + (1 << 13)) >> 14)).clamp(-MOST, MOST);
    }
}

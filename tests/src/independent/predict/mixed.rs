//! Integers of mixed decisions (`docs/codecs/entropy.md`, *Mixed decisions*; `docs/codecs/predict.md`, *Mixed integers*).

use crate::independent::entropy::Bits;
use std::collections::HashMap;

/// What tells slots apart: the question, the size asked about, which context, and its number.
type Key = (u8, u32, usize, usize);

struct Slot {
    p: i32,
    n: usize,
}

impl Slot {
    const NEW: Slot = Slot { p: 1 << 21, n: 0 };

    fn learn(&mut self, bit: bool) {
        let a = if bit { (1 << 22) - 1 } else { 0 };
        let pace = 4096 / (2 * self.n as i32 + 3);
        self.p += (((a - self.p) >> 2) * pace) >> 9;
        self.n = (self.n + 1).min(1000);
    }
}

struct Kind {
    weights: [i32; 9],
    costs: [i64; 2],
}

pub(super) struct Mixed<'a> {
    bytes: &'a [u8],
    at: usize,
    low: u64,
    high: u64,
    value: u64,
    squash: Vec<i32>,
    slots: HashMap<Key, Slot>,
    weights: HashMap<(u8, u32, usize), [i32; 4]>,
    lone: HashMap<(u32, usize), Slot>,
    kinds: HashMap<usize, Kind>,
}

const SURE: [i32; 15] = [0, 6, 9, 11, 12, 12, 13, 13, 14, 14, 14, 15, 15, 15, 15];

impl<'a> Mixed<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let squash = (0..177)
            .map(|i| (65536.0 / (1.0 + (-f64::from(32 * i - 2816) / 256.0).exp()) + 0.5).floor() as i32)
            .collect();
        let mut new = Mixed {
            bytes,
            at: 0,
            low: 0,
            high: u64::MAX,
            value: 0,
            squash,
            slots: HashMap::new(),
            weights: HashMap::new(),
            lone: HashMap::new(),
            kinds: HashMap::new(),
        };
        for _ in 0..8 {
            new.read();
        }
        new
    }

    pub(super) fn end(&self) {
        assert!(self.at >= self.bytes.len(), "the end of the decisions");
    }

    fn read(&mut self) {
        self.value = self.value << 8 | u64::from(self.bytes.get(self.at).copied().unwrap_or(0));
        self.at += 1;
    }

    fn decision(&mut self, p: i32) -> bool {
        let p = p.clamp(16, 65520) as u64;
        let r = self.high - self.low;
        let cut = self.low + (r / 65536) * p + (r % 65536) * p / 65536;
        let bit = self.value <= cut;
        if bit {
            self.high = cut;
        } else {
            self.low = cut + 1;
        }
        while self.low >> 32 == self.high >> 32 {
            self.low <<= 32;
            self.high = self.high << 32 | 0xffff_ffff;
            for _ in 0..4 {
                self.read();
            }
        }
        bit
    }

    fn probability(&self, logit: i32) -> i32 {
        let x = logit.clamp(-2815, 2815) + 2816;
        let (i, f) = ((x / 32) as usize, x % 32);
        (self.squash[i] * (32 - f) + self.squash[i + 1] * f + 16) / 32
    }

    /// A decision that four contexts agree on.
    fn mix(&mut self, question: u8, size: u32, contexts: [usize; 4], a: usize) -> bool {
        let size = size.min(15);
        let keys = [0, 1, 2, 3].map(|i| (question, size, i, contexts[i]));
        let logits = keys.map(|key| {
            let slot = self.slots.entry(key).or_insert(Slot::NEW);
            logit(slot.p / 64) * SURE.get(slot.n).copied().unwrap_or(16) / 16
        });
        let weights = *self.weights.entry((question, size, a)).or_insert([65536 * 2 / 5; 4]);
        let sum: i64 = weights.iter().zip(logits).map(|(&w, x)| i64::from(w >> 4) * i64::from(x)).sum();
        let p = self.probability((sum >> 12).clamp(-1 << 20, 1 << 20) as i32);
        let bit = self.decision(p);
        let e = (if bit { 65535 } else { 0 } - p) * 20 / 16;
        let learnt = [0, 1, 2, 3].map(|i| {
            let grown = i64::from(weights[i]) + ((i64::from(logits[i]) * i64::from(e) + 8192) >> 14);
            grown.clamp(-393_216, 393_216) as i32
        });
        self.weights.insert((question, size, a), learnt);
        for key in keys {
            self.slots.get_mut(&key).unwrap().learn(bit);
        }
        bit
    }

    pub(super) fn integer(
        &mut self,
        raw: &mut Bits<'_>,
        c: usize,
        kind: usize,
        around: [i32; 9],
    ) -> Option<i32> {
        let state = self.kinds.entry(kind).or_insert(Kind { weights: [0; 9], costs: [0; 2] });
        let sum: i64 = state.weights.iter().zip(around).map(|(&w, x)| i64::from(w) * i64::from(x)).sum();
        let expected = (sum >> 12).clamp(-1 << 20, 1 << 20);
        let shift = if state.costs[1] < state.costs[0] { (expected + 8) >> 4 } else { 0 };
        let [l, ll, u, ul, ur, _, p, pr, v] = around.map(|x| x.unsigned_abs() as usize);
        let near = 2 * (l + u) + ll + ul + ur;
        let across = 2 * p + pr + v + u + l;
        let sign = |x: i32| [0, 1, 2][(x.signum() + 3) as usize % 3];
        let t = (expected - 16 * shift).clamp(-8, 7);
        let s = (expected >> 2).clamp(-16, 15) + 16;
        let contexts = [
            8 * (c % 128) + ((t + 8) / 2) as usize,
            16 * scale(near).min(63) + sign(around[0]) + 3 * sign(around[2]),
            32 * kind + c % 64 / 2,
            24 * s as usize + scale(near + across).min(47) / 2,
        ];
        let a = scale(2 * near + across + 2).min(47) / 2;
        let size = self.size(contexts, a, near + across);
        let k = (size < 33).then(|| {
            let negative = match size {
                0 => false,
                1 | 2 => self.mix(3, size, contexts, a),
                _ => raw.get(1) == 1,
            };
            let mut magnitude = u32::from(size > 0);
            if size > 1 {
                let slot = self.lone.entry((size, a)).or_insert(Slot::NEW);
                let p = slot.p / 64;
                let bit = self.decision(p);
                self.lone.get_mut(&(size, a)).unwrap().learn(bit);
                let below = size - 2;
                magnitude = (2 | u32::from(bit)) << below | raw.get(below as usize);
            }
            let d = if negative { magnitude.wrapping_neg() } else { magnitude };
            (d as i32).wrapping_add(shift as i32)
        });
        let state = self.kinds.get_mut(&kind).unwrap();
        let limited = i64::from(k.unwrap_or(0).clamp(-32767, 32767));
        let err = (16 * limited - expected).clamp(-1 << 19, 1 << 19);
        state.costs[0] += (16 * limited).abs() - (state.costs[0] >> 8);
        state.costs[1] += err.abs() - (state.costs[1] >> 8);
        let squares: u64 = around.iter().map(|&x| u64::from(x.unsigned_abs()).pow(2)).sum();
        let digits = 64 - (16 + squares).leading_zeros();
        let pull = (err << 17) >> digits;
        for (w, x) in state.weights.iter_mut().zip(around) {
            *w = w.wrapping_add(((pull * i64::from(x)) >> 12) as i32);
        }
        k
    }

    fn size(&mut self, contexts: [usize; 4], a: usize, sum: usize) -> u32 {
        let m = digits((sum + 4) / 8).min(15);
        let mut z = m.saturating_sub(1);
        if self.mix(0, z, contexts, a) {
            z += 1;
            while z < 33 && self.mix(1, z, contexts, a) {
                z += 1;
            }
        } else {
            while z > 0 && !self.mix(2, z, contexts, a) {
                z -= 1;
            }
        }
        z
    }
}

fn digits(x: usize) -> u32 {
    usize::BITS - x.leading_zeros()
}

fn scale(x: usize) -> usize {
    if x < 4 {
        return x;
    }
    let o = x.ilog2();
    4 * (o as usize - 1) + (x >> (o - 2)) % 4
}

/// The logit of a probability of 16 bits.
fn logit(p: i32) -> i32 {
    let q = p.min(65535 - p);
    let z = if q < 2048 { (f64::from(q) + 0.5) / 65536.0 } else { (f64::from(q / 16) + 0.5) / 4096.0 };
    let x = (256.0 * (z / (1.0 - z)).ln()).round().max(-2814.0) as i32;
    if p >= 32768 { -x } else { x }
}

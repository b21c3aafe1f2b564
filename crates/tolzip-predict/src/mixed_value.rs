//! One integer as binary decisions, and what each of them depends on.

use crate::mixed_expect::{AROUND, UNIT};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_entropy::bits::{BitReader, BitWriter};
use tolzip_entropy::mixing::{BinaryCoder, Mixer, Slot};
use tolzip_simd::rows::EXCEPTION;

/// Bits that nothing is known about: a writer takes them, a reader finds them.
pub(crate) trait RawBits {
    fn pass(&mut self, bits: u32, count: u32) -> u32;
}

impl RawBits for BitWriter {
    fn pass(&mut self, bits: u32, count: u32) -> u32 {
        self.put(u64::from(bits), count);
        bits
    }
}

impl RawBits for BitReader<'_> {
    fn pass(&mut self, _: u32, count: u32) -> u32 {
        self.get(count) as u32
    }
}

/// Kinds of points that are told apart.
pub(crate) const KINDS: usize = 48;

/// Contexts that are mixed, and how many values each has.
const CONTEXTS: usize = 4;
const VALUES: [usize; CONTEXTS] = [128 * 8, 64 * 16, KINDS * 32, 32 * 24];
/// Where each context's values begin, among those of all.
const BEGINS: [usize; CONTEXTS + 1] = {
    let mut begins = [0; CONTEXTS + 1];
    let mut i = 0;
    while i < CONTEXTS {
        begins[i + 1] = begins[i] + VALUES[i];
        i += 1;
    }
    begins
};

/// Decisions of a context's value: four for each size.
const NODES: usize = 64;
/// Sizes from here on share their decisions.
const LARGE: u32 = 15;
/// The size of an exception, above that of any integer.
const EXCEPTIONAL: u32 = 33;
/// How many classes there are of the sizes around.
const CLASSES: usize = 24;

/// What an integer's decisions depend on.
pub(crate) struct Circumstances {
    /// Where each context's decisions begin.
    bases: [usize; CONTEXTS],
    /// The class of the sizes around, which chooses weights.
    class: usize,
    /// The size that is asked about first.
    likely: u32,
    /// What is subtracted.
    shift: i32,
}

/// A magnitude on a scale of four steps to the octave.
const fn scale(x: u32) -> usize {
    if x < 4 {
        return x as usize;
    }
    let octave = 31 - x.leading_zeros();
    (4 * (octave - 1) + (x >> (octave - 2) & 3)) as usize
}

impl Circumstances {
    /// `around` are left, left twice, above, above to both sides, above twice, in the plane before, behind that, and in
    /// the volume before. `expected` (in units of 1/16) is subtracted if that `pays`.
    #[inline]
    pub(crate) fn new(kind: usize, energy: u8, around: &[i32; AROUND], expected: i32, pays: bool) -> Self {
        let [l, ll, u, ul, ur, _, p, pr, v] = around.map(i32::unsigned_abs);
        let near = 2 * (l + u) + ll + ul + ur;
        let across = 2 * p + pr + v + u + l;
        let sign = |x: i32| usize::from(x > 0) + 2 * usize::from(x < 0);
        let energy = usize::from(energy % 128);
        let shift = if pays { (expected + UNIT / 2) >> 4 } else { 0 };
        // What is expected beyond the shift, in eighths of an integer.
        let tilt = ((expected - shift * UNIT).clamp(-UNIT / 2, UNIT / 2 - 1) + UNIT / 2) / 2;
        // What is expected at all, in quarters.
        let signed = (expected >> 2).clamp(-16, 15) + 16;
        let contexts = [
            energy * 8 + tilt as usize,
            scale(near).min(63) * 16 + sign(around[0]) + 3 * sign(around[2]),
            kind * 32 + energy % 64 / 2,
            signed as usize * CLASSES + scale(near + across).min(47) / 2,
        ];
        Self {
            bases: core::array::from_fn(|i| (BEGINS[i] + contexts[i]) * NODES),
            class: scale(2 * near + across + 2).min(47) / 2,
            likely: (32 - ((near + across + 4) / 8).leading_zeros()).min(LARGE),
            shift,
        }
    }
}

/// What decisions were like.
pub(crate) struct Decisions {
    slots: Vec<Slot>,
    /// For the first bit behind the leading one, by the size and the class of sizes around.
    leads: Vec<Slot>,
    mixer: Mixer<CONTEXTS>,
}

impl Decisions {
    pub(crate) fn new() -> Self {
        Self {
            slots: vec![Slot::default(); BEGINS[CONTEXTS] * NODES],
            leads: vec![Slot::default(); EXCEPTIONAL as usize * CLASSES],
            mixer: Mixer::new(NODES * CLASSES),
        }
    }

    /// Codes an integer: the size of what is left of it, its sign, and the bits behind the leading one.
    #[inline]
    pub(crate) fn value(
        &mut self,
        coder: &mut impl BinaryCoder,
        raw: &mut impl RawBits,
        c: &Circumstances,
        k: i32,
    ) -> i32 {
        let Self { slots, leads, mixer } = self;
        let mut ask = |coder: &mut _, decision: bool, size: u32, question: usize| {
            let node = 4 * size.min(LARGE) as usize + question;
            mixer.code(coder, decision, slots, c.bases.map(|b| b + node), CLASSES * node + c.class)
        };
        // Differences wrap, and so does their sum with the shift.
        let left = k.wrapping_sub(c.shift);
        let magnitude = left.unsigned_abs();
        let actual = if k == EXCEPTION { EXCEPTIONAL } else { 32 - magnitude.leading_zeros() };
        // From the likely size upwards, or down.
        let mut size = c.likely.saturating_sub(1);
        if ask(coder, actual > size, size, 0) {
            size += 1;
            while size < EXCEPTIONAL && ask(coder, actual > size, size, 1) {
                size += 1;
            }
        } else {
            while size > 0 && !ask(coder, actual >= size, size, 2) {
                size -= 1;
            }
        }
        match size {
            0 => return c.shift,
            EXCEPTIONAL => return EXCEPTION,
            _ => {}
        }
        // Signs of large ones are as good as random.
        let negative =
            if size <= 2 { ask(coder, left < 0, size, 3) } else { raw.pass(u32::from(left < 0), 1) == 1 };
        let mut found = 1;
        if size > 1 {
            // The first bit tells the slope of what is likely; behind it, that is level.
            let lead = &mut leads[size as usize * CLASSES + c.class];
            let open = size - 2;
            let bit = lead.code(coder, magnitude >> open & 1 == 1);
            found = (2 | u32::from(bit)) << open | raw.pass(magnitude & ((1 << open) - 1), open);
        }
        let found = found as i32;
        c.shift.wrapping_add(if negative { found.wrapping_neg() } else { found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tolzip_entropy::mixing::{BinaryDecoder, BinaryEncoder};

    #[test]
    fn the_scale_is_even() {
        let steps: Vec<usize> = (0..64).map(scale).collect();
        assert!(steps.windows(2).all(|w| w[1] == w[0] || w[1] == w[0] + 1));
        assert_eq!((scale(4), scale(8), scale(1 << 20)), (4, 8, 76));
    }

    proptest! {
        #[test]
        fn integers_come_back(
            integers in prop::collection::vec(
                (prop_oneof![-3..4i32, -400..400i32, any::<i32>(), Just(EXCEPTION)], any::<u8>(), -99..99i32),
                0..300,
            ),
        ) {
            let around = |i: usize, x: i32| core::array::from_fn(|j| x * (i + j) as i32 % 600);
            let circumstances = |i: usize, energy: u8, x: i32| {
                Circumstances::new(i % KINDS, energy, &around(i, x), x * 7, energy.is_multiple_of(2))
            };
            let (mut encoder, mut raw, mut decisions) = (BinaryEncoder::new(), BitWriter::new(), Decisions::new());
            for (i, &(k, energy, x)) in integers.iter().enumerate() {
                let c = circumstances(i, energy, x);
                prop_assert_eq!(decisions.value(&mut encoder, &mut raw, &c, k), k);
            }
            let (bytes, raw) = (encoder.finish(), raw.finish());
            let (mut decoder, mut raw, mut decisions) =
                (BinaryDecoder::new(&bytes), BitReader::new(&raw), Decisions::new());
            for (i, &(k, energy, x)) in integers.iter().enumerate() {
                let c = circumstances(i, energy, x);
                prop_assert_eq!(decisions.value(&mut decoder, &mut raw, &c, 0), k);
            }
            prop_assert!(decoder.finish().is_ok() && raw.finish().is_ok());
        }
    }
}

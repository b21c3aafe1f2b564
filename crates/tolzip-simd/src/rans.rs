//! Interleaved rANS: the inner loops of `tolzip_entropy::rans`, where the format is described.

mod encode;
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
mod x86;
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
mod x86_encode;

pub use encode::{encode, encode_scalar, entry};

/// Probabilities are multiples of 2^-12.
pub const PROB_BITS: u32 = 12;
/// The most lanes of a stream, and those of every stream that [`decode`] takes.
pub const LANES: usize = 32;

const SLOT_MASK: u32 = (1 << PROB_BITS) - 1;

/// What one of the 4096 values of a state's low bits stands for: the symbol in bits 0-7, its frequency (1 to 4096) less
/// one in bits 8-19, and the value's offset within the symbol's interval in bits 20-31.
#[must_use]
pub const fn slot(symbol: u8, frequency: u32, offset: u32) -> u32 {
    symbol as u32 | (frequency.wrapping_sub(1) & SLOT_MASK) << 8 | offset << 20
}

/// A stream of words, and how far it has been decoded.
#[derive(Clone, Debug)]
pub struct Stream<'a> {
    /// The words still to come, two bytes each.
    rest: &'a [u8],
    states: [u32; LANES],
    /// The lane of the next symbol.
    lane: usize,
}

impl<'a> Stream<'a> {
    /// A stream at its beginning. With fewer than 32 lanes the other states are not used.
    #[must_use]
    pub const fn new(words: &'a [u8], states: [u32; LANES]) -> Self {
        Self { rest: words, states, lane: 0 }
    }

    /// Whether all words were used.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The lanes' states.
    #[must_use]
    pub const fn states(&self) -> &[u32; LANES] {
        &self.states
    }
}

/// Whether every context has its 4096 slots.
fn in_range(slots: &[u32], contexts: &[u8]) -> bool {
    let most = contexts.iter().fold(0, |m, &c| m.max(c));
    contexts.is_empty() || usize::from(most) < slots.len() >> PROB_BITS
}

/// Whether the CPU has what the vector versions need.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
fn has_avx512() -> bool {
    crate::cpu::cpu() == crate::cpu::Cpu::Avx512
}

/// Decodes the next symbols of a stream of 32 lanes. False if the words run out or a context has no slots; what was
/// written to `out` then means nothing.
///
/// # Panics
/// If `contexts` and `out` differ in length.
#[must_use]
pub fn decode(slots: &[u32], stream: &mut Stream<'_>, contexts: &[u8], out: &mut [u8]) -> bool {
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if has_avx512() {
        assert_eq!(contexts.len(), out.len());
        // SAFETY: the CPU has the features, every context has its slots, and the slices are of one length.
        return in_range(slots, contexts) && unsafe { x86::decode_avx512(slots, stream, contexts, out) };
    }
    decode_scalar::<LANES>(slots, stream, contexts, out)
}

/// Decodes turns of a stream of 32 lanes, one symbol of each, whose contexts are what `map` holds for the means of the last three
/// turns, the nearest counted twice: `(2 before[0] + before[1] + before[2] + 2) / 4`, of which the low seven bits count. False as
/// [`decode`] is; `before` then means nothing either.
#[must_use]
pub fn decode_turns(
    slots: &[u32],
    stream: &mut Stream<'_>,
    map: &[u8; 128],
    before: &mut [[u8; LANES]; 3],
    out: &mut [[u8; LANES]],
) -> bool {
    #[allow(unused_mut, reason = "nothing is done at once without vectors")]
    let mut done = 0;
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if has_avx512() && std::is_x86_feature_detected!("avx512vbmi") && stream.lane == 0 && in_range(slots, map)
    {
        // SAFETY: the CPU has the features, every context has its slots, and the next lane is the first.
        done = unsafe { x86::decode_turns_avx512(slots, stream, map, before, out) };
    }
    // Near the end of the words, and where there are no such vectors.
    out[done..].iter_mut().all(|turn| {
        let [a, b, c] = before;
        let mut contexts = [0; LANES];
        for (lane, context) in contexts.iter_mut().enumerate() {
            let sum = 2 * u16::from(a[lane]) + u16::from(b[lane]) + u16::from(c[lane]) + 2;
            *context = map[usize::from(sum >> 2 & 127)];
        }
        let there = decode(slots, stream, &contexts, turn);
        (*c, *b, *a) = (*b, *a, *turn);
        there
    })
}

/// Decodes symbols of a stream of 32 lanes from `at` on, whose contexts are what `map` holds for the means that
/// [`levels`](crate::residuals::levels) defines, of symbols `up` and `back` before, of which the low seven bits count; how many,
/// which may be none: as far as there is a fast way.
///
/// # Panics
/// Unless `up` and `back` are larger than 32, and there are more symbols before `at`.
pub fn decode_near(
    slots: &[u32],
    stream: &mut Stream<'_>,
    map: &[u8; 128],
    near: [usize; 2],
    symbols: &mut [u8],
    at: usize,
) -> usize {
    assert!(near.iter().all(|&d| d > LANES && d < at) && at <= symbols.len());
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if has_avx512() && std::is_x86_feature_detected!("avx512vbmi") && stream.lane == 0 && in_range(slots, map)
    {
        // SAFETY: the CPU has the features, every context has its slots, the next lane is the first, and the distances are right.
        return unsafe { x86::decode_near_avx512(slots, stream, map, near, symbols, at) };
    }
    let _ = (slots, stream, map);
    0
}

/// The definition of [`decode`], for any number of lanes that divides 32.
///
/// # Panics
/// If `contexts` and `out` differ in length.
#[must_use]
pub fn decode_scalar<const N: usize>(
    slots: &[u32],
    stream: &mut Stream<'_>,
    contexts: &[u8],
    out: &mut [u8],
) -> bool {
    const { assert!(N > 0 && LANES.is_multiple_of(N)) };
    assert_eq!(contexts.len(), out.len());
    if !in_range(slots, contexts) {
        return false;
    }
    let head = ((N - stream.lane) % N).min(out.len());
    let (head_contexts, contexts) = contexts.split_at(head);
    let (head_out, out) = out.split_at_mut(head);
    if !careful::<N>(slots, stream, head_contexts, head_out) {
        return false;
    }
    let mut done = 0;
    // Few lanes' states stay in registers.
    let mut states: [u32; N] = core::array::from_fn(|lane| stream.states[lane]);
    // Whole rounds while a full round of words is there: one check of the bounds each.
    for (c, o) in contexts.as_chunks::<N>().0.iter().zip(out.as_chunks_mut::<N>().0) {
        let Some(window) = stream.rest.get(..2 * N) else { break };
        let mut used = 0;
        for lane in 0..N {
            let x = states[lane];
            let slot = slots[usize::from(c[lane]) << PROB_BITS | (x & SLOT_MASK) as usize];
            o[lane] = slot as u8;
            let y = ((slot >> 8 & SLOT_MASK) + 1).wrapping_mul(x >> PROB_BITS).wrapping_add(slot >> 20);
            // `used` is even and below 2 N.
            let at = used & (2 * N - 2);
            let word = u32::from(window[at]) | u32::from(window[at + 1]) << 8;
            let low = y < 1 << 16;
            states[lane] = if low { y << 16 | word } else { y };
            used += if low { 2 } else { 0 };
        }
        stream.rest = &stream.rest[used..];
        done += N;
    }
    stream.states[..N].copy_from_slice(&states);
    careful::<N>(slots, stream, &contexts[done..], &mut out[done..])
}

/// One symbol at a time.
fn careful<const N: usize>(slots: &[u32], stream: &mut Stream<'_>, contexts: &[u8], out: &mut [u8]) -> bool {
    for (&c, o) in contexts.iter().zip(out) {
        let x = stream.states[stream.lane];
        let slot = slots[usize::from(c) << PROB_BITS | (x & SLOT_MASK) as usize];
        *o = slot as u8;
        let mut y = ((slot >> 8 & SLOT_MASK) + 1).wrapping_mul(x >> PROB_BITS).wrapping_add(slot >> 20);
        if y < 1 << 16 {
            let Some((word, rest)) = stream.rest.split_first_chunk::<2>() else { return false };
            y = y << 16 | u32::from(u16::from_le_bytes(*word));
            stream.rest = rest;
        }
        stream.states[stream.lane] = y;
        stream.lane = (stream.lane + 1) % N;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    /// Slots and words need not come from an encoder for two decoders to agree.
    #[test]
    fn every_version_decodes_the_same() {
        let mut x = 1u64;
        let mut next = || {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (x >> 33) as u32
        };
        for contexts_count in [1usize, 7] {
            let mut slots = Vec::new();
            for c in 0..contexts_count {
                let width = 1 << (3 * c % 13);
                slots.extend((0..4096u32).map(|i| slot((i / width) as u8, width, i % width)));
            }
            let words: Vec<u8> = (0..20_001).map(|_| next() as u8).collect();
            let states = core::array::from_fn(|_| next() | 1 << 16);
            let (mut a, mut b) = (Stream::new(&words, states), Stream::new(&words, states));
            for run in 0..900usize {
                let n = [1, 2, 15, 16, 17, 31, 32, 33, 100, 63][run % 10];
                let contexts: Vec<u8> = (0..n).map(|_| (next() as usize % contexts_count) as u8).collect();
                let (mut p, mut q) = (vec![0; n], vec![0; n]);
                let done = decode(&slots, &mut a, &contexts, &mut p);
                assert_eq!(done, decode_scalar::<LANES>(&slots, &mut b, &contexts, &mut q));
                if !done {
                    break;
                }
                assert_eq!(p, q);
                assert_eq!((a.rest, a.states, a.lane), (b.rest, b.states, b.lane));
            }
            assert!(!decode(&slots, &mut a, &[contexts_count as u8], &mut [0]));

            // Turns, many at once and one by one.
            let map = core::array::from_fn(|i| (i * i % contexts_count) as u8);
            let (mut a, mut b) = (Stream::new(&words, states), Stream::new(&words, states));
            let (mut p, mut q) = (vec![[0; LANES]; 200], vec![[0; LANES]; 200]);
            let (mut before, mut also) =
                ([[3; LANES], [9; LANES], [200; LANES]], [[3; LANES], [9; LANES], [200; LANES]]);
            assert!(decode_turns(&slots, &mut a, &map, &mut before, &mut p));
            for turn in &mut q {
                let contexts: Vec<u8> = (0..LANES)
                    .map(|lane| {
                        let [a, b, c] = also.map(|turn| u16::from(turn[lane]));
                        map[usize::from((2 * a + b + c + 2) / 4 % 128)]
                    })
                    .collect();
                assert!(decode_scalar::<LANES>(&slots, &mut b, &contexts, turn));
                also = [*turn, also[0], also[1]];
            }
            assert!(p == q && before == also && (a.rest, a.states, a.lane) == (b.rest, b.states, b.lane));
            assert!(!decode_turns(&slots, &mut a, &[99; 128], &mut before, &mut p));

            // What the near symbols tell.
            for [up, back] in [[33, 34], [40, 200], [100, 99]] {
                let (mut a, mut b) = (Stream::new(&words, states), Stream::new(&words, states));
                let mut p: Vec<u8> = (0..3000).map(|i| (i % 100) as u8).collect();
                let mut q = p.clone();
                let done = decode_near(&slots, &mut a, &map, [up, back], &mut p, 201);
                for at in (201..201 + done).step_by(LANES) {
                    let mut contexts = [0; LANES];
                    crate::residuals::levels(
                        &q[at - up - 1..][..LANES + 2],
                        &q[at - back..][..LANES],
                        &mut contexts,
                    );
                    let contexts = contexts.map(|level| map[usize::from(level & 127)]);
                    assert!(decode_scalar::<LANES>(&slots, &mut b, &contexts, &mut q[at..at + LANES]));
                }
                assert!(p == q && (a.rest, a.states, a.lane) == (b.rest, b.states, b.lane), "{up} {back}");
            }
        }
    }
}

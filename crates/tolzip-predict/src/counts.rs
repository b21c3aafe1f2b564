//! How often each symbol stands in each context.

use alloc::vec;
use alloc::vec::Vec;

/// Counters of a symbol in a context while they are counted, so that equal neighbours do not wait for each other.
const WAYS: usize = 4;
/// Symbols whose places are told before they are counted: as many as vectors tell in a run of the loop.
const BLOCK: usize = 128;

/// How often each symbol stands in each context.
pub(crate) struct Counts {
    /// Of each context in turn, as many as the alphabet has symbols.
    pub(crate) counts: Vec<u32>,
    /// The largest symbol, and one.
    pub(crate) alphabet: usize,
}

impl Counts {
    /// Of symbols and as many contexts.
    pub(crate) fn new(symbols: &[u8], contexts: &[u8]) -> Self {
        let largest = |bytes: &[u8]| bytes.iter().fold(0, |m, &b| u8::max(m, b));
        let (symbol, context) = (largest(symbols), largest(contexts));
        let alphabet = usize::from(symbol) + 1;
        let width = (8 - symbol.leading_zeros()).max(1);
        let bits = width + 8 - context.leading_zeros();
        let contexts_there = usize::from(context) + 1;
        let wide = match bits {
            // So few that a table would take longer to clear than to count them.
            _ if symbols.len() >> bits < WAYS => {
                let counts = counted_plainly(symbols, contexts, alphabet, contexts_there);
                return Self { counts, alphabet };
            }
            ..=9 => counted::<{ 1 << 9 }>(symbols, contexts, width),
            10 => counted::<{ 1 << 10 }>(symbols, contexts, width),
            11 => counted::<{ 1 << 11 }>(symbols, contexts, width),
            12 => counted::<{ 1 << 12 }>(symbols, contexts, width),
            13 => counted::<{ 1 << 13 }>(symbols, contexts, width),
            14 => counted::<{ 1 << 14 }>(symbols, contexts, width),
            15 => counted::<{ 1 << 15 }>(symbols, contexts, width),
            _ => counted::<{ 1 << 16 }>(symbols, contexts, width),
        };
        let mut counts = Vec::with_capacity(contexts_there * alphabet);
        for row in wide.chunks(1 << width).take(contexts_there) {
            counts.extend_from_slice(&row[..alphabet]);
        }
        Self { counts, alphabet }
    }
}

/// Counts one by one.
fn counted_plainly(symbols: &[u8], contexts: &[u8], alphabet: usize, contexts_there: usize) -> Vec<u32> {
    let mut counts = vec![0; contexts_there * alphabet];
    for (&s, &c) in symbols.iter().zip(contexts) {
        counts[usize::from(c) * alphabet + usize::from(s)] += 1;
    }
    counts
}

/// The same for many symbols, in a table whose rows are of `1 << width` symbols. It has `N` places, a power of two that is no
/// smaller than all that there are: none needs a check then.
fn counted<const N: usize>(symbols: &[u8], contexts: &[u8], width: u32) -> Vec<u32> {
    let mut counts = vec![0u32; WAYS * N];
    let (ways, _) = counts.as_chunks_mut::<N>();
    let [first, second, third, fourth] = ways else { return counts };
    let mut places = [0u16; BLOCK];
    let (symbols, rest) = symbols.as_chunks::<BLOCK>();
    let (contexts, other) = contexts.as_chunks::<BLOCK>();
    for (symbols, contexts) in symbols.iter().zip(contexts) {
        for ((place, &s), &c) in places.iter_mut().zip(symbols).zip(contexts) {
            *place = u16::from(c) << width | u16::from(s);
        }
        for &[a, b, c, d] in places.as_chunks::<WAYS>().0 {
            first[usize::from(a) % N] += 1;
            second[usize::from(b) % N] += 1;
            third[usize::from(c) % N] += 1;
            fourth[usize::from(d) % N] += 1;
        }
    }
    for (&s, &c) in rest.iter().zip(other) {
        first[(usize::from(c) << width | usize::from(s)) % N] += 1;
    }
    for (((a, b), c), d) in first.iter_mut().zip(second).zip(third).zip(fourth) {
        *a += *b + *c + *d;
    }
    counts.truncate(N);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Few and many, over alphabets and contexts of every width.
        #[test]
        fn all_are_counted(
            n in prop::sample::select(vec![0usize, 1, 127, 300, 5000, 40_000]),
            most in 0u8..=255,
            contexts in 1u32..=128,
            seed in any::<u32>(),
        ) {
            let mut state = seed | 1;
            let mut next = |below: u32| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((u64::from(state) * u64::from(below)) >> 32) as u8
            };
            let symbols: Vec<u8> = (0..n).map(|_| next(u32::from(most) + 1)).collect();
            let contexts: Vec<u8> = (0..n).map(|_| next(contexts)).collect();
            let found = Counts::new(&symbols, &contexts);
            let alphabet = usize::from(symbols.iter().copied().max().unwrap_or(0)) + 1;
            let rows = usize::from(contexts.iter().copied().max().unwrap_or(0)) + 1;
            prop_assert_eq!((found.alphabet, found.counts.len()), (alphabet, rows * alphabet));
            let mut expected = vec![0; rows * alphabet];
            for (&s, &c) in symbols.iter().zip(&contexts) {
                expected[usize::from(c) * alphabet + usize::from(s)] += 1;
            }
            prop_assert_eq!(found.counts, expected);
        }
    }
}

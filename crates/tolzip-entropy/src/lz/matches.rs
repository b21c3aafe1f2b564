//! The search for matches: two hash tables, of 8 and of 5 bytes, and a look one byte ahead before a match is taken.

use super::MIN_MATCH;
use alloc::boxed::Box;
use alloc::vec;

/// A match and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) distance: usize,
}

/// Matches are not searched for in the last bytes, which a hash would reach beyond.
const TAIL: usize = 8;

/// Finds the matches of a string, front to back.
pub(super) struct Search<'a> {
    input: &'a [u8],
    /// The last position, plus 1, at which 8 bytes of this hash stood.
    long: Box<[u32]>,
    /// The same for 5 bytes.
    short: Box<[u32]>,
    bits: u32,
    at: usize,
    /// Bytes since the last match.
    misses: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        // Tables no larger than the string needs.
        let bits = (usize::BITS - input.len().leading_zeros()).clamp(8, 17);
        let table = || vec![0; 1 << bits].into_boxed_slice();
        Self { input, long: table(), short: table(), bits, at: 0, misses: 0 }
    }

    /// The next match, given the distances that are cheap.
    pub(super) fn next(&mut self, recent: &[usize; 3]) -> Option<Sequence> {
        while self.at + TAIL < self.input.len() {
            let at = self.at;
            let Some(mut best) = self.best(at, recent) else {
                // The longer there is nothing, the more is skipped.
                self.at += 1 + (self.misses >> 7);
                self.misses += 1;
                continue;
            };
            // A better one may begin at the next byte.
            let mut next = at + 1;
            while next + TAIL < self.input.len() && best.length < 64 {
                let Some(other) = self.best(next, recent) else { break };
                if worth(&other, recent) <= worth(&best, recent) + 6 {
                    break;
                }
                best = other;
                next += 1;
            }
            // Backwards over bytes that were passed by.
            let begin = at - self.misses.min(at);
            while best.start > begin
                && best.start > best.distance
                && self.input[best.start - 1] == self.input[best.start - 1 - best.distance]
            {
                best.start -= 1;
                best.length += 1;
            }
            let end = best.start + best.length;
            for inside in [at + 2, end.saturating_sub(2)] {
                if inside > at && inside < end && inside + TAIL <= self.input.len() {
                    self.insert(inside);
                }
            }
            self.at = end;
            self.misses = 0;
            return Some(best);
        }
        None
    }

    /// The best match at `at`, which enters the tables.
    fn best(&mut self, at: usize, recent: &[usize; 3]) -> Option<Sequence> {
        let candidates = self.insert(at);
        let mut best: Option<Sequence> = None;
        let distances = recent
            .iter()
            .copied()
            .chain(candidates.into_iter().map(|c| if c == 0 { 0 } else { at + 1 - c as usize }));
        for distance in distances {
            if distance == 0 || distance > at {
                continue;
            }
            let length = self.length(at - distance, at);
            let found = Sequence { start: at, length, distance };
            if length >= MIN_MATCH
                && worth(&found, recent) > 0
                && best.is_none_or(|b| worth(&found, recent) > worth(&b, recent))
            {
                best = Some(found);
            }
        }
        best
    }

    /// Enters a position into the tables; what stood there.
    fn insert(&mut self, at: usize) -> [u32; 2] {
        let Some(eight) = self.input.get(at..).and_then(|b| b.first_chunk::<8>()) else { return [0; 2] };
        let word = u64::from_le_bytes(*eight);
        let long = (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.bits)) as usize;
        let short = ((word << 24).wrapping_mul(0xd134_2543_de82_ef95) >> (64 - self.bits)) as usize;
        let new = at as u32 + 1;
        [core::mem::replace(&mut self.long[long], new), core::mem::replace(&mut self.short[short], new)]
    }

    /// How many bytes from `from` on equal those from `at` on; `from < at`.
    fn length(&self, from: usize, at: usize) -> usize {
        let (a, b) = (&self.input[from..], &self.input[at..]);
        let mut n = 0;
        while let (Some(x), Some(y)) =
            (a.get(n..).and_then(|s| s.first_chunk::<8>()), b.get(n..).and_then(|s| s.first_chunk::<8>()))
        {
            let difference = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
            if difference != 0 {
                return n + (difference.trailing_zeros() / 8) as usize;
            }
            n += 8;
        }
        n + a[n..].iter().zip(&b[n..]).take_while(|(x, y)| x == y).count()
    }
}

/// Roughly the bits that a match saves.
fn worth(s: &Sequence, recent: &[usize; 3]) -> i64 {
    let distance =
        if recent.contains(&s.distance) { 2 } else { 65 - i64::from((s.distance as u64).leading_zeros()) };
    6 * s.length.min(1 << 20) as i64 - 8 - distance
}

//! The same coding as in `coder`, for blocks of four values.
//!
//! The planes come as a string of four bits each, from the highest down, which is just what goes out once all four
//! coefficients were seen to be nonzero. Until then planes are coded by table, two at a time where that is possible.

use super::bits::{Reader, Writer};
use super::tables::{LINE_CODES, LINE_PAIRS, LINE_PLANES, LINE_RUNS, LINE_TAILS};

/// Planes in 64 bits.
const WINDOW: u32 = 16;
/// The most bits of a plane.
const MOST: u32 = 8;

/// A block's planes from the highest down: two words for 32-bit types, four for 64-bit ones. One more word, so that every
/// window lies within.
pub(super) type Planes = [u64; 5];

/// The planes from number `at` on (from the top), as many as fit.
#[inline(always)]
fn window(planes: &Planes, at: u32) -> u64 {
    let (word, shift) = ((at / WINDOW) as usize % 4, 4 * (at % WINDOW));
    planes[word] >> shift | planes[word + 1] << 1 << (63 - shift)
}

#[inline(always)]
fn add(planes: &mut Planes, at: u32, x: u64) {
    let (word, shift) = ((at / WINDOW) as usize % 4, 4 * (at % WINDOW));
    planes[word] |= x << shift;
    planes[word + 1] |= x >> 1 >> (63 - shift);
}

/// The number of empty planes on top, at most `count`.
#[inline(always)]
fn empty(planes: &Planes, count: u32) -> u32 {
    let mut at = 0;
    for &word in &planes[..4] {
        if word != 0 {
            at += word.trailing_zeros() / 4;
            break;
        }
        at += WINDOW;
    }
    at.min(count)
}

/// Writes the `count` highest planes, or as many as are enough to reach the writer's position `end`.
#[inline(always)]
pub(super) fn encode(w: &mut Writer, planes: &Planes, count: u32, end: u32) {
    let mut at = empty(planes, count);
    // Every empty plane on top is a single 0.
    w.put_zeros(at);
    let mut n = 0usize;
    while at < count && w.position() < end {
        let mut left = (count - at).min(WINDOW);
        at += left;
        let mut x = window(planes, at - left);
        if n < 4 {
            let (mut code, mut length) = (0u64, 0);
            while left >= 2 && n < 4 {
                let pair = LINE_PAIRS[n % 4][x as usize % 256];
                if length > 64 - 2 * MOST {
                    w.put(code, length);
                    (code, length) = (0, 0);
                }
                code |= u64::from(pair.bits) << length;
                length += u32::from(pair.length);
                n = usize::from(pair.n);
                x >>= 8;
                left -= 2;
            }
            w.put(code, length);
            if left == 1 && n < 4 {
                let line = LINE_CODES[n % 4][x as usize % 16];
                w.put(u64::from(line.bits), u32::from(line.length));
                n = usize::from(line.n);
                left = 0;
            }
        }
        w.put(x & u64::MAX.checked_shr(64 - 4 * left).unwrap_or(0), 4 * left);
    }
}

/// As [`encode`] where no more than `budget` bits are wanted, at most 57: gives them and how many they are.
#[inline(always)]
pub(super) fn encode_short(planes: &Planes, count: u32, budget: u32) -> (u64, u32) {
    let mut at = empty(planes, count);
    let (mut code, mut length) = (0u64, at.min(budget));
    let mut n = 0usize;
    // What does not fit in the code is beyond the budget.
    while n < 4 && at < count && length < budget {
        let x = window(planes, at) as usize;
        let (bits, taken, after) = if count - at >= 2 {
            let pair = LINE_PAIRS[n][x % 256];
            (u64::from(pair.bits), pair.length, pair.n)
        } else {
            let line = LINE_CODES[n][x % 16];
            (u64::from(line.bits), line.length, line.n)
        };
        code |= bits << length;
        length += u32::from(taken);
        n = usize::from(after);
        at += 2;
    }
    if at < count && length < budget {
        let left = (count - at).min(WINDOW);
        code |= (window(planes, at) & u64::MAX >> (64 - 4 * left)) << length;
        length += 4 * left;
    }
    (code & ((1 << budget) - 1), length.min(budget))
}

/// Reads the `count` highest planes, using up no more than `budget` bits.
#[inline(always)]
pub(super) fn decode(reader: &mut Reader<'_>, count: u32, budget: u32) -> Planes {
    let mut planes = [0; 5];
    let mut r = *reader;
    let end = r.position() + u64::from(budget);
    let mut at = (r.peek() | 1 << 57).trailing_zeros().min(count).min(budget);
    r.skip(at);
    let mut n = 0usize;
    while at < count && n < 4 {
        let mut bits = r.peek();
        let room = end - r.position();
        let before = at;
        // Bits of `bits` that are used, of 57, and of what is left of the budget.
        let (mut used, most) = (0, room.min(57) as u32);
        while at < count && n < 4 && used + MOST <= most {
            let run = LINE_RUNS[n % 4][bits as usize % 256];
            let fits = at + u32::from(run.planes) <= count;
            let (x, taken, planes_taken, after) = if fits {
                (u64::from(run.bits), run.used, run.planes, run.n)
            } else {
                let line = LINE_PLANES[n % 4][bits as usize % 256];
                (u64::from(line.bits), line.length, 1, line.n)
            };
            add(&mut planes, at, x);
            n = usize::from(after);
            at += u32::from(planes_taken);
            bits >>= taken;
            used += u32::from(taken);
        }
        r.skip(used);
        if at == before {
            if room == 0 {
                break;
            }
            let x;
            (r, x, n) = decode_last(r, n, end);
            add(&mut planes, at, x);
            at += 1;
        }
    }
    while at < count && r.position() < end {
        let left = (count - at).min(14);
        let bits = u64::from(4 * left).min(end - r.position()) as u32;
        add(&mut planes, at, r.take(bits));
        at += left;
    }
    *reader = r;
    planes
}

/// As [`decode`], from a block's last `budget` bits, at most 57, where whoever asks knows where the next block begins.
#[inline(always)]
pub(super) fn decode_short(reader: &Reader<'_>, count: u32, budget: u32) -> Planes {
    let mut planes = [0; 5];
    let mut bits = reader.peek() & ((1 << budget) - 1);
    let mut at = (bits | 1 << budget).trailing_zeros().min(count);
    let mut left = budget - at;
    bits >>= at;
    // Behind the budget there are zeros, in which nothing can be seen: planes beyond the count may be read and dropped.
    let mut n = 0usize;
    while n < 4 && at < count {
        let run = LINE_RUNS[n][bits as usize % 256];
        if u32::from(run.used) > left {
            add(&mut planes, at, u64::from(LINE_TAILS[n][(bits | 1 << left) as usize % 256]));
            at += left;
            break;
        }
        add(&mut planes, at, u64::from(run.bits));
        at += u32::from(run.planes);
        bits >>= run.used;
        left -= u32::from(run.used);
        n = usize::from(run.n);
    }
    if n == 4 && at < count {
        add(&mut planes, at, bits);
        at += left.div_ceil(4);
    }
    if at > count {
        for (word, first) in planes.iter_mut().zip((0..).step_by(WINDOW as usize)) {
            let kept = count.saturating_sub(first).min(WINDOW);
            *word &= u64::MAX.checked_shr(64 - 4 * kept).unwrap_or(0);
        }
    }
    planes
}

/// A plane that the block's last bits may cut short: every bit is counted. A group that is cut short ends in a one.
#[cold]
#[inline(never)]
fn decode_last(mut r: Reader<'_>, mut n: usize, end: u64) -> (Reader<'_>, u64, usize) {
    let left = |r: &Reader<'_>| end - r.position();
    let mut x = r.take((n as u64).min(left(&r)) as u32);
    while n < 4 && left(&r) > 0 && r.take(1) == 1 {
        while n < 3 && left(&r) > 0 && r.take(1) == 0 {
            n += 1;
        }
        x |= 1 << n;
        n += 1;
    }
    (r, x, n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_blocks_are_coded_alike(
            words: [u64; 4],
            sparse in 0u32..4,
            first in 0u32..64,
            count in 0u32..=64,
            budget in 0u32..=57,
        ) {
            let mut planes = [words[0], words[1], words[2], words[3], 0];
            for (i, word) in planes.iter_mut().enumerate() {
                *word = if sparse == 0 { *word } else { *word & word.rotate_left(7 * sparse) };
                for at in 0..WINDOW {
                    if i as u32 * WINDOW + at < first {
                        *word &= !(0xf << (4 * at));
                    }
                }
            }
            let mut w = Writer::new();
            encode(&mut w, &planes, count, budget);
            w.truncate(w.position().min(budget));
            let (code, length) = encode_short(&planes, count, budget);
            let mut mine = Writer::new();
            mine.put(code, length);
            prop_assert_eq!(w.position(), length);
            let (mut theirs, mut bytes) = (alloc::vec::Vec::new(), alloc::vec::Vec::new());
            w.finish(&mut theirs, 8);
            mine.finish(&mut bytes, 8);
            prop_assert_eq!(&bytes, &theirs);
            // What stands behind the block does not matter.
            bytes.resize(8, 0);
            let noise = words[1] & !((1 << budget) - 1);
            for (b, n) in bytes.iter_mut().zip(noise.to_le_bytes()) {
                *b |= n;
            }
            let expected = decode(&mut Reader::new(&bytes), count, budget);
            let got = decode_short(&Reader::new(&bytes), count, budget);
            prop_assert_eq!(&got[..4], &expected[..4]);
        }
    }
}

//! zfp's embedded coding of one block's bit planes, for blocks of 16 and 64 values.
//!
//! From the highest plane down: the bits of the `n` coefficients that were ever seen to be nonzero go out as they are;
//! the rest goes out in groups, a 1 ("there is another one") and the zeros up to and including that one, until a 0
//! says that there is none. The last coefficient's one is implied. Instead of bit by bit, groups are coded by counting
//! zeros, and mostly by table.

use super::bits::{Reader, Writer};
use super::tables::{GROUPS, RUN_BITS, RUNS};
use tolzip_simd::zfp::Gather;

/// Writes planes `bottom..top`, which `plane` gives; stops behind the plane that reaches the writer's position `end`.
#[inline(always)]
pub(super) fn encode<const N: usize>(
    w: &mut Writer,
    (bottom, top): (u32, u32),
    end: u32,
    plane: impl Fn(u32) -> u64,
) {
    let size = N as u32;
    let mut n = 0u32;
    for k in (bottom..top).rev() {
        let x = plane(k);
        if n == size {
            w.put(x, n);
        } else {
            w.put(x & ((1 << n) - 1), n);
            n = encode_groups(w, x >> n, n, size);
        }
        if w.position() >= end {
            return;
        }
    }
}

/// Writes the bits `x` of the coefficients from `n` on; returns how many have been seen to be nonzero now.
#[inline(always)]
fn encode_groups(w: &mut Writer, mut x: u64, mut n: u32, size: u32) -> u32 {
    while x >= 256 {
        let zeros = x.trailing_zeros();
        if n + zeros + 1 == size {
            w.put(1, zeros + 1);
            return size;
        }
        w.put(1 | 2 << zeros, zeros + 2);
        x >>= zeros + 1;
        n += zeros + 1;
    }
    let entry = GROUPS[x as usize % 256];
    n += 64 - x.leading_zeros();
    // The last coefficient's own one and the 0 behind it are not written.
    let length = (entry >> 24) - if n == size { 2 } else { 0 };
    w.put(u64::from(entry) & ((1 << length) - 1), length);
    n
}

/// Reads planes `bottom..top` and hands those below the empty ones on top to `plane`, using up no more than `budget` bits.
#[inline(always)]
pub(super) fn decode<const N: usize, G: Gather>(
    gather: G,
    reader: &mut Reader<'_>,
    (bottom, top): (u32, u32),
    budget: u32,
    mut plane: impl FnMut(u32, u64),
) {
    let size = N as u32;
    let mut r = *reader;
    let end = r.position() + u64::from(budget);
    // Every empty plane on top is a single 0.
    let empty = (r.peek() | 1 << 57).trailing_zeros().min(top - bottom).min(budget);
    r.skip(empty);
    let mut k = top - empty;
    let mut n = 0u32;
    while k > bottom && n < size && r.position() < end {
        k -= 1;
        let (mut after, mut x, mut seen) =
            if G::IS_FAST && N == 64 { gather_plane(gather, r, n) } else { decode_plane(r, n, size) };
        if after.position() > end {
            (after, x, seen) = decode_last(r, n, size, end);
        }
        plane(k, x);
        (r, n) = (after, seen);
    }
    while k > bottom && r.position() < end {
        k -= 1;
        plane(k, r.take((end - r.position()).min(u64::from(size)) as u32));
    }
    *reader = r;
}

/// As [`decode_plane`] for 64 values, all groups at once. (For 16 values there is less to win, and the table is faster.)
///
/// Of the ones in a row of groups every second is a coefficient's, the others announce one. The row ends with the first 0
/// behind an even number of ones, where an announcement could stand.
#[inline(always)]
fn gather_plane(gather: impl Gather, r: Reader<'_>, n: u32) -> (Reader<'_>, u64, u32) {
    let mut after = r;
    let verbatim = after.take(n);
    // At least 57 bits, from a look of its own: the next plane waits for these, not for the verbatim ones.
    let groups = after.peek();
    let odd = gather.parities(groups);
    let end = !(groups | odd);
    let used = end.trailing_zeros();
    let announcements = groups & odd;
    // All places below the end.
    let row = end.wrapping_sub(1) & !end;
    let coefficients = used - (announcements & row).count_ones();
    if used < 57 && n + coefficients < 64 {
        after.skip(used + 1);
        return (after, verbatim | gather.gather(groups, row & !announcements) << n, n + coefficients);
    }
    // All coefficients will have been seen. The last one's own one is not there; its announcement is only if there are no
    // zeros in front of it in its group.
    let place = if n < 63 { gather.place(!announcements, 62 - n) + 1 } else { 0 };
    if place >= 57 {
        return decode_plane(r, n, 64);
    }
    let before = (1 << place) - 1;
    after.skip(place + u32::from((groups & before).count_ones().is_multiple_of(2)));
    (after, verbatim | gather.gather(groups, before & !announcements) << n | 1 << 63, 64)
}

/// Reads a plane; gives also how many coefficients have been seen to be nonzero now.
#[inline(always)]
fn decode_plane(mut r: Reader<'_>, mut n: u32, size: u32) -> (Reader<'_>, u64, u32) {
    // For 16 values one look is enough.
    let (mut x, groups) = if size == 16 {
        let bits = r.peek();
        r.skip(n);
        (bits & ((1 << n) - 1), bits >> n)
    } else {
        (r.take(n), r.peek())
    };
    let run = RUNS[(groups % (1 << RUN_BITS)) as usize];
    // The table knows nothing of the last coefficient, whose one is implied.
    if n + u32::from(run.coefficients) < size {
        r.skip(u32::from(run.used));
        x |= u64::from(run.x) << n;
        n += u32::from(run.coefficients);
        if run.closed {
            return (r, x, n);
        }
    }
    while n < size {
        let mut bits = r.peek();
        // Bits of `bits` that are used, of 57.
        let mut used = 0;
        while n < size && used < 57 {
            if bits & 1 == 0 {
                r.skip(used + 1);
                return (r, x, n);
            }
            let zeros = (bits >> 1 | 1 << 63).trailing_zeros();
            let longest = size - 1 - n;
            if used + 1 + zeros.min(longest) >= 57 {
                break;
            }
            if zeros >= longest {
                r.skip(used + 1 + longest);
                return (r, x | 1 << (size - 1), size);
            }
            n += zeros + 1;
            x |= 1 << (n - 1);
            used += zeros + 2;
            bits >>= zeros + 2;
        }
        if used == 0 {
            return decode_long_group(r, x, n, size);
        }
        r.skip(used);
    }
    (r, x, n)
}

/// The rest of a plane whose next group does not fit in one look at the stream.
#[cold]
#[inline(never)]
fn decode_long_group(mut r: Reader<'_>, mut x: u64, mut n: u32, size: u32) -> (Reader<'_>, u64, u32) {
    while n < size && r.take(1) == 1 {
        while n < size - 1 && r.take(1) == 0 {
            n += 1;
        }
        x |= 1 << n;
        n += 1;
    }
    (r, x, n)
}

/// A plane that the block's last bits may cut short: every bit is counted. A group that is cut short ends in a one.
#[cold]
#[inline(never)]
fn decode_last(mut r: Reader<'_>, mut n: u32, size: u32, end: u64) -> (Reader<'_>, u64, u32) {
    let left = |r: &Reader<'_>| end - r.position();
    let mut x = r.take(n.min(left(&r).min(64) as u32));
    while n < size && left(&r) > 0 && r.take(1) == 1 {
        while n < size - 1 && left(&r) > 0 && r.take(1) == 0 {
            n += 1;
        }
        x |= 1 << n;
        n += 1;
    }
    (r, x, n)
}

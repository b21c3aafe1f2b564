//! One block.

use super::BLOCK;
use super::bits::{Reader, Writer};
use super::vectors::{Bytes, Vectors};

/// The last level; integers that reach it are coded in full.
const LEVELS: u32 = 15;
/// Heads from here on are of planes alone.
const PLAIN: u8 = 240;
/// The planes of the first plain head.
const FEWEST: u32 = 17;

/// Writes a block's bits and returns its head.
#[inline(always)]
pub(super) fn encode<V: Vectors>(block: &[u32; BLOCK], bits: &mut Writer<'_>) -> u8 {
    let (mut any, mut sum) = (0, 0);
    for &u in block {
        any |= u;
        sum += u.min(1 << 25);
    }
    if any == 0 {
        return 0;
    }
    let width = 32 - any.leading_zeros();
    // The best number of planes is near log2(mean ln 2); two more are tried.
    let near = 64 - ((u64::from(sum) * 45) >> 12).leading_zeros();
    let base = near.saturating_sub(1);
    if base > 12 {
        let planes = width.max(FEWEST);
        put_planes::<V>(block, planes, bits);
        return PLAIN + (planes - FEWEST) as u8;
    }
    let mut above: Bytes = [0; BLOCK];
    for (a, &u) in above.iter_mut().zip(block) {
        *a = (u >> base).min(127) as u8;
    }
    // Who reaches a level with `base` planes; with one more, every other level is left, with two more, every fourth.
    let mut reach = [u64::MAX; 64];
    let mut levels = 0;
    while levels < 4 * LEVELS {
        let mask = V::reach(&above, levels as u8 + 1);
        if mask == 0 {
            break;
        }
        levels += 1;
        reach[levels as usize] = mask;
    }
    let mut best = (64 * width, width, 0, 1);
    if width > 14 {
        best.0 = 64 * width.max(FEWEST);
    }
    for (k, every) in [(base, 1), (base + 1, 2), (base + 2, 4)] {
        let last = (levels / every).min(LEVELS);
        let mut cost = 64 * k;
        let mut at = 0;
        for _ in 0..last {
            cost += reach[at as usize].count_ones();
            at += every;
        }
        if last == LEVELS {
            // What is left of an integer that reaches the last level takes no more than this.
            cost += 6 + reach[at as usize].count_ones() * width.saturating_sub(k);
        }
        if cost < best.0 {
            best = (cost, k, last, every);
        }
    }
    let (_, k, last, every) = best;
    if k > 14 {
        let planes = k.max(FEWEST);
        put_planes::<V>(block, planes, bits);
        return PLAIN + (planes - FEWEST) as u8;
    }
    put_planes::<V>(block, k, bits);
    let mut alive = u64::MAX;
    for level in 1..=last {
        let mask = reach[(level * every) as usize];
        bits.put(V::gather(mask, alive), alive.count_ones());
        alive = mask;
    }
    if last == LEVELS {
        put_rest(block, k, alive, bits);
    }
    (k << 4 | last) as u8
}

/// Writes what is left of the integers of the mask, which is not empty, above `k` planes and the last level.
#[cold]
fn put_rest(block: &[u32; BLOCK], k: u32, mask: u64, bits: &mut Writer<'_>) {
    let rest = |i: u32| (block[i as usize] >> k).wrapping_sub(LEVELS);
    let all = ones(mask).fold(0, |all, i| all | rest(i));
    let width = 32 - all.leading_zeros();
    bits.put(u64::from(width), 6);
    for i in ones(mask) {
        bits.put(u64::from(rest(i)), width);
    }
}

/// The positions of a mask's ones.
fn ones(mut mask: u64) -> impl Iterator<Item = u32> {
    core::iter::from_fn(move || {
        let at = mask.trailing_zeros();
        mask &= mask.wrapping_sub(1);
        (at < 64).then_some(at)
    })
}

#[inline(always)]
fn put_planes<V: Vectors>(block: &[u32; BLOCK], planes: u32, bits: &mut Writer<'_>) {
    let mut from = 0;
    while from < planes {
        let mut bytes: Bytes = [0; BLOCK];
        for (b, &u) in bytes.iter_mut().zip(block) {
            *b = (u >> from) as u8;
        }
        for j in 0..(planes - from).min(8) {
            bits.put(V::plane(&bytes, j), 64);
        }
        from += 8;
    }
}

/// Reads a block's bits.
#[inline(always)]
pub(super) fn decode<V: Vectors>(head: u8, bits: &mut Reader<'_>, block: &mut [u32; BLOCK]) {
    if head == 0 {
        *block = [0; BLOCK];
        return;
    }
    let (planes, last) = match head.checked_sub(PLAIN) {
        Some(more) => (FEWEST + u32::from(more), 0),
        None => (u32::from(head >> 4), u32::from(head & 15)),
    };
    let mut low: Bytes = [0; BLOCK];
    for j in 0..planes.min(8) {
        V::add(&mut low, bits.get64(), 1 << j);
    }
    let mut above: Bytes = [0; BLOCK];
    let mut alive = u64::MAX;
    if planes <= 8 {
        for _ in 0..last {
            alive = V::scatter(bits.get(alive.count_ones()), alive);
            V::add(&mut above, alive, 1);
        }
        for (u, (&l, &a)) in block.iter_mut().zip(low.iter().zip(&above)) {
            *u = u32::from(a) << planes | u32::from(l);
        }
    } else {
        for (u, &l) in block.iter_mut().zip(&low) {
            *u = u32::from(l);
        }
        let mut from = 8;
        while from < planes {
            let mut bytes: Bytes = [0; BLOCK];
            for j in 0..(planes - from).min(8) {
                V::add(&mut bytes, bits.get64(), 1 << j);
            }
            for (u, &b) in block.iter_mut().zip(&bytes) {
                *u |= u32::from(b) << from;
            }
            from += 8;
        }
        for _ in 0..last {
            alive = V::scatter(bits.get(alive.count_ones()), alive);
            V::add(&mut above, alive, 1);
        }
        if last > 0 {
            for (u, &a) in block.iter_mut().zip(&above) {
                *u |= u32::from(a) << planes;
            }
        }
    }
    if last == LEVELS && alive != 0 {
        get_rest(block, planes, alive, bits);
    }
}

#[cold]
fn get_rest(block: &mut [u32; BLOCK], k: u32, mask: u64, bits: &mut Reader<'_>) {
    let width = bits.get(6) as u32;
    for i in ones(mask) {
        let rest = bits.get(width) as u32;
        let u = &mut block[i as usize];
        *u = u.wrapping_add(rest << k);
    }
}

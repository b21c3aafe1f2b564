//! Tiles of words in the fewest bits that hold the largest of them.
//!
//! A tile lies in lanes of 16 bytes together, so that one vector instruction shifts all of them alike: word `i` belongs to
//! lane `i % lanes`, and each lane's words are packed one after the other from the lowest bit up.

use super::versions;
use crate::lane::Lane;

/// Words of a tile.
pub const TILE: usize = 128;

versions! {
    /// All bits that are set in any word of a tile, and how many words are not zero.
    survey<W: Lane>(tile: &[W; TILE]) -> (W, u32) {
        let (mut all, mut others) = (W::default(), 0);
        for &w in tile {
            all = all.or(w);
            others += u32::from(w != W::default());
        }
        (all, others)
    }
}

versions! {
    /// Which words of a tile are not zero: the first one's bit is the lowest.
    occupied<W: Lane>(tile: &[W; TILE]) -> u128 {
        let mut ones = [0u8; TILE];
        for (one, &w) in ones.iter_mut().zip(tile) {
            *one = u8::from(w != W::default());
        }
        let mut bits = [0u8; TILE / 8];
        for (bits, &ones) in bits.iter_mut().zip(ones.as_chunks::<8>().0) {
            // The product's highest byte has the lowest bit of each byte, the first one's lowest.
            *bits = (u64::from_le_bytes(ones).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8;
        }
        u128::from_le_bytes(bits)
    }
}

versions! {
    /// The least and the largest word of a tile.
    extremes<W: Lane>(tile: &[W; TILE]) -> (W, W) {
        let (mut least, mut most) = (tile[0], tile[0]);
        for &w in tile {
            least = if w < least { w } else { least };
            most = if w > most { w } else { most };
        }
        (least, most)
    }
}

versions! {
    /// Adds the same to every word of a tile.
    shift_by<W: Lane>(tile: &mut [W; TILE], by: W) {
        for w in tile {
            *w = w.wrapping_add(by);
        }
    }
}

versions! {
    /// Packs a tile of words of at most `width` bits, which is at least 1, into the first `16 * width` bytes of `out`.
    ///
    /// # Panics
    /// If these are not there.
    pack<W: Lane>(tile: &[W; TILE], width: u32, out: &mut [u8]) {
        let out = &mut out[..16 * width as usize];
        match W::BYTES {
            1 => pack_lanes::<W, 16>(tile, width, out),
            2 => pack_lanes::<W, 8>(tile, width, out),
            4 => pack_lanes::<W, 4>(tile, width, out),
            _ => pack_lanes::<W, 2>(tile, width, out),
        }
    }
}

#[inline(always)]
fn pack_lanes<W: Lane, const LANES: usize>(tile: &[W; TILE], width: u32, out: &mut [u8]) {
    let mut places = out.as_chunks_mut::<16>().0.iter_mut();
    let (mut held, mut filled) = ([W::default(); LANES], 0);
    for row in tile.as_chunks::<LANES>().0 {
        for (h, &w) in held.iter_mut().zip(row) {
            *h = h.or(w.shl(filled));
        }
        filled += width;
        if filled >= W::BITS {
            filled -= W::BITS;
            if let Some(place) = places.next() {
                for (p, h) in place.chunks_exact_mut(W::BYTES).zip(held) {
                    p.copy_from_slice(&h.to_u64().to_le_bytes()[..W::BYTES]);
                }
            }
            for (h, &w) in held.iter_mut().zip(row) {
                *h = if filled == 0 { W::default() } else { w.shr(width - filled) };
            }
        }
    }
}

versions! {
    /// Unpacks a tile from the first `16 * width` bytes of `packed`; a width of 0 is a tile of zeros.
    ///
    /// # Panics
    /// If these are not there.
    unpack<W: Lane>(packed: &[u8], width: u32, tile: &mut [W; TILE]) {
        if width == 0 {
            return tile.fill(W::default());
        }
        let packed = &packed[..16 * width as usize];
        match W::BYTES {
            1 => unpack_lanes::<W, 16>(packed, width, tile),
            2 => unpack_lanes::<W, 8>(packed, width, tile),
            4 => unpack_lanes::<W, 4>(packed, width, tile),
            _ => unpack_lanes::<W, 2>(packed, width, tile),
        }
    }
}

#[inline(always)]
fn unpack_lanes<W: Lane, const LANES: usize>(packed: &[u8], width: u32, tile: &mut [W; TILE]) {
    let mask = W::from_u64(u64::MAX >> (64 - width));
    let mut places = packed.as_chunks::<16>().0.iter();
    let mut load = || {
        let mut lanes = [W::default(); LANES];
        if let Some(place) = places.next() {
            for (l, p) in lanes.iter_mut().zip(place.chunks_exact(W::BYTES)) {
                let mut wide = [0; 8];
                wide[..W::BYTES].copy_from_slice(p);
                *l = W::from_u64(u64::from_le_bytes(wide));
            }
        }
        lanes
    };
    let (mut held, mut left) = (load(), W::BITS);
    for row in tile.as_chunks_mut::<LANES>().0 {
        let used = W::BITS - left;
        if left >= width {
            for (w, h) in row.iter_mut().zip(held) {
                *w = h.shr(used) & mask;
            }
            left -= width;
            if left == 0 {
                (held, left) = (load(), W::BITS);
            }
        } else {
            let next = load();
            for ((w, h), n) in row.iter_mut().zip(held).zip(next) {
                *w = h.shr(used).or(n.shl(left)) & mask;
            }
            (held, left) = (next, W::BITS - (width - left));
        }
    }
}

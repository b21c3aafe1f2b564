//! A decoder of the lossless codec's payload, written from `docs/codecs/lossless.md` and the entropy coders' page alone, word by
//! word. Panics where the page says a reader refuses.

mod blocks;
mod sums;

use super::entropy::{self, Bytes};
use super::met::{note, note_bits};

/// Bytes of a byte string that follow its length.
#[must_use]
pub fn decompress(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = Bytes(bytes);
    let n = bytes.leb128();
    string(bytes.0, n)
}

/// A byte string of `n` bytes.
fn string(coded: &[u8], n: usize) -> Vec<u8> {
    match coded[0] {
        3 => {
            note("string", 3u32);
            entropy::lz77(&coded[1..], n)
        }
        _ => entropy::string(coded, n),
    }
}

/// The little-endian words of `width` bytes of a chunk of this shape.
#[must_use]
pub fn decode(bytes: &[u8], sides: &[u64], width: usize) -> Vec<u8> {
    let n = sides.iter().product::<u64>() as usize;
    assert_eq!(bytes[0], 1);
    let words = if n == 0 { Vec::new() } else { words(&bytes[1..], super::folded(sides), width) };
    words.into_iter().flat_map(|w: u64| w.to_le_bytes().into_iter().take(width)).collect()
}

/// A word of so many bytes.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |w, &b| w << 8 | u64::from(b))
}

/// What lies within a word.
fn mask(width: usize) -> u64 {
    u64::MAX >> (64 - 8 * width)
}

/// A chunk behind its version.
fn words(bytes: &[u8], sides: [usize; 4], width: usize) -> Vec<u64> {
    let n: usize = sides.iter().product();
    if n == 0 {
        return Vec::new();
    }
    let mut bytes = Bytes(bytes);
    let flags = bytes.take(1)[0];
    let flag = |bit: u8| flags & bit != 0;
    note_bits("lossless flag", flags);
    note("lossless flags", flags);
    assert!(flags < 128 && !(flag(8) && flag(16)) && !(flag(1) && flag(32)));
    let dictionary = flag(8).then(|| {
        let count = bytes.leb128();
        words(bytes.prefixed(), [1, 1, 1, count], width)
    });
    let decimals = flag(16).then(|| {
        let e = bytes.take(1)[0];
        note_bits("lossless decimals flag", e & 0x30);
        let m = if e & 16 != 0 { bytes.leb128() } else { 1 };
        let count = bytes.leb128();
        note("lossless exceptions", u8::from(count > 0));
        let mut position = 0;
        let exceptions: Vec<(usize, u64)> = (0..count)
            .map(|_| {
                position += bytes.leb128() + 1;
                (position - 1, word(bytes.take(width)))
            })
            .collect();
        (e, m, exceptions)
    });
    let matches = flag(64).then(|| {
        let count = bytes.leb128();
        [(); 3].map(|()| if count == 0 { Vec::new() } else { words(bytes.prefixed(), [1, 1, 1, count], 4) })
    });
    let mut held = sides;
    if let Some([_, lengths, _]) = &matches {
        held = [1, 1, 1, n - lengths.iter().sum::<u64>() as usize];
    }
    let (shift, degrees) = if flag(1) {
        let two = bytes.take(2);
        (u32::from(two[0]), [0, 2, 4, 6].map(|at| usize::from(two[1] >> at & 3)))
    } else {
        (0, [0; 4])
    };
    let mut all = blocks::decode(bytes, held, width);
    if flag(32) {
        for w in &mut all {
            *w = *w >> 1 | (*w & 1) << (8 * width - 1);
        }
    }
    if flag(1) {
        all = sums::undo(
            &all,
            held,
            &sums::Prediction { width, shift, degrees, float: flag(2), magnitude: flag(4) },
        );
    }
    if let Some([runs, lengths, distances]) = matches {
        all = copy(&all, &runs, &lengths, &distances);
    }
    if let Some(dictionary) = dictionary {
        all = all.into_iter().map(|rank| dictionary[rank as usize]).collect();
    }
    if let Some((e, m, exceptions)) = decimals {
        all = all.into_iter().map(|k| decimal(k, e, m, width)).collect();
        for (position, w) in exceptions {
            all[position] = w;
        }
    }
    all
}

fn copy(literals: &[u64], runs: &[u64], lengths: &[u64], distances: &[u64]) -> Vec<u64> {
    let mut out = Vec::new();
    let mut used = 0;
    for ((&run, &length), &distance) in runs.iter().zip(lengths).zip(distances) {
        out.extend_from_slice(&literals[used..used + run as usize]);
        used += run as usize;
        for _ in 0..length {
            out.push(out[out.len() - distance as usize]);
        }
    }
    out.extend_from_slice(&literals[used..]);
    out
}

fn decimal(k: u64, e: u8, m: usize, width: usize) -> u64 {
    let k = if width == 4 { i64::from(k as u32 as i32) } else { k as i64 };
    let inverted = e & 32 != 0 && k < 0;
    let k = if inverted { -(k + 1) } else { k };
    let tens: f64 = (0..e & 15).fold(1.0, |t, _| t * 10.0);
    let value = k as f64 * m as f64 / tens;
    let value = if inverted { -value } else { value };
    if width == 4 { u64::from((value as f32).to_bits()) } else { value.to_bits() }
}

//! Blocks of words.

use super::super::entropy::{Bits, Bytes, Rans, lz77, tables};
use super::super::met::note;
use super::{string, word};

/// All words of a chunk.
pub(super) fn decode(mut bytes: Bytes<'_>, sides: [usize; 4], width: usize) -> Vec<u64> {
    let n: usize = sides.iter().product();
    let mut out: Vec<u64> = Vec::new();
    // Tokens of the whole chunk, 0 in blocks of other kinds.
    let mut tokens: Vec<u64> = Vec::new();
    while out.len() < n {
        let count = (n - out.len()).min(1 << 18);
        let kind = bytes.take(1)[0];
        let block = bytes.prefixed();
        note("lossless block", kind);
        match kind {
            0 => out.extend(vec![word(&block[..width]); count]),
            1 => out.extend(block.chunks(width).map(word)),
            2 => read_tokens(block, sides, width, count, &mut tokens, &mut out),
            3 => {
                let mut block = Bytes(block);
                let planes: Vec<Vec<u8>> = (0..width).map(|_| string(block.prefixed(), count)).collect();
                out.extend((0..count).map(|i| word(&planes.iter().map(|p| p[i]).collect::<Vec<u8>>())));
            }
            4 => out.extend(lz77(block, count * width).chunks(width).map(word)),
            5 => packed(block, width, count, &mut out),
            6 => based(block, width, count, &mut out),
            kind => panic!("a block of kind {kind}"),
        }
        tokens.resize(out.len(), 0);
    }
    assert!(bytes.0.is_empty() && out.len() == n);
    out
}

fn read_tokens(
    bytes: &[u8],
    sides: [usize; 4],
    width: usize,
    count: usize,
    tokens: &mut Vec<u64>,
    out: &mut Vec<u64>,
) {
    let mut bytes = Bytes(bytes);
    let contexts = usize::from(bytes.take(1)[0]);
    let starts = bytes.take(contexts - 1);
    let alphabet = usize::from(bytes.take(1)[0]);
    assert!(alphabet <= 16 * width);
    let tables = tables(&mut bytes, contexts, alphabet);
    let mut rans = Rans::new(bytes.prefixed());
    let mut symbol = |level: u64| {
        let context = (0..contexts - 1).rev().find(|&i| u64::from(starts[i]) <= level).map_or(0, |i| i + 1);
        u64::from(rans.symbol(&tables[context]))
    };
    let from = tokens.len();
    note("lossless tokens of one axis", u8::from(sides[..3] == [1; 3]));
    if sides[..3] == [1; 3] {
        let q = count.div_ceil(32);
        let mut all = vec![0; 32 * q];
        for place in 0..q {
            for segment in 0..32 {
                let at = segment * q + place;
                let t = |k: usize| if k > place { 0 } else { all[at - k] };
                all[at] = symbol((2 * t(1) + t(2) + t(3) + 2) / 4);
            }
        }
        tokens.extend_from_slice(&all[..count]);
    } else {
        let row = sides[3];
        let up = (33usize).div_ceil(row) * row;
        let plane = row * sides[2];
        let back = if plane > up && plane < sides.iter().product() { plane } else { 2 * up };
        for at in from..from + count {
            let t = |k: usize| if k > at { 0 } else { tokens[at - k] };
            let next = symbol((3 * (t(up + 1) + 2 * t(up) + t(up - 1)) + 4 * t(back) + 8) / 16);
            tokens.push(next);
        }
    }
    rans.end();
    let mut open = Bits(bytes.0, 0);
    for &token in &tokens[from..] {
        out.push(if token < 2 {
            token
        } else {
            let below = token / 2 - 1;
            let low = (0..below).map(|i| u64::from(open.get(1)) << i).sum::<u64>();
            (2 | (token % 2)) << below | low
        });
    }
    assert_eq!(open.1.div_ceil(8), open.0.len());
}

/// 128 words of `bits` bits.
fn tile(bytes: &[u8], width: usize, bits: usize) -> Vec<u64> {
    let lanes = 16 / width;
    (0..128)
        .map(|i| {
            let (lane, place) = (i % lanes, i / lanes);
            (0..bits)
                .map(|b| {
                    let at = place * bits + b;
                    let byte = (at / (8 * width) * lanes + lane) * width + at % (8 * width) / 8;
                    u64::from(bytes[byte] >> (at % 8) & 1) << b
                })
                .sum()
        })
        .collect()
}

fn packed(bytes: &[u8], width: usize, count: usize, out: &mut Vec<u64>) {
    let mut bytes = Bytes(bytes);
    for first in (0..count).step_by(128) {
        let head = usize::from(bytes.take(1)[0]);
        let words = if head < 128 {
            tile(bytes.take(16 * head), width, head)
        } else {
            note("lossless sparse tile", 1u32);
            let there = bytes.take(16);
            (0..128)
                .map(|i| {
                    if there[i / 8] >> (i % 8) & 1 == 1 {
                        word(bytes.take((head - 128).div_ceil(8)))
                    } else {
                        0
                    }
                })
                .collect()
        };
        out.extend(words.into_iter().take(count - first));
    }
    assert!(bytes.0.is_empty());
}

fn based(bytes: &[u8], width: usize, count: usize, out: &mut Vec<u64>) {
    let mut bytes = Bytes(bytes);
    for first in (0..count).step_by(128) {
        let bits = usize::from(bytes.take(1)[0]);
        let least = word(bytes.take(width));
        let words = tile(bytes.take(16 * bits), width, bits);
        out.extend(words.into_iter().take(count - first).map(|w| least.wrapping_add(w) & super::mask(width)));
    }
    assert!(bytes.0.is_empty());
}

//! A decoder of the fast codec's payload, written from `docs/codecs/fast.md` alone, value by value and bit by bit.

use super::met::{note, note_bits};

/// The values of a chunk of this shape, as the bits of f32 (`wide` false) or f64. `rans` decodes so many bytes in order-0
/// rANS. Panics where the page says a reader refuses.
pub fn decode(bytes: &[u8], sides: &[u64], wide: bool, rans: impl Fn(&[u8], usize) -> Vec<u8>) -> Vec<u64> {
    let n = sides.iter().product::<u64>() as usize;
    let width = if wide { 8 } else { 4 };
    if n == 0 {
        assert!(bytes.is_empty());
        return Vec::new();
    }
    note("fast kind", bytes[0]);
    if bytes[0] == 0 {
        return bytes[1..].chunks(width).map(word).collect();
    }
    assert_eq!(bytes[0], 1);
    let flags = bytes[1];
    assert!(flags < 0x40);
    note_bits("fast flag", flags);
    let mut at = 2;
    let mut eight = || {
        at += 8;
        word(&bytes[at - 8..at])
    };
    let step = f64::from_bits(eight());
    let offset = if flags & 0x20 != 0 { f64::from_bits(eight()) } else { 0.0 };
    let length = eight() as usize;
    let bits = &bytes[at..at + length];
    at += length;
    let mut exact = Vec::new();
    let mut position = 0;
    for _ in 0..super::leb128(bytes, &mut at) {
        position += super::leb128(bytes, &mut at) as usize;
        exact.push((position, word(&bytes[at..at + width])));
        at += width;
        position += 1;
    }
    let blocks = n.div_ceil(64);
    note("fast exact values", u8::from(!exact.is_empty()));
    note("fast heads", bytes[at]);
    let heads = match bytes[at] {
        0 => bytes[at + 1..].to_vec(),
        1 => rans(&bytes[at + 1..], blocks),
        2 => vec![bytes[at + 1]; blocks],
        kind => panic!("heads of kind {kind}"),
    };
    assert_eq!(heads.len(), blocks);

    let mut taken = 0;
    let mut bit = || {
        taken += 1;
        u32::from(bits[(taken - 1) / 8] >> ((taken - 1) % 8) & 1)
    };
    let mut line: Vec<i32> = heads.iter().flat_map(|&head| block(head, &mut bit)).map(unfold).collect();
    assert_eq!(taken.div_ceil(8), length);
    line.truncate(n);
    let mut sides: Vec<usize> = sides.iter().map(|&s| s as usize).filter(|&s| s != 1).collect();
    while sides.len() > 4 {
        let first = sides.remove(0);
        sides[0] *= first;
    }
    let mut lag = 1;
    for (axis, &side) in sides.iter().rev().chain(&[1; 4]).take(4).enumerate() {
        if flags >> axis & 1 != 0 {
            for i in lag..n {
                line[i] = line[i].wrapping_add(line[i - lag]);
            }
        }
        lag *= side;
    }
    let mut values: Vec<u64> = line
        .into_iter()
        .map(|k| match (wide, flags & 0x10 != 0) {
            (true, _) => (offset + f64::from(k) * step).to_bits(),
            (false, true) => u64::from(((offset + f64::from(k) * step) as f32).to_bits()),
            (false, false) => u64::from((offset as f32 + k as f32 * step as f32).to_bits()),
        })
        .collect();
    for (position, bits) in exact {
        values[position] = bits;
    }
    values
}

fn block(head: u8, bit: &mut impl FnMut() -> u32) -> Vec<u32> {
    let (planes, levels) = if head < 240 { (head / 16, head % 16) } else { (head - 240 + 17, 0) };
    let mut block = vec![0u32; 64];
    for j in 0..planes {
        for u in &mut block {
            *u += bit() << j;
        }
    }
    let mut alive: Vec<usize> = (0..64).collect();
    for _ in 0..levels {
        alive.retain(|_| bit() == 1);
        for &i in &alive {
            block[i] += 1 << planes;
        }
    }
    note("fast planes alone", u8::from(head >= 240));
    if levels == 15 && !alive.is_empty() {
        note("fast levels beyond", 15u32);
        let e = (0..6).map(|j| bit() << j).sum();
        for i in alive {
            block[i] += (0..e).map(|j| bit() << j).sum::<u32>() << planes;
        }
    }
    block
}

fn unfold(u: u32) -> i32 {
    if u.is_multiple_of(2) { (u / 2) as i32 } else { -((u / 2) as i32) - 1 }
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |w, &b| w << 8 | u64::from(b))
}

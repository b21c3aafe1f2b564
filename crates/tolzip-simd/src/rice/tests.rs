use super::*;
use proptest::prelude::*;
extern crate std;
use std::vec;
use std::vec::Vec;

type Encode = fn(&[u32], &mut [u8], &mut Writer<'_>);
type Decode = fn(&[u8], &mut Reader<'_>, &mut [u32]);

fn coded(encode: Encode, integers: &[u32]) -> (Vec<u8>, Vec<u8>) {
    let mut heads = vec![0; integers.len() / BLOCK];
    let mut out = vec![0; heads.len() * MOST_BYTES + 8];
    let mut writer = Writer::new(&mut out, (0, 0));
    encode(integers, &mut heads, &mut writer);
    let (mut n, (held, filled)) = writer.finish();
    if filled > 0 {
        out[n] = held;
        n += 1;
    }
    out.truncate(n);
    (heads, out)
}

fn back(decode: Decode, heads: &[u8], bits: &[u8]) -> (Vec<u32>, bool) {
    let mut out = vec![7; heads.len() * BLOCK];
    let mut reader = Reader::new(bits);
    decode(heads, &mut reader, &mut out);
    (out, reader.is_finished())
}

/// A block by the definition: value by value, bit by bit.
fn slow(head: u8, bit: &mut impl FnMut() -> u32) -> Vec<u32> {
    let mut block = vec![0u32; 64];
    let planes = if head >= 240 { u32::from(head) - 240 + 17 } else { u32::from(head / 16) };
    for j in 0..planes {
        for u in &mut block {
            *u |= bit() << j;
        }
    }
    if head >= 240 {
        return block;
    }
    let mut alive: Vec<usize> = (0..64).collect();
    for _ in 0..head % 16 {
        alive.retain(|_| bit() == 1);
        for &i in &alive {
            block[i] += 1 << planes;
        }
    }
    if head % 16 == 15 && !alive.is_empty() {
        let width = (0..6).fold(0, |w, j| w | bit() << j);
        for i in alive {
            block[i] += (0..width).fold(0, |r, j| r | bit() << j) << planes;
        }
    }
    block
}

fn check(integers: &[u32]) {
    let (heads, bits) = coded(encode, integers);
    assert_eq!(
        (&heads, &bits),
        (&coded(encode_blocks::<Portable>, integers).0, &coded(encode_blocks::<Portable>, integers).1)
    );
    assert_eq!(back(decode, &heads, &bits), (integers.to_vec(), true));
    assert_eq!(back(decode_blocks::<Portable>, &heads, &bits), (integers.to_vec(), true));
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("bmi2") {
        assert_eq!(
            (&heads, &bits),
            (&coded(encode_blocks::<x86::Avx2>, integers).0, &coded(encode_blocks::<x86::Avx2>, integers).1)
        );
        assert_eq!(back(decode_blocks::<x86::Avx2>, &heads, &bits), (integers.to_vec(), true));
    }
    let mut at = 0;
    let mut bit = || {
        at += 1;
        u32::from(bits[(at - 1) / 8] >> ((at - 1) % 8) & 1)
    };
    let by_definition: Vec<u32> = heads.iter().flat_map(|&h| slow(h, &mut bit)).collect();
    assert_eq!(by_definition, integers);
    if !bits.is_empty() {
        assert!(!back(decode, &heads, &bits[..bits.len() - 1]).1);
    }
}

#[test]
fn integers_of_every_size_survive() {
    let mut x = 1u64;
    for width in 0..=32 {
        let blocks: Vec<u32> = (0..64 * 9)
            .map(|i| {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let u = (x >> 32) as u32;
                // Even, falling off, and with outliers.
                match i / 64 % 3 {
                    0 => ((u64::from(u) << width) >> 32) as u32,
                    1 => (u >> 8).leading_zeros() - 8 + width,
                    _ if i % 41 == 0 => ((u64::from(u) << width) >> 32) as u32,
                    _ => u % 3,
                }
            })
            .collect();
        check(&blocks);
    }
    check(&[u32::MAX; 64]);
    check(&[0; 128]);
    check(&[]);
}

#[test]
fn small_integers_take_few_bits() {
    // A third each of 0, 1 and 2 has an entropy of 1.58 bits.
    let integers: Vec<u32> =
        (0..6400u32).map(|i| i.wrapping_mul(2_654_435_761) >> 7 & 0xffff).map(|i| i % 3).collect();
    let (_, bits) = coded(encode, &integers);
    assert!(bits.len() * 8 < 6400 * 17 / 10, "{} bits", bits.len() * 8);
}

proptest! {
    #[test]
    fn any_blocks_survive(shifts in prop::collection::vec(0u32..33, 1..5), words in prop::collection::vec(any::<u32>(), 256)) {
        let integers: Vec<u32> = shifts.iter().zip(words.chunks(64))
            .flat_map(|(&s, w)| w.iter().map(move |&u| (u64::from(u) >> s) as u32)).collect();
        check(&integers);
    }

    #[test]
    fn any_bits_decode_alike(heads in prop::collection::vec(any::<u8>(), 0..6), bits in prop::collection::vec(any::<u8>(), 0..300)) {
        let fast = back(decode, &heads, &bits);
        prop_assert_eq!(&fast, &back(decode_blocks::<Portable>, &heads, &bits));
        #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
        if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("bmi2") {
            prop_assert_eq!(&fast, &back(decode_blocks::<x86::Avx2>, &heads, &bits));
        }
    }
}

//! Every version against the plain meaning of its kernel; what needs no second definition is tested where it is used.

use super::*;
use crate::lane::{Lane, Order};
extern crate std;
use std::vec;
use std::vec::Vec;

fn words<W: Lane>(n: usize) -> Vec<W> {
    let mut x = 3u64;
    (0..n)
        .map(|i| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // All lengths from 0 to all bits.
            W::from_u64((x >> 7) & (u64::MAX >> (i % 64)) & (u64::MAX >> (64 - W::BITS)) >> (i % 3))
        })
        .collect()
}

fn tokens_and_open_bits<W: Lane>() {
    for n in [0, 1, 2, 31, 32, 33, 1001] {
        let all = words::<W>(n);
        let mut t = vec![0; n];
        tokens(&all, &mut t);
        for (&w, &t) in all.iter().zip(&t) {
            let length = w.bit_length();
            let expected =
                if length < 2 { length } else { 2 * length - 2 + (w.to_u64() >> (length - 2) & 1) as u32 };
            assert_eq!(u32::from(t), expected);
            assert_eq!(open_bits(t), length.saturating_sub(2));
            assert_eq!((known::<W>(t) ^ w).bit_length().min(open_bits(t)), (known::<W>(t) ^ w).bit_length());
        }
        let mut bits = vec![0xaa; n * W::BYTES + 9];
        let length = open_write(&all, &t, &mut bits);
        bits.truncate(length);
        // The same by a number of arbitrary length: one bit after the other.
        let (mut slow, mut count) = (vec![0u8; n * W::BYTES + 1], 0);
        for (&w, &t) in all.iter().zip(&t) {
            for bit in 0..open_bits(t) {
                slow[count / 8] |= ((w.to_u64() >> bit & 1) as u8) << (count % 8);
                count += 1;
            }
        }
        slow.truncate(count.div_ceil(8));
        assert_eq!(bits, slow);
        let mut back = vec![W::default(); n];
        assert!(open_read(&bits, &t, &mut back));
        assert_eq!(back, all);
        bits.push(0);
        assert!(!open_read(&bits, &t, &mut back));
        bits.truncate(length.saturating_sub(1));
        assert!(length == 0 || !open_read(&bits, &t, &mut back));
    }
}

#[test]
fn words_survive_as_tokens_and_open_bits() {
    tokens_and_open_bits::<u8>();
    tokens_and_open_bits::<u16>();
    tokens_and_open_bits::<u32>();
    tokens_and_open_bits::<u64>();
    // One spare bit that is not zero.
    let mut word = [0u32];
    assert!(open_read(&[1], &[6], &mut word) && !open_read(&[0x41], &[6], &mut word));
}

/// The definition of [`residuals`]: differences are taken one after the other, each where it exists.
fn by_definition(words: &[u32], at: usize, n: usize, stencil: Stencil<'_>) -> Vec<u32> {
    let of = |i: usize| stencil.order.of(words[i]);
    let mut row: Vec<u32> = (at..at + n)
        .map(|i| stencil.terms.iter().fold(of(i), |x, &(lag, w)| x.wrapping_sub(of(i - lag).times(w))))
        .collect();
    for pass in 1..=stencil.degree {
        for i in (pass * stencil.step..n).rev() {
            row[i] = row[i].wrapping_sub(row[i - stencil.step]);
        }
    }
    row.into_iter().map(Lane::zigzag).collect()
}

#[test]
fn rows_and_parts_of_them_are_predicted_and_restored() {
    const ROW: usize = 5000;
    for (sign_magnitude, shift) in [(false, 0), (true, 0), (true, 3)] {
        let order = Order { sign_magnitude, shift };
        let words: Vec<u32> = words::<u32>(4 * ROW).iter().map(|w| w >> shift << shift).collect();
        let lorenzo = [(ROW, 1), (2 * ROW, 1), (3 * ROW, -1)];
        for terms in [&[][..], &lorenzo, &[(ROW, 3), (2 * ROW, -3), (3 * ROW, 1)], &[(ROW, 1)]] {
            for (step, degree) in [(1, 0), (1, 1), (3, 1), (1, 3), (40, 2), (700, 1), (1, 2)] {
                let stencil = Stencil { order, terms, step, degree };
                let expected = by_definition(&words, 3 * ROW, ROW, stencil);
                let mut near = vec![0; ROW];
                for (begin, n) in [(0, ROW), (0, 20), (2, 30), (1, 5), (50, 1), (2048, 900), (4000, 1000)] {
                    let mut out = vec![0; n];
                    let back = begin.min(step * degree);
                    residuals(&words, 3 * ROW + begin, back, stencil, &mut near, &mut out);
                    assert!(out == expected[begin..begin + n], "{stencil:?} {begin} {n}");
                }
                for known in 0..=degree {
                    let begin = known * step;
                    let n = if known < degree { step } else { ROW - begin };
                    let mut out = vec![0; n];
                    let part = Stencil { degree: known, ..stencil };
                    residuals_apart(&words, 3 * ROW + begin, part, &mut near, &mut out);
                    assert!(out == expected[begin..begin + n], "{stencil:?} {known}");
                }
                let mut back = words.clone();
                back[3 * ROW..].copy_from_slice(&expected);
                restore(&mut back, 3 * ROW, ROW, stencil);
                assert!(back == words, "{stencil:?}");
            }
        }
    }
}

#[test]
fn levels_are_means() {
    let tokens: Vec<u8> = words(300);
    let mut out = vec![0; 100];
    levels(&tokens[..102], &tokens[150..250], &mut out);
    let sum = 3 * (u16::from(tokens[7]) + 2 * u16::from(tokens[8]) + u16::from(tokens[9]));
    assert_eq!(u16::from(out[7]), (sum + 4 * u16::from(tokens[157]) + 8) / 16 % 256);
    line_levels(&tokens[..100], &tokens[100..200], &tokens[200..], &mut out);
    let sum = 2 * u16::from(tokens[5]) + u16::from(tokens[105]) + u16::from(tokens[205]);
    assert_eq!(u16::from(out[5]), (sum + 2) / 4);
}

#[test]
fn decimals_and_what_is_none() {
    let values = [0.5f64, -0.0, 12.345, f64::NAN, f64::INFINITY, 1e300, -7.0, 1.0 / 3.0, 0.0];
    let words = values.map(f64::to_bits);
    let (mut k, mut e) = ([0; 9], [0; 9]);
    assert_eq!(to_decimals(&words, 1e3, 1.0, &mut k, &mut e), 4);
    assert_eq!(e, [0, 0, 0, 1, 1, 1, 0, 1, 0]);
    assert_eq!((k[0], k[1] as i64, k[2], k[6] as i64, k[8]), (500, -1, 12345, -7001, 0));
    from_decimals(&mut k, 1e3, 1.0, true);
    for i in 0..9 {
        assert_eq!(e[i] == 0, k[i] == words[i], "{i}");
    }
    let mut k = [500, -7000i64 as u64];
    from_decimals(&mut k, 1e3, 1.0, false);
    assert_eq!(k.map(f64::from_bits), [0.5, -7.0]);
    // Beyond 31 bits there is no integer of single precision's size.
    let (mut k, mut e) = ([0; 2], [0; 2]);
    assert_eq!(to_decimals(&[3e9f32.to_bits(), (-2e9f32).to_bits()], 1.0, 1.0, &mut k, &mut e), 1);
    assert_eq!((e, k[1] as i32), ([1, 0], -2_000_000_001));
    // Multiples of 0.05.
    let words = [1.15f32, -0.05, 0.12].map(f32::to_bits);
    let (mut k, mut e) = ([0; 3], [0; 3]);
    assert_eq!(to_decimals(&words, 1e2, 5.0, &mut k, &mut e), 1);
    assert_eq!((e, k[0], k[1] as i32), ([0, 0, 1], 23, -2));
    from_decimals(&mut k, 1e2, 5.0, true);
    assert_eq!(k[..2], words[..2]);
}

#[test]
fn occupied_words_have_their_bit() {
    fn check<W: Lane>(occupied_bits: u128) {
        let mut tile = [W::default(); TILE];
        for (i, w) in tile.iter_mut().enumerate() {
            // The highest bit of a word counts as any other.
            *w = W::from_u64((occupied_bits >> i & 1) as u64).shl(i as u32 % W::BITS);
        }
        assert_eq!(occupied(&tile), occupied_bits);
    }
    for bits in [0, 1, 1 << 127, u128::MAX, 0x0123_4567_89ab_cdef_0000_ffff_8001_4002] {
        check::<u8>(bits);
        check::<u16>(bits);
        check::<u32>(bits);
        check::<u64>(bits);
    }
}

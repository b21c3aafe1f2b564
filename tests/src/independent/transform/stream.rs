//! zfp's stream, bit by bit, as the page has it.

use super::super::met::note;
use super::{coded, lift, number, order, place_block};

/// Bits, lowest first; none beyond the end.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> u64 {
        let at = self.at;
        self.at += 1;
        u64::from(self.bytes[at / 8] >> (at % 8) & 1)
    }

    fn number(&mut self, n: usize) -> u64 {
        (0..n).fold(0, |x, i| x | self.bit() << i)
    }
}

/// What the mode word says.
struct Mode {
    minbits: usize,
    maxbits: usize,
    maxprec: i64,
    minexp: i64,
}

fn mode(bytes: &[u8]) -> (Mode, &[u8]) {
    let m = number(&bytes[..2]);
    if m & 0xfff == 0xfff {
        let m = number(&bytes[..8]);
        let field = |at: u32, n: u32| (m >> at & ((1 << n) - 1)) as i64;
        let (minbits, maxbits) = (field(12, 15) as usize + 1, field(27, 15) as usize + 1);
        let mode = Mode { minbits, maxbits, maxprec: field(42, 7) + 1, minexp: field(49, 15) - 16495 };
        return (mode, &bytes[8..]);
    }
    let mode = |minbits, maxbits, maxprec, minexp| Mode { minbits, maxbits, maxprec, minexp };
    let mode = match m as i64 {
        m @ 0..2048 => mode(m as usize + 1, m as usize + 1, 64, -1074),
        m @ 2048..2176 => mode(1, 16658, m - 2047, -1074),
        2176 => mode(1, 16658, 64, -1075),
        m @ 2177..4095 => mode(1, 16658, 64, m - 3251),
        m => panic!("mode {m}"),
    };
    (mode, &bytes[2..])
}

/// The values of a chunk of this shape, as the bits of f32 (`double` false) or f64, from what stands behind the byte 1.
pub(super) fn decode(bytes: &[u8], sides: &[u64], double: bool) -> Vec<u64> {
    let (mode, bytes) = mode(bytes);
    let (width, exponent_bits, bias) = if double { (64, 11, 1023) } else { (32, 8, 127) };
    let reversible = mode.minexp < -1074;
    let sides = coded(sides);
    let order = order(sides.len());
    note("transform stream dimensions", sides.len() as u32);
    note("transform reversible", reversible);
    let mut bits = Bits { bytes, at: 0 };
    let mut out = vec![0; sides.iter().product()];
    for number in 0..sides.iter().map(|s| s.div_ceil(4)).product() {
        let begin = bits.at;
        let (mut exponent, mut patterns, mut planes) = (0, false, 0);
        if bits.bit() == 1 {
            patterns = reversible && bits.bit() == 1;
            note("transform block of patterns", patterns);
            if !patterns {
                exponent = bits.number(exponent_bits) as i64 - bias;
            }
            planes = if reversible {
                bits.number(if double { 6 } else { 5 }) as i64 + 1
            } else {
                exponent - mode.minexp + 2 * sides.len() as i64 + 2
            };
            planes = planes.clamp(0, mode.maxprec.min(width));
        }
        let mut coefficients = vec![0; order.len()];
        let end = begin + mode.maxbits;
        let mut n = 0;
        for plane in (width - planes..width).rev() {
            let mut ones = Vec::new();
            for place in 0..n {
                if bits.at < end && bits.bit() == 1 {
                    ones.push(place);
                }
            }
            while n < order.len() && bits.at < end && bits.bit() == 1 {
                while n < order.len() - 1 && bits.at < end && bits.bit() == 0 {
                    n += 1;
                }
                ones.push(n);
                n += 1;
            }
            for place in ones {
                coefficients[order[place]] |= 1u64 << plane;
            }
        }
        bits.at = bits.at.max(begin + mode.minbits);
        let values = if planes == 0 {
            coefficients
        } else if reversible {
            lift::summed(&coefficients, (!patterns).then_some(exponent), double)
        } else {
            lift::values(&coefficients, exponent, double)
        };
        place_block(number, &values, &sides, &mut out);
    }
    assert_eq!(bits.at.div_ceil(8), bytes.len());
    assert!((bits.at..8 * bytes.len()).all(|_| bits.bit() == 0));
    out
}

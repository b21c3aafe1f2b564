//! A decoder of the transform codec's payloads, zfp's streams and coefficients by context, written from
//! `docs/codecs/transform.md` and the entropy coders' page alone, value by value. The order of coefficients is read from the page itself. Panics where the page says that a reader
//! refuses.

mod lift;
mod stream;

use super::entropy::{Bits, Bytes, Rans, tables};
use super::met::note;

/// What a block's integers are decoded with.
struct Type {
    /// Bits.
    width: i64,
    /// Of its exponents.
    bias: i64,
}

/// The sides as they are coded: without those of 1, at most four, at least one.
fn coded(sides: &[u64]) -> Vec<usize> {
    let folded = super::folded(sides);
    let first = folded.iter().position(|&s| s != 1).unwrap_or(3);
    folded[first..].to_vec()
}

/// The indices in the order of coding, as the page lists them for so many dimensions.
fn order(dims: usize) -> &'static [usize] {
    static ORDERS: std::sync::OnceLock<Vec<Vec<usize>>> = std::sync::OnceLock::new();
    let orders = ORDERS.get_or_init(|| {
        let page = include_str!("../../../docs/codecs/transform.md");
        let lists = page.split("**Order of coefficients.**").nth(1).expect("the page has the order");
        let list =
            |dims: usize| lists.split("```").nth(2 * dims - 1).expect("a list for each number of dimensions");
        let index = |n: &str| n.parse().expect("an index");
        (1..=4).map(|dims| list(dims).split_whitespace().map(index).collect()).collect()
    });
    &orders[dims - 1]
}

/// `maxprec` and `minexp`.
fn mode(bytes: &mut Bytes<'_>) -> (i64, i64) {
    let m = number(bytes.take(2));
    if m & 0xfff == 0xfff {
        let m = m | number(bytes.take(6)) << 16;
        return ((m >> 42 & 0x7f) as i64 + 1, (m >> 49) as i64 - 16495);
    }
    match m {
        0..2048 => (64, -1074),
        2048..2112 => (m as i64 - 2047, -1074),
        2177..4095 => (64, m as i64 - 3251),
        _ => panic!("mode {m}"),
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b))
}

/// A block that has planes.
struct Block {
    number: usize,
    exponent: i64,
    planes: i64,
    /// Of each place.
    lengths: Vec<u8>,
    /// By index: negabinary.
    coefficients: Vec<u64>,
}

/// The values of a chunk of this shape, as the bits of f32 (`double` false) or f64.
#[must_use]
pub fn decode(bytes: &[u8], sides: &[u64], double: bool) -> Vec<u64> {
    let n = sides.iter().product::<u64>() as usize;
    let mut bytes = Bytes(bytes);
    if n == 0 {
        return Vec::new();
    }
    match bytes.take(1)[0] {
        1 => return stream::decode(bytes.0, sides, double),
        kind => assert_eq!(kind, 2, "a payload of no kind"),
    }
    let t = if double { Type { width: 64, bias: 1023 } } else { Type { width: 32, bias: 127 } };
    let (maxprec, minexp) = mode(&mut bytes);
    let sides = coded(sides);
    let order = order(sides.len());
    note("transform context dimensions", sides.len() as u32);
    let planes_of = |e: i64| (e - minexp + 2 * sides.len() as i64 + 2).clamp(0, maxprec.min(t.width));
    let bitmap = bytes.take(32);
    let used: Vec<usize> = (0..256).filter(|c| bitmap[c / 8] >> (c % 8) & 1 == 1).collect();
    let heads = tables(&mut bytes, 1, 256);
    let tables = tables(&mut bytes, used.len(), t.width as usize + 1);
    let table = |context: usize| &tables[used.iter().position(|&u| u == context).expect("a used context")];

    let total: usize = sides.iter().map(|s| s.div_ceil(4)).product();
    let each = (1 << 20) / order.len();
    let mut out = vec![0; n];
    for first in (0..total).step_by(each) {
        let count = each.min(total - first);
        let (mut symbols, mut escapes) = (Rans::new(bytes.prefixed()), Bytes(bytes.prefixed()));
        let mut blocks: Vec<Block> = Vec::new();
        for number in 0..count {
            let exponent = match i64::from(symbols.symbol(&heads[0])) {
                0 => continue,
                255 => {
                    note("transform escape", 255u32);
                    let two = escapes.take(2);
                    i64::from(i16::from_le_bytes([two[0], two[1]]))
                }
                head => {
                    let f = head - 1;
                    let d = if f % 2 == 0 { f / 2 } else { -(f + 1) / 2 };
                    blocks.last().map_or(0, |b| b.exponent) + d
                }
            };
            let planes = planes_of(exponent);
            assert!(planes > 0 && (1 - t.bias..=1 + t.bias).contains(&exponent));
            let coefficients = vec![0; order.len()];
            blocks.push(Block { number, exponent, planes, lengths: Vec::new(), coefficients });
        }
        symbols.end();
        assert!(escapes.0.is_empty());

        let mut symbols = Rans::new(bytes.prefixed());
        for (place, &index) in order.iter().enumerate() {
            let parents: Vec<usize> = (0..sides.len())
                .filter(|a| index >> (2 * a) & 3 > 0)
                .map(|a| order.iter().position(|&i| i == index - (1 << (2 * a))).expect("an index"))
                .collect();
            for block in &mut blocks {
                let context = if place == 0 {
                    block.planes.min(31) as usize
                } else {
                    let sum: usize = parents.iter().map(|&p| usize::from(block.lengths[p])).sum();
                    let h = 2 * sum / parents.len();
                    let class = if h < 32 { h } else { (32 + (h - 32) / 4).min(55) };
                    32 + 56 * (parents.len() - 1) + class
                };
                let length = symbols.symbol(table(context));
                assert!(i64::from(length) <= block.planes);
                block.lengths.push(length);
            }
        }
        symbols.end();

        let digits = bytes.prefixed();
        let mut bits = Bits(digits, 0);
        for sixteen in blocks.chunk_by_mut(|a, b| a.number / 16 == b.number / 16) {
            for (place, &index) in order.iter().enumerate() {
                for block in &mut *sixteen {
                    let length = block.lengths[place];
                    if length > 0 {
                        let x =
                            (0..length - 1).fold(1 << (length - 1), |x, i| x | u64::from(bits.get(1)) << i);
                        block.coefficients[index] = x << (t.width - block.planes);
                    }
                }
            }
        }
        assert_eq!(bits.1.div_ceil(8), digits.len());
        assert!((bits.1..8 * digits.len()).all(|_| bits.get(1) == 0));
        for block in &blocks {
            let values = lift::values(&block.coefficients, block.exponent, double);
            place_block(first + block.number, &values, &sides, &mut out);
        }
    }
    assert!(bytes.0.is_empty());
    out
}

/// Puts a block's values where they belong, as far as the array goes.
fn place_block(number: usize, values: &[u64], sides: &[usize], out: &mut [u64]) {
    let mut rest = number;
    let mut origin = vec![0; sides.len()];
    for (at, side) in origin.iter_mut().zip(sides).rev() {
        *at = 4 * (rest % side.div_ceil(4));
        rest /= side.div_ceil(4);
    }
    'values: for (index, &value) in values.iter().enumerate() {
        let mut at = 0;
        for (axis, (origin, &side)) in origin.iter().zip(sides).enumerate() {
            let position = origin + (index >> (2 * (sides.len() - 1 - axis)) & 3);
            if position >= side {
                continue 'values;
            }
            at = at * side + position;
        }
        out[at] = value;
    }
}

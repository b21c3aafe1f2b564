//! A decoder of the prediction codec's payload, written from `docs/codecs/predict.md` and the pages it names alone, value by
//! value. Panics where the page says a reader refuses.

mod causal;
mod interpolation;
mod mixed;
mod source;

use super::met;
use source::Source;

/// What both predictors need to know of a chunk.
struct Chunk {
    /// Folded to four, slow to fast.
    sides: [usize; 4],
    /// Bits of a value: 32 or 64.
    width: usize,
    /// Arithmetic is in f64.
    wide: bool,
    step: f64,
}

impl Chunk {
    /// Rounds to the type of the arithmetic. Sums and products of two f32 are the same whether they are rounded once or
    /// by way of f64.
    fn round(&self, x: f64) -> f64 {
        if self.wide { x } else { f64::from(x as f32) }
    }

    /// The bits of a result.
    fn bits(&self, x: f64) -> u64 {
        if self.width == 64 { x.to_bits() } else { u64::from((x as f32).to_bits()) }
    }

    /// A value, from its bits.
    fn value(&self, bits: u64) -> f64 {
        if self.width == 64 { f64::from_bits(bits) } else { f64::from(f32::from_bits(bits as u32)) }
    }
}

/// The values of a chunk of this shape, as the bits of f32 (`double` false) or f64.
#[must_use]
pub fn decode(bytes: &[u8], sides: &[u64], double: bool) -> Vec<u64> {
    let n = sides.iter().product::<u64>() as usize;
    let size = if double { 8 } else { 4 };
    let word = |b: &[u8]| b.iter().rev().fold(0, |w, &b| w << 8 | u64::from(b));
    if n == 0 {
        return Vec::new();
    }
    assert_eq!(bytes[0], 1);
    let flags = bytes[1];
    met::note("predict kind", flags);
    met::note_bits("predict flag", flags & 0xf0);
    let mut bytes = super::entropy::Bytes(&bytes[2..]);
    match flags & 15 {
        0 => return bytes.0.chunks(size).map(word).collect(),
        1 => return vec![word(bytes.take(size)); n],
        2 | 3 => {}
        kind => panic!("kind {kind}"),
    }
    let step = f64::from_bits(word(bytes.take(8)));
    let mut chunk =
        Chunk { sides: super::folded(sides), width: 8 * size, wide: double || flags & 0x10 != 0, step };
    chunk.step = chunk.round(step);
    let source = |bytes| Source::new(bytes, flags & 0x40 != 0, flags & 0x80 != 0);
    if flags & 15 == 2 {
        assert_eq!(flags & 0x20, 0);
        let axes = bytes.take(1)[0];
        let whole = axes & 0x0e;
        assert_eq!(axes & 0x31, 0);
        met::note("predict whole axes", u8::from(whole != 0));
        let split = (0..4).filter(|&a| chunk.sides[a] > 1 && whole >> (3 - a) & 1 == 0).count();
        let shares = if split > 1 { [(); 3].map(|()| word(bytes.take(2)) as u16) } else { [0; 3] };
        let follow = match axes & 0xc0 {
            0 => None,
            0x80 => Some(0),
            0x40 => Some(1),
            _ => panic!("two axes to follow"),
        };
        let follow = follow.map(|axis: usize| {
            assert!(chunk.sides[axis] > 1);
            met::note("predict followed axis", axis as u8);
            (axis, [(); 3].map(|()| word(bytes.take(2)) as u16 as i16))
        });
        return interpolation::decode(
            &chunk,
            interpolation::Axes { whole, shares, follow },
            flags & 0x40 != 0,
            source(bytes),
        );
    }
    let offset = if flags & 0x20 != 0 { chunk.round(f64::from_bits(word(bytes.take(8)))) } else { 0.0 };
    let volumes = chunk.sides.iter().filter(|&&s| s > 1).count() as u32;
    met::note("predict causal dimensions", volumes);
    let mut exact = Vec::new();
    let mut position = 0;
    for _ in 0..bytes.leb128() {
        position += bytes.leb128();
        exact.push((position, word(bytes.take(size))));
        position += 1;
    }
    met::note("predict exact values", u8::from(!exact.is_empty()));
    let mut values: Vec<u64> = causal::decode(&chunk, bytes, source)
        .into_iter()
        .map(|k| chunk.bits(chunk.round(offset + chunk.round(chunk.round(f64::from(k)) * chunk.step))))
        .collect();
    for (position, bits) in exact {
        values[position] = bits;
    }
    values
}

/// What an integer counts as where contexts are formed.
fn activity(k: i32) -> u32 {
    k.unsigned_abs().min(2047)
}

/// Which context an energy is, behind its base.
fn context(energy: u32) -> usize {
    let energy = energy % 65536;
    if energy == 0 {
        return 0;
    }
    let log = energy.ilog2();
    (1 + 4 * log + 4 * (energy - (1 << log)) / (1 << log)) as usize
}

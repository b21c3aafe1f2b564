//! A chunk: how its words are made into residuals, then blocks of them. The only place that knows the byte layout.

use crate::choose::{self, Sample};
use crate::lane::{Lane, Order};
use crate::stencil::{Rows, Spec};
use crate::tokens::Neighbours;
use crate::{float, integer, planes, tokens};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128};
use tolzip_core::{Error, Result};

const VERSION: u8 = 1;
/// Values of a block; the last one has fewer.
const BLOCK: usize = 1 << 18;

/// How blocks are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One word for all.
    Constant = 0,
    /// The words, little-endian.
    Raw = 1,
    /// Tokens in contexts, and open bits.
    Tokens = 2,
    /// Planes of bytes.
    Planes = 3,
}

/// What stands between words and blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Words,
    Predicted(Spec),
}

pub(crate) fn encode<W: Lane>(words: &[W], sides: [usize; 4], is_float: bool, out: &mut Vec<u8>) {
    out.push(VERSION);
    if words.is_empty() {
        return;
    }
    let (stage, kind) = plan(words, sides, is_float);
    let near = Neighbours::new(sides);
    match stage {
        Stage::Words => {
            out.push(0);
            blocks(words, kind, near, out);
        }
        Stage::Predicted(spec) => {
            write_spec(spec, out);
            let rows = Rows::new(sides, spec.degrees);
            let mut residuals = Vec::with_capacity(words.len());
            if spec.float {
                float::residuals(words, rows, spec, &mut residuals);
            } else {
                integer::residuals(words, rows, spec, &mut residuals);
            }
            blocks(&residuals, kind, near, out);
        }
    }
}

fn plan<W: Lane>(words: &[W], sides: [usize; 4], is_float: bool) -> (Stage, Kind) {
    let order = Order { sign_magnitude: is_float, shift: choose::common_zeros(words) };
    let sample = Sample::new(sides, 2048);
    let (spec, predicted) = sample.climb(words, order, is_float && W::BYTES >= 4);
    // Contexts, which the sample does not see, take a few hundredths off the tokens.
    if sample.planes(words) + predicted / 64 < predicted {
        (Stage::Words, Kind::Planes)
    } else {
        (Stage::Predicted(spec), Kind::Tokens)
    }
}

fn write_spec(spec: Spec, out: &mut Vec<u8>) {
    out.push(1 | u8::from(spec.float) << 1 | u8::from(spec.order.sign_magnitude) << 2);
    out.push(spec.order.shift as u8);
    out.push(spec.degrees.iter().enumerate().fold(0, |b, (i, d)| b | d << (2 * i)));
}

fn read_stage<W: Lane>(reader: &mut Reader<'_>) -> Result<Stage> {
    let flags = reader.u8()?;
    if flags == 0 {
        return Ok(Stage::Words);
    }
    let shift = u32::from(reader.u8()?);
    let packed = reader.u8()?;
    let spec = Spec {
        order: Order { sign_magnitude: flags & 4 != 0, shift },
        float: flags & 2 != 0,
        degrees: [packed & 3, packed >> 2 & 3, packed >> 4 & 3, packed >> 6],
    };
    if flags & !7 != 0 || flags & 1 == 0 || shift >= W::BITS || (spec.float && W::BYTES < 4) {
        return Err(Error::corrupt("an unknown way of prediction"));
    }
    Ok(Stage::Predicted(spec))
}

fn blocks<W: Lane>(words: &[W], kind: Kind, near: Neighbours, out: &mut Vec<u8>) {
    let mut tokens = vec![0u8; near.padding()];
    tokens.reserve(if kind == Kind::Tokens { words.len() } else { 0 });
    let mut coded = Vec::new();
    for block in words.chunks(BLOCK) {
        coded.clear();
        let mark = tokens.len();
        let kind = if block.iter().all(|w| *w == block[0]) {
            put(&block[..1], &mut coded);
            Kind::Constant
        } else {
            match kind {
                Kind::Tokens => tokens::encode(block, near, &mut tokens, &mut coded),
                Kind::Planes => planes::encode(block, &mut coded),
                Kind::Raw | Kind::Constant => {}
            }
            if coded.is_empty() || coded.len() >= size_of_val(block) {
                coded.clear();
                put(block, &mut coded);
                Kind::Raw
            } else {
                kind
            }
        };
        if kind != Kind::Tokens {
            tokens.truncate(mark);
            tokens.resize(mark + block.len(), 0);
        }
        out.push(kind as u8);
        put_leb128(out, coded.len() as u64);
        out.extend_from_slice(&coded);
    }
}

/// Appends words, little-endian.
fn put<W: Lane>(words: &[W], out: &mut Vec<u8>) {
    out.reserve(size_of_val(words));
    for w in words {
        out.extend_from_slice(&w.to_u64().to_le_bytes()[..W::BYTES]);
    }
}

/// Reads words, little-endian, which must fill `bytes`.
fn take<W: Lane>(bytes: &[u8], words: &mut [W]) -> Result<()> {
    if bytes.len() != size_of_val(words) {
        return Err(Error::corrupt("a block of another size than its words"));
    }
    for (w, b) in words.iter_mut().zip(bytes.chunks_exact(W::BYTES)) {
        let mut wide = [0; 8];
        wide[..W::BYTES].copy_from_slice(b);
        *w = W::from_u64(u64::from_le_bytes(wide));
    }
    Ok(())
}

pub(crate) fn decode<W: Lane>(bytes: &[u8], sides: [usize; 4], words: &mut [W]) -> Result<()> {
    let mut reader = Reader::new(bytes);
    if reader.u8()? != VERSION {
        return Err(Error::corrupt("an unknown version of the lossless codec"));
    }
    if words.is_empty() {
        return reader.finish();
    }
    let stage = read_stage::<W>(&mut reader)?;
    let near = Neighbours::new(sides);
    let mut tokens = vec![0u8; near.padding()];
    for block in words.chunks_mut(BLOCK) {
        let kind = reader.u8()?;
        let coded = reader.prefixed()?;
        let mark = tokens.len();
        match kind {
            0 => {
                let mut one = [W::default()];
                take(coded, &mut one)?;
                block.fill(one[0]);
            }
            1 => take(coded, block)?,
            2 => tokens::decode(coded, near, &mut tokens, block)?,
            3 => planes::decode(coded, block)?,
            _ => return Err(Error::corrupt("an unknown kind of block")),
        }
        tokens.resize(mark + block.len(), 0);
    }
    reader.finish()?;
    if let Stage::Predicted(spec) = stage {
        let rows = Rows::new(sides, spec.degrees);
        if spec.float {
            float::restore(words, rows, spec);
        } else {
            integer::restore(words, rows, spec);
        }
    }
    Ok(())
}

//! One chunk by one codec, whoever chose it: what takes out NaN, infinities and fill values, checks what the codec made, and
//! wraps it up.

use super::patches::Patches;
use super::scan::{Scan, ordinary};
use super::verify::{Verifier, verify};
use crate::codec::{id, store::Store};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use tolzip_core::frame::{Envelope, chunk::ChunkBound};
use tolzip_core::{Codec, Element, Encoded, Float, Result, Shape, Target, Word};
use tolzip_simd::memory::{room, zeros};

/// What a codec made of a chunk's carriers.
#[derive(Debug)]
pub(crate) struct Coded {
    pub(crate) number: u8,
    pub(crate) encoded: Encoded,
    pub(crate) payload: Vec<u8>,
}

/// An encoded chunk.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) bytes: Vec<u8>,
    pub(crate) max_error: f64,
    /// Whether the bit-exact coder made it.
    pub(crate) exact: bool,
}

/// Bytes of the envelope around a payload that is bit-exact: codec and flags. Chunks are longer than their values by no more.
pub(crate) const ENVELOPE: usize = 2;

/// The values as codecs take them: bridges in the place of those that are in the section of specials.
pub(crate) fn carriers<T: Element>(
    values: &[T],
    here: Scan,
    fill: Option<T::Bits>,
) -> (Option<Vec<u8>>, Cow<'_, [T::Carrier]>) {
    let section = specials(values, here, fill);
    let mut carriers = T::as_carriers(values);
    if section.is_some() {
        super::specials::bridge(values, carriers.to_mut(), |v| !ordinary(v, fill));
    }
    (section, carriers)
}

/// The chunk of what a codec made of the values, with what misses the bound beside it.
pub(crate) fn checked<T: Element, C: Codec<T::Carrier> + ?Sized>(
    values: &[T],
    shape: Shape,
    target: Target,
    specials: Option<&[u8]>,
    fill: Option<T::Bits>,
    codec: &C,
    coded: Coded,
) -> Result<Chunk> {
    let Coded { number, encoded, payload } = coded;
    let same_type = T::DTYPE == <T::Carrier as Element>::DTYPE;
    let (corrections, max_error) = match encoded {
        // The codec checked in the output type. (Its largest error may be that of a bridged hole.)
        Encoded::Verified { max_error } if same_type && holds(max_error, target) => (None, max_error),
        // What the codec was given in the place of holes has no part in it.
        Encoded::Checked { max_error, misses } if same_type => {
            let mut corrections = Patches::new();
            for at in misses {
                if let Some(&x) = values.get(at).filter(|&&x| ordinary(x, fill)) {
                    corrections.push(at, x);
                }
            }
            ((!corrections.is_empty()).then(|| corrections.into_bytes()), max_error)
        }
        _ => {
            let mut decoded = zeros(values.len())?;
            codec.decode(&payload, shape, &mut decoded)?;
            let verdict = verify(values, &decoded, target, fill);
            let corrections = (!verdict.corrections.is_empty()).then(|| verdict.corrections.into_bytes());
            (corrections, verdict.max_error)
        }
    };
    Ok(wrap(
        &Envelope {
            codec: number,
            bound: Some(ChunkBound { promised: promised(target), max_error }),
            specials,
            corrections: corrections.as_deref(),
            payload: &[],
        },
        payload,
    ))
}

/// The chunk as one value, if one value holds the bound for all.
pub(crate) fn constant<T: Element>(
    values: &[T],
    target: Target,
    here: Scan,
    fill: Option<T::Bits>,
) -> Option<Chunk> {
    let middle = here.min + (here.max - here.min) / 2.0;
    let near = match target {
        Target::Abs(e) => here.max - here.min <= 2.0 * e,
        _ => here.min == here.max,
    };
    if !near && here.min <= here.max {
        return None;
    }
    let value = if middle.is_finite() { T::from_carrier(T::Carrier::from_f64(middle)) } else { T::default() };
    let carriers = [value.to_carrier(); 256];
    let mut verifier = Verifier::new(target, fill);
    for block in values.chunks(carriers.len()) {
        verifier.compare(block, &carriers[..block.len()]);
    }
    let verdict = verifier.verdict();
    if !verdict.corrections.is_empty() {
        return None;
    }
    let holes = specials(values, here, fill);
    let bits = value.to_bits().to_u64().to_le_bytes();
    Some(wrap(
        &Envelope {
            codec: id::CONSTANT,
            bound: Some(ChunkBound { promised: promised(target), max_error: verdict.max_error }),
            specials: holes.as_deref(),
            corrections: None,
            payload: &[],
        },
        bits[..<T::Bits as Word>::BYTES].to_vec(),
    ))
}

/// The section with NaN, infinities and fill values, if there are any.
pub(crate) fn specials<T: Element>(values: &[T], here: Scan, fill: Option<T::Bits>) -> Option<Vec<u8>> {
    (here.specials > 0).then(|| super::specials::take_out(values, |v| !ordinary(v, fill)))
}

/// Encodes bit for bit by the codec with this number; never larger than the values themselves by more than the envelope.
pub(crate) fn exact<T: Element, C: Codec<T> + ?Sized>(
    values: &[T],
    shape: Shape,
    number: u8,
    codec: &C,
) -> Result<Chunk> {
    let head = |codec, bytes: &mut Vec<u8>| {
        bytes.clear();
        Envelope { codec, bound: None, specials: None, corrections: None, payload: &[] }.write(bytes);
    };
    let chunk = |bytes| Chunk { bytes, max_error: 0.0, exact: true };
    if let Some(first) = values.first().map(|v| v.to_bits())
        && values.iter().all(|v| v.to_bits() == first)
    {
        let mut bytes = Vec::new();
        head(id::CONSTANT, &mut bytes);
        bytes.extend_from_slice(&first.to_u64().to_le_bytes()[..<T::Bits as Word>::BYTES]);
        return Ok(chunk(bytes));
    }
    // The envelope is known beforehand: the codec appends its payload where it is to stand.
    // With room for all there can be, of which pages are used only as far as it comes, it need not be moved as it grows.
    let mut bytes = room(size_of_val(values) + ENVELOPE).unwrap_or_default();
    head(number, &mut bytes);
    codec.encode(values, shape, Target::Lossless, &mut bytes)?;
    if bytes.len() > size_of_val(values) + ENVELOPE {
        head(id::STORED, &mut bytes);
        Codec::<T>::encode(&Store, values, shape, Target::Lossless, &mut bytes)?;
    }
    Ok(chunk(bytes))
}

/// The bound as the codec has to hold it on carriers, so that the rounded result holds the user's.
pub(crate) fn in_carrier<T: Element>(target: Target) -> Target {
    match target {
        // A carrier less than half a unit beyond a whole bound still rounds to an integer within it.
        Target::Abs(e) if !T::DTYPE.is_float() && e < 1e15 => {
            let whole = e as u64 as f64;
            Target::Abs(whole + 0.4999)
        }
        other => other,
    }
}

/// Whether no two values that differ can be within the bound of each other.
pub(crate) fn hopeless<T: Element>(target: Target) -> bool {
    match target {
        Target::Abs(e) => e == 0.0 || (!T::DTYPE.is_float() && e < 1.0),
        Target::PointwiseRel(e) => e == 0.0,
        _ => false,
    }
}

/// Whether a largest error is one that the target allows.
pub(crate) fn holds(max_error: f64, target: Target) -> bool {
    match target {
        Target::Abs(e) => max_error <= e,
        _ => true,
    }
}

pub(crate) const fn promised(target: Target) -> f64 {
    match target {
        Target::Abs(e) | Target::PointwiseRel(e) => e,
        Target::Lossless => 0.0,
        _ => f64::NAN,
    }
}

/// Room for a payload. Where that is large, it is had at once, in large pages; of small ones, only what is used.
pub(crate) fn payload_of_about(bytes: usize) -> Vec<u8> {
    const LARGE: usize = 4 << 20;
    if bytes < LARGE { Vec::new() } else { room(bytes).unwrap_or_default() }
}

/// The chunk of an envelope, which is empty yet, and the payload that goes into it.
pub(crate) fn wrap(envelope: &Envelope<'_>, payload: Vec<u8>) -> Chunk {
    let mut head = Vec::with_capacity(64);
    envelope.write(&mut head);
    // A payload can be large: it is moved where it stands, rather than copied to memory not touched yet.
    let mut bytes = payload;
    bytes.splice(0..0, head);
    Chunk { bytes, max_error: envelope.bound.map_or(0.0, |b| b.max_error), exact: envelope.bound.is_none() }
}

//! One chunk of an array to bytes.

use super::patches::Patches;
use super::scan::{Scan, ordinary, scan};
use super::verify::{Verifier, verify};
use super::{logarithm, scaled, specials};
use crate::codec::{self, id};
use crate::compressor::NonFinite;
use crate::method::{self, Method, auto};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use tolzip_core::frame::{Envelope, chunk::ChunkBound};
use tolzip_core::{Bound, Codec, Element, Encoded, Error, Float, Result, Shape, Target, Word};
use tolzip_simd::memory::{room, zeros};

/// What is the same for all chunks of an array.
#[derive(Clone, Debug)]
pub(crate) struct Plan<T: Element> {
    pub(crate) method: Method,
    pub(crate) bound: Bound,
    pub(crate) fill: Option<T::Bits>,
    pub(crate) non_finite: NonFinite,
    /// Whether errors shall grow evenly with an absolute bound, also with codecs whose steps are powers of two.
    pub(crate) even: bool,
}

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

impl<T: Element> Plan<T> {
    /// Encodes a chunk. `range` is what a pass over all values in the bound's scope found, where the scope is more than
    /// this chunk.
    pub(crate) fn encode(&self, values: &[T], shape: Shape, range: Option<Scan>) -> Result<Chunk> {
        if self.non_finite == NonFinite::Mask && values.iter().any(|v| !v.is_finite()) {
            let keep = Self { non_finite: NonFinite::Preserve, ..self.clone() };
            return keep.encode(&masked(values), shape, range);
        }
        if let Some(level) = self.method.exact() {
            return exact(values, shape, level);
        }
        let here = scan(values, self.fill);
        let target = match (self.bound, absolute(self.bound, range.unwrap_or(here))) {
            (_, Some(e)) => Target::Abs(e),
            (Bound::PointwiseRel(e), _) => Target::PointwiseRel(e),
            (Bound::Knob, _) => Target::Knob,
            _ => Target::Lossless,
        };
        let constant = match (self.bound, &self.method) {
            (Bound::Lossless, Method::Transform(_)) => None,
            (Bound::Lossless, _) => return exact(values, shape, &Method::lossless()),
            _ => self.constant(values, target, here),
        };
        let chunk = match constant {
            Some(chunk) => chunk,
            // Nothing can be gained on the bit-exact coder where no two values are within the bound of each other.
            None if hopeless::<T>(target) => return exact(values, shape, &Method::lossless()),
            None => self.by_method(values, shape, target, here)?,
        };
        // A bound near the values' own precision: the bit-exact coder may be smaller, and is never less exact. Where the
        // method's own settings decide, they do until a chunk would be longer than its values.
        let much = match target {
            Target::Abs(_) | Target::PointwiseRel(_) => size_of_val(values) / 2,
            _ => size_of_val(values),
        };
        if chunk.bytes.len() > much && !chunk.exact {
            let method = match &self.method {
                Method::Fast => Method::lossless_fast(),
                _ => Method::lossless(),
            };
            let exact = exact(values, shape, &method)?;
            if exact.bytes.len() <= chunk.bytes.len() {
                return Ok(exact);
            }
        }
        Ok(chunk)
    }

    /// Encodes a chunk with the method that was asked for, or chosen.
    fn by_method(&self, values: &[T], shape: Shape, target: Target, here: Scan) -> Result<Chunk> {
        match &self.method {
            Method::Auto if matches!(target, Target::Abs(_)) && !self.even => {
                self.automatic(values, shape, target, here)
            }
            Method::Auto => {
                let method = auto::on_boxes(self, values, shape, target, here)?;
                match method.exact() {
                    Some(method) => exact(values, shape, method),
                    None => self.lossy(&method, values, shape, target, here),
                }
            }
            method => self.lossy(method, values, shape, target, here),
        }
    }

    /// The chunk as one value, if one value holds the bound for all.
    fn constant(&self, values: &[T], target: Target, here: Scan) -> Option<Chunk> {
        let middle = here.min + (here.max - here.min) / 2.0;
        let near = match target {
            Target::Abs(e) => here.max - here.min <= 2.0 * e,
            _ => here.min == here.max,
        };
        if !near && here.min <= here.max {
            return None;
        }
        let value =
            if middle.is_finite() { T::from_carrier(T::Carrier::from_f64(middle)) } else { T::default() };
        let carriers = [value.to_carrier(); 256];
        let mut verifier = Verifier::new(target, self.fill);
        for block in values.chunks(carriers.len()) {
            verifier.compare(block, &carriers[..block.len()]);
        }
        let verdict = verifier.verdict();
        if !verdict.corrections.is_empty() {
            return None;
        }
        let specials = self.specials(values, here);
        let bits = value.to_bits().to_u64().to_le_bytes();
        Some(wrap(
            &Envelope {
                codec: id::CONSTANT,
                bound: Some(ChunkBound { promised: promised(target), max_error: verdict.max_error }),
                specials: specials.as_deref(),
                corrections: None,
                payload: &[],
            },
            bits[..<T::Bits as Word>::BYTES].to_vec(),
        ))
    }

    /// Encodes with a method that may lose something, checks, and corrects.
    pub(crate) fn lossy(
        &self,
        method: &Method,
        values: &[T],
        shape: Shape,
        target: Target,
        here: Scan,
    ) -> Result<Chunk> {
        match method {
            Method::Bitround(way) => {
                return self.rounded(&way.apply(values, target, here)?, values, shape, target, here);
            }
            Method::Truncation(way) => {
                return self.rounded(&way.apply(values, target, here)?, values, shape, target, here);
            }
            _ => {}
        }
        if let Target::PointwiseRel(e) = target {
            return self.pointwise(method, values, shape, e, here);
        }
        if let (Target::Abs(e), Method::Transform(_), true) = (target, method, self.even) {
            return self.scaled(method, values, shape, None, &[e], here);
        }
        let (specials, carriers) = self.carriers(values, here);
        let (number, codec) = codec::lossy::<T::Carrier>(method)?
            .ok_or(Error::BoundUnsupported { method: method.family(), kind: self.bound.kind() })?;
        let mut payload = payload_of_about(size_of_val(values) / 4);
        let encoded = codec.encode(&carriers, shape, in_carrier::<T>(target), &mut payload)?;
        self.checked(values, shape, target, specials.as_deref(), Coded { number, encoded, payload })
    }

    /// Encodes with what promises to be smallest within an absolute bound.
    fn automatic(&self, values: &[T], shape: Shape, target: Target, here: Scan) -> Result<Chunk> {
        let (specials, carriers) = self.carriers(values, here);
        let coded = match auto::within(values, &carriers, shape, in_carrier::<T>(target))? {
            auto::Choice::Exact => return exact(values, shape, &Method::lossless()),
            auto::Choice::Done(chunk) => return Ok(chunk),
            auto::Choice::Coded(coded) => coded,
            auto::Choice::Predict(outlook) => {
                let mut payload = payload_of_about(size_of_val(values) / 4);
                let encoded = outlook.encode(&carriers, &mut payload)?;
                Coded { number: id::PREDICT, encoded, payload }
            }
        };
        self.checked(values, shape, target, specials.as_deref(), coded)
    }

    /// The values as codecs take them: bridges in the place of those that are in the section of specials.
    fn carriers<'a>(&self, values: &'a [T], here: Scan) -> (Option<Vec<u8>>, Cow<'a, [T::Carrier]>) {
        let specials = self.specials(values, here);
        let mut carriers = T::as_carriers(values);
        if specials.is_some() {
            specials::bridge(values, carriers.to_mut(), |v| !ordinary(v, self.fill));
        }
        (specials, carriers)
    }

    /// The chunk of what a codec made of the values, with what misses the bound beside it.
    fn checked(
        &self,
        values: &[T],
        shape: Shape,
        target: Target,
        specials: Option<&[u8]>,
        coded: Coded,
    ) -> Result<Chunk> {
        let Coded { number, encoded, payload } = coded;
        let same_type = T::DTYPE == <T::Carrier as Element>::DTYPE;
        let (corrections, max_error) = match encoded {
            // The codec checked in the output type. (Its largest error may be that of a bridged hole.)
            Encoded::Verified { max_error } if same_type && holds(max_error, target) => (None, max_error),
            _ => {
                let codec =
                    codec::lossy_by_id::<T::Carrier>(number).ok_or(Error::corrupt("an unknown codec"))?;
                let mut decoded = zeros(values.len())?;
                codec.decode(&payload, shape, &mut decoded)?;
                let verdict = verify(values, &decoded, target, self.fill);
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

    /// Encodes a chunk that holds all values of several indices of an axis, each with its own range and absolute bound.
    pub(crate) fn encode_by_index(&self, values: &[T], shape: Shape, axis: usize) -> Result<Chunk> {
        if self.non_finite == NonFinite::Mask && values.iter().any(|v| !v.is_finite()) {
            let keep = Self { non_finite: NonFinite::Preserve, ..self.clone() };
            return keep.encode_by_index(&masked(values), shape, axis);
        }
        let prediction = Method::Predict(tolzip_predict::Settings::default());
        let method = if self.method == Method::Auto { &prediction } else { &self.method };
        let turns = scaled::Turns::new(shape, Some(axis));
        let scans = turns.scans(values, self.fill);
        let bounds: Vec<f64> = scans.iter().filter_map(|&scan| absolute(self.bound, scan)).collect();
        let here = scans.iter().fold(Scan::EMPTY, |all, &scan| all.merge(scan));
        let chunk = self.scaled(method, values, shape, Some(axis), &bounds, here)?;
        if chunk.bytes.len() * 2 > size_of_val(values) {
            let exact = exact(values, shape, &Method::lossless())?;
            if exact.bytes.len() <= chunk.bytes.len() {
                return Ok(exact);
            }
        }
        Ok(chunk)
    }

    /// Encodes values in units of their bounds.
    fn scaled(
        &self,
        method: &Method,
        values: &[T],
        shape: Shape,
        axis: Option<usize>,
        bounds: &[f64],
        here: Scan,
    ) -> Result<Chunk> {
        let in_units: Vec<f64> = bounds
            .iter()
            .map(|&e| match in_carrier::<T>(Target::Abs(e)) {
                Target::Abs(e) => e,
                _ => e,
            })
            .collect();
        let hole = |v: T| !ordinary(v, self.fill);
        let coded = scaled::encode(method, values, shape, axis, &in_units, hole)?;
        let mut corrections = Patches::new();
        let mut max_error = 0.0;
        let indices = scaled::Turns::new(shape, axis).indices();
        for (at, ((&x, &y), index)) in values.iter().zip(&coded.decoded).zip(indices).enumerate() {
            if hole(x) {
                continue;
            }
            let y = T::from_carrier(y);
            if x.within(y, bounds[index]) {
                let error = x.distance(y);
                max_error = if error > max_error { error } else { max_error };
            } else {
                corrections.push(at, x);
            }
        }
        let corrections = (!corrections.is_empty()).then(|| corrections.into_bytes());
        let specials = self.specials(values, here);
        let largest = bounds.iter().fold(0.0, |a, &b| if b > a { b } else { a });
        Ok(wrap(
            &Envelope {
                codec: id::SCALED,
                bound: Some(ChunkBound { promised: largest, max_error }),
                specials: specials.as_deref(),
                corrections: corrections.as_deref(),
                payload: &[],
            },
            coded.payload,
        ))
    }

    /// The section with NaN, infinities and fill values, if there are any.
    fn specials(&self, values: &[T], here: Scan) -> Option<Vec<u8>> {
        (here.specials > 0).then(|| specials::take_out(values, |v| !ordinary(v, self.fill)))
    }

    /// Encodes within a point-wise relative bound, with a method that holds absolute ones.
    fn pointwise(&self, method: &Method, values: &[T], shape: Shape, e: f64, here: Scan) -> Result<Chunk> {
        let target = Target::PointwiseRel(e);
        let zero = |v: T| v == T::default();
        let hole = |v: T| zero(v) || !ordinary(v, self.fill);
        let Some(logarithm::Coded { payload, mut decoded }) =
            logarithm::encode(method, values, shape, e, hole)?
        else {
            return if T::DTYPE.is_float() {
                let rounded = method::Bitround::default().apply(values, target, here)?;
                self.rounded(&rounded, values, shape, target, here)
            } else {
                exact(values, shape, &Method::lossless())
            };
        };
        // Zeros are among the specials.
        for (slot, &v) in decoded.iter_mut().zip(values).filter(|(_, v)| zero(**v)) {
            *slot = v.to_carrier();
        }
        let holes = here.specials > 0 || values.iter().any(|&v| zero(v));
        let specials = holes.then(|| specials::take_out(values, hole));
        let verdict = verify(values, &decoded, target, self.fill);
        let corrections = (!verdict.corrections.is_empty()).then(|| verdict.corrections.into_bytes());
        Ok(wrap(
            &Envelope {
                codec: id::LOGARITHM,
                bound: Some(ChunkBound { promised: promised(target), max_error: verdict.max_error }),
                specials: specials.as_deref(),
                corrections: corrections.as_deref(),
                payload: &[],
            },
            payload,
        ))
    }

    /// Stores what rounding left without loss.
    fn rounded(
        &self,
        rounded: &[T],
        values: &[T],
        shape: Shape,
        target: Target,
        here: Scan,
    ) -> Result<Chunk> {
        let verdict = verify(values, &T::as_carriers(rounded), target, self.fill);
        let corrections = (!verdict.corrections.is_empty()).then(|| verdict.corrections.into_bytes());
        let specials = self.specials(values, here);
        let mut payload = payload_of_about(size_of_val(rounded) / 2);
        Codec::<T>::encode(&codec::lossless(), rounded, shape, Target::Lossless, &mut payload)?;
        Ok(wrap(
            &Envelope {
                codec: id::LOSSLESS,
                bound: Some(ChunkBound { promised: promised(target), max_error: verdict.max_error }),
                specials: specials.as_deref(),
                corrections: corrections.as_deref(),
                payload: &[],
            },
            payload,
        ))
    }
}

/// The values with one NaN in the place of all that are not finite.
fn masked<T: Element>(values: &[T]) -> Vec<T> {
    let nan = T::from_carrier(T::Carrier::from_f64(f64::NAN));
    values.iter().map(|&v| if v.is_finite() { v } else { nan }).collect()
}

/// The absolute bound of a kind that has one, where the values are as a scan found them.
pub(crate) fn absolute(bound: Bound, range: Scan) -> Option<f64> {
    Some(match bound {
        Bound::Abs(e) => e,
        Bound::Rel(e) => range.of_range(e),
        Bound::AbsAndRel { abs, rel } => range.of_range(rel).min(abs),
        Bound::AbsOrRel { abs, rel } => range.of_range(rel).max(abs),
        _ => return None,
    })
}

/// Encodes bit for bit; never larger than the values themselves by more than the envelope.
pub(crate) fn exact<T: Element>(values: &[T], shape: Shape, method: &Method) -> Result<Chunk> {
    let envelope = |codec, payload: Vec<u8>| {
        wrap(&Envelope { codec, bound: None, specials: None, corrections: None, payload: &[] }, payload)
    };
    if let Some(first) = values.first().map(|v| v.to_bits())
        && values.iter().all(|v| v.to_bits() == first)
    {
        let bytes = first.to_u64().to_le_bytes();
        return Ok(envelope(id::CONSTANT, bytes[..<T::Bits as Word>::BYTES].to_vec()));
    }
    let mut payload = payload_of_about(size_of_val(values));
    let (number, codec) = codec::exact::<T>(method);
    codec.encode(values, shape, Target::Lossless, &mut payload)?;
    if payload.len() > size_of_val(values) {
        payload.clear();
        Codec::<T>::encode(&codec::store::Store, values, shape, Target::Lossless, &mut payload)?;
        return Ok(envelope(id::STORED, payload));
    }
    Ok(envelope(number, payload))
}

/// The bound as the codec has to hold it on carriers, so that the rounded result holds the user's.
fn in_carrier<T: Element>(target: Target) -> Target {
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
fn hopeless<T: Element>(target: Target) -> bool {
    match target {
        Target::Abs(e) => e == 0.0 || (!T::DTYPE.is_float() && e < 1.0),
        Target::PointwiseRel(e) => e == 0.0,
        _ => false,
    }
}

/// Whether a largest error is one that the target allows.
fn holds(max_error: f64, target: Target) -> bool {
    match target {
        Target::Abs(e) => max_error <= e,
        _ => true,
    }
}

const fn promised(target: Target) -> f64 {
    match target {
        Target::Abs(e) | Target::PointwiseRel(e) => e,
        Target::Lossless => 0.0,
        _ => f64::NAN,
    }
}

/// Room for a payload. Where that is large, it is had at once, in large pages; of small ones, only what is used.
fn payload_of_about(bytes: usize) -> Vec<u8> {
    const LARGE: usize = 4 << 20;
    if bytes < LARGE { Vec::new() } else { room(bytes).unwrap_or_default() }
}

/// The chunk of an envelope, which is empty yet, and the payload that goes into it.
fn wrap(envelope: &Envelope<'_>, payload: Vec<u8>) -> Chunk {
    let mut head = Vec::with_capacity(64);
    envelope.write(&mut head);
    // A payload can be large: it is moved where it stands, rather than copied to memory not touched yet.
    let mut bytes = payload;
    bytes.splice(0..0, head);
    Chunk { bytes, max_error: envelope.bound.map_or(0.0, |b| b.max_error), exact: envelope.bound.is_none() }
}

//! One chunk of an array to bytes.

use super::chunk::{
    self, Chunk, Coded, carriers, checked, constant, hopeless, in_carrier, payload_of_about, promised,
    specials, wrap,
};
use super::patches::Patches;
use super::scan::{Scan, ordinary, scan};
use super::verify::verify;
use super::{logarithm, scaled, specials::take_out};
use crate::codec::{self, id};
use crate::compressor::NonFinite;
use crate::method::{self, Method, auto};
use alloc::vec::Vec;
use tolzip_core::frame::{Envelope, chunk::ChunkBound};
use tolzip_core::{Bound, Codec, Element, Error, Float, Result, Shape, Target};

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
            _ => constant(values, target, here, self.fill),
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
        let (specials, carriers) = carriers(values, here, self.fill);
        let (number, codec) = codec::lossy::<T::Carrier>(method)?
            .ok_or(Error::BoundUnsupported { method: method.family(), kind: self.bound.kind() })?;
        let mut payload = payload_of_about(size_of_val(values) / 4);
        let encoded = codec.encode_checked(&carriers, shape, in_carrier::<T>(target), &mut payload)?;
        checked(
            values,
            shape,
            target,
            specials.as_deref(),
            self.fill,
            &*codec,
            Coded { number, encoded, payload },
        )
    }

    /// Encodes with what promises to be smallest within an absolute bound.
    fn automatic(&self, values: &[T], shape: Shape, target: Target, here: Scan) -> Result<Chunk> {
        let (specials, carriers) = carriers(values, here, self.fill);
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
        let codec = codec::lossy_by_id(coded.number).ok_or(Error::corrupt("an unknown codec"))?;
        checked(values, shape, target, specials.as_deref(), self.fill, &*codec, coded)
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
        let specials = specials(values, here, self.fill);
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
        let specials = holes.then(|| take_out(values, hole));
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
        let specials = specials(values, here, self.fill);
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

/// Encodes bit for bit by a method.
pub(crate) fn exact<T: Element>(values: &[T], shape: Shape, method: &Method) -> Result<Chunk> {
    let (number, codec) = codec::exact::<T>(method);
    chunk::exact(values, shape, number, &*codec)
}

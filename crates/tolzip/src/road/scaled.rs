//! Values in units of their bounds: how many bounds share one payload, and how a codec whose steps are powers of two meets
//! any bound alike.
//!
//! The values of each index of an axis are shifted and scaled so that their bound becomes 1, and laid one index after the
//! other on one line: a table's columns need neither a header nor tables of frequencies each. Without an axis, the whole
//! chunk is scaled and keeps its shape.
//!
//! ```text
//! payload := codec u8 | type u8 | axis u8 | (offset, step) per index | payload of the codec
//! type    := 1: the scaled values are f32; 2: f64
//! axis    := 255: none, and one pair
//! offset, step: in the carrier's type
//! value   := offset + scaled value * step, in f64, then rounded to the carrier's type
//! ```

use super::describe::inner;
use super::logarithm::Coded;
use super::scan::{Scan, ordinary};
use super::specials;
use crate::codec;
use crate::method::Method;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, try_vec};
use tolzip_core::error::DecodeError;
use tolzip_core::{Bound, DType, Element, Error, Fields, Float, MAX_DIMS, Result, Shape, Target, Word};

const TYPE_F32: u8 = DType::F32 as u8;
const TYPE_F64: u8 = DType::F64 as u8;
const NO_AXIS: u8 = 255;

/// How a chunk falls apart into the indices of an axis: `run` values of one index, then of the next, `count` indices in
/// turn, all that `rounds` times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turns {
    run: usize,
    pub(crate) count: usize,
    rounds: usize,
}

impl Turns {
    pub(crate) fn new(shape: Shape, axis: Option<usize>) -> Self {
        let Some(axis) = axis else { return Self { run: shape.len(), count: 1, rounds: 1 } };
        let (run, count) = (shape.strides()[axis], shape.sides()[axis]);
        Self { run, count, rounds: shape.len() / (run * count).max(1) }
    }

    /// The index of each value in turn.
    pub(crate) fn indices(self) -> impl Iterator<Item = usize> {
        let Self { run, count, rounds } = self;
        let (mut index, mut left) = (0, run);
        let next = move || {
            if left == 0 {
                index = if index + 1 == count { 0 } else { index + 1 };
                left = run;
            }
            left -= 1;
            Some(index)
        };
        core::iter::from_fn(next).take(run * count * rounds)
    }

    /// What a pass over the values finds for each index.
    pub(crate) fn scans<T: Element>(self, values: &[T], fill: Option<T::Bits>) -> Vec<Scan> {
        let mut scans = alloc::vec![Scan::EMPTY; self.count];
        let one = |found: &mut Scan, v: T| {
            if ordinary(v, fill) {
                found.see(v);
            } else {
                found.specials += 1;
            }
        };
        for round in values.chunks((self.run * self.count).max(1)) {
            if self.run == 1 {
                scans.iter_mut().zip(round).for_each(|(found, &v)| one(found, v));
                continue;
            }
            for (found, part) in scans.iter_mut().zip(round.chunks(self.run)) {
                part.iter().for_each(|&v| one(found, v));
            }
        }
        scans
    }

    /// Where the runs of an index begin, and their length.
    fn runs(self, index: usize) -> impl Iterator<Item = core::ops::Range<usize>> {
        (0..self.rounds).map(move |round| {
            let begin = (round * self.count + index) * self.run;
            begin..begin + self.run
        })
    }

    /// Values of one index.
    const fn each(self) -> usize {
        self.run * self.rounds
    }
}

/// What scales the values of one index.
#[derive(Clone, Copy, Debug)]
struct Scale {
    offset: f64,
    step: f64,
}

impl Scale {
    /// For the values of a line, of type `T`, with this bound, and how many steps the line is high.
    fn of<T: Element>(line: &[T], bound: f64, hole: impl Fn(T) -> bool) -> (Self, f64) {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for x in line.iter().filter(|v| !hole(**v)).map(|v| v.to_f64()) {
            least = if x < least { x } else { least };
            most = if x > most { x } else { most };
        }
        if least > most {
            return (Self { offset: 0.0, step: 1.0 }, 0.0);
        }
        let largest = if -least > most { -least } else { most };
        // What rounding to the output's type can add to an error.
        let rounding =
            if T::DTYPE.is_float() { largest * super::logarithm::relative_rounding(T::DTYPE) } else { 0.0 };
        let height = most - least;
        let step = if bound > 4.0 * rounding {
            bound - rounding
        } else {
            // No step is fine enough: what differs from the offset will be stored exactly.
            if height > 0.0 { height } else { 1.0 }
        };
        let in_type = |x: f64| T::Carrier::from_f64(x).to_f64();
        let step = in_type(step * (1.0 - 1.0 / 1_048_576.0));
        (Self { offset: in_type(least), step }, height / step)
    }
}

/// Encodes the values that are no `hole` within the bounds of their indices, nearly all of them: the caller checks.
pub(crate) fn encode<T: Element>(
    method: &Method,
    values: &[T],
    shape: Shape,
    axis: Option<usize>,
    bounds: &[f64],
    hole: impl Fn(T) -> bool + Copy,
) -> Result<Coded<T::Carrier>> {
    let turns = Turns::new(shape, axis);
    let mut line = Vec::with_capacity(values.len());
    let mut scales = Vec::with_capacity(turns.count);
    let mut highest = 1.0;
    for (index, &bound) in bounds.iter().enumerate() {
        for run in turns.runs(index) {
            line.extend_from_slice(&values[run]);
        }
        let (scale, height) = Scale::of(&line[index * turns.each()..], bound, hole);
        highest = if height > highest { height } else { highest };
        scales.push(scale);
    }
    let coded_shape = if axis.is_some() { Shape::line(line.len()) } else { shape };
    let line = Line { values: &line, shape: coded_shape, turns, scales: &scales, axis };
    // Half a unit in the last place of the highest scaled value, as a part of the bound.
    if highest < f64::from(1 << 19) {
        line.encode_as::<f32>(method, 1.0 - 1.0 / 1024.0 - highest / f64::from(1 << 23), hole)
    } else {
        line.encode_as::<f64>(method, 1.0 - 1.0 / 1024.0, hole)
    }
}

/// Values one index after the other.
struct Line<'a, T> {
    values: &'a [T],
    shape: Shape,
    turns: Turns,
    scales: &'a [Scale],
    axis: Option<usize>,
}

impl<T: Element> Line<'_, T> {
    fn encode_as<C: Float>(
        &self,
        method: &Method,
        bound: f64,
        hole: impl Fn(T) -> bool + Copy,
    ) -> Result<Coded<T::Carrier>> {
        let mut scaled: Vec<C> = try_vec(self.values.len())?;
        let each = self.turns.each().max(1);
        for ((out, values), scale) in scaled.chunks_mut(each).zip(self.values.chunks(each)).zip(self.scales) {
            for (slot, v) in out.iter_mut().zip(values) {
                *slot = C::from_f64((v.to_f64() - scale.offset) / scale.step);
            }
        }
        specials::bridge(self.values, &mut scaled, hole);
        let (number, codec) = codec::lossy::<C>(method)?
            .ok_or(Error::BoundUnsupported { method: method.family(), kind: Bound::Abs(0.0).kind() })?;
        let mut payload = alloc::vec![number, C::DTYPE as u8, self.axis.map_or(NO_AXIS, |a| a as u8)];
        for number in self.scales.iter().flat_map(|s| [s.offset, s.step]) {
            let bits = T::Carrier::from_f64(number).to_bits().to_u64().to_le_bytes();
            payload.extend_from_slice(&bits[..size_of::<T::Carrier>()]);
        }
        let head = payload.len();
        codec.encode(&scaled, self.shape, Target::Abs(bound), &mut payload)?;
        codec.decode(&payload[head..], self.shape, &mut scaled)?;
        let mut decoded = try_vec(self.values.len())?;
        restore(&scaled, self.turns, self.scales, &mut decoded);
        Ok(Coded { payload, decoded })
    }
}

/// Scaled values on a line to values in their places.
fn restore<C: Float, D: Float>(scaled: &[C], turns: Turns, scales: &[Scale], out: &mut [D]) {
    let each = turns.each().max(1);
    for ((index, scale), line) in scales.iter().enumerate().zip(scaled.chunks(each)) {
        for (run, part) in turns.runs(index).zip(line.chunks(turns.run.max(1))) {
            for (slot, &y) in out[run].iter_mut().zip(part) {
                *slot = D::from_f64(scale.offset + y.to_f64() * scale.step);
            }
        }
    }
}

/// Decodes a payload into `out`, whose length is `shape.len()`.
pub(crate) fn decode<D: Float>(payload: &[u8], shape: Shape, out: &mut [D]) -> Result<()> {
    let head = Head::read::<D>(payload, shape)?;
    let coded_shape = head.coded_shape(shape);
    match head.kind {
        TYPE_F32 => {
            decode_as::<f32, D>(head.number, head.payload, coded_shape, head.turns, &head.scales, out)
        }
        TYPE_F64 => {
            decode_as::<f64, D>(head.number, head.payload, coded_shape, head.turns, &head.scales, out)
        }
        _ => Err(Error::corrupt("scaled values of an unknown type")),
    }
}

/// What stands before the codec's payload, and that.
struct Head<'a> {
    number: u8,
    kind: u8,
    axis: Option<usize>,
    turns: Turns,
    scales: Vec<Scale>,
    payload: &'a [u8],
}

impl<'a> Head<'a> {
    fn read<D: Float>(payload: &'a [u8], shape: Shape) -> Result<Self> {
        let mut r = Reader::new(payload);
        let (number, kind, axis) = (r.u8()?, r.u8()?, r.u8()?);
        let axis = match axis {
            NO_AXIS => None,
            axis if usize::from(axis) < shape.ndim().min(MAX_DIMS) => Some(usize::from(axis)),
            _ => return Err(Error::corrupt("values scaled along an axis that does not exist")),
        };
        let turns = Turns::new(shape, axis);
        let width = size_of::<D>();
        let mut pairs = Reader::new(r.take(turns.count.saturating_mul(2 * width))?);
        let mut next = || -> Result<f64> {
            let mut word = [0; 8];
            word[..width].copy_from_slice(pairs.take(width)?);
            Ok(D::from_bits(D::Bits::from_u64(u64::from_le_bytes(word))).to_f64())
        };
        let mut scales = Vec::with_capacity(turns.count);
        for _ in 0..turns.count {
            scales.push(Scale { offset: next()?, step: next()? });
        }
        Ok(Self { number, kind, axis, turns, scales, payload: r.rest() })
    }

    fn coded_shape(&self, shape: Shape) -> Shape {
        if self.axis.is_some() { Shape::line(shape.len()) } else { shape }
    }
}

/// The fields of a payload.
pub(crate) fn describe<D: Float>(payload: &[u8], shape: Shape) -> Result<Fields> {
    let head = Head::read::<D>(payload, shape)?;
    let coded_shape = head.coded_shape(shape);
    let (of, inside) = match head.kind {
        TYPE_F32 => ("f32", inner::<f32>(head.number, head.payload, coded_shape)?),
        TYPE_F64 => ("f64", inner::<f64>(head.number, head.payload, coded_shape)?),
        _ => return Err(Error::corrupt("scaled values of an unknown type")),
    };
    let axis = head.axis.map_or_else(|| "none".to_string(), |axis| axis.to_string());
    let scale = |s: &Scale| format!("{} + {} k", s.offset, s.step);
    let scales: Vec<_> = head.scales.iter().map(scale).collect();
    let mut fields: Fields =
        [("scaled", of.to_string()), ("along axis", axis), ("scales", scales.join("; "))].into();
    fields.extend(inside);
    Ok(fields)
}

fn decode_as<C: Float, D: Float>(
    number: u8,
    payload: &[u8],
    shape: Shape,
    turns: Turns,
    scales: &[Scale],
    out: &mut [D],
) -> Result<()> {
    let codec = codec::lossy_by_id::<C>(number).ok_or(DecodeError::UnknownCodec { id: number })?;
    let mut scaled: Vec<C> = try_vec(out.len())?;
    codec.decode(payload, shape, &mut scaled)?;
    restore(&scaled, turns, scales, out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_take_turns() {
        let turns = Turns::new(Shape::new(&[2, 3, 2]).unwrap(), Some(1));
        assert_eq!(turns, Turns { run: 2, count: 3, rounds: 2 });
        assert_eq!(turns.indices().collect::<Vec<_>>(), [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
        assert_eq!(turns.runs(1).collect::<Vec<_>>(), [2..4, 8..10]);
        assert_eq!(Turns::new(Shape::new(&[2, 3]).unwrap(), None).each(), 6);
    }

    #[test]
    fn each_column_keeps_its_bound_and_damage_is_an_error_or_harmless() {
        let values: Vec<f32> =
            (0..300).map(|i| [1e-3, 1e5, 7.0][i % 3] * ((i * i % 97) as f32 + 3.0)).collect();
        let shape = Shape::new(&[100, 3]).unwrap();
        let bounds = [1e-4, 1e4, 0.5];
        let method = "predict".parse().unwrap();
        let coded = encode(&method, &values, shape, Some(1), &bounds, |_| false).unwrap();
        for (i, (x, y)) in values.iter().zip(&coded.decoded).enumerate() {
            assert!(f64::from((x - y).abs()) <= bounds[i % 3], "{i}: {x} {y}");
        }
        let mut back = alloc::vec![0f32; 300];
        decode(&coded.payload, shape, &mut back).unwrap();
        assert_eq!(back, coded.decoded);
        for cut in 0..coded.payload.len() {
            assert!(decode(&coded.payload[..cut], shape, &mut back).is_err(), "cut at {cut}");
        }
        for bit in 0..coded.payload.len() * 8 {
            let mut bad = coded.payload.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let _ = decode(&bad, shape, &mut back);
        }
    }
}

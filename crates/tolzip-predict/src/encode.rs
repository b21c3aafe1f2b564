//! From values to a chunk's bytes: the short cuts, the step, and the engine that codes the rest.

use crate::choose::Engine;
use crate::codec::{METHOD, Predicted, VERSION, kind};
use crate::interp_fit::{Errors, errors};
use crate::lattice::Lattice;
use crate::model;
use crate::quantum::Step;
use crate::settings::Settings;
use crate::symbols::{Entropy, Sink};
use alloc::vec::Vec;
use tolzip_core::{Bound, Encoded, Error, Float, Result, Shape, Target, Word};
use tolzip_simd::rows::{Quantum, Work};

/// Least and greatest finite value, and whether all are finite.
pub(crate) fn range<T: Float>(values: &[T]) -> (T, T, bool) {
    let Some((least, most, others)) = tolzip_simd::range::range(values) else {
        return (T::ZERO, T::ZERO, values.is_empty());
    };
    (least, most, others == 0)
}

pub(crate) fn encode<T: Predicted>(
    settings: Settings,
    values: &[T],
    shape: Shape,
    target: Target,
    out: &mut Vec<u8>,
) -> Result<Encoded>
where
    f64: Work<T>,
{
    let bound = check(values, shape, target)?;
    let begin = out.len();
    out.push(VERSION);
    if values.is_empty() {
        out.push(kind::VERBATIM);
        return Ok(Encoded::Verified { max_error: 0.0 });
    }
    let (least, most, finite) = range(values);
    if let Some(max_error) = constant(values, least, most, finite, bound, out) {
        return Ok(Encoded::Verified { max_error });
    }
    let chunk = Chunk::new(values, shape, bound, least, most);
    let coded = if chunk.step.wide {
        chunk.code::<f64>(settings, out)?
    } else {
        chunk.code::<T::Native>(settings, out)?
    };
    Ok(or_verbatim(coded, values, begin, out))
}

/// The absolute bound, if that is what the target is.
pub(crate) fn check<T: Float>(values: &[T], shape: Shape, target: Target) -> Result<f64> {
    if values.len() != shape.len() {
        return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
    }
    let Target::Abs(bound) = target else {
        let kind = match target {
            Target::Lossless => Bound::Lossless.kind(),
            Target::PointwiseRel(e) => Bound::PointwiseRel(e).kind(),
            _ => Bound::Knob.kind(),
        };
        return Err(Error::BoundUnsupported { method: METHOD, kind });
    };
    if !(bound.is_finite() && bound > 0.0) {
        return Err(Error::BadBound { kind: "abs", value: bound, needs: "a finite number above 0" });
    }
    Ok(bound)
}

/// What was coded behind the version that stands at `begin`, or the values as they are where that is not larger.
pub(crate) fn or_verbatim<T: Float>(
    coded: Option<f64>,
    values: &[T],
    begin: usize,
    out: &mut Vec<u8>,
) -> Encoded {
    match coded {
        Some(max_error) if out.len() - begin < 2 + size_of_val(values) => Encoded::Verified { max_error },
        _ => {
            out.truncate(begin + 1);
            out.push(kind::VERBATIM);
            for v in values {
                out.extend_from_slice(&v.to_bits().to_u64().to_le_bytes()[..size_of::<T>()]);
            }
            Encoded::Verified { max_error: 0.0 }
        }
    }
}

/// Writes the chunk as one value if that holds the bound, and returns the largest error.
fn constant<T: Float>(
    values: &[T],
    least: T,
    most: T,
    finite: bool,
    bound: f64,
    out: &mut Vec<u8>,
) -> Option<f64> {
    let first = *values.first()?;
    let value = if finite {
        let half = T::from_f64(0.5);
        if least == most { first } else { least * half + most * half }
    } else {
        first
    };
    let exact = !finite || least == most;
    let holds = |v: T| if exact { v.to_bits() == value.to_bits() } else { v.within(value, bound) };
    // All values lie between the two.
    let likely = exact || (least.within(value, bound) && most.within(value, bound));
    if !(likely && values.iter().all(|&v| holds(v))) {
        return None;
    }
    out.push(kind::CONSTANT);
    out.extend_from_slice(&value.to_bits().to_u64().to_le_bytes()[..size_of::<T>()]);
    let error = |v: T| if exact { 0.0 } else { v.distance(value) };
    Some(f64::max(error(least), error(most)))
}

/// A chunk on its way into bytes.
#[derive(Clone, Copy)]
pub(crate) struct Chunk<'a, T> {
    pub(crate) values: &'a [T],
    pub(crate) sides: [usize; 4],
    pub(crate) bound: f64,
    pub(crate) step: Step,
    /// If the values lie on one that is coarser than the step.
    pub(crate) lattice: Option<Lattice>,
    pub(crate) least: f64,
    pub(crate) most: f64,
    /// Of interpolation along each axis.
    pub(crate) errors: Errors,
}

impl<'a, T: Float> Chunk<'a, T> {
    /// The chunk of values between `least` and `most`.
    pub(crate) fn new(values: &'a [T], shape: Shape, bound: f64, least: T, most: T) -> Self {
        let largest = if -least > most { -least } else { most };
        let step = Step::choose::<T>(bound, largest.to_f64());
        Self {
            values,
            sides: shape.folded(),
            bound,
            step,
            lattice: Lattice::find(values, step.size, bound),
            least: least.to_f64(),
            most: most.to_f64(),
            errors: errors(shape.folded(), values),
        }
    }

    /// Appends the kind and what follows; the result is the largest error, or `None` if the step can't be used.
    fn code<W: Work<T>>(&self, settings: Settings, out: &mut Vec<u8>) -> Result<Option<f64>> {
        let Some(quantum) = self.step.quantum::<T, W>(self.bound) else { return Ok(None) };
        if settings.level() < 3 {
            let (engine, ..) = self.cheapest::<W>(settings, &quantum, 1)?;
            return self.code_with::<W>(engine, &quantum, Entropy::Tables, out).map(Some);
        }
        let mut best: Option<(Vec<u8>, f64, Engine)> = None;
        let mut attempt = |engine, entropy| {
            let mut bytes = Vec::new();
            let max_error = self.code_with::<W>(engine, &quantum, entropy, &mut bytes)?;
            if best.as_ref().is_none_or(|(least, ..)| bytes.len() < least.len()) {
                best = Some((bytes, max_error, engine));
            }
            Ok::<_, Error>(best.as_ref().map(|&(.., engine)| engine))
        };
        let mut likely = None;
        for engine in self.engines(settings.predictor) {
            likely = attempt(engine, Entropy::Tables)?;
        }
        if let (4, Some(engine)) = (settings.level(), likely) {
            attempt(engine, Entropy::Mixed)?;
        }
        Ok(best.map(|(bytes, max_error, _)| {
            out.extend_from_slice(&bytes);
            max_error
        }))
    }

    /// The same with a given engine.
    pub(crate) fn code_with<W: Work<T>>(
        &self,
        engine: Engine,
        quantum: &Quantum<T, W>,
        entropy: Entropy,
        out: &mut Vec<u8>,
    ) -> Result<f64> {
        let begin = out.len();
        let coded = match engine {
            Engine::Interpolation { whole, follow } => {
                self.interpolation::<W>(quantum, whole, follow, None, entropy, out)?
            }
            Engine::Causal => self.causal::<W>(quantum, entropy, out)?,
        };
        let mixed = if entropy == Entropy::Mixed { kind::MIXED } else { 0 };
        out[begin] |= kind::FLAGS | mixed | if self.step.wide { kind::WIDE } else { 0 };
        model::write(coded.sink, out);
        Ok(coded.max_error)
    }
}

/// What an engine made of a chunk.
pub(crate) struct Coded {
    pub(crate) sink: Sink,
    pub(crate) max_error: f64,
}

//! A chunk to bytes and back.

use crate::describe::describe;
use crate::exact::{self, Exact};
use crate::lags::Axes;
use crate::line::Line;
use crate::step::Step;
use crate::{choose, heads};
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, try_vec};
use tolzip_core::{Codec, DType, Encoded, Error, Fields, Float, Result, Shape, Target, Word};
use tolzip_simd::floats::{Floats, FloatsMut, floats, floats_mut};
use tolzip_simd::lags as kernel;
use tolzip_simd::rice::{self, BLOCK, MOST_BYTES};
use tolzip_simd::rows::{EXCEPTION, Work, pre_quantise};

const METHOD: &str = "fast";
pub(crate) const VERBATIM: u8 = 0;
pub(crate) const CODED: u8 = 1;
pub(crate) const WIDE: u8 = 0x10;
pub(crate) const OFFSET: u8 = 0x20;

/// Blocks handled at once: what is made of them stays in the fastest cache.
const BLOCKS: usize = 32;
const PART: usize = BLOCKS * BLOCK;

/// The fast error-bounded codec for f32 and f64. It has no settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fast;

impl Fast {
    /// About how many bytes a chunk would take, by the few places that a choice of axes looks at.
    ///
    /// ```
    /// use tolzip_core::{Codec, Shape, Target};
    /// use tolzip_fast::Fast;
    ///
    /// let wave: Vec<f32> = (0..1 << 16).map(|i| (i as f32 * 0.01).sin()).collect();
    /// let (shape, mut chunk) = (Shape::new(&[256, 256])?, Vec::new());
    /// Fast.encode(&wave, shape, Target::Abs(1e-3), &mut chunk)?;
    /// let about = Fast::estimate(&wave, shape, 1e-3)? as usize;
    /// assert!((chunk.len() / 2..chunk.len() * 2).contains(&about));
    /// # Ok::<(), tolzip_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] for a shape of another size.
    pub fn estimate<C: Float>(values: &[C], shape: Shape, bound: f64) -> Result<u64> {
        if values.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
        }
        Ok(match floats(values) {
            Floats::F32(values) => estimate(values, shape.folded(), bound),
            Floats::F64(values) => estimate(values, shape.folded(), bound),
        })
    }
}

impl<C: Float> Codec<C> for Fast {
    fn encode(&self, values: &[C], shape: Shape, target: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        if values.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
        }
        let Target::Abs(bound) = target else {
            return Err(Error::BoundUnsupported { method: METHOD, kind: "other than abs and rel" });
        };
        if values.is_empty() {
            return Ok(Encoded::Verified { max_error: 0.0 });
        }
        let sides = shape.folded();
        Ok(Encoded::Verified {
            max_error: match floats(values) {
                Floats::F32(values) => encode(values, sides, bound, out)?,
                Floats::F64(values) => encode(values, sides, bound, out)?,
            },
        })
    }

    fn decode(&self, bytes: &[u8], shape: Shape, out: &mut [C]) -> Result<()> {
        if out.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: out.len() as u64 });
        }
        let reader = Reader::new(bytes);
        if out.is_empty() {
            return reader.finish();
        }
        match floats_mut(out) {
            FloatsMut::F32(out) => decode(reader, shape.folded(), out),
            FloatsMut::F64(out) => decode(reader, shape.folded(), out),
        }
    }

    fn describe(&self, bytes: &[u8], shape: Shape) -> Result<Fields> {
        describe(bytes, shape.len(), size_of::<C>())
    }
}

/// A type with its two ways to calculate.
trait Value: Float + Sized
where
    Self: Work<Self>,
    f64: Work<Self>,
{
}
impl Value for f32 {}
impl Value for f64 {}

fn estimate<T: Value>(values: &[T], sides: [usize; 4], bound: f64) -> u64
where
    f64: Work<T>,
{
    let verbatim = size_of_val(values) as u64;
    let (min, max) = choose::range(values);
    let step = Step::choose::<T>(bound, min, max, false);
    let bits = if step.wide {
        step.quantum(bound).map(|q| choose::axes::<T, f64>(values, sides, step.offset, &q).1)
    } else {
        step.quantum(bound).map(|q| choose::axes::<T, T>(values, sides, T::from_f64(step.offset), &q).1)
    };
    let seen: usize = choose::places(values.len()).map(|from| choose::RUN.min(values.len() - from)).sum();
    bits.map_or(verbatim, |bits| {
        let all = u128::from(bits) * values.len() as u128 / (8 * seen.max(1)) as u128;
        // And a byte for every block, unless all heads are one.
        let heads = if bits == 0 { 0 } else { values.len() as u64 / BLOCK as u64 };
        verbatim.min(u64::try_from(all).unwrap_or(verbatim).saturating_add(heads))
    })
}

/// Appends a chunk and returns the largest error.
fn encode<T: Value>(values: &[T], sides: [usize; 4], bound: f64, out: &mut Vec<u8>) -> Result<f64>
where
    f64: Work<T>,
{
    let begin = out.len();
    let (min, max) = choose::range(values);
    let mut step = Step::choose::<T>(bound, min, max, false);
    loop {
        let done = if step.wide {
            attempt::<T, f64>(values, sides, bound, step, out)?
        } else {
            attempt::<T, T>(values, sides, bound, step, out)?
        };
        if let Some(error) = done {
            return Ok(error);
        }
        out.truncate(begin);
        let wider = Step::choose::<T>(bound, min, max, true);
        if wider.wide == step.wide {
            break;
        }
        step = wider;
    }
    out.push(VERBATIM);
    for x in values {
        out.extend_from_slice(&x.to_bits().to_u64().to_le_bytes()[..size_of::<T>()]);
    }
    Ok(0.0)
}

/// Appends a chunk and returns the largest error, or `None` if too many values would have to be stored exactly.
fn attempt<T: Float, W: Work<T>>(
    values: &[T],
    sides: [usize; 4],
    bound: f64,
    step: Step,
    out: &mut Vec<u8>,
) -> Result<Option<f64>> {
    let Some(quantum) = step.quantum::<T, W>(bound) else { return Ok(None) };
    let offset = W::from_f64(step.offset);
    let (axes, _) = choose::axes(values, sides, offset, &quantum);
    out.push(CODED);
    out.push(axes.0 | if step.wide { WIDE } else { 0 } | if step.offset == 0.0 { 0 } else { OFFSET });
    out.extend_from_slice(&step.size.to_le_bytes());
    if step.offset != 0.0 {
        out.extend_from_slice(&step.offset.to_le_bytes());
    }
    let length = out.len();
    out.extend_from_slice(&[0; 8]);

    let lags = axes.lags(sides);
    let mut line = Line::new(values.len(), lags.reach(), PART)?;
    let mut all_heads = try_vec::<u8>(values.len().div_ceil(BLOCK))?;
    let mut exact = Exact::default();
    let mut coded = [0; BLOCKS * MOST_BYTES + 8];
    let (mut rest, mut folded) = ([0i32; PART + 1], [0u32; PART]);
    let mut held = (0, 0);
    let (mut most, mut last) = (T::ZERO, 0);
    for (part, (values, heads)) in values.chunks(PART).zip(all_heads.chunks_mut(BLOCKS)).enumerate() {
        let n = values.len();
        let (line, at) = line.next(n);
        let (error, good) = pre_quantise(values, offset, &quantum, &mut line[at..at + n]);
        most = if error > most { error } else { most };
        if !good {
            fill_in(values, part * PART, last, &mut line[at..at + n], &mut exact);
        }
        last = line[at + n - 1];
        rest[0] = rest[PART];
        kernel::subtract(line, at, lags.others(), &mut rest[1..=n]);
        if n < PART {
            folded[n..].fill(0);
        }
        if lags.one {
            kernel::fold_differences(&rest[..=n], &mut folded[..n]);
        } else {
            kernel::fold(&rest[1..=n], &mut folded[..n]);
        }
        let mut bits = rice::Writer::new(&mut coded, held);
        rice::encode(&folded[..heads.len() * BLOCK], heads, &mut bits);
        let (bytes, left) = bits.finish();
        held = left;
        out.extend_from_slice(&coded[..bytes]);
    }
    if exact.count > values.len() / 8 {
        return Ok(None);
    }
    if held.1 > 0 {
        out.push(held.0);
    }
    let bytes = (out.len() - length - 8) as u64;
    out[length..length + 8].copy_from_slice(&bytes.to_le_bytes());
    exact.write(out);
    heads::write(&all_heads, out);
    Ok(Some(most.to_f64()))
}

/// Stores the exceptions, and puts in their places what costs the fewest bits: the integer before.
#[cold]
fn fill_in<T: Float>(values: &[T], from: usize, last: i32, line: &mut [i32], exact: &mut Exact) {
    let mut last = last;
    for (i, (k, &x)) in line.iter_mut().zip(values).enumerate() {
        if *k == EXCEPTION {
            exact.push(from + i, x);
            *k = last;
        }
        last = *k;
    }
}

fn decode<T: Value>(mut reader: Reader<'_>, sides: [usize; 4], out: &mut [T]) -> Result<()>
where
    f64: Work<T>,
{
    match reader.u8()? {
        VERBATIM => {
            for slot in out {
                let mut word = [0; 8];
                word[..size_of::<T>()].copy_from_slice(reader.take(size_of::<T>())?);
                *slot = T::from_bits(T::Bits::from_u64(u64::from_le_bytes(word)));
            }
            return reader.finish();
        }
        CODED => {}
        _ => return Err(Error::corrupt("an unknown kind of chunk")),
    }
    let flags = reader.u8()?;
    if flags >= 0x40 || (flags & WIDE != 0 && T::DTYPE == DType::F64) {
        return Err(Error::corrupt("an unknown flag"));
    }
    let size = reader.f64()?;
    let offset = if flags & OFFSET != 0 { reader.f64()? } else { 0.0 };
    if !(size.is_finite() && size > 0.0 && offset.is_finite()) {
        return Err(Error::corrupt("a step that is no positive number"));
    }
    let axes = Axes(flags & 15);
    if flags & WIDE != 0 {
        decode_coded::<T, f64>(reader, axes, sides, (offset, size), out)
    } else {
        decode_coded::<T, T>(reader, axes, sides, (T::from_f64(offset), T::from_f64(size)), out)
    }
}

fn decode_coded<T: Float, W: Work<T>>(
    mut reader: Reader<'_>,
    axes: Axes,
    sides: [usize; 4],
    (offset, step): (W, W),
    out: &mut [T],
) -> Result<()> {
    let length = reader.u64()?;
    let length = usize::try_from(length).map_err(|_| Error::truncated(length, reader.rest().len() as u64))?;
    let mut bits = rice::Reader::new(reader.take(length)?);
    let mut list = reader.clone();
    exact::read(&mut reader, out.len(), |_, _: T| {})?;
    let all_heads = heads::read(reader, out.len().div_ceil(BLOCK))?;

    let lags = axes.lags(sides);
    let mut line = Line::new(out.len(), lags.reach(), PART)?;
    let (mut rest, mut folded) = ([0i32; PART], [0u32; PART]);
    let mut last = 0;
    for (out, heads) in out.chunks_mut(PART).zip(all_heads.chunks(BLOCKS)) {
        let n = out.len();
        rice::decode(heads, &mut bits, &mut folded[..heads.len() * BLOCK]);
        let (line, at) = line.next(n);
        let direct = lags.others().is_empty();
        let target = if direct { &mut line[at..at + n] } else { &mut rest[..n] };
        if lags.one {
            kernel::unfold_differences(&folded[..n], last, target);
            last = target[n - 1];
        } else {
            kernel::unfold(&folded[..n], target);
        }
        if !direct {
            kernel::add(line, at, lags.others(), &rest[..n]);
        }
        kernel::place(&line[at..at + n], offset, step, out);
    }
    if !bits.is_finished() {
        return Err(Error::corrupt("blocks do not end where their bits do"));
    }
    exact::read(&mut list, out.len(), |at, x| out[at] = x)
}

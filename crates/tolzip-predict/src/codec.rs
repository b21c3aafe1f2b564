//! The codec: what kind of chunk it is, its header, and the two engines behind it.

use crate::causal::{self, BATCH, Field, Layout, Weights};
use crate::choose::{Engine, sample};
use crate::grid::Grid;
use crate::interp::{self, Place, SLAB, SLAB_WITHOUT_FLAGS, Slabs, join_rows};
use crate::interp_fit::Shares;
use crate::lattice::Lattice;
use crate::quantum::{Step, second_chance};
use crate::settings::{Predictor, Settings};
use crate::symbols::{Sink, Source};
use crate::{causal_decode, causal_fit, model};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128, try_vec};
use tolzip_core::{Bound, Codec, Encoded, Error, Float, Result, Shape, Target, Word};
use tolzip_simd::rows::{EXCEPTION, Quantum, Work, pre_quantise, quantise, reconstruct, store, take_half};

const METHOD: &str = "predict";
const VERSION: u8 = 1;

/// Kinds of chunk, in the low bits of the second byte.
mod kind {
    pub(super) const VERBATIM: u8 = 0;
    pub(super) const CONSTANT: u8 = 1;
    pub(super) const INTERPOLATION: u8 = 2;
    pub(super) const CAUSAL: u8 = 3;
    /// Values of f32 are predicted in f64.
    pub(super) const WIDE: u8 = 0x10;
    /// The integers count from an offset.
    pub(super) const OFFSET: u8 = 0x20;
    /// Before rows stands whether all of their integers are zero.
    pub(super) const FLAGS: u8 = 0x40;
}

/// The prediction codec for chunks of f32 or f64, with an absolute bound.
///
/// Values are predicted from their neighbours, the differences quantised so that every value is within the bound (which
/// is checked; what can't be held is stored exactly, NaN and infinities too), and the integers coded by rANS with tables
/// chosen by the size of the integers around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Predict {
    settings: Settings,
}

impl Predict {
    /// The codec with these settings.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Codec<f32> for Predict {
    fn encode(&self, values: &[f32], shape: Shape, target: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        encode(self.settings, values, shape, target, out)
    }
    fn decode(&self, bytes: &[u8], shape: Shape, out: &mut [f32]) -> Result<()> {
        decode(bytes, shape, out)
    }
}

impl Codec<f64> for Predict {
    fn encode(&self, values: &[f64], shape: Shape, target: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        encode(self.settings, values, shape, target, out)
    }
    fn decode(&self, bytes: &[u8], shape: Shape, out: &mut [f64]) -> Result<()> {
        decode(bytes, shape, out)
    }
}

/// The types that values of a type are predicted in: their own, and f64.
trait Predicted: Float {
    type Native: Work<Self>;
}

impl Predicted for f32 {
    type Native = f32;
}

impl Predicted for f64 {
    type Native = f64;
}

/// Least and greatest finite value, and whether all are finite.
fn range<T: Float>(values: &[T]) -> (T, T, bool) {
    let Some(&first) = values.iter().find(|v| v.is_finite()) else {
        return (T::ZERO, T::ZERO, values.is_empty());
    };
    let (mut least, mut most, mut finite) = ([first; 16], [first; 16], [true; 16]);
    let (blocks, rest) = values.as_chunks::<16>();
    let mut one = |lane: usize, v: T| {
        let good = v.is_finite();
        finite[lane] &= good;
        let v = if good { v } else { first };
        least[lane] = if v < least[lane] { v } else { least[lane] };
        most[lane] = if v > most[lane] { v } else { most[lane] };
    };
    for block in blocks {
        for (lane, &v) in block.iter().enumerate() {
            one(lane, v);
        }
    }
    for (lane, &v) in rest.iter().enumerate() {
        one(lane, v);
    }
    let least = least.into_iter().fold(first, |a, b| if b < a { b } else { a });
    let most = most.into_iter().fold(first, |a, b| if b > a { b } else { a });
    (least, most, finite == [true; 16])
}

fn encode<T: Predicted>(
    settings: Settings,
    values: &[T],
    shape: Shape,
    target: Target,
    out: &mut Vec<u8>,
) -> Result<Encoded>
where
    f64: Work<T>,
{
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
    let largest = if -least > most { -least } else { most };
    let step = Step::choose::<T>(bound, largest.to_f64());
    let chunk = Chunk {
        values,
        sides: shape.folded(),
        bound,
        step,
        lattice: Lattice::find(values, step.size, bound),
        least: least.to_f64(),
        most: most.to_f64(),
    };
    let coded =
        if step.wide { chunk.code::<f64>(settings, out)? } else { chunk.code::<T::Native>(settings, out)? };
    match coded {
        Some(max_error) if out.len() - begin < 2 + size_of_val(values) => Ok(Encoded::Verified { max_error }),
        _ => {
            out.truncate(begin + 1);
            out.push(kind::VERBATIM);
            for v in values {
                out.extend_from_slice(&v.to_bits().to_u64().to_le_bytes()[..size_of::<T>()]);
            }
            Ok(Encoded::Verified { max_error: 0.0 })
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
struct Chunk<'a, T> {
    values: &'a [T],
    sides: [usize; 4],
    bound: f64,
    step: Step,
    /// If the values lie on one that is coarser than the step.
    lattice: Option<Lattice>,
    least: f64,
    most: f64,
}

impl<T: Float> Chunk<'_, T> {
    /// Appends the kind and what follows; the result is the largest error, or `None` if the step can't be used.
    fn code<W: Work<T>>(&self, settings: Settings, out: &mut Vec<u8>) -> Result<Option<f64>> {
        let Some(quantum) = self.step.quantum::<T, W>(self.bound) else { return Ok(None) };
        let engine = self.cheapest::<W>(settings.predictor, &quantum)?;
        let begin = out.len();
        let coded = match engine {
            Engine::Interpolation { whole } => self.interpolation::<W>(&quantum, whole, None, out)?,
            Engine::Causal => self.causal::<W>(&quantum, out)?,
        };
        out[begin] |= kind::FLAGS | if self.step.wide { kind::WIDE } else { 0 };
        model::write(coded.sink, out);
        Ok(Some(coded.max_error))
    }

    /// The engine that needs the fewest bits for a sample of the values.
    fn cheapest<W: Work<T>>(&self, predictor: Predictor, quantum: &Quantum<T, W>) -> Result<Engine> {
        let shares = Shares::rough(self.sides, self.values, self.bound);
        let poor = shares.poor_axes();
        match (predictor, poor) {
            (Predictor::Lorenzo, _) => return Ok(Engine::Causal),
            (Predictor::Interpolation, 0) => return Ok(Engine::Interpolation { whole: 0 }),
            _ => {}
        }
        let (mut plain, mut partial, mut causal) = (0, u64::MAX, 0);
        for (number, (sides, values)) in sample(self.values, self.sides).into_iter().enumerate() {
            let block = Chunk { values: &values, sides, ..*self };
            let interpolated = |whole| {
                let coded = block.interpolation::<W>(quantum, whole, Some(shares), &mut Vec::new())?;
                Ok::<u64, Error>(model::estimate(&coded.sink, top(sides, whole)))
            };
            plain += interpolated(0)?;
            if poor != 0 {
                partial = if number == 0 { 0 } else { partial } + interpolated(poor)?;
            }
            if predictor == Predictor::Auto {
                let fields = [block.field::<W>(quantum)?.field];
                let weights = causal_fit::fit(&fields, causal_fit::ROUGH);
                let mut sink = Sink::without_flags(values.len());
                causal::encode(&fields[0], &weights, &mut sink)?;
                // The first plane, which has nothing before it, is a larger part of a block than of the array.
                causal += model::estimate(&sink, fields[0].layout.begin_of_last_set());
                let (least, most) = (causal.min(plain.min(partial)), causal.max(plain.min(partial)));
                if number > 0 && most / CLEARLY > least / (CLEARLY + 1) {
                    break;
                }
            }
        }
        let interpolation = plain.min(partial);
        let whole = if partial < plain { poor } else { 0 };
        let causal_wins = predictor == Predictor::Auto && causal <= interpolation;
        Ok(if causal_wins { Engine::Causal } else { Engine::Interpolation { whole } })
    }

    fn interpolation<W: Work<T>>(
        &self,
        quantum: &Quantum<T, W>,
        whole: u8,
        sample: Option<Shares>,
        out: &mut Vec<u8>,
    ) -> Result<Coded> {
        out.push(kind::INTERPOLATION);
        out.extend_from_slice(&self.step.size.to_le_bytes());
        out.push(whole);
        let grids: Vec<Grid> = Grid::pyramid(self.sides, whole).collect();
        let levels = pyramid(&grids, self.values)?;
        let slices: Vec<&[T]> = levels.iter().map(|l| &**l).collect();
        let sink = if sample.is_some() {
            Sink::without_flags(self.values.len())
        } else {
            Sink::with_capacity(self.values.len())
        };
        let shares = sample.unwrap_or_else(|| Shares::fit(&grids, &slices, self.bound));
        shares.write(grids[0].split, out);
        let mut encoder = Encoder {
            grids: &grids,
            levels: &slices,
            quantum: *quantum,
            bound: self.bound,
            sink,
            max_error: 0.0,
            x: try_vec(SLAB.max(self.sides[3]))?,
            k: try_vec(SLAB.max(self.sides[3]))?,
        };
        interp::run::<T, W>(&grids, &shares, SLAB, &mut encoder)?;
        let Encoder { sink, max_error, .. } = encoder;
        Ok(Coded { sink, max_error })
    }

    fn causal<W: Work<T>>(&self, quantum: &Quantum<T, W>, out: &mut Vec<u8>) -> Result<Coded> {
        let Integers { field, step, centre, exact, max_error } = self.field::<W>(quantum)?;
        out.push(kind::CAUSAL | if centre == 0.0 { 0 } else { kind::OFFSET });
        out.extend_from_slice(&step.to_le_bytes());
        if centre != 0.0 {
            out.extend_from_slice(&centre.to_le_bytes());
        }
        put_leb128(out, exact.len() as u64);
        let mut next = 0;
        for i in exact {
            put_leb128(out, (i - next) as u64);
            out.extend_from_slice(&self.values[i].to_bits().to_u64().to_le_bytes()[..size_of::<T>()]);
            next = i + 1;
        }
        let fields = [field];
        let weights = causal_fit::fit(&fields, causal_fit::FULL);
        weights.write(out);
        let mut sink = Sink::with_capacity(self.values.len());
        causal::encode(&fields[0], &weights, &mut sink)?;
        Ok(Coded { sink, max_error })
    }

    /// The values as integers.
    fn field<W: Work<T>>(&self, quantum: &Quantum<T, W>) -> Result<Integers> {
        let coarse = self.lattice.and_then(|l| {
            let step = Step { size: l.unit, ..self.step };
            Some((step.quantum::<T, W>(self.bound)?, l.unit, l.offset))
        });
        let (quantum, step, offset) =
            coarse.as_ref().map_or((quantum, self.step.size, 0.0), |(q, s, o)| (q, *s, *o));
        let reach = W::LIMIT.to_f64() * step * 0.5;
        let central = self.least > -reach && self.most < reach;
        let centre = if central { offset } else { self.least * 0.5 + self.most * 0.5 };
        let offset = W::from_f64(centre);
        let layout = Layout::of(self.sides);
        let mut out =
            Integers { field: Field::new(layout)?, step, centre, exact: Vec::new(), max_error: 0.0 };
        let mut last = 0;
        // Quantises a run of values; an exception repeats the integer before it.
        let Integers { field, exact, max_error, .. } = &mut out;
        let mut run = |begin: usize, x: &[T], k: &mut [i32]| {
            let (most, good) = pre_quantise(x, offset, quantum, k);
            *max_error = f64::max(*max_error, most.to_f64());
            if good {
                last = k.last().copied().unwrap_or(last);
                return;
            }
            for (i, (k, &x)) in k.iter_mut().zip(x).enumerate() {
                if *k == EXCEPTION {
                    let error = second_chance(
                        &[x],
                        &[offset],
                        quantum,
                        self.bound,
                        core::slice::from_mut(k),
                        &mut [x],
                    );
                    *max_error = f64::max(*max_error, error.to_f64());
                }
                if *k == EXCEPTION {
                    exact.push(begin + i);
                    *k = last;
                }
                last = *k;
            }
        };
        if layout.folded {
            let mut flat: Vec<i32> = try_vec(self.values.len())?;
            run(0, self.values, &mut flat);
            field.fold(&flat);
        } else {
            let mut rows = self.values.chunks_exact(layout.sides[3]).enumerate();
            causal::each_row(layout.sides, |at| {
                if let Some((i, row)) = rows.next() {
                    run(i * layout.sides[3], row, field.row_mut(at));
                }
            });
        }
        out.field.close_all();
        Ok(out)
    }
}

/// After two blocks of a sample, an engine that needs a part in so many less than the other is chosen without a third.
const CLEARLY: u64 = 5;

/// Values of a block's coarsest grids, which cost more than the others and are a larger part of it than of the array.
fn top(sides: [usize; 4], whole: u8) -> usize {
    let few = |grid: &Grid| {
        let n = grid.sides.iter().product::<usize>();
        (n <= MOST_OF_TOP).then_some(n)
    };
    Grid::pyramid(sides, whole).find_map(|grid| few(&grid)).unwrap_or(0)
}

const MOST_OF_TOP: usize = 128;

/// The integers that values were quantised to.
struct Integers {
    field: Field,
    step: f64,
    /// What 0 stands for.
    centre: f64,
    /// The values that are stored exactly.
    exact: Vec<usize>,
    max_error: f64,
}

/// What an engine made of a chunk.
struct Coded {
    sink: Sink,
    max_error: f64,
}

/// The values of all grids.
fn pyramid<'a, T: Float>(grids: &[Grid], values: &'a [T]) -> Result<Vec<Cow<'a, [T]>>> {
    let mut levels: Vec<Cow<'a, [T]>> = [Cow::Borrowed(values)].to_vec();
    for pair in grids.windows(2) {
        let (fine, coarse) = (&pair[0], &pair[1]);
        let Some(from) = levels.last() else { break };
        let mut to: Vec<T> = try_vec(coarse.sides.iter().product())?;
        let n = coarse.sides[3];
        let pace = |d: usize| if fine.split[d] { 2 } else { 1 };
        let mut rows = to.chunks_exact_mut(n);
        for a in 0..coarse.sides[0] {
            for b in 0..coarse.sides[1] {
                for c in 0..coarse.sides[2] {
                    let begin = row_start(fine.sides, [a * pace(0), b * pace(1), c * pace(2)]);
                    let row = &from[begin..begin + fine.sides[3]];
                    let Some(out) = rows.next() else { break };
                    if fine.split[3] {
                        take_half(row, row.len(), row.len(), 0, out);
                    } else {
                        out.copy_from_slice(row);
                    }
                }
            }
        }
        levels.push(Cow::Owned(to));
    }
    Ok(levels)
}

fn row_start(sides: [usize; 4], at: [usize; 3]) -> usize {
    ((at[0] * sides[1] + at[1]) * sides[2] + at[2]) * sides[3]
}

struct Encoder<'a, T, W> {
    grids: &'a [Grid],
    levels: &'a [&'a [T]],
    quantum: Quantum<T, W>,
    bound: f64,
    sink: Sink,
    max_error: f64,
    x: Vec<T>,
    k: Vec<i32>,
}

impl<T: Float, W: Work<T>> Slabs<T, W> for Encoder<'_, T, W> {
    fn slab<'c>(
        &mut self,
        place: Place,
        p: &[W],
        contexts: impl FnOnce() -> &'c mut [u8],
        r: &mut [T],
        activity: &mut [u16],
    ) -> Result<()> {
        let grid = &self.grids[place.level];
        let odd = |d: usize| place.class >> (3 - d) & 1;
        let at = core::array::from_fn(|d| if grid.split[d] { 2 * place.at[d] + odd(d) } else { place.at[d] });
        let begin = row_start(grid.sides, at);
        let (x, k) = (&mut self.x[..p.len()], &mut self.k[..p.len()]);
        let from = &self.levels[place.level][begin..];
        if grid.split[3] {
            let pace = if grid.split[2] { 2 * grid.sides[3] } else { grid.sides[3] };
            take_half(from, grid.sides[3], pace, odd(3), x);
        } else {
            // Rows of one value, which are never split.
            let pace = if grid.split[2] { 2 } else { 1 };
            for (x, &v) in x.iter_mut().zip(from.iter().step_by(pace)) {
                *x = v;
            }
        }
        let (mut most, good) = quantise(x, p, &self.quantum, k, r);
        if !good {
            let second = second_chance(x, p, &self.quantum, self.bound, k, r);
            most = if second > most { second } else { most };
        }
        // The kernel's differences may be rounded: a row that may hold the largest error is looked at again.
        if most.to_f64() > self.max_error * (1.0 - 1.0 / 1_048_576.0) {
            for (x, r) in x.iter().zip(&*r) {
                let error = x.distance(*r);
                if error > self.max_error {
                    self.max_error = error;
                }
            }
        }
        if place.level + 1 < self.grids.len() && self.sink.skips(k) {
            activity.fill(0);
            return Ok(());
        }
        self.sink.row(contexts(), k, activity, x);
        Ok(())
    }
}

struct Decoder<'a, W> {
    source: Source<'a>,
    step: W,
    /// The coarsest level.
    top: usize,
}

impl<T: Float, W: Work<T>> Slabs<T, W> for Decoder<'_, W> {
    fn slab<'c>(
        &mut self,
        place: Place,
        p: &[W],
        contexts: impl FnOnce() -> &'c mut [u8],
        r: &mut [T],
        activity: &mut [u16],
    ) -> Result<()> {
        if place.level < self.top && self.source.skips()? {
            store(p, r);
            activity.fill(0);
            return Ok(());
        }
        self.source.values(contexts(), p, self.step, r, activity)
    }
}

fn word<T: Float>(reader: &mut Reader<'_>) -> Result<T> {
    let mut bytes = [0; 8];
    bytes[..size_of::<T>()].copy_from_slice(reader.take(size_of::<T>())?);
    Ok(T::from_bits(T::Bits::from_u64(u64::from_le_bytes(bytes))))
}

fn decode<T: Predicted>(bytes: &[u8], shape: Shape, out: &mut [T]) -> Result<()>
where
    f64: Work<T>,
{
    if out.len() != shape.len() {
        return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: out.len() as u64 });
    }
    let mut reader = Reader::new(bytes);
    if reader.u8()? != VERSION {
        return Err(Error::corrupt("an unknown version of the prediction codec"));
    }
    let head = reader.u8()?;
    let wide = head & kind::WIDE != 0;
    if head & !(0x0f | kind::WIDE | kind::OFFSET | kind::FLAGS) != 0 || (wide && T::MANTISSA_BITS == 52) {
        return Err(Error::corrupt("an unknown kind of chunk"));
    }
    match head & 0x0f {
        kind::VERBATIM if head == kind::VERBATIM => {
            for v in out {
                *v = word(&mut reader)?;
            }
            reader.finish()
        }
        kind::CONSTANT if head == kind::CONSTANT => {
            out.fill(word(&mut reader)?);
            reader.finish()
        }
        _ if out.is_empty() => Err(Error::corrupt("an empty chunk with a predictor")),
        kind::INTERPOLATION if head & kind::OFFSET == 0 => {
            if wide {
                interpolate::<T, f64>(reader, shape.folded(), head, out)
            } else {
                interpolate::<T, T::Native>(reader, shape.folded(), head, out)
            }
        }
        kind::CAUSAL => {
            if wide {
                accumulate::<T, f64>(reader, shape.folded(), head, out)
            } else {
                accumulate::<T, T::Native>(reader, shape.folded(), head, out)
            }
        }
        _ => Err(Error::corrupt("an unknown kind of chunk")),
    }
}

fn interpolate<T: Float, W: Work<T>>(
    mut reader: Reader<'_>,
    sides: [usize; 4],
    head: u8,
    out: &mut [T],
) -> Result<()> {
    let step = Step::read(&mut reader, head & kind::WIDE != 0)?;
    let whole = reader.u8()?;
    // The fast axis is always halved.
    if whole & !0b1110 != 0 {
        return Err(Error::corrupt("an axis that can't be left whole"));
    }
    let grids: Vec<Grid> = Grid::pyramid(sides, whole).collect();
    let shares = Shares::read(grids[0].split, &mut reader)?;
    let flags = head & kind::FLAGS != 0;
    let slab = if flags { SLAB } else { SLAB_WITHOUT_FLAGS };
    let source = model::read(&mut reader, slab.max(sides[3]), flags)?;
    let mut decoder = Decoder { source, step: W::from_f64(step.size), top: grids.len() - 1 };
    let classes = interp::run::<T, W>(&grids, &shares, slab, &mut decoder)?;
    decoder.source.finish()?;
    if classes.len() == 1 {
        out.copy_from_slice(&classes[0].values);
    } else {
        join_rows(&grids[0], |class, at| classes[class].values(at), out);
    }
    Ok(())
}

fn accumulate<T: Float, W: Work<T>>(
    mut reader: Reader<'_>,
    sides: [usize; 4],
    head: u8,
    out: &mut [T],
) -> Result<()> {
    let step = Step::read(&mut reader, head & kind::WIDE != 0)?;
    let centre = if head & kind::OFFSET != 0 { reader.f64()? } else { 0.0 };
    let mut exact: Vec<(usize, T)> = Vec::new();
    let mut next = 0;
    for _ in 0..reader.leb128_up_to(out.len(), "more exact values than values")? {
        let i = reader.leb128_up_to(out.len(), "an exact value beyond the chunk")? + next;
        if i >= out.len() {
            return Err(Error::corrupt("an exact value beyond the chunk"));
        }
        exact.push((i, word(&mut reader)?));
        next = i + 1;
    }
    let layout = Layout::of(sides);
    let weights = Weights::read(&layout, &mut reader)?;
    let mut source = model::read(&mut reader, layout.sides[3], head & kind::FLAGS != 0)?;
    let offset = W::from_f64(centre);
    let step = W::from_f64(step.size);
    let begins: Vec<usize> = if layout.folded { layout.segment_begins().collect() } else { Vec::new() };
    let offsets = [offset].repeat(layout.sides[3]);
    let (width, row) = (layout.lag, layout.sides[3]);
    let mut batch: Vec<T> = try_vec(if layout.folded { BATCH * row } else { 0 })?;
    causal_decode::decode(layout, &weights, &mut source, |number, k| {
        if layout.folded {
            let held = number % BATCH;
            reconstruct(&offsets, k, step, &mut batch[held * row..][..k.len()]);
            if held + 1 < BATCH && number + 1 < layout.sides[2] {
                return;
            }
            let first = number - held;
            for (segment, begin) in begins.iter().enumerate() {
                // Only the last row can be shorter than the others.
                let count = if segment * width < k.len() { held + 1 } else { held };
                let to = &mut out[begin + first * width..][..count * width];
                let from = batch[segment * width..].chunks(row);
                for (to, from) in to.chunks_exact_mut(width).zip(from) {
                    if let ([to], [from, ..]) = (&mut *to, from) {
                        *to = *from;
                    } else {
                        to.copy_from_slice(&from[..width]);
                    }
                }
            }
        } else {
            let begin = number * layout.sides[3];
            reconstruct(&offsets, k, step, &mut out[begin..begin + k.len()]);
        }
    })?;
    source.finish()?;
    for (i, x) in exact {
        out[i] = x;
    }
    Ok(())
}

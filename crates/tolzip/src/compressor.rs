//! Arrays to streams.

use crate::aim::{Aimed, Job};
use crate::codec;
use crate::input::Input;
use crate::method::{Method, Sample};
use crate::parallel::Threads;
use crate::road::encode::{Chunk, Plan, absolute};
use crate::road::scan::{Scan, ordinary, scan};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use tolzip_core::frame::{Envelope, Footer, Grid, Header};
use tolzip_core::{
    AnyArray, Array, Bound, Element, Error, Float, MAX_DIMS, Result, Scope, Shape, Source, View, Word,
    with_any,
};
use tolzip_simd::crc32c::crc32c;
use tolzip_simd::memory::reserve;

/// Compresses an array, everything chosen automatically.
///
/// `shape` is slow to fast (as numpy prints it). The bytes are the same on every machine.
///
/// ```
/// let bytes = tolzip::compress(&[1.0f32; 6000], &[60, 100], tolzip::Bound::abs(0.01))?;
/// assert!(bytes.len() < 200);
/// assert!(tolzip::compress(&[1.0f32; 6000], &[60, 10], tolzip::Bound::abs(0.01)).is_err());
/// # Ok::<(), tolzip::Error>(())
/// ```
///
/// # Errors
/// When values and shape don't fit, or the bound's number is not one.
pub fn compress<T: Element>(values: &[T], shape: &[usize], bound: Bound) -> Result<Vec<u8>> {
    compress_with(Method::Auto, values, shape, bound)
}

/// Compresses an array with a given method.
///
/// ```
/// use tolzip::{Bound, Method};
///
/// let exact = tolzip::compress_with("lossless:level=3".parse()?, &[1u16, 2, 3], &[3], Bound::Lossless)?;
/// assert_eq!(tolzip::decompress::<u16>(&exact)?.values(), [1, 2, 3]);
/// assert!(tolzip::compress_with(Method::None, &[1.0f64], &[1], Bound::abs(0.1)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`compress`], and when the method does not take this bound or type.
pub fn compress_with<T: Element>(
    method: Method,
    values: &[T],
    shape: &[usize],
    bound: Bound,
) -> Result<Vec<u8>> {
    Compressor::new(method, bound).compress(View::new(values, Shape::new(shape)?)?)
}

/// Indices of an axis with fewer values than this are coded together,
const SMALL: usize = 1 << 12;
/// up to about this many values.
const TOGETHER: usize = 1 << 20;

/// Values that are looked at together for their range: few enough to stay in a cache.
const SLICE: usize = 1 << 17;

/// What to do with NaN and infinities.
///
/// ```
/// use tolzip::{Bound, Compressor, Error, Method, NonFinite, Shape, View};
///
/// let values = [0.5f32, f32::NAN, f32::INFINITY, 1.5];
/// let view = View::new(&values, Shape::line(4))?;
/// let compressor = Compressor::new(Method::Auto, Bound::abs(0.1));
/// let kept = tolzip::decompress::<f32>(&compressor.compress(view)?)?;
/// assert!(kept.values()[1].is_nan() && kept.values()[2] == f32::INFINITY);
/// let refused = compressor.clone().non_finite(NonFinite::Deny).compress(view);
/// assert_eq!(refused, Err(Error::NonFinite { count: 2, first: 1 }));
/// let masked = compressor.non_finite(NonFinite::Mask).compress(view)?;
/// assert!(tolzip::decompress::<f32>(&masked)?.values()[2].is_nan());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NonFinite {
    /// Keep them bit for bit.
    #[default]
    Preserve,
    /// Refuse an array that has any.
    Deny,
    /// Bring all of them back as one quiet NaN: smaller where their bits differ and nobody cares.
    Mask,
}

/// How to compress: method, bound and what goes with them. Immutable, cheap to clone, usable for many arrays.
///
/// ```
/// use tolzip::{AnyArray, Bound, Compressor, Method, Shape, View};
///
/// // Temperatures of a grid, with -999 where there is no station.
/// let field: Vec<f32> = (0..80 * 90).map(|i| if i % 97 == 0 { -999.0 } else { 20.0 + (i % 90) as f32 * 0.1 }).collect();
/// let view = View::new(&field, Shape::new(&[80, 90])?)?;
/// let compressor = Compressor::new(Method::Auto, Bound::rel(1e-3)).fill_value(-999.0).chunk(&[40, 45]).threads(2);
/// assert_eq!(compressor.method(), &Method::Auto);
/// assert_eq!(compressor.chunks(view.shape())?, 4);
/// let bytes = compressor.compress(view)?;
///
/// // The same, as a stream to anything that writes, and of a type known at run time only.
/// let mut written = Vec::new();
/// let summary = compressor.write(view, &mut written)?;
/// assert!(written == bytes && summary.compressed_bytes == bytes.len() as u64 && summary.max_error <= 8.9e-3);
/// let array: AnyArray = tolzip::decompress::<f32>(&bytes)?.into();
/// assert_eq!(compressor.compress_any(&array)?.is_empty(), false);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Compressor {
    method: Method,
    bound: Bound,
    scope: Scope,
    threads: Threads,
    chunk: Option<Vec<usize>>,
    non_finite: NonFinite,
    fill_value: Option<f64>,
}

/// What a compression came to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Bytes of the array's values.
    pub raw_bytes: u64,
    /// Bytes of the stream.
    pub compressed_bytes: u64,
    /// What is stored: of a sample, fewer rows than the array has.
    pub shape: Shape,
    /// Number of chunks.
    pub chunks: usize,
    /// Largest `|x - x'|` of the finite values.
    pub max_error: f64,
    /// What was reached, in the unit of the bound, by a bound of the array as a whole; of several scopes, the worst.
    pub reached: Option<f64>,
    /// The codecs that made the chunks, by name, and how many each made.
    pub codecs: Vec<(&'static str, usize)>,
}

impl Compressor {
    /// A compressor for the whole array, on all cores, that keeps NaN and infinities.
    #[must_use]
    pub const fn new(method: Method, bound: Bound) -> Self {
        Self {
            method,
            bound,
            scope: Scope::Whole,
            threads: Threads(0),
            chunk: None,
            non_finite: NonFinite::Preserve,
            fill_value: None,
        }
    }

    /// Lets range and bound hold for each column, row or index of an axis by itself.
    #[must_use]
    pub const fn by(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Uses this many threads; 0 means all cores. The bytes do not depend on it.
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = Threads(threads);
        self
    }

    /// Cuts the array into chunks of this shape, instead of the default. Smaller chunks make region reads and parallel
    /// work finer, and the stream larger.
    #[must_use]
    pub fn chunk(mut self, sides: &[usize]) -> Self {
        self.chunk = Some(sides.to_vec());
        self
    }

    /// Says what to do with NaN and infinities.
    #[must_use]
    pub const fn non_finite(mut self, policy: NonFinite) -> Self {
        self.non_finite = policy;
        self
    }

    /// Keeps this value exactly wherever it stands, and leaves it out of the range. It is rounded to the array's type and
    /// compared bit for bit (0 is not -0).
    #[must_use]
    pub const fn fill_value(mut self, value: f64) -> Self {
        self.fill_value = Some(value);
        self
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// Compresses an array into a new vector.
    ///
    /// # Errors
    /// When method, bound, scope or chunk don't fit each other or the array, or memory runs out.
    pub fn compress<T: Element>(&self, view: View<'_, T>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.run(Input::Memory(view), |bytes| append(&mut out, bytes))?;
        Ok(out)
    }

    /// Compresses an array that is read box by box as the work goes on: a chunk for each thread at a time. The bytes are those
    /// that the same array in memory would give. Everything is read once, or a second time by a bound that is relative to the
    /// range of more than a chunk, or many times by one of the array as a whole (PSNR, root mean square error, ratio).
    ///
    /// # Errors
    /// As [`compress`](Self::compress), and what the source says.
    pub fn compress_from<T: Element>(&self, source: &dyn Source<T>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.run(Input::Source(source), |bytes| append(&mut out, bytes))?;
        Ok(out)
    }

    /// Compresses an array whose type is known only at run time.
    ///
    /// # Errors
    /// As [`compress`](Self::compress).
    pub fn compress_any(&self, array: &AnyArray) -> Result<Vec<u8>> {
        with_any!(array, a => self.compress(a.view()))
    }

    /// The number of chunks that an array of this shape is cut into, and so of the pieces that [`write`](Self::write)
    /// hands on between header and footer; a sample of rows has fewer.
    ///
    /// # Errors
    /// When chunk or scope don't fit the shape.
    pub fn chunks(&self, shape: Shape) -> Result<usize> {
        Ok(self.grid(shape, self.scope.axis(shape)?)?.len())
    }

    /// Compresses an array and writes the stream chunk by chunk, front to back: only the chunks being worked on are
    /// in memory.
    ///
    /// # Errors
    /// As [`compress`](Self::compress) (as the source of an [`std::io::Error`]), and whatever the writer says.
    #[cfg(feature = "std")]
    pub fn write<T: Element>(
        &self,
        view: View<'_, T>,
        mut out: impl std::io::Write,
    ) -> std::io::Result<Summary> {
        self.run(Input::Memory(view), |bytes| out.write_all(bytes))
    }

    /// Compresses an array that is larger than memory: reads it box by box as [`compress_from`](Self::compress_from) does,
    /// and writes the stream chunk by chunk. A bound of the array as a whole (PSNR, root mean square error, ratio) keeps the
    /// stream in memory until it is reached.
    ///
    /// # Errors
    /// As [`write`](Self::write), and what the source says.
    #[cfg(feature = "std")]
    pub fn write_from<T: Element>(
        &self,
        source: &dyn Source<T>,
        mut out: impl std::io::Write,
    ) -> std::io::Result<Summary> {
        self.run(Input::Source(source), |bytes| out.write_all(bytes))
    }

    fn run<T: Element, E: From<Error>>(
        &self,
        input: Input<'_, T>,
        mut sink: impl FnMut(&[u8]) -> core::result::Result<(), E>,
    ) -> core::result::Result<Summary, E> {
        self.bound.validate()?;
        self.method.check(self.bound, T::DTYPE)?;
        let raw_bytes = input.shape().len() as u64 * T::DTYPE.size() as u64;
        let (summary, _) = match &self.method {
            Method::Sample(sample) => {
                let (kept, index) = sampled(input, *sample)?;
                let rows = input.shape().sides()[0] as u64;
                let exact = Self { method: Method::lossless(), bound: Bound::Knob, ..self.clone() };
                exact.frame(
                    Input::Memory(kept.view()),
                    self.method.to_string(),
                    Some((rows, index)),
                    &mut sink,
                )?
            }
            method => self.frame(input, method.to_string(), None, &mut sink)?,
        };
        Ok(Summary { raw_bytes, ..summary })
    }

    fn frame<T: Element, E: From<Error>>(
        &self,
        input: Input<'_, T>,
        method: String,
        source_rows: Option<(u64, Vec<u8>)>,
        sink: &mut impl FnMut(&[u8]) -> core::result::Result<(), E>,
    ) -> core::result::Result<(Summary, Footer), E> {
        let shape = input.shape();
        let axis = self.scope.axis(shape)?;
        let grid = self.grid(shape, axis)?;
        let fill = self.fill_value.map(fill_bits::<T>).transpose()?;
        let plan = Plan {
            method: self.method.clone(),
            bound: self.bound,
            fill,
            non_finite: self.non_finite,
            even: false,
        };
        if self.non_finite == NonFinite::Deny {
            deny(input, &grid)?;
        }
        let scopes = axis.map_or(1, |a| shape.sides()[a]);
        let ranges = match self.bound {
            // Where a scope is one chunk, its own pass finds the range.
            Bound::Rel(_) | Bound::AbsAndRel { .. } | Bound::AbsOrRel { .. } if grid.len() > scopes => {
                Some(self.ranges(input, &grid, axis, fill)?)
            }
            _ => None,
        };

        let mut bytes = Vec::new();
        let mut header = Header {
            minor: tolzip_core::frame::MINOR,
            dtype: T::DTYPE,
            grid,
            method,
            bound: self.bound,
            axis,
            fill_value: fill.map(Word::to_u64),
            source_rows: source_rows.as_ref().map(|s| s.0),
            row_index: source_rows.map(|s| s.1).unwrap_or_default(),
            reached: None,
            masked: self.non_finite == NonFinite::Mask,
        };
        let mut aimed = None;
        if matches!(self.bound, Bound::Psnr(_) | Bound::L2(_) | Bound::Ratio(_)) {
            header.reached = Some(0.0);
            header.write(&mut bytes);
            let overhead = bytes.len() + Footer::size(grid.len());
            bytes.clear();
            let scans = self.ranges(input, &grid, axis, fill)?;
            let job = Job { plan: &plan, input, grid: &grid, axis, threads: self.threads, overhead };
            if let Some(Aimed { chunks, reached }) = job.aim(self.bound, &scans)? {
                header.reached = Some(reached);
                aimed = Some(chunks);
            }
        }
        header.write(&mut bytes);
        sink(&bytes)?;
        let mut written = bytes.len() as u64;
        let mut footer = Footer::default();
        let mut codecs = Vec::new();
        for (crc, chunk) in aimed.iter().flatten() {
            count(&mut codecs, chunk)?;
            footer.push(chunk.bytes.len(), *crc, chunk.max_error)?;
            written += chunk.bytes.len() as u64;
            sink(&chunk.bytes)?;
        }
        let numbers: Vec<usize> = if aimed.is_some() { Vec::new() } else { (0..grid.len()).collect() };
        for batch in numbers.chunks(self.threads.batch()) {
            let encoded = self.threads.map(batch.to_vec(), |number| -> Result<(u32, Chunk)> {
                let (start, size) = grid.chunk_at(number);
                let values = input.values(&start, size)?;
                let chunk = match axis {
                    Some(axis) if grid.chunk().sides()[axis] > 1 => {
                        plan.encode_by_index(&values, size, axis)?
                    }
                    _ => {
                        let range = ranges.as_ref().map(|r| r[axis.map_or(0, |a| start[a])]);
                        plan.encode(&values, size, range)?
                    }
                };
                Ok((crc32c(&chunk.bytes), chunk))
            })?;
            for chunk in encoded {
                let (crc, chunk) = chunk?;
                count(&mut codecs, &chunk)?;
                footer.push(chunk.bytes.len(), crc, chunk.max_error)?;
                written += chunk.bytes.len() as u64;
                sink(&chunk.bytes)?;
            }
        }
        bytes.clear();
        footer.write(&mut bytes);
        written += bytes.len() as u64;
        sink(&bytes)?;
        let summary = Summary {
            raw_bytes: 0,
            compressed_bytes: written,
            shape,
            chunks: grid.len(),
            max_error: footer.max_error,
            reached: header.reached,
            codecs,
        };
        Ok((summary, footer))
    }

    fn grid(&self, shape: Shape, axis: Option<usize>) -> Result<Grid> {
        let Some(chunk) = &self.chunk else {
            return match axis.and_then(|axis| self.together(shape, axis)) {
                Some(sides) => Grid::new(shape, &sides),
                None => Ok(Grid::chosen_for(shape, axis)),
            };
        };
        let mut sides = chunk.clone();
        if let Some(side) = axis.and_then(|a| sides.get_mut(a)) {
            *side = 1;
        }
        Grid::new(shape, &sides)
    }

    /// The shape of chunks that take several indices of the axis together, each with its own bound: where those are small,
    /// lest each pay for a header and for tables of its own.
    fn together(&self, shape: Shape, axis: usize) -> Option<Vec<usize>> {
        let able = matches!(self.method, Method::Auto | Method::Predict(_) | Method::Transform(_))
            && absolute(self.bound, Scan::EMPTY).is_some();
        let mut sides = shape.sides().to_vec();
        let each = shape.len() / sides[axis].max(1);
        if !able || each == 0 || each >= SMALL {
            return None;
        }
        sides[axis] = sides[axis].min(TOGETHER / each);
        (sides[axis] > 1).then_some(sides)
    }

    /// The range of each scope.
    fn ranges<T: Element>(
        &self,
        input: Input<'_, T>,
        grid: &Grid,
        axis: Option<usize>,
        fill: Option<T::Bits>,
    ) -> Result<Vec<Scan>> {
        let scopes = axis.map_or(1, |a| input.shape().sides()[a]);
        let scans = self.threads.map((0..grid.len()).collect(), |number| -> Result<_> {
            let (start, size) = grid.chunk_at(number);
            let mut found = Scan::EMPTY;
            for (start, size) in slices(start, size) {
                found = found.merge(scan(&input.values(&start, size?)?, fill));
            }
            Ok((axis.map_or(0, |a| start[a]), found))
        })?;
        let mut ranges = alloc::vec![Scan::EMPTY; scopes];
        for found in scans {
            let (scope, found) = found?;
            ranges[scope] = ranges[scope].merge(found);
        }
        Ok(ranges)
    }
}

/// A box in slices of at most [`SLICE`] values where the slowest axis along which it has several allows that.
fn slices(start: [usize; MAX_DIMS], size: Shape) -> impl Iterator<Item = ([usize; MAX_DIMS], Result<Shape>)> {
    let axis = size.sides().iter().position(|&side| side > 1).unwrap_or(0);
    let side = size.sides().get(axis).copied().unwrap_or(1);
    let thick = (SLICE * side / size.len().max(1)).max(1);
    (0..side).step_by(thick).map(move |begin| {
        let (mut at, mut sides) = (start, size.sides().to_vec());
        at[axis] += begin;
        if let Some(slot) = sides.get_mut(axis) {
            *slot = thick.min(side - begin);
        }
        (at, Shape::new(&sides))
    })
}

/// Counts a chunk's codec.
fn count(codecs: &mut Vec<(&'static str, usize)>, chunk: &Chunk) -> Result<()> {
    let envelope = Envelope::read(&chunk.bytes)?;
    let name = codec::name(envelope.codec, envelope.payload).unwrap_or("unknown");
    match codecs.iter_mut().find(|(known, _)| *known == name) {
        Some((_, n)) => *n += 1,
        None => codecs.push((name, 1)),
    }
    Ok(())
}

/// Appends a piece of the stream.
fn append(out: &mut Vec<u8>, bytes: &[u8]) -> Result<()> {
    reserve(out, bytes.len())?;
    out.extend_from_slice(bytes);
    Ok(())
}

/// The bits of a fill value in the array's type. Floats round (1e20 is no f32); what rounds to an infinity, or to another
/// integer, can't stand in the array.
fn fill_bits<T: Element>(value: f64) -> Result<T::Bits> {
    let fill = T::from_carrier(T::Carrier::from_f64(value));
    let fits =
        if T::DTYPE.is_float() { fill.is_finite() == value.is_finite() } else { fill.to_f64() == value };
    if fits { Ok(fill.to_bits()) } else { Err(Error::FillValue { value, dtype: T::DTYPE }) }
}

/// The rows of the sample, and what a stream must say of them.
fn sampled<T: Element>(input: Input<'_, T>, sample: Sample) -> Result<(Array<T>, Vec<u8>)> {
    let shape = input.shape();
    let Some((_, row)) = shape.sides().split_first() else {
        return Err(Error::BadSetting { method: "sample", knob: "array", needs: "at least one dimension" });
    };
    let kept = sample.rows_in(input)?;
    let mut start = [0; MAX_DIMS];
    let mut sides = alloc::vec![1];
    sides.extend_from_slice(row);
    let one = Shape::new(&sides)?;
    let mut values = Vec::new();
    for &r in &kept {
        start[0] = r as usize;
        input.append(&start[..shape.ndim()], one, &mut values)?;
    }
    sides[0] = kept.len();
    let index = sample.index(&kept);
    if index.len() > tolzip_core::frame::header::MOST_INDEX {
        let needs = "fewer rows, or a mode that needs no index";
        return Err(Error::BadSetting { method: "sample", knob: "rate", needs });
    }
    Ok((Array::new(values, Shape::new(&sides)?)?, index))
}

/// Refuses NaN and infinities.
fn deny<T: Element>(input: Input<'_, T>, grid: &Grid) -> Result<()> {
    let (mut count, mut first) = (0, u64::MAX);
    for number in 0..grid.len() {
        let (start, size) = grid.chunk_at(number);
        let values = input.values(&start, size)?;
        for (at, _) in values.iter().enumerate().filter(|(_, v)| !ordinary(**v, None)) {
            count += 1;
            first = first.min(position(input.shape(), &start, size, at));
        }
    }
    if count == 0 { Ok(()) } else { Err(Error::NonFinite { count, first }) }
}

/// Where value number `at` of a box stands in the array, in slow-to-fast order.
fn position(shape: Shape, start: &[usize; MAX_DIMS], size: Shape, mut at: usize) -> u64 {
    let (mut position, mut stride) = (0, 1);
    for axis in (0..shape.ndim()).rev() {
        let side = size.sides()[axis].max(1);
        position += (start[axis] + at % side) as u64 * stride;
        at /= side;
        stride *= shape.sides()[axis] as u64;
    }
    position
}

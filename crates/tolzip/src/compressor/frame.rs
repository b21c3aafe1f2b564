//! The frame around the chunks: header, chunks as they are coded, footer.

use super::fill::Fill;
use super::{Compressor, NonFinite, Summary};
use crate::aim::{Aimed, Job};
use crate::codec;
use crate::input::Input;
use crate::limits::bytes_of;
use crate::method::{Method, Sample};
use crate::road::chunk::Chunk;
use crate::road::encode::Plan;
use crate::road::scan::ordinary;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use tolzip_core::frame::{Envelope, Footer, Grid, Header, Writer};
use tolzip_core::{Array, Bound, Element, Error, MAX_DIMS, Result, Shape, Word};
use tolzip_simd::crc32c::crc32c;
use tolzip_simd::memory::reserve;

impl Compressor {
    pub(super) fn run<T: Element, E: From<Error>>(
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
        let fill = self.fill.map(Fill::bits::<T>).transpose()?;
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
            let mut bytes = Vec::new();
            header.write(&mut bytes);
            let overhead = bytes.len() + Footer::size(grid.len());
            let scans = self.ranges(input, &grid, axis, fill)?;
            let job = Job { plan: &plan, input, grid: &grid, axis, threads: self.threads, overhead };
            if let Some(Aimed { chunks, reached }) = job.aim(self.bound, &scans)? {
                header.reached = Some(reached);
                aimed = Some(chunks);
            }
        }
        let mut writer = Writer::new(&header);
        let mut written = 0;
        let mut codecs = Vec::new();
        let mut hand_on = |(crc, chunk): &(u32, Chunk)| -> core::result::Result<(), E> {
            count(&mut codecs, chunk)?;
            let before = writer.chunk(&chunk.bytes, *crc, chunk.max_error)?;
            written += (before.len() + chunk.bytes.len()) as u64;
            if !before.is_empty() {
                sink(&before)?;
            }
            sink(&chunk.bytes)
        };
        aimed.iter().flatten().try_for_each(&mut hand_on)?;
        let numbers: Vec<usize> = if aimed.is_some() { Vec::new() } else { (0..grid.len()).collect() };
        let chunk_bytes = bytes_of(grid.chunk(), T::DTYPE);
        for batch in numbers.chunks(self.threads.batch(chunk_bytes)) {
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
            });
            for chunk in encoded {
                hand_on(&chunk?)?;
            }
        }
        let (end, footer) = writer.finish();
        written += end.len() as u64;
        sink(&end)?;
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
pub(super) fn append(out: &mut Vec<u8>, bytes: &[u8]) -> Result<()> {
    reserve(out, bytes.len())?;
    out.extend_from_slice(bytes);
    Ok(())
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

//! Streams to arrays.

use crate::memory::{apart, fill, input, output, place, too_small};
use crate::report::{Failure, guard};
use crate::types::TolzipStatus;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ops::Range;
use tolzip::{Limits, Stream, with_dtype};

/// Decompresses a stream into `values`, in the machine's byte order, slow to fast.
///
/// `capacity` is the limit of what the stream may ask for: one that holds more values is refused as
/// TOLZIP_STATUS_BUFFER_TOO_SMALL before memory is got for them, with the bytes it takes in `*written`. Decoding takes, on each
/// thread, up to 24 bytes for each value of a chunk (48 of F64 and of integers of 32 and 64 bits) and the chunk itself where it is
/// not whole rows of the array; that may be 1 GiB, or `capacity` if it is more, before a stream is refused for it. If `values`
/// are not aligned to their type, as much memory as they take is used besides. `threads` is the most threads to work on; 0 stands
/// for all cores. What `values` hold after a failure is not specified.
///
/// # Safety
/// `stream` must be readable and unchanged during the call, `values` and `written` writable and untouched by anybody else.
/// Null pointers and overlapping buffers are refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tolzip_decompress(
    stream: *const c_void,
    stream_bytes: usize,
    values: *mut c_void,
    capacity: usize,
    written: *mut usize,
    threads: u32,
) -> TolzipStatus {
    guard(|| {
        let place_of_written = (written.cast_const().cast(), size_of::<usize>());
        apart((stream.cast(), stream_bytes), (values.cast_const().cast(), capacity))?;
        apart(place_of_written, (values.cast_const().cast(), capacity))?;
        apart((stream.cast(), stream_bytes), place_of_written)?;
        // SAFETY: the caller's promises are those of this function.
        let (bytes, out, written) = unsafe {
            let written = place(written, "written")?;
            written.write(0);
            (
                input(stream.cast(), stream_bytes, "stream")?,
                output(values.cast(), capacity, "values")?,
                written,
            )
        };
        let stream = Stream::open(bytes, Limits::bytes(capacity as u64))?;
        written.write(usize::try_from(stream.info().raw_bytes).unwrap_or(usize::MAX));
        let shape = stream.info().shape;
        let whole: Vec<_> = shape.sides().iter().map(|&side| 0..side).collect();
        decode(&stream, &whole, shape.len(), out, threads)
    })
}

/// Decompresses a box of the array into `values`, in the machine's byte order, slow to fast: along axis `d` the indices from
/// `start[d]` on, `count[d]` of them. `ndim` is the array's own number of dimensions. Only the chunks that the box touches are
/// read and checked.
///
/// Values that take more than `capacity` are refused as TOLZIP_STATUS_BUFFER_TOO_SMALL, with the bytes they take in `*written`.
/// `limit` is the most bytes of values that may be decoded at a time, the box and each whole chunk that it touches; 0 stands for
/// 4 GiB, and a stream that asks for more is refused as TOLZIP_STATUS_BUFFER_TOO_SMALL, too. `threads` is the most threads to
/// work on; 0 stands for all cores. What `values` hold after a failure is not specified.
///
/// # Safety
/// `stream`, `start` and `count` must be readable and unchanged during the call, `values` and `written` writable and untouched by
/// anybody else. Null pointers and overlapping buffers are refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tolzip_decompress_region(
    stream: *const c_void,
    stream_bytes: usize,
    start: *const usize,
    count: *const usize,
    ndim: usize,
    values: *mut c_void,
    capacity: usize,
    written: *mut usize,
    limit: u64,
    threads: u32,
) -> TolzipStatus {
    guard(|| {
        let Some(sides) = size_of::<usize>().checked_mul(ndim).filter(|_| ndim <= 8) else {
            return Err(Failure::argument("ndim is above 8"));
        };
        let place_of_written = (written.cast_const().cast(), size_of::<usize>());
        let inputs = [(stream.cast(), stream_bytes), (start.cast(), sides), (count.cast(), sides)];
        for input in inputs.into_iter().chain([place_of_written]) {
            apart(input, (values.cast_const().cast(), capacity))?;
        }
        for input in inputs {
            apart(input, place_of_written)?;
        }
        // SAFETY: the caller's promises are those of this function.
        let (bytes, first, lengths, out, written) = unsafe {
            let written = place(written, "written")?;
            written.write(0);
            (
                input(stream.cast(), stream_bytes, "stream")?,
                input(start.cast(), sides, "start")?,
                input(count.cast(), sides, "count")?,
                output(values.cast(), capacity, "values")?,
                written,
            )
        };
        let limits = if limit == 0 { Limits::default() } else { Limits::bytes(limit) };
        let stream = Stream::open(bytes, limits)?;
        let region = region(first, lengths)?;
        // All of it is checked before anything is decoded.
        let shape = stream.info().shape;
        if region.len() != shape.ndim() {
            return Err(Failure::argument("ndim is not that of the array"));
        }
        if region.iter().zip(shape.sides()).any(|(r, &side)| r.end > side) {
            return Err(Failure::argument("the region ends beyond the array"));
        }
        let values = region.iter().map(Range::len).product::<usize>();
        written.write(values.saturating_mul(stream.info().dtype.size()));
        decode(&stream, &region, values, out, threads)
    })
}

/// The box that starts and counts, numbers of C at any address, stand for.
fn region(start: &[u8], count: &[u8]) -> Result<Vec<Range<usize>>, Failure> {
    let numbers = |bytes: &[u8]| -> Vec<usize> {
        bytes.as_chunks().0.iter().map(|&number| usize::from_ne_bytes(number)).collect()
    };
    let ends = numbers(start).into_iter().zip(numbers(count));
    ends.map(|(start, count)| Some(start..start.checked_add(count)?))
        .collect::<Option<_>>()
        .ok_or_else(|| Failure::argument("start and count are beyond what an array may have"))
}

/// Decodes so many values of a box to the front of `out`: in place where their type allows it.
fn decode(
    stream: &Stream<'_>,
    region: &[Range<usize>],
    values: usize,
    out: &mut [MaybeUninit<u8>],
    threads: u32,
) -> Result<(), Failure> {
    with_dtype!(stream.info().dtype, T => {
        let (needed, capacity) = (values.saturating_mul(size_of::<T>()), out.len());
        let out = out.get_mut(..needed).ok_or_else(|| too_small(needed, capacity))?;
        if !out.as_ptr().cast::<T>().is_aligned() {
            let array = stream.region::<T>(region, threads as usize)?;
            let decoded = array.values();
            // SAFETY: numbers without padding, read as the bytes that they are.
            return fill(out, unsafe { core::slice::from_raw_parts(decoded.as_ptr().cast(), size_of_val(decoded)) });
        }
        // Decoders are handed values, which C's memory may not have yet.
        out.fill(MaybeUninit::new(0));
        // SAFETY: all bytes are written, as long as so many `T` are, aligned; every bit pattern is a value of each type.
        let out = unsafe { core::slice::from_raw_parts_mut(out.as_mut_ptr().cast::<T>(), values) };
        Ok(stream.region_into(region, out, threads as usize)?)
    })
}

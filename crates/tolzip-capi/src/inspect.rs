//! What a stream says about itself, before memory is got for it.

use crate::memory::{apart, input, place};
use crate::report::{Failure, guard};
use crate::types::{TolzipStatus, kind};
use core::ffi::c_void;
use tolzip::{Limits, Shape, Stream};

/// What a stream says about itself.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TolzipInfo {
    /// Bytes of the decompressed values: what `tolzip_decompress` needs room for.
    pub raw_bytes: u64,
    /// Bytes of the stream.
    pub compressed_bytes: u64,
    /// Number of chunks.
    pub chunks: u64,
    /// One of TolzipDtype.
    pub dtype: u32,
    /// Number of dimensions.
    pub ndim: u32,
    /// Sides, slow to fast; those beyond `ndim` are 1.
    pub shape: [u64; 8],
    /// One of TolzipBound: what was asked for.
    pub bound: u32,
    /// The bound's number; 0 if it has none.
    pub value: f64,
    /// The relative bound of the kinds that have two numbers, else 0.
    pub second: f64,
    /// The largest absolute error found when the stream was written.
    pub max_error: f64,
    /// Sides of a chunk; those beyond `ndim` are 1.
    pub chunk: [u64; 8],
    /// With `has_fill_value`, the number that stands for a missing value (of integers of 64 bits, the nearest `double`).
    pub fill_value: f64,
    /// Its bits, zero-extended.
    pub fill_bits: u64,
    /// 1 if there is a fill value, 0 if not.
    pub has_fill_value: u32,
    /// 1 if the indices of an axis have ranges and bounds of their own, 0 if not.
    pub has_axis: u32,
    /// With `has_axis`, the axis, counted from 0.
    pub axis: u32,
    /// Always 0.
    pub padding: u32,
    /// Zero; room for what later versions tell.
    pub reserved: [u64; 4],
}

/// Reads header and chunk table of a stream into `*info`. Allocates a few bytes for each chunk and no more. On
/// failure `*info` is left as it was.
///
/// # Safety
/// `stream` must be readable and unchanged during the call, `info` writable and untouched by anybody else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tolzip_inspect(
    stream: *const c_void,
    stream_bytes: usize,
    info: *mut TolzipInfo,
) -> TolzipStatus {
    guard(|| {
        apart((stream.cast(), stream_bytes), (info.cast_const().cast(), size_of::<TolzipInfo>()))?;
        // SAFETY: the caller's promises are those of this function.
        let (bytes, place) = unsafe { (input(stream.cast(), stream_bytes, "stream")?, place(info, "info")?) };
        let found = Stream::open(bytes, Limits::default())?.info();
        let sides = |of: Shape| {
            let mut sides = [1; 8];
            sides.iter_mut().zip(of.sides()).for_each(|(to, &from)| *to = from as u64);
            sides
        };
        let bound = kind(found.bound).ok_or_else(|| Failure {
            status: TolzipStatus::Unknown,
            message: format!("a {} bound, which this interface does not know", found.bound.kind()),
        })?;
        place.write(TolzipInfo {
            raw_bytes: found.raw_bytes,
            compressed_bytes: found.compressed_bytes,
            chunks: found.chunks as u64,
            dtype: found.dtype as u32,
            ndim: found.shape.ndim() as u32,
            shape: sides(found.shape),
            bound: bound as u32,
            value: found.bound.value().unwrap_or(0.0),
            second: found.bound.second().unwrap_or(0.0),
            max_error: found.max_error,
            chunk: sides(found.chunk),
            fill_value: found.fill_value.unwrap_or(0.0),
            fill_bits: found.fill_bits.unwrap_or(0),
            has_fill_value: found.fill_value.is_some().into(),
            has_axis: found.axis.is_some().into(),
            axis: found.axis.map_or(0, |axis| axis as u32),
            padding: 0,
            reserved: [0; 4],
        });
        Ok(())
    })
}

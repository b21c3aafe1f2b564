//! What a stream says about itself, before memory is got for it.

use crate::memory::{input, place};
use crate::report::{Failure, guard};
use crate::types::{TolzipStatus, kind};
use core::ffi::c_void;
use tolzip::{Limits, Stream};

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
}

/// Reads header and chunk table of a stream into `*info`. Allocates a few bytes for each chunk and no more.
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
        // SAFETY: the caller's promises are those of this function.
        let (bytes, place) = unsafe { (input(stream.cast(), stream_bytes, "stream")?, place(info, "info")?) };
        crate::memory::apart(
            (stream.cast(), stream_bytes),
            (place.as_ptr().cast(), size_of::<TolzipInfo>()),
        )?;
        let found = Stream::open(bytes, Limits::default())?.info();
        let mut shape = [1; 8];
        for (to, from) in shape.iter_mut().zip(found.shape.sides()) {
            *to = *from as u64;
        }
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
            shape,
            bound: bound as u32,
            value: found.bound.value().unwrap_or(0.0),
            second: found.bound.second().unwrap_or(0.0),
            max_error: found.max_error,
        });
        Ok(())
    })
}

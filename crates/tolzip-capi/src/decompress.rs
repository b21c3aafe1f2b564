//! Streams to arrays.

use crate::memory::{apart, fill, input, output, place};
use crate::report::guard;
use crate::types::TolzipStatus;
use core::ffi::c_void;
use tolzip::{Limits, Stream, with_any};

/// Decompresses a stream into `values`, in the machine's byte order, slow to fast.
///
/// `capacity` is the limit of what the stream may ask for: one that holds more values is refused as
/// TOLZIP_STATUS_BUFFER_TOO_SMALL before memory is got for them, with the bytes it takes in `*written`. As much memory again is
/// used while decoding. `threads` is the most threads to work on; 0 stands for all cores.
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
        let place = (written.as_ptr().cast(), size_of::<usize>());
        apart((stream.cast(), stream_bytes), (out.as_ptr().cast(), out.len()))?;
        apart(place, (out.as_ptr().cast(), out.len()))?;
        apart((stream.cast(), stream_bytes), place)?;
        let stream = Stream::open(bytes, Limits::bytes(capacity as u64))?;
        written.write(usize::try_from(stream.info().raw_bytes).unwrap_or(usize::MAX));
        let array = stream.decode_any(threads as usize)?;
        with_any!(&array, a => {
            let values = a.values();
            // SAFETY: numbers without padding, read as the bytes that they are.
            let bytes = unsafe { core::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(values)) };
            fill(out, bytes)
        })
    })
}

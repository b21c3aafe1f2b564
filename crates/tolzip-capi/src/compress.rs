//! Arrays to streams.

use crate::memory::{apart, fill, input, output, place};
use crate::report::{Failure, guard};
use crate::types::{TolzipStatus, bound};
use core::ffi::{CStr, c_char, c_void};
use tolzip::{Compressor, Element, Method, Scope, Shape, View, with_dtype};

/// How to compress. Begin with `tolzip_settings` and change what should differ.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TolzipSettings {
    /// A method as the command line spells it, such as "predict:level=2"; null lets tolzip choose.
    pub method: *const c_char,
    /// Sides of a chunk, as many as the array has; null for chunks of 16 million values.
    pub chunk: *const usize,
    /// The bound's number.
    pub value: f64,
    /// The relative bound of the kinds that have two numbers.
    pub second: f64,
    /// With `has_fill_value`, the number that stands for a missing value: it comes back exactly and is outside of every range.
    pub fill_value: f64,
    /// One of TolzipBound.
    pub bound: u32,
    /// 1 if there is a fill value, 0 if not.
    pub has_fill_value: u32,
    /// The axis whose indices have ranges and bounds of their own; -1 for one range of the whole array.
    pub axis: i32,
    /// The most threads to work on; 0 stands for all cores. The stream does not depend on it.
    pub threads: u32,
    /// Room for what later versions can be told; all zero.
    pub reserved: [u64; 4],
}

/// Settings of a bound, with everything else as most people want it: the method chosen automatically, one thread.
#[unsafe(no_mangle)]
pub extern "C" fn tolzip_settings(bound: u32, value: f64) -> TolzipSettings {
    TolzipSettings {
        method: core::ptr::null(),
        chunk: core::ptr::null(),
        value,
        second: 0.0,
        fill_value: 0.0,
        bound,
        has_fill_value: 0,
        axis: -1,
        threads: 1,
        reserved: [0; 4],
    }
}

/// The most bytes that an array of this type and shape can be compressed to, whatever its values are: a buffer of so many has
/// room for every stream of these settings. It is little more than the array itself takes.
///
/// `dtype`, `shape`, `ndim` and `settings` are as in `tolzip_compress`. Does not allocate what it tells.
///
/// # Safety
/// `shape` and what `settings` points to must be readable and unchanged during the call, `bytes` writable and untouched by anybody
/// else. Null pointers are refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tolzip_max_compressed_bytes(
    dtype: u32,
    shape: *const usize,
    ndim: usize,
    settings: *const TolzipSettings,
    bytes: *mut usize,
) -> TolzipStatus {
    guard(|| {
        // SAFETY: the caller's promises are those of this function.
        let (sides, compressor, bytes) = unsafe {
            let bytes = place(bytes, "bytes")?;
            bytes.write(0);
            (sides(shape, ndim)?, compressor(settings, ndim)?, bytes)
        };
        let dtype = crate::types::dtype(dtype).ok_or_else(|| Failure::argument("dtype is no TolzipDtype"))?;
        let most = compressor.max_compressed_bytes(sides, dtype)?;
        let most = usize::try_from(most).map_err(|_| tolzip::Error::OutOfMemory { bytes: most })?;
        bytes.write(most);
        Ok(())
    })
}

/// Compresses an array into `out`.
///
/// `values` are `values_bytes` bytes of type `dtype` (one of TolzipDtype) in the machine's byte order, aligned or not; `shape`
/// has `ndim` sides, slow to fast (C order). Without a `settings` pointer it is lossless. `*written` becomes the bytes of the
/// stream; if they don't fit in `capacity`, nothing is written to `out`, and the status is TOLZIP_STATUS_BUFFER_TOO_SMALL:
/// `tolzip_max_compressed_bytes` tells a capacity that always does.
/// Needs working memory of a few times the array's size (of one-byte types, eight times); no chunk takes more than the largest
/// ones do.
///
/// # Safety
/// `values`, `shape` and what `settings` points to must be readable and unchanged during the call, `out` and `written` writable and
/// untouched by anybody else. Null pointers and overlapping buffers are refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tolzip_compress(
    values: *const c_void,
    values_bytes: usize,
    dtype: u32,
    shape: *const usize,
    ndim: usize,
    settings: *const TolzipSettings,
    out: *mut c_void,
    capacity: usize,
    written: *mut usize,
) -> TolzipStatus {
    guard(|| {
        let place_of_written = (written.cast_const().cast(), size_of::<usize>());
        apart((values.cast(), values_bytes), (out.cast_const().cast(), capacity))?;
        apart(place_of_written, (out.cast_const().cast(), capacity))?;
        apart((values.cast(), values_bytes), place_of_written)?;
        // SAFETY: the caller's promises are those of this function.
        let (bytes, sides, out, written) = unsafe {
            let written = place(written, "written")?;
            written.write(0);
            let bytes = input(values.cast(), values_bytes, "values")?;
            (bytes, sides(shape, ndim)?, output(out.cast(), capacity, "out")?, written)
        };
        let dtype = crate::types::dtype(dtype).ok_or_else(|| Failure::argument("dtype is no TolzipDtype"))?;
        // SAFETY: as above.
        let compressor = unsafe { compressor(settings, ndim)? };
        let stream = with_dtype!(dtype, T => compress::<T>(&compressor, bytes, sides)?);
        written.write(stream.len());
        fill(out, &stream)
    })
}

fn compress<T: Element>(compressor: &Compressor, bytes: &[u8], shape: Shape) -> Result<Vec<u8>, Failure> {
    if shape.len().checked_mul(size_of::<T>()) != Some(bytes.len()) {
        return Err(Failure::argument(format!(
            "a {} array of shape {shape} has not {} bytes",
            T::DTYPE,
            bytes.len()
        )));
    }
    let copy;
    let values = if bytes.as_ptr().cast::<T>().is_aligned() {
        // SAFETY: aligned; as long as so many `T` are; every bit pattern is a value of each element type.
        unsafe { core::slice::from_raw_parts(bytes.as_ptr().cast(), shape.len()) }
    } else {
        copy = aligned::<T>(bytes, shape.len())?;
        &copy[..]
    };
    Ok(compressor.compress(View::new(values, shape)?)?)
}

/// A copy of values that stand at an address their type does not like.
fn aligned<T: Element>(bytes: &[u8], len: usize) -> Result<Vec<T>, Failure> {
    let mut copy: Vec<T> = Vec::new();
    copy.try_reserve_exact(len).map_err(|_| tolzip::Error::OutOfMemory { bytes: bytes.len() as u64 })?;
    for value in bytes.chunks_exact(size_of::<T>()) {
        // SAFETY: as many bytes as a `T` has, of any alignment; every bit pattern is a value of each element type.
        copy.push(unsafe { value.as_ptr().cast::<T>().read_unaligned() });
    }
    Ok(copy)
}

/// # Safety
/// A pointer that is not null must be readable for `ndim` sides, aligned or not.
unsafe fn sides(shape: *const usize, ndim: usize) -> Result<Shape, Failure> {
    let mut sides = [0; 8];
    let Some(sides) = sides.get_mut(..ndim) else {
        return Err(Failure::argument("ndim is above 8"));
    };
    if shape.is_null() && ndim > 0 {
        return Err(Failure::argument("shape is a null pointer"));
    }
    for (axis, side) in sides.iter_mut().enumerate() {
        // SAFETY: within the `ndim` sides that the caller promises.
        *side = unsafe { shape.add(axis).read_unaligned() };
    }
    Ok(Shape::new(sides)?)
}

/// # Safety
/// A pointer that is not null must be readable, and so what it points to: the text up to its zero, `ndim` sides of a chunk.
unsafe fn compressor(settings: *const TolzipSettings, ndim: usize) -> Result<Compressor, Failure> {
    let settings = if settings.is_null() {
        tolzip_settings(0, 0.0)
    } else {
        // SAFETY: readable, as the caller promises, aligned or not.
        unsafe { settings.read_unaligned() }
    };
    if settings.reserved != [0; 4] {
        return Err(Failure::argument("settings that this version does not know are not zero"));
    }
    let bound = bound(settings.bound, settings.value, settings.second)
        .ok_or_else(|| Failure::argument("bound is no TolzipBound"))?;
    let method = if settings.method.is_null() {
        Method::Auto
    } else {
        // SAFETY: text that ends with a zero, as the caller promises.
        let text = unsafe { CStr::from_ptr(settings.method) };
        let text = text.to_str().map_err(|_| Failure::argument("method is not UTF-8"))?;
        text.parse().map_err(|e| Failure::argument(format!("method {text:?}: {e}")))?
    };
    let mut compressor = Compressor::new(method, bound).threads(settings.threads as usize);
    if !settings.chunk.is_null() {
        // SAFETY: as many sides as the array has, as the caller promises.
        compressor = compressor.chunk(unsafe { sides(settings.chunk, ndim)? }.sides());
    }
    compressor = match settings.has_fill_value {
        0 => compressor,
        1 => compressor.fill_value(settings.fill_value),
        _ => return Err(Failure::argument("has_fill_value is neither 0 nor 1")),
    };
    match settings.axis {
        -1 => Ok(compressor),
        axis => {
            let axis = usize::try_from(axis).map_err(|_| Failure::argument("axis is below -1"))?;
            Ok(compressor.by(Scope::Axis(axis)))
        }
    }
}

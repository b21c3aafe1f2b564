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
    /// Sides of a chunk, as many as the array has, each at least 1 (along `axis` they become 1); null to leave that to tolzip.
    pub chunk: *const usize,
    /// The bound's number.
    pub value: f64,
    /// The relative bound of the kinds that have two numbers.
    pub second: f64,
    /// With `has_fill_value` 1, the number that stands for a missing value: it comes back exactly and is outside of every range.
    pub fill_value: f64,
    /// With `has_fill_value` 2, its bits, zero-extended: for integers of 64 bits, which are not all `double`.
    pub fill_bits: u64,
    /// One of TolzipBound.
    pub bound: u32,
    /// 0 if there is no fill value, 1 for `fill_value`, 2 for `fill_bits`.
    pub has_fill_value: u32,
    /// 1 if each index of `axis` shall have a range and a bound of its own, 0 for one range of the whole array.
    pub has_axis: u32,
    /// With `has_axis`, the axis, counted from 0.
    pub axis: u32,
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
        fill_bits: 0,
        bound,
        has_fill_value: 0,
        has_axis: 0,
        axis: 0,
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
        // SAFETY: the caller's promises are those of this function. Everything is read before anything is written.
        let (sides, compressor) = unsafe { (sides(shape, ndim)?, compressor(settings, ndim)?) };
        // SAFETY: as above.
        let bytes = unsafe { place(bytes, "bytes")? };
        bytes.write(0);
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
/// untouched by anybody else. Null pointers are refused, and an `out` that overlaps `values` or `written`.
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
        // SAFETY: the caller's promises are those of this function. Settings and shape are copied before anything is written.
        let (sides, compressor) = unsafe { (sides(shape, ndim)?, compressor(settings, ndim)?) };
        // SAFETY: as above; what is read and what is written were found to be apart.
        let (bytes, out, written) = unsafe {
            let written = place(written, "written")?;
            written.write(0);
            (input(values.cast(), values_bytes, "values")?, output(out.cast(), capacity, "out")?, written)
        };
        let dtype = crate::types::dtype(dtype).ok_or_else(|| Failure::argument("dtype is no TolzipDtype"))?;
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
    // SAFETY: as the caller promises.
    Ok(Shape::new(&unsafe { numbers(shape, ndim)? }[..ndim])?)
}

/// The first `ndim` of eight numbers, which are read.
///
/// # Safety
/// As [`sides`].
unsafe fn numbers(from: *const usize, ndim: usize) -> Result<[usize; 8], Failure> {
    let mut all = [0; 8];
    let Some(numbers) = all.get_mut(..ndim) else {
        return Err(Failure::argument("ndim is above 8"));
    };
    if from.is_null() && ndim > 0 {
        return Err(Failure::argument("shape is a null pointer"));
    }
    for (axis, number) in numbers.iter_mut().enumerate() {
        // SAFETY: within the `ndim` sides that the caller promises.
        *number = unsafe { from.add(axis).read_unaligned() };
    }
    Ok(all)
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
        let chunk = unsafe { numbers(settings.chunk, ndim)? };
        let chunk = &chunk[..ndim];
        if chunk.contains(&0) {
            return Err(Failure::argument("a chunk with a side of 0"));
        }
        compressor = compressor.chunk(chunk);
    }
    compressor = match settings.has_fill_value {
        0 => compressor,
        1 => compressor.fill_value(settings.fill_value),
        2 => compressor.fill_bits(settings.fill_bits),
        _ => return Err(Failure::argument("has_fill_value is none of 0, 1 and 2")),
    };
    match settings.has_axis {
        0 => Ok(compressor),
        1 => Ok(compressor.by(Scope::Axis(settings.axis as usize))),
        _ => Err(Failure::argument("has_axis is neither 0 nor 1")),
    }
}

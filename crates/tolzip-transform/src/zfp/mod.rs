//! zfp's streams: codec version 5, 64-bit words, as libzfp 1.0 writes and reads them.
//!
//! Whatever is finite and not tiny comes out byte for byte as libzfp's, and decodes to the same bits. The rest is
//! undefined behaviour in libzfp (a float too large for its integer, converted all the same); here it is defined, as
//! what libzfp does when compiled for x86-64, and never panics:
//! - A NaN is passed over when the block's exponent is sought; an infinity gives its block the exponent 0.
//! - Where a product with the block's scale does not fit the integer, the least integer stands for it. This happens to
//!   NaN, to infinities and their neighbours in the block, and to blocks whose largest magnitude is below `2^-98` (f32)
//!   or `2^-962` (f64), if the tolerance is small enough that they are coded at all.
//! - Reversible mode keeps all of these bit for bit, since it checks.
//!
//! libzfp's build options that change the stream (rounding modes, tight error, other word sizes) are off, as in its
//! own default build; integers as elements are not supported.
//!
//! Sources: P. Lindstrom, *Fixed-Rate Compressed Floating-Point Arrays*, IEEE TVCG 20 (2014); the zfp documentation;
//! behaviour of libzfp 1.0.

mod bits;
mod choose;
mod coder;
mod geometry;
mod header;
mod params;
mod stream;
mod tables;
mod wide;

pub use header::Header;
pub use params::{Mode, Params};

use alloc::vec::Vec;
pub(crate) use bits::{Reader, Writer};
use geometry::Geometry;
use tolzip_core::bytes::try_vec;
use tolzip_core::error::DecodeError;
use tolzip_core::{Element, Error, Float, Result, Shape};
use tolzip_simd::zfp::{Scalar, same, same_mut};

/// Compresses `values` (slow to fast, without gaps) to a zfp stream; `header` puts zfp's full header in front, without
/// which the reader must know type, shape and mode.
///
/// # Errors
/// [`Error::ShapeMismatch`]; [`Error::BadSetting`] for a shape that is not of one to four sides of at least 1 (and, with
/// a header, not beyond 2^48, 2^24, 2^16 or 2^12 a side in 1, 2, 3 or 4 dimensions); what [`Mode::params`] refuses.
pub fn encode<T: Float>(values: &[T], shape: Shape, mode: Mode, header: bool) -> Result<Vec<u8>> {
    let params = mode.params(T::DTYPE, shape.ndim())?;
    let mut out = Vec::new();
    let mut writer = Writer::new();
    if header {
        Header::new(T::DTYPE, shape, params)?.write(&mut writer);
    }
    encode_body(values, shape, params, &mut writer, &mut out)?;
    writer.finish(&mut out, 8);
    Ok(out)
}

/// Decompresses a stream that has no header. Bytes behind the stream's end are passed over, as libzfp does.
///
/// # Errors
/// As [`encode`], with `out` in the place of `values`, and [`DecodeError::Truncated`].
pub fn decode<T: Float>(bytes: &[u8], shape: Shape, mode: Mode, out: &mut [T]) -> Result<()> {
    let params = mode.params(T::DTYPE, shape.ndim())?;
    decode_body(&mut Reader::new(bytes), shape, params, out)
}

/// Decompresses a stream that begins with a full header, which [`Header::read`] shows.
///
/// # Errors
/// What [`Header::read`] finds wrong; [`Error::TypeMismatch`] if the stream holds another type;
/// [`DecodeError::Limit`], before anything is allocated, if the values need more than `limit` bytes;
/// [`DecodeError::Truncated`].
pub fn decode_with_header<T: Float>(bytes: &[u8], limit: u64) -> Result<(Vec<T>, Shape)> {
    let (header, mut reader) = Header::begin(bytes)?;
    if header.dtype() != T::DTYPE {
        return Err(Error::TypeMismatch { stored: header.dtype(), asked: T::DTYPE });
    }
    let needed = (header.shape().len() as u64).saturating_mul(T::DTYPE.size() as u64);
    if needed > limit {
        return Err(DecodeError::Limit { needed, limit }.into());
    }
    // Every block takes at least a bit: no memory for what can't be there.
    let least = Geometry::new(header.shape())?.blocks().div_ceil(8);
    if least > bytes.len() as u64 {
        return Err(Error::truncated(least, bytes.len() as u64));
    }
    let mut out = try_vec::<T>(header.shape().len())?;
    decode_body(&mut reader, header.shape(), header.params(), &mut out)?;
    Ok((out, header.shape()))
}

/// Runs an expression with the number of values a block as the constant `$n`.
macro_rules! for_blocks {
    ($n:ident = $ndim:expr => $body:expr) => {
        match $ndim {
            1 => {
                const $n: usize = 4;
                $body
            }
            2 => {
                const $n: usize = 16;
                $body
            }
            3 => {
                const $n: usize = 64;
                $body
            }
            _ => {
                const $n: usize = 256;
                $body
            }
        }
    };
}

/// Appends the blocks; what is left over of the last words stays in the writer.
pub(crate) fn encode_body<T: Float>(
    values: &[T],
    shape: Shape,
    params: Params,
    writer: &mut Writer,
    out: &mut Vec<u8>,
) -> Result<()> {
    fn typed<T: Scalar>(
        values: &[T],
        shape: Shape,
        params: Params,
        w: &mut Writer,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let geometry = Geometry::new(shape)?;
        if values.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
        }
        for_blocks!(N = shape.ndim() => stream::encode::<T, N>(values, &geometry, params, w, out));
        Ok(())
    }
    if let Some(values) = same::<T, f32>(values) {
        typed(values, shape, params, writer, out)
    } else if let Some(values) = same::<T, f64>(values) {
        typed(values, shape, params, writer, out)
    } else {
        Err(Error::TypeUnsupported { method: params::METHOD, dtype: T::DTYPE })
    }
}

/// Of fixed-accuracy parameters for the bound `e` and coarser ones, those that take the least if what misses the bound
/// is stored elsewhere.
pub(crate) fn coarsest<T: Float>(values: &[T], shape: Shape, params: Params, e: f64) -> Result<Params> {
    fn typed<T: Scalar>(values: &[T], shape: Shape, params: Params, e: f64) -> Result<Params> {
        let geometry = Geometry::new(shape)?;
        for_blocks!(N = shape.ndim() => choose::coarsest::<T, N>(values, &geometry, params, e))
    }
    if let Some(values) = same::<T, f32>(values) {
        return typed(values, shape, params, e);
    }
    match same::<T, f64>(values) {
        Some(values) => typed(values, shape, params, e),
        None => Err(Error::TypeUnsupported { method: params::METHOD, dtype: T::DTYPE }),
    }
}

/// Reads the blocks.
pub(crate) fn decode_body<T: Float>(
    reader: &mut Reader<'_>,
    shape: Shape,
    params: Params,
    out: &mut [T],
) -> Result<()> {
    fn typed<T: Scalar>(r: &mut Reader<'_>, shape: Shape, params: Params, out: &mut [T]) -> Result<()> {
        let geometry = Geometry::new(shape)?;
        if out.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: out.len() as u64 });
        }
        for_blocks!(N = shape.ndim() => stream::decode::<T, N>(r, &geometry, params, out))
    }
    if let Some(out) = same_mut::<T, f32>(out) {
        return typed(reader, shape, params, out);
    }
    match same_mut::<T, f64>(out) {
        Some(out) => typed(reader, shape, params, out),
        None => Err(Error::TypeUnsupported { method: params::METHOD, dtype: T::DTYPE }),
    }
}

/// Bits of a type's exponent field.
pub(crate) const fn exponent_bits<T: Float>() -> u32 {
    <T as Float>::EXPONENT_BITS
}

/// Bits a value.
pub(crate) fn width<T: Element>() -> u32 {
    8 * T::DTYPE.size() as u32
}

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
//! Integers (i32 and i64) are transformed as they are. Lossy modes need two bits to spare, as in libzfp: values from -2^30
//! up to 2^30 - 1 (i32), or -2^62 up to 2^62 - 1; beyond, sums wrap around and other values come back. Reversible mode
//! takes all of them. A tolerance means nothing for integers: all their bit planes are coded.
//!
//! libzfp's build options that change the stream (rounding modes, tight error, other word sizes) are off, as in its
//! own default build.
//!
//! Sources: P. Lindstrom, *Fixed-Rate Compressed Floating-Point Arrays*, IEEE TVCG 20 (2014); the zfp documentation;
//! behaviour of libzfp 1.0.

mod bits;
pub(crate) mod check;
mod choose;
mod coder;
mod geometry;
mod header;
mod lines;
mod params;
pub(crate) mod stream;
mod tables;
mod wide;

pub use header::{Header, Parts};
pub use params::{Mode, Params};

use crate::context;
use alloc::vec::Vec;
pub(crate) use bits::{Reader, Writer};
use check::Found;
pub(crate) use geometry::Geometry;
use tolzip_core::bytes::try_vec;
use tolzip_core::error::DecodeError;
use tolzip_core::{AnyArray, Array, DType, Element, Error, Float, Result, Shape, View};
use tolzip_simd::zfp::{Scalar, same, same_mut};

/// Compresses an array to a zfp stream. `parts` says how much of zfp's header goes in front; who reads a stream without all
/// of it must know the rest.
///
/// ```
/// use tolzip_core::{Shape, View};
/// use tolzip_transform::zfp::{Mode, Parts, decode, encode};
///
/// let field: Vec<f64> = (0..4096).map(|i| (i as f64 * 0.01).sin()).collect();
/// let view = View::new(&field, Shape::new(&[16, 16, 16])?)?;
/// let stream = encode(view, Mode::Accuracy(1e-3), Parts::FULL)?;
/// assert!(stream.len() < 4096 * 8 / 4);
/// let back = decode::<f64>(&stream, 4096 * 8)?;
/// assert!(field.iter().zip(back.values()).all(|(x, y)| (x - y).abs() <= 1e-3));
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::BadSetting`] for a shape that has not one to four sides of at least 1 (and, with its part of the header, not
/// beyond 2^48, 2^24, 2^16 or 2^12 a side in 1, 2, 3 or 4 dimensions); what [`Mode::params`] refuses.
pub fn encode<T: Element>(values: View<'_, T>, mode: Mode, parts: Parts) -> Result<Vec<u8>> {
    let header = Header::new(T::DTYPE, values.shape(), mode)?;
    let mut out = Vec::new();
    let mut writer = Writer::new();
    header.write(parts, &mut writer)?;
    let geometry = Geometry::strided(values.shape(), values.strides())?;
    encode_geometry(values.storage(), &geometry, header.params(), &mut writer, &mut out)?;
    writer.finish(&mut out, 8);
    Ok(out)
}

/// Decompresses a stream that begins with a full header, which [`Header::read`] shows. Bytes behind the stream's end are
/// passed over, as libzfp does.
///
/// ```
/// use tolzip_core::error::DecodeError;
/// use tolzip_core::{Error, Shape, View};
/// use tolzip_transform::zfp::{Mode, Parts, decode, encode};
///
/// let view = View::new(&[1, 2, 3, -4], Shape::line(4))?;
/// let stream = encode::<i32>(view, Mode::Reversible, Parts::FULL)?;
/// assert_eq!(decode::<i32>(&stream, 16)?.values(), [1, 2, 3, -4]);
/// assert_eq!(decode::<i32>(&stream, 15), Err(Error::Decode(DecodeError::Limit { needed: 16, limit: 15 })));
/// assert!(matches!(decode::<f32>(&stream, 16), Err(Error::TypeMismatch { .. })));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// What [`Header::read`] finds wrong; [`Error::TypeMismatch`] if the stream holds another type;
/// [`DecodeError::Limit`], before anything is allocated, if the values need more than `limit` bytes;
/// [`DecodeError::Truncated`].
pub fn decode<T: Element>(bytes: &[u8], limit: u64) -> Result<Array<T>> {
    let (header, mut reader) = Header::begin(bytes)?;
    header.check_type::<T>()?;
    let needed = (header.shape().len() as u64).saturating_mul(T::DTYPE.size() as u64);
    if needed > limit {
        return Err(DecodeError::Limit { needed, limit }.into());
    }
    // No memory for what can't be there.
    let least = header.least_bytes()?;
    if least > bytes.len() as u64 {
        return Err(Error::truncated(least, bytes.len() as u64));
    }
    let mut out = try_vec::<T>(header.shape().len())?;
    decode_body(&mut reader, header.shape(), header.params(), &mut out)?;
    Array::new(out, header.shape())
}

/// As [`decode`], whatever the type.
///
/// ```
/// use tolzip_core::{DType, Shape, View};
/// use tolzip_transform::zfp::{Mode, Parts, decode_any, encode};
///
/// let stream = encode(View::new(&[1i64, -2], Shape::line(2))?, Mode::Reversible, Parts::FULL)?;
/// assert_eq!(decode_any(&stream, 1 << 20)?.dtype(), DType::I64);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// As [`decode`].
pub fn decode_any(bytes: &[u8], limit: u64) -> Result<AnyArray> {
    Ok(match Header::read(bytes)?.dtype() {
        DType::F32 => decode::<f32>(bytes, limit)?.into(),
        DType::F64 => decode::<f64>(bytes, limit)?.into(),
        DType::I32 => decode::<i32>(bytes, limit)?.into(),
        _ => decode::<i64>(bytes, limit)?.into(),
    })
}

/// Decompresses a stream with these `parts` of a header into `out`; what they leave out is as in `known`. Value (i, j, ...)
/// goes to `i * strides[0] + j * strides[1] + ...`; without strides there are no gaps.
///
/// ```
/// use tolzip_core::{DType, Shape, View};
/// use tolzip_transform::zfp::{Header, Mode, Parts, decode_into, encode};
///
/// let shape = Shape::new(&[2, 3])?;
/// let view = View::new(&[1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0], shape)?;
/// let bare = encode(view, Mode::Reversible, Parts::NONE)?;
///
/// // Into the first three columns of a wider table.
/// let known = Header::new(DType::F32, shape, Mode::Reversible)?;
/// let mut table = [0.0f32; 8];
/// decode_into(&bare, known, Parts::NONE, &mut table, Some(&[4, 1]))?;
/// assert_eq!(table, [1.0, 2.0, 3.0, 0.0, 4.0, 5.0, 6.0, 0.0]);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
///
/// # Errors
/// What [`Header::read_parts`] finds wrong; [`Error::TypeMismatch`]; [`Error::ShapeMismatch`] if a value has no place in
/// `out`, or, without strides, a place no value; [`DecodeError::Truncated`].
pub fn decode_into<T: Element>(
    bytes: &[u8],
    known: Header,
    parts: Parts,
    out: &mut [T],
    strides: Option<&[usize]>,
) -> Result<()> {
    let (header, mut reader) = known.begin_parts(bytes, parts)?;
    header.check_type::<T>()?;
    let Some(strides) = strides else {
        return decode_body(&mut reader, header.shape(), header.params(), out);
    };
    View::strided(out, header.shape(), strides)?;
    let geometry = Geometry::strided(header.shape(), strides)?;
    decode_geometry(&mut reader, &geometry, header.params(), out)
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

/// Runs an expression with the values `$v` as what they are: f32, f64, i32 or i64.
macro_rules! for_types {
    ($same:ident($v:ident): $t:ident => $body:expr) => {
        if let Some($v) = $same::<$t, f32>($v) {
            $body
        } else if let Some($v) = $same::<$t, f64>($v) {
            $body
        } else if let Some($v) = $same::<$t, i32>($v) {
            $body
        } else if let Some($v) = $same::<$t, i64>($v) {
            $body
        } else {
            Err(Error::TypeUnsupported { method: params::METHOD, dtype: $t::DTYPE })
        }
    };
}

/// Appends the blocks of values without gaps; what is left over of the last words stays in the writer.
pub(crate) fn encode_body<T: Element>(
    values: &[T],
    shape: Shape,
    params: Params,
    writer: &mut Writer,
    out: &mut Vec<u8>,
) -> Result<()> {
    if values.len() != shape.len() {
        return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
    }
    encode_geometry(values, &Geometry::new(shape)?, params, writer, out)
}

fn encode_geometry<T: Element>(
    values: &[T],
    geometry: &Geometry,
    params: Params,
    writer: &mut Writer,
    out: &mut Vec<u8>,
) -> Result<()> {
    fn typed<T: Scalar>(v: &[T], g: &Geometry, params: Params, w: &mut Writer, out: &mut Vec<u8>) {
        for_blocks!(N = g.ndim() => stream::encode::<T, N>(v, g, params, w, out));
    }
    for_types!(same(values): T => {
        typed(values, geometry, params, writer, out);
        Ok(())
    })
}

/// As [`encode_body`] of fixed accuracy, and tells where decoding will miss the absolute bound; `None` if in too many places.
pub(crate) fn encode_checked<T: Float>(
    values: &[T],
    shape: Shape,
    params: Params,
    bound: f64,
    writer: &mut Writer,
    out: &mut Vec<u8>,
) -> Result<Option<Found>> {
    fn typed<T: Scalar>(
        v: &[T],
        g: &Geometry,
        params: Params,
        bound: f64,
        w: &mut Writer,
        out: &mut Vec<u8>,
    ) -> Option<Found> {
        for_blocks!(N = g.ndim() => stream::encode_checked::<T, N>(v, g, params, bound, w, out))
    }
    let geometry = Geometry::new(shape)?;
    for_types!(same(values): T => Ok(typed(values, &geometry, params, bound, writer, out)))
}

/// Of fixed-accuracy parameters for the bound `e` and coarser ones, those that take the least if what misses the bound
/// is stored elsewhere.
pub(crate) fn coarsest<T: Float>(values: &[T], shape: Shape, params: Params, e: f64) -> Result<Params> {
    fn typed<T: Scalar>(v: &[T], g: &Geometry, params: Params, e: f64) -> Result<Params> {
        Ok(for_blocks!(N = g.ndim() => choose::coarsest::<T, N>(v, g, params, e)))
    }
    let geometry = Geometry::new(shape)?;
    for_types!(same(values): T => typed(values, &geometry, params, e))
}

/// Reads the blocks of values without gaps.
pub(crate) fn decode_body<T: Element>(
    reader: &mut Reader<'_>,
    shape: Shape,
    params: Params,
    out: &mut [T],
) -> Result<()> {
    if out.len() != shape.len() {
        return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: out.len() as u64 });
    }
    decode_geometry(reader, &Geometry::new(shape)?, params, out)
}

fn decode_geometry<T: Element>(
    reader: &mut Reader<'_>,
    geometry: &Geometry,
    params: Params,
    out: &mut [T],
) -> Result<()> {
    fn typed<T: Scalar>(r: &mut Reader<'_>, g: &Geometry, params: Params, out: &mut [T]) -> Result<()> {
        for_blocks!(N = g.ndim() => stream::decode::<T, N>(r, g, params, out))
    }
    params.check(T::DTYPE)?;
    for_types!(same_mut(out): T => typed(reader, geometry, params, out))
}

/// Appends values without gaps, cut as zfp's fixed accuracy would, with their coefficients entropy-coded. With an absolute bound,
/// tells where decoding will miss it; `None` without, or if in too many places.
pub(crate) fn encode_context<T: Element>(
    values: &[T],
    shape: Shape,
    params: Params,
    bound: Option<f64>,
    out: &mut Vec<u8>,
) -> Result<Option<Found>> {
    fn typed<T: Scalar>(
        v: &[T],
        g: &Geometry,
        params: Params,
        bound: Option<f64>,
        out: &mut Vec<u8>,
    ) -> Option<Found> {
        for_blocks!(N = g.ndim() => {
            let mut checker = bound.map(|bound| check::Checker::<T, N>::new(g, params, bound, v.len()));
            context::encode::<T, N>(v, g, params, checker.as_mut(), out);
            checker.and_then(check::Checker::finish)
        })
    }
    if values.len() != shape.len() {
        return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
    }
    let geometry = Geometry::new(shape)?;
    for_types!(same(values): T => Ok(typed(values, &geometry, params, bound, out)))
}

/// The inverse of [`encode_context`].
pub(crate) fn decode_context<T: Element>(
    bytes: &[u8],
    shape: Shape,
    params: Params,
    out: &mut [T],
) -> Result<()> {
    fn typed<T: Scalar>(bytes: &[u8], g: &Geometry, params: Params, out: &mut [T]) -> Result<()> {
        for_blocks!(N = g.ndim() => context::decode::<T, N>(bytes, g, params, out))
    }
    if out.len() != shape.len() {
        return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: out.len() as u64 });
    }
    let geometry = Geometry::new(shape)?;
    for_types!(same_mut(out): T => typed(bytes, &geometry, params, out))
}

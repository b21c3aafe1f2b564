//! From a chunk's bytes to values.

use crate::causal_chunk::accumulate;
use crate::codec::{Predicted, VERSION, kind};
use crate::interp_chunk::interpolate;
use tolzip_core::bytes::Reader;
use tolzip_core::{Error, Float, Result, Shape, Word};
use tolzip_simd::rows::Work;

/// The next value, as it is.
pub(crate) fn word<T: Float>(reader: &mut Reader<'_>) -> Result<T> {
    let mut bytes = [0; 8];
    bytes[..size_of::<T>()].copy_from_slice(reader.take(size_of::<T>())?);
    Ok(T::from_bits(T::Bits::from_u64(u64::from_le_bytes(bytes))))
}

pub(crate) fn decode<T: Predicted>(bytes: &[u8], shape: Shape, out: &mut [T]) -> Result<()>
where
    f64: Work<T>,
{
    if out.len() != shape.len() {
        return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: out.len() as u64 });
    }
    let mut reader = Reader::new(bytes);
    if reader.u8()? != VERSION {
        return Err(Error::corrupt("an unknown version of the prediction codec"));
    }
    let head = reader.u8()?;
    let wide = head & kind::WIDE != 0;
    if wide && T::MANTISSA_BITS == 52 {
        return Err(Error::corrupt("an unknown kind of chunk"));
    }
    match head & 0x0f {
        kind::VERBATIM if head == kind::VERBATIM => {
            for v in out {
                *v = word(&mut reader)?;
            }
            reader.finish()
        }
        kind::CONSTANT if head == kind::CONSTANT => {
            out.fill(word(&mut reader)?);
            reader.finish()
        }
        _ if out.is_empty() => Err(Error::corrupt("an empty chunk with a predictor")),
        kind::INTERPOLATION if head & kind::OFFSET == 0 => {
            if wide {
                interpolate::<T, f64>(reader, shape.folded(), head, out)
            } else {
                interpolate::<T, T::Native>(reader, shape.folded(), head, out)
            }
        }
        kind::CAUSAL => {
            if wide {
                accumulate::<T, f64>(reader, shape.folded(), head, out)
            } else {
                accumulate::<T, T::Native>(reader, shape.folded(), head, out)
            }
        }
        _ => Err(Error::corrupt("an unknown kind of chunk")),
    }
}

//! One chunk's bytes to values.

use super::{logarithm, patches, scaled};
use crate::codec::store::from_le_bytes;
use crate::codec::{self, id};
use tolzip_core::bytes::try_vec;
use tolzip_core::error::DecodeError;
use tolzip_core::frame::{Envelope, chunk::ChunkBound};
use tolzip_core::{Element, Float, Result, Shape};

/// Decodes a chunk into `out`, whose length is `shape.len()`, and says what the chunk promises.
pub(crate) fn decode<T: Element>(bytes: &[u8], shape: Shape, out: &mut [T]) -> Result<Option<ChunkBound>> {
    debug_assert_eq!(out.len(), shape.len());
    let chunk = Envelope::read(bytes)?;
    if chunk.codec == id::CONSTANT {
        let mut one = [T::default()];
        from_le_bytes(chunk.payload, &mut one)?;
        out.fill(one[0]);
    } else if let Some(codec) = codec::exact_by_id::<T>(chunk.codec) {
        codec.decode(chunk.payload, shape, out)?;
    } else if let Some(carriers) = T::as_carriers_mut(out) {
        decode_carriers(&chunk, shape, carriers)?;
    } else {
        let mut carriers = try_vec::<T::Carrier>(out.len())?;
        decode_carriers(&chunk, shape, &mut carriers)?;
        for (slot, x) in out.iter_mut().zip(carriers) {
            *slot = T::from_carrier(x);
        }
    }
    for section in [chunk.corrections, chunk.specials].into_iter().flatten() {
        patches::apply(section, out)?;
    }
    Ok(chunk.bound)
}

/// Decodes the payload of a codec that works on f32 or f64.
fn decode_carriers<C: Float>(chunk: &Envelope<'_>, shape: Shape, out: &mut [C]) -> Result<()> {
    if chunk.codec == id::LOGARITHM {
        return logarithm::decode(chunk.payload, shape, out);
    }
    if chunk.codec == id::SCALED {
        return scaled::decode(chunk.payload, shape, out);
    }
    match codec::lossy_by_id::<C>(chunk.codec) {
        Some(codec) => codec.decode(chunk.payload, shape, out),
        None => Err(DecodeError::UnknownCodec { id: chunk.codec }.into()),
    }
}

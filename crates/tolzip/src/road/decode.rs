//! One chunk's bytes to values.

use super::patches;
use crate::codec::store::from_le_bytes;
use crate::codec::{self, id};
use tolzip_core::bytes::try_vec;
use tolzip_core::error::DecodeError;
use tolzip_core::frame::{Envelope, chunk::ChunkBound};
use tolzip_core::{Element, Result, Shape};

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
    } else if let Some(codec) = codec::lossy_by_id::<T::Carrier>(chunk.codec) {
        if let Some(carriers) = T::as_carriers_mut(out) {
            codec.decode(chunk.payload, shape, carriers)?;
        } else {
            let mut carriers = try_vec::<T::Carrier>(out.len())?;
            codec.decode(chunk.payload, shape, &mut carriers)?;
            for (slot, x) in out.iter_mut().zip(carriers) {
                *slot = T::from_carrier(x);
            }
        }
    } else {
        return Err(DecodeError::UnknownCodec { id: chunk.codec }.into());
    }
    for section in [chunk.corrections, chunk.specials].into_iter().flatten() {
        patches::apply(section, out)?;
    }
    Ok(chunk.bound)
}

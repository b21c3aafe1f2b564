//! What a chunk says of itself before its coded values, for people.

use super::{logarithm, patches, scaled};
use crate::codec::store::from_le_bytes;
use crate::codec::{self, id};
use alloc::string::ToString;
use tolzip_core::error::DecodeError;
use tolzip_core::frame::Envelope;
use tolzip_core::{Element, Fields, Float, Result, Shape};

/// The fields of a chunk's payload and of the sections beside it, in the order in which they stand. What has to be decompressed
/// for it may have `limit` bytes.
pub(crate) fn describe<T: Element>(bytes: &[u8], shape: Shape, limit: usize) -> Result<Fields> {
    let chunk = Envelope::read(bytes)?;
    let mut fields = Fields::new();
    for (name, section) in [("specials", chunk.specials), ("corrections", chunk.corrections)] {
        if let Some(section) = section {
            fields.push((name, patches::describe(section, shape.len(), limit)?));
        }
    }
    fields.extend(match chunk.codec {
        id::CONSTANT => {
            let mut one = [T::default()];
            from_le_bytes(chunk.payload, &mut one)?;
            [("value", one[0].to_f64().to_string())].into()
        }
        id::LOGARITHM => logarithm::describe(chunk.payload, shape)?,
        id::SCALED => scaled::describe::<T::Carrier>(chunk.payload, shape)?,
        number => match codec::exact_by_id::<T>(number) {
            Some(codec) => codec.describe(chunk.payload, shape)?,
            None => inner::<T::Carrier>(number, chunk.payload, shape)?,
        },
    });
    Ok(fields)
}

/// The fields of a codec that works on f32 or f64.
pub(crate) fn inner<C: Float>(number: u8, payload: &[u8], shape: Shape) -> Result<Fields> {
    let codec = codec::lossy_by_id::<C>(number).ok_or(DecodeError::UnknownCodec { id: number })?;
    codec.describe(payload, shape)
}

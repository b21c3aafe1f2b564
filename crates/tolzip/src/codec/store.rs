//! The values as they are, little-endian.

use alloc::vec::Vec;
use tolzip_core::{Codec, Element, Encoded, Error, Result, Shape, Target, Word};

/// Stores the values as they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Store;

impl<T: Element> Codec<T> for Store {
    fn encode(&self, values: &[T], _: Shape, _: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        put_le_bytes(values, out);
        Ok(Encoded::Verified { max_error: 0.0 })
    }

    fn decode(&self, bytes: &[u8], _: Shape, out: &mut [T]) -> Result<()> {
        from_le_bytes(bytes, out)
    }
}

/// Appends the values' bytes, little-endian.
pub(crate) fn put_le_bytes<T: Element>(values: &[T], out: &mut Vec<u8>) {
    let width = <T::Bits as Word>::BYTES;
    let begin = out.len();
    out.resize(begin + size_of_val(values), 0);
    for (place, v) in out[begin..].chunks_exact_mut(width).zip(values) {
        place.copy_from_slice(&v.to_bits().to_u64().to_le_bytes()[..width]);
    }
}

/// Fills `out` from little-endian bytes of exactly its size.
pub(crate) fn from_le_bytes<T: Element>(bytes: &[u8], out: &mut [T]) -> Result<()> {
    let width = <T::Bits as Word>::BYTES;
    if bytes.len() != size_of_val(out) {
        return Err(Error::truncated(size_of_val(out) as u64, bytes.len() as u64));
    }
    for (slot, b) in out.iter_mut().zip(bytes.chunks_exact(width)) {
        let mut word = [0; 8];
        word[..width].copy_from_slice(b);
        *slot = T::from_bits(T::Bits::from_u64(u64::from_le_bytes(word)));
    }
    Ok(())
}

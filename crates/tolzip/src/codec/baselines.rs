//! General-purpose compressors by other people, to compare with: they see nothing but little-endian bytes.

use super::store::{from_le_bytes, put_le_bytes};
use alloc::vec::Vec;
use tolzip_core::bytes::try_vec;
use tolzip_core::{Codec, Element, Encoded, Error, Result, Shape, Target};

/// Deflate (RFC 1951) by `miniz_oxide`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deflate {
    /// 0 (store) to 9 (smallest).
    pub level: u8,
}

impl Default for Deflate {
    fn default() -> Self {
        Self { level: 6 }
    }
}

impl<T: Element> Codec<T> for Deflate {
    fn encode(&self, values: &[T], _: Shape, _: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        let mut raw = Vec::new();
        put_le_bytes(values, &mut raw);
        out.extend_from_slice(&miniz_oxide::deflate::compress_to_vec(&raw, self.level));
        Ok(Encoded::Verified { max_error: 0.0 })
    }

    fn decode(&self, bytes: &[u8], _: Shape, out: &mut [T]) -> Result<()> {
        let raw = miniz_oxide::inflate::decompress_to_vec_with_limit(bytes, size_of_val(out))
            .map_err(|_| Error::corrupt("not a deflate stream of this chunk"))?;
        from_le_bytes(&raw, out)
    }
}

/// LZ4's block format by `lz4_flex`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lz4;

impl<T: Element> Codec<T> for Lz4 {
    fn encode(&self, values: &[T], _: Shape, _: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        let mut raw = Vec::new();
        put_le_bytes(values, &mut raw);
        out.extend_from_slice(&lz4_flex::block::compress(&raw));
        Ok(Encoded::Verified { max_error: 0.0 })
    }

    fn decode(&self, bytes: &[u8], _: Shape, out: &mut [T]) -> Result<()> {
        let mut raw = try_vec::<u8>(size_of_val(out))?;
        let n = lz4_flex::block::decompress_into(bytes, &mut raw)
            .map_err(|_| Error::corrupt("not an LZ4 block of this chunk"))?;
        from_le_bytes(&raw[..n], out)
    }
}

//! Words as planes of bytes: all lowest bytes, then all second ones, and so on, each coded by itself.

use crate::bytes;
use crate::lane::Lane;
use alloc::vec::Vec;
use tolzip_core::Result;
use tolzip_core::bytes::{Reader, put_prefixed, try_vec};

/// Appends the planes of `words`, lowest first.
pub(crate) fn encode<W: Lane>(words: &[W], out: &mut Vec<u8>) {
    let mut plane = Vec::with_capacity(words.len());
    let mut coded = Vec::new();
    for byte in 0..W::BYTES as u32 {
        plane.clear();
        plane.extend(words.iter().map(|w| w.shr(8 * byte).to_u64() as u8));
        coded.clear();
        bytes::encode_block(&plane, &mut coded);
        put_prefixed(out, &coded);
    }
}

/// Decodes what [`encode`] appended into `words`.
///
/// # Errors
/// If the bytes are no such planes.
pub(crate) fn decode<W: Lane>(bytes: &[u8], words: &mut [W]) -> Result<()> {
    let mut reader = Reader::new(bytes);
    let mut plane: Vec<u8> = try_vec(words.len())?;
    words.fill(W::default());
    for byte in 0..W::BYTES as u32 {
        bytes::decode_block(reader.prefixed()?, &mut plane)?;
        for (w, &b) in words.iter_mut().zip(&plane) {
            *w = *w ^ W::from_u64(u64::from(b)).shl(8 * byte);
        }
    }
    reader.finish()
}

//! Byte strings: masks, tables, anything without a shape.

use alloc::vec::Vec;
use tolzip_core::Error;
use tolzip_core::Result;
use tolzip_core::bytes::{Reader, put_leb128, try_vec};
use tolzip_core::error::DecodeError;
use tolzip_entropy::rans;

const CONSTANT: u8 = 0;
const RAW: u8 = 1;
const RANS: u8 = 2;

/// The string, compressed; at most 11 bytes longer than it was.
#[must_use]
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_leb128(&mut out, bytes.len() as u64);
    encode_block(bytes, &mut out);
    out
}

/// What [`compress`] was given.
///
/// # Errors
/// [`DecodeError::Limit`] if the string has more than `limit` bytes; otherwise if `bytes` is no compressed string.
pub fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    let needed = reader.leb128()?;
    let n = match usize::try_from(needed) {
        Ok(n) if n <= limit => n,
        _ => return Err(DecodeError::Limit { needed, limit: limit as u64 }.into()),
    };
    let mut out = try_vec(n)?;
    decode_block(reader.rest(), &mut out)?;
    Ok(out)
}

/// Appends a string whose length the reader knows; at most one byte longer.
pub(crate) fn encode_block(bytes: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    match bytes.first() {
        Some(&first) if bytes.iter().all(|&b| b == first) => {
            out.extend_from_slice(&[CONSTANT, first]);
            return;
        }
        Some(_) if bytes.len() > 32 => {
            out.push(RANS);
            rans::encode_bytes(bytes, out);
            if out.len() - begin <= bytes.len() {
                return;
            }
        }
        _ => {}
    }
    out.truncate(begin);
    out.push(RAW);
    out.extend_from_slice(bytes);
}

/// Decodes what [`encode_block`] appended, which must fill `bytes`, into all of `out`.
///
/// # Errors
/// If the bytes are no such string.
pub(crate) fn decode_block(bytes: &[u8], out: &mut [u8]) -> Result<()> {
    let mut reader = Reader::new(bytes);
    match reader.u8()? {
        CONSTANT => {
            out.fill(reader.u8()?);
            reader.finish()
        }
        RAW => {
            out.copy_from_slice(reader.take(out.len())?);
            reader.finish()
        }
        RANS => rans::decode_bytes(reader.rest(), out),
        _ => Err(Error::corrupt("an unknown coding of bytes")),
    }
}

//! The strings of an LZ stream: all alike, as they are, or by rANS, whichever is shortest.

use crate::rans;
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, try_vec};
use tolzip_core::{Error, Result};

const CONSTANT: u8 = 0;
const RAW: u8 = 1;
const RANS: u8 = 2;

pub(super) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    if let Some(&first) = bytes.first()
        && bytes.iter().all(|&b| b == first)
    {
        out.extend_from_slice(&[CONSTANT, first]);
        return;
    }
    if bytes.len() > 32 {
        out.push(RANS);
        rans::encode_bytes(bytes, out);
        if out.len() - begin <= bytes.len() {
            return;
        }
        out.truncate(begin);
    }
    out.push(RAW);
    out.extend_from_slice(bytes);
}

/// The `n` bytes that were encoded.
pub(super) fn decode(bytes: &[u8], n: usize) -> Result<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    let mut out = try_vec(n)?;
    match reader.u8()? {
        CONSTANT => {
            out.fill(reader.u8()?);
            reader.finish()?;
        }
        RAW => {
            out.copy_from_slice(reader.take(n)?);
            reader.finish()?;
        }
        RANS => rans::decode_bytes(reader.rest(), &mut out)?,
        _ => return Err(Error::corrupt("an unknown coding of bytes")),
    }
    Ok(out)
}

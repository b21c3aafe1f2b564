//! The blocks' heads: few different bytes, coded by their frequencies where that pays.

use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, try_vec};
use tolzip_core::{Error, Result};
use tolzip_entropy::rans;

const PLAIN: u8 = 0;
const RANS: u8 = 1;
const ONE: u8 = 2;

/// What a kind of heads is called.
pub(crate) fn name(kind: u8) -> Result<&'static str> {
    Ok(match kind {
        PLAIN => "plain",
        RANS => "rANS",
        ONE => "one",
        _ => return Err(Error::corrupt("an unknown kind of heads")),
    })
}

/// Appends the heads, whose number the reader knows; nothing may follow.
pub(crate) fn write(heads: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    match heads.first() {
        Some(&first) if heads.iter().all(|&h| h == first) => return out.extend_from_slice(&[ONE, first]),
        Some(_) if heads.len() > 32 => {
            out.push(RANS);
            rans::encode_bytes(heads, out);
            if out.len() - begin <= heads.len() {
                return;
            }
        }
        _ => {}
    }
    out.truncate(begin);
    out.push(PLAIN);
    out.extend_from_slice(heads);
}

/// Reads `n` heads to the end of the bytes.
pub(crate) fn read(mut reader: Reader<'_>, n: usize) -> Result<Vec<u8>> {
    let kind = reader.u8()?;
    let mut heads = try_vec(n)?;
    match kind {
        PLAIN => heads.copy_from_slice(reader.take(n)?),
        ONE => heads.fill(reader.u8()?),
        RANS => {
            rans::decode_bytes(reader.rest(), &mut heads)?;
            return Ok(heads);
        }
        _ => return Err(Error::corrupt("an unknown coding of heads")),
    }
    reader.finish()?;
    Ok(heads)
}

//! The footer: where each chunk is, and whether it is whole.

use super::{END, crc32c::crc32c};
use crate::bytes::Reader;
use crate::error::DecodeError;
use crate::{Error, Result};
use alloc::vec::Vec;

/// Bytes a chunk takes in the table.
const ENTRY: usize = 8;
/// Bytes after the table: largest error, number of chunks, checksum, end mark.
const TAIL: usize = 8 + 4 + 4 + END.len();

/// One chunk in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkEntry {
    /// Bytes from the end of the header to the chunk.
    pub offset: u64,
    /// Bytes of the chunk.
    pub len: u32,
    /// CRC-32C of the chunk.
    pub crc: u32,
}

/// The chunk table and what was found while writing.
///
/// ```
/// use tolzip_core::frame::{Footer, crc32c::crc32c};
///
/// // What stands behind the header: two chunks, and the footer that finds them.
/// let mut body = b"onetwo".to_vec();
/// let mut footer = Footer::default();
/// footer.push(3, crc32c(b"one"), 0.25)?;
/// footer.push(3, crc32c(b"two"), 0.125)?;
/// footer.write(&mut body);
/// assert_eq!(body.len(), 6 + Footer::size(2));
///
/// let read = Footer::read(&body, 2)?;
/// assert_eq!((read.chunks[1].offset, read.max_error), (3, 0.25));
/// assert!(Footer::read(&body[1..], 2).is_err());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Footer {
    /// The chunks in the grid's order, without gaps.
    pub chunks: Vec<ChunkEntry>,
    /// The largest `|x - x'|` of all finite values; 0 if lossless.
    pub max_error: f64,
}

impl Footer {
    /// Notes a chunk of `len` bytes with the checksum `crc` that was written behind the ones before it.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] for a chunk of 4 GiB or more.
    pub fn push(&mut self, len: usize, crc: u32, max_error: f64) -> Result<()> {
        let len = u32::try_from(len).map_err(|_| Error::OutOfMemory { bytes: len as u64 })?;
        let offset = self.chunks.last().map_or(0, |c| c.offset + u64::from(c.len));
        self.chunks.push(ChunkEntry { offset, len, crc });
        self.max_error = self.max_error.max(max_error);
        Ok(())
    }

    /// Bytes of the footer of a stream with so many chunks.
    #[must_use]
    pub const fn size(chunks: usize) -> usize {
        chunks.saturating_mul(ENTRY).saturating_add(TAIL)
    }

    /// Appends the footer in the format's bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        for chunk in &self.chunks {
            out.extend_from_slice(&chunk.len.to_le_bytes());
            out.extend_from_slice(&chunk.crc.to_le_bytes());
        }
        out.extend_from_slice(&self.max_error.to_le_bytes());
        out.extend_from_slice(&(self.chunks.len() as u32).to_le_bytes());
        let crc = crc32c(&out[start..]);
        out.extend_from_slice(&crc.to_le_bytes());
        out.extend_from_slice(&END);
    }

    /// Reads the footer of a stream with `chunks` chunks from `body`, everything behind the header. Checks that the
    /// chunks fill the space between header and footer exactly.
    ///
    /// # Errors
    /// [`Error::Decode`] if the footer is not whole or does not fit.
    pub fn read(body: &[u8], chunks: usize) -> Result<Self> {
        let size = chunks.checked_mul(ENTRY).and_then(|t| t.checked_add(TAIL));
        let Some((data, footer)) = size.and_then(|s| body.len().checked_sub(s)).map(|at| body.split_at(at))
        else {
            let needed = (chunks as u64).saturating_mul(ENTRY as u64).saturating_add(TAIL as u64);
            return Err(Error::truncated(needed, body.len() as u64));
        };
        if !footer.ends_with(&END) {
            return Err(Error::corrupt("no end mark: the stream was cut off or extended"));
        }
        let (checked, rest) = footer.split_at(footer.len() - 4 - END.len());
        let (stored, computed) = (Reader::new(rest).u32()?, crc32c(checked));
        if stored != computed {
            return Err(DecodeError::Checksum { part: "chunk table", stored, computed }.into());
        }
        let mut r = Reader::new(checked);
        let mut table = Vec::with_capacity(chunks);
        let mut offset = 0u64;
        for _ in 0..chunks {
            let (len, crc) = (r.u32()?, r.u32()?);
            table.push(ChunkEntry { offset, len, crc });
            offset += u64::from(len);
        }
        let max_error = r.f64()?;
        if r.u32()? as usize != chunks || offset != data.len() as u64 {
            return Err(Error::corrupt("chunks that do not fill the stream"));
        }
        Ok(Self { chunks: table, max_error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_detects_any_damage() {
        let mut footer = Footer::default();
        footer.push(3, crc32c(b"abc"), 0.25).unwrap();
        footer.push(0, crc32c(b""), 0.125).unwrap();
        footer.push(5, crc32c(b"defgh"), 0.0).unwrap();
        let mut body = b"abcdefgh".to_vec();
        footer.write(&mut body);
        assert_eq!(Footer::read(&body, 3), Ok(footer));
        assert!(Footer::read(&body, 2).is_err() && Footer::read(&body, usize::MAX).is_err());
        for cut in 0..body.len() {
            assert!(Footer::read(&body[..cut], 3).is_err());
        }
        for bit in 64..body.len() * 8 {
            let mut bad = body.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Footer::read(&bad, 3).is_err(), "bit {bit}");
        }
    }
}

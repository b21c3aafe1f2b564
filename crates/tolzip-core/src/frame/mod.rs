//! The container: version 1 of the format that `docs/format.md` specifies. This folder is the only place that knows
//! its byte layout.
//!
//! ```text
//! header (magic, version, typed fields, checksum) | chunk | chunk | ... | footer (chunk table, checksum, end mark)
//! ```
//!
//! The table stands at the end, so that a stream can be written in one go; it has a checksum for every chunk, so that
//! a damaged chunk costs that chunk only, and any region can be read by itself. A stream of one small chunk has a shorter
//! form, in which little is said around it.

pub mod chunk;
pub mod crc32c;
pub mod footer;
pub mod grid;
pub mod header;
mod short;
mod writer;

use crate::Result;
pub use chunk::Envelope;
pub use footer::{ChunkEntry, Footer};
pub use grid::Grid;
pub use header::Header;
pub use writer::Writer;

/// The first bytes of a stream in the long form. As PNG's: the high bit shows 7-bit damage, the line ends show text-mode damage.
pub const MAGIC: [u8; 8] = [0x89, b'T', b'L', b'Z', 0x0d, 0x0a, 0x1a, 0x0a];
/// The first bytes of a stream in the short form.
pub const SHORT_MAGIC: [u8; 4] = [0x89, b'T', b'L', b's'];
/// The last bytes of every stream in the long form.
pub const END: [u8; 4] = *b"TLZ$";
/// Readers refuse a larger major version.
pub const MAJOR: u16 = 1;
/// The minor version of streams in the long form. Readers accept any: what they can't ignore is marked as critical.
pub const MINOR: u16 = 0;
/// The minor version since which there is the short form.
pub const SHORT_MINOR: u16 = 1;

/// Takes a stream apart: its header, its footer (or what the short form says instead), and the bytes behind the header, at which the
/// footer's offsets begin. `crc` is CRC-32C, as fast as the caller has it.
///
/// # Errors
/// [`Error::Decode`](crate::Error::Decode) for anything that is not a stream, or is cut off, or whose header or footer is damaged; in
/// the short form, for any damage.
pub fn read(bytes: &[u8], crc: impl Fn(&[u8]) -> u32) -> Result<(Header, Footer, &[u8])> {
    if bytes.starts_with(&SHORT_MAGIC) {
        return short::read(bytes, crc);
    }
    let (header, at) = Header::read(bytes)?;
    let body = &bytes[at..];
    let footer = Footer::read(body, header.grid.len())?;
    Ok((header, footer, body))
}

//! The container: version 1 of the format that `docs/format.md` specifies. This folder is the only place that knows
//! its byte layout.
//!
//! ```text
//! header (magic, version, typed fields, checksum) | chunk | chunk | ... | footer (chunk table, checksum, end mark)
//! ```
//!
//! The table stands at the end, so that a stream can be written in one go; it has a checksum for every chunk, so that
//! a damaged chunk costs that chunk only, and any region can be read by itself.

pub mod chunk;
pub mod crc32c;
pub mod footer;
pub mod grid;
pub mod header;

pub use chunk::Envelope;
pub use footer::{ChunkEntry, Footer};
pub use grid::Grid;
pub use header::Header;

/// The first bytes of every stream. As PNG's: the high bit shows 7-bit damage, the line ends show text-mode damage.
pub const MAGIC: [u8; 8] = [0x89, b'T', b'L', b'Z', 0x0d, 0x0a, 0x1a, 0x0a];
/// The last bytes of every stream.
pub const END: [u8; 4] = *b"TLZ$";
/// Readers refuse a larger major version.
pub const MAJOR: u16 = 1;
/// Readers accept any minor version: what they can't ignore is marked as critical.
pub const MINOR: u16 = 0;

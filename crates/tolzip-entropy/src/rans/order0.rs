//! Whole byte strings with one table: the convenience on top.

use super::{Decoder, Tables, encode};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_core::Result;
use tolzip_core::bytes::Reader;
use tolzip_simd::histogram::histogram;

const ZEROS: [u8; 4096] = [0; 4096];

/// Appends `bytes`, coded with one table of their own: the table, then the stream. The number of bytes is the
/// reader's to know. Bytes that are all alike take about 20; incompressible ones grow by about 2 % and 200 bytes.
pub fn encode_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    let tables = Tables::from_counts(&histogram::<256>(bytes), 256);
    tables.write(out);
    encode(bytes, &vec![0; bytes.len()], &tables, out);
}

/// Does what [`encode_bytes`] does if that takes at most `limit` bytes, and otherwise appends nothing; whether it did.
pub fn encode_bytes_within(bytes: &[u8], limit: usize, out: &mut Vec<u8>) -> bool {
    let counts = histogram::<256>(bytes);
    let tables = Tables::from_counts(&counts, 256);
    let begin = out.len();
    // Four states at least, besides what the symbols take.
    let least = 17 + tables.cost(&counts) / 8;
    // Every symbol that occurs has a bit or more in the table: often enough to know.
    let used = counts.iter().filter(|&&n| n > 0).count() as u64;
    if least + used / 8 > limit as u64 {
        return false;
    }
    tables.write(out);
    if least + (out.len() - begin) as u64 <= limit as u64 {
        encode(bytes, &vec![0; bytes.len()], &tables, out);
        if out.len() - begin <= limit {
            return true;
        }
    }
    out.truncate(begin);
    false
}

/// Decodes what [`encode_bytes`] appended, which must fill `bytes`, into all of `out`.
///
/// # Errors
/// If the bytes are not such a stream of this many bytes.
pub fn decode_bytes(bytes: &[u8], out: &mut [u8]) -> Result<()> {
    let mut reader = Reader::new(bytes);
    let tables = Tables::read(&mut reader, 1, 256)?;
    let mut decoder = Decoder::new(reader.rest(), &tables)?;
    for part in out.chunks_mut(ZEROS.len()) {
        decoder.decode(&ZEROS[..part.len()], part)?;
    }
    decoder.finish()
}

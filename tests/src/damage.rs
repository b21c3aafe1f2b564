//! Streams to be damaged, and damage that the checksums don't notice.

use crate::arrays::{Kind, array};
use crate::independent::{is_short, short_header};
use crate::methods::{is_like_others, with_bounds};
use std::ops::Range;
use tolzip::{Compressor, DType};
use tolzip_core::frame::{self, Header};

/// One small stream of every method and bound, for some types and kinds, with what it is.
#[must_use]
pub fn streams() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for dtype in [DType::F32, DType::F64, DType::F16, DType::I16, DType::U64] {
        for (method, bound) in with_bounds(dtype).into_iter().filter(|(m, b)| !is_like_others(m, *b)) {
            for kind in [Kind::Noisy, Kind::Holes, Kind::Sparse] {
                let original = array(dtype, &[4, 5, 6], kind, 5);
                let bytes = Compressor::new(method.clone(), bound)
                    .threads(1)
                    .compress_any(&original)
                    .expect("a listed method");
                all.push((format!("{method} {bound:?} {dtype} {kind:?}"), bytes));
            }
        }
    }
    all
}

/// A slow, obvious CRC-32C, to make damaged streams look whole.
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &b in bytes {
        crc ^= u32::from(b);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    !crc
}

/// Where the chunk of a stream with one chunk stands.
#[must_use]
pub fn chunk_of(bytes: &[u8]) -> Range<usize> {
    if is_short(bytes) {
        return short_header(bytes)..bytes.len() - 4;
    }
    20 + u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes")) as usize..bytes.len() - 28
}

/// Makes the checksums of a stream with one chunk match its bytes again.
pub fn repair(bytes: &mut [u8]) {
    let Range { start, end } = chunk_of(bytes);
    let n = bytes.len();
    let chunk = crc32c(&bytes[start..end]).to_le_bytes();
    if is_short(bytes) {
        let seal = crc32c(&[&bytes[..start], &chunk].concat());
        bytes[end..].copy_from_slice(&seal.to_le_bytes());
        return;
    }
    bytes[end + 4..end + 8].copy_from_slice(&chunk);
    let crc = crc32c(&bytes[end..n - 8]).to_le_bytes();
    bytes[n - 8..n - 4].copy_from_slice(&crc);
}

/// The stream in the long form, whichever it has.
#[must_use]
pub fn in_long_form(stream: &[u8]) -> Vec<u8> {
    let (header, footer, body) = frame::read(stream, crc32c).expect("a whole stream");
    let mut out = Vec::new();
    Header { minor: frame::MINOR, ..header }.write(&mut out);
    out.extend(&body[..footer.chunks.iter().map(|c| c.len as usize).sum()]);
    footer.write(&mut out);
    out
}

//! Streams to be damaged, and damage that the checksums don't notice.

use crate::arrays::{Kind, array};
use crate::methods::{is_like_others, with_bounds};
use tolzip::{Compressor, DType};

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

/// Makes the checksums of a stream with one chunk match its bytes again.
pub fn repair(bytes: &mut [u8]) {
    let header = 16 + u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes")) as usize;
    let n = bytes.len();
    let footer = n - 28;
    let crc = crc32c(&bytes[header + 4..footer]).to_le_bytes();
    bytes[footer + 4..footer + 8].copy_from_slice(&crc);
    let crc = crc32c(&bytes[footer..n - 8]).to_le_bytes();
    bytes[n - 8..n - 4].copy_from_slice(&crc);
}

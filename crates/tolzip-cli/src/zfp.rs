//! Bare zfp streams: for exchange with zfp itself, without tolzip's container, checksums and verified bound.

use crate::args::Ask;
use crate::failure::{Failure, Result};
use tolzip::zfp::{self, Mode, Parts};
use tolzip::{AnyArray, Bound, Error, Method};

/// zfp's mode for what was asked for.
pub(crate) fn mode(method: &Method, asked: Option<Ask>) -> Result<Mode> {
    if !matches!(method, Method::Auto | Method::Transform(_)) {
        return Err(Failure::new(format!("--raw-zfp is what --method transform writes, not {method}")));
    }
    match asked {
        Some(Ask::Bound(Bound::Abs(e))) => Ok(Mode::Accuracy(e)),
        Some(Ask::Bound(Bound::Lossless)) => Ok(Mode::Reversible),
        Some(Ask::Rate(bits)) => Ok(Mode::Rate(bits)),
        Some(Ask::Precision(planes)) => Ok(Mode::Precision(planes)),
        _ => Err(Failure::new("a zfp stream takes --abs E, --rate BITS, --precision BITS or --lossless")),
    }
}

/// Writes a stream with zfp's full header.
pub(crate) fn encode(array: &AnyArray, mode: Mode) -> Result<Vec<u8>, Error> {
    match array {
        AnyArray::F32(a) => zfp::encode(a.view(), mode, Parts::FULL),
        AnyArray::F64(a) => zfp::encode(a.view(), mode, Parts::FULL),
        AnyArray::I32(a) => zfp::encode(a.view(), mode, Parts::FULL),
        AnyArray::I64(a) => zfp::encode(a.view(), mode, Parts::FULL),
        other => Err(Error::TypeUnsupported { method: "zfp", dtype: other.dtype() }),
    }
}

/// Whether the bytes begin as a zfp stream with a header does.
pub(crate) fn is_zfp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"zfp")
}

/// Reads a stream with zfp's full header; the array must not need more than `limit` bytes.
pub(crate) fn decode(bytes: &[u8], limit: u64) -> Result<AnyArray, Error> {
    zfp::decode_any(bytes, limit)
}

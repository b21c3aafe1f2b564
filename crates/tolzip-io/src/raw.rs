//! Raw files: nothing but the values, little-endian, slow to fast.

use crate::error::Problem;
use crate::source::Hints;
use crate::values::{self, ByteOrder, Layout};
use std::io::Read;
use tolzip_core::AnyArray;

/// Reads a raw file, which the hints must describe.
pub(crate) fn read(source: &mut dyn Read, available: Option<u64>, hints: Hints) -> Result<AnyArray, Problem> {
    let (Some(dtype), Some(shape)) = (hints.dtype, hints.shape) else {
        let bytes = match available {
            Some(bytes) => bytes,
            None => std::io::copy(source, &mut std::io::sink())?,
        };
        return Err(Problem::Undescribed { bytes, dtype: hints.dtype });
    };
    values::read(source, &Layout { dtype, shape, byte_order: ByteOrder::Little, fortran: false }, available)
}

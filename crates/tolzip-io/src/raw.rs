//! Raw files: nothing but the values, little-endian, slow to fast.

use crate::error::Problem;
use crate::source::Hints;
use crate::values::{self, ByteOrder, Layout};
use std::io::Read;
use tolzip_core::AnyArray;

/// Reads a raw file, which the hints must describe.
pub(crate) fn read(source: &mut dyn Read, available: Option<u64>, hints: Hints) -> Result<AnyArray, Problem> {
    let layout = layout(hints, || match available {
        Some(bytes) => Ok(bytes),
        None => Ok(std::io::copy(source, &mut std::io::sink())?),
    })?;
    values::read(source, &layout, available)
}

/// How the hints describe a file of this many bytes.
pub(crate) fn layout(hints: Hints, bytes: impl FnOnce() -> Result<u64, Problem>) -> Result<Layout, Problem> {
    let (Some(dtype), Some(shape)) = (hints.dtype, hints.shape) else {
        return Err(Problem::Undescribed { bytes: bytes()?, dtype: hints.dtype });
    };
    Ok(Layout { dtype, shape, byte_order: ByteOrder::Little, fortran: false })
}

//! How long a stream can get.

use super::fill::Fill;
use super::{Compressor, NonFinite};
use crate::method::{Method, Sampling};
use crate::road::chunk::ENVELOPE;
use alloc::string::ToString;
use alloc::vec::Vec;
use tolzip_core::frame::{Footer, Header, MINOR, header::MOST_INDEX};
use tolzip_core::{DType, MAX_DIMS, Result, Shape, with_dtype};

/// Bytes of the tag and length of a header's field.
const TAG: usize = 4;
/// Bytes of a field that is not always there: the number of a chunk's sides, and the sides.
const CHUNK_SHAPE: usize = TAG + 1 + 8 * MAX_DIMS;

impl Compressor {
    /// The header and footer of an array of this shape, and its values with the envelope of each chunk: a chunk that would be
    /// longer is kept bit for bit.
    pub(super) fn most(&self, shape: Shape, dtype: DType) -> Result<u64> {
        self.bound.validate()?;
        self.method.check(self.bound, dtype)?;
        with_dtype!(dtype, T => self.fill.map(Fill::bits::<T>).transpose().map(drop))?;
        let axis = self.scope.axis(shape)?;
        let grid = self.grid(shape, axis)?;
        let rows = shape.sides().first().copied().unwrap_or(0);
        let (source_rows, index) = match &self.method {
            Method::Sample(sample) if sample.mode == Sampling::Stratified => {
                (Some(rows as u64), most_index(rows))
            }
            Method::Sample(_) => (Some(rows as u64), 0),
            _ => (None, 0),
        };
        let header = Header {
            minor: MINOR,
            dtype,
            grid,
            method: self.method.to_string(),
            bound: self.bound,
            axis,
            fill_value: self.fill.map(|_| 0),
            source_rows,
            reached: Some(0.0),
            masked: self.non_finite == NonFinite::Mask,
            row_index: Vec::new(),
        };
        let mut bytes = Vec::new();
        header.write(&mut bytes);
        let around = bytes.len() + CHUNK_SHAPE + index + Footer::size(grid.len());
        let values = (shape.len() as u64).saturating_mul(dtype.size() as u64);
        let envelopes = (grid.len() as u64).saturating_mul(ENVELOPE as u64);
        Ok(values.saturating_add(envelopes).saturating_add(around as u64))
    }
}

/// The most bytes that the index of a sample of so many rows can take of a header: a gap of `g` rows takes at most
/// `1 + g / 127`, all of them together no more rows than there are, and what compresses them adds at most 11. It is stored in
/// fields of up to 65,535 bytes.
fn most_index(rows: usize) -> usize {
    let bytes = rows.saturating_add(rows / 127).saturating_add(11).min(MOST_INDEX);
    bytes + TAG * bytes.div_ceil(usize::from(u16::MAX))
}

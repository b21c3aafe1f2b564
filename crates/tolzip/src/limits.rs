//! How much a stream may ask for before it is refused.

use crate::codec::id;
use tolzip_core::error::DecodeError;
use tolzip_core::{DType, Element, Result, Shape, with_dtype};

/// What a stream may ask of the machine, however it came about.
///
/// ```
/// use tolzip::{DecodeError, Error, Limits, Stream};
///
/// let small = tolzip::compress(&[0.0f32; 1_000_000], &[1_000_000], tolzip::Bound::abs(1.0))?;
/// let opened = Stream::open(&small, Limits::bytes(1_000_000))?;
/// let refused = Error::Decode(DecodeError::Limit { needed: 4_000_000, limit: 1_000_000 });
/// assert_eq!(opened.decode::<f32>(1), Err(refused));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes of decompressed values; and the most that decoding one chunk takes beside them, if it is more than
    /// [`WORK`](Self::WORK).
    pub max_bytes: u64,
}

impl Limits {
    /// What decoding one chunk may take beside its values whatever the limit is: 1 GiB, more than any chunk of the default shape
    /// needs.
    pub const WORK: u64 = 1 << 30;

    /// No more than this many bytes of decompressed values.
    #[must_use]
    pub const fn bytes(max_bytes: u64) -> Self {
        Self { max_bytes }
    }

    /// Refuses what takes more bytes of values.
    pub(crate) fn check_values(self, needed: u64) -> Result<()> {
        self.check(needed, self.max_bytes)
    }

    /// Refuses a chunk of so many values whose codec needs more memory beside them than decoding may take. A few hundred
    /// bytes of stream can stand for any number of values, and those of a byte each are decoded as f32.
    pub(crate) fn check_work(self, codec: u8, values: usize, dtype: DType) -> Result<()> {
        let each = match codec {
            id::PREDICT | id::TRANSFORM | id::FAST | id::LOGARITHM | id::SCALED => {
                with_dtype!(dtype, T => WORK_OF_CARRIERS * size_of::<<T as Element>::Carrier>() as u64)
            }
            _ => return Ok(()),
        };
        self.check((values as u64).saturating_mul(each), self.max_bytes.max(Self::WORK))
    }

    fn check(self, needed: u64, limit: u64) -> Result<()> {
        if needed > limit { Err(DecodeError::Limit { needed, limit }.into()) } else { Ok(()) }
    }
}

/// Carriers a value that a lossy codec holds at most while it decodes: the decoded ones, their logarithms or scaled values,
/// a predictor's grids of two levels, and what stands beside them.
const WORK_OF_CARRIERS: u64 = 6;

/// Bytes of values of a type, as far as a u64 can tell: a header may claim more.
pub(crate) fn bytes_of(shape: Shape, dtype: DType) -> u64 {
    (shape.len() as u64).saturating_mul(dtype.size() as u64)
}

impl Default for Limits {
    /// 4 GiB.
    fn default() -> Self {
        Self::bytes(1 << 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_pointer_width = "64")]
    #[test]
    fn no_claim_is_beyond_a_number() {
        let most = Shape::new(&[1 << 31, 1 << 31]).unwrap();
        assert_eq!(bytes_of(most, DType::F64), u64::MAX);
        assert_eq!(bytes_of(most, DType::U8), 1 << 62);
        assert!(Limits::bytes(u64::MAX - 1).check_values(bytes_of(most, DType::F64)).is_err());
        assert!(Limits::default().check_work(id::PREDICT, most.len(), DType::F32).is_err());
    }

    #[test]
    fn work_is_charged_where_there_is_some() {
        let limits = Limits::bytes(0);
        assert!(limits.check_work(id::PREDICT, 1 << 24, DType::F64).is_ok(), "a chunk of the default shape");
        assert!(limits.check_work(id::FAST, 1 << 26, DType::U8).is_err());
        assert!(limits.check_work(id::CONSTANT, 1 << 30, DType::U8).is_ok());
    }
}

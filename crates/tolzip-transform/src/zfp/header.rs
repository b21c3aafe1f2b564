//! zfp's full header: magic, shape, type and mode.

use super::bits::{Reader, Writer};
use super::geometry::Geometry;
use super::params::{METHOD, Params};
use tolzip_core::{DType, Error, Result, Shape};

/// `zfp` and the codec's version, 5.
const MAGIC: u64 = u32::from_le_bytes(*b"zfp\x05") as u64;

/// Bits that hold the shape.
const SHAPE_BITS: u32 = 48;

/// What a zfp stream says about itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Header {
    dtype: DType,
    shape: Shape,
    params: Params,
}

impl Header {
    pub(crate) fn new(dtype: DType, shape: Shape, params: Params) -> Result<Self> {
        Geometry::new(shape)?;
        let bits = SHAPE_BITS / shape.ndim() as u32;
        if shape.sides().iter().any(|&s| (s as u64) > 1 << bits) {
            return Err(Error::BadSetting {
                method: METHOD,
                knob: "shape",
                needs: "sides of at most 2^48, 2^24, 2^16 or 2^12 in 1, 2, 3 or 4 dimensions",
            });
        }
        Ok(Self { dtype, shape, params })
    }

    /// Reads the header in front of a stream; allocates nothing.
    ///
    /// # Errors
    /// [`DecodeError::Corrupt`](tolzip_core::error::DecodeError::Corrupt) for bytes that are no such header,
    /// [`DecodeError::Truncated`](tolzip_core::error::DecodeError::Truncated), [`Error::TypeUnsupported`] for streams of
    /// integers, [`Error::ShapeTooLarge`] for shapes beyond this machine's or tolzip's limits.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        Ok(Self::begin(bytes)?.0)
    }

    /// As [`read`](Self::read), with the reader behind the header.
    pub(crate) fn begin(bytes: &[u8]) -> Result<(Self, Reader<'_>)> {
        let mut r = Reader::new(bytes);
        if r.take(32) != MAGIC {
            return Err(Error::corrupt("not a zfp stream of codec version 5"));
        }
        let dtype = match r.take(2) {
            0 => Err(DType::I32),
            1 => Err(DType::I64),
            2 => Ok(DType::F32),
            _ => Ok(DType::F64),
        };
        let ndim = r.take(2) as usize + 1;
        let bits = SHAPE_BITS / ndim as u32;
        let mut sides = [0; 4];
        // The fastest side comes first.
        for side in sides[..ndim].iter_mut().rev() {
            *side = usize::try_from(r.take(bits) + 1).map_err(|_| Error::ShapeTooLarge { ndim })?;
        }
        let mut word = r.take(12);
        if Params::is_long(word) {
            word |= r.take(52) << 12;
        }
        r.check()?;
        let dtype = dtype.map_err(|dtype| Error::TypeUnsupported { method: METHOD, dtype })?;
        let params = Params::from_mode_word(word)?;
        let shape = Shape::new(&sides[..ndim])?;
        Ok((Self { dtype, shape, params }, r))
    }

    pub(crate) fn write(&self, w: &mut Writer) {
        w.put(MAGIC, 32);
        w.put(if self.dtype == DType::F32 { 2 } else { 3 }, 2);
        w.put(self.shape.ndim() as u64 - 1, 2);
        for &side in self.shape.sides().iter().rev() {
            w.put(side as u64 - 1, SHAPE_BITS / self.shape.ndim() as u32);
        }
        let (word, bits) = self.params.mode_word();
        w.put(word, bits);
    }

    /// The type of the values.
    #[must_use]
    pub const fn dtype(&self) -> DType {
        self.dtype
    }

    /// The shape, slow to fast.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// How much of every block is there.
    #[must_use]
    pub const fn params(&self) -> Params {
        self.params
    }
}

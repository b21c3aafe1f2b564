//! zfp's header: magic, type with shape, and mode, each of which may be there or not.

use super::bits::{Reader, Writer};
use super::geometry::Geometry;
use super::params::{METHOD, Mode, Params};
use tolzip_core::{DType, Element, Error, Result, Shape};

/// The types in the order of their numbers in the header.
const TYPES: [DType; 4] = [DType::I32, DType::I64, DType::F32, DType::F64];

/// `zfp` and the codec's version, 5.
const MAGIC: u64 = u32::from_le_bytes(*b"zfp\x05") as u64;

/// Bits that hold the shape.
const SHAPE_BITS: u32 = 48;

/// Which parts of zfp's header stand in front of a stream: `ZFP_HEADER_MAGIC`, `_META` and `_MODE` of its C API. What is
/// not there the reader must know.
///
/// ```
/// use tolzip_core::{Shape, View};
/// use tolzip_transform::zfp::{Mode, Parts, decode, encode};
///
/// let view = View::new(&[1.5f32; 64], Shape::new(&[8, 8])?)?;
/// let full = encode(view, Mode::Reversible, Parts::FULL)?;
/// let bare = encode(view, Mode::Reversible, Parts::NONE)?;
/// assert!(full.starts_with(b"zfp") && bare.len() < full.len());
/// // Without a header, only who knows the rest can read it: `decode_into`.
/// assert!(decode::<f32>(&full, 256).is_ok() && decode::<f32>(&bare, 256).is_err());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// `zfp` and the codec's version.
    pub magic: bool,
    /// Type and shape.
    pub meta: bool,
    /// The mode.
    pub mode: bool,
}

impl Parts {
    /// All of them: the stream explains itself.
    pub const FULL: Self = Self { magic: true, meta: true, mode: true };
    /// No header.
    pub const NONE: Self = Self { magic: false, meta: false, mode: false };
}

/// What there is to know about a zfp stream.
///
/// ```
/// use tolzip_core::{DType, Shape, View};
/// use tolzip_transform::zfp::{Header, Mode, Parts, encode};
///
/// let shape = Shape::new(&[8, 8])?;
/// let stream = encode(View::new(&[1.5f64; 64], shape)?, Mode::Rate(16.0), Parts::FULL)?;
/// let header = Header::read(&stream)?;
/// assert_eq!((header.dtype(), header.shape(), header.params().max_bits()), (DType::F64, shape, 256));
/// assert_eq!(header, Header::new(DType::F64, shape, Mode::Rate(16.0))?);
/// assert!(Header::read(b"other bytes").is_err());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Header {
    dtype: DType,
    shape: Shape,
    params: Params,
}

impl Header {
    /// Of a stream of this type, shape and mode.
    ///
    /// # Errors
    /// [`Error::BadSetting`] for a shape that has not one to four sides of at least 1, and what [`Mode::params`] refuses.
    pub fn new(dtype: DType, shape: Shape, mode: Mode) -> Result<Self> {
        Geometry::new(shape)?;
        Ok(Self { dtype, shape, params: mode.params(dtype, shape.ndim())? })
    }

    /// Reads the full header in front of a stream; allocates nothing.
    ///
    /// # Errors
    /// [`DecodeError::Corrupt`](tolzip_core::error::DecodeError::Corrupt) for bytes that are no such header,
    /// [`DecodeError::Truncated`](tolzip_core::error::DecodeError::Truncated), [`Error::ShapeTooLarge`] for shapes
    /// beyond this machine's or tolzip's limits.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        Ok(Self::begin(bytes)?.0)
    }

    /// Reads the parts of the header that are in front of a stream; the others are as in `self`.
    ///
    /// ```
    /// use tolzip_core::{DType, Shape, View};
    /// use tolzip_transform::zfp::{Header, Mode, Parts, encode};
    ///
    /// // The mode is in the stream, type and shape are not.
    /// let (shape, mode_only) = (Shape::line(64), Parts { mode: true, ..Parts::NONE });
    /// let stream = encode(View::new(&[1.5f32; 64], shape)?, Mode::Precision(12), mode_only)?;
    /// let known = Header::new(DType::F32, shape, Mode::Reversible)?;
    /// assert_eq!(known.read_parts(&stream, mode_only)?, Header::new(DType::F32, shape, Mode::Precision(12))?);
    /// # Ok::<(), tolzip_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_parts(self, bytes: &[u8], parts: Parts) -> Result<Self> {
        Ok(self.begin_parts(bytes, parts)?.0)
    }

    /// As [`read`](Self::read), with the reader behind the header.
    pub(crate) fn begin(bytes: &[u8]) -> Result<(Self, Reader<'_>)> {
        let nothing = Self { dtype: DType::F32, shape: Shape::line(1), params: Params::ALL };
        nothing.begin_parts(bytes, Parts::FULL)
    }

    /// As [`read_parts`](Self::read_parts), with the reader behind the header.
    pub(crate) fn begin_parts(mut self, bytes: &[u8], parts: Parts) -> Result<(Self, Reader<'_>)> {
        let mut r = Reader::new(bytes);
        if parts.magic && r.take(32) != MAGIC {
            return Err(Error::corrupt("not a zfp stream of codec version 5"));
        }
        if parts.meta {
            self.dtype = TYPES[r.take(2) as usize % 4];
            let ndim = r.take(2) as usize + 1;
            let bits = SHAPE_BITS / ndim as u32;
            let mut sides = [0; 4];
            // The fastest side comes first.
            for side in sides[..ndim].iter_mut().rev() {
                *side = usize::try_from(r.take(bits) + 1).map_err(|_| Error::ShapeTooLarge { ndim })?;
            }
            r.check()?;
            self.shape = Shape::new(&sides[..ndim])?;
        }
        if parts.mode {
            let mut word = r.take(12);
            if Params::is_long(word) {
                word |= r.take(52) << 12;
            }
            r.check()?;
            self.params = Params::from_mode_word(word)?;
        }
        Ok((self, r))
    }

    /// # Errors
    /// [`Error::BadSetting`] for a shape that the header can't hold.
    pub(crate) fn write(&self, parts: Parts, w: &mut Writer) -> Result<()> {
        if parts.magic {
            w.put(MAGIC, 32);
        }
        if parts.meta {
            let bits = SHAPE_BITS / self.shape.ndim() as u32;
            if self.shape.sides().iter().any(|&s| s as u64 > 1 << bits) {
                return Err(Error::BadSetting {
                    method: METHOD,
                    knob: "shape",
                    needs: "sides of at most 2^48, 2^24, 2^16 or 2^12 in 1, 2, 3 or 4 dimensions",
                });
            }
            w.put(TYPES.iter().position(|&t| t == self.dtype).unwrap_or(0) as u64, 2);
            w.put(self.shape.ndim() as u64 - 1, 2);
            for &side in self.shape.sides().iter().rev() {
                w.put(side as u64 - 1, bits);
            }
        }
        if parts.mode {
            let (word, bits) = self.params.mode_word();
            w.put(word, bits);
        }
        Ok(())
    }

    /// # Errors
    /// [`Error::TypeMismatch`] unless the values are of type `T`.
    pub(crate) fn check_type<T: Element>(&self) -> Result<()> {
        if self.dtype == T::DTYPE {
            return Ok(());
        }
        Err(Error::TypeMismatch { stored: self.dtype, asked: T::DTYPE })
    }

    /// Bytes that the blocks take at least.
    pub(crate) fn least_bytes(&self) -> Result<u64> {
        // Every block takes a bit.
        let bits = u64::from(self.params.min_bits().max(1));
        Ok(Geometry::new(self.shape)?.blocks().saturating_mul(bits).div_ceil(8))
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

//! Errors: small enums that carry the numbers, so that a caller can act on them and a reader can see what to change.

use crate::DType;
use alloc::format;
use alloc::string::String;
use core::fmt;

/// The result of anything in tolzip that can fail.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Everything that can go wrong between an array and a stream.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The number of values does not fit the shape.
    ShapeMismatch {
        /// Values that the shape needs.
        needed: u64,
        /// Values that were given.
        got: u64,
    },
    /// More dimensions than [`MAX_DIMS`](crate::MAX_DIMS), or sides whose product overflows.
    ShapeTooLarge {
        /// Number of dimensions that was asked for.
        ndim: usize,
    },
    /// A bound's number is outside what its kind allows.
    BadBound {
        /// The bound's kind: `abs`, `rel`, ...
        kind: &'static str,
        /// The number that was given.
        value: f64,
        /// What the kind needs, such as "a finite number above 0".
        needs: &'static str,
    },
    /// The method has no way to hold a bound of this kind.
    BoundUnsupported {
        /// The method.
        method: &'static str,
        /// The bound's kind.
        kind: &'static str,
    },
    /// No error however large makes the stream that much smaller.
    RatioOutOfReach {
        /// The ratio that was asked for.
        asked: f64,
        /// The ratio with a bound as large as the range of the values.
        reached: f64,
    },
    /// A bound by column, row or axis on an array that has no such axis.
    NoSuchAxis {
        /// The axis that was asked for.
        axis: usize,
        /// The array's number of dimensions.
        ndim: usize,
    },
    /// A bound by column on an array without columns (fewer than two dimensions).
    NoColumns {
        /// The array's number of dimensions.
        ndim: usize,
    },
    /// The method does not take this type of element.
    TypeUnsupported {
        /// The method.
        method: &'static str,
        /// The element type.
        dtype: DType,
    },
    /// A method's knob is outside its range.
    BadSetting {
        /// The method.
        method: &'static str,
        /// The knob.
        knob: &'static str,
        /// What the knob needs.
        needs: &'static str,
    },
    /// A text that is no method; why, as the parser says it.
    BadMethod(String),
    /// NaN or an infinity where the caller asked for them to be refused.
    NonFinite {
        /// How many there are.
        count: u64,
        /// The position of the first one, in slow-to-fast order.
        first: u64,
    },
    /// A fill value that no value of the array's type can be.
    FillValue {
        /// The fill value.
        value: f64,
        /// The array's type.
        dtype: DType,
    },
    /// The stream holds another type than the one asked for.
    TypeMismatch {
        /// The type that the stream holds.
        stored: DType,
        /// The type that was asked for.
        asked: DType,
    },
    /// A region reaches beyond the array, or has another number of dimensions.
    BadRegion {
        /// The axis at fault.
        axis: usize,
        /// One past the last index asked for.
        end: u64,
        /// The array's side along this axis.
        side: u64,
    },
    /// The bytes are not a tolzip stream, or a damaged one.
    Decode(DecodeError),
    /// Memory for this many bytes could not be had.
    OutOfMemory {
        /// Bytes asked for.
        bytes: u64,
    },
    /// A [`Source`](crate::Source) could not give its values; why, in its own words.
    Source(String),
}

/// What is wrong with a stream.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes do not begin with tolzip's magic number.
    NotTolzip,
    /// Written by a newer major version of the format.
    NewerVersion {
        /// The stream's major version.
        found: u16,
        /// The newest one this build reads.
        supported: u16,
    },
    /// The bytes end too early.
    Truncated {
        /// Bytes needed.
        needed: u64,
        /// Bytes there.
        got: u64,
    },
    /// A checksum does not match: the bytes were damaged.
    Checksum {
        /// Which part: "header", "chunk table", "chunk".
        part: &'static str,
        /// The checksum in the stream.
        stored: u32,
        /// The checksum of the bytes as they are.
        computed: u32,
    },
    /// A chunk could not be decoded; the others can still be read.
    Chunk {
        /// The chunk's number in the chunk table.
        index: u64,
        /// How many chunks there are.
        of: u64,
        /// What was wrong with it.
        what: &'static str,
    },
    /// A value in the stream that no encoder writes.
    Corrupt {
        /// What was found wrong.
        what: &'static str,
    },
    /// A header field that must be understood, and is not.
    UnknownField {
        /// The field's tag.
        tag: u16,
    },
    /// A type of values or a kind of bound whose number this build does not know.
    UnknownNumber {
        /// What the number stands for: "element type", "kind of bound".
        what: &'static str,
        /// The number.
        number: u8,
    },
    /// A codec that this build does not have.
    UnknownCodec {
        /// The codec's number.
        id: u8,
    },
    /// The stream declares more than the caller's limit.
    Limit {
        /// Bytes that decoding would need.
        needed: u64,
        /// The limit in force.
        limit: u64,
    },
}

impl Error {
    /// Shorthand for a [`DecodeError::Corrupt`].
    #[must_use]
    pub const fn corrupt(what: &'static str) -> Self {
        Self::Decode(DecodeError::Corrupt { what })
    }

    /// Shorthand for a [`DecodeError::Truncated`].
    #[must_use]
    pub const fn truncated(needed: u64, got: u64) -> Self {
        Self::Decode(DecodeError::Truncated { needed, got })
    }
}

impl From<DecodeError> for Error {
    fn from(e: DecodeError) -> Self {
        Self::Decode(e)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShapeMismatch { needed, got } => {
                write!(f, "the shape needs {needed} values, got {got}")
            }
            Self::ShapeTooLarge { ndim } => {
                write!(
                    f,
                    "a shape of {ndim} dimensions is too large: at most {} dimensions, 2^62 values",
                    crate::MAX_DIMS
                )
            }
            Self::BadBound { kind, value, needs } => write!(f, "{kind} bound {value}: needs {needs}"),
            Self::BoundUnsupported { method, kind } => {
                write!(f, "method {method} takes no {kind} bound; `tolzip methods` lists what each one takes")
            }
            Self::RatioOutOfReach { asked, reached } => {
                // Searched for by logarithms, which leave their mark on the last digits.
                let asked: f64 = format!("{asked:.11e}").parse().unwrap_or(*asked);
                write!(
                    f,
                    "no bound reaches a ratio of {asked}: one as large as the values' range reaches {reached:.1}"
                )
            }
            Self::NoSuchAxis { axis, ndim: 0 } => write!(f, "axis {axis} of an array without dimensions"),
            Self::NoSuchAxis { axis, ndim } => {
                write!(
                    f,
                    "axis {axis} of an array with {ndim} dimensions: axes count from 0 to {}",
                    ndim.saturating_sub(1)
                )
            }
            Self::NoColumns { ndim } => {
                write!(f, "a bound by column or row needs at least 2 dimensions, the array has {ndim}")
            }
            Self::TypeUnsupported { method, dtype } => write!(f, "method {method} does not take {dtype}"),
            Self::BadSetting { method, knob, needs } => write!(f, "{method}: {knob} needs {needs}"),
            Self::BadMethod(why) => f.write_str(why),
            Self::NonFinite { count, first } => {
                write!(
                    f,
                    "{count} values are NaN or infinite (the first at position {first}); preserve or mask them instead"
                )
            }
            Self::FillValue { value, dtype } => {
                write!(f, "fill value {value:?}: no value of type {dtype} is that")
            }
            Self::TypeMismatch { stored, asked } => write!(f, "the stream holds {stored}, not {asked}"),
            Self::BadRegion { axis, end, side } => {
                write!(f, "the region ends at {end} along axis {axis}, which has {side} indices")
            }
            Self::Decode(e) => e.fmt(f),
            Self::OutOfMemory { bytes } => write!(f, "no memory for {bytes} bytes"),
            Self::Source(why) => write!(f, "the values can't be read: {why}"),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTolzip => write!(f, "not a tolzip stream"),
            Self::NewerVersion { found, supported } => {
                write!(
                    f,
                    "format version {found} is newer than {supported}, the newest this build reads: update tolzip"
                )
            }
            Self::Truncated { needed, got } => write!(f, "truncated: {needed} bytes needed, {got} there"),
            Self::Checksum { part, stored, computed } => {
                write!(f, "the {part} is damaged: checksum {computed:08x}, should be {stored:08x}")
            }
            Self::Chunk { index, of, what } => {
                let others = if *of > 1 { "; the others can still be read" } else { "" };
                write!(f, "chunk {index} of {of}: {what}{others}")
            }
            Self::Corrupt { what } => write!(f, "corrupt stream: {what}"),
            Self::UnknownField { tag } => {
                write!(
                    f,
                    "header field {tag:#06x} must be understood, and is not: written by a newer tolzip?"
                )
            }
            Self::UnknownNumber { what, number } => {
                write!(f, "{what} {number} is not known to this build: written by a newer tolzip?")
            }
            Self::UnknownCodec { id } => write!(f, "codec {id} is not in this build"),
            Self::Limit { needed, limit } => {
                write!(
                    f,
                    "decoding needs {needed} bytes, the limit is {limit}; raise it if you trust the stream"
                )
            }
        }
    }
}

impl core::error::Error for Error {}
impl core::error::Error for DecodeError {}

/// An error on the way into a writer.
#[cfg(feature = "std")]
impl From<Error> for std::io::Error {
    fn from(e: Error) -> Self {
        Self::other(e)
    }
}

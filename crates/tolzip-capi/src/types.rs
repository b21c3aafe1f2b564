//! Numbers that C sees. Functions take them as plain integers, since C may pass any, and check them.

use tolzip::{Bound, DType, DecodeError, Error};

/// What became of a call.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TolzipStatus {
    /// Done.
    Ok = 0,
    /// A null pointer, a length that can't be, overlapping buffers, an unknown number or text.
    BadArgument = 1,
    /// The output does not fit: the number of bytes it takes is in the place for the written ones.
    BufferTooSmall = 2,
    /// A bound that is not a number of its kind.
    BadBound = 3,
    /// The method does not take this bound, type or setting; or no bound reaches the ratio.
    Unsupported = 4,
    /// The bytes are not a whole tolzip stream.
    Damaged = 5,
    /// The stream was written by a newer tolzip, or by a method that this build does not have.
    Unknown = 6,
    /// Memory could not be had.
    OutOfMemory = 7,
    /// A mistake in tolzip: please report it.
    Internal = 8,
}

/// Types of values. The numbers are those of the format.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TolzipDtype {
    /// `float`
    F32 = 1,
    /// `double`
    F64 = 2,
    /// IEEE binary16
    F16 = 3,
    /// bfloat16
    Bf16 = 4,
    /// `int8_t`
    I8 = 5,
    /// `int16_t`
    I16 = 6,
    /// `int32_t`
    I32 = 7,
    /// `int64_t`
    I64 = 8,
    /// `uint8_t`
    U8 = 9,
    /// `uint16_t`
    U16 = 10,
    /// `uint32_t`
    U32 = 11,
    /// `uint64_t`
    U64 = 12,
}

/// Kinds of bounds: what `value` (and, of the last two, `second`) means. `x` is a value, `x'` what comes back.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TolzipBound {
    /// Bit-exact.
    Lossless = 0,
    /// `|x - x'| <= value`
    Abs = 1,
    /// `|x - x'| <= value * (max - min)`
    Rel = 2,
    /// `|x - x'| <= value * |x|`
    PointwiseRel = 3,
    /// The method's own knobs decide.
    Knob = 4,
    /// A peak signal-to-noise ratio of at least `value` decibels.
    Psnr = 5,
    /// A root mean square error of at most `value`.
    L2 = 6,
    /// A stream smaller by at least the factor `value`.
    Ratio = 7,
    /// `value` as an absolute and `second` as a relative bound: both hold.
    AbsAndRel = 8,
    /// `value` as an absolute and `second` as a relative bound: the looser one holds.
    AbsOrRel = 9,
}

/// The bound that two numbers and a kind stand for.
pub(crate) const fn bound(kind: u32, value: f64, second: f64) -> Option<Bound> {
    Some(match kind {
        0 => Bound::Lossless,
        1 => Bound::Abs(value),
        2 => Bound::Rel(value),
        3 => Bound::PointwiseRel(value),
        4 => Bound::Knob,
        5 => Bound::Psnr(value),
        6 => Bound::L2(value),
        7 => Bound::Ratio(value),
        8 => Bound::AbsAndRel { abs: value, rel: second },
        9 => Bound::AbsOrRel { abs: value, rel: second },
        _ => return None,
    })
}

/// The number of a bound's kind; `None` for one that this interface does not know yet.
pub(crate) fn kind(bound: Bound) -> Option<TolzipBound> {
    use TolzipBound as B;
    let all = [
        ("lossless", B::Lossless),
        ("abs", B::Abs),
        ("rel", B::Rel),
        ("pw_rel", B::PointwiseRel),
        ("knob", B::Knob),
        ("psnr", B::Psnr),
        ("l2", B::L2),
        ("ratio", B::Ratio),
        ("abs_and_rel", B::AbsAndRel),
        ("abs_or_rel", B::AbsOrRel),
    ];
    all.into_iter().find(|(name, _)| *name == bound.kind()).map(|(_, kind)| kind)
}

pub(crate) fn dtype(number: u32) -> Option<DType> {
    u8::try_from(number).ok().and_then(DType::from_number)
}

/// The status that an error is reported under.
pub(crate) const fn status(error: &Error) -> TolzipStatus {
    match error {
        Error::ShapeMismatch { .. }
        | Error::ShapeTooLarge { .. }
        | Error::NoSuchAxis { .. }
        | Error::FillValue { .. }
        | Error::BadMethod(_) => TolzipStatus::BadArgument,
        Error::BadBound { .. } => TolzipStatus::BadBound,
        Error::OutOfMemory { .. } => TolzipStatus::OutOfMemory,
        Error::Decode(DecodeError::Limit { .. }) => TolzipStatus::BufferTooSmall,
        Error::Decode(
            DecodeError::NewerVersion { .. }
            | DecodeError::UnknownField { .. }
            | DecodeError::UnknownNumber { .. }
            | DecodeError::UnknownCodec { .. },
        ) => TolzipStatus::Unknown,
        Error::Decode(_) => TolzipStatus::Damaged,
        _ => TolzipStatus::Unsupported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_library_s() {
        for d in DType::ALL {
            assert_eq!(dtype(d as u32), Some(d));
        }
        assert!(dtype(0).is_none() && dtype(13).is_none() && dtype(257).is_none());
        assert_eq!(TolzipDtype::U64 as u32, DType::U64 as u32);
        for number in 0..10 {
            let bound = bound(number, 0.5, 0.25).unwrap();
            assert_eq!(kind(bound).unwrap() as u32, number);
        }
        assert!(bound(10, 0.5, 0.5).is_none());
    }
}

//! A chunk's envelope: which codec made the payload, and what the road put around it.

use crate::bytes::{Reader, put_prefixed};
use crate::{Error, Result};
use alloc::vec::Vec;

const HAS_BOUND: u8 = 1;
const HAS_SPECIALS: u8 = 2;
const HAS_CORRECTIONS: u8 = 4;

/// One chunk, taken apart. The byte strings are not interpreted here.
///
/// ```
/// use tolzip_core::frame::Envelope;
/// use tolzip_core::frame::chunk::ChunkBound;
///
/// let bound = Some(ChunkBound { promised: 0.5, max_error: 0.25 });
/// let chunk = Envelope { codec: 3, bound, specials: None, corrections: None, payload: b"coded" };
/// let mut bytes = Vec::new();
/// chunk.write(&mut bytes);
/// assert_eq!(Envelope::read(&bytes)?, chunk);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Envelope<'a> {
    /// The number of the codec that made the payload.
    pub codec: u8,
    /// The absolute bound in force and the largest error found, for a lossy payload.
    pub bound: Option<ChunkBound>,
    /// Where NaN, infinities and fill values stand.
    pub specials: Option<&'a [u8]>,
    /// Values that the codec alone would have left outside the bound.
    pub corrections: Option<&'a [u8]>,
    /// The codec's bytes.
    pub payload: &'a [u8],
}

/// What a lossy chunk promises and reaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChunkBound {
    /// The bound that every value was held against: absolute, or relative to each value if the stream's bound is
    /// point-wise relative; NaN where the method's knobs decided.
    pub promised: f64,
    /// Largest `|x - x'|` of the finite values.
    pub max_error: f64,
}

impl<'a> Envelope<'a> {
    /// Appends the chunk in the format's bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        let flag = |there: bool, flag: u8| if there { flag } else { 0 };
        out.push(self.codec);
        out.push(
            flag(self.bound.is_some(), HAS_BOUND)
                | flag(self.specials.is_some(), HAS_SPECIALS)
                | flag(self.corrections.is_some(), HAS_CORRECTIONS),
        );
        if let Some(bound) = self.bound {
            out.extend_from_slice(&bound.promised.to_le_bytes());
            out.extend_from_slice(&bound.max_error.to_le_bytes());
        }
        for section in [self.specials, self.corrections].into_iter().flatten() {
            put_prefixed(out, section);
        }
        out.extend_from_slice(self.payload);
    }

    /// Takes a chunk apart.
    ///
    /// # Errors
    /// [`Error::Decode`] if it ends early or has a flag that no encoder sets.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut r = Reader::new(bytes);
        let (codec, flags) = (r.u8()?, r.u8()?);
        if flags & !(HAS_BOUND | HAS_SPECIALS | HAS_CORRECTIONS) != 0 {
            return Err(Error::corrupt("an unknown flag of a chunk"));
        }
        let bound = if flags & HAS_BOUND != 0 {
            Some(ChunkBound { promised: r.f64()?, max_error: r.f64()? })
        } else {
            None
        };
        let specials = if flags & HAS_SPECIALS != 0 { Some(r.prefixed()?) } else { None };
        let corrections = if flags & HAS_CORRECTIONS != 0 { Some(r.prefixed()?) } else { None };
        Ok(Self { codec, bound, specials, corrections, payload: r.rest() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_with_and_without_its_parts() {
        for mask in 0..8 {
            let part = |bit: u8, bytes: &'static [u8]| (mask & bit != 0).then_some(bytes);
            let bound = ChunkBound { promised: 0.5, max_error: 0.25 };
            let chunk = Envelope {
                codec: 3,
                bound: (mask & 1 != 0).then_some(bound),
                specials: part(2, b"where"),
                corrections: part(4, b""),
                payload: b"payload",
            };
            let mut bytes = Vec::new();
            chunk.write(&mut bytes);
            assert_eq!(Envelope::read(&bytes), Ok(chunk));
        }
        assert!(Envelope::read(&[1]).is_err() && Envelope::read(&[1, 8]).is_err());
    }
}

//! The contract of a codec: one chunk of contiguous values to bytes and back.

use crate::{Element, Result, Shape};
use alloc::string::String;
use alloc::vec::Vec;

/// What stands in a payload before the coded values: names of fields and what they say, for people to read.
pub type Fields = Vec<(&'static str, String)>;

/// What a codec has to hold for one chunk, after the user's bound was resolved.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Target {
    /// Bit-exact.
    Lossless,
    /// `|x - x'| <= E` for every value; finite, above 0.
    Abs(f64),
    /// `|x - x'| <= E * |x|` for every value; finite, above 0.
    PointwiseRel(f64),
    /// The codec's own settings decide.
    Knob,
}

/// What a codec knows about the bytes it wrote.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Encoded {
    /// Every value was reconstructed as the decoder will and held against the target in type `T`; this is the largest
    /// absolute error.
    Verified {
        /// Largest `|x - x'|`.
        max_error: f64,
    },
    /// The same, but that some values miss the target: the caller stores these exactly.
    Checked {
        /// Largest `|x - x'|` of the others.
        max_error: f64,
        /// Where they stand among the chunk's values, ascending.
        misses: Vec<usize>,
    },
    /// Nobody checked: the caller decodes and stores exactly what misses the target.
    Unverified,
}

/// One codec with its settings.
///
/// A codec sees one chunk at a time, contiguous, slow to fast; it knows nothing of files, threads or other codecs. Its
/// bytes are self-contained but for the shape: `decode` needs no settings. Lossy codecs may assume finite values
/// (the caller takes NaN, infinities and fill values out first, and puts them back), and must not panic on others.
/// The bytes depend on values, shape, target and settings only: never on threads, CPU or build.
///
/// ```
/// use tolzip_core::bytes::Reader;
/// use tolzip_core::{Codec, Encoded, Error, Result, Shape, Target};
///
/// /// The values as they are.
/// struct Plain;
///
/// impl Codec<u16> for Plain {
///     fn encode(&self, values: &[u16], shape: Shape, _: Target, out: &mut Vec<u8>) -> Result<Encoded> {
///         if values.len() != shape.len() {
///             return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
///         }
///         out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
///         Ok(Encoded::Verified { max_error: 0.0 })
///     }
///     fn decode(&self, bytes: &[u8], _: Shape, out: &mut [u16]) -> Result<()> {
///         let mut reader = Reader::new(bytes);
///         for value in out {
///             *value = reader.u16()?;
///         }
///         reader.finish()
///     }
/// }
///
/// let (mut bytes, mut back) = (Vec::new(), [0; 3]);
/// Plain.encode(&[1, 2, 300], Shape::line(3), Target::Lossless, &mut bytes)?;
/// Plain.decode(&bytes, Shape::line(3), &mut back)?;
/// assert_eq!((bytes, back), (vec![1, 0, 2, 0, 44, 1], [1, 2, 300]));
/// assert_eq!(Plain.decode(&[1], Shape::line(1), &mut [0]), Err(Error::truncated(2, 1)));
/// # Ok::<(), Error>(())
/// ```
pub trait Codec<T: Element>: Send + Sync {
    /// Appends the encoded chunk to `out`.
    ///
    /// # Errors
    /// When target or settings ask what the codec can't do. `values.len()` is `shape.len()`, or the error says so.
    fn encode(&self, values: &[T], shape: Shape, target: Target, out: &mut Vec<u8>) -> Result<Encoded>;

    /// As [`encode`](Self::encode), with the same bytes, for a caller that stores exactly what misses the target: a codec that can
    /// tell what decoding will give, at less than the cost of decoding, does ([`Encoded::Checked`]). Others leave it to the caller.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    fn encode_checked(
        &self,
        values: &[T],
        shape: Shape,
        target: Target,
        out: &mut Vec<u8>,
    ) -> Result<Encoded> {
        self.encode(values, shape, target, out)
    }

    /// Decodes a chunk into `out`, whose length is `shape.len()`. Must consume `bytes` exactly.
    ///
    /// # Errors
    /// Any bytes that `encode` can't have written give an error; none gives a panic, a hang, or memory use that is not
    /// linear in `bytes.len() + out.len()`.
    fn decode(&self, bytes: &[u8], shape: Shape, out: &mut [T]) -> Result<()>;

    /// The fields of a chunk in the order in which they stand, as the codec's page of the format names them; of what is coded,
    /// the number of bytes. A codec whose bytes have no fields of their own tells none.
    ///
    /// # Errors
    /// For bytes that end early, or of a kind that no encoder writes. That there is none does not say that the bytes are sound:
    /// `decode` does.
    fn describe(&self, _bytes: &[u8], _shape: Shape) -> Result<Fields> {
        Ok(Fields::new())
    }
}

//! The codec: one chunk as a zfp stream of its own.

use crate::zfp::check::Found;
use crate::zfp::{
    Mode, Params, Reader, Writer, coarsest, decode_body, decode_context, encode_body, encode_checked,
    encode_context,
};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use tolzip_core::{Codec, Encoded, Error, Fields, Float, Result, Shape, Target};

const METHOD: &str = "transform";
/// Of a chunk that is a zfp stream.
const STREAM: u8 = 1;
/// Of a chunk with entropy-coded coefficients.
const CONTEXT: u8 = 2;

/// zfp's transform coding as a tolzip codec.
///
/// A chunk is its folded shape (sides of 1 dropped, at most four dimensions) as a zfp stream without header, cut to
/// whole bytes. In front of it stand a byte 1 and the mode word of zfp's header: 2 bytes, or 8 if its low 12 bits are all
/// ones (little-endian). A byte 2 announces entropy-coded coefficients in place of the stream. A chunk without values has no
/// bytes.
///
/// ```
/// use tolzip_core::{Codec, Shape, Target};
/// use tolzip_transform::Transform;
///
/// let chunk: Vec<f32> = (0..4096).map(|i| (i as f32 * 0.01).sin()).collect();
/// let (shape, mut payload, mut back) = (Shape::new(&[64, 64])?, Vec::new(), vec![0f32; 4096]);
/// Transform::default().encode(&chunk, shape, Target::Lossless, &mut payload)?;
/// Transform::default().decode(&payload, shape, &mut back)?;
/// assert_eq!(back, chunk);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Transform {
    settings: Settings,
}

/// How a chunk's bits are limited.
///
/// ```
/// use tolzip_core::{Codec, Shape, Target};
/// use tolzip_transform::{Settings, Transform};
///
/// // 8 bits a value, behind 3 bytes that say so.
/// let mut payload = Vec::new();
/// let codec = Transform::new(Settings::Rate(8.0))?;
/// codec.encode(&[1.5f32; 4096], Shape::new(&[64, 64])?, Target::Knob, &mut payload)?;
/// assert_eq!(payload.len(), 3 + 4096);
/// assert!(Transform::new(Settings::Precision(65)).is_err());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Settings {
    /// By the target: the reversible transform for bit-exactness; for an absolute bound fixed accuracy, with a tolerance
    /// above the bound (up to 16 times) where a sample says that the few values which then miss it cost less, stored
    /// exactly by the caller, than what is saved.
    #[default]
    Auto,
    /// As [`Auto`](Self::Auto), with the coefficients of an absolute bound coded by context in place of zfp's own coding:
    /// smaller, and slower.
    Context,
    /// This many bits a value (above 0, at most 128), whatever the error.
    Rate(f64),
    /// This many bit planes of every block of 4 values a side (1 to 64), whatever the error.
    Precision(u32),
    /// Every value bit for bit.
    Reversible,
}

impl Transform {
    /// The codec with these settings.
    ///
    /// # Errors
    /// [`Error::BadSetting`] for a rate or precision outside its range.
    pub fn new(settings: Settings) -> Result<Self> {
        let bad = |knob, needs| Err(Error::BadSetting { method: METHOD, knob, needs });
        match settings {
            Settings::Rate(bits) if !(bits > 0.0 && bits <= 128.0) => {
                bad("rate", "bits a value above 0, at most 128")
            }
            Settings::Precision(planes) if !(1..=64).contains(&planes) => {
                bad("precision", "1 to 64 bit planes")
            }
            _ => Ok(Self { settings }),
        }
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> Settings {
        self.settings
    }

    fn mode(&self, target: Target) -> Result<Mode> {
        let unsupported = |kind| Err(Error::BoundUnsupported { method: METHOD, kind });
        Ok(match (target, self.settings) {
            (Target::Lossless, Settings::Auto | Settings::Context | Settings::Reversible) => Mode::Reversible,
            (Target::Abs(e), Settings::Auto | Settings::Context) => {
                if !(e > 0.0 && e.is_finite()) {
                    return Err(Error::BadBound { kind: "abs", value: e, needs: "a finite number above 0" });
                }
                Mode::Accuracy(e)
            }
            // Whatever the bound, this holds it.
            (Target::Knob | Target::Abs(_) | Target::PointwiseRel(_), Settings::Reversible) => {
                Mode::Reversible
            }
            (Target::Knob, Settings::Rate(bits)) => Mode::Rate(bits),
            (Target::Knob, Settings::Precision(planes)) => Mode::Precision(planes),
            (Target::Knob, Settings::Auto | Settings::Context) => {
                return Err(Error::BadSetting {
                    method: METHOD,
                    knob: "mode",
                    needs: "a rate, a precision or reversible where there is no bound",
                });
            }
            (Target::Lossless, _) => return unsupported("lossless"),
            (Target::Abs(_), _) => return unsupported("abs"),
            (Target::PointwiseRel(_), _) => return unsupported("pw_rel"),
            _ => return unsupported("this"),
        })
    }
}

impl Transform {
    fn encode_chunk<T: Float>(
        &self,
        values: &[T],
        shape: Shape,
        target: Target,
        check: bool,
        out: &mut Vec<u8>,
    ) -> Result<Encoded> {
        if values.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
        }
        let shape = coded_shape(shape)?;
        let mut params = self.mode(target)?.params(T::DTYPE, shape.ndim())?;
        let exact = Encoded::Verified { max_error: 0.0 };
        if values.is_empty() {
            return Ok(exact);
        }
        let mut bound = None;
        if let (Target::Abs(e), Settings::Auto | Settings::Context) = (target, self.settings) {
            params = coarsest(values, shape, params, e)?;
            bound = (check && !params.is_reversible()).then_some(e);
        }
        let by_context = self.settings == Settings::Context && !params.is_reversible();
        out.push(if by_context { CONTEXT } else { STREAM });
        let (word, bits) = params.mode_word();
        out.extend_from_slice(&word.to_le_bytes()[..bits.div_ceil(8) as usize]);
        let mut writer = Writer::new();
        let found = match bound {
            _ if by_context => encode_context(values, shape, params, bound, out)?,
            Some(bound) => encode_checked(values, shape, params, bound, &mut writer, out)?,
            None => {
                encode_body(values, shape, params, &mut writer, out)?;
                None
            }
        };
        writer.finish(out, 1);
        Ok(match found {
            Some(Found { max_error, misses }) => Encoded::Checked { max_error, misses },
            None if params.is_reversible() => exact,
            None => Encoded::Unverified,
        })
    }
}

/// The shape as it is coded: one to four dimensions.
fn coded_shape(shape: Shape) -> Result<Shape> {
    let folded = shape.folded();
    let first = folded.iter().position(|&side| side != 1).unwrap_or(3);
    Shape::new(&folded[first..])
}

impl<T: Float> Codec<T> for Transform {
    fn encode(&self, values: &[T], shape: Shape, target: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        self.encode_chunk(values, shape, target, false, out)
    }

    fn encode_checked(
        &self,
        values: &[T],
        shape: Shape,
        target: Target,
        out: &mut Vec<u8>,
    ) -> Result<Encoded> {
        self.encode_chunk(values, shape, target, true, out)
    }

    fn decode(&self, bytes: &[u8], shape: Shape, out: &mut [T]) -> Result<()> {
        if out.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: out.len() as u64 });
        }
        let mut head = tolzip_core::bytes::Reader::new(bytes);
        if out.is_empty() {
            return head.finish();
        }
        let (layout, params) = read_head(&mut head)?;
        if layout == CONTEXT {
            if params.is_reversible() {
                return Err(Error::corrupt("entropy-coded coefficients of a reversible mode"));
            }
            return decode_context(head.rest(), coded_shape(shape)?, params, out);
        }
        let mut reader = Reader::new(head.rest());
        decode_body(&mut reader, coded_shape(shape)?, params, out)?;
        if reader.is_at_end() { Ok(()) } else { Err(Error::corrupt("bits left over behind the last block")) }
    }

    fn describe(&self, bytes: &[u8], shape: Shape) -> Result<Fields> {
        let mut fields = Fields::new();
        if shape.is_empty() {
            return Ok(fields);
        }
        let mut head = tolzip_core::bytes::Reader::new(bytes);
        let (layout, params) = read_head(&mut head)?;
        let coder = if layout == CONTEXT { "context" } else { "zfp" };
        fields.push(("coder", coder.to_string()));
        if params.is_reversible() {
            fields.push(("mode", "reversible".to_string()));
        } else {
            fields.push(("least bits a block", params.min_bits().to_string()));
            fields.push(("most bits a block", params.max_bits().to_string()));
            fields.push(("most planes", params.max_prec().to_string()));
            fields.push(("least exponent", params.min_exp().to_string()));
        }
        fields.push(("coefficients", format!("{} bytes", head.rest().len())));
        Ok(fields)
    }
}

/// The layout and the mode before the coded coefficients.
fn read_head(head: &mut tolzip_core::bytes::Reader<'_>) -> Result<(u8, Params)> {
    let layout = head.u8()?;
    if layout != STREAM && layout != CONTEXT {
        return Err(Error::corrupt("a transform chunk of an unknown version"));
    }
    let mut word = u64::from(head.u16()?);
    if Params::is_long(word) {
        word |= u64::from(head.u16()?) << 16 | u64::from(head.u32()?) << 32;
    } else if word > 0xfff {
        return Err(Error::corrupt("a mode word of more than 12 bits"));
    }
    Ok((layout, Params::from_mode_word(word)?))
}

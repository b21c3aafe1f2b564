//! Compressors by other people, to compare with. All but pco see nothing but little-endian bytes.

use super::store::{from_le_bytes, put_le_bytes};
use alloc::vec::Vec;
use tolzip_core::bytes::try_vec;
use tolzip_core::{Codec, Element, Encoded, Error, Result, Shape, Target};
use tolzip_simd::floats::{Floats, FloatsMut, floats, floats_mut};
use tolzip_simd::words::{Words, WordsMut, words, words_mut};

/// Deflate (RFC 1951) by `miniz_oxide`.
///
/// ```
/// use tolzip::Method;
/// use tolzip::method::Deflate;
///
/// assert_eq!("deflate:level=9".parse::<Method>(), Ok(Method::Deflate(Deflate { level: 9 })));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deflate {
    /// 0 (store) to 9 (smallest).
    pub level: u8,
}

impl Default for Deflate {
    fn default() -> Self {
        Self { level: 6 }
    }
}

impl<T: Element> Codec<T> for Deflate {
    fn encode(&self, values: &[T], _: Shape, _: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        let mut raw = Vec::new();
        put_le_bytes(values, &mut raw);
        out.extend_from_slice(&miniz_oxide::deflate::compress_to_vec(&raw, self.level));
        Ok(Encoded::Verified { max_error: 0.0 })
    }

    fn decode(&self, bytes: &[u8], _: Shape, out: &mut [T]) -> Result<()> {
        let raw = miniz_oxide::inflate::decompress_to_vec_with_limit(bytes, size_of_val(out))
            .map_err(|_| Error::corrupt("not a deflate stream of this chunk"))?;
        from_le_bytes(&raw, out)
    }
}

/// LZ4's block format by `lz4_flex`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lz4;

impl<T: Element> Codec<T> for Lz4 {
    fn encode(&self, values: &[T], _: Shape, _: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        let mut raw = Vec::new();
        put_le_bytes(values, &mut raw);
        out.extend_from_slice(&lz4_flex::block::compress(&raw));
        Ok(Encoded::Verified { max_error: 0.0 })
    }

    fn decode(&self, bytes: &[u8], _: Shape, out: &mut [T]) -> Result<()> {
        let mut raw = try_vec::<u8>(size_of_val(out))?;
        let n = lz4_flex::block::decompress_into(bytes, &mut raw)
            .map_err(|_| Error::corrupt("not an LZ4 block of this chunk"))?;
        from_le_bytes(&raw[..n], out)
    }
}

/// Brotli (RFC 7932) by the `brotli` crate: of the class of zstd.
///
/// ```
/// use tolzip::Method;
/// use tolzip::method::Brotli;
///
/// assert_eq!("brotli:level=11".parse::<Method>(), Ok(Method::Brotli(Brotli { level: 11 })));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brotli {
    /// 0 (fastest) to 11 (smallest).
    pub level: u8,
}

impl Default for Brotli {
    fn default() -> Self {
        Self { level: 5 }
    }
}

impl<T: Element> Codec<T> for Brotli {
    fn encode(&self, values: &[T], _: Shape, _: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        let mut raw = Vec::new();
        put_le_bytes(values, &mut raw);
        let settings =
            brotli::enc::BrotliEncoderParams { quality: i32::from(self.level), ..Default::default() };
        brotli::BrotliCompress(&mut &raw[..], out, &settings)
            .map_err(|_| Error::OutOfMemory { bytes: raw.len() as u64 })?;
        Ok(Encoded::Verified { max_error: 0.0 })
    }

    fn decode(&self, bytes: &[u8], _: Shape, out: &mut [T]) -> Result<()> {
        use std::io::Read as _;
        let mut raw = Vec::new();
        // One byte more than there should be, to see that there is none.
        let most = size_of_val(out) as u64 + 1;
        brotli::Decompressor::new(bytes, 4096)
            .take(most)
            .read_to_end(&mut raw)
            .map_err(|_| Error::corrupt("not a brotli stream of this chunk"))?;
        from_le_bytes(&raw, out)
    }
}

/// Pcodec's standalone format by the `pco` crate. It sees f32 and f64 as what they are, and other types as unsigned integers.
///
/// ```
/// use tolzip::Method;
/// use tolzip::method::Pco;
///
/// assert_eq!("pco:level=12".parse::<Method>(), Ok(Method::Pco(Pco { level: 12 })));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pco {
    /// 0 (fastest) to 12 (smallest).
    pub level: u8,
}

impl Default for Pco {
    fn default() -> Self {
        Self { level: 8 }
    }
}

impl<T: Element> Codec<T> for Pco {
    fn encode(&self, values: &[T], _: Shape, _: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        let settings = pco::ChunkConfig::default().with_compression_level(usize::from(self.level));
        // What can fail is settings, which are checked, and writing, which is to memory.
        macro_rules! pack {
            ($values:expr) => {
                pco::standalone::simple_compress($values, &settings)
            };
        }
        let carriers = if is_carrier::<T>() { Some(T::as_carriers(values)) } else { None };
        let packed = match carriers.as_deref().map(floats) {
            Some(Floats::F32(values)) => pack!(values),
            Some(Floats::F64(values)) => pack!(values),
            None => match words(values) {
                // pco takes bytes only if it is told to, and discourages it.
                Words::W8(w) => pack!(&w.iter().map(|&b| u16::from(b)).collect::<Vec<u16>>()),
                Words::W16(w) => pack!(w),
                Words::W32(w) => pack!(w),
                Words::W64(w) => pack!(w),
            },
        };
        let failed = Error::BadSetting { method: "pco", knob: "level", needs: "0 to 12" };
        out.extend_from_slice(&packed.map_err(|_| failed)?);
        Ok(Encoded::Verified { max_error: 0.0 })
    }

    fn decode(&self, bytes: &[u8], _: Shape, out: &mut [T]) -> Result<()> {
        let n = out.len();
        macro_rules! unpack {
            ($out:expr) => {
                pco::standalone::simple_decompress_into(bytes, $out)
            };
        }
        let progress = match T::as_carriers_mut(out).map(floats_mut) {
            Some(FloatsMut::F32(out)) => unpack!(out),
            Some(FloatsMut::F64(out)) => unpack!(out),
            None => match words_mut(out) {
                WordsMut::W8(w) => {
                    let mut wide = try_vec::<u16>(w.len())?;
                    let progress = unpack!(&mut wide);
                    for (b, &x) in w.iter_mut().zip(&wide) {
                        *b = u8::try_from(x).map_err(|_| Error::corrupt("a byte above 255"))?;
                    }
                    progress
                }
                WordsMut::W16(w) => unpack!(w),
                WordsMut::W32(w) => unpack!(w),
                WordsMut::W64(w) => unpack!(w),
            },
        };
        match progress {
            Ok(progress) if progress.finished && progress.n_processed == n => Ok(()),
            _ => Err(Error::corrupt("not a pco file of this chunk")),
        }
    }
}

/// Whether the type is f32 or f64 itself.
fn is_carrier<T: Element>() -> bool {
    T::DTYPE == <T::Carrier as Element>::DTYPE
}

//! The codecs under their numbers. Numbers are part of the format: they are never reused.

#[cfg(feature = "baselines")]
pub(crate) mod baselines;
mod predict;
pub(crate) mod store;

use crate::method::Method;
use alloc::boxed::Box;
use predict::AnyPredict;
use tolzip_core::{Codec, Element, Float, Result};
use tolzip_fast::Fast;
use tolzip_lossless::Lossless;
use tolzip_predict::Predict;
use tolzip_transform::Transform;

/// The codecs' numbers in chunk envelopes.
pub(crate) mod id {
    pub(crate) const STORED: u8 = 0;
    pub(crate) const CONSTANT: u8 = 1;
    pub(crate) const LOSSLESS: u8 = 2;
    pub(crate) const PREDICT: u8 = 3;
    pub(crate) const TRANSFORM: u8 = 4;
    pub(crate) const FAST: u8 = 5;
    /// Not a codec, but the road's: another codec's payload of logarithms.
    pub(crate) const LOGARITHM: u8 = 16;
    /// The same of values in units of their bounds.
    pub(crate) const SCALED: u8 = 17;
    #[cfg(feature = "baselines")]
    pub(crate) const DEFLATE: u8 = 64;
    #[cfg(feature = "baselines")]
    pub(crate) const LZ4: u8 = 65;
    #[cfg(feature = "baselines")]
    pub(crate) const BROTLI: u8 = 66;
    #[cfg(feature = "baselines")]
    pub(crate) const PCO: u8 = 67;
}

/// What people call the codec with this number, if this build knows it; of logarithms and scaled values, the one inside.
pub(crate) fn name(number: u8, payload: &[u8]) -> Option<&'static str> {
    let number = if matches!(number, id::LOGARITHM | id::SCALED) { *payload.first()? } else { number };
    Some(match number {
        id::STORED => "stored",
        id::CONSTANT => "constant",
        id::LOSSLESS => "lossless",
        id::PREDICT => "predict",
        id::TRANSFORM => "transform",
        id::FAST => "fast",
        id::LOGARITHM => "logarithm",
        #[cfg(feature = "baselines")]
        id::DEFLATE => "deflate",
        #[cfg(feature = "baselines")]
        id::LZ4 => "lz4",
        #[cfg(feature = "baselines")]
        id::BROTLI => "brotli",
        #[cfg(feature = "baselines")]
        id::PCO => "pco",
        _ => return None,
    })
}

/// A codec with its number.
pub(crate) type Numbered<T> = (u8, Box<dyn Codec<T>>);

/// The bit-exact codec at its default level.
pub(crate) fn lossless() -> Lossless {
    Lossless::default()
}

/// The number and codec of a bit-exact method; the lossless codec for every other method.
pub(crate) fn exact<T: Element>(method: &Method) -> Numbered<T> {
    match method {
        Method::None => (id::STORED, Box::new(store::Store)),
        Method::Lossless(settings) => (id::LOSSLESS, Box::new(Lossless::new(*settings))),
        #[cfg(feature = "baselines")]
        Method::Deflate(settings) => (id::DEFLATE, Box::new(*settings)),
        #[cfg(feature = "baselines")]
        Method::Lz4 => (id::LZ4, Box::new(baselines::Lz4)),
        #[cfg(feature = "baselines")]
        Method::Brotli(settings) => (id::BROTLI, Box::new(*settings)),
        #[cfg(feature = "baselines")]
        Method::Pco(settings) => (id::PCO, Box::new(*settings)),
        _ => (id::LOSSLESS, Box::new(lossless())),
    }
}

/// The bit-exact codec with this number.
pub(crate) fn exact_by_id<T: Element>(number: u8) -> Option<Box<dyn Codec<T>>> {
    Some(match number {
        id::STORED => Box::new(store::Store),
        id::LOSSLESS => Box::new(lossless()),
        #[cfg(feature = "baselines")]
        id::DEFLATE => Box::new(baselines::Deflate::default()),
        #[cfg(feature = "baselines")]
        id::LZ4 => Box::new(baselines::Lz4),
        #[cfg(feature = "baselines")]
        id::BROTLI => Box::new(baselines::Brotli::default()),
        #[cfg(feature = "baselines")]
        id::PCO => Box::new(baselines::Pco::default()),
        _ => return None,
    })
}

/// The number and codec of a method that works on f32 or f64 and may lose something; `None` for every other method.
pub(crate) fn lossy<C: Float>(method: &Method) -> Result<Option<Numbered<C>>> {
    Ok(Some(match method {
        Method::Predict(settings) => (id::PREDICT, Box::new(AnyPredict(Predict::new(*settings)))),
        Method::Transform(settings) => (id::TRANSFORM, Box::new(Transform::new(*settings)?)),
        Method::Fast => (id::FAST, Box::new(Fast)),
        _ => return Ok(None),
    }))
}

/// The codec with this number that works on f32 or f64.
pub(crate) fn lossy_by_id<C: Float>(number: u8) -> Option<Box<dyn Codec<C>>> {
    Some(match number {
        id::PREDICT => Box::new(AnyPredict::default()),
        id::TRANSFORM => Box::new(Transform::default()),
        id::FAST => Box::new(Fast),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::{Bound, Compressor, Limits, Method, Stream};
    use alloc::vec::Vec;
    use tolzip_core::{Array, Shape};

    #[test]
    fn whatever_a_method_writes_has_a_name() {
        let values: Vec<f32> = (0..1200).map(|i| (i * i % 977) as f32 * 0.5 + 1.0).collect();
        let array = Array::new(values, Shape::new(&[30, 40]).unwrap()).unwrap();
        for info in crate::method::all() {
            for kind in info.bounds {
                let bound = match *kind {
                    "lossless" => Bound::Lossless,
                    "abs" => Bound::Abs(0.1),
                    "rel" => Bound::Rel(1e-3),
                    "pw_rel" => Bound::PointwiseRel(1e-2),
                    "knob" => Bound::Knob,
                    // Searched for among absolute ones.
                    _ => continue,
                };
                let method: Method = info.id.parse().unwrap();
                let bytes = Compressor::new(method, bound).compress(array.view()).unwrap();
                let chunk = Stream::open(&bytes, Limits::default()).unwrap().chunk(0).unwrap();
                assert!(chunk.codec_name.is_some(), "{} {kind}: codec {:?}", info.id, chunk.codec);
            }
        }
    }
}

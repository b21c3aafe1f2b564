//! Lossless float and byte-level backends of tolzip.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod bytes;
mod choose;
mod chunk;
mod cost;
mod float;
mod integer;
mod lane;
mod open;
mod planes;
mod stencil;
mod tokens;

use alloc::vec::Vec;
use tolzip_core::{Codec, Element, Encoded, Error, Result, Shape, Target};
use tolzip_simd::words::{Words, WordsMut, words, words_mut};

/// The bit-exact codec.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lossless;

impl<T: Element> Codec<T> for Lossless {
    fn encode(&self, values: &[T], shape: Shape, target: Target, out: &mut Vec<u8>) -> Result<Encoded> {
        if values.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
        }
        if !matches!(target, Target::Lossless | Target::Knob) {
            return Err(Error::BoundUnsupported { method: "lossless", kind: "lossy" });
        }
        let (sides, float) = (shape.folded(), T::DTYPE.is_float());
        match words(values) {
            Words::W8(w) => chunk::encode(w, sides, float, out),
            Words::W16(w) => chunk::encode(w, sides, float, out),
            Words::W32(w) => chunk::encode(w, sides, float, out),
            Words::W64(w) => chunk::encode(w, sides, float, out),
        }
        Ok(Encoded::Verified { max_error: 0.0 })
    }

    fn decode(&self, bytes: &[u8], shape: Shape, out: &mut [T]) -> Result<()> {
        if out.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: out.len() as u64 });
        }
        let sides = shape.folded();
        match words_mut(out) {
            WordsMut::W8(w) => chunk::decode(bytes, sides, w),
            WordsMut::W16(w) => chunk::decode(bytes, sides, w),
            WordsMut::W32(w) => chunk::decode(bytes, sides, w),
            WordsMut::W64(w) => chunk::decode(bytes, sides, w),
        }
    }
}

#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod codec;
mod compressor;
pub mod method;
mod parallel;
mod road;
mod stream;

pub use compressor::{Compressor, NonFinite, Summary, compress, compress_with};
pub use method::Method;
pub use stream::{DamagedChunk, Info, Limits, Stream, decompress};
pub use tolzip_core::error::DecodeError;
pub use tolzip_core::{
    AnyArray, Array, Bf16, Bound, DType, Element, Error, F16, Result, Scope, Shape, View, with_any,
    with_dtype,
};

/// The codecs themselves, for embedding in other formats: one chunk, no container.
pub mod codecs {
    pub use tolzip_core::{Codec, Encoded, Float, Target};
    pub use tolzip_lossless as lossless;
    pub use tolzip_predict as predict;
    pub use tolzip_reduce as reduce;
    pub use tolzip_transform as transform;
}

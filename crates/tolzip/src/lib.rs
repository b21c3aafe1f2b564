#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod aim;
mod codec;
mod compressor;
pub mod device;
mod input;
mod limits;
pub mod method;
mod parallel;
mod road;
mod stream;

pub use compressor::{Compressor, NonFinite, Summary, compress, compress_with};
pub use limits::Limits;
pub use method::Method;
pub use stream::{ChunkInfo, DamagedChunk, Info, Stream, decompress};
pub use tolzip_core::error::DecodeError;
pub use tolzip_core::{
    AnyArray, Array, Bf16, Bound, DType, Element, Error, F16, Result, Scope, Shape, Source, View, with_any,
    with_dtype,
};

/// zfp's own streams, without tolzip's container: for exchange with zfp, whose bytes they are.
///
/// ```
/// use tolzip::zfp::{self, Mode, Parts};
/// use tolzip::{Shape, View};
///
/// let field: Vec<f32> = (0..4096).map(|i| (i as f32 * 0.01).sin()).collect();
/// let view = View::new(&field, Shape::new(&[64, 64])?)?;
/// let stream = zfp::encode(view, Mode::Accuracy(1e-3), Parts::FULL)?; // what `zfp -f -2 64 64 -a 1e-3 -h` writes
/// let back = zfp::decode::<f32>(&stream, 1 << 20)?;
/// assert_eq!(back.shape(), view.shape());
/// # Ok::<(), tolzip::Error>(())
/// ```
pub mod zfp {
    pub use tolzip_transform::zfp::{Header, Mode, Params, Parts, decode, decode_any, decode_into, encode};
}

/// The codecs themselves, for embedding in other formats: one chunk, no container.
///
/// ```
/// use tolzip::Shape;
/// use tolzip::codecs::{Codec, Encoded, Target, predict::Predict};
///
/// let chunk: Vec<f32> = (0..4096).map(|i| (i as f32 * 0.01).sin()).collect();
/// let (shape, mut payload) = (Shape::new(&[64, 64])?, Vec::new());
/// let told = Predict::default().encode(&chunk, shape, Target::Abs(1e-3), &mut payload)?;
/// assert!(matches!(told, Encoded::Verified { max_error } if max_error <= 1e-3));
/// let mut back = vec![0f32; 4096];
/// Predict::default().decode(&payload, shape, &mut back)?;
/// # Ok::<(), tolzip::Error>(())
/// ```
pub mod codecs {
    pub use tolzip_core::{Codec, Encoded, Fields, Float, Target, Word};
    pub use tolzip_fast as fast;
    pub use tolzip_lossless as lossless;
    pub use tolzip_predict as predict;
    pub use tolzip_reduce as reduce;
    pub use tolzip_transform as transform;
}

//! What every part of tolzip agrees on: element types, shapes, bounds, errors, the codec trait and the container format.
//!
//! `no_std` + `alloc`, without dependencies. Most users want the `tolzip` crate, which re-exports what they need.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod any;
pub mod bound;
pub mod bytes;
pub mod codec;
pub mod element;
pub mod error;
pub mod frame;
pub mod half;
pub mod shape;
pub mod source;

pub use any::{AnyArray, Array};
pub use bound::{Bound, Scope};
pub use codec::{Codec, Encoded, Fields, Target};
pub use element::{DType, Element, Float, Word};
pub use error::{Error, Result};
pub use half::{Bf16, F16};
pub use shape::{MAX_DIMS, Shape, View};
pub use source::Source;

//! The prediction codec of tolzip: interpolation and Lorenzo predictors, a verified quantizer, context-coded residuals.
//!
//! The layout of a chunk is specified in `docs/codecs/predict.md`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod causal;
mod causal_chunk;
mod causal_decode;
mod causal_fit;
mod causal_layout;
mod choose;
mod codec;
mod counts;
mod decode;
mod describe;
mod encode;
mod flags;
mod grid;
mod interp;
mod interp_chunk;
mod interp_classes;
mod interp_fit;
mod interp_follow;
mod lattice;
mod logarithm;
mod mixed;
mod mixed_expect;
mod mixed_value;
mod model;
mod outlook;
mod quantum;
mod settings;
mod symbols;
#[cfg(test)]
mod tests;

pub use codec::Predict;
pub use outlook::Outlook;
pub use settings::{Predictor, Settings};

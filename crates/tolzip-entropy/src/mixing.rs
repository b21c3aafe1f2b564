//! Binary decisions whose probabilities several contexts agree on by logistic mixing.
//!
//! After M. Mahoney's PAQ ("Adaptive weighing of context models for lossless data compression", 2005): every context has
//! an adaptive probability of the decision; their logits are summed with weights that gradient descent keeps adapting; an
//! arithmetic coder takes the result. All of it in integers, so that every machine finds the same probabilities.

mod coder;
mod logistic;
mod mixer;
#[cfg(test)]
mod tests;

pub use coder::{BinaryCoder, BinaryDecoder, BinaryEncoder};
pub use mixer::{Mixer, Slot};

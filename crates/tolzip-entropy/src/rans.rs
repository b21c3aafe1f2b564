//! Interleaved rANS with static tables that a context byte selects.
//!
//! Range asymmetric numeral systems (J. Duda, "Asymmetric numeral systems", arXiv:1311.2540) in the interleaved form of
//! F. Giesen ("Interleaved entropy coders", arXiv:1402.3392): states of 32 bits, renormalised by words of 16 bits,
//! probabilities in units of 1/4096. Symbol `i` belongs to lane `i % lanes`, and all lanes share one stream of words, so
//! that a vector of lanes decodes at once and a plain loop decodes the same bytes.
//!
//! # Layout
//! One byte, 0 for 4 lanes or 1 for 32; the lanes' states at which decoding begins, `u32` each; then words, `u16` each,
//! in the order in which decoding needs them. All little-endian. To decode symbol `i` with state `x` of its lane and the
//! frequencies `f` and their running sums `c` of its context: `slot = x % 4096`; the symbol is the `s` with
//! `c[s] <= slot < c[s] + f[s]`; `x = f[s] * (x / 4096) + slot - c[s]`; if `x < 65536`, `x = 65536 * x + next word`.
//! At the end every state is 65536 and no word is left.

mod decode;
mod encode;
mod order0;
mod tables;

pub use decode::Decoder;
pub use encode::encode;
pub use order0::{decode_bytes, encode_bytes, encode_bytes_within};
pub use tables::Tables;

/// Probabilities are multiples of 2^-12.
pub const PROB_BITS: u32 = tolzip_simd::rans::PROB_BITS;

/// The states at the end of decoding, where encoding began.
const START: u32 = 1 << 16;

/// Lanes of a stream below [`FEW_LANES_BYTES`]: every lane costs about four bytes.
const FEW_LANES: usize = 4;
const MANY_LANES: usize = tolzip_simd::rans::LANES;
const FEW_LANES_BYTES: u64 = 8192;

#[cfg(test)]
mod tests;

//! The road between an array's chunk and its bytes, the same for every method:
//! take out NaN, infinities and fill values, resolve the bound, run the codec, check what it will decode to, store
//! exactly what misses the bound, wrap it up. And the same road back.

pub(crate) mod chunk;
pub(crate) mod decode;
pub(crate) mod describe;
pub(crate) mod encode;
pub(crate) mod logarithm;
pub(crate) mod patches;
mod scaled;
pub(crate) mod scan;
pub(crate) mod specials;
pub(crate) mod verify;

//! Models small enough to train hundreds of times in a minute, on `ndarray`. The same seed and data give the same
//! model whatever the number of threads: one training runs on one thread, in a fixed order.

mod mlp;
mod ridge;
mod scale;
mod trees;

pub(crate) use mlp::{Config, Mlp, Target, fit, train};
pub(crate) use ridge::ridge;
pub(crate) use scale::Scale;
pub(crate) use trees::{Boosting, boost};

use rand_chacha::{ChaCha8Rng, rand_core::Rng};

/// A uniform number in [0, 1).
pub(crate) fn unit(rng: &mut ChaCha8Rng) -> f32 {
    (rng.next_u32() >> 8) as f32 / (1u32 << 24) as f32
}

/// Fisher-Yates. Written here and not taken from a crate because its draws must not change with a crate's version.
pub(crate) fn shuffle(items: &mut [usize], rng: &mut ChaCha8Rng) {
    for i in (1..items.len()).rev() {
        let j = (u64::from(rng.next_u32()) * (i as u64 + 1)) >> 32;
        items.swap(i, j as usize);
    }
}

//! Kernels of the lossless codec: words to residuals, to tokens and open bits, and back.
//!
//! Every kernel is one plain body, compiled again for what newer CPUs have and chosen at run time; integers only, so that all
//! versions give the same.

mod context;
mod decimals;
mod differences;
mod integers;
mod open;
mod pack;
mod token;
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
mod x86;

pub use context::{levels, line_levels};
pub use decimals::{from_decimals, to_decimals};
pub use differences::{HASH, difference, integers, sixteenth, zigzag};
pub use integers::{RUN, Stencil, residuals, residuals_apart, restore, rotate, rotate_back, sampled};
pub use open::{open_read, open_write};
pub use pack::{TILE, extremes, occupied, pack, shift_by, survey, unpack};
pub use token::{known, open_bits, token, tokens};

/// Defines a function whose body is compiled for the build's target, for AVX2 and for AVX-512.
macro_rules! versions {
    ($(#[$doc:meta])* $name:ident$(<$($p:ident: $b:path),*>)?($($a:ident: $t:ty),* $(,)?) $(-> $r:ty)? $body:block) => {
        $(#[$doc])*
        #[inline]
        pub fn $name$(<$($p: $b),*>)?($($a: $t),*) $(-> $r)? {
            #[inline(always)]
            fn body$(<$($p: $b),*>)?($($a: $t),*) $(-> $r)? $body
            #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512cd,bmi1,bmi2,lzcnt")]
                fn avx512$(<$($p: $b),*>)?($($a: $t),*) $(-> $r)? {
                    body$(::<$($p),*>)?($($a),*)
                }
                #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
                fn avx2$(<$($p: $b),*>)?($($a: $t),*) $(-> $r)? {
                    body$(::<$($p),*>)?($($a),*)
                }
                match $crate::cpu::cpu() {
                    // SAFETY: the CPU has the features.
                    $crate::cpu::Cpu::Avx512 => return unsafe { avx512$(::<$($p),*>)?($($a),*) },
                    // SAFETY: as above.
                    $crate::cpu::Cpu::Avx2 => return unsafe { avx2$(::<$($p),*>)?($($a),*) },
                    _ => {}
                }
            }
            body$(::<$($p),*>)?($($a),*)
        }
    };
}
pub(crate) use versions;

/// Words of 32 bits as what they are.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[inline(always)]
fn as_u32<W: crate::lane::Lane>(words: &mut [W]) -> Option<&mut [u32]> {
    // SAFETY: `Word` is sealed, and its only implementor of 4 bytes is u32: the cast does not change the type.
    (W::BYTES == 4)
        .then(|| unsafe { core::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), words.len()) })
}

/// Words of 64 bits as what they are.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[inline(always)]
fn as_u64<W: crate::lane::Lane>(words: &mut [W]) -> Option<&mut [u64]> {
    // SAFETY: as above, of 8 bytes.
    (W::BYTES == 8)
        .then(|| unsafe { core::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), words.len()) })
}

/// The same, to be read only.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[inline(always)]
fn from_u32<W: crate::lane::Lane>(words: &[W]) -> Option<&[u32]> {
    // SAFETY: as in `as_u32`.
    (W::BYTES == 4).then(|| unsafe { core::slice::from_raw_parts(words.as_ptr().cast(), words.len()) })
}

/// The same, to be read only.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[inline(always)]
fn from_u64<W: crate::lane::Lane>(words: &[W]) -> Option<&[u64]> {
    // SAFETY: as in `as_u64`.
    (W::BYTES == 8).then(|| unsafe { core::slice::from_raw_parts(words.as_ptr().cast(), words.len()) })
}

#[cfg(test)]
mod tests;

//! Kernels of the lossless codec: words to residuals, to tokens and open bits, and back.
//!
//! Every kernel is one plain body, compiled again for what newer CPUs have and chosen at run time; integers only, so that all
//! versions give the same.

mod context;
mod decimals;
mod integers;
mod open;
mod pack;
mod token;

pub use context::{count, levels, line_levels};
pub use decimals::{from_decimals, to_decimals};
pub use integers::{
    combine, differences, from_integers, rotate, rotate_back, running_sums, separate, to_integers,
};
pub use open::{open_read, open_write};
pub use pack::{TILE, extremes, pack, shift_by, survey, unpack};
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
                match $crate::residuals::cpu() {
                    // SAFETY: the CPU has the features.
                    $crate::residuals::Cpu::Avx512 => return unsafe { avx512$(::<$($p),*>)?($($a),*) },
                    // SAFETY: as above.
                    $crate::residuals::Cpu::Avx2 => return unsafe { avx2$(::<$($p),*>)?($($a),*) },
                    $crate::residuals::Cpu::Other => {}
                }
            }
            body$(::<$($p),*>)?($($a),*)
        }
    };
}
pub(crate) use versions;

/// The versions that there are.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cpu {
    /// AVX-512 with the parts that came with its first servers.
    Avx512,
    /// AVX2 and what came with it.
    Avx2,
    /// Neither.
    Other,
}

/// What the CPU has. Kernels are called for rows and tiles: the answer is kept in one place.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[inline]
pub(crate) fn cpu() -> Cpu {
    use core::sync::atomic::{AtomicU8, Ordering};
    static KNOWN: AtomicU8 = AtomicU8::new(0);
    match KNOWN.load(Ordering::Relaxed) {
        0 => {
            let cpu = detect();
            KNOWN.store(cpu as u8 + 1, Ordering::Relaxed);
            cpu
        }
        1 => Cpu::Avx512,
        2 => Cpu::Avx2,
        _ => Cpu::Other,
    }
}

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[cold]
fn detect() -> Cpu {
    use std::is_x86_feature_detected as has;
    if !has!("avx2") || !has!("bmi1") || !has!("bmi2") || !has!("lzcnt") {
        return Cpu::Other;
    }
    if has!("avx512f") && has!("avx512bw") && has!("avx512vl") && has!("avx512dq") && has!("avx512cd") {
        return Cpu::Avx512;
    }
    Cpu::Avx2
}

#[cfg(test)]
mod tests;

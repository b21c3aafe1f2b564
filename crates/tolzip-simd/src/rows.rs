//! Row kernels of the prediction codec: plain loops over slices, compiled again for wider vectors and chosen at run time.
//!
//! Every element is calculated by itself, in the written order of operations, so that all versions give the same bits.

mod causal;
mod energy;
mod interpolate;
mod quantise;
mod translate;
mod wave;

pub use causal::{add, add_shifted, pre_quantise, residuals, weigh};
pub use energy::{activities, contexts, contexts_along, fold, unfold};
pub use interpolate::{Stencil, follow, interleave, predict, predict_along, take_half};
pub use quantise::{EXCEPTION, Quantum, Work, quantise, reconstruct, store, unfold_reconstruct};
pub use translate::translate;
pub use wave::{Batch, Chain, Near, TURNED, rows_at_once, turn};

/// Defines a function whose body is compiled for the build's target and again for AVX2 and AVX-512.
macro_rules! dispatched {
    ($(#[$doc:meta])* $name:ident<$($p:ident: $b:path),*>($($a:ident: $t:ty),* $(,)?) -> $r:ty $body:block) => {
        $(#[$doc])*
        #[inline]
        pub fn $name<$($p: $b),*>($($a: $t),*) -> $r {
            #[inline(always)]
            fn body<$($p: $b),*>($($a: $t),*) -> $r $body
            #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
            {
                #[target_feature(enable = "avx2")]
                fn avx2<$($p: $b),*>($($a: $t),*) -> $r {
                    body::<$($p),*>($($a),*)
                }
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512<$($p: $b),*>($($a: $t),*) -> $r {
                    body::<$($p),*>($($a),*)
                }
                match $crate::cpu::cpu() {
                    // SAFETY: the CPU has the features.
                    $crate::cpu::Cpu::Avx512 => return unsafe { avx512::<$($p),*>($($a),*) },
                    // SAFETY: the CPU has AVX2.
                    $crate::cpu::Cpu::Avx2 => return unsafe { avx2::<$($p),*>($($a),*) },
                    _ => {}
                }
            }
            body::<$($p),*>($($a),*)
        }
    };
}
pub(crate) use dispatched;

/// Where the `i`th block of `N` values of a row of `n` begins. What is left at the end is done with some of what was done before,
/// which comes out the same: value by value it would take longer than all of the others.
#[inline(always)]
fn place<const N: usize>(i: usize, n: usize) -> usize {
    (i * N).min(n - N)
}

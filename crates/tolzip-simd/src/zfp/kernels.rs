//! The steps for each type, compiled for each set of instructions, and the choice between them.

use super::scalar::Unsigned;
use super::steps::{forward_steps, inverse_steps, planes_steps};
use super::vector::Portable;
use super::{Blocks, Row, Transform};
use tolzip_core::Element;

/// What [`forward`](super::forward) and [`inverse`](super::inverse) call. Only for the types of this module.
pub trait Kernels: Element<Bits: Unsigned> {
    #[doc(hidden)]
    fn forward_batch<const N: usize>(
        values: &[Row<Self::Bits>; N],
        transform: Transform,
        planes: &mut [Row<Self::Bits>; N],
    ) -> Blocks<Self::Bits>;

    #[doc(hidden)]
    fn planes_batch<const N: usize>(coefficients: &[Row<Self::Bits>; N], planes: &mut [Row<Self::Bits>; N]);

    #[doc(hidden)]
    fn inverse_batch<const N: usize>(
        planes: &[Row<Self::Bits>; N],
        transform: Transform,
        exponents: &Row<i32>,
        reinterpreted: &Row<bool>,
        values: &mut [Row<Self::Bits>; N],
    );
}

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
macro_rules! dispatch {
    ($name:ident($($arg:ident: $type:ty),*) -> $out:ty, $steps:ident, $t:ident, $portable:ty) => {{
        use super::x86::{Avx2, Avx512, HasAvx2, HasAvx512};
        #[target_feature(enable = "avx2")]
        fn avx2<const N: usize>(cpu: HasAvx2, $($arg: $type),*) -> $out {
            $steps::<$t, Avx2, N>(cpu, $($arg),*)
        }
        #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
        fn avx512<const N: usize>(cpu: HasAvx512, $($arg: $type),*) -> $out {
            $steps::<$t, Avx512, N>(cpu, $($arg),*)
        }
        if let Some(cpu) = HasAvx512::detect() {
            // SAFETY: the features that the function is compiled for were just found.
            unsafe { avx512::<N>(cpu, $($arg),*) }
        } else if let Some(cpu) = HasAvx2::detect() {
            // SAFETY: as above.
            unsafe { avx2::<N>(cpu, $($arg),*) }
        } else {
            $steps::<$t, $portable, N>((), $($arg),*)
        }
    }};
}

#[cfg(not(all(feature = "dispatch", target_arch = "x86_64")))]
macro_rules! dispatch {
    ($name:ident($($arg:ident: $type:ty),*) -> $out:ty, $steps:ident, $t:ident, $portable:ty) => {
        $steps::<$t, $portable, N>((), $($arg),*)
    };
}

macro_rules! kernels {
    ($t:ident $u:ident $width:literal) => {
        impl Kernels for $t {
            fn forward_batch<const N: usize>(
                values: &[Row<$u>; N],
                transform: Transform,
                planes: &mut [Row<$u>; N],
            ) -> Blocks<$u> {
                dispatch!(
                    forward(values: &[Row<$u>; N], transform: Transform, planes: &mut [Row<$u>; N]) -> Blocks<$u>,
                    forward_steps, $t, Portable<$u, $width>
                )
            }

            fn planes_batch<const N: usize>(coefficients: &[Row<$u>; N], planes: &mut [Row<$u>; N]) {
                dispatch!(
                    planes(coefficients: &[Row<$u>; N], planes: &mut [Row<$u>; N]) -> (),
                    planes_steps, $t, Portable<$u, $width>
                )
            }

            fn inverse_batch<const N: usize>(
                planes: &[Row<$u>; N],
                transform: Transform,
                exponents: &Row<i32>,
                reinterpreted: &Row<bool>,
                values: &mut [Row<$u>; N],
            ) {
                dispatch!(
                    inverse(
                        planes: &[Row<$u>; N], transform: Transform, exponents: &Row<i32>,
                        reinterpreted: &Row<bool>, values: &mut [Row<$u>; N]
                    ) -> (),
                    inverse_steps, $t, Portable<$u, $width>
                )
            }
        }
    };
}
kernels!(f32 u32 4);
kernels!(f64 u64 4);
kernels!(i32 u32 4);
kernels!(i64 u64 4);

//! Vectors of x86-64.
//!
//! That the CPU has the instructions is proven by values: a vector is only made from others or from a [`HasAvx2`] or
//! [`HasAvx512`], and those only come from looking.

use super::vector::{Cast, Vector};
use super::{LANES, Row};
use crate::cpu::{Cpu, cpu};
use core::arch::x86_64::*;

/// Proof that the CPU has AVX2.
#[derive(Clone, Copy)]
pub(super) struct HasAvx2(());

impl HasAvx2 {
    /// Looks.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        (cpu() >= Cpu::Avx2).then_some(Self(()))
    }
}

/// Proof that the CPU has AVX-512 F, DQ, BW and VL.
#[derive(Clone, Copy)]
pub(super) struct HasAvx512(());

impl HasAvx512 {
    /// Looks.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        (cpu() == Cpu::Avx512).then_some(Self(()))
    }
}

/// AVX2: 8 lanes of 32 bits or 4 of 64.
#[derive(Clone, Copy)]
pub(super) struct Avx2(__m256i);

/// AVX-512: 16 lanes of 32 bits or 8 of 64.
#[derive(Clone, Copy)]
pub(super) struct Avx512(__m512i);

macro_rules! vector {
    (
        $name:ident $cpu:ident $t:ident $u:ident $i:ident $width:literal:
        $load:ident $store:ident $splat:ident $add:ident $sub:ident $and:ident $or:ident $xor:ident $shl:ident $shr:ident,
        $half:expr, $transpose:ident, $max:expr, $cast:expr, $uncast:expr
    ) => {
        // SAFETY (all blocks): there is a vector or a proof among the arguments, so the instructions are there; loads and
        // stores stay within the 16 lanes of the row, which the assertions hold them to.
        impl Vector<$u> for $name {
            type Cpu = $cpu;
            const WIDTH: usize = $width;

            #[inline(always)]
            fn load(_: $cpu, row: &Row<$u>, at: usize) -> Self {
                assert!(at + $width <= LANES);
                // SAFETY: see above; unaligned loads.
                Self(unsafe { $load(row.as_ptr().add(at).cast()) })
            }
            #[inline(always)]
            fn store(self, row: &mut Row<$u>, at: usize) {
                assert!(at + $width <= LANES);
                // SAFETY: see above; unaligned stores.
                unsafe { $store(row.as_mut_ptr().add(at).cast(), self.0) }
            }
            #[inline(always)]
            fn splat(_: $cpu, x: $u) -> Self {
                // SAFETY: see above.
                Self(unsafe { $splat(x as $i) })
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: see above.
                Self(unsafe { $add(self.0, other.0) })
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                // SAFETY: see above.
                Self(unsafe { $sub(self.0, other.0) })
            }
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                // SAFETY: see above.
                Self(unsafe { $and(self.0, other.0) })
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                // SAFETY: see above.
                Self(unsafe { $or(self.0, other.0) })
            }
            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                // SAFETY: see above.
                Self(unsafe { $xor(self.0, other.0) })
            }
            #[inline(always)]
            fn shl(self, by: u32) -> Self {
                // SAFETY: see above.
                Self(unsafe { $shl(self.0, _mm_cvtsi32_si128(by as i32)) })
            }
            #[inline(always)]
            fn shr(self, by: u32) -> Self {
                // SAFETY: see above.
                Self(unsafe { $shr(self.0, _mm_cvtsi32_si128(by as i32)) })
            }
            #[inline(always)]
            fn half(self) -> Self {
                // SAFETY: see above.
                Self(unsafe { $half(self.0) })
            }
            #[inline(always)]
            fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
                // SAFETY: see above.
                let [a, b, c, d] = unsafe { $transpose(a.0, b.0, c.0, d.0) };
                [Self(a), Self(b), Self(c), Self(d)]
            }
        }

        // SAFETY (all blocks): as above.
        impl Cast<$t> for $name {
            #[inline(always)]
            fn max_magnitude(self, other: Self) -> Self {
                const ALL_BUT_SIGN: $i = $i::MAX;
                // The instruction gives its second operand if either is NaN.
                // SAFETY: see above.
                Self(unsafe { $max($and(other.0, $splat(ALL_BUT_SIGN)), self.0) })
            }
            #[inline(always)]
            fn cast(self, scale: Self) -> Self {
                // SAFETY: see above.
                Self(unsafe { $cast(self.0, scale.0) })
            }
            #[inline(always)]
            fn uncast(self, scale: Self) -> Self {
                // SAFETY: see above.
                Self(unsafe { $uncast(self.0, scale.0) })
            }
        }
    };
}

vector! {
    Avx2 HasAvx2 f32 u32 i32 8:
    _mm256_loadu_si256 _mm256_storeu_si256 _mm256_set1_epi32 _mm256_add_epi32 _mm256_sub_epi32
    _mm256_and_si256 _mm256_or_si256 _mm256_xor_si256 _mm256_sll_epi32 _mm256_srl_epi32,
    |x| _mm256_srai_epi32::<1>(x), transpose_eight,
    |v, m| _mm256_castps_si256(_mm256_max_ps(_mm256_castsi256_ps(v), _mm256_castsi256_ps(m))),
    |v, s| _mm256_cvttps_epi32(_mm256_mul_ps(_mm256_castsi256_ps(v), _mm256_castsi256_ps(s))),
    |x, s| _mm256_castps_si256(_mm256_mul_ps(_mm256_cvtepi32_ps(x), _mm256_castsi256_ps(s)))
}

vector! {
    Avx2 HasAvx2 f64 u64 i64 4:
    _mm256_loadu_si256 _mm256_storeu_si256 _mm256_set1_epi64x _mm256_add_epi64 _mm256_sub_epi64
    _mm256_and_si256 _mm256_or_si256 _mm256_xor_si256 _mm256_sll_epi64 _mm256_srl_epi64,
    |x| _mm256_or_si256(_mm256_srli_epi64::<1>(x), _mm256_and_si256(x, _mm256_set1_epi64x(i64::MIN))),
    transpose_wide_four,
    |v, m| _mm256_castpd_si256(_mm256_max_pd(_mm256_castsi256_pd(v), _mm256_castsi256_pd(m))),
    |v, s| truncate_four(_mm256_mul_pd(_mm256_castsi256_pd(v), _mm256_castsi256_pd(s))),
    |x, s| _mm256_castpd_si256(_mm256_mul_pd(convert_four(x), _mm256_castsi256_pd(s)))
}

vector! {
    Avx512 HasAvx512 f32 u32 i32 16:
    _mm512_loadu_si512 _mm512_storeu_si512 _mm512_set1_epi32 _mm512_add_epi32 _mm512_sub_epi32
    _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512 _mm512_sll_epi32 _mm512_srl_epi32,
    |x| _mm512_srai_epi32::<1>(x), transpose_sixteen,
    |v, m| _mm512_castps_si512(_mm512_max_ps(_mm512_castsi512_ps(v), _mm512_castsi512_ps(m))),
    |v, s| _mm512_cvttps_epi32(_mm512_mul_ps(_mm512_castsi512_ps(v), _mm512_castsi512_ps(s))),
    |x, s| _mm512_castps_si512(_mm512_mul_ps(_mm512_cvtepi32_ps(x), _mm512_castsi512_ps(s)))
}

vector! {
    Avx512 HasAvx512 f64 u64 i64 8:
    _mm512_loadu_si512 _mm512_storeu_si512 _mm512_set1_epi64 _mm512_add_epi64 _mm512_sub_epi64
    _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512 _mm512_sll_epi64 _mm512_srl_epi64,
    |x| _mm512_srai_epi64::<1>(x), transpose_wide_eight,
    |v, m| _mm512_castpd_si512(_mm512_max_pd(_mm512_castsi512_pd(v), _mm512_castsi512_pd(m))),
    |v, s| _mm512_cvttpd_epi64(_mm512_mul_pd(_mm512_castsi512_pd(v), _mm512_castsi512_pd(s))),
    |x, s| _mm512_castpd_si512(_mm512_mul_pd(_mm512_cvtepi64_pd(x), _mm512_castsi512_pd(s)))
}

/// AVX2 has no conversion between f64 and 64-bit integers, so lane by lane.
///
/// # Safety
/// The machine has AVX2.
#[inline(always)]
unsafe fn truncate_four(v: __m256d) -> __m256i {
    // SAFETY: two halves of 128 bits each; the scalar instruction is part of x86-64.
    unsafe {
        let (low, high) = (_mm256_castpd256_pd128(v), _mm256_extractf128_pd::<1>(v));
        _mm256_set_epi64x(
            _mm_cvttsd_si64(_mm_unpackhi_pd(high, high)),
            _mm_cvttsd_si64(high),
            _mm_cvttsd_si64(_mm_unpackhi_pd(low, low)),
            _mm_cvttsd_si64(low),
        )
    }
}

/// # Safety
/// The machine has AVX2.
#[inline(always)]
unsafe fn convert_four(x: __m256i) -> __m256d {
    // SAFETY: a vector of four 64-bit integers is an array of them; any bits are valid.
    unsafe {
        let x: [i64; 4] = core::mem::transmute(x);
        _mm256_set_pd(x[3] as f64, x[2] as f64, x[1] as f64, x[0] as f64)
    }
}

/// Transposes the 4 by 4 words of every 128 bits, by interleaving twice.
macro_rules! transpose_words {
    ($name:ident $vector:ident $low:ident $high:ident $low_pairs:ident $high_pairs:ident) => {
        /// # Safety
        /// The machine has the instructions.
        #[inline(always)]
        unsafe fn $name(a: $vector, b: $vector, c: $vector, d: $vector) -> [$vector; 4] {
            // SAFETY: as the caller has it.
            unsafe {
                let (ab, cd) = ($low(a, b), $low(c, d));
                let (ab_high, cd_high) = ($high(a, b), $high(c, d));
                [
                    $low_pairs(ab, cd),
                    $high_pairs(ab, cd),
                    $low_pairs(ab_high, cd_high),
                    $high_pairs(ab_high, cd_high),
                ]
            }
        }
    };
}
transpose_words!(transpose_eight __m256i _mm256_unpacklo_epi32 _mm256_unpackhi_epi32 _mm256_unpacklo_epi64 _mm256_unpackhi_epi64);
transpose_words!(transpose_sixteen __m512i _mm512_unpacklo_epi32 _mm512_unpackhi_epi32 _mm512_unpacklo_epi64 _mm512_unpackhi_epi64);

/// Transposes 4 by 4 words of 64 bits.
///
/// # Safety
/// The machine has AVX2.
#[inline(always)]
unsafe fn transpose_wide_four(a: __m256i, b: __m256i, c: __m256i, d: __m256i) -> [__m256i; 4] {
    // SAFETY: as the caller has it.
    unsafe {
        let (ab, cd) = (_mm256_unpacklo_epi64(a, b), _mm256_unpacklo_epi64(c, d));
        let (ab_odd, cd_odd) = (_mm256_unpackhi_epi64(a, b), _mm256_unpackhi_epi64(c, d));
        [
            _mm256_permute2x128_si256::<0x20>(ab, cd),
            _mm256_permute2x128_si256::<0x20>(ab_odd, cd_odd),
            _mm256_permute2x128_si256::<0x31>(ab, cd),
            _mm256_permute2x128_si256::<0x31>(ab_odd, cd_odd),
        ]
    }
}

/// The same in both halves.
///
/// # Safety
/// The machine has AVX-512 F.
#[inline(always)]
unsafe fn transpose_wide_eight(a: __m512i, b: __m512i, c: __m512i, d: __m512i) -> [__m512i; 4] {
    // SAFETY: as the caller has it.
    unsafe {
        let (ab, cd) = (_mm512_unpacklo_epi64(a, b), _mm512_unpacklo_epi64(c, d));
        let (ab_odd, cd_odd) = (_mm512_unpackhi_epi64(a, b), _mm512_unpackhi_epi64(c, d));
        let first = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
        let second = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
        [
            _mm512_permutex2var_epi64(ab, first, cd),
            _mm512_permutex2var_epi64(ab_odd, first, cd_odd),
            _mm512_permutex2var_epi64(ab, second, cd),
            _mm512_permutex2var_epi64(ab_odd, second, cd_odd),
        ]
    }
}

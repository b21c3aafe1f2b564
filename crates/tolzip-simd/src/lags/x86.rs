//! Running sums in vectors: within a vector in log steps, so that only one addition waits for the vector before.

use super::running_sums;
use core::arch::x86_64::*;

/// Sixteen at a time. `line` is as long as `u`.
#[target_feature(enable = "avx512f")]
pub(super) fn unfold_differences_avx512(u: &[u32], last: i32, line: &mut [i32]) {
    let (whole, rest) = u.as_chunks::<16>();
    let (out, out_rest) = line.as_chunks_mut::<16>();
    let zero = _mm512_setzero_si512();
    let top = _mm512_set1_epi32(15);
    let mut carry = _mm512_set1_epi32(last);
    for (u, out) in whole.iter().zip(out) {
        // SAFETY: an unaligned load of sixteen integers.
        let u = unsafe { _mm512_loadu_si512(u.as_ptr().cast()) };
        let sign = _mm512_sub_epi32(zero, _mm512_and_si512(u, _mm512_set1_epi32(1)));
        let mut s = _mm512_xor_si512(_mm512_srli_epi32::<1>(u), sign);
        s = _mm512_add_epi32(s, _mm512_alignr_epi32::<15>(s, zero));
        s = _mm512_add_epi32(s, _mm512_alignr_epi32::<14>(s, zero));
        s = _mm512_add_epi32(s, _mm512_alignr_epi32::<12>(s, zero));
        s = _mm512_add_epi32(s, _mm512_alignr_epi32::<8>(s, zero));
        // SAFETY: an unaligned store of sixteen integers.
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), _mm512_add_epi32(s, carry)) };
        carry = _mm512_add_epi32(carry, _mm512_permutexvar_epi32(top, s));
    }
    running_sums(rest, _mm_cvtsi128_si32(_mm512_castsi512_si128(carry)), out_rest);
}

/// Eight at a time. `line` is as long as `u`.
#[target_feature(enable = "avx2")]
pub(super) fn unfold_differences_avx2(u: &[u32], last: i32, line: &mut [i32]) {
    let (whole, rest) = u.as_chunks::<8>();
    let (out, out_rest) = line.as_chunks_mut::<8>();
    let zero = _mm256_setzero_si256();
    let middle = _mm256_setr_epi32(0, 0, 0, 0, 3, 3, 3, 3);
    let top = _mm256_set1_epi32(7);
    let mut carry = _mm256_set1_epi32(last);
    for (u, out) in whole.iter().zip(out) {
        // SAFETY: an unaligned load of eight integers.
        let u = unsafe { _mm256_loadu_si256(u.as_ptr().cast()) };
        let sign = _mm256_sub_epi32(zero, _mm256_and_si256(u, _mm256_set1_epi32(1)));
        let mut s = _mm256_xor_si256(_mm256_srli_epi32::<1>(u), sign);
        // Shifts of bytes stay within halves; the upper half then lacks the lower one's sum.
        s = _mm256_add_epi32(s, _mm256_slli_si256::<4>(s));
        s = _mm256_add_epi32(s, _mm256_slli_si256::<8>(s));
        let lower = _mm256_blend_epi32::<0b1111_0000>(zero, _mm256_permutevar8x32_epi32(s, middle));
        s = _mm256_add_epi32(s, lower);
        // SAFETY: an unaligned store of eight integers.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), _mm256_add_epi32(s, carry)) };
        carry = _mm256_add_epi32(carry, _mm256_permutevar8x32_epi32(s, top));
    }
    running_sums(rest, _mm256_cvtsi256_si32(carry), out_rest);
}

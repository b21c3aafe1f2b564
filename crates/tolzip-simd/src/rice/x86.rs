//! The operations in AVX2 and AVX-512. They are only called from code that was compiled for, and is only run with, the
//! features they need: see `with_vectors`.

use super::vectors::{Bytes, Vectors};
use core::arch::x86_64::*;

/// AVX2 and BMI2: half a block at once.
pub(super) struct Avx2;

/// AVX-512 (F, BW) and BMI2: a block at once.
pub(super) struct Avx512;

// SAFETY (all blocks): the instructions are there, as the module's head says; a half is 32 of the 64 bytes.

#[inline(always)]
fn halves(bytes: &Bytes) -> [__m256i; 2] {
    // SAFETY: unaligned loads of bytes 0 to 31 and 32 to 63.
    unsafe {
        let at = bytes.as_ptr();
        [_mm256_loadu_si256(at.cast()), _mm256_loadu_si256(at.add(32).cast())]
    }
}

#[inline(always)]
fn signs([low, high]: [__m256i; 2]) -> u64 {
    // SAFETY: see above.
    let (low, high) = unsafe { (_mm256_movemask_epi8(low), _mm256_movemask_epi8(high)) };
    u64::from(low as u32) | u64::from(high as u32) << 32
}

impl Vectors for Avx2 {
    #[inline(always)]
    fn plane(bytes: &Bytes, j: u32) -> u64 {
        // SAFETY: see above. Whatever a shift brings in from the neighbouring byte stays below the sign.
        signs(halves(bytes).map(|x| unsafe { _mm256_sll_epi16(x, _mm_cvtsi32_si128(7 - j as i32)) }))
    }

    #[inline(always)]
    fn reach(bytes: &Bytes, level: u8) -> u64 {
        // SAFETY: see above.
        signs(halves(bytes).map(|x| unsafe { _mm256_cmpgt_epi8(x, _mm256_set1_epi8(level as i8 - 1)) }))
    }

    #[inline(always)]
    fn add(bytes: &mut Bytes, mask: u64, part: u8) {
        let old = halves(bytes);
        // SAFETY: see above; stores to bytes 0 to 31 and 32 to 63.
        unsafe {
            let spread =
                _mm256_setr_epi64x(0, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303);
            let own = _mm256_set1_epi64x(0x8040_2010_0804_0201_u64 as i64);
            let part = _mm256_set1_epi8(part as i8);
            for (k, old) in old.into_iter().enumerate() {
                let word = _mm256_set1_epi32((mask >> (32 * k)) as i32);
                let bits = _mm256_and_si256(_mm256_shuffle_epi8(word, spread), own);
                let set = _mm256_and_si256(_mm256_cmpeq_epi8(bits, own), part);
                _mm256_storeu_si256(bytes.as_mut_ptr().add(32 * k).cast(), _mm256_add_epi8(old, set));
            }
        }
    }

    #[inline(always)]
    fn gather(x: u64, mask: u64) -> u64 {
        // SAFETY: see above.
        unsafe { _pext_u64(x, mask) }
    }

    #[inline(always)]
    fn scatter(x: u64, mask: u64) -> u64 {
        // SAFETY: see above.
        unsafe { _pdep_u64(x, mask) }
    }
}

#[inline(always)]
fn whole(bytes: &Bytes) -> __m512i {
    // SAFETY: an unaligned load of the 64 bytes.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

impl Vectors for Avx512 {
    #[inline(always)]
    fn plane(bytes: &Bytes, j: u32) -> u64 {
        // SAFETY: see above.
        unsafe { _mm512_test_epi8_mask(whole(bytes), _mm512_set1_epi8((1u8 << j) as i8)) }
    }

    #[inline(always)]
    fn reach(bytes: &Bytes, level: u8) -> u64 {
        // SAFETY: see above.
        unsafe { _mm512_cmpge_epu8_mask(whole(bytes), _mm512_set1_epi8(level as i8)) }
    }

    #[inline(always)]
    fn add(bytes: &mut Bytes, mask: u64, part: u8) {
        // SAFETY: see above; a store to the 64 bytes.
        unsafe {
            let old = whole(bytes);
            let new = _mm512_mask_add_epi8(old, mask, old, _mm512_set1_epi8(part as i8));
            _mm512_storeu_si512(bytes.as_mut_ptr().cast(), new);
        }
    }

    #[inline(always)]
    fn gather(x: u64, mask: u64) -> u64 {
        Avx2::gather(x, mask)
    }

    #[inline(always)]
    fn scatter(x: u64, mask: u64) -> u64 {
        Avx2::scatter(x, mask)
    }
}

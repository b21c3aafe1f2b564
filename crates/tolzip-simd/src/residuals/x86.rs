//! AVX-512: where a plain body does not become vectors by itself.

use core::arch::x86_64::*;

mod write;

pub(super) use write::{open_write32, open_write64};

/// Adds to each value all before it, and `sum`: within a vector in log steps, so that only one addition waits for the vector
/// before.
#[target_feature(enable = "avx512f")]
pub(super) fn sums32(row: &mut [u32], sum: u32) {
    let zero = _mm512_setzero_si512();
    let top = _mm512_set1_epi32(15);
    let mut carry = _mm512_set1_epi32(sum as i32);
    for part in row.chunks_mut(16) {
        let mask = u16::MAX >> (16 - part.len());
        let p = part.as_mut_ptr().cast();
        // SAFETY: the mask has a bit for each value of `part`.
        let mut s = unsafe { _mm512_maskz_loadu_epi32(mask, p) };
        s = _mm512_add_epi32(s, _mm512_alignr_epi32::<15>(s, zero));
        s = _mm512_add_epi32(s, _mm512_alignr_epi32::<14>(s, zero));
        s = _mm512_add_epi32(s, _mm512_alignr_epi32::<12>(s, zero));
        s = _mm512_add_epi32(s, _mm512_alignr_epi32::<8>(s, zero));
        // SAFETY: as above.
        unsafe { _mm512_mask_storeu_epi32(p, mask, _mm512_add_epi32(s, carry)) };
        carry = _mm512_add_epi32(carry, _mm512_permutexvar_epi32(top, s));
    }
}

/// The same of longer words.
#[target_feature(enable = "avx512f")]
pub(super) fn sums64(row: &mut [u64], sum: u64) {
    let zero = _mm512_setzero_si512();
    let top = _mm512_set1_epi64(7);
    let mut carry = _mm512_set1_epi64(sum as i64);
    for part in row.chunks_mut(8) {
        let mask = u8::MAX >> (8 - part.len());
        let p = part.as_mut_ptr().cast();
        // SAFETY: the mask has a bit for each value of `part`.
        let mut s = unsafe { _mm512_maskz_loadu_epi64(mask, p) };
        s = _mm512_add_epi64(s, _mm512_alignr_epi64::<7>(s, zero));
        s = _mm512_add_epi64(s, _mm512_alignr_epi64::<6>(s, zero));
        s = _mm512_add_epi64(s, _mm512_alignr_epi64::<4>(s, zero));
        // SAFETY: as above.
        unsafe { _mm512_mask_storeu_epi64(p, mask, _mm512_add_epi64(s, carry)) };
        carry = _mm512_add_epi64(carry, _mm512_permutexvar_epi64(top, s));
    }
}

/// The 64 bytes that hold bit `at` in the first of them; zeros beyond the end.
#[inline]
#[target_feature(enable = "avx512f")]
fn window(bytes: &[u8], at: u64) -> __m512i {
    let from = (at / 8) as usize;
    let rest = bytes.get(from..).unwrap_or_default();
    // SAFETY: there are 64 bytes.
    let load = |all: &[u8; 64]| unsafe { _mm512_loadu_si512(all.as_ptr().cast()) };
    if let Some(all) = rest.first_chunk::<64>() {
        return load(all);
    }
    let mut last = [0; 64];
    last[..rest.len()].copy_from_slice(rest);
    load(&last)
}

/// Puts words together from their tokens and open bits, of which 16 words' fit into a vector; the position behind the bits.
///
/// # Panics
/// If there are fewer tokens than words.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn open_read32(bytes: &[u8], tokens: &[u8], words: &mut [u32]) -> u64 {
    let tokens = &tokens[..words.len()];
    let (zero, one) = (_mm512_setzero_si512(), _mm512_set1_epi32(1));
    let mut at = 0u64;
    for (words, tokens) in words.chunks_mut(16).zip(tokens.chunks(16)) {
        let mask = u16::MAX >> (16 - words.len());
        // SAFETY: the mask has a bit for each token.
        let t = _mm512_cvtepu8_epi32(unsafe { _mm_maskz_loadu_epi8(mask, tokens.as_ptr().cast()) });
        let open = _mm512_sub_epi32(_mm512_max_epu32(_mm512_srli_epi32::<1>(t), one), one);
        let open = _mm512_and_si512(open, _mm512_set1_epi32(31));
        let mut ends = open;
        ends = _mm512_add_epi32(ends, _mm512_alignr_epi32::<15>(ends, zero));
        ends = _mm512_add_epi32(ends, _mm512_alignr_epi32::<14>(ends, zero));
        ends = _mm512_add_epi32(ends, _mm512_alignr_epi32::<12>(ends, zero));
        ends = _mm512_add_epi32(ends, _mm512_alignr_epi32::<8>(ends, zero));
        // At most 7 + 16 * 31 bits: none beyond the window.
        let begin = _mm512_add_epi32(_mm512_sub_epi32(ends, open), _mm512_set1_epi32((at % 8) as i32));
        let window = window(bytes, at);
        let index = _mm512_srli_epi32::<5>(begin);
        let low = _mm512_permutexvar_epi32(index, window);
        let high = _mm512_permutexvar_epi32(_mm512_add_epi32(index, one), window);
        let shift = _mm512_and_si512(begin, _mm512_set1_epi32(31));
        let bits = _mm512_or_si512(
            _mm512_srlv_epi32(low, shift),
            // By 32 there is nothing left.
            _mm512_sllv_epi32(high, _mm512_sub_epi32(_mm512_set1_epi32(32), shift)),
        );
        let few = _mm512_sub_epi32(_mm512_sllv_epi32(one, open), one);
        let second = _mm512_or_si512(_mm512_and_si512(t, one), _mm512_set1_epi32(2));
        let short = _mm512_cmplt_epu32_mask(t, _mm512_set1_epi32(2));
        let known = _mm512_mask_mov_epi32(_mm512_sllv_epi32(second, open), short, t);
        // known ^ bits & few
        let all = _mm512_ternarylogic_epi32::<0x78>(known, bits, few);
        // SAFETY: the mask has a bit for each word.
        unsafe { _mm512_mask_storeu_epi32(words.as_mut_ptr().cast(), mask, all) };
        at += _mm_extract_epi32::<3>(_mm512_extracti32x4_epi32::<3>(ends)) as u64;
    }
    at
}

/// The same of longer words, of which 8 words' open bits fit into a vector.
///
/// # Panics
/// If there are fewer tokens than words.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn open_read64(bytes: &[u8], tokens: &[u8], words: &mut [u64]) -> u64 {
    let tokens = &tokens[..words.len()];
    let (zero, one) = (_mm512_setzero_si512(), _mm512_set1_epi64(1));
    let mut at = 0u64;
    for (words, tokens) in words.chunks_mut(8).zip(tokens.chunks(8)) {
        let mask = u8::MAX >> (8 - words.len());
        // SAFETY: the mask has a bit for each token.
        let t = unsafe { _mm_maskz_loadu_epi8(u16::from(mask), tokens.as_ptr().cast()) };
        let t = _mm512_cvtepu8_epi64(t);
        let open = _mm512_sub_epi64(_mm512_max_epu64(_mm512_srli_epi64::<1>(t), one), one);
        let open = _mm512_and_si512(open, _mm512_set1_epi64(63));
        let mut ends = open;
        ends = _mm512_add_epi64(ends, _mm512_alignr_epi64::<7>(ends, zero));
        ends = _mm512_add_epi64(ends, _mm512_alignr_epi64::<6>(ends, zero));
        ends = _mm512_add_epi64(ends, _mm512_alignr_epi64::<4>(ends, zero));
        // At most 7 + 8 * 63 bits: none beyond the window.
        let begin = _mm512_add_epi64(_mm512_sub_epi64(ends, open), _mm512_set1_epi64((at % 8) as i64));
        let window = window(bytes, at);
        let index = _mm512_srli_epi64::<6>(begin);
        let low = _mm512_permutexvar_epi64(index, window);
        let high = _mm512_permutexvar_epi64(_mm512_add_epi64(index, one), window);
        let shift = _mm512_and_si512(begin, _mm512_set1_epi64(63));
        let bits = _mm512_or_si512(
            _mm512_srlv_epi64(low, shift),
            // By 64 there is nothing left.
            _mm512_sllv_epi64(high, _mm512_sub_epi64(_mm512_set1_epi64(64), shift)),
        );
        let few = _mm512_sub_epi64(_mm512_sllv_epi64(one, open), one);
        let second = _mm512_or_si512(_mm512_and_si512(t, one), _mm512_set1_epi64(2));
        let short = _mm512_cmplt_epu64_mask(t, _mm512_set1_epi64(2));
        let known = _mm512_mask_mov_epi64(_mm512_sllv_epi64(second, open), short, t);
        // known ^ bits & few
        let all = _mm512_ternarylogic_epi64::<0x78>(known, bits, few);
        // SAFETY: the mask has a bit for each word.
        unsafe { _mm512_mask_storeu_epi64(words.as_mut_ptr().cast(), mask, all) };
        at += _mm_extract_epi64::<1>(_mm512_extracti32x4_epi32::<3>(ends)) as u64;
    }
    at
}

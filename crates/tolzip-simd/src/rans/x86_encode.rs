//! AVX-512: sixteen lanes in a register, words gathered by a compressing move.

use super::{LANES, PROB_BITS};
use core::arch::x86_64::*;

/// Half of the lanes.
const HALF: usize = LANES / 2;

/// [`encode`](super::encode::encode), which checks what is asked for here.
///
/// # Safety
/// The CPU has the features; every context has its 256 entries; `symbols`, `contexts` and `words` are of one length,
/// which is a multiple of 32.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) unsafe fn encode_avx512(
    entries: &[u32],
    states: &mut [u32; LANES],
    symbols: &[u8],
    contexts: &[u8],
    words: &mut [u16],
) -> Option<usize> {
    const DOWN: i32 = _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC;
    let table = entries.as_ptr().cast::<i32>();
    let total = _mm512_set1_epi32(1 << PROB_BITS);
    let (mut missing, mut left) = (0, words.len());
    // SAFETY: `states` holds 32 values of 4 bytes.
    let mut halves = unsafe {
        let p = states.as_ptr();
        [_mm512_loadu_si512(p.cast()), _mm512_loadu_si512(p.add(HALF).cast())]
    };
    let mut end = symbols.len();
    while end > 0 {
        for half in [1, 0] {
            end -= HALF;
            // SAFETY: sixteen symbols and contexts begin at `end`.
            let (s, c) = unsafe {
                let s = _mm_loadu_si128(symbols.as_ptr().add(end).cast());
                let c = _mm_loadu_si128(contexts.as_ptr().add(end).cast());
                (_mm512_cvtepu8_epi32(s), _mm512_cvtepu8_epi32(c))
            };
            let index = _mm512_or_si512(_mm512_slli_epi32::<8>(c), s);
            // SAFETY: every context has its 256 entries.
            let entry = unsafe { _mm512_i32gather_epi32::<4>(index, table) };
            let frequency = _mm512_and_si512(entry, _mm512_set1_epi32(0xffff));
            missing |= _mm512_testn_epi32_mask(frequency, frequency);
            let x = halves[half];
            let full = _mm512_cmpge_epu32_mask(_mm512_srli_epi32::<20>(x), frequency);
            let count = full.count_ones() as usize;
            left -= count;
            let shed = _mm512_cvtepi32_epi16(_mm512_maskz_compress_epi32(full, x));
            // SAFETY: no lane has shed more words than it had symbols, so that `count` words end where the last ones
            // begin, within `words`; masked-off ones are not written.
            unsafe {
                let kept = ((1u32 << count) - 1) as __mmask16;
                _mm256_mask_storeu_epi16(words.as_mut_ptr().add(left).cast(), kept, shed);
            }
            let x = _mm512_mask_srli_epi32::<16>(x, full, x);
            // Both roundings go down and each loses less than 2^-23 of a quotient below 2^20: it is right or one short.
            let quotient = _mm512_div_round_ps::<DOWN>(
                _mm512_cvt_roundepu32_ps::<DOWN>(x),
                _mm512_cvtepi32_ps(frequency),
            );
            let quotient = _mm512_cvttps_epi32(quotient);
            let rest = _mm512_sub_epi32(x, _mm512_mullo_epi32(quotient, frequency));
            let short = _mm512_cmpge_epu32_mask(rest, frequency);
            // (x / f) * 4096 + x % f + start
            let rest = _mm512_mask_sub_epi32(rest, short, rest, frequency);
            let scaled = _mm512_slli_epi32::<PROB_BITS>(quotient);
            let scaled = _mm512_mask_add_epi32(scaled, short, scaled, total);
            halves[half] = _mm512_add_epi32(_mm512_add_epi32(scaled, rest), _mm512_srli_epi32::<16>(entry));
        }
    }
    // SAFETY: `states` holds 32 values of 4 bytes.
    unsafe {
        let p = states.as_mut_ptr();
        _mm512_storeu_si512(p.cast(), halves[0]);
        _mm512_storeu_si512(p.add(HALF).cast(), halves[1]);
    }
    (missing == 0).then(|| words.len() - left)
}

//! AVX-512: sixteen lanes in a register, words dealt out by an expanding move.

use super::{LANES, PROB_BITS, SLOT_MASK, Stream, careful};
use core::arch::x86_64::*;

/// Half of the lanes.
const HALF: usize = LANES / 2;

/// One step of sixteen lanes, of which those in `mask` have a symbol to decode.
///
/// # Safety
/// The CPU has the features; each of the masked contexts has its slots; 32 bytes can be read at `words`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
unsafe fn step(
    slots: *const i32,
    states: __m512i,
    contexts: __m128i,
    mask: __mmask16,
    words: *const u8,
) -> (__m512i, __m128i, u32) {
    let low = _mm512_set1_epi32(SLOT_MASK as i32);
    let base = _mm512_slli_epi32::<PROB_BITS>(_mm512_cvtepu8_epi32(contexts));
    let index = _mm512_or_si512(base, _mm512_and_si512(states, low));
    // SAFETY: masked contexts have their 4096 slots, and the others are not read.
    let slot = unsafe { _mm512_mask_i32gather_epi32::<4>(_mm512_setzero_si512(), mask, index, slots) };
    let frequency =
        _mm512_add_epi32(_mm512_and_si512(_mm512_srli_epi32::<8>(slot), low), _mm512_set1_epi32(1));
    let scaled = _mm512_mullo_epi32(frequency, _mm512_srli_epi32::<PROB_BITS>(states));
    let next = _mm512_add_epi32(scaled, _mm512_srli_epi32::<20>(slot));
    let due = _mm512_mask_cmplt_epu32_mask(mask, next, _mm512_set1_epi32(1 << 16));
    // SAFETY: 32 bytes can be read.
    let words = _mm512_cvtepu16_epi32(unsafe { _mm256_loadu_si256(words.cast()) });
    let dealt = _mm512_maskz_expand_epi32(due, words);
    let next = _mm512_mask_or_epi32(next, due, _mm512_slli_epi32::<16>(next), dealt);
    (_mm512_mask_mov_epi32(states, mask, next), _mm512_cvtepi32_epi8(slot), due.count_ones())
}

/// [`decode`](super::decode), which checks what is asked for here.
///
/// # Safety
/// The CPU has the features; every context has its 4096 slots; `contexts` and `out` are of one length.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) unsafe fn decode_avx512(
    slots: &[u32],
    stream: &mut Stream<'_>,
    contexts: &[u8],
    out: &mut [u8],
) -> bool {
    let table = slots.as_ptr().cast::<i32>();
    let n = out.len();
    let mut i = 0;
    let Stream { rest, states, lane } = stream;
    // SAFETY: `states` holds 32 values of 4 bytes, so that both halves can be read.
    let (mut low, mut high) = unsafe {
        let p = states.as_ptr();
        (_mm512_loadu_si512(p.cast()), _mm512_loadu_si512(p.add(HALF).cast()))
    };
    while i < n && rest.len() >= 4 * HALF {
        let mut used;
        if *lane == 0 && n - i >= LANES {
            // SAFETY: 32 symbols are left to decode, and two steps use at most the 64 bytes that are there: the second
            // reads 32 bytes from at most 32 behind the front.
            unsafe {
                let c = contexts.as_ptr().add(i);
                let o = out.as_mut_ptr().add(i);
                let (s, symbols, words) = step(table, low, _mm_loadu_si128(c.cast()), !0, rest.as_ptr());
                _mm_storeu_si128(o.cast(), symbols);
                (low, used) = (s, 2 * words as usize);
                let c = _mm_loadu_si128(c.add(HALF).cast());
                let (s, symbols, words) = step(table, high, c, !0, rest.as_ptr().add(used));
                _mm_storeu_si128(o.add(HALF).cast(), symbols);
                high = s;
                used += 2 * words as usize;
            }
            i += LANES;
        } else {
            // The part of one half that is left of a run's beginning or end.
            let begin = *lane % HALF;
            let count = (HALF - begin).min(n - i);
            let mask = (((1u32 << count) - 1) << begin) as __mmask16;
            let state = if *lane < HALF { low } else { high };
            // SAFETY: the masked moves touch only the lanes `begin..begin + count`, which stand for the elements
            // `i..i + count`; masked-off elements are neither read nor written, whatever their address.
            let next = unsafe {
                let c = _mm_maskz_loadu_epi8(mask, contexts.as_ptr().add(i).wrapping_sub(begin).cast());
                let (s, symbols, words) = step(table, state, c, mask, rest.as_ptr());
                _mm_mask_storeu_epi8(out.as_mut_ptr().add(i).wrapping_sub(begin).cast(), mask, symbols);
                used = 2 * words as usize;
                s
            };
            if *lane < HALF {
                low = next;
            } else {
                high = next;
            }
            *lane = (*lane + count) % LANES;
            i += count;
        }
        *rest = &rest[used..];
    }
    // SAFETY: `states` holds 32 values of 4 bytes.
    unsafe {
        let p = states.as_mut_ptr();
        _mm512_storeu_si512(p.cast(), low);
        _mm512_storeu_si512(p.add(HALF).cast(), high);
    }
    // Near the end of the words.
    careful::<LANES>(slots, stream, &contexts[i..], &mut out[i..])
}

/// [`decode_turns`](super::decode_turns), which checks what is asked for here.
///
/// # Safety
/// The CPU has the features; every context that the map gives has its 4096 slots; the stream's next lane is the first.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
pub(super) unsafe fn decode_turns_avx512(
    slots: &[u32],
    stream: &mut Stream<'_>,
    map: &[u8; 128],
    before: &mut [[u8; LANES]; 3],
    out: &mut [[u8; LANES]],
) -> usize {
    let table = slots.as_ptr().cast::<i32>();
    let Stream { rest, states, .. } = stream;
    // SAFETY: the map has twice 64 bytes, `states` 32 values of 4 bytes, and each turn 32 bytes.
    let (map, mut low, mut high, [mut a, mut b, mut c]) = unsafe {
        let (p, s) = (map.as_ptr(), states.as_ptr());
        let map = (_mm512_loadu_si512(p.cast()), _mm512_loadu_si512(p.add(64).cast()));
        let before = before.each_ref().map(|turn| _mm256_loadu_si256(turn.as_ptr().cast()));
        (map, _mm512_loadu_si512(s.cast()), _mm512_loadu_si512(s.add(HALF).cast()), before)
    };
    let mut done = 0;
    for turn in out {
        if rest.len() < 4 * HALF {
            break;
        }
        // (2 a + b + c + 2) / 4: the mean of the other two is rounded down, that with the nearest up.
        let odd = _mm256_and_si256(_mm256_xor_si256(b, c), _mm256_set1_epi8(1));
        let level = _mm256_avg_epu8(a, _mm256_sub_epi8(_mm256_avg_epu8(b, c), odd));
        let contexts = _mm512_permutex2var_epi8(map.0, _mm512_zextsi256_si512(level), map.1);
        // SAFETY: contexts have their slots, and two steps use at most the 64 bytes that are there: the second reads 32 from at
        // most 32 behind the front.
        let (first, second, used) = unsafe {
            let (s, first, words) = step(table, low, _mm512_castsi512_si128(contexts), !0, rest.as_ptr());
            low = s;
            let used = 2 * words as usize;
            let c = _mm512_extracti32x4_epi32::<1>(contexts);
            let (s, second, words) = step(table, high, c, !0, rest.as_ptr().add(used));
            high = s;
            (first, second, used + 2 * words as usize)
        };
        *rest = &rest[used..];
        (c, b, a) = (b, a, _mm256_set_m128i(second, first));
        // SAFETY: a turn has 32 bytes.
        unsafe { _mm256_storeu_si256(turn.as_mut_ptr().cast(), a) };
        done += 1;
    }
    // SAFETY: as above.
    unsafe {
        let s = states.as_mut_ptr();
        _mm512_storeu_si512(s.cast(), low);
        _mm512_storeu_si512(s.add(HALF).cast(), high);
        for (turn, x) in before.iter_mut().zip([a, b, c]) {
            _mm256_storeu_si256(turn.as_mut_ptr().cast(), x);
        }
    }
    done
}

/// [`decode_near`](super::decode_near), which checks what is asked for here.
///
/// # Safety
/// The CPU has the features; every context that the map gives has its 4096 slots; the stream's next lane is the first; `up` and
/// `back` are at least 33, and there are more symbols than that before `at`.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
pub(super) unsafe fn decode_near_avx512(
    slots: &[u32],
    stream: &mut Stream<'_>,
    map: &[u8; 128],
    [up, back]: [usize; 2],
    symbols: &mut [u8],
    at: usize,
) -> usize {
    let table = slots.as_ptr().cast::<i32>();
    let Stream { rest, states, .. } = stream;
    // SAFETY: the map has twice 64 bytes, `states` 32 values of 4 bytes.
    let (map, mut low, mut high) = unsafe {
        let (p, s) = (map.as_ptr(), states.as_ptr());
        let map = (_mm512_loadu_si512(p.cast()), _mm512_loadu_si512(p.add(64).cast()));
        (map, _mm512_loadu_si512(s.cast()), _mm512_loadu_si512(s.add(HALF).cast()))
    };
    let mut next = at;
    while symbols.len() - next >= LANES && rest.len() >= 4 * HALF {
        // SAFETY: what is read lies before `next`, since the distances are larger than the lanes, and not before the first symbol.
        let of = |distance: usize| unsafe {
            _mm512_cvtepu8_epi16(_mm256_loadu_si256(symbols.as_ptr().add(next - distance).cast()))
        };
        // (3 (up + 2 up + up) + 4 back + 8) / 16
        let above =
            _mm512_add_epi16(_mm512_add_epi16(of(up + 1), of(up - 1)), _mm512_slli_epi16::<1>(of(up)));
        let above = _mm512_add_epi16(above, _mm512_slli_epi16::<1>(above));
        let behind = _mm512_add_epi16(_mm512_slli_epi16::<2>(of(back)), _mm512_set1_epi16(8));
        let level = _mm512_cvtepi16_epi8(_mm512_srli_epi16::<4>(_mm512_add_epi16(above, behind)));
        let contexts = _mm512_permutex2var_epi8(map.0, _mm512_zextsi256_si512(level), map.1);
        // SAFETY: contexts have their slots; two steps use at most the 64 bytes that are there, as the second reads 32 from at most
        // 32 behind the front; 32 symbols are left.
        let used = unsafe {
            let (s, first, words) = step(table, low, _mm512_castsi512_si128(contexts), !0, rest.as_ptr());
            low = s;
            let used = 2 * words as usize;
            let c = _mm512_extracti32x4_epi32::<1>(contexts);
            let (s, second, words) = step(table, high, c, !0, rest.as_ptr().add(used));
            high = s;
            let place = symbols.as_mut_ptr().add(next);
            _mm256_storeu_si256(place.cast(), _mm256_set_m128i(second, first));
            used + 2 * words as usize
        };
        *rest = &rest[used..];
        next += LANES;
    }
    // SAFETY: as above.
    unsafe {
        let s = states.as_mut_ptr();
        _mm512_storeu_si512(s.cast(), low);
        _mm512_storeu_si512(s.add(HALF).cast(), high);
    }
    next - at
}

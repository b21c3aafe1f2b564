//! AVX-512: numbers of different lengths put one behind the other, a vector at a time.

use core::arch::x86_64::*;

/// Where the upper part of each group of lanes begins, and each lane's number within its group.
struct Groups {
    upper: __m512i,
    lane: __m512i,
    /// The last lane of a part.
    last: __m512i,
    lower: __mmask8,
}

/// Each group's upper part, moved down to the end of the lower one, of which `length` is the number of bits.
#[inline]
#[target_feature(enable = "avx512f")]
fn merge(x: __m512i, length: __m512i, groups: &Groups) -> __m512i {
    let words = _mm512_srli_epi64::<6>(length);
    let shift = _mm512_and_si512(length, _mm512_set1_epi64(63));
    // Each lane gets high bits of one lane of the upper part, and low bits of the next.
    let from = _mm512_sub_epi64(groups.lane, words);
    let before = _mm512_sub_epi64(from, _mm512_set1_epi64(1));
    let of = |place: __m512i| {
        let there = _mm512_cmple_epu64_mask(place, groups.last);
        _mm512_maskz_permutexvar_epi64(there, _mm512_add_epi64(groups.upper, place), x)
    };
    let low = _mm512_sllv_epi64(of(from), shift);
    // By 64 there is nothing left.
    let high = _mm512_srlv_epi64(of(before), _mm512_sub_epi64(_mm512_set1_epi64(64), shift));
    // The sum of three.
    _mm512_ternarylogic_epi64::<0xfe>(_mm512_maskz_mov_epi64(groups.lower, x), low, high)
}

/// The first `length` bits of each lane, at most 62, one behind the other from the lowest bit on; how many they are.
#[inline]
#[target_feature(enable = "avx512f")]
fn join(bits: __m512i, length: __m512i) -> (__m512i, u32) {
    // Pairs: both of a pair see the second's bits, and the first's length.
    let second = _mm512_unpackhi_epi64(bits, bits);
    let first_length = _mm512_unpacklo_epi64(length, length);
    let mut x = _mm512_mask_mov_epi64(_mm512_setzero_si512(), 0b0101_0101, bits);
    x = _mm512_or_si512(x, _mm512_maskz_sllv_epi64(0b0101_0101, second, first_length));
    let rest = _mm512_sub_epi64(_mm512_set1_epi64(64), first_length);
    x = _mm512_or_si512(x, _mm512_maskz_srlv_epi64(0b1010_1010, second, rest));
    let of_pairs = _mm512_add_epi64(first_length, _mm512_unpackhi_epi64(length, length));
    // Fours.
    let fours = Groups {
        upper: _mm512_setr_epi64(2, 2, 2, 2, 6, 6, 6, 6),
        lane: _mm512_setr_epi64(0, 1, 2, 3, 0, 1, 2, 3),
        last: _mm512_set1_epi64(1),
        lower: 0b0011_0011,
    };
    let lower = _mm512_permutex_epi64::<0b00_00_00_00>(of_pairs);
    x = merge(x, lower, &fours);
    let of_fours = _mm512_add_epi64(lower, _mm512_permutex_epi64::<0b10_10_10_10>(of_pairs));
    // All.
    let eights = Groups {
        upper: _mm512_set1_epi64(4),
        lane: _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7),
        last: _mm512_set1_epi64(3),
        lower: 0b0000_1111,
    };
    let lower = _mm512_broadcastq_epi64(_mm512_castsi512_si128(of_fours));
    let total = _mm_cvtsi128_si32(_mm512_castsi512_si128(of_fours))
        + _mm_cvtsi128_si32(_mm512_extracti32x4_epi32::<2>(of_fours));
    (merge(x, lower, &eights), total as u32)
}

/// Bytes that are written front to back.
struct Writer<'a> {
    out: &'a mut [u8],
    at: usize,
    /// The bits of a byte that is not full, and how many they are.
    held: u64,
    count: u32,
}

impl Writer<'_> {
    /// Appends the lowest `n` bits, at most 496, above which there are none.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn put(&mut self, bits: __m512i, n: u32) {
        let zero = _mm512_setzero_si512();
        let left = _mm512_set1_epi64(64 - i64::from(self.count));
        let carried = _mm512_srlv_epi64(_mm512_alignr_epi64::<7>(bits, zero), left);
        let moved = _mm512_sllv_epi64(bits, _mm512_set1_epi64(i64::from(self.count)));
        let new = _mm512_or_si512(moved, carried);
        let held = _mm512_zextsi128_si512(_mm_cvtsi64_si128(self.held as i64));
        let bytes = ((self.count + n) / 8) as usize;
        let place = &mut self.out[self.at..self.at + bytes];
        // SAFETY: the mask has a bit for each byte of `place`, which are less than 64.
        unsafe {
            let mask = (1u64 << bytes) - 1;
            _mm512_mask_storeu_epi8(place.as_mut_ptr().cast(), mask, _mm512_or_si512(new, held));
        }
        self.at += bytes;
        self.count = (self.count + n) % 8;
        // Nothing here waits for what was held before, unless there is no full byte.
        let last = _mm512_permutexvar_epi64(_mm512_set1_epi64((bytes / 8) as i64), new);
        let last = (_mm_cvtsi128_si64(_mm512_castsi512_si128(last)) as u64) >> (bytes % 8 * 8) & 0xff;
        self.held = if bytes == 0 { self.held | last } else { last };
    }

    /// The number of bytes, the last one filled up with zeros.
    fn finish(self) -> usize {
        if self.count == 0 {
            return self.at;
        }
        self.out[self.at] = self.held as u8;
        self.at + 1
    }
}

/// Writes the open bits of words to the front of `out`; how many bytes.
///
/// # Panics
/// If there are fewer tokens than words, or there is no room.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(in super::super) fn open_write32(words: &[u32], tokens: &[u8], out: &mut [u8]) -> usize {
    let tokens = &tokens[..words.len()];
    let one = _mm512_set1_epi32(1);
    let mut writer = Writer { out, at: 0, held: 0, count: 0 };
    for (words, tokens) in words.chunks(16).zip(tokens.chunks(16)) {
        let mask = u16::MAX >> (16 - words.len());
        // SAFETY: the mask has a bit for each word, and for each token.
        let (w, t) = unsafe {
            let t = _mm_maskz_loadu_epi8(mask, tokens.as_ptr().cast());
            (_mm512_maskz_loadu_epi32(mask, words.as_ptr().cast()), _mm512_cvtepu8_epi32(t))
        };
        let open = _mm512_sub_epi32(_mm512_max_epu32(_mm512_srli_epi32::<1>(t), one), one);
        let open = _mm512_and_si512(open, _mm512_set1_epi32(31));
        if _mm512_test_epi32_mask(open, open) == 0 {
            continue;
        }
        // The bits below those that the token tells.
        let bits = _mm512_and_si512(w, _mm512_sub_epi32(_mm512_sllv_epi32(one, open), one));
        let low = _mm512_set1_epi64(0xffff_ffff);
        let first_length = _mm512_and_si512(open, low);
        let second = _mm512_sllv_epi64(_mm512_srli_epi64::<32>(bits), first_length);
        let pairs = _mm512_or_si512(_mm512_and_si512(bits, low), second);
        let (all, n) = join(pairs, _mm512_add_epi64(first_length, _mm512_srli_epi64::<32>(open)));
        writer.put(all, n);
    }
    writer.finish()
}

/// The same of longer words.
///
/// # Panics
/// If there are fewer tokens than words, or there is no room.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(in super::super) fn open_write64(words: &[u64], tokens: &[u8], out: &mut [u8]) -> usize {
    let tokens = &tokens[..words.len()];
    let one = _mm512_set1_epi64(1);
    let mut writer = Writer { out, at: 0, held: 0, count: 0 };
    for (words, tokens) in words.chunks(8).zip(tokens.chunks(8)) {
        let mask = u8::MAX >> (8 - words.len());
        // SAFETY: the mask has a bit for each word, and for each token.
        let (w, t) = unsafe {
            let t = _mm_maskz_loadu_epi8(u16::from(mask), tokens.as_ptr().cast());
            (_mm512_maskz_loadu_epi64(mask, words.as_ptr().cast()), _mm512_cvtepu8_epi64(t))
        };
        let open = _mm512_sub_epi64(_mm512_max_epu64(_mm512_srli_epi64::<1>(t), one), one);
        // Tokens of such words leave 62 bits open at most.
        let open = _mm512_min_epu64(open, _mm512_set1_epi64(62));
        if _mm512_test_epi64_mask(open, open) == 0 {
            continue;
        }
        let bits = _mm512_and_si512(w, _mm512_sub_epi64(_mm512_sllv_epi64(one, open), one));
        let (all, n) = join(bits, open);
        writer.put(all, n);
    }
    writer.finish()
}

//! AVX-512: 256 bytes at a time, as polynomials that are congruent to what came before.
//!
//! (V. Gopal et al., "Fast CRC computation for generic polynomials using PCLMULQDQ instruction", Intel, 2009.)

use core::arch::x86_64::*;

/// Bytes that are taken at a time.
pub(super) const BLOCK: usize = 256;
/// Blocks below which the instruction alone is as fast.
pub(super) const WORTH_IT: usize = 2;

/// `x^n` modulo the polynomial, the highest power in the lowest bit, one bit further up: a product of two numbers in that order
/// of bits is one bit too low.
const fn power(n: usize) -> i64 {
    let mut r = 0x8000_0000u32;
    let mut i = 0;
    while i < n {
        r = r >> 1 ^ if r & 1 == 1 { 0x82f6_3b78 } else { 0 };
        i += 1;
    }
    (r as i64) << 1
}

/// What moves 16 bytes by so many bits: the factors of their first and second half.
const fn by(bits: usize) -> [i64; 2] {
    [power(bits + 32), power(bits - 32)]
}

const FAR: [i64; 2] = by(8 * BLOCK);
const NEAR: [i64; 2] = by(512);
const NEXT: [i64; 2] = by(128);

/// The checksum behind all blocks, where `crc` is that before them.
#[target_feature(enable = "avx512f,vpclmulqdq,pclmulqdq,sse4.2")]
pub(super) fn avx512(crc: u32, blocks: &[[u8; BLOCK]]) -> u32 {
    let Some((first, rest)) = blocks.split_first() else { return crc };
    let load = |block: &[u8; BLOCK]| {
        let p = block.as_ptr();
        // SAFETY: a block has four times 64 bytes.
        unsafe { [0, 64, 128, 192].map(|at| _mm512_loadu_si512(p.add(at).cast())) }
    };
    let factors = |k: [i64; 2]| _mm512_broadcast_i32x4(_mm_set_epi64x(k[1], k[0]));
    let fold = |x: __m512i, k: __m512i, next: __m512i| {
        let (low, high) = (_mm512_clmulepi64_epi128::<0x00>(x, k), _mm512_clmulepi64_epi128::<0x11>(x, k));
        // The sum of three.
        _mm512_ternarylogic_epi64::<0x96>(low, high, next)
    };
    let far = factors(FAR);
    let mut all = load(first);
    all[0] = _mm512_xor_si512(all[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128(crc as i32)));
    for block in rest {
        for (x, next) in all.iter_mut().zip(load(block)) {
            *x = fold(*x, far, next);
        }
    }
    let near = factors(NEAR);
    let [mut x, others @ ..] = all;
    for next in others {
        x = fold(x, near, next);
    }
    let next = _mm_set_epi64x(NEXT[1], NEXT[0]);
    let lanes = [
        _mm512_castsi512_si128(x),
        _mm512_extracti32x4_epi32::<1>(x),
        _mm512_extracti32x4_epi32::<2>(x),
        _mm512_extracti32x4_epi32::<3>(x),
    ];
    let [mut x, others @ ..] = lanes;
    for lane in others {
        let (low, high) = (_mm_clmulepi64_si128::<0x00>(x, next), _mm_clmulepi64_si128::<0x11>(x, next));
        x = _mm_xor_si128(_mm_xor_si128(low, high), lane);
    }
    // What is left of 16 bytes: their checksum, begun with 0.
    let crc = _mm_crc32_u64(0, _mm_cvtsi128_si64(x) as u64);
    _mm_crc32_u64(crc, _mm_extract_epi64::<1>(x) as u64) as u32
}

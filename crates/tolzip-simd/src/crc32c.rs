//! CRC-32C by the CPU's own instruction, where it has one: several times as fast as tables; by carry-less products of vectors,
//! where these are wide, as fast as memory.

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
mod fold;

/// The checksum of `bytes`, as [`tolzip_core::frame::crc32c::crc32c`] defines it.
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if crate::cpu::cpu() > crate::cpu::Cpu::Scalar && std::is_x86_feature_detected!("sse4.2") {
        use std::is_x86_feature_detected as has;
        let (blocks, rest) = bytes.as_chunks::<{ fold::BLOCK }>();
        let mut crc = u32::MAX;
        let mut done = 0;
        if blocks.len() >= fold::WORTH_IT
            && crate::cpu::cpu() == crate::cpu::Cpu::Avx512
            && has!("vpclmulqdq")
            && has!("pclmulqdq")
        {
            // SAFETY: the CPU has these parts of AVX-512, and so SSE 4.2.
            crc = unsafe { fold::avx512(crc, blocks) };
            done = bytes.len() - rest.len();
        }
        // SAFETY: the CPU has SSE 4.2.
        return !unsafe { sse42(crc, &bytes[done..]) };
    }
    tolzip_core::frame::crc32c::crc32c(bytes)
}

/// Bytes of each of three pieces whose checksums are calculated side by side: the instruction's result comes three
/// cycles after it begins, but one can begin in every cycle.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
const PIECE: usize = 1024;

/// What [`PIECE`] zero bytes make of a checksum, for each value of each of its bytes: a checksum is linear in its bits.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
static SHIFT: [[u32; 256]; 4] = {
    // What one zero bit makes of each bit; then what twice as many do, until it is 8 PIECE.
    let mut columns = [0u32; 32];
    columns[0] = 0x82f6_3b78;
    let mut bit = 1;
    while bit < 32 {
        columns[bit] = 1 << (bit - 1);
        bit += 1;
    }
    let mut bits = 1;
    while bits < 8 * PIECE {
        let mut twice = [0; 32];
        let mut bit = 0;
        while bit < 32 {
            twice[bit] = times(&columns, columns[bit]);
            bit += 1;
        }
        columns = twice;
        bits *= 2;
    }
    let mut table = [[0; 256]; 4];
    let mut i = 0;
    while i < 1024 {
        table[i / 256][i % 256] = times(&columns, ((i % 256) as u32) << (8 * (i / 256)));
        i += 1;
    }
    table
};

/// The sum of the columns that `bits` names.
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
const fn times(columns: &[u32; 32], bits: u32) -> u32 {
    let (mut sum, mut bit) = (0, 0);
    while bit < 32 {
        if bits >> bit & 1 == 1 {
            sum ^= columns[bit];
        }
        bit += 1;
    }
    sum
}

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[target_feature(enable = "sse4.2")]
fn sse42(crc: u32, bytes: &[u8]) -> u32 {
    use core::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u64};
    let shifted = |crc: u64| {
        let bytes = (crc as u32).to_le_bytes();
        u64::from((0..4).fold(0, |sum, i| sum ^ SHIFT[i][usize::from(bytes[i])]))
    };
    let mut crc = u64::from(crc);
    let (threes, rest) = bytes.as_chunks::<{ 3 * PIECE }>();
    for three in threes {
        let (first, others) = three.split_at(PIECE);
        let (second, third) = others.split_at(PIECE);
        let (mut b, mut c) = (0, 0);
        let eights = first.as_chunks::<8>().0.iter().zip(second.as_chunks::<8>().0);
        for ((x, y), z) in eights.zip(third.as_chunks::<8>().0) {
            crc = _mm_crc32_u64(crc, u64::from_le_bytes(*x));
            b = _mm_crc32_u64(b, u64::from_le_bytes(*y));
            c = _mm_crc32_u64(c, u64::from_le_bytes(*z));
        }
        crc = shifted(shifted(crc) ^ b) ^ c;
    }
    let (eights, rest) = rest.as_chunks::<8>();
    let crc = eights.iter().fold(crc, |crc, b| _mm_crc32_u64(crc, u64::from_le_bytes(*b)));
    rest.iter().fold(crc as u32, |crc, &b| _mm_crc32_u8(crc, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instruction_and_the_tables_agree() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        let bytes: [u8; 100] = core::array::from_fn(|i| (i * 73 + 5) as u8);
        for begin in 0..9 {
            for end in begin..100 {
                let part = &bytes[begin..end];
                assert_eq!(crc32c(part), tolzip_core::frame::crc32c::crc32c(part));
            }
        }
        let long: [u8; 10_000] = core::array::from_fn(|i| (i * i * 73 + i / 9) as u8);
        for end in [255, 256, 257, 511, 512, 1025, 1040, 3071, 3072, 3073, 6144, 9999] {
            let part = &long[1..end];
            assert_eq!(crc32c(part), tolzip_core::frame::crc32c::crc32c(part), "{end}");
        }
    }
}

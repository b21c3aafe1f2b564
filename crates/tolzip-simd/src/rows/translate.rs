//! Bytes looked up in a small table.

/// Replaces every byte by what the table holds for its low seven bits.
pub fn translate(bytes: &mut [u8], table: &[u8; 128]) {
    #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
    if crate::cpu::cpu() == crate::cpu::Cpu::Avx512 && std::is_x86_feature_detected!("avx512vbmi") {
        // SAFETY: the CPU has these parts of AVX-512, and so the first of them.
        return unsafe { avx512(bytes, table) };
    }
    scalar(bytes, table);
}

fn scalar(bytes: &mut [u8], table: &[u8; 128]) {
    for b in bytes {
        *b = table[usize::from(*b & 127)];
    }
}

#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn avx512(bytes: &mut [u8], table: &[u8; 128]) {
    use core::arch::x86_64::*;
    // SAFETY: the table has twice 64 bytes.
    let (low, high) = unsafe {
        let p = table.as_ptr();
        (_mm512_loadu_si512(p.cast()), _mm512_loadu_si512(p.add(64).cast()))
    };
    for part in bytes.chunks_mut(64) {
        let mask = u64::MAX >> (64 - part.len());
        // SAFETY: the mask has a bit for each byte of `part`, and no others are read or written.
        unsafe {
            let p = part.as_mut_ptr().cast::<i8>();
            let found = _mm512_permutex2var_epi8(low, _mm512_maskz_loadu_epi8(mask, p), high);
            _mm512_mask_storeu_epi8(p, mask, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec::Vec;

    #[test]
    fn every_version_looks_up_the_same() {
        let table = core::array::from_fn(|i| (i * 37 % 251) as u8);
        for n in [0, 1, 63, 64, 65, 300] {
            let mut bytes: Vec<u8> = (0..n).map(|i| (i * 11 % 256) as u8).collect();
            let mut same = bytes.clone();
            translate(&mut bytes, &table);
            scalar(&mut same, &table);
            assert_eq!(bytes, same);
        }
    }
}

//! Blocks of 64 small unsigned integers in Rice codes, bit plane by bit plane: no loop over single values.
//!
//! A block has a head byte and bits. Bits are filled from the least significant one of each byte; a *plane* is 64 bits, of
//! which bit `i` belongs to integer `i`.
//!
//! * Head `16 k + l`, below 240: `k` planes, the integers' bits 0 to `k - 1`. Let `q` be what is left of an integer above
//!   them. Then `l` levels: level 1 has one bit for each integer, in order; a level `j + 1` has one for each integer whose
//!   bit was 1 at level `j`. The bit says whether `q >= j`. If `l` is 15, and any bit of level 15 is 1, there follow: 6 bits,
//!   the number `e`; and for each integer with such a bit, in order, `q - 15` in `e` bits.
//! * Head `240 + w`: `17 + w` planes.
//!
//! R. F. Rice, "Some practical universal noiseless coding techniques", JPL 79-22, 1979; in planes, a level costs one
//! comparison, one gathering of bits and one shift for 64 integers.

mod bits;
mod block;
#[cfg(test)]
mod tests;
mod vectors;
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
mod x86;

pub use bits::{Reader, Writer};
use vectors::{Portable, Vectors};

/// Integers of a block.
pub const BLOCK: usize = 64;

/// No block needs more bytes than this: 32 planes, and what was held back of the block before.
pub const MOST_BYTES: usize = BLOCK / 8 * 32 + 8;

/// Defines a function that runs a body for the best vectors of the CPU.
macro_rules! with_vectors {
    ($(#[$doc:meta])* $name:ident = $body:ident($($a:ident: $t:ty),*)) => {
        $(#[$doc])*
        pub fn $name($($a: $t),*) {
            #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
            {
                #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
                fn avx2($($a: $t),*) {
                    $body::<x86::Avx2>($($a),*);
                }
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2,bmi1,bmi2,popcnt")]
                fn avx512($($a: $t),*) {
                    $body::<x86::Avx512>($($a),*);
                }
                match $crate::cpu::cpu() {
                    // SAFETY: the CPU has all that is enabled (AVX-512 implies AVX2).
                    $crate::cpu::Cpu::Avx512 => return unsafe { avx512($($a),*) },
                    // SAFETY: the CPU has all that is enabled.
                    $crate::cpu::Cpu::Avx2 => return unsafe { avx2($($a),*) },
                    _ => {}
                }
            }
            $body::<Portable>($($a),*);
        }
    };
}

with_vectors! {
    /// Codes blocks of integers: a head for each, and its bits.
    ///
    /// # Panics
    /// If there are not as many heads as blocks, or the writer has less than [`MOST_BYTES`] a block left.
    encode = encode_blocks(integers: &[u32], heads: &mut [u8], bits: &mut Writer<'_>)
}

with_vectors! {
    /// Decodes blocks: the inverse of [`encode`], for any heads and bits (bits beyond the end count as zeros).
    ///
    /// # Panics
    /// If there are not 64 integers for every head.
    decode = decode_blocks(heads: &[u8], bits: &mut Reader<'_>, integers: &mut [u32])
}

#[inline(always)]
fn encode_blocks<V: Vectors>(integers: &[u32], heads: &mut [u8], bits: &mut Writer<'_>) {
    let (blocks, rest) = integers.as_chunks::<BLOCK>();
    assert!(rest.is_empty() && blocks.len() == heads.len());
    // A copy that no reference reaches: the compiler keeps it in registers.
    let mut own = bits.take();
    for (block, head) in blocks.iter().zip(heads) {
        *head = block::encode::<V>(block, &mut own);
    }
    *bits = own;
}

#[inline(always)]
fn decode_blocks<V: Vectors>(heads: &[u8], bits: &mut Reader<'_>, integers: &mut [u32]) {
    let (blocks, rest) = integers.as_chunks_mut::<BLOCK>();
    assert!(rest.is_empty() && blocks.len() == heads.len());
    let mut own = *bits;
    for (block, &head) in blocks.iter_mut().zip(heads) {
        block::decode::<V>(head, &mut own, block);
    }
    *bits = own;
}

//! Operations on the 64 integers of a block at once, a byte of each at a time.

/// A byte of each integer.
pub(super) type Bytes = [u8; 64];

/// What a block needs of the machine. Masks have bit `i` for byte `i`.
pub(super) trait Vectors {
    /// Which bytes have bit `j`, 0 to 7.
    fn plane(bytes: &Bytes, j: u32) -> u64;
    /// Which bytes are at least `level`, 1 to 31; no byte is above 127.
    fn reach(bytes: &Bytes, level: u8) -> u64;
    /// Adds `part` to the bytes of the mask; nothing carries over.
    fn add(bytes: &mut Bytes, mask: u64, part: u8);
    /// The bits of `x` where `mask` has ones, moved together at the low end.
    fn gather(x: u64, mask: u64) -> u64;
    /// The low bits of `x`, moved to where `mask` has ones.
    fn scatter(x: u64, mask: u64) -> u64;
}

/// Eight bytes in a machine word.
pub(super) struct Portable;

const ONES: u64 = 0x0101_0101_0101_0101;

impl Vectors for Portable {
    #[inline(always)]
    fn plane(bytes: &Bytes, j: u32) -> u64 {
        collect(bytes, |eight| eight >> j & ONES)
    }

    #[inline(always)]
    fn reach(bytes: &Bytes, level: u8) -> u64 {
        let lift = ONES * u64::from(128 - level);
        collect(bytes, |eight| (eight + lift) >> 7 & ONES)
    }

    #[inline(always)]
    fn add(bytes: &mut Bytes, mask: u64, part: u8) {
        for (k, eight) in bytes.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            // Bit i of the byte is left in byte i alone; a byte that is not 0 then carries into its top bit, or has it.
            let own = ((mask >> (8 * k) & 0xff) * ONES) & 0x8040_2010_0804_0201;
            let low = 0x7f * ONES;
            let set = (((own & low) + low) | own) >> 7 & ONES;
            *eight = (u64::from_le_bytes(*eight) + set * u64::from(part)).to_le_bytes();
        }
    }

    #[inline(always)]
    fn gather(x: u64, mut mask: u64) -> u64 {
        if mask == u64::MAX {
            return x;
        }
        let (mut out, mut at) = (0, 0);
        while mask != 0 {
            out |= (x >> mask.trailing_zeros() & 1) << at;
            at += 1;
            mask &= mask - 1;
        }
        out
    }

    #[inline(always)]
    fn scatter(mut x: u64, mut mask: u64) -> u64 {
        if mask == u64::MAX {
            return x;
        }
        let mut out = 0;
        while mask != 0 {
            let lowest = mask & mask.wrapping_neg();
            out |= lowest * (x & 1);
            x >>= 1;
            mask ^= lowest;
        }
        out
    }
}

/// One bit of each byte: the lowest one of what `f` makes of eight bytes, in which there is no other.
#[inline(always)]
fn collect(bytes: &Bytes, f: impl Fn(u64) -> u64) -> u64 {
    let mut out = 0;
    for (k, eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
        // The product's top byte has bit i from byte i.
        let bits = f(u64::from_le_bytes(*eight)).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        out |= bits << (8 * k);
    }
    out
}

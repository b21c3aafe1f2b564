//! Strings of bits, filled from the least significant bit of each byte.

/// Writes bits into a slice.
#[derive(Debug, Default)]
pub struct Writer<'a> {
    out: &'a mut [u8],
    at: usize,
    held: u64,
    filled: u32,
}

impl<'a> Writer<'a> {
    /// Begins to fill `out`, with the bits (fewer than 8) that were held back when the string's last part ended.
    #[must_use]
    pub fn new(out: &'a mut [u8], held: (u8, u32)) -> Self {
        Self { out, at: 0, held: u64::from(held.0), filled: held.1 & 7 }
    }

    pub(super) fn take(&mut self) -> Self {
        let Self { at, held, filled, .. } = *self;
        Self { out: core::mem::take(&mut self.out), at, held, filled }
    }

    /// Appends the low `n` bits of `v`, at most 64; the others must be zero.
    #[inline(always)]
    pub(super) fn put(&mut self, v: u64, n: u32) {
        let low = self.held | v << self.filled;
        let high = v >> 1 >> (63 - self.filled);
        self.out[self.at..][..8].copy_from_slice(&low.to_le_bytes());
        let bits = self.filled + n;
        let bytes = bits / 8;
        self.at += bytes as usize;
        self.filled = bits % 8;
        self.held = if bytes == 8 { high } else { low >> (8 * bytes) };
    }

    /// The number of whole bytes that were written, and the bits beyond them: as [`new`](Self::new) takes them.
    #[must_use]
    pub const fn finish(&self) -> (usize, (u8, u32)) {
        (self.at, (self.held as u8, self.filled))
    }
}

/// Reads bits.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    bit: usize,
}

impl<'a> Reader<'a> {
    /// Begins at the first bit.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, bit: 0 }
    }

    /// Takes 64 bits.
    #[inline(always)]
    pub(super) fn get64(&mut self) -> u64 {
        let v = self.peek();
        self.bit += 64;
        v
    }

    /// Takes `n` bits, at most 64.
    #[inline(always)]
    pub(super) fn get(&mut self, n: u32) -> u64 {
        let v = self.peek();
        self.bit += n as usize;
        if n == 64 { v } else { v & ((1 << n) - 1) }
    }

    /// The next 64 bits.
    #[inline(always)]
    fn peek(&self) -> u64 {
        let (at, shift) = (self.bit / 8, self.bit as u32 % 8);
        let nine = match self.bytes.get(at..).and_then(<[u8]>::first_chunk::<9>) {
            Some(nine) => *nine,
            None => self.last(at),
        };
        let [a, b, c, d, e, f, g, h, i] = nine;
        let low = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        low >> shift | u64::from(i) << 1 << (63 - shift)
    }

    /// The bytes from `at` on, fewer than 9 of them, filled up with zeros.
    #[cold]
    fn last(&self, at: usize) -> [u8; 9] {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let mut nine = [0; 9];
        nine[..rest.len()].copy_from_slice(rest);
        nine
    }

    /// Whether all bytes were read, and not more, and what is left of the last one is zeros.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.bit.div_ceil(8) == self.bytes.len()
            && (self.bit.is_multiple_of(8) || self.bytes[self.bit / 8] >> (self.bit % 8) == 0)
    }
}

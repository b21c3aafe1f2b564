//! Bit streams: the first bit written is the least significant bit of the first byte.

use alloc::vec::Vec;
use tolzip_core::{Error, Result};

/// Appends bits to bytes.
#[derive(Clone, Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl BitWriter {
    /// An empty stream.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), held: 0, count: 0 }
    }

    /// Appends the low `count` bits of `bits`; `count` is at most 32 and `bits` has none above.
    #[inline]
    pub fn put(&mut self, bits: u64, count: u32) {
        debug_assert!(count <= 32 && bits >> count == 0);
        self.held |= bits << self.count;
        self.count += count;
        if self.count >= 32 {
            self.bytes.extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    /// Appends `value + 1` in Elias's gamma code: short for small values.
    pub fn put_gamma(&mut self, value: u32) {
        let v = u64::from(value) + 1;
        let len = 63 - v.leading_zeros();
        self.put(0, len);
        self.put(1, 1);
        self.put(v & !(1 << len), len);
    }

    /// The bytes, the last one filled up with zeros.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        while self.count > 0 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count = self.count.saturating_sub(8);
        }
        self.bytes
    }
}

/// Reads bits from bytes. Beyond the end there are zeros, and [`finish`](Self::finish) reports it.
#[derive(Clone, Debug)]
pub struct BitReader<'a> {
    all: &'a [u8],
    /// Those that come next.
    bytes: &'a [u8],
    held: u64,
    count: u32,
    missing: u64,
}

impl<'a> BitReader<'a> {
    /// Begins at the front of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { all: bytes, bytes, held: 0, count: 0, missing: 0 }
    }

    /// The next `count` bits, at most 56.
    #[inline]
    pub fn get(&mut self, count: u32) -> u64 {
        debug_assert!(count <= 56);
        if self.count < count {
            self.refill();
        }
        let bits = self.held & ((1 << count) - 1);
        self.held >>= count;
        self.count -= count;
        bits
    }

    /// How many bits were read, those missing included.
    fn position(&self) -> u64 {
        let taken = (self.all.len() - self.bytes.len()) as u64 + self.missing;
        8 * taken - u64::from(self.count)
    }

    /// The next `N` bytes, if so many are left, and the place of the next bit in the first of them: for who reads many short
    /// numbers at once, which [`skip`](Self::skip) then passes over.
    #[must_use]
    pub fn window<const N: usize>(&self) -> Option<(&'a [u8; N], u32)> {
        let position = self.position();
        let from = usize::try_from(position / 8).ok()?;
        Some((self.all.get(from..)?.first_chunk()?, (position % 8) as u32))
    }

    /// Passes over bits of a [`window`](Self::window).
    pub fn skip(&mut self, bits: u32) {
        let position = self.position() + u64::from(bits);
        self.bytes =
            usize::try_from(position / 8).ok().and_then(|from| self.all.get(from..)).unwrap_or_default();
        (self.held, self.count) = (0, 0);
        self.get((position % 8) as u32);
    }

    #[inline]
    fn refill(&mut self) {
        if let Some((word, _)) = self.bytes.split_first_chunk::<8>() {
            self.held |= u64::from_le_bytes(*word) << self.count;
            let taken = (63 - self.count) / 8;
            self.bytes = &self.bytes[taken as usize..];
            self.count += taken * 8;
            // What lies above `count` is read again with the next refill.
            self.held &= u64::MAX >> (64 - self.count);
            return;
        }
        while self.count <= 56 {
            let byte = match self.bytes.split_first() {
                Some((&byte, rest)) => {
                    self.bytes = rest;
                    byte
                }
                None => {
                    self.missing += 1;
                    0
                }
            };
            self.held |= u64::from(byte) << self.count;
            self.count += 8;
        }
    }

    /// A number in Elias's gamma code, as [`BitWriter::put_gamma`] wrote it.
    ///
    /// # Errors
    /// Beyond 32 bits.
    pub fn get_gamma(&mut self) -> Result<u32> {
        let mut len = 0;
        while self.get(1) == 0 {
            len += 1;
            if len > 32 {
                return Err(Error::corrupt("a number of more than 32 bits"));
            }
        }
        let v = (1u64 << len | self.get(len)) - 1;
        u32::try_from(v).map_err(|_| Error::corrupt("a number of more than 32 bits"))
    }

    /// Checks that every bit read was there, and that nothing but the filling of the last byte is left.
    ///
    /// # Errors
    /// If the stream was too short, too long, or is filled up with something else than zeros.
    pub fn finish(self) -> Result<()> {
        let unread = u64::from(self.count) + self.bytes.len() as u64 * 8;
        match unread.checked_sub(self.missing * 8) {
            None => Err(Error::truncated(1, 0)),
            Some(left) if left < 8 && self.held == 0 => Ok(()),
            Some(_) => Err(Error::corrupt("bits left over")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_round_trip(items in prop::collection::vec((any::<u64>(), 0u32..33), 0..200)) {
            let mut w = BitWriter::new();
            for &(bits, count) in &items {
                w.put(bits & ((1 << count) - 1), count);
                w.put_gamma(bits as u32);
            }
            let bytes = w.finish();
            let mut r = BitReader::new(&bytes);
            for &(bits, count) in &items {
                prop_assert_eq!(r.get(count), bits & ((1 << count) - 1));
                prop_assert_eq!(r.get_gamma(), Ok(bits as u32));
            }
            prop_assert!(r.finish().is_ok());
            let mut r = BitReader::new(&bytes[..bytes.len().saturating_sub(1)]);
            for &(_, count) in &items {
                r.get(count);
                let _ = r.get_gamma();
            }
            prop_assert!(items.is_empty() || r.finish().is_err());
        }
    }

    proptest! {
        /// Bits of a window are those that would be read, and reading goes on behind those passed over.
        #[test]
        fn windows_show_what_comes(
            bytes in prop::collection::vec(any::<u8>(), 0..60), steps in prop::collection::vec((0u32..57, 0u32..120), 0..12),
        ) {
            let (mut plain, mut skipping) = (BitReader::new(&bytes), BitReader::new(&bytes));
            for (read, skip) in steps {
                prop_assert_eq!(plain.get(read), skipping.get(read));
                if let Some((window, from)) = skipping.window::<16>() {
                    for at in from..from + skip {
                        prop_assert_eq!(u64::from(window[at as usize / 8] >> (at % 8) & 1), plain.get(1));
                    }
                    skipping.skip(skip);
                }
            }
            prop_assert_eq!(plain.finish(), skipping.finish());
        }
    }

    #[test]
    fn an_endless_zero_is_an_error() {
        assert!(BitReader::new(&[0; 100]).get_gamma().is_err());
        assert!(BitReader::new(&[0; 2]).finish().is_err());
    }
}

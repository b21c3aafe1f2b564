//! Little-endian fields and LEB128 integers, read with checks. The only place that touches byte order.

use crate::error::DecodeError;
use crate::{Error, Result};
use alloc::vec::Vec;

/// Reads fields from a byte slice, front to back; running out is an error, never a panic.
///
/// ```
/// use tolzip_core::Error;
/// use tolzip_core::bytes::{Reader, put_leb128, put_prefixed};
///
/// let mut bytes = 0.5f64.to_le_bytes().to_vec();
/// put_leb128(&mut bytes, 300);
/// put_prefixed(&mut bytes, b"name");
/// let mut reader = Reader::new(&bytes);
/// assert_eq!((reader.f64()?, reader.leb128()?, reader.prefixed()?), (0.5, 300, &b"name"[..]));
/// assert_eq!(reader.u16(), Err(Error::truncated(2, 0)));
/// reader.finish()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

macro_rules! fixed {
    ($($name:ident: $t:ty),*) => {$(
        #[doc = concat!("Reads a little-endian `", stringify!($t), "`.")]
        ///
        /// # Errors
        /// [`DecodeError::Truncated`].
        pub fn $name(&mut self) -> Result<$t> {
            self.array().map(<$t>::from_le_bytes)
        }
    )*};
}

impl<'a> Reader<'a> {
    /// Begins at the front of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything has been read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes `n` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let Some((head, rest)) = self.rest.split_at_checked(n) else {
            return Err(Error::truncated(n as u64, self.rest.len() as u64));
        };
        self.rest = rest;
        Ok(head)
    }

    /// Takes `N` bytes as an array.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((head, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(Error::truncated(N as u64, self.rest.len() as u64));
        };
        self.rest = rest;
        Ok(*head)
    }

    fixed!(u8: u8, u16: u16, u32: u32, u64: u64, f64: f64);

    /// Reads an unsigned LEB128 integer of at most 64 bits.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`], or [`DecodeError::Corrupt`] beyond 64 bits.
    pub fn leb128(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                break;
            }
            value |= part << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Error::corrupt("an integer of more than 64 bits"))
    }

    /// Reads a LEB128 integer that must not be above `max`.
    ///
    /// # Errors
    /// As [`leb128`](Self::leb128), and [`DecodeError::Corrupt`] with `what` above `max`.
    pub fn leb128_up_to(&mut self, max: usize, what: &'static str) -> Result<usize> {
        match usize::try_from(self.leb128()?) {
            Ok(value) if value <= max => Ok(value),
            _ => Err(Error::corrupt(what)),
        }
    }

    /// Takes a byte string that stands behind its LEB128 length.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn prefixed(&mut self) -> Result<&'a [u8]> {
        let n = self.leb128()?;
        match usize::try_from(n) {
            Ok(n) => self.take(n),
            Err(_) => Err(Error::truncated(n, self.rest.len() as u64)),
        }
    }

    /// Asserts that everything was read.
    ///
    /// # Errors
    /// [`DecodeError::Corrupt`] if bytes are left.
    pub fn finish(self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(DecodeError::Corrupt { what: "bytes left over" }.into()) }
    }
}

/// Appends an unsigned LEB128 integer.
///
/// ```
/// use tolzip_core::bytes::{leb128_len, put_leb128};
///
/// let mut bytes = Vec::new();
/// put_leb128(&mut bytes, 300);
/// assert_eq!((bytes, leb128_len(300)), (vec![0xac, 2], 2));
/// ```
pub fn put_leb128(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes that [`put_leb128`] appends.
#[must_use]
pub const fn leb128_len(value: u64) -> usize {
    (u64::BITS - (value | 1).leading_zeros()).div_ceil(7) as usize
}

/// Appends a byte string behind its LEB128 length.
///
/// ```
/// let mut bytes = Vec::new();
/// tolzip_core::bytes::put_prefixed(&mut bytes, b"name");
/// assert_eq!(bytes, b"\x04name");
/// ```
pub fn put_prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    put_leb128(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A vector of `n` default values, or an error where the memory can't be had.
///
/// ```
/// use tolzip_core::Error;
/// use tolzip_core::bytes::try_vec;
///
/// assert_eq!(try_vec::<u16>(3)?, [0, 0, 0]);
/// assert!(matches!(try_vec::<u16>(usize::MAX), Err(Error::OutOfMemory { .. })));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfMemory`].
pub fn try_vec<T: Clone + Default>(n: usize) -> Result<Vec<T>> {
    let mut v = Vec::new();
    v.try_reserve_exact(n)
        .map_err(|_| Error::OutOfMemory { bytes: (n as u64).saturating_mul(size_of::<T>() as u64) })?;
    v.resize(n, T::default());
    Ok(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leb128_round_trips_at_the_edges() {
        for value in [0, 1, 127, 128, 16383, 16384, u64::MAX >> 1, u64::MAX] {
            let mut out = Vec::new();
            put_leb128(&mut out, value);
            assert_eq!(out.len(), leb128_len(value), "{value}");
            let mut r = Reader::new(&out);
            assert_eq!(r.leb128(), Ok(value));
            assert!(r.is_empty());
            for cut in 0..out.len() {
                assert!(Reader::new(&out[..cut]).leb128().is_err());
            }
        }
        assert!(Reader::new(&[0xff; 10]).leb128().is_err());
        assert!(Reader::new(&[0x80; 20]).leb128().is_err());
    }

    #[test]
    fn a_lying_length_is_an_error() {
        let mut out = Vec::new();
        put_leb128(&mut out, u64::MAX);
        assert_eq!(Reader::new(&out).prefixed(), Err(Error::truncated(u64::MAX, 0)));
    }
}

//! Byte strings: masks, tables, anything without a shape.

use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128, try_vec};
use tolzip_core::error::DecodeError;
use tolzip_core::{Error, Result};
use tolzip_entropy::{lz, rans};

const CONSTANT: u8 = 0;
const RAW: u8 = 1;
const RANS: u8 = 2;
const LZ: u8 = 3;

/// Bytes of a longer string that tell whether noise repeats itself.
const PROBE: usize = 1 << 10;

/// The string, compressed; at most 11 bytes longer than it was.
///
/// ```
/// use tolzip_lossless::bytes::{compress, decompress};
///
/// let text = b"again and again and again and again and again and again".repeat(10);
/// let packed = compress(&text);
/// assert!(packed.len() < text.len() / 4);
/// assert_eq!(decompress(&packed, text.len())?, text);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[must_use]
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    put_leb128(&mut head, bytes.len() as u64);
    let mut plain = head.clone();
    encode_block(bytes, &mut plain);
    // Repeats are worth a search unless the string is tiny, a single value, or noise with few of them at its beginning.
    let few = |begin| lz::repeated(begin) < PROBE / 8;
    let is_noise = || plain.len() > bytes.len() / 4 * 3 && bytes.get(..PROBE).is_some_and(few);
    let fits = bytes.len() > 32 && bytes.len() <= lz::MAX_LEN;
    if fits && plain.get(head.len()) != Some(&CONSTANT) && !is_noise() {
        head.push(LZ);
        lz::compress(bytes, &mut head);
        if head.len() < plain.len() {
            return head;
        }
    }
    plain
}

/// What [`compress`] was given.
///
/// ```
/// use tolzip_core::Error;
/// use tolzip_core::error::DecodeError;
/// use tolzip_lossless::bytes::{compress, decompress};
///
/// let packed = compress(&[7; 1000]);
/// assert_eq!(decompress(&packed, 1000)?, [7; 1000]);
/// let refused = Error::Decode(DecodeError::Limit { needed: 1000, limit: 999 });
/// assert_eq!(decompress(&packed, 999), Err(refused));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`DecodeError::Limit`] if the string has more than `limit` bytes; otherwise if `bytes` is no compressed string.
pub fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    let needed = reader.leb128()?;
    let n = match usize::try_from(needed) {
        Ok(n) if n <= limit => n,
        _ => return Err(DecodeError::Limit { needed, limit: limit as u64 }.into()),
    };
    let mut out = try_vec(n)?;
    decode_block(reader.rest(), &mut out)?;
    Ok(out)
}

/// Appends a string whose length the reader knows, without a search for repeats; at most one byte longer.
pub(crate) fn encode_block(bytes: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    match bytes.first() {
        // Many at a time: planes of high bytes are often all alike.
        Some(&first) if bytes.chunks(64).all(|part| part.iter().fold(0, |d, &b| d | (b ^ first)) == 0) => {
            out.extend_from_slice(&[CONSTANT, first]);
            return;
        }
        Some(_) if bytes.len() > 32 => {
            out.push(RANS);
            if rans::encode_bytes_within(bytes, bytes.len() - 1, out) {
                return;
            }
        }
        _ => {}
    }
    out.truncate(begin);
    out.push(RAW);
    out.extend_from_slice(bytes);
}

/// Decodes what [`encode_block`] appended, which must fill `bytes`, into all of `out`.
///
/// # Errors
/// If the bytes are no such string.
pub(crate) fn decode_block(bytes: &[u8], out: &mut [u8]) -> Result<()> {
    let mut reader = Reader::new(bytes);
    match reader.u8()? {
        CONSTANT => {
            out.fill(reader.u8()?);
            reader.finish()
        }
        RAW => {
            out.copy_from_slice(reader.take(out.len())?);
            reader.finish()
        }
        RANS => rans::decode_bytes(reader.rest(), out),
        LZ => lz::decompress(reader.rest(), out),
        _ => Err(Error::corrupt("an unknown coding of bytes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masks_shrink_and_noise_hardly_grows() {
        let mask: Vec<u8> = (0..40_000u32).map(|i| u8::from(i / 700 % 3 == 0) * 255).collect();
        assert!(compress(&mask).len() < 200);
        assert!(compress(&[9; 1 << 20]).len() < 8);
        let mut x = 1u32;
        let noise: Vec<u8> = (0..5000)
            .map(|_| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (x >> 24) as u8
            })
            .collect();
        for n in (0..70).chain([5000]) {
            let coded = compress(&noise[..n]);
            assert!(coded.len() <= n + 11);
            assert_eq!(decompress(&coded, n).unwrap(), noise[..n]);
        }
    }

    #[test]
    fn the_limit_holds_before_memory_is_asked_for() {
        let coded = compress(&[1; 1000]);
        assert!(matches!(
            decompress(&coded, 999),
            Err(Error::Decode(DecodeError::Limit { needed: 1000, limit: 999 }))
        ));
        assert!(decompress(&[0xff; 9], usize::MAX).is_err());
        assert!(decompress(&[], 10).is_err());
    }

    proptest! {
        #[test]
        fn any_string_survives(bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(255), any::<u8>()], 0..500)) {
            let coded = compress(&bytes);
            prop_assert!(coded.len() <= bytes.len() + 11);
            prop_assert_eq!(decompress(&coded, bytes.len()), Ok(bytes));
            for cut in 0..coded.len() {
                prop_assert!(decompress(&coded[..cut], 500).is_err());
            }
        }

        #[test]
        fn any_bytes_are_a_string_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 0u8..5) {
            let _ = decompress(&bytes, 1000);
            let mut bytes = bytes;
            bytes.insert(0, kind);
            let _ = decode_block(&bytes, &mut [0; 77]);
        }
    }
}

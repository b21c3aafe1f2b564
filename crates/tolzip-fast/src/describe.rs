//! What stands before a chunk's coded values, for people.

use crate::codec::{CODED, OFFSET, VERBATIM, WIDE};
use crate::heads;
use alloc::format;
use alloc::string::{String, ToString};
use tolzip_core::bytes::Reader;
use tolzip_core::{Error, Fields, Result};

/// The folded sides, fast to slow: the order of the flags' bits.
const AXES: [&str; 4] = ["s3", "s2", "s1", "s0"];

/// The fields of a chunk of `n` values of `width` bytes.
pub(crate) fn describe(bytes: &[u8], n: usize, width: usize) -> Result<Fields> {
    let mut fields = Fields::new();
    if n == 0 {
        return Ok(fields);
    }
    let mut reader = Reader::new(bytes);
    match reader.u8()? {
        VERBATIM => {
            fields.push(("kind", "verbatim".to_string()));
            return Ok(fields);
        }
        CODED => fields.push(("kind", "coded".to_string())),
        _ => return Err(Error::corrupt("an unknown kind of chunk")),
    }
    let flags = reader.u8()?;
    let axes: alloc::vec::Vec<&str> =
        AXES.iter().enumerate().filter(|(i, _)| flags >> i & 1 != 0).map(|(_, name)| *name).collect();
    fields.push(("differences", if axes.is_empty() { String::from("none") } else { axes.join(" ") }));
    if flags & WIDE != 0 {
        fields.push(("arithmetic", "f64".to_string()));
    }
    fields.push(("step", reader.f64()?.to_string()));
    if flags & OFFSET != 0 {
        fields.push(("offset", reader.f64()?.to_string()));
    }
    let bits = usize::try_from(reader.u64()?).unwrap_or(usize::MAX);
    reader.take(bits)?;
    fields.push(("bits", format!("{bits} bytes")));
    let exact = reader.leb128_up_to(n, "more exact values than values")?;
    for _ in 0..exact {
        reader.leb128()?;
        reader.take(width)?;
    }
    fields.push(("exact values", exact.to_string()));
    let kind = reader.u8()?;
    fields.push(("heads", format!("{} in {} bytes", heads::name(kind)?, reader.rest().len())));
    Ok(fields)
}

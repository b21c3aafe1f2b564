//! What stands before a chunk's blocks, for people.

use crate::chunk::{DECIMAL, FLOAT, MATCHED, PREDICTED, RANKED, ROTATED, SIGN_MAGNITUDE, VERSION};
use crate::decimal;
use crate::lane::Lane;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use tolzip_core::bytes::Reader;
use tolzip_core::{Error, Fields, Result};

const NAMES: [(u8, &str); 7] = [
    (PREDICTED, "predicted"),
    (FLOAT, "float"),
    (SIGN_MAGNITUDE, "sign-magnitude"),
    (RANKED, "ranked"),
    (DECIMAL, "decimal"),
    (ROTATED, "rotated"),
    (MATCHED, "matched"),
];

/// The fields of a chunk of `n` words.
pub(crate) fn describe<W: Lane>(bytes: &[u8], n: usize) -> Result<Fields> {
    let mut reader = Reader::new(bytes);
    let version = reader.u8()?;
    if version != VERSION {
        return Err(Error::corrupt("an unknown version of the lossless codec"));
    }
    let mut fields: Fields = [("version", version.to_string())].into();
    if n == 0 {
        return Ok(fields);
    }
    let flags = reader.u8()?;
    let names: Vec<&str> = NAMES.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
    fields.push(("flags", if names.is_empty() { "none".to_string() } else { names.join(" ") }));
    if flags & RANKED != 0 {
        let words = reader.leb128()?;
        fields.push(("dictionary", format!("{words} words in {} bytes", reader.prefixed()?.len())));
    }
    if flags & DECIMAL != 0 {
        fields.push(("decimals", decimal::Head::read::<W>(&mut reader, n)?.to_string()));
    }
    if flags & MATCHED != 0 {
        fields.push(("sequences", reader.leb128()?.to_string()));
        for name in ["runs", "lengths", "distances"] {
            fields.push((name, format!("{} bytes", reader.prefixed()?.len())));
        }
    }
    if flags & PREDICTED != 0 {
        fields.push(("shift", reader.u8()?.to_string()));
        let degrees = reader.u8()?;
        let each = [0, 2, 4, 6].map(|at| (degrees >> at & 3).to_string());
        fields.push(("degrees", each.join(" ")));
    }
    fields.push(("blocks", format!("{} bytes", reader.rest().len())));
    Ok(fields)
}

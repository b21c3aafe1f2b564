//! What stands before a chunk's coded integers, for people.

use crate::causal_layout::{Layout, Weights};
use crate::codec::{VERSION, kind};
use crate::decode::word;
use crate::grid::Grid;
use crate::interp_chunk::read_axes;
use crate::interp_fit::Shares;
use crate::interp_follow::Follow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use tolzip_core::bytes::Reader;
use tolzip_core::{Error, Fields, Float, Result, Shape};

/// The fields of a chunk of `T`.
pub(crate) fn describe<T: Float>(bytes: &[u8], shape: Shape) -> Result<Fields> {
    let mut reader = Reader::new(bytes);
    let version = reader.u8()?;
    if version != VERSION {
        return Err(Error::corrupt("an unknown version of the prediction codec"));
    }
    let head = reader.u8()?;
    let name = match head & 0x0f {
        kind::VERBATIM => "verbatim",
        kind::CONSTANT => "constant",
        kind::INTERPOLATION => "interpolation",
        kind::CAUSAL => "causal",
        _ => return Err(Error::corrupt("an unknown kind of chunk")),
    };
    let mut fields: Fields = [("version", version.to_string()), ("kind", name.to_string())].into();
    match head & 0x0f {
        kind::VERBATIM => return Ok(fields),
        kind::CONSTANT => {
            fields.push(("value", word::<T>(&mut reader)?.to_f64().to_string()));
            return Ok(fields);
        }
        _ => {}
    }
    if shape.is_empty() {
        return Err(Error::corrupt("an empty chunk with a predictor"));
    }
    if head & kind::WIDE != 0 {
        fields.push(("arithmetic", "f64".to_string()));
    }
    fields.push(("row flags", if head & kind::FLAGS != 0 { "yes" } else { "no" }.to_string()));
    fields.push(("step", reader.f64()?.to_string()));
    if head & 0x0f == kind::INTERPOLATION {
        let (whole, follow) = read_axes(&mut reader)?;
        fields.push(("whole axes", axes(whole >> 1)));
        if let Some(finest) = Grid::pyramid(shape.folded(), whole).next() {
            let before = reader.rest().len();
            Shares::read(finest.split, &mut reader)?;
            let shares = &bytes[bytes.len() - before..bytes.len() - reader.rest().len()];
            if !shares.is_empty() {
                let each =
                    shares.chunks_exact(2).map(|s| format!("{:04x}", u16::from_le_bytes([s[0], s[1]])));
                fields.push(("shares", each.collect::<Vec<_>>().join(" ")));
            }
        }
        if let Some(follow) = Follow::read(follow, shape.folded(), &mut reader)? {
            fields.push(("followed axis", format!("s{}", follow.axis)));
            let weights = [0, 1, 2].map(|level| follow.weight::<f64>(level).unwrap_or(0.0).to_string());
            fields.push(("follow weights", weights.join(" ")));
        }
    } else {
        if head & kind::OFFSET != 0 {
            fields.push(("offset", reader.f64()?.to_string()));
        }
        let exact = reader.leb128_up_to(shape.len(), "more exact values than values")?;
        for _ in 0..exact {
            reader.leb128()?;
            word::<T>(&mut reader)?;
        }
        fields.push(("exact values", exact.to_string()));
        let before = reader.rest().len();
        Weights::read(&Layout::of(shape.folded()), &mut reader)?;
        fields.push(("weights", format!("{} bytes", before - reader.rest().len())));
    }
    let model = if head & kind::MIXED != 0 { "mixed" } else { "tables" };
    fields.push(("model", format!("{model} in {} bytes", reader.rest().len())));
    Ok(fields)
}

/// The axes s0 to s2 of a mask whose lowest bit is s2.
fn axes(mask: u8) -> String {
    let names: Vec<&str> = ["s0", "s1", "s2"]
        .into_iter()
        .zip([4, 2, 1])
        .filter(|(_, bit)| mask & bit != 0)
        .map(|(n, _)| n)
        .collect();
    if names.is_empty() { "none".to_string() } else { names.join(" ") }
}

//! The header: a Python dictionary with the keys `descr`, `fortran_order` and `shape`.

use super::literal::Literals;
use crate::error::Problem;
use crate::source::Hints;
use crate::values::{ByteOrder, Layout};
use tolzip_core::{DType, Shape};

/// Reads a header's dictionary.
pub(super) fn parse(text: &[u8], hints: Hints) -> Result<Layout, Problem> {
    let mut literals = Literals::new(text);
    let (mut descr, mut fortran, mut sides) = (None, None, None);
    let parsed = (|| {
        literals.expect(b'{', "the header is no dictionary")?;
        while !literals.take(b'}') {
            let key = literals.string()?;
            literals.expect(b':', "a key without a value in the header")?;
            let known = match key {
                b"descr" if literals.rest().starts_with(b"[") => {
                    // A record: its description ends the reading, since its type can't be used.
                    descr = Some(literals.rest());
                    return Ok(());
                }
                b"descr" => descr.replace(literals.string()?).is_none(),
                b"fortran_order" => fortran.replace(literals.boolean()?).is_none(),
                b"shape" => sides.replace(literals.sides()?).is_none(),
                _ => false,
            };
            if !known {
                return Err("an unknown or repeated key in the header");
            }
            if !literals.take(b',') {
                literals.expect(b'}', "the header's dictionary has no end")?;
                break;
            }
        }
        if literals.rest().is_empty() { Ok(()) } else { Err("something behind the header's dictionary") }
    })();
    parsed.map_err(Problem::NpyHeader)?;
    let descr = descr.ok_or(Problem::NpyHeader("no type in the header"))?;
    let (dtype, byte_order) = element_type(descr, hints.dtype)?;
    let (Some(fortran), Some(sides)) = (fortran, sides) else {
        return Err(Problem::NpyHeader("no shape or no order in the header"));
    };
    let shape = Shape::new(&sides)?;
    if let Some(asked) = hints.shape.filter(|&asked| asked != shape) {
        return Err(Problem::Contradiction {
            stored: format!("shape {shape}"),
            asked: format!("shape {asked}"),
        });
    }
    Ok(Layout { dtype, shape, byte_order, fortran })
}

/// The element type of a description such as `<f4`. bfloat16 comes as 16-bit integers or as two bytes without meaning
/// (as the `ml_dtypes` package writes it), so only the caller can say that it is meant.
fn element_type(descr: &[u8], asked: Option<DType>) -> Result<(DType, ByteOrder), Problem> {
    let unknown = || {
        let mut text: String = String::from_utf8_lossy(descr).chars().take(60).collect();
        if text.len() < descr.len() {
            text.push_str("...");
        }
        Problem::NpyType { descr: text }
    };
    let (order, code) = match descr.split_first() {
        Some((b'<', code)) => (ByteOrder::Little, code),
        Some((b'>', code)) => (ByteOrder::Big, code),
        Some((b'=', code)) if cfg!(target_endian = "big") => (ByteOrder::Big, code),
        Some((b'=', code)) => (ByteOrder::Little, code),
        Some((b'|', code)) if matches!(code, b"i1" | b"u1" | b"V2") => (ByteOrder::Little, code),
        _ => return Err(unknown()),
    };
    let stored = match code {
        b"f2" => DType::F16,
        b"f4" => DType::F32,
        b"f8" => DType::F64,
        b"i1" => DType::I8,
        b"i2" => DType::I16,
        b"i4" => DType::I32,
        b"i8" => DType::I64,
        b"u1" => DType::U8,
        b"u2" => DType::U16,
        b"u4" => DType::U32,
        b"u8" => DType::U64,
        b"V2" if asked == Some(DType::Bf16) => DType::Bf16,
        _ => return Err(unknown()),
    };
    match asked {
        Some(DType::Bf16) if stored == DType::U16 => Ok((DType::Bf16, order)),
        Some(asked) if asked != stored => {
            Err(Problem::Contradiction { stored: stored.to_string(), asked: asked.to_string() })
        }
        _ => Ok((stored, order)),
    }
}

/// Everything before the values, padded as numpy does so that they begin at a multiple of 64 bytes.
pub(super) fn format(dtype: DType, shape: Shape) -> Vec<u8> {
    let descr = match dtype {
        DType::F32 => "<f4",
        DType::F64 => "<f8",
        DType::F16 => "<f2",
        DType::I8 => "|i1",
        DType::I16 => "<i2",
        DType::I32 => "<i4",
        DType::I64 => "<i8",
        DType::U8 => "|u1",
        DType::U16 | DType::Bf16 => "<u2",
        DType::U32 => "<u4",
        DType::U64 => "<u8",
        // `DType` grows only together with this crate.
        _ => "|V1",
    };
    let sides: Vec<String> = shape.sides().iter().map(usize::to_string).collect();
    let comma = if sides.len() == 1 { "," } else { "" };
    let mut text =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}", sides.join(", "));
    let unpadded = 10 + text.len() + 1;
    text.extend(std::iter::repeat_n(' ', unpadded.next_multiple_of(64) - unpadded));
    text.push('\n');
    let mut out = super::MAGIC.to_vec();
    out.extend([1, 0]);
    // At most 8 sides of 20 digits: the length always fits.
    out.extend((text.len() as u16).to_le_bytes());
    out.extend(text.bytes());
    out
}

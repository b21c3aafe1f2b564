//! numpy's `.npy` format, versions 1.0 to 3.0.
//!
//! Source: numpy's own description of the format, `numpy.lib.format` (NEP 1).

mod header;
mod literal;

use crate::error::Problem;
use crate::source::Hints;
use crate::values::{self, Layout, read_up_to};
use std::io::{self, Read, Write};
use tolzip_core::{AnyArray, DType, Shape};

pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest header that is read. numpy itself distrusts headers above 10,000 bytes; only records with thousands of
/// fields, which are not read anyway, need more.
const MAX_HEADER: usize = 1 << 16;

/// Reads one array from `source`, which must end with it. `available` is the number of bytes it has, where known.
///
/// ```
/// use tolzip_core::{AnyArray, Array, Shape};
/// use tolzip_io::{Hints, Problem, npy};
///
/// let field: AnyArray = Array::new(vec![1.0f32, 2.0, 3.0], Shape::line(3))?.into();
/// let mut bytes = Vec::new();
/// npy::write(&mut bytes, &field)?;
/// assert!(npy::read(&mut &bytes[..], Some(bytes.len() as u64), Hints::default()).is_ok_and(|back| back == field));
///
/// let cut = npy::read(&mut &bytes[..bytes.len() - 1], None, Hints::default());
/// assert!(matches!(cut, Err(Problem::WrongSize { needed: 12, .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A [`Problem`] with the header, the size, or what the hints say against it.
pub fn read(source: &mut dyn Read, available: Option<u64>, hints: Hints) -> Result<AnyArray, Problem> {
    let (layout, begin) = layout(source, hints)?;
    let left = available.map(|bytes| bytes.saturating_sub(begin));
    values::read(source, &layout, left)
}

/// Reads the header; where the values begin.
pub(crate) fn layout(source: &mut dyn Read, hints: Hints) -> Result<(Layout, u64), Problem> {
    let mut start = [0; 12];
    let got = read_up_to(source, &mut start[..10])?;
    if !start[..got].starts_with(MAGIC) {
        return Err(Problem::NpyHeader("it does not begin with numpy's magic bytes"));
    }
    if got < 10 {
        return Err(Problem::NpyHeader("it ends within the first 10 bytes"));
    }
    let mut before_values = 10;
    let length = match (start[6], start[7]) {
        (1, 0) => usize::from(u16::from_le_bytes([start[8], start[9]])),
        (2 | 3, 0) => {
            if read_up_to(source, &mut start[10..12])? < 2 {
                return Err(Problem::NpyHeader("it ends within the first 12 bytes"));
            }
            before_values = 12;
            u32::from_le_bytes([start[8], start[9], start[10], start[11]]) as usize
        }
        (major, minor) => return Err(Problem::NpyVersion { major, minor }),
    };
    if length > MAX_HEADER {
        return Err(Problem::NpyHeader("a header of more than 65536 bytes"));
    }
    let mut text = vec![0; length];
    if read_up_to(source, &mut text)? < length {
        return Err(Problem::NpyHeader("it ends within the header"));
    }
    Ok((header::parse(&text, hints)?, (before_values + length) as u64))
}

/// Writes one array, little-endian, slow to fast, as version 1.0. numpy has no bfloat16: its bits are written as
/// unsigned 16-bit integers, which [`Hints::dtype`] turns back.
///
/// ```
/// use tolzip_core::{AnyArray, Array, Bf16, DType, Shape};
/// use tolzip_io::{Hints, npy};
///
/// let field: AnyArray = Array::new(vec![Bf16::from_f32(1.5)], Shape::line(1))?.into();
/// let mut bytes = Vec::new();
/// npy::write(&mut bytes, &field)?;
/// let read = |hints| npy::read(&mut &bytes[..], None, hints).map(|array| array.dtype()).ok();
/// assert_eq!(read(Hints::default()), Some(DType::U16));
/// assert_eq!(read(Hints::new(Some(DType::Bf16), None)), Some(DType::Bf16));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, array: &AnyArray) -> io::Result<()> {
    write_header(out, array.dtype(), array.shape())?;
    values::write(out, array)
}

/// Writes what stands before the values, which [`write_values`](crate::write_values) writes part by part.
///
/// ```
/// use tolzip_core::{AnyArray, Array, DType, Shape};
/// use tolzip_io::{Hints, npy, write_values};
///
/// let mut bytes = Vec::new();
/// npy::write_header(&mut bytes, DType::U8, Shape::new(&[2, 3])?)?;
/// for row in [vec![1u8, 2, 3], vec![4, 5, 6]] {
///     write_values(&mut bytes, &Array::new(row, Shape::line(3))?.into())?;
/// }
/// let whole: AnyArray = Array::new(vec![1u8, 2, 3, 4, 5, 6], Shape::new(&[2, 3])?)?.into();
/// assert!(npy::read(&mut &bytes[..], None, Hints::default()).is_ok_and(|back| back == whole));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of `out`.
pub fn write_header(out: &mut dyn Write, dtype: DType, shape: Shape) -> io::Result<()> {
    out.write_all(&header::format(dtype, shape))
}

//! The header: what the array is and how it was asked to be stored.

use super::{Grid, MAGIC, MAJOR, MINOR, crc32c::crc32c};
use crate::bytes::Reader;
use crate::element::DType;
use crate::error::DecodeError;
use crate::{Bound, Error, MAX_DIMS, Result, Shape};
use alloc::string::String;
use alloc::vec::Vec;

/// Tags of header fields. Those with the top bit set must be understood by a reader.
mod tag {
    pub(super) const DTYPE: u16 = 0x8001;
    pub(super) const SHAPE: u16 = 0x8002;
    pub(super) const CHUNK: u16 = 0x8003;
    pub(super) const METHOD: u16 = 0x0004;
    pub(super) const BOUND: u16 = 0x0005;
    pub(super) const FILL: u16 = 0x0006;
    pub(super) const SOURCE_ROWS: u16 = 0x0007;
    pub(super) const REACHED: u16 = 0x0008;
    pub(super) const MASKED: u16 = 0x0009;
    /// The last of those that stand alone, with or without the bit of critical ones.
    pub(super) const LAST: u16 = 0x000f;
    /// The first of many: parts of one string.
    pub(super) const ROW_INDEX: u16 = 0x0100;
    pub(super) const CRITICAL: u16 = 0x8000;
}

/// Bytes before the fields: magic, major, minor, length of the fields.
const FIXED: usize = MAGIC.len() + 8;

/// The most bytes of an index of rows: 256 parts.
pub const MOST_INDEX: usize = 256 * PART;

const PART: usize = u16::MAX as usize;

/// Everything in a stream's header.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The minor version of the format: [`MINOR`] in the long form, [`SHORT_MINOR`](super::SHORT_MINOR) in the short one.
    pub minor: u16,
    /// Element type.
    pub dtype: DType,
    /// The array's shape and chunks.
    pub grid: Grid,
    /// The method that was asked for, with its settings, as the command line spells it.
    pub method: String,
    /// The bound that was asked for.
    pub bound: Bound,
    /// The axis whose indices have ranges and bounds of their own.
    pub axis: Option<usize>,
    /// The value that was treated as missing: its bit pattern, zero-extended.
    pub fill_value: Option<u64>,
    /// For a sample of rows: how many rows (indices of the first axis) the original had.
    pub source_rows: Option<u64>,
    /// For a bound of the array as a whole (PSNR, mean square error, ratio): what was reached, in its unit.
    pub reached: Option<f64>,
    /// Whether NaN and infinities became one NaN.
    pub masked: bool,
    /// For a sample whose rows don't follow from its settings: which they are, compressed; at most [`MOST_INDEX`] bytes.
    pub row_index: Vec<u8>,
}

impl Header {
    /// Appends the header of the long form.
    pub fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&MAJOR.to_le_bytes());
        out.extend_from_slice(&self.minor.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        put(out, tag::DTYPE, &[self.dtype as u8]);
        put(out, tag::SHAPE, &sides(self.grid.shape()));
        if self.grid.chunk() != Grid::default_for(self.grid.shape(), None).chunk() {
            put(out, tag::CHUNK, &sides(self.grid.chunk()));
        }
        put(out, tag::METHOD, self.method.as_bytes());
        let (kind, value) = bound_number(self.bound);
        let mut field = alloc::vec![kind];
        field.extend_from_slice(&value.to_le_bytes());
        field.push(self.axis.map_or(0, |a| a as u8 + 1));
        if let Some(second) = self.bound.second() {
            field.extend_from_slice(&second.to_le_bytes());
        }
        put(out, tag::BOUND, &field);
        if let Some(bits) = self.fill_value {
            put(out, tag::FILL, &bits.to_le_bytes());
        }
        if let Some(rows) = self.source_rows {
            put(out, tag::SOURCE_ROWS, &rows.to_le_bytes());
        }
        if let Some(reached) = self.reached {
            put(out, tag::REACHED, &reached.to_le_bytes());
        }
        if self.masked {
            put(out, tag::MASKED, &[]);
        }
        for (i, part) in self.row_index.chunks(PART).enumerate() {
            put(out, tag::ROW_INDEX + i as u16, part);
        }
        let fields = (out.len() - start - FIXED) as u32;
        out[start + FIXED - 4..start + FIXED].copy_from_slice(&fields.to_le_bytes());
        let crc = crc32c(&out[start..]);
        out.extend_from_slice(&crc.to_le_bytes());
    }

    /// Reads a header of the long form and says how many bytes it takes.
    ///
    /// # Errors
    /// [`Error::Decode`] for anything that is not a valid header of a version this build reads.
    pub fn read(bytes: &[u8]) -> Result<(Self, usize)> {
        let mut r = Reader::new(bytes);
        if !bytes.starts_with(&MAGIC[..bytes.len().min(MAGIC.len())]) || bytes.is_empty() {
            return Err(DecodeError::NotTolzip.into());
        }
        r.take(MAGIC.len())?;
        let major = r.u16()?;
        if major != MAJOR {
            return Err(DecodeError::NewerVersion { found: major, supported: MAJOR }.into());
        }
        let minor = r.u16()?;
        let length = r.u32()? as usize;
        let mut fields = Reader::new(r.take(length)?);
        let stored = r.u32()?;
        let computed = crc32c(&bytes[..FIXED + length]);
        if stored != computed {
            return Err(DecodeError::Checksum { part: "header", stored, computed }.into());
        }
        Ok((Self { minor, ..Self::from_fields(&mut fields)? }, FIXED + length + 4))
    }

    fn from_fields(fields: &mut Reader<'_>) -> Result<Self> {
        let (mut dtype, mut shape, mut chunk) = (None, None, None);
        let (mut method, mut bound, mut axis) = (String::new(), Bound::Lossless, None);
        let (mut fill_value, mut source_rows, mut reached, mut masked) = (None, None, None, false);
        let (mut row_index, mut parts) = (Vec::new(), 0);
        let mut seen = alloc::vec::Vec::new();
        while !fields.is_empty() {
            let tag = fields.u16()?;
            if seen.contains(&tag) {
                return Err(Error::corrupt("a header field that is there twice"));
            }
            // Of those that are skipped only so many, lest a long header of small fields take long to check.
            if tag & !tag::CRITICAL <= tag::LAST || seen.len() < 64 {
                seen.push(tag);
            }
            let length = usize::from(fields.u16()?);
            let mut field = Reader::new(fields.take(length)?);
            match tag {
                tag::DTYPE => {
                    let number = field.u8()?;
                    let unknown = DecodeError::UnknownNumber { what: "element type", number };
                    dtype = Some(DType::from_number(number).ok_or(unknown)?);
                }
                tag::SHAPE => shape = Some(read_sides(&mut field)?),
                tag::CHUNK => chunk = Some(read_sides(&mut field)?),
                tag::METHOD => {
                    let name = field.take(length)?;
                    method = String::from_utf8(name.to_vec())
                        .map_err(|_| Error::corrupt("a method that is not UTF-8"))?;
                }
                tag::BOUND => {
                    let (kind, value) = (field.u8()?, field.f64()?);
                    axis = field.u8()?.checked_sub(1).map(usize::from);
                    bound = read_bound(kind, value, &mut field)?;
                }
                tag::FILL => fill_value = Some(field.u64()?),
                tag::SOURCE_ROWS => source_rows = Some(field.u64()?),
                tag::REACHED => reached = Some(field.f64()?),
                tag::MASKED => masked = true,
                _ if parts < 256 && tag == tag::ROW_INDEX + parts => {
                    row_index.extend_from_slice(field.take(length)?);
                    parts += 1;
                }
                _ if tag & tag::CRITICAL != 0 => return Err(DecodeError::UnknownField { tag }.into()),
                _ => continue,
            }
            field.finish()?;
        }
        let missing = Error::corrupt("a header without type or shape");
        let (Some(dtype), Some(shape)) = (dtype, shape) else { return Err(missing) };
        if axis.is_some_and(|a| a >= shape.ndim()) {
            return Err(Error::corrupt("a bound along an axis that does not exist"));
        }
        let grid = match chunk {
            Some(chunk) => Grid::new(shape, chunk.sides())
                .map_err(|_| Error::corrupt("a chunk shape that does not fit"))?,
            None => Grid::default_for(shape, None),
        };
        let minor = MINOR;
        Ok(Self {
            minor,
            dtype,
            grid,
            method,
            bound,
            axis,
            fill_value,
            source_rows,
            reached,
            masked,
            row_index,
        })
    }
}

fn put(out: &mut Vec<u8>, tag: u16, field: &[u8]) {
    out.extend_from_slice(&tag.to_le_bytes());
    out.extend_from_slice(&(field.len() as u16).to_le_bytes());
    out.extend_from_slice(field);
}

fn sides(shape: Shape) -> Vec<u8> {
    shape.sides().iter().flat_map(|&s| (s as u64).to_le_bytes()).collect()
}

fn read_sides(field: &mut Reader<'_>) -> Result<Shape> {
    let mut sides = [0; MAX_DIMS];
    let mut n = 0;
    while !field.is_empty() {
        let side = usize::try_from(field.u64()?).ok();
        let (Some(slot), Some(side)) = (sides.get_mut(n), side) else {
            return Err(Error::corrupt("a shape beyond what this machine can hold"));
        };
        *slot = side;
        n += 1;
    }
    Shape::new(&sides[..n]).map_err(|_| Error::corrupt("a shape beyond 2^62 values"))
}

pub(super) const fn bound_number(bound: Bound) -> (u8, f64) {
    match bound {
        Bound::Lossless => (0, 0.0),
        Bound::Abs(e) => (1, e),
        Bound::Rel(e) => (2, e),
        Bound::PointwiseRel(e) => (3, e),
        Bound::Knob => (4, 0.0),
        Bound::Psnr(db) => (5, db),
        Bound::L2(e) => (6, e),
        Bound::Ratio(ratio) => (7, ratio),
        Bound::AbsAndRel { abs, .. } => (8, abs),
        Bound::AbsOrRel { abs, .. } => (9, abs),
    }
}

pub(super) fn read_bound(kind: u8, value: f64, second: &mut Reader<'_>) -> Result<Bound> {
    Ok(match kind {
        0 => Bound::Lossless,
        1 => Bound::Abs(value),
        2 => Bound::Rel(value),
        3 => Bound::PointwiseRel(value),
        4 => Bound::Knob,
        5 => Bound::Psnr(value),
        6 => Bound::L2(value),
        7 => Bound::Ratio(value),
        8 => Bound::AbsAndRel { abs: value, rel: second.f64()? },
        9 => Bound::AbsOrRel { abs: value, rel: second.f64()? },
        number => return Err(DecodeError::UnknownNumber { what: "kind of bound", number }.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Header {
        let shape = Shape::new(&[3, 5]).unwrap();
        Header {
            minor: MINOR,
            dtype: DType::F64,
            grid: Grid::new(shape, &[3, 1]).unwrap(),
            method: "predict:level=2".into(),
            bound: Bound::Rel(1e-3),
            axis: Some(1),
            fill_value: Some(7),
            source_rows: Some(30),
            reached: Some(61.5),
            masked: true,
            row_index: alloc::vec![1, 2, 3],
        }
    }

    #[test]
    fn round_trips_and_detects_any_damage() {
        for bound in [
            Bound::Psnr(60.0),
            Bound::L2(0.5),
            Bound::Ratio(10.0),
            Bound::AbsOrRel { abs: 0.5, rel: 1e-3 },
            Bound::AbsAndRel { abs: 0.5, rel: 1e-3 },
        ] {
            let mut bytes = Vec::new();
            let header = Header { bound, ..example() };
            header.write(&mut bytes);
            assert_eq!(Header::read(&bytes), Ok((header, bytes.len())));
        }
        let long = Header { row_index: alloc::vec![9; 140_000], ..example() };
        let mut bytes = Vec::new();
        long.write(&mut bytes);
        assert_eq!(Header::read(&bytes), Ok((long, bytes.len())));
        let header = example();
        let mut bytes = Vec::new();
        header.write(&mut bytes);
        assert_eq!(Header::read(&bytes), Ok((header, bytes.len())));
        for cut in 0..bytes.len() {
            assert!(Header::read(&bytes[..cut]).is_err());
        }
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Header::read(&bad).is_err(), "bit {bit}");
        }
    }

    fn with_field(tag: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        example().write(&mut bytes);
        bytes.truncate(bytes.len() - 4);
        put(&mut bytes, tag, b"new");
        let length = (bytes.len() - FIXED) as u32;
        bytes[FIXED - 4..FIXED].copy_from_slice(&length.to_le_bytes());
        let crc = crc32c(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    #[test]
    fn unknown_fields_are_skipped_unless_critical() {
        assert_eq!(Header::read(&with_field(0x0123)).map(|(h, _)| h), Ok(example()));
        assert_eq!(
            Header::read(&with_field(0x8123)),
            Err(Error::Decode(DecodeError::UnknownField { tag: 0x8123 }))
        );
    }

    /// However many fields come before that are not known.
    #[test]
    fn no_field_is_there_twice() {
        let mut fields = Vec::new();
        let mut field = |tag: u16, content: &[u8]| {
            fields.extend_from_slice(&tag.to_le_bytes());
            fields.extend_from_slice(&(content.len() as u16).to_le_bytes());
            fields.extend_from_slice(content);
        };
        for unknown in 0x2000..0x2064u16 {
            field(unknown, &[]);
        }
        field(tag::DTYPE, &[1]);
        field(tag::SHAPE, &100u64.to_le_bytes());
        field(tag::SHAPE, &50u64.to_le_bytes());
        let twice = Header::from_fields(&mut Reader::new(&fields));
        assert_eq!(twice.unwrap_err(), Error::corrupt("a header field that is there twice"));
    }

    #[test]
    fn numbers_of_later_versions_are_not_called_damage() {
        let fields = |dtype: u8, kind: u8| {
            let mut fields = Vec::new();
            put(&mut fields, tag::DTYPE, &[dtype]);
            put(&mut fields, tag::SHAPE, &5u64.to_le_bytes());
            put(&mut fields, tag::BOUND, &[kind, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            Header::from_fields(&mut Reader::new(&fields))
        };
        assert_eq!(fields(12, 7).map(|h| (h.dtype, h.bound)), Ok((DType::U64, Bound::Ratio(0.0))));
        for (dtype, kind, what, number) in [(13, 7, "element type", 13), (12, 10, "kind of bound", 10)] {
            assert_eq!(fields(dtype, kind), Err(DecodeError::UnknownNumber { what, number }.into()));
        }
    }

    #[test]
    fn a_newer_version_is_refused_by_its_number() {
        let mut bytes = Vec::new();
        example().write(&mut bytes);
        bytes[8] = 9;
        assert_eq!(
            Header::read(&bytes),
            Err(Error::Decode(DecodeError::NewerVersion { found: 9, supported: 1 }))
        );
    }
}

//! The short form: a stream of one small chunk, whose header and footer would otherwise be most of it.
//!
//! ```text
//! header (magic, type and axes, sides, method, bound) | chunk | seal (one checksum of it all)
//! ```

use super::chunk::ChunkBound;
use super::header::{bound_number, read_bound};
use super::{Envelope, Footer, Grid, Header, SHORT_MAGIC, SHORT_MINOR, crc32c};
use crate::bytes::{Reader, put_leb128, put_prefixed};
use crate::element::DType;
use crate::error::DecodeError;
use crate::{Bound, Error, MAX_DIMS, Result, Shape};
use alloc::string::String;
use alloc::vec::Vec;

/// The most bytes of the chunk: of a longer one, what the other form takes more is below a tenth of a percent.
pub(super) const MOST: usize = u16::MAX as usize;

/// Bytes of the seal.
const SEAL: usize = 4;

/// Methods that have a number: those that most streams are of. Others are spelled.
const METHODS: [&str; 6] = ["", "auto", "predict", "transform", "fast", "lossless"];

/// Flag of the byte with the bound's kind: its value is what the chunk promises.
const AS_PROMISED: u8 = 0x10;

/// Whether this header says nothing that the short form has no place for.
fn is_for(header: &Header) -> bool {
    header.grid.len() == 1
        && header.axis.is_none()
        && header.fill_value.is_none()
        && header.source_rows.is_none()
        && header.reached.is_none()
        && !header.masked
        && header.row_index.is_empty()
}

/// The header of a stream in the short form whose only chunk is this; `None` where it has to be the long one.
pub(super) fn header(header: &Header, chunk: &[u8]) -> Option<Vec<u8>> {
    if !is_for(header) || chunk.len() > MOST {
        return None;
    }
    let shape = header.grid.shape();
    let mut out = Vec::with_capacity(64);
    out.extend_from_slice(&SHORT_MAGIC);
    out.push(header.dtype as u8 | (shape.ndim() as u8) << 4);
    for &side in shape.sides() {
        put_leb128(&mut out, side as u64);
    }
    match METHODS.iter().skip(1).position(|name| *name == header.method) {
        Some(at) => out.push(at as u8 + 1),
        None => {
            out.push(0);
            put_prefixed(&mut out, header.method.as_bytes());
        }
    }
    let (kind, value) = bound_number(header.bound);
    let promised = Envelope::read(chunk).ok().and_then(|chunk| chunk.bound).map(|b| b.promised.to_bits());
    if matches!(header.bound, Bound::Lossless | Bound::Knob) {
        out.push(kind);
    } else if promised == Some(value.to_bits()) {
        out.push(kind | AS_PROMISED);
    } else {
        out.push(kind);
        out.extend_from_slice(&value.to_le_bytes());
    }
    if let Some(second) = header.bound.second() {
        out.extend_from_slice(&second.to_le_bytes());
    }
    Some(out)
}

/// What ends a stream in the short form: a checksum of its header and of its chunk's checksum.
pub(super) fn seal(header: &[u8], chunk_crc: u32) -> [u8; SEAL] {
    crc32c::extend(crc32c::crc32c(header), &chunk_crc.to_le_bytes()).to_le_bytes()
}

/// Takes a stream in the short form apart: what its header says, the footer that it would have, and its chunk.
pub(super) fn read(bytes: &[u8], crc: impl Fn(&[u8]) -> u32) -> Result<(Header, Footer, &[u8])> {
    let mut r = Reader::new(bytes);
    r.take(SHORT_MAGIC.len())?;
    let what = r.u8()?;
    let unknown = DecodeError::UnknownNumber { what: "element type", number: what & 15 };
    let dtype = DType::from_number(what & 15).ok_or(unknown)?;
    let shape = read_shape(&mut r, usize::from(what >> 4))?;
    let method = match r.u8()? {
        0 => String::from_utf8(r.prefixed()?.to_vec())
            .map_err(|_| Error::corrupt("a method that is not UTF-8"))?,
        number => {
            let unknown = DecodeError::UnknownNumber { what: "method", number };
            (*METHODS.get(usize::from(number)).ok_or(unknown)?).into()
        }
    };
    let kind = r.u8()?;
    let is_as_promised = kind & AS_PROMISED != 0;
    let kind = kind & !AS_PROMISED;
    let value = if is_as_promised || matches!(kind, 0 | 4) { 0.0 } else { r.f64()? };
    let mut bound = read_bound(kind, value, &mut r)?;
    let at = bytes.len() - r.rest().len();
    let end = bytes.len().checked_sub(SEAL).filter(|&end| end >= at);
    let Some(end) = end else { return Err(Error::truncated((at + SEAL) as u64, bytes.len() as u64)) };
    let (chunk, stored) = (&bytes[at..end], Reader::new(&bytes[end..]).u32()?);
    // No encoder writes a longer one, and its checksum is not read before that is known.
    if chunk.len() > MOST {
        return Err(Error::corrupt("a chunk too long for the short form"));
    }
    let chunk_crc = crc(chunk);
    let computed = u32::from_le_bytes(seal(&bytes[..at], chunk_crc));
    if stored != computed {
        return Err(DecodeError::Checksum { part: "stream", stored, computed }.into());
    }
    // A chunk that makes no sense is for its decoder to refuse.
    let found = Envelope::read(chunk).ok().and_then(|chunk| chunk.bound);
    let ChunkBound { promised, max_error } = found.unwrap_or(ChunkBound { promised: 0.0, max_error: 0.0 });
    if is_as_promised {
        if found.is_none() || matches!(bound, Bound::Lossless | Bound::Knob) {
            return Err(Error::corrupt("a bound that the chunk does not say"));
        }
        bound = read_bound(kind, promised, &mut Reader::new(&bound.second().unwrap_or(0.0).to_le_bytes()))?;
    }
    let whole: Vec<usize> = shape.sides().iter().map(|&side| side.max(1)).collect();
    let header = Header {
        minor: SHORT_MINOR,
        dtype,
        grid: Grid::new(shape, &whole)?,
        method,
        bound,
        axis: None,
        fill_value: None,
        source_rows: None,
        reached: None,
        masked: false,
        row_index: Vec::new(),
    };
    let mut footer = Footer::default();
    footer.push(chunk.len(), chunk_crc, max_error)?;
    Ok((header, footer, chunk))
}

/// The sides, none of them 0: an array without values has no chunk.
fn read_shape(r: &mut Reader<'_>, ndim: usize) -> Result<Shape> {
    let mut sides = [0; MAX_DIMS];
    let Some(sides) = sides.get_mut(..ndim) else {
        return Err(Error::corrupt("a shape of more axes than there can be"));
    };
    for side in sides.iter_mut() {
        *side = r.leb128_up_to(usize::MAX, "a shape beyond what this machine can hold")?;
        if *side == 0 {
            return Err(Error::corrupt("a chunk of an array without values"));
        }
    }
    Shape::new(sides).map_err(|_| Error::corrupt("a shape beyond 2^62 values"))
}

#[cfg(test)]
mod tests {
    use super::super::{Writer, read};
    use super::*;
    use crate::frame::MINOR;

    fn example(bound: Bound, method: &str, sides: &[usize]) -> Header {
        let shape = Shape::new(sides).unwrap();
        Header {
            minor: SHORT_MINOR,
            dtype: DType::I16,
            grid: Grid::default_for(shape, None),
            method: method.into(),
            bound,
            axis: None,
            fill_value: None,
            source_rows: None,
            reached: None,
            masked: false,
            row_index: Vec::new(),
        }
    }

    fn chunk(bound: Option<ChunkBound>) -> Vec<u8> {
        let mut bytes = Vec::new();
        Envelope { codec: 3, bound, specials: None, corrections: None, payload: b"coded" }.write(&mut bytes);
        bytes
    }

    fn written(header: &Header, chunk: &[u8], max_error: f64) -> Vec<u8> {
        let mut writer = Writer::new(header);
        let mut out = writer.chunk(chunk, crc32c::crc32c(chunk), max_error).unwrap();
        out.extend_from_slice(chunk);
        out.extend_from_slice(&writer.finish().0);
        out
    }

    #[test]
    fn round_trips_and_detects_any_damage() {
        let lossy = chunk(Some(ChunkBound { promised: 0.5, max_error: 0.25 }));
        for (bound, method, sides, chunk, around) in [
            // As the chunk promises: magic, type and axes, a side, method, kind, seal.
            (Bound::Abs(0.5), "predict", &[100][..], &lossy, 4 + 1 + 1 + 1 + 1 + 4),
            (Bound::PointwiseRel(0.5), "fast", &[], &lossy, 4 + 1 + 1 + 1 + 4),
            (Bound::Rel(0.01), "auto", &[3, 200], &lossy, 4 + 1 + 3 + 1 + 9 + 4),
            (Bound::Abs(0.5), "predict:level=3", &[7], &lossy, 4 + 1 + 1 + 17 + 1 + 4),
            (Bound::AbsAndRel { abs: 0.5, rel: 0.1 }, "auto", &[7], &lossy, 4 + 1 + 1 + 1 + 9 + 4),
            (Bound::AbsOrRel { abs: 0.4, rel: 0.1 }, "auto", &[7], &lossy, 4 + 1 + 1 + 1 + 17 + 4),
            (Bound::Lossless, "lossless", &[1, 1, 2, 1, 1, 1, 1, 1], &chunk(None), 4 + 1 + 8 + 1 + 1 + 4),
            (Bound::Knob, "bitround:bits=7", &[7], &lossy, 4 + 1 + 1 + 17 + 1 + 4),
            (Bound::Abs(0.5), "transform", &[7], &chunk(None), 4 + 1 + 1 + 1 + 9 + 4),
        ] {
            let header = example(bound, method, sides);
            let max_error = if chunk[1] == 1 { 0.25 } else { 0.0 };
            let bytes = written(&header, chunk, max_error);
            assert_eq!(bytes.len(), chunk.len() + around, "{bound:?}");
            let (found, footer, body) = read(&bytes, crc32c::crc32c).unwrap();
            assert_eq!((found, footer.max_error, body), (header, max_error, &chunk[..]));
            for cut in 0..bytes.len() {
                assert!(read(&bytes[..cut], crc32c::crc32c).is_err());
            }
            for bit in 0..bytes.len() * 8 {
                let mut bad = bytes.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(read(&bad, crc32c::crc32c).is_err(), "bit {bit}");
            }
        }
    }

    #[test]
    fn what_it_has_no_place_for_is_written_in_the_long_form() {
        let plain = example(Bound::Rel(0.01), "auto", &[30, 10]);
        let lossy = chunk(Some(ChunkBound { promised: 0.5, max_error: 0.25 }));
        assert!(super::header(&plain, &lossy).is_some());
        assert!(
            super::header(&plain, &[0; MOST + 1]).is_none() && super::header(&plain, &[0; MOST]).is_some()
        );
        let shape = plain.grid.shape();
        for other in [
            Header { axis: Some(1), ..plain.clone() },
            Header { fill_value: Some(7), ..plain.clone() },
            Header { source_rows: Some(90), ..plain.clone() },
            Header { reached: Some(60.0), ..plain.clone() },
            Header { masked: true, ..plain.clone() },
            Header { row_index: alloc::vec![1], ..plain.clone() },
            Header { grid: Grid::new(shape, &[20, 10]).unwrap(), ..plain },
        ] {
            let other = Header { minor: MINOR, ..other };
            assert!(super::header(&other, &lossy).is_none(), "{other:?}");
        }
    }

    /// Headers that no encoder writes, sealed as if one had.
    #[test]
    fn headers_that_make_no_sense_are_refused() {
        let chunk = chunk(None);
        let sealed = |header: &[u8]| {
            let header = [&SHORT_MAGIC[..], header].concat();
            let seal = seal(&header, crc32c::crc32c(&chunk));
            read(&[&header[..], &chunk, &seal].concat(), crc32c::crc32c).map(|found| found.0.bound)
        };
        let number = |what, number| Err(DecodeError::UnknownNumber { what, number }.into());
        assert_eq!(sealed(&[0x11, 7, 1, 0]), Ok(Bound::Lossless));
        assert_eq!(sealed(&[0x1d, 7, 1, 0]), number("element type", 13));
        assert_eq!(sealed(&[0x11, 7, 6, 0]), number("method", 6));
        assert_eq!(sealed(&[0x11, 7, 1, 10, 0, 0, 0, 0, 0, 0, 0, 0]), number("kind of bound", 10));
        for bad in [
            // Nine axes, a side of 0, sides beyond 2^62 values, a method that is no UTF-8, a bound that the chunk does not have.
            &[0x91, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0][..],
            &[0x11, 0, 1, 0],
            &[0x21, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 0],
            &[0x11, 7, 0, 1, 0xff, 0],
            &[0x11, 7, 1, AS_PROMISED | 1],
            &[0x11, 7, 1, AS_PROMISED],
        ] {
            assert!(matches!(sealed(bad), Err(Error::Decode(DecodeError::Corrupt { .. }))), "{bad:x?}");
        }
    }
}

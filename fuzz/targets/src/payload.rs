//! Any bytes as a chunk behind checksums that match: every codec, with sections of specials and corrections around it, and
//! logarithms and scaled values inside.

use crate::take::Take;
use tolzip::{Bound, DType, Limits, Result, Stream};
use tolzip_core::frame::crc32c::crc32c;
use tolzip_core::frame::{self, Footer, Grid, Header};

/// The most values of the array that the chunk is read as.
const VALUES: usize = 3000;

/// A type, a number of dimensions and their sides, then the chunk.
pub fn payload(bytes: &[u8]) {
    let mut take = Take(bytes);
    let dtype = *take.of(&DType::ALL);
    let shape = take.shape(5, VALUES);
    if shape.is_empty() {
        return;
    }
    let chunk = take.rest();
    let header = Header {
        minor: tolzip_core::frame::MINOR,
        dtype,
        grid: Grid::default_for(shape, None),
        method: String::new(),
        bound: Bound::Lossless,
        axis: None,
        fill_value: None,
        source_rows: None,
        reached: None,
        masked: false,
        row_index: Vec::new(),
    };
    let mut stream = Vec::new();
    header.write(&mut stream);
    stream.extend_from_slice(chunk);
    let mut footer = Footer::default();
    footer.push(chunk.len(), crc32c(chunk), 0.0).expect("below 4 GiB");
    footer.write(&mut stream);
    let stream =
        Stream::open(&stream, Limits::bytes(1 << 20)).expect("a container around any chunk is whole");
    assert!(stream.chunk(0).is_some_and(|c| c.whole));
    if let Ok(array) = stream.decode_any(1) {
        assert_eq!(array.shape(), shape);
        assert!(stream.fields(0).is_ok(), "what can be decoded can be described");
    } else {
        let _ = stream.fields(0);
    }
}

/// The first chunk of a stream as an input of [`payload`].
///
/// # Errors
/// If it is no stream.
pub fn seed(stream: &[u8]) -> Result<Option<Vec<u8>>> {
    let (header, footer, body) = frame::read(stream, crc32c)?;
    let Some(first) = footer.chunks.first() else { return Ok(None) };
    let (_, shape) = header.grid.chunk_at(0);
    if shape.ndim() > 5 || shape.len() > VALUES || shape.sides().iter().any(|&s| s > 255) {
        return Ok(None);
    }
    let place = DType::ALL.iter().position(|d| *d == header.dtype).expect("one of all");
    let mut input = vec![place as u8, shape.ndim() as u8];
    input.extend(shape.sides().iter().map(|&s| s as u8));
    input.extend_from_slice(&body[..first.len as usize]);
    Ok(Some(input))
}

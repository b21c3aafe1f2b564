//! Any bytes as a whole stream: read as they are, and again with their checksums repaired.

use core::cell::Cell;
use tolzip::{Limits, Stream};
use tolzip_core::frame::crc32c::crc32c;
use tolzip_core::frame::{self, Footer, Header, MAGIC, SHORT_MAGIC};

/// The most bytes of values that a stream may ask for here: enough for every case, and quick to fill.
const LIMIT: u64 = 1 << 20;

/// Opens, describes, decodes, salvages: values or an error.
pub fn frame(bytes: &[u8]) {
    read(bytes);
    let mut repaired = bytes.to_vec();
    if repair(&mut repaired) {
        read(&repaired);
    }
}

fn read(bytes: &[u8]) {
    let Ok(stream) = Stream::open(bytes, Limits::bytes(LIMIT)) else { return };
    let info = stream.info();
    let _ = stream.sampled_rows();
    for index in 0..info.chunks.min(64) {
        assert!(stream.chunk(index).is_some());
        let _ = stream.fields(index);
    }
    assert!(stream.chunk(info.chunks).is_none());
    let whole = stream.decode_any(1);
    let rest = stream.salvage_any(1);
    match (&whole, &rest) {
        (Ok(a), Ok((b, damaged))) => {
            assert!(damaged.is_empty());
            assert_eq!(a.to_le_bytes(), b.to_le_bytes());
        }
        (Ok(_), Err(e)) => panic!("decodes, and can't be salvaged: {e}"),
        (Err(_), Ok((_, damaged))) => assert!(!damaged.is_empty()),
        (Err(_), Err(_)) => {}
    }
    // The middle of each axis: chunks in part, and those around it not at all.
    let middle: Vec<_> = info.shape.sides().iter().map(|&s| s / 3..s - s / 3).collect();
    if let (Ok(whole), Ok(part)) = (&whole, stream.region_any(&middle, 1)) {
        assert!(part.shape().len() <= whole.shape().len());
    }
}

/// Makes header, chunks and table match their checksums again as far as what is there can be understood; whether it was.
pub fn repair(bytes: &mut [u8]) -> bool {
    if bytes.starts_with(&SHORT_MAGIC) {
        return seal(bytes);
    }
    if bytes.len() < 20 || !bytes.starts_with(&MAGIC) {
        return false;
    }
    let length = u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]) as usize;
    let Some(at) = length.checked_add(16).filter(|at| *at <= bytes.len() - 4) else { return false };
    let crc = crc32c(&bytes[..at]).to_le_bytes();
    bytes[at..at + 4].copy_from_slice(&crc);
    let Ok((header, start)) = Header::read(bytes) else { return false };
    let chunks = header.grid.len();
    let Some(table) = bytes.len().checked_sub(Footer::size(chunks)).filter(|t| *t >= start) else {
        return false;
    };
    let mut from = start;
    for number in 0..chunks {
        let entry = table + 8 * number;
        let mut len =
            u32::from_le_bytes([bytes[entry], bytes[entry + 1], bytes[entry + 2], bytes[entry + 3]]) as usize;
        // What is left goes to the last one.
        len = if number + 1 == chunks { table - from } else { len.min(table - from) };
        let crc = crc32c(&bytes[from..from + len]);
        from += len;
        bytes[entry..entry + 4].copy_from_slice(&(len as u32).to_le_bytes());
        bytes[entry + 4..entry + 8].copy_from_slice(&crc.to_le_bytes());
    }
    let end = bytes.len();
    bytes[end - 12..end - 8].copy_from_slice(&(chunks as u32).to_le_bytes());
    let crc = crc32c(&bytes[table..end - 8]).to_le_bytes();
    bytes[end - 8..end - 4].copy_from_slice(&crc);
    bytes[end - 4..].copy_from_slice(&tolzip_core::frame::END);
    true
}

/// The same for the short form: where its chunk stands is seen when its checksum is asked for.
fn seal(bytes: &mut [u8]) -> bool {
    let chunk = Cell::new(None);
    let _ = frame::read(bytes, |c| {
        chunk.set(Some((c.len(), crc32c(c))));
        0
    });
    let Some((len, crc)) = chunk.get() else { return false };
    let end = bytes.len() - 4;
    let sealed = [&bytes[..end - len], &crc.to_le_bytes()].concat();
    bytes[end..].copy_from_slice(&crc32c(&sealed).to_le_bytes());
    true
}

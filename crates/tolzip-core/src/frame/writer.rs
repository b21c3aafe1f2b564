//! What goes around the chunks as they are written, front to back.

use super::{Footer, Header, short};
use crate::Result;
use alloc::vec::Vec;

/// Writes a stream whose chunks come one by one, in their order: in the short form if that can be, else in the long one.
///
/// ```
/// use tolzip_core::frame::{Grid, Header, MINOR, Writer, crc32c::crc32c, read};
/// use tolzip_core::{Bound, DType, Shape};
///
/// let header = Header {
///     minor: MINOR,
///     dtype: DType::F32,
///     grid: Grid::new(Shape::line(5), &[3])?,
///     method: "none".into(),
///     bound: Bound::Lossless,
///     axis: None,
///     fill_value: None,
///     source_rows: None,
///     reached: None,
///     masked: false,
///     row_index: Vec::new(),
/// };
/// let mut writer = Writer::new(&header);
/// let mut stream = Vec::new();
/// for chunk in [&b"one"[..], b"two"] {
///     stream.extend(writer.chunk(chunk, crc32c(chunk), 0.0)?);
///     stream.extend(chunk);
/// }
/// let (end, footer) = writer.finish();
/// stream.extend(end);
/// assert_eq!(read(&stream, crc32c)?.1, footer);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Writer<'h> {
    header: &'h Header,
    footer: Footer,
    /// The header, once it is written in the short form.
    short: Option<Vec<u8>>,
}

impl<'h> Writer<'h> {
    /// Of a stream with this header.
    #[must_use]
    pub fn new(header: &'h Header) -> Self {
        Self { header, footer: Footer::default(), short: None }
    }

    /// Notes the next chunk, its checksum and the largest error in it, and returns what goes in front of it: the header, or nothing.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](crate::Error::OutOfMemory) for a chunk of 4 GiB or more.
    pub fn chunk(&mut self, chunk: &[u8], crc: u32, max_error: f64) -> Result<Vec<u8>> {
        let is_first = self.footer.chunks.is_empty();
        self.footer.push(chunk.len(), crc, max_error)?;
        if !is_first {
            return Ok(Vec::new());
        }
        self.short = short::header(self.header, chunk);
        Ok(self.short.clone().unwrap_or_else(|| self.long_header()))
    }

    /// What goes behind the last chunk, and the footer, which it is or stands for.
    #[must_use]
    pub fn finish(self) -> (Vec<u8>, Footer) {
        let end = match (&self.short, self.footer.chunks.first()) {
            (Some(header), Some(only)) => short::seal(header, only.crc).to_vec(),
            (_, first) => {
                let mut end = if first.is_some() { Vec::new() } else { self.long_header() };
                self.footer.write(&mut end);
                end
            }
        };
        (end, self.footer)
    }

    fn long_header(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.header.write(&mut bytes);
        bytes
    }
}

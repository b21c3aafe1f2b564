//! Streams to arrays: whole, in part, or what is left of a damaged one.

use crate::limits::{Limits, bytes_of};
use crate::method::Method;
use crate::parallel::Threads;
use crate::road::decode::decode;
use crate::road::describe::describe;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use tolzip_core::error::DecodeError;
use tolzip_core::frame::{self, Envelope, Footer, Header};
use tolzip_core::shape::for_each_row;
use tolzip_core::{
    AnyArray, Array, Bound, DType, Element, Error, Fields, Float, MAX_DIMS, Result, Shape, with_dtype,
};
use tolzip_simd::crc32c::crc32c;
use tolzip_simd::memory::zeros;

/// Decompresses a whole array, on all cores, within the default [`Limits`].
///
/// ```
/// use tolzip::{DecodeError, Error};
///
/// let bytes = tolzip::compress(&[1.5f64, 2.5], &[2], tolzip::Bound::Lossless)?;
/// assert_eq!(tolzip::decompress::<f64>(&bytes)?.values(), [1.5, 2.5]);
/// assert!(matches!(tolzip::decompress::<f32>(&bytes), Err(Error::TypeMismatch { .. })));
/// assert_eq!(tolzip::decompress::<f64>(b"other bytes"), Err(Error::Decode(DecodeError::NotTolzip)));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// Any bytes that are not a whole tolzip stream of this type.
pub fn decompress<T: Element>(bytes: &[u8]) -> Result<Array<T>> {
    Stream::open(bytes, Limits::default())?.decode(0)
}

/// A stream whose header and chunk table were read and found whole; a small one of one chunk was found whole altogether.
///
/// ```
/// use tolzip::{Bound, Compressor, Limits, Method, Shape, Stream, View};
///
/// let field: Vec<f32> = (0..100 * 100).map(|i| (i as f32 * 0.01).cos()).collect();
/// let view = View::new(&field, Shape::new(&[100, 100])?)?;
/// let mut bytes = Compressor::new(Method::Auto, Bound::abs(1e-3)).chunk(&[25, 100]).compress(view)?;
///
/// let stream = Stream::open(&bytes, Limits::default())?;
/// let info = stream.info();
/// assert_eq!((info.shape.sides(), info.chunks, info.bound), (&[100, 100][..], 4, Bound::abs(1e-3)));
/// assert!(info.max_error <= 1e-3 && info.raw_bytes == 40_000);
/// let chunk = stream.chunk(0).expect("there are four");
/// assert!(chunk.whole && chunk.codec_name.is_some());
///
/// // A part of the array: only the chunks that it touches are read.
/// let part = stream.region::<f32>(&[10..20, 50..51], 1)?;
/// assert_eq!(part.shape().sides(), [10, 1]);
/// assert_eq!(stream.region_any(&[10..20, 50..51], 1)?, part.into());
///
/// // A damaged chunk costs that chunk only.
/// let last = bytes.len() - 4 * 8 - 20 - 1;
/// bytes[last] ^= 1;
/// let stream = Stream::open(&bytes, Limits::default())?;
/// assert!(stream.decode_any(1).is_err());
/// let (rest, damaged) = stream.salvage::<f32>(1)?;
/// assert_eq!((damaged.len(), &damaged[0].region), (1, &vec![75..100, 0..100]));
/// assert!(rest.values()[..7500].iter().all(|v| v.is_finite()) && rest.values()[7500..].iter().all(|v| v.is_nan()));
/// # Ok::<(), tolzip::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stream<'a> {
    header: Header,
    footer: Footer,
    chunks: &'a [u8],
    bytes: u64,
    limits: Limits,
}

/// What a stream says about itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Info {
    /// Major and minor version of the format.
    pub version: (u16, u16),
    /// Element type.
    pub dtype: DType,
    /// Shape, slow to fast.
    pub shape: Shape,
    /// Shape of a chunk that no far face cuts off.
    pub chunk: Shape,
    /// Number of chunks.
    pub chunks: usize,
    /// The method, with its settings.
    pub method: String,
    /// The bound that was asked for.
    pub bound: Bound,
    /// The axis whose indices have ranges and bounds of their own.
    pub axis: Option<usize>,
    /// The fill value.
    pub fill_value: Option<f64>,
    /// Its bit pattern, zero-extended.
    pub fill_bits: Option<u64>,
    /// For a sample of rows: how many rows the original had.
    pub source_rows: Option<u64>,
    /// Bytes of the compressed index of a sample's rows; 0 where there is none.
    pub row_index_bytes: usize,
    /// For a bound of the array as a whole (PSNR, mean square error, ratio): what was reached, in its unit.
    pub reached: Option<f64>,
    /// Whether NaN and infinities became one NaN when the stream was written.
    pub masked: bool,
    /// Largest `|x - x'|` found when the stream was written.
    pub max_error: f64,
    /// Bytes of the decompressed values.
    pub raw_bytes: u64,
    /// Bytes of the stream.
    pub compressed_bytes: u64,
}

/// One chunk as the chunk table and its envelope describe it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChunkInfo {
    /// Bytes of the chunk.
    pub bytes: u32,
    /// Its CRC-32C, as the table has it.
    pub crc: u32,
    /// Whether its bytes still have that checksum.
    pub whole: bool,
    /// The number of the codec that made it; `None` if the chunk is damaged.
    pub codec: Option<u8>,
    /// That codec's name; `None` if this build does not know it.
    pub codec_name: Option<&'static str>,
    /// The bound it was held against (NaN where the method's knobs decided); `None` if lossless.
    pub bound: Option<f64>,
    /// Largest `|x - x'|` of its finite values found when it was written; `None` if lossless.
    pub max_error: Option<f64>,
    /// Bytes of the section of NaN, infinities and fill values, if there is one.
    pub specials: Option<usize>,
    /// Bytes of the section of values that the codec alone would have left outside of the bound, if there is one.
    pub corrections: Option<usize>,
    /// Bytes of the codec's payload; `None` if the chunk is damaged.
    pub payload: Option<usize>,
}

/// A chunk that could not be read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DamagedChunk {
    /// Its number.
    pub index: usize,
    /// The part of the array it covers.
    pub region: Vec<Range<usize>>,
    /// What is wrong.
    pub error: Error,
}

impl<'a> Stream<'a> {
    /// Reads header and chunk table.
    ///
    /// # Errors
    /// [`Error::Decode`] if either is damaged, cut off, or of a newer version. Of a small stream of one chunk (the format's short form)
    /// nothing is left where a byte is damaged.
    pub fn open(bytes: &'a [u8], limits: Limits) -> Result<Self> {
        let (header, footer, chunks) = frame::read(bytes, crc32c)?;
        Ok(Self { header, footer, chunks, bytes: bytes.len() as u64, limits })
    }

    /// What the stream says about itself.
    #[must_use]
    pub fn info(&self) -> Info {
        let header = &self.header;
        let shape = header.grid.shape();
        let fill_value = header.fill_value.map(|bits| {
            with_dtype!(header.dtype, T => {
                <T as Element>::from_bits(<<T as Element>::Bits as tolzip_core::Word>::from_u64(bits)).to_f64()
            })
        });
        Info {
            version: (frame::MAJOR, header.minor),
            dtype: header.dtype,
            shape,
            chunk: header.grid.chunk(),
            chunks: header.grid.len(),
            method: header.method.clone(),
            bound: header.bound,
            axis: header.axis,
            fill_value,
            fill_bits: header.fill_value,
            source_rows: header.source_rows,
            row_index_bytes: header.row_index.len(),
            reached: header.reached,
            masked: header.masked,
            max_error: self.footer.max_error,
            raw_bytes: bytes_of(shape, header.dtype),
            compressed_bytes: self.bytes,
        }
    }

    /// For a sample of rows: which rows of the original it holds, in order. `None` for any other stream.
    ///
    /// ```
    /// use tolzip::{Bound, Limits, Stream};
    ///
    /// let table: Vec<f32> = (0..200).map(|i| i as f32).collect();
    /// let bytes = tolzip::compress_with("sample:mode=first,rate=0.25".parse()?, &table, &[20, 10], Bound::Knob)?;
    /// let stream = Stream::open(&bytes, Limits::default())?;
    /// assert_eq!(stream.sampled_rows()?, Some(vec![0, 1, 2, 3, 4]));
    /// assert_eq!(stream.decode::<f32>(1)?.values(), &table[..50]);
    /// # Ok::<(), tolzip::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the method's settings can't be read, or the index is no list of rows of the original.
    pub fn sampled_rows(&self) -> Result<Option<Vec<u64>>> {
        let Some(source) = self.header.source_rows else { return Ok(None) };
        if self.header.row_index.is_empty() {
            return match self.header.method.parse() {
                Ok(Method::Sample(sample)) if u128::from(source) * 8 <= u128::from(self.limits.max_bytes) => {
                    Ok(Some(sample.rows(source)?))
                }
                _ => Err(Error::corrupt("a sample without settings")),
            };
        }
        let rows = self.header.grid.shape().sides().first().copied().unwrap_or(0);
        let limit = usize::try_from(self.limits.max_bytes).unwrap_or(usize::MAX);
        let gaps =
            tolzip_lossless::bytes::decompress(&self.header.row_index, rows.saturating_mul(10).min(limit))?;
        let mut reader = tolzip_core::bytes::Reader::new(&gaps);
        let (mut kept, mut next) = (Vec::new(), 0u64);
        while !reader.is_empty() {
            let row = next.checked_add(reader.leb128()?).filter(|&r| r < source);
            let row = row.ok_or(Error::corrupt("a row beyond the original's last"))?;
            kept.push(row);
            next = row + 1;
        }
        if kept.len() != rows {
            return Err(Error::corrupt("an index of more or fewer rows than there are"));
        }
        Ok(Some(kept))
    }

    /// Describes a chunk; `None` beyond the last one.
    #[must_use]
    pub fn chunk(&self, index: usize) -> Option<ChunkInfo> {
        let entry = self.footer.chunks.get(index)?;
        let bytes = self.bytes_of(index);
        let whole = crc32c(bytes) == entry.crc;
        let envelope = Envelope::read(bytes).ok().filter(|_| whole);
        Some(ChunkInfo {
            bytes: entry.len,
            crc: entry.crc,
            whole,
            codec: envelope.map(|e| e.codec),
            codec_name: envelope.and_then(|e| crate::codec::name(e.codec, e.payload)),
            bound: envelope.and_then(|e| e.bound).map(|b| b.promised),
            max_error: envelope.and_then(|e| e.bound).map(|b| b.max_error),
            specials: envelope.and_then(|e| e.specials).map(<[u8]>::len),
            corrections: envelope.and_then(|e| e.corrections).map(<[u8]>::len),
            payload: envelope.map(|e| e.payload.len()),
        })
    }

    /// What a chunk says before its coded values, field by field as the pages of the format name them, for people to read: steps,
    /// predictors, modes, numbers of exact values, lengths of what is coded.
    ///
    /// ```
    /// use tolzip::{Bound, Limits, Stream};
    ///
    /// let wave: Vec<f32> = (0..6000).map(|i| (i as f32 * 0.01).sin()).collect();
    /// let bytes = tolzip::compress_with("fast".parse()?, &wave, &[60, 100], Bound::abs(0.01))?;
    /// let fields = Stream::open(&bytes, Limits::default())?.fields(0)?;
    /// assert!(fields.iter().any(|(name, value)| *name == "step" && value.starts_with("0.01")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DecodeError::Chunk`] for a damaged chunk or beyond the last one; other [`DecodeError`]s for bytes that no encoder writes.
    pub fn fields(&self, index: usize) -> Result<Fields> {
        let of = self.footer.chunks.len();
        let wrong = |what| Err(DecodeError::Chunk { index: index as u64, of: of as u64, what }.into());
        if index >= of {
            return wrong("there is no such chunk");
        }
        let bytes = self.bytes_of(index);
        if crc32c(bytes) != self.footer.chunks[index].crc {
            return wrong("it is damaged (its checksum does not match)");
        }
        let (_, size) = self.header.grid.chunk_at(index);
        let limit = usize::try_from(self.limits.max_bytes).unwrap_or(usize::MAX);
        with_dtype!(self.header.dtype, T => describe::<T>(bytes, size, limit))
    }

    /// Decompresses the whole array on this many threads (0: all cores).
    ///
    /// # Errors
    /// [`Error::TypeMismatch`], [`DecodeError::Limit`], [`DecodeError::Chunk`] for the first damaged chunk.
    pub fn decode<T: Element>(&self, threads: usize) -> Result<Array<T>> {
        let whole: Vec<_> = self.header.grid.shape().sides().iter().map(|&s| 0..s).collect();
        self.region(&whole, threads)
    }

    /// Decompresses the whole array into memory that is there already: no second array is made.
    ///
    /// ```
    /// use tolzip::{Bound, Error, Limits, Stream};
    ///
    /// let bytes = tolzip::compress(&[0.5f32, 1.5, 2.5], &[3], Bound::Lossless)?;
    /// let stream = Stream::open(&bytes, Limits::default())?;
    /// let mut buffer = [0f32; 8];
    /// let count = stream.info().shape.len();
    /// stream.decode_into(&mut buffer[..count], 1)?;
    /// assert_eq!(buffer[..4], [0.5, 1.5, 2.5, 0.0]);
    /// assert_eq!(stream.decode_into(&mut buffer, 1), Err(Error::ShapeMismatch { needed: 3, got: 8 }));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and [`Error::ShapeMismatch`] unless `out` is as long as the array. What `out` holds after an
    /// error is not specified.
    pub fn decode_into<T: Element>(&self, out: &mut [T], threads: usize) -> Result<()> {
        let whole: Vec<_> = self.header.grid.shape().sides().iter().map(|&s| 0..s).collect();
        self.region_into(&whole, out, threads)
    }

    /// Decompresses the array whatever its type.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn decode_any(&self, threads: usize) -> Result<AnyArray> {
        with_dtype!(self.header.dtype, T => Ok(self.decode::<T>(threads)?.into()))
    }

    /// Decompresses a box of the array: one range per axis. Reads only the chunks that it touches.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and [`Error::BadRegion`] if the box is not inside the array.
    pub fn region<T: Element>(&self, region: &[Range<usize>], threads: usize) -> Result<Array<T>> {
        let (array, damaged) = self.read(region, threads, true)?;
        debug_assert!(damaged.is_empty());
        Ok(array)
    }

    /// Decompresses a box of the array into memory that is there already.
    ///
    /// ```
    /// use tolzip::{Bound, Limits, Stream};
    ///
    /// let bytes = tolzip::compress(&[1u8, 2, 3, 4, 5, 6], &[2, 3], Bound::Lossless)?;
    /// let mut column = [0u8; 2];
    /// Stream::open(&bytes, Limits::default())?.region_into(&[0..2, 1..2], &mut column, 1)?;
    /// assert_eq!(column, [2, 5]);
    /// # Ok::<(), tolzip::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`region`](Self::region), and [`Error::ShapeMismatch`] unless `out` is as long as the box. What `out` holds after an
    /// error is not specified.
    pub fn region_into<T: Element>(
        &self,
        region: &[Range<usize>],
        out: &mut [T],
        threads: usize,
    ) -> Result<()> {
        let (shape, touched) = self.touched::<T>(region)?;
        if out.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: out.len() as u64 });
        }
        let damaged = self.read_into(region, shape, &touched, out, threads, true)?;
        debug_assert!(damaged.is_empty());
        Ok(())
    }

    /// Decompresses a box of the array whatever its type.
    ///
    /// # Errors
    /// As [`region`](Self::region).
    pub fn region_any(&self, region: &[Range<usize>], threads: usize) -> Result<AnyArray> {
        with_dtype!(self.header.dtype, T => Ok(self.region::<T>(region, threads)?.into()))
    }

    /// Decompresses what can be read. Damaged chunks come back as NaN (as 0 in arrays of integers), and are listed.
    ///
    /// # Errors
    /// [`Error::TypeMismatch`] and [`DecodeError::Limit`].
    pub fn salvage<T: Element>(&self, threads: usize) -> Result<(Array<T>, Vec<DamagedChunk>)> {
        let whole: Vec<_> = self.header.grid.shape().sides().iter().map(|&s| 0..s).collect();
        self.read(&whole, threads, false)
    }

    /// Decompresses what can be read, whatever the type.
    ///
    /// # Errors
    /// As [`salvage`](Self::salvage).
    pub fn salvage_any(&self, threads: usize) -> Result<(AnyArray, Vec<DamagedChunk>)> {
        with_dtype!(self.header.dtype, T => {
            let (array, damaged) = self.salvage::<T>(threads)?;
            Ok((array.into(), damaged))
        })
    }

    fn bytes_of(&self, index: usize) -> &'a [u8] {
        let entry = self.footer.chunks[index];
        // `frame::read` has checked that the chunks are inside the stream.
        &self.chunks[entry.offset as usize..][..entry.len as usize]
    }

    /// Decodes one chunk into `out`, which has its size.
    fn decode_chunk<T: Element>(&self, index: usize, size: Shape, out: &mut [T]) -> Result<()> {
        let bytes = self.bytes_of(index);
        let what = if crc32c(bytes) == self.footer.chunks[index].crc {
            let work = |&codec: &u8| self.limits.check_work(codec, size.len(), T::DTYPE);
            bytes.first().map_or(Ok(()), work)?;
            match decode(bytes, size, out) {
                Ok(_) => return Ok(()),
                Err(Error::OutOfMemory { bytes }) => return Err(Error::OutOfMemory { bytes }),
                Err(Error::Decode(DecodeError::UnknownCodec { id })) => {
                    return Err(DecodeError::UnknownCodec { id }.into());
                }
                Err(Error::Decode(DecodeError::Corrupt { what })) => what,
                Err(Error::Decode(DecodeError::Truncated { .. })) => "it ends too early",
                Err(_) => "its payload is not valid",
            }
        } else {
            "it is damaged (its checksum does not match)"
        };
        Err(DecodeError::Chunk { index: index as u64, of: self.footer.chunks.len() as u64, what }.into())
    }

    fn read<T: Element>(
        &self,
        region: &[Range<usize>],
        threads: usize,
        strict: bool,
    ) -> Result<(Array<T>, Vec<DamagedChunk>)> {
        let (shape, touched) = self.touched::<T>(region)?;
        let mut out = zeros::<T>(shape.len())?;
        let damaged = self.read_into(region, shape, &touched, &mut out, threads, strict)?;
        Ok((Array::new(out, shape)?, damaged))
    }

    /// The shape of a box of the array, and the chunks that it takes, if this type and the limits allow it to be read.
    fn touched<T: Element>(&self, region: &[Range<usize>]) -> Result<(Shape, Vec<usize>)> {
        let (stored, asked) = (self.header.dtype, T::DTYPE);
        if stored != asked {
            return Err(Error::TypeMismatch { stored, asked });
        }
        let touched = self.header.grid.touched(region)?;
        let sides: Vec<usize> = region.iter().map(ExactSizeIterator::len).collect();
        let shape = Shape::new(&sides)?;
        self.limits.check_values(bytes_of(shape, asked))?;
        Ok((shape, touched))
    }

    /// Decodes a box of this shape into `out`, which is as long.
    fn read_into<T: Element>(
        &self,
        region: &[Range<usize>],
        shape: Shape,
        touched: &[usize],
        out: &mut [T],
        threads: usize,
        strict: bool,
    ) -> Result<Vec<DamagedChunk>> {
        let grid = &self.header.grid;
        if shape.is_empty() {
            // No chunk is there, however large it would be.
            return Ok(Vec::new());
        }
        // By number.
        let mut failed = Vec::new();
        let threads = Threads(threads);
        if shape == grid.shape()
            && grid.chunk().sides().iter().zip(shape.sides()).skip(1).all(|(c, s)| c == s)
        {
            // Chunks are slabs: each is one run of the output, and can be decoded in place.
            let mut slabs = Vec::with_capacity(touched.len());
            let mut rest = out;
            for &index in touched {
                let (_, size) = grid.chunk_at(index);
                let (slab, tail) = rest.split_at_mut(size.len());
                slabs.push((index, size, slab));
                rest = tail;
            }
            let results = threads.map(slabs, |(index, size, slab)| {
                let result = self.decode_chunk(index, size, slab);
                if result.is_err() && !strict {
                    slab.fill(lost());
                }
                (index, result)
            });
            failed.extend(results.into_iter().filter_map(|(index, result)| Some((index, result.err()?))));
        } else {
            // Whole chunks are decoded to get a part of them: they count against the limit too.
            let chunk = bytes_of(grid.chunk(), T::DTYPE);
            self.limits.check_values(chunk)?;
            let at_once = usize::try_from(self.limits.max_bytes / chunk.max(1)).unwrap_or(usize::MAX);
            let work = |index| {
                let (start, size) = grid.chunk_at(index);
                let mut values = zeros::<T>(size.len());
                let result = match &mut values {
                    Ok(values) => {
                        let result = self.decode_chunk(index, size, values);
                        if result.is_err() && !strict {
                            values.fill(lost());
                        }
                        result
                    }
                    Err(error) => Err(error.clone()),
                };
                (index, start, size, values, result)
            };
            let mut short = None;
            threads.each(at_once, touched.to_vec(), work, |(index, start, size, values, result)| {
                match values {
                    Ok(values) if result.is_ok() || !strict => {
                        scatter(&values, &start, size, region, out, shape);
                    }
                    Ok(_) => {}
                    Err(error) => short = Some(error),
                }
                failed.extend(result.err().map(|error| (index, error)));
                short.is_none() && (failed.is_empty() || !strict)
            });
            if let Some(error) = short {
                return Err(error);
            }
        }
        failed.sort_unstable_by_key(|&(index, _)| index);
        match failed.first() {
            Some((_, error)) if strict => return Err(error.clone()),
            _ => {}
        }
        let damaged = failed.into_iter().map(|(index, error)| {
            let (start, size) = grid.chunk_at(index);
            let region = start.iter().zip(size.sides()).map(|(&s, &n)| s..s + n).collect();
            DamagedChunk { index, region, error }
        });
        Ok(damaged.collect())
    }
}

/// What stands for a value that could not be read.
fn lost<T: Element>() -> T {
    T::from_carrier(T::Carrier::from_f64(f64::NAN))
}

/// Copies the part of a chunk that is inside the region to its place in the output.
fn scatter<T: Element>(
    values: &[T],
    start: &[usize; MAX_DIMS],
    size: Shape,
    region: &[Range<usize>],
    out: &mut [T],
    shape: Shape,
) {
    let n = shape.ndim();
    if n == 0 {
        out.copy_from_slice(values);
        return;
    }
    let (mut from, mut to, mut sides) = ([0; MAX_DIMS], [0; MAX_DIMS], [1; MAX_DIMS]);
    for d in 0..n {
        let first = region[d].start.max(start[d]);
        let end = region[d].end.min(start[d] + size.sides()[d]);
        from[d] = first - start[d];
        to[d] = first - region[d].start;
        sides[d] = end - first;
    }
    // A column of a table is one long run, not many rows of one value.
    let common = Shape::new(&sides[..n]).expect("part of a valid shape").without_trailing_ones();
    let run = common.ndim().saturating_sub(1);
    let (chunk_strides, out_strides) = (size.strides(), shape.strides());
    let paces = (chunk_strides[run], out_strides[run]);
    for_each_row(common, |index| {
        let at = |origin: &[usize; MAX_DIMS], strides: &[usize; MAX_DIMS]| -> usize {
            (0..n).map(|d| (origin[d] + index[d]) * strides[d]).sum()
        };
        let (source, target) = (&values[at(&from, &chunk_strides)..], &mut out[at(&to, &out_strides)..]);
        if paces == (1, 1) {
            target[..sides[run]].copy_from_slice(&source[..sides[run]]);
        } else {
            let pairs = target.iter_mut().step_by(paces.1).zip(source.iter().step_by(paces.0));
            pairs.take(sides[run]).for_each(|(to, from)| *to = *from);
        }
    });
}

//! Values from bytes and back, block by block, so that no second copy of a large array is ever in memory.

use crate::error::Problem;
use std::io::{self, Read, Write};
use tolzip_core::{AnyArray, Array, DType, Element, Error, Shape, Word, with_any, with_dtype};

/// Bytes converted at a time.
pub(crate) const BLOCK: usize = 1 << 18;

/// The order of a value's bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

/// How values are laid out in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) dtype: DType,
    pub(crate) shape: Shape,
    pub(crate) byte_order: ByteOrder,
    /// Fastest axis first, as Fortran stores arrays.
    pub(crate) fortran: bool,
}

impl Layout {
    /// Bytes of all values.
    pub(crate) fn bytes(&self) -> u64 {
        // A shape has at most 2^62 values; saturating, since no file is that long.
        (self.shape.len() as u64).saturating_mul(self.dtype.size() as u64)
    }

    /// Whether a file has just the bytes of these values.
    pub(crate) fn check(&self, bytes: u64) -> Result<(), Problem> {
        let needed = self.bytes();
        if bytes == needed { Ok(()) } else { Err(self.wrong_size(bytes)) }
    }

    fn wrong_size(&self, bytes: u64) -> Problem {
        Problem::WrongSize { bytes, needed: self.bytes(), dtype: self.dtype, shape: self.shape }
    }
}

/// Reads exactly the values of `layout`. `available` is how many bytes the source has left, where that is known: then
/// a file of the wrong size is refused before memory is asked for; otherwise memory grows with what arrives.
pub(crate) fn read(
    source: &mut dyn Read,
    layout: &Layout,
    available: Option<u64>,
) -> Result<AnyArray, Problem> {
    if let Some(bytes) = available {
        layout.check(bytes)?;
    }
    let array = with_dtype!(layout.dtype, T => {
        let values = read_values::<T>(source, layout, available.is_some())?;
        if values.len() != layout.shape.len() {
            return Err(layout.wrong_size(values.len() as u64 * layout.dtype.size() as u64));
        }
        let array = Array::new(values, layout.shape)?;
        AnyArray::from(if layout.fortran { transpose(&array)? } else { array })
    });
    if source.read(&mut [0])? != 0 {
        return Err(Problem::TrailingBytes { needed: layout.bytes() });
    }
    Ok(array)
}

/// Reads values until there are as many as the shape needs, or the source ends.
fn read_values<T: Element>(source: &mut dyn Read, layout: &Layout, known: bool) -> Result<Vec<T>, Problem> {
    let size = size_of::<T>();
    let total = layout.shape.len();
    let mut values = Vec::new();
    if known {
        reserve(&mut values, total)?;
    }
    let mut block = vec![0; BLOCK.min(total.saturating_mul(size))];
    while values.len() < total {
        let want = (total - values.len()).saturating_mul(size).min(BLOCK);
        let got = read_up_to(source, &mut block[..want])?;
        reserve(&mut values, got / size)?;
        append(&block[..got], layout.byte_order, &mut values);
        if got < want {
            break;
        }
    }
    Ok(values)
}

fn reserve<T>(values: &mut Vec<T>, more: usize) -> Result<(), Problem> {
    let bytes = (more as u64).saturating_mul(size_of::<T>() as u64);
    values.try_reserve(more).map_err(|_| Error::OutOfMemory { bytes }.into())
}

/// Fills `buffer` as far as the source goes.
pub(crate) fn read_up_to(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match source.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(got)
}

/// Appends the values of whole words of bytes.
pub(crate) fn append<T: Element>(bytes: &[u8], order: ByteOrder, values: &mut Vec<T>) {
    values.extend(bytes.chunks_exact(size_of::<T>()).map(|word| from_bytes::<T>(word, order)));
}

#[inline]
fn from_bytes<T: Element>(bytes: &[u8], order: ByteOrder) -> T {
    let size = size_of::<T>();
    let mut word = [0; 8];
    let bits = match order {
        ByteOrder::Little => {
            word[..size].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        }
        ByteOrder::Big => {
            word[8 - size..].copy_from_slice(bytes);
            u64::from_be_bytes(word)
        }
    };
    T::from_bits(T::Bits::from_u64(bits))
}

/// An array whose values came fastest axis first, as slow to fast.
fn transpose<T: Element>(array: &Array<T>) -> Result<Array<T>, Problem> {
    let shape = array.shape();
    let mut strides = Vec::with_capacity(shape.ndim());
    let mut next = 1;
    for &side in shape.sides() {
        strides.push(next);
        next *= side.max(1);
    }
    let view = tolzip_core::View::strided(array.values(), shape, &strides)?;
    let mut out = Vec::new();
    reserve(&mut out, shape.len())?;
    view.gather(&vec![0; shape.ndim()], shape, &mut out);
    Ok(Array::new(out, shape)?)
}

/// Writes the values of an array, or of a part of one, little-endian, slow to fast: what a raw file holds.
///
/// ```
/// use tolzip_core::{Array, Shape};
///
/// let mut raw = Vec::new();
/// tolzip_io::write_values(&mut raw, &Array::new(vec![1i16, -2], Shape::line(2))?.into())?;
/// assert_eq!(raw, [1, 0, 0xfe, 0xff]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, array: &AnyArray) -> io::Result<()> {
    with_any!(array, a => write_values(out, a.values()))
}

fn write_values<T: Element>(out: &mut dyn Write, values: &[T]) -> io::Result<()> {
    let size = size_of::<T>();
    let mut block = Vec::with_capacity(BLOCK.min(values.len().saturating_mul(size)));
    for part in values.chunks(BLOCK / size) {
        block.clear();
        for v in part {
            block.extend_from_slice(&v.to_bits().to_u64().to_le_bytes()[..size]);
        }
        out.write_all(&block)?;
    }
    Ok(())
}

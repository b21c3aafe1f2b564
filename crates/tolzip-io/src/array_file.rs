//! Arrays that stay in their files, of which boxes are read.

use crate::error::{Error, Problem, Result};
use crate::format::Format;
use crate::source::{Hints, split_member};
use crate::values::{BLOCK, Layout, append, read_up_to};
use crate::{npy, raw};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tolzip_core::{DType, Element, MAX_DIMS, Shape, Source, with_dtype};

/// A gap between two runs of a box that is read over, since another call of the system costs more.
const GAP: u64 = 1 << 14;
/// The values that [`ArrayFile::sample`] takes together.
const TOGETHER: usize = 1024;

/// An array in a `.npy` or a raw file that is not read into memory as a whole. The file must not change as long as this is
/// used: what is read of it would not fit together.
///
/// ```
/// use tolzip_core::{AnyArray, Array, Shape, Source};
/// use tolzip_io::{ArrayFile, Destination, Format, Hints};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("field.npy");
/// let field: AnyArray = Array::new((0..12u8).collect(), Shape::new(&[3, 4])?)?.into();
/// Destination::new(&path, false)?.write_array(&field, Format::Npy)?;
///
/// let file = ArrayFile::open(&path, Hints::default())?.expect("a file of rows");
/// let mut corner = Vec::<u8>::new();
/// file.read(&[1, 2], Shape::new(&[2, 2])?, &mut corner)?;
/// assert_eq!(corner, [6, 7, 10, 11]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ArrayFile {
    file: Mutex<File>,
    layout: Layout,
    /// Where the first value stands.
    begin: u64,
}

impl ArrayFile {
    /// Opens a `.npy` file, or a raw file that the hints describe. `None` for what can be read only as a whole: standard
    /// input, pipes, archives, and arrays whose first axis is the fastest (Fortran's order).
    ///
    /// # Errors
    /// As [`read_array`](crate::read_array): [`Error`] says which file and what is wrong with it.
    pub fn open(input: &Path, hints: Hints) -> Result<Option<Self>> {
        Self::find(input, hints).map_err(|problem| Error::new(input, problem))
    }

    fn find(input: &Path, hints: Hints) -> Result<Option<Self>, Problem> {
        let (path, member) = split_member(input);
        if member.is_some() || path == Path::new("-") {
            return Ok(None);
        }
        let mut file = File::open(&path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let size = metadata.len();
        let mut head = [0; 8];
        let got = read_up_to(&mut file, &mut head)?;
        file.rewind()?;
        let (layout, begin) = match Format::sniff(&head[..got], &path) {
            Format::Npz => return Ok(None),
            Format::Npy => npy::layout(&mut file, hints)?,
            Format::Raw => (raw::layout(hints, || Ok(size))?, 0),
        };
        layout.check(size.saturating_sub(begin))?;
        let rows = layout.shape.sides().iter().filter(|&&side| side != 1).count() < 2;
        Ok((rows || !layout.fortran).then_some(Self { file: Mutex::new(file), layout, begin }))
    }

    /// The type of the values.
    #[must_use]
    pub const fn dtype(&self) -> DType {
        self.layout.dtype
    }

    /// The array's sides, slow to fast.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.layout.shape
    }

    /// About as many values as asked for, in runs that are spread evenly; all of them where there are no more.
    ///
    /// ```
    /// use tolzip_core::{AnyArray, Array, Shape};
    /// use tolzip_io::{ArrayFile, Destination, Format, Hints};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("field.npy");
    /// let field: AnyArray = Array::new((0..=50_000i32).collect(), Shape::line(50_001))?.into();
    /// Destination::new(&path, false)?.write_array(&field, Format::Npy)?;
    /// let sample = ArrayFile::open(&path, Hints::default())?.expect("a file of rows").sample(10_000)?;
    /// assert!(sample.len() > 9_000 && sample.len() <= 10_000);
    /// assert_eq!((sample[0], sample[sample.len() - 1]), (0.0, 50_000.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What the system says.
    pub fn sample(&self, most: usize) -> io::Result<Vec<f64>> {
        let len = self.layout.shape.len();
        let runs = if len <= most { 1 } else { (most / TOGETHER).max(1) };
        let run = if len <= most { len } else { TOGETHER.min(most) };
        with_dtype!(self.layout.dtype, T => {
            let mut values = Vec::<T>::new();
            for i in 0..runs {
                let begin = (len - run) as u128 * i as u128 / (runs - 1).max(1) as u128;
                self.run(begin as u64, run, &mut values)?;
            }
            Ok(values.iter().map(|v| v.to_f64()).collect())
        })
    }

    /// Appends `len` values from number `begin` on.
    fn run<T: Element>(&self, begin: u64, len: usize, out: &mut Vec<T>) -> io::Result<()> {
        let size = size_of::<T>();
        let mut block = vec![0; BLOCK.min(len * size)];
        let mut at = self.begin + begin * size as u64;
        let mut left = len * size;
        while left > 0 {
            let part = left.min(BLOCK);
            self.bytes(at, &mut block[..part])?;
            append(&block[..part], self.layout.byte_order, out);
            at += part as u64;
            left -= part;
        }
        Ok(())
    }

    fn bytes(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        // A thread that panicked leaves nothing behind that the next one doesn't set anew.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(into)
    }

    /// Appends runs of `len` values, not more than a block, that begin at each of `begins`, which grow, by reading over what
    /// lies between them.
    fn runs<T: Element>(
        &self,
        begins: impl Iterator<Item = u64>,
        len: usize,
        end: u64,
        out: &mut Vec<T>,
    ) -> io::Result<()> {
        let size = size_of::<T>();
        let mut window = vec![0; BLOCK];
        // What of the file the window holds, in values.
        let (mut from, mut to) = (0, 0);
        for begin in begins {
            if begin < from || begin + len as u64 > to {
                from = begin;
                to = end.min(begin + (window.len() / size) as u64);
                let bytes = (to - from) as usize * size;
                self.bytes(self.begin + from * size as u64, &mut window[..bytes])?;
            }
            let at = (begin - from) as usize * size;
            append(&window[at..at + len * size], self.layout.byte_order, out);
        }
        Ok(())
    }

    fn read_box<T: Element>(&self, start: &[usize], size: Shape, out: &mut Vec<T>) -> io::Result<()> {
        if size.is_empty() {
            return Ok(());
        }
        let (sides, shape) = (size.sides(), self.layout.shape);
        let strides = shape.strides();
        // Axes from `cut` on make one run of the file.
        let mut cut = sides.len();
        while cut > 0 && (cut == sides.len() || sides[cut] == shape.sides()[cut]) {
            cut -= 1;
        }
        let len: usize = sides[cut..].iter().product();
        let first: u64 = start.iter().zip(&strides).map(|(&i, &stride)| i as u64 * stride as u64).sum();
        let outer = &sides[..cut];
        let last: u64 = (0..cut).map(|d| (sides[d] as u64 - 1) * strides[d] as u64).sum();
        let begins = (0..outer.iter().product::<usize>()).map(|number| {
            let mut left = number;
            let mut at = first;
            for d in (0..cut).rev() {
                at += (left % sides[d]) as u64 * strides[d] as u64;
                left /= sides[d];
            }
            at
        });
        let pitch = cut.checked_sub(1).map_or(len, |d| strides[d]);
        let gap = (pitch - len) as u64 * size_of::<T>() as u64;
        if cut > 0 && gap <= GAP && len * size_of::<T>() <= BLOCK {
            return self.runs(begins, len, first + last + len as u64, out);
        }
        for begin in begins {
            self.run(begin, len, out)?;
        }
        Ok(())
    }
}

impl<T: Element> Source<T> for ArrayFile {
    fn shape(&self) -> Shape {
        self.layout.shape
    }

    fn read(&self, start: &[usize], size: Shape, out: &mut Vec<T>) -> tolzip_core::Result<()> {
        if T::DTYPE != self.layout.dtype {
            return Err(tolzip_core::Error::TypeMismatch { stored: self.layout.dtype, asked: T::DTYPE });
        }
        debug_assert!(start.len() == size.ndim() && start.len() <= MAX_DIMS);
        self.read_box(start, size, out).map_err(|e| tolzip_core::Error::Source(e.to_string()))
    }
}

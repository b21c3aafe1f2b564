//! Reading: from a path, from an archive's member, or from standard input.

use crate::error::{Error, Problem, Result};
use crate::format::Format;
use crate::values::read_up_to;
use crate::{npy, npz, raw};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use tolzip_core::{AnyArray, DType, Shape};

/// What a file can't say about itself. Hints that contradict the file are errors.
///
/// ```
/// use tolzip_core::{DType, Shape};
/// use tolzip_io::{Hints, read_array};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("field.raw");
/// std::fs::write(&path, [1u8, 0, 2, 0, 3, 0, 4, 0])?;
/// assert!(read_array(&path, Hints::default()).is_err());
/// let array = read_array(&path, Hints::new(Some(DType::U16), Some(Shape::new(&[2, 2])?)))?;
/// assert_eq!(array.to_le_bytes(), [1, 0, 2, 0, 3, 0, 4, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hints {
    /// The element type of a raw file; or bf16, for 16-bit values of a `.npy` file.
    pub dtype: Option<DType>,
    /// The shape of a raw file.
    pub shape: Option<Shape>,
}

impl Hints {
    /// What is known of type and shape.
    #[must_use]
    pub const fn new(dtype: Option<DType>, shape: Option<Shape>) -> Self {
        Self { dtype, shape }
    }
}

/// Splits `data.npz:name` into the archive and the name in it.
///
/// ```
/// use std::path::{Path, PathBuf};
/// use tolzip_io::split_member;
///
/// let pressure = Some("pressure".to_owned());
/// assert_eq!(split_member(Path::new("run.npz:pressure")), (PathBuf::from("run.npz"), pressure));
/// assert_eq!(split_member(Path::new("run.npy")), (PathBuf::from("run.npy"), None));
/// ```
#[must_use]
pub fn split_member(input: &Path) -> (PathBuf, Option<String>) {
    if let Some(text) = input.to_str()
        && let Some(at) = text.to_ascii_lowercase().find(".npz:")
    {
        let (file, name) = text.split_at(at + 4);
        if name.len() > 1 {
            return (PathBuf::from(file), Some(name[1..].to_owned()));
        }
    }
    (input.to_owned(), None)
}

/// Reads an array from a `.npy` file, a member of a `.npz` archive (`data.npz:name`), a raw file that the hints
/// describe, or standard input (`-`).
///
/// ```
/// use tolzip_core::{AnyArray, Array, Shape};
/// use tolzip_io::{Destination, Format, Hints, read_array};
///
/// # let folder = tempfile::tempdir()?;
/// let field: AnyArray = Array::new(vec![1.0f64, 2.0], Shape::line(2))?.into();
/// for (name, format) in [("field.npy", Format::Npy), ("field.npz:pressure", Format::Npz)] {
///     # let name = folder.path().join(name);
///     Destination::new(name.as_ref(), false)?.write_array(&field, format)?;
///     assert_eq!(read_array(name.as_ref(), Hints::default())?, field);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error`] says which file and what is wrong with it.
pub fn read_array(input: &Path, hints: Hints) -> Result<AnyArray> {
    let (path, member) = split_member(input);
    let failed = |problem: Problem| Error::new(input, problem);
    let (mut source, available) = open(&path).map_err(failed)?;
    let mut head = [0; 8];
    let got = read_up_to(&mut source, &mut head).map_err(|e| failed(e.into()))?;
    let head = &head[..got];
    let result = match Format::sniff(head, &path) {
        Format::Npz if path == Path::new("-") => {
            let mut bytes = head.to_vec();
            source
                .read_to_end(&mut bytes)
                .map_err(Problem::from)
                .and_then(|_| npz::read(Cursor::new(bytes), None, hints))
        }
        Format::Npz => File::open(&path)
            .map_err(Problem::from)
            .and_then(|f| npz::read(BufReader::new(f), member.as_deref(), hints)),
        Format::Npy => npy::read(&mut head.chain(source), available, hints),
        Format::Raw => raw::read(&mut head.chain(source), available, hints),
    };
    result.map_err(failed)
}

/// Reads all bytes of a file or of standard input (`-`).
///
/// ```
/// use tolzip_io::{Problem, read_bytes};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("field.tlz");
/// std::fs::write(&path, b"a stream")?;
/// assert_eq!(read_bytes(&path)?, b"a stream");
/// let refused = read_bytes(folder.path()).unwrap_err();
/// assert!(matches!(refused.problem(), Problem::Folder));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error`] says which file and what is wrong with it.
pub fn read_bytes(input: &Path) -> Result<Vec<u8>> {
    let read = || {
        let (mut source, available) = open(input)?;
        let mut bytes = Vec::new();
        if let Some(size) = available {
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            bytes
                .try_reserve_exact(size)
                .map_err(|_| tolzip_core::Error::OutOfMemory { bytes: size as u64 })?;
        }
        source.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|problem: Problem| Error::new(input, problem))
}

/// Opens a path, or standard input, with the number of bytes where it can be known.
fn open(path: &Path) -> Result<(Box<dyn Read>, Option<u64>), Problem> {
    if path == Path::new("-") {
        return Ok((Box::new(io::stdin().lock()), None));
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(Problem::Folder);
    }
    let size = metadata.is_file().then_some(metadata.len());
    Ok((Box::new(file), size))
}

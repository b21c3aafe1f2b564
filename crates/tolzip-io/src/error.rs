//! Errors: what is wrong with which file, with the numbers.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use tolzip_core::{DType, Shape};

/// The result of anything that touches files.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, and with which file.
///
/// ```
/// use std::io::ErrorKind;
/// use std::path::Path;
/// use tolzip_io::{Hints, Problem, read_array};
///
/// let missing = Path::new("no/such/field.npy");
/// let error = read_array(missing, Hints::default()).unwrap_err();
/// assert_eq!(error.path(), missing);
/// assert!(matches!(error.problem(), Problem::System(e) if e.kind() == ErrorKind::NotFound));
/// assert!(error.to_string().starts_with("no/such/field.npy: "));
/// ```
#[derive(Debug)]
pub struct Error {
    path: PathBuf,
    problem: Box<Problem>,
}

/// What can be wrong with a file.
///
/// ```
/// use tolzip_core::{DType, Shape};
/// use tolzip_io::{Hints, Problem, read_array};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("field.raw");
/// std::fs::write(&path, [0u8; 10])?;
/// let hints = Hints::new(Some(DType::F32), Some(Shape::line(3)));
/// let error = read_array(&path, hints).unwrap_err();
/// assert!(matches!(error.problem(), Problem::WrongSize { bytes: 10, needed: 12, .. }));
/// assert_eq!(error.problem().to_string(), "10 bytes of values, shape 3 of f32 needs 12");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The system refused.
    System(io::Error),
    /// The target is there already, and overwriting was not asked for.
    Exists,
    /// The target is the file that is read.
    Input,
    /// The path names a folder.
    Folder,
    /// A raw file does not say what it holds.
    Undescribed {
        /// Bytes in the file.
        bytes: u64,
        /// The element type, where it was given.
        dtype: Option<DType>,
    },
    /// The number of bytes does not fit what type and shape need.
    WrongSize {
        /// Bytes there.
        bytes: u64,
        /// Bytes needed.
        needed: u64,
        /// The element type.
        dtype: DType,
        /// The shape.
        shape: Shape,
    },
    /// A pipe went on after the last value.
    TrailingBytes {
        /// Bytes that the array needs.
        needed: u64,
    },
    /// The file says something else than what was asked for.
    Contradiction {
        /// What the file says.
        stored: String,
        /// What was asked for.
        asked: String,
    },
    /// Not a `.npy` file, or a damaged header.
    NpyHeader(
        /// What was found wrong.
        &'static str,
    ),
    /// A version of the `.npy` format that is not known.
    NpyVersion {
        /// The major version in the file.
        major: u8,
        /// The minor version in the file.
        minor: u8,
    },
    /// A numpy type that has no counterpart here.
    NpyType {
        /// Its description in the header.
        descr: String,
    },
    /// An archive with several arrays, and none was named.
    ChooseMember {
        /// Their names.
        members: Vec<String>,
    },
    /// The archive has no array of this name.
    NoSuchMember {
        /// The name that was asked for.
        asked: String,
        /// The names that are there.
        members: Vec<String>,
    },
    /// The archive can't be read.
    Archive(zip::result::ZipError),
    /// The array itself: too many dimensions, no memory.
    Array(tolzip_core::Error),
}

impl Error {
    pub(crate) fn new(path: &Path, problem: impl Into<Problem>) -> Self {
        Self { path: path.to_owned(), problem: Box::new(problem.into()) }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl From<io::Error> for Problem {
    fn from(e: io::Error) -> Self {
        Self::System(e)
    }
}

impl From<zip::result::ZipError> for Problem {
    fn from(e: zip::result::ZipError) -> Self {
        match e {
            zip::result::ZipError::Io(e) => Self::System(e),
            e => Self::Archive(e),
        }
    }
}

impl From<tolzip_core::Error> for Problem {
    fn from(e: tolzip_core::Error) -> Self {
        Self::Array(e)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path == Path::new("-") {
            write!(f, "standard stream: {}", self.problem)
        } else {
            write!(f, "{}: {}", self.path.display(), self.problem)
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(e) => e.fmt(f),
            Self::Exists => write!(f, "exists already, and is not overwritten unless forced"),
            Self::Input => write!(f, "is the input itself, which would be lost: write to another file"),
            Self::Folder => write!(f, "is a folder"),
            Self::Undescribed { bytes, dtype: None } => {
                write!(f, "a raw file of {bytes} bytes does not say what it holds: give its dtype and shape")
            }
            Self::Undescribed { bytes, dtype: Some(dtype) } => write!(
                f,
                "a raw file of {bytes} bytes does not say its shape: give it ({} values of {dtype} would fit)",
                bytes / dtype.size() as u64
            ),
            Self::WrongSize { bytes, needed, dtype, shape } => {
                write!(f, "{bytes} bytes of values, shape {shape} of {dtype} needs {needed}")
            }
            Self::TrailingBytes { needed } => write!(f, "more than the {needed} bytes that the array needs"),
            Self::Contradiction { stored, asked } => write!(f, "holds {stored}, not {asked}"),
            Self::NpyHeader(what) => write!(f, "not a readable npy file: {what}"),
            Self::NpyVersion { major, minor } => {
                write!(f, "npy format version {major}.{minor} is not known (1.0, 2.0 and 3.0 are)")
            }
            Self::NpyType { descr } => write!(
                f,
                "numpy type {descr} is not supported; convert it to a float or integer type of up to 64 bits"
            ),
            Self::ChooseMember { members } if members.is_empty() => write!(f, "the archive holds no arrays"),
            Self::ChooseMember { members } => {
                write!(f, "holds several arrays, name one as FILE.npz:NAME: {}", members.join(", "))
            }
            Self::NoSuchMember { asked, members } => {
                write!(f, "no array {asked:?} in the archive, only: {}", members.join(", "))
            }
            Self::Archive(e) => write!(f, "not a readable npz archive: {e}"),
            Self::Array(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.problem {
            Problem::System(e) => Some(e),
            Problem::Archive(e) => Some(e),
            Problem::Array(e) => Some(e),
            _ => None,
        }
    }
}

//! Arrays in files: numpy's `.npy` and `.npz`, raw values, and standard streams.
//!
//! The file says what it is; [`Hints`] only fill in what it can't say (the type and shape of a raw file, or that 16-bit
//! values are bfloat16). Everything that can be checked against the file's size is checked before memory is asked for.
//!
//! Writing is all or nothing: the bytes go to a temporary file in the same folder, which takes the target's name once it
//! is complete. A program that handles interruptions removes it with [`remove_unfinished`].
//!
//! ```
//! use tolzip_core::{AnyArray, Array, Shape, Source};
//! use tolzip_io::{ArrayFile, Destination, Format, Hints, Problem};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("field.npy");
//!
//! let field: AnyArray = Array::new((0..12).map(|i| i as f32).collect(), Shape::new(&[3, 4])?)?.into();
//! Destination::new(&path, false)?.write_array(&field, Format::Npy)?;
//! assert_eq!(tolzip_io::read_array(&path, Hints::default())?, field);
//!
//! // What is there is not written over unless told to.
//! let refused = Destination::new(&path, false).unwrap_err();
//! assert!(matches!(refused.problem(), Problem::Exists));
//!
//! // A part of it, without the rest in memory: the last row.
//! let file = ArrayFile::open(&path, Hints::default())?.expect("a file of rows");
//! let mut row = Vec::<f32>::new();
//! file.read(&[2, 0], Shape::new(&[1, 4])?, &mut row)?;
//! assert_eq!(row, [8.0, 9.0, 10.0, 11.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod npy;
pub mod npz;

mod array_file;
mod destination;
mod error;
mod format;
mod raw;
mod source;
mod unfinished;
mod values;

pub use array_file::ArrayFile;
pub use destination::Destination;
pub use error::{Error, Problem, Result};
pub use format::Format;
pub use source::{Hints, read_array, read_bytes, split_member};
pub use unfinished::{Unfinished, remove_unfinished};
pub use values::write as write_values;

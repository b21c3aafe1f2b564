//! Arrays in files: numpy's `.npy` and `.npz`, raw values, and standard streams.
//!
//! The file says what it is; [`Hints`] only fill in what it can't say (the type and shape of a raw file, or that 16-bit
//! values are bfloat16). Everything that can be checked against the file's size is checked before memory is asked for.
//!
//! Writing is all or nothing: the bytes go to a temporary file in the same folder, which takes the target's name once it
//! is complete. A program that handles interruptions removes it with [`remove_unfinished`].
//!
//! ```
//! use std::path::Path;
//! use tolzip_core::{AnyArray, Array, Shape};
//! use tolzip_io::{Destination, Format, Hints};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("field.npy");
//! let field: AnyArray = Array::new(vec![1.0f32, 2.0, 3.0], Shape::line(3))?.into();
//! Destination::new(&path, false)?.write_array(&field, Format::Npy)?;
//! assert_eq!(tolzip_io::read_array(&path, Hints::default())?, field);
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

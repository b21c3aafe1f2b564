//! numpy's `.npz`: a zip archive of `.npy` files, stored or deflated.

use crate::error::{Error, Problem, Result};
use crate::npy;
use crate::source::Hints;
use std::fs::File;
use std::io::{BufReader, Read, Seek, Write};
use std::path::Path;
use tolzip_core::AnyArray;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The names of the arrays in an archive, in its own order.
///
/// ```
/// use tolzip_core::{Array, Shape};
/// use tolzip_io::{Destination, Format, npz};
///
/// # let folder = tempfile::tempdir()?;
/// # let (path, named) = (folder.path().join("run.npz"), folder.path().join("run.npz:pressure"));
/// let pressure = Array::new(vec![1.0f32, 2.0], Shape::line(2))?.into();
/// Destination::new(&named, false)?.write_array(&pressure, Format::Npz)?; // run.npz:pressure
/// assert_eq!(npz::members(&path)?, ["pressure"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The file can't be opened, or is no zip archive.
pub fn members(path: &Path) -> Result<Vec<String>> {
    let file = File::open(path).map_err(|e| Error::new(path, e))?;
    let archive = ZipArchive::new(BufReader::new(file)).map_err(|e| Error::new(path, e))?;
    Ok(names(&archive))
}

fn names<R: Read + Seek>(archive: &ZipArchive<R>) -> Vec<String> {
    archive.file_names().filter_map(|name| Some(name.ok()?.strip_suffix(".npy")?.to_owned())).collect()
}

/// Reads one array of an archive; without a name, its only one.
///
/// ```
/// use tolzip_core::{AnyArray, Array, Shape};
/// use tolzip_io::{Destination, Format, Hints, Problem, npz};
///
/// # let folder = tempfile::tempdir()?;
/// # let (path, named) = (folder.path().join("run.npz"), folder.path().join("run.npz:pressure"));
/// let pressure: AnyArray = Array::new(vec![1.0f32, 2.0], Shape::line(2))?.into();
/// Destination::new(&named, false)?.write_array(&pressure, Format::Npz)?; // run.npz:pressure
///
/// let archive = std::fs::read(&path)?;
/// let read = |member| npz::read(std::io::Cursor::new(&archive), member, Hints::default());
/// assert!(read(None).is_ok_and(|only| only == pressure));
/// assert!(matches!(read(Some("height")), Err(Problem::NoSuchMember { members, .. }) if members == ["pressure"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A [`Problem`] with the archive, its members or the array, or what the hints say against it.
pub fn read<R: Read + Seek>(source: R, member: Option<&str>, hints: Hints) -> Result<AnyArray, Problem> {
    let mut archive = ZipArchive::new(source)?;
    let mut members = names(&archive);
    let name = match member {
        Some(name) => {
            let name = name.strip_suffix(".npy").unwrap_or(name);
            if !members.iter().any(|m| m == name) {
                return Err(Problem::NoSuchMember { asked: name.to_owned(), members });
            }
            name.to_owned()
        }
        None if members.len() == 1 => members.remove(0),
        None => return Err(Problem::ChooseMember { members }),
    };
    let mut entry = archive.by_name(&format!("{name}.npy"))?;
    // The size in the archive's directory is only a claim: memory grows with what really comes out. Reading past the
    // last value is what makes the archive check its checksum.
    npy::read(&mut entry, None, hints)
}

/// Writes an archive of one array, stored.
pub(crate) fn write<W: Write>(out: W, name: &str, array: &AnyArray) -> Result<(), Problem> {
    let mut archive = ZipWriter::new_stream(out);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .large_file(array.byte_len() > u64::from(u32::MAX) / 2);
    archive.start_file(format!("{name}.npy"), options)?;
    npy::write(&mut archive, array)?;
    archive.finish()?.into_inner().flush()?;
    Ok(())
}

//! Writing: all or nothing, and never over something that is there unless told to.

use crate::error::{Error, Problem, Result};
use crate::format::Format;
use crate::source::split_member;
use crate::unfinished::Unfinished;
use crate::{npy, npz, values};
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tolzip_core::AnyArray;

/// A place that output will go to: a file, or standard output (`-`). Made before the work begins, so that a target that
/// can't be written is found out at once; written once.
///
/// ```
/// use tolzip_io::{Destination, Problem};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("field.tlz");
/// Destination::new(&path, false)?.write_bytes(b"a stream")?;
/// let refused = Destination::new(&path, false).unwrap_err();
/// assert!(matches!(refused.problem(), Problem::Exists));
///
/// // What fails on the way leaves the file as it was.
/// let failed = Destination::new(&path, true)?.write_with(|out| {
///     out.write_all(b"half of")?;
///     Err(std::io::Error::other("there is no more"))
/// });
/// assert!(failed.is_err());
/// assert_eq!(std::fs::read(&path)?, b"a stream");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Destination {
    path: PathBuf,
    member: Option<String>,
    target: Target,
}

#[derive(Debug)]
enum Target {
    Stdout,
    /// A device or pipe, which can't be replaced by renaming.
    Special(PathBuf),
    File {
        path: PathBuf,
        overwrite: bool,
    },
}

impl Destination {
    /// A destination at `path` (`-` for standard output, `data.npz:name` for the name of an archive's one array).
    ///
    /// # Errors
    /// [`Problem::Exists`] if there is a file and `overwrite` is false; [`Problem::Folder`]; [`Problem::System`] if its
    /// folder does not exist.
    pub fn new(path: &Path, overwrite: bool) -> Result<Self> {
        let (file, member) = split_member(path);
        let target = if path == Path::new("-") {
            Target::Stdout
        } else {
            find(&file, overwrite).map_err(|problem| Error::new(path, problem))?
        };
        Ok(Self { path: path.to_owned(), member, target })
    }

    /// Refuses a destination that is the file which its content is made from: replacing it loses what compression leaves
    /// out, and whoever names it twice by mistake finds out too late.
    ///
    /// ```
    /// use tolzip_io::{Destination, Problem};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("field.npy");
    /// std::fs::write(&path, b"values")?;
    /// let refused = Destination::new(&path, true)?.apart_from(&path).unwrap_err();
    /// assert!(matches!(refused.problem(), Problem::Input));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Problem::Input`].
    pub fn apart_from(self, input: &Path) -> Result<Self> {
        let same = match &self.target {
            Target::File { path, .. } => {
                fs::canonicalize(split_member(input).0).is_ok_and(|input| input == *path)
            }
            _ => false,
        };
        if same { Err(Error::new(&self.path, Problem::Input)) } else { Ok(self) }
    }

    /// The path, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes these bytes.
    ///
    /// # Errors
    /// What the system reports; then nothing is left behind.
    pub fn write_bytes(self, bytes: &[u8]) -> Result<()> {
        self.write(|out| Ok(out.write_all(bytes)?))
    }

    /// Writes what a function writes. If that fails, nothing is left behind.
    ///
    /// # Errors
    /// What the system reports, and what the function returns.
    pub fn write_with(self, body: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        self.write(|out| Ok(body(out)?))
    }

    /// Writes an array in this format.
    ///
    /// # Errors
    /// What the system reports; then nothing is left behind.
    pub fn write_array(self, array: &AnyArray, format: Format) -> Result<()> {
        let name = self.member.clone().unwrap_or_else(|| "data".to_owned());
        self.write(|out| match format {
            Format::Npy => Ok(npy::write(out, array)?),
            Format::Raw => Ok(values::write(out, array)?),
            Format::Npz => npz::write(out, &name, array),
        })
    }

    fn write(self, body: impl FnOnce(&mut dyn Write) -> Result<(), Problem>) -> Result<()> {
        let written = match self.target {
            Target::Stdout => buffered(io::stdout().lock(), body),
            Target::Special(path) => OpenOptions::new()
                .write(true)
                .open(path)
                .map_err(Problem::from)
                .and_then(|file| buffered(file, body)),
            Target::File { path, overwrite } => replace(&path, overwrite, body),
        };
        written.map_err(|problem| Error::new(&self.path, problem))
    }
}

/// Checks a target before anything is written.
fn find(path: &Path, overwrite: bool) -> Result<Target, Problem> {
    // Through links, so that renaming replaces what they point to and not the link itself.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match fs::metadata(&path) {
        Ok(m) if m.is_dir() => return Err(Problem::Folder),
        Ok(m) if !m.is_file() => return Ok(Target::Special(path)),
        Ok(_) if !overwrite => return Err(Problem::Exists),
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            fs::metadata(folder(&path))?;
        }
        Err(e) => return Err(e.into()),
    }
    Ok(Target::File { path, overwrite })
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn buffered(
    out: impl Write,
    body: impl FnOnce(&mut dyn Write) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut out = BufWriter::new(out);
    body(&mut out)?;
    Ok(out.flush()?)
}

/// Writes a temporary file in the target's folder and gives it the target's name. Dropping it deletes it.
fn replace(
    path: &Path,
    overwrite: bool,
    body: impl FnOnce(&mut dyn Write) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut builder = tempfile::Builder::new();
    let prefix =
        [OsStr::new("."), path.file_name().unwrap_or_default(), OsStr::new(".")].join(OsStr::new(""));
    builder.prefix(&prefix).suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Who may read it is for the umask to say; an overwritten file keeps its permissions.
        let permissions =
            fs::metadata(path).map_or_else(|_| fs::Permissions::from_mode(0o666), |m| m.permissions());
        builder.permissions(permissions);
    }
    let (file, _unfinished) = Unfinished::made(|| builder.tempfile_in(folder(path)), |file| file.path())?;
    buffered(file.as_file(), body)?;
    let named = if overwrite { file.persist(path) } else { file.persist_noclobber(path) };
    match named {
        Ok(_) => Ok(()),
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Err(Problem::Exists),
        Err(e) => Err(e.error.into()),
    }
}

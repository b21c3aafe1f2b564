//! Which format a file has.

use std::path::Path;

/// A file format that holds arrays.
///
/// ```
/// use std::path::Path;
/// use tolzip_io::Format;
///
/// assert_eq!(Format::from_name(Path::new("field.NPY")), Format::Npy);
/// assert_eq!(Format::from_name(Path::new("field.f32")), Format::Raw);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// numpy's file of one array.
    Npy,
    /// numpy's archive of several arrays.
    Npz,
    /// Nothing but the values, little-endian, slow to fast.
    Raw,
}

impl Format {
    /// The format that a file name stands for: `.npy`, `.npz`, anything else raw.
    #[must_use]
    pub fn from_name(path: &Path) -> Self {
        match path.extension() {
            Some(e) if e.eq_ignore_ascii_case("npy") => Self::Npy,
            Some(e) if e.eq_ignore_ascii_case("npz") => Self::Npz,
            _ => Self::Raw,
        }
    }

    /// The format of a file that begins with these bytes (8 or more): content beats the name, so that standard input
    /// and odd extensions work.
    pub(crate) fn sniff(head: &[u8], path: &Path) -> Self {
        if head.starts_with(crate::npy::MAGIC) {
            Self::Npy
        } else if head.starts_with(b"PK\x03\x04") && path == Path::new("-") {
            Self::Npz
        } else {
            Self::from_name(path)
        }
    }
}

//! Files that are there whole or not at all.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::Path;

/// Writes a file beside its place and moves it there, so that what stood there before stays whole until then, also on a disk
/// that is full.
pub(crate) fn replace(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    let name: OsString =
        [OsStr::new("."), path.file_name().unwrap_or_default(), OsStr::new(".part")].into_iter().collect();
    let part = path.with_file_name(name);
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // It may never have been there.
        let _ = fs::remove_file(&part);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_or_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        replace(&path, "one").unwrap();
        replace(&path, "another").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "another");
        // A folder can't be replaced by a file.
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(replace(&taken, "three").is_err());
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["table.csv", "taken"]);
    }
}

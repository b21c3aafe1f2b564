//! What must go if the program is interrupted: files that are being written and have no name of their own yet, and folders
//! that are needed only while something runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

static ALL: Registry = Registry::new();

/// A file or folder that is removed by [`remove_unfinished`] for as long as this lives.
///
/// ```standalone_crate
/// use tolzip_io::{Unfinished, remove_unfinished};
///
/// # let folder = tempfile::tempdir()?;
/// # let (result, scratch) = (folder.path().join("result"), folder.path().join("scratch"));
/// let begun = Unfinished::new(&result);
/// std::fs::write(&result, b"all of it")?;
/// drop(begun); // whole: it stays
///
/// let begun = Unfinished::new(&scratch);
/// std::fs::write(&scratch, b"half of it")?;
/// std::mem::forget(begun); // an interruption: nobody comes to drop it
///
/// remove_unfinished(); // by its handler
/// assert!(result.exists() && !scratch.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    registry: &'static Registry,
}

impl Unfinished {
    /// Registers a path, whether there is something yet or not.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        ALL.add(path)
    }

    /// Makes something and registers it before an interruption can come in between.
    pub(crate) fn made<T, E>(
        make: impl FnOnce() -> Result<T, E>,
        path: impl FnOnce(&T) -> &Path,
    ) -> Result<(T, Self), E> {
        let mut paths = ALL.lock();
        let made = make()?;
        let path = path(&made).to_owned();
        paths.insert(path.clone());
        Ok((made, Self { path, registry: &ALL }))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.registry.lock().remove(&self.path);
    }
}

/// Removes everything that is registered. For the handler of an interruption, which ends the program next: whoever wants
/// to begin another file after this waits forever.
///
/// ```standalone_crate
/// use tolzip_io::{Unfinished, remove_unfinished};
///
/// # let folder = tempfile::tempdir()?;
/// # let scratch = folder.path().join("scratch");
/// std::fs::create_dir(&scratch)?;
/// std::fs::write(scratch.join("part"), b"half of it")?;
/// std::mem::forget(Unfinished::new(&scratch)); // as if its thread still ran
/// remove_unfinished();
/// assert!(!scratch.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn remove_unfinished() {
    std::mem::forget(ALL.clear());
}

#[derive(Debug)]
struct Registry(Mutex<BTreeSet<PathBuf>>);

impl Registry {
    const fn new() -> Self {
        Self(Mutex::new(BTreeSet::new()))
    }

    /// A thread that panicked leaves a set that is as good as before.
    fn lock(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&'static self, path: &Path) -> Unfinished {
        self.lock().insert(path.to_owned());
        Unfinished { path: path.to_owned(), registry: self }
    }

    fn clear(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        let mut paths = self.lock();
        for path in std::mem::take(&mut *paths) {
            // What is not there any more needs no removing, and there is nobody left to tell of anything else.
            let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unfinished_goes() {
        static REGISTRY: Registry = Registry::new();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("done"), b"1").unwrap();
        fs::write(path("begun"), b"1").unwrap();
        fs::create_dir(path("scratch")).unwrap();
        fs::write(path("scratch/0"), b"1").unwrap();
        drop(REGISTRY.add(&path("done")));
        let _kept = ["begun", "scratch", "not made yet"].map(|name| REGISTRY.add(&path(name)));
        drop(REGISTRY.clear());
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["done"]);
    }
}

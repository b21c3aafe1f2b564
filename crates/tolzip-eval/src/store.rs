//! Every training ever done, one JSON object a line, so that nothing is trained twice.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::apps::{Failure, Part};
use crate::reduce::Setting;

/// One training.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// SHA-256 of everything that decides the result.
    pub(crate) key: String,
    pub(crate) app: String,
    /// `None` for the data as they are.
    pub(crate) setting: Option<Setting>,
    pub(crate) seed: u64,
    /// `None` if the training failed.
    pub(crate) quality: Option<f64>,
    pub(crate) seconds: f64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) error: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) output: String,
}

impl Record {
    pub(crate) fn result(&self) -> Result<f64, Failure> {
        self.quality.ok_or_else(|| Failure { message: self.error.clone(), output: self.output.clone() })
    }
}

/// The trainings by key, and the file that keeps them.
#[derive(Default)]
pub(crate) struct Store {
    known: HashMap<String, Record>,
    file: Option<File>,
}

impl Store {
    /// A store in this file, made if it is not there. Lines that are no record - an interrupted write leaves one - are
    /// passed over.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut bytes)?;
        let known = bytes
            .split(|&b| b == b'\n')
            .filter_map(|line| serde_json::from_slice::<Record>(line).ok())
            .map(|r| (r.key.clone(), r))
            .collect();
        if bytes.last().is_some_and(|&b| b != b'\n') {
            // What follows must not be glued to a cut-off line.
            file.write_all(b"\n")?;
        }
        Ok(Self { known, file: Some(file) })
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Record> {
        self.known.get(key)
    }

    /// Keeps a training; one write a line, so that an interruption costs at most the last one.
    pub(crate) fn put(&mut self, record: Record) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_vec(&record)?;
            line.push(b'\n');
            file.write_all(&line)?;
        }
        self.known.insert(record.key.clone(), record);
        Ok(())
    }
}

/// SHA-256 of the arrays as the application gets them, as hexadecimal text: settings that bring back the same values
/// share their trainings.
pub(crate) fn content(parts: &[Part]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(format!("{} {} ", part.array.dtype(), part.array.shape()));
        hash.update(part.array.to_le_bytes());
        match &part.rows {
            None => hash.update([0]),
            Some(rows) => {
                hash.update([1]);
                for &row in rows {
                    hash.update((row as u64).to_le_bytes());
                }
            }
        }
    }
    hex(&hash.finalize())
}

/// The key of a training.
pub(crate) fn key(app: &str, content: &str, seed: u64) -> String {
    hex(&Sha256::digest(format!("{app}\n{content}\n{seed}")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::{Array, Shape};

    fn record(key: &str, quality: Option<f64>) -> Record {
        Record {
            key: key.into(),
            app: "a".into(),
            setting: None,
            seed: 1,
            quality,
            seconds: 0.5,
            error: String::new(),
            output: String::new(),
        }
    }

    #[test]
    fn a_cut_off_line_loses_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub").join("store.jsonl");
        let mut store = Store::open(&path).unwrap();
        store.put(record("k1", Some(0.25))).unwrap();
        store.put(record("k2", None)).unwrap();
        drop(store);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let mut store = Store::open(&path).unwrap();
        assert_eq!(store.get("k1").unwrap().quality, Some(0.25));
        assert!(store.get("k2").is_none());
        store.put(record("k3", Some(1.0 / 3.0))).unwrap();
        let store = Store::open(&path).unwrap();
        assert_eq!(store.get("k3").unwrap().quality, Some(1.0 / 3.0));
        assert!(store.get("k1").is_some() && store.get("k2").is_none());
    }

    #[test]
    fn content_tells_values_shapes_and_samples_apart() {
        let part = |values: Vec<f32>, sides: &[usize], rows: Option<Vec<usize>>| Part {
            array: Array::new(values, Shape::new(sides).unwrap()).unwrap().into(),
            rows,
        };
        let all = [
            part(vec![1.0, 2.0], &[2], None),
            part(vec![1.0, 2.0], &[2, 1], None),
            part(vec![1.0, 2.5], &[2], None),
            part(vec![1.0, 2.0], &[2], Some(vec![0, 1])),
            part(vec![1.0, 2.0], &[2], Some(vec![0, 2])),
        ];
        let keys: std::collections::HashSet<_> =
            all.iter().map(|p| content(std::slice::from_ref(p))).collect();
        assert_eq!(keys.len(), all.len());
        assert_ne!(key("a", "b", 1), key("a", "b", 2));
        assert_eq!(key("a", "b", 1).len(), 64);
    }
}

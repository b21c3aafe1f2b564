//! Every training ever done, and how fast the recommended settings were, one JSON object a line, so that nothing is done twice.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::apps::{Failure, Part};
use crate::files::replace;
use crate::reduce::Setting;
use crate::search::Speed;

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
    speeds: HashMap<String, Speed>,
    file: Option<File>,
    /// What kept trainings from being written, and how many: the search goes on without.
    unsaved: Option<(String, u64)>,
    /// Files of other shards: the folder, this shard's own file, and how far each other one was read.
    others: Option<(PathBuf, PathBuf, HashMap<PathBuf, usize>)>,
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
        let known = lines(&bytes).map(|r: Record| (r.key.clone(), r)).collect();
        let speeds = lines(&bytes).map(|s: Speed| (s.key.clone(), s)).collect();
        if bytes.last().is_some_and(|&b| b != b'\n') {
            // What follows must not be glued to a cut-off line.
            file.write_all(b"\n")?;
        }
        Ok(Self { known, speeds, file: Some(file), unsaved: None, others: None })
    }

    /// The store of one of several processes that share a folder: it writes a file of its own and reads those of all.
    pub(crate) fn open_shard(folder: &Path, shard: Shard) -> io::Result<Self> {
        let own = folder.join(format!("store-{}-of-{}.jsonl", shard.index, shard.count));
        let mut store = Self::open(&own)?;
        store.others = Some((folder.into(), own, HashMap::new()));
        store.refresh()?;
        Ok(store)
    }

    /// Reads what other shards have written since; whether there was anything.
    pub(crate) fn refresh(&mut self) -> io::Result<bool> {
        let Some((folder, own, read)) = &mut self.others else { return Ok(false) };
        let mut new = false;
        for path in files(folder)? {
            if path == *own {
                continue;
            }
            let bytes = fs::read(&path)?;
            let from = read.get(&path).copied().unwrap_or(0).min(bytes.len());
            // A line that is being written is left for the next time.
            let Some(end) = bytes[from..].iter().rposition(|&b| b == b'\n') else { continue };
            for record in lines::<Record>(&bytes[from..from + end]) {
                new |= self.known.insert(record.key.clone(), record).is_none();
            }
            read.insert(path, from + end + 1);
        }
        Ok(new)
    }

    /// Joins the trainings of several folders in one, in the order of their keys.
    ///
    /// # Errors
    /// Whatever the file system says, and [`io::ErrorKind::NotFound`] where there are none.
    pub(crate) fn merge(folders: &[PathBuf], target: &Path) -> io::Result<usize> {
        let mut all: BTreeMap<String, Record> = BTreeMap::new();
        let mut speeds: BTreeMap<String, Speed> = BTreeMap::new();
        for folder in folders {
            let files = files(folder)?;
            if files.is_empty() {
                let text = format!("{}: no trainings in there", folder.display());
                return Err(io::Error::new(io::ErrorKind::NotFound, text));
            }
            for path in files {
                let bytes = fs::read(path)?;
                for record in lines::<Record>(&bytes) {
                    all.entry(record.key.clone()).or_insert(record);
                }
                for speed in lines::<Speed>(&bytes) {
                    speeds.entry(speed.key.clone()).or_insert(speed);
                }
            }
        }
        let mut out = Vec::new();
        for record in all.values() {
            serde_json::to_writer(&mut out, record)?;
            out.push(b'\n');
        }
        for speed in speeds.values() {
            serde_json::to_writer(&mut out, speed)?;
            out.push(b'\n');
        }
        fs::create_dir_all(target)?;
        replace(&target.join("store.jsonl"), out)?;
        Ok(all.len())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Record> {
        self.known.get(key)
    }

    /// Keeps a training; one write a line, so that an interruption costs at most the last one. A disk that is full costs the
    /// line, not the training.
    pub(crate) fn put(&mut self, record: Record) {
        if let Err(e) = self.write(&record) {
            self.unsaved.get_or_insert_with(|| (e.to_string(), 0)).1 += 1;
        }
        self.known.insert(record.key.clone(), record);
    }

    pub(crate) fn speed(&self, key: &str) -> Option<&Speed> {
        self.speeds.get(key)
    }

    /// Keeps a speed. One that can't be written is measured again the next time, which costs little.
    pub(crate) fn put_speed(&mut self, speed: Speed) {
        let _ = self.write(&speed);
        self.speeds.insert(speed.key.clone(), speed);
    }

    fn write(&mut self, record: &impl Serialize) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        if self.unsaved.is_some() {
            // The line that failed may stand there in part.
            line.insert(0, b'\n');
        }
        file.write_all(&line)
    }

    /// What kept trainings from being written, if anything did.
    pub(crate) fn trouble(&self) -> Option<String> {
        let (error, lines) = self.unsaved.as_ref()?;
        Some(format!(
            "{lines} trainings could not be stored ({error}): they are in the result, but would be done again"
        ))
    }
}

/// One process of several that share a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// From 0.
    pub(crate) index: usize,
    pub(crate) count: usize,
}

/// The lines of one kind, others left out.
fn lines<T: DeserializeOwned>(bytes: &[u8]) -> impl Iterator<Item = T> {
    bytes.split(|&b| b == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

/// The stores in a folder, by name.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?;
    all.retain(|p| {
        let name = p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        name.starts_with("store") && name.ends_with(".jsonl")
    });
    all.sort();
    Ok(all)
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

pub(crate) fn hex(bytes: &[u8]) -> String {
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
        store.put(record("k1", Some(0.25)));
        store.put(record("k2", None));
        drop(store);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let mut store = Store::open(&path).unwrap();
        assert_eq!(store.get("k1").unwrap().quality, Some(0.25));
        assert!(store.get("k2").is_none());
        store.put(record("k3", Some(1.0 / 3.0)));
        let store = Store::open(&path).unwrap();
        assert_eq!(store.get("k3").unwrap().quality, Some(1.0 / 3.0));
        assert!(store.get("k1").is_some() && store.get("k2").is_none());
    }

    #[test]
    fn speeds_stand_among_the_trainings() {
        let folder = tempfile::tempdir().unwrap();
        let speed = Speed {
            key: "s".into(),
            method: "fast".into(),
            bound: crate::reduce::BoundSpec::new(tolzip_core::Bound::Rel(0.1), tolzip_core::Scope::Whole),
            raw_bytes: 800,
            ratio: 4.0,
            rates: vec![crate::transfer::Rates { cores: 1, compress: 1e8, decompress: 2e8 }],
            machine: "here".into(),
        };
        let parts = ["a", "b"].map(|name| folder.path().join(name));
        let mut store = Store::open(&parts[0].join("store.jsonl")).unwrap();
        store.put(record("k1", Some(0.5)));
        store.put_speed(speed.clone());
        store.put(record("k2", Some(0.25)));
        Store::open(&parts[1].join("store.jsonl")).unwrap().put_speed(speed.clone());
        // They are no trainings, and merging keeps one of each.
        assert_eq!(Store::merge(&parts, &folder.path().join("all")).unwrap(), 2);
        let store = Store::open(&folder.path().join("all/store.jsonl")).unwrap();
        assert_eq!((store.known.len(), store.speeds.len()), (2, 1));
        assert_eq!(store.speed("s").unwrap().rates, speed.rates);
        assert!(store.get("s").is_none() && store.speed("k1").is_none());
    }

    #[test]
    fn a_file_that_takes_nothing_costs_no_training() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.jsonl");
        let mut store = Store::open(&path).unwrap();
        store.put(record("k1", Some(0.5)));
        assert_eq!(store.trouble(), None);
        // Opened for reading: every write fails.
        store.file = Some(File::open(&path).unwrap());
        store.put(record("k2", Some(0.75)));
        store.put(record("k3", None));
        assert_eq!(store.get("k2").unwrap().quality, Some(0.75));
        assert!(store.trouble().unwrap().starts_with("2 trainings could not be stored ("));
        store.file = Some(OpenOptions::new().append(true).open(&path).unwrap());
        store.put(record("k4", Some(1.0)));
        let again = Store::open(&path).unwrap();
        assert!(again.get("k1").is_some() && again.get("k2").is_none() && again.get("k4").is_some());
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

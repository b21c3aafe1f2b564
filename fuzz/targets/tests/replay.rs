//! The kept corpora and findings through the targets, on stable Rust.

use std::fs;
use std::path::{Path, PathBuf};
use tolzip_fuzz_targets::ALL;

/// Inputs of one target in one of the two folders; none if it has none.
fn kept(folder: &str, target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join(target);
    let mut all: Vec<PathBuf> = fs::read_dir(folder)
        .map(|entries| entries.map(|e| e.expect("a readable folder").path()).collect())
        .unwrap_or_default();
    all.sort();
    all
}

#[test]
fn corpora_and_findings_break_no_promise() {
    for (name, target) in ALL {
        let corpus = kept("corpus", name);
        assert!(corpus.len() >= 20, "{name} has a corpus of {} inputs", corpus.len());
        for path in corpus.into_iter().chain(kept("findings", name)) {
            let bytes = fs::read(&path).expect("a readable file");
            let outcome = std::panic::catch_unwind(|| target(&bytes));
            assert!(outcome.is_ok(), "{}", path.display());
        }
    }
}

#[test]
fn every_folder_of_inputs_has_a_target() {
    for folder in ["corpus", "findings"] {
        let Ok(entries) = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)) else {
            continue;
        };
        for entry in entries {
            let name = entry.expect("a readable folder").file_name();
            assert!(ALL.iter().any(|(target, _)| *target == name), "{folder}/{}", name.display());
        }
    }
}

/// Whatever is done to a valid stream's bytes, the targets get over it: a little of what the fuzzers do, without them.
#[test]
fn damaged_seeds_break_no_promise() {
    let mut rng = tolzip_tests::arrays::Bits(7);
    for (name, target) in ALL {
        for path in kept("corpus", name) {
            let mut bytes = fs::read(&path).expect("a readable file");
            for _ in 0..3 {
                if !bytes.is_empty() {
                    let at = rng.bits() as usize % bytes.len();
                    bytes[at] = rng.bits() as u8;
                }
            }
            target(&bytes);
        }
    }
}

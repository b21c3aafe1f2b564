//! Runs the program in a folder of its own.
#![allow(dead_code, reason = "every test file uses a part of it")]

use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tolzip::{AnyArray, Array, Shape};
use tolzip_io::{Destination, Format, Hints};

pub(crate) struct Folder(tempfile::TempDir);

pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Done {
    /// Standard output as the one JSON document that it must be.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}\n{}", String::from_utf8_lossy(&self.stdout), self.stderr))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self
    }

    /// Asserts that the program refused: exit code 2 and a message with all of these words.
    #[track_caller]
    pub(crate) fn refused(self, words: &[&str]) {
        assert_eq!(self.code, 2, "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is missing in: {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// The names of all files, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let names =
            std::fs::read_dir(self.0.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    pub(crate) fn array(&self, name: &str) -> AnyArray {
        tolzip_io::read_array(&self.path(name), Hints::default()).unwrap()
    }

    pub(crate) fn save(&self, name: &str, array: &AnyArray) {
        let format = Format::from_name(&tolzip_io::split_member(&self.path(name)).0);
        Destination::new(&self.path(name), true).unwrap().write_array(array, format).unwrap();
    }

    /// Runs `tolzip` in the folder; `words` are separated by spaces.
    pub(crate) fn run(&self, words: &str) -> Done {
        self.run_with(words, &[])
    }

    /// Runs `tolzip` with this standard input.
    pub(crate) fn run_with(&self, words: &str, input: &[u8]) -> Done {
        self.start(&words.split_whitespace().collect::<Vec<_>>(), input)
    }

    /// Runs `tolzip` with words that may have spaces in them.
    pub(crate) fn run_words(&self, words: &[&str]) -> Done {
        self.start(words, &[])
    }

    fn start(&self, words: &[&str], input: &[u8]) -> Done {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tolzip"))
            .args(words)
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let feeder = std::thread::spawn(move || {
            // The program may refuse before it has read everything.
            let _ = stdin.write_all(&input);
        });
        let done = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        Done {
            code: done.status.code().expect("ended by itself"),
            stdout: done.stdout,
            stderr: String::from_utf8(done.stderr).unwrap(),
        }
    }
}

/// A field of f32: smooth, with noise of 0.3 on top.
pub(crate) fn field(sides: &[usize]) -> AnyArray {
    let shape = Shape::new(sides).unwrap();
    let mut state = 1u32;
    let values = (0..shape.len())
        .map(|i| {
            state = state.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
            ((i % 41) as f32 * 0.15).sin() * 100.0 + (state >> 8) as f32 * 2e-8
        })
        .collect();
    Array::new(values, shape).unwrap().into()
}

/// A table of f64 whose columns have different magnitudes.
pub(crate) fn table(rows: usize) -> AnyArray {
    let shape = Shape::new(&[rows, 3]).unwrap();
    let values = (0..rows)
        .flat_map(|i| {
            let t = i as f64 * 0.1;
            [t.sin(), 1e6 * t.cos(), 1e-6 * (t * 1.7).sin()]
        })
        .collect();
    Array::new(values, shape).unwrap().into()
}

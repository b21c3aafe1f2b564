//! A user's own application: a command that trains and prints its quality.

use super::{Application, Failure, Part, Recorded, TrainingArray, process};
use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tolzip_core::{AnyArray, Scope};

/// Writes an array to a file in the format that the command reads.
pub type WriteArray = Box<dyn Fn(&Path, &AnyArray) -> io::Result<()> + Send + Sync>;

/// An application whose training is a command such as `python train.py {data} --seed {seed}`.
///
/// The command is split on white space and started without a shell. `{data}` becomes the path of a file with the
/// decompressed array, `{seed}` the seed, `{rows}` the path of a text file with the indices of the samples that are left,
/// one a line (methods that drop samples are tried only with commands that ask for it). It must print `name=value` lines
/// or one JSON object; the last value of the metric's name counts. Anything else - another exit code than 0, a time-out,
/// no such value, NaN - makes the point fail with the output kept, and the study goes on.
pub struct Command {
    line: String,
    metric: String,
    maximize: bool,
    timeout: Duration,
    retries: u32,
    arrays: Vec<TrainingArray>,
    extension: String,
    write: WriteArray,
    folder: PathBuf,
}

impl Command {
    /// Columns that stay as they are.
    #[must_use]
    pub fn exact(mut self, columns: Vec<usize>) -> Self {
        self.arrays[0].exact = columns;
        self
    }

    /// A command on one array. `write` stores decompressed arrays, under names that end in `.extension`.
    #[must_use]
    pub fn new(
        line: &str,
        metric: &str,
        maximize: bool,
        array: AnyArray,
        extension: &str,
        write: WriteArray,
    ) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("tolzip-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self {
            line: line.into(),
            metric: metric.into(),
            maximize,
            timeout: Duration::from_secs(3600),
            retries: 0,
            arrays: vec![TrainingArray::new("data", array)],
            extension: extension.into(),
            write,
            folder: std::env::temp_dir().join(name),
        }
    }

    /// The time after which a training is ended; an hour by default.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The folder that the command's files are in while it trains. It goes with this value: whoever ends the program
    /// otherwise has to remove it.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        &self.folder
    }

    /// How often a failed training is tried again; never by default.
    #[must_use]
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    fn attempt(&self, data: &Path, rows: &Path, seed: u64) -> Result<f64, Failure> {
        let words: Vec<String> = self
            .line
            .split_whitespace()
            .map(|word| {
                word.replace("{data}", &data.to_string_lossy())
                    .replace("{rows}", &rows.to_string_lossy())
                    .replace("{seed}", &seed.to_string())
            })
            .collect();
        let output = process::run(&words, self.timeout)?;
        match metric(&output.out, &self.metric) {
            None => Err(output.failure(format!("no value of {} in the output", self.metric))),
            Some(v) if v.is_finite() => Ok(v),
            Some(v) => Err(output.failure(format!("{} is {v}", self.metric))),
        }
    }
}

impl Application for Command {
    fn id(&self) -> &str {
        "command"
    }
    fn summary(&self) -> &str {
        "a command of the user's"
    }
    fn data(&self) -> &str {
        "a file of the user's"
    }
    fn model(&self) -> &str {
        &self.line
    }
    fn metric(&self) -> &str {
        &self.metric
    }
    fn maximize(&self) -> bool {
        self.maximize
    }
    fn recorded(&self) -> Recorded {
        Recorded { mean: f64::NAN, std: f64::NAN, seeds: 0, seconds: f64::NAN }
    }
    fn arrays(&self) -> &[TrainingArray] {
        &self.arrays
    }
    /// Also by column where the array is a table with columns that stay as they are.
    fn scopes(&self) -> Vec<Scope> {
        super::scopes_of(&self.arrays[0])
    }
    fn takes_samples(&self) -> bool {
        self.line.contains("{rows}")
    }
    fn fingerprint(&self) -> Cow<'_, str> {
        format!("command|{}|{}|{}", self.line, self.metric, self.extension).into()
    }

    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let [part] = parts else { return Err(Failure::new("one array expected")) };
        let name = COUNT.fetch_add(1, Ordering::Relaxed);
        let data = self.folder.join(format!("{name}.{}", self.extension));
        let rows = self.folder.join(format!("{name}.rows.txt"));
        let written =
            fs::create_dir_all(&self.folder).and_then(|()| (self.write)(&data, &part.array)).and_then(|()| {
                if !self.takes_samples() {
                    return Ok(());
                }
                let all = part.array.shape().sides().first().copied().unwrap_or(1);
                let kept = part.rows.clone().unwrap_or_else(|| (0..all).collect());
                fs::write(&rows, kept.iter().map(|r| format!("{r}\n")).collect::<String>())
            });
        let mut result = written
            .map_err(|e| Failure::new(format!("cannot write {}: {e}", data.display())))
            .and_then(|()| self.attempt(&data, &rows, seed));
        for _ in 0..self.retries {
            if result.is_ok() {
                break;
            }
            result = self.attempt(&data, &rows, seed);
        }
        // Nothing depends on their going: the folder goes when the study ends.
        let _ = fs::remove_file(&data);
        let _ = fs::remove_file(&rows);
        result
    }
}

impl Drop for Command {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The last value of this name, among `name=value` lines or in a JSON object (the whole output, or a line of it).
fn metric(output: &str, name: &str) -> Option<f64> {
    let json = |text: &str| {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text.trim()).ok()?;
        object.get(name)?.as_f64()
    };
    let line = |line: &str| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == name).then(|| value.trim().parse().ok())?
    };
    json(output).or_else(|| output.lines().rev().find_map(|l| line(l).or_else(|| json(l))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::{Array, Shape};

    fn command(line: &str) -> Command {
        let array = Array::new(vec![1.5f32, 2.5, -4.0, 8.0], Shape::new(&[2, 2]).unwrap()).unwrap();
        let write: WriteArray = Box::new(|path, array| fs::write(path, array.to_le_bytes()));
        Command::new(line, "acc", true, array.into(), "raw", write).timeout(Duration::from_secs(20))
    }

    fn run(line: &str) -> Result<f64, Failure> {
        let c = command(line);
        let parts: Vec<Part> = c.arrays().iter().map(Part::from).collect();
        c.train(&parts, 42)
    }

    #[test]
    fn values_are_found_in_lines_and_json() {
        assert_eq!(metric("loss=3\nacc = 0.5\nacc=0.75\nbye", "acc"), Some(0.75));
        assert_eq!(metric("{\"acc\": 0.5,\n \"x\": [1]}", "acc"), Some(0.5));
        assert_eq!(metric("epoch 1\n{\"acc\": 1e-3}\n", "acc"), Some(1e-3));
        assert_eq!(metric("accuracy=1\nacc=high", "acc"), None);
        assert!(metric("acc=nan", "acc").unwrap().is_nan());
    }

    #[cfg(unix)]
    #[test]
    fn the_command_sees_data_and_seed() {
        assert_eq!(run("printf acc=%s\\n {seed}"), Ok(42.0));
        // No shell: the words reach the program as they are.
        assert_eq!(run("awk BEGIN{print(\"acc=\"7)}"), Ok(7.0));
        let f = run("cksum {data} {rows}").unwrap_err();
        assert!(f.output.contains(".raw") && f.output.contains(".rows.txt"), "{f:?}");
    }

    #[cfg(unix)]
    #[test]
    fn failures_keep_their_output() {
        let f = run("ls /nonexistent-folder").unwrap_err();
        assert!(f.message.contains("ended with") && f.output.contains("nonexistent-folder"), "{f:?}");
        assert!(run("no-such-program-anywhere {data}").unwrap_err().message.contains("cannot start"));
        let f = run("echo hello").unwrap_err();
        assert!(f.message.contains("no value of acc") && f.output.contains("hello"), "{f:?}");
        assert!(run("echo acc=NaN").unwrap_err().message.contains("NaN"));
        assert!(run("").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_time_out_ends_the_program() {
        let c = command("sleep 30").timeout(Duration::from_millis(50));
        let parts: Vec<Part> = c.arrays().iter().map(Part::from).collect();
        assert!(c.train(&parts, 0).unwrap_err().message.contains("ended after"));
    }
}

//! A user's own application behind LibPressio's external-metric protocol, so that a script written for that library's
//! `external` metric can be searched with as it is.
//!
//! The protocol (docs/UsingTheExternalMetric.md of github.com/robertu94/libpressio): the command is split on white space and
//! started without a shell, with `--api N --config_name S --eval_uuid U --input FILE --decompressed FILE --type T` and one
//! `--dim n` per dimension, the fastest first. Both files hold raw values. It answers with a line `external:api=N` (1 to 7)
//! and then `name=value` lines, or `external:api=json:1` and then one JSON object. Called without any of these flags it
//! prints its defaults, which from version 3 on stand in for names that an answer leaves out.

use super::process::run;
use super::{Application, Failure, Part, Recorded, TrainingArray};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tolzip_core::{AnyArray, DType, Scope};

/// The version of the protocol that is announced.
const API: &str = "7";

/// An application whose training is an external metric of LibPressio's.
///
/// `{seed}` in the command becomes the seed; a command without it is started once per seed all the same.
pub struct External {
    line: String,
    metric: String,
    maximize: bool,
    timeout: Duration,
    config: String,
    arrays: Vec<TrainingArray>,
    folder: PathBuf,
    /// What the command prints when it is called without arguments.
    defaults: OnceLock<HashMap<String, f64>>,
}

impl External {
    /// A command on one array.
    #[must_use]
    pub fn new(line: &str, metric: &str, maximize: bool, data: TrainingArray) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name =
            format!("tolzip-external-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self {
            line: line.into(),
            metric: metric.strip_prefix("external:results:").unwrap_or(metric).into(),
            maximize,
            timeout: Duration::from_secs(3600),
            config: "external".into(),
            arrays: vec![data],
            folder: std::env::temp_dir().join(name),
            defaults: OnceLock::new(),
        }
    }

    /// The time after which the command is ended; an hour by default.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What `--config_name` says; `external` by default.
    #[must_use]
    pub fn config_name(mut self, name: &str) -> Self {
        self.config = name.into();
        self
    }

    /// The folder that the command's files are in while it runs, as [`Command::scratch`](super::Command::scratch).
    #[must_use]
    pub fn scratch(&self) -> &Path {
        &self.folder
    }

    fn words(&self, seed: u64) -> Vec<String> {
        self.line.split_whitespace().map(|w| w.replace("{seed}", &seed.to_string())).collect()
    }

    /// The arguments after the command.
    fn arguments(&self, original: &str, decompressed: &str, array: &AnyArray, seed: u64) -> Vec<String> {
        let id = crate::store::key(&self.line, decompressed, seed);
        let uuid = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..32]].join("-");
        let mut all: Vec<String> = ["--api", API, "--config_name", &self.config, "--eval_uuid", &uuid]
            .into_iter()
            .chain(["--input", original, "--decompressed", decompressed, "--type", type_name(array.dtype())])
            .map(str::to_owned)
            .collect();
        for side in array.shape().sides().iter().rev() {
            all.extend(["--dim".to_owned(), side.to_string()]);
        }
        all
    }

    fn attempt(&self, part: &Part, files: (&PathBuf, &PathBuf), seed: u64) -> Result<f64, Failure> {
        let mut words = self.words(seed);
        words.extend(self.arguments(
            &files.0.to_string_lossy(),
            &files.1.to_string_lossy(),
            &part.array,
            seed,
        ));
        let output = run(&words, self.timeout)?;
        let fail = |message: String| output.failure(message);
        let answer = answer(&output.out).map_err(fail)?;
        let value = answer.values.get(&self.metric).copied().or_else(|| {
            let defaults = self.defaults.get_or_init(|| {
                run(&self.words(seed), self.timeout)
                    .ok()
                    .and_then(|o| self::answer(&o.out).ok())
                    .map(|a| a.values)
                    .unwrap_or_default()
            });
            defaults.get(&self.metric).copied().filter(|_| answer.has_defaults)
        });
        match value {
            None => Err(fail(format!("no value of {} in the answer", self.metric))),
            Some(v) if v.is_finite() => Ok(v),
            Some(v) => Err(fail(format!("{} is {v}", self.metric))),
        }
    }
}

/// What a command answered.
struct Answer {
    values: HashMap<String, f64>,
    /// Whether its version has defaults for what is left out.
    has_defaults: bool,
}

/// Reads an answer: its first line that names a version, and what follows.
fn answer(text: &str) -> Result<Answer, String> {
    let mut lines = text.lines();
    let version = lines
        .by_ref()
        .find_map(|l| l.trim().strip_prefix("external:api="))
        .ok_or("the answer has no line external:api=VERSION")?;
    let rest = lines.collect::<Vec<_>>().join("\n");
    if version == "json:1" {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(rest.trim())
            .map_err(|e| format!("no JSON object after external:api=json:1: {e}"))?;
        let values = object.into_iter().filter_map(|(k, v)| Some((k, v.as_f64()?))).collect();
        return Ok(Answer { values, has_defaults: true });
    }
    match version.parse::<u32>() {
        Ok(n @ 1..=7) => Ok(Answer { values: fields(&rest), has_defaults: n >= 3 }),
        _ => Err(format!("external:api={version}; versions 1 to 7 and json:1 are known")),
    }
}

/// The `name=value` lines whose values are numbers.
fn fields(text: &str) -> HashMap<String, f64> {
    let pairs = text.lines().filter_map(|l| l.split_once('='));
    pairs.filter_map(|(k, v)| Some((k.trim().to_owned(), v.trim().parse().ok()?))).collect()
}

/// LibPressio's name of a type; half-precision numbers, which it has not, go as their bits.
const fn type_name(dtype: DType) -> &'static str {
    match dtype {
        DType::F32 => "float",
        DType::F64 => "double",
        DType::I8 => "int8",
        DType::I16 => "int16",
        DType::I32 => "int32",
        DType::I64 => "int64",
        DType::U8 => "uint8",
        DType::U16 | DType::F16 | DType::Bf16 => "uint16",
        DType::U32 => "uint32",
        DType::U64 => "uint64",
        _ => "byte",
    }
}

impl Application for External {
    fn id(&self) -> &str {
        "external"
    }
    fn summary(&self) -> &str {
        "an external metric of LibPressio's"
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
    fn scopes(&self) -> Vec<Scope> {
        super::scopes_of(&self.arrays[0])
    }
    /// The protocol has no word for samples that were left out.
    fn takes_samples(&self) -> bool {
        false
    }
    fn fingerprint(&self) -> Cow<'_, str> {
        format!("external|{}|{}|{}", self.line, self.metric, self.config).into()
    }

    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let [part] = parts else { return Err(Failure::new("one array expected")) };
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let original = self.folder.join(format!("{number}.original.raw"));
        let decompressed = self.folder.join(format!("{number}.decompressed.raw"));
        let written = || -> io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            fs::write(&original, self.arrays[0].array.to_le_bytes())?;
            fs::write(&decompressed, part.array.to_le_bytes())
        };
        let result = written()
            .map_err(|e| Failure::new(format!("cannot write {}: {e}", decompressed.display())))
            .and_then(|()| self.attempt(part, (&original, &decompressed), seed));
        // Nothing depends on their going: the folder goes when the study ends.
        let _ = fs::remove_file(&original);
        let _ = fs::remove_file(&decompressed);
        result
    }
}

impl Drop for External {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::{Array, Shape};

    fn external(line: &str) -> External {
        let array = Array::new(vec![1.5f32, 2.5, -4.0, 8.0, 0.0, 1.0], Shape::new(&[2, 3]).unwrap()).unwrap();
        External::new(line, "acc", true, TrainingArray::new("data", array.into()))
            .timeout(Duration::from_secs(20))
    }

    #[test]
    fn answers_of_all_versions() {
        for version in 1..=7 {
            let a = answer(&format!("noise\nexternal:api={version}\nacc=0.5\nname=text\n x = 2 \n")).unwrap();
            assert_eq!((a.values["acc"], a.values["x"], a.values.len()), (0.5, 2.0, 2));
            assert_eq!(a.has_defaults, version >= 3);
        }
        let a = answer("external:api=json:1\n{\"acc\": 0.25, \"s\": \"t\",\n \"l\": [1]}\n").unwrap();
        assert_eq!((a.values["acc"], a.values.len()), (0.25, 1));
        for bad in
            ["", "acc=1", "external:api=8\nacc=1", "external:api=json:2\n{}", "external:api=json:1\nacc=1"]
        {
            assert!(answer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn arguments_are_those_of_the_protocol() {
        let e = external("prog {seed}").config_name("mine");
        let words = e.arguments("a.raw", "b.raw", &e.arrays[0].array, 3);
        let text = words.join(" ");
        assert!(text.starts_with("--api 7 --config_name mine --eval_uuid "), "{text}");
        assert!(text.ends_with("--input a.raw --decompressed b.raw --type float --dim 3 --dim 2"), "{text}");
        assert_eq!(words[5].len(), 36);
        assert_eq!(e.words(3), ["prog", "3"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_script_is_asked_and_its_defaults_stand_in() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("metric.sh");
        let run = |text: &str| {
            fs::write(&script, text).unwrap();
            let e = external(&format!("sh {} {{seed}}", script.display()));
            let parts: Vec<Part> = e.arrays().iter().map(Part::from).collect();
            e.train(&parts, 4)
        };
        // The sixth word after the seed is the eval's id; sizes of both files are 24 bytes.
        let good = "echo external:api=5\nshift\ntest $# = 0 && exit\necho acc=$(cat ${8} ${10} | wc -c)\n";
        assert_eq!(run(good), Ok(48.0));
        let defaults = "echo external:api=3\ntest $# = 1 && echo acc=7\nexit 0\n";
        assert_eq!(run(defaults), Ok(7.0));
        // Version 2 had none.
        assert!(run(&defaults.replace("=3", "=2")).unwrap_err().message.contains("no value of acc"));
        assert!(run("echo hello\n").unwrap_err().message.contains("external:api"));
        assert!(run("echo external:api=1\necho acc=nan\n").unwrap_err().message.contains("NaN"));
        let f = run("echo so sad >&2; exit 3").unwrap_err();
        assert!(f.message.contains("ended with") && f.output.contains("so sad"), "{f:?}");
    }
}

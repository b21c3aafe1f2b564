//! Tasks of the user's: LibPressio's protocol, scripts in Python, tables, shards and transfers.
#![allow(clippy::print_stderr, reason = "a test that can't run has to say so")]

mod common;

use common::{Folder, table};
use std::process::Command;

/// A Python that has scikit-learn: `$TOLZIP_PYTHON`, or `python3`.
fn python() -> Option<String> {
    let program = std::env::var("TOLZIP_PYTHON").unwrap_or_else(|_| "python3".into());
    let done = Command::new(&program).args(["-c", "import sklearn, numpy"]).output();
    if done.is_ok_and(|d| d.status.success()) {
        return Some(program);
    }
    eprintln!("\n!!! NOT TESTED: {program} has no scikit-learn; set TOLZIP_PYTHON to one that has\n");
    None
}

const MAKE: &str = r#"
import numpy, sklearn.datasets
x, y = sklearn.datasets.load_wine(return_X_y=True)
order = numpy.random.RandomState(0).permutation(len(x))
x, y = x[order].astype("f4"), y[order]
numpy.save("x.npy", x[:120]); numpy.save("y.npy", y[:120]); numpy.savez("test.npz", x=x[120:], y=y[120:])
"#;

const RUN: &str = r#"
import sys, os, numpy
from sklearn.ensemble import RandomForestClassifier
here = os.path.dirname(os.path.abspath(__file__))
x, y = numpy.load(sys.argv[1]), numpy.load(here + "/y.npy")
assert x.dtype == numpy.float32 and x.shape == (120, 13)
test = numpy.load(here + "/test.npz")
model = RandomForestClassifier(10, random_state=int(sys.argv[2])).fit(x, y)
print("fitted", len(x)); print("accuracy=%r" % float(model.score(test["x"], test["y"])))
"#;

const EXTERNAL: &str = r#"
import argparse, os, json, numpy
from sklearn.ensemble import RandomForestClassifier
p = argparse.ArgumentParser()
for name in ("api", "config_name", "eval_uuid", "input", "decompressed", "type"): p.add_argument("--" + name)
p.add_argument("--dim", type=int, action="append"); p.add_argument("seed", type=int)
a = p.parse_args()
if a.input is None:
    print("external:api=json:1"); print(json.dumps({"accuracy": 0.0})); raise SystemExit
shape = a.dim[::-1]
read = lambda f: numpy.fromfile(f, {"float": "f4", "double": "f8"}[a.type]).reshape(shape)
here = os.path.dirname(os.path.abspath(__file__))
x, y = read(a.decompressed), numpy.load(here + "/y.npy")
assert (read(a.input) == numpy.load(here + "/x.npy")).all()
test = numpy.load(here + "/test.npz")
model = RandomForestClassifier(10, random_state=a.seed).fit(x, y)
print("external:api=json:1"); print(json.dumps({"accuracy": float(model.score(test["x"], test["y"]))}))
"#;

/// Forests of scikit-learn on the wines, behind both kinds of command: the same trainings, so the same result.
#[test]
fn scripts_that_train_with_scikit_learn() {
    let Some(python) = python() else { return };
    let folder = Folder::new();
    for (name, text) in [("make.py", MAKE), ("run.py", RUN), ("external.py", EXTERNAL)] {
        folder.write(name, text.as_bytes());
    }
    let made = Command::new(&python).arg("make.py").current_dir(folder.path(".")).status().unwrap();
    assert!(made.success());
    let search = |kind: &str, command: &str| {
        let command =
            format!("{python} {}", command.replace("PATH", &folder.path(".").display().to_string()));
        let words = [
            "search",
            "--data",
            "x.npy",
            kind,
            &command,
            "--metric",
            "accuracy",
            "--maximize",
            "--methods",
            "bitround pw_rel",
            "--seeds",
            "3",
            "--budget",
            "11",
            "--json",
        ];
        let done = folder.run_words(&words);
        assert!(done.code == 0 || done.code == 1, "{}", done.stderr);
        done.json()
    };
    let run = search("--run", "PATH/run.py {data} {seed}");
    assert!(run["baseline"]["mean"].as_f64().unwrap() > 0.8, "{run}");
    assert!(run["points"].as_array().unwrap().len() >= 2 && run["failures"].as_array().unwrap().is_empty());
    let external = search("--external", "PATH/external.py {seed}");
    assert_eq!(run["baseline"], external["baseline"]);
    assert_eq!(run["points"], external["points"]);
}

/// Two processes and a merge find what one finds.
#[cfg(unix)]
#[test]
fn shards_are_merged() {
    let folder = Folder::new();
    let search = "search --app genes --methods bitround,lossless --budget 40 --seeds 3 -T 1 --json -o";
    let alone = folder.run(&format!("{search} alone"));
    assert!(alone.code == 0 || alone.code == 1, "{}", alone.stderr);
    let both: Vec<_> = std::thread::scope(|s| {
        let jobs: Vec<_> = ["1/2", "2/2"]
            .map(|shard| format!("{search} parts --shard {shard}"))
            .map(|words| {
                let folder = &folder;
                s.spawn(move || folder.run(&words))
            })
            .into_iter()
            .collect();
        jobs.into_iter().map(|j| j.join().unwrap()).collect()
    });
    for part in both {
        assert_eq!(part.json(), alone.json());
    }
    let merged = folder.run("merge parts -o whole --json");
    assert_eq!((merged.code, merged.json()), (alone.code, alone.json()));
    assert!(folder.path("whole/report.html").exists() && !folder.path("parts/report.html").exists());
    folder.run("merge nowhere -o whole").refused(&["nowhere"]);
    folder.run("search --app genes -o x --shard 3/2").refused(&["I from 1 to N"]);
    folder.run("search --app genes --shard 1/2").refused(&["--output"]);
}

#[test]
fn columns_are_explained() {
    let folder = Folder::new();
    let done = folder.run("search --app housing --explain --budget 5 --methods lossless --seeds 3");
    assert!(
        done.stderr.contains("column 3: integer") && done.stderr.contains("kept bit for bit"),
        "{}",
        done.stderr
    );
    assert!(
        done.stderr.contains("column 7: real") && done.stderr.contains("207 not finite")
            || done.stderr.contains("not finite")
    );
}

#[test]
fn a_goal_in_place_of_a_command() {
    let folder = Folder::new();
    folder.save("t.npy", &common::field(&[40, 50]));
    let words = "search --data t.npy --objective psnr=50 --methods predict,transform --seeds 3 --json";
    let found = folder.run(words).ok().json();
    assert_eq!(found["baseline"]["mean"], 50.0);
    assert!(found["recommendations"][0]["ratio"].as_f64().unwrap() > 2.0, "{found}");
    folder.run("search --data t.npy --objective beauty=1").refused(&["psnr", "ssim"]);
    folder.run("search --data t.npy --objective psnr").refused(&["NAME=GOAL"]);
}

#[test]
fn transfers_are_modelled() {
    let folder = Folder::new();
    folder.save("t.npy", &table(2000));
    let found = folder.run("io t.npy --rel 1e-3 --json --epochs 3").ok().json();
    assert!(
        found["ratio"].as_f64().unwrap() > 1.0
            && found["break_even_bytes_per_second"].as_f64().unwrap() > 0.0
    );
    assert_eq!(found["links"].as_array().unwrap().len(), 10);
    for name in ["rates", "loader", "checks"] {
        assert!(!found[name].is_null(), "{name}");
    }
    let text = folder.run("io t.npy --rel 1e-3 --no-check").ok().text();
    assert!(text.contains("100 Gbit/s") && !text.contains("loopback"), "{text}");
    folder.run("io t.npy").refused(&["--rel"]);
    let found = folder.run("io t.npy --rel 1e-3 --json --bandwidth 1,2").ok().json();
    let checks = found["checks"].as_array().unwrap();
    assert_eq!(checks.iter().map(|c| c["bandwidth"].as_f64().unwrap()).collect::<Vec<_>>(), [1e6, 2e6]);
    folder.run("io t.npy --rel 1e-3 --bandwidth 0").refused(&["MB/s"]);
}

/// The command that a search prints gives the ratio that it found, and all columns back, on a table with a column of counts.
#[test]
fn what_is_recommended_can_be_repeated() {
    let folder = Folder::new();
    let values: Vec<f32> = (0..600u16)
        .flat_map(|i| {
            let x = f32::from(i);
            [(x * 0.07).sin(), f32::from(i * 37 % 11), 100.0 * (x * 0.013).cos() + 0.1 * x]
        })
        .collect();
    let shape = tolzip::Shape::new(&[600, 3]).unwrap();
    let array: tolzip::AnyArray = tolzip::Array::new(values, shape).unwrap().into();
    folder.save("t.npy", &array);
    let words = "search --data t.npy --objective psnr=50 --methods predict,lossless --seeds 3 -o study";
    let text = folder.run(words).ok().text();
    let line = text.lines().find(|l| l.starts_with("at most 1 % loss")).unwrap();
    let arguments = line.split_once(" by ").unwrap().1.split_once(" (").unwrap().0;
    assert!(arguments.contains("--keep 1"), "{line}");
    let study: serde_json::Value = serde_json::from_slice(&folder.read("study/search.json")).unwrap();
    let all = study["outcome"]["recommendations"].as_array().unwrap();
    let ratio = all.iter().find(|r| r["loss"] == 0.01).unwrap()["ratio"].as_f64().unwrap();
    folder.run(&format!("compress t.npy -o t.tlz {arguments}")).ok();
    let bytes = folder.read("t.tlz").len() + folder.read("t.tlz.kept").len();
    assert_eq!(array.byte_len() as f64 / bytes as f64, ratio);
    let page = String::from_utf8(folder.read("study/report.html")).unwrap();
    assert!(page.contains(&format!("tolzip compress DATA {arguments}")), "{arguments}");
    assert!(folder.path("study/points.csv").exists() && folder.path("study/front.svg").exists());

    folder.run("decompress t.tlz --keep 1 -o back.npy").ok();
    let back = folder.array("back.npy");
    assert_eq!(back.shape(), array.shape());
    let (a, _) = tolzip_eval::columns::split(&array, &[1]);
    let (b, _) = tolzip_eval::columns::split(&back, &[1]);
    assert_eq!(a.to_le_bytes(), b.to_le_bytes());
    folder.run("decompress t.tlz --keep 1,2 -o other.npy").refused(&["1 columns"]);
    folder.run("decompress t.tlz --keep 9 -o other.npy").refused(&["columns 0 to 2"]);
    folder.run("compress t.npy -o u.tlz --rel 0.1 --keep 3").refused(&["columns 0 to 2"]);
}

/// PSNR, root mean square error and ratio as what is turned.
#[test]
fn goals_of_the_whole_are_modes_too() {
    let folder = Folder::new();
    folder.save("t.npy", &common::field(&[40, 50]));
    for (mode, kind) in [("predict psnr", "psnr"), ("predict l2", "l2"), ("transform ratio", "ratio")] {
        let words = [
            "search",
            "--data",
            "t.npy",
            "--objective",
            "psnr=50",
            "--methods",
            mode,
            "--seeds",
            "3",
            "--json",
        ];
        let found = folder.run_words(&words).ok().json();
        let points = found["points"].as_array().unwrap();
        assert!(points.len() > 5 && points.iter().all(|p| p["bound"]["kind"] == kind), "{mode}: {found}");
        assert!(found["recommendations"][0]["ratio"].as_f64().unwrap() > 2.0, "{mode}: {found}");
    }
}

//! Training tasks: the built-in ones and commands.

mod common;

use common::{Folder, table};
use std::io::Write;

#[test]
fn tasks_are_listed() {
    let folder = Folder::new();
    let all = folder.run("apps --json").ok().json();
    let digits = all.as_array().unwrap().iter().find(|a| a["id"] == "digits").unwrap();
    for name in ["summary", "data", "model", "metric", "maximize", "seconds_per_training"] {
        assert!(!digits[name].is_null(), "{name}");
    }
    for name in ["mean", "std", "seeds"] {
        assert!(digits["baseline"][name].is_number(), "{name}");
    }
    let words = folder.run("apps").ok().text();
    assert!(["digits", "(5 seeds)", "data:  ", "model: "].iter().all(|w| words.contains(w)), "{words}");
}

#[test]
fn bad_searches() {
    let folder = Folder::new();
    folder.save("t.npy", &table(50));
    folder.run("search").refused(&["--app", "--data"]);
    folder.run("search --app nonesuch").refused(&["nonesuch", "digits"]);
    folder.run("search --app digits --data t.npy").refused(&["cannot be used with"]);
    folder.run("search --data t.npy").refused(&["--run"]);
    folder.run("search --data t.npy --run true").refused(&["--metric"]);
    folder.run("search --data t.npy --run true --metric m").refused(&["--maximize"]);
    folder.run("search --app digits --loss 2").refused(&["above 0 and below 1"]);
    folder.run("search --app digits --seeds 2").refused(&["seeds"]);
    folder.run("search --app digits --methods sz3").refused(&["sz3"]);
    folder.run("search --app digits --seconds -1").refused(&["above 0"]);
    let command = |data: &str, run: &str| {
        folder.run_words(&["search", "--data", data, "--run", run, "--metric", "m", "--maximize"])
    };
    command("no.npy", "true {data}").refused(&["no.npy"]);
    command("t.npy", "true {seed}").refused(&["never sees the data", "{data}"]);
    folder.run("search --app digits --by axis=7").refused(&["axis 7", "3 dimensions"]);
    folder
        .run_words(&["search", "--app", "digits", "--methods", "predict psnrr"])
        .refused(&["psnrr", "only"]);
    folder
        .run("search --app digits --methods transform:mode=precision,precision=1")
        .refused(&["precision=1", "transform:mode=rate"]);
    folder.run("search --app digits --seeds -1").refused(&["at least 3"]);
    folder.run("report .").refused(&["no finished search"]);
}

/// A "training" that reads the file it is given and scores how many bytes it has: quality never changes.
#[cfg(unix)]
const SCRIPT: &str =
    "#!/bin/sh\nset -e\nn=$(wc -c < \"$1\")\ntest \"$n\" -gt 1000\necho \"accuracy=0.9$2\"\n";

#[cfg(unix)]
#[test]
fn a_command_as_the_task() {
    let folder = Folder::new();
    folder.save("t.npy", &table(400));
    folder.write("train.sh", SCRIPT.as_bytes());
    let run = |rest: &str| {
        let script = folder.path("train.sh").display().to_string();
        folder.run_words(
            &[
                &[
                    "search",
                    "--data",
                    "t.npy",
                    "--run",
                    &format!("sh {script} {{data}} {{seed}}"),
                    "--metric",
                    "accuracy",
                ],
                &rest.split_whitespace().collect::<Vec<_>>()[..],
            ]
            .concat(),
        )
    };
    let done = run("--maximize --methods transform,lossless --budget 60 -o study --json").ok();
    let found = done.json();
    for name in ["baseline", "trainings", "points", "front", "cliffs", "recommendations"] {
        assert!(!found[name].is_null(), "{name}");
    }
    let point = &found["points"][0];
    for name in ["method", "bound", "ratio", "quality", "loss", "fidelity", "on_front", "flags"] {
        assert!(point.get(name).is_some(), "{name}: {point}");
    }
    assert!(found["trainings"].as_u64().unwrap() <= 60);
    let best = &found["recommendations"][0];
    assert!(best["ratio"].as_f64().unwrap() > 1.0 && best["method"].is_string() && best["loss"].is_number());
    assert!(folder.path("study/report.html").exists() && folder.path("study/store.jsonl").exists());
    let report = String::from_utf8(folder.read("study/report.html")).unwrap();
    assert!(report.contains("--data t.npy --run &#39;sh ") && report.contains("{data} {seed}&#39; --metric"));

    // The same again trains nothing, and the report can be written anew.
    folder.write("train.sh", b"exit 1");
    let again = run("--maximize --methods transform,lossless --budget 60 -o study --json").ok().json();
    assert_eq!(again["recommendations"], found["recommendations"]);
    std::fs::remove_file(folder.path("study/report.html")).unwrap();
    folder.run("report study").ok();
    assert!(folder.path("study/report.html").exists());

    // A command that fails on the data as they are.
    run("--maximize --methods transform --budget 60").refused(&["training on the data as they are fails"]);
}

/// Its decompressed data may be large, and nobody else would ever remove them.
#[cfg(unix)]
#[test]
fn an_interrupted_search_removes_its_files() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    let folder = Folder::new();
    folder.save("t.npy", &table(400));
    folder.write("train.sh", b"touch started\nsleep 1\necho m=1\n");
    std::fs::create_dir(folder.path("temp")).unwrap();
    let mut search = Command::new(env!("CARGO_BIN_EXE_tolzip"))
        .args([
            "search",
            "--data",
            "t.npy",
            "--run",
            "sh train.sh {data} {seed}",
            "--metric",
            "m",
            "--maximize",
        ])
        .current_dir(folder.path(""))
        .env("TMPDIR", folder.path("temp"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    while !folder.path("started").exists() && begin.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let scratch = || std::fs::read_dir(folder.path("temp")).unwrap().count();
    assert_eq!(scratch(), 1);
    let sent = Command::new("kill").args(["-INT", &search.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(search.wait().unwrap().code(), Some(130));
    assert_eq!(scratch(), 0);
}

#[test]
fn the_demo_does_the_main_job() {
    let folder = Folder::new();
    // On a machine that is busy with other things, five seconds may not be enough for the baseline, or to recommend anything.
    let runs = [5, 60].map(|seconds| format!("demo -o out -f --seconds {seconds}"));
    let mut done = runs.iter().map(|run| folder.run(run));
    let done = done.find(|done| !done.stderr.contains("the budget ends before")).expect("a minute is enough");
    assert!(done.code == 0 || done.code == 1, "{}", done.stderr);
    let text = done.text();
    assert_eq!(text.matches(" yes").count(), 4, "{text}");
    assert!(text.contains("without compression accuracy 0.9"), "{text}");
    let report = String::from_utf8(folder.read("out/report.html")).unwrap();
    assert!(report.starts_with("<!DOCTYPE html>") || report.starts_with("<!doctype html>"));
    folder.run("verify out/potential_temperature.npy out/potential_temperature.npy.predict.tlz").ok();

    folder.write("precious", b"");
    folder.run("demo -o .").refused(&["holds other things", "-f"]);
    assert_eq!(folder.files(), ["out", "precious"]);
}

/// Runs a search of which the shell says how much it may write, and looks at what it says of that.
#[cfg(unix)]
fn with_a_full_disk(folder: &Folder, script: &str, reason: &str) {
    let program = env!("CARGO_BIN_EXE_tolzip");
    let search =
        format!("'{program}' search --app digits --methods lossless,sample --budget 60 --json -o disk/study");
    let done = std::process::Command::new("sh")
        .args(["-c", &script.replace("SEARCH", &search)])
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("trainings could not be stored") && said.contains(reason), "{said}");
    // The study went on to its end.
    let found: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(found["trainings"].as_u64().unwrap() > 40, "{said}");
    assert!(!found["front"].as_array().unwrap().is_empty(), "{said}");
}

#[cfg(unix)]
#[test]
fn a_full_disk_does_not_end_a_search() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("disk")).unwrap();
    // Files of at most 4 KiB: the writes beyond fail as on a full disk, with another number.
    with_a_full_disk(&folder, "trap '' XFSZ; ulimit -f 8; SEARCH", "File too large");

    let small = "mount -t tmpfs -o size=16k tmpfs disk";
    let probe = std::process::Command::new("unshare")
        .args(["-rm", "sh", "-c", small])
        .current_dir(folder.path(""))
        .output();
    if !probe.is_ok_and(|o| o.status.success()) {
        let note =
            "########## SKIPPED: no file system of 16 KiB can be mounted here (unshare -rm) ##########\n";
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        return;
    }
    with_a_full_disk(&folder, &format!("exec unshare -rm sh -c \"{small} && SEARCH\""), "No space left");
}

/// What a study compresses: the training features alone, validation too, or the test set as well.
#[test]
fn a_study_reaches_as_far_as_it_is_told() {
    let folder = Folder::new();
    for (flag, arrays) in [("--train-only", 1), ("--compress-test", 3)] {
        let words = format!("search --app cells --methods fast --budget 30 -o {flag} {flag}");
        assert!(folder.run(&words.replace("-o --", "-o study")).code < 2);
        let name = format!("study{}/search.json", &flag[2..]);
        let found: serde_json::Value = serde_json::from_slice(&folder.read(&name)).unwrap();
        assert_eq!(found["provenance"]["arrays"].as_array().unwrap().len(), arrays, "{flag}");
    }
    folder.run("search --app cells --train-only --compress-test").refused(&["cannot be used with"]);
    folder.save("t.npy", &table(50));
    folder.run("search --data t.npy --objective psnr=60 --compress-test").refused(&["--app"]);
    // What a task would pass over in silence.
    for words in ["--objective psnr=60", "--run x{data}", "--metric auc", "--keep none"] {
        folder.run(&format!("search --app cells {words}")).refused(&["cannot be used with", "--app"]);
    }
}

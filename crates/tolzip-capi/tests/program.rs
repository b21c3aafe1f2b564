//! A C program against the static library, built with the C compiler that is there.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The static library that cargo built along with this test.
fn library() -> PathBuf {
    // .../release/deps/program-0123 -> .../release
    let here = std::env::current_exe().expect("this program has a path");
    let folder = here.parent().and_then(Path::parent).expect("deps has a folder around it");
    let mut found: Vec<PathBuf> = [folder.to_owned(), folder.join("deps")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            name.starts_with("libtolzip_c") && name.ends_with(".a")
        })
        .collect();
    // Older builds may lie beside the latest.
    found.sort_by_key(|path| std::fs::metadata(path).and_then(|m| m.modified()).ok());
    found.pop().expect("the static library is built with the tests")
}

#[test]
fn a_c_program_compresses_decompresses_and_handles_errors() {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    // Without a compiler for the machine that this test was built for, there is nothing to build it with.
    let target = Command::new(&compiler).arg("-dumpmachine").output().map(|o| o.stdout).unwrap_or_default();
    let arch = if cfg!(target_vendor = "apple") && cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        std::env::consts::ARCH
    };
    if cfg!(not(unix)) || !target.starts_with(arch.as_bytes()) {
        // Not by `eprintln`, which is shown of tests that fail only.
        let skipped = b"SKIPPED: no C compiler for this target, the C interface was not tested from C\n";
        std::io::stderr().write_all(skipped).unwrap();
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("round_trip");
    let built = Command::new(&compiler)
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1"])
        .arg(root.join("examples/round_trip.c"))
        .arg("-I")
        .arg(root.join("include"))
        .arg(library())
        .args(["-lm", "-lpthread", "-ldl", "-o"])
        .arg(&program)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let ran = Command::new(&program).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}{err}");
    assert!(out.contains("1048576 bytes became"), "{out}");
    assert!(out.contains("checksum"), "{out}");
}

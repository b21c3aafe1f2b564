//! Runs inputs from folders through their targets, without a fuzzer: `run FOLDER...`, where each folder has a folder for each
//! target that it has inputs of (`corpus`, `seeds`, `findings`).

#![allow(clippy::print_stdout, reason = "what it is for")]

use std::fs;
use std::path::PathBuf;
use tolzip_fuzz_targets::ALL;

fn main() {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    assert!(!folders.is_empty(), "run FOLDER...");
    for (name, target) in ALL {
        let mut inputs = 0;
        for entry in folders.iter().filter_map(|folder| fs::read_dir(folder.join(name)).ok()).flatten() {
            let path = entry.expect("a readable folder").path();
            target(&fs::read(&path).expect("a readable file"));
            inputs += 1;
        }
        println!("{name}: {inputs} inputs broke no promise");
    }
}

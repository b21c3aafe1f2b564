//! The `tolzip` program: one verb per file in `verbs`.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    tolzip_cli::main()
}

//! The `tolzip` program: one verb per file in `verbs`.
#![forbid(unsafe_code)]

mod args;
mod codecs;
mod compare;
mod failure;
mod missing;
mod output;
mod record;
mod verbs;
mod zfp;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::process::ExitCode;

/// Compress arrays of numbers within an error bound, and find out how much a model that trains on them can take
#[derive(Parser, Debug)]
#[command(name = "tolzip", version, max_term_width = 110)]
#[command(
    after_help = "Try:  tolzip compress field.npy --rel 1e-3   then   tolzip verify field.npy field.npy.tlz"
)]
struct Program {
    #[command(subcommand)]
    verb: verbs::Verb,
}

/// The exit code after Ctrl-C, as shells know it: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(error) => return usage(&error),
    };
    // An interrupted program leaves nothing half done behind. Without a handler it still stops.
    let _ = ctrlc::set_handler(|| {
        tolzip_io::remove_unfinished();
        std::process::exit(INTERRUPTED);
    });
    match program.verb.run() {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            output::note(&format!("tolzip: {}", failure.message()));
            ExitCode::from(2)
        }
    }
}

/// Prints what clap has to say, and the way out where it can't know it.
fn usage(error: &clap::Error) -> ExitCode {
    // A reader that went away is no reason to panic.
    let _ = error.print();
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg)
        && let Some(hint) = args::bound::instead_of(flag)
    {
        output::note(&format!("\n{hint}"));
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Program::command().debug_assert();
    }

    #[test]
    fn every_verb_ends_its_help_with_an_example() {
        for verb in Program::command().get_subcommands().filter(|c| c.get_name() != "help") {
            let after = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.contains("Example"), "{}", verb.get_name());
            assert!(after.contains(&format!("tolzip {}", verb.get_name())), "{}", verb.get_name());
        }
    }
}

//! The `tolzip` program, as a library of its one function [`main`] so that its parsers can be tested by what is not the
//! program: the fuzz target of its arguments.
#![forbid(unsafe_code)]

mod args;
mod codecs;
mod compare;
mod exact;
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

/// Runs the program on the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
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

/// Reads a line of arguments, and each of them as everything that an argument can be, without running anything: whether the
/// program would run.
#[doc(hidden)]
pub fn understands(line: &str) -> bool {
    for text in line.split_whitespace() {
        let _ = args::scope::scope(text);
        if let Ok(methods) = args::methods::parse_list(text) {
            for asked in methods {
                // What a method prints as is itself.
                let printed = asked.method.to_string();
                assert_eq!(printed.parse(), Ok(asked.method), "{text} prints as {printed}");
            }
        }
        let shape = args::input::shape(text);
        let shape = shape.unwrap_or_else(|_| tolzip::Shape::line(7));
        if let Ok(ranges) = text.parse::<args::region::Region>().map(|r| r.resolve(shape)) {
            for (range, &side) in ranges.iter().flatten().zip(shape.sides()) {
                assert!(range.start <= range.end && range.end <= side);
            }
        }
    }
    Program::try_parse_from(std::iter::once("tolzip").chain(line.split_whitespace())).is_ok()
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

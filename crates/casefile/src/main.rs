//! The binary: arguments, files, progress and exit codes around the one function `investigate`.
//!
//! This is the only crate that touches paths, standard streams and the machine; it must never know a rule of inference.
//! What breaks it is the operator's mistake (exit 2), never the content of an input: a fault of the program itself is
//! told in one line and ends with exit 1, not with a crash.
// The laws against files, clock and environment are for what lies below this crate.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod account;
mod args;
mod bundle;
mod config;
mod earlier;
mod explaining;
mod linting;
mod looks;
mod names;
mod output;
mod pages;
mod parsing;
mod patterns;
mod progress;
mod redacting;
mod reporting;
mod repository;
mod sealing;
#[cfg(feature = "server")]
mod serving;
mod settings;
mod survey;
mod targets;
mod templates;
mod verifying;
mod walk;

use std::io::{self, Write};
use std::panic;
use std::process::ExitCode;

use clap::Parser;

/// How a command ended, when it was not the operator's mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The negative result that the contract of the command names.
    Negative,
}

fn main() -> ExitCode {
    let command = args::Arguments::parse().command;
    pages::ask(command.inputs());
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(|| match command {
        args::Command::Report(options) => reporting::run(&options),
        args::Command::Parse(options) => parsing::run(&options),
        args::Command::Patterns(options) => patterns::run(&options),
        args::Command::ExplainFormat(options) => explaining::run(&options),
        args::Command::Verify(options) => verifying::run(&options),
        args::Command::Lint(options) => linting::run(&options),
        args::Command::Redact(options) => redacting::run(&options),
        args::Command::Template(options) => templates::run(&options),
        #[cfg(feature = "server")]
        args::Command::Serve(options) => serving::run(&options),
        args::Command::Keygen(options) => sealing::keygen(&options),
        args::Command::Disclose(options) => sealing::disclose(&options),
    });
    match result {
        Ok(Ok(Outcome::Done)) => ExitCode::SUCCESS,
        Ok(Ok(Outcome::Negative)) => ExitCode::from(1),
        Ok(Err(error)) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            say(&format!("error: {error:#}"));
            ExitCode::from(2)
        }
        Err(fault) => {
            say(&format!(
                "error: casefile met a fault of its own ({}); no output was written; please report it",
                text_of(&*fault)
            ));
            ExitCode::from(1)
        }
    }
}

/// A line on standard error; that nobody reads it is no fault. Names and words of an input may stand in it.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", output::shown(line));
}

fn text_of(fault: &(dyn std::any::Any + Send)) -> String {
    fault
        .downcast_ref::<&str>()
        .map(|s| s.to_string())
        .or_else(|| fault.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_string())
}

//! What the repository does to itself: `cargo xtask tidy`, `cargo xtask score`, `cargo xtask cases`,
//! `cargo xtask catalogue`, `cargo xtask bless`, `cargo xtask corpus`, `cargo speed`.
//!
//! Must never be needed to build or to use Casefile. It breaks outside of a checkout.
// Files, processes and standard output are what this program is about.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout, clippy::print_stderr)]

mod bless;
mod cases;
mod catalogue;
mod corpus;
mod score;
mod sources;
mod speed;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "cargo xtask tidy
    checks what the compiler does not: arrows between crates, headers, sizes, samples, paths of a machine
cargo xtask cases unpack DIR | cases pack DIR
    lays the inputs of cases/ out as plain folders below DIR, or packs DIR/NAME/input into cases/NAME
cargo xtask score --bin PATH [--cases DIR] [--scorer PATH]
    runs PATH on the cases and verifies its reports; with a scorer (or CASEFILE_SCORER) a Python program grades them
cargo xtask catalogue
    writes the page of all log formats (docs/catalogue/formats.md) anew
cargo xtask bless
    writes what is expected of the cases (cases/NAME/expected.md) anew; read the diff before you commit it
cargo xtask corpus --kind json|mixed-json|logfmt|access|plain --mb N --out FILE
    writes an invented log of so many million bytes, always the same one, to measure with
cargo speed [--check | --record]
    how many times as long as a plain loop reading takes: prints it, compares it with benches/ratios.toml, or writes that";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// True when everything is as it should be.
fn run(arguments: &[String]) -> Result<bool> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => tidy::run(&root()?),
        ["cases", "unpack", to] => cases::unpack(&root()?.join("cases"), Path::new(to)),
        ["cases", "pack", from] => cases::pack(Path::new(from), &root()?.join("cases")),
        ["catalogue"] => catalogue::write(&root()?),
        ["bless"] => bless::run(&root()?),
        ["corpus", options @ ..] => corpus::run(options),
        ["speed", options @ ..] => speed::run(&root()?, options),
        ["score", options @ ..] => score::run(&root()?, options),
        _ => bail!("unknown task; these are known:\n{USAGE}"),
    }
}

/// The folder of the workspace.
fn root() -> Result<PathBuf> {
    match Path::new(env!("CARGO_MANIFEST_DIR")).parent() {
        Some(root) if root.join("Cargo.toml").is_file() => Ok(root.to_path_buf()),
        _ => bail!("the workspace is not where it was when this was built; run it with cargo"),
    }
}

//! Runs the program as a user does. Must never look at anything but its streams, its files and its exit code.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::cases;

/// How it ended.
pub struct Run {
    pub code: Option<i32>,
    pub out: Vec<u8>,
    pub err: String,
}

impl Run {
    pub fn text(&self) -> String {
        String::from_utf8(self.out.clone()).expect("output is UTF-8")
    }

    /// Ended as the contract allows: 0, 1 with a message or 2 with a message; never by a fault of its own.
    pub fn is_orderly(&self) -> bool {
        let told = !self.err.trim().is_empty() || !self.out.is_empty();
        matches!(self.code, Some(0 | 1 | 2)) && !self.err.contains("fault of its own") && (self.code == Some(0) || told)
    }
}

/// A folder with these files.
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let files = files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect();
    cases::lay_out(&files, dir.path());
    dir
}

/// A command line in a folder, with nothing on standard input.
pub fn casefile(folder: &Path, words: &[&str]) -> Run {
    let mut command = command(folder, words);
    finished(command.stdin(Stdio::null()))
}

/// The same with the bytes of a file on standard input.
pub fn casefile_with(folder: &Path, words: &[&str], stdin: &Path) -> Run {
    let mut command = command(folder, words);
    finished(command.stdin(Stdio::from(std::fs::File::open(stdin).unwrap())))
}

pub fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casefile"));
    command.args(words).current_dir(folder);
    command
}

pub fn finished(command: &mut Command) -> Run {
    let output = command.output().expect("the program starts");
    Run { code: output.status.code(), out: output.stdout, err: String::from_utf8_lossy(&output.stderr).into_owned() }
}

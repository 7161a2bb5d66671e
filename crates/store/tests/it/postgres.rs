//! A PostgreSQL of the tests' own, which can be taken away and brought back. The tests of the server use this file, too.
//!
//! It goes when the process that started it has ended. Must never pass without having run: what is missing is a failure,
//! unless CASEFILE_NO_POSTGRES says that there shall be none.
// Each of the two uses a part of it.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// It ends when its standard input does, at the latest with this process.
pub struct Postgres {
    child: Child,
    said: BufReader<ChildStdout>,
    /// The folder with its socket.
    folder: String,
}

impl Postgres {
    /// None where none is wanted.
    pub fn start() -> Option<Postgres> {
        if std::env::var_os("CASEFILE_NO_POSTGRES").is_some() {
            eprintln!("NOT RUN on PostgreSQL, as CASEFILE_NO_POSTGRES is set");
            return None;
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../store/tests/postgres");
        let mut child = Command::new(script)
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/postgres runs");
        let said = BufReader::new(child.stdout.take().expect("is piped"));
        let mut postgres = Postgres { child, said, folder: String::new() };
        postgres.folder = postgres.line();
        assert!(!postgres.folder.is_empty(), "PostgreSQL cannot be had; CASEFILE_NO_POSTGRES=1 leaves it out");
        Some(postgres)
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder)
    }

    /// Ends it as a crash would: connections break, nothing is rolled back before the next start.
    pub fn crash(&mut self) {
        self.told("crash", "down");
    }

    /// Starts it again; it answers when this returns.
    pub fn rise(&mut self) {
        self.told("rise", "up");
    }

    fn told(&mut self, word: &str, answer: &str) {
        let input = self.child.stdin.as_mut().expect("is piped");
        writeln!(input, "{word}").expect("tests/postgres listens");
        assert_eq!(self.line(), answer);
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("tests/postgres speaks");
        line.trim().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

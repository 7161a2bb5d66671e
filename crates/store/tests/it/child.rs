//! This binary again, as a process that may die, run out of space or lose its right to write.
//!
//! What it was told is acknowledged it writes down, a line each, before it goes on; its parent reads the lines when it is dead.

use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use store::Location;

use crate::engines::run;
use crate::{bad_days, dying};

const TASK: &str = "CASEFILE_STORE_TASK";
const FOLDER: &str = "CASEFILE_STORE_FOLDER";
const POSTGRES: &str = "CASEFILE_STORE_POSTGRES";
const ABORT_AT: &str = "CASEFILE_STORE_ABORT_AT";
const LINES: &str = "CASEFILE_STORE_LINES";

/// What a child was told; each line is in the file when `say` returns.
#[derive(Clone)]
pub struct Lines(Arc<Mutex<File>>);

impl Lines {
    pub fn say(&self, line: impl Display) {
        self.0.lock().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

/// A child that does `task`, not yet started; `wrap` is a shell's text in which `"$@"` runs it.
pub fn child(task: &str, location: &Location, lines: &Path, wrap: Option<&str>) -> Command {
    let program = std::env::current_exe().unwrap();
    let mut command = match wrap {
        Some(wrap) => {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(wrap).arg("sh").arg(program);
            shell
        }
        None => Command::new(program),
    };
    command.args(["child::does_what_its_parent_says", "--exact", "--ignored", "--nocapture"]);
    command.env(TASK, task).env(FOLDER, &location.folder).env(LINES, lines);
    if let Some(url) = &location.postgres {
        command.env(POSTGRES, url);
    }
    if let Some(number) = location.abort_at {
        command.env(ABORT_AT, number.to_string());
    }
    command
}

/// Ran to the end, or says what its parent has to know.
pub fn succeeds(command: &mut Command) {
    let ran = command.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
}

#[test]
#[ignore = "the child of other tests; does nothing by itself"]
fn does_what_its_parent_says() {
    let text = |name: &str| std::env::var(name).ok();
    let Some(task) = text(TASK) else { return };
    let location = Location {
        folder: PathBuf::from(text(FOLDER).unwrap()),
        postgres: text(POSTGRES),
        abort_at: text(ABORT_AT).map(|n| n.parse().unwrap()),
    };
    let file = OpenOptions::new().create(true).append(true).open(text(LINES).unwrap()).unwrap();
    let lines = Lines(Arc::new(Mutex::new(file)));
    run(async {
        match task.as_str() {
            "script" => dying::script(&location, &lines).await,
            "storm" => dying::storm(&location, &lines).await,
            "limited" => bad_days::limited(&location, &lines).await,
            "small" => bad_days::small(&location, &lines).await,
            "forbidden" => bad_days::forbidden(&location, &lines).await,
            "descriptors" => bad_days::descriptors(&location, &lines).await,
            other => panic!("no task {other}"),
        }
    });
}

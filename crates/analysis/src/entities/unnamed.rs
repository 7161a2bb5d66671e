//! A name for the service of the only log here that tells nobody's.
//!
//! What it sees: logs whose records and whose files name no service (`app.log`, `server-2025-03-01.log`). Why it matters: one
//! log is what most people try first, and what it counts must not hang on what its file is called. When it misleads: two
//! such logs may be of one service or of two, and a machine's log is of none; neither gets a name.

use evidence::SourceId;

use super::files::{GENERIC, from_file_name, is_document};
use crate::digest::Digest;

/// Logs of a machine, not of a service.
const MACHINES: [&str; 8] = ["dmesg", "kern", "kernel", "syslog", "messages", "message", "journal", "journald"];
/// One record of so many may name somebody by chance.
const BY_CHANCE: u64 = 20;

/// The sources of the log and how its service is called, where no other log here has a service.
pub fn alone(digests: &[Digest], has_name: impl Fn(SourceId) -> bool) -> Option<(Vec<SourceId>, String)> {
    let logs: Vec<&Digest> = digests.iter().filter(|d| d.records > d.quotes).collect();
    if logs.iter().any(|d| has_name(d.source)) {
        return None;
    }
    let dated: Vec<&Digest> = logs.into_iter().filter(|d| d.stamped * 2 > d.records).collect();
    let first = dated.first()?;
    let is_bare = |d: &&Digest| is_general(&d.name) && d.services.values().sum::<u64>() * BY_CHANCE <= d.records;
    let is_one = dated.iter().all(|d| stem(&d.name) == stem(&first.name)) && dated.iter().all(is_bare);
    is_one.then(|| (dated.iter().map(|d| d.source).collect(), called(&first.name)))
}

/// A log by its name, which tells neither a service nor a machine.
fn is_general(path: &str) -> bool {
    let file = file(path);
    !is_document(file) && from_file_name(path).is_none() && !words(file).any(|word| MACHINES.contains(&word.as_str()))
}

/// As a reader knows it, whatever it is.
fn called(path: &str) -> String {
    match file(path) {
        "" | "stdin" => "the service that wrote this log".to_string(),
        file => format!("the service that wrote {file}"),
    }
}

/// The same for all files into which a log was rotated.
fn stem(path: &str) -> (String, Vec<String>) {
    let path = path.replace('!', "/");
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
    let packed = |word: &String| matches!(word.as_str(), "gz" | "zst" | "bz2" | "xz");
    (folder.to_string(), words(file).filter(|word| GENERIC.contains(&word.as_str()) && !packed(word)).collect())
}

fn words(file: &str) -> impl Iterator<Item = String> {
    let lower = file.to_lowercase();
    let words: Vec<String> = lower.split(|c: char| !c.is_alphanumeric()).map(str::to_string).collect();
    words.into_iter().filter(|word| !word.is_empty())
}

fn file(path: &str) -> &str {
    path.rsplit(['/', '!']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_general_name_is_called_by_its_file_and_one_of_a_machine_is_not() {
        for path in ["app.log", "server-2025-03-01.log", "logs/error.log.gz", "stdin", "pasted.txt"] {
            assert!(is_general(path), "{path}");
        }
        for path in ["basket.log", "basket/app.log", "kern.log", "syslog.1", "messages", "slack-export.json", "page.eml"] {
            assert!(!is_general(path), "{path}");
        }
        assert_eq!(called("bundle.zip!logs/app.log"), "the service that wrote app.log");
        assert_eq!(called("stdin"), "the service that wrote this log");
    }

    #[test]
    fn rotated_parts_are_one_log_and_other_logs_are_not() {
        assert_eq!(stem("logs/app.log"), stem("logs/app.log.1"));
        assert_eq!(stem("logs/app.log"), stem("logs/app-2025-03-01.log.gz"));
        assert_ne!(stem("logs/app.log"), stem("logs/error.log"));
        assert_ne!(stem("one/app.log"), stem("two/app.log"));
    }
}

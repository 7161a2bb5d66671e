//! Formats of a user that want to be too much, and lines that want to be too much for a format. Every pattern is run in
//! linear time and has a limit of size; what does not keep it is told with its file and line before anything is read.
//!
//! Must never test what a format reads.

use std::fs;
use std::time::{Duration, Instant};

use evidence::{RecordRef, SourceId};
use intake::formats::Formats;

use crate::hostile_input::{PATIENCE, in_time, log, orderly};

/// The definition of a format with that pattern; its own line stands where it is said.
fn definition(pattern: &str, line: &str) -> String {
    format!("title = \"mine\"\nabout = \"a test\"\npattern = '{pattern}'\n\n[[samples]]\nline = '{line}'\n")
}

/// How the program ends with that file in its folder of formats.
fn with(text: &str) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("formats")).unwrap();
    fs::write(dir.path().join("formats/mine.toml"), text).unwrap();
    fs::write(dir.path().join("a.log"), log()).unwrap();
    let begin = Instant::now();
    let runs = ["report", "parse"].map(|command| orderly(dir.path(), &[command, "a.log", "--formats", "formats"]));
    in_time(begin, 1 << 20);
    assert_eq!((runs[0].code, &runs[0].err), (runs[1].code, &runs[1].err));
    (runs[0].code, runs[0].err.clone())
}

#[test]
fn b9_a_pattern_that_is_too_large_is_an_error_with_its_place() {
    let words: String = (0..60_000).map(|i| format!("word{i}x{}|", i * 7)).collect();
    for pattern in [
        "a{1000}{1000}".into(),
        "((a{100}){100}){100}".into(),
        format!("(?<message>{words}z)"),
        "(".repeat(5_000) + &")".repeat(5_000),
    ] {
        let (code, said) = with(&definition(&pattern, "aaa"));
        assert_eq!(code, Some(2), "{}: {said}", &pattern[..12]);
        assert!(said.contains("mine.toml, line 3"), "{}: {said}", &pattern[..12]);
        assert!(said.len() < 2_000, "the pattern is not repeated: {} bytes", said.len());
    }
}

#[test]
fn b9_a_pattern_that_others_take_forever_for_takes_its_line_once() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("formats")).unwrap();
    let pattern = "(?<time>%iso%) (?<message>(a+)+(a|aa)+(.*)*b)$";
    fs::write(dir.path().join("formats/mine.toml"), definition(pattern, "2024-02-07T09:00:00Z aaab")).unwrap();
    let line = |end: char| format!("2024-02-07T09:00:00Z {}{end}\n", "a".repeat(60_000));
    let text = [line('b'), line('c')].concat().repeat(8);
    fs::write(dir.path().join("a.log"), &text).unwrap();
    let begin = Instant::now();
    for command in ["report", "parse"] {
        let run = orderly(dir.path(), &[command, "a.log", "--formats", "formats"]);
        assert_eq!(run.code, Some(0), "{}", run.err);
    }
    in_time(begin, 2 * text.len());
}

/// 100 ms for a line of 1 MB. A build without optimisation tries some of the formats and a sixteenth of the line.
#[test]
fn b9_no_line_is_too_much_for_any_format() {
    let (step, size) = if cfg!(debug_assertions) { (24, 64 << 10) } else { (1, 1 << 20) };
    let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 0, line: 1, last_line: 1 };
    let formats = Formats::load();
    for format in formats.all().iter().step_by(step) {
        let Some(sample) = format.samples().first().and_then(|s| s.line.lines().next()) else { continue };
        // It begins as a record does, so that it is looked at, and goes on with what may be meant by many parts of it.
        for more in ["a", " a=b", "[1] ", "\"\\", "1.2:3 ", "2024-02-07T09:00:00Z ", "{\"a\":"] {
            let line = format!("{sample}{}", more.repeat(size / more.len()));
            formats.parse(format, sample, place);
            let begin = Instant::now();
            let record = formats.parse(format, &line, place);
            let took = begin.elapsed();
            let allowed = Duration::from_millis(100) * PATIENCE;
            assert!(took < allowed, "{} took {took:?} for {more:?} ({} as {})", format.id(), line.len(), record.format);
        }
    }
}

#[test]
fn b10_a_definition_of_any_depth_is_an_error_with_its_place() {
    let lists = format!("title = {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let tables = format!("title = {}1{}\n", "{ a = ".repeat(100_000), " }".repeat(100_000));
    let names = format!("[{}a]\n", "a.".repeat(100_000));
    for text in [lists, tables, names] {
        let (code, said) = with(&text);
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("mine.toml, line 1") && said.len() < 2_000,
            "{} bytes: {}",
            said.len(),
            &said[..said.len().min(300)]
        );
    }
}

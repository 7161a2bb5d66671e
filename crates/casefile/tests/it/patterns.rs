//! `casefile patterns` as a user meets it: the contract of the command line, line by line.
//!
//! Must never test which messages are one pattern; that is `analysis`'s. What is asked of ids and counts is that they are
//! those of `casefile parse`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Run, casefile, casefile_with, command, finished, folder};

fn objects(run: &Run) -> Vec<Value> {
    assert_eq!(run.code, Some(0), "{}", run.err);
    run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn patterns(dir: &Path, words: &[&str]) -> Vec<Value> {
    objects(&casefile(dir, &[&["patterns"], words].concat()))
}

/// One member of every pattern.
fn all<'p>(patterns: &'p [Value], key: &str) -> Vec<&'p Value> {
    patterns.iter().map(|pattern| &pattern[key]).collect()
}

/// How `parse` counts them.
fn counted(dir: &Path, words: &[&str]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for record in objects(&casefile(dir, &[&["parse"], words].concat())) {
        *counts.entry(record["pattern"].as_str().unwrap().to_string()).or_default() += 1;
    }
    counts
}

fn counts(patterns: &[Value]) -> BTreeMap<String, u64> {
    patterns.iter().map(|p| (p["pattern"].as_str().unwrap().to_string(), p["count"].as_u64().unwrap())).collect()
}

const APP: &str = "\
2024-02-07T09:00:25Z ERROR connection to 10.0.0.7 timed out after 30 ms
2024-02-07T09:00:26Z WARN connection to 10.0.0.9 timed out after 31 ms
2024-02-07T09:14:02Z ERROR connection to 10.0.0.8 timed out after 32 ms
2024-02-07T09:01:00Z INFO session closed
";

const SYSLOG: &str = "\
Feb  7 09:00:20 web-1 checkout[812]: connection to 10.0.0.7 timed out after 30 ms
Feb  7 09:00:27 web-1 sshd[9]: session closed
Feb  7 09:00:28 web-1 sshd[9]: bye
";

/// A second of every minute, from one minute past nine on.
fn minutes(range: std::ops::Range<u32>, message: &str) -> String {
    range.map(|n| format!("2024-02-07T{:02}:{:02}:00Z INFO {message}\n", 9 + n / 60, n % 60)).collect()
}

#[test]
fn a_pattern_is_the_object_that_the_contract_describes() {
    let dir = folder(&[("app.log", APP)]);
    let found = patterns(dir.path(), &["app.log", "--format", "ndjson"]);
    assert_eq!(
        found[0],
        json!({
            "pattern": "p1", "template": "connection to <*> timed out after <*> ms", "count": 3,
            "first": "2024-02-07T09:00:25Z", "last": "2024-02-07T09:14:02Z",
            "levels": {"warn": 1, "error": 2}, "services": [], "example": {"source": "app.log", "line": 1},
            "variables": [
                {"position": 1, "type": "ip", "distinct": 3, "min": null, "max": null, "unit": null,
                    "sample": ["10.0.0.7", "10.0.0.9", "10.0.0.8"]},
                {"position": 2, "type": "duration", "distinct": 3, "min": 30, "max": 32, "unit": "ms",
                    "sample": ["31", "32", "30"]},
            ]
        })
    );
    assert_eq!(all(&found, "count"), [3, 1]);
}

#[test]
fn ids_and_counts_are_those_of_parse_on_the_same_input() {
    let dir = folder(&[("in/app.log", APP), ("in/syslog", SYSLOG)]);
    let found = patterns(dir.path(), &["in"]);
    assert_eq!(counts(&found), counted(dir.path(), &["in"]));
    assert_eq!(counts(&found).values().sum::<u64>(), 7);
    let scope = ["in", "--from", "2024-02-07T09:00:26Z", "--to", "2024-02-07T09:10:00Z", "--service", "sshd"];
    assert_eq!(counts(&patterns(dir.path(), &scope)), counted(dir.path(), &scope));
}

/// Letters that no other number has, and no digit.
fn letters(mut number: u32) -> String {
    let mut out = String::new();
    while number > 0 {
        out.push(char::from(b'g' + (number % 16) as u8));
        number /= 16;
    }
    out
}

#[test]
fn what_is_beyond_the_kinds_that_are_told_apart_is_counted_and_said() {
    // One source has more kinds than are told apart; one of those beyond is known by another source.
    let many: String = (1..50_011).map(|n| format!("2024-02-07T09:00:00Z INFO {}\n", letters(n))).collect();
    let dir = folder(&[("in/a.log", &many), ("in/b.log", &format!("2024-02-07T09:00:00Z INFO {}\n", letters(50_005)))]);
    let run = casefile(dir.path(), &["patterns", "in"]);
    let found = counts(&objects(&run));
    assert_eq!(found.values().sum::<u64>(), 50_002);
    assert!(run.err.contains("9 records have no pattern: there are too many kinds of message"), "{}", run.err);
    // The larger source has more than one piece.
    assert!(run.text() == casefile(dir.path(), &["patterns", "in", "--threads", "1"]).text());
    let parsed = casefile(dir.path(), &["parse", "in"]);
    assert_eq!(parsed.text().lines().filter(|line| line.contains("\"pattern\":null")).count(), 9);
}

#[test]
fn services_and_the_first_by_place_come_from_all_sources() {
    let dir = folder(&[("in/a/syslog", SYSLOG), ("in/b.log", "2024-02-07T08:00:00Z INFO session closed\n")]);
    let found = patterns(dir.path(), &["in"]);
    let closed = found.iter().find(|p| p["template"] == "session closed").unwrap();
    assert_eq!(closed["services"], json!(["sshd"]));
    assert_eq!(closed["example"], json!({"source": "a/syslog", "line": 2}));
    assert_eq!((&closed["first"], &closed["last"]), (&json!("2024-02-07T08:00:00Z"), &json!("2024-02-07T09:00:27Z")));
}

#[test]
fn without_times_there_is_no_first_and_no_last() {
    let dir = folder(&[("notes.txt", "it broke again\nit broke again\n")]);
    let found = patterns(dir.path(), &["notes.txt"]);
    assert_eq!((&found[0]["first"], &found[0]["last"], &found[0]["levels"]), (&Value::Null, &Value::Null, &json!({})));
}

#[test]
fn the_number_of_threads_does_not_show() {
    let texts: Vec<String> =
        (0..9).map(|n| minutes(n..n + 40, &format!("job {n} of kind {}", ["a", "b", "c"][n as usize % 3]))).collect();
    let names: Vec<String> = (0..9).map(|n| format!("in/{n}.log")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    let dir = folder(&files);
    for format in ["ndjson", "table"] {
        let run = |threads| casefile(dir.path(), &["patterns", "in", "--format", format, "--threads", threads]).text();
        assert_eq!(run("1"), run("8"));
    }
}

#[test]
fn patterns_come_in_the_order_that_is_asked_for() {
    let text =
        [minutes(0..5, "early"), minutes(2..3, "once"), minutes(20..23, "late"), minutes(8..9, "burst").repeat(2)].concat();
    let dir = folder(&[("app.log", &format!("{text}2024-02-07T09:08:01Z INFO burst\n"))]);
    let order = |by: &str| {
        let found = patterns(dir.path(), &["app.log", "--sort", by]);
        all(&found, "template").into_iter().map(|t| t.as_str().unwrap().to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order("count"), "early burst late once");
    assert_eq!(order("first"), "early once burst late");
    assert_eq!(order("last"), "late burst early once");
    assert_eq!(order("rate"), "burst late early once");
    assert_eq!(order("new"), "late burst once early");
}

#[test]
fn level_text_and_number_narrow_the_patterns_and_not_their_counts() {
    let dir = folder(&[("app.log", APP)]);
    let found = |words: &[&str]| counts(&patterns(dir.path(), &[&["app.log"], words].concat()));
    assert_eq!(found(&["--level", "warn"]), BTreeMap::from([("p1".to_string(), 3)]));
    assert_eq!(found(&["--level", "info", "--level", "fatal"]), BTreeMap::from([("p2".to_string(), 1)]));
    assert_eq!(found(&["--contains", "Session"]), BTreeMap::from([("p2".to_string(), 1)]));
    let run = casefile(dir.path(), &["patterns", "app.log", "--limit", "1"]);
    assert_eq!((counts(&objects(&run)).len(), run.err.contains("left out by --limit: 1 pattern")), (1, true), "{}", run.err);
}

#[test]
fn what_documents_tell_has_no_pattern_and_is_said() {
    let chat = r#"[{"type":"message","user":"U1","text":"checkout is down","ts":"1707296425.000000"}]"#;
    let dir = folder(&[("in/chat.json", chat), ("in/app.log", APP)]);
    let run = casefile(dir.path(), &["patterns", "in"]);
    assert_eq!(counts(&objects(&run)).values().sum::<u64>(), 4);
    assert!(run.err.contains("without a pattern: 1 element of documents"), "{}", run.err);
}

/// What changed and by which numbers, pattern by pattern.
fn changes(found: &[Value]) -> BTreeMap<&str, (&str, u64, u64)> {
    let change = |p: &'_ Value| (p["count"].as_u64().unwrap(), p["baseline"]["count"].as_u64().unwrap());
    found
        .iter()
        .map(|p| {
            let (here, there) = change(p);
            (p["template"].as_str().unwrap(), (p["baseline"]["change"].as_str().unwrap(), here, there))
        })
        .collect()
}

const WANTED: [(&str, (&str, u64, u64)); 5] = [
    ("appeared", ("new", 3, 0)),
    ("fell off", ("fewer", 4, 59)),
    ("rose", ("more", 59, 4)),
    ("steady", ("same", 60, 60)),
    ("vanished", ("gone", 0, 3)),
];

fn before() -> String {
    [minutes(0..60, "steady"), minutes(0..4, "rose"), minutes(0..59, "fell off"), minutes(5..8, "vanished")].concat()
}

fn after() -> String {
    [minutes(60..120, "steady"), minutes(60..119, "rose"), minutes(60..64, "fell off"), minutes(65..68, "appeared")].concat()
}

#[test]
fn an_input_is_compared_with_another() {
    let dir = folder(&[("today/app.log", &after()), ("yesterday/app.log", &before())]);
    let found = patterns(dir.path(), &["today", "--baseline", "yesterday"]);
    assert_eq!(changes(&found), BTreeMap::from(WANTED));
    let gone = found.iter().find(|p| p["template"] == "vanished").unwrap();
    assert_eq!((&gone["first"], &gone["example"]), (&Value::Null, &Value::Null));
    assert_eq!(gone["baseline"]["example"], json!({"source": "app.log", "line": 124}));
}

#[test]
fn a_stretch_of_time_is_compared_with_another_of_the_same_input() {
    let dir = folder(&[("app.log", &[before(), after()].concat())]);
    let found = patterns(dir.path(), &["app.log", "--baseline-to", "2024-02-07T10:00:00Z"]);
    assert_eq!(changes(&found), BTreeMap::from(WANTED));
    assert_eq!(found[0]["baseline"]["exposure_unit"], "seconds");
    assert_eq!((&found[0]["baseline"]["exposure"], &found[0]["baseline"]["exposure_here"]), (&json!(3600), &json!(3541)));
    let sum = |key: fn(&Value) -> &Value| found.iter().map(|p| key(p).as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum(|p| &p["count"]) + sum(|p| &p["baseline"]["count"]), counted(dir.path(), &["app.log"]).values().sum::<u64>());
}

#[test]
fn the_statistics_behind_a_change_are_told() {
    let dir = folder(&[("a.log", &minutes(0..30, "x")), ("b.log", &minutes(0..10, "x"))]);
    let found = patterns(dir.path(), &["a.log", "--baseline", "b.log", "--exposure", "records"]);
    let told = &found[0]["baseline"];
    assert_eq!((&told["exposure"], &told["exposure_here"], &told["exposure_unit"]), (&json!(10), &json!(30), &json!("records")));
    assert_eq!((&told["change"], &told["g2"], &told["p"], &told["q"]), (&json!("same"), &json!(0.0), &json!(1.0), &json!(1.0)));
    let keys: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(["ratio", "p_bonferroni", "first", "last", "levels", "services"].iter().all(|key| keys.contains(key)), "{keys:?}");
}

#[test]
fn ids_of_a_comparison_mean_the_same_on_both_sides() {
    let dir = folder(&[("today.log", &after()), ("yesterday.log", &before())]);
    let found = patterns(dir.path(), &["today.log", "--baseline", "yesterday.log"]);
    let of_both = counted(dir.path(), &["today.log", "yesterday.log"]);
    let both = |p: &Value| p["count"].as_u64().unwrap() + p["baseline"]["count"].as_u64().unwrap();
    assert_eq!(found.iter().map(|p| (p["pattern"].as_str().unwrap().to_string(), both(p))).collect::<BTreeMap<_, _>>(), of_both);
}

#[test]
fn an_input_that_is_its_own_baseline_has_not_changed() {
    let dir = folder(&[("app.log", APP)]);
    let found = patterns(dir.path(), &["app.log", "--baseline", "app.log"]);
    assert!(changes(&found).values().all(|(change, here, there)| *change == "same" && here == there), "{found:#?}");
}

#[test]
fn a_table_shows_what_the_lines_say() {
    let dir = folder(&[("app.log", &[before(), after()].concat())]);
    let table = casefile(dir.path(), &["patterns", "app.log", "--format", "table"]).text();
    let rows: Vec<&str> = table.lines().collect();
    assert!(rows[0].starts_with("pattern  count  share  over time") && rows[0].ends_with("template"), "{table}");
    assert!(
        rows[1].starts_with("p1         120  47.6%  █▇█") && rows[1].ends_with("09:00:00  10:59:00  info    steady"),
        "{table}"
    );
    assert_eq!(rows[6], "5 of 5 patterns, 252 of 252 records; 2024-02-07 09:00:00 to 2024-02-07 10:59:00 UTC");
    let words = ["patterns", "app.log", "--format", "table", "--baseline-to", "2024-02-07T10:00:00Z"];
    let table = casefile(dir.path(), &words).text();
    assert!(table.lines().nth(1).is_some_and(|row| row.contains("more") || row.contains("fewer")), "{table}");
    assert!(table.contains("of 3,541 s here and 3,600 s there"), "{table}");
}

#[test]
fn nothing_of_an_input_steers_a_terminal() {
    let hostile = "2024-02-07T09:00:00Z ERROR \x1b]0;owned\x07 \x1b[2J\u{202e}fel\u{9b}31m \u{200b}x\r y\x08z\n".repeat(3);
    let dir = folder(&[("in/a\u{202e}\x1b[31m.log", &hostile), ("in/b.log", &minutes(0..9, "x"))]);
    for words in
        [&["--format", "table"][..], &["--format", "ndjson"], &["--format", "table", "--baseline-to", "2024-02-07T09:04:00Z"]]
    {
        let run = casefile(dir.path(), &[&["patterns", "in"], words].concat());
        assert_eq!(run.code, Some(0), "{}", run.err);
        let shown = run.text() + &run.err;
        assert!(!shown.chars().any(|c| c != '\n' && (c.is_control() || matches!(c, '\u{200b}' | '\u{202e}'))), "{shown:?}");
    }
}

#[test]
fn standard_input_and_a_file_for_the_output_are_as_everywhere() {
    let dir = folder(&[("x", APP)]);
    let run = casefile_with(dir.path(), &["patterns", "-", "--out", "patterns.ndjson"], &dir.path().join("x"));
    assert_eq!((run.code, run.out.len()), (Some(0), 0), "{}", run.err);
    let text = fs::read_to_string(dir.path().join("patterns.ndjson")).unwrap();
    assert_eq!((text.lines().count(), text.contains("\"source\":\"stdin\"")), (2, true));
}

#[test]
fn without_a_record_the_status_is_1_and_what_was_skipped_is_said() {
    let dir = folder(&[("blank.log", "\n\n"), ("app.log", APP)]);
    let run = casefile(dir.path(), &["patterns", "blank.log"]);
    assert_eq!((run.code, run.out.len()), (Some(1), 0));
    assert!(run.err.contains("blank.log: skipped: blank") && run.err.contains("no record in the input"), "{}", run.err);
    assert_eq!(casefile(dir.path(), &["patterns", "app.log", "--from", "2030-01-01"]).code, Some(1));
    // The records are there; only none of them was asked for.
    assert_eq!(casefile(dir.path(), &["patterns", "app.log", "--contains", "no such text"]).code, Some(0));
}

#[test]
fn a_mistake_is_told_with_what_to_do() {
    let dir = folder(&[("app.log", APP)]);
    for (words, told) in [
        (&["app.log", "--sort", "change"][..], "--sort change needs something to compare with: give --baseline PATH"),
        (&["app.log", "--exposure", "records"], "--exposure needs something to compare with: give --baseline PATH"),
        (&["app.log", "--baseline", "nowhere"], "cannot read nowhere: there is no such file or folder"),
        (&["nowhere"], "cannot read nowhere: there is no such file or folder"),
        (&["-", "--baseline", "-"], "give a file for --baseline"),
        (&["app.log", "--from", "2024-02-08", "--to", "2024-02-07"], "--from must be before --to"),
        (&["app.log", "--out", "no/such/x"], "its folder does not exist; make it first"),
        (&["app.log", "--format", "csv"], "possible values: ndjson, table"),
        (&["app.log", "--level", "loud"], "possible values: trace, debug, info, warn, error, fatal"),
        (&["app.log", "--limit", "0"], "--limit"),
        (&["app.log", "--baseline-to", "yesterday"], "write a time as 2024-02-07T09:00:00Z"),
        (&[], "INPUT"),
    ] {
        let run = casefile(dir.path(), &[&["patterns"], words].concat());
        assert_eq!((run.code, run.out.len()), (Some(2), 0), "{words:?}");
        assert!(run.err.contains(told), "{words:?}: {}", run.err);
    }
}

#[test]
fn an_input_so_large_that_the_program_starts_again_for_it_is_read_once_and_in_full() {
    let line = "2024-02-07T09:00:25Z ERROR connection to 10.0.0.7 timed out after 30 ms\n";
    let lines = (33 << 20) / line.len();
    let dir = folder(&[("large.log", &line.repeat(lines)), ("fed.log", APP)]);
    let words = ["patterns", "-", "large.log"];
    let run = casefile_with(dir.path(), &words, &dir.path().join("fed.log"));
    let told = counts(&objects(&run)).into_values().max();
    assert_eq!(told, Some(lines as u64 + 3), "what stood on standard input is read, too");
    assert_eq!(run.err, "", "nothing is said twice, or at all");
    let mut asked_for_none = command(dir.path(), &words);
    asked_for_none.env("GLIBC_TUNABLES", "glibc.malloc.hugetlb=0").stdin(fs::File::open(dir.path().join("fed.log")).unwrap());
    assert_eq!(finished(&mut asked_for_none).out, run.out);
}

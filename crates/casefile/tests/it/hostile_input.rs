//! Input that wants to be too much: lines without an end, names without number, times without sense. The program ends in
//! order, in bounded memory and time, uses the rest and says what it left out, with counts.
//!
//! Here stand the means of all tests of that kind; `hostile_text` is about what cannot be seen, `hostile_shapes` about
//! objects and documents, `hostile_formats` about patterns. Must never keep a fixture: each is made when it is needed.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use report::model::{CoverageSource, Report};
use serde_json::Value;

use crate::program::{Run, casefile};

/// What a build without optimisation may take longer; the machine may be busy as well.
pub const PATIENCE: u32 = if cfg!(debug_assertions) { 30 } else { 3 };

/// A log with an incident in it, a record a second, of which the later half fails.
pub fn log() -> String {
    let line = |i: usize| {
        let (level, text) = if i < 30 { ("INFO", "order stored") } else { ("ERROR", "connection refused: 10.0.0.7:5432") };
        format!("2024-02-07T09:00:{i:02}Z {level} shop {text} id={i}\n")
    };
    (0..60).map(line).collect()
}

/// What both commands made of one file.
pub struct Read {
    pub report: Report,
    /// The records that `parse` printed.
    pub lines: Vec<Value>,
    /// What `parse` said on standard error.
    pub told: String,
}

impl Read {
    /// How the file was covered.
    pub fn source(&self) -> &CoverageSource {
        &self.report.coverage.sources[0]
    }

    pub fn message(&self, at: usize) -> &str {
        self.lines[at]["message"].as_str().unwrap_or_default()
    }

    /// Both commands say it.
    pub fn says(&self, words: &str) {
        let reasons: Vec<&str> = self.source().skipped.iter().map(|part| part.reason.as_str()).collect();
        assert!(reasons.iter().any(|reason| reason.contains(words)), "{words}: {reasons:?}");
        assert!(self.told.contains(words), "{words}: {}", self.told);
    }
}

/// All commands read the bytes in order and in time, account for every byte, and what they cite stands there.
pub fn read(name: &str, bytes: &[u8]) -> Read {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(name), bytes).unwrap();
    let begin = Instant::now();
    let parsed = orderly(dir.path(), &["parse", name]);
    let reported = orderly(dir.path(), &["report", name, "--format", "json"]);
    let counted = orderly(dir.path(), &["patterns", name]);
    in_time(begin, bytes.len() * 3);
    let report: Report = serde_json::from_slice(&reported.out).unwrap_or_else(|_| panic!("{name}: {}", reported.err));
    let source = &report.coverage.sources[0];
    let skipped: u64 = source.skipped.iter().map(|part| part.bytes).sum();
    assert_eq!((source.read_bytes + skipped, source.bytes), (source.bytes, bytes.len() as u64), "{name}");
    let lines: Vec<Value> = parsed.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |line: &str| serde_json::from_str::<Value>(line).unwrap()["count"].as_u64().unwrap();
    let counts: u64 = counted.text().lines().map(count).sum();
    assert_eq!(lines.iter().filter(|line| line["pattern"].is_string()).count() as u64, counts, "{name}");
    Read { report, lines, told: parsed.err }
}

pub fn orderly(folder: &Path, words: &[&str]) -> Run {
    let run = casefile(folder, words);
    assert!(run.is_orderly(), "{words:?}: {:?} {}", run.code, run.err);
    run
}

/// Ten seconds for each 100 MB, and a second to begin with.
pub fn in_time(begin: Instant, bytes: usize) {
    let allowed = Duration::from_secs(1) + Duration::from_nanos(100 * bytes as u64);
    assert!(begin.elapsed() < allowed * PATIENCE, "{bytes} bytes took {:?}", begin.elapsed());
}

#[test]
fn b4_a_line_of_any_length_is_cut_and_said() {
    let long = format!("2024-02-07T09:01:00Z ERROR shop {}\n", "y".repeat(10 << 20));
    let end = "2024-02-07T09:01:01Z ERROR shop the end, without a line feed";
    let bytes = [log(), long.clone(), end.to_string()].concat();
    let read = read("long.log", bytes.as_bytes());
    assert_eq!((read.lines.len(), read.source().lines), (62, 62));
    assert!(read.message(60).ends_with("yyy…") && read.message(60).len() <= 64 << 10);
    assert!(read.message(61).ends_with("the end, without a line feed"));
    read.says("1 record was cut off at the end, where a … stands");
    let left_out = 1 + long.len() as u64 - (64 << 10) + 2 - 2;
    read.says(&format!("{} bytes were left out", intake::containers::grouped(left_out + 1)));
    // Whoever cites the line cites all of it, and what follows it stands where it stood.
    let places: Vec<[u64; 2]> = read.report.evidence.iter().filter(|e| e.line == 62).map(|e| e.bytes).collect();
    assert!(places.iter().all(|at| &bytes.as_bytes()[at[0] as usize..at[1] as usize] == end.as_bytes()), "{places:?}");
}

/// 200 MB come through a pipe: enough to see memory grow, if it did.
#[cfg(target_os = "linux")]
#[test]
fn b4_memory_does_not_grow_with_a_line() {
    const SIZE: usize = 200 << 20;
    let dir = tempfile::tempdir().unwrap();
    for words in [&["report", "-", "--format", "json"][..], &["parse", "-"]] {
        let begin = Instant::now();
        let (status, peak) = crate::memory::fed(dir.path(), words, |mut stdin| {
            stdin.write_all(b"2024-02-07T09:00:00Z ERROR shop ")?;
            (0..SIZE >> 20).try_for_each(|_| stdin.write_all(&[b'y'; 1 << 20]))
        });
        assert!(status.success(), "{words:?}: {status}");
        assert!(peak < 96 << 10, "{words:?}: {peak} KiB");
        in_time(begin, SIZE);
    }
}

#[test]
fn b7_a_time_that_is_none_costs_its_record_nothing() {
    let times = [
        ("0000-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", Some("9999-12-31T23:59:59Z")),
        ("1000000000000000000", Some("2001-09-09T01:46:40Z")),
        ("-5", None),
        ("1970-01-01T00:00:00Z", Some("1970-01-01T00:00:00Z")),
        ("2038-01-19T03:14:08Z", Some("2038-01-19T03:14:08Z")),
        ("2024-02-07T24:60:00Z", None),
        ("2024-02-30T09:00:00Z", None),
        ("2016-12-31T23:59:60Z", Some("2016-12-31T23:59:59.999999Z")),
        ("2024-02-07T09:00:30", Some("2024-02-07T09:00:30Z")),
        ("2024-02-07T09:00:30+02:00", Some("2024-02-07T07:00:30Z")),
        ("1707296430123456", Some("2024-02-07T09:00:30.123456Z")),
        ("1707296430123456789", Some("2024-02-07T09:00:30.123456Z")),
        ("99999999999999999999", None),
        ("1e308", None),
        ("9223372036854775807", Some("2262-04-11T23:47:16.854775Z")),
    ];
    let object = |(i, (time, _)): (usize, &(&str, Option<&str>))| {
        format!("{{\"ts\":\"{time}\",\"level\":\"error\",\"msg\":\"record {i}\"}}\n")
    };
    let numbers = "{\"ts\":0,\"level\":\"error\",\"msg\":\"n\"}\n{\"ts\":-1,\"level\":\"error\",\"msg\":\"n\"}\n";
    let bytes: String = times.iter().enumerate().map(object).chain([numbers.to_string()]).collect();
    let read = read("times.log", bytes.as_bytes());
    assert_eq!(read.lines.len(), times.len() + 2);
    for (i, (time, at)) in times.iter().enumerate() {
        assert_eq!((read.lines[i]["at"].as_str(), read.message(i)), (*at, format!("record {i}").as_str()), "{time}");
    }
}

#[test]
fn b7_a_date_of_another_century_does_not_hide_the_incident() {
    let strays = "2034-02-07T09:00:00Z ERROR shop connection refused: in ten years\n\
                  1970-01-01T00:00:00Z ERROR shop connection refused: at the epoch\n\
                  9999-12-31T23:59:59Z ERROR shop connection refused: at the end\n";
    let began = |read: &Read| read.report.times.started.as_ref().map(|t| t.at.clone());
    let expected = read("a.log", log().as_bytes());
    assert!(began(&expected).is_some_and(|at| at.starts_with("2024-02-07T09:00:3")));
    for bytes in [format!("{}{strays}", log()), format!("{strays}{}", log())] {
        let read = read("a.log", bytes.as_bytes());
        assert_eq!((began(&read), read.lines.len()), (began(&expected), 63));
        assert!(read.report.times.resolved.as_ref().is_none_or(|t| t.at.starts_with("2024-")));
        let note = read.source().skipped.iter().find(|part| part.reason.contains("far from all others")).expect("it is flagged");
        assert!(note.reason.starts_with("3 records are dated"), "{}", note.reason);
        assert!(note.reason.contains("1970-01-01, 2034-02-07, 9999-12-31"), "{}", note.reason);
        let claims = read.report.claims.iter().map(|claim| &claim.text);
        assert!(claims.filter(|text| text.contains("2034") || text.contains("9999")).count() == 0);
    }
}

#[test]
fn b7_it_is_said_how_a_time_without_a_zone_is_read() {
    let read = read("a.log", log().replace('T', " ").replace("Z ", " ").as_bytes());
    let clock = &read.source().clock;
    assert_eq!((clock.zone.as_str(), clock.offset_s), ("UTC", 0));
    assert_eq!(clock.basis, "no zone written and nothing to compare with: read as UTC");
    assert!(report::render::markdown(&read.report).contains(&clock.basis));
    assert!(read.lines.iter().all(|line| line["at_basis"] == "civil"));
}

#[test]
fn b11_what_is_beyond_the_caps_of_a_report_is_counted_together() {
    let record = |i: usize| {
        let name: String = i.to_string().bytes().map(|b| char::from(b + b'a' - b'0')).collect();
        format!("2024-02-07T09:00:{:02}Z ERROR {name} cannot {name}\n", i / 100 % 60)
    };
    let bytes: String = (0..6_000).map(record).collect();
    let read = read("names.log", bytes.as_bytes());
    assert_eq!((read.source().records, read.lines.len()), (6_000, 6_000));
    let reasons: Vec<&str> = read.source().skipped.iter().map(|part| part.reason.as_str()).collect();
    assert!(reasons.iter().any(|r| r.starts_with("2,000 records have a kind of message beyond the first 4000")), "{reasons:?}");
    let object = |i: usize| bytes.lines().nth(i).map(|line| line.split(' ').nth(2).unwrap_or_default().to_string());
    assert_eq!(read.lines[5_999]["message"].as_str().map(|m| m.contains(&object(5_999).unwrap())), Some(true));
}

#[test]
fn b11_services_beyond_the_cap_are_counted_without_their_names() {
    let record = |i: usize| {
        let labels: String = (0..4).map(|k| format!("\"label{k}_{i}\":\"{i}\",")).collect();
        format!(
            "{{{labels}\"ts\":\"2024-02-07T09:00:{:02}Z\",\"level\":\"error\",\"service\":\"svc-{i}\",\"msg\":\"connection refused\"}}\n",
            i / 10 % 60
        )
    };
    let bytes: String = (0..600).map(record).collect();
    let read = read("services.log", bytes.as_bytes());
    let reasons: Vec<&str> = read.source().skipped.iter().map(|part| part.reason.as_str()).collect();
    assert!(reasons.iter().any(|r| r.starts_with("344 records name a service or host beyond the first 256")), "{reasons:?}");
    assert!(read.lines.iter().all(|line| line["pattern"] == "p1" && line["service"].is_string()));
}

#[test]
fn b11_kinds_beyond_the_cap_of_parse_have_no_pattern_and_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    // One of a thousand sources has a thousandth of what all have together.
    (0..999).for_each(|i| fs::write(dir.path().join(format!("{i:03}.log")), "").unwrap());
    let letters = |i: usize| i.to_string().bytes().map(|b| char::from(b + b'a' - b'0')).collect::<String>();
    let bytes: String = (0..800).map(|i| format!("2024-02-07T09:00:00Z ERROR shop cannot {}\n", letters(i))).collect();
    fs::write(dir.path().join("kinds.log"), bytes).unwrap();
    let runs = ["1", "8"].map(|threads| orderly(dir.path(), &["parse", ".", "--threads", threads]));
    assert_eq!(runs[0].out, runs[1].out, "neither the number of threads nor chance decides which kinds are told apart");
    let lines: Vec<Value> = runs[0].text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), lines.iter().filter(|line| line["pattern"].is_null()).count()), (800, 300));
    assert!(runs[0].err.contains("300 records have no pattern"), "{}", runs[0].err);
}

//! Broken input is data: whatever is handed over, the program ends as the contract says, accounts for every byte, and
//! uses the rest. What once failed is kept in `tests/kept` and tried again.

use std::fs;

use proptest::prelude::*;
use report::model::{CoverageSource, Report};

use crate::cases::{self, Files};
use crate::packed::{tarball, zipped};
use crate::program::{casefile, casefile_with};

/// A log with an incident in it, one minute of two-second requests of which the later half fails.
fn log() -> String {
    let line = |i: usize| {
        let (level, text) = if i < 15 { ("INFO", "order stored") } else { ("ERROR", "connection refused: 10.0.0.7:5432") };
        format!("2024-02-07T09:00:{:02}Z {level} shop {text} id={i}\n", 2 * i)
    };
    (0..30).map(line).collect()
}

/// The report on the log and one more file; how that file was covered.
fn beside(name: &str, bytes: &[u8]) -> (Report, Vec<CoverageSource>) {
    let files = Files::from([("a.log".to_string(), log().into_bytes()), (name.to_string(), bytes.to_vec())]);
    let outcome = cases::outcome(&files, 2);
    assert!(outcome.usable);
    for s in &outcome.report.coverage.sources {
        let skipped: u64 = s.skipped.iter().map(|p| p.bytes).sum();
        assert_eq!(s.read_bytes + skipped, s.bytes, "{} is not accounted for", s.name);
    }
    let log = outcome.report.coverage.sources.iter().find(|s| s.name == "a.log").expect("the log is there");
    assert_eq!(log.records, 30);
    let others = outcome.report.coverage.sources.iter().filter(|s| s.name != "a.log").cloned().collect();
    render(&outcome.report);
    (outcome.report, others)
}

/// The source is listed, nothing of it was read, and the reason says one of the words.
fn is_listed(name: &str, bytes: &[u8], words: &[&str]) {
    let (_, others) = beside(name, bytes);
    let reasons: Vec<&str> = others.iter().flat_map(|s| s.skipped.iter().map(|p| p.reason.as_str())).collect();
    let told = reasons.iter().any(|r| words.iter().any(|w| r.contains(w)));
    assert!(told || words.is_empty() && !others.is_empty(), "{name}: {reasons:?}");
}

fn render(report: &Report) {
    report::render::markdown(report);
    report::render::html(report);
}

#[test]
fn what_cannot_be_used_is_listed_and_the_rest_is_used() {
    is_listed("empty.log", b"", &[]);
    is_listed(
        "picture.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0\x1f\xf3\xffa\0\0\0\x04gAMA",
        &["binary", "PNG", "image", "picture"],
    );
    is_listed("core", &[0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 62, 0], &["binary", "ELF", "program"]);
    is_listed("noise", &(0..4_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<_>>(), &["binary"]);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_opened_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("in")).unwrap();
    fs::write(dir.path().join("in/a.log"), log()).unwrap();
    std::os::unix::fs::symlink("nowhere", dir.path().join("in/b.log")).unwrap();
    let run = casefile(dir.path(), &["report", "in", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let report: Report = serde_json::from_slice(&run.out).unwrap();
    let b = report.coverage.sources.iter().find(|s| s.name == "b.log").expect("it is listed");
    assert!(b.skipped.iter().any(|s| s.reason.contains("cannot be opened") && b.read_bytes == 0), "{:?}", b.skipped);
    assert!(b.skipped.iter().any(|s| s.reason.contains("link")), "{:?}", b.skipped);
}

#[test]
fn nothing_usable_exits_with_1_and_says_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("nothing")).unwrap();
    fs::write(dir.path().join("empty"), "").unwrap();
    fs::write(dir.path().join("binary"), [0u8, 159, 146, 150, 0, 1, 2, 3].repeat(50)).unwrap();
    for words in
        [&["report", "nothing"][..], &["report", "empty"], &["report", "binary"], &["report", "empty", "binary", "--out", "x.md"]]
    {
        let run = casefile(dir.path(), words);
        assert_eq!((run.code, run.out.len()), (Some(1), 0), "{words:?}: {}", run.err);
        assert!(run.err.contains("expected"), "{words:?}: {}", run.err);
    }
    assert!(!dir.path().join("x.md").exists());
    let run = casefile_with(dir.path(), &["report", "-"], &dir.path().join("empty"));
    assert_eq!(run.code, Some(1), "{}", run.err);
}

#[test]
fn standard_input_is_a_source() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.log"), log()).unwrap();
    let run = casefile_with(dir.path(), &["report", "-", "--format", "json"], &dir.path().join("a.log"));
    let report: Report = serde_json::from_slice(&run.out).unwrap();
    assert_eq!((run.code, report.coverage.sources[0].name.as_str()), (Some(0), "stdin"));
}

#[test]
fn a_truncated_archive_gives_what_came_before_the_cut() {
    let noise = |i: usize| format!("2024-02-07T09:00:00Z INFO shop stored {}\n", i.wrapping_mul(2_654_435_761));
    let text: String = (0..3_000).map(noise).collect();
    for (name, bytes) in [
        ("b.log.gz", cases::gzip(text.as_bytes())),
        ("b.tar", tarball(&[("x.log", text.as_bytes()), ("y.log", text.as_bytes())])),
        ("b.tar.gz", cases::gzip(&tarball(&[("x.log", text.as_bytes()), ("y.log", text.as_bytes())]))),
        ("b.zip", zipped(&[("x.log", text.as_bytes()), ("y.log", text.as_bytes())])),
    ] {
        let (_, others) = beside(name, &bytes[..bytes.len() * 3 / 5]);
        let records: u64 = others.iter().map(|s| s.records).sum();
        let reasons = others.iter().flat_map(|s| &s.skipped).count();
        assert!(reasons > 0, "{name}: the cut is not told: {others:?}");
        assert!(records > 100 || name == "b.zip", "{name}: {records} records before the cut");
    }
}

#[test]
fn an_archive_of_archives_ends_somewhere() {
    let mut bytes = log().into_bytes();
    for _ in 0..40 {
        bytes = tarball(&[("x.tar", &bytes)]);
        bytes = cases::gzip(&bytes);
    }
    let (_, others) = beside("deep.tar.gz", &bytes);
    assert!(others.iter().any(|s| !s.skipped.is_empty()));
}

#[test]
fn a_bomb_costs_what_its_limits_allow() {
    let files =
        Files::from([("a.log".to_string(), log().into_bytes()), ("bomb.log.gz".to_string(), cases::gzip(&vec![b'x'; 8 << 20]))]);
    let mut config = investigate::Config { threads: 2, ..Default::default() };
    config.settings.limits.unpacked_bytes = 1 << 20;
    let outcome = investigate::investigate(&cases::Memory::new(&files), &config);
    let bomb = outcome.report.coverage.sources.iter().find(|s| s.name.starts_with("bomb")).unwrap();
    assert!(bomb.read_bytes <= 2 << 20 && !bomb.skipped.is_empty(), "{bomb:?}");
}

#[test]
fn lines_of_any_kind_neither_crash_nor_vanish() {
    let mut long = log();
    long += &format!("2024-02-07T09:00:59Z ERROR shop {}\n", "y".repeat(10 << 20));
    long += "2024-02-07T09:01:00Z INFO shop after\n";
    let nul = b"2024-02-07T09:00:01Z ERROR a\0b\n2024-02-07T09:00:02Z INFO ok\n".to_vec();
    let broken = b"2024-02-07T09:00:01Z ERROR caf\xe9 \xff\xfe\n2024-02-07T09:00:02Z INFO ok\n".to_vec();
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(log().encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let escapes = log().replace("ERROR", "\x1b[31mERROR\x1b[0m").into_bytes();
    let far = b"9999-12-31T23:59:59Z ERROR shop the end\n2024-02-07T09:00:02Z INFO ok\n".to_vec();
    let before = b"0000-01-01T00:00:00Z ERROR x\n-9999-01-01T00:00:00Z ERROR y\n{\"ts\":1e308,\"msg\":\"z\"}\n{\"ts\":-99999999999999999999}\n".to_vec();
    let no_end = log().trim_end().as_bytes().to_vec();
    let returns = log().replace('\n', "\r\n").into_bytes();
    let all: [(&str, Vec<u8>, u64); 9] = [
        ("long.log", long.into_bytes(), 32),
        ("nul.log", nul, 2),
        ("broken.log", broken, 2),
        ("utf16.log", utf16, 30),
        ("escapes.log", escapes, 30),
        ("far.log", far, 2),
        ("before.log", before, 2),
        ("no_end.log", no_end, 30),
        ("returns.log", returns, 30),
    ];
    for (name, bytes, least) in all {
        let (_, others) = beside(name, &bytes);
        // Where it repeats the log beside it, the copies are counted there, and that is said.
        let is_copy = |reason: &str| reason.contains(" in a.log too and ");
        let copies: u64 = others[0].skipped.iter().filter(|s| is_copy(&s.reason)).map(|s| s.lines).sum();
        assert!(others[0].records + copies >= least, "{name}: {:?}", others[0]);
    }
}

#[test]
fn documents_that_end_in_the_middle_are_listed() {
    for (name, bytes) in cases::example().into_iter().filter(|(n, _)| n.ends_with(".json")) {
        for part in [1, 3, 7] {
            let cut = &bytes[..bytes.len() * part / 8];
            beside(&name, cut);
        }
    }
    let deep = "[".repeat(200_000);
    beside("deep.json", deep.as_bytes());
    beside("deep.json", format!("{deep}{}", "]".repeat(200_000)).as_bytes());
    beside("objects.json", format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)).as_bytes());
}

#[test]
fn the_program_ends_in_order_on_whatever_it_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let odd: [(&str, Vec<u8>); 5] = [
        ("a.json", b"{\"schema\":\"casefile.report/1\",\"claims\":[".to_vec()),
        ("b.zip", zipped(&[("../../up.log", log().as_bytes()), ("/abs.log", log().as_bytes())])),
        ("c.tar", tarball(&[("x", log().as_bytes())]).repeat(2)),
        ("d d\u{e9}.log", log().into_bytes()),
        ("e.log", b"\n\n\n".repeat(1000)),
    ];
    for (name, bytes) in odd {
        fs::write(dir.path().join(name), bytes).unwrap();
        for words in [&["report", name][..], &["verify", name, name], &["redact", name]] {
            let run = casefile(dir.path(), words);
            assert!(run.is_orderly(), "{words:?}: {:?} {}", run.code, run.err);
        }
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 5, "nothing was written");
}

#[test]
fn a_report_on_little_holds() {
    let alert = r#"{"alerts":[{"status":"firing","labels":{"alertname":"A","service":"cart"},"annotations":{},"startsAt":"2025-03-01T10:00:00Z","endsAt":"0001-01-01T00:00:00Z"}]}"#;
    let late = "{\"ts\":\"2025-03-01T09:30:00Z\",\"level\":\"info\",\"msg\":\"up\"}\n";
    let kube = r#"{"kind":"List","items":[{"kind":"Event","reason":"Pulled","message":"x","lastTimestamp":"2025-03-01T10:00:00Z","involvedObject":{"kind":"Pod","name":"a-1"}}]}"#;
    for (what, name, text) in [
        ("an alarm alone", "alerts.json", alert),
        ("events and no record of a log", "events.json", kube),
        ("an alarm long after the log ends", "app.log", &format!("{late}{alert}\n")),
        ("a metric that has one point", "export.csv", "time,cpu,mem\n2025-03-01 10:00:00,0.5,\"1,2\"\n2025-03-01 10:01:00,,7\n"),
        (
            "a time without a year beside one of another age",
            "app.log",
            "1012-01-01T00:00:00Z INFO begun\n02-07 09:00:01 INFO more\n2025-01-01T00:03:00Z INFO done\n",
        ),
        (
            "times without a year",
            "k.log",
            "I0302 05:50:03.781414       1 a.go:252] up\nI0302 05:50:05.762041       1 a.go:203] on\n",
        ),
    ] {
        holds(what, &Files::from([(name.to_string(), text.into())]));
    }
}

/// What is said of these files is verified; where nothing could be used, nothing is said.
fn holds(what: &str, files: &Files) {
    let outcome = cases::outcome(files, 1);
    if outcome.usable {
        let json = serde_json::to_vec(&outcome.report).unwrap();
        let verdict = verify::verify(&json, &cases::Memory::new(files), &intake::Settings::default(), 1);
        assert_eq!(verdict.faults, Vec::<String>::new(), "{what}");
    }
}

#[test]
fn what_once_failed_is_tried_again() {
    let kept = cases::root().join("crates/casefile/tests/kept");
    for entry in fs::read_dir(kept).into_iter().flatten().filter_map(|e| e.ok()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = fs::read(entry.path()).unwrap();
        beside(&name, &bytes);
        holds(&name, &Files::from([(name.clone(), bytes)]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_end_in_a_report(pieces in proptest::collection::vec(piece(), 0..25), name in name()) {
        beside(&name, &pieces.concat());
    }

    #[test]
    fn any_damage_ends_in_a_report(which in 0usize..64, cut in 0.0f64..=1.0, flips in proptest::collection::vec((0.0f64..1.0, any::<u8>()), 0..8)) {
        let example: Vec<(String, Vec<u8>)> = cases::example().into_iter().collect();
        let (name, mut bytes) = example[which % example.len()].clone();
        bytes.truncate(20_000);
        for (at, byte) in flips {
            let at = (bytes.len() as f64 * at) as usize;
            bytes[at] = byte;
        }
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        beside(&name, &bytes);
    }
}

/// Pieces of which logs, documents and nonsense are made.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => (0u32..60, "[ -~]{0,30}").prop_map(|(s, text)| format!("2024-02-07T09:00:{s:02}Z ERROR shop {text}\n").into_bytes()),
        2 => "[ -~]{0,20}".prop_map(|text| format!("{{\"ts\":1707296400,\"level\":\"error\",\"msg\":{text:?}}}\n").into_bytes()),
        1 => "[a-z]{1,8}".prop_map(|user| format!("{user}  9:01 AM\nrolled back, it is 5% now\n").into_bytes()),
        1 => Just(b"[{\"sha\":\"00112233445566778899aabbccddeeff00112233\",\"commit\":{\"message\":\"x\"},\"files\":[{\"filename\":\"a.go\",\"patch\":\"@@ -1 +1 @@\\n-a\\n+b\"}]}]".to_vec()),
        1 => Just(b"panic: runtime error\n\ngoroutine 1 [running]:\nmain.f(0x1)\n\t/a.go:7 +0x1\n".to_vec()),
        1 => Just(b"PK\x03\x04\x14\0\0\0".to_vec()),
        1 => Just(b"\x1f\x8b\x08\0\0\0\0\0".to_vec()),
        2 => proptest::collection::vec(any::<u8>(), 0..60),
    ]
}

fn name() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "b.log",
        "b.json",
        "b.log.gz",
        "b.zip",
        "b.tar",
        "slack/c/2024-02-07.json",
        "chat.txt",
        "2024.csv",
        "x",
    ])
    .prop_map(str::to_string)
}

/// Ten minutes of JSON records, of which every second one fails from the middle on; damaged, none names a
/// service any more.
fn damaged(change: fn(&str) -> String) -> Files {
    let line = |i: usize| {
        let (level, words) = if i >= 300 && i % 2 == 1 { ("ERROR", "connection refused") } else { ("INFO", "stored") };
        let clock = format!("06:{:02}:{:02}", i / 60, i % 60);
        format!(r#"{{"time": "2025-03-11T{clock}Z", "level": "{level}", "service": "billing", "msg": "{words} {i}"}}"#)
    };
    let text: String = (0..600).map(|i| change(&line(i)) + "\n").collect();
    Files::from([("app.log".to_string(), text.into_bytes())])
}

#[test]
fn json_that_is_damaged_in_every_line_still_tells_when_it_began() {
    let damages: [fn(&str) -> String; 4] =
        [|l| l.replace('"', ""), |l| l.replacen('"', "", 1), |l| l[1..].to_string(), |l| l.replace('"', "'")];
    for damage in damages {
        let files = damaged(damage);
        let report = cases::report(&files);
        assert!(report.timeline.first().is_some_and(|e| e.at == "2025-03-11T06:05:01Z"), "{:?}", report.timeline);
        holds("damaged JSON", &files);
    }
}

#[test]
fn failed_requests_alone_have_a_timeline() {
    let line = |i: usize| {
        let status = if i >= 1_800 && i % 4 == 0 { 502 } else { 200 };
        let clock = format!("{:02}:{:02}:{:02}", 6 + i / 3_600, i / 60 % 60, i % 60);
        format!("10.0.0.7 - - [11/Mar/2025:{clock} +0000] \"GET /cart HTTP/1.1\" {status} 512 \"-\" \"curl/8\"\n")
    };
    let text: String = (0..3_600).map(line).collect();
    let files = Files::from([("access.log".to_string(), text.into_bytes())]);
    let report = cases::report(&files);
    assert!(report.timeline.first().is_some_and(|e| e.at == "2025-03-11T06:30:00Z"), "{:?}", report.timeline);
    holds("failed requests", &files);
}

#[test]
fn one_event_of_a_machine_that_nothing_names_is_no_incident() {
    let event = r#"{"version":"0","detail-type":"EC2 Instance State-change Notification","source":"aws.ec2","time":"2025-01-01T00:02:00Z","detail":{"instance-id":"i-0a1","state":"shutting-down"}}"#;
    let files = Files::from([("event.json".to_string(), event.into())]);
    assert_eq!(cases::report(&files).incident.status, report::model::Status::NoneFound);
    holds("an event of a machine", &files);
}

#[test]
fn a_record_of_another_year_is_cited_without_its_time() {
    let line = |i: usize| format!("2025-05-14T14:{:02}:{:02}Z INFO gate: accepted 10.0.0.{i}\n", i / 60, i % 60);
    let mut text: String = (0..90).map(line).collect();
    text.push_str("2026-05-14T14:01:30Z ERROR gate: task 7741 panicked, worker aborted\n");
    text.push_str(
        &(0..6).map(|i| format!("2025-05-14T14:01:3{i}Z ERROR gate: task 77{i} panicked, worker aborted\n")).collect::<String>(),
    );
    let files = Files::from([("gate.log".to_string(), text.into_bytes())]);
    assert_ne!(cases::report(&files).incident.status, report::model::Status::NoneFound);
    holds("a record of another year", &files);
}

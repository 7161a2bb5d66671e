//! A log that is cut by time tells what the whole of it tells, and what had been declared over comes back: all invented.

use report::model::Report;

use crate::cases::{self, Files};

/// Seconds of a minute in which requests come.
const STEP: usize = 4;

/// Two hours of requests from 12:30 on. In these minutes two of three fail.
fn requests(failing: &[std::ops::Range<usize>]) -> Vec<String> {
    let line = |n: usize| {
        let (second, minute) = (n * STEP, n * STEP / 60);
        let status = if failing.iter().any(|f| f.contains(&minute)) && n % 3 > 0 { 503 } else { 200 };
        let (hour, rest) = (12 + (second + 1_800) / 3_600, (second + 1_800) % 3_600);
        format!(
            "10.0.0.7 - - [18/Mar/2025:{hour}:{:02}:{:02} +0000] \"GET /basket HTTP/1.1\" {status} 2 \"-\" \"shop\"\n",
            rest / 60,
            rest % 60
        )
    };
    (0..7_200 / STEP).map(line).collect()
}

fn parts(lines: &[String], cuts: &[usize]) -> Files {
    let ends: Vec<usize> = cuts.iter().copied().chain([lines.len()]).collect();
    let begins = [0].into_iter().chain(cuts.iter().copied());
    let name =
        |at: usize| if at + 1 == ends.len() { "access.log".to_string() } else { format!("access.log.{}", ends.len() - 1 - at) };
    begins.zip(&ends).enumerate().map(|(at, (begin, end))| (name(at), lines[begin..*end].concat().into_bytes())).collect()
}

fn chat(lines: &[(&str, &str)]) -> (String, Vec<u8>) {
    let lines: String = lines.iter().map(|(at, text)| format!("[2025-03-18 {at}] {text}\n")).collect();
    ("chat.txt".into(), lines.into_bytes())
}

fn failed(report: &Report) -> Option<f64> {
    report.metrics.requests_failed.as_ref().and_then(|metric| metric.value.as_f64())
}

fn peak(report: &Report) -> Option<f64> {
    report.metrics.peak_error_rate.as_ref().and_then(|metric| metric.value.as_f64())
}

fn at(report: &Report, time: &str) -> Option<String> {
    let times = serde_json::to_value(&report.times).ok()?;
    Some(times.get(time)?.get("at")?.as_str()?.to_string())
}

#[test]
fn an_access_log_that_was_turned_over_during_the_incident_tells_what_the_whole_one_tells() {
    let lines = requests(&[25..40]);
    let whole = cases::report(&parts(&lines, &[]));
    let cut = cases::report(&parts(&lines, &[lines.len() / 4, lines.len() / 2]));
    assert_eq!(failed(&whole), Some(150.0), "fifteen minutes of fifteen requests, two of three");
    assert_eq!(failed(&cut), failed(&whole));
    for time in ["started", "mitigated"] {
        assert_eq!(at(&cut, time), at(&whole, time), "{time}");
    }
    assert_eq!(peak(&cut), peak(&whole));
}

#[test]
fn what_was_declared_over_and_comes_back_as_somebody_says_is_one_incident() {
    let lines = requests(&[10..20, 65..75]);
    let first = [("12:42:00", "bo: the basket fails for everybody"), ("12:52:00", "bo: resolved, all good")];
    let later = [("13:36:30", "ann: it is doing it again"), ("13:50:00", "bo: resolved for good this time")];
    let with = |said: &[(&str, &str)]| {
        let mut files = parts(&lines, &[]);
        files.extend([chat(said)]);
        cases::report(&files)
    };
    let both = with(&[first, later].concat());
    assert_eq!(at(&both, "resolved").as_deref(), Some("2025-03-18T13:50:00Z"));
    assert_eq!(failed(&both), Some(200.0));
    let one = with(&first);
    assert_eq!(at(&one, "resolved").as_deref(), Some("2025-03-18T12:52:00Z"), "nobody says that it came back");
}

//! What a report costs grows with what there is, not with its square: many services, pods, events of a cluster and spans. A
//! fleet has hundreds of services, and whoever collects its evidence does not count them.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::program::{casefile, folder};

/// The time of day of a second after nine.
fn time(second: usize) -> String {
    format!("2024-02-07T{:02}:{:02}:{:02}Z", 9 + second / 3_600, second / 60 % 60, second % 60)
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!(r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#, items.collect::<Vec<_>>().join(","))
}

/// Services that each fail now and then.
fn services(many: usize) -> (&'static str, String) {
    let mut text = String::new();
    for n in 0..many * 10 {
        let level = if n % 3 == 0 { "error" } else { "info" };
        let (time, service) = (time(n * 3_600 / (many * 10)), n % many);
        let _ = writeln!(
            text,
            r#"{{"ts":"{time}","level":"{level}","service":"s{service}","msg":"call to s{} failed: timeout"}}"#,
            (n + 7) % many
        );
    }
    ("app.jsonl", text)
}

fn pods(many: usize) -> (&'static str, String) {
    let pod = |n: usize| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"s{}-{n:05x}-{n:05x}","namespace":"a"}},"spec":{{"containers":[{{"name":"api","image":"x:1"}}]}},"status":{{"phase":"Running","containerStatuses":[{{"name":"api","ready":false,"restartCount":{},"state":{{"waiting":{{"reason":"CrashLoopBackOff"}}}},"lastState":{{"terminated":{{"exitCode":137,"reason":"OOMKilled","finishedAt":"{}"}}}}}}]}}}}"#,
            n % 40,
            n % 9,
            time(n * 3_600 / many)
        )
    };
    ("pods.json", list((0..many).map(pod)))
}

fn events(many: usize) -> (&'static str, String) {
    let event = |n: usize| {
        let (reason, message) =
            [("BackOff", "Back-off restarting failed container"), ("Unhealthy", "Readiness probe failed: 503")][n % 2];
        let at = time(n * 3_600 / many);
        format!(
            r#"{{"apiVersion":"v1","kind":"Event","count":3,"firstTimestamp":"{at}","lastTimestamp":"{at}","involvedObject":{{"kind":"Pod","name":"s{}-{:05x}-{:05x}","namespace":"a"}},"message":"{message}","metadata":{{"name":"e{n}"}},"reason":"{reason}","type":"Warning"}}"#,
            n % 40,
            n % 200,
            n % 200
        )
    };
    ("events.json", list((0..many).map(event)))
}

fn spans(many: usize) -> (&'static str, String) {
    let span = |n: usize| {
        let parent = if n % 5 == 0 { String::new() } else { format!("{:016x}", n - 1) };
        let at = 1_707_296_400_000_000_000 + n as u64 * 3_600_000_000_000 / many as u64;
        format!(
            r#"{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"s{}"}}}}]}},"scopeSpans":[{{"spans":[{{"traceId":"{:032x}","spanId":"{n:016x}","parentSpanId":"{parent}","name":"op","startTimeUnixNano":"{at}","endTimeUnixNano":"{}","status":{{"code":{}}}}}]}}]}}"#,
            n % 40,
            n / 5,
            at + 10_000_000,
            1 + n % 2
        )
    };
    ("spans.json", format!(r#"{{"resourceSpans":[{}]}}"#, (0..many).map(span).collect::<Vec<_>>().join(",")))
}

/// How long a report takes, the best of three.
fn seconds(files: &(&str, String)) -> Duration {
    let base = services(5);
    let dir = folder(&[("base.jsonl", &base.1), (files.0, &files.1)]);
    let once = |_| {
        let from = Instant::now();
        let run = casefile(dir.path(), &["report", ".", "--format", "json", "--threads", "1"]);
        assert_eq!(run.code, Some(0), "{}", run.err);
        from.elapsed()
    };
    (0..3).map(once).min().unwrap_or_default()
}

#[test]
fn four_times_as_much_takes_no_sixteen_times_as_long() {
    let kinds: [(&str, fn(usize) -> (&'static str, String), usize); 4] =
        [("services", services, 250), ("pods", pods, 800), ("events", events, 1_500), ("spans", spans, 2_500)];
    for (name, make, many) in kinds {
        let (few, more) = (seconds(&make(many)), seconds(&make(4 * many)));
        assert!(more < few * 9, "{name}: {few:?} for {many}, {more:?} for four times as many");
    }
}

//! Entries as lines, in the ways in which services write them. Must never make an entry different from one way to the
//! other: corpora are compared. It misleads about escapes: few values have any.

use std::fmt::Write;

use crate::Kind;
use crate::entries::{Entry, Level};
use crate::words;

/// The day on which it all happens, as UTC.
const DAY: &str = "2026-03-02";
const HOUR: u64 = 9;

/// Appends the lines of an entry.
pub fn write(kind: Kind, entry: &Entry, out: &mut String) {
    // Writing to a text cannot fail.
    let _ = match kind {
        Kind::Json => json(entry, out),
        Kind::MixedJson => mixed_json(entry, out),
        Kind::Logfmt => logfmt(entry, out),
        Kind::Access => access(entry, out),
        Kind::Plain => plain(entry, out),
    };
}

/// `09:30:15` and the milliseconds.
fn clock(entry: &Entry) -> (String, u64) {
    let seconds = entry.at / 1_000;
    (format!("{:02}:{:02}:{:02}", HOUR + seconds / 3_600, seconds / 60 % 60, seconds % 60), entry.at % 1_000)
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t")
}

fn json(entry: &Entry, out: &mut String) -> std::fmt::Result {
    let (clock, ms) = clock(entry);
    let Entry { service, trace, pod, duration_ms, .. } = entry;
    let (level, message) = (entry.level.name(), quoted(&entry.message));
    writeln!(
        out,
        r#"{{"time":"{DAY}T{clock}.{ms:03}Z","level":"{level}","service":"{service}","msg":"{message}","trace_id":"{trace}","pod":"{pod}","duration_ms":{duration_ms}}}"#
    )
}

/// Each service has one of four loggers.
fn mixed_json(entry: &Entry, out: &mut String) -> std::fmt::Result {
    let (clock, ms) = clock(entry);
    let Entry { service, trace, pod, duration_ms, number, .. } = entry;
    let (level, loud, message) = (entry.level.name(), entry.level.loud(), quoted(&entry.message));
    match words::SERVICES.iter().position(|known| known == service).unwrap_or(0) % 4 {
        0 => json(entry, out),
        1 => writeln!(
            out,
            r#"{{"level":"{level}","ts":"{DAY}T{clock}.{ms:03}000Z","caller":"{service}/serve.go:{}","msg":"{message}","app":"{service}","trace_id":"{trace}","took":0.{duration_ms:03}}}"#,
            number % 700
        ),
        2 => writeln!(
            out,
            r#"{{"timestamp":"{DAY}T{clock}.{ms:03}Z","severity":"{loud}","message":"{message}","service":"{service}","kubernetes":{{"namespace":"shop","pod_name":"{pod}","node":"node-{}"}},"trace_id":"{trace}"}}"#,
            number % 9
        ),
        _ => {
            let stack = match entry.stack.as_slice() {
                [] => String::new(),
                lines => format!(r#","stack_trace":"{}""#, quoted(&lines.join("\n"))),
            };
            writeln!(
                out,
                r#"{{"@timestamp":"{DAY}T{clock}.{ms:03}Z","level":"{loud}","service":"{service}","thread_name":"worker-{}","logger_name":"org.stagehand.{service}.Main","message":"{message}","trace_id":"{trace}"{stack}}}"#,
                number % 32
            )
        }
    }
}

fn logfmt(entry: &Entry, out: &mut String) -> std::fmt::Result {
    let (clock, ms) = clock(entry);
    let Entry { service, trace, pod, duration_ms, .. } = entry;
    let (level, message) = (entry.level.name(), quoted(&entry.message));
    writeln!(
        out,
        r#"ts={DAY}T{clock}.{ms:03}Z level={level} service={service} msg="{message}" trace_id={trace} pod={pod} duration={duration_ms}ms"#
    )
}

fn access(entry: &Entry, out: &mut String) -> std::fmt::Result {
    let clock = clock(entry).0;
    let Entry { path, ip, status, number, .. } = entry;
    let (method, sent) = (if number % 5 == 0 { "POST" } else { "GET" }, number % 60_000);
    let browser = words::BROWSERS[*number as usize % words::BROWSERS.len()];
    writeln!(
        out,
        r#"{ip} - - [02/Mar/2026:{clock} +0000] "{method} {path} HTTP/1.1" {status} {sent} "https://tickets.example/" "{browser}""#
    )
}

fn plain(entry: &Entry, out: &mut String) -> std::fmt::Result {
    let (clock, ms) = clock(entry);
    let Entry { service, message, number, .. } = entry;
    let loud = entry.level.loud();
    writeln!(out, "{DAY} {clock}.{ms:03} {loud:<5} [{service}] [worker-{}] org.stagehand.Main - {message}", number % 32)?;
    if entry.level == Level::Error {
        entry.stack.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

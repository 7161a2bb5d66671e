//! The report does not show how a log was cut: into how many pieces, and by how many threads they were read.

use std::fmt::Write;

use investigate::{Config, investigate};

use crate::cases::{Files, Memory};
use crate::program::casefile;

/// Bytes of each log, about; of the one with more kinds of message than are told apart it takes more.
const SIZE: usize = 90_000;
const VARIOUS: usize = 600_000;

/// A number that looks like chance and is the same every time.
fn mixed(n: usize) -> usize {
    let n = (n as u64 ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (n ^ n >> 29) as usize
}

/// A log of records that `write` makes of their number and their second.
fn log(size: usize, write: impl Fn(&mut String, usize, String)) -> Vec<u8> {
    let mut text = String::new();
    let mut n = 0;
    while text.len() < size {
        let second = n / 3;
        write(&mut text, n, format!("{:02}:{:02}:{:02}", 9 + second / 3_600, second / 60 % 60, second % 60));
        n += 1;
    }
    text.into_bytes()
}

fn words(n: usize) -> (&'static str, &'static str, String) {
    let service = ["checkout", "payments", "cart"][mixed(n) % 3];
    match mixed(n + 7) % 11 {
        0 | 1 if n > 300 => ("ERROR", service, format!("connection pool exhausted after {} ms, waiting={}", n % 900, n % 17)),
        2 => ("WARN", service, format!("slow query on table orders took {}ms", n % 5_000)),
        3 => ("INFO", service, format!("user {n} logged in from 10.0.{}.{}", n % 250, n % 90)),
        _ => ("INFO", service, format!("order {} created total={}", mixed(n), n % 77)),
    }
}

fn json(text: &mut String, n: usize, clock: String) {
    let (level, service, message) = words(n);
    let more = if n % 5 == 0 { ",\"path\":\"/api/orders\",\"status\":500" } else { "" };
    let _ = writeln!(
        text,
        "{{\"ts\":\"2024-02-07T{clock}.{:03}Z\",\"level\":\"{level}\",\"service\":\"{service}\",\"msg\":\"{message}\",\"trace_id\":\"t{}\"{more}}}",
        n % 1_000,
        n / 4
    );
    if n % 97 == 0 {
        text.push_str(
            "{\"ts\":\"2024-02-07T09:00:00Z\",\"level\":\"info\",\"msg\":\"broken \u{e9}\n\n\x1b[31mplain words\x1b[0m\n",
        );
    }
}

fn pairs(text: &mut String, n: usize, clock: String) {
    let (level, service, message) = words(n);
    let _ = writeln!(
        text,
        "ts=2024-02-07T{clock}Z level={} service={service} msg=\"{message}\" user_id={}",
        level.to_lowercase(),
        n % 50
    );
    if n % 41 == 0 {
        text.push_str("  at com.shop.Cart.add(Cart.java:12)\n  at com.shop.Cart.all(Cart.java:99)\n");
    }
}

fn access(text: &mut String, n: usize, clock: String) {
    let status = if n > 300 && mixed(n) % 5 == 0 { 502 } else { 200 };
    let _ = writeln!(
        text,
        "10.0.0.{} - - [07/Feb/2024:{clock} +0000] \"GET /api/v1/orders/{n} HTTP/1.1\" {status} {} \"-\" \"curl/8.5.0\" 0.{:03}",
        n % 200,
        n % 9_000,
        n % 999
    );
}

fn plain(text: &mut String, n: usize, clock: String) {
    let (level, service, message) = words(n);
    let _ = writeln!(text, "2024-02-07 {clock}.{:03} {level:<5} [{service}] [exec-{}] c.s.Handler - {message}", n % 1_000, n % 9);
    if level == "ERROR" {
        text.push_str("java.lang.IllegalStateException: pool is empty\n\tat com.shop.Pool.get(Pool.java:12)\n\t... 3 more\n");
        text.push_str("Caused by: java.net.ConnectException: Connection refused\n");
    }
}

fn syslog(text: &mut String, n: usize, clock: String) {
    let (level, service, message) = words(n);
    let _ = writeln!(text, "Feb  7 {clock} web-{} {service}[{}]: {level} {message}", n % 4, 700 + n % 9);
}

/// Another format begins in the middle of the source, as if two files had been joined.
fn changing(text: &mut String, n: usize, clock: String) {
    if text.len() < SIZE / 2 { plain(text, n, clock) } else { access(text, n, clock) }
}

/// More kinds of message than are told apart.
fn various(text: &mut String, n: usize, clock: String) {
    let name = |n: usize| -> String { (0..6).map(|i| char::from(b'a' + (mixed(n * 7 + i) % 26) as u8)).collect() };
    let level = if mixed(n) % 9 == 0 { "ERROR" } else { "INFO" };
    let _ = writeln!(text, "2024-02-07T{clock}Z {level} {} {}", name(n), name(n / 2));
}

fn report(files: &Files, piece: usize, threads: usize) -> String {
    let mut config = Config { threads, ..Config::default() };
    config.settings.piece_bytes = piece;
    serde_json::to_string_pretty(&investigate(&Memory::new(files), &config).report).unwrap()
}

#[test]
fn the_report_is_the_same_however_a_log_is_cut_and_by_however_many_threads() {
    let kinds: [(&str, fn(&mut String, usize, String)); 7] = [
        ("json", json),
        ("pairs", pairs),
        ("access", access),
        ("plain", plain),
        ("syslog", syslog),
        ("changing", changing),
        ("various", various),
    ];
    for (name, write) in kinds {
        let size = if name == "various" { VARIOUS } else { SIZE };
        let bytes = log(size, write);
        let files = Files::from([(format!("{name}.log"), bytes)]);
        let whole = report(&files, usize::MAX, 1);
        assert!(whole.contains(name), "{name}");
        for (pieces, threads) in [(1, 8), (2, 2), (7, 2), (7, 8), (1_000, 2), (1_000, 8)] {
            let cut = report(&files, size.div_ceil(pieces), threads);
            assert!(cut == whole, "{name} in {pieces} pieces, {threads} threads:\n{}", difference(&whole, &cut));
        }
    }
}

#[test]
fn records_and_patterns_are_the_same_by_however_many_threads() {
    // More than the program takes at once.
    const LARGE: usize = 5 << 18;
    let dir = tempfile::tempdir().unwrap();
    // Lines of a further format, which several threads misread.
    let joined = |text: &mut String, n: usize, clock: String| {
        if text.len() < LARGE / 2 {
            plain(text, n, clock)
        } else {
            text.push_str(&format!("WARNING:cart.jobs:job {n} is late\n"))
        }
    };
    let kinds: [(&str, fn(&mut String, usize, String)); 2] = [("json", json), ("joined", joined)];
    for (name, write) in kinds {
        let name = format!("{name}.log");
        std::fs::write(dir.path().join(&name), log(LARGE, write)).unwrap();
        for words in [&["parse", &name][..], &["patterns", &name]] {
            let run = |threads| casefile(dir.path(), &[words, &["--threads", threads]].concat()).text();
            let (one, other) = (run("1"), run("4"));
            assert!(one.lines().count() > 3 && one == other, "{words:?}:\n{}", difference(&one, &other));
        }
    }
}

/// The first lines that differ.
fn difference(one: &str, other: &str) -> String {
    let pairs = one.lines().zip(other.lines()).filter(|(a, b)| a != b).take(4);
    pairs.map(|(a, b)| format!("- {a}\n+ {b}\n")).collect()
}

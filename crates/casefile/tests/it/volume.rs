//! When there was an incident, and whether, must not depend on how much there is to read: the same incident with every line
//! many times over, the same one among many usual errors; and what every system has on a good day is no incident.

use std::fmt::Write;

use report::model::{Report, Status};

use crate::cases::{self, Files};

/// Numbers that look like chance and are the same every time (Steele, Lea and Flood, OOPSLA 2014: splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn is(&mut self, share: f64) -> bool {
        (self.next() >> 11) as f64 / ((1_u64 << 53) as f64) < share
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len() as u64) as usize]
    }
}

const SERVICES: [&str; 6] = ["orders", "billing", "catalog", "stock", "gateway", "identity"];
const USUAL: [&str; 4] = ["served a request in", "wrote rows:", "cache hit for", "opened session"];
const ERRORS: [&str; 10] = [
    "cannot parse the body of request",
    "no such template:",
    "version conflict on document",
    "rejected the coupon",
    "an image is too large:",
    "unknown currency in order",
    "the key exists already:",
    "cannot decode frame",
    "no route for parcel",
    "an answer came late, for item",
];

/// A log as (milliseconds, level, service, words).
#[derive(Default)]
struct Log(Vec<(u64, &'static str, String, String)>);

impl Log {
    fn say(&mut self, ms: u64, level: &'static str, service: &str, words: String) {
        self.0.push((ms, level, service.to_string(), words));
    }

    /// Ordinary work between two seconds: so many records a second, and so many of a thousand are errors of the usual kinds.
    fn work(mut self, chance: &mut Chance, from: u64, to: u64, per_second: f64, errors: f64) -> Log {
        for tenth in from * 10..to * 10 {
            if !chance.is(per_second / 10.0) {
                continue;
            }
            let (service, number) = (chance.of(&SERVICES), chance.below(100_000));
            let ms = tenth * 100 + chance.below(100);
            match chance.is(errors / 1_000.0) {
                true => self.say(ms, "ERROR", service, format!("{} {number}", chance.of(&ERRORS))),
                false => self.say(ms, "INFO", service, format!("{} {number}", chance.of(&USUAL))),
            }
        }
        self
    }

    /// A pool runs dry in one service, and another that calls it fails a little later; so many a second of each.
    fn incident(mut self, chance: &mut Chance, from: u64, to: u64, per_second: f64) -> Log {
        for tenth in from * 10..to * 10 {
            if chance.is(per_second / 10.0) {
                let waiting = chance.below(90);
                self.say(tenth * 100, "ERROR", "orders", format!("could not get a connection from the pool (waiting={waiting})"));
            }
            if tenth > (from + 20) * 10 && chance.is(per_second / 10.0) {
                let ms = chance.below(9_000);
                self.say(tenth * 100, "ERROR", "gateway", format!("request to orders failed with 503 after {ms} ms"));
            }
        }
        self
    }

    /// Every line so many times, spread over its second.
    fn files(mut self, times: u64) -> Files {
        self.0 = self.0.into_iter().flat_map(|row| (0..times).map(move |n| moved(&row, n * 1_000 / times))).collect();
        self.0.sort();
        let mut text = String::new();
        for (ms, level, service, words) in self.0 {
            let (day, second, ms) = (4 + ms / 86_400_000, ms / 1_000 % 86_400, ms % 1_000);
            let clock = format!("{:02}:{:02}:{:02}.{ms:03}", second / 3_600, second / 60 % 60, second % 60);
            let _ = writeln!(
                text,
                r#"{{"time":"2025-03-{day:02}T{clock}Z","level":"{level}","service":"{service}","msg":"{words}"}}"#
            );
        }
        Files::from([("all.log".to_string(), text.into_bytes())])
    }
}

/// A row so many milliseconds later, within its second.
fn moved(row: &(u64, &'static str, String, String), ms: u64) -> (u64, &'static str, String, String) {
    (row.0 / 1_000 * 1_000 + (row.0 + ms) % 1_000, row.1, row.2.clone(), row.3.clone())
}

fn started(report: &Report) -> Option<String> {
    report.times.all().into_iter().find_map(|(name, time)| time.filter(|_| name == "started")).map(|time| time.at.clone())
}

/// Seconds of the day of an instant.
fn second(at: &str) -> i64 {
    let part = |from: usize| at[from..from + 2].parse::<i64>().unwrap();
    part(11) * 3_600 + part(14) * 60 + part(17)
}

/// Status, the second of the onset and the first service of an incident.
fn seen(report: &Report) -> (Status, i64, Option<String>) {
    let at = started(report).unwrap_or_else(|| panic!("no begin: {:?}", report.incident.status));
    (report.incident.status, second(&at), report.first_failing_service.clone())
}

#[test]
fn an_incident_is_the_same_with_every_line_many_times() {
    let log =
        |times| Log::default().work(&mut Chance(1), 0, 3_600, 1.0, 6.0).incident(&mut Chance(2), 1_800, 2_700, 0.5).files(times);
    let once = seen(&cases::report(&log(1)));
    assert!((once.1 - 1_800).abs() <= 10 && once.2.as_deref() == Some("orders"), "{once:?}");
    for times in [10, 40] {
        let (status, at, service) = seen(&cases::report(&log(times)));
        assert!(
            status == once.0 && (at - once.1).abs() <= 1 && service == once.2,
            "{times} times: {at} {service:?}, not {once:?}"
        );
    }
}

#[test]
fn an_incident_among_many_usual_errors_is_found_where_it_begins() {
    for (seed, errors, per_second) in [(3, 60.0, 0.4), (4, 30.0, 0.25), (5, 120.0, 0.8)] {
        let log = Log::default().work(&mut Chance(seed), 0, 7_200, 4.0, errors);
        let log = log.incident(&mut Chance(seed + 10), 4_000, 5_500, per_second).files(1);
        let (_, at, service) = seen(&cases::report(&log));
        assert!((at - 4_000).abs() <= 30, "begins at 4000, not {at} (seed {seed})");
        assert_eq!(service.as_deref(), Some("orders"), "seed {seed}");
    }
}

#[test]
fn an_incident_in_the_quiet_hours_of_a_day_is_found() {
    let log = day(&mut Chance(6), 30.0).incident(&mut Chance(7), 7_200, 9_000, 0.2).files(1);
    let (_, at, service) = seen(&cases::report(&log));
    assert!((at - 7_200).abs() <= 30 && service.as_deref() == Some("orders"), "{at} {service:?}");
}

#[test]
fn an_incident_that_goes_on_for_most_of_a_log_is_found() {
    let log = Log::default().work(&mut Chance(8), 0, 6_000, 2.0, 30.0).incident(&mut Chance(9), 1_500, 6_000, 0.4).files(1);
    let (_, at, service) = seen(&cases::report(&log));
    assert!((at - 1_500).abs() <= 30 && service.as_deref() == Some("orders"), "{at} {service:?}");
}

/// Sixteen hours, in the middle of which six times as much is done as at their ends.
fn day(chance: &mut Chance, errors: f64) -> Log {
    (0..96_u64).fold(Log::default(), |log, part| {
        let load = 0.2 + (1.0 - (part as f64 / 48.0 - 1.0).abs());
        log.work(chance, part * 600, part * 600 + 600, load, errors)
    })
}

fn healthy() -> Vec<(&'static str, Log)> {
    let chance = &mut Chance(20);
    let few = |chance: &mut Chance| Log::default().work(chance, 0, 5_400, 1.0, 3.0);
    let mut all = vec![
        ("few errors", few(chance)),
        ("steady errors", Log::default().work(chance, 0, 5_400, 3.0, 80.0)),
        ("a day's load", day(chance, 20.0)),
        ("a day's load, few errors", day(chance, 2.0)),
    ];
    let mut cold = few(chance);
    for _ in 0..150 {
        let words = ["the broker is not ready, will try again", "the cache is cold", "a slow call"];
        cold.say(chance.below(40_000), "WARN", "orders", chance.of(&words).to_string());
    }
    all.push(("warnings at start-up", cold));
    let mut restarted = few(chance);
    for pod in 0..4 {
        let ms = 2_700_000 + pod * 45_000;
        let steps =
            ["received SIGTERM, shutting down", "draining connections", "starting version 2.4.1", "listening on port 8080"];
        for (n, words) in (0..).zip(steps) {
            restarted.say(ms + n * 3_000, "INFO", "orders", words.to_string());
        }
        restarted.say(ms + 10_000, "WARN", "orders", "readiness probe failed: connection refused".to_string());
    }
    all.push(("a harmless deployment", restarted));
    let mut retried = few(chance);
    for n in 0..30_u64 {
        let ms = if n < 15 { chance.below(5_000_000) } else { 3_000_000 + chance.below(60_000) };
        retried.say(ms, "WARN", "billing", "the call to the bank timed out, retrying (attempt 1 of 3)".to_string());
        retried.say(ms + 900, "INFO", "billing", "the call to the bank succeeded on attempt 2".to_string());
    }
    all.push(("retries that succeed", retried));
    let mut batch = day(chance, 3.0);
    for n in 0..2_000_u64 {
        let level = if n % 3 == 0 { "WARN" } else { "INFO" };
        batch.say(7_200_000 + n * 900, level, "reports", format!("skipping record {n}: it has no address"));
    }
    all.push(("a batch job at night", batch));
    all
}

#[test]
fn what_every_system_has_on_a_good_day_is_no_incident() {
    for times in [1, 10] {
        for (name, log) in healthy() {
            let report = cases::report(&log.files(times));
            let at = started(&report);
            assert_eq!(report.incident.status, Status::NoneFound, "{name}, {times} times: {at:?}");
        }
    }
}

/// Two hours of ten services that say ten kinds of error each, all the time, and little else; from the second hour on, if
/// so, one service says a new one as often as all others together.
fn nearly_only_errors(is_new: bool) -> Files {
    let mut text = String::new();
    for second in 0..7_200_usize {
        let clock = format!("{:02}:{:02}:{:02}", 9 + second / 3_600, second / 60 % 60, second % 60);
        // Neighbouring numbers must not bring the same kinds at the same time.
        for n in 0..4 {
            let mixed = (second * 4 + n).wrapping_mul(0x9e37_79b9) >> 7;
            let (service, words) = (mixed % 10, ERRORS[mixed / 10 % ERRORS.len()]);
            let _ = writeln!(text, "2024-02-07T{clock}Z ERROR [svc-{service}] {words} {mixed}");
        }
        let _ = writeln!(text, "2024-02-07T{clock}Z INFO [svc-1] served {second}");
        for n in 0..if is_new && second >= 3_600 { 5 } else { 0 } {
            let _ = writeln!(text, "2024-02-07T{clock}Z ERROR [svc-3] cannot get a connection from the pool, waiting={n}");
        }
    }
    Files::from([("app.log".to_string(), text.into_bytes())])
}

#[test]
fn new_errors_that_double_the_usual_ones_are_an_incident() {
    assert_eq!(cases::report(&nearly_only_errors(false)).incident.status, Status::NoneFound);
    let report = cases::report(&nearly_only_errors(true));
    assert_ne!(report.incident.status, Status::NoneFound);
    let started = started(&report).unwrap();
    assert!(started.starts_with("2024-02-07T10:00:0"), "{started}");
}

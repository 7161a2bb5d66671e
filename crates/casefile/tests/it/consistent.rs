//! A report never contradicts itself (C12), and the same input gives the same bytes wherever and however often it is read
//! (C13). Incidents are made: a rate of requests, a failure between two seconds, a deploy, an alert, a page, what people say.
//!
//! Must never look at what is concluded, only at whether it agrees with itself.

use std::collections::BTreeSet;
use std::fmt::Write;

use proptest::prelude::*;
use report::model::{Op, Report, Status};

use crate::cases::{self, Files};
use crate::program::{command, finished};

/// An incident in seconds after ten o'clock.
#[derive(Debug, Clone)]
struct Made {
    begin: u64,
    lasts: u64,
    every: u64,
    failing: u64,
    deploy: Option<u64>,
    talk: bool,
    page: bool,
}

fn made() -> impl Strategy<Value = Made> {
    let times = (120_u64..900, 30_u64..1_200, 1_u64..4, 2_u64..5);
    (times, proptest::option::of(5_u64..300), any::<bool>(), any::<bool>()).prop_map(
        |((begin, lasts, every, failing), deploy, talk, page)| Made { begin, lasts, every, failing, deploy, talk, page },
    )
}

fn clock(second: u64) -> String {
    format!("2024-02-07T{:02}:{:02}:{:02}", 10 + second / 3_600, second / 60 % 60, second % 60)
}

impl Made {
    fn end(&self) -> u64 {
        self.begin + self.lasts
    }

    fn files(&self) -> Files {
        let (mut access, mut shop) = (String::new(), String::new());
        for second in (0..self.end() + 900).step_by(self.every as usize) {
            let fails = (self.begin..self.end()).contains(&second) && (second / self.every) % self.failing != 0;
            let (status, ms) = if fails { (503, 2_000) } else { (200, 30) };
            let (at, minute) = (second % 60, second / 60);
            let _ = writeln!(
                access,
                "10.0.0.{} - - [07/Feb/2024:{:02}:{:02}:{at:02} +0000] \"POST /buy HTTP/1.1\" {status} 12 \"-\" \"-\" rt={ms}",
                second % 250,
                10 + minute / 60,
                minute % 60
            );
            let (level, text) =
                if fails { ("ERROR", "pool exhausted: no connection within 2000 ms") } else { ("INFO", "order stored") };
            let _ = writeln!(shop, "{}Z {level} shop {text} id={second}", clock(second));
        }
        let mut files = Files::from([("edge/access.log".into(), access.into_bytes()), ("shop.log".into(), shop.into_bytes())]);
        if let Some(before) = self.deploy {
            let deploy = format!(
                r#"[{{"service":"shop","version":"v2.4.0","previous_version":"v2.3.9","started_at":"{}Z","status":"succeeded","actor":"dana"}}]"#,
                clock(self.begin.saturating_sub(before))
            );
            files.insert("deploys.json".into(), deploy.into_bytes());
        }
        if self.page {
            let page = format!(
                r#"{{"alerts":[{{"status":"firing","labels":{{"alertname":"ShopErrors","severity":"critical","service":"shop"}},"annotations":{{"summary":"errors above 5%"}},"startsAt":"{}Z"}}]}}"#,
                clock(self.begin + 40)
            );
            files.insert("alerts.json".into(), page.into_bytes());
        }
        if self.talk {
            let said = [
                (self.begin + 50, "ack, looking at shop"),
                (self.begin + 70, "about 1,200 customers cannot pay"),
                (self.end().saturating_sub(10), "rolling back shop to v2.3.9"),
                (self.end() + 200, "all green, incident resolved"),
            ];
            let text: String = said.iter().map(|(second, words)| format!("[{}Z] @ana: {words}\n", clock(*second))).collect();
            files.insert("chat.txt".into(), text.into_bytes());
        }
        files
    }
}

fn seconds(at: &str) -> f64 {
    report::render::words::epoch(at).unwrap_or_else(|| panic!("{at} is no time"))
}

/// Each computed duration is the distance of its two times, to the rounding.
fn durations_agree(report: &Report) {
    let t = &report.times;
    let pairs = [
        ("duration_s", &t.started, &t.resolved),
        ("mttd_s", &t.started, &t.detected),
        ("mtta_s", &t.detected, &t.acknowledged),
        ("mttm_s", &t.started, &t.mitigated),
        ("mttr_s", &t.started, &t.resolved),
    ];
    for (name, from, to) in pairs {
        let metric = report.metrics.all().into_iter().find_map(|(known, metric)| metric.filter(|_| known == name));
        let (Some(metric), Some(from), Some(to)) = (metric, from, to) else { continue };
        let value = metric.value.as_f64().expect("a duration is a number");
        let lasted = seconds(&to.at) - seconds(&from.at);
        assert!((value - lasted).abs() <= 1.0, "{name} is {value}, its times are {lasted} apart");
    }
    for instant in t.all().into_iter().filter_map(|(_, instant)| instant) {
        let (low, at, high) = (seconds(&instant.earliest), seconds(&instant.at), seconds(&instant.latest));
        assert!(low <= at && at <= high, "{instant:?}");
    }
}

/// The same derivation has the same value in every section, and the value stands in the text or in its numbers.
fn counts_agree(report: &Report) {
    let mut known: Vec<(String, String, &str)> = Vec::new();
    for claim in &report.claims {
        let Some(derivation) = claim.derivation.as_ref().filter(|d| d.op != Op::Difference) else { continue };
        let what = format!(
            "{:?} {:?} {} {:?} {:?}",
            derivation.op, derivation.sources, derivation.filter, derivation.from, derivation.to
        );
        let value = derivation.value.to_string();
        if let Some((_, other, text)) = known.iter().find(|(same, ..)| *same == what) {
            assert_eq!(*other, value, "“{}” and “{text}”", claim.text);
        }
        known.push((what, value, &claim.text));
    }
    let texts: BTreeSet<(&str, &str)> = report.claims.iter().map(|claim| (claim.id.as_str(), claim.text.as_str())).collect();
    for entry in &report.timeline {
        assert!(
            texts.contains(&(entry.claim.as_str(), entry.text.as_str())),
            "{} says something else than {}",
            entry.text,
            entry.claim
        );
    }
}

/// No time lies outside of the evidence, and the timeline is in order.
fn times_lie_within(report: &Report, made: &Made) {
    let (low, high) = (seconds("2024-02-07T10:00:00Z"), seconds("2024-02-07T10:00:00Z") + (made.end() + 900) as f64);
    for entry in &report.timeline {
        assert!((low..=high).contains(&seconds(&entry.at)), "{} {}", entry.at, entry.text);
    }
    for (name, instant) in report.times.all() {
        assert!(instant.is_none_or(|instant| (low..=high).contains(&seconds(&instant.at))), "{name}");
    }
    assert!(report.timeline.is_sorted_by(|a, b| a.at <= b.at));
}

/// The pictures count what the report counts: failed requests of the incident are no more than those that are drawn.
fn pictures_agree(report: &Report) {
    let (Some(course), Some(failed)) = (&report.course, &report.metrics.requests_failed) else { return };
    let Some(requests) = &course.requests else { return };
    let drawn: u64 = requests.failed.iter().sum();
    assert!(drawn as f64 >= failed.value.as_f64().unwrap_or(0.0), "{drawn} drawn of {}", failed.value);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn c12_a_report_agrees_with_itself_and_with_its_evidence(made in made()) {
        let files = made.files();
        let report = cases::report(&files);
        prop_assert!(report.incident.status != Status::NoneFound, "an incident was made");
        durations_agree(&report);
        counts_agree(&report);
        times_lie_within(&report, &made);
        pictures_agree(&report);
        prop_assert!(report.claims.iter().all(|claim| claim.citations.iter().count() > 0));
        let json = serde_json::to_vec(&report).unwrap();
        let verdict = verify::verify(&json, &cases::Memory::new(&files), &intake::Settings::default(), 1);
        prop_assert!(verdict.faults.is_empty(), "{:?}", verdict.faults);
    }
}

#[test]
fn c13_the_bytes_are_the_same_in_every_zone_language_and_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    cases::lay_out(&cases::example(), &dir.path().join("in"));
    for format in ["json", "md", "html"] {
        let run = |threads: &str, zone: &str, language: &str| {
            let mut command = command(dir.path(), &["report", "in", "--format", format, "--threads", threads]);
            let run = finished(command.env("TZ", zone).env("LANG", language).env("LC_ALL", language));
            assert_eq!(run.code, Some(0), "{}", run.err);
            run.out
        };
        let first = run("1", "UTC", "C");
        for (threads, zone, language) in [("8", "Asia/Kathmandu", "de_DE.UTF-8"), ("2", "America/St_Johns", "tr_TR.UTF-8")] {
            assert!(first == run(threads, zone, language), "{format} differs with {threads} threads, {zone}, {language}");
        }
    }
}

//! What was known at a time: nothing of later stands in the report, and what nobody knew yet is listed.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use evidence::Moment;
use investigate::{Config, investigate};
use report::model::{Report, Status};

use crate::cases::{self, Files, Memory};
use crate::program::{casefile, folder};

fn moment(text: &str) -> Moment {
    let at = text.parse::<jiff::Timestamp>().unwrap_or_else(|e| panic!("{text}: {e}"));
    Moment(at.as_microsecond())
}

fn at(files: &Files, time: &str) -> Report {
    let config = Config { threads: 2, as_of: Some(moment(time)), ..Config::default() };
    investigate(&Memory::new(files), &config).report
}

struct Noticed {
    case: String,
    files: Files,
    whole: Report,
    time: String,
    /// As of that time.
    then: Report,
}

/// Cases with a time of detection, and what was known then; made once for all tests.
fn noticed() -> &'static [Noticed] {
    static KNOWN: OnceLock<Vec<Noticed>> = OnceLock::new();
    let known = |case: String| {
        let (whole, files) = (cases::base(&case), cases::files(&case));
        let time = whole.times.detected.as_ref()?.at.clone();
        let then = at(&files, &time);
        Some(Noticed { case, files, whole, time, then })
    };
    KNOWN.get_or_init(|| cases::names().into_iter().filter_map(known).collect())
}

#[test]
fn when_it_was_noticed_nobody_knew_what_people_said_later() {
    for Noticed { case, whole, time, then: report, .. } in noticed() {
        let page = serde_json::to_string(report).unwrap();
        let limit = moment(time);
        for entry in whole.timeline.iter().filter(|entry| entry.actor.is_some() && moment(&entry.at) > limit) {
            let quoted = entry.text.split('“').nth(1).map(|t| t.trim_end_matches(['”', '.', '…', ' ']));
            for words in quoted.into_iter().filter(|words| words.len() >= 20 && !words.contains(['"', '\\'])) {
                assert!(!page.contains(words), "{case}: {words}");
            }
        }
        assert_eq!(report.as_of.as_deref(), Some(time.as_str()), "{case}");
    }
}

#[test]
fn nothing_in_the_report_has_a_later_time() {
    for Noticed { case, files, whole, time, then } in noticed() {
        let middle = whole.timeline.get(whole.timeline.len() / 2).map(|entry| entry.at.clone()).unwrap_or(time.clone());
        for (time, report) in [(time, then.clone()), (&middle, at(files, &middle))] {
            let limit = moment(time);
            let evidence = report.evidence.iter().filter_map(|e| e.at.as_deref());
            let times = report.times.all().into_iter().filter_map(|(_, t)| t.map(|t| t.at.as_str()));
            let timeline = report.timeline.iter().map(|entry| entry.at.as_str());
            for found in evidence.chain(times).chain(timeline) {
                assert!(moment(found) <= limit, "{case} at {time}: {found}");
            }
            let later: BTreeSet<(&str, [u64; 2])> = whole
                .evidence
                .iter()
                .filter(|e| e.at.as_deref().is_some_and(|at| moment(at) > limit))
                .map(|e| (e.source.as_str(), e.bytes))
                .collect();
            for evidence in report.evidence.iter().filter(|e| !e.withheld) {
                assert!(!later.contains(&(evidence.source.as_str(), evidence.bytes)), "{case} at {time}: {}", evidence.text);
            }
        }
    }
}

#[test]
fn while_it_went_on_it_was_ongoing_and_its_end_unknown() {
    for Noticed { case, then: report, .. } in noticed() {
        assert_eq!(report.incident.status, Status::Ongoing, "{case}");
        assert!(report.times.resolved.is_none() && report.metrics.duration_s.is_none(), "{case}");
        for field in ["times.resolved", "times.mitigated", "metrics.duration_s"] {
            assert!(report.unknowns.iter().any(|unknown| unknown.field == field), "{case}: {field}");
        }
    }
}

#[test]
fn verify_holds_for_what_was_known() {
    for Noticed { case, files, then, .. } in noticed() {
        let json = serde_json::to_vec(then).unwrap();
        let verdict = verify::verify(&json, &Memory::new(files), &intake::Settings::default(), 2);
        assert_eq!(verdict.faults, Vec::<String>::new(), "{case}");
    }
}

#[test]
fn as_of_long_after_the_end_everything_was_known() {
    for case in ["07-wal", "02-orders-pool"] {
        let (whole, late) = (cases::base(case), at(&cases::files(case), "2030-01-01T00:00:00Z"));
        assert_eq!(late.incident, whole.incident, "{case}");
        let times = |report: &Report| report.times.all().map(|(_, time)| time.map(|t| t.at.clone()));
        let figures = |report: &Report| report.metrics.all().map(|(_, metric)| metric.map(|m| m.value.clone()));
        assert_eq!((times(&late), figures(&late)), (times(&whole), figures(&whole)), "{case}");
        let cause = |report: &Report| report.causes.first().map(|c| (c.service.clone(), c.signature.clone(), c.commit.clone()));
        assert_eq!(cause(&late), cause(&whole), "{case}");
    }
}

#[test]
fn a_page_says_as_of_when_it_is_and_before_everything_nothing_is_usable() {
    let dir = tempfile::tempdir().unwrap();
    cases::lay_out(&cases::example(), &dir.path().join("in"));
    let run = casefile(dir.path(), &["report", "in", "--as-of", "2026-03-11T14:10:00Z"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.text().contains("As of 2026-03-11 14:10:00 UTC"), "{}", run.text().lines().take(8).collect::<String>());
    let before = casefile(dir.path(), &["report", "in", "--as-of", "2001-01-01"]);
    assert_eq!(before.code, Some(1));
    assert!(before.err.contains("2001-01-01T00:00:00Z"), "{}", before.err);
}

#[test]
fn an_element_that_tells_of_later_is_cited_and_its_words_are_withheld() {
    let alert = r#"[{"labels":{"alertname":"CartErrors","severity":"critical","service":"cart"},
        "annotations":{"summary":"cart answers with errors"},"status":"resolved",
        "startsAt":"2024-02-07T09:01:00Z","endsAt":"2024-02-07T09:30:00Z"}]"#;
    let lines = |second: usize| format!("2024-02-07T09:00:{second:02}Z ERROR cart: panic: index 7 out of range\n");
    let log: String = (0..40).map(lines).collect();
    // The report hides the address in the second name.
    for alerts in ["alerts.json", "mara@shop.example.json"] {
        let dir = folder(&[(alerts, alert), ("cart.log", &log)]);
        let run = casefile(dir.path(), &["report", alerts, "cart.log", "--as-of", "2024-02-07T09:05:00Z", "--format", "json"]);
        assert_eq!(run.code, Some(0), "{}", run.err);
        let text = run.text();
        assert!(!text.contains("09:30") && !text.contains("endsAt"), "{text}");
        assert!(text.contains("CartErrors"), "that it fired was known");
    }
}

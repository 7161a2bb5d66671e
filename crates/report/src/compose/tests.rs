//! What a reader sees of small, hand-made findings.

use std::collections::BTreeMap;

use analysis::findings::*;
use evidence::{Clock, Moment, RecordRef, Source, SourceId};
use redact::Redactor;

use super::{Quoted, Quotes, compose, places};
use crate::model::{Claim, ClaimStatus, Origin, Report, Section};

mod secrets;

struct Book(BTreeMap<RecordRef, String>);

impl Quotes for Book {
    fn quote(&self, place: RecordRef) -> Option<Quoted> {
        Some(Quoted { text: self.0.get(&place)?.clone(), ..Quoted::default() })
    }
}

const LINES: [&str; 4] = [
    "2024-02-07T09:00:00Z cart panic: index 7 out of range",
    "2024-02-07T09:00:02Z alert CartErrors firing",
    "2024-02-07T08:55:00Z deploy cart v2.15.0",
    "2024-02-07T09:01:15Z alice: all good, resolved",
];

fn at(second: i64) -> Moment {
    // 2024-02-07T09:00:00Z
    Moment::from_seconds(1_707_296_400 + second)
}

fn place(line: u64) -> RecordRef {
    RecordRef { source: SourceId { input: 0, entry: 0 }, start: line * 100, end: line * 100 + 60, line, last_line: line }
}

fn time(second: i64, by: TimeBasis, line: u64) -> Option<TimeFinding> {
    Some(TimeFinding { at: at(second), earliest: at(second), latest: at(second), by, places: Places::one(place(line)) })
}

fn failure() -> Failure {
    let words = "panic: index 7 out of range".to_string();
    Failure {
        service: Some("cart".into()),
        signature: None,
        words,
        frame: None,
        first: at(0),
        count: 3,
        places: Places::one(place(1)),
    }
}

fn hypothesis(kind: HypothesisKind, probability: f64) -> Hypothesis {
    let change = Change {
        kind: ChangeKind::Deploy,
        service: Some("cart".into()),
        reference: Some("v2.15.0".into()),
        at: at(-300),
        commit: None,
        places: Places::one(place(3)),
    };
    let before = Reason::Before { seconds: 300.0, change: "v2.15.0".into(), took_effect: true };
    let change = Some(change).filter(|_| kind == HypothesisKind::Change);
    let terms = change.iter().map(|_| Term {
        name: "before",
        value: 1.0,
        reason: before.clone(),
        places: Places::new(place(3), [place(1)]),
    });
    Hypothesis {
        service: Some("cart".into()),
        signature: None,
        change_caused: change.as_ref().map(|_| true),
        trigger: None,
        probability,
        kind,
        failure: Some(failure()),
        terms: terms.collect(),
        tests: Vec::new(),
        places: Places::one(place(1)),
        objects: Vec::new(),
        change,
    }
}

fn findings() -> Findings {
    let source = Source {
        id: SourceId { input: 0, entry: 0 },
        name: "all.log".into(),
        format: "text".into(),
        bytes: 300,
        read_bytes: 300,
        lines: 4,
        records: 4,
        skipped: Vec::new(),
        decisions: Vec::new(),
    };
    let first = TimeBasis::FirstFailure { service: Some("cart".into()), words: failure().words };
    let said = TimeBasis::Said { author: "alice".into(), words: "all good, resolved".into() };
    Findings {
        one_sided: None,
        elsewhere: None,
        looked_at: Vec::new(),
        sources: vec![SourceFinding { source, clock: Clock::trusted() }],
        status: Status::Resolved,
        severity: None,
        services: vec!["cart".into()],
        stated_title: None,
        times: Times {
            started: time(0, first, 1),
            detected: time(2, TimeBasis::Alert { name: "CartErrors".into() }, 2),
            resolved: time(75, said, 4),
            ..Times::default()
        },
        metrics: Metrics::default(),
        timeline: vec![Happening {
            at: at(0),
            kind: HappeningKind::Symptom,
            service: Some("cart".into()),
            actor: None,
            what: What::Failure { words: failure().words, signature: None, count: 3, is_varied: false },
            places: Places::one(place(1)),
        }],
        hypotheses: vec![hypothesis(HypothesisKind::Change, 0.8), hypothesis(HypothesisKind::UnknownIn, 0.2)],
        undetermined: None,
        contributing: Vec::new(),
        first_failing: Some(("cart".into(), Places::one(place(1)))),
        unsaid: Vec::new(),
        blast_radius: Vec::new(),
        remediation: None,
        chain: Vec::new(),
        actions: Vec::new(),
        contradictions: Vec::new(),
        beliefs: Vec::new(),
        owned: None,
        found_out: None,
        objections: Vec::new(),
        lasting: Vec::new(),
        suggestions: Vec::new(),
        course: None,
        alert: None,
        observations: Vec::new(),
        samples: Vec::new(),
        moments: [(place(1), at(0)), (place(2), at(2)), (place(3), at(-300)), (place(4), at(75))].into(),
        records: 4,
        bounds: Vec::new(),
        undated_alarms: false,
    }
}

fn report(findings: &Findings) -> Report {
    let wanted = places(findings);
    let text = |p: &RecordRef| LINES.get(p.line as usize - 1).map(|l| l.to_string());
    let book = Book(wanted.iter().filter_map(|p| Some((*p, text(p)?))).collect());
    compose(findings, &book, &mut Redactor::secrets_only())
}

fn says(report: &Report, text: &str) -> bool {
    report.claims.iter().any(|c| c.text == text)
}

#[test]
fn the_sentences_read_as_an_engineer_would_write_them() {
    let report = report(&findings());
    assert_eq!(report.incident.title, "cart: “panic: index 7 out of range” after v2.15.0");
    for text in [
        "An incident hit cart from 09:00:00 UTC on 2024-02-07.",
        "v2.15.0 took effect 5 min before the failure began.",
        "The incident was noticed at 09:00:02 UTC by the alert CartErrors.",
        "Detection took 2 s: the failure began at 09:00:00, the alert fired at 09:00:02 UTC.",
        "The incident lasted 75 s: the failure began at 09:00:00, it was declared over at 09:01:15 UTC.",
        "The incident was declared over at 09:01:15 UTC by @alice: “all good, resolved”.",
    ] {
        assert!(says(&report, text), "{text}\n{:#?}", report.claims.iter().map(|c| &c.text).collect::<Vec<_>>());
    }
}

#[test]
fn every_claim_cites_and_every_measured_one_says_how() {
    let report = report(&findings());
    let known: Vec<&str> = report.evidence.iter().map(|e| e.id.as_str()).collect();
    for claim in &report.claims {
        assert!(claim.citations.iter().all(|c| known.contains(&c.as_str())) && !claim.text.is_empty());
        assert!(claim.status != ClaimStatus::Measured || claim.derivation.is_some(), "{}", claim.text);
    }
    assert!(report.causes.iter().all(|c| !c.supports.is_empty()));
}

#[test]
fn an_end_that_stands_in_a_row_with_another_time_is_told_with_its_own() {
    let mut findings = findings();
    findings.times.resolved = time(75, TimeBasis::Page { incident: "7".into(), actor: Some("alice".into()) }, 3);
    let report = report(&findings);
    let told = |c: &&Claim| c.section == Section::Summary && c.text.starts_with("It was declared over at ");
    let said = report.claims.iter().find(told).map(|c| c.text.as_str()).unwrap_or_default();
    assert!(said.starts_with("It was declared over at 09:01:15"), "{said}");
}

#[test]
fn every_null_is_asked_for() {
    let report = report(&findings());
    let fields: Vec<&str> = report.unknowns.iter().map(|u| u.field.as_str()).collect();
    for field in ["incident.severity", "remediation", "times.acknowledged", "metrics.mtta_s", "metrics.users_affected"] {
        assert!(fields.contains(&field), "{field}");
    }
    assert!(!fields.contains(&"times.started"));
}

#[test]
fn a_number_that_no_cited_record_has_is_not_printed() {
    let mut findings = findings();
    findings.timeline[0].what =
        What::Failure { words: "panic: index 8 out of range".into(), signature: None, count: 3, is_varied: false };
    assert_eq!(report(&findings).timeline[0].text, "cart begins to log “panic: index 7 out of range”.");
}

#[test]
fn failures_that_differ_in_values_are_told_once() {
    let mut findings = findings();
    findings.timeline[0].what = What::Failure { words: failure().words, signature: None, count: 1, is_varied: true };
    let told = &report(&findings).timeline[0].text;
    assert_eq!(told, "cart begins to log “panic: index 7 out of range”, and the same with other values.");
}

#[test]
fn suggestions_have_no_owner_and_no_date() {
    let mut findings = findings();
    findings.times.detected = None;
    let report = report(&findings);
    assert!(report.actions.iter().any(|a| a.origin == Origin::Suggested));
    assert!(report.actions.iter().all(|a| a.origin == Origin::Stated || a.owner.is_none() && a.due.is_none()));
}

#[test]
fn without_an_incident_there_is_one_statement_and_no_cause() {
    let findings = Findings { status: Status::NoneFound, times: Times::default(), hypotheses: Vec::new(), ..findings() };
    let report = report(&findings);
    assert!(report.causes.is_empty() && report.unknowns.is_empty() && report.times.started.is_none());
    assert!(says(&report, "Casefile read 4 records and found no failure that stands out from the rest."));
}

#[test]
fn the_same_findings_give_the_same_report() {
    assert_eq!(report(&findings()), report(&findings()));
}

#[test]
fn a_step_ended_the_incident_only_where_users_are_served_again() {
    let mut findings = findings();
    let step = TimeBasis::Change { service: Some("cart".into()), version: None, words: String::new() };
    findings.times.mitigation_started = time(-300, step, 3);
    assert!(says(&report(&findings), "A step to end it was begun at 08:55:00 UTC, by a change at cart."));
    findings.times.mitigated = time(75, TimeBasis::LastFailure { service: Some("cart".into()), quiet_s: 600 }, 4);
    findings.times.ended_by = findings.times.mitigation_started.clone();
    let the_same = report(&findings);
    assert!(says(&the_same, "The step that ended it was begun at 08:55:00 UTC, by a change at cart."));
    let step = TimeBasis::Change { service: Some("cart".into()), version: None, words: String::new() };
    findings.times.ended_by = time(-100, step, 3);
    let another = report(&findings);
    assert!(says(&another, "The first step meant to end it was begun at 08:55:00 UTC, by a change at cart."));
}

#[test]
fn what_is_ongoing_lasts_until_the_last_failure_that_a_record_shows() {
    let sample = Sample { service: Some("cart".into()), words: failure().words, count: 3, places: Places::one(place(4)) };
    let findings = Findings { status: Status::Ongoing, times: Times::default(), samples: vec![sample], ..findings() };
    let report = report(&findings);
    assert!(says(&report, "It is ongoing in the last records, of 09:01:15 UTC."));
    let mut without = Findings { samples: Vec::new(), ..findings };
    without.timeline[0].at = at(0);
    assert!(says(&super::tests::report(&without), "It is ongoing in the last records, of 09:00:00 UTC."));
}

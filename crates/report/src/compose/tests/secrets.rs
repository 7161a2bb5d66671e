//! Findings in which every text is one that no report may hold: whatever path a text takes, it comes out as its mark.

use analysis::findings::*;
use evidence::{Moment, RecordRef, Skipped, SourceId};
use redact::Redactor;

use super::{at, findings, hypothesis, place, places, time};
use crate::compose::{Quoted, Quotes, compose};
use crate::model::Report;

const MAIL: &str = "mara.lindt@assura.example";

fn token() -> String {
    ["ghp", "_", "a8vXnt57yzfYm909fb3N5hhcmyx7O1preh3s"].concat()
}

struct Poisoned(String);

impl Quotes for Poisoned {
    fn quote(&self, place: RecordRef) -> Option<Quoted> {
        let text = format!("line {} says {}", place.line, self.0);
        Some(Quoted { source: self.0.clone(), before: vec![text.clone()], after: vec![text.clone()], text })
    }
}

fn one() -> Places {
    Places::new(place(1), [place(4)])
}

fn stated(p: &str) -> Stated {
    Stated { words: p.into(), author: Some(p.into()), at: Some(at(60)), places: one() }
}

fn bases(p: &str) -> Vec<TimeBasis> {
    let service = Some(p.to_string());
    vec![
        TimeBasis::FirstFailure { service: service.clone(), words: p.into() },
        TimeBasis::FailedRequests { service: service.clone() },
        TimeBasis::BackDated { service: service.clone(), seconds: 2.0 },
        TimeBasis::Alert { name: p.into() },
        TimeBasis::Page { incident: p.into(), actor: service.clone() },
        TimeBasis::Said { author: p.into(), words: p.into() },
        TimeBasis::Change { service: service.clone(), version: service.clone(), words: p.into() },
        TimeBasis::Logged { service: service.clone(), words: p.into() },
        TimeBasis::LastFailure { service, quiet_s: 60 },
    ]
}

fn told(p: &str) -> Vec<What> {
    let some = || Some(p.to_string());
    vec![
        What::Message { text: p.into() },
        What::Alert { name: p.into(), summary: p.into(), severity: some(), firing: true },
        What::Page { incident: p.into(), title: p.into(), text: p.into() },
        What::Deploy { version: some(), kind: p.into(), rollback: false, finished: true, text: format!("by {p}") },
        What::Deploy { version: some(), kind: p.into(), rollback: true, finished: true, text: p.into() },
        What::Commit { sha: p.into(), message: p.into() },
        What::Flag { name: p.into(), old: some(), new: some() },
        What::Kube { reason: p.into(), object: p.into(), message: p.into() },
        What::Status { provider: p.into(), state: p.into(), body: p.into() },
        What::Failure { words: p.into(), signature: None, count: 3, is_varied: false },
        What::Logged { words: p.into() },
        What::Expired { words: p.into() },
        What::FirstFailedRequest,
        What::LastFailure { count: 3 },
    ]
}

fn terms(p: &str) -> Vec<Term> {
    let (t, seconds) = (|| p.to_string(), 5.0);
    let reasons = vec![
        Reason::Before { seconds, change: t(), took_effect: true },
        Reason::After { seconds, change: t() },
        Reason::Later { seconds, words: t(), first: t() },
        Reason::Diff { says: t() },
        Reason::Seen { service: t(), words: t() },
        Reason::TakesBack { change: t() },
        Reason::Setting { says: t() },
        Reason::Overlaps { job: t() },
        Reason::HoldsLock { holder: t(), table: t(), words: t(), is_done: false },
        Reason::DiffUnrelated { subject: t() },
        Reason::Bends { metric: t(), rises: true },
        Reason::Frame { frame: t(), file: t() },
        Reason::Reversal { undone: t(), seconds },
        Reason::EndedFirst { undone: t(), seconds },
        Reason::NoReversal { undone: t(), seconds },
        Reason::Outlived { of: t(), seconds },
        Reason::Said { author: t(), words: t() },
        Reason::Refuted { author: t(), words: t() },
        Reason::First { service: t() },
        Reason::Reaches { services: vec![t()] },
        Reason::NotReached { service: t() },
        Reason::Provider { provider: t(), words: t() },
        Reason::External { target: t(), words: t() },
        Reason::SeenBefore { words: t() },
        Reason::UnchangedFails { service: t() },
    ];
    reasons.into_iter().map(|reason| Term { name: "term", value: 0.5, reason, places: one() }).collect()
}

fn object(p: &str) -> ObjectState {
    let t = || p.to_string();
    ObjectState { kind: t(), name: t(), reason: t(), message: t(), exit_code: None, since: Some(at(0)), places: one() }
}

fn cause(p: &str, kind: HypothesisKind) -> Hypothesis {
    let some = Some(p.to_string());
    let mut made = hypothesis(kind, 0.5);
    made.service = some.clone();
    made.terms = terms(p);
    made.objects = vec![object(p)];
    made.trigger = Some(Trigger { kind: TriggerKind::Deploy, reference: some.clone(), at: None, places: one() });
    if let Some(failure) = &mut made.failure {
        *failure = Failure { service: some.clone(), words: p.into(), frame: some.clone(), ..failure.clone() };
    }
    if let Some(change) = &mut made.change {
        let (sha, subject, author) = (p.to_string(), p.to_string(), p.to_string());
        let commit = CommitFinding { sha, subject, author, says: vec![p.into()], files: vec![p.into()], place: place(3) };
        *change = Change { service: some.clone(), reference: some, commit: Some(commit), ..change.clone() };
    }
    made
}

fn metric(p: &str, computed: bool) -> Option<MetricFinding> {
    let select = Selection { path: Some(format!("/of/{p}")), text: Some(format!("* {p} *")), ..Selection::default() };
    let measure = Measure {
        op: MeasureOp::Ratio,
        sources: vec![place(1).source],
        of: select.clone(),
        select,
        from: None,
        to: None,
        numerator: 1.0,
        denominator: 2.0,
        value: 0.5,
    };
    let said = MetricBasis::Stated { words: p.into(), number: p.into(), author: Some(p.into()) };
    let basis = if computed { MetricBasis::Computed(measure) } else { said };
    Some(MetricFinding { value: 0.5, basis, one_of: None, places: one() })
}

fn edges(p: &str) -> Vec<Edge> {
    let t = || p.to_string();
    let bases = vec![
        EdgeBasis::Names { words: t() },
        EdgeBasis::SpeaksOf { of: t(), words: t() },
        EdgeBasis::Alike { words: t() },
        EdgeBasis::Traces { shared: 2 },
        EdgeBasis::Spans { name: t() },
        EdgeBasis::Said { author: t(), words: t() },
        EdgeBasis::Data { words: t() },
        EdgeBasis::Order { seconds: 2.0 },
    ];
    bases.into_iter().map(|by| Edge { from: t(), to: format!("{p} too"), verified: true, by, places: one() }).collect()
}

fn contradictions(p: &str) -> Vec<Contradiction> {
    let t = || p.to_string();
    let side = |by: Option<String>| Side {
        value: t(),
        number: None,
        between: None,
        measure: None,
        stated_by: by,
        words: Some(t()),
        places: one(),
    };
    let about = vec![
        About::Clock { source: t(), offset_s: 60, basis: t() },
        About::OutageDuration,
        About::IncidentDuration,
        About::When { what: t() },
        About::Quantity { what: t() },
        About::Belief,
        About::Name,
        About::Order { change: at(0), failed: at(60) },
        About::Corrected { what: t(), is_recorded: false },
        About::OwnEnds,
        About::Over,
        About::Whether,
    ];
    let kind = ContradictionKind::Statement;
    about.into_iter().map(|about| Contradiction { kind, about, sides: vec![side(Some(t())), side(None)] }).collect()
}

fn course(p: &str) -> Course {
    let some = Some(p.to_string());
    Course {
        from: at(0),
        step: 60,
        steps: 1,
        requests: Some(Requests { service: some.clone(), total: vec![2], failed: vec![1], places: Some(one()) }),
        services: vec![ServiceCourse { name: p.into(), records: vec![2], failures: vec![1], places: Some(one()) }],
        patterns: vec![PatternCourse { service: some.clone(), words: p.into(), level: None, counts: vec![1], places: one() }],
        tracks: vec![Track { metric: p.into(), service: some, points: vec![(at(0), 1.0)], places: one() }],
        links: vec![Link { from: p.into(), to: p.into(), places: one() }],
    }
}

/// Every text of it is `p`.
fn poisoned(p: &str) -> Findings {
    let some = || Some(p.to_string());
    let by = |n: usize| bases(p).swap_remove(n);
    let mut all = findings();
    let source = &mut all.sources[0];
    source.source.name = format!("mail/{p}/all.log");
    source.source.format = p.into();
    source.source.decisions = vec![p.into()];
    source.source.skipped = vec![Skipped { reason: p.into(), lines: 0, bytes: 0, first_line: None }];
    (source.clock.zone, source.clock.basis) = (p.into(), p.into());
    all.services = vec![p.into(), format!("{p} too")];
    (all.severity, all.stated_title) = (Some(stated(p)), Some(stated(p)));
    all.times = Times {
        started: time(0, by(0), 1),
        detected: time(2, by(5), 2),
        acknowledged: time(5, by(4), 2),
        mitigation_started: time(60, by(6), 3),
        ended_by: time(65, by(6), 3),
        mitigated: time(70, by(8), 4),
        resolved: time(75, by(5), 4),
    };
    all.metrics = Metrics {
        peak_error_rate: metric(p, true),
        users_affected: metric(p, false),
        requests_failed: metric(p, true),
        support_tickets: metric(p, false),
        revenue_impact: metric(p, false),
    };
    let happening =
        |what| Happening { at: at(0), kind: HappeningKind::Action, service: some(), actor: some(), what, places: one() };
    all.timeline = told(p).into_iter().map(happening).collect();
    use HypothesisKind::{Change as Changed, External, Failure as Failed, UnknownIn};
    all.hypotheses = [Changed, Failed, External, UnknownIn].map(|kind| cause(p, kind)).into();
    all.contributing =
        vec![Contributing { service: some(), signature: None, words: p.into(), first: None, count: 2, places: one() }];
    all.first_failing = Some((p.into(), one()));
    all.blast_radius = vec![(p.into(), one())];
    all.remediation = Some(Remediation { word: p.into(), by: some(), words: p.into(), shown: Shown::Done, places: one() });
    all.chain = edges(p);
    let (priority, owner, due, status, author) = (some(), some(), some(), some(), some());
    all.actions = vec![StatedAction { text: p.into(), priority, owner, due, status, author, places: one() }];
    all.contradictions = contradictions(p);
    all.beliefs = vec![Belief { said: stated(p), refuted_by: stated(p) }];
    let canary = Replayed::Canary { share: 0.1, failed: 4, most: 1 };
    let replay = Replay { replayed: canary, source: place(1).source, places: one() };
    all.suggestions = vec![Suggestion { said: stated(p), replay: Some(replay.clone()) }];
    all.alert = Some(replay);
    all.course = Some(course(p));
    all.observations = vec![
        Observation::WrongTurn { words: format!("I think {p}"), author: p.into(), seconds: 2.0, places: one() },
        Observation::MissedSignal { words: p.into(), seconds: 2.0, by_pager: true, places: one() },
        Observation::SecretExposed { kind: p.into(), places: one() },
    ];
    all.looked_at = vec![
        LookedAt::Alert { name: p.into(), summary: p.into(), places: one() },
        LookedAt::Over { object: object(p), by: Some((p.into(), format!("{p} too"), place(2))) },
        LookedAt::Logged { at: at(0), words: p.into(), places: one() },
        LookedAt::Well { names: vec![(p.into(), p.into())], more: 1, places: one() },
    ];
    all.samples = vec![Sample { service: some(), words: p.into(), count: 2, places: one() }];
    all
}

/// The findings as they are, and in each other way in which a report of them is told.
fn ways(p: &str) -> Vec<Findings> {
    let whole = poisoned(p);
    let checks = [
        Check::ChangeHistory { service: p.into(), before: Moment::from_seconds(1_707_296_400) },
        Check::CompareChanges { first: p.into(), second: p.into() },
        Check::AskProvider { provider: p.into() },
        Check::LogsOf { service: p.into() },
    ];
    let open = checks.map(|check| Findings { undetermined: Some(Undetermined { check }), ..whole.clone() });
    let kinds = (0..4).map(|n| {
        let mut turned = whole.clone();
        turned.hypotheses.rotate_left(n);
        turned
    });
    let starts = bases(p).into_iter().map(|by| {
        let times = Times { started: time(0, by, 1), detected: None, ..Times::default() };
        Findings { times, status: Status::Ongoing, hypotheses: Vec::new(), ..whole.clone() }
    });
    let quiet = Findings { status: Status::NoneFound, ..whole.clone() };
    kinds.chain(open).chain(starts).chain([quiet]).collect()
}

fn report(findings: &Findings, p: &str) -> Report {
    compose(findings, &Poisoned(p.to_string()), &mut Redactor::secrets_only())
}

#[test]
fn no_address_and_no_secret_of_any_field_reaches_the_report() {
    for p in [MAIL.to_string(), token()] {
        for findings in ways(&p) {
            let json = serde_json::to_string_pretty(&report(&findings, &p)).unwrap();
            let leak = json.lines().find(|line| line.contains(&p) || line.contains("assura"));
            assert_eq!(leak, None, "{:?}", findings.status);
            assert!(json.contains(":1]"), "its mark stands for it");
        }
    }
}

#[test]
fn one_person_has_one_mark_wherever_the_address_stands() {
    for findings in ways(MAIL) {
        let json = serde_json::to_string(&report(&findings, MAIL)).unwrap();
        assert!(json.contains("[email:1]") && !json.contains("[email:2]"));
    }
    let report = report(&poisoned(MAIL), MAIL);
    let who = "a person (address redacted: [email:1])";
    let entry = report.timeline.iter().find(|entry| entry.text.starts_with(&format!("{who}: "))).unwrap();
    assert_eq!((entry.actor.as_deref(), entry.service.as_deref()), (Some(who), Some("[email:1]")));
    assert_eq!(report.actions[0].owner.as_deref(), Some(who));
}

#[test]
fn a_source_has_one_name_wherever_it_stands() {
    struct Plain;
    impl Quotes for Plain {
        fn quote(&self, place: RecordRef) -> Option<Quoted> {
            Some(Quoted { text: format!("line {}", place.line), ..Quoted::default() })
        }
    }
    let report = compose(&poisoned(MAIL), &Plain, &mut Redactor::secrets_only());
    assert_eq!(report.coverage.sources[0].name, "mail/[email:1]/all.log");
    assert!(report.evidence.iter().all(|evidence| evidence.source == "mail/[email:1]/all.log"));
    let counted = report.claims.iter().filter_map(|claim| claim.derivation.as_ref());
    assert!(counted.flat_map(|d| &d.sources).all(|source| source == "mail/[email:1]/all.log"));
}

#[test]
fn names_of_sources_without_a_secret_stay_as_they_are() {
    let long = format!("pods/cart-6d5f8c7b9-x2x4z_shop_cart-{}.log", "0a1b2c3d4e5f6789".repeat(4));
    for name in ["logs/api.log", "a/b.zip!2024-02-07/cart-v2.log", "i-0abc12de34f567890/syslog.1.gz", &long] {
        let mut findings = findings();
        findings.sources[0].source.name = name.into();
        assert_eq!(report(&findings, "nothing").coverage.sources[0].name, name);
    }
}

#[test]
fn a_commit_keeps_its_whole_hash() {
    let mut findings = findings();
    let sha = "14c373c4a5b6978877665544332211ffeeddccbb".to_string();
    let words = || "Change the pool".to_string();
    let commit =
        CommitFinding { sha: sha.clone(), subject: words(), author: words(), says: vec![], files: vec![], place: place(3) };
    findings.hypotheses[0].change.as_mut().unwrap().commit = Some(commit);
    assert_eq!(report(&findings, "nothing").causes[0].commit, Some(sha));
}

#[test]
fn every_place_that_is_cited_was_asked_for() {
    for findings in ways(MAIL) {
        let wanted = places(&findings);
        let report = report(&findings, MAIL);
        let known = |e: &crate::model::Evidence| {
            let source = SourceId { input: 0, entry: 0 };
            wanted.contains(&RecordRef { source, start: e.bytes[0], end: e.bytes[1], line: e.line, last_line: e.last_line })
        };
        assert!(report.evidence.iter().all(known));
    }
}

#[test]
fn a_secret_in_whose_middle_a_text_was_cut_shows_no_part_of_it() {
    struct Compact(String);
    impl Quotes for Compact {
        fn quote(&self, _: RecordRef) -> Option<Quoted> {
            Some(Quoted { text: self.0.clone(), ..Quoted::default() })
        }
    }
    for p in [MAIL.to_string(), token()] {
        let record = format!(r#"{{"level":"error","user":"{p}","n":"{}"}}"#, "x".repeat(300));
        let start = record.find(&p).unwrap();
        for end in start + 5..start + p.len() {
            let mut findings = findings();
            let words = format!("{}…", &record[..end]);
            findings.timeline[0].what = What::Logged { words: words.clone() };
            findings.hypotheses[0].failure.as_mut().unwrap().words = words;
            let report = compose(&findings, &Compact(record.clone()), &mut Redactor::secrets_only());
            let json = serde_json::to_string(&report).unwrap();
            assert!(!json.contains(&p[..5]), "cut after {}: {:?}", &record[start..end], report.timeline[0].text);
        }
    }
}

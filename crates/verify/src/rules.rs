//! The rules of the contract that need no input: ids and references, unknowns, causes, the order of times, contradictions
//! and suggestions. Must never know what the incident was.

use std::collections::BTreeSet;

use report::model::{Origin, Report, RequiredItem, Status};

use crate::{Verdict, derive, moments, numbers};

/// What of the report a rule is about, and the rule.
pub type Rule = (&'static str, fn(&Report, &mut Verdict));

pub const ALL: &[Rule] = &[
    ("ids", ids),
    ("claims", claims),
    ("references", references),
    ("unknowns", unknowns),
    ("causes", causes),
    ("terms", terms),
    ("times", times),
    ("timeline", timeline),
    ("metrics", metrics),
    ("contradictions", contradictions),
    ("actions", actions),
    ("confidence", confidence),
    ("audience", audience),
];

pub fn check(report: &Report, verdict: &mut Verdict) {
    for (_, rule) in ALL {
        rule(report, verdict);
    }
}

/// What is withheld is not there, and each item of an authority is answered or says what it needs.
fn audience(report: &Report, verdict: &mut Verdict) {
    let parts = [
        ("causes", report.causes.len()),
        ("chain", report.chain.len()),
        ("contributing", report.contributing.len()),
        ("whys", report.whys.len()),
        ("prevention", report.prevention.len()),
        ("lessons", report.lessons.len()),
        ("contradictions", report.contradictions.len()),
        ("blast_radius", report.blast_radius.len()),
        ("course", usize::from(report.course.is_some())),
        ("timeline", report.timeline.len()),
        ("actions", report.actions.len()),
    ];
    for (part, _) in parts.into_iter().filter(|(part, length)| *length > 0 && report.withholds(part)) {
        verdict.fault(format!("{part} is said to be withheld and stands there"));
    }
    for item in items(report) {
        verdict.want(!item.answers.is_empty() || item.needs.is_some(), || {
            format!("the regulatory item {} is not answered and does not say what it needs", item.id)
        });
    }
    let times: Vec<&str> = report.times.all().into_iter().filter_map(|(_, time)| Some(time?.at.as_str())).collect();
    for at in items(report).flat_map(|item| &item.answers).filter_map(|answer| answer.at.as_deref()) {
        verdict.want(times.contains(&at), || format!("a regulatory item is of {at}, which is none of the six times"));
    }
    let as_of = report.as_of.as_deref();
    verdict.want(as_of.is_none_or(|at| moments::moment(at).is_some()), || "as_of is no time".to_string());
    let limit = as_of.and_then(moments::moment);
    let times = report.evidence.iter().filter_map(|e| e.at.as_deref()).chain(report.timeline.iter().map(|t| t.at.as_str()));
    for at in times.filter(|at| moments::moment(at).zip(limit).is_some_and(|(at, limit)| at > limit)) {
        verdict.fault(format!("something of {at} stands in a report of what was known before"));
    }
}

fn items(report: &Report) -> impl Iterator<Item = &RequiredItem> {
    report.audience.iter().filter_map(|audience| audience.regulatory.as_ref()).flat_map(|regulatory| &regulatory.items)
}

fn ids(report: &Report, verdict: &mut Verdict) {
    let claims = report.claims.iter().map(|c| &c.id);
    let mut seen = BTreeSet::new();
    for id in report.evidence.iter().map(|e| &e.id).chain(claims) {
        verdict.want(!id.is_empty() && seen.insert(id), || format!("the id {id:?} is empty or stands twice"));
    }
    verdict.want(!report.claims.is_empty() || report.withholds("summary"), || "there is no claim".to_string());
    verdict.want(!report.incident.title.trim().is_empty(), || "the title is empty".to_string());
}

fn claims(report: &Report, verdict: &mut Verdict) {
    for claim in &report.claims {
        verdict.want(!claim.text.trim().is_empty(), || format!("{}: it has no text", claim.id));
        verdict.want((0.0..=1.0).contains(&claim.confidence), || format!("{}: its confidence is {}", claim.id, claim.confidence));
    }
}

/// Every id that is referred to is there.
fn references(report: &Report, verdict: &mut Verdict) {
    let evidence: BTreeSet<&str> = report.evidence.iter().map(|e| e.id.as_str()).collect();
    let claims: BTreeSet<&str> = report.claims.iter().map(|c| c.id.as_str()).collect();
    for (place, id) in cited(report) {
        verdict.want(evidence.contains(id), || format!("{place} cites {id}, which is not there"));
    }
    for (place, id) in referred(report) {
        verdict.want(claims.contains(id), || format!("{place} refers to claim {id}, which is not there"));
    }
}

/// Each citation with the place where it stands.
fn cited(report: &Report) -> Vec<(String, &str)> {
    let mut all: Vec<(String, &str)> = Vec::new();
    for c in &report.claims {
        all.extend(c.citations.iter().map(|i| (c.id.clone(), i.as_str())));
    }
    for (i, t) in report.timeline.iter().enumerate() {
        all.extend(t.citations.iter().map(|id| (format!("timeline[{i}]"), id.as_str())));
    }
    for c in &report.causes {
        let cites = c.trigger.iter().flat_map(|t| &t.citations);
        all.extend(cites.map(|id| (format!("the trigger of cause {}", c.rank), id.as_str())));
    }
    all.extend(report.contributing.iter().flat_map(|x| x.citations.iter()).map(|id| ("contributing".into(), id.as_str())));
    all.extend(report.chain.iter().flat_map(|x| x.citations.iter()).map(|id| ("chain".into(), id.as_str())));
    all.extend(report.actions.iter().flat_map(|x| x.citations.iter()).map(|id| ("actions".into(), id.as_str())));
    all.extend(report.whys.iter().flat_map(|x| x.citations.iter()).map(|id| ("whys".into(), id.as_str())));
    all.extend(report.prevention.iter().flat_map(|x| x.citations.iter()).map(|id| ("prevention".into(), id.as_str())));
    all.extend(report.lessons.iter().flat_map(|x| x.citations.iter()).map(|id| ("lessons".into(), id.as_str())));
    let answers = items(report).flat_map(|item| &item.answers);
    all.extend(answers.flat_map(|a| a.citations.iter()).map(|id| ("regulatory items".into(), id.as_str())));
    let values = report.contradictions.iter().flat_map(|x| &x.values);
    all.extend(values.flat_map(|v| v.citations.iter()).map(|id| ("contradictions".into(), id.as_str())));
    all
}

/// Each reference to a claim with the place where it stands.
fn referred(report: &Report) -> Vec<(String, &str)> {
    let mut all: Vec<(String, &str)> = Vec::new();
    let times = report.times.all().into_iter().filter_map(|(n, t)| Some((format!("times.{n}"), t?.claim.as_str())));
    let metrics = report.metrics.all().into_iter().filter_map(|(n, m)| Some((format!("metrics.{n}"), m?.claim.as_str())));
    all.extend(times.chain(metrics));
    all.extend(report.timeline.iter().enumerate().map(|(i, x)| (format!("timeline[{i}]"), x.claim.as_str())));
    for c in &report.causes {
        let terms = c.terms.iter().filter_map(|t| t.claim.as_ref());
        let tests = c.tests.iter().filter_map(|t| t.claim.as_ref());
        let ids = [&c.claim].into_iter().chain(&c.supports).chain(&c.against).chain(terms).chain(tests);
        all.extend(ids.map(|id| (format!("cause {}", c.rank), id.as_str())));
    }
    all.extend(report.contributing.iter().map(|x| ("contributing".into(), x.claim.as_str())));
    all.extend(report.chain.iter().map(|x| ("chain".into(), x.claim.as_str())));
    all.extend(report.actions.iter().map(|x| ("actions".into(), x.claim.as_str())));
    all.extend(report.whys.iter().filter_map(|x| Some(("whys".into(), x.claim.as_deref()?))));
    all.extend(report.prevention.iter().map(|x| ("prevention".into(), x.claim.as_str())));
    all.extend(report.lessons.iter().map(|x| ("lessons".into(), x.claim.as_str())));
    all.extend(report.contradictions.iter().map(|x| ("contradictions".into(), x.claim.as_str())));
    all.extend(items(report).flat_map(|item| &item.answers).map(|a| ("regulatory items".into(), a.claim.as_str())));
    all
}

/// Rule 3: what is null is asked for.
fn unknowns(report: &Report, verdict: &mut Verdict) {
    for unknown in &report.unknowns {
        let empty = unknown.field.trim().is_empty() || unknown.question.trim().is_empty();
        verdict.want(!empty, || "an unknown has no field or no question".to_string());
    }
    if report.incident.status == Status::NoneFound {
        return;
    }
    let listed: BTreeSet<&str> = report.unknowns.iter().map(|u| u.field.as_str()).collect();
    let times = report.times.all().into_iter().map(|(n, t)| (format!("times.{n}"), t.is_none()));
    let metrics = report.metrics.all().into_iter().map(|(n, m)| (format!("metrics.{n}"), m.is_none()));
    let others = [
        ("incident.severity".to_string(), report.incident.severity.is_none()),
        ("remediation".to_string(), report.remediation.is_none()),
        ("first_failing_service".to_string(), report.first_failing_service.is_none()),
    ];
    for (field, null) in times.chain(metrics).chain(others) {
        let said = listed.contains(field.as_str()) || report.withholds(&field);
        verdict.want(!null || said, || format!("{field} is null and not among the unknowns"));
    }
    let texts = [&report.incident.severity, &report.remediation, &report.first_failing_service, &report.next_check];
    verdict.want(texts.into_iter().flatten().all(|t| !t.trim().is_empty()), || "an empty string stands for null".to_string());
}

/// Rule 4.
fn causes(report: &Report, verdict: &mut Verdict) {
    let causes = &report.causes;
    if report.incident.status == Status::NoneFound {
        let quiet = causes.is_empty() && !report.undetermined;
        verdict.want(quiet, || "nothing was found, and yet there is a cause".to_string());
        let none = report.times.all().iter().all(|t| t.1.is_none()) && report.metrics.all().iter().all(|m| m.1.is_none());
        verdict.want(none, || "nothing was found, and yet there are times or metrics".to_string());
        return;
    }
    verdict.want(!causes.is_empty() || report.withholds("causes"), || "there is no cause".to_string());
    verdict.want(!report.undetermined || causes.len() >= 2, || "it is undetermined with fewer than two causes".to_string());
    for (i, cause) in causes.iter().enumerate() {
        verdict.want(cause.rank as usize == i + 1, || format!("cause {} stands at rank {}", cause.rank, i + 1));
        verdict.want(!cause.supports.is_empty(), || format!("nothing speaks for cause {}", cause.rank));
        verdict.want((0.0..=1.0).contains(&cause.probability), || {
            format!("cause {} has probability {}", cause.rank, cause.probability)
        });
    }
    let ordered = causes.windows(2).all(|w| w[0].probability >= w[1].probability - 1e-9);
    verdict.want(ordered, || "the causes are not in the order of their probability".to_string());
}

/// The terms of a cause add up to its score.
fn terms(report: &Report, verdict: &mut Verdict) {
    for cause in &report.causes {
        let sum: f64 = cause.terms.iter().map(|t| t.value).sum();
        verdict.want(cause.score.is_none_or(|score| (score - sum).abs() < 0.006), || {
            format!("the terms of cause {} do not add up to its score", cause.rank)
        });
        verdict.want(cause.terms.iter().all(|t| t.value.is_finite()), || format!("a term of cause {} is no number", cause.rank));
    }
}

/// Rule 5, for the six times; each stands in the text of its claim.
fn times(report: &Report, verdict: &mut Verdict) {
    for (name, time) in report.times.all() {
        let Some(time) = time else { continue };
        let parsed = [&time.earliest, &time.at, &time.latest].map(|t| moments::moment(t));
        let [Some(earliest), Some(at), Some(latest)] = parsed else {
            verdict.fault(format!("times.{name} is no time"));
            continue;
        };
        verdict.want(time.at.ends_with('Z'), || format!("times.{name} is not in UTC with Z"));
        verdict.want(earliest <= at && at <= latest, || format!("times.{name} lies outside of its interval"));
        if let Some(claim) = report.claims.iter().find(|c| c.id == time.claim) {
            verdict.want(derive::time_stands(at, &claim.text), || {
                format!("times.{name} is {}, which its claim {} does not say", time.at, claim.id)
            });
        }
    }
    let known = |names: &[&str]| -> Vec<(String, evidence::Moment)> {
        let all = report.times.all();
        let find = |n: &&str| all.iter().find(|(name, _)| name == n).and_then(|(_, t)| moments::moment(&t.as_ref()?.at));
        names.iter().filter_map(|n| Some((n.to_string(), find(n)?))).collect()
    };
    for line in [&["started", "detected", "acknowledged"][..], &["started", "mitigation_started", "mitigated", "resolved"]] {
        for pair in known(line).windows(2) {
            verdict.want(pair[0].1 <= pair[1].1, || format!("{} is after {}", pair[0].0, pair[1].0));
        }
    }
}

fn timeline(report: &Report, verdict: &mut Verdict) {
    let times: Vec<Option<evidence::Moment>> = report.timeline.iter().map(|t| moments::moment(&t.at)).collect();
    verdict.want(times.iter().all(Option::is_some), || "an entry of the timeline has no time".to_string());
    verdict.want(times.windows(2).all(|w| w[0] <= w[1]), || "the timeline is not in order".to_string());
    let quiet = report.incident.status == Status::NoneFound;
    verdict.want(quiet || !times.is_empty() || report.withholds("timeline"), || "the timeline is empty".to_string());
}

/// Each value stands in the text of its claim; durations are the differences of the report's own times.
fn metrics(report: &Report, verdict: &mut Verdict) {
    for (name, metric) in report.metrics.all() {
        let Some(metric) = metric else { continue };
        let empty = metric.value.is_null() || metric.value.as_str().is_some_and(|s| s.trim().is_empty());
        verdict.want(!empty, || format!("metrics.{name} has no value"));
        let Some(claim) = report.claims.iter().find(|c| c.id == metric.claim) else { continue };
        let stands = match (&metric.value, metric.value.as_f64()) {
            (_, Some(value)) => numbers::value_stands(value, &claim.text),
            (serde_json::Value::String(text), None) => claim.text.to_lowercase().contains(&text.to_lowercase()),
            _ => false,
        };
        verdict.want(stands, || format!("metrics.{name} is {}, which its claim {} does not say", metric.value, claim.id));
    }
    let t = &report.times;
    let m = &report.metrics;
    let differences = [
        ("duration_s", &m.duration_s, &t.resolved, &t.started),
        ("mttd_s", &m.mttd_s, &t.detected, &t.started),
        ("mtta_s", &m.mtta_s, &t.acknowledged, &t.detected),
        ("mttm_s", &m.mttm_s, &t.mitigated, &t.started),
        ("mttr_s", &m.mttr_s, &t.resolved, &t.started),
    ];
    for (name, metric, end, start) in differences {
        let at = |t: &Option<report::model::Instant>| t.as_ref().and_then(|t| moments::moment(&t.at));
        if let (Some(value), Some(end), Some(start)) = (metric.as_ref().and_then(|m| m.value.as_f64()), at(end), at(start)) {
            let is = end.since(start);
            verdict.want((value - is).abs() <= 1.0, || format!("metrics.{name} is {value}, the times differ by {is}"));
        }
    }
}

/// Rule 6.
fn contradictions(report: &Report, verdict: &mut Verdict) {
    for (i, contradiction) in report.contradictions.iter().enumerate() {
        verdict.want(contradiction.values.len() >= 2, || format!("contradictions[{i}] has fewer than two values"));
        let empty = contradiction.values.iter().any(|v| v.value.trim().is_empty());
        verdict.want(!empty, || format!("contradictions[{i}] has an empty value"));
    }
}

/// Rule 6, for what the report itself suggests.
fn actions(report: &Report, verdict: &mut Verdict) {
    for (i, action) in report.actions.iter().enumerate() {
        let promised = action.owner.is_some() || action.due.is_some();
        let good = action.origin == Origin::Stated || !promised;
        verdict.want(good, || format!("actions[{i}] is suggested and has an owner or a date"));
    }
}

fn confidence(report: &Report, verdict: &mut Verdict) {
    let score = &report.confidence_score;
    let sum: u32 = score.parts.iter().map(|p| p.points).fold(0, u32::saturating_add);
    verdict
        .want(score.value == sum && sum <= 100, || format!("the confidence {} is not the sum {sum} of its parts", score.value));
    for part in score.parts.iter().filter(|p| p.points > p.of) {
        verdict.fault(format!("confidence: {} has {} points of {}", part.name, part.points, part.of));
    }
}

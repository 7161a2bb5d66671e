//! Figures and instants: what the incident cost, when it was noticed and how long each phase took.
//!
//! A null is printed as unknown, never as zero, and what would be needed to know it stands beside it where the report
//! says so. This module must never compute a duration itself: the drawing of the phases is only a drawing.

use report::model::{Basis, Instant, Metric, Report, Section, Status};
use report::render::words;
use serde_json::{Value, json};

use crate::clean;
use crate::ledger::Ledger;

const DURATIONS: [(&str, &str); 5] = [
    ("duration_s", "Duration"),
    ("mttd_s", "Time to detect (MTTD)"),
    ("mtta_s", "Time to acknowledge (MTTA)"),
    ("mttm_s", "Time to mitigate (MTTM)"),
    ("mttr_s", "Time to resolve (MTTR)"),
];

const HARM: [(&str, &str); 5] = [
    ("peak_error_rate", "Peak error rate"),
    ("requests_failed", "Requests failed"),
    ("users_affected", "Users affected"),
    ("support_tickets", "Support tickets"),
    ("revenue_impact", "Revenue impact"),
];

const INSTANTS: [(&str, &str); 6] = [
    ("started", "Started"),
    ("detected", "Detected"),
    ("acknowledged", "Acknowledged"),
    ("mitigation_started", "Mitigation started"),
    ("mitigated", "Mitigated"),
    ("resolved", "Resolved"),
];

/// Key figures of the cover: label, value, how it is known and by which evidence; null where unknown.
pub fn figures(report: &Report, ledger: &mut Ledger) -> Vec<Value> {
    const SHOWN: [(&str, &str); 8] = [
        ("duration_s", "Duration"),
        ("mttd_s", "Time to detect"),
        ("mtta_s", "Time to acknowledge"),
        ("mttm_s", "Time to mitigate"),
        ("peak_error_rate", "Peak error rate"),
        ("requests_failed", "Requests failed"),
        ("users_affected", "Users affected"),
        ("revenue_impact", "Revenue impact"),
    ];
    let mut out = Vec::new();
    for (name, label) in SHOWN {
        out.push(match find(report, name) {
            None => json!({ "label": label, "value": null }),
            Some(metric) => json!({
                "label": label,
                "value": value(name, metric, report),
                "basis": basis(metric),
                "statement": ledger.claim(&metric.claim),
            }),
        });
    }
    out
}

/// The six times and the phases between them, for the cover.
pub fn course(report: &Report) -> Value {
    let instants = INSTANTS.iter().map(|(name, label)| {
        let at = instant(report, name).map(|instant| words::moment(&words::whole(&instant.at)));
        json!({ "label": label, "at": at })
    });
    json!({ "instants": instants.collect::<Vec<_>>(), "phases": phases(report) })
}

/// What was harmed: services and figures.
pub fn impact<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    let names = |list: &[String]| list.iter().take(40).map(|s| clean::short(s, 60)).collect::<Vec<_>>();
    json!({
        "rows": rows(&HARM, report, ledger),
        "services": names(&report.incident.services),
        "first": report.first_failing_service.as_deref().map(|s| clean::short(s, 60)),
        "blast": names(&report.blast_radius),
        "more": ledger.rest(report, Section::Impact),
    })
}

/// When it was noticed, answered and ended.
pub fn times<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    let mut instants = Vec::new();
    for (name, label) in INSTANTS {
        instants.push(match instant(report, name) {
            None => json!({ "label": label, "at": null, "needs": needs(report, "times", name) }),
            Some(instant) => json!({
                "label": label,
                "at": words::moment(&instant.at),
                "interval": words::interval(&instant.earliest, &instant.latest),
                "statement": ledger.claim(&instant.claim),
            }),
        });
    }
    json!({
        "instants": instants,
        "phases": phases(report),
        "rows": rows(&DURATIONS, report, ledger),
        "remediation": report.remediation.as_deref().map(|r| clean::short(r, 80).replace('-', " ")),
        "more": ledger.rest(report, Section::Response),
    })
}

fn rows(list: &[(&str, &str)], report: &Report, ledger: &mut Ledger) -> Vec<Value> {
    let mut rows = Vec::new();
    for (name, label) in list {
        rows.push(match find(report, name) {
            None => json!({ "label": label, "value": null, "needs": needs(report, "metrics", name) }),
            Some(metric) => json!({
                "label": label,
                "value": value(name, metric, report),
                "basis": basis(metric),
                "statement": ledger.claim(&metric.claim),
            }),
        });
    }
    rows
}

fn find<'a>(report: &'a Report, name: &str) -> Option<&'a Metric> {
    report.metrics.all().into_iter().find_map(|(known, metric)| metric.filter(|_| known == name))
}

fn instant<'a>(report: &'a Report, name: &str) -> Option<&'a Instant> {
    report.times.all().into_iter().find_map(|(known, at)| at.filter(|_| known == name))
}

fn basis(metric: &Metric) -> &'static str {
    if metric.basis == Basis::Computed { "computed" } else { "stated" }
}

/// The value, with the hedge of the words that state it.
fn value(name: &str, metric: &Metric, report: &Report) -> String {
    let shown = words::metric(name, metric);
    let claim = report.claims.iter().find(|claim| claim.id == metric.claim).filter(|_| metric.basis == Basis::Stated);
    let number = metric.value.as_f64().map(words::number).unwrap_or_else(|| shown.clone());
    let hedge = claim.map_or("", |claim| report::render::hedge(&number, &claim.text));
    clean::short(&format!("{hedge}{shown}"), 80)
}

/// What the report says would be needed to know a null field.
fn needs(report: &Report, group: &str, name: &str) -> Option<String> {
    if report.incident.status == Status::NoneFound {
        return None;
    }
    let field = format!("{group}.{name}");
    report.unknowns.iter().find(|unknown| unknown.field == field).map(|unknown| clean::aside(&unknown.needs))
}

/// The known instants on a line from the first to the last, 0 to 1; empty where there are fewer than two.
fn phases(report: &Report) -> Vec<Value> {
    let known: Vec<(&str, f64)> = (report.times.all().into_iter().zip(INSTANTS))
        .filter_map(|((_, instant), (_, label))| Some((label, words::epoch(&instant?.at)?)))
        .collect();
    let ends = known.iter().fold((f64::MAX, f64::MIN), |(lo, hi), (_, at)| (lo.min(*at), hi.max(*at)));
    let length = ends.1 - ends.0;
    if known.len() < 2 || length <= 0.0 || !length.is_finite() {
        return Vec::new();
    }
    let point = |(label, at): &(&str, f64)| json!({ "label": label, "position": (at - ends.0) / length, "after": words::duration(at - ends.0) });
    known.iter().map(point).collect()
}

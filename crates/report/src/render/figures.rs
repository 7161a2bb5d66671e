//! Times and figures: cover, impact, and when it was noticed, answered and ended.
//!
//! A figure is its value, whether it was computed or stated, and the claim behind it; one that is null says what would
//! be needed to know it, from the report's own unknowns. This module must never compute a figure. What breaks it: times
//! that are no times are printed as they stand and not drawn.

use super::ledger::{Ledger, Statement};
use super::words;
use crate::compose::summary::{LATE_REMEDY, REMEDY};
use crate::model::{Basis, Instant, Metric, Op, Reader, Report, Section, Status};

pub struct Figure {
    pub label: &'static str,
    pub value: Option<String>,
    /// `computed` or `stated`.
    pub basis: &'static str,
    /// The two instants of a duration: `09:00:00 to 09:01:15`.
    pub between: Option<String>,
    pub said: Option<Statement>,
    pub needs: Option<String>,
}

pub struct Impact {
    pub rows: Vec<Figure>,
    pub services: Vec<String>,
    /// `None`: withheld.
    pub blast_radius: Option<Vec<String>>,
    pub more: Vec<Statement>,
}

pub struct Response {
    pub instants: Vec<Mark>,
    pub phases: Vec<Phase>,
    pub rows: Vec<Figure>,
    pub remediation: Option<String>,
    pub remediation_needs: Option<String>,
    pub more: Vec<Statement>,
}

/// One of the six times.
pub struct Mark {
    pub label: &'static str,
    pub at: Option<String>,
    /// As data.
    pub iso: String,
    pub interval: String,
    pub said: Option<Statement>,
    pub needs: Option<String>,
}

/// From one known time to the next.
pub struct Phase {
    pub label: String,
    pub lasted: String,
    /// Part of the whole in thousandths, at least 1.
    pub weight: u32,
    /// 1 to 5, for the colour.
    pub shade: usize,
}

const COVER: [(&str, &str); 6] = [
    ("duration_s", "Duration"),
    ("peak_error_rate", "Peak error rate"),
    ("users_affected", "Users affected"),
    ("requests_failed", "Failed requests"),
    ("support_tickets", "Support tickets"),
    ("revenue_impact", "Revenue impact"),
];
/// The duration itself stands among the figures of the impact.
const DURATIONS: [(&str, &str); 4] = [
    ("mttd_s", "Time to detect (MTTD)"),
    ("mtta_s", "Time to acknowledge (MTTA)"),
    ("mttm_s", "Time to mitigate (MTTM)"),
    ("mttr_s", "Time to resolve (MTTR)"),
];
const INSTANTS: [(&str, &str); 6] = [
    ("started", "Started"),
    ("detected", "Detected"),
    ("acknowledged", "Acknowledged"),
    ("mitigation_started", "Mitigation started"),
    ("mitigated", "Mitigated"),
    ("resolved", "Resolved"),
];

pub fn cover<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Vec<Figure> {
    figures(&COVER, report, ledger)
}

/// What was harmed: services and figures.
pub fn impact<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Impact {
    let names = |list: &[String]| list.iter().map(|name| words::line(name)).collect::<Vec<_>>();
    Impact {
        rows: figures(&COVER, report, ledger),
        services: names(&report.incident.services),
        blast_radius: (!report.withholds("blast_radius")).then(|| names(&report.blast_radius)),
        more: ledger.rest(report, Section::Impact),
    }
}

/// When it was noticed, answered and ended.
pub fn response<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Response {
    let mut instants: Vec<Mark> = INSTANTS.iter().map(|(name, label)| mark(name, label, report, ledger)).collect();
    // A customer is told what is known, and not asked for the rest.
    instants.retain(|mark| mark.at.is_some() || !report.is_for(Reader::Customer));
    if report.incident.status == Status::NoneFound && instants.iter().all(|mark| mark.at.is_none()) {
        instants.clear();
    }
    Response {
        instants,
        phases: phases(report),
        rows: figures(&DURATIONS, report, ledger),
        remediation: report.remediation.as_deref().map(|word| remedy(report, word)),
        remediation_needs: needs(report, "remediation"),
        more: ledger.rest(report, Section::Response),
    }
}

/// The remedy, and whether it is only what such a failure is usually ended by.
fn remedy(report: &Report, word: &str) -> String {
    let plain = words::plain(word);
    let is_told = word == "wait-for-vendor" || report.claims.iter().any(|claim| claim.text.starts_with(REMEDY));
    if is_told {
        plain
    } else if report.claims.iter().any(|claim| claim.text.contains(LATE_REMEDY)) {
        format!("{plain}, done after the last failure; the input does not show that it ended anything")
    } else {
        format!("{plain}, by which such a failure is usually ended; that it ended this one is not shown")
    }
}

/// What the report says would be needed to know a null field.
pub fn needs(report: &Report, field: &str) -> Option<String> {
    if report.incident.status == Status::NoneFound {
        return None;
    }
    report.unknowns.iter().find(|unknown| unknown.field == field).map(|unknown| words::line(&unknown.needs))
}

fn mark<'a>(name: &str, label: &'static str, report: &'a Report, ledger: &mut Ledger<'a>) -> Mark {
    let Some(instant) = instant(report, name) else {
        let needs = needs(report, &format!("times.{name}"));
        return Mark { label, at: None, iso: String::new(), interval: String::new(), said: None, needs };
    };
    Mark {
        label,
        at: Some(words::moment(&instant.at)),
        iso: words::line(&instant.at),
        interval: words::interval(&instant.earliest, &instant.latest),
        said: Some(ledger.claim(&instant.claim)),
        needs: None,
    }
}

/// One for each of the list; none at all where there was no incident to measure.
fn figures<'a>(list: &[(&'static str, &'static str)], report: &'a Report, ledger: &mut Ledger<'a>) -> Vec<Figure> {
    let mut out = Vec::new();
    if report.incident.status == Status::NoneFound && report.metrics.all().iter().all(|(_, metric)| metric.is_none()) {
        return out;
    }
    for (name, label) in list {
        let Some(metric) = report.metrics.all().into_iter().find_map(|(known, metric)| metric.filter(|_| known == *name)) else {
            if report.is_for(Reader::Customer) {
                continue;
            }
            let needs = needs(report, &format!("metrics.{name}"));
            out.push(Figure { label, value: None, basis: "", between: None, said: None, needs });
            continue;
        };
        out.push(Figure {
            label,
            value: Some(figure_text(name, metric, report)),
            basis: if metric.basis == Basis::Computed { "computed" } else { "stated" },
            between: between(name, metric, report).filter(|_| !says_when(metric, report)),
            said: Some(ledger.claim(&metric.claim)),
            needs: None,
        });
    }
    out
}

/// The value, with the hedge of the words that state it.
fn figure_text(name: &str, metric: &Metric, report: &Report) -> String {
    let value = words::line(&words::metric(name, metric));
    let claim = report.claims.iter().find(|claim| claim.id == metric.claim).filter(|_| metric.basis == Basis::Stated);
    let number = metric.value.as_f64().map(words::number).unwrap_or_else(|| value.clone());
    let hedge = claim.map_or("", |claim| words::hedge(&number, &claim.text));
    format!("{hedge}{value}")
}

/// The sentence behind it has the two instants.
fn says_when(metric: &Metric, report: &Report) -> bool {
    let claim = report.claims.iter().find(|claim| claim.id == metric.claim);
    let ends = claim.and_then(|claim| claim.derivation.as_ref().map(|d| (claim, d)));
    ends.is_some_and(|(claim, d)| {
        let clocks = [&d.from, &d.to].into_iter().flatten().map(|at| words::clock(&words::whole(at)));
        d.op == Op::Difference && clocks.into_iter().all(|clock| claim.text.contains(&clock))
    })
}

/// The two instants of a computed duration: those of its derivation, else the report's own times by their definition.
fn between(name: &str, metric: &Metric, report: &Report) -> Option<String> {
    if metric.basis != Basis::Computed {
        return None;
    }
    let claim = report.claims.iter().find(|claim| claim.id == metric.claim);
    let derivation = claim.and_then(|claim| claim.derivation.as_ref()).filter(|derivation| derivation.op == Op::Difference);
    if let Some((Some(from), Some(to))) = derivation.map(|derivation| (&derivation.from, &derivation.to)) {
        return Some(words::span(from, to));
    }
    let times = &report.times;
    let (from, to) = match name {
        "mttd_s" => (&times.started, &times.detected),
        "mtta_s" => (&times.detected, &times.acknowledged),
        "mttm_s" => (&times.started, &times.mitigated),
        "mttr_s" | "duration_s" => (&times.started, &times.resolved),
        _ => return None,
    };
    Some(words::span(&from.as_ref()?.at, &to.as_ref()?.at))
}

fn instant<'a>(report: &'a Report, name: &str) -> Option<&'a Instant> {
    report.times.all().into_iter().find_map(|(known, at)| at.filter(|_| known == name))
}

/// The known times in order, each with the way to the next; empty where there are fewer than two.
fn phases(report: &Report) -> Vec<Phase> {
    let mut known: Vec<(&str, f64)> = (report.times.all().into_iter().zip(INSTANTS))
        .filter_map(|((_, instant), (_, label))| Some((label, words::epoch(&instant?.at)?)))
        .collect();
    known.sort_by(|a, b| a.1.total_cmp(&b.1));
    let whole = known.last().map_or(0.0, |last| last.1) - known.first().map_or(0.0, |first| first.1);
    if whole <= 0.0 || !whole.is_finite() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (i, (from, to)) in known.iter().zip(known.iter().skip(1)).enumerate() {
        let lasted = to.1 - from.1;
        let weight = (lasted / whole * 1_000.0).round().clamp(1.0, 1_000.0) as u32;
        let label = format!("{} to {}", from.0, to.0.to_lowercase());
        out.push(Phase { label, lasted: words::duration(lasted), weight, shade: i + 1 });
    }
    out
}

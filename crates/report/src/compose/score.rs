//! How far the report is to be trusted: points for what can be checked, with the reasons.
//!
//! The weights are those of the design; a cap takes points away from the parts, so that they add up to the value. Must
//! never be read as the probability that the cause is right.

use std::collections::BTreeSet;

use analysis::findings::{ContradictionKind, Findings, Status};

use crate::model::{ConfidenceScore, Report, ScorePart};

pub fn of(findings: &Findings, report: &Report) -> ConfidenceScore {
    let kinds = root_sources(findings);
    let part = |name: &str, share: f64, of: u32| ScorePart {
        name: name.to_string(),
        points: (share.clamp(0.0, 1.0) * f64::from(of)).round() as u32,
        of,
    };
    let quiet = findings.status == Status::NoneFound;
    let margin = match (findings.hypotheses.first(), findings.hypotheses.get(1)) {
        (Some(first), Some(second)) => first.probability - second.probability,
        (Some(first), None) => first.probability,
        _ if quiet => 0.5,
        _ => 0.0,
    };
    let edges = report.chain.len().max(1) as f64;
    let open = report.chain.iter().filter(|e| !e.verified).count() as f64
        + findings.contradictions.iter().filter(|c| c.kind == ContradictionKind::Order).count() as f64;
    let mut parts = vec![
        // Every claim has citations: it could not have been made otherwise.
        part("citation coverage", 1.0, 30),
        part("independent sources behind the cause", kinds as f64 / 3.0, 15),
        // No lead is beyond doubt, so that no report has all points.
        part("lead of the first cause", margin.min(0.96), 20),
        part(
            if quiet { "no open contradictions" } else { "chain without open contradictions" },
            1.0 - open / edges - disputed(findings),
            15,
        ),
        part("kinds of data present", data(findings), 10),
        part("clock quality", clocks(findings), 10),
    ];
    let cap = if findings.undetermined.is_some() {
        Some((40, "cap: the cause is not determined"))
    } else if kinds <= 1 && !quiet {
        Some((60, "cap: one source behind the cause"))
    } else if findings.chain.iter().any(|e| !e.verified) {
        Some((75, "cap: a link of the chain is not verified"))
    } else {
        None
    };
    if let Some((most, name)) = cap {
        limit(&mut parts, most, name);
    }
    ConfidenceScore { value: parts.iter().map(|p| p.points).sum(), parts }
}

/// Takes points from the largest parts but the first until the sum is `most`, or none of them has any.
fn limit(parts: &mut Vec<ScorePart>, most: u32, name: &str) {
    let mut over = parts.iter().map(|p| p.points).sum::<u32>().saturating_sub(most);
    if over == 0 {
        return;
    }
    while over > 0 {
        // That each statement is cited stands whatever is open.
        let (_, open) = parts.split_first_mut().map_or((None, &mut [][..]), |(first, rest)| (Some(first), rest));
        let taken = open.iter_mut().filter(|p| p.points > 0).max_by_key(|p| p.points);
        let Some(part) = taken else { break };
        part.points -= 1;
        over -= 1;
    }
    parts.push(ScorePart { name: name.to_string(), points: 0, of: 0 });
}

/// What contradictions about the times and durations of the incident cost, 0 to 0.4.
fn disputed(findings: &Findings) -> f64 {
    let touches = |kind: ContradictionKind| matches!(kind, ContradictionKind::Time | ContradictionKind::Duration);
    let count = findings.contradictions.iter().filter(|c| touches(c.kind)).count();
    (count as f64 * 0.14).min(0.4)
}

/// Sources that speak for the first hypothesis.
fn root_sources(findings: &Findings) -> usize {
    let Some(best) = findings.hypotheses.first() else { return 0 };
    let for_it = best.terms.iter().filter(|t| t.value > 0.0).flat_map(|t| t.places.iter());
    let sources: BTreeSet<_> = for_it.chain(best.places.iter()).map(|p| p.source).collect();
    sources.len()
}

/// Logs, chat, alerts, changes and metrics or traces: the share of kinds that are there.
fn data(findings: &Findings) -> f64 {
    use analysis::findings::{EdgeBasis, TimeBasis, What};
    let told = |f: fn(&What) -> bool| findings.timeline.iter().any(|h| f(&h.what));
    let log =
        told(|w| matches!(w, What::Failure { .. } | What::Logged { .. } | What::FirstFailedRequest | What::LastFailure { .. }));
    let chat = told(|w| matches!(w, What::Message { .. }));
    let alerts = told(|w| matches!(w, What::Alert { .. } | What::Page { .. }))
        || matches!(findings.times.detected.as_ref().map(|d| &d.by), Some(TimeBasis::Alert { .. } | TimeBasis::Page { .. }));
    let changes = told(|w| matches!(w, What::Deploy { .. } | What::Commit { .. } | What::Flag { .. }));
    let format = |words: &[&str]| {
        findings.sources.iter().any(|s| s.source.records > 0 && words.iter().any(|w| s.source.format.contains(w)))
    };
    // A rate that was counted in logs is no source of metrics.
    let metrics = format(&["prometheus", "metric", "span", "trace", "otlp", "jaeger", "zipkin", "tempo"])
        || findings.chain.iter().any(|e| matches!(e.by, EdgeBasis::Spans { .. } | EdgeBasis::Traces { .. }));
    let alerts = alerts || format(&["alertmanager", "pagerduty", "opsgenie"]);
    let changes = changes || format(&["commits", "deploys", "flags", "kubernetes_deploy"]);
    let chat = chat || format(&["slack", "chat", "teams", "discord"]);
    let have = [log, chat, alerts, changes, metrics].iter().filter(|h| **h).count();
    have as f64 / 5.0
}

/// The share of sources with times whose clock leaves no doubt.
fn clocks(findings: &Findings) -> f64 {
    let timed: Vec<_> = findings.sources.iter().filter(|s| s.source.records > 0).collect();
    let sure = timed.iter().filter(|s| s.clock.uncertainty_s <= 5).count();
    if timed.is_empty() { 0.0 } else { sure as f64 / timed.len() as f64 }
}

//! The report as the template reads it: every text clean, every number in words, every citation a link.
//!
//! The order of the calls below is the order of the pages, because links back are listed in it. This module must never
//! know layout; a field that a report leaves null stays null, and the template says so in words.

use report::model::{Report, Section, Status};
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::{clean, response, sections, words};

/// All data of the template.
pub fn of(report: &Report) -> Value {
    let ledger = &mut Ledger::of(report);
    let regulatory = sections::regulatory(report, ledger);
    let summary = summary(report, ledger);
    let timeline = sections::timeline(report, ledger);
    let causes = sections::causes(report, ledger);
    let chain = sections::chain(report, ledger);
    let contributing = sections::contributing(report, ledger);
    let impact = response::impact(report, ledger);
    let actions = sections::actions(report, ledger);
    let times = response::times(report, ledger);
    let whys = sections::whys(report, ledger);
    let prevention = sections::prevention(report, ledger);
    let lessons = sections::lessons(report, ledger);
    let contradictions = sections::contradictions(report, ledger);
    let coverage = sections::coverage(report, ledger);
    json!({
        "cover": cover(report),
        "none_found": report.incident.status == Status::NoneFound,
        "withheld": report.audience.as_ref().map(|audience| &audience.withheld).unwrap_or(&Vec::new()),
        "regulatory": regulatory,
        "summary": summary,
        "timeline": timeline,
        "causes": causes,
        "chain": chain,
        "contributing": contributing,
        "impact": impact,
        "actions": actions,
        "response": times,
        "whys": whys,
        "prevention": prevention,
        "lessons": lessons,
        "contradictions": contradictions,
        "unknowns": sections::unknowns(report),
        "coverage": coverage,
        "score": score(report),
        "evidence": evidence(report, ledger),
    })
}

/// `Casefile 0.1.0`.
pub fn maker(report: &Report) -> String {
    let mut name = clean::short(&report.generator.name, 40);
    if let Some(first) = name.get(..1).map(str::to_ascii_uppercase) {
        name.replace_range(..1, &first);
    }
    format!("{name} {}", clean::short(&report.generator.version, 40))
}

fn cover(report: &Report) -> Value {
    let incident = &report.incident;
    let title = clean::short(&incident.title, 200);
    json!({
        "title": if title.is_empty() { "Untitled incident".to_owned() } else { title },
        "for_whom": report::render::for_whom(report).map(|words| clean::prose(&words)),
        "as_of": report::render::as_of(report).map(|at| clean::short(&at, 40)),
        "running": clean::short(&incident.title, 70),
        "severity": incident.severity.as_deref().map(|s| clean::short(s, 24)),
        "status": words::status(incident.status),
        "tone": tone(incident.status),
        "services": incident.services.iter().take(12).map(|s| clean::short(s, 48)).collect::<Vec<_>>(),
        "more_services": incident.services.len().saturating_sub(12),
        "when": span(report),
        "figures": response::figures(report),
        "score": report.confidence_score.value,
        "maker": maker(report),
        "sources": words::thousands(report.coverage.sources.len() as u64),
        "records": words::thousands(report.coverage.sources.iter().fold(0, |sum, s| s.records.saturating_add(sum))),
        "claims": words::thousands(report.claims.len() as u64),
        "items": words::thousands(report.evidence.len() as u64),
        "schema": clean::short(&report.schema, 40),
    })
}

/// From the first harm to the end, as far as known.
fn span(report: &Report) -> Option<String> {
    let started = report.times.started.as_ref()?;
    let Some(resolved) = report.times.resolved.as_ref() else {
        return Some(format!("Started {}", words::moment(&words::whole(&started.at))));
    };
    let (start, end) = (words::whole(&started.at), words::whole(&resolved.at));
    let (from, to) = (words::moment(&start), words::moment(&end));
    if words::day(&started.at) != words::day(&resolved.at) {
        return Some(format!("{from} to {to}"));
    }
    Some(format!("{}, {} to {} UTC", words::day(&start), words::clock(&start), words::clock(&end)))
}

fn tone(status: Status) -> &'static str {
    match status {
        Status::Resolved | Status::NoneFound => "good",
        Status::Ongoing => "bad",
        Status::Unknown => "plain",
    }
}

/// Statements of the summary, and beside them what the cover says in one sentence.
fn summary(report: &Report, ledger: &mut Ledger) -> Value {
    ledger.enter("Cover");
    let lead = report.causes.first().map(|cause| {
        json!({
            "probability": words::percent(cause.probability),
            "statement": ledger.statement(&cause.text, &cause.claim, &[]),
        })
    });
    ledger.enter(words::section(Section::Summary));
    let claims: Vec<String> = report.claims.iter().filter(|c| c.section == Section::Summary).map(|c| c.id.clone()).collect();
    let statements = ledger.claims(&claims);
    json!({
        "statements": statements,
        "lead": lead,
        "undetermined": report.undetermined,
        "cause_known": report::render::cause_is_known(report),
        "next_check": report.next_check.as_deref().map(clean::prose),
    })
}

fn score(report: &Report) -> Value {
    let score = &report.confidence_score;
    let parts = score.parts.iter().map(|part| {
        let share = if part.of == 0 { 0.0 } else { (f64::from(part.points) / f64::from(part.of)).clamp(0.0, 1.0) };
        json!({ "name": clean::short(&part.name, 120), "points": part.points, "of": part.of, "share": share })
    });
    json!({ "value": score.value, "parts": parts.collect::<Vec<_>>() })
}

fn evidence(report: &Report, ledger: &Ledger) -> Vec<Value> {
    let item = |(i, evidence): (usize, &report::model::Evidence)| {
        let lines = match (evidence.line, evidence.last_line) {
            (first, last) if last > first => format!("{first}–{last}"),
            (first, _) => first.to_string(),
        };
        json!({
            "id": clean::short(&evidence.id, 24),
            "source": clean::short(&evidence.source, 200),
            "lines": lines,
            "at": evidence.at.as_deref().map(words::moment),
            "text": clean::evidence(&evidence.text),
            "before": neighbours(evidence.before.iter().rev().take(3).rev()),
            "after": neighbours(evidence.after.iter().take(3)),
            "cited": ledger.ways_back(i),
        })
    };
    report.evidence.iter().enumerate().map(item).collect()
}

fn neighbours<'a>(lines: impl Iterator<Item = &'a String>) -> String {
    lines.map(|line| clean::neighbour(line)).collect::<Vec<_>>().join("\n")
}

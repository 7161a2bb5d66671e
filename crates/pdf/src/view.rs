//! The report as the template reads it: every text bounded, every number in words, every citation a link.
//!
//! Chapters follow the layout and are made in its order, because links back are listed in it. This module must never
//! know how a page looks; a field that a report leaves null stays null, and the template says so in words. What breaks
//! it: a layout that names no evidence, which is given it, so that no citation leads nowhere.

use std::collections::BTreeSet;

use report::layout::{Layout, Part, Planned};
use report::model::{Evidence, Report, Section, Status};
use report::render::words;
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::{clean, pictures, response, sections, world};

/// Longest paragraph of the house's own, in characters.
const PARAGRAPH: usize = 4_000;

/// All data of the template.
pub fn of(report: &Report, layout: &Layout) -> Value {
    let planned = Layout::of(layout.sections.clone()).sections;
    let parts: BTreeSet<Part> = planned.iter().map(|planned| planned.part).collect();
    let ledger = &mut Ledger::of(report, &parts);
    let cover = cover(report, layout, ledger);
    let mut chapters = Vec::new();
    for planned in &planned {
        let title = title(planned);
        ledger.enter(&title);
        let body = body(planned.part, report, ledger);
        chapters.push(json!({
            "part": planned.part.slug(),
            "plain": title,
            "before": paragraphs(planned.before.as_deref()),
            "after": paragraphs(planned.after.as_deref()),
            "body": body,
        }));
    }
    // After all that cites: it lists the ways back.
    for chapter in chapters.iter_mut().filter(|chapter| chapter["part"] == Part::Evidence.slug()) {
        chapter["body"] = evidence(report, ledger).into();
    }
    json!({ "cover": cover, "none_found": report.incident.status == Status::NoneFound, "chapters": chapters })
}

fn body<'a>(part: Part, report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    match part {
        Part::Summary => ledger.rest(report, Section::Summary).into(),
        Part::Overview => pictures::charts(&report::render::charts(report), ledger),
        Part::Timeline => sections::timeline(report, ledger),
        Part::RootCause => sections::causes(report, ledger),
        Part::Chain => sections::chain(report, ledger),
        Part::Contributing => sections::contributing(report, ledger),
        Part::Impact => response::impact(report, ledger),
        Part::Actions => sections::actions(report, ledger),
        Part::Response => response::times(report, ledger),
        Part::Whys => sections::whys(report, ledger),
        Part::Prevention => sections::prevention(report, ledger),
        Part::Lessons => sections::lessons(report, ledger),
        Part::Contradictions => sections::contradictions(report, ledger),
        Part::Unknowns => sections::unknowns(report).into(),
        Part::Coverage => sections::coverage(report, ledger),
        Part::Score => score(report),
        Part::Evidence | Part::House => Value::Null,
    }
}

fn title(planned: &Planned) -> String {
    let title = clean::short(&planned.title, 120);
    if title.is_empty() { words::plain(planned.part.slug()) } else { title }
}

fn paragraphs(text: Option<&str>) -> Vec<String> {
    let text = text.unwrap_or_default().replace("\r\n", "\n");
    text.split("\n\n").map(|part| clean::short(part, PARAGRAPH)).filter(|part| !part.is_empty()).collect()
}

/// `Casefile 0.1.0`.
pub fn maker(report: &Report) -> String {
    let mut name = clean::short(&report.generator.name, 40);
    if let Some(first) = name.get(..1).map(str::to_ascii_uppercase) {
        name.replace_range(..1, &first);
    }
    format!("{name} {}", clean::short(&report.generator.version, 40))
}

fn cover<'a>(report: &'a Report, layout: &Layout, ledger: &mut Ledger<'a>) -> Value {
    ledger.enter_cover();
    let incident = &report.incident;
    let title = Some(clean::short(&incident.title, 200))
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| "Untitled incident".to_owned());
    let line =
        |text: &Option<String>, most: usize| text.as_deref().map(|text| clean::short(text, most)).filter(|text| !text.is_empty());
    json!({
        "plain": { "title": title, "maker": maker(report), "organisation": line(&layout.organisation, 60) },
        "title": title,
        "running": clean::short(&incident.title, 70),
        "organisation": line(&layout.organisation, 60),
        "confidentiality": line(&layout.confidentiality, 110),
        "logo": layout.logo.as_ref().map(|logo| world::logo_name(logo.kind)),
        "severity": line(&incident.severity, 24),
        "status": words::status(incident.status),
        "tone": tone(incident.status),
        "services": incident.services.iter().take(12).map(|s| clean::short(s, 48)).collect::<Vec<_>>(),
        "more_services": incident.services.len().saturating_sub(12),
        "when": span(report),
        "cause": lead(report, ledger),
        "figures": response::figures(report, ledger),
        "course": response::course(report),
        "score": report.confidence_score.value,
        "maker": maker(report),
        "sources": words::thousands(report.coverage.sources.len() as u64),
        "records": words::thousands(report.coverage.sources.iter().fold(0, |sum, s| s.records.saturating_add(sum))),
        "claims": words::thousands(report.claims.len() as u64),
        "items": words::thousands(report.evidence.len() as u64),
    })
}

/// The first hypothesis, as the cover says it.
fn lead(report: &Report, ledger: &mut Ledger) -> Value {
    let Some(cause) = report.causes.first() else { return Value::Null };
    json!({
        "probability": words::percent(cause.probability),
        "statement": ledger.statement(&words::first_sentences(&cause.text, 320), &cause.claim, &[]),
        "undetermined": report.undetermined,
        "known": report::render::cause_is_known(report),
        "next_check": report.next_check.as_deref().map(clean::aside),
    })
}

/// From the first harm to the end, as far as known.
fn span(report: &Report) -> Option<String> {
    let started = words::whole(&report.times.started.as_ref()?.at);
    let told = match report.times.resolved.as_ref() {
        Some(resolved) => words::span(&started, &words::whole(&resolved.at)),
        None => format!("Started {}", words::moment(&started)),
    };
    Some(clean::short(&told, 90))
}

fn tone(status: Status) -> &'static str {
    match status {
        Status::Resolved | Status::NoneFound => "good",
        Status::Ongoing => "bad",
        Status::Unknown => "plain",
    }
}

fn score(report: &Report) -> Value {
    let score = &report.confidence_score;
    let parts = score.parts.iter().map(|part| {
        let share = if part.of == 0 { 0.0 } else { (f64::from(part.points) / f64::from(part.of)).clamp(0.0, 1.0) };
        json!({ "name": clean::short(&words::plain(&part.name), 120), "points": part.points, "of": part.of, "share": share })
    });
    json!({ "value": score.value, "parts": parts.collect::<Vec<_>>() })
}

fn evidence(report: &Report, ledger: &Ledger) -> Vec<Value> {
    let item = |(i, evidence): (usize, &Evidence)| {
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

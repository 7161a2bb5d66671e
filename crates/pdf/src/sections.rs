//! The sections of the report that are lists: timeline, causes, chain, actions, lessons and what is left open.
//!
//! Each function expects its heading in the ledger and returns the data of that section; empty lists stay empty, the
//! template says why. This module must never know layout or compute anything new.

use report::model::{Action, Cause, CoverageSource, Origin, Report, Section, SkippedPart, Trigger};
use report::render::{Chart, words};
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::{clean, pictures};

/// The entries by day; a day without a date holds those whose time is none.
pub fn timeline<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    let mut days: Vec<(String, Vec<Value>)> = Vec::new();
    for entry in &report.timeline {
        let date = words::day(&entry.at);
        let clock = words::clock(&entry.at);
        let seconds = if date.is_empty() { clock.len() } else { clock.find('.').unwrap_or(clock.len()) };
        let (time, fraction) = clock.split_at(seconds);
        let who = entry.actor.as_deref().or(entry.service.as_deref());
        let place = entry.service.as_deref().filter(|_| entry.actor.is_some());
        let made = json!({
            "time": clean::cell(time),
            "fraction": fraction,
            "kind": words::kind(entry.kind),
            "tone": words::kind_tone(entry.kind),
            "who": who.map(clean::cell),
            "where": place.map(clean::cell),
            "statement": ledger.statement(&entry.text, &entry.claim, entry.citations.as_slice()),
        });
        match days.last_mut() {
            Some((day, entries)) if *day == date => entries.push(made),
            _ => days.push((date, vec![made])),
        }
    }
    let days: Vec<Value> = days.into_iter().map(|(date, entries)| json!({ "date": date, "entries": entries })).collect();
    json!({ "days": days, "more": ledger.rest(report, Section::Timeline) })
}

pub fn causes<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    let list: Vec<Value> = report.causes.iter().map(|c| cause(c, ledger)).collect();
    json!({
        "list": list,
        "undetermined": report.undetermined,
        "next_check": report.next_check.as_deref().map(clean::prose),
        "more": ledger.rest(report, Section::RootCause),
    })
}

fn cause(cause: &Cause, ledger: &mut Ledger) -> Value {
    let statement = ledger.statement(&cause.text, &cause.claim, &[]);
    let supports = ledger.claims(&cause.supports);
    let against = ledger.claims(&cause.against);
    let terms: Vec<Value> = (cause.terms.iter())
        .map(|term| {
            let claim = ledger.optional_claim(term.claim.as_deref());
            json!({ "name": clean::short(&words::plain(&term.name), 120), "value": words::signed(term.value), "statement": claim })
        })
        .collect();
    let tests: Vec<Value> = (cause.tests.iter())
        .map(|test| {
            let claim = ledger.optional_claim(test.claim.as_deref());
            let result = words::test_result(test.result);
            json!({ "name": clean::short(&words::plain(&test.name), 120), "result": result, "statement": claim })
        })
        .collect();
    json!({
        "rank": cause.rank,
        "probability": words::percent(cause.probability),
        "share": if cause.probability.is_finite() { cause.probability.clamp(0.0, 1.0) } else { 0.0 },
        "statement": statement,
        "facts": cause_facts(cause),
        "trigger": cause.trigger.as_ref().map(|t| trigger(t, ledger)),
        "for": supports,
        "against": against,
        "terms": terms,
        "score": cause.score.map(words::signed),
        "tests": tests,
    })
}

fn cause_facts(cause: &Cause) -> Vec<Value> {
    let caused = cause.change_caused.map(|yes| if yes { "yes" } else { "no" }.to_owned());
    let commit = cause.commit.as_deref().map(|sha| clean::short(sha, 60));
    let service = cause.service.as_deref().map(|name| clean::short(name, 60));
    let signature = cause.signature.as_deref().map(|name| clean::short(name, 60));
    let facts = [
        ("Where", service, "text"),
        ("Failure signature", signature, "code"),
        ("Caused by a change", caused, "text"),
        ("Commit", commit, "code"),
    ];
    facts.into_iter().filter_map(|(name, value, face)| Some(json!({ "name": name, "value": value?, "face": face }))).collect()
}

fn trigger(trigger: &Trigger, ledger: &mut Ledger) -> Value {
    let mut text = words::trigger(trigger.kind).to_owned();
    if let Some(reference) = &trigger.reference {
        text = format!("{text} {reference}");
    }
    if let Some(at) = &trigger.at {
        text = format!("{text}, {}", words::moment(at));
    }
    ledger.value(&text, &trigger.citations)
}

/// The way of the failure as a picture, and its steps in words.
pub fn chain(report: &Report, ledger: &mut Ledger) -> Value {
    let mut steps = Vec::new();
    for edge in &report.chain {
        steps.push(json!({
            "from": clean::short(&edge.from, 60),
            "to": clean::short(&edge.to, 60),
            "verified": edge.verified,
            "statement": ledger.statement(&edge.text, &edge.claim, edge.citations.as_slice()),
        }));
    }
    let picture: Vec<Chart> = report::render::way(report).into_iter().collect();
    json!({ "picture": pictures::charts(&picture, ledger), "steps": steps })
}

pub fn contributing(report: &Report, ledger: &mut Ledger) -> Value {
    let factors = report.contributing.iter().map(|factor| {
        json!({
            "service": factor.service.as_deref().map(|s| clean::short(s, 60)),
            "signature": factor.signature.as_deref().map(|s| clean::short(s, 60)),
            "statement": ledger.statement(&factor.text, &factor.claim, factor.citations.as_slice()),
        })
    });
    Value::Array(factors.collect())
}

pub fn actions<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    let rows: Vec<Value> = report.actions.iter().map(|a| action(a, ledger)).collect();
    json!({ "rows": rows, "more": ledger.rest(report, Section::Actions) })
}

fn action(action: &Action, ledger: &mut Ledger) -> Value {
    json!({
        "priority": action.priority.as_deref().map(clean::cell),
        "owner": action.owner.as_deref().map(clean::cell),
        "due": action.due.as_deref().map(clean::cell),
        "status": action.status.as_deref().map(clean::cell),
        "suggested": action.origin == Origin::Suggested,
        "done_when": action.done_when.as_deref().map(clean::aside),
        "statement": ledger.statement(&action.text, &action.claim, action.citations.as_slice()),
    })
}

pub fn whys<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    let steps: Vec<Value> = (report.whys.iter())
        .map(|why| {
            let claim = why.claim.as_deref().unwrap_or("");
            let answer = why.answer.as_deref().map(|answer| ledger.statement(answer, claim, &why.citations));
            json!({ "question": clean::prose(&why.question), "answer": answer })
        })
        .collect();
    json!({ "steps": steps, "more": ledger.rest(report, Section::Whys) })
}

pub fn prevention<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    let items: Vec<Value> = (report.prevention.iter())
        .map(|item| {
            json!({
                "statement": ledger.statement(&item.text, &item.claim, item.citations.as_slice()),
                "replay": item.replay.as_deref().map(clean::aside),
            })
        })
        .collect();
    json!({ "items": items, "more": ledger.rest(report, Section::Prevention) })
}

pub fn lessons<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    let items: Vec<Value> =
        (report.lessons.iter()).map(|l| ledger.statement(&l.text, &l.claim, l.citations.as_slice())).collect();
    json!({ "items": items, "more": ledger.rest(report, Section::Lessons) })
}

pub fn contradictions<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    let items: Vec<Value> = (report.contradictions.iter())
        .map(|item| {
            let statement = ledger.statement(&item.text, &item.claim, &[]);
            let sides: Vec<Value> = item.values.iter().map(|side| ledger.value(&side.value, side.citations.as_slice())).collect();
            json!({ "kind": words::contradiction(item.kind), "statement": statement, "sides": sides })
        })
        .collect();
    json!({ "items": items, "more": ledger.rest(report, Section::Contradictions) })
}

pub fn unknowns(report: &Report) -> Vec<Value> {
    let row = |unknown: &report::model::Unknown| {
        json!({
            "field": clean::cell(&unknown.field),
            "question": clean::prose(&unknown.question),
            "needs": clean::aside(&unknown.needs),
        })
    };
    report.unknowns.iter().map(row).collect()
}

pub fn coverage<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Value {
    let rows: Vec<Value> = report.coverage.sources.iter().map(covered).collect();
    json!({ "rows": rows, "more": ledger.rest(report, Section::Evidence) })
}

fn covered(source: &CoverageSource) -> Value {
    let read = if source.bytes == 0 { 1.0 } else { source.read_bytes as f64 / source.bytes as f64 };
    json!({
        "name": clean::cell(&source.name),
        "format": clean::cell(&source.format),
        "records": words::thousands(source.records),
        "size": words::bytes(source.bytes),
        // Rounded down: what was not read in full must not look so.
        "read": format!("{}%", if read.is_finite() { (read * 100.0).floor().clamp(0.0, 100.0) } else { 0.0 }),
        "whole": source.read_bytes >= source.bytes,
        "zone": clean::cell(&source.clock.zone),
        "offset": words::offset(source.clock.offset_s),
        "basis": clean::short(&source.clock.basis, 160),
        "segments": source.clock.segments.len(),
        "skipped": source.skipped.iter().take(6).map(remark).collect::<Vec<_>>(),
    })
}

/// What was skipped, or where nothing was, what is to be said of a line.
fn remark(part: &SkippedPart) -> Value {
    let is_note = part.lines == 0 && part.bytes == 0;
    let size = format!(": {}, {}", words::counted(part.lines, "line", "lines"), words::bytes(part.bytes));
    let from = part.first_line.map(|line| format!(", first at line {}", words::thousands(line))).unwrap_or_default();
    let size = if is_note { String::new() } else { size };
    json!({ "note": is_note, "text": format!("{}{size}{from}", clean::short(&part.reason, 160)) })
}

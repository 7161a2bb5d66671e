//! What is to be done: what people agreed on in their own words, then what the kinds of failure call for.
//!
//! Must never give a suggestion an owner or a date, nor a stated action words that nobody said.

use analysis::findings::{Findings, Places, TimeBasis};
use analysis::signatures::Signature;

use crate::model::{Action, Origin, Report, Section};

use super::ledger::{Ledger, Line};
use super::words;

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    report.actions = stated(findings, ledger);
    let mut known: Vec<String> = Vec::new();
    for (signature, places, now) in causes(findings) {
        let text = words::without_numbers(if now { &signature.now } else { &signature.prevent });
        let undoes = text.starts_with("Roll back") && findings.hypotheses.first().is_none_or(|h| h.change.is_none());
        if text.is_empty() || known.contains(&text) || now && undoes {
            continue;
        }
        known.push(text.clone());
        let service = service_of(findings, signature);
        let done = format!("The same failure in a test environment no longer harms {service}, and its alert fires.");
        report.actions.push(suggested(&text, &places.few(3), Some(done), ledger));
    }
    if let Some((text, places, done)) = detection(findings) {
        report.actions.push(suggested(&text, &places, Some(done), ledger));
    }
}

pub fn stated(findings: &Findings, ledger: &mut Ledger<'_>) -> Vec<Action> {
    let make = |action: &analysis::findings::StatedAction| {
        let said = ledger.claim(Line::stated(Section::Actions, words::cut(&action.text, 600), &action.places));
        Action {
            priority: action.priority.clone(),
            text: said.text,
            owner: action.owner.as_deref().map(words::who),
            due: action.due.clone(),
            status: action.status.clone(),
            origin: Origin::Stated,
            done_when: None,
            claim: said.id,
            citations: said.citations,
        }
    };
    findings.actions.iter().filter(|a| !a.text.trim().is_empty()).map(make).collect()
}

/// The failures that are worth an action: what to do now about the cause, then how to prevent it and its amplifiers.
fn causes(findings: &Findings) -> Vec<(&'static Signature, Places, bool)> {
    let mut all = Vec::new();
    if let Some(best) = findings.hypotheses.first()
        && let Some(signature) = best.signature
    {
        if !matches!(findings.status, analysis::findings::Status::Resolved) {
            all.push((signature, best.places.clone(), true));
        }
        all.push((signature, best.places.clone(), false));
    }
    let factors = findings.contributing.iter().filter_map(|c| Some((c.signature?, c.places.clone(), false)));
    all.extend(factors.take(3));
    all
}

fn service_of(findings: &Findings, signature: &Signature) -> String {
    let own = findings.hypotheses.first().filter(|h| h.signature.is_some_and(|s| s.id == signature.id)).and_then(|h| h.service.clone());
    let other = findings.contributing.iter().find(|c| c.signature.is_some_and(|s| s.id == signature.id)).and_then(|c| c.service.clone());
    own.or(other).unwrap_or_else(|| "users".to_string())
}

/// Where a person noticed first, or nothing did, a machine should have.
fn detection(findings: &Findings) -> Option<(String, Places, String)> {
    let started = findings.times.started.as_ref()?;
    let text = match &findings.times.detected {
        None => "Add an alert on the failure that the cited record shows; no alert, page or person that noticed it is in the input.",
        Some(found) if matches!(found.by, TimeBasis::Said { .. }) => {
            "Add an alert on the failure that the cited record shows, so that a machine notices it before a person does."
        }
        Some(_) => return None,
    };
    let done = "Replaying the records of this incident fires the alert.".to_string();
    Some((text.to_string(), started.places.few(2), done))
}

fn suggested(text: &str, places: &Places, done_when: Option<String>, ledger: &mut Ledger<'_>) -> Action {
    let said = ledger.claim(Line::inferred(Section::Actions, text, places).sure(0.6));
    Action {
        priority: None,
        text: said.text,
        owner: None,
        due: None,
        status: None,
        origin: Origin::Suggested,
        done_when,
        claim: said.id,
        citations: said.citations,
    }
}

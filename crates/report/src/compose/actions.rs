//! What is to be done: what people agreed on in their own words, then what the kinds of failure call for.
//!
//! Must never give a suggestion an owner or a date, nor a stated action words that nobody said.

use analysis::findings::{Findings, HappeningKind, HypothesisKind, Places};
use analysis::signatures::Signature;

use crate::model::{Action, Origin, Report, Section};

use super::ledger::{Ledger, Line};
use super::{advice, phrases, words};

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    report.actions = stated(findings, ledger);
    let mut known: Vec<String> = Vec::new();
    let advice = advice::against(findings).or_else(|| advice::against_overlap(findings));
    if let Some(advice) = &advice {
        // What the kind of failure teaches in general stands under prevention.
        known.extend(findings.hypotheses.first().and_then(|h| h.signature).map(|s| words::without_numbers(&s.prevent)));
        report.actions.push(suggested(&advice.now, &advice.places, Some(advice.done.clone()), ledger));
    }
    for (signature, places, now) in causes(findings) {
        let text = words::without_numbers(if now { &signature.now } else { &signature.prevent });
        let undoes = text.starts_with("Roll back") && findings.hypotheses.first().is_none_or(|h| h.change.is_none());
        if text.is_empty() || known.contains(&text) || now && undoes {
            continue;
        }
        known.push(text.clone());
        let service = service_of(findings, signature);
        let done = if now { format!("{service} answers again and its failures have ended.") } else { done_when(&text, &service) };
        report.actions.push(suggested(&text, &places.few(3), Some(done), ledger));
    }
    if let Some((text, places, done)) = detection(findings) {
        report.actions.push(suggested(&text, &places, Some(done), ledger));
    }
}

pub fn stated(findings: &Findings, ledger: &mut Ledger<'_>) -> Vec<Action> {
    let mut make = |action: &analysis::findings::StatedAction| {
        let said = ledger.claim(Line::stated(Section::Actions, words::cut(&action.text, 600), &action.places));
        Action {
            priority: ledger.cleaned(action.priority.as_deref()),
            text: said.text,
            owner: ledger.cleaned(action.owner.as_deref().map(words::who).as_deref()),
            due: ledger.cleaned(action.due.as_deref()),
            status: ledger.cleaned(action.status.as_deref()),
            origin: Origin::Stated,
            done_when: None,
            claim: said.id,
            citations: said.citations,
        }
    };
    findings.actions.iter().filter(|a| !a.text.trim().is_empty()).map(&mut make).collect()
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
    let best = findings.hypotheses.first().filter(|h| h.signature.is_some_and(|s| s.id == signature.id));
    // A third party is not ours to test.
    let own = best.and_then(|h| if h.kind == HypothesisKind::External { Some(phrases::failing(h)) } else { h.service.clone() });
    let other =
        findings.contributing.iter().find(|c| c.signature.is_some_and(|s| s.id == signature.id)).and_then(|c| c.service.clone());
    own.or(other).unwrap_or_else(|| "users".to_string())
}

/// Where a person noticed first, or nothing did, a machine should have.
fn detection(findings: &Findings) -> Option<(String, Places, String)> {
    let started = findings.times.started.as_ref()?;
    let (sign, places) = phrases::first_sign(findings)
        .unwrap_or_else(|| ("the failure that the cited record shows".to_string(), started.places.few(2)));
    let text = match &findings.times.detected {
        None if is_alarmed(findings) => {
            format!("Add an alert on {sign}; no alert or page of the input can be laid to its beginning.")
        }
        None => format!("Add an alert on {sign}; no alert, page or person that noticed it is in the input."),
        Some(found) if found.by.is_person() => {
            format!("Add an alert on {sign}, so that a machine notices it before a person does.")
        }
        Some(_) => return None,
    };
    Some((text, places.and(&started.places).few(3), ALERT_FIRES.to_string()))
}

/// Some alert or page is there, if only at another time or at none that can be read.
fn is_alarmed(findings: &Findings) -> bool {
    findings.undated_alarms || findings.timeline.iter().any(|told| told.kind == HappeningKind::Alert)
}

const ALERT_FIRES: &str = "The alert fires when the records of this incident are replayed.";

/// The sign that an action is done, by its kind: an alert fires, a test fails without it, a service keeps answering.
fn done_when(text: &str, service: &str) -> String {
    let lower = text.to_lowercase();
    if ["alert", "monitor", "watch", "page on"].iter().any(|word| lower.starts_with(word)) {
        return ALERT_FIRES.to_string();
    }
    let has =
        |words: &[&str]| lower.split(|c: char| !c.is_alphanumeric()).any(|w| words.iter().any(|known| w.starts_with(known)));
    if has(&["roll", "revert"]) && lower.starts_with("roll") {
        format!("{service} runs without the change and the failure is gone.")
    } else if has(&["renew", "rotat", "expir", "certificate"]) && !has(&["jitter"]) {
        "A renewal was rehearsed, and the alert fires long before the date.".to_string()
    } else if has(&["breaker", "fallback", "provider", "coalesce", "jitter", "stale", "retries", "retry", "degrade", "timeout"]) {
        format!("{service} still answers while its dependency is made to fail in a test.")
    } else if has(&["lint", "ci", "test", "validat", "schema", "check", "review"]) {
        "The check fails on what caused this incident and passes on the fix.".to_string()
    } else if has(&["limit", "cap", "budget", "quota", "bound", "autoscal", "throttl"]) {
        format!("{service} stays up in a load test beyond the limit.")
    } else {
        format!("A rehearsal of the failure leaves {service} in service.")
    }
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
        done_when: ledger.cleaned(done_when.as_deref()),
        claim: said.id,
        citations: said.citations,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_that_an_action_is_done_fits_what_is_to_be_done() {
        assert_eq!(done_when("Alert on the forecast of free space, and cap logs.", "db-7"), ALERT_FIRES);
        assert!(done_when("Keep timeouts shorter than the caller's and limit hedging.", "cart").contains("dependency"));
        assert!(done_when("Cap the number of workers.", "cart").contains("load test"));
        assert!(done_when("Rehearse migrations.", "cart").contains("rehearsal"));
    }
}

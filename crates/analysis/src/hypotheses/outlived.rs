//! Whether the effect outlives its cause: what ended soon after it began does not keep everything down for half an hour, and
//! retries that go on do.
//!
//! What it sees: failures that explain themselves and that were last seen long before the last failure, beside records of
//! immediate retries through all of that time. Why it matters: a cache that fails over in seconds starts such an outage, and who
//! repairs the cache ends nothing. When it misleads: a cause of which the log tells once (a crash, a full disk), or not any
//! more since a breaker opened; so it takes several records of it, and retries, and no breaker.

use evidence::{Moment, RecordRef};

use crate::findings::{Fact, Hypothesis, HypothesisKind, Places, Reason, Term, Trigger, TriggerKind};
use crate::incident::{Incident, places_of};
use crate::signals::Signal;
use crate::signatures::Signature;
use crate::weights;

use super::score::last_failure;

const STORM: &str = "retry_storm";
const BREAKER: &str = "breaker_open";
/// Records of a cause that are enough to say when it ended, and of retries that are no accident.
const SEEN: u64 = 5;
const RETRIES: u64 = 50;
/// Seconds for which failures go on without it, and how many times as long as it was seen.
const LONG_S: f64 = 600.0;
const TIMES: f64 = 5.0;
/// Seconds before the last failure in which retries are still seen.
const TO_THE_END_S: f64 = 300.0;

/// Speaks against each failure that the others outlived, and lifts the retries that went on with them.
pub fn weigh(incident: &Incident<'_>, found: &mut Vec<Hypothesis>) {
    let Some((end, end_place)) = last_failure(incident) else { return };
    let Some((retries, storm)) = retries(incident, end) else { return };
    let mut first: Option<(Moment, Term)> = None;
    for hypothesis in found.iter_mut().filter(|h| h.kind == HypothesisKind::Failure) {
        let Some(signature) = hypothesis.signature.filter(|s| s.id != STORM) else { continue };
        let Some((began, last, place)) = seen(incident, signature) else { continue };
        let seconds = end.since(last);
        if seconds < LONG_S || seconds < TIMES * last.since(began) {
            continue;
        }
        let reason = Reason::Outlived { of: signature.title.clone(), seconds };
        let term = Term { name: "outlived", value: weights::OUTLIVED, reason, places: Places::new(place, [end_place]) };
        first = first.filter(|(at, _)| *at <= began).or(Some((began, term.clone())));
        hypothesis.terms.push(term);
    }
    if let Some((began, term)) = first {
        found.push(of_retries(
            incident,
            &retries,
            storm,
            Term { name: "goes on with them", value: weights::GOES_ON, ..term },
            began,
        ));
    }
}

/// The same of a failure beside which no retries are told of: what else went on is not known, and that it went on is.
pub fn shown(incident: &Incident<'_>, hypothesis: &Hypothesis) -> Option<Fact> {
    let is_weighed = hypothesis.terms.iter().any(|t| matches!(t.reason, Reason::Outlived { .. }));
    let signature = hypothesis.signature.filter(|_| hypothesis.kind == HypothesisKind::Failure && !is_weighed)?;
    let (end, end_place) = last_failure(incident)?;
    let (began, last, place) = seen(incident, signature)?;
    let seconds = end.since(last);
    let reason = Reason::Outlived { of: signature.title.clone(), seconds };
    (seconds >= LONG_S && seconds >= TIMES * last.since(began)).then(|| Fact { reason, places: Places::new(place, [end_place]) })
}

/// From when until when a kind of failure was seen, and its last record; nothing where it is too few to tell.
fn seen(incident: &Incident<'_>, signature: &Signature) -> Option<(Moment, Moment, RecordRef)> {
    let alike = || incident.failures().filter(|(_, s, _)| s.hits.iter().any(|h| h.id == signature.id));
    let count: u64 = alike().map(|(_, s, _)| s.count).sum();
    let began = alike().map(|(_, _, share)| share.onset).min()?;
    let (last, place) = alike().map(|(_, s, _)| (s.last, s.last_place)).max()?;
    (count >= SEEN).then_some((began, last, place))
}

/// Signals of retries that go on to the end, the one with most records first.
fn retries(incident: &Incident<'_>, end: Moment) -> Option<(Vec<usize>, &'static Signature)> {
    let shows = |s: &Signal, id: &str| s.hits.iter().any(|h| h.id == id);
    let all = || incident.signals.iter().zip(&incident.shares).enumerate().filter(|(_, (_, share))| share.excess);
    let mut found: Vec<usize> = all().filter(|(_, (s, _))| shows(s, STORM)).map(|(i, _)| i).collect();
    let count: u64 = found.iter().map(|i| incident.signals[*i].count).sum();
    let goes_on = found.iter().any(|i| end.since(incident.signals[*i].last) <= TO_THE_END_S);
    let is_cut = all().any(|(_, (s, _))| shows(s, BREAKER));
    found.sort_by_key(|i| (std::cmp::Reverse(incident.signals[*i].count), *i));
    let storm = incident.signals[*found.first()?].hits.iter().copied().find(|h| h.id == STORM)?;
    (count >= RETRIES && goes_on && !is_cut).then_some((found, storm))
}

fn of_retries(incident: &Incident<'_>, retries: &[usize], storm: &'static Signature, goes_on: Term, began: Moment) -> Hypothesis {
    let index = retries[0];
    let signal = &incident.signals[index];
    let places = places_of(signal).few(2);
    let kind = Reason::Specific { words: signal.words.clone(), signature: storm };
    let mut terms = vec![Term { name: "kind of failure", value: storm.weight(), reason: kind, places: places.clone() }, goes_on];
    let led = incident.failures().filter(|(_, s, share)| share.onset == began && !s.hits.is_empty()).map(|(_, s, _)| s).next();
    terms.extend(led.and_then(|signal| {
        let reason = Reason::Specific { words: signal.words.clone(), signature: signal.signature()? };
        Some(Term { name: "what led to it", value: 0.5, reason, places: places_of(signal).few(1) })
    }));
    Hypothesis {
        service: signal.service.clone(),
        signature: Some(storm),
        change_caused: Some(false),
        change: None,
        trigger: Some(Trigger { kind: TriggerKind::Load, reference: None, at: Some(began), places: places.clone() }),
        probability: 0.0,
        kind: HypothesisKind::Failure,
        failure: Some(incident.failure(index)),
        terms,
        tests: Vec::new(),
        places,
        objects: Vec::new(),
    }
}

//! The first step that somebody took to end it, whether or not it did.
//!
//! What it sees: what people say that they do, and what takes a release, a setting or a flag back. Why it matters: who responds
//! begins with what is at hand, and the time that went by before anything was tried is told by that. When it misleads: a step of
//! another trouble in the same hours; so a record counts only where it takes something back, of what fails or of nobody in
//! particular, and only after somebody knew of the incident.

use evidence::Moment;

use super::Step;
use crate::findings::{Hypothesis, TimeBasis, TimeFinding};
use crate::incident::Incident;

/// Seconds from the words for a step to its record, at most.
const ANNOUNCED_S: f64 = 600.0;
/// So many services fail that a step at one of them is not meant to end the incident.
const MANY: usize = 4;
/// The remedies that a record of a change is by itself: what brings something new may be meant for something else.
const TAKES_BACK: [&str; 3] = ["rollback", "config-revert", "feature-flag-disable"];

/// When it was begun: where words announce what a record carries out, that is when it was done.
pub fn begun(
    incident: &Incident<'_>,
    best: Option<&Hypothesis>,
    (from, known): (Moment, Moment),
    end: Moment,
) -> Option<TimeFinding> {
    let first = step(incident, best, (from, known), end)?;
    let records = || super::steps(incident, from, end).into_iter().filter(|record| record.at <= end);
    let told = records().rev().find(|record| was_carried_out(record, &first));
    match told.or_else(|| records().find(|record| carries_out(record, &first))) {
        Some(record) => Some(TimeFinding {
            at: record.at,
            earliest: first.at.min(record.at),
            latest: record.at,
            by: record.by,
            places: record.places.and(&first.places),
        }),
        None => Some(super::begun(incident, &first, from)),
    }
}

/// The record of what somebody tells of as done: "rolled back at half past, still broken".
fn was_carried_out(record: &Step, said: &Step) -> bool {
    let is_record = matches!(record.by, TimeBasis::Change { .. });
    let is_told = matches!(said.by, TimeBasis::Said { .. } | TimeBasis::Page { .. }) && said.is_done;
    let same = record.remediation.is_some() && record.remediation == said.remediation;
    let before = record.at <= said.at && said.at.since(record.at) <= ANNOUNCED_S;
    is_record && is_told && same && before && (said.service.is_none() || said.service == record.service)
}

/// The record of a change that does what somebody said shortly before that they were doing.
fn carries_out(record: &Step, said: &Step) -> bool {
    let is_record = matches!(record.by, TimeBasis::Change { .. });
    let is_announced = matches!(said.by, TimeBasis::Said { .. }) && !said.is_done;
    let same = record.remediation.is_some() && record.remediation == said.remediation;
    let soon = record.at >= said.at && record.at.since(said.at) <= ANNOUNCED_S;
    is_record && is_announced && same && soon && (said.service.is_none() || said.service == record.service)
}

/// `known`: since when somebody knew of it.
fn step(incident: &Incident<'_>, best: Option<&Hypothesis>, (from, known): (Moment, Moment), end: Moment) -> Option<Step> {
    let mut steps = super::steps(incident, from, end);
    steps.extend(super::logged::steps(incident, best, from, end));
    steps.sort_by_key(|s| (s.at, s.places.first()));
    let is_own = |step: &Step| {
        let own =
            |name: &str| (incident.hurt(name).is_some() || is_changed(incident, name)) && !is_one_of_many(incident, best, name);
        matches!(step.by, TimeBasis::Logged { .. }) || step.service.as_deref().is_none_or(own)
    };
    steps.into_iter().find(|step| step.at <= end && is_meant(step, known) && is_own(step))
}

/// One of many services that fail, and not the one it began in: what is done to it is meant for that one.
fn is_one_of_many(incident: &Incident<'_>, best: Option<&Hypothesis>, name: &str) -> bool {
    let is_root = best.and_then(|best| best.service.as_deref()) == Some(name);
    incident.services.len() >= MANY && incident.hurt(name).is_some() && !is_root
}

/// It is a remedy, and known as one.
fn is_meant(step: &Step, known: Moment) -> bool {
    let remedy = step.remediation.as_deref();
    match step.by {
        TimeBasis::Said { .. } | TimeBasis::Page { .. } => remedy.is_some() && !is_of_a_program(&step.words),
        // Whoever works at a machine by hand meanwhile does it for this.
        TimeBasis::Logged { .. } => step.at >= known,
        _ => step.at >= known && remedy.is_some_and(|remedy| TAKES_BACK.contains(&remedy)),
    }
}

/// "the renewer has replaced the certificate": what something else did is told, and nobody does it to end anything.
fn is_of_a_program(words: &str) -> bool {
    const HAS: [&str; 8] = ["has", "had", "hat", "hatte", "heeft", "ha", "tem", "did"];
    const WE: [&str; 8] = ["i", "we", "ich", "wir", "yo", "eu", "ik", "who"];
    let lower = words.to_lowercase();
    let mut said = lower.split_whitespace().skip_while(|w| ["the", "der", "die", "das", "el", "la", "de", "our"].contains(w));
    let (subject, verb) = (said.next().unwrap_or_default(), said.next().unwrap_or_default());
    HAS.contains(&verb) && !WE.contains(&subject) && !subject.starts_with('@')
}

/// Something of it was changed before it began, so that it may have been suspected.
fn is_changed(incident: &Incident<'_>, name: &str) -> bool {
    let scene = incident.scene;
    let before = |at: Moment| at <= incident.window.from;
    scene.deploys.iter().any(|d| before(d.at) && d.what.service.as_deref().is_some_and(|s| scene.entities.name(s) == name))
}

#[cfg(test)]
mod tests {
    use evidence::{RecordRef, SourceId};

    use super::*;
    use crate::findings::Places;

    #[test]
    fn what_a_program_did_is_no_attempt() {
        assert!(is_of_a_program("the renewer has replaced the certificate and reloaded the proxy"));
        assert!(is_of_a_program("Certwatch hat das Zertifikat erneuert"));
        assert!(!is_of_a_program("we have rolled back to 2.4.1"));
        assert!(!is_of_a_program("restarting the proxy"));
    }

    fn step(by: TimeBasis, at_s: i64, remedy: Option<&str>) -> Step {
        let source = SourceId { input: 0, entry: 0 };
        let place = RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 };
        let remediation = remedy.map(str::to_string);
        let (words, places, at) = (String::new(), Places::one(place), Moment::from_seconds(at_s));
        Step { at, service: None, by, remediation, words, author: None, places, is_done: false }
    }

    #[test]
    fn what_is_announced_is_begun_when_its_record_says_so() {
        let said = || TimeBasis::Said { author: "@mira".into(), words: "rolling back".into() };
        let change = || TimeBasis::Change { service: None, version: None, words: String::new() };
        let announced = step(said(), 100, Some("rollback"));
        assert!(carries_out(&step(change(), 280, Some("rollback")), &announced));
        assert!(!carries_out(&step(change(), 280, Some("config-revert")), &announced), "another step");
        assert!(!carries_out(&step(change(), 900, Some("rollback")), &announced), "too late");
        assert!(!carries_out(&step(said(), 280, Some("rollback")), &announced), "words again");
    }

    #[test]
    fn what_is_told_as_done_was_begun_when_its_record_says_so() {
        let said = |is_done| Step {
            is_done,
            ..step(TimeBasis::Said { author: "@mira".into(), words: "rolled back".into() }, 400, Some("rollback"))
        };
        let change = |at| step(TimeBasis::Change { service: None, version: None, words: String::new() }, at, Some("rollback"));
        assert!(was_carried_out(&change(300), &said(true)));
        assert!(!was_carried_out(&change(300), &said(false)), "it is only announced");
        assert!(!was_carried_out(&change(500), &said(true)), "it came later");
        assert!(!was_carried_out(&Step { at: Moment::from_seconds(-900), ..change(0) }, &said(true)), "long before");
    }

    #[test]
    fn words_for_a_remedy_are_meant_to_end_it_and_of_records_only_what_takes_back() {
        let known = Moment::from_seconds(100);
        let said = || TimeBasis::Said { author: "@mira".into(), words: String::new() };
        let change = || TimeBasis::Change { service: None, version: None, words: String::new() };
        assert!(is_meant(&step(said(), 90, Some("restart")), known), "who says it knew of it");
        assert!(!is_meant(&step(said(), 120, None), known), "no remedy is named");
        assert!(is_meant(&step(change(), 120, Some("rollback")), known));
        assert!(!is_meant(&step(change(), 120, Some("roll-forward")), known), "a release may be anybody's");
        assert!(!is_meant(&step(change(), 90, Some("rollback")), known), "nobody knew of it yet");
        let logged = || TimeBasis::Logged { service: None, words: String::new() };
        assert!(is_meant(&step(logged(), 120, None), known) && !is_meant(&step(logged(), 90, None), known));
    }
}

//! A machine that has no memory left kills the program that others need.
//!
//! What it sees: the kernel's record of whom it killed, where the memory of the whole machine was short and not that of a
//! container, and who failed to reach anything from then on. Why it matters: a database that is killed so fails without a word of
//! its own, and its clients only tell that nobody answers. When it misleads: a release that made the program grow; where one of
//! it or of those that fail came in the hours before, that is the better explanation and this one is not told.

use std::sync::LazyLock;

use crate::findings::{Hypothesis, HypothesisKind, Places, Reason, Term, Trigger, TriggerKind};
use crate::incident::{Incident, places_of};
use crate::signals::Signal;
use crate::signatures::Catalogue;
use crate::weights;
use expressions::{Expression, constant};

const OOM: &str = "oom_killed";
/// Seconds from its end to the first failure of who needed it.
const AT_ONCE_S: f64 = 120.0;
/// Seconds before it in which a release may have made it grow.
const RELEASED_S: f64 = 6.0 * 3_600.0;
/// Failures of who gets no answer.
const UNANSWERED: [&str; 5] = ["network", "db", "timeout", "cache", "queue"];

pub fn ran_out(incident: &Incident<'_>, known: &[Hypothesis]) -> Option<Hypothesis> {
    let killed = incident.failures().filter_map(|(i, s, share)| Some((share.onset, i, victim(s)?)));
    let (at, index, program) = killed.min_by_key(|(at, i, _)| (*at, *i))?;
    let signal = &incident.signals[index];
    let soon = |onset| (0.0..=AT_ONCE_S).contains(&evidence::Moment::since(onset, at.plus(-1.0)));
    let unanswered = |s: &Signal| s.hits.iter().any(|h| UNANSWERED.contains(&h.family.as_str()));
    let hurt: Vec<(String, evidence::RecordRef)> = incident
        .failures()
        .filter(|(_, s, share)| soon(share.onset) && unanswered(s))
        .filter_map(|(_, s, _)| Some((s.service.clone()?, s.places[0])))
        .collect();
    // Who watches the machine is not harmed by what happens to it.
    let hurt: Vec<_> = hurt.into_iter().filter(|(name, _)| !crate::entities::is_watcher(name)).collect();
    let places_of_hurt = Places::from_many(hurt.iter().map(|(_, place)| *place).take(3))?;
    let mut services: Vec<String> = hurt.into_iter().map(|(name, _)| name).collect();
    services.sort();
    services.dedup();
    let is_released = |h: &Hypothesis| {
        let recent = h.trigger.as_ref().and_then(|t| t.at).is_some_and(|t| (0.0..=RELEASED_S).contains(&at.since(t)));
        let own = h.service.as_ref().is_some_and(|name| *name == program || services.contains(name));
        h.kind == HypothesisKind::Change && recent && own
    };
    if known.iter().any(is_released) {
        return None;
    }
    let signature = Catalogue::load().get(OOM)?;
    let places = places_of(signal).few(2);
    let mut terms = vec![
        Term {
            name: "kind of failure",
            value: signature.weight() * weights::SPECIFIC,
            reason: Reason::Specific { words: signal.words.clone(), signature },
            places: places.clone(),
        },
        Term {
            name: "reach",
            value: weights::CHANGED_FAILS,
            reason: Reason::Reaches { services },
            places: places.few(1).and(&places_of_hurt),
        },
    ];
    terms.extend(super::people::about(incident, &[program.clone(), "OOM".to_string()], incident.window.from));
    Some(Hypothesis {
        service: signal.service.clone().or_else(|| Some(incident.scene.entities.name(&program))),
        signature: Some(signature),
        change_caused: Some(false),
        change: None,
        trigger: Some(Trigger { kind: TriggerKind::Load, reference: None, at: Some(at), places: places.clone() }),
        probability: 0.0,
        kind: HypothesisKind::Failure,
        failure: Some(incident.failure(index)),
        terms,
        tests: Vec::new(),
        places,
        objects: Vec::new(),
    })
}

/// The program that was killed for the machine's memory.
fn victim(signal: &Signal) -> Option<String> {
    signal.texts.iter().find_map(|text| killed_in(text))
}

fn killed_in(text: &str) -> Option<String> {
    static KILLED: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?P<of>cgroup )?(?i:out of memory): Kill(?:ed)? process \d+ \((?P<program>[^)]{1,40})\)"));
    // Every text of every failure is asked.
    if !text.contains(": Kill") {
        return None;
    }
    let c = KILLED.captures(text).filter(|c| c.name("of").is_none())?;
    Some(c["program"].to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_the_machine_killed_is_told_from_whom_a_container_did() {
        assert_eq!(killed_in("Out of memory: Killed process 18 (postgres) total-vm:4kB").as_deref(), Some("postgres"));
        assert_eq!(killed_in("Out of memory: Kill process 18 (redis-server) score 9").as_deref(), Some("redis-server"));
        assert_eq!(killed_in("Memory cgroup out of memory: Killed process 18 (java) total-vm:4kB"), None);
        assert_eq!(killed_in("java.lang.OutOfMemoryError: Java heap space"), None);
    }
}

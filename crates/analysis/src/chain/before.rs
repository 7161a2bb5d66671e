//! What made the failure possible, told by time: what was logged right before each time it came, and a job that had failed
//! for long when what it should have cleared away had filled up, or what it should have renewed ran out.
//!
//! What it sees: kept records of any log beside the first records of the failure, and older errors. Why it matters: neither
//! is a failure that users felt, and without it the cause would have done no harm. When it misleads: two symptoms of one
//! thing that are always logged in the same order.

use evidence::{Level, Moment};

use crate::digest::Pattern;
use crate::findings::{Contributing, Hypothesis, Places};
use crate::incident::{Incident, places_of};

/// Seconds in which one record follows another of which it is the consequence.
const RIGHT_BEFORE_S: f64 = 2.0;
/// Times that it has to be seen.
const LEAST_TIMES: usize = 2;
/// Seconds that a job has failed for before it is old trouble.
const OLD_S: f64 = 3.0 * 3_600.0;
/// What jobs do that keep things from filling up.
const UPKEEP: [&str; 18] = [
    "upload",
    "purge",
    "archive",
    "rotate",
    "rotation",
    "compact",
    "compaction",
    "cleanup",
    "clean",
    "vacuum",
    "prune",
    "delete",
    "expire",
    "flush",
    "ship",
    "drain",
    "renew",
    "renewal",
];
/// Letters of a word that two records may share by more than chance.
const LEAST_LETTERS: usize = 5;

/// Warnings and errors that came right before the failure, time and again.
pub fn each_time(incident: &Incident<'_>, best: Option<&Hypothesis>) -> Vec<Contributing> {
    let Some(failure) = best.and_then(|h| h.failure.as_ref()) else { return Vec::new() };
    let scene = incident.scene;
    let times: Vec<Moment> = failure.places.iter().filter_map(|p| Some(scene.words_at(*p)?.0)).collect();
    let from = incident.window.from.plus(-60.0);
    let mut found = Vec::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in digest.patterns.iter().filter(|p| is_trouble(p) && p.count <= failure.count.saturating_mul(4)) {
            let places = || pattern.exemplars.iter().map(|e| e.place);
            if failure.places.iter().any(|p| places().any(|own| own == *p)) {
                continue;
            }
            let seen: Vec<Moment> = pattern.exemplars.iter().filter_map(|e| clock.moment(e.stamp?)).collect();
            let follows = |before: &Moment, at: &Moment| at > before && at.since(*before) <= RIGHT_BEFORE_S;
            let followed = seen.iter().filter(|before| times.iter().any(|at| follows(before, at))).count();
            if followed < LEAST_TIMES || followed < seen.len() || seen.first().is_some_and(|first| *first < from) {
                continue;
            }
            let Some(places) = Places::from_many(places()) else { continue };
            let service = scene.service_of(pattern.service.as_deref(), digest.source);
            // The own errors of who fails are the failure, not what made it possible.
            if service == failure.service && pattern.level.is_some_and(Level::is_bad) {
                continue;
            }
            found.push(Contributing {
                service,
                signature: None,
                words: crate::signals::first_line(&pattern.first.text),
                first: seen.first().copied(),
                count: pattern.count,
                places: places.few(2),
            });
        }
    }
    found.truncate(2);
    found
}

fn is_trouble(pattern: &Pattern) -> bool {
    matches!(pattern.level, Some(Level::Warn | Level::Error | Level::Fatal))
}

/// Where something filled up or ran out of its time: a job of upkeep that speaks of the same thing and had failed for long.
pub fn upkeep(incident: &Incident<'_>, best: Option<&Hypothesis>) -> Vec<Contributing> {
    let filled =
        best.filter(|h| h.signature.is_some_and(|s| matches!(s.family.as_str(), "disk" | "queue") || s.id == "tls_expired"));
    let Some(failure) = filled.and_then(|h| h.failure.as_ref()) else { return Vec::new() };
    let about = words(&failure.words);
    let old = |i: &usize| {
        let signal = &incident.signals[*i];
        let own = format!("{} {}", signal.service.as_deref().unwrap_or(""), signal.words);
        let own = words(&own);
        (signal.level.is_some_and(Level::is_bad) || signal.level.is_none() && !signal.hits.is_empty())
            && signal.service != failure.service
            && incident.window.from.since(signal.first) >= OLD_S
            && incident.window.from.since(signal.last) <= 86_400.0
            && own.iter().any(|w| UPKEEP.contains(&w.as_str()))
            && own.iter().any(|w| about.contains(w))
    };
    let found = (0..incident.signals.len()).filter(old).take(1).map(|i| {
        let signal = &incident.signals[i];
        Contributing {
            service: signal.service.clone(),
            signature: signal.signature(),
            words: signal.words.clone(),
            first: Some(signal.first),
            count: signal.count,
            places: places_of(signal).few(2),
        }
    });
    found.collect()
}

/// Words without those that every failure of the kind has.
fn words(text: &str) -> Vec<String> {
    const OF_ALL: [&str; 12] = [
        "error",
        "failed",
        "device",
        "space",
        "writing",
        "waiting",
        "someone",
        "message",
        "retry",
        "reprinted",
        "while",
        "cannot",
    ];
    let split = text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase);
    split.filter(|w| (w.len() >= LEAST_LETTERS || UPKEEP.contains(&w.as_str())) && !OF_ALL.contains(&w.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_records_share_is_no_word_of_every_full_disk() {
        let about = words("Disk is full writing './journal.004' (OS errno 28 - No space left on device)");
        assert!(about.contains(&"journal".to_string()) && !about.contains(&"device".to_string()), "{about:?}");
        assert!(words("journal-ship ERROR upload of journal.001 failed").contains(&"ship".to_string()));
    }
}

//! Failures of other services at another time: a second incident that lies in the same input.
//!
//! What it sees: failures that come close together, apart from the incident and at services that are no part of it. Why it
//! matters: a report is of one incident, and who put two into a folder must be told that one is left out. When it misleads:
//! the odd error of every day, which is spread over its whole log and is therefore none.

use std::collections::BTreeMap;

use evidence::Moment;

use crate::findings::{Elsewhere, Places};
use crate::incident::Incident;
use crate::signals::{Signal, SignalKind};

/// Seconds between the two.
const APART_S: f64 = 3_600.0;
/// Fewer are no incident.
const LEAST: u64 = 30;
/// What takes a larger part of its log is how things are there.
const PART: f64 = 0.5;

pub fn find(incident: &Incident<'_>) -> Option<Elsewhere> {
    let mut by_service: BTreeMap<&str, Vec<&Signal>> = BTreeMap::new();
    for signal in incident.signals.iter().filter(|s| is_apart(incident, s)) {
        let own = signal.service.as_deref().filter(|name| incident.hurt(name).is_none());
        own.into_iter().for_each(|name| by_service.entry(name).or_default().push(signal));
    }
    by_service.retain(|_, signals| signals.iter().map(|s| s.count).sum::<u64>() >= LEAST);
    let all = || by_service.values().flatten();
    let first = all().min_by_key(|s| (s.first, s.places.first()))?;
    let last = all().max_by_key(|s| (s.last, s.last_place))?;
    Some(Elsewhere {
        services: by_service.keys().map(|name| name.to_string()).collect(),
        from: first.first,
        to: last.last,
        places: Places::new(*first.places.first()?, [last.last_place]),
    })
}

/// It failed then and at no other time, within a part of its log.
fn is_apart(incident: &Incident<'_>, signal: &Signal) -> bool {
    let window = &incident.window;
    let beyond = window.from.since(signal.last) > APART_S || signal.first.since(window.to) > APART_S;
    signal.kind == SignalKind::Log && signal.is_failure() && beyond && part_of_log(incident, signal) <= PART
}

fn part_of_log(incident: &Incident<'_>, signal: &Signal) -> f64 {
    let scene = incident.scene;
    let at = |end: Option<(evidence::Stamp, evidence::RecordRef)>| scene.clock(signal.source).moment(end?.0);
    let span = scene.digests.iter().find(|d| d.source == signal.source).and_then(|d| Some((at(d.first)?, at(d.last)?)));
    span.map_or(1.0, |span| part(span, (signal.first, signal.last)))
}

fn part((from, to): (Moment, Moment), (first, last): (Moment, Moment)) -> f64 {
    last.since(first) / to.since(from).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_all_along_its_log_is_how_things_are_there() {
        let at = Moment::from_seconds;
        assert!(part((at(0), at(7_200)), (at(3_000), at(4_000))) <= PART);
        assert!(part((at(0), at(7_200)), (at(60), at(7_100))) > PART);
    }
}

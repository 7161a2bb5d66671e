//! Failures at another time: a second incident that lies in the same input.
//!
//! What it sees: failures that come close together, apart from the incident: kinds that are no part of it, and minutes in which
//! a large part of the requests failed. Why it matters: a report is of one incident, and who put two into a folder must be told
//! that one is left out. When it misleads: the odd error of every day, which is spread over its whole log and is therefore none.

use std::collections::BTreeMap;

use evidence::{Level, Moment, RecordRef};

use crate::edge::Edge;
use crate::findings::{Elsewhere, Places};
use crate::incident::Incident;
use crate::signals::{Signal, SignalKind};

/// Seconds between the two.
const APART_S: f64 = 3_600.0;
/// Fewer are no incident.
const LEAST: u64 = 30;
/// What takes a larger part of its log is how things are there.
const PART: f64 = 0.5;
/// A minute in which a fifth of the requests failed, of so many at least.
const FIFTH: u64 = 5;
const REQUESTS: u64 = 20;

/// Failures of one service apart from the incident.
struct Burst {
    service: String,
    from: (Moment, RecordRef),
    to: (Moment, RecordRef),
    count: u64,
    words: Option<String>,
}

pub fn find(incident: &Incident<'_>) -> Option<Elsewhere> {
    let mut bursts = logged(incident);
    bursts.extend(incident.edges().filter_map(|edge| requests(incident, edge)));
    let first = bursts.iter().min_by_key(|b| b.from)?;
    // Two that lie hours apart are two, and the first is told of.
    let near = |b: &&Burst| b.from.0.since(first.to.0) <= APART_S;
    let one: Vec<&Burst> = bursts.iter().filter(near).collect();
    let to = one.iter().map(|b| b.to).max()?;
    let loudest = one.iter().filter(|b| b.words.is_some()).max_by_key(|b| (b.count, std::cmp::Reverse(b.from)));
    let mut services: Vec<String> = one.iter().map(|b| b.service.clone()).collect();
    services.sort();
    services.dedup();
    Some(Elsewhere {
        services,
        from: first.from.0,
        to: to.0,
        words: loudest.and_then(|b| b.words.clone()),
        places: Places::new(first.from.1, [to.1].into_iter().chain(loudest.map(|b| b.from.1))),
    })
}

/// Kinds of failures of one service that came then and at no other time.
fn logged(incident: &Incident<'_>) -> Vec<Burst> {
    let mut by_service: BTreeMap<&str, Vec<&Signal>> = BTreeMap::new();
    for signal in incident.signals.iter().filter(|s| is_apart(incident, s)) {
        let Some(name) = signal.service.as_deref() else { continue };
        // Warnings of who is part of it are about it.
        if incident.hurt(name).is_none() || signal.level.is_some_and(Level::is_bad) {
            by_service.entry(name).or_default().push(signal);
        }
    }
    by_service.retain(|_, signals| signals.iter().map(|s| s.count).sum::<u64>() >= LEAST);
    let burst = |(service, signals): (&str, Vec<&Signal>)| {
        let loudest = signals.iter().max_by_key(|s| (s.count, std::cmp::Reverse(s.first)))?;
        let from = signals.iter().filter_map(|s| Some((s.first, *s.places.first()?))).min()?;
        let to = signals.iter().map(|s| (s.last, s.last_place)).max()?;
        let count = signals.iter().map(|s| s.count).sum();
        Some(Burst { service: service.to_string(), from, to, count, words: Some(loudest.words.clone()) })
    };
    by_service.into_iter().filter_map(burst).collect()
}

/// It failed then and at no other time, within a part of its log.
fn is_apart(incident: &Incident<'_>, signal: &Signal) -> bool {
    signal.kind == SignalKind::Log
        && signal.is_failure()
        && is_beyond(incident, (signal.first, signal.last))
        && part_of_log(incident, signal) <= PART
}

fn is_beyond(incident: &Incident<'_>, (first, last): (Moment, Moment)) -> bool {
    let window = &incident.window;
    window.from.since(last) > APART_S || first.since(window.to) > APART_S
}

fn part_of_log(incident: &Incident<'_>, signal: &Signal) -> f64 {
    let scene = incident.scene;
    let at = |end: Option<(evidence::Stamp, RecordRef)>| scene.clock(signal.source).moment(end?.0);
    let span = scene.digests.iter().find(|d| d.source == signal.source).and_then(|d| Some((at(d.first)?, at(d.last)?)));
    span.map_or(1.0, |span| part(span, (signal.first, signal.last)))
}

fn part((from, to): (Moment, Moment), (first, last): (Moment, Moment)) -> f64 {
    last.since(first) / to.since(from).max(1.0)
}

/// Requests of one source that failed in numbers, minute after minute.
fn requests(incident: &Incident<'_>, edge: &Edge) -> Option<Burst> {
    let minutes = edge.binned(60, None);
    let bad = minutes.iter().filter(|(_, t)| t.total >= REQUESTS && t.failed * FIFTH >= t.total).map(|(minute, _)| {
        let from = Moment::from_seconds(minute * 60);
        (from, from.plus(60.0))
    });
    let bad: Vec<(Moment, Moment)> = bad.filter(|span| is_beyond(incident, *span)).collect();
    let from = bad.first()?.0;
    let to = bad.iter().take_while(|(at, _)| at.since(from) <= LONGEST_S).last()?.1;
    let (first, last) = edge.failures(from, to, incident.scene)?;
    let count = edge.failed_between(from, to);
    let service = edge.service.clone()?;
    (count >= LEAST).then_some(Burst { service, from: (first.at, first.place), to: (last.at, last.place), count, words: None })
}

/// What fails longer after that is a third one.
const LONGEST_S: f64 = 6.0 * 3_600.0;

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

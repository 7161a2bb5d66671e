//! An input that is nothing but failures: the errors that somebody cut out of a log, or a log that holds errors only.
//!
//! What it sees: logs of which (nearly) all records fail, and stretches in which they come close together in a known way.
//! Why it matters: a share of failures that is always the whole has nothing to stand out from, and yet four hundred refused
//! connections in ten minutes are no quiet night. When it misleads: a file of errors that come every minute of every day;
//! so a stretch that goes on for longer than a day is none, nor are probes of a health check.

use evidence::{Level, Moment};

use super::Tale;
use crate::findings::{OneSided, Places};
use crate::scene::Scene;
use crate::signals::{Signal, SignalKind};
use crate::signatures::Role;

/// Records that are too many to be an odd cut, and the part of all that fails.
const LEAST: u64 = 20;
const NEARLY_ALL: f64 = 0.9;
/// Seconds between two failures, on the average, of those that come close together, and of a pause that parts two stretches.
const CLOSE_S: f64 = 60.0;
const PAUSE_S: f64 = 1_800.0;
/// What goes on for longer is how things are.
const LONGEST_S: f64 = 86_400.0;
/// Kinds of failure that strangers bring about, day by day: wrong passwords, bad input, too many calls.
const BY_STRANGERS: [&str; 3] = ["auth", "data", "throttle"];

/// From when until when records fail, where (nearly) all of them do. Without `signals` only those count that are errors by their
/// own grade.
pub fn of(scene: &Scene, signals: &[Signal]) -> Option<OneSided> {
    let is_alone = scene.chat.is_empty() && scene.pages.is_empty() && scene.alerts.is_empty() && scene.series.is_empty();
    let records: u64 = scene.digests.iter().map(|d| d.stamped).sum();
    let failing = failing(scene, signals);
    if !is_alone || records < LEAST || (failing as f64) < NEARLY_ALL * records as f64 {
        return None;
    }
    let firsts = scene.digests.iter().filter_map(|d| d.first.and_then(|(s, p)| Some((scene.clock(d.source).moment(s)?, p))));
    let lasts = scene.digests.iter().filter_map(|d| d.last.and_then(|(s, p)| Some((scene.clock(d.source).moment(s)?, p))));
    let ((from, first), (to, last)) = (firsts.min()?, lasts.max()?);
    Some(OneSided { is_all: failing == scene.read, from, to, places: Places::new(first, [last]) })
}

/// Failed records of all logs: requests that failed, or what is written as an error, whichever are more in a log.
fn failing(scene: &Scene, signals: &[Signal]) -> u64 {
    let of = |digest: &crate::digest::Digest| {
        let patterns = digest.patterns.iter().filter(|p| p.level.is_some_and(Level::is_bad)).map(|p| p.count).sum::<u64>();
        let known = signals.iter().filter(|s| s.source == digest.source && s.kind == SignalKind::Log && is_known(s));
        let requests = digest.requests.values().flat_map(|r| r.bins.written()).map(|(_, t)| t.failed).sum::<u64>();
        patterns.max(known.map(|s| s.count).sum()).max(requests).min(digest.stamped)
    };
    scene.digests.iter().map(of).sum()
}

/// Stretches of failures of a known kind that come close together, in an input of nothing else.
pub(super) fn tales(scene: &Scene, signals: &[Signal]) -> Vec<Tale> {
    if of(scene, signals).is_none() {
        return Vec::new();
    }
    let known = signals.iter().filter(|s| s.kind == SignalKind::Log && is_known(s) && !is_probe(s));
    let mut bins: Vec<(Moment, u64)> = known.flat_map(|s| s.bins.iter().copied()).collect();
    for (digest, requests) in scene.digests.iter().flat_map(|d| d.requests.values().map(move |r| (d, r))) {
        let clock = scene.clock(digest.source);
        bins.extend(requests.bins.moments(clock, requests.basis).map(|(at, t)| (at, t.failed)).filter(|(_, n)| *n > 0));
    }
    bins.sort_unstable();
    stretches(&bins).into_iter().filter(|s| s.is_dense()).map(|s| Tale::new(s.from, s.to, super::ENOUGH)).collect()
}

#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: Moment,
    to: Moment,
    count: u64,
}

impl Stretch {
    fn is_dense(&self) -> bool {
        let lasts = self.to.since(self.from);
        self.count >= LEAST && lasts <= LONGEST_S && lasts <= CLOSE_S * self.count as f64
    }
}

fn stretches(bins: &[(Moment, u64)]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for (at, count) in bins {
        match found.last_mut().filter(|last| at.since(last.to) <= PAUSE_S) {
            Some(last) => *last = Stretch { to: *at, count: last.count + count, ..*last },
            None => found.push(Stretch { from: *at, to: *at, count: *count }),
        }
    }
    found
}

/// An error, or a record of no grade, of a kind that is known to be a failure of ours.
fn is_known(signal: &Signal) -> bool {
    let fails = |role: Role| matches!(role, Role::Cause | Role::Symptom | Role::External | Role::Amplifier);
    let known = signal.hits.iter().any(|h| fails(h.role) && !BY_STRANGERS.contains(&h.family.as_str()));
    signal.level.is_none_or(Level::is_bad) && (known || signal.trace.is_some())
}

/// What asks every few seconds whether somebody is there, and often finds nobody.
fn is_probe(signal: &Signal) -> bool {
    const WORDS: [&str; 7] = ["health", "/ping", "livez", "readyz", "kube-probe", "/status", "heartbeat"];
    let text = signal.texts.first().map_or(signal.words.as_str(), |text| text).to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(seconds: i64, times: i64) -> Vec<(Moment, u64)> {
        (0..times).map(|n| (Moment::from_seconds(n * seconds), 1)).collect()
    }

    #[test]
    fn failures_that_come_close_together_are_a_stretch_and_those_of_every_day_are_none() {
        let is_dense = |bins: &[(Moment, u64)]| stretches(bins).iter().any(Stretch::is_dense);
        assert!(is_dense(&every(2, 400)));
        assert!(!is_dense(&every(2, 5)), "a handful");
        assert!(!is_dense(&every(900, 400)), "one in a quarter of an hour, for days");
        assert!(!is_dense(&every(30, 10_000)), "longer than a day");
        assert!(!is_dense(&every(86_400, 300)), "what was left of a year");
    }
}

//! For how long failures have to stay away until users count as served again, and how far the evidence for it reaches.
//!
//! What it sees: the logs that have failures of the incident, and the requests. Why it matters: what an idle machine, a
//! ticket or a chat writes later says nothing of requests, and how long they go on must not move the end. When it
//! misleads: a log of nothing but errors, which is silent when all is well; then the other logs stand for it.

use std::collections::BTreeSet;

use evidence::{Moment, SourceId};

use crate::digest::Digest;
use crate::incident::Incident;
use crate::signals::SignalKind;
use crate::window;

/// Failures must stay away for this long, or for so many bins (algorithms, 2.3).
const LEAST_S: i64 = 60;
pub const BINS: i64 = 3;
/// A log of nothing but errors says nothing when all is well: of ten records one has to be no failure.
const WELL: u64 = 10;
/// Records after the last failure that show that all is well.
const LATER: u64 = 5;

pub struct Quiet {
    /// Until when failures would have been seen.
    pub until: Moment,
    /// Seconds that they have to stay away.
    pub least_s: i64,
}

pub fn after(incident: &Incident<'_>) -> Quiet {
    let window = &incident.window;
    let spans: Vec<(Moment, Moment)> = own(incident).into_iter().filter_map(|digest| span(incident, digest)).collect();
    let usual = Quiet { until: window.data_to, least_s: LEAST_S.max(BINS * window.width) };
    let Some(from) = spans.iter().map(|(from, _)| *from).min() else { return usual };
    let until = spans.iter().map(|(_, to)| *to).max().unwrap_or(window.data_to);
    let width = window::width((until.seconds() - from.seconds()).max(1)).min(window.width);
    Quiet { until: until.min(window.data_to), least_s: LEAST_S.max(BINS * width) }
}

/// The logs go on after the last failure: a few records that somebody cut out say nothing of what came later.
pub fn is_shown(incident: &Incident<'_>, last: Moment) -> bool {
    let own = own(incident);
    let later = |digest: &&Digest| -> u64 {
        let clock = incident.scene.clock(digest.source);
        let dated = digest.patterns.iter().filter_map(|pattern| Some((pattern, pattern.basis?)));
        let counts = dated.flat_map(|(pattern, basis)| pattern.bins.moments(clock, basis));
        counts.filter(|(at, _)| *at > last).map(|(_, n)| u64::from(*n)).sum()
    };
    own.is_empty() || own.iter().map(later).sum::<u64>() >= LATER
}

/// The logs of requests and those with failures of the incident, if they would go on without failures.
fn own<'a>(incident: &Incident<'a>) -> Vec<&'a Digest> {
    let mut sources: BTreeSet<SourceId> = BTreeSet::new();
    let mut failed = std::collections::BTreeMap::<SourceId, u64>::new();
    for (_, signal, _) in incident.failures().filter(|(_, s, _)| s.kind == SignalKind::Log) {
        *failed.entry(signal.source).or_default() += signal.count;
    }
    sources.extend(failed.keys());
    sources.extend(incident.edge.iter().flat_map(|edge| &edge.sources));
    let goes_on = |digest: &&Digest| {
        let failures = failed.get(&digest.source).copied().unwrap_or(0);
        failures * WELL < digest.stamped * (WELL - 1)
    };
    incident.scene.digests.iter().filter(|d| sources.contains(&d.source)).filter(goes_on).collect()
}

fn span(incident: &Incident<'_>, digest: &Digest) -> Option<(Moment, Moment)> {
    let clock = incident.scene.clock(digest.source);
    let at = |end: Option<(evidence::Stamp, evidence::RecordRef)>| clock.moment(end?.0);
    let window = &incident.window;
    Some((at(digest.first)?.max(window.data_from), at(digest.last)?.min(window.data_to)))
}

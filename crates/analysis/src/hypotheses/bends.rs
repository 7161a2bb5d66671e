//! Where the measure of what ran out bends: a change that took effect there filled it.
//!
//! What it sees: series of memory, disks, connections up to the failure, and the point from which on they go one way. Why it
//! matters: what fills slowly fails hours or days after its cause, and its series still tells when it began. When it
//! misleads: load that rises for another reason at the time of a change.

use evidence::Moment;

use crate::changes::{Candidate, Undo};
use crate::findings::{Places, Reason, Term};
use crate::incident::Incident;
use crate::metrics;
use crate::scene::At;
use crate::weights;

/// Words of measures of what can run out.
const MEASURES: [&str; 14] = [
    "memory",
    "mem",
    "rss",
    "heap",
    "disk",
    "filesystem",
    "volume",
    "storage",
    "free",
    "avail",
    "connections",
    "inodes",
    "fds",
    "used",
];
/// Words of measures of work that piles up.
const BACKLOGS: [&str; 10] =
    ["queue", "lag", "backlog", "messages", "ready", "pending", "unacked", "unacknowledged", "depth", "delay"];
/// A backlog turns so long after what relieved it, in seconds, and is gone where so much of it is left.
const TURNS_S: f64 = 900.0;
const IS_GONE: f64 = 0.5;
/// Seconds from a change to its bend at most: where a record says when it took effect, and where it is only known when it was
/// written.
const DATED_S: f64 = 900.0;
const UNDATED_S: f64 = 7_200.0;

/// Seconds from the bend to the failure at least: what bends when it fails tells nothing of its cause.
const SLOWLY_S: f64 = 1_800.0;

pub struct Bent {
    pub at: Moment,
    metric: String,
    rises: bool,
    places: Places,
}

impl Bent {
    pub fn term(self) -> Term {
        let reason = Reason::Bends { metric: self.metric, rises: self.rises };
        Term { name: "the series bends", value: weights::BENDS, reason, places: self.places }
    }
}

/// The bend of a series of what ran out, where the candidate took effect.
pub fn at(incident: &Incident<'_>, candidate: &Candidate) -> Option<Bent> {
    bent(incident, candidate, &MEASURES)
}

/// The bend of a backlog, where the candidate took effect.
pub fn of_backlog(incident: &Incident<'_>, candidate: &Candidate) -> Option<Bent> {
    bent(incident, candidate, &BACKLOGS).filter(|bent| bent.rises)
}

/// A backlog had grown until the change was taken back, and went down from then on: what fails of it fails until it is gone.
pub fn turns(incident: &Incident<'_>, undo: &Undo) -> bool {
    let scene = incident.scene;
    let turns = |series: &At<evidence::Series>| {
        let points = metrics::moments(scene, &series.what, series.place.source);
        turned(&points, incident.window.from, (undo.started, undo.finished))
    };
    scene.series.iter().filter(|s| measures(&s.what, &BACKLOGS)).any(turns)
}

/// The most of all points lies at the time, with much less at the beginning and less behind it.
fn turned(points: &[(Moment, f64)], from: Moment, (started, finished): (Moment, Moment)) -> bool {
    let most = points.iter().filter(|(at, _)| *at >= from).max_by(|a, b| a.1.total_cmp(&b.1));
    let (Some((top, most)), Some(first), Some(last)) = (most, points.first(), points.last()) else { return false };
    let is_then = top.since(started) >= -60.0 && top.since(finished) <= TURNS_S;
    is_then && *most > 0.0 && first.1 <= most * IS_GONE && last.1 <= most * IS_GONE && last.0 > *top
}

fn bent(incident: &Incident<'_>, candidate: &Candidate, words: &[&str]) -> Option<Bent> {
    let scene = incident.scene;
    let measures = scene.series.iter().filter(|s| measures(&s.what, words));
    measures
        .filter_map(|series| {
            let mut points = metrics::moments(scene, &series.what, series.place.source);
            points.retain(|(at, _)| *at <= incident.window.from.plus(60.0));
            let bend = metrics::bend(&points)?;
            let step = bend.step_s.clamp(0.0, UNDATED_S);
            let limit = if candidate.dated { DATED_S } else { UNDATED_S } + 2.0 * step;
            let after = bend.at.since(candidate.at);
            let slowly = incident.window.from.since(bend.at) >= SLOWLY_S;
            if !slowly || !(-step..=limit).contains(&after) {
                return None;
            }
            let clock = scene.clock(series.place.source);
            let point = series.what.points.iter().find(|p| clock.moment(p.stamp) == Some(bend.at));
            let places = candidate.places.few(1).and(&Places::one(point.map_or(series.place, |p| p.place)));
            Some((after.abs(), Bent { at: bend.at, metric: series.what.metric.clone(), rises: bend.rises, places }))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, bent)| bent)
}

fn measures(series: &evidence::Series, words: &[&str]) -> bool {
    let metric = series.metric.to_lowercase();
    metric.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_turns_when_what_made_it_is_taken_back() {
        let points = |values: &[f64]| -> Vec<(Moment, f64)> {
            values.iter().enumerate().map(|(n, value)| (Moment::from_seconds(n as i64 * 600), *value)).collect()
        };
        let at = |seconds| Moment::from_seconds(seconds);
        let grown = points(&[10.0, 900.0, 1_800.0, 2_700.0, 1_200.0, 20.0]);
        assert!(turned(&grown, at(600), (at(1_500), at(1_560))));
        assert!(!turned(&grown, at(600), (at(300), at(360))), "it grew on for long");
        assert!(!turned(&grown, at(600), (at(3_000), at(3_060))), "it went down before");
        assert!(
            !turned(&points(&[10.0, 900.0, 1_800.0, 2_700.0, 2_600.0]), at(600), (at(1_500), at(1_560))),
            "it is still there"
        );
        assert!(!turned(&points(&[2_600.0, 2_700.0, 20.0]), at(0), (at(300), at(360))), "it was there before");
    }
}

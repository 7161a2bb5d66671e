//! Where the measure of what ran out bends: a change that took effect there filled it.
//!
//! What it sees: series of memory, disks, connections up to the failure, and the point from which on they go one way. Why it
//! matters: what fills slowly fails hours or days after its cause, and its series still tells when it began. When it
//! misleads: load that rises for another reason at the time of a change.

use evidence::Moment;

use crate::changes::Candidate;
use crate::findings::{Places, Reason, Term};
use crate::incident::Incident;
use crate::metrics;
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
    let scene = incident.scene;
    let measures = scene.series.iter().filter(|s| measures(&s.what));
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

fn measures(series: &evidence::Series) -> bool {
    let words = series.metric.to_lowercase();
    words.split(|c: char| !c.is_alphanumeric()).any(|word| MEASURES.contains(&word))
}

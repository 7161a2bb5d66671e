//! What a document tells as a whole: its timeline, the instants of the incident, the quantities of it, its sources.
//!
//! Everything is taken as the document states it; where it states a thing twice, both stand here. Must never decide which
//! of two is right.

mod actions;
mod cites;
mod mask;
mod measures;
mod phases;
mod sources;
mod times;

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Document, Kind, Unit};
pub use actions::Action;
pub use cites::{citations, without_citations};
pub use mask::{Mask, masked};
pub use measures::{Measured, tolerance};
pub use phases::Moment;
pub use sources::Source;
pub use times::{OF_PAPER, is_chronicle};

/// An entry of a timeline: a unit that begins with a time.
#[derive(Debug, Clone)]
pub struct Entry {
    pub unit: usize,
    /// Index of the clock in the unit's facts.
    pub clock: usize,
    /// Seconds since 1970, or since midnight of the first day in a document without dates.
    pub at: f64,
    pub fine: f64,
    /// The date that stands at it.
    pub dated: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Story {
    /// Lists and tables of entries in the order of the document, each of at least three.
    pub timelines: Vec<Vec<Entry>>,
    /// Index of the one that tells the incident.
    pub main: Option<usize>,
    /// Seconds east of UTC of times that do not say so.
    pub zone: i32,
    /// Days since 1970 of the incident, where a date is stated.
    pub day: Option<i64>,
    pub year: Option<i16>,
    /// Per phase of the incident, where it is stated and where the timeline shows it.
    pub moments: BTreeMap<&'static str, Vec<Moment>>,
    pub measures: Vec<Measured>,
    /// What citations may lead to, by label.
    pub sources: BTreeMap<String, Source>,
    /// Where these begin.
    pub source_units: BTreeSet<usize>,
    /// Entries of all timelines.
    pub entry_units: BTreeSet<usize>,
    pub actions: Vec<Action>,
}

pub fn of(document: &Document) -> Story {
    let mut story = Story { zone: times::zone(document), ..Story::default() };
    (story.day, story.year) = times::day(document);
    story.timelines = times::timelines(document, &story);
    story.main = (0..story.timelines.len()).max_by_key(|i| {
        let group = story.timelines.get(*i).map_or(&[][..], Vec::as_slice);
        let named = group.first().and_then(|e| document.units.get(e.unit)).is_some_and(|u| times::is_chronicle(document.path(u)));
        (named, group.len(), std::cmp::Reverse(*i))
    });
    story.moments = phases::of(document, &story);
    story.measures = measures::of(document);
    story.sources = sources::of(document, &story);
    story.source_units = story.sources.values().map(|s| s.unit).collect();
    story.entry_units = story.timelines.iter().flatten().map(|e| e.unit).collect();
    story.actions = actions::of(document);
    story
}

impl Story {
    pub fn timeline(&self) -> &[Entry] {
        self.main.and_then(|i| self.timelines.get(i)).map_or(&[], Vec::as_slice)
    }

    /// First and last instant of the timeline that tells the incident.
    pub fn span(&self) -> Option<(f64, f64)> {
        let times = self.timeline().iter().map(|e| e.at);
        times.fold(None, |span: Option<(f64, f64)>, at| Some(span.map_or((at, at), |(a, b)| (a.min(at), b.max(at)))))
    }

    /// The instant that a time in a unit means; without a date, on the day of the incident that is nearest.
    pub fn instant(&self, unit: &Unit, clock: usize) -> Option<f64> {
        let clock = unit.facts.clocks.get(clock)?;
        if clock.epoch {
            return Some(clock.second);
        }
        let own = clock.date.and_then(|d| unit.facts.dates.get(d)).and_then(|d| d.days(self.year));
        let zone = f64::from(clock.zone.unwrap_or(self.zone));
        let at = |day: i64| day as f64 * 86_400.0 + clock.second - zone;
        if let Some(day) = own {
            return Some(at(day));
        }
        let day = self.day.unwrap_or(0);
        let Some((from, to)) = self.span() else { return Some(at(day)) };
        let away = |t: f64| (from - t).max(t - to).max(0.0);
        let first = (from / 86_400.0).floor() as i64 - 1;
        let last = ((to / 86_400.0).floor() as i64 + 1).min(first + 40);
        (first..=last).map(at).min_by(|a, b| away(*a).total_cmp(&away(*b)))
    }
}

/// Is the kind one in which a document speaks for itself?
pub fn speaks(kind: Kind) -> bool {
    matches!(kind, Kind::Prose | Kind::Item | Kind::Row | Kind::Heading)
}

//! Times of a report, and a source's own times corrected by the clock that the report's coverage states for it.

use evidence::{Clock, Moment, Segment, Stamp};
use jiff::Timestamp;
use report::model::{ClockNote, Report};

/// Times that differ by less are the same; microseconds.
const SAME: u64 = 1_000_000;

/// RFC 3339 with a zone.
pub fn moment(text: &str) -> Option<Moment> {
    text.parse::<Timestamp>().ok().map(|t| Moment(t.as_microsecond()))
}

pub fn same(a: Moment, b: Moment) -> bool {
    a.0.abs_diff(b.0) <= SAME
}

/// The clock that the report states. Times without a year or a day fall near the instant that it states for the source,
/// else near the begin of the incident.
pub fn clock(note: &ClockNote, begin: Option<Moment>) -> Clock {
    let anchor = note.anchor.as_deref().and_then(moment).or(begin);
    let segments = note.segments.iter();
    let segment =
        |s: &report::model::ClockSegment| Segment { first_line: s.first_line, last_line: s.last_line, offset_s: s.offset_s };
    Clock {
        offset_s: note.offset_s,
        zone: note.zone.clone(),
        basis: note.basis.clone(),
        uncertainty_s: 1,
        anchor,
        segments: segments.map(segment).collect(),
    }
}

/// The instant near which times without a year or a date are placed.
pub fn anchor(report: &Report) -> Option<Moment> {
    let times = report.times.all().into_iter().filter_map(|(_, t)| t.map(|t| t.at.as_str()));
    let others = report.timeline.iter().map(|t| t.at.as_str());
    let evidence = report.evidence.iter().filter_map(|e| e.at.as_deref());
    times.chain(others).chain(evidence).find_map(moment)
}

/// What a time on this line of the source means.
pub fn on_line(clock: &Clock, stamp: Stamp, line: u64) -> Option<Moment> {
    match clock.segments.iter().find(|s| s.first_line <= line && line <= s.last_line) {
        Some(segment) => Clock { offset_s: segment.offset_s, segments: Vec::new(), ..clock.clone() }.moment(stamp),
        None => clock.moment(stamp),
    }
}

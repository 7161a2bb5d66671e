//! Times of a report, and a source's own times corrected by the clock that the report's coverage states for it.

use std::sync::LazyLock;

use evidence::{Clock, Moment, Segment, Stamp};
use jiff::Timestamp;
use regex::Regex;
use report::model::{ClockNote, Report};

/// Times that differ by less are the same; microseconds.
const SAME: u64 = 1_000_000;

/// RFC 3339 with a zone.
pub fn moment(text: &str) -> Option<Moment> {
    text.parse::<Timestamp>().ok().map(|t| Moment(t.as_microsecond()))
}

/// The moments that a text names with date and time, in UTC: `2025-03-02T06:30:00Z`, `Mar  2 06:30:00 2025 GMT`.
pub fn told(text: &str) -> Vec<Moment> {
    static TOLD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let iso = r"(?P<date>\d{4}-\d{2}-\d{2})[T ](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s?(?:Z|UTC|GMT|\+00:?00)";
        let named = r"(?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})\s+(?P<time>\d{2}:\d{2}:\d{2})\s+(?P<year>\d{4})\s+GMT";
        Regex::new(&format!("{iso}|{named}")).ok()
    });
    let read = |c: regex::Captures<'_>| {
        let Some(date) = c.name("date") else {
            let text = format!("{} {} {} {}", &c["month"], &c["day"], &c["time"], &c["year"]);
            return jiff::civil::DateTime::strptime("%b %e %H:%M:%S %Y", text).ok();
        };
        let seconds = if c["clock"].len() == 5 { ":00" } else { "" };
        format!("{}T{}{seconds}", date.as_str(), &c["clock"]).parse().ok()
    };
    let all = TOLD.as_ref().into_iter().flat_map(|told| told.captures_iter(text));
    let moments = all.filter_map(read).filter_map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).ok());
    moments.map(|at| Moment::from_seconds(at.timestamp().as_second())).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_moments_with_their_date() {
        let at = |text: &str| vec![moment(text).unwrap()];
        assert_eq!(told("not after 2025-03-02T06:30:00Z, hence"), at("2025-03-02T06:30:00Z"));
        assert_eq!(told("valid until 2025-03-02 06:30 UTC"), at("2025-03-02T06:30:00Z"));
        assert_eq!(told("notAfter=Mar  2 06:30:00 2025 GMT"), at("2025-03-02T06:30:00Z"));
        assert_eq!(told("at 06:30:00, on 2025-03-02, 2025-03-02 06:30:00 local"), []);
    }
}

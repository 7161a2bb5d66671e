//! Times far from all others of their source: of a clock that was not set, of a date that was no time, or of somebody who
//! wants to hide an incident between the years 1970 and 9999.
//!
//! What it sees: how many records each day has. Why it matters: one such record would stretch the axis over centuries, and
//! nothing would stand out on it. When it misleads: a log that was silent for half a year and then says one thing.

use evidence::{Moment, RecordRef, Stamp};
use serde::{Deserialize, Serialize};

use crate::bins::{Bins, Tally};

/// Seconds of a day.
pub const DAY: i64 = 86_400;
/// Days of one source that are told apart before weeks and months are.
const DAYS: usize = 400;
/// Seconds without a record that set what is behind them apart.
const FAR: i64 = 180 * DAY;
/// How many times as many records stand on the other side.
const TIMES: u64 = 10;

/// The records of a source by day, as far as they have a whole date.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Days {
    bins: Bins<Day>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Day {
    records: u64,
    span: Option<Span>,
}

/// The first and the last of some records.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Span {
    pub first: (Stamp, RecordRef),
    pub last: (Stamp, RecordRef),
}

impl Span {
    fn join(self, other: Span) -> Span {
        Span { first: self.first.min(other.first), last: self.last.max(other.last) }
    }

    pub fn holds(&self, stamp: Stamp) -> bool {
        (self.first.0.micros..=self.last.0.micros).contains(&stamp.micros)
    }
}

impl Tally for Day {
    fn add(&mut self, other: &Day) {
        self.records += other.records;
        self.span = match (self.span, other.span) {
            (Some(mine), Some(theirs)) => Some(mine.join(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
    }
}

/// What is far from the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Strays {
    pub records: u64,
    /// The first of them in the source.
    pub line: u64,
    /// The dates of their groups, rising.
    pub dates: Vec<String>,
    /// Where the others are.
    pub rest: Span,
}

impl Default for Days {
    fn default() -> Days {
        Days { bins: Bins::of_width(DAY, DAYS) }
    }
}

impl Days {
    /// So many records of one day, with the first and the last of them.
    pub fn see_all(&mut self, first: (Stamp, RecordRef), last: (Stamp, RecordRef), records: u64) {
        if is_whole(first.0) {
            self.bins.count(first.0.micros, &Day { records, span: Some(Span { first, last }) });
        }
    }

    /// Adds what was seen of the same source elsewhere.
    pub fn join(&mut self, other: &Days) {
        self.bins.join(&other.bins);
    }

    /// `None` when no record is far from the others.
    pub fn strays(&self) -> Option<Strays> {
        let groups = self.groups();
        let most = groups.iter().map(|(records, _)| *records).max()?;
        let (far, near): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(records, _)| records * TIMES <= most);
        let rest = near.into_iter().map(|(_, span)| span).reduce(Span::join)?;
        let outside: Vec<_> = far.into_iter().filter(|(_, s)| !rest.holds(s.first.0)).collect();
        Some(Strays {
            records: outside.iter().map(|(records, _)| records).sum(),
            line: outside.iter().flat_map(|(_, s)| [s.first.1.line, s.last.1.line]).min()?,
            dates: outside.iter().map(|(_, s)| Moment(s.first.0.micros).date()).collect(),
            rest,
        })
    }

    /// Records with no long silence between them.
    fn groups(&self) -> Vec<(u64, Span)> {
        let mut groups: Vec<(u64, Span)> = Vec::new();
        for (_, day) in self.bins.written() {
            let Some(span) = day.span else { continue };
            let near =
                |group: &&mut (u64, Span)| span.first.0.micros.saturating_sub(group.1.last.0.micros) <= FAR * Moment::SECOND;
            match groups.last_mut().filter(near) {
                Some(group) => *group = (group.0 + day.records, group.1.join(span)),
                None => groups.push((day.records, span)),
            }
        }
        groups
    }
}

/// The stamp says the year.
fn is_whole(stamp: Stamp) -> bool {
    !stamp.basis.is_partial()
}

/// Whether a date is one at which a program of today may have run: 1990 to 2100.
pub fn is_plausible(stamp: Stamp) -> bool {
    const FROM: i64 = 631_152_000;
    const TO: i64 = 4_102_444_800;
    !is_whole(stamp) || (FROM..TO).contains(&stamp.micros.div_euclid(Moment::SECOND))
}

#[cfg(test)]
mod tests {
    use evidence::SourceId;

    use super::*;
    use evidence::Basis;

    fn days(seconds: impl IntoIterator<Item = i64>) -> Days {
        let mut days = Days::default();
        for (line, second) in (1..).zip(seconds) {
            let source = SourceId { input: 0, entry: 0 };
            let place = RecordRef { source, start: line, end: line + 1, line, last_line: line };
            let at = (Stamp::new(second * Moment::SECOND, Basis::Zoned), place);
            days.see_all(at, at, 1);
        }
        days
    }

    const NOW: i64 = 1_707_296_400;

    #[test]
    fn a_record_of_another_decade_is_far_from_the_rest() {
        let strays = days((0..40).map(|i| NOW + i).chain([0, NOW + 3_650 * DAY, 253_402_300_799])).strays().unwrap();
        assert_eq!((strays.records, strays.line), (3, 41));
        assert_eq!(strays.dates, ["1970-01-01", "2034-02-04", "9999-12-31"]);
        assert_eq!((strays.rest.first.1.line, strays.rest.last.1.line), (1, 40));
    }

    #[test]
    fn a_log_of_years_and_one_of_few_records_have_none() {
        assert_eq!(days((0..300).map(|i| NOW + i * 30 * DAY)).strays(), None);
        assert_eq!(days((0..9).map(|i| NOW + i).chain([0])).strays(), None);
        assert_eq!(days([0, NOW]).strays(), None);
        assert_eq!(days((0..40).chain((0..40).map(|i| NOW + i))).strays(), None);
    }
}

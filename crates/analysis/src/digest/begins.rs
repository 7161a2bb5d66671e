//! Where the first record of a kind stands within each bin of time, so that the moment from which a kind comes more often
//! is that of a record which can be shown.
//!
//! Of two records of a bin the one that stands first is kept, whatever their times, so that neither pieces nor their order
//! decide. Must never be asked of kinds that are plainly no trouble: it costs memory for every bin.

use evidence::{Level, RecordRef, SourceId};
use serde::{Deserialize, Serialize};

use crate::bins::Tally;

/// The first record of a bin; none where its line is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    pub micros: i64,
    start: u64,
    line: u64,
    size: u32,
    lines: u32,
}

impl Begin {
    /// None for a record that is too large to be told so briefly.
    pub fn of(place: RecordRef, micros: i64) -> Option<Begin> {
        let (size, lines) = (u32::try_from(place.end - place.start).ok()?, u32::try_from(place.last_line - place.line).ok()?);
        Some(Begin { micros, start: place.start, line: place.line, size, lines })
    }

    pub fn from_parts(micros: i64, (start, size): (u64, u32), (line, lines): (u64, u32)) -> Begin {
        Begin { micros, start, line, size, lines }
    }

    pub fn place(&self, source: SourceId) -> Option<RecordRef> {
        let (end, last_line) = (self.start + u64::from(self.size), self.line + u64::from(self.lines));
        (self.line > 0).then_some(RecordRef { source, start: self.start, end, line: self.line, last_line })
    }
}

impl Tally for Begin {
    fn add(&mut self, other: &Begin) {
        let is_earlier = other.line > 0 && (self.line == 0 || (other.start, other.line) < (self.start, self.line));
        if is_earlier {
            *self = *other;
        }
    }
}

/// Warnings and worse, and what has no level.
pub fn are_kept(level: Option<Level>) -> bool {
    level.is_none_or(|level| level >= Level::Warn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_that_stands_first_is_kept_in_whatever_order_they_come() {
        let begin = |line: u64, micros: i64| Begin { micros, start: line * 10, line, size: 9, lines: 0 };
        let (first, second) = (begin(3, 900), begin(4, 100));
        for order in [[first, second], [second, first]] {
            let mut kept = Begin::default();
            order.iter().for_each(|other| kept.add(other));
            assert_eq!(kept, first);
        }
        let source = SourceId { input: 0, entry: 0 };
        assert_eq!(first.place(source).map(|place| (place.start, place.end, place.line)), Some((30, 39, 3)));
        assert_eq!(Begin::default().place(source), None);
    }

    #[test]
    fn what_is_plainly_no_trouble_keeps_none() {
        assert!(are_kept(None) && are_kept(Some(Level::Warn)) && are_kept(Some(Level::Fatal)));
        assert!(!are_kept(Some(Level::Info)) && !are_kept(Some(Level::Debug)));
    }
}

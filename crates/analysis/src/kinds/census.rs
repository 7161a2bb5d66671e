//! Counts the records of a source by kind, once it is known which kinds there are; those of two stretches of time apart.
//!
//! Every record is counted exactly once: with its kind, or among those whose kind is beyond a cap, or among those that
//! belong to no stretch that was asked for. Must never know how a record is shown. What misleads it: times of sources
//! whose clocks disagree are taken as they are written.

use std::collections::BTreeMap;

use evidence::{Basis, Clock, Event, Moment, Record, Sink, Stamp};

use super::{Counts, Ranks};
use crate::dates;
use crate::stray::Days;

/// From one time on and before another; without them, from the beginning or to the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stretch {
    pub from: Option<Moment>,
    pub to: Option<Moment>,
}

/// What is counted where. What lies in the baseline's stretch is never counted with the rest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Windows {
    pub here: Stretch,
    pub baseline: Option<Stretch>,
}

/// Counts one source.
pub struct Census<'r> {
    ranks: &'r Ranks,
    clock: Clock,
    windows: Windows,
    counted: Counted,
    days: Days,
    masked: String,
}

/// What was counted, of one source or of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    pub here: Side,
    pub baseline: Side,
    /// Records without a time, where two stretches of time are compared: they are in neither.
    pub untimed: u64,
    /// What documents tell (messages, pages, deploys): it has no kind.
    pub events: u64,
    /// From the first to the last record in any stretch or none, without those whose dates are far from all others.
    pub span: Option<(Moment, Moment)>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// By rank.
    pub kinds: BTreeMap<u32, Counts>,
    /// Records of kinds that are not told apart.
    pub others: u64,
}

impl Stretch {
    /// A record without a time may be of any.
    pub fn holds(&self, at: Option<Moment>) -> bool {
        at.is_none_or(|at| self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to))
    }
}

impl Side {
    pub fn records(&self) -> u64 {
        self.others + self.kinds.values().map(|counts| counts.count).sum::<u64>()
    }

    fn join(&mut self, other: Side) {
        self.others += other.others;
        for (rank, counts) in other.kinds {
            self.kinds.entry(rank).or_default().join(counts);
        }
    }
}

impl Counted {
    pub fn join(&mut self, other: Counted) {
        self.here.join(other.here);
        self.baseline.join(other.baseline);
        self.untimed += other.untimed;
        self.events += other.events;
        self.span = match (self.span, other.span) {
            (Some(mine), Some(theirs)) => Some((mine.0.min(theirs.0), mine.1.max(theirs.1))),
            (mine, theirs) => mine.or(theirs),
        };
    }
}

impl<'r> Census<'r> {
    pub fn new(ranks: &'r Ranks, clock: Clock, windows: Windows) -> Census<'r> {
        Census { ranks, clock, windows, counted: Counted::default(), days: Days::default(), masked: String::new() }
    }

    pub fn close(self) -> Counted {
        let without_strays = self.days.strays().map(|strays| (strays.rest.first.0, strays.rest.last.0));
        let span = without_strays.map(|(first, last)| (Moment(first.micros), Moment(last.micros))).or(self.counted.span);
        Counted { span, ..self.counted }
    }

    /// The side that a record of this time is of.
    fn side(&mut self, at: Option<Moment>) -> Option<&mut Side> {
        match self.windows.baseline {
            Some(_) if at.is_none() => {
                self.counted.untimed += 1;
                None
            }
            Some(baseline) if baseline.holds(at) => Some(&mut self.counted.baseline),
            _ => self.windows.here.holds(at).then_some(&mut self.counted.here),
        }
    }
}

impl Sink for Census<'_> {
    fn record(&mut self, record: &Record<'_>) {
        let at = record.stamp.and_then(|stamp| self.clock.moment(stamp));
        if let Some(at) = at {
            // Once a clock has placed it, its date is whole.
            self.days.see(Stamp::new(at.0, Basis::Epoch), record.place);
            let (first, last) = self.counted.span.unwrap_or((at, at));
            self.counted.span = Some((first.min(at), last.max(at)));
        }
        let rank = self.ranks.rank(&record.message, &mut self.masked);
        let Some(side) = self.side(at) else { return };
        match rank {
            Some(rank) => side.kinds.entry(rank).or_default().see(record, at.or_else(|| dates::written(record.stamp))),
            None => side.others += 1,
        }
    }

    fn event(&mut self, _: Event) {
        self.counted.events += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Survey, testing::record};
    use super::*;

    const LINES: [(Option<i64>, &str); 7] = [
        (Some(100), "took 5 ms"),
        (Some(110), "took 6 ms"),
        (Some(200), "took 7 ms"),
        (Some(210), "refused"),
        (None, "took 8 ms"),
        (Some(300), "beyond"),
        (Some(300), "took 9 ms"),
    ];

    fn counted(windows: Windows) -> Counted {
        let mut survey = Survey::one_of(1);
        LINES.iter().filter(|(_, m)| *m != "beyond").for_each(|(at, message)| survey.record(&record(1, *at, message)));
        let ranks = Ranks::of([&survey]);
        let mut census = Census::new(&ranks, Clock::trusted(), windows);
        (1..).zip(LINES).for_each(|(line, (at, message))| census.record(&record(line, at, message)));
        census.close()
    }

    fn stretch(from: Option<i64>, to: Option<i64>) -> Stretch {
        Stretch { from: from.map(Moment::from_seconds), to: to.map(Moment::from_seconds) }
    }

    #[test]
    fn every_record_is_counted_once() {
        let all = counted(Windows::default());
        assert_eq!((all.here.records(), all.here.others, all.baseline.records(), all.untimed), (7, 1, 0, 0));
        assert_eq!(all.here.kinds[&1].count, 5);
        assert_eq!(all.span, Some((Moment::from_seconds(100), Moment::from_seconds(300))));
    }

    #[test]
    fn what_is_in_the_baseline_is_in_no_other_stretch() {
        let two = counted(Windows { here: stretch(Some(100), Some(300)), baseline: Some(stretch(None, Some(150))) });
        assert_eq!((two.baseline.records(), two.here.records(), two.untimed), (2, 2, 1));
    }
}

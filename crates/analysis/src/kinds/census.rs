//! Counts the records of a source by kind, those of two stretches of time apart.
//!
//! Every record is counted exactly once: with its kind, or among those whose kind is beyond a cap, or among those that
//! belong to no stretch that was asked for. Which kinds there are, and how the times of a source are to be read, is known
//! only when all sources were read; most sources are clear from the beginning, and then one reading is enough. Must never
//! know how a record is shown. What misleads it: times of sources whose clocks disagree are taken as they are written.

use std::collections::BTreeMap;

use evidence::{Basis, Clock, Event, Moment, Record, Sink, Stamp};

use super::{Counts, Masker, Ranks, Survey, key};
use crate::dates;
use crate::stray::Days;

/// Kinds of one source that are counted before it is known which kinds there are, so that memory stays small.
const GUESSED: usize = 5_000;

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
    kinds: Kinds<'r>,
    clock: Clock,
    windows: Windows,
    counted: Counted<u64>,
    days: Days,
}

enum Kinds<'r> {
    /// They are being found. The counts hold as long as every kind is told apart and every time says its date.
    Sought {
        survey: Survey,
        holds: bool,
    },
    Known {
        ranks: &'r Ranks,
        masker: Masker,
    },
}

/// What was counted, of one source or of several: by rank, or by the key of each mask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted<K> {
    pub here: Side<K>,
    pub baseline: Side<K>,
    /// Records without a time, where two stretches of time are compared: they are in neither.
    pub untimed: u64,
    /// What documents tell (messages, pages, deploys): it has no kind.
    pub events: u64,
    /// From the first to the last record in any stretch or none, without those whose dates are far from all others.
    pub span: Option<(Moment, Moment)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side<K> {
    pub kinds: BTreeMap<K, Counts>,
    /// Records of kinds that are not told apart.
    pub others: u64,
}

impl Stretch {
    /// A record without a time may be of any.
    pub fn holds(&self, at: Option<Moment>) -> bool {
        at.is_none_or(|at| self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to))
    }
}

impl Windows {
    /// Whether a record of this time is counted here. With a baseline, one without a time is on neither side.
    pub fn is_here(&self, at: Option<Moment>) -> bool {
        let is_there = self.baseline.is_some_and(|baseline| at.is_none() || baseline.holds(at));
        !is_there && self.here.holds(at)
    }
}

impl<K> Default for Side<K> {
    fn default() -> Side<K> {
        Side { kinds: BTreeMap::new(), others: 0 }
    }
}

impl<K> Default for Counted<K> {
    fn default() -> Counted<K> {
        Counted { here: Side::default(), baseline: Side::default(), untimed: 0, events: 0, span: None }
    }
}

impl<K: Ord> Side<K> {
    pub fn records(&self) -> u64 {
        self.others + self.kinds.values().map(|counts| counts.count).sum::<u64>()
    }

    fn add(&mut self, kind: Option<K>, counts: Counts) {
        match kind {
            Some(kind) => self.kinds.entry(kind).or_default().join(counts),
            None => self.others += counts.count,
        }
    }
}

impl<K: Ord> Counted<K> {
    /// Adds what was counted elsewhere, by kinds of another name.
    fn join<L>(&mut self, other: Counted<L>, kind_of: impl Fn(L) -> Option<K>) {
        for (mine, theirs) in [(&mut self.here, other.here), (&mut self.baseline, other.baseline)] {
            mine.others += theirs.others;
            theirs.kinds.into_iter().for_each(|(kind, counts)| mine.add(kind_of(kind), counts));
        }
        self.untimed += other.untimed;
        self.events += other.events;
        self.span = match (self.span, other.span) {
            (Some(mine), Some(theirs)) => Some((mine.0.min(theirs.0), mine.1.max(theirs.1))),
            (mine, theirs) => mine.or(theirs),
        };
    }
}

impl Counted<u32> {
    /// Adds what was counted of a source, now that the ranks are known.
    pub fn add(&mut self, source: Counted<u64>, ranks: &Ranks) {
        self.join(source, |key| ranks.of_key(key));
    }
}

impl<'r> Census<'r> {
    /// Of a source whose kinds are not known yet.
    pub fn seeking(survey: Survey, windows: Windows) -> Census<'r> {
        Census::of(Kinds::Sought { survey, holds: true }, Clock::trusted(), windows)
    }

    /// Of a source when all were surveyed.
    pub fn knowing(ranks: &'r Ranks, clock: Clock, windows: Windows) -> Census<'r> {
        Census::of(Kinds::Known { ranks, masker: ranks.masker() }, clock, windows)
    }

    fn of(kinds: Kinds<'r>, clock: Clock, windows: Windows) -> Census<'r> {
        Census { kinds, clock, windows, counted: Counted::default(), days: Days::default() }
    }

    /// What was counted, and what was found of the kinds, if they were sought. Nothing is counted where that did not hold.
    pub fn close(self) -> (Option<Counted<u64>>, Option<Survey>) {
        let without_strays = self.days.strays().map(|strays| (strays.rest.first.0, strays.rest.last.0));
        let span = without_strays.map(|(first, last)| (Moment(first.micros), Moment(last.micros))).or(self.counted.span);
        let counted = Counted { span, ..self.counted };
        match self.kinds {
            Kinds::Sought { survey, holds } => ((holds && !survey.dates.lacks()).then_some(counted), Some(survey)),
            Kinds::Known { .. } => (Some(counted), None),
        }
    }

    /// Whether it has what one census of the whole source would have, see [`Survey::is_whole`].
    pub fn is_whole(&self) -> bool {
        match &self.kinds {
            Kinds::Sought { survey, .. } => survey.is_whole(),
            Kinds::Known { .. } => true,
        }
    }

    /// Sees a record that is out of scope: it counts for what is a kind, and for nothing else.
    pub fn pass(&mut self, record: &Record<'_>) {
        self.kind(record);
    }

    /// Sees what a document tells out of scope.
    pub fn pass_event(&mut self, event: Event) {
        if let Kinds::Sought { survey, .. } = &mut self.kinds {
            survey.event(event);
        }
    }

    /// The key of a record's kind, `None` when it is beyond a cap.
    fn kind(&mut self, record: &Record<'_>) -> Option<u64> {
        match &mut self.kinds {
            Kinds::Sought { survey, holds } => {
                let key = survey.see(record);
                if *holds && !is_enough(survey) {
                    *holds = false;
                    self.counted = Counted::default();
                }
                key
            }
            Kinds::Known { ranks, masker } => Some(key(masker.mask(&record.message))).filter(|key| ranks.of_key(*key).is_some()),
        }
    }

    fn holds(&self) -> bool {
        !matches!(self.kinds, Kinds::Sought { holds: false, .. })
    }

    /// The side that a record of this time is of.
    fn side(&mut self, at: Option<Moment>) -> Option<&mut Side<u64>> {
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
        let kind = self.kind(record);
        if !self.holds() {
            return;
        }
        let at = record.stamp.and_then(|stamp| self.clock.moment(stamp));
        if let Some(at) = at {
            // Once a clock has placed it, its date is whole.
            let dated = (Stamp::new(at.0, Basis::Epoch), record.place);
            self.days.see_all(dated, dated, 1);
            let (first, last) = self.counted.span.unwrap_or((at, at));
            self.counted.span = Some((first.min(at), last.max(at)));
        }
        let Some(side) = self.side(at) else { return };
        match kind {
            Some(kind) => side.kinds.entry(kind).or_default().see(record, at.or_else(|| dates::written(record.stamp))),
            None => side.others += 1,
        }
    }

    fn event(&mut self, event: Event) {
        self.counted.events += 1;
        self.pass_event(event);
    }

    fn joins(&self) -> bool {
        match &self.kinds {
            Kinds::Sought { survey, .. } => survey.joins(),
            Kinds::Known { .. } => true,
        }
    }

    fn join(&mut self, other: Self) {
        self.days.join(&other.days);
        self.counted.join(other.counted, Some);
        if let (Kinds::Sought { survey, holds }, Kinds::Sought { survey: theirs, holds: held }) = (&mut self.kinds, other.kinds) {
            survey.join(theirs);
            if !(*holds && held && is_enough(survey)) {
                *holds = false;
                self.counted = Counted::default();
            }
        }
    }
}

/// Whether what is counted by the way holds: each kind is told apart, and few enough are kept, and no time lacks a date.
fn is_enough(survey: &Survey) -> bool {
    !survey.full && survey.counts.len() <= GUESSED && !survey.dates.lacks()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

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

    fn census<'r>(mut census: Census<'r>) -> (Option<Counted<u64>>, Option<Survey>) {
        (1..).zip(LINES).for_each(|(line, (at, message))| census.record(&record(line, at, message)));
        census.close()
    }

    fn counted(windows: Windows) -> Counted<u32> {
        let mut survey = Survey::one_of(1, &Arc::default());
        LINES.iter().filter(|(_, m)| *m != "beyond").for_each(|(at, message)| survey.record(&record(1, *at, message)));
        let ranks = Ranks::of([&survey], &Arc::default());
        let mut all = Counted::default();
        all.add(census(Census::knowing(&ranks, Clock::trusted(), windows)).0.unwrap(), &ranks);
        all
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

    #[test]
    fn one_reading_finds_what_two_find() {
        let windows = Windows { here: stretch(None, None), baseline: Some(stretch(Some(200), None)) };
        let (sought, survey) = census(Census::seeking(Survey::one_of(1, &Arc::default()), windows));
        let ranks = Ranks::of([&survey.unwrap()], &Arc::default());
        assert_eq!(sought, census(Census::knowing(&ranks, Clock::trusted(), windows)).0);
    }

    #[test]
    fn what_another_source_has_to_tell_first_is_not_counted_in_one_reading() {
        let mut yearless = record(9, Some(5), "x");
        yearless.stamp = yearless.stamp.map(|stamp| Stamp::new(stamp.micros, Basis::CivilNoYear));
        let mut lacks = Census::seeking(Survey::one_of(1, &Arc::default()), Windows::default());
        lacks.record(&yearless);
        assert_eq!(lacks.close().0, None);
        let mut full = Census::seeking(Survey { most: 1, ..Survey::one_of(1, &Arc::default()) }, Windows::default());
        ["a", "b"].iter().for_each(|message| full.record(&record(1, None, message)));
        assert_eq!(full.close().0, None);
    }

    /// What is found of lines of which each goes to one of some censuses, that are joined.
    fn cut(lines: &[(usize, Option<i64>, &'static str)], pieces: usize, most: usize) -> (Option<Counted<u64>>, Survey) {
        let windows = Windows { here: stretch(None, Some(60)), baseline: Some(stretch(Some(40), None)) };
        let make = || Census::seeking(Survey { most, ..Survey::one_of(1, &Arc::default()) }, windows);
        let mut all: Vec<Census<'_>> = (0..pieces).map(|_| make()).collect();
        for (line, (piece, second, message)) in (1..).zip(lines) {
            all[piece % pieces].record(&record(line, *second, message));
        }
        let mut first = all.swap_remove(0);
        all.into_iter().rev().for_each(|other| first.join(other));
        let (counted, survey) = first.close();
        (counted, survey.unwrap())
    }

    proptest! {
        #[test]
        fn pieces_that_are_joined_are_the_whole(
            lines in prop::collection::vec((0..4_usize, prop::option::of(0..90_i64), prop::sample::select(vec!["a", "b", "c d", "took 5 ms", "took 7 ms"])), 0..40),
            most in 1..6_usize,
        ) {
            let (whole, survey) = cut(&lines, 1, most);
            for pieces in 2..5 {
                let (counted, other) = cut(&lines, pieces, most);
                prop_assert_eq!((&counted, other.full, other.is_whole()), (&whole, survey.full, !survey.full));
                if !survey.full {
                    prop_assert_eq!(&other.counts, &survey.counts);
                }
            }
        }
    }
}

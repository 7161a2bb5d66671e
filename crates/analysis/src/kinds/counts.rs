//! What is counted of the records of one kind: how many, when, at which levels, of which services, and the first by place.
//!
//! Two counts join into that of all their records, whatever the order: no number depends on which source or which record
//! came first in time of execution. Must never hold a message. What misleads it: a service that renames itself with every
//! start has as many names; of those beyond the cap only that they exist is known.

use std::collections::BTreeSet;

use evidence::{Level, Moment, Record, RecordRef};

use crate::bins::Bins;

/// Names of services that are kept: the first in alphabetical order, which is the same whatever came first.
const SERVICES: usize = 32;
/// Bins of time of one kind; enough for the cells of a line on a terminal.
const BINS: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    pub count: u64,
    /// By level, in rising order; records without one are in none.
    levels: [u64; Level::ALL.len()],
    pub services: BTreeSet<String>,
    /// There are services whose names are not kept.
    pub more_services: bool,
    pub first: Option<Moment>,
    pub last: Option<Moment>,
    /// The first by place; `None` where nothing was counted.
    pub example: Option<RecordRef>,
    bins: Bins<u64>,
}

impl Default for Counts {
    fn default() -> Counts {
        Counts {
            count: 0,
            levels: [0; Level::ALL.len()],
            services: BTreeSet::new(),
            more_services: false,
            first: None,
            last: None,
            example: None,
            bins: Bins::new(BINS),
        }
    }
}

impl Counts {
    pub fn see(&mut self, record: &Record<'_>, at: Option<Moment>) {
        self.count += 1;
        if let Some(level) = record.level {
            self.levels[level as usize] += 1;
        }
        if let Some(service) = record.service.as_deref()
            && !self.services.contains(service)
        {
            self.service(service.to_string());
        }
        if let Some(at) = at {
            self.first = earlier(self.first, at);
            self.last = self.last.max(Some(at));
            self.bins.count(at.0, &1);
        }
        self.example = earlier(self.example, record.place);
    }

    pub fn join(&mut self, other: Counts) {
        self.count += other.count;
        self.levels.iter_mut().zip(other.levels).for_each(|(mine, theirs)| *mine += theirs);
        self.more_services |= other.more_services;
        other.services.into_iter().for_each(|name| self.service(name));
        self.first = other.first.map_or(self.first, |theirs| earlier(self.first, theirs));
        self.last = self.last.max(other.last);
        self.example = other.example.map_or(self.example, |theirs| earlier(self.example, theirs));
        self.bins.join(&other.bins);
    }

    /// How many records have each level, of those that any has.
    pub fn levels(&self) -> impl Iterator<Item = (Level, u64)> {
        Level::ALL.into_iter().zip(self.levels).filter(|(_, count)| *count > 0)
    }

    pub fn has_level(&self, level: Level) -> bool {
        self.levels[level as usize] > 0
    }

    /// Records a second from the first to the last of them; `None` where that is no stretch of time.
    pub fn rate(&self) -> Option<f64> {
        let seconds = self.last?.since(self.first?);
        (seconds > 0.0).then(|| self.count as f64 / seconds)
    }

    /// Adds how many records fall into each of the cells that a stretch of time is divided into. A bin that is wider than
    /// a cell is spread evenly.
    pub fn spread(&self, (from, to): (Moment, Moment), cells: &mut [f64]) {
        let (begin, end) = (from.seconds() as f64, to.seconds() as f64 + 1.0);
        let (width, cell) = (self.bins.width() as f64, (end - begin) / cells.len() as f64);
        for (second, count) in self.bins.written() {
            let (low, high) = ((second as f64).max(begin), (second as f64 + width).min(end));
            if low >= high {
                continue;
            }
            let place = |at: f64| ((at - begin) / cell).max(0.0);
            let touched = place(low) as usize..=place(high) as usize;
            for (index, slot) in cells.iter_mut().enumerate().filter(|(index, _)| touched.contains(index)) {
                let left = begin + cell * index as f64;
                let share = (high.min(left + cell) - low.max(left)).max(0.0) / (high - low);
                *slot += *count as f64 * share;
            }
        }
    }

    fn service(&mut self, name: String) {
        self.services.insert(name);
        if self.services.len() > SERVICES {
            self.services.pop_last();
            self.more_services = true;
        }
    }
}

fn earlier<T: Ord>(mine: Option<T>, theirs: T) -> Option<T> {
    Some(match mine {
        Some(mine) => mine.min(theirs),
        None => theirs,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;

    fn counts(lines: impl IntoIterator<Item = u64>) -> Counts {
        let mut counts = Counts::default();
        for line in lines {
            // Seconds that jump to and fro, and a service of its own for every record.
            let second = (line * 7_919 % 1_000) as i64;
            let mut record = record(line, Some(second), "x");
            record.service = Some(format!("svc-{line:03}").into());
            record.level = Some(Level::ALL[line as usize % 6]);
            counts.see(&record, Some(Moment::from_seconds(second)));
        }
        counts
    }

    #[test]
    fn counts_that_are_joined_are_those_of_all_records_in_any_order() {
        let all = counts(1..600);
        let (mut there, mut back) = (counts(1..50), counts(300..600));
        there.join(counts(50..300));
        there.join(counts(300..600));
        back.join(counts(1..300));
        assert_eq!((&all, &all), (&there, &back));
        assert_eq!((all.count, all.services.len(), all.more_services), (599, SERVICES, true));
        assert_eq!(all.services.first().map(String::as_str), Some("svc-001"));
        assert_eq!(all.example.map(|place| place.line), Some(1));
        assert_eq!(all.levels().map(|(_, n)| n).sum::<u64>(), 599);
    }

    #[test]
    fn cells_hold_every_record_of_their_stretch_and_none_of_another() {
        let all = counts(1..=1_000);
        let mut cells = [0.0; 24];
        all.spread((Moment::from_seconds(0), Moment::from_seconds(999)), &mut cells);
        assert!((cells.iter().sum::<f64>() - 1_000.0).abs() < 1e-6, "{cells:?}");
        let mut cells = [0.0; 4];
        all.spread((Moment::from_seconds(2_000), Moment::from_seconds(2_100)), &mut cells);
        assert_eq!(cells, [0.0; 4]);
    }

    #[test]
    fn a_rate_needs_a_stretch_of_time() {
        assert_eq!(counts([1]).rate(), None);
        assert!(counts(1..=1_000).rate().is_some_and(|rate| (rate - 1_000.0 / 999.0).abs() < 1e-9));
    }
}

//! Records over time: bins by level, wide enough that a source has few of them.
//!
//! Widths nest (each is a whole number of those before it), so that bins are joined when they become too many and no record
//! is counted in two. Must never hold a bin in which nothing is, so that one date of another century costs one bin. What
//! misleads it: nothing is known within a bin.

use std::collections::BTreeMap;

use evidence::{Level, Moment};
use serde::{Deserialize, Serialize};

use crate::index::Levels;

/// Seconds of a bin; each divides the next.
pub const WIDTHS: [i64; 11] = [1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 691_200, 22_118_400];

/// Bins of one width, those in which something is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bars {
    /// Index into [`WIDTHS`].
    width: u8,
    /// The number of the bin (its first second divided by the width), and what is in it.
    bins: BTreeMap<i64, Levels>,
}

impl Bars {
    /// Bins of at least so many seconds.
    pub fn wide(seconds: i64) -> Bars {
        let width = WIDTHS.iter().position(|width| *width >= seconds).unwrap_or(WIDTHS.len() - 1);
        Bars { width: width as u8, bins: BTreeMap::new() }
    }

    /// Seconds of a bin.
    pub fn width(&self) -> i64 {
        WIDTHS[usize::from(self.width).min(WIDTHS.len() - 1)]
    }

    pub fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    pub fn len(&self) -> usize {
        self.bins.len()
    }

    /// The bins in their order: the moment at which each begins, and its records by level.
    pub fn each(&self) -> impl Iterator<Item = (Moment, &Levels)> {
        self.bins.iter().map(|(bin, levels)| (Moment::from_seconds(bin.saturating_mul(self.width())), levels))
    }

    pub fn total(&self) -> u64 {
        self.bins.values().flatten().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The first and the last bin's beginning.
    pub fn span(&self) -> Option<(Moment, Moment)> {
        let at = |bin: &i64| Moment::from_seconds(bin.saturating_mul(self.width()));
        Some((at(self.bins.first_key_value()?.0), at(self.bins.last_key_value()?.0)))
    }

    pub fn add(&mut self, at: Moment, level: Option<Level>, count: u64) {
        let slot = &mut self.bins.entry(at.seconds().div_euclid(self.width())).or_default()[slot(level)];
        *slot = slot.saturating_add(count);
    }

    pub fn add_all(&mut self, at: Moment, levels: &Levels) {
        let bin = self.bins.entry(at.seconds().div_euclid(self.width())).or_default();
        bin.iter_mut().zip(levels).for_each(|(mine, theirs)| *mine = mine.saturating_add(*theirs));
    }

    /// Joins bins until there are no more than so many of them.
    pub fn shrink(&mut self, most: usize) {
        while self.bins.len() > most && usize::from(self.width) + 1 < WIDTHS.len() {
            self.widen();
        }
    }

    /// Adds the bins of another; the wider of the two widths is that of both from then on.
    pub fn join(&mut self, other: &Bars) {
        while self.width() < other.width() {
            self.widen();
        }
        other.each().for_each(|(at, levels)| self.add_all(at, levels));
    }

    /// Leaves a stretch of time; a bin that lies in it in part stays.
    pub fn cut(&mut self, from: Option<Moment>, to: Option<Moment>) {
        let width = self.width();
        let starts = |bin: i64| Moment::from_seconds(bin.saturating_mul(width));
        self.bins.retain(|bin, _| {
            from.is_none_or(|from| starts(bin.saturating_add(1)) > from) && to.is_none_or(|to| starts(*bin) < to)
        });
    }

    /// Leaves these levels.
    pub fn keep(&mut self, wanted: &[Level]) {
        let is_wanted = |at: usize| Level::ALL.get(at).is_some_and(|level| wanted.contains(level));
        self.bins.retain(|_, levels| {
            levels.iter_mut().enumerate().filter(|(at, _)| !is_wanted(*at)).for_each(|(_, count)| *count = 0);
            levels.iter().any(|count| *count > 0)
        });
    }

    fn widen(&mut self) {
        let before = std::mem::take(&mut self.bins);
        let old = self.width();
        self.width += 1;
        for (bin, levels) in before {
            self.add_all(Moment::from_seconds(bin.saturating_mul(old)), &levels);
        }
    }
}

/// Where a level stands in [`Levels`].
pub fn slot(level: Option<Level>) -> usize {
    level.map_or(Level::ALL.len(), |level| level as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn widths_nest() {
        assert!(WIDTHS.windows(2).all(|two| two[1] % two[0] == 0 && two[1] > two[0]));
    }

    proptest! {
        #[test]
        fn no_record_is_lost_when_bins_are_joined(seconds in prop::collection::vec(-100_000_000..4_000_000_000i64, 1..60), most in 1..20usize) {
            let mut bars = Bars::default();
            seconds.iter().for_each(|second| bars.add(Moment::from_seconds(*second), None, 1));
            let mut few = bars.clone();
            few.shrink(most);
            let mut joined = Bars::default();
            joined.join(&few);
            joined.join(&bars);
            prop_assert_eq!((few.total(), joined.total(), joined.width()), (seconds.len() as u64, 2 * seconds.len() as u64, few.width()));
            prop_assert!(few.each().all(|(at, _)| at.seconds().rem_euclid(few.width()) == 0));
        }
    }
}

//! Counts over time with a bounded number of bins: when there are too many, every two neighbours become one.
//!
//! Widths double and bins begin at multiples of their width, so bins nest and merging does not
//! depend on the order in which the counts came.

use std::collections::BTreeMap;

use evidence::{Clock, Moment, Stamp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bins<T> {
    /// Seconds of a bin.
    width: i64,
    max: usize,
    bins: BTreeMap<i64, T>,
}

/// What can be counted in a bin.
pub trait Tally: Default + Clone {
    fn add(&mut self, other: &Self);
}

impl Tally for u64 {
    fn add(&mut self, other: &u64) {
        *self += other;
    }
}

impl<T: Tally> Bins<T> {
    pub fn new(max: usize) -> Bins<T> {
        Bins::of_width(1, max)
    }

    /// Bins that begin with so many seconds each.
    pub fn of_width(width: i64, max: usize) -> Bins<T> {
        Bins { width, max, bins: BTreeMap::new() }
    }

    /// Forgets what lies outside of two stamps, given in microseconds.
    pub fn keep(&mut self, from: i64, to: i64) {
        let bin = |micros: i64| micros.div_euclid(Moment::SECOND).div_euclid(self.width);
        let (from, to) = (bin(from), bin(to));
        self.bins.retain(|bin, _| (from..=to).contains(bin));
    }

    /// Counts at a stamp, given in microseconds.
    pub fn count(&mut self, micros: i64, what: &T) {
        let bin = micros.div_euclid(Moment::SECOND).div_euclid(self.width);
        self.bins.entry(bin).or_default().add(what);
        while self.bins.len() > self.max {
            self.widen();
        }
    }

    fn widen(&mut self) {
        self.width *= 2;
        let old = std::mem::take(&mut self.bins);
        for (bin, tally) in old {
            self.bins.entry(bin.div_euclid(2)).or_default().add(&tally);
        }
    }

    pub fn width(&self) -> i64 {
        self.width
    }

    pub fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    /// Begin of each bin as the source wrote it, in seconds, with its tally.
    pub fn written(&self) -> impl Iterator<Item = (i64, &T)> {
        self.bins.iter().map(|(bin, tally)| (bin * self.width, tally))
    }

    /// Begin of each bin in report time.
    pub fn moments<'a>(&'a self, clock: &'a Clock, basis: evidence::Basis) -> impl Iterator<Item = (Moment, &'a T)> {
        self.written().filter_map(move |(second, tally)| {
            let stamp = Stamp::new(second.saturating_mul(Moment::SECOND), basis);
            Some((clock.moment(stamp)?, tally))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_widen_instead_of_growing_and_lose_no_count() {
        let mut bins: Bins<u64> = Bins::new(4);
        for second in 0..100 {
            bins.count(second * Moment::SECOND, &1);
        }
        assert_eq!(bins.width(), 32);
        assert_eq!(bins.written().map(|(_, n)| n).sum::<u64>(), 100);
    }

    #[test]
    fn the_order_of_counting_does_not_matter() {
        let (mut one, mut other): (Bins<u64>, Bins<u64>) = (Bins::new(3), Bins::new(3));
        (0..50).for_each(|s| one.count(s * Moment::SECOND, &1));
        (0..50).rev().for_each(|s| other.count(s * Moment::SECOND, &1));
        assert_eq!(one, other);
    }
}

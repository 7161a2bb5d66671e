//! Counts over time with a bounded number of bins: when there are too many, every two neighbours become one.
//!
//! Widths double and bins begin at multiples of their width, so bins nest, and neither the order in which counts come nor
//! the way in which they are merged matters. Bins that lie too far apart for a number of 32 bits are widened as well.
//! Must never know what is counted. What breaks it: times in no order at all, which cost a search each; a log's are nearly
//! sorted, and the bin that was counted last is found at once.

use evidence::{Basis, Clock, Moment, Stamp};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bins<T> {
    /// Seconds of the narrowest bin, and how often it was doubled.
    unit: i64,
    doubled: u32,
    max: usize,
    /// The number of a bin from which those of all others are counted. None is before it.
    base: i64,
    /// By number, rising.
    bins: Vec<(u32, T)>,
    /// The one that was counted last.
    #[serde(skip)]
    at: usize,
}

/// So many bins only few have: their room is doubled.
const LONG: usize = 512;

/// What can be counted in a bin.
pub trait Tally: Default + Clone {
    fn add(&mut self, other: &Self);
}

impl Tally for u64 {
    fn add(&mut self, other: &u64) {
        *self += other;
    }
}

/// As many as it can hold: whoever needs all of them counts them apart.
impl Tally for u32 {
    fn add(&mut self, other: &u32) {
        *self = self.saturating_add(*other);
    }
}

impl<T: Tally + PartialEq> PartialEq for Bins<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.unit, self.doubled) == (other.unit, other.doubled) && self.numbered().eq(other.numbered())
    }
}

impl<T: Tally + Eq> Eq for Bins<T> {}

impl<T: Tally> Bins<T> {
    pub fn new(max: usize) -> Bins<T> {
        Bins::of_width(1, max)
    }

    /// Bins that begin with so many seconds each.
    pub fn of_width(width: i64, max: usize) -> Bins<T> {
        Bins { unit: width, doubled: 0, max, base: 0, bins: Vec::new(), at: 0 }
    }

    fn bin(&self, micros: i64) -> i64 {
        let seconds = micros.div_euclid(Moment::SECOND);
        (if self.unit == 1 { seconds } else { seconds.div_euclid(self.unit) }) >> self.doubled
    }

    /// Forgets what lies outside of two stamps, given in microseconds.
    pub fn keep(&mut self, from: i64, to: i64) {
        let (from, to, base) = (self.bin(from), self.bin(to), self.base);
        self.bins.retain(|(bin, _)| (from..=to).contains(&(base + i64::from(*bin))));
        self.at = 0;
    }

    /// Counts at a stamp, given in microseconds.
    pub fn count(&mut self, micros: i64, what: &T) {
        self.of(micros, |tally| tally.add(what));
    }

    /// Lets the bin of a stamp, given in microseconds, be changed.
    pub fn of(&mut self, micros: i64, change: impl FnOnce(&mut T)) {
        let at = self.place(self.bin(micros), self.doubled);
        change(&mut self.bins[at].1);
        while self.bins.len() > self.max {
            self.widen();
        }
    }

    /// Where a bin stands that has a number among bins doubled so often; it is made where there is none.
    fn place(&mut self, bin: i64, doubled: u32) -> usize {
        loop {
            let bin = bin >> (self.doubled - doubled).min(63);
            match u32::try_from(bin - self.base) {
                Ok(bin) if !self.bins.is_empty() => return self.place_of(bin),
                _ if self.bins.is_empty() => {
                    self.base = bin;
                    return self.place_of(0);
                }
                // Bins that are further apart than a number can say are wider ones.
                _ => {
                    let (first, last) = self.ends();
                    if u32::try_from(last.max(bin) - first.min(bin)).is_ok() {
                        self.rebase(first.min(bin));
                    } else {
                        self.widen();
                    }
                }
            }
        }
    }

    fn place_of(&mut self, bin: u32) -> usize {
        if self.bins.get(self.at).is_none_or(|(n, _)| *n != bin) {
            self.at = match self.bins.last() {
                Some((last, _)) if *last >= bin => match self.bins.binary_search_by_key(&bin, |(n, _)| *n) {
                    Ok(at) => at,
                    Err(at) => {
                        self.bins.insert(at, (bin, T::default()));
                        at
                    }
                },
                _ => {
                    if self.bins.len() == self.bins.capacity() {
                        // There are many short ones: no more room than is needed soon.
                        let most = (self.max + 1).saturating_sub(self.bins.len()).max(1);
                        let more = if self.bins.len() < LONG { 4 + self.bins.len() / 8 } else { self.bins.len() };
                        self.bins.reserve_exact(more.min(most));
                    }
                    self.bins.push((bin, T::default()));
                    self.bins.len() - 1
                }
            };
        }
        self.at
    }

    fn ends(&self) -> (i64, i64) {
        let number = |bin: Option<&(u32, T)>| self.base + bin.map_or(0, |(bin, _)| i64::from(*bin));
        (number(self.bins.first()), number(self.bins.last()))
    }

    /// Numbers bins from another one on, which none is before or too far from.
    fn rebase(&mut self, base: i64) {
        let shift = self.base - base;
        for (bin, _) in &mut self.bins {
            *bin = (i64::from(*bin) + shift) as u32;
        }
        self.base = base;
    }

    fn widen(&mut self) {
        self.doubled += 1;
        self.at = 0;
        let (before, base) = (self.base, self.base >> 1);
        for (bin, _) in &mut self.bins {
            *bin = (((before + i64::from(*bin)) >> 1) - base) as u32;
        }
        self.bins.dedup_by(|later, known| {
            let is_same = later.0 == known.0;
            if is_same {
                known.1.add(&later.1);
            }
            is_same
        });
        // There are many of these: what is not needed any more serves others.
        self.bins.shrink_to(self.bins.len() + self.bins.len() / 8);
        self.base = base;
    }

    /// Adds what was counted elsewhere, in bins of the same unit.
    pub fn join(&mut self, other: &Bins<T>) {
        while self.doubled < other.doubled {
            self.widen();
        }
        let (Some((first, _)), Some((last, _))) = (other.bins.first(), other.bins.last()) else { return };
        let (first, last) = (other.base + i64::from(*first), other.base + i64::from(*last));
        let shift = loop {
            let shift = (self.doubled - other.doubled).min(63);
            let (own, others) = (self.ends(), (first >> shift, last >> shift));
            let ends = if self.bins.is_empty() { others } else { (own.0.min(others.0), own.1.max(others.1)) };
            if u32::try_from(ends.1 - ends.0).is_ok() {
                self.rebase(ends.0);
                break shift;
            }
            self.widen();
        };
        let base = self.base;
        self.merge(other.numbered().map(|(bin, tally)| (((bin >> shift) - base) as u32, tally)));
        while self.bins.len() > self.max {
            self.widen();
        }
    }

    /// Adds to bins by number, rising. Where both counted the same log at once, nearly all are there.
    fn merge<'t>(&mut self, others: impl Iterator<Item = (u32, &'t T)>)
    where
        T: 't,
    {
        let (mut at, mut lacking): (usize, Vec<(u32, T)>) = (0, Vec::new());
        for (bin, tally) in others {
            at += self.bins[at..].iter().take_while(|(own, _)| *own < bin).count();
            match (self.bins.get_mut(at).filter(|(own, _)| *own == bin), lacking.last_mut()) {
                (Some((_, own)), _) => own.add(tally),
                (None, Some((last, own))) if *last == bin => own.add(tally),
                _ => lacking.push((bin, tally.clone())),
            }
        }
        // From the last one on each bin moves once.
        let mut own = self.bins.len();
        let mut to = own + lacking.len();
        self.bins.reserve_exact(lacking.len());
        self.bins.resize(to, (0, T::default()));
        for other in lacking.into_iter().rev() {
            while own > 0 && self.bins[own - 1].0 > other.0 {
                (own, to) = (own - 1, to - 1);
                self.bins.swap(own, to);
            }
            to -= 1;
            self.bins[to] = other;
        }
        self.at = 0;
    }

    fn numbered(&self) -> impl Iterator<Item = (i64, &T)> {
        self.bins.iter().map(|(bin, tally)| (self.base + i64::from(*bin), tally))
    }

    /// How often bins were joined in twos.
    pub fn doubled(&self) -> u32 {
        self.doubled
    }

    /// Seconds of a bin.
    pub fn width(&self) -> i64 {
        self.unit << self.doubled
    }

    pub fn len(&self) -> usize {
        self.bins.len()
    }

    /// Seconds from the beginning of the first to that of the last.
    pub fn span_s(&self) -> i64 {
        let (first, last) = self.ends();
        (last - first) * self.width()
    }

    pub fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    /// Begin of each bin as the source wrote it, in seconds, with its tally.
    pub fn written(&self) -> impl Iterator<Item = (i64, &T)> {
        self.numbered().map(|(bin, tally)| (bin * self.width(), tally))
    }

    /// Begin of each bin in report time.
    pub fn moments<'a>(&'a self, clock: &'a Clock, basis: Basis) -> impl Iterator<Item = (Moment, &'a T)> {
        self.seconds(clock, basis).map(|(second, tally)| (Moment::from_seconds(second), tally))
    }

    /// The same in seconds.
    pub fn seconds<'a>(&'a self, clock: &'a Clock, basis: Basis) -> impl Iterator<Item = (i64, &'a T)> {
        let is_dated = matches!(basis, Basis::Zoned | Basis::Epoch | Basis::Civil);
        self.written().filter_map(move |(second, tally)| {
            if is_dated {
                return Some((second.saturating_sub(clock.offset_s), tally));
            }
            let stamp = Stamp::new(second.saturating_mul(Moment::SECOND), basis);
            Some((clock.moment(stamp)?.seconds(), tally))
        })
    }
}

/// Equal cells from a second on. Of times that rise most lie in the cell of the one before, which needs no division.
#[derive(Debug, Clone, Copy)]
pub struct Cells {
    from: i64,
    width: i64,
    /// The last cell, by its number and the seconds from the beginning at which it begins.
    number: i64,
    begin: i64,
}

impl Cells {
    pub fn new(from: i64, width: i64) -> Cells {
        Cells { from, width, number: 0, begin: 0 }
    }

    /// The number of the cell of a second, and how many seconds of it are left from there on.
    pub fn of(&mut self, second: i64) -> (i64, i64) {
        let at = second.saturating_sub(self.from);
        if !(0..self.width).contains(&at.saturating_sub(self.begin)) {
            self.number = at.div_euclid(self.width);
            self.begin = self.number * self.width;
        }
        (self.number, self.width - (at - self.begin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn bins_of_days_are_days_wherever_they_begin() {
        let mut bins: Bins<u64> = Bins::of_width(86_400, 400);
        [-1, 0, 86_399, 86_400].iter().for_each(|s| bins.count(s * Moment::SECOND, &1));
        assert_eq!(bins.written().map(|(s, n)| (s, *n)).collect::<Vec<_>>(), [(-86_400, 1), (0, 2), (86_400, 1)]);
    }

    #[test]
    fn a_second_lies_in_its_cell_whatever_was_asked_before() {
        let mut cells = Cells::new(100, 30);
        let asked = [100, 129, 130, 99, 40, 41, 1_000];
        assert_eq!(asked.map(|second| cells.of(second)), [(0, 30), (0, 1), (1, 30), (-1, 1), (-2, 30), (-2, 29), (30, 30)]);
    }

    proptest! {
        #[test]
        fn neither_order_nor_cuts_nor_merging_matter(
            seconds in proptest::collection::vec(prop_oneof![4 => -50_i64..50, 4 => -100_000_i64..100_000, 1 => -90_000_000_000_i64..90_000_000_000], 0..60), cuts in proptest::collection::vec(0..5_usize, 60)
        ) {
            let mut whole: Bins<u64> = Bins::new(5);
            let mut parts: Vec<Bins<u64>> = vec![Bins::new(5); 5];
            for (second, part) in seconds.iter().zip(&cuts) {
                whole.count(second * Moment::SECOND, &1);
                parts[*part].count(second * Moment::SECOND, &1);
            }
            let mut joined: Bins<u64> = Bins::new(5);
            parts.iter().rev().for_each(|part| joined.join(part));
            prop_assert_eq!(&joined, &whole);
            let mut backwards: Bins<u64> = Bins::new(5);
            seconds.iter().rev().for_each(|second| backwards.count(second * Moment::SECOND, &1));
            prop_assert_eq!(&backwards, &whole);
        }
    }
}

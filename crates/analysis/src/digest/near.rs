//! The records of a kind that came last, counted where little memory is touched; the kind itself is looked at when a bin of
//! time is full.
//!
//! Must never know what a kind is of. What breaks it: kinds whose times jump to and fro, which settle for every record.

use evidence::{Basis, Moment, Record, RecordRef, Stamp};

use super::begins::Begin;
use super::pattern::{Mark, Pattern, Time};
use crate::stray::is_plausible;

/// A record whose kind is known.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Number of the kind.
    pub kind: u32,
    pub basis: Basis,
    pub at: At,
    pub line: u64,
    pub size: u32,
    pub lines: u32,
}

impl Seen {
    /// None for a record without a time of its own, or of an unlikely one or size.
    pub fn of(kind: u32, record: &Record<'_>, time: Time) -> Option<Seen> {
        let place = record.place;
        let stamp = time.stamp.filter(|stamp| record.stamp.is_some() && is_plausible(*stamp))?;
        let (size, lines) = (u32::try_from(place.end - place.start).ok()?, u32::try_from(place.last_line - place.line).ok()?);
        let at = At { micros: stamp.micros, start: place.start };
        Some(Seen { kind, basis: stamp.basis, at, line: place.line, size, lines })
    }
}

/// The records of one kind within one bin of time. What changes with every record takes as many bytes as a processor reads at once.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub struct Near {
    /// Seconds, halved as often as the kind's bins were doubled.
    bin: i64,
    /// Microseconds of the earliest record that was looked at for showing it.
    pub first: i64,
    last_at: At,
    last_line: u64,
    last_size: u32,
    last_lines: u32,
    count: u32,
    basis: Basis,
    doubled: u8,
    /// Bins that wait to be counted: a kind and its bins are seldom in a cache, so they are looked at for several at once.
    waiting: u8,
    /// Where the first record of each bin stands is kept.
    keeps_begins: bool,
}

/// The first bin that waits; of each one how far it is from that, and its count.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(64))]
pub struct Waiting {
    from: i64,
    bins: [(i16, u16); WAITING],
}

/// Bins that wait at most: so many fill another line of a cache.
const WAITING: usize = 14;

const _: () = assert!(size_of::<Near>() == 64 && size_of::<Waiting>() == 64);

/// When and where in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    pub micros: i64,
    pub start: u64,
}

impl Near {
    const EMPTY: Near = Near {
        bin: 0,
        first: i64::MAX,
        last_at: At { micros: i64::MAX, start: u64::MAX },
        last_line: 0,
        last_size: 0,
        last_lines: 0,
        count: 0,
        basis: Basis::Zoned,
        doubled: 0,
        waiting: 0,
        keeps_begins: false,
    };

    pub fn of(pattern: &Pattern) -> Near {
        Near { keeps_begins: pattern.keeps_begins(), ..Near::EMPTY }
    }

    /// Waits for the memory that counting needs.
    pub fn touch(&self, others: &Waiting) -> i64 {
        self.bin ^ others.from
    }

    pub fn count(&mut self, seen: Seen, others: &mut Waiting, pattern: &mut Pattern) {
        let second = seen.at.micros.div_euclid(Moment::SECOND);
        if (self.bin, self.basis) != (second >> self.doubled, seen.basis) || self.count == u32::MAX {
            if self.basis != seen.basis || !self.wait(others) {
                self.settle(others, pattern);
            }
            self.bin = second >> self.doubled;
            self.basis = seen.basis;
            if self.keeps_begins {
                pattern.see_begin(&Begin::from_parts(seen.at.micros, (seen.at.start, seen.size), (seen.line, seen.lines)));
            }
        }
        self.see(seen);
    }

    fn see(&mut self, seen: Seen) {
        if self.count == 0 && self.waiting == 0 || seen.at >= self.last_at {
            self.last_at = seen.at;
            self.last_size = seen.size;
            self.last_lines = seen.lines;
            self.last_line = seen.line;
        }
        self.count += 1;
    }

    /// Puts what came within the bin beside the others that wait; false where it has to be counted now.
    fn wait(&mut self, others: &mut Waiting) -> bool {
        if self.waiting == 0 {
            others.from = self.bin;
        }
        let (distance, count) = (i16::try_from(self.bin - others.from), u16::try_from(self.count));
        let (Ok(distance), Ok(count @ 1..)) = (distance, count) else { return false };
        let Some(slot) = others.bins.get_mut(usize::from(self.waiting)) else { return false };
        *slot = (distance, count);
        self.waiting += 1;
        self.count = 0;
        true
    }

    /// Counts what came within the bin, and what waits.
    pub fn settle(&mut self, others: &Waiting, pattern: &mut Pattern) {
        if self.count > 0 || self.waiting > 0 {
            let (start, line) = (self.last_at.start, self.last_line);
            let (end, last_line) = (start + u64::from(self.last_size), line + u64::from(self.last_lines));
            let place = RecordRef { source: pattern.first.place.source, start, end, line, last_line };
            let last = Mark { place, stamp: Some(Stamp::new(self.last_at.micros, self.basis)), lent: None };
            for (distance, count) in &others.bins[..usize::from(self.waiting)] {
                pattern.add(u32::from(*count), (others.from + i64::from(*distance)) << self.doubled);
            }
            if self.count > 0 {
                pattern.add(self.count, self.bin << self.doubled);
            }
            pattern.see(last);
            (self.count, self.waiting) = (0, 0);
        }
        self.doubled = pattern.bins.doubled().min(MOST_DOUBLED) as u8;
    }
}

/// Wider bins than of half a century are not worth waiting for.
const MOST_DOUBLED: u32 = 30;

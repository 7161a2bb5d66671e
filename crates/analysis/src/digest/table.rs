//! The kinds of message of a source, found again by their mask: an exact cache in front of everything that is similar.
//!
//! Beyond its bound the table keeps errors before anything else and then what has the smallest hashes; what it leaves goes
//! to a coarser kind of its first words, so that little is lost and neither order nor merging decides. Must never compare
//! texts. What breaks it: two masks with one hash of 64 bits, which are one kind then.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};

use evidence::{Basis, Level, Moment, Record, RecordRef, Stamp};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};

use super::MAX_EXEMPLARS;
use super::again::hash_of;
use super::names::Others;
use super::pattern::{Mark, Pattern, Time};
use crate::stray::is_plausible;

/// Kinds that are told apart, and coarser ones behind them.
pub const MOST: usize = 4_000;
const COARSE: usize = 1_000;
/// Words by which a coarser kind is known.
const WORDS: usize = 2;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Table {
    fine: Kinds,
    coarse: Kinds,
    /// Beyond all bounds.
    pub others: Others,
}

/// Kinds by hash.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(Rank, Pattern)>", into = "Vec<(Rank, Pattern)>")]
struct Kinds {
    /// Numbers of kinds, by the hashes that stand beside them in `near`.
    index: HashTable<u32>,
    patterns: Vec<(Rank, Pattern)>,
    /// For each kind: what came within its last bin, so that the rest of it need not be looked at for every record.
    near: Vec<Near>,
    /// For each kind: the bins before that one.
    waiting: Vec<Waiting>,
    /// Filled when the bound is reached.
    order: BTreeSet<Rank>,
}

/// The records of one kind within one bin of time. What changes with every record takes as many bytes as a processor reads at once.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Near {
    hash: u64,
    /// Seconds, halved as often as the kind's bins were doubled.
    bin: i64,
    /// Microseconds of the earliest record that was looked at for showing it.
    first: i64,
    last_at: At,
    last_line: u64,
    last_size: u32,
    last_lines: u32,
    count: u32,
    basis: Basis,
    doubled: u8,
    /// Exemplars that the kind has.
    shown: u8,
    /// Bins that wait to be counted: a kind and its bins are seldom in a cache, so they are looked at for several at once.
    waiting: u8,
}

/// The first bin that waits; of each one how far it is from that, and its count.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(64))]
struct Waiting {
    from: i64,
    bins: [(i16, u16); WAITING],
}

/// Bins that wait at most: so many fill another line of a cache.
const WAITING: usize = 14;

const _: () = assert!(size_of::<Near>() == 64 && size_of::<Waiting>() == 64);

/// When and where in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    micros: i64,
    start: u64,
}

impl Near {
    fn of(rank: Rank) -> Near {
        Near { hash: rank.hash, ..Near::EMPTY }
    }

    const EMPTY: Near = Near {
        hash: 0,
        bin: 0,
        first: i64::MAX,
        last_at: At { micros: i64::MAX, start: u64::MAX },
        last_line: 0,
        last_size: 0,
        last_lines: 0,
        count: 0,
        basis: Basis::Zoned,
        doubled: 0,
        shown: 0,
        waiting: 0,
    };

    fn see(&mut self, at: At, place: RecordRef) {
        if self.count == 0 && self.waiting == 0 || at >= self.last_at {
            self.last_at = at;
            self.last_size = u32::try_from(place.end - place.start).unwrap_or(u32::MAX);
            self.last_lines = u32::try_from(place.last_line - place.line).unwrap_or(u32::MAX);
            self.last_line = place.line;
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
    fn settle(&mut self, others: &Waiting, pattern: &mut Pattern) {
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

/// What is kept first: errors, then the smaller hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Rank {
    is_minor: bool,
    hash: u64,
}

impl Rank {
    /// From the hashes of the kind's template and of its service.
    pub fn of(template: u64, level: Option<Level>, service: Option<u64>) -> Rank {
        let mut hasher = FixedState::default().build_hasher();
        hasher.write_u64(template);
        hasher.write_u64(service.unwrap_or(1));
        hasher.write_u8(level.map_or(7, |level| level as u8));
        Rank { is_minor: !level.is_some_and(Level::is_bad), hash: hasher.finish() }
    }
}

impl From<Kinds> for Vec<(Rank, Pattern)> {
    fn from(mut kinds: Kinds) -> Self {
        kinds.settle();
        kinds.patterns
    }
}

impl From<Vec<(Rank, Pattern)>> for Kinds {
    fn from(patterns: Vec<(Rank, Pattern)>) -> Self {
        let near = patterns.iter().map(|(rank, _)| Near::of(*rank)).collect();
        let waiting = vec![Waiting::default(); patterns.len()];
        let mut kinds = Kinds { near, waiting, patterns, ..Kinds::default() };
        (0..kinds.patterns.len()).for_each(|at| kinds.enter(at as u32));
        kinds
    }
}

impl Kinds {
    /// Counts a record of a known kind; false when it is not known.
    fn count(&mut self, rank: Rank, record: &Record<'_>, time: Time) -> bool {
        let Some(at) = self.find(rank) else { return false };
        let place = record.place;
        let is_small = place.end - place.start < u64::from(u32::MAX);
        let Some(stamp) = time.stamp.filter(|stamp| is_small && record.stamp.is_some() && is_plausible(*stamp)) else {
            self.patterns[at as usize].1.count(record, time);
            return true;
        };
        let near = &mut self.near[at as usize];
        let bin = stamp.micros.div_euclid(Moment::SECOND) >> near.doubled;
        if (near.bin, near.basis) != (bin, stamp.basis) || near.count == u32::MAX {
            let others = &mut self.waiting[at as usize];
            if near.basis != stamp.basis || !near.wait(others) {
                near.settle(others, &mut self.patterns[at as usize].1);
            }
            near.bin = stamp.micros.div_euclid(Moment::SECOND) >> near.doubled;
            near.basis = stamp.basis;
        }
        let here = At { micros: stamp.micros, start: place.start };
        // Only what does not come after the first record, or is one of the first few, can be worth showing.
        if near.shown < MAX_EXEMPLARS as u8 || here.micros <= near.first {
            let pattern = &mut self.patterns[at as usize].1;
            pattern.show(record, Time::own(stamp));
            near.shown = pattern.shown();
            near.first = near.first.min(here.micros);
        }
        near.see(here, place);
        true
    }

    /// Counts what is not counted yet.
    fn settle(&mut self) {
        for ((near, others), (_, pattern)) in self.near.iter_mut().zip(&self.waiting).zip(&mut self.patterns) {
            near.settle(others, pattern);
        }
    }

    /// The number of a kind.
    fn find(&self, rank: Rank) -> Option<u32> {
        self.index.find(rank.hash, |at| self.near[*at as usize].hash == rank.hash).copied()
    }

    /// Lets a kind be found that stands beside its hash.
    fn enter(&mut self, at: u32) {
        let near = &self.near;
        let hash = |at: &u32| near[*at as usize].hash;
        self.index.insert_unique(hash(&at), at, hash);
    }

    fn get(&mut self, rank: Rank) -> Option<&mut Pattern> {
        let at = self.find(rank)?;
        self.patterns.get_mut(at as usize).map(|(_, pattern)| pattern)
    }

    /// Whether a kind that is not known would be kept.
    fn takes(&mut self, rank: Rank, most: usize) -> bool {
        if self.patterns.len() < most {
            return true;
        }
        if self.order.is_empty() {
            self.order = self.patterns.iter().map(|(rank, _)| *rank).collect();
        }
        self.order.last().is_some_and(|last| rank < *last)
    }

    /// Keeps a kind that it takes; what has to leave for it is given back.
    fn keep(&mut self, rank: Rank, most: usize, pattern: Pattern) -> Option<Pattern> {
        if self.patterns.len() < most {
            self.patterns.push((rank, pattern));
            self.near.push(Near::of(rank));
            self.waiting.push(Waiting::default());
            self.enter(self.near.len() as u32 - 1);
            return None;
        }
        let last = self.order.pop_last()?;
        let near = &self.near;
        let known = self.index.find_entry(last.hash, |at| near[*at as usize].hash == last.hash).ok()?;
        let (at, _) = known.remove();
        self.order.insert(rank);
        let mut near = std::mem::replace(&mut self.near[at as usize], Near::of(rank));
        self.enter(at);
        let mut left = std::mem::replace(&mut self.patterns[at as usize], (rank, pattern)).1;
        near.settle(&self.waiting[at as usize], &mut left);
        Some(left)
    }

    /// Adds a kind that was counted elsewhere; what finds no place is given back.
    fn add(&mut self, rank: Rank, most: usize, pattern: Pattern) -> Option<Pattern> {
        if let Some(known) = self.get(rank) {
            known.join(pattern);
            return None;
        }
        if self.takes(rank, most) { self.keep(rank, most, pattern) } else { Some(pattern) }
    }
}

impl Table {
    /// Counts a record whose mask has this hash, when its kind is known; false when it is not, or no longer. The hash of its
    /// service is given.
    pub fn count_known(&mut self, (mask, service): (u64, Option<u64>), record: &Record<'_>, time: Time) -> bool {
        self.fine.count(Rank::of(mask, record.level, service), record, time)
    }

    /// Counts a record whose message has this mask.
    pub fn count(&mut self, (masked, service): (&str, Option<u64>), record: &Record<'_>, time: Time) {
        let rank = Rank::of(hash_of(masked.as_bytes()), record.level, service);
        if self.fine.count(rank, record, time) {
            return;
        }
        if self.fine.takes(rank, MOST) {
            let left = self.fine.keep(rank, MOST, Pattern::new(masked.to_string(), record, time));
            return left.into_iter().for_each(|pattern| self.leave(pattern));
        }
        let template = coarser(masked);
        let rank = Rank::of(hash_of(template.as_bytes()), record.level, service);
        if self.coarse.count(rank, record, time) {
            return;
        }
        let left = if self.coarse.takes(rank, COARSE) {
            self.coarse.keep(rank, COARSE, Pattern::new(format!("{template} <*>"), record, time))
        } else {
            return self.others.add(1, record.place.line);
        };
        left.into_iter().for_each(|pattern| self.others.add(pattern.count, pattern.line()));
    }

    /// A kind that has no place of its own any more.
    fn leave(&mut self, pattern: Pattern) {
        let template = coarser(&pattern.template).to_string();
        let service = pattern.service.as_deref().map(|service| hash_of(service.as_bytes()));
        let rank = Rank::of(hash_of(template.as_bytes()), pattern.level, service);
        self.leave_coarse(rank, Pattern { template: format!("{template} <*>"), ..pattern });
    }

    fn leave_coarse(&mut self, rank: Rank, pattern: Pattern) {
        let left = self.coarse.add(rank, COARSE, pattern);
        left.into_iter().for_each(|pattern| self.others.add(pattern.count, pattern.line()));
    }

    pub fn join(&mut self, mut other: Table) {
        [&mut self.fine, &mut self.coarse, &mut other.fine, &mut other.coarse].into_iter().for_each(Kinds::settle);
        self.others.join(other.others);
        other.coarse.patterns.into_iter().for_each(|(rank, pattern)| self.leave_coarse(rank, pattern));
        for (rank, pattern) in other.fine.patterns {
            let left = self.fine.add(rank, MOST, pattern);
            left.into_iter().for_each(|pattern| self.leave(pattern));
        }
    }

    /// In the order in which they begin, and how many records are of coarser kinds.
    pub fn told(mut self) -> (Vec<Pattern>, Others) {
        [&mut self.fine, &mut self.coarse].into_iter().for_each(Kinds::settle);
        let mut coarse = Others::default();
        self.coarse.patterns.iter().for_each(|(_, p)| coarse.add(p.count, p.line()));
        let all = self.fine.patterns.into_iter().chain(self.coarse.patterns);
        let mut patterns: Vec<Pattern> = all.map(|(_, pattern)| pattern).collect();
        patterns.sort_by(|a, b| a.begin().cmp(&b.begin()).then_with(|| a.template.cmp(&b.template)));
        coarse.join(self.others);
        (patterns, coarse)
    }
}

/// The first words of a mask.
fn coarser(masked: &str) -> &str {
    let end = masked.match_indices(' ').nth(WORDS - 1).map_or(masked.len(), |(at, _)| at);
    let head = &masked[..end];
    head.strip_suffix(" <*>").unwrap_or(head)
}

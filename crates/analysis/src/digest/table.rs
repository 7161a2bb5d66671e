//! The kinds of message of a source, found again by their mask: an exact cache in front of everything that is similar.
//!
//! Beyond its bound the table keeps errors before anything else and then what has the smallest hashes; what it leaves goes
//! to a coarser kind of its first words, so that little is lost and neither order nor merging decides. Must never compare
//! texts. What breaks it: two masks with one hash of 64 bits, which are one kind then.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};

use evidence::{Level, Record, Stamp};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};

use super::MAX_EXEMPLARS;
use super::again::hash_of;
use super::names::Others;
use super::near::{At, Near, Seen, Waiting};
use super::pattern::{Pattern, Time};
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
    index: HashTable<Known>,
    patterns: Vec<(Rank, Pattern)>,
    /// For each kind: what came within its last bin, so that the rest of it need not be looked at for every record.
    near: Vec<Near>,
    /// For each kind: the bins before that one.
    waiting: Vec<Waiting>,
    /// Filled when the bound is reached.
    order: BTreeSet<Rank>,
    /// Records of kinds that have all they show, not counted yet: so many kinds are seldom all in a cache, and the memory that
    /// several of them lie in is waited for at once.
    seen: Vec<Seen>,
    /// Microseconds; whatever comes later is the first of no kind that has all it shows.
    firsts_end: Option<i64>,
}

/// What has to be known of a kind for every record.
#[derive(Debug, Clone, Copy)]
struct Known {
    hash: u64,
    /// Its number.
    at: u32,
    /// It shows as many records as it may.
    is_shown: bool,
}

/// Records that are counted at once.
const SEEN: usize = 32;

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
        let near = vec![Near::EMPTY; patterns.len()];
        let waiting = vec![Waiting::default(); patterns.len()];
        let mut kinds = Kinds { near, waiting, ..Kinds::default() };
        (0..).zip(&patterns).for_each(|(at, (rank, _))| kinds.enter(at, *rank));
        Kinds { patterns, ..kinds }
    }
}

impl Kinds {
    /// Counts a record of a known kind; false when it is not known.
    fn count(&mut self, rank: Rank, record: &Record<'_>, time: Time) -> bool {
        let Some(known) = self.find(rank) else { return false };
        let place = record.place;
        let stamp = time.stamp.filter(|stamp| record.stamp.is_some() && is_plausible(*stamp));
        let sizes = (u32::try_from(place.end - place.start), u32::try_from(place.last_line - place.line));
        let (Some(stamp), (Ok(size), Ok(lines))) = (stamp, sizes) else {
            self.patterns[known.at as usize].1.count(record, time);
            return true;
        };
        let at = At { micros: stamp.micros, start: place.start };
        let seen = Seen { kind: known.at, basis: stamp.basis, at, line: place.line, size, lines };
        if known.is_shown && self.firsts_end < Some(stamp.micros) {
            self.seen.push(seen);
            if self.seen.len() >= SEEN {
                self.count_seen();
            }
        } else {
            self.show(rank, record, stamp);
            self.count_one(seen);
        }
        true
    }

    /// Shows a record where its kind has not enough of them, or none that is as early.
    fn show(&mut self, rank: Rank, record: &Record<'_>, stamp: Stamp) {
        let Some(known) = self.index.find_mut(rank.hash, |known| known.hash == rank.hash) else { return };
        let near = &mut self.near[known.at as usize];
        if known.is_shown && stamp.micros > near.first {
            return;
        }
        let pattern = &mut self.patterns[known.at as usize].1;
        pattern.show(record, Time::own(stamp));
        known.is_shown = pattern.exemplars.len() == MAX_EXEMPLARS;
        near.first = near.first.min(stamp.micros);
        self.firsts_end = self.firsts_end.max(Some(near.first));
    }

    fn count_seen(&mut self) {
        let touched = self.seen.iter().map(|seen| self.near[seen.kind as usize].touch(&self.waiting[seen.kind as usize]));
        std::hint::black_box(touched.fold(0, |all, one| all ^ one));
        let seen = std::mem::take(&mut self.seen);
        seen.iter().for_each(|seen| self.count_one(*seen));
        self.seen = seen;
        self.seen.clear();
    }

    fn count_one(&mut self, seen: Seen) {
        let kind = seen.kind as usize;
        self.near[kind].count(seen, &mut self.waiting[kind], &mut self.patterns[kind].1);
    }

    /// Counts what is not counted yet.
    fn settle(&mut self) {
        self.count_seen();
        for ((near, others), (_, pattern)) in self.near.iter_mut().zip(&self.waiting).zip(&mut self.patterns) {
            near.settle(others, pattern);
        }
    }

    fn find(&self, rank: Rank) -> Option<Known> {
        self.index.find(rank.hash, |known| known.hash == rank.hash).copied()
    }

    /// Lets the kind with this number be found.
    fn enter(&mut self, at: u32, rank: Rank) {
        self.index.insert_unique(rank.hash, Known { hash: rank.hash, at, is_shown: false }, |known| known.hash);
    }

    fn get(&mut self, rank: Rank) -> Option<&mut Pattern> {
        let known = self.find(rank)?;
        self.patterns.get_mut(known.at as usize).map(|(_, pattern)| pattern)
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
            self.near.push(Near::EMPTY);
            self.waiting.push(Waiting::default());
            self.enter(self.near.len() as u32 - 1, rank);
            return None;
        }
        self.count_seen();
        let last = self.order.pop_last()?;
        let (Known { at, .. }, _) = self.index.find_entry(last.hash, |known| known.hash == last.hash).ok()?.remove();
        self.order.insert(rank);
        let mut near = std::mem::replace(&mut self.near[at as usize], Near::EMPTY);
        self.enter(at, rank);
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

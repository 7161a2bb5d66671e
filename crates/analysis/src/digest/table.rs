//! The kinds of message of a source, found again by their mask: an exact cache in front of everything that is similar.
//!
//! Beyond its bound the table keeps errors before anything else and then what has the smallest hashes; what it leaves goes
//! to a coarser kind of its first words, so that little is lost and neither order nor merging decides. Must never compare
//! texts. What breaks it: two masks with one hash of 64 bits, which are one kind then.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, Hasher};

use evidence::{Level, Record, Stamp};
use foldhash::fast::FixedState;

use super::names::Others;
use super::pattern::Pattern;

/// Kinds that are told apart, and coarser ones behind them.
pub const MOST: usize = 4_000;
const COARSE: usize = 1_000;
/// Words by which a coarser kind is known.
const WORDS: usize = 2;

#[derive(Debug, Clone, Default)]
pub struct Table {
    fine: Kinds,
    coarse: Kinds,
    /// Beyond all bounds.
    pub others: Others,
}

/// Kinds by hash.
#[derive(Debug, Clone, Default)]
struct Kinds {
    index: HashMap<u64, u32, FixedState>,
    patterns: Vec<(Rank, Pattern)>,
    /// Filled when the bound is reached.
    order: BTreeSet<Rank>,
}

/// What is kept first: errors, then the smaller hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_minor: bool,
    hash: u64,
}

impl Rank {
    fn of(template: &str, level: Option<Level>, service: Option<&str>) -> Rank {
        let mut hasher = FixedState::default().build_hasher();
        hasher.write(template.as_bytes());
        hasher.write(service.unwrap_or("\u{1}").as_bytes());
        hasher.write_u8(level.map_or(7, |level| level as u8));
        Rank { is_minor: !level.is_some_and(Level::is_bad), hash: hasher.finish() }
    }
}

impl Kinds {
    fn get(&mut self, rank: Rank) -> Option<&mut Pattern> {
        let at = *self.index.get(&rank.hash)?;
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
            self.index.insert(rank.hash, self.patterns.len() as u32);
            self.patterns.push((rank, pattern));
            return None;
        }
        let last = self.order.pop_last()?;
        let at = self.index.remove(&last.hash)?;
        self.order.insert(rank);
        self.index.insert(rank.hash, at);
        Some(std::mem::replace(&mut self.patterns[at as usize], (rank, pattern)).1)
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
    /// Counts a record whose message has this mask.
    pub fn count(&mut self, masked: &str, record: &Record<'_>, stamp: Option<Stamp>) {
        let rank = Rank::of(masked, record.level, record.service.as_deref());
        if let Some(pattern) = self.fine.get(rank) {
            return pattern.count(record, stamp);
        }
        if self.fine.takes(rank, MOST) {
            let left = self.fine.keep(rank, MOST, Pattern::new(masked.to_string(), record, stamp));
            return left.into_iter().for_each(|pattern| self.leave(pattern));
        }
        let template = coarser(masked);
        let rank = Rank::of(template, record.level, record.service.as_deref());
        if let Some(pattern) = self.coarse.get(rank) {
            return pattern.count(record, stamp);
        }
        let left = if self.coarse.takes(rank, COARSE) {
            self.coarse.keep(rank, COARSE, Pattern::new(format!("{template} <*>"), record, stamp))
        } else {
            return self.others.add(1, record.place.line);
        };
        left.into_iter().for_each(|pattern| self.others.add(pattern.count, pattern.line()));
    }

    /// A kind that has no place of its own any more.
    fn leave(&mut self, pattern: Pattern) {
        let template = coarser(&pattern.template).to_string();
        let rank = Rank::of(&template, pattern.level, pattern.service.as_deref());
        self.leave_coarse(rank, Pattern { template: format!("{template} <*>"), ..pattern });
    }

    fn leave_coarse(&mut self, rank: Rank, pattern: Pattern) {
        let left = self.coarse.add(rank, COARSE, pattern);
        left.into_iter().for_each(|pattern| self.others.add(pattern.count, pattern.line()));
    }

    pub fn join(&mut self, other: Table) {
        self.others.join(other.others);
        other.coarse.patterns.into_iter().for_each(|(rank, pattern)| self.leave_coarse(rank, pattern));
        for (rank, pattern) in other.fine.patterns {
            let left = self.fine.add(rank, MOST, pattern);
            left.into_iter().for_each(|pattern| self.leave(pattern));
        }
    }

    /// In the order in which they begin, and how many records are of coarser kinds.
    pub fn told(self) -> (Vec<Pattern>, Others) {
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

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
    /// Counts with `count` where the kind is known, makes it with `make` where it is not. What has to leave is given back.
    fn put<A>(
        &mut self,
        rank: Rank,
        most: usize,
        with: A,
        count: impl FnOnce(&mut Pattern, A),
        make: impl FnOnce(A) -> Pattern,
    ) -> Option<Pattern> {
        if let Some(at) = self.index.get(&rank.hash) {
            count(&mut self.patterns[*at as usize].1, with);
            return None;
        }
        if self.patterns.len() < most {
            self.index.insert(rank.hash, self.patterns.len() as u32);
            self.patterns.push((rank, make(with)));
            return None;
        }
        if self.order.is_empty() {
            self.order = self.patterns.iter().map(|(rank, _)| *rank).collect();
        }
        match self.order.last().copied() {
            Some(last) if last > rank => {
                let at = self.index.remove(&last.hash)?;
                self.order.remove(&last);
                self.order.insert(rank);
                self.index.insert(rank.hash, at);
                let (_, left) = std::mem::replace(&mut self.patterns[at as usize], (rank, make(with)));
                Some(left)
            }
            _ => Some(make(with)),
        }
    }

    /// Whether a kind of this rank is known or would be kept.
    fn takes(&self, rank: Rank, most: usize) -> bool {
        self.patterns.len() < most || self.index.contains_key(&rank.hash) || self.order.last().is_none_or(|last| rank < *last)
    }
}

impl Table {
    /// Counts a record whose message has this mask.
    pub fn count(&mut self, masked: &str, record: &Record<'_>, stamp: Option<Stamp>) {
        let rank = Rank::of(masked, record.level, record.service.as_deref());
        if self.fine.takes(rank, MOST) {
            let make = |()| Pattern::new(masked.to_string(), record, stamp);
            let left = self.fine.put(rank, MOST, (), |pattern, ()| pattern.count(record, stamp), make);
            left.into_iter().for_each(|pattern| self.leave(pattern));
            return;
        }
        let template = coarser(masked);
        let rank = Rank::of(template, record.level, record.service.as_deref());
        if self.coarse.takes(rank, COARSE) {
            let make = |()| Pattern::new(format!("{template} <*>"), record, stamp);
            let left = self.coarse.put(rank, COARSE, (), |pattern, ()| pattern.count(record, stamp), make);
            left.into_iter().for_each(|pattern| self.others.add(pattern.count, pattern.line()));
        } else {
            self.others.add(1, record.place.line);
        }
    }

    /// A kind that has no place of its own any more.
    fn leave(&mut self, pattern: Pattern) {
        let template = coarser(&pattern.template).to_string();
        let rank = Rank::of(&template, pattern.level, pattern.service.as_deref());
        let make = |pattern: Pattern| Pattern { template: format!("{template} <*>"), ..pattern };
        let left = self.coarse.put(rank, COARSE, pattern, |known, pattern| known.join(pattern), make);
        left.into_iter().for_each(|pattern| self.others.add(pattern.count, pattern.line()));
    }

    pub fn join(&mut self, other: Table) {
        self.others.join(other.others);
        for (rank, pattern) in other.coarse.patterns {
            let left = self.coarse.put(rank, COARSE, pattern, |known, pattern| known.join(pattern), |pattern| pattern);
            left.into_iter().for_each(|pattern| self.others.add(pattern.count, pattern.line()));
        }
        for (rank, pattern) in other.fine.patterns {
            let left = self.fine.put(rank, MOST, pattern, |known, pattern| known.join(pattern), |pattern| pattern);
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

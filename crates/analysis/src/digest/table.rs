//! The kinds of message of a source, found again by their mask: an exact cache in front of everything that is similar.
//!
//! Beyond its bound the table keeps errors before anything else and then what has the smallest hashes; what it leaves goes
//! to a coarser kind of its first words, so that little is lost and neither order nor merging decides. Must never compare
//! texts. What breaks it: two masks with one hash of 64 bits, which are one kind then.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};

use evidence::{Level, Record, RecordRef, Stamp};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};

use super::MAX_EXEMPLARS;
use super::again::hash_of;
use super::names::Others;
use super::near::{Near, Seen, Waiting};
use super::pattern::{Pattern, Time};
use super::shelf::Shelf;
use crate::parallel;

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
    /// Of masks without a kind of their own: the hash of each one, and that of its coarser one.
    #[serde(skip)]
    left: Vec<(u64, u64)>,
    #[serde(skip)]
    shelf: Shelf,
}

/// So few kinds are found fast enough in their own table.
const FEW: usize = 256;
/// The hash of no service, as it were.
const NO_SERVICE: u64 = 1;

/// Masks whose coarser ones are found without a look at the message, each in the place that its hash gives it.
const LEFT: usize = 1_024;

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
        hasher.write_u64(service.unwrap_or(NO_SERVICE));
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
        let near = patterns.iter().map(|(_, pattern)| Near::of(pattern)).collect();
        let waiting = vec![Waiting::default(); patterns.len()];
        let mut kinds = Kinds { near, waiting, ..Kinds::default() };
        (0..).zip(&patterns).for_each(|(at, (rank, _))| kinds.enter(at, *rank));
        Kinds { patterns, ..kinds }
    }
}

impl Kinds {
    /// Counts a record of a known kind, which is told; none when it is not known.
    fn count(&mut self, rank: Rank, record: &Record<'_>, time: Time) -> Option<Known> {
        let known = self.find(rank)?;
        let Some(seen) = Seen::of(known.at, record, time) else {
            self.patterns[known.at as usize].1.count(record, time);
            return Some(known);
        };
        if !(known.is_shown && self.count_shown(seen)) {
            self.show(rank, record, Stamp::new(seen.at.micros, seen.basis));
            self.count_one(seen);
        }
        Some(known)
    }

    /// Counts a record of a kind that shows as many as it may; false where it could be the first one.
    fn count_shown(&mut self, seen: Seen) -> bool {
        let is_later = self.firsts_end < Some(seen.at.micros);
        if is_later {
            self.seen.push(seen);
            if self.seen.len() >= SEEN {
                self.count_seen();
            }
        }
        is_later
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

    /// Keeps a kind that it takes; what has to leave for it is given back with the number that they share.
    fn keep(&mut self, rank: Rank, most: usize, pattern: Pattern) -> Option<(u32, Pattern)> {
        if self.patterns.len() < most {
            self.near.push(Near::of(&pattern));
            self.patterns.push((rank, pattern));
            self.waiting.push(Waiting::default());
            self.enter(self.near.len() as u32 - 1, rank);
            return None;
        }
        self.count_seen();
        let last = self.order.pop_last()?;
        let (Known { at, .. }, _) = self.index.find_entry(last.hash, |known| known.hash == last.hash).ok()?.remove();
        self.order.insert(rank);
        let mut near = std::mem::replace(&mut self.near[at as usize], Near::of(&pattern));
        self.enter(at, rank);
        let mut left = std::mem::replace(&mut self.patterns[at as usize], (rank, pattern)).1;
        near.settle(&self.waiting[at as usize], &mut left);
        Some((at, left))
    }

    /// Adds kinds that were counted elsewhere, two halves at once, and gives back those that are not known here. What is not kept of
    /// them is let go at the end: two threads that give memory back at once wait for each other.
    fn join_known(&mut self, others: Vec<(Rank, Pattern)>) -> Vec<(Rank, Pattern)> {
        let mut same: Vec<Option<Pattern>> = Vec::new();
        same.resize_with(self.patterns.len(), || None);
        let mut unknown = Vec::new();
        for (rank, pattern) in others {
            match self.find(rank) {
                Some(known) => same[known.at as usize] = Some(pattern),
                None => unknown.push((rank, pattern)),
            }
        }
        let join = |own: &mut [(Rank, Pattern)], others: &mut [Option<Pattern>]| {
            let both = own.iter_mut().zip(others).filter_map(|((_, own), other)| Some((own, other.as_mut()?)));
            both.for_each(|(own, other)| own.join(other));
        };
        let half = if same.len() > FEW { same.len() / 2 } else { 0 };
        let ((own, rest), (others, their_rest)) = (self.patterns.split_at_mut(half), same.split_at_mut(half));
        // What is joined was counted by several threads.
        let threads = if half > 0 { 2 } else { 1 };
        parallel::both(threads, || join(own, others), || join(rest, their_rest));
        unknown
    }

    /// Adds a kind that was counted elsewhere; what finds no place is given back.
    fn add(&mut self, rank: Rank, most: usize, mut pattern: Pattern) -> Option<Pattern> {
        if let Some(known) = self.get(rank) {
            known.join(&mut pattern);
            return None;
        }
        if self.takes(rank, most) { self.keep(rank, most, pattern).map(|(_, left)| left) } else { Some(pattern) }
    }
}

impl Table {
    /// Counts a record whose mask has this hash, when its kind is known; false when it is not, or no longer. The hash of its
    /// service is given.
    pub fn count_known(&mut self, (mask, service): (u64, Option<u64>), record: &Record<'_>, time: Time) -> bool {
        let names = (mask, service.unwrap_or(NO_SERVICE));
        if let Some(seen) = self.shelf.find(names, record.level).and_then(|kind| Seen::of(kind, record, time))
            && self.fine.count_shown(seen)
        {
            return true;
        }
        let rank = Rank::of(mask, record.level, service);
        if let Some(known) = self.fine.count(rank, record, time) {
            if known.is_shown && self.fine.patterns.len() > FEW {
                self.shelf.put(names, record.level, known.at);
            }
            return true;
        }
        let left = self.left.get(mask as usize % LEFT).filter(|(known, _)| *known == mask);
        match left {
            Some((_, coarser)) if !self.fine.takes(rank, MOST) => {
                self.coarse.count(Rank::of(*coarser, record.level, service), record, time).is_some()
            }
            _ => false,
        }
    }

    /// Counts a record whose message has this mask.
    pub fn count(&mut self, (masked, service): (&str, Option<u64>), record: &Record<'_>, time: Time) {
        let mask = hash_of(masked.as_bytes());
        let rank = Rank::of(mask, record.level, service);
        if self.fine.count(rank, record, time).is_some() {
            return;
        }
        if self.fine.takes(rank, MOST) {
            let left = self.fine.keep(rank, MOST, Pattern::new(masked.to_string(), record, time));
            return left.into_iter().for_each(|(kind, pattern)| {
                self.shelf.forget(kind);
                self.leave(pattern);
            });
        }
        let template = coarser(masked);
        let coarser = hash_of(template.as_bytes());
        self.left.resize(LEFT, (0, 0));
        self.left[mask as usize % LEFT] = (mask, coarser);
        let rank = Rank::of(coarser, record.level, service);
        if self.coarse.count(rank, record, time).is_some() {
            return;
        }
        let left = if self.coarse.takes(rank, COARSE) {
            self.coarse.keep(rank, COARSE, Pattern::new(format!("{template} <*>"), record, time))
        } else {
            return self.others.add(1, record.place.line);
        };
        left.into_iter().for_each(|(_, pattern)| self.others.add(pattern.count, pattern.line()));
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

    /// Gives back what only makes counting faster.
    pub fn end(&mut self) {
        for kinds in [&mut self.fine, &mut self.coarse] {
            kinds.count_seen();
            kinds.seen = Vec::new();
        }
        (self.left, self.shelf) = (Vec::new(), Shelf::default());
    }

    /// Counts what is not counted yet, so that others can be joined.
    pub fn settle(&mut self) {
        self.end();
        [&mut self.fine, &mut self.coarse].into_iter().for_each(Kinds::settle);
    }

    pub fn join(&mut self, mut other: Table) {
        [&mut *self, &mut other].into_iter().for_each(Table::settle);
        self.others.join(other.others);
        other.coarse.patterns.into_iter().for_each(|(rank, pattern)| self.leave_coarse(rank, pattern));
        for (rank, pattern) in self.fine.join_known(other.fine.patterns) {
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
        let patterns: Vec<Pattern> = all.map(|(_, pattern)| pattern).collect();
        coarse.join(self.others);
        (by_begin(patterns), coarse)
    }
}

/// In the order in which they begin: a kind is large, so its place is found before it is moved.
fn by_begin(patterns: Vec<Pattern>) -> Vec<Pattern> {
    let mut order: Vec<(RecordRef, usize)> = patterns.iter().enumerate().map(|(at, pattern)| (pattern.begin(), at)).collect();
    order.sort_unstable_by(|(a, one), (b, other)| {
        a.cmp(b).then_with(|| patterns[*one].template.cmp(&patterns[*other].template)).then(one.cmp(other))
    });
    let mut patterns: Vec<Option<Pattern>> = patterns.into_iter().map(Some).collect();
    order.into_iter().filter_map(|(_, at)| patterns[at].take()).collect()
}

/// The first words of a mask.
fn coarser(masked: &str) -> &str {
    let end = masked.match_indices(' ').nth(WORDS - 1).map_or(masked.len(), |(at, _)| at);
    let head = &masked[..end];
    head.strip_suffix(" <*>").unwrap_or(head)
}

#[cfg(test)]
mod tests {
    use evidence::{Basis, SourceId, Stamp};

    use super::*;

    #[test]
    fn many_kinds_that_two_threads_counted_are_those_that_one_counts() {
        let (mut whole, mut one, mut other) = (Table::default(), Table::default(), Table::default());
        for line in 0..9_000_u64 {
            // Most kinds are of both halves, some of one only, and a few more than are kept.
            let kind = line * 7 % 4_500;
            let mask = format!("one of kind {kind}");
            let source = SourceId { input: 0, entry: 0 };
            let record = Record {
                place: RecordRef { source, start: line * 20, end: line * 20 + 19, line: line + 1, last_line: line + 1 },
                stamp: Some(Stamp::new(1_700_000_000_000_000 + line as i64 * 250_000, Basis::Zoned)),
                stamp_text: None,
                level: [Some(Level::Error), None, Some(Level::Info)][kind as usize % 3],
                service: None,
                instance: None,
                message: mask.clone().into(),
                trace: None,
                http: None,
                user: None,
                format: "text",
                fields: Vec::new(),
            };
            let half = if kind < 100 || line % 2 == 0 { &mut one } else { &mut other };
            for table in [&mut whole, half] {
                table.count((&mask, None), &record, Time { stamp: record.stamp, lent: None });
            }
        }
        let told = |table: Table| {
            let (patterns, others) = table.told();
            let of = |p: &Pattern| (p.template.clone(), p.count, p.begin(), p.last.place, p.exemplars.len(), p.bins.clone());
            (patterns.iter().map(of).collect::<Vec<_>>(), others)
        };
        one.join(other);
        let (joined, whole) = (told(one), told(whole));
        assert_eq!(whole.0.len(), MOST + 2, "the rest is of one coarser kind for each level");
        assert_eq!(whole.0.iter().map(|kind| kind.1).sum::<u64>(), 9_000);
        assert_eq!(joined, whole);
    }
}

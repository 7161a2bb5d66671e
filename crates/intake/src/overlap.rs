//! The same records in two sources: exports whose stretches overlap, a file beside the archive that holds it. They are
//! found by a sketch of each source while it is read, and only then read once more, so that each record counts once.
//!
//! Records are the same when their text is, byte for byte, and their date stands in it: two replicas that say the same
//! thing without a date are two. Must never drop a record that its own source has twice. What breaks it: the same
//! records written by two exporters in two forms.

use std::collections::{BTreeMap, HashMap};

use evidence::{Basis, RecordRef, Stamp};
use foldhash::fast::FixedState;

/// Records of a source that are compared: those with the smallest hashes, the same choice in each source (bottom-k,
/// Broder, "On the resemblance and containment of documents", 1997).
const KEPT: usize = 512;
/// Of the records compared, so many have to be shared, and this part of them (in percent): within the stretch that both
/// sources cover, or of a whole source that is contained in another.
const SHARED: usize = 10;
const SHARE: usize = 90;
const CONTAINED: usize = 95;
const CONTAINED_SHARED: usize = 20;
/// Records of other sources that are remembered to drop their copies.
pub const REMEMBERED: usize = 4_000_000;

/// By what a record is chosen (its time and size), and the hash of its text: most are never asked for the second.
type Key = (u64, u64);

/// What is remembered of one source to tell what it shares with others.
#[derive(Debug, Default, Clone)]
pub struct Sketch {
    smallest: BTreeMap<Key, i64>,
    /// The largest key up to which records are taken.
    most: Option<Key>,
    stretch: Option<(i64, i64)>,
    /// A document is compared as a whole.
    document: Option<u64>,
}

impl Sketch {
    /// A record of so many bytes, whose text has a hash.
    pub fn see(&mut self, stamp: Option<Stamp>, size: usize, hash: impl FnOnce() -> u64) {
        let Some(stamp) = stamp.filter(|s| is_dated(s.basis)) else { return };
        self.stretch = Some(match self.stretch {
            Some((from, to)) => (from.min(stamp.micros), to.max(stamp.micros)),
            None => (stamp.micros, stamp.micros),
        });
        let choice = mixed(stamp.micros as u64 ^ (size as u64) << 48);
        if self.most.is_none_or(|(most, _)| choice <= most) {
            self.keep((choice, hash()), stamp.micros);
        }
    }

    fn keep(&mut self, key: Key, micros: i64) {
        self.smallest.insert(key, micros);
        if self.smallest.len() > KEPT {
            self.smallest.pop_last();
        }
        if self.smallest.len() == KEPT {
            self.most = self.smallest.last_key_value().map(|(key, _)| *key);
        }
    }

    /// Adds what was seen of the same source elsewhere.
    pub fn join(&mut self, other: &Sketch) {
        self.stretch = match (self.stretch, other.stretch) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        other.smallest.iter().for_each(|(key, micros)| self.keep(*key, *micros));
        self.document = self.document.or(other.document);
    }

    pub fn see_document(&mut self, bytes: &[u8]) {
        self.document = Some(hash_of(&[bytes]));
    }

    /// The largest hash up to which this sketch has every record.
    fn reach(&self) -> Key {
        self.most.unwrap_or((u64::MAX, u64::MAX))
    }

    fn between(&self, (from, to): (i64, i64), reach: Key) -> impl Iterator<Item = Key> + '_ {
        self.smallest.range(..=reach).filter(move |(_, at)| (from..=to).contains(*at)).map(|(hash, _)| *hash)
    }

    /// Whether these two hold the same stretch of one log.
    fn overlaps(&self, other: &Sketch) -> bool {
        let (Some(a), Some(b)) = (self.stretch, other.stretch) else { return false };
        let both = (a.0.max(b.0), a.1.min(b.1));
        let reach = self.reach().min(other.reach());
        let mine: Vec<Key> = self.between(both, reach).collect();
        let others = other.between(both, reach).count();
        let shared = mine.iter().filter(|hash| other.smallest.contains_key(hash)).count();
        let within = |part: usize, whole: usize| shared * 100 >= part * whole;
        shared >= SHARED && within(SHARE, mine.len().max(others))
            || shared >= CONTAINED_SHARED && within(CONTAINED, mine.len().min(others))
    }
}

/// Only a whole date makes two equal texts the same record.
fn is_dated(basis: Basis) -> bool {
    matches!(basis, Basis::Zoned | Basis::Epoch | Basis::Civil)
}

/// A number whose bits depend on all those of another (D. Stafford's variant of the finaliser of MurmurHash3).
fn mixed(n: u64) -> u64 {
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}

/// The hash of a record's text, which may stand in parts.
pub fn hash_of(parts: &[&[u8]]) -> u64 {
    use std::hash::{BuildHasher, Hash, Hasher};
    let mut hasher = FixedState::default().build_hasher();
    parts.iter().for_each(|part| part.hash(&mut hasher));
    hasher.finish()
}

/// For each source that repeats others: those before it with which it shares records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub records: BTreeMap<usize, Vec<usize>>,
    /// Documents that stand in an earlier source, byte for byte.
    pub documents: BTreeMap<usize, usize>,
}

/// Finds what stands in several of the sources, given in the order of their names: the first one keeps it.
pub fn find(sketches: &[&Sketch]) -> Found {
    let mut found = Found::default();
    let mut documents: BTreeMap<u64, usize> = BTreeMap::new();
    let mut holders: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (index, sketch) in sketches.iter().enumerate() {
        if let Some(hash) = sketch.document {
            match documents.get(&hash) {
                Some(first) => drop(found.documents.insert(index, *first)),
                None => drop(documents.insert(hash, index)),
            }
        }
        sketch.smallest.keys().for_each(|hash| holders.entry(*hash).or_default().push(index));
    }
    let mut pairs: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for held in holders.values().filter(|held| held.len() > 1) {
        // A record that very many sources have tells little, and all pairs of them would be many.
        for (n, a) in held.iter().take(32).enumerate() {
            held.iter().take(32).skip(n + 1).for_each(|b| *pairs.entry((*a, *b)).or_default() += 1);
        }
    }
    for ((earlier, later), shared) in pairs {
        if shared >= SHARED && sketches[earlier].overlaps(sketches[later]) {
            found.records.entry(later).or_default().push(earlier);
        }
    }
    found
}

/// Records of earlier sources, each with how often it stands there.
#[derive(Debug, Default)]
pub struct Copies {
    counts: HashMap<u64, u32, FixedState>,
    /// There were more than are remembered: nothing can be dropped.
    pub overflowed: bool,
}

impl Copies {
    pub fn add(&mut self, hash: u64, stamp: Option<Stamp>) {
        if stamp.is_none_or(|s| !is_dated(s.basis)) || self.overflowed {
            return;
        }
        *self.counts.entry(hash).or_default() += 1;
        self.overflowed = self.counts.len() > REMEMBERED;
    }

    /// Several sources may have the same record; the one that has it most often says how often it happened.
    pub fn join(&mut self, other: &Copies) {
        self.overflowed |= other.overflowed;
        // The order does not matter: a maximum is the same in any.
        #[allow(clippy::iter_over_hash_type)]
        for (hash, count) in &other.counts {
            let mine = self.counts.entry(*hash).or_default();
            *mine = (*mine).max(*count);
        }
    }

    /// Takes one copy of a record, when there is one left.
    fn take(&mut self, hash: u64) -> bool {
        match self.counts.get_mut(&hash) {
            Some(count) if *count > 0 && !self.overflowed => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

/// Drops the records of a source that are copies, and keeps the account.
#[derive(Debug, Default)]
pub struct Dropped {
    copies: Copies,
    pub records: u64,
    pub lines: u64,
    pub bytes: u64,
    pub first_line: Option<u64>,
}

impl Dropped {
    pub fn of(copies: Copies) -> Dropped {
        Dropped { copies, ..Dropped::default() }
    }

    /// Whether this record is a copy.
    pub fn takes(&mut self, hash: u64, place: RecordRef) -> bool {
        if !self.copies.take(hash) {
            return false;
        }
        self.records += 1;
        self.lines += place.last_line - place.line + 1;
        self.bytes += place.end - place.start;
        self.first_line.get_or_insert(place.line);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(hashes: impl IntoIterator<Item = u64>) -> Sketch {
        let mut sketch = Sketch::default();
        for n in hashes {
            sketch.see(Some(Stamp::new(n as i64, Basis::Civil)), 9, || n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
        sketch
    }

    fn repeats(sketches: &[Sketch]) -> Vec<usize> {
        find(&sketches.iter().collect::<Vec<_>>()).records.into_keys().collect()
    }

    #[test]
    fn exports_whose_stretches_overlap_are_found_large_or_small() {
        assert_eq!(repeats(&[sketch(0..1_000), sketch(500..1_500)]), [1]);
        assert_eq!(repeats(&[sketch(0..100_000), sketch(90_000..190_000)]), [1]);
        assert_eq!(repeats(&[sketch(0..12), sketch(0..12)]), [1]);
        assert_eq!(repeats(&[sketch(0..10_000), sketch((0..10_000).step_by(7))]), [1]);
    }

    #[test]
    fn what_only_looks_alike_here_and_there_is_left() {
        assert_eq!(repeats(&[sketch(0..1_000), sketch(1_000..2_000)]), Vec::<usize>::new());
        assert_eq!(repeats(&[sketch(0..9), sketch(0..9)]), Vec::<usize>::new());
        let (mut a, mut b) = (Sketch::default(), Sketch::default());
        for n in 0..400_u64 {
            let stamp = Some(Stamp::new(n as i64, Basis::Civil));
            a.see(stamp, 9, || n);
            b.see(stamp, 9, || if n % 2 == 0 { n } else { n + 1_000_000 });
        }
        assert_eq!(repeats(&[a, b]), Vec::<usize>::new());
    }

    #[test]
    fn records_without_a_date_are_never_the_same() {
        let mut sketch = Sketch::default();
        (0..100).for_each(|n| sketch.see(Some(Stamp::new(1, Basis::CivilNoYear)), 9, || n));
        (0..100).for_each(|n| sketch.see(None, 9, || n));
        assert_eq!(repeats(&[sketch.clone(), sketch]), Vec::<usize>::new());
    }

    #[test]
    fn a_record_that_one_source_has_twice_is_dropped_as_often_as_it_stands_before() {
        let stamp = Some(Stamp::new(1, Basis::Civil));
        let (mut a, mut b) = (Copies::default(), Copies::default());
        a.add(7, stamp);
        (0..2).for_each(|_| b.add(7, stamp));
        a.join(&b);
        assert_eq!([a.take(7), a.take(7), a.take(7), a.take(8)], [true, true, false, false]);
    }
}

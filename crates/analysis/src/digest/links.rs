//! When each trace was seen, for a bounded number of traces: those with the smallest hashes.
//!
//! A trace is a request that several services handle, so its link says how their clocks and their failures hang together;
//! which traces are kept follows from their ids alone, and sources keep the same ones. Must never know what a trace is of.
//! What breaks it: fewer shared traces than are needed among the smallest hashes.

use std::collections::BTreeMap;

use evidence::{RecordRef, Stamp};
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};

/// Traces that are kept.
const MOST: usize = 4_096;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct TraceLink {
    pub first: Stamp,
    pub last: Stamp,
    pub place: RecordRef,
}

/// Links by the hashes of their traces.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<u64, TraceLink>", into = "BTreeMap<u64, TraceLink>")]
pub struct Links {
    /// Up to twice as many as are kept, so that they are seldom sorted out.
    kept: HashTable<(u64, TraceLink)>,
    /// No larger hash is kept, once there were enough.
    largest: Option<u64>,
}

impl From<BTreeMap<u64, TraceLink>> for Links {
    fn from(told: BTreeMap<u64, TraceLink>) -> Links {
        let mut links = Links::default();
        told.into_iter().for_each(|(key, link)| links.add(key, link));
        links
    }
}

impl From<Links> for BTreeMap<u64, TraceLink> {
    fn from(mut links: Links) -> Self {
        links.sort_out();
        links.kept.into_iter().collect()
    }
}

impl Links {
    pub fn see(&mut self, key: u64, stamp: Stamp, place: RecordRef) {
        if self.largest.is_none_or(|largest| key <= largest) {
            self.add(key, TraceLink { first: stamp, last: stamp, place });
        }
    }

    pub fn join(&mut self, other: Links) {
        other.kept.into_iter().for_each(|(key, link)| self.add(key, link));
        self.sort_out();
    }

    fn add(&mut self, key: u64, seen: TraceLink) {
        let entry = self.kept.entry(key, |(known, _)| *known == key, |(known, _)| *known).or_insert((key, seen));
        let (_, link) = entry.into_mut();
        link.first = link.first.min(seen.first);
        link.last = link.last.max(seen.last);
        link.place = link.place.min(seen.place);
        if self.kept.len() >= 2 * MOST {
            self.sort_out();
        }
    }

    fn sort_out(&mut self) {
        if self.kept.len() <= MOST {
            return;
        }
        let mut keys: Vec<u64> = self.kept.iter().map(|(key, _)| *key).collect();
        let (_, largest, _) = keys.select_nth_unstable(MOST - 1);
        self.kept.retain(|(key, _)| key <= largest);
        self.largest = Some(*largest);
    }
}

#[cfg(test)]
mod tests {
    use evidence::{Basis, SourceId};

    use super::*;

    fn place(line: u64) -> RecordRef {
        RecordRef { source: SourceId { input: 0, entry: 0 }, start: line, end: line, line, last_line: line }
    }

    #[test]
    fn the_smallest_hashes_are_kept_whatever_the_order_and_the_parts() {
        let keys: Vec<u64> = (0..30_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 20_011).collect();
        let counted = |keys: &mut dyn Iterator<Item = u64>| {
            let mut links = Links::default();
            keys.for_each(|key| links.see(key, Stamp::new(key as i64, Basis::Zoned), place(key)));
            links
        };
        let whole: BTreeMap<u64, TraceLink> = counted(&mut keys.iter().copied()).into();
        let distinct: std::collections::BTreeSet<u64> = keys.iter().copied().collect();
        assert!(whole.keys().eq(distinct.iter().take(MOST)));
        let mut parts = counted(&mut keys[9_000..].iter().rev().copied());
        parts.join(counted(&mut keys[..9_000].iter().copied()));
        let parts: BTreeMap<u64, TraceLink> = parts.into();
        assert!(whole.keys().eq(parts.keys()));
    }

    #[test]
    fn a_trace_has_its_first_and_its_last_time() {
        let mut links = Links::default();
        [7, 3, 5].into_iter().for_each(|second| links.see(1, Stamp::new(second, Basis::Zoned), place(second as u64)));
        let told: BTreeMap<u64, TraceLink> = links.into();
        assert_eq!((told[&1].first.micros, told[&1].last.micros, told[&1].place), (3, 7, place(3)));
    }
}

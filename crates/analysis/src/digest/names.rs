//! How often each name occurs, for a bounded number of names.
//!
//! Beyond the bound those with the smallest hashes are kept, so that neither order nor merging decides which; the others
//! are counted together. Must never know what a name means. What breaks it: more names than the bound, of which the most
//! frequent may be among those left out.

use std::collections::BTreeMap;

use hashbrown::HashTable;
use serde::{Deserialize, Serialize};

use super::again::hash_of;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Told", into = "Told")]
pub struct Names {
    most: usize,
    /// Up to twice as many as are kept, so that they are seldom sorted out.
    kept: HashTable<(u64, Name)>,
    /// No name with a larger hash is kept, once there were enough.
    largest: Option<u64>,
    pub others: Others,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Name {
    text: Box<str>,
    count: u64,
    line: u64,
}

/// What is beyond a bound: how often, and on which line first (0 without any).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Others {
    pub records: u64,
    pub line: u64,
}

/// Names as they are written down.
#[derive(Serialize, Deserialize)]
struct Told {
    most: usize,
    kept: BTreeMap<u64, Name>,
    others: Others,
}

impl From<Told> for Names {
    fn from(told: Told) -> Names {
        let mut names = Names { others: told.others, ..Names::new(told.most) };
        told.kept.into_iter().for_each(|(hash, name)| names.keep(hash, name));
        names
    }
}

impl From<Names> for Told {
    fn from(mut names: Names) -> Told {
        names.sort_out();
        Told { most: names.most, kept: names.kept.into_iter().collect(), others: names.others }
    }
}

impl Others {
    pub fn add(&mut self, records: u64, line: u64) {
        if records > 0 {
            self.records += records;
            self.line = if self.line == 0 { line } else { self.line.min(line) };
        }
    }

    pub fn join(&mut self, other: Others) {
        self.add(other.records, other.line);
    }
}

impl Names {
    pub fn new(most: usize) -> Names {
        Names { most, kept: HashTable::new(), largest: None, others: Others::default() }
    }

    pub fn count(&mut self, name: &str, line: u64) {
        self.count_hashed((hash_of(name.as_bytes()), name), line);
    }

    /// The same for a name whose hash is known.
    pub fn count_hashed(&mut self, (hash, name): (u64, &str), line: u64) {
        if let Some((_, known)) = self.kept.find_mut(hash, |(known, _)| *known == hash) {
            known.count += 1;
            known.line = known.line.min(line);
        } else if self.largest.is_some_and(|largest| hash > largest) {
            self.others.add(1, line);
        } else {
            self.keep(hash, Name { text: name.into(), count: 1, line });
        }
    }

    fn keep(&mut self, hash: u64, name: Name) {
        match self.kept.find_mut(hash, |(known, _)| *known == hash) {
            Some((_, known)) => {
                known.count += name.count;
                known.line = known.line.min(name.line);
            }
            None => {
                self.kept.insert_unique(hash, (hash, name), |(known, _)| *known);
            }
        }
        if self.kept.len() >= 2 * self.most {
            self.sort_out();
        }
    }

    fn sort_out(&mut self) {
        if self.kept.len() <= self.most {
            return;
        }
        let mut hashes: Vec<u64> = self.kept.iter().map(|(hash, _)| *hash).collect();
        let (_, largest, _) = hashes.select_nth_unstable(self.most - 1);
        for (_, name) in self.kept.extract_if(|(hash, _)| hash > largest) {
            self.others.add(name.count, name.line);
        }
        self.largest = Some(*largest);
    }

    pub fn join(&mut self, other: Names) {
        self.others.join(other.others);
        other.kept.into_iter().for_each(|(hash, name)| self.keep(hash, name));
    }

    /// Names with counts, and what is beyond the bound.
    pub fn told(mut self) -> (BTreeMap<String, u64>, Others) {
        self.sort_out();
        (self.kept.into_iter().map(|(_, name)| (name.text.into(), name.count)).collect(), self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_name_is_counted_and_merging_does_not_matter(names in proptest::collection::vec(0..30_u32, 0..200), cut in 0..200_usize, most in 1..20_usize) {
            let count = |names: &[u32], from: u64| {
                let mut counted = Names::new(most);
                (from..).zip(names).for_each(|(line, n)| counted.count(&format!("svc-{n}"), line + 1));
                counted
            };
            let cut = cut.min(names.len());
            let mut joined = count(&names[cut..], cut as u64);
            joined.join(count(&names[..cut], 0));
            let (whole, others) = count(&names, 0).told();
            prop_assert_eq!(whole.values().sum::<u64>() + others.records, names.len() as u64);
            prop_assert!(whole.len() <= most);
            prop_assert_eq!(joined.told(), (whole, others));
        }
    }
}

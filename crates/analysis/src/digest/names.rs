//! How often each name occurs, for a bounded number of names.
//!
//! Beyond the bound those with the smallest hashes are kept, so that neither order nor merging decides which; the others
//! are counted together. Must never know what a name means. What breaks it: more names than the bound, of which the most
//! frequent may be among those left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::again::hash_of;

/// Names that are found without a search.
const NEAR: usize = 256;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Names {
    most: usize,
    /// The last name of each remainder of a hash, with what was counted of it since.
    #[serde(skip)]
    near: Vec<Option<(u64, Name)>>,
    kept: BTreeMap<u64, Name>,
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
        Names { most, near: Vec::new(), kept: BTreeMap::new(), others: Others::default() }
    }

    pub fn count(&mut self, name: &str, line: u64) {
        self.count_hashed((hash_of(name.as_bytes()), name), line);
    }

    /// The same for a name whose hash is known.
    pub fn count_hashed(&mut self, (hash, name): (u64, &str), line: u64) {
        if self.near.is_empty() {
            self.near.resize(NEAR, None);
        }
        let slot = &mut self.near[hash as usize % NEAR];
        if let Some((known, near)) = slot
            && *known == hash
        {
            near.count += 1;
            return;
        }
        // Known ones, and those that are beyond the bound for good, need no copy of the name.
        if let Some(known) = self.kept.get_mut(&hash) {
            known.count += 1;
            known.line = known.line.min(line);
            return;
        }
        if self.kept.len() >= self.most && self.kept.last_key_value().is_some_and(|(most, _)| hash > *most) {
            return self.others.add(1, line);
        }
        let before = slot.replace((hash, Name { text: name.into(), count: 1, line }));
        if let Some((hash, name)) = before {
            self.keep(hash, name);
        }
    }

    fn keep(&mut self, hash: u64, name: Name) {
        match self.kept.get_mut(&hash) {
            Some(known) => {
                known.count += name.count;
                known.line = known.line.min(name.line);
            }
            None => {
                self.kept.insert(hash, name);
            }
        }
        if self.kept.len() > self.most
            && let Some((_, left)) = self.kept.pop_last()
        {
            self.others.add(left.count, left.line);
        }
    }

    pub fn join(&mut self, mut other: Names) {
        other.settle();
        self.others.join(other.others);
        for (hash, name) in other.kept {
            self.keep(hash, name);
        }
    }

    pub fn settle(&mut self) {
        for (hash, name) in std::mem::take(&mut self.near).into_iter().flatten() {
            self.keep(hash, name);
        }
    }

    /// Names with counts, and what is beyond the bound.
    pub fn told(mut self) -> (BTreeMap<String, u64>, Others) {
        self.settle();
        (self.kept.into_values().map(|name| (name.text.into(), name.count)).collect(), self.others)
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

//! Requests by group of paths over time: how many, how many failed, and where the first and the last failure of each bin
//! stand.
//!
//! Must never know which source stands in front of the others. What breaks it: an application whose first path segments
//! are names of users; beyond the bound of groups all further ones are counted as one.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use evidence::{Basis, Record, RecordRef, Stamp};
use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use crate::bins::{Bins, Tally};

const BINS: usize = 8_000;
/// Groups that are told apart: those with the smallest hashes, so that order does not decide.
const GROUPS: usize = 48;

/// Requests of one group of paths over time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Requests {
    pub bins: Bins<RequestTally>,
    pub basis: Basis,
    /// Where its first record stands.
    first: RecordRef,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestTally {
    pub total: u64,
    /// Status 500 and above.
    pub failed: u64,
    /// First failed record of the bin, and how long it took.
    pub first_failed: Option<(RecordRef, Stamp, u64)>,
    pub last_failed: Option<(RecordRef, Stamp, u64)>,
    pub first: Option<RecordRef>,
}

impl Tally for RequestTally {
    fn add(&mut self, other: &RequestTally) {
        self.total += other.total;
        self.failed += other.failed;
        self.first_failed = earliest(self.first_failed, other.first_failed);
        self.last_failed = latest(self.last_failed, other.last_failed);
        self.first = match (self.first, other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

type Failed = Option<(RecordRef, Stamp, u64)>;

fn earliest(a: Failed, b: Failed) -> Failed {
    match (a, b) {
        (Some(x), Some(y)) => Some(if (y.1, y.0) < (x.1, x.0) { y } else { x }),
        (a, b) => a.or(b),
    }
}

fn latest(a: Failed, b: Failed) -> Failed {
    match (a, b) {
        (Some(x), Some(y)) => Some(if (y.1, y.0) > (x.1, x.0) { y } else { x }),
        (a, b) => a.or(b),
    }
}

/// The groups of one source.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Groups {
    index: BTreeMap<u64, usize>,
    kept: Vec<(u64, String, Requests)>,
    /// The one that was counted last.
    near: usize,
    rest: Option<Requests>,
    #[serde(skip)]
    buffer: String,
}

impl Groups {
    /// Counts a record that is a request with a status; says whether it failed.
    pub fn count(&mut self, record: &Record<'_>, stamp: Stamp) -> bool {
        let Some((http, status)) = record.http.as_ref().and_then(|http| Some((http, http.status?))) else { return false };
        let path = http.path.as_deref().unwrap_or("");
        // Most records that are requests say no path, one after the other.
        let is_near = path.is_empty() && self.kept.get(self.near).is_some_and(|(_, name, _)| name == "/");
        if !is_near {
            write_group(path, &mut self.buffer);
        }
        let failed = status >= 500;
        let place = record.place;
        let group = if is_near { self.nearest() } else { self.group(stamp.basis, place) };
        let Some(requests) = group else { return failed };
        requests.see(place, stamp.basis);
        requests.bins.of(stamp.micros, |tally| {
            tally.total += 1;
            // Lines of a source come one after the other.
            if tally.first.is_none_or(|first| place < first) {
                tally.first = Some(place);
            }
            if failed {
                let took = http.duration_ms.unwrap_or(0.0).clamp(0.0, 3.6e6) as u64;
                tally.failed += 1;
                tally.first_failed = earliest(tally.first_failed, Some((place, stamp, took)));
                tally.last_failed = latest(tally.last_failed, Some((place, stamp, took)));
            }
        });
        failed
    }

    /// The group whose name stands in the buffer, or that of all further ones.
    fn group(&mut self, basis: Basis, place: RecordRef) -> Option<&mut Requests> {
        if self.kept.get(self.near).is_none_or(|(_, name, _)| *name != self.buffer) {
            let hash = FixedState::default().hash_one(&self.buffer);
            let fresh = || Requests { bins: Bins::new(BINS), basis, first: place };
            match self.index.get(&hash) {
                Some(at) => self.near = *at,
                None if self.takes(hash) => self.keep(hash, self.buffer.clone(), fresh()),
                None => return Some(self.rest.get_or_insert_with(fresh)),
            }
        }
        self.nearest()
    }

    fn nearest(&mut self) -> Option<&mut Requests> {
        self.kept.get_mut(self.near).map(|(_, _, requests)| requests)
    }

    fn takes(&self, hash: u64) -> bool {
        self.kept.len() < GROUPS || self.index.last_key_value().is_some_and(|(most, _)| hash < *most)
    }

    /// Makes room for a group and lets it be the one that was counted last.
    fn keep(&mut self, hash: u64, name: String, requests: Requests) {
        if let Some(at) = self.index.get(&hash) {
            self.near = *at;
            return self.kept[*at].2.join(&requests);
        }
        if !self.takes(hash) {
            return self.leave(requests);
        }
        if self.kept.len() < GROUPS {
            self.near = self.kept.len();
            self.kept.push((hash, name, requests));
        } else if let Some((_, at)) = self.index.pop_last() {
            self.near = at;
            let (_, _, left) = std::mem::replace(&mut self.kept[at], (hash, name, requests));
            self.leave(left);
        }
        self.index.insert(hash, self.near);
    }

    fn leave(&mut self, left: Requests) {
        match &mut self.rest {
            Some(rest) => rest.join(&left),
            None => self.rest = Some(left),
        }
    }

    pub fn join(&mut self, other: Groups) {
        other.rest.into_iter().for_each(|rest| self.leave(rest));
        other.kept.into_iter().for_each(|(hash, name, requests)| self.keep(hash, name, requests));
    }

    /// By name; what is beyond the bound is `*`.
    pub fn told(self) -> BTreeMap<String, Requests> {
        let kept = self.kept.into_iter().map(|(_, name, requests)| (name, requests));
        kept.chain(self.rest.map(|rest| ("*".to_string(), rest))).collect()
    }
}

impl Requests {
    fn see(&mut self, place: RecordRef, basis: Basis) {
        if place < self.first {
            (self.first, self.basis) = (place, basis);
        }
    }

    fn join(&mut self, other: &Requests) {
        self.see(other.first, other.basis);
        self.bins.join(&other.bins);
    }
}

/// The group of a path: its first segments up to two, as far as they hold no digits. A group that stands for longer
/// paths ends in `/*`, so that it can be read as a filter.
pub fn path_group(path: &str) -> String {
    let mut group = String::new();
    write_group(path, &mut group);
    group
}

fn write_group(path: &str, group: &mut String) {
    group.clear();
    let bytes = path.as_bytes();
    // Segments that are kept so far, and where what is looked at next begins.
    let (mut kept, mut at) = (0, 0);
    let left = loop {
        while bytes.get(at) == Some(&b'/') {
            at += 1;
        }
        if bytes.get(at).is_none_or(|byte| ROLES[*byte as usize] == ENDS) {
            break false;
        }
        let rest = &bytes[at..];
        let mut roles = 0;
        let parts = |byte: &u8| {
            let role = ROLES[*byte as usize];
            roles |= role;
            role & (PARTS | ENDS) != 0
        };
        let end = at + rest.iter().position(parts).unwrap_or(rest.len());
        let segment = &path[at..end];
        if kept == 2 || !(segment.len() <= 40 && roles & DIGIT == 0 || is_version(segment)) {
            break true;
        }
        group.push('/');
        group.push_str(segment);
        (kept, at) = (kept + 1, end);
    };
    if left {
        group.push_str("/*");
    }
    if group.is_empty() {
        group.push('/');
    }
}

/// What a byte is in a path.
const DIGIT: u8 = 1;
const PARTS: u8 = 2;
const ENDS: u8 = 4;
const ROLES: [u8; 256] = {
    let mut roles = [0; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        roles[digit as usize] = DIGIT;
        digit += 1;
    }
    roles[b'/' as usize] = PARTS;
    roles[b'?' as usize] = ENDS;
    roles[b'#' as usize] = ENDS;
    roles
};

fn is_version(segment: &str) -> bool {
    segment.len() <= 3 && segment.starts_with('v') && segment[1..].bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_grouped_by_what_is_no_id_and_read_as_a_filter() {
        assert_eq!(path_group("/checkout"), "/checkout");
        assert_eq!(path_group("/checkout/pay?x=1"), "/checkout/pay");
        assert_eq!(path_group("/v1/accounts/86750/balance"), "/v1/accounts/*");
        assert_eq!(path_group("/products/8126"), "/products/*");
        assert_eq!(path_group("/8126"), "/*");
        assert_eq!(path_group(""), "/");
        assert_eq!(path_group("//a//b/#c/d"), "/a/b");
        assert_eq!(path_group("a/b/?c"), "/a/b");
        assert_eq!(path_group("/v10/é/x"), "/v10/é/*");
        assert_eq!(path_group(&format!("/{}", "x".repeat(41))), "/*");
    }
}

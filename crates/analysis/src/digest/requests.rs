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
use wide::u8x16;

use super::again::hash_of;
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
    pub first: Option<RecordRef>,
    /// The first and the last that failed; most bins have none.
    pub ends: Option<Box<(Failed, Failed)>>,
}

/// A failed record, and how many milliseconds it took.
pub type Failed = (RecordRef, Stamp, u64);

impl RequestTally {
    pub fn first_failed(&self) -> Option<Failed> {
        self.ends.as_ref().map(|ends| ends.0)
    }

    pub fn last_failed(&self) -> Option<Failed> {
        self.ends.as_ref().map(|ends| ends.1)
    }

    fn see_failed(&mut self, (first, last): (Failed, Failed)) {
        let by_time = |(place, stamp, _): &Failed| (*stamp, *place);
        match &mut self.ends {
            Some(ends) => {
                if by_time(&first) < by_time(&ends.0) {
                    ends.0 = first;
                }
                if by_time(&last) > by_time(&ends.1) {
                    ends.1 = last;
                }
            }
            None => self.ends = Some(Box::new((first, last))),
        }
    }
}

impl Tally for RequestTally {
    fn add(&mut self, other: &RequestTally) {
        self.total += other.total;
        self.failed += other.failed;
        other.ends.iter().for_each(|ends| self.see_failed(**ends));
        self.first = match (self.first, other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
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
    /// Groups that were counted lately, each in the place that the hash of its name gives it.
    #[serde(skip)]
    lately: Vec<usize>,
}

/// Places of groups that were counted lately.
const LATELY: usize = 64;

impl Groups {
    /// Counts a record that is a request with a status; says whether it failed.
    pub fn count(&mut self, record: &Record<'_>, stamp: Stamp) -> bool {
        let Some((http, status)) = record.http.as_ref().and_then(|http| Some((http, http.status?))) else { return false };
        let path = http.path.as_deref().unwrap_or("");
        let failed = status >= 500;
        let place = record.place;
        let group = self.group(path, stamp.basis, place);
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
                tally.see_failed(((place, stamp, took), (place, stamp, took)));
            }
        });
        failed
    }

    /// The group of a path, or that of all further ones.
    fn group(&mut self, path: &str, basis: Basis, place: RecordRef) -> Option<&mut Requests> {
        // Most records that are requests say no path, one after the other.
        let is_near = path.is_empty() && self.kept.get(self.near).is_some_and(|(_, name, _)| name == "/");
        if is_near {
            return self.nearest();
        }
        let group = Group::of(path);
        let lately = group.head(path).map(|head| hash_of(head.as_bytes()) as usize % LATELY);
        if let Some(at) = lately.and_then(|place| self.lately.get(place))
            && self.kept.get(*at).is_some_and(|(_, name, _)| group.is_named(path, name))
        {
            self.near = *at;
            return self.nearest();
        }
        group.write(path, &mut self.buffer);
        let hash = FixedState::default().hash_one(&self.buffer);
        let fresh = || Requests { bins: Bins::new(BINS), basis, first: place };
        match self.index.get(&hash) {
            Some(at) => self.near = *at,
            None if self.takes(hash) => self.keep(hash, self.buffer.clone(), fresh()),
            None => return Some(self.rest.get_or_insert_with(fresh)),
        }
        if let Some(place) = lately {
            self.lately.resize(LATELY, 0);
            self.lately[place] = self.near;
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
    Group::of(path).write(path, &mut group);
    group
}

/// The segments of a path that make its group.
struct Group {
    kept: usize,
    segments: [(usize, usize); 2],
    /// There are others behind them.
    is_longer: bool,
}

impl Group {
    fn of(path: &str) -> Group {
        let bytes = path.as_bytes();
        let mut signs = Signs::of(bytes, 0);
        let mut group = Group { kept: 0, segments: [(0, 0); 2], is_longer: false };
        let mut at = 0;
        loop {
            while bytes.get(at) == Some(&b'/') {
                at += 1;
            }
            if bytes.get(at).is_none_or(|byte| matches!(byte, b'?' | b'#')) {
                return group;
            }
            let (end, has_digits) = signs.segment(bytes, at);
            let fits = end - at <= 40 && !has_digits || is_version(&bytes[at..end]);
            match group.segments.get_mut(group.kept).filter(|_| fits) {
                Some(segment) => *segment = (at, end),
                None => {
                    group.is_longer = true;
                    return group;
                }
            }
            group.kept += 1;
            at = end;
        }
    }

    /// The beginning of the path that is the beginning of the name as well, where it is: nothing stands between its segments.
    fn head<'p>(&self, path: &'p str) -> Option<&'p str> {
        let [(first, end), (second, last)] = self.segments;
        match self.kept {
            0 => None,
            1 => path.get(..end).filter(|_| first == 1),
            _ => path.get(..last).filter(|_| first == 1 && second == end + 1),
        }
    }

    fn is_named(&self, path: &str, name: &str) -> bool {
        let rest = self.head(path).and_then(|head| name.strip_prefix(head));
        rest == Some(if self.is_longer { "/*" } else { "" })
    }

    fn write(&self, path: &str, name: &mut String) {
        name.clear();
        for (from, to) in &self.segments[..self.kept] {
            name.push('/');
            name.push_str(&path[*from..*to]);
        }
        if self.is_longer {
            name.push_str("/*");
        }
        if name.is_empty() {
            name.push('/');
        }
    }
}

/// Where the signs of a part of a path are, one bit for each byte.
struct Signs {
    from: usize,
    /// `/`, `?` and `#`, and what is no byte of the path.
    ends: u32,
    digits: u32,
}

/// Bytes that are looked at together.
const CHUNK: usize = 16;

impl Signs {
    fn of(path: &[u8], from: usize) -> Signs {
        let (rest, mut chunk) = (path.get(from..).unwrap_or_default(), [b'/'; CHUNK]);
        match rest.first_chunk() {
            Some(whole) => chunk = *whole,
            None => chunk[..rest.len()].copy_from_slice(rest),
        }
        let bytes = u8x16::new(chunk);
        let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
        // Smaller ones wrap around and are large.
        let number = bytes - u8x16::splat(b'0');
        let digits = number.min(u8x16::splat(9)).simd_eq(number).to_bitmask();
        Signs { from, ends: (is(b'/') | is(b'?') | is(b'#')).to_bitmask(), digits }
    }

    /// Where the segment ends that begins at a place, and whether it has digits. Places are asked for as they follow each other.
    fn segment(&mut self, path: &[u8], at: usize) -> (usize, bool) {
        let (mut at, mut has_digits) = (at, false);
        loop {
            if at >= self.from + CHUNK {
                *self = Signs::of(path, at);
            }
            let (ends, digits) = (self.ends >> (at - self.from), self.digits >> (at - self.from));
            let before = ends & ends.wrapping_neg();
            has_digits |= digits & before.wrapping_sub(1) != 0;
            match ends {
                0 => at = self.from + CHUNK,
                ends => return (at + ends.trailing_zeros() as usize, has_digits),
            }
        }
    }
}

fn is_version(segment: &[u8]) -> bool {
    matches!(segment, [b'v', number @ ..] if number.len() <= 2 && number.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn a_group_is_what_a_look_at_each_byte_makes_of_the_path(path in "/{0,2}[a-z0-9é?#/]{0,70}|(/[a-z]{1,20}[0-9]?){0,4}") {
            let end = path.find(['?', '#']).unwrap_or(path.len());
            let segments = path[..end].split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>();
            let is_kept = |segment: &&&str| segment.len() <= 40 && !segment.bytes().any(|b| b.is_ascii_digit()) || is_version(segment.as_bytes());
            let kept = segments.iter().take_while(is_kept).take(2).collect::<Vec<_>>();
            let more = if kept.len() < segments.len() { "/*" } else { "" };
            let group = kept.iter().map(|segment| format!("/{segment}")).collect::<String>() + more;
            prop_assert_eq!(path_group(&path), if group.is_empty() { "/".to_string() } else { group });
        }
    }
}

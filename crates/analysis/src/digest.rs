//! What is kept of a stream: counts by pattern, service, level and time; requests; a few exemplars; trace links; and
//! the typed events of documents. A stream is read once and never held, so the size of a digest depends on the number
//! of patterns and bins, not on the number of lines: every collection here is capped, and what is over a cap is counted.
//!
//! Caps keep what a fixed rule chooses (first by place, smallest by hash), never what came first in time of execution.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Basis, Event, Record, RecordRef, Sink, SourceId, Stamp};
use foldhash::fast::FixedState;
use std::hash::BuildHasher;

use crate::bins::{Bins, Tally};
use crate::dates::Dates;
use crate::mask::mask;
use crate::stray::{Days, Strays};

mod pattern;

pub use pattern::{Exemplar, Pattern};

const MAX_EXEMPLARS: usize = 3;
const MAX_TEXT: usize = 4_000;
const PATTERN_BINS: usize = 400;
const REQUEST_BINS: usize = 8_000;
const MAX_PATHS: usize = 48;
const MAX_TRACES: usize = 4_096;
const MAX_USERS: usize = 200_000;

/// The digest of one source.
pub struct Digest {
    pub source: SourceId,
    pub name: String,
    pub patterns: Vec<Pattern>,
    /// What is beyond the caps.
    pub others: Others,
    /// Requests by group of paths.
    pub requests: BTreeMap<String, Requests>,
    pub records: u64,
    /// Records that only quote others (pasted into a conversation): they say nothing of whose log the source is.
    pub quotes: u64,
    pub stamped: u64,
    pub first: Option<(Stamp, RecordRef)>,
    pub last: Option<(Stamp, RecordRef)>,
    /// The commonest basis of its stamps decides how the source's time is read.
    pub bases: BTreeMap<Basis, u64>,
    pub dates: Dates,
    pub services: BTreeMap<String, u64>,
    pub instances: BTreeMap<String, u64>,
    /// By hash of the trace id: first and last stamp in this source, and the first place.
    pub traces: BTreeMap<u64, TraceLink>,
    pub events: Vec<Event>,
    /// Distinct users among failed requests, by hash.
    pub failed_users: BTreeSet<u64>,
    /// Peers named in fields (`upstream`, `provider`, `peer.service`), with counts.
    pub peers: BTreeMap<String, u64>,
    days: Days,
    index: std::collections::HashMap<u64, usize, FixedState>,
    masked: String,
    near: Option<Stamp>,
}

/// Records that are counted, but not told apart from others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Others {
    /// With a pattern beyond the cap.
    pub patterns: u64,
    /// With the name of a service or instance beyond the cap.
    pub names: u64,
    /// The first of them; 0 without any.
    pub line: u64,
}

impl Others {
    fn at(&mut self, line: u64) {
        self.line = if self.line == 0 { line } else { self.line };
    }
}

#[derive(Debug, Clone, Copy)]
pub struct TraceLink {
    pub first: Stamp,
    pub last: Stamp,
    pub place: RecordRef,
}

/// Requests of one group of paths over time.
#[derive(Debug, Clone)]
pub struct Requests {
    pub bins: Bins<RequestTally>,
    pub basis: Basis,
}

#[derive(Debug, Clone, Default, PartialEq)]
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

impl Digest {
    /// Patterns, and names of services or instances, that are told apart.
    pub const PATTERNS: usize = 4_000;
    pub const NAMES: usize = 256;

    pub fn new(source: SourceId, name: &str) -> Digest {
        Digest {
            source,
            name: name.to_string(),
            patterns: Vec::new(),
            others: Others::default(),
            requests: BTreeMap::new(),
            records: 0,
            quotes: 0,
            stamped: 0,
            first: None,
            last: None,
            bases: BTreeMap::new(),
            dates: Dates::default(),
            services: BTreeMap::new(),
            instances: BTreeMap::new(),
            traces: BTreeMap::new(),
            events: Vec::new(),
            failed_users: BTreeSet::new(),
            peers: BTreeMap::new(),
            days: Days::default(),
            index: std::collections::HashMap::with_hasher(FixedState::default()),
            masked: String::new(),
            near: None,
        }
    }

    /// Takes the times of records that are far from all others for no times at all, and says which they are.
    pub fn leave_strays(&mut self) -> Option<Strays> {
        // Beside times without a year, which stand in a year of their own, nothing is far.
        let strays = if self.dates.lacks() { None } else { self.days.strays() }?;
        let (from, to) = (strays.rest.first.0.micros, strays.rest.last.0.micros);
        (self.first, self.last) = (Some(strays.rest.first), Some(strays.rest.last));
        self.patterns.iter_mut().for_each(|pattern| pattern.keep(&strays.rest));
        self.requests.values_mut().for_each(|requests| requests.bins.keep(from, to));
        self.traces.retain(|_, link| strays.rest.holds(link.first) && strays.rest.holds(link.last));
        Some(strays)
    }

    /// The kind of time that most of its stamps have.
    pub fn basis(&self) -> Option<Basis> {
        self.bases.iter().max_by_key(|(_, n)| **n).map(|(b, _)| *b)
    }

    /// The service that most of its records name.
    pub fn main_service(&self) -> Option<&str> {
        self.services.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map(|(s, _)| s.as_str())
    }

    /// Places that may be cited, with the time that each record itself states.
    pub fn stamps(&self) -> Vec<(RecordRef, Stamp)> {
        let mut stamps: Vec<(RecordRef, Stamp)> = Vec::new();
        for pattern in &self.patterns {
            let all = [&pattern.first, &pattern.last].into_iter().chain(&pattern.exemplars);
            stamps.extend(all.filter(|e| e.own_stamp).filter_map(|e| Some((e.place, e.stamp?))));
        }
        for (_, tally) in self.requests.values().flat_map(|r| r.bins.written()) {
            stamps.extend([tally.first_failed, tally.last_failed].into_iter().flatten().map(|(place, stamp, _)| (place, stamp)));
        }
        stamps.extend(self.traces.values().map(|l| (l.place, l.first)));
        stamps.extend(self.first.into_iter().chain(self.last).map(|(s, p)| (p, s)));
        stamps
    }

    fn pattern(&mut self, record: &Record<'_>, stamp: Option<Stamp>) {
        mask(&record.message, &mut self.masked);
        let state = FixedState::default();
        let key = state.hash_one((&self.masked, record.level, record.service.as_deref()));
        if let Some(&index) = self.index.get(&key) {
            self.patterns[index].count(record, stamp);
        } else if self.patterns.len() < Self::PATTERNS {
            self.index.insert(key, self.patterns.len());
            self.patterns.push(Pattern::new(self.masked.clone(), record, stamp));
        } else {
            self.others.patterns += 1;
            self.others.at(record.place.line);
        }
    }

    fn request(&mut self, record: &Record<'_>, stamp: Stamp) {
        let Some(http) = &record.http else { return };
        let Some(status) = http.status else { return };
        let group = path_group(http.path.as_deref().unwrap_or(""));
        let group = if self.requests.contains_key(&group) || self.requests.len() < MAX_PATHS { group } else { "*".into() };
        let requests =
            self.requests.entry(group).or_insert_with(|| Requests { bins: Bins::new(REQUEST_BINS), basis: stamp.basis });
        let failed = status >= 500;
        let took = http.duration_ms.unwrap_or(0.0).clamp(0.0, 3.6e6) as u64;
        let mark = failed.then_some((record.place, stamp, took));
        let tally = RequestTally {
            total: 1,
            failed: u64::from(failed),
            first_failed: mark,
            last_failed: mark,
            first: Some(record.place),
        };
        requests.bins.count(stamp.micros, &tally);
        if failed
            && let Some(user) = &record.user
            && self.failed_users.len() < MAX_USERS
        {
            self.failed_users.insert(FixedState::default().hash_one(user.as_ref()));
        }
    }

    fn trace(&mut self, id: &str, stamp: Stamp, place: RecordRef) {
        let key = FixedState::default().hash_one(id);
        if self.traces.len() >= MAX_TRACES && self.traces.last_key_value().is_some_and(|(last, _)| key > *last) {
            return;
        }
        let link = self.traces.entry(key).or_insert(TraceLink { first: stamp, last: stamp, place });
        link.first = link.first.min(stamp);
        link.last = link.last.max(stamp);
        if self.traces.len() > MAX_TRACES {
            self.traces.pop_last();
        }
    }

    fn names(&mut self, record: &Record<'_>) {
        let service = record.service.as_deref().is_none_or(|name| tally(&mut self.services, name, Self::NAMES));
        let instance = record.instance.as_deref().is_none_or(|name| tally(&mut self.instances, name, Self::NAMES));
        if !service || !instance {
            self.others.names += 1;
            self.others.at(record.place.line);
        }
        for (key, value) in &record.fields {
            if is_peer_key(key) && value.len() <= 80 {
                tally(&mut self.peers, value, 64);
            }
        }
    }
}

impl Sink for Digest {
    fn record(&mut self, record: &Record<'_>) {
        self.records += 1;
        if record.field("via") == Some("chat") {
            self.quotes += 1;
            return self.pattern(record, None);
        }
        if let Some(stamp) = record.stamp {
            self.stamped += 1;
            *self.bases.entry(stamp.basis).or_default() += 1;
            self.dates.see(stamp);
            self.days.see(stamp, record.place);
            self.near = Some(stamp);
            if self.first.is_none_or(|(first, _)| stamp < first) {
                self.first = Some((stamp, record.place));
            }
            if self.last.is_none_or(|(last, _)| stamp > last) {
                self.last = Some((stamp, record.place));
            }
            self.request(record, stamp);
            if let Some(trace) = &record.trace {
                self.trace(trace, stamp, record.place);
            }
        }
        self.names(record);
        self.pattern(record, record.stamp.or(self.near));
    }

    fn event(&mut self, event: Event) {
        event.stamp.into_iter().for_each(|stamp| self.dates.see(stamp));
        self.events.push(event);
    }
}

/// Counts a name; false when it is beyond the cap.
fn tally(counts: &mut BTreeMap<String, u64>, name: &str, max: usize) -> bool {
    if let Some(count) = counts.get_mut(name) {
        *count += 1;
    } else if counts.len() < max {
        counts.insert(name.to_string(), 1);
    } else {
        return false;
    }
    true
}

/// Fields by which a record names the other side of a call.
fn is_peer_key(key: &str) -> bool {
    matches!(
        key,
        "upstream"
            | "upstream.host"
            | "upstream_host"
            | "upstream_service"
            | "provider"
            | "peer"
            | "peer.service"
            | "peer_service"
            | "target"
            | "downstream"
            | "dependency"
            | "db.system"
            | "server.address"
            | "net.peer.name"
            | "topic"
            | "rpc.service"
            | "application"
    )
}

/// The group of a path: its first segments up to two, as far as they hold no digits. A group that stands for longer
/// paths ends in `/*`, so that it can be read as a filter.
pub fn path_group(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or("");
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let kept: Vec<&str> = segments
        .iter()
        .take(2)
        .take_while(|s| s.len() <= 40 && !s.bytes().any(|b| b.is_ascii_digit()) || is_version(s))
        .copied()
        .collect();
    let mut group = String::new();
    for segment in &kept {
        group.push('/');
        group.push_str(segment);
    }
    if kept.len() < segments.len() {
        group.push_str("/*");
    }
    if group.is_empty() { "/".into() } else { group }
}

fn is_version(segment: &str) -> bool {
    segment.len() <= 3 && segment.starts_with('v') && segment[1..].bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use evidence::Level;

    use super::*;

    #[test]
    fn what_is_quoted_in_a_chat_makes_it_nobodys_log() {
        let source = SourceId { input: 0, entry: 0 };
        let record = Record {
            place: RecordRef { source, start: 0, end: 9, line: 1, last_line: 1 },
            stamp: None,
            stamp_text: None,
            level: Some(Level::Error),
            service: Some("cart".into()),
            instance: None,
            message: "pool is exhausted".into(),
            trace: None,
            http: None,
            user: None,
            format: "text",
            fields: vec![("via".into(), "chat".into())],
        };
        let mut digest = Digest::new(source, "inc-7/2025-01-01.json");
        digest.record(&record);
        assert_eq!((digest.records, digest.quotes, digest.services.len(), digest.patterns.len()), (1, 1, 0, 1));
        assert_eq!(crate::entities::Entities::build(&[digest]).of_source(source), None);
    }

    #[test]
    fn paths_are_grouped_by_what_is_no_id_and_read_as_a_filter() {
        assert_eq!(path_group("/checkout"), "/checkout");
        assert_eq!(path_group("/checkout/pay?x=1"), "/checkout/pay");
        assert_eq!(path_group("/v1/accounts/86750/balance"), "/v1/accounts/*");
        assert_eq!(path_group("/products/8126"), "/products/*");
        assert_eq!(path_group("/8126"), "/*");
        assert_eq!(path_group(""), "/");
    }
}

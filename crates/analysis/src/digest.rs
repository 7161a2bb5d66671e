//! What is kept of a stream: counts by pattern, service, level and time; requests; a few exemplars; trace links; and
//! the typed events of documents. A stream is read once and never held, so the size of a digest depends on the number
//! of patterns and bins, not on the number of lines: every collection here is capped, and what is over a cap is counted.
//!
//! Caps keep what a fixed rule chooses (first by place, smallest by hash), never what came first in time of execution.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use evidence::{Basis, Event, Record, RecordRef, Sink, SourceId, Stamp};
use foldhash::fast::FixedState;

use crate::dates::Dates;
use crate::mask::mask;
use crate::stray::{Days, Strays};

mod again;
mod begins;
mod bytes;
mod course;
mod exemplar;
mod links;
mod names;
mod near;
mod pattern;
mod requests;
mod shelf;
mod table;

use again::{Again, Found};
pub use bytes::Unreadable;
use course::Course;
pub use exemplar::Exemplar;
use links::Links;
pub use links::TraceLink;
use names::Names;
pub use names::Others;
pub use pattern::Pattern;
use pattern::Time;
pub use requests::{RequestTally, Requests, path_group};
use serde::{Deserialize, Serialize};
use table::Table;

const MAX_EXEMPLARS: usize = 3;
const MAX_TEXT: usize = 4_000;
const PATTERN_BINS: usize = 400;
/// Bins of a kind in which the first record is kept: each takes ten times what a count takes.
const PATTERN_BEGINS: usize = 8;
const MAX_USERS: usize = 200_000;
const MAX_PEERS: usize = 64;

/// The digest of one source, or of a part of it: digests of parts are joined in any order, and what comes out is the
/// digest of the whole, whatever the parts were.
#[derive(Serialize, Deserialize)]
pub struct Digest {
    pub source: SourceId,
    pub name: String,
    /// In the order in which they begin. Like all that is public here but the counts, known only when it is settled.
    pub patterns: Vec<Pattern>,
    /// Records of kinds beyond the bound, and of names beyond theirs.
    pub other_patterns: Others,
    pub other_names: Others,
    /// Requests by group of paths.
    pub requests: BTreeMap<String, Requests>,
    pub records: u64,
    /// Records that only quote others (pasted into a conversation): they say nothing of whose log the source is.
    pub quotes: u64,
    pub stamped: u64,
    pub first: Option<(Stamp, RecordRef)>,
    pub last: Option<(Stamp, RecordRef)>,
    pub dates: Dates,
    pub services: BTreeMap<String, u64>,
    pub instances: BTreeMap<String, u64>,
    /// By hash of the trace id: first and last stamp in this source, and the first place.
    pub traces: BTreeMap<u64, TraceLink>,
    pub events: Vec<Event>,
    /// Distinct users among failed requests.
    pub failed_users: u64,
    /// Peers named in fields (`upstream`, `provider`, `peer.service`), with counts.
    pub peers: BTreeMap<String, u64>,
    /// Seconds east of UTC that its first time writes, and where: what a house sets its machines to.
    pub written_zone: Option<(RecordRef, i64)>,
    /// The commonest basis of its stamps decides how the source's time is read.
    bases: [u64; BASES.len()],
    counting: Counting,
}

const BASES: [Basis; 7] =
    [Basis::Zoned, Basis::Epoch, Basis::Civil, Basis::CivilNoYear, Basis::ClockOnly, Basis::ZonedNoYear, Basis::ZonedClock];

/// What is being counted.
#[derive(Serialize, Deserialize)]
struct Counting {
    table: Table,
    requests: requests::Groups,
    services: Names,
    instances: Names,
    peers: Names,
    traces: Links,
    users: Users,
    days: Days,
    #[serde(skip)]
    again: Again,
    #[serde(skip)]
    masked: String,
    #[serde(skip)]
    near: Option<(Stamp, RecordRef)>,
    /// Records with a time that are not counted yet.
    #[serde(skip)]
    course: Option<Course>,
}

/// Hashes of users, each as often as it came until there are so many that they are sorted out: the smallest are kept.
#[derive(Default, Serialize, Deserialize)]
struct Users(Vec<u64>);

impl Users {
    fn add(&mut self, user: u64) {
        self.0.push(user);
        if self.0.len() >= 2 * MAX_USERS {
            self.sort_out();
        }
    }

    fn sort_out(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
        self.0.truncate(MAX_USERS);
    }

    fn told(mut self) -> u64 {
        self.sort_out();
        self.0.len() as u64
    }
}

impl Digest {
    /// Patterns, and names of services or instances, that are told apart.
    pub const PATTERNS: usize = table::MOST;
    pub const NAMES: usize = 256;

    pub fn new(source: SourceId, name: &str) -> Digest {
        Digest {
            source,
            name: name.to_string(),
            patterns: Vec::new(),
            other_patterns: Others::default(),
            other_names: Others::default(),
            requests: BTreeMap::new(),
            records: 0,
            quotes: 0,
            stamped: 0,
            first: None,
            last: None,
            dates: Dates::default(),
            services: BTreeMap::new(),
            instances: BTreeMap::new(),
            traces: BTreeMap::new(),
            events: Vec::new(),
            failed_users: 0,
            peers: BTreeMap::new(),
            written_zone: None,
            bases: [0; BASES.len()],
            counting: Counting {
                table: Table::default(),
                requests: requests::Groups::default(),
                services: Names::new(Self::NAMES),
                instances: Names::new(Self::NAMES),
                peers: Names::new(MAX_PEERS),
                traces: Links::default(),
                users: Users::default(),
                days: Days::default(),
                again: Again::default(),
                masked: String::new(),
                near: None,
                course: None,
            },
        }
    }

    /// Everything was counted: what was found is told.
    pub fn settled(mut self) -> Digest {
        self.end_course();
        let fresh = Digest::new(self.source, "").counting;
        let counting = std::mem::replace(&mut self.counting, fresh);
        (self.patterns, self.other_patterns) = counting.table.told();
        self.requests = counting.requests.told();
        (self.services, self.other_names) = counting.services.told();
        let instances;
        (self.instances, instances) = counting.instances.told();
        self.other_names.join(instances);
        self.peers = counting.peers.told().0;
        self.traces = counting.traces.into();
        self.failed_users = counting.users.told();
        self.counting.days = counting.days;
        self
    }

    /// Takes the times of records that are far from all others for no times at all, and says which they are.
    pub fn leave_strays(&mut self) -> Option<Strays> {
        // Beside times without a year, which stand in a year of their own, nothing is far.
        let strays = if self.dates.lacks() { None } else { self.counting.days.strays() }?;
        let (from, to) = (strays.rest.first.0.micros, strays.rest.last.0.micros);
        (self.first, self.last) = (Some(strays.rest.first), Some(strays.rest.last));
        self.patterns.iter_mut().for_each(|pattern| pattern.keep(&strays.rest));
        self.requests.values_mut().for_each(|requests| requests.bins.keep(from, to));
        self.traces.retain(|_, link| strays.rest.holds(link.first) && strays.rest.holds(link.last));
        Some(strays)
    }

    /// The kind of time that most of its stamps have.
    pub fn basis(&self) -> Option<Basis> {
        BASES.into_iter().zip(self.bases).filter(|(_, n)| *n > 0).max_by_key(|(_, n)| *n).map(|(basis, _)| basis)
    }

    /// The service that most of its records name.
    pub fn main_service(&self) -> Option<&str> {
        self.services.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map(|(s, _)| s.as_str())
    }

    /// Places that may be cited, with the time that each record itself states.
    pub fn stamps(&self) -> impl Iterator<Item = (RecordRef, Stamp)> {
        let kept = self.patterns.iter().flat_map(|pattern| {
            let shown = [&pattern.first].into_iter().chain(&pattern.exemplars).map(Exemplar::mark);
            shown.chain([pattern.last]).filter_map(|mark| mark.dated())
        });
        let tallies = self.requests.values().flat_map(|requests| requests.bins.written());
        let failed = tallies.flat_map(|(_, tally)| [tally.first_failed(), tally.last_failed()]).flatten();
        let traces = self.traces.values().map(|link| (link.place, link.first));
        let ends = self.first.into_iter().chain(self.last).map(|(stamp, place)| (place, stamp));
        kept.chain(failed.map(|(place, stamp, _)| (place, stamp))).chain(traces).chain(ends)
    }

    /// The hash of its service is given.
    fn pattern(&mut self, record: &Record<'_>, time: Time, service: Option<u64>) {
        let Counting { table, again, masked, .. } = &mut self.counting;
        let found = again.find(&record.message);
        if let Found::Mask(hash) = found
            && table.count_known((hash, service), record, time)
        {
            return;
        }
        mask(&record.message, masked);
        table.count((masked, service), record, time);
        if let Found::Skeleton(hash) = found {
            again.keep(hash, (&record.message, masked));
        }
    }

    /// Counts the records whose times rise up to the last one.
    fn end_course(&mut self) {
        let Some(Course { records, first, last, .. }) = self.counting.course.take() else { return };
        self.stamped += records;
        self.bases[last.0.basis as usize] += records;
        self.dates.see_all(last.0, records);
        self.counting.days.see_all(first, last, records);
        self.first = earliest(self.first, Some(first));
        self.last = latest(self.last, Some(last));
    }

    fn request(&mut self, record: &Record<'_>, stamp: Stamp) {
        let failed = self.counting.requests.count(record, stamp);
        if let (true, Some(user)) = (failed, &record.user) {
            self.counting.users.add(FixedState::default().hash_one(user.as_ref()));
        }
    }

    fn names(&mut self, record: &Record<'_>, service: Option<u64>) {
        let line = record.place.line;
        if let Some((hash, service)) = service.zip(record.service.as_deref()) {
            self.counting.services.count_hashed((hash, service), line);
        }
        if let Some(instance) = &record.instance {
            self.counting.instances.count(instance, line);
        }
        // An address says nothing of who serves; a balancer names the backend before it.
        let upstream = record.http.as_ref().and_then(|http| http.upstream.as_deref());
        if let Some(upstream) = upstream.filter(|u| crate::entities::backend(u).is_some()) {
            self.counting.peers.count(upstream, line);
        }
        for (key, value) in &record.fields {
            if is_peer_key(key) && value.len() <= 80 {
                self.counting.peers.count(value, line);
            }
        }
    }
}

/// The zone at the end of a time: `+01:00`, `-0500`, `Z`, `UTC`.
fn zone_in(time: &str) -> Option<i64> {
    let time = time.trim_end_matches([']', ')', '"']);
    if ["Z", "UTC", "GMT"].iter().any(|zone| time.ends_with(zone)) {
        return Some(0);
    }
    let at = time.rfind(['+', '-', '−'])?;
    let sign = if time[at..].starts_with('+') { 1 } else { -1 };
    let digits: Vec<i64> = time[at..].chars().filter_map(|c| c.to_digit(10).map(i64::from)).collect();
    let is_time_of_day = time[..at].contains(':');
    match digits.as_slice() {
        [a, b, c, d] if is_time_of_day => Some(sign * ((a * 10 + b) * 3_600 + (c * 10 + d) * 60)),
        [a, b] if is_time_of_day => Some(sign * (a * 10 + b) * 3_600),
        _ => None,
    }
}

impl Sink for Digest {
    fn record(&mut self, record: &Record<'_>) {
        self.records += 1;
        let service = record.service.as_ref().map(|service| again::hash_of(service.as_bytes()));
        if record.field("via") == Some("chat") {
            self.quotes += 1;
            return self.pattern(record, Time { stamp: None, lent: None }, service);
        }
        if let Some(stamp) = record.stamp {
            let at = (stamp, record.place);
            self.counting.near = Some(at);
            if self.written_zone.is_none() && stamp.basis == Basis::Zoned {
                self.written_zone = record.stamp_text.as_deref().and_then(zone_in).map(|zone| (record.place, zone));
            }
            if !self.counting.course.as_mut().is_some_and(|course| course.takes(at)) {
                self.end_course();
                self.counting.course = Some(Course::of(at));
            }
            self.request(record, stamp);
            if let Some(trace) = record.trace.as_deref().or_else(|| request_id(record)) {
                self.counting.traces.see(FixedState::default().hash_one(trace), stamp, record.place);
            }
        }
        self.names(record, service);
        let time = match (record.stamp, self.counting.near) {
            (None, Some((stamp, place))) => Time { stamp: Some(stamp), lent: Some(place) },
            (stamp, _) => Time { stamp, lent: None },
        };
        self.pattern(record, time, service);
    }

    fn event(&mut self, event: Event) {
        event.stamp.into_iter().for_each(|stamp| self.dates.see(stamp));
        self.events.push(event);
    }

    fn end(&mut self) {
        // What only makes counting faster is as large as the counts of many sources.
        (self.counting.again, self.counting.masked) = (Again::default(), String::new());
        self.counting.table.end();
    }

    fn joins(&self) -> bool {
        true
    }

    fn end_part(&mut self) {
        self.end_course();
        self.counting.table.settle();
    }

    fn join(&mut self, mut other: Digest) {
        self.end_part();
        other.end_part();
        self.written_zone = match (self.written_zone, other.written_zone) {
            (Some(own), Some(others)) => Some(own.min(others)),
            (own, others) => own.or(others),
        };
        self.records += other.records;
        self.quotes += other.quotes;
        self.stamped += other.stamped;
        self.first = earliest(self.first, other.first);
        self.last = latest(self.last, other.last);
        self.bases.iter_mut().zip(other.bases).for_each(|(mine, theirs)| *mine += theirs);
        self.dates.join(other.dates);
        self.events.extend(other.events);
        self.events.sort_by_key(|event| event.place);
        let (mine, theirs) = (&mut self.counting, other.counting);
        mine.table.join(theirs.table);
        mine.requests.join(theirs.requests);
        mine.services.join(theirs.services);
        mine.instances.join(theirs.instances);
        mine.peers.join(theirs.peers);
        mine.traces.join(theirs.traces);
        mine.days.join(&theirs.days);
        theirs.users.0.into_iter().for_each(|user| mine.users.add(user));
    }
}

type Mark = Option<(Stamp, RecordRef)>;

/// The earlier of two; one that lacks its year or day only where no other is known, for it stands in a year of its own.
fn earliest(one: Mark, other: Mark) -> Mark {
    one.into_iter().chain(other).min_by_key(|(stamp, place)| (stamp.basis.is_partial(), *stamp, *place))
}

fn latest(one: Mark, other: Mark) -> Mark {
    one.into_iter().chain(other).max_by_key(|(stamp, place)| (!stamp.basis.is_partial(), *stamp, *place))
}

/// The id of a request where frameworks and balancers put one without a name: in brackets before the message, or among
/// captured headers (`{a|b}`).
fn request_id<'r>(record: &'r Record<'_>) -> Option<&'r str> {
    let tag = record.message.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(tag, _)| tag);
    let captured = || {
        let (_, rest) = record.field("extra")?.split_once('{')?;
        rest.split_once('}')?.0.split('|').find(|part| is_uuid(part))
    };
    tag.filter(|tag| is_uuid(tag)).or_else(captured)
}

fn is_uuid(text: &str) -> bool {
    let is_one = |(at, b): (usize, u8)| if [8, 13, 18, 23].contains(&at) { b == b'-' } else { b.is_ascii_hexdigit() };
    text.len() == 36 && text.bytes().enumerate().all(is_one)
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
        let digest = digest.settled();
        assert_eq!((digest.records, digest.quotes, digest.services.len(), digest.patterns.len()), (1, 1, 0, 1));
        assert_eq!(crate::entities::Entities::build(&[digest]).of_source(source), None);
    }
}

//! One kind of message of a source: how often it came and when, with a few of its records.
//!
//! Must never hold more of a record than is bounded here. What breaks it: records of one kind whose words differ where the
//! mask does not; the few that are kept stand for all.

use evidence::{Basis, Level, Moment, Record, RecordRef, Stamp};
use serde::{Deserialize, Serialize};

use super::begins::{self, Begin};
use super::exemplar::Exemplar;
use super::{MAX_EXEMPLARS, PATTERN_BEGINS, PATTERN_BINS};
use crate::bins::Bins;
use crate::stray::{Span, is_plausible};

/// One kind of message of one service at one level.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pattern {
    pub template: String,
    pub level: Option<Level>,
    pub service: Option<String>,
    pub count: u64,
    /// Up to four billions in each.
    pub bins: Bins<u32>,
    /// Where the first record of each bin stands, of kinds that may be trouble.
    pub begins: Bins<Begin>,
    pub basis: Option<Basis>,
    pub first: Exemplar,
    pub last: Mark,
    /// The first few by place, the very first included.
    pub exemplars: Vec<Exemplar>,
}

/// A record of which only place and time are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub place: RecordRef,
    pub stamp: Option<Stamp>,
    /// The record whose time that is, where it is not its own.
    pub lent: Option<RecordRef>,
}

/// The time of a record: its own, or that of a record before it.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    pub stamp: Option<Stamp>,
    pub lent: Option<RecordRef>,
}

impl Time {
    pub fn own(stamp: Stamp) -> Time {
        Time { stamp: Some(stamp), lent: None }
    }

    fn mark(self, place: RecordRef) -> Mark {
        Mark { place, stamp: self.stamp, lent: self.lent }
    }
}

impl Mark {
    /// The record that has the time, with it.
    pub fn dated(&self) -> Option<(RecordRef, Stamp)> {
        Some((self.lent.unwrap_or(self.place), self.stamp?))
    }
}

impl Pattern {
    pub fn new(template: String, record: &Record<'_>, time: Time) -> Pattern {
        let last = time.mark(record.place);
        let mut pattern = Pattern {
            template,
            level: record.level,
            service: record.service.as_deref().map(str::to_string),
            count: 0,
            bins: Bins::new(PATTERN_BINS),
            begins: Bins::new(PATTERN_BEGINS),
            basis: time.stamp.map(|s| s.basis),
            first: Exemplar::new(record, time),
            last,
            exemplars: Vec::new(),
        };
        pattern.count(record, time);
        pattern
    }

    pub fn count(&mut self, record: &Record<'_>, time: Time) {
        self.count += 1;
        if let Some(stamp) = time.stamp {
            self.bins.count(stamp.micros, &1);
            if time.lent.is_none() && self.keeps_begins() {
                Begin::of(record.place, stamp.micros).into_iter().for_each(|begin| self.see_begin(&begin));
            }
        }
        self.show(record, time);
        self.see(time.mark(record.place));
    }

    pub fn keeps_begins(&self) -> bool {
        begins::are_kept(self.level)
    }

    /// A record that may be the first one of its bin.
    pub fn see_begin(&mut self, begin: &Begin) {
        self.begins.count(begin.micros, begin);
    }

    /// So many records within one bin. Whoever adds them says which was the last, by [`Pattern::see`].
    pub fn add(&mut self, count: u32, second: i64) {
        self.count += u64::from(count);
        self.bins.count(second.saturating_mul(Moment::SECOND), &count);
    }

    /// Keeps a record where it is one of those that are shown. Records come in the order in which they stand.
    pub fn show(&mut self, record: &Record<'_>, time: Time) {
        let (is_shown, is_first) = (self.exemplars.len() < MAX_EXEMPLARS, is_earlier((time.stamp, record.place), &self.first));
        if !is_shown && !is_first {
            return;
        }
        let is_known = record.place == self.first.place;
        let shown = if is_known { self.first.clone() } else { Exemplar::new(record, time) };
        if is_first {
            self.first = shown.clone();
        }
        if is_shown {
            self.exemplars.push(shown);
        }
    }

    /// A record that may be the last one.
    pub fn see(&mut self, mark: Mark) {
        if is_later((mark.stamp, mark.place), &self.last) {
            self.last = mark;
        }
    }

    /// Adds what was counted of the same kind elsewhere.
    pub fn join(&mut self, other: &mut Pattern) {
        self.count += other.count;
        self.bins.join(&other.bins);
        self.begins.join(&other.begins);
        if other.begin() < self.begin() {
            self.basis = other.basis.or(self.basis);
        }
        self.basis = self.basis.or(other.basis);
        self.exemplars.append(&mut other.exemplars);
        self.exemplars.sort_by_key(|e| e.place);
        other.exemplars.extend(self.exemplars.drain(self.exemplars.len().min(MAX_EXEMPLARS)..));
        if is_earlier((other.first.stamp, other.first.place), &self.first) {
            std::mem::swap(&mut self.first, &mut other.first);
        }
        if is_later((other.last.stamp, other.last.place), &self.last) {
            std::mem::swap(&mut self.last, &mut other.last);
        }
    }

    /// The first record of each bin, where it is known.
    pub fn begun(&self) -> impl Iterator<Item = (Stamp, RecordRef)> {
        let source = self.first.place.source;
        let begun = move |basis, begin: &Begin| Some((Stamp::new(begin.micros, basis), begin.place(source)?));
        let basis = self.basis.into_iter();
        basis.flat_map(move |basis| self.begins.written().filter_map(move |(_, begin)| begun(basis, begin)))
    }

    /// Where its first record stands.
    pub fn begin(&self) -> RecordRef {
        self.exemplars.first().map_or(self.first.place, |e| e.place)
    }

    pub fn line(&self) -> u64 {
        self.begin().line
    }
}

/// Whether a record comes before the first one that is known: by its time, else by its place. A date of another century
/// is the first or the last only where there is no other.
fn is_earlier((stamp, place): (Option<Stamp>, RecordRef), first: &Exemplar) -> bool {
    match (stamp, first.stamp) {
        (None, None) => place < first.place,
        (None, _) => false,
        (_, None) => true,
        (Some(a), Some(b)) => (!is_plausible(a), a, place) < (!is_plausible(b), b, first.place),
    }
}

fn is_later((stamp, place): (Option<Stamp>, RecordRef), last: &Mark) -> bool {
    match (stamp, last.stamp) {
        (None, None) => place >= last.place,
        (None, _) => false,
        (_, None) => true,
        (Some(a), Some(b)) => (is_plausible(a), a, place) >= (is_plausible(b), b, last.place),
    }
}

impl Pattern {
    /// Forgets the times outside of a span.
    pub fn keep(&mut self, span: &Span) {
        self.bins.keep(span.first.0.micros, span.last.0.micros);
        self.begins.keep(span.first.0.micros, span.last.0.micros);
        let is_far = |e: &Exemplar| e.stamp.is_some_and(|stamp| !span.holds(stamp));
        let near = || self.exemplars.iter().filter(|e| e.stamp.is_some() && !is_far(e));
        let (first, last) = (near().min_by_key(|e| e.stamp).cloned(), near().max_by_key(|e| e.stamp).map(Exemplar::mark));
        if is_far(&self.first) {
            self.first = first.unwrap_or_else(|| self.first.without_time());
        }
        if self.last.stamp.is_some_and(|stamp| !span.holds(stamp)) {
            self.last = last.unwrap_or(Mark { stamp: None, lent: None, ..self.last });
        }
        for exemplar in self.exemplars.iter_mut().filter(|e| is_far(e)) {
            *exemplar = exemplar.without_time();
        }
    }
}

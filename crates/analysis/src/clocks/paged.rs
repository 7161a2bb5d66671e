//! A log without zone beside the pages for its failures.
//!
//! Some whole hour brings nearly any failures into the time that was paged, so a log is shifted only where more speaks for it than
//! that. When it misleads: a log of another day or another incident, whose failures set in where those of this one do.

use std::ops::RangeInclusive;

use evidence::{Basis, Body, Clock, Level, Moment, PageAction};

use super::{candidates, offset_word, span};
use crate::digest::Digest;
use crate::window::is_low;

/// Seconds before a page in which the failures that it is about may begin, and after the end that they may go on.
const BEFORE_PAGE: i64 = 1_800;
const AFTER_END: i64 = 300;
/// Of a hundred failures: so few fall to the time of the pages where the zone is another one, and so many where it is the right one.
const MISSES: u64 = 20;
const FITS: u64 = 80;
/// Failures that a log needs for this.
const MIN_FAILURES: u64 = 20;
/// Seconds before and after a page in which the failures that it is about set in.
const SETS_IN: RangeInclusive<i64> = -1_200..=120;
/// What a tool prints has fewer lines with times than this.
const LOOKED_UP: u64 = 20;
/// Seconds within which the failures of two logs set in, where one has to do with the other.
const TOGETHER: i64 = 120;

/// What the sources say that write their zone, in seconds.
pub struct Stated {
    /// When the first page or alert came and when the last one was over; where no end was written, when these sources end.
    paged: i64,
    ended: i64,
    /// From when until when there are any.
    covered: (i64, i64),
    /// When failures set in in each of them.
    set_in: Vec<i64>,
}

impl Stated {
    /// Nothing where nobody was paged.
    pub fn of(digests: &[Digest], clocks: &[Clock]) -> Option<Stated> {
        let (mut first, mut last): (Option<i64>, Option<i64>) = (None, None);
        let mut covered: Option<(i64, i64)> = None;
        for (digest, clock) in digests.iter().zip(clocks) {
            let at = |stamp| clock.moment(stamp).map(Moment::seconds);
            let whole = span(digest).filter(|span| span.first.basis.is_stated());
            if let Some((from, to)) = whole.and_then(|span| at(span.first).zip(at(span.last))) {
                covered = Some(covered.map_or((from, to), |(first, last)| (first.min(from), last.max(to))));
            }
            for event in &digest.events {
                let Some(at) = event.stamp.filter(|stamp| stamp.basis.is_stated()).and_then(at) else { continue };
                // What nobody has to get up for begins and ends at any time.
                if is_slight(&event.body) {
                    continue;
                }
                match &event.body {
                    Body::Page(page) if page.action == PageAction::Triggered => first = first.into_iter().chain([at]).min(),
                    Body::Page(page) if page.action == PageAction::Resolved => last = last.into_iter().chain([at]).max(),
                    Body::Alert(alert) if alert.firing => first = first.into_iter().chain([at]).min(),
                    Body::Alert(_) => last = last.into_iter().chain([at]).max(),
                    _ => {}
                }
            }
        }
        let (paged, ended) = first.zip(last.or(covered.map(|(_, to)| to))).filter(|(first, last)| first < last)?;
        let zoned = digests.iter().zip(clocks).filter(|(digest, _)| digest.basis().is_some_and(Basis::is_stated));
        let set_in = zoned.filter_map(|(digest, clock)| set_in(&failures(digest, clock))).collect();
        Some(Stated { paged, ended, covered: covered?, set_in })
    }

    /// A few lines that end while the incident was handled, and long before or after it by another clock: somebody looked that up
    /// then, and the tool writes in UTC.
    pub fn was_looked_up(&self, digest: &Digest, offset: i64) -> bool {
        let last = digest.last.map(|(stamp, _)| Moment(stamp.micros).seconds());
        digest.stamped < LOOKED_UP
            && last.is_some_and(|last| self.is_while_handled(last) && !self.is_while_handled(last - offset))
    }

    fn is_while_handled(&self, at: i64) -> bool {
        (self.paged - BEFORE_PAGE..=self.ended + BEFORE_PAGE).contains(&at)
    }

    /// The clock of a log without zone whose failures lie outside of all that was paged, and inside of it when they are shifted. They
    /// have to set in with those of another log, or right before a page for which no other log fails; and the log has to cover more
    /// of the time of the others than before, if its failures alone say so.
    pub fn clock_of(&self, digest: &Digest, base: &Clock) -> Option<Clock> {
        if !matches!(digest.basis(), Some(Basis::Civil | Basis::CivilNoYear)) {
            return None;
        }
        let failures = failures(digest, base);
        let all: u64 = failures.iter().map(|(_, n)| n).sum();
        let inside = |offset: i64| self.inside(&failures, offset);
        if all < MIN_FAILURES || inside(0) * 100 > all * MISSES {
            return None;
        }
        let set_in = set_in(&failures)?;
        let span = span(digest)?;
        let ends = (base.moment(span.first)?.seconds(), base.moment(span.last)?.seconds());
        let is_explained = self.set_in.iter().any(|other| SETS_IN.contains(&(other - self.paged)));
        let may_be = |offset: &i64| {
            let at = set_in - offset;
            let covers = self.overlap(ends, *offset).cmp(&self.overlap(ends, 0));
            let is_due = self.is_together(at) || SETS_IN.contains(&(at - self.paged));
            is_due && (covers.is_gt() || covers.is_eq() && !is_explained)
        };
        let fitting = candidates().filter(|offset| inside(*offset) * 100 >= all * FITS).filter(may_be);
        // What fails together sets in together; a page may come long before or after.
        let best = fitting.min_by_key(|offset| {
            let at = set_in - offset;
            (!self.is_together(at), (at - self.paged).abs(), offset.abs())
        })?;
        Some(Clock {
            offset_s: best,
            zone: offset_word(best),
            basis: "no zone written; shifted so, its failures fall to the time that was paged".into(),
            uncertainty_s: 60,
            ..base.clone()
        })
    }

    /// How many of these failures fall to the time that was paged.
    pub fn inside(&self, failures: &[(i64, u64)], offset: i64) -> u64 {
        let fits = |at: i64| (self.paged - BEFORE_PAGE..=self.ended + AFTER_END).contains(&(at - offset));
        failures.iter().filter(|(at, _)| fits(*at)).map(|(_, n)| n).sum()
    }

    fn is_together(&self, at: i64) -> bool {
        self.set_in.iter().any(|other| (at - other).abs() <= TOGETHER)
    }

    fn overlap(&self, (first, last): (i64, i64), offset: i64) -> i64 {
        ((last - offset).min(self.covered.1) - (first - offset).max(self.covered.0)).max(0)
    }
}

fn is_slight(body: &Body) -> bool {
    match body {
        Body::Page(page) => is_low(page.priority.as_deref()),
        Body::Alert(alert) => is_low(alert.severity.as_deref()),
        _ => false,
    }
}

/// Seconds of the failures and failed requests of a log as its clock is, with their counts, by time.
pub fn failures(digest: &Digest, clock: &Clock) -> Vec<(i64, u64)> {
    let bad = digest.patterns.iter().filter(|pattern| pattern.level.is_some_and(Level::is_bad));
    let mut failures: Vec<(i64, u64)> = bad
        .filter_map(|pattern| Some(pattern.bins.moments(clock, pattern.basis?).map(|(at, n)| (at.seconds(), u64::from(*n)))))
        .flatten()
        .collect();
    for requests in digest.requests.values() {
        let bins = requests.bins.moments(clock, requests.basis);
        failures.extend(bins.filter(|(_, tally)| tally.failed > 0).map(|(at, tally)| (at.seconds(), tally.failed)));
    }
    failures.sort_unstable();
    failures
}

/// Where they cease, likewise.
pub fn ceased(failures: &[(i64, u64)]) -> Option<i64> {
    let mut last: Vec<(i64, u64)> = failures.iter().map(|(at, n)| (-at, *n)).collect();
    last.sort_unstable();
    set_in(&last).map(|at| -at)
}

/// A few failures come at any time; the twentieth part is where they set in.
pub fn set_in(failures: &[(i64, u64)]) -> Option<i64> {
    let all: u64 = failures.iter().map(|(_, n)| n).sum();
    let mut seen = 0;
    let first = failures.iter().find(|(_, n)| {
        seen += n;
        seen * 20 >= all
    });
    first.map(|(at, _)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_up_while_the_incident_was_handled_stays_there() {
        let stated = Stated { paged: 72_000, ended: 76_000, covered: (60_000, 80_000), set_in: Vec::new() };
        let source = evidence::SourceId { input: 0, entry: 0 };
        let place = evidence::RecordRef { source, start: 0, end: 9, line: 1, last_line: 1 };
        let looked_up = |last: i64, stamped, offset| {
            let mut digest = Digest::new(source, "db/now.txt");
            digest.last = Some((evidence::Stamp::new(last * Moment::SECOND, Basis::Civil), place));
            digest.stamped = stamped;
            stated.was_looked_up(&digest, offset)
        };
        assert!(looked_up(74_600, 3, 46_800), "by the other clock it was half a day before");
        assert!(!looked_up(74_600, 3, 3_600), "either fits");
        assert!(!looked_up(90_000, 3, 14_400), "by its own clock it was long after");
        assert!(!looked_up(74_600, 500, 46_800), "a log goes on as its machine does");
    }
}

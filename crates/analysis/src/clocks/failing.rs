//! A log without zone whose errors are the requests that failed in a log with one: what a web server writes to both.
//!
//! What it sees: when the errors came, from the first twentieth of them to the last, and when requests failed. Where both courses are
//! the same but for a zone, it is that. When it misleads: failures of even course that a whole hour later came again as many.

use evidence::{Basis, Clock, Level};

use super::{candidates, offset_word};
use crate::digest::Digest;

/// Errors and failed requests that make a course.
const LEAST: u64 = 30;
/// One of the two may count so many times as many as the other.
const ALIKE: u64 = 3;
/// Parts of all failures, in percent, whose times are compared.
const PARTS: [u64; 5] = [5, 25, 50, 75, 95];
/// Seconds by which these times may differ, beside the width of the counts.
const NEAR: i64 = 90;

type Course = Vec<(i64, u64)>;

/// The clock of `index` by the failed requests of the sources that write their zone.
pub fn clock_of(index: usize, digests: &[Digest], clocks: &[Clock]) -> Option<Clock> {
    let (digest, base) = (&digests[index], &clocks[index]);
    if digest.basis().is_none_or(Basis::is_stated) || !digest.requests.is_empty() {
        return None;
    }
    let zoned = |d: &Digest| !d.requests.is_empty() && d.basis().is_some_and(Basis::is_stated);
    if !digests.iter().any(zoned) {
        return None;
    }
    let (errors, own_width) = errors(digest, base);
    if total(&errors) < LEAST {
        return None;
    }
    let fitting = digests.iter().zip(clocks).filter(|(d, _)| zoned(d)).filter_map(|(d, clock)| {
        let (failed, width) = failed(d, clock);
        shift(&errors, &failed, NEAR + own_width + width)
    });
    let mut offsets: Vec<i64> = fitting.collect();
    offsets.dedup();
    let offset = offsets.pop().filter(|offset| *offset != 0 && offsets.is_empty())?;
    Some(Clock {
        offset_s: offset,
        zone: offset_word(offset),
        basis: "no zone written; shifted so, its errors come as requests fail in another source".into(),
        uncertainty_s: 2,
        ..base.clone()
    })
}

fn errors(digest: &Digest, clock: &Clock) -> (Course, i64) {
    let bad = || digest.patterns.iter().filter(|p| matches!(p.level, Some(Level::Error | Level::Fatal)));
    let counts = bad().filter_map(|p| Some((p, p.basis?)));
    let all = counts.flat_map(|(p, basis)| p.bins.moments(clock, basis).map(|(at, n)| (at.seconds(), u64::from(*n))));
    (sorted(all), bad().map(|p| p.bins.width()).max().unwrap_or(0))
}

fn failed(digest: &Digest, clock: &Clock) -> (Course, i64) {
    let all = digest.requests.values().flat_map(|r| r.bins.moments(clock, r.basis).map(|(at, t)| (at.seconds(), t.failed)));
    (sorted(all), digest.requests.values().map(|r| r.bins.width()).max().unwrap_or(0))
}

fn sorted(all: impl Iterator<Item = (i64, u64)>) -> Course {
    let mut course: Course = all.filter(|(_, count)| *count > 0).collect();
    course.sort_unstable();
    course
}

/// The one zone by which the errors are ahead of the failed requests, in all parts of their course.
fn shift(errors: &[(i64, u64)], failed: &[(i64, u64)], near: i64) -> Option<i64> {
    let (own, other) = (total(errors), total(failed));
    if own < LEAST || other < LEAST || own > other * ALIKE || other > own * ALIKE {
        return None;
    }
    let apart: Vec<i64> = PARTS.iter().map(|part| at(errors, own * part / 100) - at(failed, other * part / 100)).collect();
    candidates().find(|offset| apart.iter().all(|seconds| (seconds - offset).abs() <= near))
}

fn total(course: &[(i64, u64)]) -> u64 {
    course.iter().map(|(_, count)| count).sum()
}

/// When so many had come.
fn at(course: &[(i64, u64)], count: u64) -> i64 {
    let mut seen = 0;
    let reached = course.iter().find(|(_, own)| {
        seen += own;
        seen > count
    });
    reached.or(course.last()).map_or(0, |(at, _)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(from: i64, step: i64) -> Course {
        (0..40).map(|n| (from + n * step, 1)).collect()
    }

    #[test]
    fn errors_that_come_as_requests_fail_are_the_same_in_another_zone() {
        assert_eq!(shift(&course(103_600, 60), &course(100_000, 60), 90), Some(3_600));
        assert_eq!(shift(&course(100_010, 60), &course(100_000, 60), 90), Some(0));
        assert_eq!(shift(&course(103_600, 90), &course(100_000, 60), 90), None, "another course");
        assert_eq!(shift(&course(104_500, 60), &course(100_000, 60), 90), None, "no zone");
        assert_eq!(shift(&course(103_600, 60)[..20], &course(100_000, 60), 90), None, "too few");
        let many: Course = course(103_600, 60).iter().map(|(at, _)| (*at, 9)).collect();
        assert_eq!(shift(&many, &course(100_000, 60), 90), None, "of something else as well");
    }
}

//! Metrics without zone beside the failures that they count.
//!
//! What it sees: a series of errors that rises and falls back, and logs whose failures set in and cease. Where one shift alone
//! lays both ends together, it is the zone of whoever saved the series. When it misleads: two outages of one length.

use evidence::{Basis, Body, Clock, Moment, Stamp};

use super::paged::{ceased, failures, set_in};
use super::{candidates, offset_word};
use crate::digest::Digest;
use crate::metrics;

/// Seconds beyond a step of the series by which an end may be off.
const OFF: i64 = 150;
/// Failures of a log that tell when they set in.
const MIN_FAILURES: u64 = 20;

pub fn by_series(index: usize, digests: &[Digest], clocks: &[Clock]) -> Option<Clock> {
    let base = &clocks[index];
    let told: Vec<(i64, i64, i64)> = digests[index].events.iter().filter_map(|event| of_errors(&event.body, base)).collect();
    let failing: Vec<(i64, i64)> =
        (0..digests.len()).filter(|o| *o != index).filter_map(|o| ends(&digests[o], &clocks[o])).collect();
    let fits = |offset: i64| {
        let near = |a: i64, b: i64, step: i64| (a - offset - b).abs() <= step + OFF;
        told.iter()
            .any(|(onset, end, step)| failing.iter().any(|(first, last)| near(*onset, *first, *step) && near(*end, *last, *step)))
    };
    let mut fitting = candidates().filter(|offset| fits(*offset));
    let best = fitting.next()?;
    if fitting.next().is_some() || best == 0 {
        return None;
    }
    Some(Clock {
        offset_s: best,
        zone: offset_word(best),
        basis: "no zone written; shifted so, its errors rise and fall with the failures of the logs".into(),
        uncertainty_s: 60,
        ..base.clone()
    })
}

/// When a series of errors rises and is back, and its step, in seconds as they are written.
fn of_errors(body: &Body, clock: &Clock) -> Option<(i64, i64, i64)> {
    let Body::Series(series) = body else { return None };
    let name = series.metric.to_lowercase();
    if !["fail", "error", "5xx", "exception"].iter().any(|word| name.contains(word)) {
        return None;
    }
    let at = |stamp: Stamp| clock.moment(stamp).filter(|_| matches!(stamp.basis, Basis::Civil | Basis::CivilNoYear));
    let mut points: Vec<(Moment, f64)> = series.points.iter().filter_map(|p| Some((at(p.stamp)?, p.value))).collect();
    points.sort_by_key(|(at, _)| *at);
    let change = metrics::moved(&points)?;
    let step = points.windows(2).map(|pair| pair[1].0.seconds() - pair[0].0.seconds()).min()?;
    let is_over = points.last().is_some_and(|(last, _)| *last > change.end);
    is_over.then(|| (change.onset.seconds(), change.end.seconds(), step))
}

/// When the failures of a log set in and cease that writes its zone, or whose clock is decided.
fn ends(digest: &Digest, clock: &Clock) -> Option<(i64, i64)> {
    let is_sure = matches!(digest.basis(), Some(Basis::Zoned | Basis::Epoch)) || clock.offset_s != 0;
    let failures = failures(digest, clock);
    let many = failures.iter().map(|(_, n)| n).sum::<u64>() >= MIN_FAILURES;
    set_in(&failures).zip(ceased(&failures)).filter(|_| is_sure && many)
}

//! A table of metrics without zone, of instances that come and go, beside the releases that made them.
//!
//! What it sees: series that begin within the table, as a column of a pod does when the pod is new. Where two releases fall to such
//! beginnings in one shift alone, it is the zone of whoever saved the table. When it misleads: instances that a scaler adds whole hours
//! later, twice.

use std::collections::BTreeSet;

use evidence::{Body, Clock, Stamp};

use super::{candidates, offset_word};
use crate::digest::Digest;

/// A new instance is measured so long after the release that makes it, at most.
const AFTER: i64 = 300;
const BEFORE: i64 = 60;
/// One release alone falls to something in nearly any zone.
const LEAST: usize = 2;

pub fn clock_of(index: usize, digests: &[Digest], clocks: &[Clock]) -> Option<Clock> {
    let base = &clocks[index];
    let born = born(&digests[index], base);
    let others = (0..digests.len()).filter(|other| *other != index);
    let released: BTreeSet<i64> = others.flat_map(|other| releases(&digests[other], &clocks[other])).collect();
    let fits = |offset: i64| {
        let bears = |at: &&i64| born.iter().any(|first| (-BEFORE..=AFTER).contains(&(first - offset - **at)));
        released.iter().filter(bears).count()
    };
    let best = candidates().max_by_key(|offset| (fits(*offset), -offset.abs()))?;
    let is_alone = candidates().filter(|offset| fits(*offset) == fits(best)).count() == 1;
    (best != 0 && fits(best) >= LEAST && is_alone).then(|| Clock {
        offset_s: best,
        zone: offset_word(best),
        basis: "no zone written; shifted so, its instances begin with the releases".into(),
        uncertainty_s: 60,
        ..base.clone()
    })
}

/// When series begin that were not there from the beginning of the table.
fn born(digest: &Digest, clock: &Clock) -> BTreeSet<i64> {
    let at = |stamp: Stamp| clock.moment(stamp).filter(|_| !stamp.basis.is_stated()).map(|at| at.seconds());
    let series = digest.events.iter().filter_map(|event| match &event.body {
        Body::Series(series) => series.points.iter().filter_map(|point| at(point.stamp)).min(),
        _ => None,
    });
    let mut firsts: BTreeSet<i64> = series.collect();
    firsts.pop_first();
    firsts
}

fn releases(digest: &Digest, clock: &Clock) -> Vec<i64> {
    let deploys = digest.events.iter().filter(|event| matches!(event.body, Body::Deploy(_)));
    deploys.filter_map(|event| Some(clock.moment(event.stamp?)?.seconds())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{Basis, ChangePhase, Deploy, Event, Moment, Point, RecordRef, Series, SourceId};

    fn source(input: u32, events: Vec<(i64, Body)>) -> Digest {
        let source = SourceId { input, entry: 0 };
        let mut digest = Digest::new(source, "source");
        for (line, (at, body)) in (1..).zip(events) {
            let place = RecordRef { source, start: line * 10, end: line * 10 + 9, line, last_line: line };
            digest.events.push(Event { place, stamp: Some(Stamp::new(at * Moment::SECOND, Basis::Zoned)), body });
        }
        digest
    }

    fn column(first: i64) -> (i64, Body) {
        let source = SourceId { input: 0, entry: 0 };
        let place = RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 };
        let points =
            (0..5).map(|n| Point { stamp: Stamp::new((first + n * 60) * Moment::SECOND, Basis::Civil), value: 1.0, place });
        (first, Body::Series(Series { metric: "memory".into(), points: points.collect(), ..Series::default() }))
    }

    fn deploy(at: i64) -> (i64, Body) {
        let phase = ChangePhase::Finished;
        let deploy = Deploy {
            service: None,
            version: None,
            sha: None,
            phase,
            finished: None,
            rollback: false,
            environment: None,
            actor: None,
            kind: "deploy".into(),
            text: String::new(),
        };
        (at, Body::Deploy(deploy))
    }

    #[test]
    fn columns_that_begin_with_two_releases_tell_the_zone() {
        let found = |columns: &[i64], releases: &[i64]| {
            let digests = [
                source(0, columns.iter().map(|at| column(*at)).collect()),
                source(1, releases.iter().map(|at| deploy(*at)).collect()),
            ];
            clock_of(0, &digests, &[Clock::trusted(), Clock::trusted()]).map(|clock| clock.offset_s)
        };
        assert_eq!(found(&[86_400, 90_060, 95_520], &[100_800, 106_300]), Some(-10_800));
        assert_eq!(found(&[86_400, 90_060], &[100_800, 106_300]), None, "one alone says nothing");
        assert_eq!(found(&[86_400, 100_860, 106_320], &[100_800, 106_300]), None, "it is as it is written");
    }
}

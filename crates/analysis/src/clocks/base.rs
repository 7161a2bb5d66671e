//! Which of the sources that share traces has the right clock: their differences are known, and one of them is taken as it is.
//!
//! What it sees: which of them write their zone, else the time that was paged, else what has a zone and covers about the same
//! hours. When it misleads: several that write no zone, of which none is right.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Basis, Body, Clock, Moment, Stamp};

use super::paged::{self, Stated};
use super::{span, weight};
use crate::digest::Digest;

/// The relative offset that is taken as zero: the one on which the sources with the most believable times agree; where none
/// writes its zone, the one by which most failures fall to the time that was paged.
pub fn of(digests: &[Digest], clocks: &[Clock], members: &BTreeMap<usize, i64>) -> i64 {
    let is_civil = |member: &usize| weight(digests[*member].basis()) < weight(Some(Basis::Zoned));
    let stated = members.keys().all(is_civil).then(|| Stated::of(digests, clocks)).flatten();
    let is_local = members.keys().all(is_civil);
    let covering = || is_local.then(|| covering_base(digests, clocks, members)).flatten();
    if let Some(base) = stated.and_then(|stated| paged_base(digests, clocks, members, &stated)).or_else(covering) {
        return base;
    }
    let mut weights: BTreeMap<i64, i64> = BTreeMap::new();
    for (&member, &relative) in members {
        *weights.entry(relative).or_default() += weight(digests[member].basis());
    }
    weights.iter().max_by_key(|(offset, weight)| (**weight, -offset.abs())).map_or(0, |(offset, _)| *offset)
}

fn paged_base(digests: &[Digest], clocks: &[Clock], members: &BTreeMap<usize, i64>, stated: &Stated) -> Option<i64> {
    let failures: Vec<(i64, Vec<(i64, u64)>)> =
        members.iter().map(|(member, relative)| (*relative, paged::failures(&digests[*member], &clocks[*member]))).collect();
    let inside = |base: i64| failures.iter().map(|(relative, own)| stated.inside(own, relative - base)).sum::<u64>();
    let bases: BTreeSet<i64> = members.values().copied().collect();
    let mut by_count: Vec<(u64, i64)> = bases.into_iter().map(|base| (inside(base), base)).collect();
    by_count.sort_unstable();
    let (most, base) = by_count.pop()?;
    let next = by_count.pop().map_or(0, |(count, _)| count);
    (most > 2 * next).then_some(base)
}

/// The base by which the logs come to lie where what has a zone lies: metrics, alerts, flags of about the same hours.
fn covering_base(digests: &[Digest], clocks: &[Clock], members: &BTreeMap<usize, i64>) -> Option<i64> {
    let at = |index: usize| {
        let span = span(&digests[index])?;
        clocks[index].moment(span.first).zip(clocks[index].moment(span.last)).map(|(a, b)| (a.seconds(), b.seconds()))
    };
    let own: Vec<(i64, i64, i64)> =
        members.iter().filter_map(|(m, relative)| at(*m).map(|(from, to)| (*relative, from, to))).collect();
    let from = own.iter().map(|(relative, from, _)| from - relative).min()?;
    let to = own.iter().map(|(relative, _, to)| to - relative).max()?;
    let others = (0..digests.len()).filter(|index| !members.contains_key(index)).filter_map(|index| zoned_span(&digests[index]));
    // What reaches far beyond the logs says nothing of the hour.
    let others: Vec<(i64, i64)> = others.filter(|(first, last)| last - first <= 2 * (to - from)).collect();
    let overlap = |base: i64| -> i64 {
        let common = |(first, last): &(i64, i64)| (*last).min(to + base) - (*first).max(from + base);
        others.iter().map(|other| common(other).max(-1) + 1).sum()
    };
    let bases: BTreeSet<i64> = members.values().copied().collect();
    let mut by_overlap: Vec<(i64, i64)> = bases.into_iter().map(|base| (overlap(base), base)).collect();
    by_overlap.sort_unstable();
    let (most, base) = by_overlap.pop()?;
    let next = by_overlap.pop().map_or(0, |(common, _)| common);
    (most > 2 * next).then_some(base)
}

/// From when until when something is told with its zone, points of metrics among it.
fn zoned_span(digest: &Digest) -> Option<(i64, i64)> {
    let points = |event: &evidence::Event| match &event.body {
        Body::Series(series) => series.points.iter().map(|point| point.stamp).collect(),
        _ => event.stamp.into_iter().collect::<Vec<Stamp>>(),
    };
    let ends = digest.first.into_iter().chain(digest.last).map(|(stamp, _)| stamp);
    let all = digest.events.iter().flat_map(points).chain(ends);
    let zoned: Vec<i64> =
        all.filter(|s| matches!(s.basis, Basis::Zoned | Basis::Epoch)).map(|s| s.micros.div_euclid(Moment::SECOND)).collect();
    zoned.iter().min().copied().zip(zoned.iter().max().copied())
}

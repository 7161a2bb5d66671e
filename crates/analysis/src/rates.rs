//! Shares of failures that rise: errors among the records of a service, failed requests among its requests.
//!
//! What it sees: per cell of time how many records there were and how many of them failed, for all sources together, for
//! each service and for each group of paths. Why it matters: a share does not grow with the volume of a log or with the
//! load of a day, and neither does it drown among many kinds of usual error. A rise is found by the cumulative sum of the
//! log likelihood ratio against a usual share (Page, Biometrika 1954), which is learnt from what lies outside of the rise;
//! records that come in bunches count as few as they tell (quasi-likelihood: Wedderburn, Biometrika 1974). It must never
//! look at words. When it misleads: evidence in which everything fails from the first record on has no usual share, and a
//! log of nothing but errors has no share at all; `window` has other ways for these.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Level, Moment, RecordRef};

use crate::bins::Cells;
use crate::digest::RequestTally;
use crate::edge::Edge;
use crate::scene::Scene;
use crate::signals::{Signal, SignalKind};
use crate::weights::{
    RATE_CELLS, RATE_CHANCE, RATE_DESIGN_ODDS, RATE_LEAST_ABSOLUTE, RATE_LEAST_CELLS, RATE_LEAST_FAILED, RATE_LEAST_ODDS,
    RATE_LEAST_TOTAL, RATE_SAME,
};
use crate::window::{Grid, Stretch};

/// A stretch in which a share of failures is higher than usual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    pub from: Moment,
    pub to: Moment,
    /// When there was enough to be sure that it had begun.
    pub sure: Moment,
    /// Twice the log likelihood ratio of two shares against one, over the dispersion: of the order of a chi square.
    pub surprise: f64,
}

/// What failed of how many. The numbers are fractions where a bin of the digest lies across cells.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Tally {
    failed: f64,
    total: f64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.failed += other.failed;
        self.total += other.total;
    }

    /// The share, drawn a little to the middle, so that it is neither none nor all.
    fn share(self) -> f64 {
        (self.failed + 0.5) / (self.total + 1.0)
    }

    fn without(self, other: Tally) -> Tally {
        Tally { failed: (self.failed - other.failed).max(0.0), total: (self.total - other.total).max(0.0) }
    }

    fn odds(self) -> f64 {
        self.share() / (1.0 - self.share())
    }
}

/// Cells of equal width over the span of the evidence.
#[derive(Debug, Clone, Copy)]
struct Axis {
    from: i64,
    width: i64,
    cells: usize,
}

impl Axis {
    fn over(Grid { data: (from, to), mut width }: Grid) -> Axis {
        let span = to.seconds() - from.seconds() + 1;
        while span / width >= RATE_CELLS {
            width *= 2;
        }
        Axis { from: from.seconds(), width, cells: (span / width + 1) as usize }
    }

    /// Adds to the cells what was counted from a second on for so many seconds, in each what lies in it.
    fn spread(&self, cells: &mut [Tally], bins: impl Iterator<Item = (i64, Tally)>, seconds: i64) {
        let mut known = Cells::new(self.from, self.width);
        for (second, what) in bins {
            let (first, left) = known.of(second);
            // Most bins are narrower than a cell.
            if seconds <= left
                && let Some(cell) = usize::try_from(first).ok().and_then(|first| cells.get_mut(first))
            {
                cell.add(what);
                continue;
            }
            let begin = second - self.from;
            let end = begin + seconds;
            let last = (end - 1).div_euclid(self.width);
            for cell in first.max(0)..=last.min(self.cells as i64 - 1) {
                let inside = end.min((cell + 1) * self.width) - begin.max(cell * self.width);
                let part = inside as f64 / seconds as f64;
                cells[cell as usize].add(Tally { failed: what.failed * part, total: what.total * part });
            }
        }
    }

    fn moment(&self, cell: usize) -> Moment {
        Moment::from_seconds(self.from + cell as i64 * self.width)
    }
}

/// The clearest rise; `near` is the moment of an alarm, close to which a rise is preferred.
pub fn clearest(rises: &[Rise], near: impl Fn(&Rise) -> bool) -> Option<Rise> {
    let chosen = rises.iter().copied().max_by(|a, b| {
        let rank = |r: &Rise| (near(r), r.surprise);
        rank(a).0.cmp(&rank(b).0).then(rank(a).1.total_cmp(&rank(b).1))
    })?;
    // Another that rises at the same time belongs to it: the service that failed first may be a small one. What it has before
    // must be more than the odd failure that happens to lie ahead.
    let before = rises.iter().filter(|r| r.to > chosen.from && r.sure <= chosen.from).map(|r| r.from).min();
    let after = rises.iter().filter(|r| r.from < chosen.to && r.surprise >= RATE_SAME * chosen.surprise).map(|r| r.to).max();
    Some(Rise { from: chosen.from.min(before.unwrap_or(chosen.from)), to: chosen.to.max(after.unwrap_or(chosen.to)), ..chosen })
}

/// Every series that rises, with the stretch in which it does.
pub fn rises(scene: &Scene, signals: &[Signal], edge: Option<&Edge>, grid: Grid) -> Vec<Rise> {
    let axis = Axis::over(grid);
    let all = series(scene, signals, edge, &axis);
    // Where a series has too little to tell in what bunches its failures come, it is as all are.
    let usual = all.iter().filter_map(|cells| dispersion(cells)).fold(1.0, f64::max);
    all.iter().filter_map(|cells| rise(cells, &axis, (all.len() as f64, usual))).collect()
}

/// How many times the odds of failure within a stretch are those outside of it, over the records of all sources or over all
/// requests, whichever is more. `None` where there is too little to tell, or where nearly everything is a failure anyway.
pub fn odds_ratio(scene: &Scene, signals: &[Signal], edge: Option<&Edge>, grid: Grid, (from, to): Stretch) -> Option<f64> {
    let axis = Axis::over(grid);
    let of_records = of_records(scene, signals, &axis).remove(&None)?;
    let of_requests = edge.and_then(|edge| of_requests(edge, &axis).pop());
    let ratio = |cells: Vec<Tally>| {
        let is_inside = |cell: &usize| axis.moment(*cell) >= from && axis.moment(*cell) < to;
        let inside = sum((0..cells.len()).filter(is_inside).map(|cell| cells[cell]));
        let all = sum(cells.iter().copied());
        let outside = all.without(inside);
        let enough = inside.total >= RATE_LEAST_TOTAL && outside.total >= RATE_LEAST_TOTAL && all.failed >= 1.0;
        (enough && outside.share() < 0.5).then(|| inside.odds() / outside.odds())
    };
    [Some(of_records), of_requests].into_iter().flatten().filter_map(ratio).reduce(f64::max)
}

fn series(scene: &Scene, signals: &[Signal], edge: Option<&Edge>, axis: &Axis) -> Vec<Vec<Tally>> {
    let mut all: Vec<Vec<Tally>> = of_records(scene, signals, axis).into_values().collect();
    all.extend(edge.map(|edge| of_requests(edge, axis)).unwrap_or_default());
    all
}

/// Requests and failed ones of each group of paths, and at the end those of all.
fn of_requests(edge: &Edge, axis: &Axis) -> Vec<Vec<Tally>> {
    let mut all: Vec<Vec<Tally>> = Vec::new();
    let mut whole = vec![Tally::default(); axis.cells];
    for path in &edge.paths {
        let mut own = vec![Tally::default(); axis.cells];
        let of = |tally: &RequestTally| Tally { failed: tally.failed as f64, total: tally.total as f64 };
        axis.spread(&mut own, path.bins.iter().map(|(at, tally)| (at.seconds(), of(tally))), path.width_s);
        whole.iter_mut().zip(&own).for_each(|(sum, cell)| sum.add(*cell));
        all.push(own);
    }
    all.push(whole);
    all
}

/// Records and errors of each service (or of a source, where its records name none), and under no name those of all.
fn of_records(scene: &Scene, signals: &[Signal], axis: &Axis) -> BTreeMap<Option<String>, Vec<Tally>> {
    // Where a record has no level, a known failure stands for it.
    let known: BTreeSet<RecordRef> = signals
        .iter()
        .filter(|s| s.kind == SignalKind::Log && s.level.is_none() && s.is_failure())
        .flat_map(|s| s.places.first().copied())
        .collect();
    let mut all: BTreeMap<Option<String>, Vec<Tally>> = BTreeMap::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in &digest.patterns {
            let Some(basis) = pattern.basis else { continue };
            let failed = pattern.level.is_some_and(Level::is_bad) || known.contains(&pattern.first.place);
            let name = scene.service_of(pattern.service.as_deref(), digest.source).unwrap_or_else(|| digest.name.clone());
            let cells = all.entry(Some(name)).or_insert_with(|| vec![Tally::default(); axis.cells]);
            let of = |total: f64| Tally { failed: if failed { total } else { 0.0 }, total };
            let bins = pattern.bins.seconds(clock, basis).map(|(second, count)| (second, of(f64::from(*count))));
            axis.spread(cells, bins, pattern.bins.width());
        }
    }
    let mut whole = vec![Tally::default(); axis.cells];
    all.values().for_each(|cells| whole.iter_mut().zip(cells).for_each(|(sum, cell)| sum.add(*cell)));
    all.insert(None, whole);
    all
}

fn sum(cells: impl Iterator<Item = Tally>) -> Tally {
    cells.fold(Tally::default(), |mut sum, cell| {
        sum.add(cell);
        sum
    })
}

/// The stretch in which a series rises, if it does beyond what chance brings in so many series; with the dispersion to assume
/// where the series does not tell its own.
fn rise(cells: &[Tally], axis: &Axis, (tried, assumed): (f64, f64)) -> Option<Rise> {
    let all = sum(cells.iter().copied());
    if all.failed < RATE_LEAST_FAILED || all.total < 2.0 * RATE_LEAST_TOTAL {
        return None;
    }
    let begins = [all, lower_third(cells)];
    let found = begins.into_iter().filter_map(|usual| settle(cells, all, usual, assumed));
    let Found { first, last, outside, dispersion, surprise } = found.max_by(|a, b| a.surprise.total_cmp(&b.surprise))?;
    // Any two cells may be the ends, in any of the series.
    let enough = 2.0 * (tried * (cells.len() as f64).powi(2) / 2.0 / RATE_CHANCE).ln();
    if surprise < enough {
        return None;
    }
    let (first, last) = unbridged(cells, (first, last), axis.width);
    let first = begin(cells, (first, last), outside, enough * dispersion);
    // The cumulative sum of a stretch is half of what its likelihood ratio can be.
    let weights = Weights::beside(outside, RATE_DESIGN_ODDS);
    let mut sum = 0.0;
    let sure = (first..=last).find(|cell| {
        sum += weights.of(cells[*cell]);
        sum >= enough * dispersion / 2.0
    });
    let sure = axis.moment(sure.unwrap_or(last) + 1);
    Some(Rise { from: axis.moment(first), to: axis.moment(last + 1), sure, surprise })
}

/// Seconds in which nothing fails that part two incidents, where they are more than half of a stretch as well.
const APART_S: i64 = 1_800;

/// The part of a stretch in which more fails, where it reaches over a long time without any failure: where hardly anything fails
/// elsewhere, such a time costs the sum next to nothing.
fn unbridged(cells: &[Tally], (first, last): (usize, usize), width: i64) -> (usize, usize) {
    let failing: Vec<usize> = (first..=last).filter(|cell| cells[*cell].failed > 0.0).collect();
    let Some((from, to)) = failing.windows(2).map(|two| (two[0], two[1])).max_by_key(|(from, to)| (to - from, last - from))
    else {
        return (first, last);
    };
    let quiet = to - from - 1;
    if quiet * 2 <= last - first || (quiet as i64) * width < APART_S {
        return (first, last);
    }
    let failed = |from: usize, to: usize| sum(cells[from..=to].iter().copied()).failed;
    let part = if failed(first, from) >= failed(to, last) { (first, from) } else { (to, last) };
    unbridged(cells, part, width)
}

/// Where a stretch begins, by the odds that it really has: the sum is laid out for small rises and takes in what happens to
/// lie ahead of a large one. What lies ahead stays if it is enough of a rise by itself: many incidents begin slowly.
fn begin(cells: &[Tally], (first, last): (usize, usize), outside: Tally, enough: f64) -> usize {
    let inside = sum(cells[first..=last].iter().copied());
    let Some((steep, _)) = highest(&cells[first..=last], Weights::beside(outside, inside.odds() / outside.odds())) else {
        return first;
    };
    let ahead = sum(cells[first..first + steep].iter().copied());
    if likelihood_ratio(ahead, outside) >= enough { first } else { first + steep }
}

/// Cells from a first to a last, both of it, in which a share is higher than outside.
struct Found {
    first: usize,
    last: usize,
    outside: Tally,
    dispersion: f64,
    surprise: f64,
}

/// Finds a stretch beside a usual share, learns that share anew from what lies outside, and so on until it stays.
fn settle(cells: &[Tally], all: Tally, mut usual: Tally, assumed: f64) -> Option<Found> {
    let mut stretch = None;
    for _ in 0..8 {
        let found = highest(cells, Weights::beside(usual, RATE_DESIGN_ODDS))?;
        if stretch == Some(found) {
            break;
        }
        stretch = Some(found);
        usual = all.without(sum(cells[found.0..=found.1].iter().copied()));
    }
    let (first, last) = stretch?;
    let inside = sum(cells[first..=last].iter().copied());
    let outside = all.without(inside);
    let beside = [dispersion(&cells[..first]), dispersion(&cells[last + 1..])];
    let own = beside.into_iter().flatten().reduce(f64::max);
    // A second rise as large as this one is no sign that failures come in bunches.
    let is_second = || is_solid(&cells[first..=last]) && is_quiet(&cells[..first], &cells[last + 1..]);
    let own = own.or_else(|| is_second().then_some(1.0)).or_else(|| dispersion(cells));
    let dispersion = own.unwrap_or(assumed).max(1.0);
    let telling = cells[first..=last].iter().filter(|c| c.failed > c.total * outside.share()).count();
    let is_rise = inside.total >= RATE_LEAST_TOTAL
        && outside.total >= RATE_LEAST_TOTAL
        && inside.failed / dispersion >= RATE_LEAST_FAILED
        && telling >= RATE_LEAST_CELLS
        && inside.odds() >= RATE_LEAST_ODDS * outside.odds()
        && inside.share() - outside.share() >= RATE_LEAST_ABSOLUTE;
    is_rise.then(|| Found { first, last, outside, dispersion, surprise: likelihood_ratio(inside, outside) / dispersion })
}

/// Log likelihood ratios of a cell, for so many times the usual odds against the usual ones.
#[derive(Clone, Copy)]
struct Weights {
    failed: f64,
    well: f64,
}

impl Weights {
    fn beside(usual: Tally, times: f64) -> Weights {
        let odds = usual.odds() * times;
        let (p, q) = (usual.share(), odds / (1.0 + odds));
        Weights { failed: (q / p).ln(), well: ((1.0 - q) / (1.0 - p)).ln() }
    }

    fn of(self, cell: Tally) -> f64 {
        cell.failed * self.failed + (cell.total - cell.failed) * self.well
    }
}

/// The stretch with the largest sum of log likelihood ratios: from where Page's cumulative sum last left zero before its
/// highest value, to where it had it.
fn highest(cells: &[Tally], weights: Weights) -> Option<(usize, usize)> {
    let (mut best, mut found) = (0.0, None);
    let (mut sum, mut begin) = (0.0, 0);
    for (index, cell) in cells.iter().enumerate() {
        sum += weights.of(*cell);
        if sum <= 0.0 {
            (sum, begin) = (0.0, index + 1);
        } else if sum > best {
            (best, found) = (sum, Some((begin, index)));
        }
    }
    found
}

/// The third of the evidence with the lowest shares, in twelve parts with equally many records.
fn lower_third(cells: &[Tally]) -> Tally {
    const PARTS: f64 = 12.0;
    let each = sum(cells.iter().copied()).total / PARTS;
    let mut parts = vec![Tally::default()];
    for cell in cells {
        if parts.last().is_some_and(|part| part.total >= each) {
            parts.push(Tally::default());
        }
        parts.iter_mut().last().into_iter().for_each(|part| part.add(*cell));
    }
    parts.sort_by(|a, b| a.share().total_cmp(&b.share()));
    sum(parts.into_iter().take((PARTS / 3.0) as usize))
}

/// Neighbouring cells that tell in what bunches failures come.
const LEAST_PAIRS: usize = 5;

/// How much neighbouring cells differ, beside what single, independent records would: the mean of Pearson's chi squares of
/// pairs without the largest tenth, which an edge or one burst makes. `None` where there are too few.
fn dispersion(cells: &[Tally]) -> Option<f64> {
    /// The mean of a chi square of one degree without its largest tenth.
    const TRIMMED: f64 = 0.62;
    let pair = |two: &[Tally]| {
        let both = sum(two.iter().copied());
        let share = both.failed / both.total.max(1e-9);
        let variance = share * (1.0 - share) * (1.0 / two[0].total.max(1e-9) + 1.0 / two[1].total.max(1e-9));
        let apart = two[0].failed / two[0].total.max(1e-9) - two[1].failed / two[1].total.max(1e-9);
        (variance > 0.0 && two[0].total >= 1.0 && two[1].total >= 1.0).then(|| apart * apart / variance)
    };
    let mut pairs: Vec<f64> = cells.windows(2).filter_map(pair).collect();
    if pairs.len() < LEAST_PAIRS {
        return None;
    }
    pairs.sort_by(f64::total_cmp);
    pairs.truncate(pairs.len() - pairs.len() / 10);
    Some(pairs.iter().sum::<f64>() / pairs.len() as f64 / TRIMMED)
}

/// Whether failures of a stretch come one cell after the other: those that come in bunches leave cells between them.
fn is_solid(cells: &[Tally]) -> bool {
    let failing: Vec<usize> = cells.iter().enumerate().filter(|(_, cell)| cell.failed > 0.0).map(|(at, _)| at).collect();
    let beside = failing.windows(2).filter(|two| two[1] == two[0] + 1).count();
    beside * 2 >= failing.len() && beside > 0
}

/// Whether hardly any pair of neighbouring cells beside a stretch has a failure.
fn is_quiet(before: &[Tally], after: &[Tally]) -> bool {
    let pairs = before.windows(2).chain(after.windows(2)).filter(|two| two.iter().all(|cell| cell.total >= 1.0));
    let (all, failing) =
        pairs.fold((0, 0), |(all, failing), two| (all + 1, failing + usize::from(sum(two.iter().copied()).failed > 0.0)));
    all >= LEAST_PAIRS && failing * 10 <= all
}

/// Twice the log likelihood ratio of a share each against one share of both.
fn likelihood_ratio(a: Tally, b: Tally) -> f64 {
    let both = Tally { failed: a.failed + b.failed, total: a.total + b.total };
    let of = |part: Tally| {
        let term = |n: f64, share: f64| if n > 0.0 && share > 0.0 { n * share.ln() } else { 0.0 };
        let plain = |t: Tally| t.failed / t.total.max(1e-9);
        let well = part.total - part.failed;
        term(part.failed, plain(part)) + term(well, 1.0 - plain(part))
            - term(part.failed, plain(both))
            - term(well, 1.0 - plain(both))
    };
    2.0 * (of(a) + of(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells of a hundred records, `failed` of each.
    fn cells(failed: &[(usize, u64)]) -> Vec<Tally> {
        let of = |&(count, failed): &(usize, u64)| vec![Tally { failed: failed as f64, total: 100.0 }; count];
        failed.iter().flat_map(of).collect()
    }

    fn found(cells: &[Tally]) -> Option<(i64, i64)> {
        let axis = Axis { from: 0, width: 10, cells: cells.len() };
        rise(cells, &axis, (10.0, 1.0)).map(|r| (r.from.seconds() / 10, r.to.seconds() / 10))
    }

    #[test]
    fn a_rise_is_found_where_it_begins_and_ends_and_however_many_records_there_are() {
        let once = cells(&[(60, 3), (20, 9), (40, 3)]);
        assert_eq!(found(&once), Some((60, 80)));
        let more =
            |times: f64| once.iter().map(|c| Tally { failed: c.failed * times, total: c.total * times }).collect::<Vec<_>>();
        assert_eq!(found(&more(10.0)), Some((60, 80)));
        assert_eq!(found(&more(1_000.0)), Some((60, 80)));
    }

    #[test]
    fn a_rise_may_fill_most_of_the_evidence() {
        assert_eq!(found(&cells(&[(25, 3), (95, 12)])), Some((25, 120)));
    }

    #[test]
    fn what_is_steady_little_or_a_single_burst_is_no_rise() {
        assert_eq!(found(&cells(&[(120, 3)])), None);
        assert_eq!(found(&cells(&[(60, 10), (30, 14), (30, 10)])), None);
        assert_eq!(found(&cells(&[(60, 1), (1, 60), (59, 1)])), None);
    }

    #[test]
    fn two_rises_of_one_size_are_no_reason_to_find_neither() {
        assert_eq!(found(&cells(&[(60, 0), (3, 50), (200, 0), (3, 50), (57, 0)])), Some((60, 63)), "the first of two");
        assert_eq!(found(&cells(&[(60, 0), (2, 100), (200, 0), (3, 100), (57, 0)])), Some((262, 265)), "the larger one");
        assert_eq!(found(&cells(&[(60, 0), (3, 50), (9, 0), (3, 50), (60, 0)])), Some((60, 75)), "soon after it is the same");
        assert_eq!(found(&cells(&[(9, 0), (1, 5), (9, 0), (1, 5), (9, 0), (1, 5), (9, 0)])), None, "the odd bunch is none");
    }

    #[test]
    fn bunches_count_as_few_as_they_tell() {
        let alone: Vec<Tally> = (0..200).map(|i| Tally { failed: f64::from(i % 3 == 0), total: 100.0 }).collect();
        assert!(dispersion(&alone).is_some_and(|d| d < 2.0), "{:?}", dispersion(&alone));
        let bunched: Vec<Tally> = alone.iter().map(|c| Tally { failed: c.failed * 10.0, total: 100.0 }).collect();
        assert!(dispersion(&bunched).is_some_and(|d| d > 8.0), "{:?}", dispersion(&bunched));
    }

    #[test]
    fn the_odd_failure_ahead_of_a_rise_is_not_its_beginning() {
        let mut all = vec![Tally { failed: 0.0, total: 5.0 }; 100];
        all[44].failed = 1.0;
        all[50..70].iter_mut().for_each(|cell| cell.failed = 4.0);
        assert_eq!(found(&all), Some((50, 70)));
    }
}

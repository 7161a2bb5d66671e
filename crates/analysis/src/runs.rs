//! Stretches in which trouble of many kinds comes together, beside the usual level of all bins.
//!
//! What it sees: failures of all kinds and failed requests per bin of time, each kind by the square root of its number, so
//! that one loud line does not drown the rest. Why it matters: small evidence has too few records for shares, and a
//! failure of many kinds at once is seen in it at a glance. When it misleads: where many kinds of failure are usual, new
//! ones are a small part of all kinds; `rates` sees these.

use std::collections::BTreeMap;

use evidence::Moment;

use crate::edge::Edge;
use crate::scene::Scene;
use crate::share;
use crate::signals::{Signal, SignalKind};
use crate::weights::{RUN_CHANCE, RUN_OF_ALL, STEADY};
use crate::window::{Grid, Stretch};

/// The stretch that stands out most, where it is more than chance.
pub fn clearest(scene: &Scene, signals: &[Signal], edge: Option<&Edge>, grid: Grid, anchor: Option<Moment>) -> Option<Stretch> {
    let Grid { data: (from, to), width } = grid;
    let trouble = trouble(signals, edge, width, from, to);
    let runs = runs(&trouble, from.seconds().div_euclid(width), to.seconds().div_euclid(width), width);
    let counts = counts(signals, edge, width);
    let run = pick(&runs, anchor, width)?;
    let is_enough = match anchor {
        Some(_) => is_more(&run, &counts, grid),
        None if covers_all(&run, grid) => is_large_part(scene, &counts),
        None => is_beyond_chance(&run, &counts, grid),
    };
    is_enough.then(|| (Moment::from_seconds(run.first * width), Moment::from_seconds((run.last + 1) * width)))
}

/// Failures are usual: most bins outside of a stretch have some.
pub fn is_steady((from, to): Stretch, signals: &[Signal], edge: Option<&Edge>, Grid { data, width }: Grid) -> bool {
    let bin = |at: Moment| at.seconds().div_euclid(width);
    let is_outside = |b: i64| b < bin(from) || b >= bin(to);
    let outside = (bin(data.0)..=bin(data.1)).filter(|b| is_outside(*b)).count();
    let counts = counts(signals, edge, width);
    let failing = counts.iter().filter(|(b, n)| is_outside(**b) && **n > 0.0).count();
    outside > 0 && failing as f64 > STEADY * outside as f64
}

/// Trouble per bin. Each kind counts with the square root of its number, so that one loud line does not drown the rest.
fn trouble(signals: &[Signal], edge: Option<&Edge>, width: i64, from: Moment, to: Moment) -> BTreeMap<i64, f64> {
    let mut bins: BTreeMap<i64, f64> = BTreeMap::new();
    for signal in signals.iter().filter(|s| s.is_failure() && s.kind != SignalKind::Metric && s.kind != SignalKind::Note) {
        for (bin, count) in share::wider(signal.bins.iter().filter(|(at, _)| *at >= from && *at <= to), width) {
            *bins.entry(bin).or_default() += (count as f64).sqrt();
        }
    }
    if let Some(edge) = edge {
        for (bin, failed) in edge.failed_by_bin(width) {
            *bins.entry(bin).or_default() += 2.0 * (failed as f64).sqrt();
        }
    }
    bins
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Run {
    first: i64,
    last: i64,
    excess: f64,
}

/// Stretches of bins that stand out, joined over short pauses. A bin stands out from what is usual and is not small
/// beside the worst: the odd error of every day is neither.
fn runs(bins: &BTreeMap<i64, f64>, first: i64, last: i64, width: i64) -> Vec<Run> {
    let all: Vec<f64> = (first..=last.min(first + 200_000)).map(|b| bins.get(&b).copied().unwrap_or(0.0)).collect();
    let smooth: Vec<f64> = (0..all.len()).map(|i| mean(&all[i.saturating_sub(1)..(i + 2).min(all.len())])).collect();
    let (usual, spread) = usual(&smooth);
    let worst = smooth.iter().copied().fold(0.0, f64::max);
    let limit = usual + (4.0 * spread).max(0.6).max(OF_WORST * (worst - usual));
    let pause = (600 / width).max(6).min((all.len() as i64 / 8).max(6));
    let stands_out = |i: &usize| smooth[*i] > limit && all[*i] > usual + 0.5 * spread;
    let mut runs: Vec<Run> = Vec::new();
    for index in (0..all.len()).filter(stands_out) {
        let bin = first + index as i64;
        let excess = all[index] - usual;
        match runs.last_mut() {
            Some(run) if bin - run.last <= pause => {
                run.last = bin;
                run.excess += excess;
            }
            _ => runs.push(Run { first: bin, last: bin, excess }),
        }
    }
    runs.retain(|r| r.excess >= LEAST_EXCESS);
    for run in &mut runs {
        stretch(run, &smooth, first, pause);
    }
    runs
}

/// Lets a run go on over weaker trouble, if that is more than there was before the run: the tail of an incident is
/// fainter than its worst minutes, but still not usual.
fn stretch(run: &mut Run, smooth: &[f64], first: i64, pause: i64) {
    let begin = (run.first - first) as usize;
    let mut before: Vec<f64> = smooth[..begin].to_vec();
    before.sort_by(f64::total_cmp);
    let most = before.get((before.len() as f64 * 0.98) as usize).copied().unwrap_or(f64::MAX);
    let limit = (1.5 * most).max(0.3);
    for (index, value) in smooth.iter().enumerate().skip(begin) {
        let bin = first + index as i64;
        if *value > limit && bin > run.last && bin - run.last <= pause {
            run.last = bin;
        }
    }
}

/// A bin that belongs to an incident has at least this share of the worst bin's excess.
const OF_WORST: f64 = 0.2;
/// Less trouble than this in all is no incident without an alarm.
const LEAST_EXCESS: f64 = 3.0;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The lower third's median and spread: an incident may fill half of what is handed over.
fn usual(all: &[f64]) -> (f64, f64) {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get((sorted.len() as f64 * share) as usize).copied().unwrap_or(0.0);
    let low = at(0.35);
    (low, (at(0.35) - at(0.1)).max(0.25 * low))
}

/// How many records tell of trouble in each bin. One that names its own cause, or ends a process, weighs as several.
fn counts(signals: &[Signal], edge: Option<&Edge>, width: i64) -> BTreeMap<i64, f64> {
    let mut bins: BTreeMap<i64, f64> = BTreeMap::new();
    for signal in signals.iter().filter(|s| s.is_failure() && !matches!(s.kind, SignalKind::Metric | SignalKind::Note)) {
        let names_cause =
            signal.trace.is_some() && signal.hits.iter().any(|s| s.role == crate::signatures::Role::Cause && s.spec >= 0.8);
        let telling = signal.count <= 20 && (signal.level == Some(evidence::Level::Fatal) || names_cause);
        for (bin, count) in share::wider(signal.bins.iter(), width) {
            *bins.entry(bin).or_default() += count as f64 * if telling { 4.0 } else { 1.0 };
        }
    }
    // A failed request and the line that tells why are one event, not two.
    for (bin, failed) in edge.map(|e| e.failed_by_bin(width)).unwrap_or_default() {
        let known = bins.entry(bin).or_default();
        *known = known.max(failed as f64);
    }
    bins
}

fn seconds(run: &Run, Grid { data, width }: Grid) -> (f64, f64) {
    let length = ((run.last - run.first + 1) * width) as f64;
    (length, (data.1.since(data.0) - length).max(1.0))
}

fn covers_all(run: &Run, grid: Grid) -> bool {
    let (length, rest) = seconds(run, grid);
    rest < length * 0.2
}

/// Where failures go on from the first record to the last, there is nothing to set them beside: they are an incident if they
/// are a large part of what there is. A few at all times are what every system has.
fn is_large_part(scene: &Scene, counts: &BTreeMap<i64, f64>) -> bool {
    let records: u64 = scene.digests.iter().map(|d| d.stamped).sum();
    let failures: f64 = counts.values().sum();
    failures >= 5.0 && failures >= RUN_OF_ALL * records as f64
}

/// With an alarm that says where to look: several times as much trouble as the rest of the evidence would bring, and several
/// standard deviations of a Poisson count above it.
fn is_more(run: &Run, counts: &BTreeMap<i64, f64>, grid: Grid) -> bool {
    let inside: f64 = counts.range(run.first..=run.last).map(|(_, n)| n).sum();
    let outside: f64 = counts.values().sum::<f64>() - inside;
    let (length, rest) = seconds(run, grid);
    let expected = outside * length / rest;
    let more = inside >= 3.0 * expected && inside - expected >= 4.0 * expected.max(0.6).sqrt();
    inside >= 3.0 && (covers_all(run, grid) || more)
}

/// The run was chosen because it stands out, so without an alarm more is asked of it: more than Poisson counts reach
/// anywhere in the evidence, whose dispersion is that of the rest.
fn is_beyond_chance(run: &Run, counts: &BTreeMap<i64, f64>, grid: Grid) -> bool {
    let inside: f64 = counts.range(run.first..=run.last).map(|(_, n)| n).sum();
    let outside: f64 = counts.values().sum::<f64>() - inside;
    let (length, rest) = seconds(run, grid);
    let others = counts.iter().filter(|(bin, _)| **bin < run.first || **bin > run.last);
    let squares: f64 = others.map(|(_, n)| n * n).sum();
    let mean = outside / (rest / grid.width as f64).max(1.0);
    let dispersion = if outside > 0.0 { (squares / outside - mean).max(1.0) } else { 1.0 };
    let rate = (inside + outside) / (length + rest);
    let term = |seen: f64, seconds: f64| if seen > 0.0 { seen * (seen / (rate * seconds)).ln() } else { 0.0 };
    let surprise = 2.0 * (term(inside, length) + term(outside, rest)) / dispersion;
    let bins = ((length + rest) / grid.width as f64).max(1.0);
    let expected = outside * length / rest;
    inside >= 5.0 && inside >= 4.0 * expected && surprise >= 2.0 * (bins * bins / 2.0 / RUN_CHANCE).ln()
}

/// The run with the most excess; one at the alarm counts double.
fn pick(runs: &[Run], anchor: Option<Moment>, width: i64) -> Option<Run> {
    let near = |run: &Run| {
        anchor.is_some_and(|a| {
            let bin = a.seconds().div_euclid(width);
            let slack = 1_800 / width;
            bin >= run.first - slack && bin <= run.last + slack
        })
    };
    runs.iter().copied().max_by(|a, b| {
        let weight = |r: &Run| r.excess * if near(r) { 3.0 } else { 1.0 };
        weight(a).total_cmp(&weight(b)).then(b.first.cmp(&a.first))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(values: &[f64]) -> BTreeMap<i64, f64> {
        values.iter().enumerate().map(|(i, v)| (i as i64, *v)).filter(|(_, v)| *v > 0.0).collect()
    }

    #[test]
    fn what_stands_out_is_one_run_over_a_short_pause() {
        let mut values = vec![0.0; 60];
        values[3] = 1.0;
        values[30..36].fill(8.0);
        values[38..42].fill(7.0);
        let found = runs(&bins(&values), 0, 59, 60);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].first, found[0].last), (30, 41));
    }

    #[test]
    fn even_noise_has_no_run() {
        assert!(runs(&bins(&[2.0; 50]), 0, 49, 60).is_empty());
    }
}

//! When the incident was, and which of the trouble belongs to it.
//!
//! What it sees: trouble per bin of time over all sources, against its usual level (median and spread of all bins), and
//! the alerts and pages that somebody or something raised. Why it matters: everything later asks "in the incident or
//! before?". When it misleads: evidence that begins in the middle of an incident has no usual level; then everything is
//! the incident, which is what a person would say too.

use std::collections::BTreeMap;

use evidence::Moment;

use crate::edge::Edge;
use crate::rates;
use crate::scene::Scene;
use crate::signals::{Signal, SignalKind};
use crate::weights::{NEAR_S, RUN_CHANCE, RUN_LEAST_ODDS, STEADY};

/// The stretch of harm: from the first to the last bin that stands out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    pub from: Moment,
    pub to: Moment,
    /// Where the evidence itself begins and ends.
    pub data_from: Moment,
    pub data_to: Moment,
    /// Seconds of a bin.
    pub width: i64,
}

/// `None`: nothing stands out anywhere.
pub fn find(scene: &Scene, signals: &[Signal], edge: Option<&Edge>) -> Option<Window> {
    let (data_from, data_to) = data_span(scene, signals)?;
    let width = grid((data_to.seconds() - data_from.seconds()).max(1));
    let bins = trouble(signals, edge, width, data_from, data_to);
    let runs = runs(&bins, data_from.seconds().div_euclid(width), data_to.seconds().div_euclid(width), width);
    let anchor = anchor(scene, data_from, data_to);
    let counts = counts(signals, edge, width);
    let run =
        pick(&runs, anchor, width).filter(|run| is_more_than_chance(run, &counts, anchor.is_some(), (data_from, data_to), width));
    let span = |run: Run| (Moment::from_seconds(run.first * width), Moment::from_seconds((run.last + 1) * width));
    let near = |(from, to): (Moment, Moment)| anchor.is_some_and(|a| a >= from.plus(-NEAR_S) && a <= to.plus(NEAR_S));
    let all_rises = rates::rises(scene, signals, edge, width, (data_from, data_to));
    let rise = rates::clearest(&all_rises, |r| near((r.from, r.to))).map(|rise| (rise.from, rise.to));
    let run = run.map(span).filter(|run| {
        near(*run) || !is_steady(*run, &counts, (data_from, data_to), width) || {
            let odds = rates::odds_ratio(scene, signals, width, (data_from, data_to), *run);
            odds.is_none_or(|ratio| ratio >= RUN_LEAST_ODDS)
        }
    });
    let (from, to) = match (run, rise, anchor) {
        (Some(run), Some(rise), _) if is_steady(run, &counts, (data_from, data_to), width) => of_both(run, rise, near(run)),
        (Some(run), ..) => run,
        (None, Some(rise), _) if anchor.is_none() || near(rise) => rise,
        (None, rise, Some(at)) => by_metrics(scene, signals, at).or(rise)?,
        (None, _, None) => by_new_kinds(signals, data_from, data_to)?,
    };
    // The alarm that stands for the harm may have come when the logs had ended already.
    let alarm = anchor.filter(|_| run.is_none() && rise.is_none());
    let (data_from, data_to) = (data_from.min(alarm.unwrap_or(data_from)), data_to.max(alarm.unwrap_or(data_to)));
    Some(Window { from: from.max(data_from), to: to.min(Moment::from_seconds(data_to.seconds() + 1)), data_from, data_to, width })
}

/// Failures are usual: most bins outside of a stretch have some. Where they are, kinds of failure that come by chance
/// make stretches too, and shares tell better.
fn is_steady((from, to): (Moment, Moment), counts: &BTreeMap<i64, f64>, data: (Moment, Moment), width: i64) -> bool {
    let bin = |at: Moment| at.seconds().div_euclid(width);
    let is_outside = |b: i64| b < bin(from) || b >= bin(to);
    let outside = (bin(data.0)..=bin(data.1)).filter(|b| is_outside(*b)).count();
    let failing = counts.iter().filter(|(b, n)| is_outside(**b) && **n > 0.0).count();
    outside > 0 && failing as f64 > STEADY * outside as f64
}

/// Where failures are usual, the stretch in which shares rise; the run of kinds, where it is another and an alarm tells
/// of it.
fn of_both(run: (Moment, Moment), rise: (Moment, Moment), at_alarm: bool) -> (Moment, Moment) {
    let overlap = run.0 < rise.1 && rise.0 < run.1;
    if at_alarm && !overlap { run } else { rise }
}

/// How many records tell of trouble in each bin. One that names its own cause, or ends a process, weighs as several.
fn counts(signals: &[Signal], edge: Option<&Edge>, width: i64) -> BTreeMap<i64, f64> {
    let mut bins: BTreeMap<i64, f64> = BTreeMap::new();
    for signal in signals.iter().filter(|s| s.is_failure() && !matches!(s.kind, SignalKind::Metric | SignalKind::Note)) {
        let names_cause =
            signal.trace.is_some() && signal.hits.iter().any(|s| s.role == crate::signatures::Role::Cause && s.spec >= 0.8);
        let telling = signal.count <= 20 && (signal.level == Some(evidence::Level::Fatal) || names_cause);
        for (at, count) in &signal.bins {
            *bins.entry(at.seconds().div_euclid(width)).or_default() += *count as f64 * if telling { 4.0 } else { 1.0 };
        }
    }
    // A failed request and the line that tells why are one event, not two.
    for (bin, tally) in edge.map(|e| e.binned(width, None)).unwrap_or_default() {
        let known = bins.entry(bin).or_default();
        *known = known.max(tally.failed as f64);
    }
    bins
}

/// The run holds more trouble than the rest of the evidence would bring by chance: several times as much, and beyond what
/// Poisson counts with the dispersion of the rest reach.
fn is_more_than_chance(run: &Run, counts: &BTreeMap<i64, f64>, alarm: bool, data: (Moment, Moment), width: i64) -> bool {
    let inside: f64 = counts.range(run.first..=run.last).map(|(_, n)| n).sum();
    let outside: f64 = counts.values().sum::<f64>() - inside;
    let length = ((run.last - run.first + 1) * width) as f64;
    let rest = (data.1.since(data.0) - length).max(1.0);
    let expected = outside * length / rest;
    let covers_all = rest < length * 0.2;
    if alarm || covers_all {
        let (least, times, deviations) = if alarm { (3.0, 3.0, 4.0) } else { (5.0, 4.0, 5.0) };
        let more = inside >= times * expected && inside - expected >= deviations * expected.max(0.6).sqrt();
        return inside >= least && (covers_all || more);
    }
    // The run was chosen because it stands out, so without an alarm to say where to look more is asked of it.
    let bins = (data.1.since(data.0) / width as f64).max(1.0);
    let others = counts.iter().filter(|(bin, _)| **bin < run.first || **bin > run.last);
    let squares: f64 = others.map(|(_, n)| n * n).sum();
    let mean = outside / (rest / width as f64).max(1.0);
    let dispersion = if outside > 0.0 { (squares / outside - mean).max(1.0) } else { 1.0 };
    let rate = (inside + outside) / (length + rest);
    let term = |seen: f64, seconds: f64| if seen > 0.0 { seen * (seen / (rate * seconds)).ln() } else { 0.0 };
    let surprise = 2.0 * (term(inside, length) + term(outside, rest)) / dispersion;
    inside >= 5.0 && inside >= 4.0 * expected && surprise >= 2.0 * (bins * bins / 2.0 / RUN_CHANCE).ln()
}

/// Errors that nothing stands out of, and that yet at least doubled: by kinds that had never come before, though at their
/// rate they would have come often. Where a program says hundreds of different errors every minute of every day, new ones
/// are a small part of all kinds and a large part of all records.
fn by_new_kinds(signals: &[Signal], data_from: Moment, data_to: Moment) -> Option<(Moment, Moment)> {
    /// Records of a kind that would have come before, had it been there; and of all new kinds.
    const MISSED: f64 = 20.0;
    const LEAST: u64 = 100;
    let failures = || signals.iter().filter(|s| s.kind == SignalKind::Log && s.level.is_some_and(evidence::Level::is_bad));
    let is_new = |s: &&Signal| {
        let lasted = s.last.since(s.first).max(1.0);
        let before = s.first.since(data_from);
        before > data_to.since(data_from) * 0.1 && s.count as f64 / lasted * before >= MISSED && s.count as f64 >= MISSED
    };
    let from = failures().filter(is_new).map(|s| s.first).min()?;
    let to = failures().filter(is_new).map(|s| s.last).max()?;
    let new: u64 = failures().filter(is_new).map(|s| s.count).sum();
    let inside = |s: &Signal| s.bins.iter().filter(|(at, _)| *at >= from && *at <= to).map(|(_, n)| n).sum::<u64>();
    let usual: u64 = failures().filter(|s| !is_new(s)).map(inside).sum();
    (new >= LEAST && new >= usual).then_some((from, to))
}

/// Nothing but an alarm: the metrics that moved around it say from when to when. Logs that show nothing and metrics that
/// did not move outweigh it.
fn by_metrics(scene: &Scene, signals: &[Signal], alarm: Moment) -> Option<(Moment, Moment)> {
    let near = |s: &&Signal| {
        s.kind == SignalKind::Metric
            && s.first <= alarm.plus(300.0)
            && s.last >= alarm.plus(-3_600.0)
            && alarm.since(s.first) <= 7_200.0
    };
    let moved: Vec<&Signal> = signals.iter().filter(near).collect();
    let silent = moved.is_empty() && scene.digests.iter().any(|d| d.stamped >= 20);
    if silent {
        return None;
    }
    let from = moved.iter().map(|s| s.first).min().unwrap_or(alarm).min(alarm);
    let to = moved.iter().map(|s| s.last).max().unwrap_or(alarm).max(alarm);
    Some((from, to))
}

/// Bin width for a span: about 240 bins between one second and one minute (algorithms, 2.2).
fn grid(span: i64) -> i64 {
    let wanted = (span / 240).clamp(1, 60);
    [1, 2, 5, 10, 15, 30, 60].into_iter().find(|w| *w >= wanted).unwrap_or(60)
}

/// Begin and end of the logs, else of what is dated at all.
fn data_span(scene: &Scene, signals: &[Signal]) -> Option<(Moment, Moment)> {
    let mut moments: Vec<Moment> = Vec::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        moments.extend(digest.first.and_then(|(s, _)| clock.moment(s)));
        moments.extend(digest.last.and_then(|(s, _)| clock.moment(s)));
    }
    if moments.is_empty() {
        moments.extend(signals.iter().filter(|s| s.kind != SignalKind::Note).flat_map(|s| [s.first, s.last]));
        moments.extend(scene.pages.iter().map(|p| p.at));
        moments.extend(scene.alerts.iter().map(|a| a.at));
        moments.extend(scene.chat.iter().map(|c| c.at));
    }
    // One stray date far from all others must not stretch the axis: the middle of the sources decides.
    moments.sort();
    let middle = *moments.get(moments.len() / 2)?;
    let near = |m: &Moment| m.since(middle).abs() <= 3.0 * 86_400.0;
    let from = *moments.iter().find(|m| near(m))?;
    let to = *moments.iter().rev().find(|m| near(m))?;
    Some((from, to))
}

/// Trouble per bin. Each kind counts with the square root of its number, so that one loud line does not drown the rest.
fn trouble(signals: &[Signal], edge: Option<&Edge>, width: i64, from: Moment, to: Moment) -> BTreeMap<i64, f64> {
    let mut bins: BTreeMap<i64, f64> = BTreeMap::new();
    for signal in signals.iter().filter(|s| s.is_failure() && s.kind != SignalKind::Metric && s.kind != SignalKind::Note) {
        let mut own: BTreeMap<i64, u64> = BTreeMap::new();
        for (at, count) in signal.bins.iter().filter(|(at, _)| *at >= from && *at <= to) {
            *own.entry(at.seconds().div_euclid(width)).or_default() += count;
        }
        for (bin, count) in own {
            *bins.entry(bin).or_default() += (count as f64).sqrt();
        }
    }
    if let Some(edge) = edge {
        for (bin, tally) in edge.binned(width, None) {
            *bins.entry(bin).or_default() += 2.0 * (tally.failed as f64).sqrt();
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

/// When somebody or something raised an alarm first, within the evidence.
fn anchor(scene: &Scene, from: Moment, to: Moment) -> Option<Moment> {
    let inside = |at: &Moment| *at >= from.plus(-3_600.0) && *at <= to.plus(3_600.0);
    let pages = scene.pages.iter().filter(|p| !is_low(p.what.priority.as_deref())).map(|p| p.at);
    let alerts = scene.alerts.iter().filter(|a| a.what.firing && !is_low(a.what.severity.as_deref())).map(|a| a.at);
    let mut all: Vec<Moment> = pages.chain(alerts).filter(inside).collect();
    all.sort();
    all.get(all.len() / 2).copied()
}

/// Words by which a source says that nobody needs to get up.
pub fn is_low(severity: Option<&str>) -> bool {
    let word = severity.unwrap_or("").to_ascii_lowercase();
    ["info", "informational", "low", "none", "notice", "debug", "ok", "p4", "p5", "sev4", "sev5", "minor"]
        .contains(&word.as_str())
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

    #[test]
    fn the_grid_grows_with_the_span() {
        assert_eq!((grid(7), grid(2_100), grid(7_200), grid(86_400)), (1, 10, 30, 60));
    }
}

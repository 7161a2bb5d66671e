//! Counts over time around the incident, for pictures: requests at the edge, records and failures by service, kinds of
//! failure, metrics that moved, and who depends on whom.
//!
//! What it sees: the bins of the digests, put on one axis of equal steps. Must never conclude anything. When it misleads: a
//! source over many hours has wide bins; its counts are spread evenly over the steps that such a bin covers.

use std::collections::BTreeMap;

use evidence::{Moment, RecordRef};

use crate::bins::Cells;
use crate::edge::Edge;
use crate::findings::{Course, Link, PatternCourse, Places, Requests, ServiceCourse, Times, Track};
use crate::incident::{Incident, places_of};
use crate::signals::{Signal, SignalKind};

/// Steps of a picture, about.
const STEPS: i64 = 96;
/// Steps that a reader can name.
const NICE: [i64; 20] =
    [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];
const SERVICES: usize = 12;
const PATTERNS: usize = 12;
const TRACKS: usize = 4;
const PLACES: usize = 64;
/// Points of a metric that are kept.
const POINTS: usize = 400;

/// `None` where nothing was counted over time.
pub fn of(incident: &Incident<'_>, times: &Times) -> Option<Course> {
    let axis = Axis::around(incident, times)?;
    let course = Course {
        from: axis.from,
        step: axis.step,
        steps: axis.steps,
        requests: incident.edge.as_ref().and_then(|edge| requests(edge, &axis)),
        services: services(incident, &axis),
        patterns: patterns(incident, &axis),
        tracks: tracks(incident, &axis),
        links: links(incident),
    };
    let counts = course.requests.is_some() || !course.services.is_empty() || !course.patterns.is_empty();
    (counts || !course.tracks.is_empty()).then_some(course)
}

/// Steps of equal length.
#[derive(Debug, Clone, Copy)]
struct Axis {
    from: Moment,
    step: i64,
    steps: usize,
}

impl Axis {
    /// From some time before the first harm to some time after the end, as far as there is evidence.
    fn around(incident: &Incident<'_>, times: &Times) -> Option<Axis> {
        let window = &incident.window;
        let known = [&times.started, &times.detected, &times.acknowledged, &times.mitigated, &times.resolved];
        let known = known.into_iter().flatten().map(|t| t.at);
        let first = known.clone().chain([window.from]).min()?;
        let last = known.chain([window.to]).max()?;
        let lasted = last.since(first).max(30.0);
        // A third of the whole before it and a sixth after it: enough to see what was usual.
        let from = first.plus(-lasted / 3.0).max(window.data_from);
        let to = last.plus(lasted / 6.0).min(window.data_to.max(last));
        let width = incident.edge.iter().flat_map(|e| &e.paths).map(|p| p.width_s).max().unwrap_or(1);
        Some(Axis::over(from, to, width))
    }

    /// Steps no narrower than the widest bin, and of a length that a reader can name.
    fn over(from: Moment, to: Moment, width: i64) -> Axis {
        let seconds = (to.since(from).ceil() as i64).max(1);
        let least = (seconds / STEPS).max(width).max(1);
        let step = NICE.into_iter().find(|nice| *nice >= least).unwrap_or(least.div_euclid(86_400).saturating_add(1) * 86_400);
        let begin = from.seconds().div_euclid(step) * step;
        let steps = (to.seconds().saturating_sub(begin)).div_euclid(step).clamp(0, 4 * STEPS) as usize + 1;
        Axis { from: Moment::from_seconds(begin), step, steps }
    }

    fn empty(&self) -> Vec<u64> {
        vec![0; self.steps]
    }

    /// Adds a count that came somewhere within so many seconds from a moment on: evenly, and nothing is lost to rounding.
    fn add(&self, into: &mut [u64], (at, width): (Moment, i64), count: u64) {
        self.add_all(into, std::iter::once((at.seconds(), count)), width);
    }

    /// The same for bins of one width, by their seconds.
    fn add_all(&self, into: &mut [u64], bins: impl Iterator<Item = (i64, u64)>, width: i64) {
        let mut cells = Cells::new(self.from.seconds(), self.step);
        let mut slot = |second: i64, count: u64| {
            let slot = usize::try_from(cells.of(second).0).ok().and_then(|index| into.get_mut(index));
            slot.into_iter().for_each(|slot| *slot += count);
        };
        for (second, count) in bins {
            // Most bins are narrower than two steps.
            if width < 2 * self.step {
                slot(second, count);
                continue;
            }
            let parts = (width / self.step) as u64;
            for part in 0..parts {
                slot(second.saturating_add(part as i64 * self.step), count * (part + 1) / parts - count * part / parts);
            }
        }
    }
}

fn requests(edge: &Edge, axis: &Axis) -> Option<Requests> {
    let (mut total, mut failed) = (axis.empty(), axis.empty());
    for path in &edge.paths {
        for (at, tally) in &path.bins {
            axis.add(&mut total, (*at, path.width_s), tally.total);
            axis.add(&mut failed, (*at, path.width_s), tally.failed);
        }
    }
    let tallies = edge.paths.iter().flat_map(|path| &path.bins).map(|(_, tally)| tally);
    let places = tallies.flat_map(|tally| [tally.first_failed(), tally.last_failed()]).flatten().map(|(place, ..)| place);
    let any = total.iter().any(|n| *n > 0);
    any.then(|| Requests { service: edge.service.clone(), total, failed, places: Places::from_many(places) })
}

fn services(incident: &Incident<'_>, axis: &Axis) -> Vec<ServiceCourse> {
    let mut records = records(incident, axis);
    let mut failed = failed(incident, axis);
    let mut out: Vec<ServiceCourse> = Vec::new();
    for hurt in incident.services.iter().take(SERVICES) {
        let signals: Vec<&Signal> = hurt.signals.iter().map(|i| &incident.signals[*i]).collect();
        let mut failures = axis.empty();
        signals.iter().for_each(|signal| count(signal, axis, &mut failures));
        let requests = failed.remove(&hurt.name).unwrap_or_else(|| Failed::none(axis));
        let places = signals.iter().flat_map(|s| s.places.iter().copied().chain([s.last_place])).chain(requests.places);
        let own = records.remove(&hurt.name).unwrap_or_else(|| axis.empty());
        out.push(ServiceCourse {
            name: hurt.name.clone(),
            records: own,
            failures: more_of(&failures, &requests.counts),
            places: Places::from_many(places.take(PLACES)),
        });
    }
    let mut others: Vec<ServiceCourse> = records
        .into_iter()
        .filter(|(_, r)| r.iter().any(|n| *n > 0))
        .map(|(name, records)| {
            let requests = failed.remove(&name).unwrap_or_else(|| Failed::none(axis));
            let places = Places::from_many(requests.places.into_iter().take(PLACES));
            ServiceCourse { name, records, failures: requests.counts, places }
        })
        .collect();
    let sum = |counts: &[u64]| std::cmp::Reverse(counts.iter().sum::<u64>());
    others.sort_by_key(|course| (sum(&course.failures), sum(&course.records), course.name.clone()));
    let left = SERVICES.saturating_sub(out.len());
    out.extend(others.into_iter().take(left));
    out
}

/// Failed requests of one service over time.
struct Failed {
    counts: Vec<u64>,
    places: Vec<RecordRef>,
}

impl Failed {
    fn none(axis: &Axis) -> Failed {
        Failed { counts: axis.empty(), places: Vec::new() }
    }
}

/// Requests that failed, by the service whose log tells of them.
fn failed(incident: &Incident<'_>, axis: &Axis) -> BTreeMap<String, Failed> {
    let mut all: BTreeMap<String, Failed> = BTreeMap::new();
    for edge in incident.edges() {
        let Some(service) = edge.service.clone() else { continue };
        let of_service = all.entry(service).or_insert_with(|| Failed::none(axis));
        let bins = edge.paths.iter().flat_map(|p| p.bins.iter().map(|(at, t)| (*at, t, p.width_s)));
        for (at, tally, width) in bins.filter(|(_, tally, _)| tally.failed > 0) {
            axis.add(&mut of_service.counts, (at, width), tally.failed);
            of_service.places.extend([tally.first_failed(), tally.last_failed()].into_iter().flatten().map(|(place, ..)| place));
        }
    }
    all
}

/// A failed request may have a record of its own that is a failure as well, so of both counts the larger one is what
/// failed at least.
fn more_of(records: &[u64], requests: &[u64]) -> Vec<u64> {
    records.iter().zip(requests).map(|(a, b)| *a.max(b)).collect()
}

/// Records of each service over time.
fn records(incident: &Incident<'_>, axis: &Axis) -> BTreeMap<String, Vec<u64>> {
    let scene = incident.scene;
    let mut all: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in &digest.patterns {
            let Some((name, basis)) = scene.service_of(pattern.service.as_deref(), digest.source).zip(pattern.basis) else {
                continue;
            };
            if scene.is_node(&name) || crate::entities::is_host_program(&name) {
                continue;
            }
            let counts = all.entry(name).or_insert_with(|| axis.empty());
            let bins = pattern.bins.seconds(clock, basis).map(|(second, count)| (second, u64::from(*count)));
            axis.add_all(counts, bins, pattern.bins.width());
        }
    }
    all
}

fn patterns(incident: &Incident<'_>, axis: &Axis) -> Vec<PatternCourse> {
    let mut kinds: Vec<(u64, Moment, usize)> =
        incident.failures().map(|(index, _, share)| (share.inside, share.onset, index)).collect();
    kinds.sort_by_key(|(inside, onset, index)| (std::cmp::Reverse(*inside), *onset, *index));
    kinds.truncate(PATTERNS);
    kinds.sort_by_key(|(_, onset, index)| (*onset, *index));
    let course = |index: usize| {
        let signal = &incident.signals[index];
        let mut counts = axis.empty();
        count(signal, axis, &mut counts);
        PatternCourse {
            service: signal.service.clone(),
            words: signal.words.clone(),
            level: signal.level,
            counts,
            places: places_of(signal),
        }
    };
    kinds.into_iter().map(|(_, _, index)| course(index)).filter(|course| course.counts.iter().any(|n| *n > 0)).collect()
}

/// A signal's bins; one without any came at its first moment.
fn count(signal: &Signal, axis: &Axis, into: &mut [u64]) {
    if signal.bins.is_empty() {
        axis.add(into, (signal.first, 1), signal.count.max(1));
    }
    axis.add_all(into, signal.bins.iter().map(|(at, count)| (at.seconds(), *count)), signal.bin_s);
}

/// Metrics that left their usual range in the incident.
fn tracks(incident: &Incident<'_>, axis: &Axis) -> Vec<Track> {
    let scene = incident.scene;
    let moved = |place: RecordRef| {
        let same = |s: &Signal| s.kind == SignalKind::Metric && s.source == place.source && s.places.contains(&place);
        incident.signals.iter().zip(&incident.shares).any(|(s, share)| share.excess && same(s))
    };
    let mut out = Vec::new();
    for series in &scene.series {
        let places: Vec<RecordRef> = series.what.points.iter().map(|p| p.place).chain([series.place]).collect();
        if out.len() >= TRACKS || !places.iter().any(|place| moved(*place)) {
            continue;
        }
        let clock = scene.clock(series.place.source);
        let end = axis.from.plus((axis.step * axis.steps as i64) as f64);
        let points = series.what.points.iter().filter_map(|p| Some((clock.moment(p.stamp)?, p.value)));
        let points: Vec<(Moment, f64)> =
            points.filter(|(at, value)| *at >= axis.from && *at < end && value.is_finite()).take(POINTS).collect();
        let shown = places.into_iter().filter(|place| moved(*place)).take(PLACES);
        if let Some(places) = Places::from_many(shown).filter(|_| points.len() > 1) {
            out.push(Track { metric: series.what.metric.clone(), service: series.what.service.clone(), points, places });
        }
    }
    out
}

/// Who depends on whom among the services that failed.
fn links(incident: &Incident<'_>) -> Vec<Link> {
    let names: Vec<&str> = incident.services.iter().take(SERVICES).map(|h| h.name.as_str()).collect();
    let mut out = Vec::new();
    for cause in &names {
        for harmed in names.iter().filter(|harmed| *harmed != cause) {
            if let Some(edge) = crate::chain::link(incident, cause, harmed) {
                out.push(Link { from: edge.to, to: edge.from, places: edge.places });
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_seconds(seconds)
    }

    #[test]
    fn steps_have_a_length_that_a_reader_can_name_and_begin_at_its_multiples() {
        let axis = Axis::over(at(1_003), at(1_003 + 600), 1);
        assert_eq!((axis.from, axis.step), (at(1_000), 10));
        let mut counts = axis.empty();
        [999, 1_603].iter().for_each(|second| axis.add(&mut counts, (at(*second), 1), 1));
        assert_eq!((counts[60], counts.iter().sum::<u64>()), (1, 1), "what is before the first step is not counted");
        assert_eq!(Axis::over(at(0), at(60), 256).step, 300, "no narrower than what was counted");
        assert_eq!(Axis::over(at(5), at(5), 1).steps, 1);
    }

    #[test]
    fn a_failed_request_that_has_a_record_of_its_own_counts_once() {
        assert_eq!(more_of(&[0, 4, 9], &[0, 6, 3]), [0, 6, 9]);
    }

    #[test]
    fn a_wide_bin_is_spread_evenly_and_loses_nothing() {
        let axis = Axis { from: at(0), step: 10, steps: 8 };
        let mut counts = axis.empty();
        axis.add(&mut counts, (at(0), 40), 10);
        axis.add(&mut counts, (at(70), 1), 3);
        axis.add(&mut counts, (at(900), 1), 5);
        assert_eq!(counts, [2, 3, 2, 3, 0, 0, 0, 3]);
    }
}

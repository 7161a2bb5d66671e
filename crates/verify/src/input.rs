//! One pass over the input: the sources as they are, what stands at the cited places, and the counts that the
//! derivations ask for. Must never hold more of a log than what is cited.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Body, Clock, Event, Known, Moment, Record, RecordRef, Sink, Source, SourceId, Stamp};
use intake::{Bundle, Quote, Settings};
use report::filter::Filter;
use report::model::{CoverageSource, Report};

use crate::derive::Query;
use crate::{Verdict, moments, names};

/// Where the input comes from.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    pub bundle: &'a dyn Bundle,
    pub settings: &'a Settings,
    pub threads: usize,
}

/// What was found.
pub struct Found {
    pub sources: BTreeMap<String, Source>,
    /// What the reader found around the cited places of a source, by its name.
    pub places: BTreeMap<String, Vec<Place>>,
    pub clocks: BTreeMap<String, Clock>,
    /// Of sources of which some times are taken for none, as they are far from all others: the times that are given.
    pub near: BTreeMap<String, Vec<Moment>>,
    /// One for each query.
    pub tallies: Vec<Tally>,
    /// What stands at the place of each evidence, by its index; none where there is no such source.
    pub quotes: Vec<Option<Quote>>,
    /// Nothing was read: a record that is not among the quotes may say anything.
    pub alone: bool,
}

/// A record or an element of a document, with the times it states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub place: RecordRef,
    pub stamps: Vec<Stamp>,
}

/// What a filter found in the sources it was asked about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    pub records: u64,
    pub events: u64,
    pub points: u64,
    pub matched: u64,
    /// Of a ratio: what matches the second filter.
    pub denominator: u64,
    pub keys: BTreeSet<String>,
    pub max: Option<f64>,
    pub min: Option<f64>,
    pub first: Option<Moment>,
    pub last: Option<Moment>,
}

pub fn read(report: &Report, queries: &[Query], outside: Outside<'_>) -> Found {
    let plan = Plan::new(report, queries);
    let make = |_: SourceId, name: &str| Watch::new(&plan, name);
    let readings = intake::read(outside.bundle, outside.settings, outside.threads, &make);
    let mut found = Found {
        sources: BTreeMap::new(),
        places: BTreeMap::new(),
        clocks: plan.clocks.clone(),
        near: near(report),
        tallies: vec![Tally::default(); queries.len()],
        quotes: Vec::new(),
        alone: false,
    };
    for reading in readings {
        for (index, tally) in reading.sink.tallies {
            if let Some(sum) = found.tallies.get_mut(index) {
                sum.add(tally);
            }
        }
        found.places.insert(reading.source.name.clone(), reading.sink.places);
        found.sources.insert(reading.source.name.clone(), reading.source);
    }
    found.quotes = quotes(report, &found.sources, outside);
    found
}

/// What stands at places of the input, each a source's name and a byte range; none where there is no such place.
pub fn texts(places: &[(&str, [u64; 2])], outside: Outside<'_>) -> Vec<Option<String>> {
    let sources: BTreeMap<String, Source> = sources(outside).map(|source| (source.name.clone(), source)).collect();
    let place = |(name, bytes): &(&str, [u64; 2])| {
        let source = sources.get(names::only(name, sources.keys().map(String::as_str)))?;
        let fits = bytes[0] < bytes[1] && bytes[1] <= source.bytes;
        fits.then_some(RecordRef { source: source.id, start: bytes[0], end: bytes[1], line: 0, last_line: 0 })
    };
    let places: Vec<Option<RecordRef>> = places.iter().map(place).collect();
    let mut wanted: Vec<RecordRef> = places.iter().flatten().copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let quoted = intake::quote(outside.bundle, &outside.settings.limits, &wanted, 0);
    let by_place: BTreeMap<RecordRef, String> = quoted.into_iter().map(|q| (q.place, q.text)).collect();
    places.into_iter().map(|p| by_place.get(&p?).cloned()).collect()
}

/// What the sources of the input are called.
pub fn names(outside: Outside<'_>) -> Vec<String> {
    sources(outside).map(|source| source.name).collect()
}

fn sources(outside: Outside<'_>) -> impl Iterator<Item = Source> {
    struct Nothing;
    impl Sink for Nothing {
        fn record(&mut self, _: &Record<'_>) {}
        fn event(&mut self, _: Event) {}
    }
    let readings = intake::read(outside.bundle, outside.settings, outside.threads, &|_: SourceId, _: &str| Nothing);
    readings.into_iter().map(|reading| reading.source)
}

/// Sizes, lines and records are what the input has, and nothing is left out.
pub fn check_coverage(report: &Report, found: &Found, verdict: &mut Verdict) {
    let mut named = BTreeSet::new();
    for entry in &report.coverage.sources {
        let name = &entry.name;
        verdict.want(named.insert(name.clone()), || format!("coverage names {name} twice"));
        check_sums(entry, verdict);
        let Some(source) = found.sources.get(name) else {
            verdict.fault(format!("coverage names {name}, which is not in the input"));
            continue;
        };
        let pairs = [
            ("bytes", entry.bytes, source.bytes),
            ("bytes read", entry.read_bytes, source.read_bytes),
            ("lines", entry.lines, source.lines),
            ("records", entry.records, source.records),
        ];
        for (what, said, is) in pairs {
            verdict.want(said == is, || format!("coverage of {name}: {said} {what}, the input has {is}"));
        }
    }
    for name in found.sources.keys().filter(|n| !named.contains(*n)) {
        verdict.fault(format!("coverage leaves out {name}"));
    }
}

/// Read and skipped make the whole, for one source.
pub fn check_sums(entry: &CoverageSource, verdict: &mut Verdict) {
    let name = &entry.name;
    let skipped: u64 = entry.skipped.iter().map(|s| s.bytes).fold(0, u64::saturating_add);
    verdict.want(entry.read_bytes.saturating_add(skipped) == entry.bytes, || {
        format!("coverage of {name}: {} bytes read and {skipped} skipped are not {}", entry.read_bytes, entry.bytes)
    });
    let lines: u64 = entry.skipped.iter().map(|s| s.lines).fold(0, u64::saturating_add);
    verdict.want(lines == entry.skipped_lines, || {
        format!("coverage of {name}: {lines} skipped lines are not {}", entry.skipped_lines)
    });
    let unsaid = entry.skipped.iter().any(|s| s.reason.trim().is_empty());
    verdict.want(!unsaid, || format!("coverage of {name}: something is skipped without a reason"));
}

fn near(report: &Report) -> BTreeMap<String, Vec<Moment>> {
    let has_strays = |s: &&CoverageSource| s.skipped.iter().any(|skip| skip.reason.contains("far from all others"));
    let given = |name: &str| {
        let own = report.evidence.iter().filter(|e| e.source == name);
        own.filter_map(|e| moments::moment(e.at.as_deref()?)).collect()
    };
    report.coverage.sources.iter().filter(has_strays).map(|s| (s.name.clone(), given(&s.name))).collect()
}

/// What is wanted of each source.
struct Plan<'q> {
    queries: &'q [Query],
    clocks: BTreeMap<String, Clock>,
    /// Of a report as of a time: nothing later counts.
    until: Option<Moment>,
    /// Cited first bytes, sorted.
    cited: BTreeMap<String, Vec<u64>>,
}

impl<'q> Plan<'q> {
    fn new(report: &Report, queries: &'q [Query]) -> Plan<'q> {
        let anchor = moments::anchor(report);
        let clocks = report.coverage.sources.iter().map(|s| (s.name.clone(), moments::clock(&s.clock, anchor))).collect();
        let mut cited: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for evidence in &report.evidence {
            cited.entry(evidence.source.clone()).or_default().push(evidence.bytes[0]);
        }
        for starts in cited.values_mut() {
            starts.sort_unstable();
        }
        Plan { queries, clocks, until: report.as_of.as_deref().and_then(moments::moment), cited }
    }
}

/// Watches one source go by.
struct Watch<'p> {
    clock: Clock,
    known: Option<Known>,
    cited: &'p [u64],
    queries: Vec<(usize, &'p Query)>,
    tallies: BTreeMap<usize, Tally>,
    places: Vec<Place>,
}

impl<'p> Watch<'p> {
    fn new(plan: &'p Plan<'_>, name: &str) -> Watch<'p> {
        let concerned = plan.queries.iter().enumerate().filter(|(_, q)| q.sources.iter().any(|s| s == name));
        let clock = plan.clocks.get(name).cloned().unwrap_or_else(Clock::trusted);
        Watch {
            known: plan.until.map(|until| Known { clock: clock.clone(), until }),
            clock,
            cited: plan.cited.get(name).map_or(&[], Vec::as_slice),
            queries: concerned.collect(),
            tallies: BTreeMap::new(),
            places: Vec::new(),
        }
    }

    fn note_place(&mut self, place: RecordRef, stamps: Vec<Stamp>) {
        let next = self.cited.partition_point(|start| *start < place.start);
        if self.cited.get(next).is_some_and(|start| *start <= place.end) {
            self.places.push(Place { place, stamps });
        }
    }

    fn moment(&self, stamp: Option<Stamp>, line: u64) -> Option<Moment> {
        moments::on_line(&self.clock, stamp?, line)
    }
}

impl Sink for Watch<'_> {
    fn record(&mut self, record: &Record<'_>) {
        self.note_place(record.place, record.stamp.into_iter().collect());
        if self.queries.is_empty() || self.known.as_ref().is_some_and(|known| !known.record(record)) {
            return;
        }
        let at = self.moment(record.stamp, record.place.line);
        for (index, query) in &self.queries {
            if !query.covers(at) || query.filter.wants_events() {
                continue;
            }
            let tally = self.tallies.entry(*index).or_default();
            tally.records += 1;
            let below = query.denominator.as_ref().is_none_or(|d| d.matches_record(record));
            tally.denominator += u64::from(below);
            if below && query.filter.matches_record(record) {
                tally.take(at, query.filter.number_of(record), query.filter.key_of(record));
            }
        }
    }

    fn event(&mut self, event: Event) {
        self.note_place(event.place, stamps_of(&event));
        if let Body::Series(series) = &event.body {
            for point in &series.points {
                if point.place != event.place {
                    self.note_place(point.place, vec![point.stamp]);
                }
            }
        }
        let known = match &self.known {
            Some(known) => known.event(event),
            None => Some(event),
        };
        let Some(event) = known else { return };
        let at = self.moment(event.stamp, event.place.line);
        for (index, query) in &self.queries {
            let tally = self.tallies.entry(*index).or_default();
            match &event.body {
                Body::Series(series) if query.filter.wants_points() => {
                    for point in &series.points {
                        let at = moments::on_line(&self.clock, point.stamp, point.place.line);
                        if query.covers(at) {
                            tally.points += 1;
                            if query.filter.matches_event(&event) {
                                tally.take(at, Some(point.value), None);
                            }
                        }
                    }
                }
                _ if query.covers(at) && !query.filter.wants_points() => {
                    tally.events += 1;
                    tally.denominator += u64::from(query.denominator.as_ref().is_some_and(|d| d.matches_event(&event)));
                    if matches_both(query, &event) {
                        tally.take(at, None, query.filter.key_of_event(&event));
                    }
                }
                _ => {}
            }
        }
    }
}

impl Tally {
    fn take(&mut self, at: Option<Moment>, number: Option<f64>, key: Option<&str>) {
        self.matched += 1;
        if let Some(key) = key.filter(|k| !self.keys.contains(*k)) {
            self.keys.insert(key.to_string());
        }
        self.max = larger(self.max, number);
        self.min = smaller(self.min, number);
        self.first = self.first.into_iter().chain(at).min();
        self.last = self.last.into_iter().chain(at).max();
    }

    fn add(&mut self, other: Tally) {
        self.records += other.records;
        self.events += other.events;
        self.points += other.points;
        self.matched += other.matched;
        self.denominator += other.denominator;
        self.keys.extend(other.keys);
        self.max = larger(self.max, other.max);
        self.min = smaller(self.min, other.min);
        self.first = self.first.into_iter().chain(other.first).min();
        self.last = self.last.into_iter().chain(other.last).max();
    }
}

fn matches_both(query: &Query, event: &Event) -> bool {
    let holds = |f: &Filter| f.matches_event(event);
    holds(&query.filter) && query.denominator.as_ref().is_none_or(holds)
}

fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.into_iter().chain(b).reduce(f64::max)
}

fn smaller(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.into_iter().chain(b).reduce(f64::min)
}

/// All times that an event states.
fn stamps_of(event: &Event) -> Vec<Stamp> {
    let further: Vec<Option<Stamp>> = match &event.body {
        Body::Alert(alert) => vec![alert.ends],
        Body::Deploy(deploy) => vec![deploy.finished],
        Body::Kube(object) => vec![object.first, object.last],
        Body::Status(update) => vec![update.started, update.resolved],
        Body::Series(series) => series.points.iter().map(|p| Some(p.stamp)).collect(),
        _ => Vec::new(),
    };
    event.stamp.into_iter().chain(further.into_iter().flatten()).collect()
}

/// What stands at the cited places, with as many neighbour lines as the report shows.
fn quotes(report: &Report, sources: &BTreeMap<String, Source>, outside: Outside<'_>) -> Vec<Option<Quote>> {
    let place = |e: &report::model::Evidence| {
        let source = sources.get(&e.source)?;
        let fits = e.bytes[0] < e.bytes[1] && e.bytes[1] <= source.bytes;
        fits.then_some(RecordRef { source: source.id, start: e.bytes[0], end: e.bytes[1], line: e.line, last_line: e.last_line })
    };
    let places: Vec<Option<RecordRef>> = report.evidence.iter().map(place).collect();
    let mut wanted: Vec<RecordRef> = places.iter().flatten().copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let context = report.evidence.iter().map(|e| e.before.len().max(e.after.len())).max().unwrap_or(0);
    let quoted = intake::quote(outside.bundle, &outside.settings.limits, &wanted, context.min(20));
    let by_place: BTreeMap<RecordRef, Quote> = quoted.into_iter().map(|q| (q.place, q)).collect();
    places.into_iter().map(|p| by_place.get(&p?).cloned()).collect()
}

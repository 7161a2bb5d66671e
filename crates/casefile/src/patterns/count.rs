//! Reads the input, and the baseline if there is one, and counts what each kind of message has on either side.
//!
//! Must never print. A record that is out of scope is not counted at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use analysis::kinds::{self, Census, Comparison, Counted, Counts, Exposure, Ranks, Side, Stretch, Survey, Windows};
use anyhow::Result;
use evidence::{Event, Moment, Record, Sink, SourceId};
use intake::Settings;

use super::{Against, Row, Summary};
use crate::account::Account;
use crate::args::{ExposureUnit, PatternsOptions, Scope};
use crate::bundle::FileBundle;
use crate::survey::{self, Clocks};
use crate::{progress, say};

/// What was counted.
pub struct Found {
    ranks: Ranks,
    pub here: Side,
    baseline: Option<Baseline>,
    /// Names of the sources.
    names: Names,
    /// From the first to the last record of the axis of time.
    span: Option<(Moment, Moment)>,
    untimed: u64,
    events: u64,
    account: Account,
}

struct Baseline {
    side: Side,
    names: Names,
    exposure: Exposure,
    comparisons: BTreeMap<u32, Comparison>,
    /// It is part of the same input.
    is_within: bool,
}

type Names = BTreeMap<SourceId, String>;

/// One input, surveyed.
struct Input {
    bundle: FileBundle,
    clocks: Clocks,
    surveys: Vec<Survey>,
}

/// One input, counted.
#[derive(Default)]
struct Reading {
    counted: Counted,
    names: Names,
    account: Account,
}

pub fn find(options: &PatternsOptions, settings: &Settings) -> Result<Found> {
    let given = &options.baseline;
    let bundle = FileBundle::new(&options.inputs)?;
    // A missing path is told before anything is read.
    let other = if given.inputs.is_empty() { None } else { Some(FileBundle::new(&given.inputs)?) };
    let input = Input::survey(bundle, options, settings);
    let other = other.map(|bundle| Input::survey(bundle, options, settings));
    let ranks = Ranks::of(input.surveys.iter().chain(other.iter().flat_map(|other| &other.surveys)));
    let here = Stretch { from: options.scope.from, to: options.scope.to };
    let stretch = Stretch { from: given.from, to: given.to };
    let within = (given.is_given() && other.is_none()).then_some(stretch);
    let windows = Windows { here, baseline: within };
    let mut reading = input.count(options, settings, &ranks, windows);
    let unit = given.exposure;
    let baseline = if let Some(other) = other {
        let mut there = other.count(options, settings, &ranks, Windows { here: stretch, baseline: None });
        reading.account.join(std::mem::take(&mut there.account));
        let spans = reading.counted.span.zip(there.counted.span);
        let seconds = spans.map(|(mine, theirs)| Exposure::of_inputs((here, mine), (stretch, theirs)));
        Some(Baseline::of(&reading.counted.here, there.counted.here, there.names, (unit, seconds)))
    } else if within.is_some() {
        let seconds = reading.counted.span.map(|span| Exposure::of_windows(windows, span));
        let side = std::mem::take(&mut reading.counted.baseline);
        let baseline = Baseline::of(&reading.counted.here, side, reading.names.clone(), (unit, seconds));
        Some(Baseline { is_within: true, ..baseline })
    } else {
        None
    };
    let Counted { here, span, untimed, events, .. } = reading.counted;
    Ok(Found { ranks, here, baseline, names: reading.names, span, untimed, events, account: reading.account })
}

impl Input {
    fn survey(bundle: FileBundle, options: &PatternsOptions, settings: &Settings) -> Input {
        let threads = options.common.threads();
        let (clocks, surveys) = progress::watch("surveying", &bundle, || survey::of_kinds(&bundle, settings, threads));
        Input { bundle, clocks, surveys }
    }

    fn count(&self, options: &PatternsOptions, settings: &Settings, ranks: &Ranks, windows: Windows) -> Reading {
        let make = |id: SourceId, name: &str| Narrowed {
            inner: Census::new(ranks, self.clocks.of_source(id), windows),
            scope: &options.scope,
            shut: !options.scope.takes_source(name),
        };
        let mut all = Reading::default();
        let threads = options.common.threads();
        let read = progress::watch("counting", &self.bundle, || intake::read(&self.bundle, settings, threads, &make));
        for reading in read {
            all.counted.join(reading.sink.inner.close());
            all.account.add(&reading.source);
            all.names.insert(reading.source.id, reading.source.name);
        }
        all
    }
}

/// Records outside of the service or source that was asked for pass by unseen; the stretch of time is the census's.
struct Narrowed<'c> {
    inner: Census<'c>,
    scope: &'c Scope,
    shut: bool,
}

impl Sink for Narrowed<'_> {
    fn record(&mut self, record: &Record<'_>) {
        if !self.shut && self.scope.takes_service(record.service.as_deref()) {
            self.inner.record(record);
        }
    }

    fn event(&mut self, event: Event) {
        if !self.shut {
            self.inner.event(event);
        }
    }
}

impl Baseline {
    /// Seconds are compared where both sides have times and records were not asked for.
    fn of(here: &Side, side: Side, names: Names, (unit, seconds): (Option<ExposureUnit>, Option<Exposure>)) -> Baseline {
        let seconds = seconds.filter(|_| unit != Some(ExposureUnit::Records));
        let exposure = seconds.unwrap_or_else(|| Exposure::of_records(here, &side));
        let comparisons = kinds::compare(here, &side, exposure);
        Baseline { side, names, exposure, comparisons, is_within: false }
    }
}

impl Found {
    /// Every kind that either side has, by rank.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let ranks: BTreeSet<u32> =
            self.here.kinds.keys().chain(self.baseline.iter().flat_map(|b| b.side.kinds.keys())).copied().collect();
        ranks.into_iter().map(|rank| self.row(rank)).collect()
    }

    fn row(&self, rank: u32) -> Row<'_> {
        let (here, source) = at(&self.here, &self.names, rank);
        let against = self.baseline.as_ref().and_then(|baseline| {
            let (counts, source) = at(&baseline.side, &baseline.names, rank);
            let comparison = baseline.comparisons.get(&rank)?;
            Some(Against { counts, source, comparison, exposure: baseline.exposure })
        });
        Row { rank, template: self.ranks.template(rank), here, source, against }
    }

    pub fn summary(&self, patterns: usize) -> Summary {
        Summary {
            patterns,
            records: self.here.records(),
            baseline: self.baseline.as_ref().map(|b| (b.side.records(), b.exposure)),
            span: self.span,
            one_axis: self.baseline.as_ref().is_some_and(|b| b.is_within),
        }
    }

    /// Says on standard error what was not read or has no pattern, so that nothing is lost silently.
    pub fn tell(self) {
        self.account.tell();
        let others = self.here.others + self.baseline.as_ref().map_or(0, |b| b.side.others);
        if others > 0 {
            say(&format!("{others} records have no pattern: there are too many kinds of message to tell them all apart"));
        }
        if self.untimed > 0 {
            say(&format!("{} records without a time are on neither side of the comparison", self.untimed));
        }
        if self.events > 0 {
            say(&format!("{} elements of documents (messages, pages, deploys) have no pattern", self.events));
        }
        if self.baseline.is_some_and(|b| b.side.records() == 0) {
            say("the baseline has no record, so that every pattern is new; check its path and its times");
        }
        if self.here.records() == 0 {
            say("no record in the input; `casefile explain-format FILE` says what is known of a file");
        }
    }
}

/// What a side counted of a kind, and the name of the source of its first record.
fn at<'f>(side: &'f Side, names: &'f Names, rank: u32) -> (&'f Counts, &'f str) {
    static NONE: LazyLock<Counts> = LazyLock::new(Counts::default);
    let counts = side.kinds.get(&rank).unwrap_or(&NONE);
    (counts, counts.example.and_then(|place| names.get(&place.source)).map_or("", String::as_str))
}

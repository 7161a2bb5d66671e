//! Reads the input, and the baseline if there is one, and counts what each kind of message has on either side.
//!
//! Must never print. A record that is out of scope is not counted at all, but has a part in what the kinds are: ids do not
//! depend on the scope. One reading is enough, unless a source has more kinds than are told apart or are kept beforehand,
//! or times that lack a date which other sources may tell; values of variables always take one more, as it is known only
//! then where they stand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use analysis::kinds::{
    self, Census, Comparison, Counted, Counts, Exposure, Gathered, Layouts, Ranks, Side, Stretch, Survey, Values, Windows,
};
use analysis::mining::Options;
use anyhow::Result;
use evidence::{Event, Moment, Record, Sink, SourceId};
use intake::Settings;
use investigate::Services;

use super::{Against, Row, Summary};
use crate::account::{self, Account};
use crate::args::{ExposureUnit, PatternsOptions};
use crate::bundle::FileBundle;
use crate::survey::{self, Clocks};
use crate::targets::Targets;
use crate::{progress, say};

/// What was counted.
pub struct Found {
    ranks: Ranks,
    pub here: Side<u32>,
    /// What the variables of each rank hold on this side; `None` where nobody asked.
    values: Option<BTreeMap<u32, Gathered>>,
    baseline: Option<Baseline>,
    /// Names of the sources.
    names: Names,
    /// From the first to the last record of the axis of time.
    span: Option<(Moment, Moment)>,
    untimed: u64,
    events: u64,
    /// A stretch of time was asked for.
    by_time: bool,
    account: Account,
}

struct Baseline {
    side: Side<u32>,
    names: Names,
    exposure: Exposure,
    comparisons: BTreeMap<u32, Comparison>,
    /// It is part of the same input.
    is_within: bool,
}

/// Whether the values of variables are wanted: they take a further reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variables {
    Gathered,
    Left,
}

type Names = BTreeMap<SourceId, String>;

/// How an input is read.
struct Way<'w> {
    options: &'w PatternsOptions,
    settings: &'w Settings,
    of_user: &'w Arc<Options>,
    windows: Windows,
}

/// One input, read once.
struct Input {
    bundle: FileBundle,
    clocks: Clocks,
    surveys: Vec<Survey>,
    /// What the first reading counted, source by source; `None` where it has to be read again.
    counted: Option<Vec<Counted<u64>>>,
    names: Names,
    account: Account,
}

/// Finds the patterns, with the values of their variables or without.
pub fn find(
    (options, targets): (&PatternsOptions, &Targets),
    (settings, of_user): (&Settings, &Arc<Options>),
    variables: Variables,
) -> Result<Found> {
    let given = &options.baseline;
    let bundle = FileBundle::new(&options.inputs, targets)?;
    // A missing path is told before anything is read.
    let other = if given.inputs.is_empty() { None } else { Some(FileBundle::new(&given.inputs, targets)?) };
    let asked = Stretch { from: options.scope.from, to: options.scope.to };
    let there = Stretch { from: given.from, to: given.to };
    let within = (given.is_given() && other.is_none()).then_some(there);
    let way = Way { options, settings, of_user, windows: Windows { here: asked, baseline: within } };
    let other_way = Way { options, settings, of_user, windows: Windows { here: there, baseline: None } };
    let mut input = Input::read(bundle, &way);
    let mut other = other.map(|bundle| Input::read(bundle, &other_way));
    let ranks = Ranks::of(input.surveys.iter().chain(other.iter().flat_map(|other| &other.surveys)), of_user);
    let mut counted = input.counted(&way, &ranks);
    let values = (variables == Variables::Gathered).then(|| input.values(&way, &ranks));
    let baseline = match &mut other {
        Some(other) => {
            let theirs = other.counted(&other_way, &ranks);
            input.account.join(std::mem::take(&mut other.account));
            let spans = counted.span.zip(theirs.span);
            let seconds = spans.map(|(mine, theirs)| Exposure::of_inputs((asked, mine), (there, theirs)));
            Some(Baseline::of(&counted.here, theirs.here, std::mem::take(&mut other.names), (given.exposure, seconds)))
        }
        None => within.map(|_| {
            let seconds = counted.span.map(|span| Exposure::of_windows(way.windows, span));
            let side = std::mem::take(&mut counted.baseline);
            let baseline = Baseline::of(&counted.here, side, input.names.clone(), (given.exposure, seconds));
            Baseline { is_within: true, ..baseline }
        }),
    };
    let Counted { here, span, untimed, events, .. } = counted;
    let by_time = [asked, there].iter().any(|stretch| stretch.from.or(stretch.to).is_some());
    Ok(Found { ranks, here, values, baseline, names: input.names, span, untimed, events, by_time, account: input.account })
}

impl Way<'_> {
    fn threads(&self) -> usize {
        self.options.common.threads()
    }

    fn narrowed<'c>(&'c self, census: Census<'c>, name: &str) -> Narrowed<'c> {
        let scope = &self.options.scope;
        Narrowed { inner: census, services: scope.services_of(name), shut: !scope.takes_source(name) }
    }
}

impl Input {
    fn read(bundle: FileBundle, way: &Way<'_>) -> Input {
        let read = |how: fn(Survey) -> Survey| {
            let survey = |id: SourceId| how(survey::of_source(&bundle, id, way.of_user));
            let make = |id: SourceId, name: &str| way.narrowed(Census::seeking(survey(id), way.windows), name);
            progress::watch("reading", &bundle, || intake::read(&bundle, way.settings, way.threads(), &make))
        };
        let mut found = read(std::convert::identity);
        if !found.iter().all(|reading| reading.sink.inner.is_whole()) {
            found = read(Survey::alone);
        }
        let (mut account, mut names) = (Account::default(), Names::default());
        let (mut sources, mut counted, mut surveys) = (Vec::new(), Some(Vec::new()), Vec::new());
        for reading in found {
            let (of_source, survey) = reading.sink.inner.close();
            counted = counted.zip(of_source).map(|(mut all, one)| {
                all.push(one);
                all
            });
            surveys.extend(survey);
            account.add(&reading.source);
            names.insert(reading.source.id, reading.source.name.clone());
            sources.push(reading.source);
        }
        let clocks = Clocks::of(sources.iter().zip(&surveys).map(|(source, survey)| (source, survey.dates)));
        Input { bundle, clocks, surveys, counted, names, account }
    }

    /// What the input has of each rank; read again where one reading was not enough.
    fn counted(&mut self, way: &Way<'_>, ranks: &Ranks) -> Counted<u32> {
        let sources = self.counted.take().unwrap_or_else(|| self.count_again(way, ranks));
        let mut all = Counted::default();
        sources.into_iter().for_each(|source| all.add(source, ranks));
        all
    }

    fn count_again(&self, way: &Way<'_>, ranks: &Ranks) -> Vec<Counted<u64>> {
        let make = |id: SourceId, name: &str| way.narrowed(Census::knowing(ranks, self.clocks.of_source(id), way.windows), name);
        let read = progress::watch("counting", &self.bundle, || intake::read(&self.bundle, way.settings, way.threads(), &make));
        read.into_iter().filter_map(|reading| reading.sink.inner.close().0).collect()
    }

    /// What the variables of each rank hold. Sources are joined one by one, so that memory does not grow with their number.
    fn values(&self, way: &Way<'_>, ranks: &Ranks) -> BTreeMap<u32, Gathered> {
        let layouts = Layouts::of(&self.surveys, ranks);
        let scope = &way.options.scope;
        let make = |id: SourceId, name: &str| {
            let inner = Values::new(&layouts, ranks, self.clocks.of_source(id), way.windows);
            Asked { inner, services: scope.services_of(name), shut: !scope.takes_source(name) }
        };
        let all = Mutex::new(BTreeMap::new());
        let take = |reading: intake::Reading<Asked<'_>>| {
            kinds::gather(&mut all.lock().unwrap_or_else(PoisonError::into_inner), reading.sink.inner.close());
        };
        progress::watch("gathering values", &self.bundle, || {
            intake::read_each(&self.bundle, way.settings, way.threads(), &make, &take);
        });
        all.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records outside of the service or source that was asked for pass by unseen; the stretch of time is the census's.
struct Narrowed<'c> {
    inner: Census<'c>,
    services: Services,
    shut: bool,
}

impl Sink for Narrowed<'_> {
    fn record(&mut self, record: &Record<'_>) {
        if !self.shut && self.services.takes(record.service.as_deref()) {
            self.inner.record(record);
        } else {
            self.inner.pass(record);
        }
    }

    fn event(&mut self, event: Event) {
        if self.shut { self.inner.pass_event(event) } else { self.inner.event(event) }
    }

    fn joins(&self) -> bool {
        self.inner.joins()
    }

    fn join(&mut self, other: Self) {
        self.inner.join(other.inner);
    }
}

/// Values of what was asked for.
struct Asked<'c> {
    inner: Values<'c>,
    services: Services,
    shut: bool,
}

impl Sink for Asked<'_> {
    fn record(&mut self, record: &Record<'_>) {
        if !self.shut && self.services.takes(record.service.as_deref()) {
            self.inner.record(record);
        }
    }

    fn event(&mut self, _: Event) {}

    fn joins(&self) -> bool {
        self.inner.joins()
    }

    fn join(&mut self, other: Self) {
        self.inner.join(other.inner);
    }
}

impl Baseline {
    /// Seconds are compared where both sides have times and records were not asked for.
    fn of(
        here: &Side<u32>,
        side: Side<u32>,
        names: Names,
        (unit, seconds): (Option<ExposureUnit>, Option<Exposure>),
    ) -> Baseline {
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
        let values = self.values.as_ref().map(|values| values.get(&rank));
        Row { rank, template: self.ranks.template(rank), here, source, values, against }
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
        account::tell_others(self.here.others + self.baseline.as_ref().map_or(0, |b| b.side.others));
        if self.untimed > 0 {
            say(&format!("on neither side of the comparison, without a time: {}", many(self.untimed, "record")));
        }
        if self.events > 0 {
            say(&format!("without a pattern: {} of documents (messages, pages, deploys)", many(self.events, "element")));
        }
        if self.by_time && self.names.len() > 1 {
            say(
                "times are compared as each source writes them: where clocks differ, which casefile report tells, narrow by --source",
            );
        }
        if self.baseline.is_some_and(|b| b.side.records() == 0) {
            say("the baseline has no record, so that every pattern is new; check its path and its times");
        }
        if self.here.records() == 0 {
            account::tell_none();
        }
    }
}

/// What a side counted of a kind, and the name of the source of its first record.
fn at<'f>(side: &'f Side<u32>, names: &'f Names, rank: u32) -> (&'f Counts, &'f str) {
    static NONE: LazyLock<Counts> = LazyLock::new(Counts::default);
    let counts = side.kinds.get(&rank).unwrap_or(&NONE);
    (counts, counts.example.and_then(|place| names.get(&place.source)).map_or("", String::as_str))
}

/// So many of them.
pub fn many(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

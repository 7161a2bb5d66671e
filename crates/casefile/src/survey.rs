//! What must be known of all sources before anything is said of their records: the kinds of message there are, and in which
//! year or on which day each source was written that does not say it.
//!
//! Must never keep a record. Reads the whole input once; whoever calls it reads it again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use analysis::dates::{self, Dates};
use analysis::kinds::Survey;
use analysis::mining::Options;
use evidence::{Clock, Event, Record, Sink, Source, SourceId};
use intake::{Bundle, Reading, Settings};

use crate::bundle::FileBundle;

/// By source, for those whose times lack a year or a day.
#[derive(Default)]
pub struct Clocks(BTreeMap<SourceId, Clock>);

/// Inputs that one thread has to read.
pub type Misread = BTreeSet<u32>;

/// The clocks of the sources, and the kinds of message that each has.
pub fn of_kinds(
    bundle: &FileBundle,
    settings: &Settings,
    threads: usize,
    options: &Arc<Options>,
) -> (Clocks, Misread, Vec<Survey>) {
    let read = |how: fn(Survey) -> Survey| intake::read(bundle, settings, threads, &|id, _| how(of_source(bundle, id, options)));
    let mut found = read(std::convert::identity);
    let misread = misread(&found);
    if !found.iter().all(|reading| reading.sink.is_whole()) {
        found = read(Survey::alone);
    }
    let clocks = Clocks::of(found.iter().map(|r| (&r.source, r.sink.dates)));
    (clocks, misread, found.into_iter().map(|r| r.sink).collect())
}

fn misread<S>(read: &[Reading<S>]) -> Misread {
    read.iter().filter(|reading| reading.misread).map(|reading| reading.source.id.input).collect()
}

/// An empty survey for a source. Of an archive it is known only how many of its sources came before.
pub fn of_source(bundle: &FileBundle, id: SourceId, options: &Arc<Options>) -> Survey {
    Survey::one_of(bundle.inputs().len().max(id.entry as usize + 1), options)
}

/// The clocks of the sources, where nobody asks for kinds.
pub fn of_dates(bundle: &FileBundle, settings: &Settings, threads: usize) -> (Clocks, Misread) {
    let read = intake::read(bundle, settings, threads, &|_, _| OnlyDates(Dates::default()));
    (Clocks::of(read.iter().map(|r| (&r.source, r.sink.0))), misread(&read))
}

impl Clocks {
    pub fn of<'s>(sources: impl Iterator<Item = (&'s Source, Dates)>) -> Clocks {
        let sources: Vec<(&Source, Dates)> = sources.collect();
        let named: Vec<(&str, Dates)> = sources.iter().map(|(source, dates)| (source.name.as_str(), *dates)).collect();
        let anchors = dates::anchors(&named);
        let lacking = sources.iter().zip(anchors).filter(|((_, dates), _)| dates.lacks());
        Clocks(lacking.map(|((s, _), a)| (s.id, Clock { anchor: a.map(|a| a.at), ..Clock::trusted() })).collect())
    }

    pub fn of_source(&self, id: SourceId) -> Clock {
        self.0.get(&id).cloned().unwrap_or_else(Clock::trusted)
    }
}

struct OnlyDates(Dates);

impl Sink for OnlyDates {
    fn record(&mut self, record: &Record<'_>) {
        record.stamp.into_iter().for_each(|stamp| self.0.see(stamp));
    }

    fn event(&mut self, event: Event) {
        event.stamp.into_iter().for_each(|stamp| self.0.see(stamp));
    }

    fn joins(&self) -> bool {
        true
    }

    fn join(&mut self, other: OnlyDates) {
        self.0.join(other.0);
    }
}

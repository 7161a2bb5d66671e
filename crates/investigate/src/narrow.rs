//! Looks at less: records outside of the time, service or source that was asked for pass by unseen.
//!
//! Times are compared as their sources write them: the clock model decides only after everything was read. Only what was
//! known at a time is asked for by the clocks of a reading before this one. What is left out is still accounted for in
//! the coverage, since it was read.

use analysis::Digest;
use evidence::{Event, Known, Moment, Record, Sink, Stamp};

use std::sync::Arc;

use crate::Config;
use crate::asked::{Met, Services};
use crate::progress::{Count, Progress};

pub struct Narrowed {
    inner: Digest,
    from: Option<Moment>,
    to: Option<Moment>,
    services: Vec<String>,
    of_source: Services,
    /// The source itself was not asked for.
    shut: bool,
    met: Met,
    /// Only what was known by then.
    known: Option<Known>,
    progress: Option<Arc<Progress>>,
    count: Count,
}

impl Narrowed {
    pub fn new(inner: Digest, name: &str, config: &Config, known: Option<Known>) -> Narrowed {
        let shut = !config.sources.is_empty() && !config.sources.iter().any(|s| name.contains(s.as_str()));
        let mut met = Met::default();
        let of_source = Services::of_source(&config.services, name);
        if !shut {
            met.source(&of_source, config);
        }
        Narrowed {
            inner,
            met,
            from: config.from,
            to: config.to,
            services: config.services.clone(),
            of_source,
            shut,
            known,
            progress: config.progress.clone(),
            count: Count::default(),
        }
    }

    /// What is left, and which services were met.
    pub fn into_inner(mut self) -> (Digest, Met) {
        if let Some(progress) = &self.progress {
            self.count.flush(progress);
        }
        (self.inner.settled(), self.met)
    }

    fn in_time(&self, stamp: Option<Stamp>) -> bool {
        let Some(stamp) = stamp else { return true };
        let at = Moment(stamp.micros);
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

impl Sink for Narrowed {
    fn record(&mut self, record: &Record<'_>) {
        if let Some(progress) = &self.progress {
            self.count.record(record, progress);
        }
        if self.shut {
            return;
        }
        self.met.service(record.service.as_deref(), &self.services);
        let known = self.known.as_ref().is_none_or(|known| known.record(record));
        if known && self.in_time(record.stamp) && self.of_source.takes(record.service.as_deref()) {
            self.inner.record(record);
        }
    }

    fn event(&mut self, event: Event) {
        if let Some(progress) = &self.progress {
            progress.event();
        }
        if self.shut {
            return;
        }
        self.met.event(&event, &self.services);
        if !self.in_time(event.stamp) {
            return;
        }
        let event = match &self.known {
            Some(known) => known.event(event),
            None => Some(event),
        };
        if let Some(event) = event {
            self.inner.event(event);
        }
    }

    fn end(&mut self) {
        self.inner.end();
    }

    fn joins(&self) -> bool {
        self.inner.joins()
    }

    fn end_part(&mut self) {
        self.inner.end_part();
    }

    fn join(&mut self, mut other: Narrowed) {
        if let Some(progress) = &self.progress {
            other.count.flush(progress);
        }
        self.met.join(other.met);
        self.inner.join(other.inner);
    }
}

//! Where the records of each source begin, and what is known of them: the half of the building that understands.
//!
//! Records come in the order in which they end, which is almost the order in which they begin: some thousands are held and
//! sorted. A record that comes later still is left out as a record; its lines are not. Must never hold a message. What
//! misleads it: more kinds of message than are told apart, of which only that they exist is known.

use std::collections::HashMap;
use std::sync::mpsc::SyncSender;
use std::sync::{Mutex, PoisonError};

use analysis::dates::Dates;
use analysis::kinds::Survey;
use evidence::{Body, Event, Level, Record, Sink, Source, SourceId, Stamp};
use foldhash::fast::FixedState;
use intake::Bundle;

use super::Settings;
use crate::histogram::slot;
use crate::index::Levels;

/// Records that are held to be sorted; twice as many at most.
const HELD: usize = 8 << 10;
/// Services that have a number of their own, and bytes of a name.
const SERVICES: usize = 10_000;
const NAME: usize = 256;
/// Formats that have a number of their own.
const FORMATS: usize = 4_000;

/// The first line of a record and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub line: u64,
    pub last_line: u64,
    pub stamp: Option<Stamp>,
    pub level: Option<Level>,
    pub service: u32,
    pub pattern: u32,
    pub format: u32,
}

/// What one thread tells the other.
pub enum Message {
    /// Marks of a source by rising lines; none that come later lie before the last of them.
    Marks(SourceId, Vec<Mark>),
    /// There are no more of this source.
    End(SourceId),
}

/// What was found when all was read.
pub struct Found {
    pub sources: Vec<(Source, Dates)>,
    pub survey: Survey,
    /// Keys of the kinds of message, by their numbers from 1 on.
    pub keys: Vec<u64>,
    pub patterns: Vec<PatternCount>,
    pub services: Vec<(String, u64)>,
    pub more_services: bool,
    pub formats: Vec<String>,
    /// Records whose kind is not told apart.
    pub others: u64,
}

/// How often a kind occurred and where first.
#[derive(Debug, Clone, Copy)]
pub struct PatternCount {
    pub count: u64,
    pub levels: Levels,
    pub example: (SourceId, u64),
}

/// Reads all sources in their order and sends where records begin. Nobody has to listen.
pub fn find(bundle: &dyn Bundle, settings: &Settings, sender: SyncSender<Message>) -> Found {
    let finder = Mutex::new(Finder::new(settings, sender));
    let locked = || finder.lock().unwrap_or_else(PoisonError::into_inner);
    let mut sources = Vec::new();
    for input in 0..bundle.inputs().len() {
        let make = |id: SourceId, _: &str| {
            locked().begin(id);
            Feeder(&finder)
        };
        let read = intake::read_input(bundle, input, &settings.intake, &make, None).unwrap_or_default();
        let mut finder = locked();
        finder.end();
        let dates = std::mem::take(&mut finder.dates);
        sources.extend(read.into_iter().map(|reading| {
            let dates = dates.get(&reading.source.id).copied().unwrap_or_default();
            (reading.source, dates)
        }));
    }
    finder.into_inner().unwrap_or_else(PoisonError::into_inner).found(sources)
}

/// The sink of a source; all are one.
struct Feeder<'f>(&'f Mutex<Finder>);

impl Sink for Feeder<'_> {
    fn record(&mut self, record: &Record<'_>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).record(record);
    }

    fn event(&mut self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).event(&event);
    }
}

struct Finder {
    sender: Option<SyncSender<Message>>,
    source: Option<SourceId>,
    held: Vec<Mark>,
    dates: HashMap<SourceId, Dates, FixedState>,
    now: Dates,
    survey: Survey,
    by_key: HashMap<u64, u32, FixedState>,
    keys: Vec<u64>,
    patterns: Vec<PatternCount>,
    services: Names,
    formats: Names,
    others: u64,
}

/// Numbers for names, in the order in which they come.
struct Names {
    numbers: HashMap<String, u32, FixedState>,
    names: Vec<(String, u64)>,
    most: usize,
    /// There were more.
    full: bool,
}

impl Finder {
    fn new(settings: &Settings, sender: SyncSender<Message>) -> Finder {
        Finder {
            sender: Some(sender),
            source: None,
            held: Vec::with_capacity(2 * HELD),
            dates: HashMap::default(),
            now: Dates::default(),
            survey: Survey::one_of(1, &settings.mining),
            by_key: HashMap::default(),
            keys: Vec::new(),
            patterns: Vec::new(),
            services: Names::new(SERVICES),
            formats: Names::new(FORMATS),
            others: 0,
        }
    }

    fn begin(&mut self, source: SourceId) {
        self.end();
        self.source = Some(source);
    }

    fn end(&mut self) {
        let Some(source) = self.source.take() else { return };
        self.dates.insert(source, std::mem::take(&mut self.now));
        self.held.sort_by_key(|mark| mark.line);
        let rest = std::mem::take(&mut self.held);
        if !rest.is_empty() {
            self.send(Message::Marks(source, rest));
        }
        self.send(Message::End(source));
    }

    fn record(&mut self, record: &Record<'_>) {
        let Some(source) = self.source else { return };
        record.stamp.iter().for_each(|stamp| self.now.see(*stamp));
        let pattern = self.survey.see(record).map_or(0, |key| self.pattern(key, (source, record)));
        self.others += u64::from(pattern == 0);
        let service = self.services.of_service(record.service.as_deref());
        let format = self.formats.number(record.format).unwrap_or(0);
        let (line, last_line) = (record.place.line, record.place.last_line);
        self.mark(Mark { line, last_line, stamp: record.stamp, level: record.level, service, pattern, format });
    }

    fn event(&mut self, event: &Event) {
        event.stamp.iter().for_each(|stamp| self.now.see(*stamp));
        let (service, level) = told(&event.body);
        let service = self.services.of_service(service);
        let format = self.formats.number("").unwrap_or(0);
        let (line, last_line) = (event.place.line, event.place.last_line);
        self.mark(Mark { line, last_line, stamp: event.stamp, level, service, pattern: 0, format });
    }

    fn pattern(&mut self, key: u64, (source, record): (SourceId, &Record<'_>)) -> u32 {
        let next = self.keys.len() as u32 + 1;
        let number = *self.by_key.entry(key).or_insert(next);
        if number == next {
            self.keys.push(key);
            let example = (source, record.place.line);
            self.patterns.push(PatternCount { count: 0, levels: Levels::default(), example });
        }
        let counted = &mut self.patterns[number as usize - 1];
        counted.count += 1;
        counted.levels[slot(record.level)] += 1;
        number
    }

    fn mark(&mut self, mark: Mark) {
        self.held.push(mark);
        if self.held.len() < 2 * HELD {
            return;
        }
        // Nearly sorted as it is, which the stable sort takes in one go; of one line, the first stays the first.
        self.held.sort_by_key(|mark| mark.line);
        let later = self.held.split_off(HELD);
        let sent = std::mem::replace(&mut self.held, Vec::with_capacity(2 * HELD));
        self.held.extend(later);
        if let Some(source) = self.source {
            self.send(Message::Marks(source, sent));
        }
    }

    fn send(&mut self, message: Message) {
        if self.sender.as_ref().is_some_and(|sender| sender.send(message).is_err()) {
            self.sender = None;
        }
    }

    fn found(self, sources: Vec<(Source, Dates)>) -> Found {
        Found {
            sources,
            survey: self.survey,
            keys: self.keys,
            patterns: self.patterns,
            more_services: self.services.full,
            services: self.services.names,
            formats: self.formats.names.into_iter().map(|(name, _)| name).collect(),
            others: self.others,
        }
    }
}

impl Names {
    fn new(most: usize) -> Names {
        Names { numbers: HashMap::default(), names: Vec::new(), most, full: false }
    }

    /// The number of a name from 0 on, `None` where it has none.
    fn number(&mut self, name: &str) -> Option<u32> {
        let number = match self.numbers.get(name) {
            Some(number) => *number,
            None if self.names.len() < self.most && name.len() <= NAME => {
                let number = self.names.len() as u32;
                self.numbers.insert(name.to_string(), number);
                self.names.push((name.to_string(), 0));
                number
            }
            None => {
                self.full = true;
                return None;
            }
        };
        self.names[number as usize].1 += 1;
        Some(number)
    }

    /// As it stands in a row: 0 for none, 1 for one without a number.
    fn of_service(&mut self, name: Option<&str>) -> u32 {
        name.map_or(0, |name| self.number(name).map_or(1, |number| number + 2))
    }
}

/// The service and the level of an element of a document, where it has them.
fn told(body: &Body) -> (Option<&str>, Option<Level>) {
    match body {
        Body::Alert(alert) => (alert.service.as_deref(), None),
        Body::Page(page) => (page.service.as_deref(), None),
        Body::Deploy(deploy) => (deploy.service.as_deref(), None),
        Body::Commit(commit) => (commit.service.as_deref(), None),
        Body::Flag(flag) => (flag.service.as_deref(), None),
        Body::Kube(kube) => (None, Some(if kube.warning { Level::Warn } else { Level::Info })),
        Body::Series(series) => (series.service.as_deref(), None),
        Body::Span(span) => (Some(span.service.as_str()), None),
        Body::Message(_) | Body::Status(_) | Body::Person(_) => (None, None),
    }
}

//! `casefile parse`: every record as one line of JSON, in the order of the input.
//!
//! Must never decide what a record is. With patterns the input is read twice: what `p17` means is known only when all of
//! it was counted. Without, it is read once more only to learn the dates that some of its times lack. Threads take
//! whole inputs and hand their lines over in bounded pieces, so memory does not grow with the input.

mod line;

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use analysis::dates::{self, Dates};
use analysis::kinds::{Ranks, Survey};
use analysis::mining::Options;
use anyhow::{Result, bail};
use evidence::{Clock, Event, Moment, Record, Sink, Skipped, Source, SourceId};
use intake::{Bundle, Settings};

use crate::args::{ParseOptions, Scope};
use crate::bundle::FileBundle;
use crate::{Outcome, output, say, settings};

/// Prints the records; negative when there is none.
pub fn run(options: &ParseOptions) -> Result<Outcome> {
    if let Some(path) = options.out.as_deref()
        && output::missing_folder(std::slice::from_ref(&path.to_path_buf())).is_some()
    {
        bail!("cannot write {}: its folder does not exist; make it first", path.display());
    }
    let settings = settings::of(&options.common)?;
    let bundle = FileBundle::new(&options.inputs)?;
    output::progress("reading ...");
    let threads = options.common.threads();
    let known = Known::survey(&bundle, &settings, threads, options.no_patterns);
    output::progress("");
    let work = Work { bundle: &bundle, settings: &settings, known: &known, scope: &options.scope };
    let mut printed = Printed::default();
    output::stream(options.out.as_deref(), |out| work.print(threads, out, &mut printed))?;
    printed.tell();
    Ok(if printed.records > 0 { Outcome::Done } else { Outcome::Negative })
}

/// What must be known of all sources before the first record is printed.
struct Known {
    /// `None` when no patterns are wanted.
    ranks: Option<Ranks>,
    /// By source, for those whose times lack a year or a day.
    clocks: Vec<(SourceId, Clock)>,
}

impl Known {
    fn survey(bundle: &FileBundle, settings: &Settings, threads: usize, no_patterns: bool) -> Known {
        let sources: Vec<(Source, Dates, Option<Survey>)> = if no_patterns {
            let read = intake::read(bundle, settings, threads, &|_, _| OnlyDates(Dates::default()));
            read.into_iter().map(|r| (r.source, r.sink.0, None)).collect()
        } else {
            // Of an archive it is known only how many of its sources came before.
            let sources = |id: SourceId| bundle.inputs().len().max(id.entry as usize + 1);
            let read = intake::read(bundle, settings, threads, &|id, _| Survey::one_of(sources(id)));
            read.into_iter().map(|r| (r.source, r.sink.dates, Some(r.sink))).collect()
        };
        let named: Vec<(&str, Dates)> = sources.iter().map(|(source, dates, _)| (source.name.as_str(), *dates)).collect();
        let anchors = dates::anchors(&named);
        let clocks = sources
            .iter()
            .zip(anchors)
            .filter(|((_, dates, _), _)| dates.lacks())
            .map(|((source, _, _), anchor)| (source.id, Clock { anchor: anchor.map(|a| a.at), ..Clock::trusted() }))
            .collect();
        let surveys = sources.iter().filter_map(|(_, _, survey)| survey.as_ref());
        Known { ranks: (!no_patterns).then(|| Ranks::of(surveys, &Options::default())), clocks }
    }

    fn clock(&self, id: SourceId) -> Clock {
        self.clocks.iter().find(|(known, _)| *known == id).map_or_else(Clock::trusted, |(_, clock)| clock.clone())
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
}

struct Work<'w> {
    bundle: &'w FileBundle,
    settings: &'w Settings,
    known: &'w Known,
    scope: &'w Scope,
}

/// Bytes of output that are handed over at once, and pieces of one input that may wait.
const PIECE: usize = 128 << 10;
const WAITING: usize = 4;

impl Work<'_> {
    /// The inputs are taken and written in their order: the one that is written next is always being read.
    fn print(&self, threads: usize, out: &mut dyn Write, printed: &mut Printed) -> io::Result<()> {
        let count = self.bundle.inputs().len();
        let (senders, receivers): (Vec<_>, Vec<Receiver<Vec<u8>>>) = (0..count).map(|_| sync_channel(WAITING)).unzip();
        let senders: Vec<std::sync::Mutex<Option<SyncSender<Vec<u8>>>>> =
            senders.into_iter().map(|s| std::sync::Mutex::new(Some(s))).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some(slot) = senders.get(next.fetch_add(1, Ordering::Relaxed)) {
                let Some(sender) = slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() else { continue };
                let input = senders.iter().position(|s| std::ptr::eq(s, slot)).unwrap_or_default();
                done.extend(self.read(input, &sender));
            }
            done
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads.clamp(1, count.max(1))).map(|_| scope.spawn(work)).collect();
            let written = receivers.into_iter().try_for_each(|pieces| pieces.into_iter().try_for_each(|p| out.write_all(&p)));
            for worker in workers {
                let done = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                done.into_iter().for_each(|(source, more)| printed.add(&source, more));
            }
            written
        })
    }

    fn read(&self, input: usize, sender: &SyncSender<Vec<u8>>) -> Vec<(Source, Printed)> {
        let make = |id, name: &str| Printer {
            source: name.to_string(),
            format: "text".to_string(),
            clock: self.known.clock(id),
            ranks: self.known.ranks.as_ref(),
            scope: self.scope,
            shut: !self.scope.takes_source(name),
            piece: Vec::with_capacity(PIECE),
            sender: sender.clone(),
            masked: String::new(),
            printed: Printed::default(),
        };
        intake::read_input(self.bundle, input, self.settings, &make).into_iter().map(|r| (r.source, r.sink.finish())).collect()
    }
}

/// Turns what a source has into lines of JSON.
struct Printer<'w> {
    source: String,
    format: String,
    clock: Clock,
    ranks: Option<&'w Ranks>,
    scope: &'w Scope,
    shut: bool,
    piece: Vec<u8>,
    sender: SyncSender<Vec<u8>>,
    masked: String,
    printed: Printed,
}

impl Printer<'_> {
    fn print(&mut self, line: &line::Line<'_>, at: Option<Moment>) {
        if self.shut || !self.scope.takes_moment(at) || !self.scope.takes_service(line.service) {
            return;
        }
        self.printed.records += 1;
        self.printed.others += u64::from(self.ranks.is_some() && line.lacks_pattern());
        // A line has no key that is no text.
        let json = serde_json::to_string(line).unwrap_or_default();
        output::push_json(&json, &mut self.piece);
        self.piece.push(b'\n');
        if self.piece.len() >= PIECE {
            self.hand_over();
        }
    }

    /// Nobody listens any more when the output was closed: then the rest is read in vain, and nothing waits.
    fn hand_over(&mut self) {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.shut |= self.sender.send(piece).is_err();
    }

    fn finish(mut self) -> Printed {
        if !self.piece.is_empty() {
            self.hand_over();
        }
        self.printed
    }
}

impl Sink for Printer<'_> {
    fn begin(&mut self, format: &str) {
        self.format = format.to_string();
    }

    fn record(&mut self, record: &Record<'_>) {
        let at = record.stamp.and_then(|stamp| self.clock.moment(stamp));
        let pattern = self.ranks.and_then(|ranks| ranks.rank(&record.message, &mut self.masked));
        let source = std::mem::take(&mut self.source);
        self.print(&line::of_record(&source, record, at, pattern), at);
        self.source = source;
    }

    fn event(&mut self, event: Event) {
        let at = event.stamp.and_then(|stamp| self.clock.moment(stamp));
        let (source, format) = (std::mem::take(&mut self.source), std::mem::take(&mut self.format));
        let told = line::Told::of(&event);
        self.print(&line::of_event(&source, &format, &event, &told, at), at);
        (self.source, self.format) = (source, format);
    }
}

/// What became of the input, for the line at the end.
#[derive(Default)]
struct Printed {
    records: u64,
    skipped: Vec<(String, String)>,
    /// Records of kinds that are not told apart.
    others: u64,
}

impl Printed {
    fn add(&mut self, source: &Source, printed: Printed) {
        self.records += printed.records;
        self.others += printed.others;
        self.skipped.extend(source.skipped.iter().map(|part| (source.name.clone(), said(part))));
    }

    /// Says on standard error what was not read, so that nothing is lost silently.
    fn tell(&mut self) {
        const SHOWN: usize = 20;
        self.skipped.sort();
        for (name, reason) in self.skipped.iter().take(SHOWN) {
            say(&format!("{name}: {reason}").replace('\n', " "));
        }
        if self.skipped.len() > SHOWN {
            say(&format!("and {} more of this kind", self.skipped.len() - SHOWN));
        }
        if self.others > 0 {
            say(&format!("{} records have no pattern: there are too many kinds of message to tell them all apart", self.others));
        }
        if self.records == 0 {
            say("no record in the input; `casefile explain-format FILE` says what is known of a file");
        }
    }
}

/// A reason with where it holds first.
fn said(part: &Skipped) -> String {
    let kind = if part.is_note() { "note" } else { "skipped" };
    let from = part.first_line.map(|line| format!(" (first at line {line})")).unwrap_or_default();
    format!("{kind}: {}{from}", part.reason)
}

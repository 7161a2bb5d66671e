//! `casefile parse`: every record as one line of JSON, in the order of the input.
//!
//! Must never decide what a record is. With patterns the input is read twice: what `p17` means is known only when all of
//! it was counted. Without, it is read once more only to learn the dates that some of its times lack. Threads take
//! whole inputs, those that are left pieces of them, and hand their lines over in bounded pieces, so memory does not grow
//! with the input. What was printed cannot be taken back: whether an input may be read in pieces, the first reading tells.

mod asked;
mod line;
mod turns;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use analysis::kinds::{Masker, Ranks};
use analysis::mining;
use anyhow::Result;
use evidence::{Clock, Event, Moment, Record, Sink, Source, SourceId};
use intake::{Bundle, Settings, Spare};
use investigate::Services;

use crate::account::{self, Account};
use crate::args::{ParseOptions, Scope};
use crate::bundle::FileBundle;
use crate::survey::{self, Clocks, Misread};
use crate::targets::Targets;
use crate::{Outcome, config, output, progress, say, settings};
use asked::Asked;
use turns::Turns;

/// Prints the records; negative when there is none.
pub fn run(options: &ParseOptions) -> Result<Outcome> {
    let targets = Targets::new(options.out.as_slice(), &[])?;
    targets.spare_common(&options.common)?;
    options.scope.check()?;
    let settings = settings::of(&options.common)?;
    let of_user = config::of(&options.common)?;
    let wanted = (!options.no_patterns).then_some(&of_user);
    let bundle = FileBundle::new(&options.inputs, &targets)?;
    let threads = options.common.threads();
    let known = progress::watch("surveying", &bundle, || Known::survey(&bundle, &settings, threads, wanted));
    let work = Work { bundle: &bundle, settings: &settings, known: &known, scope: &options.scope };
    let mut printed = Printed::default();
    let shows = output::is_terminal(options.out.as_deref());
    output::stream(options.out.as_deref(), |out| {
        progress::watch_beside("parsing", &bundle, shows, || work.print(threads, out, &mut printed))
    })?;
    let outcome = if printed.records > 0 { Outcome::Done } else { Outcome::Negative };
    printed.tell(&options.scope);
    Ok(outcome)
}

/// What must be known of all sources before the first record is printed.
struct Known {
    /// `None` when no patterns are wanted.
    ranks: Option<Ranks>,
    clocks: Clocks,
    misread: Misread,
}

impl Known {
    fn survey(bundle: &FileBundle, settings: &Settings, threads: usize, patterns: Option<&Arc<mining::Options>>) -> Known {
        let Some(of_user) = patterns else {
            let (clocks, misread) = survey::of_dates(bundle, settings, threads);
            return Known { ranks: None, clocks, misread };
        };
        let (clocks, misread, surveys) = survey::of_kinds(bundle, settings, threads, of_user);
        Known { ranks: Some(Ranks::of(&surveys, of_user)), clocks, misread }
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
/// Bytes of output that a thread keeps while the pieces before its own are written.
const KEPT: usize = 4 << 20;

impl Work<'_> {
    /// The inputs are taken and written in their order: the one that is written next is always being read.
    fn print(&self, threads: usize, out: &mut dyn Write, printed: &mut Printed) -> io::Result<()> {
        let count = self.bundle.inputs().len();
        let (senders, receivers): (Vec<_>, Vec<Receiver<Vec<u8>>>) = (0..count).map(|_| sync_channel(WAITING)).unzip();
        let senders: Vec<Mutex<Option<SyncSender<Vec<u8>>>>> = senders.into_iter().map(|s| Mutex::new(Some(s))).collect();
        let next = AtomicUsize::new(0);
        let spare = Spare::new(threads.saturating_sub(count.max(1)));
        let work = || {
            let mut done = Vec::new();
            while let Some(slot) = senders.get(next.fetch_add(1, Ordering::Relaxed)) {
                let Some(sender) = slot.lock().unwrap_or_else(PoisonError::into_inner).take() else { continue };
                let input = senders.iter().position(|s| std::ptr::eq(s, slot)).unwrap_or_default();
                done.extend(self.read(input, &sender, Some(&spare).filter(|_| threads > 1)));
            }
            spare.give(1);
            done
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads.clamp(1, count.max(1))).map(|_| scope.spawn(work)).collect();
            let written = receivers.into_iter().try_for_each(|pieces| pieces.into_iter().try_for_each(|p| out.write_all(&p)));
            for worker in workers {
                let done = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                done.into_iter().for_each(|(source, more)| printed.add(&source, more, self.scope));
            }
            written
        })
    }

    fn read(&self, input: usize, sender: &SyncSender<Vec<u8>>, spare: Option<&Spare>) -> Vec<(Source, Printed)> {
        let spare = spare.filter(|_| u32::try_from(input).is_ok_and(|input| !self.known.misread.contains(&input)));
        let turns: Mutex<BTreeMap<SourceId, Arc<Turns>>> = Mutex::default();
        let turns_of = |id: SourceId| {
            turns.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert_with(|| Arc::new(Turns::new())).clone()
        };
        let make = |id, name: &str| Printer {
            source: name.to_string(),
            format: "text".to_string(),
            clock: self.known.clocks.of_source(id),
            ranks: self.known.ranks.as_ref(),
            scope: self.scope,
            services: self.scope.services_of(name),
            shut: !self.scope.takes_source(name),
            piece: Vec::with_capacity(PIECE),
            sender: sender.clone(),
            turns: turns_of(id),
            turn: None,
            masker: self.known.ranks.as_ref().map(Ranks::masker).unwrap_or_default(),
            printed: Printed::default(),
        };
        let Ok(read) = intake::read_input(self.bundle, input, self.settings, &make, spare) else {
            say(&format!("{}: it changed while it was read; read it again", self.bundle.inputs()[input].name));
            return Vec::new();
        };
        read.into_iter().map(|r| (r.source, r.sink.finish())).collect()
    }
}

/// Turns what a source has into lines of JSON.
struct Printer<'w> {
    source: String,
    format: String,
    clock: Clock,
    ranks: Option<&'w Ranks>,
    scope: &'w Scope,
    services: Services,
    shut: bool,
    piece: Vec<u8>,
    sender: SyncSender<Vec<u8>>,
    turns: Arc<Turns>,
    /// The number of the piece of the source that is being printed; `None` where it is read as a whole.
    turn: Option<u64>,
    masker: Masker,
    printed: Printed,
}

impl Printer<'_> {
    fn print(&mut self, line: &line::Line<'_>, at: Option<Moment>) {
        if self.shut {
            return;
        }
        self.printed.asked.service(line.service, self.scope);
        if !self.scope.takes_moment(at) || !self.services.takes(line.service) {
            return;
        }
        self.printed.records += 1;
        self.printed.others += u64::from(self.ranks.is_some() && line.lacks_pattern());
        // A line has no key that is no text.
        let json = serde_json::to_string(line).unwrap_or_default();
        output::push_json(&json, &mut self.piece);
        self.piece.push(b'\n');
        if self.piece.len() >= PIECE && self.may_hand_over() {
            self.hand_over();
        }
    }

    /// Whether all that comes before was handed over. Waits for it when too much is kept.
    fn may_hand_over(&self) -> bool {
        let Some(number) = self.turn else { return true };
        if self.piece.len() >= KEPT {
            self.turns.wait(number);
        }
        self.turns.is(number)
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
        std::mem::take(&mut self.printed)
    }
}

impl Drop for Printer<'_> {
    /// A thread that fails within a piece will never come to its turn.
    fn drop(&mut self) {
        if self.turn.is_some() {
            self.turns.give_up();
        }
    }
}

impl Sink for Printer<'_> {
    fn begin(&mut self, format: &str) {
        self.format = format.to_string();
    }

    fn record(&mut self, record: &Record<'_>) {
        let at = record.stamp.and_then(|stamp| self.clock.moment(stamp));
        let pattern = self.ranks.and_then(|ranks| ranks.rank(&record.message, &mut self.masker));
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

    fn joins(&self) -> bool {
        true
    }

    fn join(&mut self, mut other: Self) {
        self.printed.join(std::mem::take(&mut other.printed));
    }

    fn begin_piece(&mut self, number: u64) {
        self.turn = Some(number);
    }

    fn end_piece(&mut self) {
        if let Some(number) = self.turn.take() {
            self.turns.wait(number);
            if !self.piece.is_empty() {
                self.hand_over();
            }
            self.turns.pass();
        }
    }
}

/// What became of the input, for the lines at the end.
#[derive(Default)]
struct Printed {
    records: u64,
    account: Account,
    /// Records of kinds that are not told apart.
    others: u64,
    asked: Asked,
}

impl Printed {
    fn add(&mut self, source: &Source, printed: Printed, scope: &Scope) {
        self.join(printed);
        self.asked.source(&source.name, scope);
        self.account.add(source);
    }

    fn join(&mut self, other: Printed) {
        self.records += other.records;
        self.others += other.others;
        self.account.join(other.account);
        self.asked.join(other.asked);
    }

    fn tell(self, scope: &Scope) {
        self.account.tell();
        account::tell_others(self.others);
        self.asked.tell(scope);
        match self.records {
            0 if scope.narrows() => say("no record is as --from, --to, --service and --source ask for"),
            0 => account::tell_none(),
            _ => {}
        }
    }
}

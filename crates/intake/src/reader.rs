//! The first pass: every source of the bundle to records and events, and the account of it.
//!
//! This module must never know what is done with a record. Threads take whole inputs from a counter and hand out
//! nothing but their own sources, so their number changes the time and never the result. Input that breaks it: one
//! archive with nearly all of the bytes keeps one thread busy while the others wait.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use evidence::{Record, RecordRef, Sink, Skipped, Source, SourceId, Stamp};

use crate::bundle::{Bundle, Settings};
use crate::containers::{Body, Flow, Found, grouped, walk};
use crate::documents::{self, carried};
use crate::formats::swift::{Around, Fields, Inner, Swift};
use crate::framing::Frame;
use crate::lines::{Encoding, Feed, Line, Lines};
use crate::overlap::{self, Copies, Dropped, Sketch};
use crate::unseen::{is_seen, plain};

mod apart;
mod entries;
mod notes;
mod once;
mod stream;
mod texts;
mod whole;

use apart::unpacked_apart;
use notes::{Notes, Shown};
use stream::{Help, read_lines};
pub use stream::{Misread, Spare};
pub use texts::{Text, texts};
use whole::read_document;

/// A source that was read, and what its sink made of it.
pub struct Reading<S> {
    pub source: Source,
    pub sink: S,
    /// Several threads misread it or another source of its input, so that one thread read it again. The same input is
    /// always misread or never.
    pub misread: bool,
}

/// Reads every source of the bundle, each into a sink made for it, with up to `threads` threads. Sorted by the name of
/// the source. Never fails: what cannot be read is listed in [`Source::skipped`].
pub fn read<S: Sink>(
    bundle: &dyn Bundle,
    settings: &Settings,
    threads: usize,
    make: &(dyn Fn(SourceId, &str) -> S + Sync),
) -> Vec<Reading<S>> {
    let order = largest_first(bundle);
    let spare = Spare::new(threads.saturating_sub(order.len().max(1)));
    let mut all = on_threads(&order, (threads, &spare), &|input| {
        read_whole((bundle, input), settings, make, Some(&spare).filter(|_| threads > 1))
    });
    all.sort_by(|(a, _), (b, _)| (&a.source.name, a.source.id).cmp(&(&b.source.name, b.source.id)));
    let sketches: Vec<&Sketch> = all.iter().map(|(_, sketch)| sketch).collect();
    let found = overlap::find(&sketches);
    let mut all: Vec<Reading<S>> = all.into_iter().map(|(reading, _)| reading).collect();
    once::each(&mut all, &found, (bundle, settings, threads, make));
    all
}

/// Reads every source of the bundle as [`read`] does, and hands each over when its input was read, in no order. A record
/// that stands in several sources comes with each of them.
pub fn read_each<S: Sink>(
    bundle: &dyn Bundle,
    settings: &Settings,
    threads: usize,
    make: &(dyn Fn(SourceId, &str) -> S + Sync),
    take: &(dyn Fn(Reading<S>) + Sync),
) {
    let order = largest_first(bundle);
    let spare = Spare::new(threads.saturating_sub(order.len().max(1)));
    on_threads(&order, (threads, &spare), &|input| -> Vec<()> {
        read_whole((bundle, input), settings, make, Some(&spare).filter(|_| threads > 1)).into_iter().for_each(|(r, _)| take(r));
        Vec::new()
    });
}

/// So that none of the large ones is left to the end.
fn largest_first(bundle: &dyn Bundle) -> Vec<usize> {
    let mut order: Vec<usize> = (0..bundle.inputs().len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(bundle.inputs()[i].size.unwrap_or(u64::MAX)));
    order
}

/// Reads an input, with the help of spare threads unless that misreads it.
fn read_whole<S: Sink>(
    input: (&dyn Bundle, usize),
    settings: &Settings,
    make: Make<'_, S>,
    spare: Option<&Spare>,
) -> Vec<(Reading<S>, Sketch)> {
    let again = |Misread| {
        let mut read = read_with(input, settings, (make, None), &mut Copying::No)?;
        read.iter_mut().for_each(|(reading, _)| reading.misread = true);
        Ok::<_, Misread>(read)
    };
    read_with(input, settings, (make, spare), &mut Copying::No).or_else(again).unwrap_or_default()
}

/// Does the work for each of the inputs, on so many threads. What comes out has no order.
fn on_threads<T: Send>(inputs: &[usize], (threads, spare): (usize, &Spare), work: &(dyn Fn(usize) -> Vec<T> + Sync)) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::new();
        while let Some(&input) = inputs.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.extend(work(input));
        }
        spare.give(1);
        done
    };
    let threads = threads.clamp(1, inputs.len().max(1));
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(share)).collect();
        let mut all = share();
        for other in others {
            all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    })
}

/// Reads the sources of one input, in the order in which they stand, with the help of spare threads if there are any.
/// Fails only with help, where [`Reading::misread`] would have said so before; the sinks have had the records by then.
pub fn read_input<S: Sink>(
    bundle: &dyn Bundle,
    input: usize,
    settings: &Settings,
    make: &(dyn Fn(SourceId, &str) -> S + Sync),
    spare: Option<&Spare>,
) -> Result<Vec<Reading<S>>, Misread> {
    let read = read_with((bundle, input), settings, (make, spare), &mut Copying::No)?;
    Ok(read.into_iter().map(|(reading, _)| reading).collect())
}

/// What is done about records that other sources have too.
enum Copying<'c> {
    No,
    /// They are remembered, source by source.
    Remember(&'c mut BTreeMap<SourceId, Copies>),
    /// They are left out of these sources.
    Drop(&'c mut BTreeMap<SourceId, Dropped>),
}

type Make<'m, S> = &'m (dyn Fn(SourceId, &str) -> S + Sync);

/// Never fails without help: only several threads can misread a source.
fn read_with<S: Sink>(
    (bundle, input): (&dyn Bundle, usize),
    settings: &Settings,
    (make, spare): (Make<'_, S>, Option<&Spare>),
    copying: &mut Copying<'_>,
) -> Result<Vec<(Reading<S>, Sketch)>, Misread> {
    let mut done = Vec::new();
    let mut misread = false;
    let given = bundle.inputs().get(input).and_then(|i| i.size);
    walk(bundle, input, &settings.limits, &mut |found: Found<'_>| {
        let id = SourceId { input: u32::try_from(input).unwrap_or(u32::MAX), entry: found.entry };
        let mut sink = make(id, found.name);
        let mut source = blank_source(id, found.name);
        let mut sketch = Sketch::default();
        match found.body {
            Body::Closed { format, bytes, reason } => {
                source.format = format.into();
                source.bytes = bytes;
                source.skipped.push(Skipped { reason, lines: 0, bytes, first_line: None });
            }
            Body::Open { reader, size } => {
                let mut feed = Feed::new(reader);
                let name = source.name.clone();
                let help = Help { spare, make: &|| make(id, &name) };
                let mut read =
                    |feed: &mut Feed<'_>| read_source(feed, &mut source, (settings, &mut sink, &mut sketch, copying), &help);
                let is_large = feed.ahead(SNIFFED).len() == SNIFFED;
                let spare = spare.filter(|spare| size.is_none() && is_large && spare.take());
                let read = if spare.is_some() { unpacked_apart(&mut feed, read) } else { read(&mut feed) };
                spare.into_iter().for_each(|spare| spare.give(1));
                misread |= read.is_err();
                account(&feed, size, &mut source);
                source.skipped.extend(inflated(source.bytes, given));
            }
        }
        sink.end();
        done.push((Reading { source, sink, misread: false }, sketch));
        if misread { Flow::Break(()) } else { Flow::Continue(()) }
    });
    if misread { Err(Misread) } else { Ok(done) }
}

fn blank_source(id: SourceId, name: &str) -> Source {
    Source {
        id,
        name: name.into(),
        format: "empty".into(),
        bytes: 0,
        read_bytes: 0,
        lines: 0,
        records: 0,
        skipped: Vec::new(),
        decisions: Vec::new(),
    }
}

/// Bytes of the beginning by which documents are told from logs.
const SNIFFED: usize = 64 << 10;
/// Bytes of the beginning from which the sample of lines is taken.
const SAMPLED: usize = 256 << 10;
/// How many times the size of its input, and how many bytes, a text may have without a word about it.
const MOST_TIMES: u64 = 1_000;
const MUCH: u64 = 100_000_000;
/// Bytes of the beginning by which text is told from what is none.
const JUDGED: usize = 4 << 10;

/// Reads one text. Fills in format, lines and records, and what was not usable of what is there.
fn read_source<S: Sink>(
    feed: &mut Feed<'_>,
    source: &mut Source,
    (settings, sink, sketch, copying): (&Settings, &mut S, &mut Sketch, &mut Copying<'_>),
    help: &Help<'_, S>,
) -> Result<(), Misread> {
    feed.ahead(SNIFFED);
    let whole = feed.is_whole();
    let head = feed.ahead(SNIFFED);
    if head.is_empty() {
        return Ok(());
    }
    let (encoding, mark) = Encoding::detect(head);
    if encoding == Encoding::Utf8 && is_no_text(&head[mark..]) {
        skip_binary(feed, source);
        return Ok(());
    }
    if let Some(kind) = entries::kind(&head[mark..], encoding, whole) {
        let shown = Shown { sink: &mut *sink, notes: Notes::default() };
        let mut hand = Hand::new(settings, shown, &mut *sketch, &mut *copying);
        let met = entries::read(feed, source, &mut hand, (kind, encoding, mark));
        source.skipped.extend(hand.sink.notes.told(&settings.limits));
        tell_blank(met, feed, source);
        return Ok(());
    }
    let sniffed = documents::sniff(&source.name, encoding.decode(&head[mark..]).as_bytes(), whole);
    let shown = Shown { sink: &mut *sink, notes: Notes::default() };
    let mut hand = Hand::new(settings, shown, &mut *sketch, &mut *copying);
    if sniffed && read_document(feed, encoding, source, &mut hand) {
        source.skipped.extend(hand.sink.notes.told(&settings.limits));
        source.lines = count_lines(feed, encoding, mark);
        return Ok(());
    }
    let met = read_lines(feed, source, (settings, sink, sketch, copying), help)?;
    tell_blank(met, feed, source);
    Ok(())
}

/// A source without a record is skipped as a whole.
fn tell_blank(met: u64, feed: &Feed<'_>, source: &mut Source) {
    if met == 0 && source.lines > 0 {
        let (lines, bytes) = (source.lines, feed.bytes());
        source.skipped.push(Skipped { reason: "blank".into(), lines, bytes, first_line: Some(1) });
    }
}

/// Completes the account: what was had and not skipped was read. The size is that of a plain input.
fn account(feed: &Feed<'_>, size: Option<u64>, source: &mut Source) {
    let skipped = source.skipped.iter().map(|s| s.bytes).sum::<u64>();
    source.bytes = feed.bytes();
    source.read_bytes = feed.bytes().saturating_sub(skipped);
    if let Some(why) = feed.stop() {
        let missing = size.unwrap_or(0).saturating_sub(feed.bytes());
        source.bytes += missing;
        let reason =
            format!("{why} (at {} bytes); {} records before that were used", grouped(feed.bytes()), grouped(source.records));
        source.skipped.push(Skipped { reason, lines: 0, bytes: missing, first_line: None });
    }
}

/// A note on a text that is far larger than the whole input in which it came: it may be a bomb, or an honest log that says
/// the same again and again, so nothing is skipped for it.
fn inflated(bytes: u64, given: Option<u64>) -> Option<Skipped> {
    let times = bytes.checked_div(given?)?;
    let reason = || format!("nothing of it, but a warning: it has {} times the bytes of the file it came in", grouped(times));
    (times > MOST_TIMES && bytes > MUCH).then(|| Skipped { reason: reason(), lines: 0, bytes: 0, first_line: Some(1) })
}

/// Whether a source that begins so is skipped.
fn is_no_text(head: &[u8]) -> bool {
    is_binary(head) && !entries::has_binary_values(head)
}

/// Whether these first bytes are no text: zero bytes or other control characters beyond what a damaged log has. Zero
/// bytes at the very beginning do not count: a log that was truncated while it was written to begins with them.
pub fn is_binary(head: &[u8]) -> bool {
    let rest = &head[zeros(head)..];
    if rest.is_empty() {
        return !head.is_empty();
    }
    let rest = &rest[..rest.len().min(JUDGED)];
    let nul = rest.iter().filter(|&&b| b == 0).count();
    let control = rest.iter().filter(|&&b| b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x1b)).count();
    nul > 2 + rest.len() / 100 || control * 100 > rest.len() * 6
}

fn zeros(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&b| b == 0).count()
}

fn skip_binary(feed: &mut Feed<'_>, source: &mut Source) {
    source.format = "binary".into();
    source.lines = count_lines(feed, Encoding::Utf8, 0);
    let (lines, bytes) = (source.lines, feed.bytes());
    source.skipped.push(Skipped { reason: "binary data".into(), lines, bytes, first_line: None });
}

fn count_lines(feed: &mut Feed<'_>, encoding: Encoding, mark: usize) -> u64 {
    let mut lines = Lines::new(feed, encoding, mark, 0);
    while lines.next().is_some() {}
    lines.count
}

/// The line without the zero bytes that a log has at its beginning when it was truncated while it was written to.
fn without_zeros(line: Line<'_>, encoding: Encoding) -> Line<'_> {
    let zeros = if encoding == Encoding::Utf8 { zeros(line.bytes) } else { 0 };
    Line { bytes: &line.bytes[zeros..], start: line.start + zeros as u64, ..line }
}

/// What the records of one source pass through on their way to the sink.
struct Hand<'h, 'c> {
    settings: &'h Settings,
    sink: Shown<'h>,
    sketch: &'h mut Sketch,
    copying: &'h mut Copying<'c>,
    /// Plans of lines around lines, and of those within.
    around: Option<Around>,
    inner: Inner,
    /// Reads the records of several lines.
    lines: Option<Swift>,
}

impl<'h, 'c> Hand<'h, 'c> {
    fn new(settings: &'h Settings, sink: Shown<'h>, sketch: &'h mut Sketch, copying: &'h mut Copying<'c>) -> Self {
        Hand { settings, sink, sketch, copying, around: None, inner: Inner::default(), lines: None }
    }

    /// A record goes to the sink parsed, unless it is a copy; an object on one line may be events or carry
    /// lines instead.
    fn out(&mut self, frame: &Frame) -> bool {
        let formats = self.settings.formats;
        let is_object = frame.outer.format.is_none() && frame.text.trim_ascii_start().starts_with('{');
        if is_object && !frame.cut && frame.place.line == frame.place.last_line {
            let mut held = documents::read_line(&frame.text, frame.place);
            if !held.events.is_empty() || !held.carried.is_empty() {
                carried::settle(&mut held.carried, formats);
                held.carried.iter().for_each(|line| self.sink.record(&line.record(line.place)));
                held.events.into_iter().for_each(|event| self.sink.event(event));
                return true;
            }
        }
        if let Some(is_new) = self.out_within(frame).or_else(|| self.out_lines(frame)) {
            return is_new;
        }
        let line = frame.outer.line.as_str();
        let mut record = match frame.outer.format {
            Some(outer) => formats.parse_within((outer, line), (frame.format, &frame.text), frame.place),
            None => formats.parse(frame.format, &frame.text, frame.place),
        };
        if self.is_copy((line, &frame.text), frame.place, record.stamp) {
            return false;
        }
        record.level = frame.crash.or(record.level);
        self.sink.record_of(&record, frame.outer.format.is_none() && is_seen(&frame.text));
        if frame.cut {
            self.sink.notes.cut(frame.cut_bytes, frame.place.line);
        }
        true
    }

    /// A record of one line within a line; false for a copy, `None` where it does not follow plans.
    fn out_within(&mut self, frame: &Frame) -> Option<bool> {
        let Hand { sink, sketch, copying, around, inner, .. } = self;
        let (line, text) = (frame.outer.line.as_str(), frame.text.as_str());
        let mut is_new = None;
        frame.nested()?.read((around.as_mut()?, inner), (line, text), frame.place, &mut |record, verbatim| {
            let is_copy = is_copy((sketch, copying), (line, text), record.place, record.stamp);
            is_new = Some(!is_copy);
            match (is_copy, verbatim) {
                (true, _) => {}
                (false, true) => sink.sink.record(record),
                (false, false) => sink.record(record),
            }
        });
        is_new
    }

    /// A record whose first line is as others are, and whatever follows that; false for a copy, `None` where it is not.
    fn out_lines(&mut self, frame: &Frame) -> Option<bool> {
        let Hand { sink, sketch, copying, lines, .. } = self;
        let lines = lines.as_mut().filter(|lines| frame.outer.format.is_none() && !frame.cut && lines.is_of(frame.format))?;
        let (text, mut is_new) = (frame.text.as_str(), None);
        lines.read_lines(text, frame.place, &mut Fields::new(), &mut |record, _| {
            let is_copy = is_copy((sketch, copying), ("", text), record.place, record.stamp);
            is_new = Some(!is_copy);
            if !is_copy {
                record.level = frame.crash.or(record.level);
                sink.record_of(record, is_seen(text));
            }
        });
        is_new
    }

    /// A record of the one line that `text` is, unless it is a copy; `verbatim` when nothing of it can be unseen.
    fn swiftly(&mut self, text: &str, record: &Record<'_>, verbatim: bool) -> bool {
        if self.is_copy(("", text), record.place, record.stamp) {
            return false;
        }
        if verbatim {
            self.sink.sink.record(record);
        } else {
            self.sink.record(record);
        }
        true
    }

    fn is_copy(&mut self, texts: (&str, &str), place: RecordRef, stamp: Option<Stamp>) -> bool {
        is_copy((self.sketch, self.copying), texts, place, stamp)
    }
}

/// Remembers a record by its line and the text within it, and says whether it is left out.
fn is_copy(
    (sketch, copying): (&mut Sketch, &mut Copying<'_>),
    (outer, text): (&str, &str),
    place: RecordRef,
    stamp: Option<Stamp>,
) -> bool {
    let hash = || overlap::hash_of(&[outer.as_bytes(), text.as_bytes()]);
    sketch.see(stamp, outer.len() + text.len(), hash);
    let id = place.source;
    match copying {
        Copying::No => false,
        Copying::Remember(copies) => {
            copies.entry(id).or_default().add(hash(), stamp);
            false
        }
        Copying::Drop(dropped) => dropped.get_mut(&id).is_some_and(|d| d.takes(hash(), place)),
    }
}

/// The first 200 lines that are not blank, as far as they stand in the beginning.
fn sample(feed: &mut Feed<'_>, encoding: Encoding, mark: usize) -> Vec<String> {
    feed.ahead(SAMPLED);
    let whole = feed.is_whole();
    let head = &feed.ahead(SAMPLED)[mark..];
    let text = encoding.decode(head);
    let mut lines: Vec<&str> = text.split('\n').collect();
    // The last one is cut, unless it is the only one.
    if !whole && lines.len() > 1 {
        lines.pop();
    }
    lines
        .into_iter()
        .map(|l| l.strip_suffix('\r').unwrap_or(l).trim_start_matches('\0'))
        .filter(|l| !l.trim_ascii().is_empty())
        .take(200)
        .map(|l| plain(Cow::Borrowed(l)).text.into_owned())
        .collect()
}

#[cfg(test)]
mod tests;

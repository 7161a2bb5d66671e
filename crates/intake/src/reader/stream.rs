//! A source that is a log: its lines in pieces, each read by whichever thread is free.
//!
//! One thread reads a source as it stands. Several take pieces of it that end where a record does for certain, each with
//! a sink of its own, and the sinks are joined. That is a guess: what a source turns out to hold (lines of a further
//! format) may change how its later lines are read. The guess is checked afterwards, and where it was wrong the source is
//! read again by one thread: what comes out is always what one thread makes of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use evidence::{Record, RecordRef, Sink, Source};

use super::notes::{Notes, Shown};
use super::{Copying, Hand, sample, without_zeros};
use crate::bundle::Settings;
use crate::formats::swift::{Around, Fields, Followed, Swift};
use crate::framing::{Frame, Framer};
use crate::lanes::{Lanes, Seams};
use crate::lines::{Begins, Encoding, Feed, Line, Lines, LinesOf, Piece, Taken};
use crate::marks::{Marked, Marks, Signs};
use crate::overlap::Sketch;
use crate::unseen::{is_seen, plain};

/// Bytes that one thread reads at once: what its cache holds. Several take more, so that they seldom meet.
const PIECE: usize = 64 << 10;

/// Threads that have nothing to do and may help with a source.
#[derive(Debug)]
pub struct Spare(AtomicUsize);

impl Spare {
    pub fn new(threads: usize) -> Spare {
        Spare(AtomicUsize::new(threads))
    }

    pub fn give(&self, threads: usize) {
        self.0.fetch_add(threads, Ordering::Relaxed);
    }

    pub fn take(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok()
    }
}

/// A guess was wrong: the input has to be read by one thread.
#[derive(Debug)]
pub struct Misread;

/// Lines of which each thread takes some, and how many pieces were taken.
struct Shared<'f, 'l> {
    lines: Lines<'f, 'l>,
    pieces: u64,
    seams: Seams,
    misread: bool,
}

/// Who may help to read a source.
pub struct Help<'h, S> {
    /// `None`: nobody.
    pub spare: Option<&'h Spare>,
    /// A further sink for the source.
    pub make: &'h (dyn Fn() -> S + Sync),
}

/// Reads the lines of a source. Says how many records there were, copies of others among them.
pub fn read_lines<S: Sink>(
    feed: &mut Feed<'_>,
    source: &mut Source,
    (settings, sink, sketch, copying): (&Settings, &mut S, &mut Sketch, &mut Copying<'_>),
    help: &Help<'_, S>,
) -> Result<u64, Misread> {
    let (encoding, mark) = Encoding::detect(feed.ahead(Encoding::TOLD_BY));
    let sample = sample(feed, encoding, mark);
    let sample: Vec<&str> = sample.iter().map(String::as_str).collect();
    let lanes = Lanes::new(settings.formats, &sample, source.id, &settings.limits);
    source.format = lanes.format().into();
    source.decisions.extend(lanes.main().date_order(&sample));
    sink.begin(lanes.format());
    let is_short = feed.is_whole() && feed.bytes() <= settings.piece_bytes as u64;
    let joins = sink.joins() && matches!(copying, Copying::No);
    let spare = help.spare.filter(|_| joins && !is_short && encoding == Encoding::Utf8 && lanes.splits());
    let mut lines = Lines::new(feed, encoding, mark, Framer::longest_line(&settings.limits));
    let shown = Shown { sink: &mut *sink, notes: Notes::default() };
    let mut hand = Hand::new(settings, shown, &mut *sketch, copying);
    (hand.around, hand.lines) = (lanes.around(), lanes.swift());
    let mut worker = Worker::new(lanes, encoding, (source, settings), hand);
    let Some(spare) = spare else {
        worker.alone(&mut lines);
        let done = worker.done();
        (source.lines, source.records) = (lines.count, done.records);
        source.skipped.extend(done.notes.told(&settings.limits));
        return Ok(done.met);
    };
    let fresh = worker.lanes.frozen();
    worker.lanes = fresh.clone();
    let shared = Mutex::new(Shared { lines, pieces: 0, seams: Seams::default(), misread: false });
    let helper = || {
        let (mut sink, mut sketch, mut copying) = ((help.make)(), Sketch::default(), Copying::No);
        sink.begin(fresh.format());
        let shown = Shown { sink: &mut sink, notes: Notes::default() };
        let mut hand = Hand::new(settings, shown, &mut sketch, &mut copying);
        (hand.around, hand.lines) = (fresh.around(), fresh.swift());
        let mut worker = Worker::new(fresh.clone(), encoding, (source, settings), hand);
        while worker.take(&shared, &fresh) {}
        let done = worker.done();
        sink.end_part();
        (done, sink, sketch)
    };
    let (mut done, others) = thread::scope(|scope| {
        let mut helpers = Vec::new();
        while worker.take(&shared, &fresh) {
            while spare.take() {
                helpers.push(scope.spawn(helper));
            }
        }
        let joined = |h: thread::ScopedJoinHandle<'_, _>| h.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let others: Vec<(Done, S, Sketch)> = helpers.into_iter().map(joined).collect();
        spare.give(others.len());
        (worker.done(), others)
    });
    sink.end_part();
    for (other, its_sink, its_sketch) in others {
        done.join(other);
        sink.join(its_sink);
        sketch.join(&its_sketch);
    }
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if shared.misread || done.learns(&fresh) {
        return Err(Misread);
    }
    source.lines = shared.lines.count;
    source.records = done.records;
    source.skipped.extend(done.notes.told(&settings.limits));
    Ok(done.met)
}

/// What one thread makes of its pieces.
struct Worker<'w, 'c> {
    lanes: Lanes,
    swift: Option<Swift>,
    encoding: Encoding,
    source: evidence::SourceId,
    keep: usize,
    /// Bytes of a record that are looked at.
    longest: usize,
    piece: usize,
    buffer: Vec<u8>,
    marks: Marks,
    hand: Hand<'w, 'c>,
    notes: Notes,
    met: u64,
    records: u64,
    strays: Strays,
}

/// Lines of a format that a stream did not seem to have, by the stream and the piece in which they stand.
type Strays = BTreeMap<u64, BTreeMap<u64, Vec<String>>>;

/// What is left of it.
struct Done {
    met: u64,
    records: u64,
    notes: Notes,
    strays: Strays,
}

impl Done {
    fn join(&mut self, other: Done) {
        self.met += other.met;
        self.records += other.records;
        self.notes.join(other.notes);
        for (lane, strays) in other.strays {
            self.strays.entry(lane).or_default().extend(strays);
        }
    }

    /// Whether one thread alone would have learnt of a further format.
    fn learns(&self, fresh: &Lanes) -> bool {
        self.strays.iter().any(|(lane, strays)| fresh.learns_from(*lane, strays.values().flatten().map(String::as_str)))
    }
}

impl<'w, 'c> Worker<'w, 'c> {
    fn new(lanes: Lanes, encoding: Encoding, (source, settings): (&Source, &Settings), hand: Hand<'w, 'c>) -> Self {
        Worker {
            swift: lanes.swift().filter(|_| encoding == Encoding::Utf8),
            lanes,
            encoding,
            source: source.id,
            keep: Framer::longest_line(&settings.limits),
            longest: settings.limits.record_bytes,
            piece: settings.piece_bytes,
            buffer: Vec::new(),
            marks: Marks::default(),
            hand,
            notes: Notes::default(),
            met: 0,
            records: 0,
            strays: Strays::new(),
        }
    }

    fn done(mut self) -> Done {
        self.notes.join(self.hand.sink.notes);
        Done { met: self.met, records: self.records, notes: self.notes, strays: self.strays }
    }

    /// Reads all that there is.
    fn alone(&mut self, lines: &mut Lines<'_, '_>) {
        while self.next(lines, (PIECE.min(self.piece), None)).is_some() {}
        self.finish();
    }

    /// Takes the next piece, or as many as it takes to come to the end of a record. False at the end.
    fn take(&mut self, shared: &Mutex<Shared<'_, '_>>, fresh: &Lanes) -> bool {
        let begins = |line: &[u8]| fresh.begins(line);
        let mut guard = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Shared { lines, pieces, misread, .. } = &mut *guard;
        if *misread {
            return false;
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let taken = lines.take(&mut buffer, self.piece, Some(&begins));
        if !matches!(taken, Taken::End) {
            self.hand.sink.sink.begin_piece(*pieces);
            *pieces += 1;
        }
        let piece_number = pieces.saturating_sub(1);
        let (is_more, number) = match taken {
            Taken::Piece(piece) if piece.apart => {
                // Whoever comes next needs to know how many lines there are.
                lines.advance(self.look(&buffer, piece));
                drop(guard);
                self.read_looked(&buffer, piece);
                (true, piece.number)
            }
            Taken::End => {
                drop(guard);
                (false, 0)
            }
            // A record that is longer than a piece: nobody else can go on before its end is found.
            other => {
                let number = lines.count + 1;
                match other {
                    Taken::Piece(piece) => lines.advance(self.piece(&buffer, piece)),
                    _ => self.single(lines),
                }
                while let Some(false) = self.next(lines, (self.piece, Some(&begins))) {}
                drop(guard);
                (true, number)
            }
        };
        self.buffer = buffer;
        let edges = self.lanes.edges();
        self.finish();
        if is_more {
            self.hand.sink.sink.end_piece();
        }
        for (lane, strays) in self.lanes.strays() {
            let known = self.strays.entry(lane).or_default();
            if known.values().map(Vec::len).sum::<usize>() < Lanes::MOST_STRAYS {
                known.insert(number, strays);
            }
        }
        if let Some(edges) = edges.filter(|_| is_more) {
            let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.misread |= !shared.seams.add(piece_number, edges);
        }
        self.lanes.clone_from(fresh);
        is_more
    }

    /// Reads what is next; whether a record ends with it for certain, `None` at the end.
    fn next(&mut self, lines: &mut Lines<'_, '_>, (size, begins): (usize, Option<&Begins<'_>>)) -> Option<bool> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let found = match lines.take(&mut buffer, size, begins) {
            Taken::Piece(piece) => {
                lines.advance(self.piece(&buffer, piece));
                Some(piece.apart)
            }
            Taken::Line => {
                self.single(lines);
                Some(false)
            }
            Taken::End => None,
        };
        self.buffer = buffer;
        found
    }

    fn single(&mut self, lines: &mut Lines<'_, '_>) {
        if let Some(line) = lines.next() {
            self.line(line);
        }
    }

    fn finish(&mut self) {
        let Worker { lanes, hand, met, records, .. } = self;
        lanes.finish(&mut |frame: &mut Frame| {
            *met += 1;
            *records += u64::from(hand.out(frame));
        });
    }

    /// Reads the lines of a piece in its room; says how many they are.
    fn piece(&mut self, room: &[u8], piece: Piece) -> u64 {
        let lines = self.look(room, piece);
        self.read_looked(room, piece);
        lines
    }

    /// Marks a piece; says how many lines it has.
    fn look(&mut self, room: &[u8], piece: Piece) -> u64 {
        let bytes = piece.of(room);
        let around = self.hand.around.as_ref().map_or(Signs::None, Around::signs);
        self.marks.look(bytes, self.swift.as_ref().map_or(around, Swift::signs));
        self.marks.lines(bytes)
    }

    /// Reads the lines of a piece that is marked.
    fn read_looked(&mut self, room: &[u8], piece: Piece) {
        let bytes = piece.of(room);
        let marks = std::mem::take(&mut self.marks);
        let text = simdutf8::basic::from_utf8(bytes).ok().filter(|text| marks.is_printable || is_seen(text));
        let mut fields = Fields::new();
        // A line that follows a plan, until it is known that nothing joins it.
        let mut waiting: Option<(Line<'_>, &str)> = None;
        let mut found = [Followed::default(), Followed::default()];
        // In which of them it is told where the values of the line that waits stand.
        let mut before = 0;
        self.swift.iter_mut().for_each(|swift| swift.begin(bytes));
        self.hand.around.iter_mut().for_each(|around| around.begin(bytes));
        let is_closed = self.swift.as_ref().is_some_and(Swift::is_closed);
        let mut lines = LinesOf::new(bytes, piece, self.keep, marks.ends());
        while let Some(line) = lines.next() {
            let from = (line.start - piece.start) as usize;
            let clean = match text {
                Some(text) => text.get(from..from + line.bytes.len()),
                None => std::str::from_utf8(line.bytes).ok().filter(|text| is_seen(text)),
            };
            let follows = |text: &&str| {
                let place = Marked::new(&marks, room, (from, from + line.bytes.len()));
                self.swift.as_mut().is_some_and(|swift| swift.follow((text, marks.has_tabs), place, &mut found[1 - before]))
            };
            // Longer ones are cut by the framer.
            let is_whole = line.cut == 0 && line.bytes.len() <= self.longest;
            match clean.filter(|_| is_whole && (waiting.is_some() || !self.lanes.may_repeat())).filter(follows) {
                Some(text) if is_closed => self.swiftly((text, &found[1 - before]), &line, &mut fields),
                Some(text) => {
                    if let Some((line, text)) = waiting.replace((line, text)) {
                        self.swiftly((text, &found[before]), &line, &mut fields);
                    }
                    before = 1 - before;
                }
                None => {
                    if let Some((line, text)) = waiting.take() {
                        self.push_known(text, &line);
                    }
                    let place = Marked::new(&marks, room, (from, from + line.bytes.len()));
                    match clean {
                        Some(text) if is_whole && self.within((text, marks.has_tabs), &line, place) => {}
                        // Nothing of it is broken or unseen.
                        Some(text) => self.push(text, &line),
                        None => self.line(line),
                    }
                    // The frames of a trace, of which none has to be looked at by itself.
                    if let Some(text) = text
                        && let Some(room) = self.lanes.room_for_indented()
                        && let Some(further) = lines.indented(room)
                    {
                        let from = (further.start - piece.start) as usize;
                        self.lanes.join_indented(&text[from..from + further.bytes.len()], &further);
                    }
                }
            }
        }
        if let Some((line, text)) = waiting.take() {
            self.push_known(text, &line);
        }
        drop(lines);
        self.marks = marks;
    }

    /// A line that follows a plan and is a whole record.
    fn swiftly<'a>(&mut self, (text, found): (&'a str, &Followed), line: &Line<'_>, fields: &mut Fields<'a>) {
        let place = RecordRef { source: self.source, start: line.start, end: line.end, line: line.number, last_line: line.last };
        let Worker { lanes, hand, met, records, swift, .. } = self;
        let mut out = |record: &mut Record<'a>, verbatim: bool| {
            lanes.settle(text, &mut |frame: &mut Frame| {
                *met += 1;
                *records += u64::from(hand.out(frame));
            });
            *met += 1;
            *records += u64::from(hand.swiftly(text, record, verbatim));
        };
        let is_read = swift.as_mut().is_some_and(|swift| swift.read((text, found), place, fields, &mut out));
        if !is_read {
            self.push_known(text, line);
        }
    }

    /// A line around another, if it follows a plan.
    fn within(&mut self, text: (&str, bool), line: &Line<'_>, at: Marked<'_>) -> bool {
        let Worker { lanes, hand, met, records, .. } = self;
        let Some(around) = hand.around.as_mut() else { return false };
        let Some((within, its_place)) = around.within(text, at) else { return false };
        lanes.push_within(within, text.0, line, (around, &mut hand.inner, its_place));
        lanes.hand_out(&mut |frame: &mut Frame| {
            *met += 1;
            *records += u64::from(hand.out(frame));
        });
        true
    }

    /// A line that follows a plan, but is not read by it.
    fn push_known(&mut self, text: &str, line: &Line<'_>) {
        if !self.swift.as_ref().is_some_and(Swift::knows_heads) {
            return self.push(text, line);
        }
        let Worker { lanes, hand, met, records, .. } = self;
        lanes.push_known(text, line, &mut |frame: &mut Frame| {
            *met += 1;
            *records += u64::from(hand.out(frame));
        });
    }

    fn push(&mut self, text: &str, line: &Line<'_>) {
        let Worker { lanes, hand, met, records, .. } = self;
        lanes.push(text, line, &mut |frame: &mut Frame| {
            *met += 1;
            *records += u64::from(hand.out(frame));
        });
    }

    fn line(&mut self, line: Line<'_>) {
        let line = without_zeros(line, self.encoding);
        let text = self.encoding.decode(line.bytes);
        if self.encoding.is_broken(&line, &text) {
            self.notes.invalid(line.number);
        }
        let text = plain(text);
        self.notes.hidden(text.hidden, line.number);
        self.push(&text.text, &line);
    }
}

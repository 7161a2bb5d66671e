//! Where a record begins and where it ends. Lines that begin a record are known to its format; what follows belongs to
//! it, except what a crashing program prints between other records: that is a record of its own.
//!
//! Framing never parses and must never look at times or levels of a line, with one exception: whether a Python or Java
//! trace belongs to the record before it depends on whether that record reports something bad. Misleading input: tables
//! and other indented text, which become one record up to the limit of lines.

use std::borrow::Cow;

use evidence::{Level, RecordRef, SourceId};

use crate::Limits;
use crate::formats::swift::{Around, Inner, Nested, Swift};
use crate::formats::{Format, Formats, first_line, level};
use crate::lines::Line;
use crate::overlap::hash_of;
use crate::signs::{
    Sign, Tail, adds_to_exception, chains, has_traceback, is_exception, is_of_a_crash, is_of_a_trace, may_be_of_a_trace, sign,
};

/// A record before it is parsed. Its buffer is used again for the next one.
#[derive(Clone)]
pub struct Frame {
    /// Head and continuation lines joined by `\n`, cut to the limit of bytes.
    pub text: String,
    pub place: RecordRef,
    pub format: &'static Format,
    pub outer: Outer,
    /// For what a crashing program prints: the level that it means.
    pub crash: Option<Level>,
    /// Some of the text was cut off: a `…` stands for it.
    pub cut: bool,
    /// Bytes that were cut off.
    pub cut_bytes: u64,
    /// Lines of other records stand between its own: its place ends before the first of them.
    torn: bool,
    kind: Kind,
    lines: u64,
    tail: Tail,
}

/// What stands around the first line of a record, when its source wraps the lines of others.
#[derive(Clone, Default)]
pub struct Outer {
    pub format: Option<&'static Format>,
    /// The whole line, with the one within it.
    pub line: String,
    follows: bool,
    nested: Box<Nested>,
}

impl Outer {
    /// Puts another line here, which follows the plans if they are given.
    pub fn fill(&mut self, (format, line): (Option<&'static Format>, &str), plans: Option<(&mut Around, &mut Inner)>) {
        self.format = format;
        self.line.clear();
        self.line.push_str(line);
        self.follows = plans.is_some();
        plans.into_iter().for_each(|(around, inner)| self.nested.take(around, inner));
    }
}

/// Cuts a stream of lines into records.
#[derive(Clone)]
pub struct Framer {
    formats: &'static Formats,
    heads: Vec<&'static Format>,
    /// Of a source whose format nobody knows: what tells that a line begins with a time, when most of its lines do.
    timed: Option<&'static Format>,
    plain: &'static Format,
    frame: Frame,
    open: bool,
    blanks: u64,
    /// The record before is a single line by its nature (JSON, unknown text): plain lines do not join it.
    single: bool,
    /// Most of the source is known to no format (prose with some log lines in it): plain lines are records of their own.
    loose: bool,
    /// Blanks before every line of the source (a paste that was indented as a whole).
    indent: usize,
    most_bytes: usize,
    most_lines: u64,
    strays: Strays,
    follows: Follows,
    /// No record with a head was met so far.
    headless: bool,
    /// Something hung on records before those that it had.
    looked_back: bool,
    /// Behind what its first record begins.
    first: Option<Behind>,
}

impl Frame {
    /// Room for the records of a source.
    fn blank(format: &'static Format, place: RecordRef) -> Frame {
        Frame {
            text: String::new(),
            place,
            format,
            outer: Outer::default(),
            crash: None,
            cut: false,
            cut_bytes: 0,
            torn: false,
            kind: Kind::Plain,
            lines: 0,
            tail: Tail::None,
        }
    }

    /// How the record and the line around it follow plans, where they do and it is no more than a line within a line.
    pub fn nested(&self) -> Option<&Nested> {
        let is_line = self.lines == 1 && !self.cut && self.crash.is_none();
        (is_line && self.outer.follows).then_some(&*self.outer.nested)
    }

    /// Takes the record out of its room, and leaves another for the next one.
    pub fn take(&mut self, room: Option<Frame>) -> Frame {
        let room = room.unwrap_or_else(|| Frame::blank(self.format, self.place));
        std::mem::replace(self, room)
    }
}

/// What a line stands behind: each of them is more than those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Behind {
    /// No record is open.
    Nothing,
    /// One that takes no line that would be a record elsewhere.
    Lines,
    /// One that takes such lines, too.
    Any,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Begun by a line that the format knows.
    Head,
    Crash,
    Plain,
}

/// A JSON object on one line may be longer than other records: cut, it cannot be read at all.
const OBJECT_FACTOR: usize = 16;

impl Framer {
    /// `sample`: the first lines of the source that are not blank, without escapes.
    pub fn new(formats: &'static Formats, sample: &[&str], source: SourceId, limits: &Limits) -> Framer {
        let indent = sample.iter().map(|l| blanks(l)).min().unwrap_or(0);
        let sample: Vec<&str> = sample.iter().map(|l| &l[indent..]).collect();
        let plain = formats.text();
        let main = formats.recognise(&sample);
        let mut heads = Vec::new();
        let mut timed = None;
        if main.id() != plain.id() {
            heads.push(main);
            let others: Vec<&str> =
                sample.iter().copied().filter(|l| !formats.is_head(main, l) && sign(l) == Sign::Plain).collect();
            heads.extend(also(formats, &others, &heads));
        } else {
            // Every format but `text` takes a line that begins with a time for a head.
            let any = formats.all().iter().copied().find(|f| f.id() != plain.id());
            timed = any.filter(|f| sample.iter().any(|l| formats.is_head(f, l)));
        }
        let loose = is_loose(formats, &sample, heads.iter().chain(&timed).copied());
        let place = RecordRef { source, start: 0, end: 0, line: 0, last_line: 0 };
        let frame = Frame::blank(plain, place);
        Framer {
            formats,
            single: loose,
            loose,
            heads,
            timed,
            plain,
            frame,
            open: false,
            blanks: 0,
            indent,
            most_bytes: limits.record_bytes.max(1),
            most_lines: limits.record_lines.max(1),
            strays: Strays { lines: Vec::new(), attempts: 0, frozen: false },
            follows: Follows::default(),
            headless: true,
            looked_back: false,
            first: None,
        }
    }

    /// Whether a line that begins a record makes it forget everything before.
    pub fn splits(&self) -> bool {
        let is_plain = self.loose || self.timed.is_some() || self.indent > 0;
        !is_plain && self.heads.first().is_some_and(|f| !f.repeats())
    }

    /// Whether that is so for most lines of a source of which little is known.
    pub fn splits_at_seams(&self) -> bool {
        (self.loose || self.timed.is_some()) && self.indent == 0
    }

    /// A reader of lines that are made like others.
    pub fn swift(&self) -> Option<Swift> {
        self.planned().and_then(|format| Swift::of(self.formats, format))
    }

    pub fn frozen(&self) -> Framer {
        let mut framer = self.clone();
        framer.strays = Strays { frozen: true, ..self.strays.clone() };
        framer
    }

    /// Whether this line is a record's first, with a time, in the source's own format.
    pub fn begins(&self, line: &str) -> bool {
        let main = self.main();
        let place = RecordRef { start: 0, end: 0, line: 0, last_line: 0, ..self.frame.place };
        let record = self.formats.parse(main, line, place);
        let is_head = |format: &Format| self.formats.is_head(format, line);
        let is_first = match self.splits_at_seams() {
            true => self.heads.iter().chain(&self.timed).any(|f| is_head(f)) || self.loose && sign(line) == Sign::Plain,
            false => is_head(main),
        };
        record.format == main.id() && record.stamp.is_some() && is_first
    }

    /// Whether the open record may go on in lines that have a head of their own.
    pub fn may_repeat(&self) -> bool {
        let frame = &self.frame;
        self.open && self.main().repeats() && (frame.lines > 1 || has_traceback(&frame.text))
    }

    /// A record was read elsewhere from this line, and nothing joins it: hands out the one before it.
    pub fn settle(&mut self, text: &str, out: &mut dyn FnMut(&mut Frame)) {
        self.finish(out);
        self.blanks = 0;
        self.single = self.is_single(self.main(), text);
    }

    pub const MOST_STRAYS: usize = Strays::ENOUGH * Strays::ATTEMPTS as usize;

    /// All formats there are.
    pub fn formats(&self) -> &'static Formats {
        self.formats
    }

    pub fn strays(&mut self) -> Vec<String> {
        std::mem::take(&mut self.strays.lines)
    }

    pub fn learns_from(&self, strays: &[&str]) -> bool {
        strays.chunks_exact(Strays::ENOUGH).any(|lines| also(self.formats, lines, &self.heads).is_some())
    }

    /// Id of the source's format.
    pub fn format(&self) -> &'static str {
        self.main().id()
    }

    /// The format of the records that the source has, where it is known.
    pub fn main(&self) -> &'static Format {
        self.heads.first().copied().unwrap_or(self.plain)
    }

    /// The line on which the open record begins.
    pub fn open_line(&self) -> Option<u64> {
        self.open.then_some(self.frame.place.line)
    }

    /// The longest line that is of use.
    pub fn longest_line(limits: &Limits) -> usize {
        limits.record_bytes.saturating_mul(OBJECT_FACTOR).clamp(4 << 10, 64 << 20)
    }

    /// Takes the next line; hands out the record before it when that is complete.
    pub fn push(&mut self, text: &str, line: &Line<'_>, out: &mut dyn FnMut(&mut Frame)) {
        if text.trim_ascii().is_empty() {
            self.blanks += 1;
            return;
        }
        let text = &text[self.indent.min(blanks(text))..];
        // Frames of stack traces are told by their first byte, or come again and again.
        let is_known = self.is_ruled_out(text) || self.follows.has(text);
        let head = if is_known { None } else { self.heads.iter().find(|f| self.formats.is_head(f, text)) };
        if let Some(&format) = head {
            return self.push_head(format, text, line, out);
        }
        if !is_known && self.timed.is_some_and(|f| self.formats.is_head(f, text)) {
            self.single = self.is_single(self.plain, text);
            return self.begin((Kind::Head, self.plain), text, line, out);
        }
        if !is_known {
            self.follows.add(text);
        }
        let sign = sign(text);
        if sign == Sign::Plain && self.strays.take(text) {
            let others = also(self.formats, &self.strays.sample(), &self.heads);
            self.strays.lines.clear();
            if others.is_some() {
                self.follows = Follows::default();
            }
            self.heads.extend(others);
        }
        self.looked_back |= self.headless && self.open && (sign == Sign::Goroutine || self.frame.kind == Kind::Crash);
        if self.open && self.joins(sign, text) && self.frame.lines < self.most_lines {
            if sign == Sign::Goroutine && self.frame.kind == Kind::Head && self.open_level().is_none() {
                (self.frame.kind, self.frame.crash) = (Kind::Crash, Some(Level::Error));
            }
            return self.join(text, line);
        }
        let kind = if matches!(sign, Sign::Crash(..)) { Kind::Crash } else { Kind::Plain };
        self.begin((kind, self.plain), text, line, out);
        if let Sign::Crash(level, tail) = sign {
            self.frame.crash = Some(level);
            self.frame.tail = tail;
        }
    }

    /// Whether a line is indented, and no head of the source can be.
    fn is_ruled_out(&self, text: &str) -> bool {
        let blank = text.bytes().next().filter(|first| matches!(first, b' ' | b'\t'));
        blank.is_some_and(|first| self.heads.iter().chain(&self.timed).all(|format| !format.may_be_indented(first)))
    }

    /// Lines and bytes of indented lines that the open record takes whatever they are.
    pub fn room_for_indented(&self) -> Option<(u64, usize)> {
        let Frame { kind, text, lines, cut, .. } = &self.frame;
        let is_head = self.open && *kind == Kind::Head && !cut && self.blanks == 0 && self.indent == 0;
        let opens_none = || [" ", "\t"].iter().all(|blank| self.is_ruled_out(blank));
        let room = (self.most_lines.saturating_sub(*lines), self.most_bytes.saturating_sub(text.len() + 1));
        (is_head && opens_none() && !text.trim_ascii_start().starts_with('{')).then_some(room)
    }

    /// Takes such lines at once, as if each had come by itself.
    pub fn join_indented(&mut self, text: &str, lines: &Line<'_>) {
        let frame = &mut self.frame;
        frame.torn |= lines.number > frame.place.last_line + 1;
        frame.text.push('\n');
        frame.text.push_str(text);
        frame.tail = if matches!(frame.tail, Tail::Frames | Tail::Ended) { frame.tail } else { Tail::None };
        frame.lines += lines.last + 1 - lines.number;
        if !frame.torn {
            (frame.place.end, frame.place.last_line) = (lines.end, lines.last);
        }
    }

    /// Whether the open record is one line by its nature: no other joins it.
    pub fn is_whole(&self) -> bool {
        let frame = &self.frame;
        self.open && frame.kind == Kind::Head && frame.text.starts_with('{') && !frame.format.repeats()
    }

    /// Behind what its first record began as it did: what stood before that was not known. `None` where there is none, or more hung
    /// on what stood before.
    pub fn begins_behind(&self) -> Option<Behind> {
        self.first.filter(|_| !self.looked_back)
    }

    /// What the next line stands behind: the open record may take no more lines, those that continue one, or any.
    pub fn ends_with(&self) -> Behind {
        let is_taking = match self.frame.kind {
            Kind::Head => !self.loose,
            Kind::Crash => true,
            Kind::Plain => false,
        };
        match self.open {
            false => Behind::Nothing,
            true if is_taking || self.frame.tail != Tail::None => Behind::Any,
            true => Behind::Lines,
        }
    }

    /// The format of which there may be plans.
    pub fn planned(&self) -> Option<&'static Format> {
        self.heads.first().copied().filter(|_| self.indent == 0)
    }

    /// Takes the next line, which is known to be a record's first one in the source's own format.
    pub fn push_known(&mut self, text: &str, line: &Line<'_>, out: &mut dyn FnMut(&mut Frame)) {
        self.push_head(self.main(), text, line, out);
    }

    fn push_head(&mut self, format: &'static Format, text: &str, line: &Line<'_>, out: &mut dyn FnMut(&mut Frame)) {
        if let Some(content) = self.repeated(format, text) {
            return self.join(&content, line);
        }
        self.single = self.is_single(format, text);
        self.begin((Kind::Head, format), text, line, out);
    }

    /// Hands out the last record.
    pub fn finish(&mut self, out: &mut dyn FnMut(&mut Frame)) {
        if self.open {
            out(&mut self.frame);
            self.open = false;
        }
    }

    /// Whether plain lines do not join a record of this format that begins with this line.
    fn is_single(&self, format: &'static Format, text: &str) -> bool {
        self.loose || format.is_of_requests() || text.trim_ascii_start().starts_with('{')
    }

    fn begin(&mut self, (kind, format): (Kind, &'static Format), text: &str, line: &Line<'_>, out: &mut dyn FnMut(&mut Frame)) {
        self.finish(out);
        self.open = true;
        self.blanks = 0;
        let frame = &mut self.frame;
        frame.text.clear();
        frame.place.start = line.start;
        frame.place.line = line.number;
        frame.place.last_line = line.number;
        (frame.kind, frame.format, frame.crash, frame.cut, frame.torn) = (kind, format, None, false, false);
        (frame.lines, frame.tail, frame.cut_bytes) = (0, Tail::None, 0);
        self.headless &= kind != Kind::Head;
        self.first = self.first.or_else(|| {
            Some(match kind {
                Kind::Head if !format.repeats() => Behind::Any,
                Kind::Plain if sign(text) == Sign::Plain => Behind::Lines,
                Kind::Head | Kind::Plain | Kind::Crash => Behind::Nothing,
            })
        });
        self.append(text, line);
    }

    fn join(&mut self, text: &str, line: &Line<'_>) {
        self.frame.torn |= line.number > self.frame.place.last_line + self.blanks + 1;
        for _ in 0..self.blanks.min(self.most_lines) {
            self.frame.text.push('\n');
        }
        self.blanks = 0;
        self.frame.text.push('\n');
        self.frame.tail = match self.frame.tail {
            Tail::Message => Tail::None,
            Tail::Frames if text.starts_with([' ', '\t']) => Tail::Frames,
            _ if text.starts_with("Traceback (most recent call last)") => Tail::Frames,
            _ if chains(text) => Tail::Chained,
            Tail::Frames => Tail::Ended,
            Tail::Ended if text.starts_with([' ', '\t']) || adds_to_exception(text) => Tail::Ended,
            _ => Tail::None,
        };
        self.append(text, line);
    }

    fn append(&mut self, text: &str, line: &Line<'_>) {
        let frame = &mut self.frame;
        let most = if frame.text.is_empty() && text.trim_ascii_start().starts_with('{') {
            self.most_bytes.saturating_mul(OBJECT_FACTOR)
        } else {
            self.most_bytes
        };
        let room = most.saturating_sub(frame.text.len());
        if !frame.cut && text.len() <= room && line.cut == 0 {
            frame.text.push_str(text);
        } else {
            let room = if frame.cut { 0 } else { room.saturating_sub('…'.len_utf8()) };
            let kept = &text[..text.floor_char_boundary(room)];
            frame.text.push_str(kept);
            frame.text.push_str(if frame.cut { "" } else { "…" });
            frame.cut = true;
            frame.cut_bytes += (text.len() - kept.len()) as u64 + line.cut;
        }
        frame.lines += 1;
        if !frame.torn {
            frame.place.end = line.end;
            frame.place.last_line = line.last;
        }
    }

    /// What a line of the open record says behind a head that was put before it once more.
    fn repeated<'t>(&self, format: &'static Format, text: &'t str) -> Option<Cow<'t, str>> {
        let frame = &self.frame;
        if !format.repeats() || !self.open || frame.kind != Kind::Head || frame.format.id() != format.id() {
            return None;
        }
        // Parts are taken out of a line only where it may be one of a trace.
        let ended = frame.text.rsplit_once('\n').is_some_and(|(_, last)| is_exception(last));
        let in_trace = !ended && (frame.lines > 1 || has_traceback(&frame.text));
        if !in_trace && !may_be_of_a_trace(text) || frame.lines >= self.most_lines {
            return None;
        }
        let (this, first) = (format.within(text)?, format.within(first_line(&frame.text))?);
        let indented = this.content.starts_with('\t') || this.content.starts_with("  ") || this.content.starts_with("#011");
        let ends = is_exception(&this.content) && has_traceback(&frame.text);
        let goes_on = is_of_a_trace(&this.content) || in_trace && (indented || ends);
        (this.lane == first.lane && goes_on).then_some(this.content)
    }

    /// Whether a line that no format knows belongs to the open record.
    fn joins(&self, sign: Sign, text: &str) -> bool {
        let frame = &self.frame;
        if frame.tail == Tail::Message {
            return true;
        }
        match (sign, frame.kind) {
            (Sign::Goroutine, Kind::Crash) => true,
            (Sign::Goroutine | Sign::Crash(_, Tail::Frames), _) if frame.tail == Tail::Chained => true,
            (Sign::Goroutine, Kind::Head) if is_of_a_panic(&frame.text) => true,
            (Sign::Goroutine, _) => !self.single && self.open_level() >= Some(Level::Error),
            (Sign::Crash(Level::Error, _), Kind::Head | Kind::Plain) => {
                self.blanks == 0 && !frame.text.starts_with('{') && self.open_level() >= Some(Level::Warn)
            }
            (Sign::Crash(..), _) => false,
            (Sign::Plain, _) if self.ends_trace(text) => true,
            (Sign::Indented, Kind::Head) => !frame.text.trim_ascii_start().starts_with('{'),
            (_, Kind::Head) => !self.single && !opens_alike(&frame.text, text),
            // A table's rows are looked at one by one, and a blank line ends what was said before.
            (Sign::Indented, Kind::Plain) => self.blanks == 0 && !text.contains(" | "),
            (Sign::Indented, _) => true,
            (_, Kind::Crash) => !self.single || frame.tail == Tail::Frames || frame.tail == Tail::Chained || is_of_a_crash(text),
            (Sign::Plain, Kind::Plain) => false,
        }
    }

    /// Whether a line ends the trace of Python that the open record has, or tells that another follows: none of them begins a
    /// record, also where others of the source are single lines.
    fn ends_trace(&self, text: &str) -> bool {
        match self.frame.tail {
            Tail::Frames => self.blanks == 0,
            Tail::Ended => chains(text) || self.blanks == 0 && adds_to_exception(text),
            Tail::None | Tail::Message | Tail::Chained => false,
        }
    }

    fn open_level(&self) -> Option<Level> {
        self.frame.crash.or_else(|| self.formats.parse(self.frame.format, &self.frame.text, self.frame.place).level)
    }
}

/// What a server of Go logs of a panic that it survived: `http: panic serving 10.0.0.1:4321: …`.
fn is_of_a_panic(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains(": panic serving ") || line.contains("panic: "))
}

/// Lines of which it is known that no record begins with them: frames of stack traces come again and again.
#[derive(Clone, Default)]
struct Follows(Vec<u64>);

impl Follows {
    const ROOM: usize = 1_024;

    fn has(&self, text: &str) -> bool {
        let hash = hash_of(&[text.as_bytes()]);
        self.0.get(hash as usize % Self::ROOM) == Some(&hash)
    }

    fn add(&mut self, text: &str) {
        let hash = hash_of(&[text.as_bytes()]);
        self.0.resize(Self::ROOM, 0);
        self.0[hash as usize % Self::ROOM] = hash;
    }
}

/// Lines that no format of the source knew, kept until there are enough to ask again.
#[derive(Clone)]
struct Strays {
    lines: Vec<String>,
    attempts: u32,
    /// Nobody asks; they are only kept.
    frozen: bool,
}

impl Strays {
    const ENOUGH: usize = 24;
    const ATTEMPTS: u32 = 8;

    /// Keeps the line; true when it is time to ask.
    fn take(&mut self, text: &str) -> bool {
        let most = if self.frozen { Framer::MOST_STRAYS } else { usize::MAX };
        if self.attempts >= Self::ATTEMPTS || self.lines.len() >= most {
            return false;
        }
        self.lines.push(text[..text.floor_char_boundary(4 << 10)].to_string());
        let enough = !self.frozen && self.lines.len() >= Self::ENOUGH;
        self.attempts += u32::from(enough);
        enough
    }

    fn sample(&self) -> Vec<&str> {
        self.lines.iter().map(String::as_str).collect()
    }
}

/// A further format of the same source, when most of these lines are records of it.
fn also(formats: &'static Formats, lines: &[&str], known: &[&'static Format]) -> Option<&'static Format> {
    let format = formats.recognise(lines);
    let is_new = format.id() != formats.text().id() && known.iter().all(|k| k.id() != format.id());
    let heads = lines.iter().filter(|l| formats.is_head(format, l)).count();
    (is_new && heads >= 2 && heads * 2 >= lines.len()).then_some(format)
}

/// Spaces and tabs at the beginning.
fn blanks(text: &str) -> usize {
    text.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// `[Nest] 7` after `[Nest] 6`: a record whose head the format does not know in this form.
fn opens_alike(head: &str, text: &str) -> bool {
    let word = text.split_ascii_whitespace().next().filter(|w| w.starts_with(['[', '<']) && w.len() > 3);
    word.is_some_and(|w| head.starts_with(w))
}

/// Lines of a record for each that begins one, in a log of a writer whose heads say more than a time, a level and a message: a
/// statement of SQL, a report in a block.
const BLOCK: usize = 10;

/// Whether more lines are known to no format than begin a record. As many is what records of two lines have, and some writers put
/// blocks below their heads.
fn is_loose(formats: &Formats, sample: &[&str], heads: impl Iterator<Item = &'static Format> + Clone) -> bool {
    let is_head = |l: &&&str| heads.clone().any(|f| formats.is_head(f, l));
    let known = sample.iter().filter(is_head).count();
    let unknown = sample.iter().filter(|l| !is_head(l) && sign(l) == Sign::Plain && !is_of_a_crash(l)).count();
    // A line that says how bad it is stands for itself.
    let is_bad = |l: &&str| level(l).is_some_and(|word| word.from <= 3 && word.level.is_bad());
    let has_blocks = heads.clone().next().is_some_and(Format::says_more)
        && sample.first().is_some_and(|l| is_head(&l))
        && !sample.iter().any(|l| !is_head(&l) && is_bad(l));
    unknown > known * if has_blocks && known > 1 { BLOCK } else { 1 }
}

//! Log formats: which one a source has, and what its lines say.
//!
//! A format is a file of the folder `formats` at the root; the folder is embedded, nobody keeps a list. Which format is
//! tried first follows from their samples: where A reads B's samples and not conversely, B comes before A. This module
//! must never know where lines come from or how they were joined. What breaks it: a format whose pattern matches what
//! is not its own; its look-alikes are the place to say so.

mod beginnings;
mod codes;
mod definition;
mod draft;
mod explain;
mod faults;
mod gate;
mod hand;
mod heads;
mod json;
mod keys;
mod late;
mod logfmt;
mod mine;
mod months;
mod names;
mod needs;
mod order;
mod parts;
mod pattern;
mod prove;
mod scan;
mod suggest;
pub mod swift;
mod template;
mod text;
mod time;
mod trial;
mod within;
mod wrap;
pub mod zone;

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use evidence::{Basis, Level, Record, RecordRef};

pub use definition::{Format, Sample};
pub use explain::Candidate;
pub use faults::Fault;
pub use keys::names_level;
pub use names::workload_of_pod;
pub use suggest::suggest;
pub use text::{first_line, level};
pub use time::Order;
pub use within::Within;

use crate::signs::{Sign, is_qualified_exception, sign};
use codes::clean;
use definition::{Kind, Origin};
use draft::Reading;
use faults::File;
use heads::Heads;
use order::Precedence;

/// Records within records that are followed: syslog in a container line in a container engine's file.
const DEPTH: u32 = 3;
/// Bytes of a line within a line in which its time begins.
const HEAD: usize = 48;
/// Lines of a sample that are looked at.
const SAMPLE: usize = 200;

/// All formats in the order of their ids; the last is `text`, which reads any line.
#[derive(Debug)]
pub struct Formats {
    formats: Vec<&'static Format>,
    precedence: Precedence,
    heads: OnceLock<Heads>,
    /// Those that put a head around every line.
    around: OnceLock<(Vec<&'static Format>, Heads)>,
}

static FORMATS: LazyLock<Formats> = LazyLock::new(|| Formats::of(kept(definition::embedded())));

/// Formats are kept for the life of the process: every record names its own.
fn kept(formats: Vec<Format>) -> Vec<&'static Format> {
    formats.leak().iter().collect()
}

impl Formats {
    /// The embedded formats.
    pub fn load() -> &'static Formats {
        &FORMATS
    }

    /// The embedded formats and those of a user's files, given as name and text; one with the id of an embedded format
    /// takes its place. Files that do not prove themselves are faults, and then there is no set. It is kept for the
    /// life of the process, as the embedded one is.
    pub fn with(files: &[(String, String)]) -> Result<&'static Formats, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut own = Vec::new();
        for (name, text) in files {
            let file = File { name, text };
            let id = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".toml");
            if id == "text" {
                faults.push(file.fault(
                    None,
                    "`text` is what reads the lines that no format knows",
                    "give the file another name",
                ));
                continue;
            }
            match definition::parse(id, file, Origin::User) {
                Ok(format) => own.push(format),
                Err(fault) => faults.push(fault),
            }
        }
        if own.is_empty() && !faults.is_empty() {
            return Err(faults);
        }
        let mut all = Formats::load().formats.clone();
        all.retain(|f| own.iter().all(|o| o.id() != f.id()));
        all.extend(kept(own));
        let formats: &'static Formats = Box::leak(Box::new(Formats::of(all)));
        for (name, text) in files {
            let id = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".toml");
            if let Some(format) = formats.get(id) {
                faults.extend(formats.prove(format, File { name, text }));
                faults.extend(formats.contested(format, File { name, text }));
            }
        }
        if faults.is_empty() { Ok(formats) } else { Err(faults) }
    }

    fn of(mut formats: Vec<&'static Format>) -> Formats {
        formats.sort_by_key(|f| (f.is_text(), f.id()));
        Formats { precedence: Precedence::of(&formats), formats, heads: OnceLock::new(), around: OnceLock::new() }
    }

    /// The format of a source by up to 200 of its lines (blank ones left out, continuation lines among them): the one
    /// that is the first to know most of them, or `text` when none knows a tenth.
    pub fn recognise(&'static self, sample: &[&str]) -> &'static Format {
        let sample = &sample[..sample.len().min(SAMPLE)];
        // Lines of stack traces pass the gates of many formats: they are asked last, and not at all where what they say changes
        // nothing any more.
        let (heads, others): (Vec<&str>, Vec<&str>) = sample.iter().partition(|line| sign(line) == Sign::Plain);
        let mut votes = vec![0usize; self.formats.len()];
        let (mut most, mut given, mut near) = (0, 0, None);
        for (line, left) in heads.into_iter().chain(others).zip((1..=sample.len()).rev()) {
            if most > given - most + left && most * 10 >= sample.len() {
                break;
            }
            let line = clean(line);
            // Most lines are of the format of the one before.
            let again = near.filter(|near| self.is_again(*near, &line));
            if let Some(i) = again.or_else(|| self.of_line(&line)) {
                near = Some(i);
                votes[i] += 1;
                given += 1;
                most = most.max(votes[i]);
            }
        }
        let best = votes.iter().enumerate().max_by_key(|(i, n)| (**n, usize::MAX - i)).map(|(i, _)| i);
        match best {
            Some(i) if votes[i] > 0 && votes[i] * 10 >= sample.len() => self.formats[i].for_sample(sample),
            _ => self.text(),
        }
    }

    /// A format by its id.
    pub fn get(&self, id: &str) -> Option<&'static Format> {
        self.formats.iter().copied().find(|f| f.id() == id)
    }

    /// All of them, in the order of their ids, plain text last.
    pub fn all(&self) -> &[&'static Format] {
        &self.formats
    }

    /// The format that knows a line, if one but plain text does: the most special of those that match.
    fn of_line(&self, line: &str) -> Option<usize> {
        let mut known: Vec<usize> = Vec::new();
        let head = text::first_line(line);
        let members = if head.trim_start().starts_with('{') { json::members(head) } else { None };
        let present = LazyCell::new(|| needs::present(head.as_bytes()));
        self.heads().find(head, members.is_some(), |i| {
            let format = self.formats[i];
            let fits = match &members {
                Some(members) if format.is_json() => format.has_members(members),
                _ => !format.is_text() && format.matches_head(head, *present),
            };
            if fits {
                known.push(i);
            }
            false
        });
        self.precedence.most_special(&self.formats, &known, head)
    }

    /// Whether a line is certainly of this format: it matches, and of the others all that match are more general. Those that are more
    /// general than this one need not be asked, as none of them comes before it.
    fn is_again(&self, near: usize, line: &str) -> bool {
        let head = text::first_line(line);
        let present = LazyCell::new(|| needs::present(head.as_bytes()));
        let fits = |i: usize| !self.formats[i].is_text() && self.formats[i].matches_head(head, *present);
        if head.trim_start().starts_with('{') || !fits(near) {
            return false;
        }
        let mut known = vec![near];
        self.heads().find(head, false, |i| {
            if i != near && !self.precedence.before(&self.formats, near, i) && fits(i) {
                known.push(i);
            }
            false
        });
        known.sort_unstable();
        self.precedence.first(&self.formats, &known).eq([near])
    }

    /// The format of a line that is an object and begins a record: the source's own, or that of another writer.
    fn of_object(&'static self, own: &'static Format, line: &str) -> Option<&'static Format> {
        if own.matches(line) {
            return Some(own);
        }
        let other = *self.formats.get(self.of_line(line)?)?;
        (other.is_json() && !other.inner && self.is_object(line)).then_some(other)
    }

    /// Whether a line is one object of a product, or any with a time: a record wherever it stands. Other objects may be
    /// what the record before prints.
    fn is_object(&self, line: &str) -> bool {
        let Some(members) = line.starts_with('{').then(|| json::members(line)).flatten() else { return false };
        let is_time = |key: &str| matches!(keys::role(key), Some((draft::Role::Time, _)));
        members.iter().any(|(key, _)| is_time(key)) || self.formats.iter().any(|f| f.is_product_of(&members))
    }

    /// Whether a line is of some format that reads a time from it, or that puts a head around every line.
    fn has_timed(&self, line: &str) -> bool {
        let digits = line.bytes().take(200).filter(u8::is_ascii_digit).nth(5).is_some();
        let head = text::first_line(line);
        let present = LazyCell::new(|| needs::present(head.as_bytes()));
        let (formats, heads) = if digits { (&self.formats, self.heads()) } else { self.around() };
        let fits = |i: usize| {
            let format = formats[i];
            (format.wraps() || format.is_timed()) && format.matches_head(head, *present)
        };
        heads.find(head, head.trim_start().starts_with('{'), fits).is_some()
    }

    /// Those of which a line needs no time.
    fn around(&self) -> (&Vec<&'static Format>, &Heads) {
        let (formats, heads) = self.around.get_or_init(|| {
            let formats: Vec<&'static Format> = self.formats.iter().copied().filter(|format| format.wraps()).collect();
            let heads = Heads::of(&formats);
            (formats, heads)
        });
        (formats, heads)
    }

    fn heads(&self) -> &Heads {
        self.heads.get_or_init(|| Heads::of(&self.formats))
    }

    /// The format that reads any line.
    pub fn text(&self) -> &'static Format {
        self.formats[self.formats.len() - 1]
    }
}

impl Formats {
    /// Whether a line is the first of a record: it has the format's own head, or that of another record among them
    /// (a time at its beginning, an object with a time). A name of an exception with its package begins none of another.
    pub fn is_head(&self, format: &Format, line: &str) -> bool {
        let indented = line.bytes().next().filter(|first| matches!(first, b' ' | b'\t'));
        if indented.is_some_and(|first| !format.may_be_indented(first)) {
            return false;
        }
        let line = clean(line);
        if format.is_text() {
            return !continues(&line);
        }
        let may_be_other = || !is_qualified_exception(&line);
        let is_other = || is_other_head(&line) || self.is_object(&line) || !continues(&line) && self.has_timed(&line);
        format.matches(&line) || may_be_other() && is_other()
    }

    /// The record of a text: its first line and those that continue it. Reads what it can and never fails; a text that
    /// is not of this format is read by one that knows it, or as plain text.
    pub fn parse<'a>(&'static self, format: &'static Format, text: &'a str, place: RecordRef) -> Record<'a> {
        let text = text.trim_end_matches(['\n', '\r']);
        match clean(text) {
            Cow::Borrowed(clean) => self.parse_clean(format, clean, place),
            Cow::Owned(clean) => self.owned(self.parse_clean(format, &clean, place)),
        }
    }

    fn parse_clean<'a>(&'static self, format: &'static Format, text: &'a str, place: RecordRef) -> Record<'a> {
        if let Some(record) = self.read(format, text, place, DEPTH) {
            return record;
        }
        let line = text::first_line(text);
        if !continues(line)
            && let Some(record) = self.first(text, place, DEPTH)
        {
            return record;
        }
        let mut record = text::read(text, place, &format.reading());
        mine::message(&mut record);
        record
    }

    /// The record of a text of this format, `None` when it is not.
    fn read<'a>(&'static self, format: &'static Format, text: &'a str, place: RecordRef, depth: u32) -> Option<Record<'a>> {
        let mut record = format.read(text, place)?;
        if record.stamp.is_none() && memchr::memchr(b'\n', text.as_bytes()).is_some() {
            late::time(&mut record, format.order);
        }
        if format.inner && depth > 0 {
            record = self.unwrap(record, place, depth - 1);
        }
        format.complete(&mut record);
        Some(record)
    }

    /// The record of a line within a line: `outer` is the whole first line, `text` what stood within it and the lines
    /// that continue it, in the format that its stream has.
    pub fn parse_within<'a>(
        &'static self,
        outer: (&'static Format, &'a str),
        inner: (&'static Format, &'a str),
        place: RecordRef,
    ) -> Record<'a> {
        let (outer_format, line) = outer;
        let (format, text) = inner;
        let head = match clean(line) {
            Cow::Borrowed(clean) => outer_format.read(clean, place),
            Cow::Owned(clean) => outer_format.read(&clean, place).map(|r| self.owned(r)),
        };
        let Some(mut head) = head else { return self.parse(format, text, place) };
        if format.is_text() {
            head.message = clean(text);
            let mut record = self.unwrap(head, place, DEPTH - 1);
            mine::message(&mut record);
            return record;
        }
        wrap::wrap(head, self.parse(format, text, place))
    }

    /// The record of a line in the first format that knows it.
    fn first<'a>(&'static self, text: &'a str, place: RecordRef, depth: u32) -> Option<Record<'a>> {
        let format = self.of_line(text)?;
        self.read(self.formats[format], text, place, depth)
    }

    /// Reads the record inside of a container line or syslog message, when there is one.
    fn unwrap<'a>(&'static self, outer: Record<'a>, place: RecordRef, depth: u32) -> Record<'a> {
        let inner = match &outer.message {
            Cow::Borrowed(message) => may_be_record(message).then(|| self.first(message, place, depth)).flatten(),
            Cow::Owned(message) => {
                may_be_record(message).then(|| self.first(message, place, depth)).flatten().map(|r| self.owned(r))
            }
        };
        match inner {
            Some(inner) => wrap::wrap(outer, inner),
            None if outer.level.is_none() => {
                let level = text::level(&outer.message).filter(|w| w.from <= 40).map(|w| w.level);
                Record { level, ..outer }
            }
            None => outer,
        }
    }

    /// A record that borrows nothing but the id of its format.
    fn owned(&'static self, record: Record<'_>) -> Record<'static> {
        let format = self.get(record.format).map_or("text", Format::id);
        wrap::owned(record, format)
    }
}

impl Format {
    /// The parts of a text of this format, `None` when it is not.
    fn read<'a>(&'static self, text: &'a str, place: RecordRef) -> Option<Record<'a>> {
        let reading = self.reading();
        match &self.kind {
            Kind::Text => None,
            Kind::Logfmt => logfmt::is_head(text::first_line(text)).then(|| logfmt::read(text, self.id(), place, &reading)),
            Kind::Json { required, roles } => {
                let members = json::members(text)?;
                if !required.iter().all(|r| r.holds(&members)) {
                    return None;
                }
                Some(json::record(members, roles, &reading, (self.id(), place, text)))
            }
            Kind::Pattern(pattern) => Some(self.of_draft(pattern.read(text, &reading)?, place, text)),
        }
    }

    /// The record of what a pattern found.
    fn of_draft<'a>(&'static self, mut draft: draft::Draft<'a>, place: RecordRef, text: &'a str) -> Record<'a> {
        if self.hunt && draft.level.is_none() {
            hunt_level(&mut draft, &self.levels);
        }
        draft.finish(self.id(), place, text, &self.reading())
    }

    /// Adds what follows from the parts of a record.
    fn complete(&self, record: &mut Record<'_>) {
        record.level = record.level.or(self.level);
        mine::message(record);
        if record.level.is_none() && matches!(self.kind, Kind::Pattern(_)) {
            record.level = record.field("priority").and_then(of_priority);
        }
    }

    fn reading(&self) -> Reading<'_> {
        Reading { order: self.order, levels: &self.levels }
    }
}

/// The level of a syslog priority: facility times eight plus severity (RFC 5424, 6.2.1). What the line itself says comes
/// before it: a container engine gives every line of an output the same.
fn of_priority(value: &str) -> Option<Level> {
    let priority: u8 = value.parse().ok().filter(|p| *p < 192)?;
    Some(match priority % 8 {
        0..=2 => Level::Fatal,
        3 => Level::Error,
        4 => Level::Warn,
        5 | 6 => Level::Info,
        _ => Level::Debug,
    })
}

/// A cheap look before all formats are tried: an object, a time in the head, the letter and date of klog, or pairs
/// that begin with a level.
fn may_be_record(message: &str) -> bool {
    let line = text::first_line(message).trim_start();
    let bytes = line.as_bytes();
    line.starts_with('{')
        || text::find_time(line, HEAD, Order::DayMonth).is_some_and(|(at, seen)| at <= 1 || seen.stamp.basis != Basis::ClockOnly)
        || matches!(bytes, [b'I' | b'W' | b'E' | b'F', d, ..] if d.is_ascii_digit() && bytes.iter().skip(1).take(4).all(u8::is_ascii_digit))
        || logfmt::is_head(line)
        || logfmt::is_request(line)
}

/// Takes a level word from the front of a message that has none beside it: one of the format's own, or any.
fn hunt_level(draft: &mut draft::Draft, own: &BTreeMap<String, Level>) {
    let Some(message) = draft.message.take() else { return };
    let first = message.split([' ', ':', '\t', ']']).next().unwrap_or_default();
    let own = own.get(first).map(|level| (*level, 0, first.len()));
    let found = own.or_else(|| text::level(&message).map(|w| (w.level, w.from, w.to)));
    if let Some((level, from, to)) = found {
        draft.level = Some(level);
        if from <= 3 && message[to..].starts_with([']', ' ', ':', '|', ')', '>', '\t', ',']) {
            let next = to + message[to..].find(|c: char| !" \t]):>|,-".contains(c)).unwrap_or(message.len() - to);
            draft.message = Some(match message {
                Cow::Borrowed(text) => Cow::Borrowed(&text[next..]),
                Cow::Owned(text) => Cow::Owned(text[next..].to_string()),
            });
            return;
        }
    }
    draft.message = Some(message);
}

/// The head of a record of another format: logs of several writers are often one file.
fn is_other_head(line: &str) -> bool {
    if line.starts_with([' ', '\t']) {
        return false;
    }
    // Pairs count where the first says when or how bad: `time="..." level=info`, not `retries=3 timeout=5`.
    let pairs = ["time=", "ts=", "t=", "level=", "lvl="].iter().any(|key| line.starts_with(key)) && logfmt::is_head(line);
    pairs || text::leads_with_time(line) || has_clf(line)
}

/// An access log's time behind the client's address: `1.2.3.4 - - [07/Feb/2024:09:00:25 +0000] "`.
fn has_clf(line: &str) -> bool {
    let Some(at) = line.bytes().take(100).position(|b| b == b'[') else { return false };
    line.get(at + 1..).and_then(|t| time::read(t, Order::DayMonth)).is_some_and(|s| s.stamp.basis == Basis::Zoned && s.len >= 26)
}

/// Lines that continue the one before, by the habits of stack traces.
fn continues(line: &str) -> bool {
    const STARTS: [&str; 14] = [
        "Caused by:",
        "Traceback (most",
        "... ",
        "goroutine ",
        "created by ",
        "stack backtrace:",
        "note: run with",
        "note: Some details",
        "Suppressed:",
        "panic: ",
        "[signal ",
        "exit status",
        "During handling of",
        "The above exception",
    ];
    line.starts_with([' ', '\t', '}', ')']) || line.is_empty() || STARTS.iter().any(|s| line.starts_with(s))
}

/// The level of a word in the shared vocabulary, for definitions.
fn level_word(word: &str) -> Option<Level> {
    Level::from_word(word)
}

#[cfg(test)]
mod tests;

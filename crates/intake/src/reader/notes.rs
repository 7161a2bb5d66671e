//! What is worth a word about the texts of a source though nothing of it was skipped: ends that were cut off, bytes that
//! are no text, characters that nobody sees. And the sink that sees to it that such characters go no further.
//!
//! Must never change a place or a time. What breaks it: a document's invalid bytes, which stand as `?` in its events.

use std::borrow::Cow;

use evidence::{Body, Event, Record, Sink, Skipped};

use crate::bundle::Limits;
use crate::containers::grouped;
use crate::framing::Framer;
use crate::lines::Encoding;
use crate::unseen::plain;

/// How often something was met, and on which line first.
#[derive(Debug, Default, Clone, Copy)]
struct Met {
    times: u64,
    first: Option<u64>,
}

impl Met {
    fn add(&mut self, times: u64, line: u64) {
        if times > 0 {
            self.times += times;
            self.first = Some(self.first.map_or(line, |first| first.min(line)));
        }
    }
}

#[derive(Debug, Default)]
pub struct Notes {
    cut: Met,
    cut_bytes: u64,
    invalid: Met,
    hidden: Met,
}

impl Notes {
    /// The end of a record was left out.
    pub fn cut(&mut self, bytes: u64, line: u64) {
        self.cut.add(1, line);
        self.cut_bytes += bytes;
    }

    /// A line has bytes that are no character.
    pub fn invalid(&mut self, line: u64) {
        self.invalid.add(1, line);
    }

    #[allow(clippy::ptr_arg)] // That it was copied is what tells.
    /// The lines of a document that have such bytes; `text` is what it was rewritten to.
    pub fn invalid_lines(&mut self, bytes: &[u8], encoding: Encoding, text: &Cow<'_, [u8]>) {
        let replaced = |line: &[u8]| memchr::memmem::find(line, "\u{fffd}".as_bytes()).is_some();
        let invalid = |line: &[u8]| std::str::from_utf8(line).is_err();
        let numbers = match (encoding, text) {
            (Encoding::Utf8, Cow::Borrowed(_)) => return,
            (Encoding::Utf8, _) => lines_that(bytes, invalid),
            (_, text) => lines_that(text, replaced),
        };
        numbers.into_iter().for_each(|number| self.invalid(number));
    }

    /// So many characters of a line or an element are not seen.
    pub fn hidden(&mut self, characters: u64, line: u64) {
        self.hidden.add(characters, line);
    }

    /// Adds what was noted elsewhere of the same source.
    pub fn join(&mut self, other: Notes) {
        let pairs = [(&mut self.cut, other.cut), (&mut self.invalid, other.invalid), (&mut self.hidden, other.hidden)];
        for (mine, theirs) in pairs {
            theirs.first.into_iter().for_each(|line| mine.add(theirs.times, line));
        }
        self.cut_bytes += other.cut_bytes;
    }

    /// As they stand in the account of the source.
    pub fn told(&self, limits: &Limits) -> impl Iterator<Item = Skipped> {
        let longest = grouped(limits.record_bytes as u64);
        let object = grouped(Framer::longest_line(limits) as u64);
        let cut = format!(
            "{} cut off at the end, where a … stands: of a record at most {longest} bytes are looked at, of an object on one line {object}; {} bytes were left out",
            counted(self.cut.times, "record was", "records were"),
            grouped(self.cut_bytes)
        );
        let invalid = format!(
            "{} bytes that are no text in the encoding of the source; they are shown as U+FFFD, in documents as ?",
            counted(self.invalid.times, "line has", "lines have")
        );
        let hidden = format!(
            "{} control a terminal, turn the direction of reading or have no width; the text is matched and shown without them",
            counted(self.hidden.times, "character or sequence would", "characters or sequences would")
        );
        [(self.cut, cut), (self.invalid, invalid), (self.hidden, hidden)]
            .into_iter()
            .filter(|(met, _)| met.times > 0)
            .map(|(met, reason)| Skipped { reason, lines: 0, bytes: 0, first_line: met.first })
    }
}

fn counted(times: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(times), if times == 1 { one } else { many })
}

/// Hands on what it is given as it can be shown, and notes where that makes a difference.
pub struct Shown<'s> {
    pub sink: &'s mut dyn Sink,
    pub notes: Notes,
}

impl Shown<'_> {
    /// Hands on a record; if it is of a text of which all is seen, so are the parts that stand in it.
    pub fn record_of(&mut self, record: &Record<'_>, is_seen: bool) {
        let mut hidden = 0;
        let mut shown: Option<Record<'_>> = None;
        // Almost no record has such a character, and only one that has is copied.
        for part in 0..parts(record) {
            let text = part_of(record, part).filter(|text| !is_seen || matches!(text, Cow::Owned(_)));
            let clean = text.map(|text| plain(Cow::Borrowed(text)));
            if let Some(clean) = clean.filter(|clean| matches!(clean.text, Cow::Owned(_))) {
                hidden += clean.hidden;
                put(shown.get_or_insert_with(|| record.clone()), part, clean.text.into_owned());
            }
        }
        self.notes.hidden(hidden, record.place.line);
        self.sink.record(shown.as_ref().unwrap_or(record));
    }
}

impl Sink for Shown<'_> {
    fn begin(&mut self, format: &str) {
        self.sink.begin(format);
    }

    fn record(&mut self, record: &Record<'_>) {
        self.record_of(record, false);
    }

    fn event(&mut self, mut event: Event) {
        let mut hidden = 0;
        texts(&mut event.body, &mut |text| {
            let clean = plain(Cow::Borrowed(text));
            if let (Cow::Owned(shown), more) = (clean.text, clean.hidden) {
                hidden += more;
                *text = shown;
            }
        });
        self.notes.hidden(hidden, event.place.line);
        self.sink.event(event);
    }
}

/// The texts of a record by number: those that it has once, then names and values of its fields.
const ONCE: usize = 9;

fn parts(record: &Record<'_>) -> usize {
    ONCE + 2 * record.fields.len()
}

fn part_of<'r, 'a>(record: &'r Record<'a>, part: usize) -> Option<&'r Cow<'a, str>> {
    let http = record.http.as_ref();
    match part {
        0 => Some(&record.message),
        1 => record.service.as_ref(),
        2 => record.instance.as_ref(),
        3 => record.trace.as_ref(),
        4 => record.user.as_ref(),
        5 => record.stamp_text.as_ref(),
        6 => http?.method.as_ref(),
        7 => http?.path.as_ref(),
        8 => http?.upstream.as_ref(),
        _ => {
            let (name, value) = record.fields.get((part - ONCE) / 2)?;
            Some(if (part - ONCE).is_multiple_of(2) { name } else { value })
        }
    }
}

fn put(record: &mut Record<'_>, part: usize, text: String) {
    let text = Cow::Owned(text);
    match (part, &mut record.http) {
        (0, _) => record.message = text,
        (1, _) => record.service = Some(text),
        (2, _) => record.instance = Some(text),
        (3, _) => record.trace = Some(text),
        (4, _) => record.user = Some(text),
        (5, _) => record.stamp_text = Some(text),
        (6, Some(http)) => http.method = Some(text),
        (7, Some(http)) => http.path = Some(text),
        (8, Some(http)) => http.upstream = Some(text),
        _ => {
            let field = part.checked_sub(ONCE).and_then(|at| Some((at, record.fields.get_mut(at / 2)?)));
            if let Some((at, (name, value))) = field {
                *(if at.is_multiple_of(2) { name } else { value }) = text;
            }
        }
    }
}

/// Every text that an event has.
fn texts(body: &mut Body, each: &mut dyn FnMut(&mut String)) {
    match body {
        Body::Message(m) => {
            [&mut m.author, &mut m.text].into_iter().for_each(&mut *each);
            some([&mut m.channel, &mut m.thread], each);
        }
        Body::Alert(a) => {
            [&mut a.name, &mut a.summary].into_iter().for_each(&mut *each);
            some([&mut a.severity, &mut a.service, &mut a.value, &mut a.threshold], each);
            pairs(&mut a.labels, each);
        }
        Body::Page(p) => {
            [&mut p.incident, &mut p.title, &mut p.text].into_iter().for_each(&mut *each);
            some([&mut p.actor, &mut p.priority, &mut p.urgency, &mut p.service], each);
        }
        Body::Deploy(d) => {
            [&mut d.kind, &mut d.text].into_iter().for_each(&mut *each);
            some([&mut d.service, &mut d.version, &mut d.sha, &mut d.environment, &mut d.actor], each);
        }
        Body::Flag(f) => {
            each(&mut f.name);
            some([&mut f.service, &mut f.old, &mut f.new, &mut f.actor], each);
        }
        other => more_texts(other, each),
    }
}

fn more_texts(body: &mut Body, each: &mut dyn FnMut(&mut String)) {
    match body {
        Body::Commit(c) => {
            [&mut c.sha, &mut c.author, &mut c.message].into_iter().for_each(&mut *each);
            some([&mut c.repository, &mut c.service], each);
            c.files.iter_mut().for_each(|file| [&mut file.path, &mut file.patch].into_iter().for_each(&mut *each));
        }
        Body::Kube(k) => {
            [&mut k.reason, &mut k.kind, &mut k.name, &mut k.message].into_iter().for_each(&mut *each);
            some([&mut k.namespace, &mut k.container], each);
        }
        Body::Series(s) => {
            each(&mut s.metric);
            some([&mut s.service], each);
            pairs(&mut s.labels, each);
        }
        Body::Span(s) => {
            [&mut s.trace, &mut s.span, &mut s.service, &mut s.name].into_iter().for_each(&mut *each);
            some([&mut s.parent, &mut s.peer], each);
            pairs(&mut s.attributes, each);
        }
        Body::Status(s) => {
            [&mut s.provider, &mut s.title, &mut s.state, &mut s.body].into_iter().for_each(&mut *each);
            some([&mut s.impact], each);
        }
        Body::Person(p) => {
            [&mut p.id, &mut p.name].into_iter().for_each(&mut *each);
            some([&mut p.real_name], each);
        }
        Body::Message(_) | Body::Alert(_) | Body::Page(_) | Body::Deploy(_) | Body::Flag(_) => {}
    }
}

fn some<const N: usize>(texts: [&mut Option<String>; N], each: &mut dyn FnMut(&mut String)) {
    texts.into_iter().flatten().for_each(each);
}

fn pairs(pairs: &mut [(String, String)], each: &mut dyn FnMut(&mut String)) {
    pairs.iter_mut().flat_map(|(name, value)| [name, value]).for_each(each);
}
/// The numbers of the lines, from 1, of which this is so.
fn lines_that(text: &[u8], is_so: impl Fn(&[u8]) -> bool) -> Vec<u64> {
    (1..).zip(text.split(|b| *b == b'\n')).filter(|(_, line)| is_so(line)).map(|(number, _)| number).collect()
}

//! Sources whose records are told by something else than their lines: entries of a journal, rows below a line of names, events
//! of Windows in XML. Each entry becomes the object that the readers of JSON logs know, and goes their way.
//!
//! One entry is held at a time, so a source may be of any size; one thread reads it, as nothing but what stood before tells
//! where an entry begins. Must never know what a value means beyond its name. What is no entry is left as lines of text.

mod calls;
mod events;
mod header;
mod journal;
mod members;
mod queries;
mod stream;
mod table;

use std::borrow::Cow;

use evidence::{Record, RecordRef, Skipped, Source, SourceId};

use super::Hand;
use crate::bundle::Limits;
use crate::lines::{Encoding, Feed, Line};
use crate::unseen::plain;

/// What the entries of a source are.
pub enum Kind {
    Export,
    Verbose,
    Events,
    Table(Box<header::Header>),
}

impl Kind {
    fn id(&self) -> &'static str {
        match self {
            Kind::Export => "journald_export",
            Kind::Verbose => "journald_verbose",
            Kind::Events => events::ID,
            Kind::Table(_) => "csv_log",
        }
    }
}

/// Whether a source that begins so is text though it has bytes that no text has: values of a journal say how long they are.
pub fn has_binary_values(head: &[u8]) -> bool {
    journal::is_export(head)
}

/// What the entries of a source are that begins so and is whole, or not; `None` for one that is told by its lines.
pub fn kind(head: &[u8], encoding: Encoding, whole: bool) -> Option<Kind> {
    if encoding == Encoding::Utf8 && journal::is_export(head) {
        return Some(Kind::Export);
    }
    let text = encoding.decode(head);
    if events::is_likely(&text) {
        return Some(Kind::Events);
    }
    if journal::is_verbose(&text) {
        return Some(Kind::Verbose);
    }
    header::header(&text, whole).map(|header| Kind::Table(Box::new(header)))
}

/// Reads the entries of a source. Says how many records there were, copies of others among them.
pub fn read(
    feed: &mut Feed<'_>,
    source: &mut Source,
    hand: &mut Hand<'_, '_>,
    (kind, encoding, mark): (Kind, Encoding, usize),
) -> u64 {
    source.format = kind.id().into();
    hand.sink.sink.begin(kind.id());
    if let Kind::Table(header) = &kind {
        source.decisions.extend(header.date_order(hand.settings.formats));
    }
    let mut teller = Teller { id: kind.id(), source: source.id, records: 0, met: 0, notes: Vec::new(), hand };
    source.lines = match kind {
        Kind::Export => journal::read_export(feed, mark, &mut teller),
        Kind::Verbose => journal::read_verbose(feed, (encoding, mark), &mut teller),
        Kind::Events => events::read(feed, (encoding, mark), &mut teller),
        Kind::Table(header) => table::read(feed, (encoding, mark), &header, &mut teller),
    };
    let Teller { records, met, notes, .. } = teller;
    source.records = records;
    source.skipped.extend(notes);
    met
}

/// What hands on the records of entries.
struct Teller<'t, 'h, 'c> {
    id: &'static str,
    source: SourceId,
    records: u64,
    met: u64,
    notes: Vec<Skipped>,
    hand: &'t mut Hand<'h, 'c>,
}

impl Teller<'_, '_, '_> {
    fn limits(&self) -> &Limits {
        &self.hand.settings.limits
    }

    /// The place of what stands between these bytes and on these lines.
    fn place(&self, (start, end): (u64, u64), (line, last_line): (u64, u64)) -> RecordRef {
        RecordRef { source: self.source, start, end, line, last_line }
    }

    /// Hands on the record of an entry, which is known again by a text.
    fn tell(&mut self, mut record: Record<'_>, text: &str) {
        record.format = self.id;
        self.hand_on(&record, text);
    }

    fn hand_on(&mut self, record: &Record<'_>, text: &str) {
        self.met += 1;
        if !self.hand.is_copy(("", text), record.place, record.stamp) {
            self.records += 1;
            self.hand.sink.record_of(record, false);
        }
    }

    /// Hands on a line that is no part of an entry; of a longer one the beginning is looked at.
    fn line(&mut self, text: &str, place: RecordRef, cut: u64) {
        if text.trim_ascii().is_empty() {
            return;
        }
        let (text, more) = limited(text, self.limits().record_bytes);
        self.cut(cut + more, place.line);
        let formats = self.hand.settings.formats;
        self.hand_on(&formats.parse(formats.text(), &text, place), &text);
    }

    /// A line as text, without what nobody sees.
    fn decoded<'l>(&mut self, line: &Line<'l>, encoding: Encoding) -> Cow<'l, str> {
        let text = encoding.decode(line.bytes);
        if encoding.is_broken(line, &text) {
            self.hand.sink.notes.invalid(line.number);
        }
        let text = plain(text);
        self.hand.sink.notes.hidden(text.hidden, line.number);
        text.text
    }

    /// The text of bytes that begin on a line.
    fn text<'b>(&mut self, bytes: &'b [u8], line: u64) -> Cow<'b, str> {
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, Cow::Owned(_)) {
            self.hand.sink.notes.invalid(line);
        }
        text
    }

    /// So many bytes of a record are not looked at.
    fn cut(&mut self, bytes: u64, line: u64) {
        if bytes > 0 {
            self.hand.sink.notes.cut(bytes, line);
        }
    }

    /// A word about what was read.
    fn note(&mut self, reason: &str, line: u64) {
        self.notes.push(Skipped { reason: reason.into(), lines: 0, bytes: 0, first_line: Some(line) });
    }
}

/// A text with a `…` for what is beyond so many bytes, and how many were left out.
fn limited(text: &str, most: usize) -> (Cow<'_, str>, u64) {
    if text.len() <= most {
        return (Cow::Borrowed(text), 0);
    }
    let kept = &text[..text.floor_char_boundary(most.saturating_sub('…'.len_utf8()))];
    (Cow::Owned(format!("{kept}…")), (text.len() - kept.len()) as u64)
}

#[cfg(test)]
mod tests;

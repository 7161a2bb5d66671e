//! A source that is a document: held whole, as far as its values fit into memory.
//!
//! Must never know what a document means. What breaks it: a document of one value after the other, of which a tree takes
//! many times its bytes; what is beyond the limit is told and not read.

use evidence::{RecordRef, Sink, Skipped, Source};

use super::Hand;
use crate::containers::grouped;
use crate::documents::{self, Document, carried};
use crate::lines::{Encoding, Feed};
use crate::relocate::{self, Shift};

/// Reads a source as the document that it is, and hands on what stands in it. False when it is none that we know, too
/// large or not whole; nothing was handed on then.
pub fn read_document(feed: &mut Feed<'_>, encoding: Encoding, source: &mut Source, hand: &mut Hand<'_, '_>) -> bool {
    let limits = &hand.settings.limits;
    let most = usize::try_from(limits.document_bytes).unwrap_or(usize::MAX).saturating_add(1);
    feed.ahead(most);
    if !feed.is_whole() {
        return false;
    }
    let bytes = feed.ahead(most);
    if bytes.len() >= most {
        return false;
    }
    let (text, shift) = relocate::as_utf8(bytes, encoding);
    let used = fitting(&text, limits.document_values);
    let Some(document) = documents::read_whole(&source.name, source.id, &text[..used]) else { return false };
    hand.sink.notes.invalid_lines(bytes, encoding, &text);
    hand.sketch.see_document(&text);
    if let Some(rest) = text.get(used..).filter(|rest| !rest.is_empty()) {
        let at = shift.place(RecordRef { source: source.id, start: used as u64, end: used as u64, line: 0, last_line: 0 }).start;
        let feeds = |text: &[u8]| memchr::memchr_iter(b'\n', text).count() as u64;
        source.skipped.push(Skipped {
            reason: format!("the document has more than {} values; what follows was not read", grouped(limits.document_values)),
            lines: feeds(rest) + u64::from(!rest.ends_with(b"\n")),
            bytes: (bytes.len() as u64).saturating_sub(at),
            first_line: Some(1 + feeds(&text[..used])),
        });
    }
    drop(text);
    take(document, &shift, source, hand);
    true
}

/// How many bytes of a text hold so many values, as far as the marks between them tell. It is cut behind a line, or else
/// between characters.
fn fitting(text: &[u8], values: u64) -> usize {
    const BLOCK: usize = 64 << 10;
    let mark = |b: &&u8| matches!(**b, b',' | b':' | b'\n' | b';' | b'\t' | b'{' | b'[' | b'=');
    let (mut seen, mut from) = (0, 0);
    for block in text.chunks(BLOCK) {
        seen += block.iter().filter(mark).count() as u64;
        if seen > values {
            let line = memchr::memrchr(b'\n', block).map(|at| at + 1);
            let character = || (0..block.len()).rev().find(|at| block[*at] & 0xc0 != 0x80).unwrap_or(0);
            return from + line.unwrap_or_else(character);
        }
        from += block.len();
    }
    text.len()
}

fn take(mut document: Document, shift: &Shift, source: &mut Source, hand: &mut Hand<'_, '_>) {
    let (formats, sink) = (hand.settings.formats, &mut hand.sink);
    let text = formats.text();
    source.format = document.format;
    sink.begin(&source.format);
    source.records = document.records.max(1);
    if let Some(cut) = document.cut {
        let torn = document.texts.iter().filter(|(place, _)| place.start >= cut.start).count() as u64;
        let (at, records) = (grouped(shift.place(cut).end), grouped(source.records.saturating_sub(torn)));
        let reason =
            format!("the document ends in the middle of a value (at {at} bytes); {records} records before that were used");
        source.skipped.push(Skipped { reason, lines: 0, bytes: 0, first_line: Some(cut.last_line) });
    }
    for mut event in document.events {
        relocate::event(&mut event, shift);
        sink.event(event);
    }
    for (place, words) in document.texts {
        sink.record(&formats.parse(text, &words, shift.place(place)));
    }
    carried::settle(&mut document.carried, formats);
    for line in &document.carried {
        sink.record(&line.record(shift.place(line.place)));
    }
}

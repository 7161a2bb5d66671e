//! The second pass: the words at given places, with the lines around them.
//!
//! Nothing of a log is held after the first pass; what the report quotes is read back from where it stands. A plain
//! file is opened at the place, everything else streams up to the last place needed. This module must never know why a
//! place is quoted. A place that does not exist (input changed in between) gives an empty text.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};

use evidence::RecordRef;

use crate::bundle::{Bundle, Limits};
use crate::containers::{Body, Flow, Found, is_container, walk};
use crate::lines::Encoding;

/// The words at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub place: RecordRef,
    /// The bytes of the place, decoded; cut at [`LONGEST`] bytes with `…` at the cut.
    pub text: String,
    /// Whole lines before and after those of the place, in their order, each cut at 400 characters.
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// Bytes of a quote.
pub const LONGEST: u64 = 8 << 10;
/// Characters of a line around a quote.
const NEIGHBOUR: usize = 400;
/// Bytes that are read around a quote for each line of context; even, so that characters of UTF-16 stay whole.
const PER_LINE: u64 = 2 << 10;

/// Reads the places back, one quote each, in the order given, with up to `context` lines before and after.
pub fn quote(bundle: &dyn Bundle, limits: &Limits, places: &[RecordRef], context: usize) -> Vec<Quote> {
    let mut wanted: BTreeMap<u32, BTreeMap<u32, Vec<usize>>> = BTreeMap::new();
    for (i, place) in places.iter().enumerate() {
        wanted.entry(place.source.input).or_default().entry(place.source.entry).or_default().push(i);
    }
    let mut quotes: Vec<Quote> =
        places.iter().map(|&place| Quote { place, text: String::new(), before: Vec::new(), after: Vec::new() }).collect();
    for (input, entries) in wanted {
        let input = input as usize;
        if input >= bundle.inputs().len() {
            continue;
        }
        match (entries.get(&0), is_plain(bundle, input)) {
            (Some(only), true) => seek(bundle, input, only, context, &mut quotes),
            _ => stream((bundle, input), limits, &entries, context, &mut quotes),
        }
    }
    quotes
}

/// Fills in the quotes from a plain file: each place is opened on its own, places near each other at once.
fn seek(bundle: &dyn Bundle, input: usize, which: &[usize], context: usize, quotes: &mut [Quote]) {
    let mark = read_some(bundle, input, 0, Encoding::TOLD_BY as u64);
    let mut parts = parts(which, context, quotes);
    let mut from = 0;
    while from < parts.len() {
        let mut to = from + 1;
        let mut end = parts[from].end;
        while to < parts.len() && parts[to].start <= end.saturating_add(256 << 10) {
            end = end.max(parts[to].end);
            to += 1;
        }
        let start = parts[from].start;
        if let Ok(mut reader) = bundle.open_at(input, start) {
            collect(&mut reader, start, &mut parts[from..to]);
        }
        from = to;
    }
    fill(&parts, Encoding::detect(&mark), context, quotes);
}

/// Fills in the quotes from an archive or a compressed file.
fn stream(
    (bundle, input): (&dyn Bundle, usize),
    limits: &Limits,
    entries: &BTreeMap<u32, Vec<usize>>,
    context: usize,
    quotes: &mut [Quote],
) {
    let last = entries.keys().next_back().copied().unwrap_or(0);
    walk(bundle, input, limits, &mut |found: Found<'_>| {
        if let (Some(which), Body::Open { reader, .. }) = (entries.get(&found.entry), found.body) {
            let mut parts = parts(which, context, quotes);
            parts.insert(
                0,
                Part { quote: usize::MAX, side: Side::Mark, start: 0, end: Encoding::TOLD_BY as u64, bytes: Vec::new() },
            );
            collect(reader, 0, &mut parts);
            let encoding = Encoding::detect(&parts[0].bytes);
            fill(&parts[1..], encoding, context, quotes);
        }
        if found.entry >= last { Flow::Break(()) } else { Flow::Continue(()) }
    });
}

/// A stretch of a source that is needed for a quote.
struct Part {
    quote: usize,
    side: Side,
    start: u64,
    end: u64,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// The first bytes of the source, which tell its encoding.
    Mark,
    /// Lines before, and the quote itself.
    Before,
    /// Lines after.
    After,
}

/// Sorted by where they begin.
fn parts(which: &[usize], context: usize, quotes: &[Quote]) -> Vec<Part> {
    let around = (context as u64).saturating_mul(PER_LINE).min(64 << 10);
    let mut parts = Vec::with_capacity(which.len() * 2);
    for &quote in which {
        let place = quotes[quote].place;
        // Two bytes more than are shown, to know whether something was cut.
        let shown = place.end.saturating_sub(place.start).min(LONGEST + 2);
        let start = place.start.saturating_sub(around);
        let part = |side, start, end| Part { quote, side, start, end, bytes: Vec::new() };
        parts.push(part(Side::Before, start, place.start.saturating_add(shown)));
        if around > 0 {
            parts.push(part(Side::After, place.end, place.end.saturating_add(around)));
        }
    }
    parts.sort_by_key(|p| p.start);
    parts
}

/// Reads from `at` on, up to the end of the last part.
fn collect(reader: &mut dyn Read, mut at: u64, parts: &mut [Part]) {
    let last = parts.iter().map(|p| p.end).max().unwrap_or(0);
    let mut block = vec![0; 64 << 10];
    let mut first = 0;
    while at < last && first < parts.len() {
        let room = usize::try_from(last - at).unwrap_or(usize::MAX).min(block.len());
        let had = match reader.read(&mut block[..room]) {
            Ok(0) => return,
            Ok(n) => n,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let end = at + had as u64;
        for part in parts[first..].iter_mut().take_while(|p| p.start < end) {
            let from = part.start.max(at).min(part.end.max(at)) - at;
            let to = part.end.min(end).max(at) - at;
            part.bytes.extend_from_slice(&block[from.min(to) as usize..to as usize]);
        }
        at = end;
        while parts.get(first).is_some_and(|p| p.end <= at) {
            first += 1;
        }
    }
}

fn fill(parts: &[Part], (encoding, mark): (Encoding, usize), context: usize, quotes: &mut [Quote]) {
    for part in parts {
        let Some(quote) = quotes.get_mut(part.quote) else { continue };
        match part.side {
            Side::Mark => {}
            Side::Before => {
                let split = usize::try_from(quote.place.start - part.start).unwrap_or(usize::MAX).min(part.bytes.len());
                let (before, own) = part.bytes.split_at(split);
                quote.text = shown(own, encoding);
                let from_start = part.start == 0;
                let before = if from_start { &before[mark.min(before.len())..] } else { before };
                quote.before = lines_before(before, from_start, encoding, context);
            }
            Side::After => quote.after = lines_after(&part.bytes, encoding, context),
        }
    }
}

fn shown(bytes: &[u8], encoding: Encoding) -> String {
    let longest = LONGEST as usize;
    if bytes.len() <= longest {
        return encoding.decode(bytes).into_owned();
    }
    let mut end = longest;
    while encoding == Encoding::Utf8 && end > longest - 3 && bytes[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    let mut text = encoding.decode(&bytes[..end]).into_owned();
    text.push('…');
    text
}

/// The last lines of what stands before a quote; the rest of the quote's own first line is none of them. The first one
/// is whole only where the window begins with the source.
fn lines_before(bytes: &[u8], from_start: bool, encoding: Encoding, context: usize) -> Vec<String> {
    let mut lines = split(bytes, encoding);
    lines.pop();
    if !from_start && !lines.is_empty() {
        lines.remove(0);
    }
    let skip = lines.len().saturating_sub(context);
    lines.split_off(skip)
}

/// The first lines of what stands after a quote, from the end of its own last line on.
fn lines_after(bytes: &[u8], encoding: Encoding, context: usize) -> Vec<String> {
    let mut lines = split(bytes, encoding);
    // What follows the last line end is a line only when something stands there.
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.into_iter().skip(1).take(context).collect()
}

fn split(bytes: &[u8], encoding: Encoding) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while let Some((at, width)) = encoding.line_end(rest) {
        lines.push(cut(&encoding.decode(&rest[..at])));
        rest = &rest[at + width..];
    }
    lines.push(cut(&encoding.decode(rest)));
    lines
}

fn cut(line: &str) -> String {
    let line = line.strip_suffix('\r').unwrap_or(line);
    match line.char_indices().nth(NEIGHBOUR) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_string(),
    }
}

fn is_plain(bundle: &dyn Bundle, input: usize) -> bool {
    !is_container(&read_some(bundle, input, 0, 512))
}

/// Up to `size` bytes at `at`; fewer when the input breaks before.
fn read_some(bundle: &dyn Bundle, input: usize, at: u64, size: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(reader) = bundle.open_at(input, at) {
        let _ = reader.take(size).read_to_end(&mut bytes);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Memory, gzip, tarball, zipped};
    use evidence::SourceId;

    const LOG: &str = "one\ntwo\nthree\nfour\nfive\n";

    fn place(start: u64, end: u64) -> RecordRef {
        RecordRef { source: SourceId { input: 0, entry: 0 }, start, end, line: 1, last_line: 1 }
    }

    fn quoted(name: &str, bytes: &[u8], places: &[RecordRef], context: usize) -> Vec<Quote> {
        quote(&Memory::new([(name, bytes.to_vec())]), &Limits::default(), places, context)
    }

    #[test]
    fn a_quote_stands_between_its_neighbours() {
        for (name, bytes) in [("a.log", LOG.as_bytes().to_vec()), ("a.log.gz", gzip(LOG.as_bytes()))] {
            let quote = quoted(name, &bytes, &[place(8, 13)], 1).remove(0);
            assert_eq!(
                (quote.text.as_str(), quote.before, quote.after),
                ("three", vec!["two".into()], vec!["four".into()]),
                "{name}"
            );
        }
    }

    #[test]
    fn at_the_edges_there_are_fewer_neighbours() {
        let quotes = quoted("a.log", LOG.as_bytes(), &[place(19, 23), place(0, 3)], 2);
        assert_eq!(
            (quotes[0].text.as_str(), &quotes[0].before, quotes[0].after.len()),
            ("five", &vec!["three".into(), "four".into()], 0)
        );
        assert_eq!(
            (quotes[1].text.as_str(), quotes[1].before.len(), &quotes[1].after),
            ("one", 0, &vec!["two".into(), "three".into()])
        );
    }

    #[test]
    fn a_long_quote_is_cut_between_characters() {
        let text = "é".repeat(6_000);
        let quote = quoted("a.log", text.as_bytes(), &[place(0, 12_000)], 0).remove(0);
        assert_eq!(quote.text, format!("{}…", "é".repeat(4_096)));
    }

    #[test]
    fn an_element_of_a_line_has_the_lines_around_that_line() {
        let quote = quoted("a.json", b"[\n {\"a\":1}, {\"b\":2},\n {\"c\":3}\n]\n", &[place(12, 19)], 1).remove(0);
        assert_eq!((quote.text.as_str(), quote.before, quote.after), ("{\"b\":2}", vec!["[".into()], vec![" {\"c\":3}".into()]));
    }

    #[test]
    fn members_of_archives_are_read_back_by_their_numbers() {
        let text: String = (0..40_000).map(|i| format!("record {i}\n")).collect();
        let log = text.as_bytes();
        let at = text.find("record 39000\n").unwrap() as u64;
        let inner = tarball(&[("x.log", log), ("y.log", log)]);
        for (name, bytes) in [
            ("a.zip", zipped(&[("a.log", LOG.as_bytes()), ("b.tar.gz", &gzip(&inner))])),
            ("a.tar", tarball(&[("a.log", LOG.as_bytes()), ("b.tar", &inner)])),
        ] {
            let far = RecordRef { source: SourceId { input: 0, entry: 2 }, ..place(at, at + 12) };
            let quotes = quoted(name, &bytes, &[far, place(8, 13)], 1);
            assert_eq!(
                (quotes[0].text.as_str(), quotes[0].before[0].as_str(), quotes[0].after[0].as_str()),
                ("record 39000", "record 38999", "record 39001")
            );
            assert_eq!(quotes[1].text, "three");
        }
    }

    #[test]
    fn utf_16_is_decoded() {
        let bytes: Vec<u8> =
            [b"\xff\xfe".to_vec(), "eins\r\nzwölf\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
        let quote = quoted("a.log", &bytes, &[place(14, 24)], 3).remove(0);
        assert_eq!((quote.text.as_str(), quote.before, quote.after.len()), ("zwölf", vec!["eins".into()], 0));
    }

    #[test]
    fn a_place_that_does_not_exist_is_empty() {
        let far = RecordRef { source: SourceId { input: 7, entry: 0 }, ..place(0, 3) };
        let quotes = quoted("a.log", LOG.as_bytes(), &[place(900, 950), far, place(5, 2)], 2);
        assert!(quotes.iter().all(|q| q.text.is_empty()));
    }
}

//! A text document cut into lines, each with its place. It must never know what a line means.

use std::borrow::Cow;

use evidence::{RecordRef, SourceId};

/// A text and where its lines stand.
pub struct Page<'a> {
    pub source: SourceId,
    bytes: &'a [u8],
    /// Start and end (without the line end) of each line.
    spans: Vec<(usize, usize)>,
}

impl<'a> Page<'a> {
    pub fn new(source: SourceId, bytes: &'a [u8]) -> Page<'a> {
        let mut spans = Vec::new();
        let mut start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        for feed in memchr::memchr_iter(b'\n', bytes) {
            if feed >= start {
                spans.push((start, without_return(bytes, start, feed)));
            }
            start = feed + 1;
        }
        if start < bytes.len() {
            spans.push((start, without_return(bytes, start, bytes.len())));
        }
        Page { source, bytes, spans }
    }

    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// A line by its index from 0; empty beyond the end. Bytes that are no UTF-8 are replaced.
    pub fn line(&self, index: usize) -> Cow<'a, str> {
        let (start, end) = self.spans.get(index).copied().unwrap_or((0, 0));
        String::from_utf8_lossy(self.bytes.get(start..end).unwrap_or_default())
    }

    pub fn is_blank(&self, index: usize) -> bool {
        let (start, end) = self.spans.get(index).copied().unwrap_or((0, 0));
        self.bytes.get(start..end).unwrap_or_default().iter().all(u8::is_ascii_whitespace)
    }

    /// The place of the lines from `first` to `last`, both counted from 0 and included.
    pub fn place(&self, first: usize, last: usize) -> RecordRef {
        let start = self.spans.get(first).map_or(self.bytes.len(), |s| s.0);
        let end = self.spans.get(last.max(first)).map_or(self.bytes.len(), |s| s.1);
        RecordRef {
            source: self.source,
            start: start as u64,
            end: end.max(start) as u64,
            line: first as u64 + 1,
            last_line: last.max(first) as u64 + 1,
        }
    }

    /// A line as a text record, unless it is blank.
    pub fn record(&self, index: usize) -> Option<(RecordRef, String)> {
        (!self.is_blank(index)).then(|| (self.place(index, index), self.line(index).into_owned()))
    }

    /// The last line up to `end` (excluded) that is not blank, but not before `first`.
    pub fn last_full(&self, first: usize, end: usize) -> usize {
        (first..end).rev().find(|i| !self.is_blank(*i)).unwrap_or(first)
    }
}

fn without_return(bytes: &[u8], start: usize, end: usize) -> usize {
    if end > start && bytes.get(end - 1) == Some(&b'\r') { end - 1 } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_leave_the_line_end_out() {
        let page = Page::new(SourceId { input: 0, entry: 0 }, b"one\r\n\ntwo\nthree");
        let lines: Vec<_> = (0..page.len()).map(|i| (page.place(i, i).start, page.place(i, i).end)).collect();
        assert_eq!(lines, [(0, 3), (5, 5), (6, 9), (10, 15)]);
        assert_eq!(page.place(2, 3), RecordRef { start: 6, end: 15, line: 3, last_line: 4, ..page.place(0, 0) });
    }
}

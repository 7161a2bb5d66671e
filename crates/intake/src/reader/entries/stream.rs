//! Bytes of a source as they come, with their place and line: for entries whose end no line tells.
//!
//! Must never know what an entry is. Holds what was asked for and no more.

use crate::lines::{Encoding, Feed};

const BLOCK: usize = 64 << 10;

pub struct Stream<'f, 'r> {
    feed: &'f mut Feed<'r>,
    encoding: Encoding,
    buf: Vec<u8>,
    from: usize,
    to: usize,
    /// Where what is next stands in the source.
    pub at: u64,
    /// The line that it stands on, from 1.
    pub line: u64,
    /// The bytes that passed end with a line.
    is_at_line: bool,
}

impl<'f, 'r> Stream<'f, 'r> {
    /// Begins behind the first `mark` bytes.
    pub fn new(feed: &'f mut Feed<'r>, encoding: Encoding, mark: usize) -> Stream<'f, 'r> {
        let at = feed.read(&mut [0; 4][..mark.min(4)]) as u64;
        Stream { feed, encoding, buf: Vec::new(), from: 0, to: 0, at, line: 1, is_at_line: true }
    }

    /// What is held of what is next.
    pub fn rest(&self) -> &[u8] {
        &self.buf[self.from..self.to]
    }

    /// Holds more of it; false at the end.
    pub fn more(&mut self) -> bool {
        if self.from > 0 {
            self.buf.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
        }
        if self.buf.len() < self.to + BLOCK {
            self.buf.resize(self.to + BLOCK, 0);
        }
        let n = self.feed.read(&mut self.buf[self.to..]);
        self.to += n;
        n > 0
    }

    /// Holds so many bytes, if there are so many.
    pub fn has(&mut self, size: usize) -> bool {
        while self.to - self.from < size {
            if !self.more() {
                return false;
            }
        }
        true
    }

    /// Goes on behind the next bytes of those that are held.
    pub fn pass(&mut self, size: usize) {
        let to = self.to.min(self.from + size);
        let passed = &self.buf[self.from..to];
        self.line += feeds(passed, self.encoding);
        if !passed.is_empty() {
            let unit = if self.encoding == Encoding::Utf8 { 1 } else { 2 };
            let last = &passed[passed.len().saturating_sub(unit)..];
            self.is_at_line = self.encoding.line_end(last).is_some();
        }
        self.at += passed.len() as u64;
        self.from = to;
    }

    /// Takes so many bytes, or all that there are; of them at most `keep` are kept.
    pub fn take(&mut self, mut size: u64, keep: usize) -> Vec<u8> {
        let mut kept = Vec::new();
        while size > 0 && self.has(1) {
            let here = self.rest().len().min(usize::try_from(size).unwrap_or(usize::MAX));
            let room = keep.saturating_sub(kept.len()).min(here);
            kept.extend_from_slice(&self.rest()[..room]);
            self.pass(here);
            size -= here as u64;
        }
        kept
    }

    /// Takes what stands before the end of the line, and leaves the end; of it at most `keep` bytes are kept. Says how many there
    /// were, too.
    pub fn line_left(&mut self, keep: usize) -> (Vec<u8>, u64) {
        let (mut kept, mut size) = (Vec::new(), 0);
        while self.has(1) {
            let found = memchr::memchr(b'\n', self.rest());
            let here = found.unwrap_or(self.rest().len());
            kept.extend(self.take(here as u64, keep.saturating_sub(kept.len())));
            size += here as u64;
            if found.is_some() {
                break;
            }
        }
        (kept, size)
    }

    /// How many lines there were, once all has passed.
    pub fn lines(&self) -> u64 {
        self.line - u64::from(self.is_at_line)
    }
}

/// How many lines end in these bytes.
pub fn feeds(bytes: &[u8], encoding: Encoding) -> u64 {
    match encoding {
        Encoding::Utf8 => memchr::memchr_iter(b'\n', bytes).count() as u64,
        _ => bytes.chunks_exact(2).filter(|unit| encoding.line_end(unit).is_some()).count() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_they_pass() {
        let mut reader = &b"ab\ncd\n\nlast"[..];
        let mut feed = Feed::new(&mut reader);
        let mut stream = Stream::new(&mut feed, Encoding::Utf8, 0);
        assert_eq!(stream.line_left(1), (b"a".to_vec(), 2));
        stream.pass(1);
        assert_eq!((stream.at, stream.line, stream.lines()), (3, 2, 1));
        assert_eq!(stream.take(4, 9), b"cd\n\n");
        assert_eq!((stream.line_left(9).0, stream.lines(), stream.more()), (b"last".to_vec(), 4, false));
    }
}

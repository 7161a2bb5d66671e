//! Bytes to lines with their places, in any of the encodings that are read, at the speed of a search for line ends.
//!
//! This module must never know what a record is. A line of any length is counted; only its beginning is kept. A stream
//! that breaks ends like one that ends, and the break is kept for the account.

use std::borrow::Cow;
use std::io::{ErrorKind, Read};
use std::iter::Peekable;

use crate::containers::words;
use crate::marks::PADDING;

/// How a source writes its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    /// The first bytes by which it is told.
    pub const TOLD_BY: usize = 1 << 10;

    /// The encoding that a source's first bytes declare, and the size of the mark that declares it; without a mark, the
    /// one that their zero bytes betray. Give it [`Encoding::TOLD_BY`] bytes, where there are so many.
    pub fn detect(head: &[u8]) -> (Encoding, usize) {
        match head {
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
            // UTF-32, which is read by nobody here.
            [0xff, 0xfe, 0, 0, ..] => (Encoding::Utf8, 0),
            [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
            _ if is_wide(head, u16::from_le_bytes) => (Encoding::Utf16Le, 0),
            _ if is_wide(head, u16::from_be_bytes) => (Encoding::Utf16Be, 0),
            _ => (Encoding::Utf8, 0),
        }
    }

    /// The text of these bytes; what is invalid becomes U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        let unit: fn([u8; 2]) -> u16 = match self {
            Encoding::Utf8 => return String::from_utf8_lossy(bytes),
            Encoding::Utf16Le => u16::from_le_bytes,
            Encoding::Utf16Be => u16::from_be_bytes,
        };
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        Cow::Owned(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    }

    /// Whether a line has bytes that are no character; `text` is what it was decoded to. The character that was cut with
    /// a long line is none of them.
    #[allow(clippy::ptr_arg)] // That it was copied is what tells.
    pub fn is_broken(self, line: &Line<'_>, text: &Cow<'_, str>) -> bool {
        let is_cut = line.cut > 0;
        match (self, text) {
            (Encoding::Utf8, Cow::Borrowed(_)) => false,
            (Encoding::Utf8, _) => std::str::from_utf8(line.bytes).is_err_and(|e| !is_cut || e.error_len().is_some()),
            // A source may have the sign itself; then it counts as well, which is the lesser lie.
            _ => !is_cut && !line.bytes.len().is_multiple_of(2) || text.contains(char::REPLACEMENT_CHARACTER),
        }
    }

    /// Where the first line end (`\n`, two bytes in UTF-16) begins and how long it is. `bytes` begin at a character.
    pub fn line_end(self, bytes: &[u8]) -> Option<(usize, usize)> {
        match self {
            Encoding::Utf8 => memchr::memchr(b'\n', bytes).map(|at| (at, 1)),
            Encoding::Utf16Le => {
                memchr::memchr_iter(b'\n', bytes).find(|at| at % 2 == 0 && bytes.get(at + 1) == Some(&0)).map(|at| (at, 2))
            }
            Encoding::Utf16Be => {
                memchr::memchr_iter(b'\n', bytes).find(|at| at % 2 == 1 && bytes[at - 1] == 0).map(|at| (at - 1, 2))
            }
        }
    }

    fn carriage_return(self) -> &'static [u8] {
        match self {
            Encoding::Utf8 => b"\r",
            Encoding::Utf16Le => b"\r\0",
            Encoding::Utf16Be => b"\0\r",
        }
    }
}

/// Whether bytes are units of UTF-16 and hardly anything else: a quarter of them is ASCII, none is a control character
/// that no text has, and surrogates stand in pairs.
fn is_wide(head: &[u8], unit: fn([u8; 2]) -> u16) -> bool {
    let head = &head[..head.len().min(Encoding::TOLD_BY)];
    if head.len() < 16 || memchr::memchr(0, head).is_none() {
        return false;
    }
    let units = || head.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let ascii = units().filter(|u| (0x20..0x7f).contains(u)).count();
    let odd = units().any(|u| u < 0x20 && !matches!(u, 0x09 | 0x0a | 0x0d | 0x1b) || u >= 0xfffe);
    let broken = char::decode_utf16(units()).filter(Result::is_err).count();
    // The last unit may be half of a pair that was cut.
    !odd && ascii * 8 >= head.len() && broken <= 1
}

/// A source's bytes, with a beginning that can be looked at before it is read. Never fails: a break is an end.
pub struct Feed<'r> {
    had: Had,
    inner: &'r mut (dyn Read + Send),
}

/// What was had of a source so far.
#[derive(Default)]
pub struct Had {
    head: Vec<u8>,
    at: usize,
    ended: bool,
    bytes: u64,
    stop: Option<String>,
}

impl<'r> Feed<'r> {
    pub fn new(inner: &'r mut (dyn Read + Send)) -> Feed<'r> {
        Feed::going_on(Had::default(), inner)
    }

    /// Where another left off, with another reader.
    pub fn going_on(had: Had, inner: &'r mut (dyn Read + Send)) -> Feed<'r> {
        Feed { had, inner }
    }

    /// What was had, which is to be given back with [`Feed::resume`], and the reader of the rest.
    pub fn parts(&mut self) -> (Had, &mut (dyn Read + Send)) {
        (std::mem::take(&mut self.had), &mut *self.inner)
    }

    pub fn resume(&mut self, had: Had) {
        self.had = had;
    }

    /// Bytes had so far, those looked at included.
    pub fn bytes(&self) -> u64 {
        self.had.bytes
    }

    /// Why the stream ended before its end.
    pub fn stop(&self) -> Option<&str> {
        self.had.stop.as_deref()
    }

    /// The first bytes, up to `size`; all there are when [`Feed::is_whole`] says so afterwards.
    pub fn ahead(&mut self, size: usize) -> &[u8] {
        while self.had.head.len() < size && !self.had.ended {
            let from = self.had.head.len();
            // Small at first: an archive may have a hundred thousand empty files.
            let to = size.min(from.saturating_add(from.clamp(4 << 10, 256 << 10)));
            self.had.head.resize(to, 0);
            let mut held = std::mem::take(&mut self.had.head);
            let n = self.pull(&mut held[from..]);
            held.truncate(from + n);
            self.had.head = held;
        }
        &self.had.head[..self.had.head.len().min(size)]
    }

    /// Everything there is stands in what was looked at.
    pub fn is_whole(&self) -> bool {
        self.had.ended
    }

    /// The next bytes, 0 at the end.
    pub fn read(&mut self, buf: &mut [u8]) -> usize {
        let waiting = &self.had.head[self.had.at..];
        if waiting.is_empty() {
            self.had.head = Vec::new();
            self.had.at = 0;
            return if self.had.ended { 0 } else { self.pull(buf) };
        }
        let n = waiting.len().min(buf.len());
        buf[..n].copy_from_slice(&waiting[..n]);
        self.had.at += n;
        n
    }

    fn pull(&mut self, buf: &mut [u8]) -> usize {
        loop {
            match self.inner.read(buf) {
                Ok(0) if !buf.is_empty() => self.had.ended = true,
                Ok(n) => {
                    self.had.bytes += n as u64;
                    return n;
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => {
                    self.had.stop = Some(words(&e, "the file"));
                    self.had.ended = true;
                }
            }
            return 0;
        }
    }
}

/// One line, without its end.
pub struct Line<'b> {
    /// Its bytes, or the beginning of a line longer than is kept.
    pub bytes: &'b [u8],
    /// How many bytes of it are not kept.
    pub cut: u64,
    /// Place in the source; `end` is the line's, whatever was kept.
    pub start: u64,
    pub end: u64,
    /// 1-based.
    pub number: u64,
    /// The last line of a text that was pieced together of several; else the same.
    pub last: u64,
}

/// The lines of a source, one after the other.
pub struct Lines<'f, 'r> {
    feed: &'f mut Feed<'r>,
    encoding: Encoding,
    keep: usize,
    buf: Vec<u8>,
    from: usize,
    to: usize,
    /// Place of `buf[from]` in the source.
    offset: u64,
    /// Lines handed out so far.
    pub count: u64,
}

const BLOCK: usize = 64 << 10;

/// Whether a line, without its end, begins a record whatever stood before.
pub type Begins<'b> = dyn Fn(&[u8]) -> bool + 'b;

/// Whole lines, taken out of the stream at once.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    /// Its bytes, with which the room begins that it was taken into.
    size: usize,
    /// Where its first line begins, in the source.
    pub start: u64,
    /// The number of its first line.
    pub number: u64,
    /// It ends where a record does for certain, whatever follows.
    pub apart: bool,
}

impl Piece {
    /// Its bytes, in the room that it was taken into.
    pub fn of(self, room: &[u8]) -> &[u8] {
        room.get(..self.size).unwrap_or_default()
    }
}

/// What is next in a stream.
pub enum Taken {
    Piece(Piece),
    /// A line that has to be asked for by [`Lines::next`]: a long one, or one of two bytes a character.
    Line,
    End,
}

impl<'f, 'r> Lines<'f, 'r> {
    /// Begins after the first `mark` bytes, which declare the encoding. At most `keep` bytes of a line are kept.
    pub fn new(feed: &'f mut Feed<'r>, encoding: Encoding, mark: usize, keep: usize) -> Lines<'f, 'r> {
        let skipped = feed.read(&mut [0; 4][..mark.min(4)]);
        let buf = vec![0; BLOCK];
        Lines { feed, encoding, keep: kept(keep), buf, from: 0, to: 0, offset: skipped as u64, count: 0 }
    }

    pub fn next(&mut self) -> Option<Line<'_>> {
        let mut searched = 0;
        loop {
            if let Some((at, width)) = self.encoding.line_end(&self.buf[self.from + searched..self.to]) {
                return Some(self.hand_out(searched + at, width));
            }
            // Half a line end may stand at the edge: search from the last whole unit again.
            searched = (self.to - self.from) & !1;
            if searched >= self.keep {
                return self.long_line();
            }
            if !self.refill() {
                let rest = self.to - self.from;
                return if rest == 0 { None } else { Some(self.hand_out(rest, 0)) };
            }
        }
    }

    /// Takes up to `size` bytes of whole lines into `into`, whose room is used again and larger than they are; how many, the piece knows. A piece that
    /// is to end apart ends before a line of which `begins` says so, where there is one. Whoever takes pieces says how many
    /// lines they had, by [`Lines::advance`].
    pub fn take(&mut self, into: &mut Vec<u8>, size: usize, begins: Option<&Begins<'_>>) -> Taken {
        if self.encoding != Encoding::Utf8 {
            return if self.from < self.to || self.refill() { Taken::Line } else { Taken::End };
        }
        if into.len() < size + PADDING {
            into.resize(size + PADDING, 0);
        }
        // It is read where it stays: a room that went from thread to thread would have to be fetched out of another's cache.
        let mut held = size.min(self.to - self.from);
        into[..held].copy_from_slice(&self.buf[self.from..self.from + held]);
        self.from += held;
        let mut ended = false;
        while held < size && !ended {
            let n = self.feed.read(&mut into[held..size]);
            held += n;
            ended = n == 0;
        }
        if held == 0 {
            return Taken::End;
        }
        let whole = if ended { held } else { memchr::memrchr(b'\n', &into[..held]).map_or(0, |at| at + 1) };
        let apart = begins.and_then(|begins| last_beginning(&into[..whole], begins));
        let (cut, apart) = match apart {
            Some(cut) if !ended => (cut, true),
            _ => (whole, ended),
        };
        self.give_back(&into[cut..held]);
        if cut == 0 {
            return Taken::Line;
        }
        let piece = Piece { size: cut, start: self.offset, number: self.count + 1, apart };
        self.offset += cut as u64;
        Taken::Piece(piece)
    }

    /// Puts what was taken too much before what is there.
    fn give_back(&mut self, rest: &[u8]) {
        if self.from < rest.len() {
            let there = self.buf[self.from..self.to].to_vec();
            self.from = rest.len();
            self.to = self.from + there.len();
            self.buf.resize(self.buf.len().max(self.to), 0);
            self.buf[self.from..self.to].copy_from_slice(&there);
        }
        self.from -= rest.len();
        self.buf[self.from..self.from + rest.len()].copy_from_slice(rest);
    }

    /// So many lines were in the piece that was taken last.
    pub fn advance(&mut self, lines: u64) {
        self.count += lines;
    }

    /// The line of `size` bytes at the beginning, whose end is `width` bytes long.
    fn hand_out(&mut self, size: usize, width: usize) -> Line<'_> {
        let start = self.offset;
        let bytes = &self.buf[self.from..self.from + size];
        let text = bytes.strip_suffix(self.encoding.carriage_return()).filter(|_| width > 0).unwrap_or(bytes);
        self.from += size + width;
        self.offset += (size + width) as u64;
        self.count += 1;
        let kept = &text[..text.len().min(self.keep)];
        Line {
            bytes: kept,
            cut: (text.len() - kept.len()) as u64,
            start,
            end: start + text.len() as u64,
            number: self.count,
            last: self.count,
        }
    }

    /// Reads more behind what is there; false at the end.
    fn refill(&mut self) -> bool {
        if self.from > 0 {
            self.buf.copy_within(self.from..self.to, 0);
            self.to -= self.from;
            self.from = 0;
        }
        if self.to == self.buf.len() {
            self.buf.resize(self.buf.len() + BLOCK, 0);
        }
        let n = self.feed.read(&mut self.buf[self.to..]);
        self.to += n;
        n > 0
    }

    /// A line longer than is kept: its beginning stays, the rest passes by up to the line's end.
    fn long_line(&mut self) -> Option<Line<'_>> {
        let start = self.offset;
        let kept = self.buf[self.from..self.from + self.keep].to_vec();
        self.from += self.keep;
        let mut size = self.keep;
        // The last unit before what is in the buffer, to know a `\r` when the `\n` comes with the next block.
        let unit = self.encoding.carriage_return().len();
        let mut last = kept[self.keep - unit..].to_vec();
        let width = loop {
            let here = &self.buf[self.from..self.to];
            let found = self.encoding.line_end(here);
            let passed = found.map_or(here.len() & !1, |(at, _)| at);
            if passed >= unit {
                last = here[passed - unit..passed].to_vec();
            }
            self.from += passed + found.map_or(0, |(_, width)| width);
            size += passed;
            if let Some((_, width)) = found {
                break width;
            }
            if !self.refill() {
                size += self.to - self.from;
                self.from = self.to;
                break 0;
            }
        };
        let ended = width > 0 && last == self.encoding.carriage_return();
        let end = start + (size - if ended { unit } else { 0 }) as u64;
        self.offset = start + (size + width) as u64;
        self.count += 1;
        // What is kept moves behind what is read next, so that the line can borrow it.
        let rest = self.buf[self.from..self.to].to_vec();
        self.buf.truncate(0);
        self.buf.extend_from_slice(&kept);
        self.buf.extend_from_slice(&rest);
        (self.from, self.to) = (kept.len(), self.buf.len());
        let shown = kept.len().min(usize::try_from(end - start).unwrap_or(usize::MAX));
        let cut = (end - start).saturating_sub(shown as u64);
        Some(Line { bytes: &self.buf[..shown], cut, start, end, number: self.count, last: self.count })
    }
}

/// Bytes of a line that are kept: whole characters of UTF-16.
fn kept(keep: usize) -> usize {
    keep.next_multiple_of(2).max(64)
}

/// Where the last line begins that begins a record, of the last ones; the very first does not count.
fn last_beginning(held: &[u8], begins: &Begins<'_>) -> Option<usize> {
    const LINES: usize = 200;
    let mut end = held.len();
    for _ in 0..LINES {
        let line = held[..end].strip_suffix(b"\n")?;
        let from = memchr::memrchr(b'\n', line)? + 1;
        if begins(line[from..].strip_suffix(b"\r").unwrap_or(&line[from..])) {
            return Some(from);
        }
        end = from;
    }
    None
}

/// The lines of a piece, with their places.
pub struct LinesOf<'b, I: Iterator<Item = usize>> {
    bytes: &'b [u8],
    piece: Piece,
    /// Bytes that are kept of each at most.
    keep: usize,
    /// The places of line feeds.
    ends: Peekable<I>,
    from: usize,
    number: u64,
}

impl<'b, I: Iterator<Item = usize>> LinesOf<'b, I> {
    pub fn new(bytes: &'b [u8], piece: Piece, keep: usize, ends: I) -> LinesOf<'b, I> {
        LinesOf { bytes, piece, keep: kept(keep), ends: ends.peekable(), from: 0, number: piece.number }
    }

    /// The next lines as one, as long as they are indented and have something else than blanks, and no more than so many lines and
    /// bytes. The end of each is a line feed alone.
    pub fn indented(&mut self, (lines, bytes): (u64, usize)) -> Option<Line<'b>> {
        let (from, number, mut to) = (self.from, self.number, self.from);
        while self.number - number < lines
            && let Some(&end) = self.ends.peek()
            && end - from <= bytes
            && end - self.from <= self.keep
            && is_indented(&self.bytes[self.from..end])
        {
            self.ends.next();
            (to, self.from) = (end, end + 1);
            self.number += 1;
        }
        let (start, end) = (self.piece.start + from as u64, self.piece.start + to as u64);
        (self.number > number).then(|| Line { bytes: &self.bytes[from..to], cut: 0, start, end, number, last: self.number - 1 })
    }
}

fn is_indented(line: &[u8]) -> bool {
    let [b' ' | b'\t', next, .., last] = line else { return false };
    *last != b'\r' && (next.is_ascii_graphic() || !line.trim_ascii().is_empty())
}

impl<'b, I: Iterator<Item = usize>> Iterator for LinesOf<'b, I> {
    type Item = Line<'b>;

    fn next(&mut self) -> Option<Line<'b>> {
        let rest = self.bytes.get(self.from..).filter(|rest| !rest.is_empty())?;
        let (size, width) = self.ends.next().map_or((rest.len(), 0), |at| (at - self.from, 1));
        let text = &rest[..size];
        let text = if width == 1 { text.strip_suffix(b"\r").unwrap_or(text) } else { text };
        let start = self.piece.start + self.from as u64;
        let held = &text[..text.len().min(self.keep)];
        let cut = (text.len() - held.len()) as u64;
        let (number, end) = (self.number, start + text.len() as u64);
        self.from += size + width;
        self.number += 1;
        Some(Line { bytes: held, cut, start, end, number, last: number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8], keep: usize) -> Vec<(String, u64, u64)> {
        let mut reader = bytes;
        let mut feed = Feed::new(&mut reader);
        let (encoding, mark) = Encoding::detect(feed.ahead(Encoding::TOLD_BY));
        let mut lines = Lines::new(&mut feed, encoding, mark, keep);
        let mut out = Vec::new();
        while let Some(line) = lines.next() {
            out.push((encoding.decode(line.bytes).into_owned(), line.start, line.end));
        }
        out
    }

    fn line(text: &str, start: u64, end: u64) -> (String, u64, u64) {
        (text.to_string(), start, end)
    }

    #[test]
    fn lines_end_with_a_line_feed_with_or_without_a_carriage_return() {
        assert_eq!(all(b"a\r\nbc\n\nd", 64), [line("a", 0, 1), line("bc", 3, 5), line("", 6, 6), line("d", 7, 8)]);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        assert_eq!(all(b"\xef\xbb\xbfa\nb\n", 64), [line("a", 3, 4), line("b", 5, 6)]);
    }

    #[test]
    fn lines_of_utf_16_have_places_in_their_own_bytes() {
        let le = [b"\xff\xfe".to_vec(), "aĊ\r\nb".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
        assert_eq!(all(&le, 64), [line("aĊ", 2, 6), line("b", 10, 12)]);
        let be = [b"\xfe\xff".to_vec(), "aĊ\r\nb".encode_utf16().flat_map(u16::to_be_bytes).collect()].concat();
        assert_eq!(all(&be, 64), [line("aĊ", 2, 6), line("b", 10, 12)]);
    }

    #[test]
    fn utf_16_without_a_mark_is_told_by_its_zero_bytes() {
        let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for text in ["2024-02-07 09:00:00 ERROR a\n", "2024-02-07 09:00:00 订单已保存 订单已保存 👩\r\n"] {
            assert_eq!(Encoding::detect(&wide(text, u16::to_le_bytes)), (Encoding::Utf16Le, 0), "{text}");
            assert_eq!(Encoding::detect(&wide(text, u16::to_be_bytes)), (Encoding::Utf16Be, 0), "{text}");
        }
        for other in [&[0; 64][..], b"a\0b\0c\0", b"2024-02-07 09:00:00 ERROR a\0b\0c", &[1, 0, 2, 0, 3, 0, 4, 0].repeat(9)] {
            assert_eq!(Encoding::detect(other), (Encoding::Utf8, 0), "{other:?}");
        }
    }

    #[test]
    fn of_a_long_line_the_beginning_is_kept_and_the_end_is_known() {
        let text = ["x".repeat(1_000_000), "\r\nshort\n".into()].concat();
        assert_eq!(all(text.as_bytes(), 64), [line(&"x".repeat(64), 0, 1_000_000), line("short", 1_000_002, 1_000_007)]);
    }

    proptest! {
        #[test]
        fn places_cover_the_source_whatever_is_kept(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..2_000), keep in 64usize..300) {
            let has_mark = Encoding::detect(&bytes).1 > 0;
            let lines = all(&bytes, keep);
            if !has_mark {
                let expected = bytes.split_inclusive(|&b| b == b'\n').count();
                prop_assert_eq!(lines.len(), expected);
            }
            let mut last = 0;
            for (_, start, end) in &lines {
                prop_assert!(*start >= last && end >= start && *end <= bytes.len() as u64);
                last = *end;
            }
        }
    }
}

//! The lines of every source of an input as they are read and shown: unpacked, decoded, without what nobody sees.
//!
//! Lines are numbered as in the places of records. Must never know what a record is. Nothing is held but one piece. What
//! is no text has no lines here; a line longer than is kept is cut, and how many bytes are left out is told.

use std::borrow::Cow;

use evidence::SourceId;

use super::{is_no_text, without_zeros};
use crate::bundle::{Bundle, Limits};
use crate::containers::{Body, Flow, Found, walk};
use crate::lines::{Encoding, Feed, Line, Lines, LinesOf, Taken};
use crate::unseen::{is_seen, plain};

/// Whole lines of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'t> {
    pub source: SourceId,
    /// Number of the first line, 1-based.
    pub first_line: u64,
    /// Each line has a `\n` behind it, the last of the source, too.
    pub lines: &'t str,
    /// Bytes that were left out at the end of the last of these lines.
    pub cut: u64,
}

/// Bytes that are taken at once.
const PIECE: usize = 256 << 10;

/// Hands on the lines of all sources of an input, in the order in which they stand; up to `keep` bytes of each line.
pub fn texts(bundle: &dyn Bundle, input: usize, limits: &Limits, keep: usize, each: &mut dyn FnMut(Text<'_>) -> Flow) {
    walk(bundle, input, limits, &mut |found: Found<'_>| match found.body {
        Body::Open { reader, .. } => {
            let id = SourceId { input: u32::try_from(input).unwrap_or(u32::MAX), entry: found.entry };
            of_source(&mut Feed::new(reader), id, keep, each)
        }
        Body::Closed { .. } => Flow::Continue(()),
    });
}

fn of_source(feed: &mut Feed<'_>, source: SourceId, keep: usize, each: &mut dyn FnMut(Text<'_>) -> Flow) -> Flow {
    let head = feed.ahead(super::SNIFFED);
    let (encoding, mark) = Encoding::detect(head);
    if head.is_empty() || encoding == Encoding::Utf8 && is_no_text(&head[mark..]) {
        return Flow::Continue(());
    }
    let mut lines = Lines::new(feed, encoding, mark, keep);
    let (mut buffer, mut text) = (Vec::new(), String::new());
    loop {
        let first_line = lines.count + 1;
        match lines.take(&mut buffer, PIECE, None) {
            Taken::End => return Flow::Continue(()),
            Taken::Line => {
                let cut = singly(&mut lines, encoding, &mut text);
                each(Text { source, first_line, lines: &text, cut })?;
            }
            Taken::Piece(piece) => {
                let bytes = piece.of(&buffer);
                let as_it_stands = std::str::from_utf8(bytes).ok().filter(|text| is_seen(text) && text.ends_with('\n'));
                if let Some(lines_of_piece) = as_it_stands {
                    lines.advance(memchr::memchr_iter(b'\n', bytes).count() as u64);
                    each(Text { source, first_line, lines: lines_of_piece, cut: 0 })?;
                    continue;
                }
                // A line of a piece is shorter than the piece, and `singly` takes those that are longer.
                text.clear();
                for line in LinesOf::new(bytes, piece, PIECE, memchr::memchr_iter(b'\n', bytes)) {
                    push(line, encoding, &mut text);
                    lines.advance(1);
                }
                each(Text { source, first_line, lines: &text, cut: 0 })?;
            }
        }
    }
}

/// Takes lines one by one, until they are many bytes or one of them was cut.
fn singly(lines: &mut Lines<'_, '_>, encoding: Encoding, text: &mut String) -> u64 {
    text.clear();
    while let Some(line) = lines.next() {
        let cut = line.cut;
        push(line, encoding, text);
        if cut > 0 {
            return cut;
        }
        if text.len() >= PIECE / 4 || encoding == Encoding::Utf8 {
            break;
        }
    }
    0
}

/// Adds a line as it is shown. A line has no line end in it, whatever its bytes were taken for.
fn push(line: Line<'_>, encoding: Encoding, text: &mut String) {
    let line = without_zeros(line, encoding);
    let shown = plain(encoding.decode(line.bytes)).text;
    let shown = if shown.contains('\n') { Cow::Owned(shown.replace('\n', " ")) } else { shown };
    text.push_str(&shown);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Memory, gzip, tarball};

    fn all(bytes: &[u8], keep: usize) -> Vec<(u32, u64, String, u64)> {
        let bundle = Memory::new([("a", bytes.to_vec())]);
        let mut found = Vec::new();
        texts(&bundle, 0, &Limits::default(), keep, &mut |text| {
            found.push((text.source.entry, text.first_line, text.lines.to_string(), text.cut));
            Flow::Continue(())
        });
        found
    }

    #[test]
    fn lines_are_those_that_are_read_and_shown() {
        assert_eq!(
            all(b"one\r\n\xfftwo\x1b[31m red\x1b[0m\nthree", 1 << 20),
            [(0, 1, "one\n\u{fffd}two red\nthree\n".into(), 0)]
        );
        assert_eq!(all(b"", 1 << 20), []);
        assert_eq!(all(&[0; 600], 1 << 20), []);
    }

    #[test]
    fn members_of_archives_keep_their_numbers() {
        let packed = gzip(&tarball(&[("x.log", b"x\n"), ("empty", b""), ("y.log", b"y\n")]));
        assert_eq!(all(&packed, 1 << 20), [(0, 1, "x\n".into(), 0), (2, 1, "y\n".into(), 0)]);
    }

    #[test]
    fn utf_16_is_decoded_and_long_lines_are_cut() {
        let wide: Vec<u8> =
            [b"\xff\xfe".to_vec(), "eins\r\nzwölf\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
        assert_eq!(all(&wide, 1 << 20), [(0, 1, "eins\nzwölf\n".into(), 0)]);
        let long = format!("a\n{}\nb\n", "x".repeat(3 * PIECE));
        let found = all(long.as_bytes(), 2 * PIECE);
        let short: Vec<_> = found.iter().map(|(_, line, text, cut)| (*line, text.len(), *cut)).collect();
        assert_eq!(short, [(1, 2, 0), (2, 2 * PIECE + 1, PIECE as u64), (3, 2, 0)]);
    }

    #[test]
    fn who_has_enough_stops_the_reading() {
        let bundle = Memory::new([("a", "x\n".repeat(PIECE).into_bytes())]);
        let mut times = 0;
        texts(&bundle, 0, &Limits::default(), 1 << 20, &mut |_| {
            times += 1;
            Flow::Break(())
        });
        assert_eq!(times, 1);
    }
}

//! Where the signs of a piece of a log stand: one look at all of its bytes, one bit for each.
//!
//! Line ends, quotes and blanks are found together, and whether there is anything that nobody sees. The look is written
//! once, over vectors of any width, and compiled for each of the sets of instructions that a processor may have; which one
//! is asked at run time. Must never know what a line is: whoever asks says where it ends. What breaks it: nothing but
//! bytes that were not looked at.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// Signs beside line ends that are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signs {
    #[default]
    None,
    /// `"` and `\`.
    Quotes,
    /// These, blanks and tabs.
    QuotesAndBlanks,
}

/// The marks of a piece.
#[derive(Debug, Clone)]
pub struct Marks {
    level: Level,
    ends: Vec<u64>,
    quotes: Vec<u64>,
    blanks: Vec<u64>,
    line_feeds: u64,
    /// Printable ASCII, blanks, tabs and line feeds, and nothing else.
    pub is_printable: bool,
    pub has_tabs: bool,
}

impl Default for Marks {
    fn default() -> Marks {
        Marks {
            level: Level::new(),
            ends: Vec::new(),
            quotes: Vec::new(),
            blanks: Vec::new(),
            line_feeds: 0,
            is_printable: true,
            has_tabs: false,
        }
    }
}

impl Marks {
    /// Looks at a piece, instead of the one before.
    pub fn look(&mut self, piece: &[u8], signs: Signs) {
        let (blocks, rest) = piece.as_chunks::<BLOCK>();
        // What follows the piece is no sign of anything.
        let mut last = [b'x'; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        let (is_quoted, is_blank) = (signs != Signs::None, signs == Signs::QuotesAndBlanks);
        let size = |wanted: bool| if wanted { blocks.len() + 1 } else { 0 };
        self.ends.resize(size(true), 0);
        self.quotes.resize(size(is_quoted), 0);
        self.blanks.resize(size(is_blank), 0);
        let marks = (&mut self.ends[..], &mut self.quotes[..], &mut self.blanks[..]);
        let seen = dispatch!(self.level, simd => simd.vectorize(
            #[inline(always)]
            || look(simd, (blocks, &last), marks)
        ));
        self.line_feeds = seen.line_feeds;
        (self.is_printable, self.has_tabs) = (seen.printable == u64::MAX, seen.tabs != 0);
    }

    /// How many lines begin in a piece that has these marks.
    pub fn lines(&self, piece: &[u8]) -> u64 {
        self.line_feeds + u64::from(piece.last().is_some_and(|last| *last != b'\n'))
    }

    /// The places of line ends.
    pub fn ends(&self) -> impl Iterator<Item = usize> {
        let mut words = self.ends.iter();
        let mut bits = 0;
        let mut from = 0;
        std::iter::from_fn(move || {
            while bits == 0 {
                bits = *words.next()?;
                from += BLOCK;
            }
            let at = from - BLOCK + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            Some(at)
        })
    }
}

/// What all blocks have together.
struct Seen {
    line_feeds: u64,
    /// The bits of what is printable in all of them, and of tabs in any.
    printable: u64,
    tabs: u64,
}

/// Marks all blocks.
#[inline(always)]
fn look<S: Simd>(
    simd: S,
    (blocks, last): (&[[u8; BLOCK]], &[u8; BLOCK]),
    (ends, quotes, blanks): (&mut [u64], &mut [u64], &mut [u64]),
) -> Seen {
    let mut seen = Seen { line_feeds: 0, printable: u64::MAX, tabs: 0 };
    for (n, block) in blocks.iter().chain([last]).enumerate() {
        let bytes = u8x64::from_slice(simd, block);
        let line_feeds = bytes.simd_eq(b'\n').to_bitmask();
        let tab = bytes.simd_eq(b'\t').to_bitmask();
        // Smaller ones wrap around to the largest.
        let printable = (bytes - b' ').simd_le(b'~' - b' ').to_bitmask();
        ends[n] = line_feeds;
        seen.line_feeds += u64::from(line_feeds.count_ones());
        seen.printable &= printable | line_feeds | tab;
        seen.tabs |= tab;
        if let Some(quote) = quotes.get_mut(n) {
            *quote = bytes.simd_eq(b'"').to_bitmask() | bytes.simd_eq(b'\\').to_bitmask();
        }
        if let Some(blank) = blanks.get_mut(n) {
            *blank = bytes.simd_eq(b' ').to_bitmask() | tab;
        }
    }
    seen
}

/// The first mark from a place of a piece on.
#[inline(always)]
fn next(marks: &[u64], from: usize) -> Option<usize> {
    let mut block = from / BLOCK;
    let mut bits = marks.get(block)? & u64::MAX << (from % BLOCK);
    while bits == 0 {
        block += 1;
        bits = *marks.get(block)?;
    }
    Some(block * BLOCK + bits.trailing_zeros() as usize)
}

/// Where the first `"` or `\` stands.
pub fn quote_or_backslash(text: &[u8]) -> Option<usize> {
    memchr::memchr2(b'"', b'\\', text)
}

/// A line of a piece that was looked at.
#[derive(Clone, Copy)]
pub struct Marked<'m> {
    quotes: &'m [u64],
    blanks: &'m [u64],
    /// The piece, and where it was read into a larger room, the rest of that: bytes are looked at several at once.
    pub room: &'m [u8],
    /// Where in the piece the line begins and ends.
    pub from: usize,
    pub to: usize,
}

impl<'m> Marked<'m> {
    pub fn new(marks: &'m Marks, room: &'m [u8], (from, to): (usize, usize)) -> Marked<'m> {
        Marked { quotes: &marks.quotes, blanks: &marks.blanks, room, from, to }
    }

    /// A part of the line, given by where in it that begins and ends.
    pub fn part(&self, from: usize, to: usize) -> Marked<'m> {
        Marked { from: self.from + from, to: self.from + to, ..*self }
    }

    /// So many bytes from a place of the piece on, of the line and of what follows it; `None` where the room has fewer.
    #[inline(always)]
    pub fn chunk<const N: usize>(&self, at: usize) -> Option<&'m [u8; N]> {
        self.room.get(at..)?.first_chunk()
    }

    /// The line from a place of the piece on.
    pub fn rest(&self, at: usize) -> Option<&'m [u8]> {
        self.room.get(at..self.to)
    }

    /// The first quote or backslash from a place of the piece on, be it of the line or of a later one.
    #[inline(always)]
    pub fn quote(&self, at: usize) -> Option<usize> {
        next(self.quotes, at)
    }

    /// The first blank or tab of the line from a place of the piece on, or the end of the line.
    #[inline(always)]
    pub fn blank(&self, at: usize) -> usize {
        next(self.blanks, at).map_or(self.to, |found| found.min(self.to))
    }
}

/// A line that is looked at by itself.
#[derive(Default)]
pub struct Alone {
    marks: Marks,
    room: Vec<u8>,
    size: usize,
}

impl Alone {
    pub fn new(line: &str) -> Alone {
        let mut alone = Alone::default();
        alone.look(line, Signs::QuotesAndBlanks);
        alone
    }

    /// Looks at another line.
    pub fn look(&mut self, line: &str, signs: Signs) {
        self.marks.look(line.as_bytes(), signs);
        self.room.clear();
        self.room.extend_from_slice(line.as_bytes());
        self.room.resize(line.len() + PADDING, 0);
        self.size = line.len();
    }

    pub fn marked(&self) -> Marked<'_> {
        Marked::new(&self.marks, &self.room, (0, self.size))
    }
}

/// Bytes behind a piece with which every place of it can be looked at.
pub const PADDING: usize = 16;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::unseen::is_printable;

    /// The marks by each of the sets of instructions that this processor has.
    fn every_way(piece: &[u8], signs: Signs) -> Vec<Marks> {
        let level = Level::new();
        let mut levels = vec![Level::baseline(), level];
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        {
            levels.extend(level.as_sse4_2().map(Simd::level));
            levels.extend(level.as_avx2().map(Simd::level));
        }
        let look = |level| {
            let mut marks = Marks { level, ..Marks::default() };
            // What was there before is gone.
            marks.look(b"\"\n\"\t \x00", Signs::QuotesAndBlanks);
            marks.look(piece, signs);
            marks
        };
        levels.into_iter().map(look).collect()
    }

    proptest! {
        #[test]
        fn marks_stand_where_a_search_finds_them(piece in "[a\"\\\\ \t\n]{0,10}([a-z]{0,80}[a\"\\\\ \t\n]{0,3}){0,5}", from in 0..400_usize, size in 0..400_usize, at in 0..200_usize) {
            let bytes = piece.as_bytes();
            let from = from.min(bytes.len());
            let line = &bytes[from..(from + size).min(bytes.len())];
            let at = at.min(line.len());
            for marks in every_way(bytes, Signs::QuotesAndBlanks) {
                let marked = Marked::new(&marks, bytes, (from, from + line.len()));
                let at = from + at;
                prop_assert_eq!(marked.quote(at), quote_or_backslash(&bytes[at..]).map(|n| at + n));
                let blank = marked.rest(at).unwrap().iter().position(|b| matches!(b, b' ' | b'\t'));
                prop_assert_eq!(marked.blank(at), blank.map_or(marked.to, |n| at + n));
            }
        }

        #[test]
        fn line_ends_tabs_and_what_nobody_sees_are_found(piece in proptest::collection::vec(prop_oneof![20 => b' '..=b'~', 2 => Just(b'\n'), 1 => Just(b'\t'), 1 => any::<u8>()], 0..300)) {
            for marks in every_way(&piece, Signs::None) {
                prop_assert_eq!(marks.ends().collect::<Vec<_>>(), memchr::memchr_iter(b'\n', &piece).collect::<Vec<_>>());
                prop_assert_eq!(marks.is_printable, is_printable(&piece));
                prop_assert_eq!(marks.has_tabs, piece.contains(&b'\t'));
                prop_assert_eq!(marks.lines(&piece), piece.split_inclusive(|b| *b == b'\n').count() as u64);
            }
        }
    }
}

//! Where the values of a piece of a log may end, found for all of its lines at once: one bit for each byte.
//!
//! Must never know what a line is: whoever asks says where it ends. What breaks it: pieces that are not marked; then the
//! bytes of each value are searched.

use wide::u8x16;

use super::text::quote_or_backslash;

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// The marks of the piece that is read.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// `"` and `\`.
    quotes: Vec<u64>,
    /// Blanks and tabs.
    blanks: Vec<u64>,
}

impl Marks {
    pub fn of_quotes(&mut self, piece: &[u8]) {
        mark(piece, [b'"', b'\\'], &mut self.quotes);
    }

    pub fn of_blanks(&mut self, piece: &[u8]) {
        mark(piece, [b' ', b'\t'], &mut self.blanks);
    }
}

fn mark(piece: &[u8], [one, other]: [u8; 2], marks: &mut Vec<u64>) {
    let (blocks, rest) = piece.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    let (one, other) = (u8x16::splat(one), u8x16::splat(other));
    let bits = |block: &[u8; BLOCK]| {
        let (parts, _) = block.as_chunks::<16>();
        let part = |n: usize| {
            let bytes = u8x16::new(parts[n]);
            u64::from((bytes.simd_eq(one) | bytes.simd_eq(other)).to_bitmask() as u16) << (16 * n)
        };
        part(0) | part(1) | part(2) | part(3)
    };
    marks.clear();
    marks.extend(blocks.iter().map(bits));
    marks.push(bits(&last));
}

/// The first mark from one place of a piece on and before another.
fn next(marks: &[u64], from: usize, end: usize) -> Option<usize> {
    let mut block = from / BLOCK;
    let mut bits = marks.get(block)? & u64::MAX << (from % BLOCK);
    while bits == 0 {
        block += 1;
        if block * BLOCK >= end {
            return None;
        }
        bits = *marks.get(block)?;
    }
    Some(block * BLOCK + bits.trailing_zeros() as usize).filter(|at| *at < end)
}

/// Finds where values end in a line.
pub trait Ends {
    /// The first quote or backslash from a place on.
    fn quote(&self, line: &[u8], from: usize) -> Option<usize>;
    /// The first blank or tab from a place on, or the end of the line.
    fn blank(&self, line: &[u8], from: usize) -> usize;
}

/// By the marks of the piece in which the line stands, at a place.
pub struct Marked<'m>(pub &'m Marks, pub usize);

impl Ends for Marked<'_> {
    fn quote(&self, line: &[u8], from: usize) -> Option<usize> {
        next(&self.0.quotes, self.1 + from, self.1 + line.len()).map(|at| at - self.1)
    }

    fn blank(&self, line: &[u8], from: usize) -> usize {
        next(&self.0.blanks, self.1 + from, self.1 + line.len()).map_or(line.len(), |at| at - self.1)
    }
}

/// By looking.
pub struct Searched;

impl Ends for Searched {
    fn quote(&self, line: &[u8], from: usize) -> Option<usize> {
        quote_or_backslash(&line[from..]).map(|at| from + at)
    }

    fn blank(&self, line: &[u8], from: usize) -> usize {
        line[from..].iter().position(|b| matches!(b, b' ' | b'\t')).map_or(line.len(), |at| from + at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn marks_stand_where_a_search_finds_them(piece in "[a\"\\\\ \t]{0,10}([a-z]{0,80}[a\"\\\\ \t]{0,3}){0,5}", from in 0..400_usize, size in 0..400_usize, at in 0..200_usize) {
            let bytes = piece.as_bytes();
            let from = from.min(bytes.len());
            let line = &bytes[from..(from + size).min(bytes.len())];
            let at = at.min(line.len());
            let mut marks = Marks::default();
            marks.of_quotes(bytes);
            marks.of_blanks(bytes);
            let marked = Marked(&marks, from);
            prop_assert_eq!(marked.quote(line, at), Searched.quote(line, at));
            prop_assert_eq!(marked.blank(line, at), Searched.blank(line, at));
        }
    }
}

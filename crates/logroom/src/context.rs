//! The lines of a source around a place.
//!
//! Must never read more than the blocks in which they stand. What breaks it: a line of a megabyte, of which only the
//! beginning is shown.

use evidence::{Level, Moment};

use crate::Fault;
use crate::index::Block;
use crate::matching::row_text;
use crate::room::{Reader, Room, moment_of};
use crate::shelf::Shelf;

/// Bytes of a line that are shown, and lines that are given at once.
const SHOWN: usize = 8 << 10;
const MOST: usize = 5_000;

/// A line of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// 1-based.
    pub number: u64,
    pub text: String,
    /// Bytes at its end that are not shown.
    pub cut: usize,
    /// It is the first line of a record, and what is known of that: a continuation line says nothing.
    pub is_first: bool,
    pub at: Option<Moment>,
    pub level: Option<Level>,
    pub pattern: Option<u32>,
}

impl<S: Shelf> Room<S> {
    /// The line of a source with as many before and after it as there are, up to these.
    pub fn context(&self, source: u32, line: u64, before: usize, after: usize) -> Result<Vec<Line>, Fault> {
        let from = line.saturating_sub(before as u64).max(1);
        let count = usize::try_from(line - from.min(line)).unwrap_or(usize::MAX).saturating_add(1).saturating_add(after);
        self.lines(source, from, count)
    }

    /// So many lines of a source from one on; fewer at its end.
    pub fn lines(&self, source: u32, from_line: u64, count: usize) -> Result<Vec<Line>, Fault> {
        let inside = self.inside();
        let Some(totals) = inside.index.sources.get(source as usize) else { return Ok(Vec::new()) };
        let blocks = &inside.index.blocks[totals.block as usize..(totals.block + totals.blocks) as usize];
        let (from, count) = (from_line.max(1), count.min(MOST));
        let first = blocks.partition_point(|block| block.last_line() < from);
        let mut reader = Reader::new(inside)?;
        let mut lines = Vec::new();
        for block in &blocks[first..] {
            if lines.len() >= count {
                break;
            }
            reader.read_text(block)?;
            reader.read_rows(block)?;
            self.of_block(&reader, block, (from, count), &mut lines);
        }
        Ok(lines)
    }

    fn of_block(&self, reader: &Reader<'_>, block: &Block, (from, count): (u64, usize), lines: &mut Vec<Line>) {
        let inside = self.inside();
        for (row, range, first) in reader.places(block) {
            if lines.len() >= count {
                return;
            }
            if first + u64::from(row.lines) <= from {
                continue;
            }
            for (number, text) in (first..).zip(row_text(&reader.text, &range).split(|byte| *byte == b'\n')) {
                if number < from || lines.len() >= count {
                    continue;
                }
                let is_first = number == first && row.kind == crate::block::Kind::Record;
                let of_row = || Some(row).filter(|_| is_first);
                let text = String::from_utf8_lossy(text);
                let end = text.floor_char_boundary(SHOWN.min(text.len()));
                lines.push(Line {
                    number,
                    text: text[..end].to_string(),
                    cut: text.len() - end,
                    is_first,
                    at: of_row().and_then(|row| moment_of(inside.clock(block), row.stamp?)),
                    level: of_row().and_then(|row| row.level),
                    pattern: of_row().and_then(|row| inside.index.rank(row.pattern)),
                });
            }
        }
    }
}

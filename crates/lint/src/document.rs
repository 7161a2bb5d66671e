//! A document as units of text (headings, sentences of a paragraph, items, rows, code), each with its place.
//!
//! Markdown is read as Markdown; where lines of plain text stand for items, headings, rows or cards, they are taken as
//! such. Must never know what a unit means. What breaks it: a table that was copied without anything between its cells.

mod markdown;
mod plain;
pub mod quotes;
pub mod sentences;

use std::ops::Range;

use crate::facts::{self, Facts};

/// What kind of text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Heading,
    Prose,
    Item,
    Row,
    /// A line of a code block, or a line that a program wrote.
    Code,
}

/// One piece of text that stands for itself.
#[derive(Debug, Clone)]
pub struct Unit {
    pub kind: Kind,
    pub text: String,
    /// Where text comes from: offset in the text, offset in the source; ascending.
    pub origin: Vec<(usize, usize)>,
    /// Index of its section.
    pub section: usize,
    /// The list, table or paragraph that it stands in; ascending.
    pub block: usize,
    /// Of an item: how many lists it stands in.
    pub depth: usize,
    /// Of a row: the extent of its cells in the text.
    pub cells: Vec<Range<usize>>,
    /// Of a row: index of its table.
    pub table: Option<usize>,
    /// Extents of what is quoted from somebody else.
    pub quoted: Vec<Range<usize>>,
    /// Extents and targets of links.
    pub links: Vec<(Range<usize>, String)>,
    pub facts: Facts,
}

/// From a heading to the next.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// Titles from the outermost, in lower case, joined by ` / `.
    pub path: String,
}

#[derive(Debug, Clone, Default)]
pub struct Document {
    pub units: Vec<Unit>,
    /// The first is what stands before any heading.
    pub sections: Vec<Section>,
    /// The cells of each table's head, in lower case.
    pub tables: Vec<Vec<String>>,
    line_starts: Vec<usize>,
    text: String,
}

/// A paragraph is read to here.
const MAX_UNIT: usize = 20_000;
/// Titles of sections that show other people's words, or say themselves that they disagree.
const OF_OTHERS: &[&str] =
    &["contradiction", "discrepanc", "disputed", "conflicting", "evidence", "appendix", "raw log", "log sample", "transcript"];

pub fn read(text: &str) -> Document {
    let mut document = markdown::read(&plain::without_furniture(text));
    document.text = text.to_string();
    document.line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
    plain::refine(&mut document);
    for unit in &mut document.units {
        shorten(&mut unit.text);
        unit.quoted = quotes::extents(&unit.text);
        unit.facts = facts::of(&unit.text, unit.kind == Kind::Code);
    }
    document
}

/// What is longer than any paragraph is no text.
fn shorten(text: &mut String) {
    if text.len() > MAX_UNIT {
        let end = (0..=MAX_UNIT).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.truncate(end);
    }
}

impl Document {
    /// Line and column, from 1, of an offset in the text of a unit.
    pub fn place(&self, unit: &Unit, offset: usize) -> (usize, usize) {
        let source = unit.source(offset);
        let line = self.line_starts.partition_point(|s| *s <= source).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let column = self.text.get(start..source).map_or(source.saturating_sub(start), |t| t.chars().count());
        (line, column + 1)
    }

    pub fn line(&self, unit: &Unit) -> usize {
        self.place(unit, 0).0
    }

    pub fn path(&self, unit: &Unit) -> &str {
        self.sections.get(unit.section).map_or("", |s| s.path.as_str())
    }

    /// Does the unit stand where the document shows what others said?
    pub fn is_of_others(&self, unit: &Unit) -> bool {
        let path = self.path(unit);
        unit.kind == Kind::Code || OF_OTHERS.iter().any(|t| path.contains(t))
    }

    /// The head of the column that an offset in a row stands in.
    pub fn column<'d>(&'d self, unit: &Unit, offset: usize) -> Option<&'d str> {
        let at = unit.cells.iter().position(|c| c.start <= offset && offset <= c.end)?;
        self.tables.get(unit.table?)?.get(at).map(String::as_str)
    }

    /// The cell of a row under the first column whose head contains one of `words`.
    pub fn cell<'u>(&self, unit: &'u Unit, words: &[&str]) -> Option<&'u str> {
        let heads = self.tables.get(unit.table?)?;
        let at = heads.iter().position(|h| words.iter().any(|w| has_word(h, w)))?;
        unit.text.get(unit.cells.get(at)?.clone())
    }
}

impl Unit {
    pub fn new(kind: Kind, text: String, origin: Vec<(usize, usize)>) -> Unit {
        Unit {
            kind,
            text,
            origin,
            section: 0,
            block: 0,
            depth: 0,
            cells: Vec::new(),
            table: None,
            quoted: Vec::new(),
            links: Vec::new(),
            facts: Facts::default(),
        }
    }

    /// Is the offset within words of somebody else?
    pub fn is_quoted(&self, offset: usize) -> bool {
        self.quoted.iter().any(|q| q.contains(&offset))
    }

    /// The same text with what is quoted as blanks of the same length.
    pub fn own_words(&self) -> String {
        let mut bytes = self.text.clone().into_bytes();
        for range in &self.quoted {
            if let Some(part) = bytes.get_mut(range.clone()) {
                part.fill(b' ');
            }
        }
        String::from_utf8(bytes).unwrap_or_else(|_| self.text.clone())
    }

    fn source(&self, offset: usize) -> usize {
        let at = self.origin.partition_point(|(o, _)| *o <= offset);
        let (text, source) = at.checked_sub(1).and_then(|i| self.origin.get(i)).copied().unwrap_or((0, 0));
        source + offset.saturating_sub(text)
    }

    /// A part of it, with its places.
    fn part(&self, range: Range<usize>, kind: Kind) -> Unit {
        let text = self.text.get(range.clone()).unwrap_or_default().to_string();
        let mut origin = vec![(0, self.source(range.start))];
        let inside = self.origin.iter().filter(|(o, _)| range.start < *o && *o < range.end);
        origin.extend(inside.map(|(o, s)| (o - range.start, *s)));
        let links = self.links.iter().filter(|(r, _)| range.start <= r.start && r.end <= range.end);
        let links = links.map(|(r, t)| (r.start - range.start..r.end - range.start, t.clone())).collect();
        Unit { section: self.section, block: self.block, depth: self.depth, links, ..Unit::new(kind, text, origin) }
    }
}

/// Does a text contain a word, or a phrase, not as a part of a longer one?
pub fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(i, _)| {
        let before = text.get(..i).and_then(|t| t.chars().next_back());
        let after = text.get(i + word.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

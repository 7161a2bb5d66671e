//! A report as blocks of text: headings, paragraphs, lists, tables, records.
//!
//! What is laid out once, in `outline.rs`, is written by each format with its own marks and its own escapes. Texts in here
//! are plain: nothing is escaped yet. This module must never know a format. What breaks it: nothing.

use super::ledger::{Cite, Statement};
use super::words;

pub enum Block {
    Heading {
        level: u8,
        anchor: String,
        text: String,
    },
    Paragraph(Line),
    /// Paragraphs of the house, under its name: they are no statement of the report and rest on no evidence.
    House {
        by: String,
        paragraphs: Vec<String>,
    },
    List(Marker, Vec<Line>),
    Table(Table),
    Record(Record),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    Bullet,
    Number,
    /// A box to tick.
    Box,
}

pub struct Table {
    pub head: Vec<&'static str>,
    /// How wide the columns are to each other, where a format has widths.
    pub widths: Vec<u32>,
    pub rows: Vec<Vec<Line>>,
}

/// A piece of evidence.
pub struct Record {
    pub anchor: String,
    pub id: String,
    /// `logs/api.log, line 12 — 2024-02-07 09:00:35 UTC`.
    pub place: String,
    pub text: String,
    /// Where it is cited: under which heading, and the anchors of the statements there.
    pub backs: Vec<(String, Vec<String>)>,
}

pub type Line = Vec<Inline>;

#[derive(Debug, Clone)]
pub enum Inline {
    /// May begin and end with a blank.
    Text(String),
    Strong(String),
    Emphasis(String),
    Code(String),
    Cite(Cite),
    /// How the statement before it is known: `measured, 90%`.
    Standing(String),
    /// Links arrive here.
    Anchor(String),
}

pub fn text(text: impl Into<String>) -> Inline {
    Inline::Text(text.into())
}

pub fn strong(text: impl Into<String>) -> Inline {
    Inline::Strong(text.into())
}

pub fn code(text: impl Into<String>) -> Inline {
    Inline::Code(text.into())
}

/// A line of plain text.
pub fn plain(words: impl Into<String>) -> Line {
    vec![text(words)]
}

/// Text with what stands in backticks as code.
pub fn marked(text: &str) -> Line {
    let inline = |(is_code, part): (bool, &str)| if is_code { code(part) } else { Inline::Text(part.to_owned()) };
    words::parts(text).into_iter().map(inline).collect()
}

/// A statement with its citations and how it is known.
pub fn said(statement: &Statement) -> Line {
    let mut line = Line::new();
    if !statement.anchor.is_empty() {
        line.push(Inline::Anchor(statement.anchor.clone()));
    }
    if statement.again.is_some() {
        line.extend([text("as stated above: “"), text(statement.beginning()), text("”")]);
    } else {
        line.extend(marked(&statement.text));
    }
    line.extend(cites(statement));
    if let Some(how) = &statement.standing {
        line.extend([text(" "), Inline::Standing(format!("{}, {}", how.word, how.confidence))]);
    }
    line
}

/// Each with a blank before it.
pub fn cites(statement: &Statement) -> Line {
    statement.cites.iter().flat_map(|cite| [text(" "), Inline::Cite(cite.clone())]).collect()
}

/// `[e1] logs/api.log:12, [e2] chat.txt:4`.
pub fn places(statement: &Statement) -> Line {
    let mut line = Line::new();
    for (i, cite) in statement.cites.iter().enumerate() {
        if i > 0 {
            line.push(text(", "));
        }
        line.push(Inline::Cite(cite.clone()));
        if !cite.place.is_empty() {
            line.push(text(format!(" {}", cite.place)));
        }
    }
    line
}

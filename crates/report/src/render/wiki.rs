//! The report in the wiki markup of Jira and Confluence.
//!
//! Every text passes through `escape`: marks get a backslash, which both document; what has none (a backslash itself,
//! addresses, smileys, `@`) is written as an entity. Records stand in `{noformat}` or `{code}`, whichever the record cannot
//! close. This module must never know findings, nor what stands where. What breaks it: Jira's fields hold no more than
//! [`JIRA_FIELD`] characters, so a long report leaves out first the text of records, then sections, and says so.

mod escape;

use super::blocks::{Block, Inline, Marker, Record, Table};
use super::outline::{self, Outline};
use super::words;
use crate::layout::Layout;
use crate::model::Report;
use escape::{escaped, verbatim};

/// What a description or a comment holds where nobody raised `jira.text.field.character.limit`.
pub const JIRA_FIELD: usize = 32_767;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Records {
    Whole,
    /// Only where they stand.
    Places,
}

/// For a Jira description or comment: never longer than these hold.
pub fn jira_in(report: &Report, layout: &Layout) -> String {
    let outline = outline::of(report, layout);
    for records in [Records::Whole, Records::Places] {
        let text = written(&outline, records, outline.sections.len());
        if text.chars().count() <= JIRA_FIELD {
            return text;
        }
    }
    (0..outline.sections.len())
        .rev()
        .map(|kept| written(&outline, Records::Places, kept))
        .find(|text| fits(text))
        .unwrap_or_default()
}

/// For Confluence, "Insert markup".
pub fn confluence_wiki_in(report: &Report, layout: &Layout) -> String {
    let outline = outline::of(report, layout);
    written(&outline, Records::Whole, outline.sections.len())
}

fn fits(text: &str) -> bool {
    text.chars().count() <= JIRA_FIELD
}

fn written(outline: &Outline, records: Records, kept: usize) -> String {
    let mut out = Out { text: String::new(), records };
    out.heading(1, &outline.title);
    outline.cover.iter().for_each(|block| out.write(block));
    for section in outline.sections.iter().take(kept) {
        out.heading(2, &section.title);
        section.blocks.iter().for_each(|block| out.write(block));
    }
    let text = (records == Records::Places).then_some("the text of the records");
    let left = text.into_iter().chain(outline.sections.iter().skip(kept).map(|section| section.title.as_str()));
    let left: Vec<&str> = left.collect();
    if !left.is_empty() {
        out.block(&escaped(&format!(
            "Left out, since a field holds {} characters: {}.",
            words::thousands(JIRA_FIELD as u64),
            left.join(", ")
        )));
    }
    out.text
}

struct Out {
    text: String,
    records: Records,
}

impl Out {
    fn write(&mut self, block: &Block) {
        match block {
            Block::Heading { level, text, .. } => self.heading(*level, text),
            Block::Paragraph(line) => self.block(&written_line(line)),
            Block::House { by, paragraphs } => {
                let paragraphs: Vec<String> = paragraphs.iter().map(|text| escaped(text)).collect();
                self.block(&format!("{{quote}}\n*{}:* {}\n{{quote}}", escaped(by), paragraphs.join("\n\n")));
            }
            Block::List(marker, items) => self.list(*marker, items),
            Block::Table(table) => self.table(table),
            Block::Record(record) => self.record(record),
        }
    }

    fn block(&mut self, block: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(block.trim_end_matches('\n'));
        self.text.push('\n');
    }

    fn heading(&mut self, level: u8, text: &str) {
        self.block(&format!("h{level}. {}", escaped(text)));
    }

    fn list(&mut self, marker: Marker, items: &[Vec<Inline>]) {
        let mark = match marker {
            Marker::Bullet => "*",
            Marker::Number => "#",
            Marker::Box => "* ☐",
        };
        self.block(&items.iter().map(|line| format!("{mark} {}\n", written_line(line))).collect::<String>());
    }

    fn table(&mut self, table: &Table) {
        let mut text = format!("||{}||\n", table.head.join("||"));
        for row in &table.rows {
            // An empty cell would make a head of its neighbour.
            let cell = |line: &Vec<Inline>| match written_line(line) {
                none if none.is_empty() => " ".to_owned(),
                some => some,
            };
            text.push_str(&format!("|{}|\n", row.iter().map(cell).collect::<Vec<_>>().join("|")));
        }
        self.block(&text);
    }

    fn record(&mut self, record: &Record) {
        let head = format!("{{anchor:{}}}*{}* — {}", record.anchor, escaped(&record.id), escaped(&record.place));
        match self.records {
            Records::Whole => {
                self.block(&head);
                self.block(&verbatim(&record.text));
            }
            Records::Places => self.block(&head),
        }
    }
}

fn written_line(line: &[Inline]) -> String {
    line.iter().map(written_inline).collect()
}

fn written_inline(inline: &Inline) -> String {
    match inline {
        Inline::Text(text) => escaped(text),
        Inline::Strong(text) if text.is_empty() => String::new(),
        Inline::Strong(text) => format!("*{}*", escaped(text)),
        Inline::Emphasis(text) => format!("_{}_", escaped(text)),
        Inline::Code(text) if text.is_empty() => String::new(),
        Inline::Code(text) => format!("{{{{{}}}}}", escaped(text)),
        Inline::Cite(cite) => match &cite.anchor {
            Some(anchor) if *anchor == cite.label => format!("[#{anchor}]"),
            Some(anchor) => format!("[{}|#{anchor}]", escaped(&cite.label)),
            None => format!("\\[{}\\]", escaped(&cite.label)),
        },
        Inline::Standing(how) => format!("({})", escaped(how)),
        // Only evidence is linked to: the way back would fill a field with marks.
        Inline::Anchor(_) => String::new(),
    }
}

//! The report as Markdown to paste into GitHub or Notion: ATX headings, pipe tables, fences, no HTML.
//!
//! Every text passes through `escape`; evidence stands in fences. This module must never know findings, nor what stands
//! where: that is in `outline.rs`. What breaks it: nothing that a report can hold.

mod escape;

use super::blocks::{Block, Inline, Marker, Record, Table};
use super::outline::{self, Outline};
use crate::layout::Layout;
use crate::model::Report;
use escape::{cell, code, fenced, spaced, unaddressed};

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    GitHub,
    /// Also escapes `^`, and has other names for the languages of code.
    Notion,
}

/// Pastes into GitHub, GitLab and most wikis; ends with a line break.
pub fn markdown(report: &Report) -> String {
    markdown_in(report, &Layout::default())
}

/// As [`markdown`], laid out by a house.
pub fn markdown_in(report: &Report, layout: &Layout) -> String {
    written(&outline::of(report, layout), Reader::GitHub)
}

/// Pastes and imports into Notion.
pub fn notion_in(report: &Report, layout: &Layout) -> String {
    written(&outline::of(report, layout), Reader::Notion)
}

fn written(outline: &Outline, reader: Reader) -> String {
    let mut out = Out { text: String::new(), reader };
    out.heading(1, &outline.title);
    outline.cover.iter().for_each(|block| out.write(block));
    for section in &outline.sections {
        out.heading(2, &section.title);
        section.blocks.iter().for_each(|block| out.write(block));
    }
    out.text
}

/// Blocks, each followed by a blank line.
struct Out {
    text: String,
    reader: Reader,
}

impl Out {
    fn write(&mut self, block: &Block) {
        match block {
            Block::Heading { level, text, .. } => self.heading(*level, text),
            Block::Paragraph(line) => self.block(&self.line(line)),
            Block::House { by, paragraphs } => self.house(by, paragraphs),
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
        self.block(&format!("{} {}", "#".repeat(usize::from(level)), self.escaped(text)));
    }

    /// A quotation, so that it is not taken for a statement of the report.
    fn house(&mut self, by: &str, paragraphs: &[String]) {
        let mut block = format!("> **{}:** ", self.escaped(by));
        block.push_str(&paragraphs.iter().map(|text| self.escaped(text)).collect::<Vec<_>>().join("\n>\n> "));
        self.block(&block);
    }

    fn list(&mut self, marker: Marker, items: &[Vec<Inline>]) {
        let item = |(number, line): (usize, &Vec<Inline>)| match marker {
            Marker::Bullet => format!("- {}\n", self.line(line)),
            Marker::Box => format!("- [ ] {}\n", self.line(line)),
            Marker::Number => format!("{number}. {}\n", self.line(line)),
        };
        self.block(&(1..).zip(items).map(item).collect::<String>());
    }

    fn table(&mut self, table: &Table) {
        let mut text = format!("| {} |\n|{}\n", table.head.join(" | "), " --- |".repeat(table.head.len()));
        for row in &table.rows {
            let cells: Vec<String> = row.iter().map(|line| cell(&self.line(line))).collect();
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        self.block(&text);
    }

    fn record(&mut self, record: &Record) {
        self.block(&format!("**{}** — {}", self.escaped(&record.id), self.escaped(&record.place)));
        let language = if self.reader == Reader::Notion { "plain text" } else { "text" };
        self.block(&fenced(&record.text, language));
    }

    fn line(&self, line: &[Inline]) -> String {
        line.iter().map(|inline| self.inline(inline)).collect()
    }

    fn inline(&self, inline: &Inline) -> String {
        match inline {
            Inline::Text(text) => self.escaped(text),
            Inline::Strong(text) if text.is_empty() => String::new(),
            Inline::Strong(text) => format!("**{}**", self.escaped(text)),
            Inline::Emphasis(text) => format!("*{}*", self.escaped(text)),
            Inline::Code(text) => code(text),
            Inline::Cite(cite) => format!("[{}]", self.escaped(&cite.label)),
            Inline::Standing(how) => format!("({})", self.escaped(how)),
            Inline::Anchor(_) => String::new(),
        }
    }

    fn escaped(&self, text: &str) -> String {
        let text = spaced(text);
        if self.reader == Reader::Notion { text.replace('^', "\\^") } else { unaddressed(&text) }
    }
}

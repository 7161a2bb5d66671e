//! The blocks of Markdown as units. Must never look at what a text says.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Document, Kind, Section, Unit};

/// What is being read.
#[derive(Default)]
struct State {
    document: Document,
    titles: Vec<(u8, String)>,
    open: Option<Unit>,
    block: usize,
    items: usize,
    heading: Option<HeadingLevel>,
    head: bool,
    link: Option<(usize, String)>,
    code: bool,
    cell: usize,
}

pub fn read(text: &str) -> Document {
    let mut state = State::default();
    state.document.sections.push(Section::default());
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(tag) => state.start(tag, range.start),
            Event::End(tag) => state.end(tag),
            Event::Text(part) if state.code => state.code(&part, range.start),
            Event::Text(part) => state.push(&part, range.start),
            Event::Code(part) => {
                let inside = text.get(range.clone()).and_then(|t| t.find(&*part)).unwrap_or(0);
                state.push(&part, range.start + inside);
            }
            Event::SoftBreak | Event::HardBreak => state.push("\n", range.start),
            Event::FootnoteReference(name) => state.push(&format!("[^{name}]"), range.start),
            Event::Html(_) | Event::InlineHtml(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
            Event::Rule | Event::TaskListMarker(_) => {}
        }
    }
    state.close();
    state.document
}

impl State {
    fn start(&mut self, tag: Tag<'_>, at: usize) {
        match tag {
            Tag::Heading { level, .. } => {
                self.begin(Kind::Heading, at);
                self.heading = Some(level);
            }
            Tag::Paragraph => {
                // A loose item holds paragraphs; they are the item.
                let kind = if self.items > 0 { Kind::Item } else { Kind::Prose };
                if self.open.as_ref().is_none_or(|u| !u.text.is_empty()) {
                    self.begin(kind, at);
                }
                self.block += usize::from(self.items == 0);
            }
            Tag::List(_) => {
                self.close();
                self.block += usize::from(self.items == 0);
            }
            Tag::Item => {
                self.begin(Kind::Item, at);
                self.items += 1;
            }
            Tag::FootnoteDefinition(name) => {
                self.begin(Kind::Prose, at);
                self.push(&format!("[^{name}]: "), at);
            }
            Tag::Table(_) => {
                self.close();
                self.block += 1;
                self.document.tables.push(Vec::new());
            }
            Tag::TableHead => self.head = true,
            Tag::TableRow => self.begin(Kind::Row, at),
            Tag::TableCell => self.start_cell(at),
            Tag::CodeBlock(_) => {
                self.close();
                self.block += 1;
                self.code = true;
            }
            Tag::Link { dest_url, .. } => {
                let from = self.open.as_ref().map_or(0, |u| u.text.len());
                self.link = Some((from, dest_url.into_string()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::Paragraph | TagEnd::TableRow | TagEnd::FootnoteDefinition => self.close(),
            TagEnd::Item => {
                self.close();
                self.items = self.items.saturating_sub(1);
            }
            TagEnd::TableHead => {
                self.head = false;
                self.open = None;
            }
            TagEnd::TableCell => self.end_cell(),
            TagEnd::CodeBlock => self.code = false,
            TagEnd::Link => {
                if let (Some((from, target)), Some(unit)) = (self.link.take(), self.open.as_mut()) {
                    unit.links.push((from..unit.text.len(), target));
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, kind: Kind, at: usize) {
        self.close();
        let mut unit = Unit::new(kind, String::new(), vec![(0, at)]);
        (unit.block, unit.depth) = (self.block, self.items);
        if kind == Kind::Row {
            unit.table = self.document.tables.len().checked_sub(1);
        }
        self.open = Some(unit);
    }

    fn push(&mut self, part: &str, at: usize) {
        if self.open.is_none() {
            self.begin(if self.items > 0 { Kind::Item } else { Kind::Prose }, at);
        }
        if let Some(unit) = self.open.as_mut() {
            unit.origin.push((unit.text.len(), at));
            unit.text.push_str(part);
        }
    }

    /// The lines of a code block are units.
    fn code(&mut self, part: &str, at: usize) {
        let mut from = at;
        for line in part.split_inclusive('\n') {
            if !line.trim().is_empty() {
                let mut unit = Unit::new(Kind::Code, line.trim_end().to_string(), vec![(0, from)]);
                (unit.block, unit.section) = (self.block, self.document.sections.len() - 1);
                self.document.units.push(unit);
            }
            from += line.len();
        }
    }

    fn start_cell(&mut self, at: usize) {
        if self.head && self.open.is_none() {
            self.begin(Kind::Row, at);
        }
        if let Some(unit) = self.open.as_mut() {
            if !unit.text.is_empty() || !unit.cells.is_empty() {
                unit.text.push_str(" | ");
            }
            unit.origin.push((unit.text.len(), at));
            self.cell = unit.text.len();
        }
    }

    fn end_cell(&mut self) {
        let Some(unit) = self.open.as_mut() else { return };
        let text = unit.text.get(self.cell..).unwrap_or_default().trim().to_lowercase();
        unit.cells.push(self.cell..unit.text.len());
        if let (true, Some(table)) = (self.head, self.document.tables.last_mut()) {
            table.push(text);
        }
    }

    fn end_heading(&mut self) {
        let level = self.heading.take().map_or(1, |l| l as u8);
        let title = self.open.as_ref().map(|u| u.text.trim().to_lowercase()).unwrap_or_default();
        self.titles.retain(|(l, _)| *l < level);
        self.titles.push((level, title));
        let path: Vec<&str> = self.titles.iter().map(|t| t.1.as_str()).collect();
        self.document.sections.push(Section { path: path.join(" / ") });
        self.close();
    }

    fn close(&mut self) {
        if let Some(mut unit) = self.open.take().filter(|u| !u.text.trim().is_empty()) {
            unit.section = self.document.sections.len() - 1;
            self.document.units.push(unit);
        }
    }
}

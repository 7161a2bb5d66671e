//! The text of a Word document: blocks as paragraphs and tables, each by a style.
//!
//! Bookmarks are made where blocks have anchors, and links lead to them by name. This module must never know a look; that
//! is in the styles. What breaks it: nothing; names of bookmarks are made of the anchors' letters and digits.

use super::super::blocks::{Block, Inline, Line, Marker, Record, Table};
use super::super::outline::Outline;
use super::super::words;
use super::super::xml::escaped;
use super::{HEAD, NAMES, picture};
use crate::layout::Logo;

/// Numberings of `numbering.xml`.
pub const BULLETS: usize = 1;
pub const BOXES: usize = 2;
/// The first of the numbered lists.
pub const NUMBERS: usize = 10;

/// Between the margins of A4, in twentieths of a point.
const WIDTH: u32 = 9_638;

pub struct Body {
    /// `word/document.xml`.
    pub document: String,
    /// How many numbered lists there are.
    pub numbered: usize,
}

impl Body {
    pub fn of(outline: &Outline, logo: Option<&Logo>) -> Body {
        let mut out = Writer::default();
        if let Some(logo) = logo {
            let name = outline.organisation.as_deref().unwrap_or("Logo");
            out.paragraph("Normal", &picture::run(logo, name));
        }
        out.paragraph("Title", &run("", &outline.title));
        outline.cover.iter().for_each(|block| out.write(block));
        out.contents(outline);
        for (i, section) in outline.sections.iter().enumerate() {
            let from = if i == 0 { "<w:pageBreakBefore/>" } else { "" };
            out.heading(("Heading1", from), &section.anchor, &section.title);
            section.blocks.iter().for_each(|block| out.write(block));
        }
        let page = "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"header\"/><w:footerReference w:type=\"default\" r:id=\"footer\"/>\
                    <w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1304\" w:right=\"1134\" w:bottom=\"1134\" w:left=\"1134\" \
                    w:header=\"624\" w:footer=\"567\" w:gutter=\"0\"/></w:sectPr>";
        let document = format!("{HEAD}<w:document {NAMES}><w:body>\n{}{page}</w:body></w:document>\n", out.text);
        Body { document, numbered: out.numbered }
    }
}

/// A run of text; the style of a character may be empty. Line breaks and tabs are kept.
pub fn run(style: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let look = if style.is_empty() { String::new() } else { format!("<w:rPr><w:rStyle w:val=\"{style}\"/></w:rPr>") };
    let text = format!("<w:t xml:space=\"preserve\">{}</w:t>", escaped(text))
        .replace('\n', "</w:t><w:br/><w:t xml:space=\"preserve\">")
        .replace('\t', "</w:t><w:tab/><w:t xml:space=\"preserve\">");
    format!("<w:r>{look}{text}</w:r>")
}

#[derive(Default)]
struct Writer {
    text: String,
    bookmarks: usize,
    numbered: usize,
}

impl Writer {
    fn write(&mut self, block: &Block) {
        match block {
            // The title is a style of its own, so headings begin with sections.
            Block::Heading { level, anchor, text } => {
                let style = format!("Heading{}", level.saturating_sub(1).clamp(1, 3));
                self.heading((&style, ""), anchor, text);
            }
            Block::Paragraph(line) => {
                let runs = self.runs(line);
                self.paragraph("Normal", &runs);
            }
            Block::House { by, paragraphs } => {
                for (i, text) in paragraphs.iter().enumerate() {
                    let by = if i == 0 { run("Strong", &format!("{by}: ")) } else { String::new() };
                    self.paragraph("House", &format!("{by}{}", run("", text)));
                }
            }
            Block::List(marker, items) => self.list(*marker, items),
            Block::Table(table) => self.table(table),
            Block::Record(record) => self.record(record),
        }
    }

    fn paragraph(&mut self, style: &str, runs: &str) {
        self.styled(&format!("<w:pStyle w:val=\"{style}\"/>"), runs);
    }

    fn styled(&mut self, properties: &str, runs: &str) {
        self.text.push_str(&format!("<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>\n"));
    }

    fn heading(&mut self, (style, more): (&str, &str), anchor: &str, text: &str) {
        let mark = self.bookmark(anchor);
        self.styled(&format!("<w:pStyle w:val=\"{style}\"/>{more}"), &format!("{mark}{}", run("", text)));
    }

    /// Links to all sections, as a field that Word can renew.
    fn contents(&mut self, outline: &Outline) {
        let field = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
        self.paragraph("ContentsTitle", &run("", "Contents"));
        let begin = format!(
            "{}<w:r><w:instrText xml:space=\"preserve\"> TOC \\o \"1-1\" \\n \\h \\z \\u </w:instrText></w:r>{}",
            field("begin"),
            field("separate")
        );
        for (i, section) in outline.sections.iter().enumerate() {
            let before = if i == 0 { begin.as_str() } else { "" };
            let after = if i + 1 == outline.sections.len() { field("end") } else { String::new() };
            let link = link(&section.anchor, &run("Hyperlink", &section.title));
            self.paragraph("TOC1", &format!("{before}{link}{after}"));
        }
    }

    fn list(&mut self, marker: Marker, items: &[Line]) {
        let id = match marker {
            Marker::Bullet => BULLETS,
            Marker::Box => BOXES,
            Marker::Number => {
                self.numbered += 1;
                NUMBERS + self.numbered - 1
            }
        };
        let numbering = format!("<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{id}\"/></w:numPr>");
        for line in items {
            let runs = self.runs(line);
            self.styled(&format!("<w:pStyle w:val=\"ListItem\"/>{numbering}"), &runs);
        }
    }

    fn table(&mut self, table: &Table) {
        let whole: u32 = table.widths.iter().sum::<u32>().max(1);
        let widths: Vec<u32> = table.widths.iter().map(|width| width * WIDTH / whole).collect();
        let grid: String = widths.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect();
        self.text.push_str(&format!(
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"ReportTable\"/><w:tblW w:w=\"{WIDTH}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/>\
             <w:tblLook w:val=\"0020\" w:firstRow=\"1\" w:lastRow=\"0\" w:firstColumn=\"0\" w:lastColumn=\"0\" w:noHBand=\"1\" \
             w:noVBand=\"1\"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>\n"
        ));
        let head: Vec<String> = table.head.iter().map(|text| run("", text)).collect();
        self.row(("<w:cantSplit/><w:tblHeader/>", "TableHead"), &widths, &head);
        for cells in &table.rows {
            let runs: Vec<String> = cells.iter().map(|line| self.runs(line)).collect();
            self.row(("<w:cantSplit/>", "TableText"), &widths, &runs);
        }
        // Without a paragraph behind it, Word would join it with a table that follows.
        self.text.push_str("</w:tbl>\n<w:p><w:pPr><w:pStyle w:val=\"TableText\"/></w:pPr></w:p>\n");
    }

    fn row(&mut self, (properties, style): (&str, &str), widths: &[u32], cells: &[String]) {
        self.text.push_str(&format!("<w:tr><w:trPr>{properties}</w:trPr>"));
        for (width, runs) in widths.iter().zip(cells) {
            self.text.push_str(&format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>"));
            self.paragraph(style, runs);
            self.text.push_str("</w:tc>");
        }
        self.text.push_str("</w:tr>\n");
    }

    fn record(&mut self, record: &Record) {
        let head = format!("{}{}", self.bookmark(&record.anchor), run("Strong", &record.id));
        self.paragraph("EvidenceHead", &format!("{head}{}", run("", &format!(" — {}", record.place))));
        self.paragraph("Evidence", &run("", words::visible(&record.text).trim_end_matches('\n')));
        let backs: Vec<String> = record.backs.iter().map(|(heading, anchors)| back(heading, anchors)).collect();
        if !backs.is_empty() {
            self.paragraph("CitedBy", &format!("{}{}", run("", "Cited by "), backs.join(&run("", " · "))));
        }
    }

    fn runs(&mut self, line: &[Inline]) -> String {
        let mut out = String::new();
        for inline in line {
            out.push_str(&match inline {
                Inline::Text(text) => run("", &blanks_kept(text)),
                Inline::Strong(text) => run("Strong", text),
                Inline::Emphasis(text) => run("Emphasis", text),
                Inline::Code(text) => run("CodeText", text),
                Inline::Standing(how) => run("Standing", &format!("({how})")),
                Inline::Anchor(name) => self.bookmark(name),
                Inline::Cite(cite) => {
                    let shown = run("Citation", &format!("[{}]", cite.label));
                    cite.anchor.as_deref().map_or_else(|| shown.clone(), |anchor| link(anchor, &shown))
                }
            });
        }
        out
    }

    fn bookmark(&mut self, anchor: &str) -> String {
        if anchor.is_empty() {
            return String::new();
        }
        self.bookmarks += 1;
        let (id, name) = (self.bookmarks, name_of(anchor));
        format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"{name}\"/><w:bookmarkEnd w:id=\"{id}\"/>")
    }
}

/// The heading leads to the only statement under it, or numbers behind it to each.
fn back(heading: &str, anchors: &[String]) -> String {
    match anchors {
        [only] => link(only, &run("Hyperlink", heading)),
        many => {
            let number = |(n, to): (usize, &String)| link(to, &run("Hyperlink", &n.to_string()));
            let numbers: Vec<String> = (1..).zip(many).map(number).collect();
            format!("{}{}", run("", &format!("{heading} ")), numbers.join(&run("", ", ")))
        }
    }
}

fn link(to: &str, runs: &str) -> String {
    format!("<w:hyperlink w:anchor=\"{}\" w:history=\"1\">{runs}</w:hyperlink>", name_of(to))
}

/// Bookmarks have letters, digits and `_`, at most forty of them.
fn name_of(anchor: &str) -> String {
    anchor.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(40).collect()
}

/// One line, as in all other formats.
fn blanks_kept(text: &str) -> String {
    let head = if text.starts_with(' ') { " " } else { "" };
    let tail = if text.len() > 1 && text.ends_with(' ') { " " } else { "" };
    format!("{head}{}{tail}", words::line(text))
}

//! The report as a Confluence page in storage format: XHTML with Atlassian's macros, to send as `body.storage.value`.
//!
//! Links lead from each citation to its record and back. This module must never know findings, nor what stands where.
//! What breaks it: nothing; text is escaped as XML, records stand in CDATA.

use super::blocks::{Block, Inline, Marker, Record, Table};
use super::outline;
use super::xml::{cdata, escaped};
use crate::layout::Layout;
use crate::model::Report;

/// The body of a page; the title of the page is the report's.
pub fn confluence_in(report: &Report, layout: &Layout) -> String {
    let outline = outline::of(report, layout);
    let mut out = String::new();
    out.push_str(&format!("<h1>{}</h1>\n", escaped(&outline.title)));
    outline.cover.iter().for_each(|block| write(block, &mut out));
    out.push_str(
        "<ac:structured-macro ac:name=\"toc\"><ac:parameter ac:name=\"maxLevel\">2</ac:parameter></ac:structured-macro>\n",
    );
    for section in &outline.sections {
        out.push_str(&format!("<h2>{}{}</h2>\n", anchor(&section.anchor), escaped(&section.title)));
        section.blocks.iter().for_each(|block| write(block, &mut out));
    }
    out
}

fn write(block: &Block, out: &mut String) {
    match block {
        Block::Heading { level, anchor: name, text } => {
            out.push_str(&format!("<h{level}>{}{}</h{level}>\n", anchor(name), escaped(text)));
        }
        Block::Paragraph(line) => out.push_str(&format!("<p>{}</p>\n", written(line))),
        Block::House { by, paragraphs } => {
            out.push_str(&format!("<blockquote><p><strong>{}:</strong> ", escaped(by)));
            out.push_str(&paragraphs.iter().map(|text| escaped(text)).collect::<Vec<_>>().join("</p><p>"));
            out.push_str("</p></blockquote>\n");
        }
        Block::List(marker, items) => list(*marker, items, out),
        Block::Table(rows) => table(rows, out),
        Block::Record(item) => record(item, out),
    }
}

fn list(marker: Marker, items: &[Vec<Inline>], out: &mut String) {
    let element = if marker == Marker::Number { "ol" } else { "ul" };
    let tick = if marker == Marker::Box { "☐ " } else { "" };
    out.push_str(&format!("<{element}>\n"));
    items.iter().for_each(|line| out.push_str(&format!("<li>{tick}{}</li>\n", written(line))));
    out.push_str(&format!("</{element}>\n"));
}

fn table(table: &Table, out: &mut String) {
    let row = |cells: String| format!("<tr>{cells}</tr>\n");
    out.push_str("<table><tbody>\n");
    out.push_str(&row(table.head.iter().map(|head| format!("<th>{}</th>", escaped(head))).collect()));
    for cells in &table.rows {
        out.push_str(&row(cells.iter().map(|line| format!("<td>{}</td>", written(line))).collect()));
    }
    out.push_str("</tbody></table>\n");
}

fn record(record: &Record, out: &mut String) {
    let (id, place) = (escaped(&record.id), escaped(&record.place));
    out.push_str(&format!("<p>{}<strong>{id}</strong> — {place}</p>\n", anchor(&record.anchor)));
    out.push_str("<ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"language\">text</ac:parameter>");
    out.push_str(&format!("<ac:plain-text-body>{}</ac:plain-text-body></ac:structured-macro>\n", cdata(&record.text)));
    let backs: Vec<String> = record.backs.iter().map(|(heading, anchors)| back(heading, anchors)).collect();
    if !backs.is_empty() {
        out.push_str(&format!("<p>Cited by {}</p>\n", backs.join(" · ")));
    }
}

/// The heading leads to the only statement under it, or numbers behind it to each.
fn back(heading: &str, anchors: &[String]) -> String {
    match anchors {
        [only] => link(only, heading),
        many => {
            let numbers: Vec<String> = (1..).zip(many).map(|(n, to): (usize, _)| link(to, &n.to_string())).collect();
            format!("{} {}", escaped(heading), numbers.join(", "))
        }
    }
}

fn written(line: &[Inline]) -> String {
    let inline = |inline: &Inline| match inline {
        Inline::Text(text) => escaped(text),
        Inline::Strong(text) => format!("<strong>{}</strong>", escaped(text)),
        Inline::Emphasis(text) => format!("<em>{}</em>", escaped(text)),
        Inline::Code(text) => format!("<code>{}</code>", escaped(text)),
        Inline::Cite(cite) => match &cite.anchor {
            Some(anchor) => link(anchor, &format!("[{}]", cite.label)),
            None => escaped(&format!("[{}]", cite.label)),
        },
        Inline::Standing(how) => format!("<em>({})</em>", escaped(how)),
        Inline::Anchor(name) => anchor(name),
    };
    line.iter().map(inline).collect()
}

fn anchor(name: &str) -> String {
    let name = escaped(name);
    format!("<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">{name}</ac:parameter></ac:structured-macro>")
}

fn link(to: &str, text: &str) -> String {
    format!("<ac:link ac:anchor=\"{}\"><ac:link-body>{}</ac:link-body></ac:link>", escaped(to), escaped(text))
}

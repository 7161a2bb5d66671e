//! The report as Slack messages: mrkdwn to paste, and payloads to send.
//!
//! The first message is what a channel wants to know, the rest belongs into its thread; records are named by their place and
//! not quoted. Slack knows no escape but `& < >`: a word that its marks, links or mentions would change is written as code.
//! This module must never know findings, nor what stands where. What breaks it: nothing; what is longer than a block or a
//! message is cut between lines, and a line that alone is longer between characters.

mod escape;

use serde_json::{Value, json};

use super::blocks::{Block, Inline, Marker, Record};
use super::outline::{self, Outline};
use crate::layout::Layout;
use crate::model::Report;
use escape::{escaped, ticked};

/// Characters of a message: its `text` may have 40,000, but the window that people write in, and all blocks of a message
/// together, take some 12,000.
pub const MESSAGE: usize = 12_000;
/// Characters of a section of blocks, and of a header.
pub const SECTION: usize = 3_000;
const HEADER: usize = 150;
/// Between messages of one file.
pub const CUT: &str = "\n— — — next message — — —\n\n";

/// mrkdwn: the first message, then the rest of the report in as many as it needs.
pub fn slack_in(report: &Report, layout: &Layout) -> String {
    let outline = outline::of(report, layout);
    let title = format!("*{}*\n", escaped(&outline.title));
    let [first, rest] = parts_of(&outline);
    let first: Vec<String> = [title].into_iter().chain(first).collect();
    let messages = filled(&first, MESSAGE).into_iter().chain(filled(&rest, MESSAGE));
    messages.map(|parts| format!("{}\n", parts.concat().trim())).collect::<Vec<_>>().join(CUT)
}

/// The same as payloads for `chat.postMessage` or a webhook, one JSON object a line: send the first, and the others as
/// replies to it. Nothing in them is unfurled.
pub fn slack_blocks_in(report: &Report, layout: &Layout) -> String {
    let outline = outline::of(report, layout);
    let title: String = outline.title.chars().take(HEADER).collect();
    let header = json!({ "type": "header", "text": { "type": "plain_text", "text": title, "emoji": false } });
    let mut out = String::new();
    let mut header = Some(header);
    for part in parts_of(&outline) {
        for message in filled(&part, SECTION).chunks(MESSAGE / SECTION) {
            let sections = message.iter().map(|parts| section(parts.concat().trim()));
            let blocks: Vec<Value> = header.take().into_iter().chain(sections).collect();
            let payload = json!({
                "text": escaped(&title), "blocks": blocks, "mrkdwn": true, "link_names": false, "parse": "none",
                "unfurl_links": false, "unfurl_media": false,
            });
            out.push_str(&format!("{payload}\n"));
        }
    }
    out
}

/// Parts together, as many as fit; one that alone does not fit is cut.
fn filled(parts: &[String], longest: usize) -> Vec<Vec<String>> {
    let mut out: Vec<Vec<String>> = Vec::new();
    let mut length = longest;
    for piece in parts.iter().flat_map(|part| cut(part, longest)) {
        let more = piece.chars().count();
        if length + more > longest {
            out.push(Vec::new());
            length = 0;
        }
        length += more;
        out.last_mut().into_iter().for_each(|message| message.push(piece.clone()));
    }
    out
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

/// The first message, and all others, each section a part.
fn parts_of(outline: &Outline) -> [Vec<String>; 2] {
    let mut cover = String::new();
    outline.cover.iter().for_each(|block| write(block, &mut cover));
    let mut sections = outline.sections.iter().map(|section| {
        let mut text = format!("\n*{}*\n", escaped(&section.title));
        section.blocks.iter().for_each(|block| write(block, &mut text));
        text
    });
    [[cover].into_iter().chain(sections.next()).collect(), sections.collect()]
}

fn write(block: &Block, out: &mut String) {
    match block {
        Block::Heading { text, .. } => out.push_str(&format!("\n*{}*\n", escaped(text))),
        Block::Paragraph(line) => out.push_str(&format!("{}\n", written(line))),
        Block::House { by, paragraphs } => {
            out.push_str(&format!("> *{}:* ", escaped(by)));
            out.push_str(&paragraphs.iter().map(|text| format!("{}\n", escaped(text))).collect::<Vec<_>>().join("> "));
        }
        Block::List(marker, items) => {
            for (number, line) in (1..).zip(items) {
                let mark = match marker {
                    Marker::Bullet => "•".to_owned(),
                    Marker::Box => "☐".to_owned(),
                    Marker::Number => format!("{number}."),
                };
                out.push_str(&format!("{mark} {}\n", written(line)));
            }
        }
        Block::Table(table) => table.rows.iter().for_each(|row| out.push_str(&format!("• {}\n", cells(row)))),
        Block::Record(Record { id, place, .. }) => out.push_str(&format!("• *{}* {}\n", escaped(id), escaped(place))),
    }
}

/// A row as one line; what is empty is left out.
fn cells(row: &[Vec<Inline>]) -> String {
    row.iter().map(|line| written(line)).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn written(line: &[Inline]) -> String {
    let inline = |inline: &Inline| match inline {
        Inline::Text(text) => escaped(text),
        // Within marks of its own a word cannot be code.
        Inline::Strong(text) => match escaped(text) {
            shown if shown.is_empty() || shown.contains('`') => shown,
            shown => format!("*{shown}*"),
        },
        Inline::Emphasis(text) => format!("_{}_", escaped(text)),
        Inline::Code(text) => ticked(text),
        Inline::Cite(cite) => format!("[{}]", escaped(&cite.label)),
        Inline::Standing(how) => format!("({})", escaped(how)),
        Inline::Anchor(_) => String::new(),
    };
    line.iter().map(inline).collect()
}

/// Pieces of at most so many characters: between lines where that is possible, else between words, else anywhere but
/// within `&amp;` and its like.
fn cut(text: &str, longest: usize) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::new();
    let mut length = 0;
    for line in text.split_inclusive('\n').flat_map(|line| broken(line, longest)) {
        let more = line.chars().count();
        if length + more > longest {
            pieces.push(std::mem::take(&mut piece));
            length = 0;
        }
        length += more;
        piece.push_str(line);
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

fn broken(mut line: &str, longest: usize) -> Vec<&str> {
    let mut out = Vec::new();
    while let Some((end, _)) = line.char_indices().nth(longest) {
        let head = line.get(..end).unwrap_or_default();
        let safe = head.rfind('&').filter(|at| head.len() - at < 6).unwrap_or(head.len());
        let at = head.rfind(' ').map(|at| at + 1).filter(|at| *at > longest / 2).unwrap_or(safe).max(1);
        out.push(line.get(..at).unwrap_or(head));
        line = line.get(at..).unwrap_or_default();
    }
    out.push(line);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hold_everything_and_no_more_than_they_may() {
        let text = format!("{}\n{}\nend", "word ".repeat(30), "x&amp;".repeat(20));
        let pieces = cut(&text, 40);
        assert!(pieces.iter().all(|piece| piece.chars().count() <= 40), "{pieces:?}");
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(bare(&pieces.concat()), bare(&text));
        assert!(pieces.iter().all(|piece| piece.matches('&').count() == piece.matches("&amp;").count()), "{pieces:?}");
    }
}

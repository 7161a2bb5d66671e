//! Lines of logs that people paste into a chat: those within code blocks (``` ... ```), snippets, preformatted text.
//!
//! They become records of the format that knows them, with the place of the line within the message, and say that they
//! came by way of a chat; what such a quote must not do is said in [`super::carried`]. The message keeps its whole text.
//! It must never take prose, commands or settings for a log. What breaks it: a block whose lines were wrapped by hand.

use evidence::RecordRef;

use super::carried::{Carried, Outer, is_known};
use super::json::El;
use super::json_text::unescape;
use crate::formats::Formats;

const FENCE: &str = "```";
/// Pairs of tags around preformatted text.
const TAGS: [(&str, &str); 2] = [("<pre", "</pre>"), ("<codeblock", "</codeblock>")];
/// What ends a line within them, besides a line end.
const BREAKS: [&str; 5] = ["<br>", "<br/>", "<br />", "</p>", "</div>"];
/// Lines of one message that are looked at.
const LINES: usize = 2_000;

/// The quoted lines in the code blocks of a text value; `unmark` undoes the chat's markup.
pub fn in_fences(text: El<'_>, unmark: fn(&str) -> String, carried: &mut Vec<Carried>) {
    let raw = text.raw();
    if !text.is_string() || text.is_open() || !raw.contains(FENCE) {
        return;
    }
    let inner = raw.get(1..raw.len() - 1).unwrap_or_default();
    let mut at = 1;
    for (n, part) in inner.split(FENCE).enumerate() {
        if n % 2 == 1 {
            lines_of(text, at, part, unmark, carried);
        }
        at += part.len() + FENCE.len();
    }
}

/// The quoted lines between the tags of HTML that hold code.
pub fn in_tags(text: El<'_>, unmark: fn(&str) -> String, carried: &mut Vec<Carried>) {
    let raw = text.raw();
    for (open, close) in TAGS.iter().filter(|_| text.is_string() && !text.is_open()) {
        let mut at = 0;
        while let Some(from) = raw[at..].find(open).map(|i| at + i) {
            let Some(end) = raw[from..].find(close).map(|i| from + i) else { break };
            let mut begin = raw[from..end].find('>').map_or(end, |i| from + i + 1);
            at = end + close.len();
            if raw[begin..end].starts_with("<code") {
                begin += raw[begin..end].find('>').map_or(0, |i| i + 1);
            }
            lines_of(text, begin, raw[begin..end].trim_end_matches("</code>"), unmark, carried);
        }
    }
}

/// The quoted lines of a text value that is a block as a whole.
pub fn in_block(text: El<'_>, unmark: fn(&str) -> String, carried: &mut Vec<Carried>) {
    let raw = text.raw();
    if text.is_string() && !text.is_open() && raw.len() > 2 {
        lines_of(text, 1, &raw[1..raw.len() - 1], unmark, carried);
    }
}

/// The quoted lines between lines that are fences.
pub fn in_lines(lines: &[(RecordRef, String)], carried: &mut Vec<Carried>) {
    let mut block = Vec::new();
    let mut is_within = false;
    for (place, line) in lines.iter().take(LINES) {
        if line.trim_start().starts_with(FENCE) {
            records(&std::mem::take(&mut block), carried);
            is_within = !is_within;
        } else if is_within {
            block.push((*place, line.clone()));
        }
    }
    records(&block, carried);
}

/// Cuts a block (as it stands in JSON, from byte `from` of the value on) at its line ends.
fn lines_of(text: El<'_>, from: usize, block: &str, unmark: fn(&str) -> String, carried: &mut Vec<Carried>) {
    let mut lines = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while lines.len() < LINES {
        let width = line_end(block.get(at..).unwrap_or_default());
        if width > 0 || at >= block.len() {
            let line = unmark(&unescape(block.get(begin..at).unwrap_or_default().as_bytes()));
            if !line.trim().is_empty() {
                lines.push((text.part(from + begin, from + at), line.trim_end().to_string()));
            }
            begin = at + width;
        }
        if at >= block.len() {
            break;
        }
        at = (at + width.max(step(&block[at..]))).min(block.len());
    }
    records(&lines, carried);
}

/// Bytes of the line end that stands here, 0 when none does.
fn line_end(rest: &str) -> usize {
    if rest.starts_with("\\n") {
        return 2;
    }
    BREAKS.iter().find(|b| rest.starts_with(**b)).map_or(0, |b| b.len())
}

/// Bytes of the character or escape that stands here.
fn step(rest: &str) -> usize {
    let mut chars = rest.chars();
    let first = chars.next().map_or(1, char::len_utf8);
    if rest.starts_with('\\') { first + chars.next().map_or(0, char::len_utf8) } else { first }
}

/// Joins the lines of a block to records and keeps those of a log.
fn records(lines: &[(RecordRef, String)], carried: &mut Vec<Carried>) {
    let sample: Vec<&str> = lines.iter().map(|(_, l)| l.as_str()).collect();
    let formats = Formats::load();
    let format = formats.recognise(&sample);
    let mut found: Vec<(RecordRef, String)> = Vec::new();
    for (place, line) in lines {
        match found.last_mut().filter(|_| !formats.is_head(format, line)) {
            Some((whole, words)) => {
                *whole = RecordRef { end: place.end, last_line: place.last_line, ..*whole };
                words.push('\n');
                words.push_str(line);
            }
            None => found.push((*place, line.clone())),
        }
    }
    let quote = || Outer { is_quote: true, ..Outer::default() };
    let known = found.into_iter().filter(|(place, words)| is_known(words, *place));
    carried.extend(known.map(|(place, words)| Carried::new(place, words, quote())));
}

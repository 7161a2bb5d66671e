//! The words of a message of Teams, Discord and other chats: its text, the cards and embeds of bots, names of files.
//!
//! It must never know who said it or when. What breaks it: a card that draws its words as an image.

use evidence::RecordRef;

use super::carried::Carried;
use super::html;
use super::json::{Doc, El};
use super::pasted;

const TEXTS: [&str; 7] = ["body.content", "content.body", "content", "text", "message", "body", "msg"];
/// Members of cards that hold words, in the order in which a reader sees them.
const CARD_WORDS: [&str; 7] = ["title", "activityTitle", "activitySubtitle", "text", "subtitle", "summary", "description"];

/// All that it says; empty when it says nothing.
pub fn words(element: El<'_>) -> String {
    let subject = element.first(&["subject"]).filter(|_| element.has("body"));
    let own = own_text(element).and_then(El::text).or_else(|| in_pieces(element)).unwrap_or_default();
    let own = if is_html(element, &own) { html::text(&own) } else { own };
    let embeds = element.list("embeds").map(|e| embed(e, 0));
    let attached = element.list("attachments").map(attachment);
    let parts = subject.into_iter().chain([own]).chain(embeds).chain(attached);
    parts.filter(|p| !p.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// The lines of logs that it quotes.
pub fn quotes(element: El<'_>, carried: &mut Vec<Carried>) {
    let Some(text) = own_text(element).filter(|_| !element.is_open()) else { return };
    if is_html(element, &text.text().unwrap_or_default()) {
        pasted::in_tags(text, html::text, carried);
    } else {
        pasted::in_fences(text, str::to_string, carried);
    }
}

fn own_text(element: El<'_>) -> Option<El<'_>> {
    let texts = TEXTS.iter().filter_map(|k| element.dig(k));
    texts.filter(|t| t.is_string()).find(|t| t.text().is_some_and(|t| !t.trim().is_empty()))
}

/// A text that is a list: plain words, and pieces with their kind.
fn in_pieces(element: El<'_>) -> Option<String> {
    let pieces = element.get("text").filter(|t| t.is_array())?.items();
    Some(pieces.map(|piece| if piece.is_string() { piece.text().unwrap_or_default() } else { piece.word("text") }).collect())
}

fn is_html(element: El<'_>, text: &str) -> bool {
    let kind =
        element.first(&["body.contentType", "messagetype", "contentType", "content_type"]).unwrap_or_default().to_lowercase();
    kind.contains("html") || kind.contains("richtext") && html::is_html(text)
}

/// A card as JSON within a text, an embed, or a file.
fn attachment(element: El<'_>) -> String {
    if let Some(content) = element.get("content").and_then(El::text).filter(|c| c.trim_start().starts_with('{')) {
        let place = RecordRef { line: 1, last_line: 1, ..element.place() };
        let doc = Doc::read_at(place, content.as_bytes(), content.len() - content.trim_start().len());
        return doc.iter().flat_map(Doc::elements).map(|e| embed(e, 0)).collect::<Vec<_>>().join("\n");
    }
    let told = embed(element, 0);
    match element.first(&["name", "fileName", "filename"]).filter(|_| told.is_empty()) {
        Some(name) => format!("[file: {name}]"),
        None => told,
    }
}

/// The words of an embed or a card with those of its parts.
fn embed(element: El<'_>, depth: usize) -> String {
    if depth > 8 {
        return String::new();
    }
    let mut parts: Vec<String> = CARD_WORDS.iter().filter_map(|k| element.get(k)?.text()).collect();
    if let (Some(name), Some(value)) = (element.first(&["name", "title"]), element.first(&["value"])) {
        parts = vec![format!("{name}: {value}")];
    }
    for key in ["fields", "facts", "sections", "body", "items", "columns"] {
        parts.extend(element.list(key).map(|e| embed(e, depth + 1)));
    }
    let mut seen: Vec<String> = Vec::new();
    for part in parts.into_iter().filter(|p| !p.trim().is_empty()) {
        let part = if html::is_html(&part) { html::text(&part) } else { part };
        if !seen.contains(&part) {
            seen.push(part);
        }
    }
    seen.join("\n")
}

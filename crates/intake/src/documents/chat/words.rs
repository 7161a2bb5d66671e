//! The words of a pasted message, without what the page shows around them.
//!
//! It must never drop a line that somebody wrote. What breaks it: a message that ends in the same words as the page.

use evidence::{Body, Event, Message};

use super::heads::Head;
use super::local;
use crate::documents::page::Page;

pub fn message(page: &Page<'_>, start: usize, end: usize, head: &Head, channel: Option<String>) -> Event {
    let last = page.last_full(start, end);
    let below: Vec<String> = (start + head.lines..=last).map(|i| page.line(i).trim_end().to_string()).collect();
    let (below, reactions) = without_marks(below);
    let first = Some(head.text.clone()).filter(|t| !t.is_empty());
    let text = first.into_iter().chain(below).collect::<Vec<_>>().join("\n");
    let (text, is_marked) = local::words(&text);
    let edited = is_marked || text.ends_with("(edited)");
    let body = Message {
        channel,
        author: head.author.clone(),
        is_bot: head.is_bot,
        text: text.trim_end_matches("(edited)").trim().to_string(),
        edited,
        reactions,
        ..Message::default()
    };
    Event { place: page.place(start, last.max(start)), stamp: head.stamp, body: Body::Message(body) }
}

/// Takes what the chat's own page shows below a message off its words: reactions (`:eyes:` above a count), the number of
/// replies.
fn without_marks(mut lines: Vec<String>) -> (Vec<String>, Vec<(String, u32)>) {
    let is_thread = |l: &str| {
        let mut words = l.split(' ');
        words.next().is_some_and(|n| n.parse::<u32>().is_ok()) && words.next().is_some_and(|w| w == "replies" || w == "reply")
    };
    let mut reactions = Vec::new();
    while let Some(last) = lines.last().map(|l| l.trim().to_string()) {
        let emoji = lines.iter().rev().nth(1).map(|l| l.trim()).filter(|l| l.len() > 2 && l.starts_with(':') && l.ends_with(':'));
        if let (Some(emoji), Ok(count)) = (emoji, last.parse::<u32>()) {
            reactions.insert(0, (emoji.trim_matches(':').to_string(), count));
            lines.truncate(lines.len() - 2);
        } else if last.is_empty() || is_thread(&last) || last == "View thread" {
            lines.pop();
        } else {
            break;
        }
    }
    (lines, reactions)
}

//! Chats that were saved or copied as HTML: Teams, Telegram, Discord, Mattermost and pages of their kind.
//!
//! A message is told by the classes of its elements: an author, a time, and words. It must never read other pages: a text
//! is a chat only when authors, times and words come in turn. What breaks it: a page whose classes are numbered.

use evidence::{Body, Event, Message, RecordRef, Stamp};

use super::page::Page;
use super::{Document, chat, html, when};

/// Classes by which pages call an author, a time and words.
const AUTHORS: [&str; 12] = [
    "author",
    "sender",
    "from_name",
    "from-name",
    "username",
    "user-name",
    "display-name",
    "displayname",
    "message-author",
    "message_sender",
    "message__author",
    "chatlog__author",
];
const TIMES: [&str; 9] = [
    "timestamp",
    "time",
    "date",
    "datetime",
    "message-time",
    "message-timestamp",
    "message__timestamp",
    "chatlog__timestamp",
    "post__time",
];
const WORDS: [&str; 9] = [
    "content",
    "text",
    "body",
    "message-body",
    "message-content",
    "message-text",
    "message_body",
    "message__content",
    "chatlog__content",
];

/// Reads such a page; `None` when the text is none.
pub fn read(page: &Page<'_>, bytes: &[u8]) -> Option<Document> {
    let text = std::str::from_utf8(bytes).ok().filter(|_| is_likely(page))?;
    let month_first = chat::month_first(page);
    let mut document = Document { format: "chat_html".into(), ..Document::default() };
    let (mut author, mut stamp, mut from) = (None, None, 0);
    for part in parts(text) {
        match part.role {
            Role::Author => (author, from) = (Some(part.text), part.from),
            Role::Time => {
                stamp = time(&part.text, month_first);
                from = if author.is_none() { part.from } else { from };
            }
            Role::Words => {
                let Some((who, at)) = author.clone().zip(stamp) else { continue };
                let place = place(bytes, page, from.max(last_end(&document)), part.to);
                let body = Message { author: who, text: part.text, ..Message::default() };
                document.events.push(Event { place, stamp: Some(at), body: Body::Message(body) });
                from = part.to;
            }
        }
    }
    document.records = document.events.len() as u64;
    (document.events.len() >= 2).then_some(document)
}

/// Whether a text is a page of HTML with elements of a chat.
pub fn is_likely(page: &Page<'_>) -> bool {
    let head = page.line((0..page.len().min(20)).find(|i| !page.is_blank(*i)).unwrap_or(0)).trim_start().to_lowercase();
    if !["<!doctype html", "<html", "<div", "<body", "<meta"].iter().any(|tag| head.starts_with(tag)) {
        return false;
    }
    let text: String = (0..page.len().min(400)).map(|i| page.line(i).into_owned() + "\n").collect();
    let lower = text.to_lowercase();
    let says =
        ["class=\"message", "class=\"chat", "message\"", "message-", "message_", "chatlog"].iter().any(|c| lower.contains(c));
    let found: Vec<Role> = if says { parts(&text).into_iter().map(|p| p.role).collect() } else { Vec::new() };
    [Role::Author, Role::Time, Role::Words].iter().all(|role| found.contains(role))
}

fn last_end(document: &Document) -> usize {
    document.events.last().map_or(0, |e| e.place.end as usize)
}

fn place(bytes: &[u8], page: &Page<'_>, from: usize, to: usize) -> RecordRef {
    let line = |at: usize| memchr::memchr_iter(b'\n', &bytes[..at]).count();
    let lines = page.place(line(from), line(to.saturating_sub(1)));
    RecordRef { start: from as u64, end: to as u64, ..lines }
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Author,
    Time,
    Words,
}

/// An element that is part of a message: from the first byte of its tag to the last of its closing one.
struct Part {
    role: Role,
    text: String,
    from: usize,
    to: usize,
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(from) = text.get(at..).and_then(|rest| rest.find('<')).map(|i| at + i) {
        let Some(end) = text[from..].find('>').map(|i| from + i) else { break };
        at = end + 1;
        let tag = &text[from + 1..end];
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        let Some(role) = role(name, tag) else { continue };
        let Some((inner, to)) = closing(text, name, end + 1) else { continue };
        // What holds the author and the time as well is the whole message.
        if role == Role::Words && holds_head(&text[end + 1..inner]) {
            continue;
        }
        let stated = ["datetime", "title"].iter().find_map(|key| html::attribute(tag, key)).filter(|_| role == Role::Time);
        let told = html::text(&text[end + 1..inner]);
        let told = stated.filter(|t| time(t, false).is_some()).unwrap_or(told);
        if !told.trim().is_empty() {
            parts.push(Part { role, text: told.trim().to_string(), from, to });
            at = to;
        }
    }
    parts
}

fn holds_head(inner: &str) -> bool {
    let tags = inner.match_indices('<').filter_map(|(at, _)| inner[at + 1..].split_once('>').map(|(tag, _)| tag));
    let roles = tags.filter_map(|tag| role(tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default(), tag));
    roles.into_iter().any(|role| role != Role::Words)
}

fn role(name: &str, tag: &str) -> Option<Role> {
    if name == "time" {
        return Some(Role::Time);
    }
    let classes = html::attribute(tag, "class")?;
    let is = |names: &[&str]| classes.split(' ').any(|class| names.contains(&class));
    if is(&AUTHORS) {
        Some(Role::Author)
    } else if is(&TIMES) {
        Some(Role::Time)
    } else {
        // So Telegram marks dates and who joined.
        (is(&WORDS) && !is(&["details"])).then_some(Role::Words)
    }
}

/// Where the content of an element ends, and where its closing tag does.
fn closing(text: &str, name: &str, from: usize) -> Option<(usize, usize)> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let (mut at, mut depth) = (from, 1);
    loop {
        let end = at + text.get(at..)?.find(&close)?;
        let opened = text[at..end].matches(&open).count();
        depth = depth + opened - 1;
        at = end + close.len();
        if depth == 0 {
            return Some((end, at));
        }
    }
}

fn time(text: &str, month_first: bool) -> Option<Stamp> {
    let text = text.trim();
    when::clock(text).or_else(|| when::numeric(text, month_first)).or_else(|| when::read(text)).or_else(|| with_zone(text))
}

/// `18.03.2025 14:51:10 UTC+01:00`.
fn with_zone(text: &str) -> Option<Stamp> {
    let (time, zone) = text.rsplit_once(' ')?;
    Some(super::zones::at(when::numeric(time, false)?, super::zones::abbreviated(zone)?, None))
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn authors_times_and_words_in_turn() {
        let teams = |who: &str, at: &str, words: &str| {
            format!(
                "<div class=\"message\"><div class=\"header\"><span class=\"author\">{who}</span> <span class=\"timestamp\">{at}</span></div><div class=\"content\"><p>{words}</p></div></div>\n"
            )
        };
        let telegram = |who: &str, at: &str, words: &str| {
            format!(
                "<div class=\"message default\"><div class=\"pull_right date details\" title=\"{at}\">x</div><div class=\"from_name\">{who}</div><div class=\"text\">{words}</div></div>\n"
            )
        };
        let pages = [
            teams("Ann Lee", "1/13/2025 1:51:10 PM", "we are down") + &teams("Bo", "1/13/2025 1:52:10 PM", "it is <b>DNS</b>"),
            telegram("Ann Lee", "13.01.2025 14:51:10 UTC+01:00", "we are down")
                + &telegram("Bo", "13.01.2025 14:52:10 UTC+01:00", "it is DNS"),
        ];
        for page in pages {
            let text = format!("<html><body>\n{page}</body></html>\n");
            assert!(sniff("c.html", text.as_bytes(), true));
            let document = read_whole("c.html", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a chat");
            let said: Vec<_> = document
                .events
                .iter()
                .map(|e| match &e.body {
                    Body::Message(m) => (m.author.as_str(), m.text.as_str(), e.stamp.map(|s| s.micros / 1_000_000), e.place.line),
                    other => panic!("{other:?}"),
                })
                .collect();
            let expected = [("Ann Lee", "we are down", Some(1_736_776_270), 2), ("Bo", "it is DNS", Some(1_736_776_330), 3)];
            assert_eq!(said, expected);
        }
    }

    #[test]
    fn a_page_of_telegram_as_it_is_saved() {
        let one = |head: &str, at: &str, words: &str| {
            format!(
                "  <div class=\"message default clearfix\">\n   <div class=\"body\">\n    <div class=\"pull_right date details\" title=\"{at}\">\n14:51\n    </div>\n{head}    <div class=\"text\">\n{words}\n    </div>\n   </div>\n  </div>\n"
            )
        };
        let service = "  <div class=\"message service\">\n   <div class=\"body details\">\nBo joined\n   </div>\n  </div>\n";
        let ann = "    <div class=\"from_name\">\nAnn Lee\n    </div>\n";
        let text = format!(
            "<!DOCTYPE html>\n<html>\n <body>\n{}{service}{}</body>\n</html>\n",
            one(ann, "13.01.2025 14:51:10 UTC+01:00", "we are down"),
            one("", "13.01.2025 14:52:10 UTC+01:00", "5xx everywhere")
        );
        let document = read_whole("messages.html", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a chat");
        let said: Vec<_> = document
            .events
            .iter()
            .map(|e| match &e.body {
                Body::Message(m) => (m.author.as_str(), m.text.as_str(), e.stamp.map(|s| s.micros / 1_000_000)),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [("Ann Lee", "we are down", Some(1_736_776_270)), ("Ann Lee", "5xx everywhere", Some(1_736_776_330))];
        assert_eq!(said, expected);
    }

    #[test]
    fn other_pages_are_no_chat() {
        for text in [
            "<html><body><p class=\"content\">The deploy of 14:07</p></body></html>\n",
            "<html><div class=\"author\">Ann</div><time>2025-01-01</time><div class=\"content\">A post</div><div class=\"author\">Bo</div><time>2025-01-02</time><div class=\"content\">One more</div></html>\n",
            "<!DOCTYPE html>\n<div class=\"author\">Ann</div><time>2025-01-01</time><div class=\"content\">A post</div>\n",
        ] {
            let document = read_whole("c.html", SourceId { input: 0, entry: 0 }, text.as_bytes());
            assert!(document.is_none_or(|d| d.format != "chat_html"), "{text}");
        }
    }
}

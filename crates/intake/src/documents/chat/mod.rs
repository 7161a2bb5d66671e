//! Pasted chat: what people copy out of Slack, Teams, Discord, WhatsApp, a call or IRC.
//!
//! Two shapes: a line with a name and a time above the words, and a time, a name and the words on one line. The second is
//! the shape of many logs, so a text is chat only when enough of its lines read like prose by several people. It must
//! never guess a date: a time of day without one stays a time of day.

mod days;
mod heads;
mod local;
mod names;
mod words;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use evidence::Basis;
use expressions::Expression;

use super::page::Page;
use super::{Document, pasted, zones};
use days::Days;
use heads::{Habits, Head, further, head, is_notice, is_of_irc, is_tabbed, leads_with_time};
pub use names::names_level;

/// Lines that decide whether a text is chat.
const LOOK: usize = 400;
/// Parts of the names of files that hold chat.
const HINTS: [&str; 13] = [
    "chat",
    "slack",
    "irc",
    "teams",
    "discord",
    "whatsapp",
    "telegram",
    "warroom",
    "war-room",
    "war_room",
    "paste",
    "conversation",
    "copy",
];

/// Reads a pasted chat; `None` when the text is none.
pub fn read(page: &Page<'_>, name: &str) -> Option<Document> {
    let habits = habits(page, name);
    if !is_chat(page, name, habits) {
        return None;
    }
    let (before, mut heads) = heads_of(page, habits);
    let mut document = Document { format: "chat".into(), ..Document::default() };
    document.texts.extend((0..before).filter_map(|i| page.record(i)));
    // What the client writes when a log begins is no message either.
    let begins = heads.iter().take_while(|(_, head)| head.author.is_empty()).map(|(index, _)| page.line(*index).into_owned());
    let begins: Vec<String> = begins.collect();
    let notes = || document.texts.iter().map(|(_, note)| note.as_str()).chain(begins.iter().map(String::as_str));
    let channel = document.texts.iter().find_map(|(_, note)| channel(note));
    if let Some(zone) = notes().find_map(zones::stated) {
        let day = notes().find_map(zones::date_in);
        heads.iter_mut().for_each(|(_, head)| head.stamp = head.stamp.map(|stamp| zones::at(stamp, zone, day)));
    }
    if counts_from_zero(page, &heads) {
        heads.iter_mut().for_each(|(_, head)| head.stamp = head.stamp.filter(|stamp| stamp.basis != Basis::ClockOnly));
    }
    for (n, (index, head)) in heads.iter().enumerate() {
        let end = heads.get(n + 1).map_or(page.len(), |h| h.0);
        if head.author.is_empty() {
            document.texts.extend((*index..end).filter_map(|i| page.record(i)));
        } else {
            let lines: Vec<_> = (index + head.lines..end).filter_map(|i| page.record(i)).collect();
            pasted::in_lines(&lines, &mut document.carried);
            document.events.push(words::message(page, *index, end, head, channel.clone()));
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether the beginning of a text reads like chat.
pub fn is_likely(page: &Page<'_>, name: &str) -> bool {
    is_chat(page, name, habits(page, name))
}

/// How many lines stand before all messages, and where each message begins. A head without author begins what is no
/// message: a date, a notice, the frame of an export.
fn heads_of(page: &Page<'_>, habits: Habits) -> (usize, Vec<(usize, Head)>) {
    let mut heads: Vec<(usize, Head)> = Vec::new();
    let mut days = Days::default();
    let mut is_code = false;
    for index in 0..page.len() {
        let line = page.line(index);
        is_code ^= line.trim_start().starts_with("```");
        let is_frame = !is_code && (is_rule(&line) || is_notice(&line, habits)) && !heads.is_empty();
        if is_frame {
            heads.push((index, Head::default()));
        } else if let Some(head) =
            head(page, index, habits).or_else(|| further(page, index, heads.last())).filter(|_| !is_second(index, heads.last()))
        {
            heads.push((index, Head { stamp: days.place(head.stamp), ..head }));
        } else if days.turn(&line) {
            heads.push((index, Head::default()));
        }
    }
    (heads.first().map_or(page.len(), |(index, _)| *index), heads)
}

/// The transcript of a call counts from its beginning (`Ann Lee  0:03`): those are no times of a day, which no clock of 24 hours
/// writes so.
fn counts_from_zero(page: &Page<'_>, heads: &[(usize, Head)]) -> bool {
    let first = heads.iter().find(|(_, head)| !head.author.is_empty()).filter(|(_, head)| !head.is_inline && !head.is_halved);
    first.is_some_and(|(index, _)| {
        let line = page.line(*index);
        let clock = line.trim_end().rsplit([' ', '\t']).next().unwrap_or_default();
        clock.len() == 4 && clock.starts_with("0:")
    })
}

/// A line that the head of a message takes for itself.
fn is_second(index: usize, before: Option<&(usize, Head)>) -> bool {
    before.is_some_and(|(at, head)| index < at + head.lines)
}

/// The rule with which an export frames its messages.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 30 && line.bytes().all(|b| b == b'=')
}

fn habits(page: &Page<'_>, name: &str) -> Habits {
    let is_named = ["irc", "weechat", "irssi"].iter().any(|hint| name.to_lowercase().contains(hint));
    let is_irc = is_named || (0..page.len().min(LOOK)).any(|i| is_of_irc(&page.line(i)));
    let is_tabbed = (0..page.len().min(LOOK)).filter(|i| is_tabbed(&page.line(*i))).count() >= 2;
    let phone = local::phone(page);
    Habits { month_first: month_first(page), is_irc, is_tabbed, phone }
}

fn is_chat(page: &Page<'_>, name: &str, habits: Habits) -> bool {
    let (mut above, mut inline, mut prose, mut levels, mut full) = (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    let mut authors = BTreeSet::new();
    for index in (0..page.len().min(LOOK)).filter(|i| !page.is_blank(*i)) {
        full += 1;
        let Some(head) = head(page, index, habits) else { continue };
        if head.is_inline {
            inline += 1;
            let is_dense = habits.is_tabbed || habits.phone.is_some();
            prose += usize::from(is_prose(&head.text) || is_dense && is_east_asian(&head.text));
            levels += usize::from(names_level(head.text.split_whitespace().next().unwrap_or("")));
        } else {
            // A name stands above words, and not above the next one.
            above += usize::from(!leads_with_time(&page.line(index + head.lines), habits));
        }
        authors.insert(head.author);
    }
    let lower = name.to_lowercase();
    let is_named = HINTS.iter().any(|h| lower.contains(h));
    let is_above = above >= 2 && above * 8 >= full && above >= inline;
    let enough = if is_named { 6 } else { 3 };
    let is_log = levels * 2 >= inline.max(1);
    // What an app saves needs no words that are known here, and messages of several lines.
    let is_saved = habits.phone.is_some_and(|phone| is_named || phone.is_marked);
    let is_talk = if is_saved { inline * 6 >= full } else { inline * 2 >= full && prose * enough >= inline };
    let is_inline = !is_log && inline >= 2 && is_talk && (authors.len() >= 2 || is_named);
    (is_above || is_inline) && authors.len() * 2 <= (above + inline).max(6) + 4
}

/// Written in kana, Chinese characters or Hangul, whose words no blanks part.
fn is_east_asian(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'))
}

/// Words that people write to each other and programs rarely do.
fn is_prose(text: &str) -> bool {
    let cues = [
        "i", "we", "you", "it", "the", "is", "not", "so", "that", "this", "on", "my", "me", "can", "still", "back", "now", "ack",
        "looking", "ich", "wir", "das", "ist", "nicht", "je", "nous", "est", "yo", "no", "yes", "ok", "le", "la", "el", "und",
        "eu", "não", "nao", "está", "vou", "já", "aqui", "obrigado", "estoy", "ahora", "gracias", "les", "pas", "los", "que",
        "uma", "che", "non", "sono", "ik", "het", "niet", "een", "jag", "jeg", "vi", "och", "og", "är", "inte", "ikke", "det",
        "nie", "jest", "się", "że", "już",
    ];
    let pairs = text.split(' ').filter(|w| w.contains('=')).count();
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty());
    let found = words.filter(|w| cues.contains(&w.to_lowercase().as_str())).count();
    pairs < 2 && (found > 0 || text.ends_with('?'))
}

/// Whether dates such as 11/14/2025 put the month first: decided by a part above 12, else by the use of AM and PM.
pub fn month_first(page: &Page<'_>) -> bool {
    static DATE: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"\b(\d{1,2})/(\d{1,2})(?:/\d{2,4}\b|,? \d{1,2}:\d{2})(.{0,24})").ok());
    // Right behind the time: a name that begins so comes later.
    static HALF: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"^[\s,:.\d\u{a0}\u{202f}]*[AaPp]\.?\s?[Mm]\b").ok());
    let mut has_half = false;
    for index in 0..page.len().min(LOOK) {
        let line = page.line(index);
        let Some(found) = DATE.as_ref().and_then(|d| d.captures(&line)) else { continue };
        if found[1].parse().is_ok_and(|n: u8| n > 12) {
            return false;
        }
        if found[2].parse().is_ok_and(|n: u8| n > 12) {
            return true;
        }
        has_half |= HALF.as_ref().is_some_and(|half| half.is_match(&found[3]));
    }
    has_half
}

/// The first `#channel` of a note.
fn channel(note: &str) -> Option<String> {
    let word = note.split([' ', ',', ';', ')', '.']).find(|w| w.starts_with('#') && w.len() > 2)?;
    let name = word.trim_start_matches('#').trim_end_matches(':');
    name.starts_with(|c: char| c.is_alphabetic()).then(|| name.to_string())
}

#[cfg(test)]
mod tests;

//! Pasted chat: what people copy out of Slack, Teams, Discord, WhatsApp or IRC.
//!
//! Two shapes: a line with a name and a time above the words, and a time, a name and the words on one line. The second is
//! the shape of many logs, so a text is chat only when enough of its lines read like prose by several people. It must
//! never guess a date: a time of day without one stays a time of day.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use evidence::{Basis, Body, Event, Level, Message, Stamp};
use regex::Regex;

use super::page::Page;
use super::{Document, pasted, when};

/// Lines that decide whether a text is chat.
const LOOK: usize = 400;

/// Reads a pasted chat; `None` when the text is none.
pub fn read(page: &Page<'_>, name: &str) -> Option<Document> {
    let order = Order { month_first: month_first(page) };
    if !is_chat(page, name, order) {
        return None;
    }
    let mut heads: Vec<(usize, Head)> = Vec::new();
    let mut document = Document { format: "chat".into(), ..Document::default() };
    let mut date = None;
    for index in 0..page.len() {
        if let Some(mut head) = head(page, index, order) {
            head.stamp = on_date(head.stamp, date);
            heads.push((index, head));
        } else if let Some(head) = further(page, index, heads.last()) {
            heads.push((index, Head { stamp: on_date(head.stamp, date), ..head }));
        } else if let Some(day) = date_line(&page.line(index)) {
            date = Some(day);
            heads.push((index, Head::default()));
        } else if heads.is_empty() {
            document.texts.extend(page.record(index));
        }
    }
    let channel = document.texts.iter().find_map(|(_, t)| channel(t));
    for (n, (index, head)) in heads.iter().enumerate() {
        let end = heads.get(n + 1).map_or(page.len(), |h| h.0);
        if head.author.is_empty() {
            document.texts.extend(page.record(*index));
        } else {
            let lines: Vec<_> = (index + head.lines..end).filter_map(|i| page.record(i)).collect();
            pasted::in_lines(&lines, &mut document.carried);
            document.events.push(message(page, *index, end, head, channel.clone()));
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// A time alone on a line: the page shows only that above a further message of the same author.
fn further(page: &Page<'_>, index: usize, before: Option<&(usize, Head)>) -> Option<Head> {
    let (_, before) = before.filter(|(at, h)| !h.is_inline && !h.author.is_empty() && index > at + h.lines)?;
    let line = page.line(index);
    let stamp = when::clock(line.trim().trim_start_matches('[').trim_end_matches(']'))?;
    let is_followed = page.line(index + 1).chars().any(char::is_alphabetic);
    is_followed.then(|| Head {
        author: before.author.clone(),
        is_bot: before.is_bot,
        stamp: Some(stamp),
        lines: 1,
        ..Head::default()
    })
}

/// Whether the beginning of a text reads like chat.
pub fn is_likely(page: &Page<'_>, name: &str) -> bool {
    is_chat(page, name, Order { month_first: month_first(page) })
}

#[derive(Clone, Copy)]
struct Order {
    month_first: bool,
}

/// What the first line of a message says.
#[derive(Default)]
struct Head {
    author: String,
    is_bot: bool,
    stamp: Option<Stamp>,
    /// Words on the same line.
    text: String,
    /// Lines that the head takes.
    lines: usize,
    /// The words follow on the same line, as in many logs.
    is_inline: bool,
}

fn is_chat(page: &Page<'_>, name: &str, order: Order) -> bool {
    let (mut above, mut inline, mut prose, mut levels, mut full) = (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    let mut authors = BTreeSet::new();
    for index in (0..page.len().min(LOOK)).filter(|i| !page.is_blank(*i)) {
        full += 1;
        let Some(head) = head(page, index, order) else { continue };
        if head.is_inline {
            inline += 1;
            prose += usize::from(is_prose(&head.text));
            levels += usize::from(names_level(head.text.split_whitespace().next().unwrap_or("")));
        } else {
            // A name stands above words, and not above the next one.
            above += usize::from(!leads_with_time(&page.line(index + head.lines), order));
        }
        authors.insert(head.author);
    }
    let hints = [
        "chat",
        "slack",
        "irc",
        "teams",
        "discord",
        "whatsapp",
        "warroom",
        "war-room",
        "war_room",
        "paste",
        "conversation",
        "copy",
    ];
    let lower = name.to_lowercase();
    let is_named = hints.iter().any(|h| lower.contains(h));
    let is_above = above >= 2 && above * 8 >= full && above >= inline;
    let enough = if is_named { 6 } else { 3 };
    let is_log = levels * 2 >= inline.max(1);
    let is_inline = !is_log && inline >= 2 && inline * 2 >= full && prose * enough >= inline && (authors.len() >= 2 || is_named);
    (is_above || is_inline) && authors.len() * 2 <= (above + inline).max(6) + 4
}

/// A word in capitals that programs call a level by: nobody is called that, and nobody begins what he says with it.
fn names_level(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| word.len() >= 3 && word.bytes().all(|b| b.is_ascii_uppercase()) && Level::from_word(word).is_some())
}

/// Words that people write to each other and programs rarely do.
fn is_prose(text: &str) -> bool {
    let cues = [
        "i", "we", "you", "it", "the", "is", "not", "so", "that", "this", "on", "my", "me", "can", "still", "back", "now", "ack",
        "looking", "ich", "wir", "das", "ist", "nicht", "je", "nous", "est", "yo", "no", "yes", "ok", "le", "la", "el", "und",
    ];
    let pairs = text.split(' ').filter(|w| w.contains('=')).count();
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty());
    let found = words.filter(|w| cues.contains(&w.to_lowercase().as_str())).count();
    pairs < 2 && (found > 0 || text.ends_with('?'))
}

fn head(page: &Page<'_>, index: usize, order: Order) -> Option<Head> {
    let line = page.line(index);
    if line.len() > 4_000 || line.trim().is_empty() || is_of_a_kernel(&line) {
        return None;
    }
    let marked = inline_head(&line, order).or_else(|| above_head(&line, order)).or_else(|| split_head(page, index, order));
    marked.or_else(|| bracketed_head(page, index, order)).or_else(|| bare_head(page, index, order))
}

/// `[Tue Jan  9 11:22:37 2024] Out of memory: …`: `dmesg -T` writes times so, and no chat does.
fn is_of_a_kernel(line: &str) -> bool {
    let bytes = line.as_bytes();
    let is_word = |at: usize| bytes.get(at..at + 3).is_some_and(|word| word.iter().all(u8::is_ascii_alphabetic));
    let is_year = |bytes: &[u8]| bytes.len() == 4 && bytes.iter().all(u8::is_ascii_digit);
    bytes.first() == Some(&b'[')
        && is_word(1)
        && is_word(5)
        && bytes.get(25) == Some(&b']')
        && bytes.get(21..25).is_some_and(is_year)
}

/// `hana.k  7:34 AM`, `Hana K APP [7:34]`, `hana — Today at 7:34 PM`.
fn above_head(line: &str, order: Order) -> Option<Head> {
    static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let time = r"(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? +)?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?";
        let lead = r"(?:\s{2,}|\s*\t\s*|\s+[—–-]\s+|\s+(?:Today|Yesterday) at\s+|\s+\[|\s+\()";
        Regex::new(&format!(r"^\s?(\S.{{0,58}}?){lead}(?:(?:Today|Yesterday) at\s+)?({time})[\])]?:?\s*$")).ok()
    });
    static HALF: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"^\s?(\S.{0,58}?)(?:,?\s+(?:(?i:today|yesterday),? )?at)?\s+((?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? +)?\d{1,2}:\d{2}(?::\d{2})?\s?[AaPp]\.?[Mm]\.?)\s*$",
        )
        .ok()
    });
    let shape = SHAPE.as_ref()?.captures(line).or_else(|| HALF.as_ref()?.captures(line))?;
    let (author, is_bot) = author(shape.get(1)?.as_str())?;
    let stamp = time(shape.get(2)?.as_str(), order)?;
    Some(Head { author, is_bot, stamp: Some(stamp), lines: 1, ..Head::default() })
}

/// `Ann Lee 14:07` or `Ann at 14:07`: a name and a time of day with nothing to part them, so the name has to look like
/// one and words have to stand below.
fn bare_head(page: &Page<'_>, index: usize, order: Order) -> Option<Head> {
    let line = page.line(index);
    let (name, stamp) = bare_name(&line, order)?;
    let (who, is_bot) = author(name)?;
    let below = page.line(index + 1);
    let is_talk = below.chars().any(char::is_alphabetic) && below.len() < 4_000 && !leads_with_time(&below, order);
    let is_other = bare_name(&below, order).and_then(|(name, _)| author(name.trim())).is_some_and(|(name, _)| is_name(&name));
    let is_followed = is_talk && !is_other && above_head(&below, order).is_none();
    (is_followed && is_name(&who)).then(|| Head { author: who, is_bot, stamp: Some(stamp), lines: 1, ..Head::default() })
}

fn bare_name(line: &str, order: Order) -> Option<(&str, Stamp)> {
    let (name, clock) = line.trim_end().trim_end_matches(':').rsplit_once(' ')?;
    let stamp = time(clock, order).filter(|_| clock.len() <= 8 && clock.contains(':'))?;
    Some((name.trim_end().strip_suffix(" at").unwrap_or(name).trim_end_matches([',', ' ']), stamp))
}

fn leads_with_time(line: &str, order: Order) -> bool {
    let is_in_brackets = || line.trim_start().strip_prefix('[')?.split_once(']').map(|(inner, _)| time(inner, order).is_some());
    leading_time(line.trim_start_matches(['[', '(', ' ']), order).is_some() || is_in_brackets().unwrap_or(false)
}

/// One word as an account has it, or up to three of which each begins with a capital; no word that opens a sentence.
fn is_name(author: &str) -> bool {
    let words: Vec<&str> = author.split(' ').collect();
    let opens = [
        "at",
        "the",
        "on",
        "by",
        "from",
        "since",
        "until",
        "about",
        "around",
        "updated",
        "started",
        "stopped",
        "restarted",
        "deployed",
        "deploy",
        "rollback",
        "restart",
        "resolved",
        "fixed",
        "ended",
        "done",
        "incident",
        "outage",
        "alert",
        "time",
        "start",
        "end",
        "date",
        "total",
    ];
    let is_plain = words.iter().all(|w| w.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '\'' | '’')));
    let is_capital = |w: &&str| w.starts_with(char::is_uppercase);
    let reads = words.len() == 1 && author.chars().count() > 1 || words.len() <= 3 && words.iter().all(is_capital);
    is_plain && reads && !words.iter().any(|w| opens.contains(&w.to_lowercase().as_str()))
}

/// A name on a line and `  7:34 AM` alone on the next.
fn split_head(page: &Page<'_>, index: usize, order: Order) -> Option<Head> {
    let next = page.line(index + 1);
    let next = next.trim().trim_start_matches('[').trim_end_matches(']');
    if !(next.ends_with('M') || next.ends_with('m')) || next.len() > 24 {
        return None;
    }
    let stamp = time(next, order)?;
    let line = page.line(index);
    let (author, is_bot) = author(line.trim())?;
    Some(Head { author, is_bot, stamp: Some(stamp), lines: 2, ..Head::default() })
}

/// `[07:34] name: words`, `07:34 <name> words`, `14/11/2025, 18:40 - name: words`, `2025-03-02 07:34 name: words`.
fn inline_head(line: &str, order: Order) -> Option<Head> {
    let line = line.trim_start_matches(['\u{200e}', '\u{feff}', ' ']);
    let (stamp, rest) = match line.strip_prefix(['[', '(']) {
        Some(inner) => {
            let end = inner.find([']', ')'])?;
            (time(&inner[..end], order)?, &inner[end + 1..])
        }
        None => leading_time(line, order)?,
    };
    let rest = rest.trim_start_matches([' ', '\t', '-', '–', '—', ':', ',']);
    let is_dated = line.starts_with('[') && line.find('/') < line.find(']');
    if is_dated && !rest.contains(':') && line.contains('/') {
        let (author, is_bot) = author(rest)?;
        return Some(Head { author, is_bot, stamp: Some(stamp), lines: 1, ..Head::default() });
    }
    let (name, text) = match rest.strip_prefix('<') {
        Some(inner) => inner.split_once("> ")?,
        None => rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|n| (n, "")))?,
    };
    let (author, is_bot) = author(name)?;
    let text = text.trim_end().to_string();
    Some(Head { author, is_bot, stamp: Some(stamp), text, lines: 1, is_inline: true })
}

/// `[20.05.2025 10:42] Ann Lee`, as a paste from Teams has it: time and name alone on the line. Logs begin so, too, hence the
/// name has to look like one, the time counts no seconds, and words have to stand below.
fn bracketed_head(page: &Page<'_>, index: usize, order: Order) -> Option<Head> {
    const PARTICLES: [&str; 12] = ["van", "von", "der", "den", "de", "da", "di", "do", "dos", "la", "le", "el"];
    let line = page.line(index);
    let (clock, name) = line.trim_start_matches(['\u{200e}', '\u{feff}', ' ']).strip_prefix('[')?.split_once(']')?;
    let stamp = time(clock, order).filter(|_| clock.matches(':').count() == 1)?;
    // `Lee, Ann (Guest)`: how an organisation lists its people, and that somebody is of another one.
    let name = name.split_once(" (").filter(|(_, more)| more.trim_end().ends_with(')')).map_or(name, |(name, _)| name);
    let (author, is_bot) = author(name)?;
    let plain = author.replace(',', "");
    let words: Vec<&str> = plain.split(' ').filter(|w| !PARTICLES.contains(w)).collect();
    let below = (index + 1..page.len()).find(|i| !page.is_blank(*i)).map(|i| page.line(i))?;
    let is_followed = below.chars().any(char::is_alphabetic) && !leads_with_time(&below, order);
    (is_followed && is_name(&words.join(" "))).then(|| Head { author, is_bot, stamp: Some(stamp), lines: 1, ..Head::default() })
}

/// The longest run of words at the front that is a time.
fn leading_time(line: &str, order: Order) -> Option<(Stamp, &str)> {
    if !line.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let ends: Vec<usize> = line.match_indices([' ', '\t']).map(|(i, _)| i).take(4).collect();
    // `ERROR` behind a time is none of its zones.
    let is_time = |end: &usize| !names_level(line[..*end].rsplit(' ').next().unwrap_or(""));
    ends.into_iter()
        .rev()
        .filter(is_time)
        .find_map(|end| Some((time(line[..end].trim_end_matches([',', ':', '-', ' ']), order)?, &line[end..])))
}

fn time(text: &str, order: Order) -> Option<Stamp> {
    let text = text.trim();
    // Programs count seconds; no page shows that to people.
    if text.len() > 8
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && !text.contains("..")
        && text.matches('.').count() < 2
    {
        return None;
    }
    when::clock(text)
        .or_else(|| when::numeric(text, order.month_first))
        .or_else(|| if text.len() >= 10 { when::read(text) } else { None })
}

/// A name of a person or a bot: a few short words without the marks that programs put into theirs.
fn author(text: &str) -> Option<(String, bool)> {
    let text = text.trim().trim_start_matches('@');
    let (text, is_bot) = match text.strip_suffix("APP").or_else(|| text.strip_suffix("BOT")) {
        Some(name) if name.ends_with([' ', '\t']) => (name.trim(), true),
        _ => (text, false),
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let levels = ["INFO", "WARN", "WARNING", "ERROR", "DEBUG", "TRACE", "FATAL", "CRITICAL", "NOTICE", "ERR", "LOG"];
    let is_program = text.contains(['/', '=', '{', '}', '[', ']', '"', ';', '<', '>', '\\', '%', ':', '|'])
        || text.split([' ', '.', '-', '_']).any(|w| levels.contains(&w.to_uppercase().as_str()))
        || words.iter().any(|w| w.len() > 24 || is_code(w))
        || words.len() == 1 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    let starts_well = text.starts_with(|c: char| c.is_alphabetic() || c == '~' || c == '+' || c == '_');
    let is_bot = is_bot
        || words.len() < 3 && ["-bot", "_bot", " bot", ".bot", "[bot]"].iter().any(|end| text.to_lowercase().ends_with(end));
    (!text.is_empty() && words.len() <= 4 && starts_well && !is_program).then(|| (text.to_string(), is_bot))
}

/// `CAUAJM_I_40245`: by such words programs number what they say.
fn is_code(word: &str) -> bool {
    word.contains('_') && word.bytes().any(|b| b.is_ascii_digit()) && !word.chars().any(char::is_lowercase)
}

fn message(page: &Page<'_>, start: usize, end: usize, head: &Head, channel: Option<String>) -> Event {
    let last = page.last_full(start, end);
    let below: Vec<String> = (start + head.lines..=last).map(|i| page.line(i).trim_end().to_string()).collect();
    let (below, reactions) = without_marks(below);
    let first = Some(head.text.clone()).filter(|t| !t.is_empty());
    let text = first.into_iter().chain(below).collect::<Vec<_>>().join("\n");
    let edited = text.ends_with("(edited)");
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

/// A line that is nothing but a date, possibly between dashes: midnight of that day.
fn date_line(line: &str) -> Option<i64> {
    let bare = line.trim().trim_matches(['-', '—', '–', '=', '*', ' ', '[', ']']);
    if bare.len() < 8 || bare.len() > 40 || bare.contains(':') {
        return None;
    }
    let plain: Vec<&str> = bare.split(' ').map(without_ordinal).collect();
    let stamp = when::read(&format!("{} 00:00", plain.join(" ")))?;
    (stamp.basis == Basis::Civil).then_some(stamp.micros)
}

fn without_ordinal(word: &str) -> &str {
    let bare = word.trim_end_matches(',');
    let stripped = ["st", "nd", "rd", "th"].iter().find_map(|s| bare.strip_suffix(s));
    stripped.filter(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit())).unwrap_or(word)
}

fn on_date(stamp: Option<Stamp>, date: Option<i64>) -> Option<Stamp> {
    match (stamp, date) {
        (Some(s), Some(day)) if s.basis == Basis::ClockOnly => {
            Some(Stamp::new(day.saturating_add(s.micros.rem_euclid(86_400_000_000)), Basis::Civil))
        }
        _ => stamp,
    }
}

/// Whether dates such as 11/14/2025 put the month first: decided by a part above 12, else by the use of AM and PM.
fn month_first(page: &Page<'_>) -> bool {
    static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b(\d{1,2})/(\d{1,2})/\d{2,4}\b(.{0,14})").ok());
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
        has_half |= found[3].to_uppercase().contains("AM") || found[3].to_uppercase().contains("PM");
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
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    /// Author, text, kind of time, first and last line.
    type Said = (String, String, Basis, u64, u64);

    fn check(text: &str) -> Option<Vec<Said>> {
        let document = read_whole("notes.txt", SourceId { input: 0, entry: 0 }, text.as_bytes())?;
        let seen = document.events.into_iter().map(|e| match e.body {
            Body::Message(m) => (m.author, m.text, e.stamp.expect("a time").basis, e.place.line, e.place.last_line),
            other => panic!("{other:?}"),
        });
        Some(seen.collect())
    }

    fn message(author: &str, text: &str, basis: Basis, lines: (u64, u64)) -> Said {
        (author.into(), text.into(), basis, lines.0, lines.1)
    }

    #[test]
    fn a_log_whose_lines_name_a_level_is_no_chat() {
        for line in [
            "2024-01-06 10:20:3{n},500 ERROR borg.repository: failed to get the lock, it is not free",
            "    2018/02/07 09:12:0{n} [WARN] raft: heartbeat timeout is reached, so an election starts",
            "12/03/2024 04:31:4{n}|root                            |INFO (server:89) - it is started|",
        ] {
            let other = |line: &str, n: usize| line.replace("{n}", &n.to_string()).replace("borg", ["borg", "sync"][n % 2]);
            let text: String = (0..9).map(|n| other(line, n) + "\n").collect();
            assert!(check(&text).is_none(), "{line}");
        }
        for lines in [
            [
                "[2024/02/07 09:00:2{n}] up",
                "[2024/02/07 09:00:2{n}] worker started",
                "[2024/02/07 09:00:2{n}] [ERROR] cannot save",
            ],
            ["[12/03/2024 04:31:4{n}] CAUAJM_I_40245 EVENT: it is on", "[12/03/2024 04:31:4{n}] CAUAJM_E_10 JOB: no", "x"],
            [
                "2024-03-12 04:31:4{n},120 - root (7f1b) :  INFO (server:89) - it is started",
                "2024-03-12 04:31:4{n},120 - root (8a2c) :  ERROR (server:90) - it is not",
                "x",
            ],
        ] {
            let text: String = (0..9).flat_map(|n| lines.map(|line| line.replace("{n}", &n.to_string()) + "\n")).collect();
            assert!(check(&text).is_none(), "{}", lines[0]);
        }
        let talk = "[10:02] bo: it is ERROR 500 again\n[10:03] ana: INFO from the vendor? no\n[10:04] bo: so we roll back\n";
        assert_eq!(check(talk).map(|said| said.len()), Some(3));
        let teams = "[2/7/2024 9:00 AM] Ana Lee\nit is down again\n[2/7/2024 9:02 AM] Bo Ray\nrolling back\n";
        assert_eq!(check(teams).map(|said| said.len()), Some(2));
    }

    #[test]
    fn a_date_and_time_in_brackets_and_a_name_alone_begin_a_message() {
        let text = "[20.05.2025 10:42] Ann Lee\nit looks calm\n\n[20.05.2025 10:44] Opsgenie\nP1: 5xx above 20%\n\n[20.05.2025 10:46] van Dam, Bo (Guest)\nI take it\nall fail\n";
        let expected = [
            message("Ann Lee", "it looks calm", Basis::Civil, (1, 2)),
            message("Opsgenie", "P1: 5xx above 20%", Basis::Civil, (4, 5)),
            message("van Dam, Bo", "I take it\nall fail", Basis::Civil, (7, 9)),
        ];
        assert_eq!(check(text).as_deref(), Some(&expected[..]));
        for (a, b) in [("2025-05-20 10:42", "2025-05-20 10:44"), ("20.05.25, 10:42", "20.05.25, 10:44"), ("10:42", "10:44")] {
            let text = format!("[{a}] Ann Lee\nis it down?\n[{b}] Bo\nyes\n");
            assert_eq!(check(&text).map(|said| (said.len(), said[0].0.clone())), Some((2, "Ann Lee".into())), "{a}");
        }
        for text in [
            "[20.05.2025 10:42:03] Worker\nbegins to copy\n[20.05.2025 10:42:07] Worker\nends to copy\n",
            "[20.05.2025 10:42] backup started\ncopying 7 files\n[20.05.2025 10:52] backup ended\ncopied 7 files\n",
            "[20.05.2025 10:42] Worker\n[20.05.2025 10:44] Writer\n[20.05.2025 10:46] Worker\n",
        ] {
            assert!(check(text).is_none(), "{text}");
        }
    }

    #[test]
    fn names_above_the_words() {
        let text = "copied from #ops, times Berlin\n\nhana.k  7:34 AM\non it\n\nsam.o  7:44 AM\nonly tax tables\nbut sure\n";
        let expected = [
            message("hana.k", "on it", Basis::ClockOnly, (3, 4)),
            message("sam.o", "only tax tables\nbut sure", Basis::ClockOnly, (6, 8)),
        ];
        assert_eq!(check(text).as_deref(), Some(&expected[..]));
    }

    #[test]
    fn a_time_alone_begins_a_further_message_of_the_same_author() {
        let text = "Ann Lee\n  10:02 AM\nis it down?\n10:03\nlooking\nat the graph of 10:04\nBo Li\n  10:05 AM\nyes\n";
        let expected = [
            message("Ann Lee", "is it down?", Basis::ClockOnly, (1, 3)),
            message("Ann Lee", "looking\nat the graph of 10:04", Basis::ClockOnly, (4, 6)),
            message("Bo Li", "yes", Basis::ClockOnly, (7, 9)),
        ];
        assert_eq!(check(text).as_deref(), Some(&expected[..]));
        let text = "Ann Lee 1/13/2025 10:02 AM\nis it down\nBo Li 1/13/2025 10:03 AM\nyes it is\n";
        let expected =
            [message("Ann Lee", "is it down", Basis::Civil, (1, 2)), message("Bo Li", "yes it is", Basis::Civil, (3, 4))];
        assert_eq!(check(text).as_deref(), Some(&expected[..]));
    }

    #[test]
    fn a_code_block_quotes_a_log() {
        let text = "ann  7:34 AM\nsee\n```\n2025-01-01 01:00:05,123 ERROR no route\n  at a.b(C.java:1)\n```\nbo  7:35 AM\nok\n";
        let document = read_whole("notes.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("chat");
        let record = document.carried[0].record(document.carried[0].place);
        assert_eq!((record.message.as_ref(), record.field("via")), ("no route\n  at a.b(C.java:1)", Some("chat")));
        assert_eq!((record.place.line, record.place.last_line, document.records), (4, 5, 2));
    }

    #[test]
    fn times_names_and_words_on_one_line() {
        let text = "[07:34] ann: is it the deploy?\n[07:35] bo: no, I rolled it back\n";
        assert_eq!(check(text).map(|m| (m.len(), m[1].0.clone(), m[1].2)), Some((2, "bo".into(), Basis::ClockOnly)));
        let text = "14/11/2025, 18:40 - Ann Lee: we are down\n14/11/2025, 18:41 - Bo: looking\nat the logs\n";
        let seen = check(text).expect("chat");
        assert_eq!((seen[1].1.as_str(), seen[1].2, seen[0].0.as_str()), ("looking\nat the logs", Basis::Civil, "Ann Lee"));
        let text = "2025-03-02 07:34 ann: is it us?\n2025-03-02 07:36 bo: it is not, the cert is gone\n";
        assert_eq!(check(text).map(|m| m.len()), Some(2));
    }

    #[test]
    fn a_time_of_day_right_behind_the_name() {
        let expected = [
            message("Ann Lee", "are we down?", Basis::ClockOnly, (1, 2)),
            message("bo.k", "yes, we shipped at 13:58\nlooking", Basis::ClockOnly, (3, 5)),
            message("Ann Lee", "ok", Basis::ClockOnly, (6, 7)),
        ];
        for (a, b, c) in [
            ("Ann Lee 14:07", "bo.k 14:08", "Ann Lee 14:11"),
            ("Ann Lee [14:07]", "bo.k [14:08]", "Ann Lee [14:11]"),
            ("Ann Lee at 2:07 PM", "bo.k at 2:08 PM", "Ann Lee at 2:11 PM"),
            ("Ann Lee Today at 14:07", "bo.k Today at 14:08", "Ann Lee Today at 14:11"),
            ("Ann Lee at 14:07", "bo.k at 14:08", "Ann Lee at 14:11"),
        ] {
            let text = format!("{a}\nare we down?\n{b}\nyes, we shipped at 13:58\nlooking\n{c}\nok\n");
            assert_eq!(check(&text).as_deref(), Some(&expected[..]), "{a}");
        }
    }

    #[test]
    fn prose_and_lists_with_times_are_no_chat() {
        for text in [
            "The deploy went out at 14:07\nand errors began soon\nIt was rolled back at 14:30\nand all was well\n",
            "Breakfast 08:00\nLunch 12:30\nDinner 19:00\n",
            "backup started 02:00\ncopying 7 files\nbackup ended 02:10\ncopied 7 files\n",
            "Started 14:07\n  reading files\nUpdated 14:09\n  writing files\n",
        ] {
            assert_eq!(check(text), None, "{text}");
        }
    }

    #[test]
    fn marks_of_the_page_are_no_words() {
        let text = "Ann Lee\n  7:34 AM\nis it us?\n:eyes:\n2\n3 replies\nBo Li\n  7:35 AM\nno\n";
        assert_eq!(check(text).map(|m| (m[0].1.clone(), m[1].0.clone())), Some(("is it us?".into(), "Bo Li".into())));
        let text = "[14/11 18:40] Ann Lee\nwe are down\n[14/11 18:41] Bo: is it the cert\n[14/11 18:42] Bo: yes it is\n";
        assert_eq!(check(text).map(|m| (m.len(), m[0].2)), Some((3, Basis::CivilNoYear)));
    }

    #[test]
    fn a_line_with_a_date_dates_what_follows() {
        let seen = check("--- Sunday, March 2nd, 2025 ---\nann  7:34 AM\nhi\nbo  7:35 AM\nho\n").expect("chat");
        assert_eq!((seen.len(), seen[0].2), (2, Basis::Civil));
    }

    #[test]
    fn logs_are_no_chat() {
        let logs = [
            "2025-05-14T14:21:58Z  INFO edge_router::conn: closed peer=10.3.60.2\n2025-05-14T14:21:59Z  WARN edge_router::health: probe took\n",
            "2025-01-01 10:00:00 app: request done in 5 ms\n2025-01-01 10:00:01 worker: job 7 finished\n",
            "[2026-02-05 12:34:56] local.WARNING: the user is not known\n[2026-02-05 12:34:57] jobs.INFO: it is done\n",
            "[Tue Jan  9 11:22:37 2024] Out of memory: Killed process 4711, it is not back\n[Tue Jan  9 11:22:38 2024] oom_reaper: reaped the process\n",
            "10:00:00 main: listening 0.0.0.0:80\n10:00:01 main: accepted 10.0.0.1\n",
        ];
        for text in logs {
            assert_eq!(check(text), None, "{text}");
        }
    }
}

//! A definition to start from, for lines that no format knows: made of the lines themselves, ready to be edited.
//!
//! Must never claim more than it saw: it is proven on the lines that it was made of, and says how many of them it
//! reads. What breaks it: lines of several formats in one source; the most frequent shape wins.

use std::collections::BTreeMap;
use std::fmt::Write;

use evidence::{Moment, Record, RecordRef, SourceId};

use super::faults::File;
use super::pattern::Pattern;
use super::time::Order;
use super::{Formats, definition, text};

/// Samples that a suggestion brings along.
const SAMPLES: usize = 3;
/// Lines from whose shapes the most frequent one is chosen.
const MODELS: usize = 50;

/// A definition for lines such as these; `None` where none of them has a time or a level in its head.
pub fn suggest(lines: &[&str]) -> Option<String> {
    let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines.iter().take(MODELS) {
        if let Some(pattern) = shape(line) {
            *shapes.entry(pattern).or_default() += 1;
        }
    }
    let read = |pattern: &str| {
        let compiled = Pattern::new(pattern, None).ok().filter(|p| !p.takes_nothing());
        compiled.map_or(0, |p| lines.iter().filter(|l| p.matches(text::first_line(l))).count())
    };
    let (pattern, known) =
        shapes.into_keys().map(|p| (read(&p), p)).max_by_key(|(n, p)| (*n, usize::MAX - p.len())).map(|(n, p)| (p, n))?;
    (known > 0).then(|| definition(&pattern, known, lines))
}

/// The pattern of one line: its time, level and bracketed words named, what stands between them as it is.
fn shape(line: &str) -> Option<String> {
    let (at, seen) = text::find_time(line, text::TIME_WITHIN, Order::DayMonth).filter(|(at, _)| *at <= 64)?;
    let (before, time, after) = (&line[..at], &line[at..at + seen.len], &line[at + seen.len..]);
    let mut names = Names::default();
    let mut pattern = String::new();
    around(before, &mut pattern, &mut names);
    let _ = write!(pattern, "(?<time>{})", digits_general(time));
    after_time(after, &mut pattern, &mut names);
    Some(pattern)
}

/// Names for parts that nobody named: `part`, `part_b`, ...; a level is named once.
#[derive(Default)]
struct Names {
    parts: u8,
    level: bool,
}

impl Names {
    fn next(&mut self) -> String {
        self.parts += 1;
        match self.parts {
            1 => "part".to_string(),
            n => format!("part_{}", char::from(b'a' + (n - 1).min(25))),
        }
    }
}

/// A time with its digits left open and its letters as a class.
fn digits_general(time: &str) -> String {
    let mut out = String::new();
    let mut chars = time.chars().peekable();
    while let Some(c) = chars.next() {
        let same = |o: &char| o.is_ascii_digit() && c.is_ascii_digit() || o.is_ascii_alphabetic() && c.is_ascii_alphabetic();
        let mut count = 1;
        while chars.peek().is_some_and(same) {
            chars.next();
            count += 1;
        }
        match c {
            '0'..='9' if count <= 2 => out.push_str(r"\d{1,2}"),
            '0'..='9' if count == 4 => out.push_str(r"\d{4}"),
            '0'..='9' => out.push_str(r"\d+"),
            'T' | 'Z' if count == 1 => out.push(c),
            'a'..='z' | 'A'..='Z' => out.push_str("[A-Za-z]+"),
            ' ' => out.push_str(" +"),
            other => out.push_str(&escaped(&other.to_string())),
        }
    }
    out
}

/// What stands before the time: words become parts, the rest stays.
fn around(text: &str, pattern: &mut String, names: &mut Names) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = rest.find(|c: char| !(c.is_alphanumeric() || "._/@-".contains(c))).unwrap_or(rest.len());
        if word == 0 {
            pattern.push_str(&if c == ' ' { " +".to_string() } else { escaped(&c.to_string()) });
            rest = rest[c.len_utf8()..].trim_start_matches(if c == ' ' { ' ' } else { '\u{0}' });
        } else {
            part(&rest[..word], r"[\w./@-]+", pattern, names);
            rest = &rest[word..];
        }
    }
}

/// What follows the time: a level, words in brackets, separators; where prose begins, the message.
fn after_time(text: &str, pattern: &mut String, names: &mut Names) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((inner, close)) = bracketed(rest) {
            pattern.push_str(&escaped(&c.to_string()));
            part(inner, &format!(r"[^{}]*", escaped(&close.to_string())), pattern, names);
            pattern.push_str(&escaped(&close.to_string()));
            rest = &rest[inner.len() + 2..];
        } else if c == ' ' || c == '\t' {
            pattern.push_str(r"\s+");
            rest = rest.trim_start_matches([' ', '\t']);
        } else if !c.is_alphanumeric() {
            pattern.push_str(&escaped(&c.to_string()));
            rest = &rest[c.len_utf8()..];
        } else {
            let word = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            if names.level || evidence::Level::from_word(&rest[..word]).is_none() || word < 3 {
                break;
            }
            part(&rest[..word], "", pattern, names);
            rest = &rest[word..];
        }
    }
    pattern.push_str("(?<message>.*)");
}

fn part(word: &str, class: &str, pattern: &mut String, names: &mut Names) {
    let trimmed = word.trim();
    if !names.level && trimmed.len() >= 3 && evidence::Level::from_word(trimmed).is_some() {
        names.level = true;
        pattern.push_str(if trimmed.len() < word.len() { "(?<level> *%level% *)" } else { "(?<level>%level%)" });
    } else {
        let _ = write!(pattern, "(?<{}>{class})", names.next());
    }
}

/// The inside of a short bracket at the beginning, and what closes it.
fn bracketed(text: &str) -> Option<(&str, char)> {
    let close = match text.chars().next()? {
        '[' => ']',
        '(' => ')',
        '<' => '>',
        _ => return None,
    };
    let end = text.find(close).filter(|end| *end <= 80)?;
    Some((&text[1..end], close))
}

/// The file, with what its own pattern reads from the first lines as samples.
fn definition(pattern: &str, known: usize, lines: &[&str]) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# A start, made of {} lines; the pattern reads {known} of them. Rename the parts (`service`, `host`, `trace`,",
        lines.len()
    );
    out.push_str("# `thread`, `logger`, ...), say what writes such lines, and add look-alikes that it must not match.\n");
    out.push_str("title = 'My format'\nabout = 'What writes such lines.'\n");
    let _ = writeln!(out, "pattern = {}", literal(pattern));
    out.push_str("lookalikes = []\n");
    let compiled = Pattern::new(pattern, None).ok();
    let matching = lines.iter().map(|l| text::first_line(l)).filter(|l| compiled.as_ref().is_some_and(|p| p.matches(l)));
    let format = definition::parse("suggested", File { name: "", text: &out }, definition::Origin::User).ok();
    let format: Option<&'static super::Format> = format.map(|f| &*Box::leak(Box::new(f)));
    for line in matching.take(SAMPLES) {
        let _ = writeln!(out, "\n[[samples]]\nline = {}", literal(line));
        let record = format.and_then(|f| Formats::load().read(f, line, nowhere(), 0));
        record.into_iter().for_each(|r| expectations(&r, &mut out));
    }
    out
}

fn expectations(record: &Record<'_>, out: &mut String) {
    if let Some(stamp) = record.stamp {
        let _ = writeln!(out, "time = {}", literal(&Moment(stamp.micros).rfc3339()));
    }
    if let Some(level) = record.level {
        let _ = writeln!(out, "level = '{}'", level.word());
    }
    let _ = writeln!(out, "message = {}", literal(&record.message));
}

fn nowhere() -> RecordRef {
    RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 0, line: 1, last_line: 1 }
}

/// Text as it stands, with what has a meaning in patterns escaped.
fn escaped(text: &str) -> String {
    let special = |c: char| r"\.+*?()|[]{}^$".contains(c);
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// A TOML string, literal where the text permits it.
fn literal(text: &str) -> String {
    if text.contains('\'') || text.chars().any(char::is_control) {
        return toml::Value::from(text).to_string();
    }
    format!("'{text}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A suggestion must stand as a user's own format at once.
    fn check(lines: &[&str], pattern: &str) {
        let text = suggest(lines).unwrap();
        assert!(text.contains(pattern), "{text}");
        let set = Formats::with(&[("mine.toml".to_string(), text.clone())]);
        let set = set.unwrap_or_else(|faults| panic!("{text}\n{}", faults[0]));
        assert_eq!(set.recognise(lines).id(), "mine");
    }

    #[test]
    fn a_suggestion_names_the_time_the_level_and_what_stands_in_brackets() {
        check(
            &[
                "~~ 2024-02-07 09:00:25,123 ~~ [worker-7] <ERROR> it broke",
                "~~ 2024-02-07 09:00:26,001 ~~ [main] <INFO> it's well",
            ],
            r"~~ +(?<time>\d{4}-\d{1,2}-\d{1,2} +\d{1,2}:\d{1,2}:\d{1,2},\d+)\s+~~\s+\[(?<part>[^\]]*)\]\s+<(?<level>%level%)>\s+(?<message>.*)",
        );
    }

    #[test]
    fn lines_without_a_time_have_no_suggestion() {
        assert_eq!(suggest(&["hello", ""]), None);
        assert_eq!(suggest(&[]), None);
    }
}

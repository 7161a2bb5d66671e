//! Lines of `key=value` pairs.
//!
//! Must never know which program wrote them. What breaks it: a value with spaces and without quotes; its further words
//! are skipped.

use std::borrow::Cow;

use evidence::{Record, RecordRef};

use super::draft::{Draft, Reading, Role};
use super::{json, keys};

pub(super) const PAIRS: usize = 96;

/// A pair and where it begins in the line.
pub(super) struct Pair<'a> {
    pub at: usize,
    pub key: &'a str,
    pub value: Cow<'a, str>,
}

/// Whether a line is logfmt from its beginning: its first word is a pair, and one of its pairs is a time, a level or
/// a message.
pub fn is_head(line: &str) -> bool {
    // Most lines are none, and their first word shows it.
    let first = line.bytes().find(|byte| !is_key(*byte));
    if first != Some(b'=') {
        return false;
    }
    let pairs = pairs(line, 16);
    pairs.len() >= 2
        && pairs[0].at == 0
        && pairs.iter().any(|p| matches!(keys::role(p.key), Some((Role::Time | Role::Level | Role::Message, rank)) if rank < 12))
}

/// Whether a line of pairs tells of a request, with neither a time nor a message: what a router writes for each.
pub fn is_request(line: &str) -> bool {
    if line.bytes().find(|byte| !is_key(*byte)) != Some(b'=') {
        return false;
    }
    let pairs = pairs(line, 24);
    let has = |key: &str| pairs.iter().any(|pair| pair.key == key);
    pairs.first().is_some_and(|pair| pair.at == 0) && has("method") && has("status")
}

/// Reads a line of pairs.
pub fn read<'a>(text: &'a str, format: &'static str, place: RecordRef, reading: &Reading) -> Record<'a> {
    let found = pairs(text, PAIRS);
    let rest = rest_from(&found, text.len());
    let leaves = found.into_iter().map(|p| (Cow::Borrowed(p.key), p.value)).collect();
    let mut draft = Draft::default();
    json::assign(leaves, &[], reading, &mut draft);
    if draft.message.is_none() {
        draft.message = text.get(rest..).map(Cow::Borrowed);
    }
    draft.finish(format, place, text, reading)
}

/// The pairs among the words of a text.
pub fn values(text: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    pairs(text, PAIRS).into_iter().map(|p| (Cow::Borrowed(p.key), p.value)).collect()
}

/// Where the message of a line without a message begins: behind time, level and service.
fn rest_from(pairs: &[Pair], end: usize) -> usize {
    pairs.iter().find(|p| !is_of_head(p.key)).map_or(end, |p| p.at)
}

/// Whether a pair of this name stands before the message, not in it.
pub(super) fn is_of_head(key: &str) -> bool {
    use Role::{Date, Host, Instance, Level, Pod, Service, Time};
    matches!(keys::role(key), Some((Time | Date | Level | Service | Pod | Instance | Host, _)))
}

pub(super) fn pairs(text: &str, most: usize) -> Vec<Pair<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() && found.len() < most {
        if bytes[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let from = at;
        while at < bytes.len() && is_key(bytes[at]) {
            at += 1;
        }
        if at == from || bytes.get(at) != Some(&b'=') {
            at += bytes[at..].iter().position(u8::is_ascii_whitespace).unwrap_or(bytes.len() - at);
            continue;
        }
        let key = text.get(from..at).unwrap_or("");
        let (value, end) = value(text, at + 1);
        found.push(Pair { at: from, key, value });
        at = end;
    }
    found
}

fn is_key(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@' | b'/')
}

/// The value that begins at `from`, and where it ends.
fn value(text: &str, from: usize) -> (Cow<'_, str>, usize) {
    let bytes = text.as_bytes();
    if bytes.get(from) != Some(&b'"') {
        let end = bytes[from..].iter().position(u8::is_ascii_whitespace).map_or(bytes.len(), |n| from + n);
        return (Cow::Borrowed(text.get(from..end).unwrap_or("")), end);
    }
    let mut at = from + 1;
    let mut escaped = false;
    while at < bytes.len() && bytes[at] != b'"' {
        escaped |= bytes[at] == b'\\';
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    let at = at.min(bytes.len());
    let inner = text.get(from + 1..at).unwrap_or("");
    (if escaped { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) }, (at + 1).min(bytes.len()))
}

pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('r')) => {}
            ('\\', Some(other)) => out.push(other),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_be_quoted_and_escaped() {
        let found = pairs(r#"a=1 b="two words" c="say \"hi\"" stray d= e="cut"#, 10);
        let found: Vec<_> = found.iter().map(|p| (p.key, p.value.as_ref())).collect();
        assert_eq!(found, [("a", "1"), ("b", "two words"), ("c", "say \"hi\""), ("d", ""), ("e", "cut")]);
    }

    #[test]
    fn a_head_has_a_time_a_level_or_a_message() {
        assert!(is_head("time=2024-02-07T09:00:25Z level=info x=1"));
        assert!(!is_head("a=1 b=2"));
        assert!(!is_head("hello level=info msg=x"));
    }
}

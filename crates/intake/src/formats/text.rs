//! Lines of no known format: a time and a level are looked for where writers put them.
//!
//! Must never claim more than it finds: no service, no fields. What breaks it: a line that quotes another time or a
//! level word early on, in words of its own.

use std::borrow::Cow;

use evidence::{Basis, Level, Record, RecordRef};

use super::beginnings::Beginnings;
use super::draft::{Draft, Reading, Role};
use super::time::{self, Order, Seen};

/// Bytes in which a time of a line is looked for.
pub const TIME_WITHIN: usize = 160;
/// Bytes of a head before the time; a time behind that is part of what the line says.
const HEAD: usize = 64;
/// Bytes after the time in which a level is looked for.
const LEVEL_WITHIN: usize = 96;

/// Reads any line.
pub fn read<'a>(text: &'a str, place: RecordRef, reading: &Reading) -> Record<'a> {
    let line = first_line(text);
    let mut draft = Draft::default();
    let mut rest = 0;
    let mut before = "";
    if let Some((at, seen)) = find_time(line, TIME_WITHIN, reading.order).filter(|_| !is_frame(line)) {
        let end = at + seen.len;
        draft.put(Role::Time, Cow::Borrowed("time"), Cow::Borrowed(&line[at..end]), reading);
        before = &line[..at];
        if at <= HEAD && is_head(before) {
            rest = end + line[end..].find(|c: char| !" \t]):|,-".contains(c)).unwrap_or(line.len() - end);
        }
    }
    let after = &line[rest..];
    if before.is_empty() && rest == 0 && is_heading(line) {
        // `STATUS   ERROR   AGE` names columns.
    } else if let Some(word) = level(before) {
        draft.level = Some(word.level);
    } else if let Some(word) = level(after) {
        draft.level = Some(word.level);
        if word.from <= 3 {
            let end = rest + word.to;
            rest = end + line[end..].find(|c: char| !" \t]):>|,-".contains(c)).unwrap_or(line.len() - end);
        }
    }
    // A line that says nothing behind its time is told as it stands.
    let message = text.get(rest..).filter(|message| !message.trim_ascii().is_empty()).unwrap_or(text);
    draft.message = Some(Cow::Borrowed(message));
    draft.finish("text", place, text, reading)
}

/// What a tool writes around what it saved: from when until when a journal reaches, when the window of a terminal was opened on the
/// machine of whoever sat there. Nothing happened then.
fn is_frame(line: &str) -> bool {
    line.starts_with("-- ") && line.trim_end().ends_with(" --") || line.starts_with("=~=~=~=")
}

/// Whether a line without a time is the one of the names above a table: capitals only, in columns.
fn is_heading(line: &str) -> bool {
    let is_capital = |b: u8| b.is_ascii_uppercase() || matches!(b, b' ' | b'\t' | b'-' | b'_' | b'/' | b'(' | b')' | b'%');
    let words = line.split(['\t']).flat_map(|part| part.split("  ")).filter(|word| !word.trim_ascii().is_empty());
    line.bytes().all(is_capital) && words.count() >= 3
}

/// Whether what stands before a time is a head: no more than two words beside levels, names in brackets or before a colon, and
/// numbers. More of them are what the line says, as is an object.
fn is_head(before: &str) -> bool {
    let is_word = |token: &&str| {
        let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
        let is_apart = token.starts_with(['[', '(', '<']) || token.ends_with([':', ']', ')', '>', '|']);
        !is_apart && bare.starts_with(char::is_alphabetic) && strong_level(bare).is_none()
    };
    !before.contains('{') && before.split_whitespace().filter(is_word).count() <= 2
}

/// Up to the first line end.
pub fn first_line(text: &str) -> &str {
    let end = memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len());
    text[..end].trim_end_matches('\r')
}

/// Whether a line begins with a time, a bracket before it or not: what a record's first line looks like.
pub fn leads_with_time(line: &str) -> bool {
    let head = line.strip_prefix(['[', '(', '"']).unwrap_or(line);
    time::read(head, Order::DayMonth).is_some_and(|seen| seen.stamp.basis != Basis::ClockOnly)
}

/// The first time that begins within so many bytes of a line, with its place.
pub fn find_time(line: &str, within: usize, order: Order) -> Option<(usize, Seen<'_>)> {
    let bytes = line.as_bytes();
    let mut before = b' ';
    for (at, &here) in bytes.iter().enumerate().take(within) {
        if here.is_ascii_alphanumeric()
            && is_boundary(before)
            && let Some(seen) = time::read(&line[at..], order)
            && is_plausible(bytes, at, &seen)
        {
            return Some((at, seen));
        }
        before = here;
    }
    None
}

/// Whether a time may begin behind this byte.
fn is_boundary(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'['
            | b']'
            | b'('
            | b')'
            | b'{'
            | b'}'
            | b'<'
            | b'>'
            | b'"'
            | b'\''
            | b'|'
            | b'='
            | b','
            | b';'
            | b':'
            | b'_'
            | 0
    )
}

/// A time of day or a bare number is a time only where nothing but a bracket stands before it.
fn is_plausible(bytes: &[u8], at: usize, seen: &Seen) -> bool {
    let follows_cleanly = bytes.get(at + seen.len).is_none_or(|b| !b.is_ascii_alphanumeric());
    match seen.stamp.basis {
        Basis::ClockOnly => at <= 1 && follows_cleanly,
        Basis::Epoch => {
            let stands_apart = at <= 1
                || b"([".contains(&bytes[at - 1])
                || b"=:".contains(&bytes[at - 1]) && is_of_time(&bytes[..at - 1])
                || bytes[..at].iter().all(|b| b.is_ascii_digit() || *b == b' ');
            stands_apart && follows_cleanly
        }
        // The number of a migration, in the heading under which Rails tells of it.
        _ => follows_cleanly && !(bytes[..at].starts_with(b"==") && bytes[at..].iter().take(14).all(u8::is_ascii_digit)),
    }
}

/// Whether the name in front of a bare number calls it a time, or there is none: a size in bytes is as long as one.
fn is_of_time(before: &[u8]) -> bool {
    let from = before.iter().rposition(|b| !b.is_ascii_alphanumeric() && !b"_-.@".contains(b)).map_or(0, |at| at + 1);
    let name = before[from..].to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&name, word).is_some();
    let names: [&[u8]; 5] = [b"time", b"date", b"ts", b"epoch", b"when"];
    name.is_empty() || [&b"t"[..], b"at"].contains(&name.as_slice()) || name.ends_with(b"_at") || names.into_iter().any(has)
}

/// A level word with its place in bytes.
pub struct Word {
    pub level: Level,
    pub from: usize,
    pub to: usize,
}

/// The level that the head of a text names: in capitals anywhere in it; in other letters where it stands first, in
/// brackets, or before a colon.
pub fn level(head: &str) -> Option<Word> {
    let bytes = head.as_bytes();
    let bytes = &bytes[..bytes.len().min(LEVEL_WITHIN)];
    let mut at = 0;
    let mut words = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphabetic() {
            at += 1;
            continue;
        }
        let from = at;
        while at < bytes.len() && bytes[at].is_ascii_alphanumeric() {
            at += 1;
        }
        words += 1;
        let before = from.checked_sub(1).map(|i| bytes[i]);
        let after = bytes.get(at).copied();
        if let Some(level) = strong_level(&head[from..at])
            && stands_as_level(&head[from..at], before, after, words == 1)
        {
            return Some(Word { level, from, to: at });
        }
    }
    single_letter(head)
}

fn stands_as_level(word: &str, before: Option<u8>, after: Option<u8>, first: bool) -> bool {
    let capital = word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let enclosed = matches!(
        (before, after),
        (Some(b'['), Some(b']'))
            | (Some(b'<'), Some(b'>'))
            | (Some(b'('), Some(b')'))
            | (Some(b'|'), Some(b'|'))
            | (Some(b':'), Some(b']'))
            | (Some(b':'), Some(b':'))
    );
    let keyed = before == Some(b'=') && matches!(after, None | Some(b' ' | b','));
    let apart =
        !matches!(before, Some(b'_' | b'-' | b'/' | b'=' | b'"')) && !matches!(after, Some(b'_' | b'-' | b'/' | b'=' | b'"'));
    enclosed
        || keyed
        || apart
            && (capital
                || first && matches!(after, None | Some(b' ' | b':' | b'\t' | b']' | b'|'))
                || after == Some(b':') && before == Some(b'.'))
}

/// Words that mean a level wherever they stand in a head; `log`, `note` or `config` do not.
fn strong_level(word: &str) -> Option<Level> {
    const WORDS: [&str; 27] = [
        "trace",
        "debug",
        "info",
        "warn",
        "warning",
        "error",
        "err",
        "fatal",
        "critical",
        "crit",
        "notice",
        "severe",
        "emerg",
        "emergency",
        "alert",
        "panic",
        "fine",
        "finer",
        "finest",
        "verbose",
        "inf",
        "wrn",
        "dbg",
        "ftl",
        "trc",
        "information",
        "silly",
    ];
    let is_known = || WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
    (may_be_level(word.as_bytes()) && is_known()).then(|| Level::from_word(word)).flatten()
}

/// Nearly all words are told by their first letters, and every word of every head passes here.
fn may_be_level(word: &[u8]) -> bool {
    static KNOWN: Beginnings = Beginnings::of(b"tra deb inf war err fat cri not sev eme ale pan fin ver wrn dbg ftl trc sil ");
    KNOWN.has(word)
}

/// `[E]`, `E ` right at the beginning.
fn single_letter(head: &str) -> Option<Word> {
    let bytes = head.as_bytes();
    let (at, close) = match bytes {
        [b'[', _, b']', ..] => (1, true),
        [_, b' ', ..] => (0, false),
        _ => return None,
    };
    let letters: &[u8] = if close { b"TDIWEFC" } else { b"DIWEF" };
    letters.contains(&bytes[at]).then(|| head.get(at..at + 1).and_then(Level::from_word)).flatten().map(|level| Word {
        level,
        from: at,
        to: at + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{Moment, SourceId};
    use std::collections::BTreeMap;

    fn check(line: &str, time: Option<&str>, level: Option<&str>, message: &str) {
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 0, line: 1, last_line: 1 };
        let levels = BTreeMap::new();
        let record = read(line, place, &Reading { order: Order::DayMonth, levels: &levels });
        assert_eq!(record.stamp.map(|s| Moment(s.micros).rfc3339()).as_deref(), time, "{line}");
        assert_eq!(record.level.map(Level::word), level, "{line}");
        assert_eq!(record.message, message, "{line}");
    }

    #[test]
    fn a_time_and_a_level_are_found_in_the_head() {
        check("2024-02-07 09:00:25 ERROR it broke", Some("2024-02-07T09:00:25Z"), Some("error"), "it broke");
        check("[worker] 2024-02-07 09:00:25 - warn: slow", Some("2024-02-07T09:00:25Z"), Some("warn"), "slow");
        check("<E> job (07/Feb/2024:09:00:25 +0000) done", Some("2024-02-07T09:00:25Z"), None, "done");
        check("2024-02-07T09:00:25Z [E] it broke", Some("2024-02-07T09:00:25Z"), Some("error"), "it broke");
    }

    #[test]
    fn nothing_happened_when_what_was_saved_begins() {
        for line in [
            "-- Logs begin at Sun 2025-02-09 03:11:40 GMT, end at Thu 2025-03-05 15:22:09 BST. --",
            "-- Boot 2025-02-09 03:11:40 --",
            "=~=~=~=~=~=~= PuTTY log 2025.03.05 14:31:02 =~=~=~=~=~=~=",
        ] {
            check(line, None, None, line);
        }
        check("-- 2025-02-09 03:11:40 it broke", Some("2025-02-09T03:11:40Z"), None, "it broke");
    }

    #[test]
    fn words_before_a_time_are_what_the_line_says() {
        let archive = "cannot open the archive 2024-02-11_09:15:01.tar on host b7";
        check(archive, Some("2024-02-11T09:15:01Z"), None, archive);
        let object = r#"info: logged in {"service":"auth","at":"2024-02-11T09:15:01Z"}"#;
        check(object, Some("2024-02-11T09:15:01Z"), Some("info"), object);
        check("web-1 nginx: 2024-02-07 09:00:25 up", Some("2024-02-07T09:00:25Z"), None, "up");
    }

    #[test]
    fn a_number_is_a_time_only_where_it_is_called_one() {
        check("used_memory:1048576000", None, None, "used_memory:1048576000");
        check("sent=1707296402 bytes", None, None, "sent=1707296402 bytes");
        check("took ts=1707296402 slow", Some("2024-02-07T09:00:02Z"), None, "slow");
        let heading = "== 20240207090025 AddIndexToCarts: migrating ====";
        check(heading, None, None, heading);
    }

    #[test]
    fn names_of_columns_are_no_level() {
        let names = "NAME     KIND     DESIRED STATE   ERROR   INFO";
        check(names, None, None, names);
        check("FATAL OUT OF MEMORY", None, Some("fatal"), "OUT OF MEMORY");
    }

    #[test]
    fn what_ends_in_a_time_is_told_whole() {
        let line = "notAfter=Feb  7 09:00:25 2024 GMT";
        check(line, Some("2024-02-07T09:00:25Z"), None, line);
    }

    #[test]
    fn a_line_without_either_is_its_own_message() {
        check("nothing to see in 12:30 here", None, None, "nothing to see in 12:30 here");
        check("", None, None, "");
        check("été à Ÿ 2024-99-99", None, None, "été à Ÿ 2024-99-99");
    }

    #[test]
    fn every_word_for_a_level_is_known_by_its_beginning() {
        for word in
            ["trace", "Debug", "INFO", "wrn", "ERR", "emergency", "crit", "notice", "severe", "alert", "panic", "finest", "silly"]
        {
            assert!(strong_level(word).is_some(), "{word}");
        }
    }

    #[test]
    fn a_word_of_the_message_is_no_level() {
        check("2024-02-07 09:00:25 the last error was fixed", Some("2024-02-07T09:00:25Z"), None, "the last error was fixed");
        check("2024-02-07 09:00:25 note the error=0", Some("2024-02-07T09:00:25Z"), None, "note the error=0");
    }
}

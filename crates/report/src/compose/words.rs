//! Words for values: times of day, durations, shares, quotations, lists.
//!
//! Must never know findings. Everything printed here can be read back as the number it stands for: the numbers of a
//! sentence are compared with those of its evidence.

use evidence::{Moment, is_address, is_file};

/// Characters of a quotation within a sentence.
pub const QUOTE: usize = 160;
/// Characters of a quotation that is the whole of an entry.
pub const LONG_QUOTE: usize = 480;

/// `09:00:25 UTC`.
pub fn clock(at: Moment) -> String {
    format!("{} UTC", at.time_of_day())
}

/// `09:00:25.904`: with the fraction of a second that the moment has, so that the time between two of them is what is said.
pub fn precise(at: Moment) -> String {
    let text = at.rfc3339();
    let fraction = text.get(19..).map(|f| f.trim_end_matches('Z')).unwrap_or_default();
    format!("{}{fraction}", at.time_of_day())
}

/// `0.4 s`, `75 s`, `2 min 5 s`, `1 h 13 s`; the sign is left out.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.abs();
    if seconds < 10.0 && seconds.fract().abs() > 1e-9 {
        let text = if seconds < 0.01 { format!("{seconds:.6}") } else { format!("{seconds:.3}") };
        return format!("{} s", text.trim_end_matches('0').trim_end_matches('.'));
    }
    let whole = seconds.round().min(1e15) as u64;
    if whole < 120 {
        return format!("{whole} s");
    }
    let parts = [(whole / 86_400, "d"), (whole / 3_600 % 24, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")];
    let parts: Vec<String> = parts.iter().filter(|p| p.0 > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    parts.join(" ")
}

/// `91.8%`; small shares keep two digits that say something.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let digits = match value.abs() {
        v if v >= 10.0 => 1,
        v if v >= 0.1 => 2,
        _ => 4,
    };
    let text = format!("{value:.digits$}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `8,000`; fractions as they are.
pub fn count(value: f64) -> String {
    if value.fract().abs() > 1e-9 || value.abs() >= 1e15 {
        return format!("{value}");
    }
    let digits = format!("{}", value.abs() as u64);
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if value < 0.0 { format!("-{out}") } else { out }
}

/// The text in quotation marks, blanks folded, cut between two words.
pub fn quote(text: &str, most: usize) -> String {
    format!("“{}”", cut(text, most))
}

/// Blanks folded, cut between two words with `…`.
pub fn cut(text: &str, most: usize) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.chars().count() <= most {
        return folded;
    }
    let head: String = folded.chars().take(most).collect();
    let end = head.rfind(' ').filter(|at| *at > head.len() / 2);
    match end.and_then(|at| head.get(..at)) {
        Some(words) => format!("{words} …"),
        // One long word: a number must not be cut in two.
        None => format!("{}…", head.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || ".:,-/".contains(c))),
    }
}

/// Whether it is no person who has this name.
pub fn is_tool(name: &str) -> bool {
    let name = name.trim_start_matches('@').to_lowercase();
    name.ends_with("bot") || TOOLS.contains(&name.as_str()) || is_file(&name)
}

/// Who said or did it: a handle gets its `@`, a name of several words has none, and of whom only the address is known it is
/// said that this is withheld.
pub fn who(name: &str) -> String {
    let name = name.strip_prefix('@').filter(|name| name.contains(char::is_whitespace)).unwrap_or(name);
    if is_address(name) {
        return format!("a person (address redacted: {name})");
    }
    let handle = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
        && !name.ends_with("bot")
        && !is_file(name)
        && !TOOLS.contains(&name);
    if handle { format!("@{name}") } else { name.to_string() }
}

/// Names under which tools write into chats.
const TOOLS: [&str; 12] = [
    "pagerduty",
    "opsgenie",
    "alertmanager",
    "grafana",
    "datadog",
    "prometheus",
    "sentry",
    "statuspage",
    "github",
    "argocd",
    "jenkins",
    "slack",
];

/// `a`, `a and b`, `a, b and c`.
pub fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// The first letter as a capital one.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        // Names of programs keep their own letters.
        // and so do names such as `v2`.
        Some(first) if text.split_whitespace().next().is_some_and(is_name) => format!("{first}{}", chars.as_str()),
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// The first letter of prose as a capital one; hyphens make no name of a word.
pub fn sentence(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    if !first.is_empty() && first.chars().all(|c| c.is_ascii_alphabetic() || "-,:'".contains(c)) {
        let mut chars = text.chars();
        return chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
    }
    capital(text)
}

/// Words of a log record in quotation marks, without the ids in which they end (`customer=u29 trace=4be1`).
pub fn quote_log(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let kept = words.len() - words.iter().rev().take_while(|word| is_id(word)).count();
    if kept == words.len() || kept < 3 {
        return quote(text, most);
    }
    let shown = words.get(..kept).unwrap_or_default().join(" ");
    let shown = cut(&shown, most);
    let shown = shown.trim_end_matches([',', ';']);
    if shown.ends_with('…') { format!("“{shown}”") } else { format!("“{shown} …”") }
}

/// The words of a log record before its first id or number of its own, in quotation marks: what repeats of it share.
pub fn quote_sign(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.iter().position(|word| is_id(word)) {
        Some(end) if end >= 3 => {
            let head = cut(&words.get(..end).unwrap_or_default().join(" "), most);
            format!("“{} …”", head.trim_end_matches([' ', '…', ',', ';']))
        }
        _ => {
            let own = |word: &&'_ str| -> String { if is_id(word) || is_number(word) { "…".into() } else { (*word).into() } };
            quote(&words.iter().map(own).collect::<Vec<_>>().join(" "), most)
        }
    }
}

/// The value of one record: `887468`, `#41-22`. Three digits are as often a status or a port of all of them.
fn is_number(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    bare.len() >= 4
        && bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.chars().all(|c| c.is_ascii_digit() || "-_.:".contains(c))
}

/// `trace=4be1`, `"id":"u29"`, a long hexadecimal word.
fn is_id(word: &str) -> bool {
    let digit = word.contains(|c: char| c.is_ascii_digit());
    let value = word.split_once('=').map(|(key, value)| (key.trim_matches(['"', '(', '[']), value));
    let keyed = value.is_some_and(|(key, value)| {
        let name = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        name && value.contains(|c: char| c.is_ascii_digit()) && !value.contains(['%', '/'])
    });
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    keyed || digit && bare.len() >= 12 && bare.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

fn is_name(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit() || "-_./`@".contains(c))
}

/// Sentences and clauses of catalogue prose that hold no number.
pub fn without_numbers(prose: &str) -> String {
    let kept: Vec<String> = prose
        .split_inclusive(['.', ';'])
        .filter(|part| !part.chars().any(|c| c.is_ascii_digit()))
        .map(|part| part.trim().trim_end_matches(['.', ';']).to_string())
        .filter(|part| !part.is_empty())
        .collect();
    kept.iter().map(|part| end(&capital(part))).collect::<Vec<_>>().join(" ")
}

/// The text when it holds no number, else the other one.
pub fn without_numbers_or(text: &str, other: &str) -> String {
    if text.chars().any(|c| c.is_ascii_digit()) && !text.contains("5xx") { other.to_string() } else { text.to_string() }
}

/// The text with a full stop, when it does not end a sentence already.
pub fn end(text: &str) -> String {
    let text = text.trim_end();
    let inner = text.strip_suffix('”').unwrap_or(text);
    if text.is_empty() || inner.ends_with(['.', '!', '?', '…']) { text.to_string() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_all_their_parts() {
        let all: Vec<String> = [0.4, 2.0, 75.0, 125.0, 3_613.0, 90_000.0].iter().map(|s| duration(*s)).collect();
        assert_eq!(all, ["0.4 s", "2 s", "75 s", "2 min 5 s", "1 h 13 s", "1 d 1 h"]);
    }

    #[test]
    fn a_precise_time_has_the_fraction_that_the_moment_has() {
        let at = |micros: i64| precise(Moment(1_700_000_000 * Moment::SECOND + micros));
        assert_eq!((at(0), at(250_000), at(923_007)), ("22:13:20".into(), "22:13:20.250".into(), "22:13:20.923007".into()));
    }

    #[test]
    fn shares_and_counts_read_as_people_write_them() {
        assert_eq!(
            (percent(0.9184), percent(0.92), percent(0.0034), percent(1.0)),
            ("91.8%".into(), "92%".into(), "0.34%".into(), "100%".into())
        );
        assert_eq!((count(8_000.0), count(340.0), count(1_234_567.0)), ("8,000".into(), "340".into(), "1,234,567".into()));
    }

    #[test]
    fn a_quotation_is_cut_between_words() {
        assert_eq!(quote("took  30 s\nand 12345 requests", 18), "“took 30 s and …”");
        assert_eq!(cut("1234567890123", 5), "…");
    }

    #[test]
    fn ids_at_the_end_of_a_log_record_are_left_out() {
        assert_eq!(quote_log("charge failed for order customer=u29320 trace=ab12", 80), "“charge failed for order …”");
        assert_eq!(quote_sign("failed to read topic=orders.v1 offset=481 key=4be1: no such type", 80), "“failed to read …”");
        assert_eq!(quote_sign("quote 887468 failed, client gets 500", 80), "“quote … failed, client gets 500”");
        assert_eq!(quote_log("took 30 s for all of it", 80), "“took 30 s for all of it”");
    }

    #[test]
    fn prose_with_numbers_loses_the_clause() {
        assert_eq!(without_numbers("It ends; exit code 137 follows. Callers fail."), "It ends. Callers fail.");
    }

    #[test]
    fn a_handle_gets_its_sign_and_a_name_does_not() {
        assert_eq!(
            (who("alice_sre"), who("Alice Smith"), who("deploybot")),
            ("@alice_sre".into(), "Alice Smith".into(), "deploybot".into())
        );
        assert_eq!((who("@Alice Smith"), who("@alice_sre")), ("Alice Smith".into(), "@alice_sre".into()));
        assert_eq!(who("night-notes.md"), "night-notes.md");
        assert_eq!(who("ann@shop.example"), "a person (address redacted: ann@shop.example)");
    }
}

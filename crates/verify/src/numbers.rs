//! Numbers in a sentence that nothing cited has. Must never ask what a sentence claims, only whether its numbers stand.

use std::sync::LazyLock;

use regex::Regex;

use crate::proof::{Proof, stands_in};
use crate::units::{self, Token};

/// What is no number of its own: marks of secrets, references such as `[e3, e4]`, ordinals, list numbers, and words
/// that have a digit in them.
static NO_NUMBERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = r"[1-5]xx|k8s|x\.?509|p(?:50|75|90|95|99\.9|999|99)|s3|ec2|ipv[46]|utf-?(?:8|16)|http/[123](?:\.\d)?|oauth2?|md5|sha-?(?:1|256|512)|base64|log4j|24/7";
    let pattern = format!(
        r"(?im)\[[a-z][a-z0-9_-]*:\d+\]|\[[ec]\d+(?:\s*,\s*[ec]\d+)*\]|^\s*\d+[.)]\s|\(\d\)(?:\s|$)|\b\d+(?:st|nd|rd|th)\b|\b(?:{words})\b"
    );
    Regex::new(&pattern).ok()
});

/// What a text may lean on.
pub struct Ground<'p> {
    /// The records and derivations that it cites.
    pub own: &'p Proof,
    /// All evidence of the report: names and ids may come from there.
    pub all: &'p Proof,
    /// The time that stands beside the text, when it is one of a timeline.
    pub at: Option<&'p str>,
}

/// The numbers without proof, and how many were looked at.
pub fn unproven(text: &str, ground: &Ground<'_>) -> (Vec<String>, u64) {
    let text = blanked(text);
    let done = proven_stretches(&text, ground);
    let mut faults = Vec::new();
    let mut count = 0;
    for token in units::tokens(&text) {
        count += 1;
        if done.iter().any(|(a, b)| *a <= token.start && token.end <= *b) || is_proven(&text, token, ground) {
            continue;
        }
        let compound = token.text.contains(['/', ':', '-']) && !is_clock(token.text);
        if compound && units::pieces(&text, token).into_iter().all(|p| is_proven(&text, p, ground)) {
            continue;
        }
        faults.push(token.text.to_string());
    }
    (faults, count)
}

/// Does a value stand in a text in some usual notation?
pub fn value_stands(value: f64, text: &str) -> bool {
    let mut proof = Proof::default();
    proof.add_value(&serde_json::json!(value));
    let text = blanked(text);
    let near = units::long_durations(&text).iter().any(|d| proof.near(d.2, 0.5));
    let whole = units::tokens(&text).into_iter();
    let parts = units::tokens(&text).into_iter().flat_map(|t| units::pieces(&text, t));
    near || whole.chain(parts).any(|t| proof.has(&text, t)) || in_words(value, &text)
}

/// Does the text say that something is not there?
pub fn says_absent(text: &str) -> bool {
    let absent = ["no", "none", "nothing", "never", "not", "without", "zero", "neither", "nobody", "absent", "missing", "0"];
    let words: Vec<String> = text.split(|c: char| !c.is_alphanumeric() && c != '\'').map(str::to_lowercase).collect();
    words.iter().any(|w| absent.contains(&w.as_str()) || w.ends_with("n't"))
}

/// Is it a time of day or a date?
pub fn is_clock(token: &str) -> bool {
    let (date, time) = match token.split_once('T') {
        Some((date, time)) => (Some(date), Some(time)),
        None if token.contains('-') => (Some(token), None),
        None => (None, Some(token)),
    };
    let digits = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let is_date = |d: &str| {
        let parts: Vec<&str> = d.split('-').collect();
        parts.len() == 3 && digits(parts[0], 4..=4) && digits(parts[1], 2..=2) && digits(parts[2], 2..=2)
    };
    let is_time = |t: &str| {
        let parts: Vec<&str> = t.split('.').next().unwrap_or_default().split(':').collect();
        (2..=3).contains(&parts.len()) && digits(parts[0], 1..=2) && parts.iter().skip(1).all(|p| digits(p, 2..=2))
    };
    date.is_none_or(is_date) && time.is_none_or(is_time)
}

fn is_proven(text: &str, token: Token<'_>, ground: &Ground<'_>) -> bool {
    if ground.own.has(text, token) {
        return true;
    }
    let own_time = ground.at.is_some_and(|at| stands_in(token.text, at)) && is_clock(token.text);
    (own_time || is_named(text, token)) && ground.all.stands(token.text)
}

/// Part of a name, a version, an address or an id, not a quantity.
fn is_named(text: &str, token: Token<'_>) -> bool {
    let before = text.get(..token.start).unwrap_or_default();
    let after = text.get(token.end..).unwrap_or_default();
    let joined = before.trim_end_matches(['-', '_', '.', '@', '/']);
    let ends_sentence = joined.len() < before.len() && before.ends_with('.');
    let name_before = before.ends_with('#') || joined.ends_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !ends_sentence;
    let name_after = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && units::factors(after).len() == 1;
    name_before || name_after || token.text.matches('.').count() >= 2
}

/// Durations of several parts and days of a month that the ground has, as a whole.
fn proven_stretches(text: &str, ground: &Ground<'_>) -> Vec<(usize, usize)> {
    let durations = units::long_durations(text).into_iter();
    let mut done: Vec<(usize, usize)> =
        durations.filter(|d| ground.own.number(d.2) || ground.own.near(d.2, 0.5)).map(|d| (d.0, d.1)).collect();
    let days = days_in(text);
    if !days.is_empty() {
        let known: Vec<(u8, u8)> = ground.own.days().into_iter().chain(ground.all.days()).collect();
        done.extend(days.into_iter().filter(|d| known.contains(&d.2)).map(|d| (d.0, d.1)));
    }
    done
}

/// `7 February`, `Feb 7`: the extent of the number, month and day.
fn days_in(text: &str) -> Vec<(usize, usize, (u8, u8))> {
    let month = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphabetic()).to_lowercase();
        let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        names.iter().position(|n| word.starts_with(n)).map(|i| i as u8 + 1)
    };
    let mut found = Vec::new();
    for token in units::tokens(text) {
        let before = text.get(..token.start).and_then(|t| t.split_whitespace().next_back());
        let after = text.get(token.end..).filter(|t| t.starts_with(' ')).and_then(|t| t.split_whitespace().next());
        let day = token.text.parse::<u8>().ok();
        if let (Some(month), Some(day)) = (after.and_then(month).or(before.and_then(month)), day) {
            found.push((token.start, token.end, (month, day)));
        }
    }
    found
}

fn in_words(value: f64, text: &str) -> bool {
    const WORDS: [&str; 13] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    let word = WORDS.iter().enumerate().find(|(i, _)| *i as f64 == value).map(|(_, w)| *w);
    let said = |w: &str| text.split(|c: char| !c.is_alphabetic()).any(|t| t.eq_ignore_ascii_case(w));
    word.is_some_and(said) || value == 0.0 && says_absent(text)
}

/// What is no number becomes blanks of the same length.
fn blanked(text: &str) -> String {
    let Some(no_numbers) = NO_NUMBERS.as_ref() else { return text.to_string() };
    let blanks = no_numbers.replace_all(text, |found: &regex::Captures<'_>| " ".repeat(found[0].len()));
    blanks.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let mut own = Proof::default();
        own.add_text("GET /checkout 503 in 30 ms, pool 10/10");
        own.add_time("2024-02-07T09:00:25Z");
        let mut all = own.clone();
        all.add_text("web-7d9f4 at v2.15.0 started 08:55:00");
        unproven(text, &Ground { own: &own, all: &all, at: Some("2024-02-07T08:55:00Z") }).0
    }

    #[test]
    fn numbers_of_the_cited_records_hold() {
        assert!(faults("At 09:00:25 on 7 February it answered 503 after 0.03 s, with 10/10 connections [e3, e4].").is_empty());
        assert!(faults("5xx of p99 on k8s, the 3rd time [ip:4]").is_empty());
        assert!(faults("v2.15.0 on web-7d9f4 went out at 08:55").is_empty(), "names and the entry's own time");
    }

    #[test]
    fn others_do_not() {
        assert_eq!(faults("It failed 504 times"), ["504"]);
        assert_eq!(faults("9 of 10 connections on 8 February"), ["9", "8"]);
        assert_eq!(faults("at 09:00:26 for 31 ms and v2.16.0"), ["09:00:26", "31", "2.16.0"]);
    }

    #[test]
    fn a_value_stands_in_a_text_in_any_usual_notation() {
        assert!(value_stands(75.0, "after 1 min 15 s") && value_stands(0.92, "92% failed") && value_stands(3.0, "three pods"));
        assert!(value_stands(0.0, "no alert") && value_stands(8_000.0, "8,000") && !value_stands(75.0, "74 s"));
    }
}

//! Numbers with what they count: durations, shares, money, and plain counts with the words that follow.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{around, is_about};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Duration,
    /// Per cent.
    Share,
    Money,
    Count,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    pub range: Range<usize>,
    pub unit: Unit,
    pub value: f64,
    /// What the last digit of the notation is worth.
    pub fine: f64,
    /// The text says that it is not exact.
    pub about: bool,
    /// It is a bound (`< 1 %`, `up to 5 s`), not a value.
    pub bound: bool,
}

static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = WORDS.iter().map(|w| w.0).collect::<Vec<_>>().join("|");
    let number = format!(r"(?P<n>\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\b(?:{words})\b)");
    Regex::new(&format!(
        r"(?i)(?P<c>[$€£¥]\s?)?{number}(?P<k>\s?(?:k|bn|million|billion|thousand|mio)\b|(?-i:[kM])\b)?(?P<u>(?:\s|-)?(?:%|percent\b|per\s+cent\b|milliseconds?\b|ms\b|msecs?\b|seconds?\b|secs?\b|s\b|minutes?\b|mins?\b|m\b|hours?\b|hrs?\b|h(?:\d|\b)|days?\b|weeks?\b|USD\b|EUR\b|GBP\b|dollars\b|euros\b))?"
    ))
    .ok()
});

const WORDS: &[(&str, f64)] = &[
    ("half an", 0.5),
    ("one", 1.0),
    ("an", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty-five", 45.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("ninety", 90.0),
];

/// All amounts that lie outside of `taken`; parts of one duration (`1 min 13 s`) are one.
pub fn of(text: &str, taken: &[Range<usize>]) -> Vec<Amount> {
    let Some(pattern) = PATTERN.as_ref() else { return Vec::new() };
    let mut found: Vec<Amount> = Vec::new();
    let mut at = 0;
    while let Some(captures) = pattern.captures_at(text, at) {
        let Some(whole) = captures.get(0) else { break };
        at = whole.end().max(at + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
        let inside = taken.iter().any(|t| whole.start() < t.end && t.start < whole.end());
        if let Some(amount) = (!inside).then(|| amount(text, &captures)).flatten() {
            at = amount.range.end.max(whole.start() + 1);
            join(text, amount, &mut found);
        }
        if at > text.len() {
            break;
        }
    }
    found
}

/// A duration as people write it.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.abs();
    let whole = seconds.round() as u64;
    match whole {
        _ if seconds < 1.0 => format!("{} ms", (seconds * 1_000.0).round()),
        0..=119 => format!("{whole} s"),
        120..=7_199 if whole.is_multiple_of(60) => format!("{} min", whole / 60),
        120..=7_199 => format!("{} min {} s", whole / 60, whole % 60),
        7_200..=172_799 => format!("{} h {} min", whole / 3_600, whole / 60 % 60),
        _ => format!("{} d {} h", whole / 86_400, whole / 3_600 % 24),
    }
}

fn amount(text: &str, found: &regex::Captures<'_>) -> Option<Amount> {
    let number = found.name("n")?;
    let unit_text = found.name("u").map_or("", |m| m.as_str());
    let word = unit_text.trim_start_matches([' ', '-']).to_lowercase();
    let spelled = WORDS.iter().find(|(w, _)| w.eq_ignore_ascii_case(number.as_str()));
    let (mut value, mut fine) = spelled.map_or_else(|| plain(number.as_str()), |(_, v)| Some((*v, 1.0)))?;
    let (unit, factor) = unit(&word, found.name("c").is_some());
    if spelled.is_some() && unit == Unit::Count {
        return None;
    }
    let start = found.get(0)?.start();
    let mut range = start..found.get(0)?.end();
    // The digit after `2h` belongs to the next part.
    if word.starts_with('h') && word.ends_with(|c: char| c.is_ascii_digit()) {
        range.end -= 1;
    }
    let (before, _) = around(text, &range);
    let (_, after) = around(text, &range);
    if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ',' | '_' | '#' | ':')) && !is_part(text, start, unit)
        || after.is_some_and(|c| c.is_alphabetic() || c == '_') && unit != Unit::Duration
    {
        return None;
    }
    let scale = scale(found.name("k").map_or("", |m| m.as_str().trim()));
    (value, fine) = (value * factor * scale, fine * factor * scale);
    let bound = is_bound(text, start);
    Some(Amount { about: is_about(text, start), range, unit, value, fine, bound }).filter(|a| a.value.is_finite())
}

/// `2h05m`: the second part stands right after a letter.
fn is_part(text: &str, start: usize, unit: Unit) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let letters = before.chars().rev().take_while(|c| c.is_alphabetic()).count();
    unit == Unit::Duration && letters == 1 && before.chars().rev().nth(1).is_some_and(|c| c.is_ascii_digit())
}

fn plain(text: &str) -> Option<(f64, f64)> {
    let groups = text.matches(',').count();
    let decimal_comma = groups == 1 && !text.contains('.') && text.split(',').nth(1).is_some_and(|d| d.len() != 3);
    let text = if decimal_comma { text.replace(',', ".") } else { text.replace(',', "") };
    let decimals = text.split_once('.').map_or(0, |(_, d)| d.len());
    Some((text.parse().ok()?, 0.1f64.powi(i32::try_from(decimals).unwrap_or(0))))
}

fn scale(word: &str) -> f64 {
    match word.to_lowercase().as_str() {
        "k" | "thousand" => 1e3,
        "m" | "million" | "mio" => 1e6,
        "bn" | "billion" => 1e9,
        _ => 1.0,
    }
}

fn unit(word: &str, money: bool) -> (Unit, f64) {
    match word {
        _ if money => (Unit::Money, 1.0),
        "" => (Unit::Count, 1.0),
        "%" | "percent" => (Unit::Share, 1.0),
        w if w.starts_with("per") => (Unit::Share, 1.0),
        w if w.starts_with("mil") || w.starts_with("ms") => (Unit::Duration, 0.001),
        w if w.starts_with('s') => (Unit::Duration, 1.0),
        w if w.starts_with('m') => (Unit::Duration, 60.0),
        w if w.starts_with('h') => (Unit::Duration, 3_600.0),
        w if w.starts_with("day") => (Unit::Duration, 86_400.0),
        w if w.starts_with('w') => (Unit::Duration, 604_800.0),
        _ => (Unit::Money, 1.0),
    }
}

fn is_bound(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end().to_lowercase();
    let words = [
        "at least",
        "at most",
        "up to",
        "less than",
        "more than",
        "within",
        "under",
        "over",
        "below",
        "above",
        "exceeds",
        "every",
        "fewer than",
    ];
    before.ends_with(['<', '>', '≤', '≥'])
        || before.ends_with("<=")
        || before.ends_with(">=")
        || words.iter().any(|w| before.ends_with(w))
}

/// Parts of one duration become one.
fn join(text: &str, next: Amount, found: &mut Vec<Amount>) {
    if let Some(last) = found.last_mut() {
        let gap = text.get(last.range.end..next.range.start).map(|g| g.trim_matches([' ', ',']));
        let durations = last.unit == Unit::Duration && next.unit == Unit::Duration;
        if durations && gap.is_some_and(|g| g.is_empty() || g == "and") && next.value < last.fine && last.fine >= 60.0 {
            last.range.end = next.range.end;
            last.value += next.value;
            last.fine = next.fine;
            return;
        }
    }
    found.push(next);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Unit, f64)> {
        of(text, &[]).into_iter().map(|a| (a.unit, a.value)).collect()
    }

    #[test]
    fn amounts_have_a_unit_and_a_value() {
        assert_eq!(read("18 min"), [(Unit::Duration, 1_080.0)]);
        assert_eq!(read("an 18-minute outage, 1 min 13 s, 2h05m"), [1_080.0, 73.0, 7_500.0].map(|s| (Unit::Duration, s)));
        assert_eq!(read("1 hour and 5 minutes; half an hour"), [(Unit::Duration, 3_900.0), (Unit::Duration, 1_800.0)]);
        assert_eq!(read("92% of ~8,000 users, $1.2M"), [(Unit::Share, 92.0), (Unit::Count, 8_000.0), (Unit::Money, 1_200_000.0)]);
        assert_eq!(read("30ms, 0,5 s"), [(Unit::Duration, 0.03), (Unit::Duration, 0.5)]);
        assert_eq!(read("30,000 users and 12k orders"), [(Unit::Count, 30_000.0), (Unit::Count, 12_000.0)]);
    }

    #[test]
    fn names_with_digits_are_no_amounts() {
        assert!(read("k8s on INC8842 of e3, web-a7f").is_empty());
        assert!(of("~5 min", &[])[0].about && of("up to 5 min", &[])[0].bound);
    }
}

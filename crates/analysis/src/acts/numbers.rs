//! Numbers as people write them: `8,000`, `8k`, `~8000`, `about 8,000`, `a couple of`.
//!
//! Must never know what is counted. Numbers inside versions, dates, clock times, addresses, paths, ticket ids and
//! identifiers are not numbers; `5m` is left to the caller, who knows whether minutes or millions are meant.

use expressions::{Expression, constant};
use std::sync::LazyLock;

/// A number in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    pub value: f64,
    /// "about", "~", a range, or a number word that is meant loosely.
    pub approx: bool,
    /// Bytes of the number with its approximating word and its `k`.
    pub span: (usize, usize),
}

/// All free-standing numbers of a text in order.
pub fn normalise_numbers(text: &str) -> Vec<Number> {
    let mut found: Vec<Number> = digits(text).chain(words(text)).collect();
    found.sort_by_key(|n| n.span);
    found.dedup_by(|later, earlier| later.span.0 < earlier.span.1);
    found
}

fn digits(text: &str) -> impl Iterator<Item = Number> + '_ {
    static NUMBER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?P<about>(?:~|≈|\b(?:about|around|approx\.?|approximately|roughly|nearly|almost|circa|ca\.?|some|over|more than|at least|up to|an estimated)\s+)~?)?(?P<first>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<range>\s?[-–]\s?(?P<last>\d+(?:\.\d+)?))?(?P<k>k\b|bn\b)?",
        )
    });
    NUMBER.captures_iter(text).filter_map(|c| {
        let whole = c.get(0)?;
        let first = c.name("first")?;
        if !stands_free(text, first.start(), whole.end()) {
            return None;
        }
        let low: f64 = first.as_str().replace(',', "").parse().ok()?;
        let range = c.name("last").and_then(|l| l.as_str().parse::<f64>().ok());
        let value = match range {
            Some(high) if high > low => f64::midpoint(low, high),
            Some(_) => return None,
            None => low,
        };
        let factor = match c.name("k").map(|k| k.as_str().to_ascii_lowercase()).as_deref() {
            Some("k") => 1e3,
            Some(_) => 1e9,
            None => 1.0,
        };
        Some(Number {
            value: value * factor,
            approx: c.name("about").is_some() || range.is_some(),
            span: (whole.start(), whole.end()),
        })
    })
}

/// Small number words before a noun; "one" is too often a pronoun to count anything but time.
fn words(text: &str) -> impl Iterator<Item = Number> + '_ {
    static WORD: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty-five|twenty|thirty-five|thirty|forty-five|forty|fifty|sixty|ninety|a dozen|a couple of|half an|half a|an|a)\s+[a-z]",
        )
    });
    const VALUES: [(&str, f64); 25] = [
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
        ("twenty-five", 25.0),
        ("twenty", 20.0),
        ("thirty-five", 35.0),
        ("thirty", 30.0),
        ("forty-five", 45.0),
        ("forty", 40.0),
        ("fifty", 50.0),
        ("sixty", 60.0),
        ("ninety", 90.0),
        ("a dozen", 12.0),
        ("a couple of", 2.0),
        ("half an", 0.5),
        ("half a", 0.5),
    ];
    WORD.captures_iter(text).filter_map(move |c| {
        let word = c.get(1)?;
        let lower = word.as_str().to_ascii_lowercase();
        let rest = text[word.end()..].trim_start().to_ascii_lowercase();
        let timely = ["hour", "minute", "day", "week"].iter().any(|u| rest.starts_with(u));
        let value = match lower.as_str() {
            "a" | "an" | "one" if timely => 1.0,
            "half an" | "half a" if !timely => return None,
            other => VALUES.iter().find(|v| v.0 == other)?.1,
        };
        const ABOUT: [&str; 8] = ["about", "around", "roughly", "approximately", "nearly", "almost", "some", "over"];
        let before = text[..word.start()].trim_end().rsplit(' ').next().unwrap_or_default().to_ascii_lowercase();
        let approx = lower.starts_with('a') || lower.starts_with("half") || ABOUT.contains(&before.as_str());
        Some(Number { value, approx, span: (word.start(), word.end()) })
    })
}

/// False inside `v2.14.3`, `2024-02-09`, `14:24`, `10.0.0.1`, `#902`, `INC-8842`, `p95`, `6/10`, `tcp/443`.
fn stands_free(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let before_that = text[..start].chars().rev().nth(1);
    let after: Vec<char> = text[end..].chars().take(2).collect();
    let glued = match before {
        Some('.' | ':' | '/' | '#' | '_' | '@') => true,
        Some('-') => before_that.is_some_and(char::is_alphanumeric),
        Some(',') => before_that.is_some_and(|c| c.is_ascii_digit()),
        Some(c) => c.is_alphanumeric(),
        None => false,
    };
    let digit_next = after.get(1).is_some_and(char::is_ascii_digit);
    let goes_on = match after.first() {
        Some('.' | ':' | '-') => digit_next,
        Some('/') => digit_next,
        Some('_') => true,
        _ => false,
    };
    !glued && !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(f64, bool)> {
        normalise_numbers(text).into_iter().map(|n| (n.value, n.approx)).collect()
    }

    #[test]
    fn the_same_number_in_many_wordings() {
        for text in ["8,000 users", "8k users", "8000 users", "8.0k users"] {
            assert_eq!(values(text), [(8000.0, false)], "{text}");
        }
        for text in ["~8,000", "about 8k", "≈8000", "roughly 8,000 users", "~8k"] {
            assert_eq!(values(text), [(8000.0, true)], "{text}");
        }
        assert_eq!(values("two orders, a couple of pods, half an hour"), [(2.0, false), (2.0, true), (0.5, true)]);
        assert_eq!(values("10-20 minutes"), [(15.0, true)]);
        assert_eq!(values("for about one hour, one of them for forty-five minutes"), [(1.0, true), (45.0, false)]);
    }

    #[test]
    fn identifiers_hold_no_numbers() {
        for text in [
            "v2.14.3",
            "2.14.3",
            "2024-02-09",
            "at 14:24",
            "10.0.0.1:443",
            "#902",
            "INC-8842",
            "p95",
            "6/10",
            "i-0abc12",
            "a pod",
        ] {
            assert_eq!(values(text), [], "{text}");
        }
    }
}

//! Which numbers a sentence may use: those of the records it cites, their times, and those of derivations.

use std::collections::BTreeSet;

use evidence::Moment;
use report::model::Derivation;
use serde_json::Value;

use crate::moments;
use crate::units::{self, Token};

/// Everything a sentence rests on.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    texts: Vec<String>,
    /// Sorted.
    numbers: Vec<f64>,
    /// RFC 3339, each.
    times: Vec<String>,
    derived: Vec<f64>,
    /// A record that nobody has seen is part of it.
    open: bool,
}

impl Proof {
    /// Adds the text of a record, or a name.
    pub fn add_text(&mut self, text: &str) {
        for text in [text.to_string(), without_escapes(text)] {
            for token in units::tokens(&text) {
                self.numbers.extend(units::meanings(&text, token));
            }
            self.numbers.extend(units::long_durations(&text).iter().map(|d| d.2));
            if !self.texts.contains(&text) {
                self.texts.push(text);
            }
        }
        self.numbers.sort_by(f64::total_cmp);
        self.numbers.dedup();
    }

    /// Adds an instant, RFC 3339.
    pub fn add_time(&mut self, at: &str) {
        self.times.push(at.to_string());
        self.times.push(at.replace('T', " "));
    }

    /// Adds a record that cannot be looked at: whatever a sentence says may stand there.
    pub fn add_anything(&mut self) {
        self.open = true;
    }

    pub fn add_derivation(&mut self, derivation: &Derivation) {
        self.derived.extend([derivation.numerator, derivation.denominator].into_iter().flatten());
        self.derived.extend([derivation.scanned, derivation.matched].into_iter().flatten().map(|n| n as f64));
        for bound in [&derivation.from, &derivation.to].into_iter().flatten() {
            self.add_time(bound);
        }
        self.add_value(&derivation.value);
    }

    pub fn add_value(&mut self, value: &Value) {
        match value {
            Value::Number(n) => self.derived.extend(n.as_f64()),
            Value::String(s) => self.add_time(s),
            _ => {}
        }
    }

    /// Does the token of `text` stand in the records, or in a derivation as exactly as it is printed?
    pub fn has(&self, text: &str, token: Token<'_>) -> bool {
        self.open
            || self.stands(token.text)
            || units::meanings(text, token).iter().any(|v| self.number(*v))
            || self.is_derived(text, token)
            || self.is_derived_clock(token.text)
    }

    /// The token stands in a text or a time, not as a part of a longer number.
    pub fn stands(&self, token: &str) -> bool {
        let spaced = token.replace('T', " ");
        let in_time = |t: &String| stands_in(token, t) || stands_in(&spaced, t);
        self.times.iter().any(in_time) || self.texts.iter().any(|t| stands_in(token, t))
    }

    /// One of the times is this instant, or a record says its minute, on whatever clock (zones differ by quarter hours).
    pub fn has_instant(&self, at: Moment) -> bool {
        let (minute, second) = (at.seconds().div_euclid(60), at.seconds().rem_euclid(60));
        let fits = |(m, s): (i64, i64)| (m - minute).rem_euclid(15) == 0 && s.abs_diff(second) <= 1;
        let says = |text: &String| units::tokens(text).iter().filter_map(|t| clock_of(t.text)).any(fits);
        let is_time = |t: &String| moments::moment(t).is_some_and(|t| moments::same(t, at));
        self.open || self.times.iter().any(is_time) || self.texts.iter().any(says)
    }

    /// A derivation has the seconds of a duration, to `tolerance`.
    pub fn near(&self, value: f64, tolerance: f64) -> bool {
        self.derived.iter().any(|d| {
            let room = tolerance.min(0.2 * d.abs()).max(1e-6 * d.abs().max(1.0));
            (d.abs() - value).abs() <= room
        })
    }

    /// A record has this number, in whatever unit.
    pub fn number(&self, value: f64) -> bool {
        let room = 1e-6 * value.abs().max(1.0);
        let from = self.numbers.partition_point(|n| *n < value - room);
        self.numbers.get(from).is_some_and(|n| *n <= value + room)
    }

    /// Month and day of every date in the records and times.
    pub fn days(&self) -> BTreeSet<(u8, u8)> {
        let day = |token: &str| {
            let mut parts = token.get(..10)?.split('-');
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            (year.len() == 4).then_some((month.parse().ok()?, day.parse().ok()?))
        };
        let all = self.times.iter().chain(&self.texts);
        all.flat_map(|t| units::tokens(t)).filter_map(|t| day(t.text)).collect()
    }

    fn is_derived(&self, text: &str, token: Token<'_>) -> bool {
        let decimals = token.text.split_once('.').map_or(0, |(_, d)| d.len().min(9) as i32);
        let step = 10f64.powi(-decimals);
        let factors = units::factors(text.get(token.end..).unwrap_or_default());
        let values = units::plain_values(token.text);
        values.iter().any(|v| factors.iter().any(|f| self.near(v * f, 0.5 * step * f)))
    }

    /// `0:01:15` or `1:15` is a duration that was derived.
    fn is_derived_clock(&self, token: &str) -> bool {
        let parts: Vec<f64> = token.split(':').filter_map(|p| p.parse().ok()).collect();
        if !(2..=3).contains(&parts.len()) || parts.len() != token.split(':').count() {
            return false;
        }
        let value = parts.iter().fold(0.0, |sum, part| sum * 60.0 + part);
        self.derived.iter().any(|d| (d.abs() - value).abs() < 1.0 || (d.abs() - value * 60.0).abs() < 30.0)
    }
}

/// `token` with no digit before it and none after it, nor a further decimal of a short number.
pub fn stands_in(token: &str, text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let closed = token.contains('.') || token.len() >= 6;
    text.match_indices(token).any(|(at, _)| {
        let end = at + token.len();
        let decimal = !closed && bytes.get(end) == Some(&b'.') && digit(end + 1);
        !(digit(end) || decimal || at > 0 && digit(at - 1))
    })
}

/// Minute and second of a time of day, `9:05` or `2024-02-07T09:05:00`; without seconds the full minute.
fn clock_of(token: &str) -> Option<(i64, i64)> {
    let mut parts = token.rsplit('T').next()?.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = parts.next().map_or(Some(0), |s| s.get(..2)?.parse().ok())?;
    (hour.len() <= 2 && minute.len() == 2).then(|| minute.parse().ok()).flatten().map(|m| (m, second))
}

/// JSON escapes undone, for a value that stands in a JSON record.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('u') => {
                let code: String = chars.by_ref().take(4).collect();
                out.push(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).unwrap_or(' '));
            }
            Some('n' | 't' | 'r' | 'b' | 'f') | None => out.push(' '),
            Some(other) => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proves(proof: &Proof, text: &str) -> bool {
        units::tokens(text).into_iter().all(|t| proof.has(text, t))
    }

    #[test]
    fn a_number_of_a_record_may_be_written_otherwise() {
        let mut proof = Proof::default();
        proof.add_text(r#"{"failed": 8000, "share": 0.923, "took": "1m13s"}"#);
        proof.add_time("2024-02-07T09:00:25Z");
        assert!(proves(&proof, "8k and 8,000 at 09:00:25 and 09:00 on 2024-02-07, 92.3%, 73 s"));
        for text in ["8001", "9 s", "09:01", "93%", "800"] {
            assert!(!proves(&proof, text), "{text}");
        }
    }

    #[test]
    fn a_derived_number_holds_as_exactly_as_it_is_printed() {
        let mut proof = Proof::default();
        proof.add_value(&serde_json::json!(0.9166));
        proof.add_value(&serde_json::json!(75.4));
        assert!(proves(&proof, "92%") && proves(&proof, "91.7%") && proves(&proof, "75 s") && proves(&proof, "1:15"));
        assert!(!proves(&proof, "92.0%") && !proves(&proof, "74 s") && !proves(&proof, "90%"));
    }

    #[test]
    fn a_part_of_a_longer_number_is_not_the_number() {
        assert!(stands_in("30", "30 s") && stands_in("30", "a30b") && !stands_in("30", "130") && !stands_in("3", "3.5"));
    }
}

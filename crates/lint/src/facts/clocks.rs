//! Times of day, with the date and the zone that are written beside them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::dates::Date;
use super::{around, is_about};

#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    /// Of the time of day alone.
    pub range: Range<usize>,
    /// Index into the dates of the text.
    pub date: Option<usize>,
    /// Seconds since midnight, as written; of seconds since 1970 for one that is written so.
    pub second: f64,
    /// Seconds that one step of the notation is.
    pub fine: f64,
    /// Seconds east of UTC, where it is written.
    pub zone: Option<i32>,
    /// It is written as seconds since 1970.
    pub epoch: bool,
    pub about: bool,
}

static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let zones: Vec<&str> = ZONES.iter().map(|z| z.0).collect();
    let zone = format!(r"(?P<z>[Zz]\b|(?:UTC|GMT)?[+-]\d\d:?(?:\d\d)\b|(?:UTC|GMT)[+-]\d{{1,2}}\b|(?:{})\b)", zones.join("|"));
    let digits = r"(?P<h>\d{1,2}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d)(?:[.,](?P<f>\d{1,9}))?)?";
    let spoken = r"(?P<H>\d{1,2})\s?(?P<A>[ap]\.?m\b)";
    Regex::new(&format!(r"(?:{digits}(?:\s?(?P<a>[AaPp]\.?[Mm])\b\.?)?|{spoken})(?:\s?{zone})?")).ok()
});
static EPOCH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b(1[0-9]{9})(\d{3})?(?:\.\d+)?\b").ok());

/// Names of zones that mean one offset each, in minutes.
const ZONES: &[(&str, i32)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("CEST", 120),
    ("CET", 60),
    ("BST", 60),
    ("WEST", 60),
    ("WET", 0),
    ("EEST", 180),
    ("EET", 120),
    ("MSK", 180),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("IST", 330),
    ("SGT", 480),
    ("HKT", 480),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("BRT", -180),
];

/// `dates` are those of the text; `code` takes seconds since 1970 for times.
pub fn of(text: &str, dates: &[Date], code: bool) -> Vec<Clock> {
    let mut found = Vec::new();
    if let Some(pattern) = PATTERN.as_ref() {
        found.extend(pattern.captures_iter(text).filter_map(|c| clock(text, dates, &c)));
    }
    if let Some(pattern) = EPOCH.as_ref().filter(|_| code) {
        found.extend(pattern.captures_iter(text).filter_map(|c| epoch(&c)));
    }
    found.sort_by_key(|c| c.range.start);
    found
}

fn clock(text: &str, dates: &[Date], found: &regex::Captures<'_>) -> Option<Clock> {
    let whole = found.get(0)?;
    let range = whole.start()..whole.start() + whole.as_str().trim_end().len();
    let (before, after) = around(text, &range);
    let dated = before.is_some_and(|c| c == 'T') && dates.iter().any(|d| d.range.end + 1 == range.start);
    if !dated && before.is_some_and(|c| c.is_alphanumeric() || matches!(c, ':' | '.' | '_' | '/' | '#' | '$')) {
        return None;
    }
    let named = before == Some('-') && text.get(..range.start - 1).is_some_and(|t| t.ends_with(char::is_alphabetic));
    let next = text.get(range.end + after.map_or(0, char::len_utf8)..).and_then(|t| t.chars().next());
    let runs_on = matches!(after, Some(':' | '.' | ',')) && next.is_some_and(|c| c.is_ascii_digit());
    if after.is_some_and(|c| c.is_alphanumeric() || c == '%' || c == '_') || runs_on || named {
        return None;
    }
    let number = |name: &str| found.name(name).and_then(|m| m.as_str().parse::<f64>().ok());
    let half = found.name("a").or(found.name("A")).map(|m| m.as_str().starts_with(['p', 'P']));
    let hour = number("h").or(number("H"))?;
    let hour = match half {
        Some(_) if !(1.0..=12.0).contains(&hour) => return None,
        Some(afternoon) => hour % 12.0 + if afternoon { 12.0 } else { 0.0 },
        None => hour,
    };
    let fraction = found.name("f").and_then(|m| format!("0.{}", m.as_str()).parse::<f64>().ok()).unwrap_or(0.0);
    let second = hour * 3_600.0 + number("m").unwrap_or(0.0) * 60.0 + number("s").unwrap_or(0.0) + fraction;
    let fine = match (found.name("f"), found.name("s"), found.name("m")) {
        (Some(_), _, _) => 0.001,
        (_, Some(_), _) => 1.0,
        (_, _, Some(_)) => 60.0,
        _ => 3_600.0,
    };
    let zone = found.name("z").and_then(|z| offset(z.as_str()));
    let date = dates.iter().position(|d| is_beside(text, &d.range, &range));
    (hour < 24.0).then_some(Clock { about: is_about(text, range.start), range, date, second, fine, zone, epoch: false })
}

/// Does the date stand at the time, before or after it?
fn is_beside(text: &str, date: &Range<usize>, clock: &Range<usize>) -> bool {
    let before = text.get(date.end..clock.start).map(|g| g.trim_matches([' ', ',', '(', '*', ':', '|', '-', '–']));
    let after = text.get(clock.end..date.start).map(|g| g.trim_matches([' ', ',', '(']));
    before.is_some_and(|g| matches!(g, "" | "T" | "at" | "@" | "from" | "around" | "about"))
        || after.is_some_and(|g| matches!(g, "" | "on"))
}

fn epoch(found: &regex::Captures<'_>) -> Option<Clock> {
    let seconds: f64 = found.get(1)?.as_str().parse().ok()?;
    let millis: f64 = found.get(2).map_or(Some(0.0), |m| m.as_str().parse().ok())?;
    let range = found.get(0)?.range();
    Some(Clock { range, date: None, second: seconds + millis / 1_000.0, fine: 1.0, zone: Some(0), epoch: true, about: false })
}

fn offset(zone: &str) -> Option<i32> {
    if let Some((_, minutes)) = ZONES.iter().find(|(name, _)| *name == zone) {
        return Some(minutes * 60);
    }
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let digits = zone.trim_start_matches(['U', 'T', 'C', 'G', 'M']);
    let sign = if digits.starts_with('-') { -1 } else { 1 };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at(digits.len().min(2));
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<i32>().ok()? };
    Some(sign * (hours.parse::<i32>().ok()? * 3_600 + minutes * 60)).filter(|o| o.abs() <= 14 * 3_600)
}

/// A time of day as `09:00:25`, with parts of a second where it has them.
pub fn shown(second: f64) -> String {
    let whole = second.rem_euclid(86_400.0);
    let (seconds, millis) = (whole as u32, ((whole.fract()) * 1_000.0).round() as u32);
    let fraction = if millis > 0 && millis < 1_000 { format!(".{millis:03}") } else { String::new() };
    format!("{:02}:{:02}:{:02}{fraction}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::super::dates;
    use super::*;

    fn read(text: &str) -> Vec<(String, Option<i32>, bool)> {
        let dates = dates::of(text);
        of(text, &dates, false).into_iter().map(|c| (shown(c.second), c.zone, c.date.is_some())).collect()
    }

    #[test]
    fn times_in_usual_notations_are_read() {
        let one = |text: &str| read(text).remove(0);
        assert_eq!(one("at 09:00:25 UTC"), ("09:00:25".into(), Some(0), false));
        assert_eq!(one("2024-02-07T09:00:25.5Z"), ("09:00:25.500".into(), Some(0), true));
        assert_eq!(one("9:05 PM CET on Feb 7, 2024"), ("21:05:00".into(), Some(3_600), true));
        assert_eq!(one("2024-02-07 10:00 +05:30"), ("10:00:00".into(), Some(19_800), true));
        assert_eq!(one("around 9 am"), ("09:00:00".into(), None, false));
        assert_eq!(read("(09:00:02–09:01:15 UTC)").len(), 2);
    }

    #[test]
    fn other_numbers_are_none() {
        for text in ["10.0.0.1:80", "main.rs:12:34", "a 3:1 ratio", "25:00", "INC-12:30", "port host:10:20"] {
            assert!(read(text).is_empty(), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn seconds_since_1970_are_times_in_code_only() {
        assert_eq!(of("ts=1707318005", &[], true)[0].second, 1_707_318_005.0);
        assert!(of("ts=1707318005", &[], false).is_empty());
    }
}

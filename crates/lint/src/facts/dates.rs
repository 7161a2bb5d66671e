//! Dates as people and programs write them. `3/4/2024` is no date: nobody knows which of two it is.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil;
use regex::Regex;

use super::around;

#[derive(Debug, Clone, PartialEq)]
pub struct Date {
    pub range: Range<usize>,
    pub year: Option<i16>,
    pub month: i8,
    pub day: i8,
    /// The weekday that is written beside it, Monday is 0.
    pub weekday: Option<i8>,
}

const MONTHS: &str = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const DAYS: &str = "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?";

static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let weekday = format!(r"(?:(?P<w>{DAYS})\.?,?\s+(?:the\s+)?)?");
    let iso = r"(?P<y>\d{4})[-/](?P<m>\d\d)[-/](?P<d>\d\d)";
    let named = format!(r"(?P<M1>{MONTHS})\.?\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y1>\d{{4}}))?");
    let day_first = format!(r"(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-](?P<M2>{MONTHS})\b\.?(?:,?[\s-](?P<y2>\d{{4}}))?");
    Regex::new(&format!(r"(?i){weekday}(?:{iso}|{day_first}|{named})")).ok()
});

pub fn of(text: &str) -> Vec<Date> {
    let Some(pattern) = PATTERN.as_ref() else { return Vec::new() };
    pattern.captures_iter(text).filter_map(|found| date(text, &found)).collect()
}

impl Date {
    /// Days since 1970; none for one that the calendar does not have, or without a year.
    pub fn days(&self, year: Option<i16>) -> Option<i64> {
        let date = civil::Date::new(self.year.or(year)?, self.month, self.day).ok()?;
        Some(date.duration_since(civil::Date::constant(1970, 1, 1)).as_secs() / 86_400)
    }

    /// Is there such a day in any year?
    pub fn is_possible(&self) -> bool {
        civil::Date::new(self.year.unwrap_or(2024), self.month, self.day).is_ok()
    }
}

/// `2024-02-07` of days since 1970.
pub fn shown(days: i64) -> String {
    let span = jiff::SignedDuration::from_secs(days.saturating_mul(86_400));
    civil::Date::constant(1970, 1, 1).checked_add(span).map_or_else(|_| days.to_string(), |d| d.to_string())
}

fn date(text: &str, found: &regex::Captures<'_>) -> Option<Date> {
    let whole = found.get(0)?.range();
    let named = ["M1", "M2"].iter().find_map(|n| found.name(n));
    let (before, after) = around(text, &whole);
    let digits_first = text.get(whole.clone())?.starts_with(|c: char| c.is_ascii_digit());
    if before.is_some_and(|c| c.is_ascii_digit() && digits_first || c.is_alphabetic() && !digits_first) {
        return None;
    }
    if after.is_some_and(|c| c.is_ascii_digit())
        || named.is_none() && text.get(whole.end..)?.starts_with(['-', '/', '.']) && {
            let next = text.get(whole.end + 1..)?.chars().next();
            next.is_some_and(|c| c.is_ascii_digit())
        }
    {
        return None;
    }
    let number = |names: [&str; 3]| names.iter().find_map(|n| found.name(n)).and_then(|m| m.as_str().parse::<i16>().ok());
    let month = match named {
        Some(word) => month(word.as_str())?,
        None => i8::try_from(number(["m", "m", "m"])?).ok()?,
    };
    let year = number(["y", "y1", "y2"]);
    let day = i8::try_from(number(["d", "d1", "d2"])?).ok()?;
    // “may 5 pods” is no date.
    if named.is_some_and(|m| m.as_str() == "may" || m.as_str() == "march") && year.is_none() {
        return None;
    }
    let weekday = found.name("w").and_then(|w| weekday(w.as_str()));
    (day > 0 && (1..=99).contains(&month)).then_some(Date { range: whole, year, month, day, weekday })
}

fn month(word: &str) -> Option<i8> {
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let word = word.to_lowercase();
    names.iter().position(|n| word.starts_with(n)).and_then(|i| i8::try_from(i + 1).ok())
}

fn weekday(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().position(|n| word.starts_with(n)).and_then(|i| i8::try_from(i).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Option<i16>, i8, i8)> {
        of(text).into_iter().map(|d| (d.year, d.month, d.day)).collect()
    }

    #[test]
    fn dates_in_usual_notations_are_read() {
        assert_eq!(read("Wed, February 7th, 2024 and 7 Feb 2024, 2024-02-07T09:00"), [(Some(2024), 2, 7); 3]);
        assert_eq!(read("@bob2024-02-09Open, 2024/02/09"), [(Some(2024), 2, 9); 2]);
        assert_eq!(read("on Feb 7 at nine"), [(None, 2, 7)]);
        assert_eq!(of("Wednesday, Feb 7")[0].weekday, Some(2));
    }

    #[test]
    fn other_numbers_are_none() {
        assert!(read("we may 5 times, v1.2024-02, 1/2/2024, ip 10.20.24.02").is_empty());
        assert_eq!(shown(0), "1970-01-01");
    }
}

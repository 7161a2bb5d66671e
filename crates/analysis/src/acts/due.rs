//! The day that somebody means who says "Friday" or "28 Nov".
//!
//! Must never guess between two days: "next Friday" and "3/4" stay words. What breaks it: a writer in another zone around midnight.

use std::sync::LazyLock;

use evidence::Moment;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex::Regex;

use crate::expressions::constant;

/// A day without a year that lies so many days back is of the next year.
const BACK_DAYS: i32 = 60;

/// As an ISO date, for words that were said at a moment; `None` where they name no single day.
pub fn day(words: &str, said: Moment) -> Option<String> {
    static MONTH_FIRST: LazyLock<Regex> =
        LazyLock::new(|| constant(r"^(?P<m>\p{L}{3,9})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?(?:,? (?P<y>\d{4}))?$"));
    static DAY_FIRST: LazyLock<Regex> =
        LazyLock::new(|| constant(r"^(?P<d>\d{1,2})(?:st|nd|rd|th)?\.? (?P<m>\p{L}{3,9})\.?(?: (?P<y>\d{4}))?$"));
    static GERMAN: LazyLock<Regex> = LazyLock::new(|| constant(r"^(?P<d>\d{1,2})\.(?P<n>\d{1,2})(?:\.(?P<y>\d{4})?)?$"));
    static ISO: LazyLock<Regex> = LazyLock::new(|| constant(r"^(?P<y>\d{4})[-/](?P<n>\d{1,2})[-/](?P<d>\d{1,2})$"));
    let today: Date = said.rfc3339().get(..10)?.parse().ok()?;
    let words = words.trim();
    if let Some(c) = [&*MONTH_FIRST, &*DAY_FIRST, &*GERMAN, &*ISO].iter().find_map(|shape| shape.captures(words)) {
        let number = |name: &str| c.name(name).and_then(|m| m.as_str().parse::<i16>().ok());
        let month = c.name("m").map_or_else(|| number("n"), |m| month(m.as_str()))?;
        return date(today, number("y"), month, number("d")?).map(|day| day.to_string());
    }
    let lower = words.to_lowercase();
    let day = match lower.as_str() {
        "today" | "tonight" | "eod" | "end of day" | "end of the day" | "heute" => today,
        "tomorrow" | "morgen" => today.checked_add(1.day()).ok()?,
        "eom" | "end of month" | "end of the month" | "end of this month" | "ende des monats" => today.last_of_month(),
        _ => {
            let name = ["this ", "coming ", "kommenden "].iter().find_map(|word| lower.strip_prefix(word)).unwrap_or(&lower);
            today.nth_weekday(1, weekday(name)?).ok()?
        }
    };
    Some(day.to_string())
}

/// Of a day without a year the next one, or one that is not long past.
fn date(today: Date, year: Option<i16>, month: i16, day: i16) -> Option<Date> {
    let of = |year: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    if let Some(year) = year {
        return of(year);
    }
    let own = of(today.year())?;
    let is_past = today.since(own).ok()?.get_days() > BACK_DAYS;
    if is_past { of(today.year() + 1) } else { Some(own) }
}

fn month(word: &str) -> Option<i16> {
    const MONTHS: [&[&str]; 12] = [
        &["jan"],
        &["feb"],
        &["mar", "mär"],
        &["apr"],
        &["may", "mai"],
        &["jun"],
        &["jul"],
        &["aug"],
        &["sep"],
        &["oct", "okt"],
        &["nov"],
        &["dec", "dez"],
    ];
    let lower = word.to_lowercase();
    MONTHS.iter().zip(1..).find(|(names, _)| names.iter().any(|name| lower.starts_with(name))).map(|(_, number)| number)
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" | "montag" => Weekday::Monday,
        "tuesday" | "tue" | "tues" | "dienstag" => Weekday::Tuesday,
        "wednesday" | "wed" | "mittwoch" => Weekday::Wednesday,
        "thursday" | "thu" | "thurs" | "donnerstag" => Weekday::Thursday,
        "friday" | "fri" | "freitag" => Weekday::Friday,
        "saturday" | "sat" | "samstag" => Weekday::Saturday,
        "sunday" | "sun" | "sonntag" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_one_day_are_that_day() {
        // A Thursday, 2025-11-20.
        let said = Moment::from_seconds(1_763_607_600);
        for (words, expected) in [
            ("28 Nov", Some("2025-11-28")),
            ("Nov 28th", Some("2025-11-28")),
            ("3 March", Some("2026-03-03")),
            ("20. Februar", Some("2026-02-20")),
            ("1 Nov", Some("2025-11-01")),
            ("Dec 1, 2026", Some("2026-12-01")),
            ("2026/2/9", Some("2026-02-09")),
            ("20.02.2026", Some("2026-02-20")),
            ("31.01.", Some("2026-01-31")),
            ("30.11", Some("2025-11-30")),
            ("Friday", Some("2025-11-21")),
            ("Thursday", Some("2025-11-27")),
            ("today", Some("2025-11-20")),
            ("tomorrow", Some("2025-11-21")),
            ("end of month", Some("2025-11-30")),
            ("next Friday", None),
            ("3/4", None),
            ("end of week", None),
            ("31 Feb", None),
            ("Q1 2026", None),
            ("soon", None),
        ] {
            assert_eq!(day(words, said).as_deref(), expected, "{words}");
        }
    }
}

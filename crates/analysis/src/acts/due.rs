//! The day that somebody means who says "Friday", "28 Nov" or "9/12".
//!
//! Must never guess between two days: "next Friday" stays words, and so does "3/4" where both readings lie ahead and no other date
//! of the talk tells which number is the month. What breaks it: a writer in another zone around midnight.

use std::sync::LazyLock;

use evidence::Moment;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use expressions::{Expression, constant};

/// A day without a year that lies so many days back is of the next year.
const BACK_DAYS: i32 = 60;

/// How people write a day; one with its number and month is read whole ("Fri 6 June"), the name of its weekday with it.
pub const DATE: &str = r"(?:(?:(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|today|tomorrow|heute|morgen|mañana|demain|amanhã|domani|eo[db]|cob|(?:the )?end of (?:the )?day|(?:next|this) week)\.?,? (?:on |the |den )?\(?){0,2}(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}-\d{1,2}-\d{4}|\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?\b(?:,? \d{4})?|\d{1,2}(?:st|nd|rd|th)?\.? (?:of |de )?(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)\p{L}*\.?(?:,? \d{4})?)|(?:nächsten |kommenden )?(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)\b|(?:nächste|diese) woche\b|ende (?:der woche|des monats|des quartals|\p{L}+)|(?:next |this |coming )?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b|today|tomorrow|tonight|eo[dwmqs]\b|(?:the )?end of (?:the |this |next )?(?:day|week|month|quarter|sprint|year)|(?:the )?end of (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\p{L}*|(?:next|this) (?:week|month|sprint|quarter)|q[1-4](?: \d{4})?|cw ?\d{1,2})";

/// A date of two or three numbers lies this many days ahead at most, where its year is not written.
const AHEAD_DAYS: i32 = 270;

/// Which number comes first in "9/12".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Month,
    Day,
}

/// The order of numbers in which all dates of a talk make sense, by those that do so in one order only.
pub fn order<'t>(dates: impl Iterator<Item = (&'t str, Moment)>) -> Option<Order> {
    let mut told = dates.filter_map(|(words, said)| match readings(words, said)?.as_slice() {
        [(order, _)] => Some(*order),
        _ => None,
    });
    let first = told.next()?;
    told.all(|order| order == first).then_some(first)
}

/// As an ISO date where only the order of its numbers was open: in the order of the talk, else where one of both is possible.
pub fn by_order(words: &str, said: Moment, order: Option<Order>) -> Option<String> {
    let all = readings(words, said)?;
    let fits = |(own, day): &(Order, Date)| order.is_none_or(|order| *own == order).then_some(*day);
    let mut days: Vec<Date> = all.iter().filter_map(fits).collect();
    days.dedup();
    match days.as_slice() {
        [day] => Some(day.to_string()),
        _ => None,
    }
}

/// What two numbers and perhaps a year can mean for something that is still to come.
fn readings(words: &str, said: Moment) -> Option<Vec<(Order, Date)>> {
    static NUMBERS: LazyLock<Expression> = LazyLock::new(|| constant(r"(?:^|[ (])(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}|\d{2}))?$"));
    let c = NUMBERS.captures(words.trim())?;
    let today = today(said)?;
    let number = |at: usize| c.get(at).and_then(|m| m.as_str().parse::<i16>().ok());
    let (a, b) = (number(1)?, number(2)?);
    let year = number(3).map(|year| if year < 100 { 2_000 + year } else { year });
    let read = |(order, month, day): (Order, i16, i16)| {
        let of = |year: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
        let ahead = |day: &Date| day.since(today).is_ok_and(|span| span.get_days() >= 0);
        let near = |day: &Date| day.since(today).is_ok_and(|span| span.get_days() <= AHEAD_DAYS);
        let found = match year {
            Some(year) => of(year).filter(ahead),
            None => of(today.year()).filter(ahead).or_else(|| of(today.year() + 1)).filter(near),
        };
        found.map(|day| (order, day))
    };
    Some([(Order::Month, a, b), (Order::Day, b, a)].into_iter().filter_map(read).collect())
}

/// It has a day and a month, or two numbers for them.
pub fn names_a_day(words: &str) -> bool {
    words.contains(|c: char| c.is_ascii_digit()) && !words.to_lowercase().starts_with(['q', 'c'])
}

fn today(said: Moment) -> Option<Date> {
    said.rfc3339().get(..10)?.parse().ok()
}

/// As an ISO date, for words that were said at a moment; `None` where they name no single day.
pub fn day(words: &str, said: Moment) -> Option<String> {
    static MONTH_FIRST: LazyLock<Expression> =
        LazyLock::new(|| constant(r"^(?P<m>\p{L}{3,9})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?(?:,? (?P<y>\d{4}))?$"));
    static DAY_FIRST: LazyLock<Expression> =
        LazyLock::new(|| constant(r"^(?P<d>\d{1,2})(?:st|nd|rd|th)?\.? (?:of )?(?P<m>\p{L}{3,9})\.?(?:,? (?P<y>\d{4}))?$"));
    static GERMAN: LazyLock<Expression> = LazyLock::new(|| constant(r"^(?P<d>\d{1,2})\.(?P<n>\d{1,2})(?:\.(?P<y>\d{4})?)?$"));
    static ISO: LazyLock<Expression> = LazyLock::new(|| constant(r"^(?P<y>\d{4})[-/](?P<n>\d{1,2})[-/](?P<d>\d{1,2})$"));
    let today = today(said)?;
    let english = super::in_english(words);
    let words = english.trim();
    // "Fri 6 June", "Friday (6 June": the day of a month stands last and is what is meant.
    let ends =
        [0].into_iter().chain(words.match_indices(' ').map(|(at, _)| at + 1)).map(|at| words[at..].trim_start_matches('('));
    let shapes = [&*MONTH_FIRST, &*DAY_FIRST, &*GERMAN, &*ISO];
    if let Some(c) = ends.filter_map(|end| shapes.iter().find_map(|shape| shape.captures(end))).next() {
        let number = |name: &str| c.name(name).and_then(|m| m.as_str().parse::<i16>().ok());
        let month = c.name("m").map_or_else(|| number("n"), |m| month(m.as_str()))?;
        return date(today, number("y"), month, number("d")?).map(|day| day.to_string());
    }
    let lower = words.to_lowercase();
    let day = match lower.as_str() {
        "today" | "tonight" | "eod" | "end of day" | "end of the day" | "heute" => today,
        "tomorrow" | "morgen" => today.checked_add(1.day()).ok()?,
        "eom" | "end of month" | "end of the month" | "end of this month" | "ende des monats" => today.last_of_month(),
        words if words.contains("end of ") && words.rsplit(' ').next().is_some_and(|last| month(last).is_some()) => {
            let of = words.rsplit(' ').next().and_then(month)?;
            date(today, None, of, 1)?.last_of_month()
        }
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
    fn a_day_and_its_date_are_read_whole() {
        let whole = constant(&format!(r"(?i)^{DATE}$"));
        for words in ["tomorrow 28-11-2025", "mañana, 28-11-2025", "Fri 28 November", "today (20 Nov"] {
            assert!(whole.is_match(words), "{words}");
        }
    }

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
            ("Fri 28 November", Some("2025-11-28")),
            ("Friday, Nov 28", Some("2025-11-28")),
            ("EOD Friday (28 Nov", Some("2025-11-28")),
            ("3rd of March, 2026", Some("2026-03-03")),
            ("today", Some("2025-11-20")),
            ("tomorrow", Some("2025-11-21")),
            ("end of month", Some("2025-11-30")),
            ("end of January", Some("2026-01-31")),
            ("end of November", Some("2025-11-30")),
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

    #[test]
    fn numbers_are_read_in_the_order_that_lies_ahead() {
        // A Thursday, 2025-11-20.
        let said = Moment::from_seconds(1_763_607_600);
        for (words, order, expected) in [
            ("11/28", None, Some("2025-11-28")),
            ("28/11/2025", None, Some("2025-11-28")),
            ("07/12/2025", None, Some("2025-12-07")),
            ("12/01", None, None),
            ("12/01", Some(Order::Month), Some("2025-12-01")),
            ("12/01", Some(Order::Day), Some("2026-01-12")),
            ("Mon 12/1", Some(Order::Month), Some("2025-12-01")),
            ("11/10", Some(Order::Month), None),
            ("12/12", None, Some("2025-12-12")),
            ("13/14", None, None),
            ("20.02.", None, None),
        ] {
            assert_eq!(by_order(words, said, order).as_deref(), expected, "{words}");
        }
        let order = |dates: &[&'static str]| order(dates.iter().map(|words| (*words, said)));
        assert_eq!(order(&["12/1", "12/19"]), Some(Order::Month));
        assert_eq!(order(&["12/1", "19/12"]), Some(Order::Day));
        assert_eq!(order(&["12/19", "19/12"]), None);
        assert_eq!(order(&["12/1"]), None);
    }
}

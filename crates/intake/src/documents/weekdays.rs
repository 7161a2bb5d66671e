//! Dates of numbers in an order that the name of their day tells: `Wed 2/12/2025` is in February, `Tue 2/12/2025` in December.
//!
//! It must never guess the order where the name fits both, or none. What breaks it: a writer who took the wrong day.

use std::sync::LazyLock;

use expressions::Expression;
use jiff::civil;

/// `Wed 2/12/2025`: of both orders, the one in which that day is one of that name.
pub fn date_in(note: &str) -> Option<civil::Date> {
    static DATE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(
            r"(?i)\b(?<name>mon|tue|wed|thu|fri|sat|sun)(?:s|rs|nes|ur)?(?:day)?\.?,? +(?<a>\d{1,2})/(?<b>\d{1,2})/(?<year>\d{4})\b",
        )
        .ok()
    });
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let found = DATE.as_ref()?.captures(note)?;
    let name = found["name"].to_lowercase();
    let number = |part: &str| found[part].parse::<i8>().ok();
    let (a, b, year) = (number("a")?, number("b")?, found["year"].parse::<i16>().ok()?);
    let is_it = |date: &civil::Date| DAYS.get(date.weekday().to_monday_zero_offset() as usize) == Some(&name.as_str());
    let mut fitting =
        [(a, b), (b, a)].into_iter().filter_map(|(month, day)| civil::Date::new(year, month, day).ok()).filter(is_it);
    let first = fitting.next()?;
    fitting.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_day_tells_which_number_is_the_month() {
        assert_eq!(date_in("GATE 3   Wed 2/12/2025"), Some(civil::date(2025, 2, 12)));
        assert_eq!(date_in("Tue, 2/12/2025"), Some(civil::date(2025, 12, 2)), "the day in front");
        for other in ["2/12/2025 all day", "Mon 2/12/2025", "Monica 2/12/2025"] {
            assert_eq!(date_in(other), None, "{other}");
        }
    }
}

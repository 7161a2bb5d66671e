//! Times as documents write them: RFC 3339 and its relatives, wall clocks, epochs of any unit, mail dates.
//!
//! It must never guess a zone or a date: what is not written is told by the basis of the stamp. A year of 1 (the zero
//! time of Go) means that there is no time.

use evidence::{Basis, Stamp};
use jiff::{civil, tz::TimeZone};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The time that a text is, in any notation known here; `None` when it is none or the zero time.
pub fn read(text: &str) -> Option<Stamp> {
    let text = text.trim().trim_start_matches('@');
    if text.is_empty() || text.len() > 80 {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return epoch(text);
    }
    iso(text).or_else(|| basic(text)).or_else(|| in_words(text)).or_else(|| slashed(text))
}

/// `18/Mar/25 2:52 PM`, `18-Mar-25 2:52 PM`.
fn slashed(text: &str) -> Option<Stamp> {
    let (date, time) = text.split_once(' ')?;
    let parts: Vec<&str> = date.split(['/', '-']).collect();
    let [day, month, year] = *parts.as_slice() else { return None };
    if !month.starts_with(char::is_alphabetic) {
        return None;
    }
    let century = if year.len() == 2 { "20" } else { "" };
    in_words(&format!("{day} {month} {century}{year} {time}"))
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size (1973 to 5138).
pub fn epoch(text: &str) -> Option<Stamp> {
    let plain = if text.contains(['e', 'E']) { format!("{:.6}", text.parse::<f64>().ok()?) } else { text.to_string() };
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let whole: i128 = whole.parse().ok()?;
    let (value, unit) = match whole {
        100_000_000..100_000_000_000 => (whole * 1_000_000, 1_000_000.0),
        100_000_000_000..100_000_000_000_000 => (whole * 1_000, 1_000.0),
        100_000_000_000_000..100_000_000_000_000_000 => (whole, 0.0),
        100_000_000_000_000_000..100_000_000_000_000_000_000 => (whole / 1_000, 0.0),
        _ => return None,
    };
    let part: f64 = format!("0.{fraction}").parse().unwrap_or(0.0);
    let micros = value + (part * unit).round() as i128;
    Some(Stamp::new(i64::try_from(micros).ok()?, Basis::Epoch))
}

/// A time of day without a date: `7:34 AM`, `07:34`, `07:34:12`; the hour may lack its zero.
pub fn clock(text: &str) -> Option<Stamp> {
    let (time, rest) = time_of_day(text.trim())?;
    let (time, rest) = half_of_day(time, rest)?;
    if !rest.trim().is_empty() {
        return None;
    }
    stamp(civil::date(1972, 1, 1), time, None, Basis::ClockOnly)
}

/// A date in numbers and a time: `14/11/2025, 18:40:15`, `2025/11/14, 18:40`, `11/14/25, 6:40 PM`, `14.11.25 18:40`, `14/11 18:40`, with the month in front
/// when `month_first`.
pub fn numeric(text: &str, month_first: bool) -> Option<Stamp> {
    let (date, rest) = text.trim().split_once([',', ' '])?;
    let by_dashes = date.matches('-').count() == 2;
    let is_joint = |c: char| matches!(c, '/' | '.') || by_dashes && c == '-';
    let parts: Vec<i16> = date.trim_end_matches('.').split(is_joint).map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let (a, b, year) = match *parts.as_slice() {
        // Nobody writes the day behind the year: `2025/11/14, 6:40`.
        [year, month, day] if year >= 1_000 && month_first => (month, day, Some(year)),
        [year, month, day] if year >= 1_000 => (day, month, Some(year)),
        [a, b, year] => (a, b, Some(year)),
        [a, b] => (a, b, None),
        _ => return None,
    };
    let (day, month) = if month_first { (b, a) } else { (a, b) };
    let basis = if year.is_some() { Basis::Civil } else { Basis::CivilNoYear };
    let year = year.map_or(Stamp::NO_YEAR, |y| if (0..100).contains(&y) { y + 2000 } else { y });
    let (time, rest) = time_of_day(rest.trim_start_matches([',', ' ', '\u{202f}']))?;
    let (time, rest) = half_of_day(time, rest)?;
    if !rest.trim().is_empty() {
        return None;
    }
    let date = civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    stamp(date, time, None, basis)
}

/// `2024-02-07T09:00:00.123Z` and relatives: blank for `T`, comma for the point, slashes, offsets with or without
/// colon, zone words for UTC, no zone, date only.
fn iso(text: &str) -> Option<Stamp> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let separator = *bytes.get(4)?;
    if !matches!(separator, b'-' | b'/') || bytes.get(7) != Some(&separator) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if year <= 1 {
        return None;
    }
    let date = civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let rest = text.get(10..)?;
    if rest.trim().is_empty() {
        return stamp(date, civil::Time::midnight(), None, Basis::Civil);
    }
    let rest = rest.strip_prefix(['T', 't', ' ', '_'])?.trim_start();
    let (time, rest) = time_of_day(rest)?;
    let (offset, basis) = zone(rest)?;
    stamp(date, time, offset, basis)
}

/// The basic form of ISO 8601: `20250123T122249+0100`.
fn basic(text: &str) -> Option<Stamp> {
    let (date, time) = text.split_once('T')?;
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let clock = time.get(..6).filter(|clock| is_number(clock) && date.len() == 8 && is_number(date))?;
    let (day, zone) = ((&date[..4], &date[4..6], &date[6..]), time.get(6..)?);
    iso(&format!("{}-{}-{}T{}:{}:{}{zone}", day.0, day.1, day.2, &clock[..2], &clock[2..4], &clock[4..]))
}

/// `Thu, 23 Jan 2025 12:22:49 +0100`, `Thu Jan 23 12:22:49 2025 +0100`, `Jan 23, 2025 12:22:49 UTC`, `23 Jan 2025 12:22`.
fn in_words(text: &str) -> Option<Stamp> {
    let mut month = None;
    let (mut day, mut year, mut time) = (None, None, None);
    let mut tail = Vec::new();
    for word in text.split([' ', ',', '\t']).filter(|w| !w.is_empty() && *w != "at") {
        let head = word.get(..3).unwrap_or_default().to_ascii_lowercase();
        if word.contains(':') && time.is_none() {
            let (t, rest) = time_of_day(word)?;
            time = Some(t);
            tail.extend((!rest.is_empty()).then_some(rest));
        } else if let (None, Some(m)) = (month, MONTHS.iter().position(|m| *m == head)) {
            month = Some(m as i8 + 1);
        } else if word.bytes().all(|b| b.is_ascii_digit()) && word.len() <= 2 && day.is_none() {
            day = word.parse::<i8>().ok();
        } else if word.bytes().all(|b| b.is_ascii_digit()) && word.len() == 4 && year.is_none() {
            year = word.parse::<i16>().ok();
        } else if time.is_some() || year.is_some() && month.is_some() {
            tail.push(word);
        } else if !is_weekday(&head) {
            return None;
        }
    }
    let rest = tail.join(" ");
    let time = time?;
    let (time, rest) = half_of_day(time, &rest)?;
    let (offset, basis) = zone(rest)?;
    let basis = if year.is_none() { Basis::CivilNoYear } else { basis };
    let date = civil::Date::new(year.unwrap_or(Stamp::NO_YEAR), month?, day?).ok()?;
    stamp(date, time, offset, basis)
}

fn is_weekday(head: &str) -> bool {
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].contains(&head)
}

/// `9:00`, `09:00:00`, `09:00:00.123456789` at the front of a text, and what follows.
fn time_of_day(text: &str) -> Option<(civil::Time, &str)> {
    let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
    let n = digits(text);
    if n == 0 || n > 2 {
        return None;
    }
    let hour: i8 = text[..n].parse().ok()?;
    let rest = text[n..].strip_prefix(':')?;
    if digits(rest) < 2 {
        return None;
    }
    let minute: i8 = rest[..2].parse().ok()?;
    let mut rest = &rest[2..];
    let (mut second, mut nanos) = (0_i8, 0_i32);
    if let Some(after) = rest.strip_prefix(':').filter(|a| digits(a) >= 2) {
        second = after[..2].parse::<i8>().ok()?.min(59);
        rest = &after[2..];
        if let Some(after) = rest.strip_prefix(['.', ',']).filter(|a| digits(a) > 0) {
            let n = digits(after);
            nanos = format!("{:0<9}", &after[..n.min(9)]).parse().ok()?;
            rest = &after[n..];
        }
    }
    if rest.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some((civil::Time::new(hour, minute, second, nanos).ok()?, rest))
}

/// Applies `AM` or `PM` where it follows.
fn half_of_day(time: civil::Time, rest: &str) -> Option<(civil::Time, &str)> {
    let trimmed = rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let word: String = trimmed.chars().take(4).filter(|c| *c != '.').take(2).collect();
    let (is_pm, is_am) = (word.eq_ignore_ascii_case("pm"), word.eq_ignore_ascii_case("am"));
    if !is_pm && !is_am {
        return Some((time, rest));
    }
    let used = if trimmed.as_bytes().get(1) == Some(&b'.') { 4 } else { 2 };
    let after = trimmed.get(used..).unwrap_or_default();
    if after.starts_with(|c: char| c.is_alphanumeric()) || !(1..=12).contains(&time.hour()) {
        return Some((time, rest));
    }
    let hour = time.hour() % 12 + if is_pm { 12 } else { 0 };
    Some((time.with().hour(hour).build().ok()?, after))
}

/// What a zone says: seconds east of UTC (`None` where nothing is said) and the basis it gives. `None` when what stands
/// there is no zone.
fn zone(text: &str) -> Option<(Option<i64>, Basis)> {
    let text = text.trim().trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    if text.is_empty() {
        return Some((None, Basis::Civil));
    }
    // JavaScript: `GMT+0200 (Central European Summer Time)`.
    if let Some(offset) = text.strip_prefix("GMT").or(text.strip_prefix("UTC")).filter(|rest| rest.starts_with(['+', '-'])) {
        return zone(offset.split(' ').next().unwrap_or(offset));
    }
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let is_abbreviation = |w: &str| (2..=5).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_uppercase());
    let rest = rest.trim_matches(['(', ')', ' ']);
    if !rest.is_empty() && !is_abbreviation(rest) {
        return None;
    }
    if ["Z", "z", "UTC", "GMT", "utc", "gmt"].contains(&word) {
        return Some((Some(0), Basis::Zoned));
    }
    let sign = match word.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ if is_abbreviation(word) => return Some((None, Basis::Civil)),
        _ => return None,
    };
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let rest_is_plain = word[1..].bytes().all(|b| b.is_ascii_digit() || b == b':');
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i64>().ok()?, 0),
        4 => (digits[..2].parse::<i64>().ok()?, digits[2..].parse::<i64>().ok()?),
        _ => return None,
    };
    (rest_is_plain && hours <= 18 && minutes < 60).then_some((Some(sign * (hours * 3_600 + minutes * 60)), Basis::Zoned))
}

fn stamp(date: civil::Date, time: civil::Time, offset: Option<i64>, basis: Basis) -> Option<Stamp> {
    let at = date.to_datetime(time).to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond();
    Some(Stamp::new(at.checked_sub(offset.unwrap_or(0) * 1_000_000)?, basis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, utc: &str, basis: Basis) {
        let expected: jiff::Timestamp = utc.parse().expect("a timestamp");
        assert_eq!(read(text), Some(Stamp::new(expected.as_microsecond(), basis)), "{text}");
    }

    #[test]
    fn relatives_of_rfc_3339() {
        check("2024-02-07T09:00:00Z", "2024-02-07T09:00:00Z", Basis::Zoned);
        check("2024-02-07 09:00:00,123 +0200", "2024-02-07T07:00:00.123Z", Basis::Zoned);
        check("2024-02-07T09:00:00.123456789-05:30", "2024-02-07T14:30:00.123456Z", Basis::Zoned);
        check("2024/02/07 09:00:00 UTC", "2024-02-07T09:00:00Z", Basis::Zoned);
        check("2024-02-07 09:00", "2024-02-07T09:00:00Z", Basis::Civil);
        check("2024-02-07", "2024-02-07T00:00:00Z", Basis::Civil);
        check("2024-02-07 09:00:00 +0000 UTC", "2024-02-07T09:00:00Z", Basis::Zoned);
        check("20240207T110000+0200", "2024-02-07T09:00:00Z", Basis::Zoned);
        check("20240207T090000Z", "2024-02-07T09:00:00Z", Basis::Zoned);
    }

    #[test]
    fn dates_in_words() {
        check("Thu, 23 Jan 2025 12:22:49 +0100", "2025-01-23T11:22:49Z", Basis::Zoned);
        check("Thu Jan 23 12:22:49 2025 -0800", "2025-01-23T20:22:49Z", Basis::Zoned);
        check("Jan 23, 2025 7:22 PM UTC", "2025-01-23T19:22:00Z", Basis::Zoned);
        check("Thursday, January 23, 2025 at 7:22:05\u{202f}PM UTC", "2025-01-23T19:22:05Z", Basis::Zoned);
        check("Thu Jan 23 2025 12:22:49 GMT+0100 (Central European Standard Time)", "2025-01-23T11:22:49Z", Basis::Zoned);
        check("23-Jan-25 07:22 PM", "2025-01-23T19:22:00Z", Basis::Civil);
        check("23/Jan/25 7:22 PM", "2025-01-23T19:22:00Z", Basis::Civil);
        check("23 Jan 2025 12:22:49", "2025-01-23T12:22:49Z", Basis::Civil);
    }

    #[test]
    fn epochs_of_any_unit() {
        for text in ["1707296402", "1707296402000", "1707296402000000", "1707296402000000000", "1707296402.000000"] {
            check(text, "2024-02-07T09:00:02Z", Basis::Epoch);
        }
        check("1707296402.000621", "2024-02-07T09:00:02.000621Z", Basis::Epoch);
    }

    #[test]
    fn the_zero_time_and_other_texts_are_no_time() {
        for text in ["0001-01-01T00:00:00Z", "0", "42", "rolled back", "10.0.0.1", "2024-13-01", "", "may be at 5:30", "é:é"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn clocks_of_a_chat() {
        let at = |h: i64, m: i64| Some(Stamp::new((731 * 86_400 - 86_400 + h * 3_600 + m * 60) * 1_000_000, Basis::ClockOnly));
        assert_eq!(clock("7:34 AM"), at(7, 34));
        assert_eq!(clock("12:05 am"), at(0, 5));
        assert_eq!(clock("19:34"), at(19, 34));
        assert_eq!(clock("19:34 yes"), None);
    }
}

//! Times as logs write them, read by hand: no regex, no allocation, because every line passes here.
//!
//! One reader knows every layout; which one it is shows in the first bytes. This module must never know formats, clocks
//! or the present: a time without a year stays without one. What breaks it: a day and a month that are both at most 12
//! and written with slashes. [`Order`] says which of them comes first, and the caller has to know.

use evidence::{Basis, Stamp};

use super::months;
use super::zone::{self, Zone};

/// Which number of `a/b/c` is what, where the digits leave it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Day first, unless the second number is above 12.
    #[default]
    DayMonth,
    /// Month first, unless the first number is above 12. A year of two digits is the last of three numbers.
    MonthDay,
    /// Day first, and a year of two digits is the last of three numbers.
    DayMonthYear,
}

/// A time at the beginning of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    pub stamp: Stamp,
    /// Bytes it takes, zone and all.
    pub len: usize,
    /// A zone's abbreviation that does not say one offset (`IST`, `CET`).
    pub zone: Option<&'a str>,
}

/// Reads the time at the beginning of `text`; `None` when there is none or its date does not exist.
pub fn read(text: &str, order: Order) -> Option<Seen<'_>> {
    let mut c = Cursor { s: text.as_bytes(), at: 0 };
    let parts = match c.peek()? {
        b'0'..=b'9' => numeric(&mut c, order)?,
        b'A'..=b'Z' | b'a'..=b'z' => named(&mut c)?,
        b'@' => tai64n(&mut c)?,
        _ => return None,
    };
    let zone = match parts.zone {
        Zone::Name(from, to) => text.get(from..to),
        _ => None,
    };
    Some(Seen { stamp: parts.stamp()?, len: c.at, zone })
}

/// Whether a number of this size is a count of seconds, milli-, micro- or nanoseconds since 1970, and the stamp it is.
/// Between 1973 and 2128 the units do not overlap.
pub fn epoch(text: &str) -> Option<Stamp> {
    let text = text.trim_matches('"');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || whole.len() > 19 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return exponent(text);
    }
    let n: i64 = whole.parse().ok()?;
    let micros = match whole.len() {
        9 | 10 => n.checked_mul(1_000_000)?.checked_add(fraction_micros(fraction, 6))?,
        12 | 13 => n.checked_mul(1_000)?.checked_add(fraction_micros(fraction, 3))?,
        15 | 16 => n,
        // Tenths of microseconds since 1601, as Windows counts (FILETIME): as nanoseconds it would be before 2001.
        18 if (125_000_000_000_000_000..150_000_000_000_000_000).contains(&n) => n / 10 - FILETIME,
        18 | 19 => n / 1_000,
        _ => return None,
    };
    Some(Stamp::new(micros, Basis::Epoch))
}

/// Microseconds from 1601 to 1970.
const FILETIME: i64 = 11_644_473_600_000_000;

/// `@4000000065c3...`: a label of daemontools, seconds and nanoseconds in 24 hexadecimal digits (D. J. Bernstein,
/// TAI64N). Its ten seconds of TAI at the beginning of 1970 and the leap seconds since are what programs ignore, too.
fn tai64n(c: &mut Cursor) -> Option<Parts> {
    let digits = c.s.get(c.at + 1..c.at + 25).and_then(|d| std::str::from_utf8(d).ok())?;
    let seconds = i64::from_str_radix(digits.strip_prefix('4')?.get(..15)?, 16).ok()?;
    let nanos = i64::from_str_radix(digits.get(16..)?, 16).ok().filter(|n| *n < 1_000_000_000)?;
    let micros = seconds.checked_sub(10)?.checked_mul(1_000_000)?.checked_add(nanos / 1_000)?;
    c.at += 25;
    (c.ends() && micros < 10_000_000_000_000_000).then_some(())?;
    Some(Parts { year: None, date: None, clock: 0, zone: Zone::None, epoch: Some(Stamp::new(micros, Basis::Epoch)) })
}

/// `1.7e9`, as some writers of JSON print large floats.
fn exponent(text: &str) -> Option<Stamp> {
    if !text.bytes().any(|b| b == b'e' || b == b'E') || text.len() > 32 {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    let scale = match value {
        v if (1e8..5e9).contains(&v) => 1e6,
        v if (1e11..5e12).contains(&v) => 1e3,
        v if (1e14..5e15).contains(&v) => 1.0,
        v if (1e17..5e18).contains(&v) => 1e-3,
        _ => return None,
    };
    Some(Stamp::new((value * scale).round() as i64, Basis::Epoch))
}

fn fraction_micros(digits: &str, places: usize) -> i64 {
    let mut value = 0;
    for i in 0..places {
        value = value * 10 + digits.as_bytes().get(i).map_or(0, |b| i64::from(b - b'0'));
    }
    value
}

/// A place in a text that is being read.
pub struct Cursor<'a> {
    s: &'a [u8],
    pub at: usize,
}

impl Cursor<'_> {
    pub fn peek(&self) -> Option<u8> {
        self.s.get(self.at).copied()
    }

    pub fn ahead(&self, n: usize) -> Option<u8> {
        self.s.get(self.at + n).copied()
    }

    pub fn eat(&mut self, wanted: &[u8]) -> bool {
        let yes = self.peek().is_some_and(|b| wanted.contains(&b));
        self.at += usize::from(yes);
        yes
    }

    pub fn spaces(&mut self) -> usize {
        let from = self.at;
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
        self.at - from
    }

    /// Length of the run of digits here.
    pub fn run(&self) -> usize {
        self.s[self.at..].iter().take(20).take_while(|b| b.is_ascii_digit()).count()
    }

    /// Length of the run of digits so many bytes ahead.
    fn run_at(&self, n: usize) -> usize {
        self.s.get(self.at + n..).map_or(0, |rest| rest.iter().take(20).take_while(|b| b.is_ascii_digit()).count())
    }

    /// Exactly `n` digits or fewer down to `least`, whatever follows.
    pub fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let n = self.run().min(most);
        if n < least {
            return None;
        }
        let value = self.s[self.at..self.at + n].iter().fold(0, |v, b| v * 10 + i64::from(b - b'0'));
        self.at += n;
        Some(value)
    }

    pub fn word(&self) -> &[u8] {
        let n = self.s[self.at..].iter().take(12).take_while(|b| b.is_ascii_alphabetic()).count();
        &self.s[self.at..self.at + n]
    }

    pub fn month(&mut self) -> Option<i64> {
        let (month, len) = months::month(&self.s[self.at..])?;
        self.at += len;
        Some(month)
    }

    /// No letter or digit follows, so that what was read is whole.
    pub fn ends(&self) -> bool {
        !self.peek().is_some_and(|b| b.is_ascii_alphanumeric())
    }
}

struct Parts {
    year: Option<i64>,
    /// Month and day.
    date: Option<(i64, i64)>,
    /// Microseconds of the day.
    clock: i64,
    zone: Zone,
    epoch: Option<Stamp>,
}

impl Parts {
    fn stamp(&self) -> Option<Stamp> {
        if let Some(stamp) = self.epoch {
            return Some(stamp);
        }
        let year = self.year.unwrap_or(i64::from(Stamp::NO_YEAR));
        let (month, day) = self.date.unwrap_or((1, 1));
        let micros = days(year, month, day)? * DAY + self.clock;
        let (shift, basis) = match (self.date, self.year, self.zone) {
            (None, _, _) => (0, Basis::ClockOnly),
            (_, None, _) => (0, Basis::CivilNoYear),
            (_, _, Zone::Offset(seconds)) => (seconds, Basis::Zoned),
            _ => (0, Basis::Civil),
        };
        Some(Stamp::new(micros - shift * 1_000_000, basis))
    }
}

/// Days from 1970-01-01 to a date, `None` when it does not exist. After Howard Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms".
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) || !(1..=9999).contains(&year) {
        return None;
    }
    let y = year - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Times that begin with a digit.
fn numeric(c: &mut Cursor, order: Order) -> Option<Parts> {
    let run = c.run();
    let next = c.ahead(run);
    match (run, next) {
        // Chromium: month and day, clock, both packed.
        (4, Some(b'/')) if c.ahead(5).is_some_and(|b| b.is_ascii_digit()) && c.run_at(5) == 6 => {
            let (month, day) = (c.number(2, 2)?, c.number(2, 2)?);
            c.at += 1;
            let clock = packed_clock(c)?;
            Some(Parts { year: None, date: Some((month, day)), clock, zone: zone::read(c), epoch: None })
        }
        (4, Some(sep @ (b'-' | b'/' | b'.' | b':'))) => {
            let year = c.number(4, 4);
            c.at += 1;
            let month = match c.peek()? {
                b'A'..=b'Z' | b'a'..=b'z' => c.month()?,
                _ => c.number(1, 2)?,
            };
            c.eat(&[sep]).then_some(())?;
            let day = c.number(1, 2)?;
            dated(c, year, month, day)
        }
        (4, Some(b' ')) if c.ahead(5).is_some_and(|b| b.is_ascii_alphabetic()) => {
            let year = c.number(4, 4);
            c.spaces();
            let month = c.month()?;
            c.spaces();
            let day = c.number(1, 2)?;
            dated(c, year, month, day)
        }
        (4, Some(b' ')) if c.run_at(5) == 2 && c.ahead(7) == Some(b' ') && c.run_at(8) == 2 => {
            let year = c.number(4, 4);
            c.at += 1;
            let month = c.number(2, 2)?;
            c.at += 1;
            let day = c.number(2, 2)?;
            dated(c, year, month, day)
        }
        // klog: month and day in four digits; in three with a writer that leaves out the zero.
        (3, Some(b' ')) => {
            let (month, day) = (c.number(1, 1)?, c.number(2, 2)?);
            dated(c, None, month, day)
        }
        (4, Some(b' ')) => {
            let (month, day) = (c.number(2, 2)?, c.number(2, 2)?);
            dated(c, None, month, day)
        }
        (8, Some(b'T' | b' ' | b'-' | b'_' | b':')) => {
            let (year, month, day) = (c.number(4, 4), c.number(2, 2)?, c.number(2, 2)?);
            dated(c, year, month, day)
        }
        (14, _) => {
            let (year, month, day) = (c.number(4, 4), c.number(2, 2)?, c.number(2, 2)?);
            let clock = packed_clock(c)?;
            Some(Parts { year, date: Some((month, day)), clock, zone: zone::read(c), epoch: None })
        }
        (6, Some(b' ')) => {
            let (year, month, day) = (c.number(2, 2)?, c.number(2, 2)?, c.number(2, 2)?);
            dated(c, Some(full_year(year)), month, day)
        }
        (9..=19, _) => number_epoch(c, run),
        (1..=2, Some(b':')) => {
            let (clock, zone) = clock_and_zone(c, true)?;
            Some(Parts { year: None, date: None, clock, zone, epoch: None })
        }
        // `17Sep2024`
        (1..=2, Some(b'A'..=b'Z' | b'a'..=b'z')) => {
            let day = c.number(1, 2)?;
            let month = c.month()?;
            let year = (c.run() == 4).then(|| c.number(4, 4)).flatten()?;
            dated(c, Some(year), month, day)
        }
        (1..=2, Some(sep)) => day_or_month_first(c, sep, order),
        _ => None,
    }
}

/// A stamp without a year in the year of another one beside it, when the two are within two days of each other.
pub fn with_year_of(stamp: Stamp, dated: Stamp) -> Option<Stamp> {
    if stamp.basis != Basis::CivilNoYear || dated.basis != Basis::Civil {
        return None;
    }
    let base = days(i64::from(Stamp::NO_YEAR), 1, 1)?;
    let day = stamp.micros.div_euclid(DAY) - base;
    let year = 1970 + dated.micros.div_euclid(DAY) * 400 / 146_097;
    (year - 1..=year + 1).find_map(|year| {
        // Behind February a common year is one day shorter than the leap year that stands in.
        let leap = days(year, 2, 29).is_some();
        let shift = i64::from(!leap && day >= 60);
        let micros = (days(year, 1, 1)? + day - shift) * DAY + stamp.micros.rem_euclid(DAY);
        (micros.abs_diff(dated.micros) < 2 * DAY.unsigned_abs()).then_some(Stamp::new(micros, Basis::Civil))
    })
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Seconds or finer since 1970; the number has to stand alone.
fn number_epoch(c: &mut Cursor, run: usize) -> Option<Parts> {
    let from = c.at;
    c.at += run;
    if c.peek() == Some(b'.') && c.ahead(1).is_some_and(|b| b.is_ascii_digit()) {
        c.at += 1;
        c.at += c.run();
    }
    if !c.ends() || run == 9 {
        return None;
    }
    let text = std::str::from_utf8(&c.s[from..c.at]).ok()?;
    let stamp = epoch(text)?;
    // Before 2001 and after 2065 such a number is more likely an identifier.
    (1_000_000_000_000_000..3_000_000_000_000_000).contains(&stamp.micros).then_some(())?;
    Some(Parts { year: None, date: None, clock: 0, zone: Zone::None, epoch: Some(stamp) })
}

/// `14/11/2025`, `11/14/2025`, `17/06/09`, `07/Feb/2024`, `07 Feb 2024`, `28-Mar-2022`, `05-21`, `07.27`, `14.11.2025`, `14.11.25`.
fn day_or_month_first(c: &mut Cursor, sep: u8, order: Order) -> Option<Parts> {
    if !matches!(sep, b'-' | b'/' | b'.' | b' ') {
        return None;
    }
    let is_short = c.run() == 1;
    let first = c.number(1, 2)?;
    c.at += 1;
    if c.peek()?.is_ascii_alphabetic() {
        let month = c.month()?;
        if !c.eat(&[sep, b' ', b',']) {
            return None;
        }
        c.spaces();
        let year = match c.run() {
            4 => c.number(4, 4),
            2 if c.ahead(2) != Some(b':') => c.number(2, 2).map(full_year),
            _ => {
                c.at -= 1;
                None
            }
        };
        return dated(c, year, month, first);
    }
    if sep == b' ' {
        return None;
    }
    let second = c.number(1, 2)?;
    if !c.eat(&[sep]) {
        // `05-21 15:05:52`, `07.27 10:23:42`: month and day.
        return (c.peek() == Some(b' ')).then(|| dated(c, None, first, second))?;
    }
    match c.run() {
        4 => {
            let year = c.number(4, 4);
            let month_first = second > 12 || order == Order::MonthDay && first <= 12 && matches!(sep, b'/' | b'-' | b'.');
            let (month, day) = if month_first { (first, second) } else { (second, first) };
            dated(c, year, month, day)
        }
        1 | 2 => {
            let third = c.number(1, 2)?;
            let (year, month, day) = match order {
                Order::MonthDay if first <= 12 => (third, first, second),
                // No year is written with one digit.
                Order::DayMonth if is_short && second > 12 => (third, first, second),
                Order::DayMonth if is_short => (third, second, first),
                Order::MonthDay | Order::DayMonthYear => (third, second, first),
                // Between dots the day stands first in the countries that write it so.
                Order::DayMonth if sep == b'.' && (1..=31).contains(&first) && second <= 12 => (third, second, first),
                Order::DayMonth => (first, second, third),
            };
            dated(c, Some(full_year(year)), month, day)
        }
        _ => None,
    }
}

/// Two digits of a year: from 70 on the last century, as POSIX has it.
fn full_year(two: i64) -> i64 {
    if two >= 70 { 1900 + two } else { 2000 + two }
}

/// What follows a date: the time of day, the zone, and with some writers only then the year.
fn dated(c: &mut Cursor, year: Option<i64>, month: i64, day: i64) -> Option<Parts> {
    c.eat(b",");
    if c.peek() == Some(b' ') && c.ahead(1) == Some(b'-') && c.ahead(2) == Some(b' ') {
        c.at += 2;
    }
    let stuck = c.eat(b"Tt_:-@");
    if !stuck && c.spaces() == 0 {
        return None;
    }
    let (clock, mut zone) = if c.run() == 6 && c.ahead(6) != Some(b':') {
        let clock = packed_clock(c)?;
        (clock, zone::read(c))
    } else {
        clock_and_zone(c, false)?
    };
    let mut year = year;
    if year.is_none() && c.peek() == Some(b' ') {
        let back = c.at;
        c.at += 1;
        match (c.run() == 4).then(|| c.number(4, 4)).flatten() {
            Some(y) if (1970..2100).contains(&y) && c.ends() => year = Some(y),
            _ => c.at = back,
        }
        if year.is_some() && zone == Zone::None {
            zone = zone::read(c);
        }
    }
    Some(Parts { year, date: Some((month, day)), clock, zone, epoch: None })
}

/// `101735`, and a fraction where one follows.
fn packed_clock(c: &mut Cursor) -> Option<i64> {
    let (h, m, s) = (c.number(2, 2)?, c.number(2, 2)?, c.number(2, 2)?);
    let fraction = fraction(c);
    of_day(h, m, s, fraction)
}

/// `17:02:33.123 PM +01:00`. Seconds may be missing after a date, never where the time stands alone.
fn clock_and_zone(c: &mut Cursor, seconds_needed: bool) -> Option<(i64, Zone)> {
    let mut hour = c.number(1, 2)?;
    // `08.10.21` or `08-10-21` behind a date.
    let odd = c.peek().filter(|b| matches!(b, b'.' | b'-') && !seconds_needed && c.run_at(1) == 2 && c.ahead(3) == Some(*b));
    let separator: &[u8] = match odd.filter(|_| c.run_at(4) == 2) {
        Some(b'.') => b".",
        Some(_) => b"-",
        None => b":",
    };
    c.eat(separator).then_some(())?;
    let minute = c.number(2, 2)?;
    let mut second = 0;
    let mut micros = 0;
    if c.peek() == separator.first().copied() && c.ahead(1).is_some_and(|b| b.is_ascii_digit()) {
        c.at += 1;
        second = c.number(2, 2)?;
        micros = fraction(c);
    } else if seconds_needed && !matches!(c.word(), b"AM" | b"PM") {
        return None;
    }
    let half = c.at;
    c.spaces();
    let word = c.word().to_ascii_lowercase();
    if matches!(word.as_slice(), b"am" | b"pm") {
        c.at += 2;
        (1..=12).contains(&hour).then_some(())?;
        hour = hour % 12 + if word == b"pm" { 12 } else { 0 };
    } else {
        c.at = half;
    }
    let clock = of_day(hour, minute, second, micros)?;
    Some((clock, zone::read(c)))
}

/// Microseconds of a fraction behind `.`, `,` or (three digits) `:`.
fn fraction(c: &mut Cursor) -> i64 {
    let digits = c.s[(c.at + 1).min(c.s.len())..].iter().take(12).take_while(|b| b.is_ascii_digit()).count();
    let taken = match c.peek() {
        Some(b'.') => digits > 0,
        Some(b',') => digits > 0 && !(digits == 4 && is_date(&c.s[c.at + 5..])),
        Some(b':') => digits == 3 || digits == 6,
        _ => false,
    };
    if !taken {
        return 0;
    }
    let value = std::str::from_utf8(&c.s[c.at + 1..c.at + 1 + digits]).map_or(0, |d| fraction_micros(d, 6));
    c.at += 1 + digits;
    value
}

/// `-06-11`: what stood before it was the year of the next cell of a table.
fn is_date(rest: &[u8]) -> bool {
    matches!(rest, [b'-', a, b, b'-', c, d, ..] if [a, b, c, d].iter().all(|n| n.is_ascii_digit()))
}

fn of_day(hour: i64, minute: i64, second: i64, micros: i64) -> Option<i64> {
    // A leap second is the end of the second before it.
    let second_and = if second == 60 { 59_999_999 } else { second * 1_000_000 + micros };
    (hour < 24 && minute < 60 && second <= 60).then_some((hour * 60 + minute) * 60_000_000 + second_and)
}

/// Times that begin with the name of a day or month. `mar` may be a month or, in other languages, a day.
fn named(c: &mut Cursor) -> Option<Parts> {
    let from = c.at;
    if let Some(parts) = month_first(c) {
        return Some(parts);
    }
    c.at = from + months::day_of_week(&c.s[from..])?;
    c.eat(b",");
    (c.spaces() > 0).then_some(())?;
    if c.peek()?.is_ascii_digit() { numeric(c, Order::DayMonth) } else { month_first(c) }
}

/// `Feb  7 09:00:25`, `Feb 07, 2024 09:00:25`.
fn month_first(c: &mut Cursor) -> Option<Parts> {
    let month = c.month()?;
    c.eat(b".-/");
    c.spaces();
    let day = c.number(1, 2)?;
    if c.peek() == Some(b'/') && c.run_at(1) == 4 {
        c.at += 1;
        let year = c.number(4, 4);
        return dated(c, year, month, day);
    }
    let comma = c.eat(b",");
    let spaces = c.spaces();
    let mut year = None;
    if c.run() == 4 && (comma || spaces > 0) && matches!(c.ahead(4), Some(b' ' | b',' | b':')) {
        year = c.number(4, 4);
    } else if spaces > 0 {
        c.at -= 1;
    }
    dated(c, year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::Moment;

    fn check(text: &str, want: &str, basis: Basis) {
        let seen = read(text, Order::DayMonth).unwrap_or_else(|| panic!("no time in {text:?}"));
        assert_eq!((Moment(seen.stamp.micros).rfc3339().as_str(), seen.stamp.basis), (want, basis), "{text}");
    }

    #[test]
    fn with_a_zone_the_instant_is_meant() {
        for text in [
            "2024-02-07T09:00:25Z",
            "2024-02-07 09:00:25 UTC",
            "2024-02-07T10:00:25+01:00",
            "2024-02-07 04:00:25 -0500",
            "2024/02/07 09:00:25 GMT",
            "07/Feb/2024:10:00:25 +0100",
            "Feb 07, 2024 09:00:25 UTC",
            "Wed, 07 Feb 2024 09:00:25 GMT",
            "Wed Feb  7 09:00:25 UTC 2024",
            "20240207T090025Z",
            "2024-02-07T09:00:25+00",
            "02/07/2024 09:00:25 AM UTC",
        ] {
            let order = if text.contains("AM") { Order::MonthDay } else { Order::DayMonth };
            let seen = read(text, order).unwrap_or_else(|| panic!("no time in {text:?}"));
            assert_eq!(Moment(seen.stamp.micros).rfc3339(), "2024-02-07T09:00:25Z", "{text}");
            assert_eq!((seen.stamp.basis, seen.len), (Basis::Zoned, text.len()), "{text}");
        }
    }

    #[test]
    fn counts_of_other_epochs_are_known_by_their_size() {
        check("@4000000065c34539075bca00", "2024-02-07T08:54:07.123456Z", Basis::Epoch);
        assert_eq!(epoch("133517700250000000").map(|s| Moment(s.micros).rfc3339()).as_deref(), Some("2024-02-07T09:00:25Z"));
        assert_eq!(epoch("1707296425000000000").map(|s| Moment(s.micros).rfc3339()).as_deref(), Some("2024-02-07T09:00:25Z"));
    }

    #[test]
    fn what_single_programs_write_is_read_too() {
        check("0207/090025.123456:ERROR", "1972-02-07T09:00:25.123456Z", Basis::CivilNoYear);
        check("07Feb2024 09:00:25.123", "2024-02-07T09:00:25.123Z", Basis::Civil);
        check("2024:02:07-09:00:25", "2024-02-07T09:00:25Z", Basis::Civil);
        check("feb/07/2024 09:00:25", "2024-02-07T09:00:25Z", Basis::Civil);
        check("2024.02.07-09.00.25:123", "2024-02-07T09:00:25.123Z", Basis::Civil);
        check("2024 02 07 09:00:25:123", "2024-02-07T09:00:25.123Z", Basis::Civil);
        check("07.02.2024_09-00-25", "2024-02-07T09:00:25Z", Basis::Civil);
        check("24/2/7@09:00:25", "2024-02-07T09:00:25Z", Basis::Civil);
        check("2024-02-07-09.00.25.123456+060", "2024-02-07T08:00:25.123456Z", Basis::Zoned);
        check("2024-02-07 09:00:25.120  +01:00", "2024-02-07T08:00:25.120Z", Basis::Zoned);
        check("207 09:00:25.123456", "1972-02-07T09:00:25.123456Z", Basis::CivilNoYear);
        check("2:22PM", "1972-01-01T14:22:00Z", Basis::ClockOnly);
        assert_eq!(read("14:22", Order::DayMonth), None);
    }

    #[test]
    fn a_short_year_stands_first_unless_the_format_says_otherwise() {
        let date = |order| Moment(read("04/02/07 09:00:25", order).unwrap().stamp.micros).date();
        let date_of = |text| Moment(read(text, Order::DayMonth).unwrap().stamp.micros).date();
        assert_eq!([Order::DayMonth, Order::MonthDay, Order::DayMonthYear].map(date), ["2004-02-07", "2007-04-02", "2007-02-04"]);
        assert_eq!(date_of("07.02.24 09:00:25"), "2024-02-07", "between dots the day does");
        assert_eq!(Moment(read("7/2/24 9:00:25", Order::DayMonth).unwrap().stamp.micros).date(), "2024-02-07");
        assert_eq!(Moment(read("2/17/24 9:00:25", Order::DayMonth).unwrap().stamp.micros).date(), "2024-02-17");
        assert_eq!(Moment(read("3/9/24 1:00:02:123 UTC", Order::MonthDay).unwrap().stamp.micros).date(), "2024-03-09");
    }

    #[test]
    fn months_may_be_written_in_other_languages() {
        check("07 févr. 2024 09:00:25", "2024-02-07T09:00:25Z", Basis::Civil);
        check("févr. 07, 2024 9:00:25 AM", "2024-02-07T09:00:25Z", Basis::Civil);
        check("Mi 07 Feb 2024 09:00:25 CET".trim_start_matches("Mi "), "2024-02-07T08:00:25Z", Basis::Zoned);
        check("mer. 07 févr. 2024 09:00:25", "2024-02-07T09:00:25Z", Basis::Civil);
        check("07/Dez/2023:09:00:25 +0000", "2023-12-07T09:00:25Z", Basis::Zoned);
        check("Okt  7 09:00:25", "1972-10-07T09:00:25Z", Basis::CivilNoYear);
    }

    #[test]
    fn without_a_zone_it_is_a_wall_clock() {
        for text in [
            "2024-02-07 09:00:25,123",
            "2024/02/07 09:00:25.123",
            "07 Feb 2024 09:00:25.123",
            "28-Feb-2024 09:00:25.123",
            "2024-02-07 09:00:25.123 IST",
            "07/02/2024 09:00:25.123",
            "24/02/07 09:00:25.123",
            "Wed Feb 07 09:00:25.123 2024",
            "20240207 09:00:25.123",
            "20240207-09:00:25:123",
            "07.02.2024 09:00:25,123",
            "2024-Feb-07 09:00:25.123",
        ] {
            check(
                text,
                if text.starts_with("28") { "2024-02-28T09:00:25.123Z" } else { "2024-02-07T09:00:25.123Z" },
                Basis::Civil,
            );
        }
        assert_eq!(read("2024-02-07 09:00:25 IST x", Order::DayMonth).and_then(|s| s.zone), Some("IST"));
    }

    #[test]
    fn a_missing_year_or_date_stays_missing() {
        check("Feb  7 09:00:25", "1972-02-07T09:00:25Z", Basis::CivilNoYear);
        check("Feb 29 09:00:25", "1972-02-29T09:00:25Z", Basis::CivilNoYear);
        check("05-21 15:05:52.808", "1972-05-21T15:05:52.808Z", Basis::CivilNoYear);
        check("13 Apr 12:52:30.731", "1972-04-13T12:52:30.731Z", Basis::CivilNoYear);
        check("12:21:46.386512", "1972-01-01T12:21:46.386512Z", Basis::ClockOnly);
    }

    #[test]
    fn an_epoch_tells_its_unit_by_its_size() {
        for text in ["1707296425.5", "1707296425500", "1707296425500000", "1707296425500000000"] {
            check(text, "2024-02-07T09:00:25.500Z", Basis::Epoch);
            assert_eq!(epoch(text), Some(Stamp::new(1_707_296_425_500_000, Basis::Epoch)));
        }
        assert_eq!(epoch("1.7072964255e9"), Some(Stamp::new(1_707_296_425_500_000, Basis::Epoch)));
        assert_eq!(epoch("42"), None);
    }

    #[test]
    fn a_half_day_clock_is_unfolded() {
        check("08/02/2023, 7:32:47 PM", "2023-02-08T19:32:47Z", Basis::Civil);
        check("2023-02-08 12:00:01 AM", "2023-02-08T00:00:01Z", Basis::Civil);
        let seen = read("08/02/2023, 7:32:47 PM", Order::MonthDay).unwrap();
        assert_eq!(Moment(seen.stamp.micros).rfc3339(), "2023-08-02T19:32:47Z");
    }

    #[test]
    fn an_abbreviation_of_one_meaning_is_an_offset() {
        check("2025-08-13 01:45:01.123 PDT", "2025-08-13T08:45:01.123Z", Basis::Zoned);
        check("2020-03-11 20:40:45 CET", "2020-03-11T19:40:45Z", Basis::Zoned);
        check("2020-03-11 20:40:45 CST", "2020-03-11T20:40:45Z", Basis::Civil);
    }

    #[test]
    fn a_year_may_come_from_a_stamp_beside() {
        let at = |text: &str| read(text, Order::DayMonth).unwrap().stamp;
        let year = |a: &str, b: &str| with_year_of(at(a), at(b)).map(|s| Moment(s.micros).rfc3339());
        assert_eq!(year("Feb 25 16:20:09", "25/Feb/2019:16:20:06").as_deref(), Some("2019-02-25T16:20:09Z"));
        assert_eq!(year("Mar  1 00:00:01", "2019-02-28 23:59:58").as_deref(), Some("2019-03-01T00:00:01Z"));
        assert_eq!(year("Jan  1 00:00:01", "2019-12-31 23:59:58").as_deref(), Some("2020-01-01T00:00:01Z"));
        assert_eq!(year("Nov 13 10:59:46", "19-Oct-2022 05:34:02"), None);
    }

    #[test]
    fn what_is_no_date_is_no_time() {
        for text in [
            "2024-13-07 09:00:25",
            "2023-02-29T09:00:25Z",
            "2024-02-07 25:00:25",
            "8080",
            "10.0.0.1:80",
            "",
            "é",
            "1.2.3",
            "May be",
            "2024-02-07",
        ] {
            assert_eq!(read(text, Order::DayMonth), None, "{text}");
        }
    }
}

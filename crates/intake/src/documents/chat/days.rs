//! On which day the times of a paste stand: lines between the messages that say so, and what follows from the order.
//!
//! It must never guess a year. What breaks it: messages sorted with the newest first, of which only the first has a date.

use evidence::{Basis, Stamp};
use jiff::{Timestamp, tz::TimeZone};

use crate::documents::when;

const DAY: i64 = 86_400_000_000;
/// What clients of IRC write when a log begins and the day changes.
const MARKS: [&str; 6] =
    ["Log opened ", "Log closed ", "Day changed ", "**** BEGIN LOGGING AT ", "**** ENDING LOGGING AT ", "Session Start: "];

/// The day on which the next time of day falls.
#[derive(Default)]
pub struct Days {
    /// Midnight of the day, and how much of its date is known.
    day: Option<(i64, Basis)>,
    /// The last time of day.
    last: i64,
}

impl Days {
    /// Takes a line that tells a day; false when it is none.
    pub fn turn(&mut self, line: &str) -> bool {
        if let Some(at) = marked(line) {
            self.set(at);
            return true;
        }
        match divider(line) {
            Some(at) => {
                self.set(at);
                true
            }
            None => false,
        }
    }

    /// Puts a time of day onto the day; times run forward, so a much earlier one is of the next day.
    pub fn place(&mut self, stamp: Option<Stamp>) -> Option<Stamp> {
        let stamp = self.in_year(stamp?);
        match self.day {
            Some((day, basis)) if stamp.basis == Basis::ClockOnly => {
                let of_day = stamp.micros.rem_euclid(DAY);
                let day = if of_day + DAY / 2 < self.last { day.saturating_add(DAY) } else { day };
                (self.day, self.last) = (Some((day, basis)), of_day);
                Some(Stamp::new(day.saturating_add(of_day), basis))
            }
            _ => {
                if matches!(stamp.basis, Basis::Civil | Basis::CivilNoYear) {
                    self.set(stamp);
                }
                Some(stamp)
            }
        }
    }

    /// A log that says when it began says the year of its days.
    fn in_year(&self, stamp: Stamp) -> Stamp {
        let Some((day, Basis::Civil)) = self.day.filter(|_| stamp.basis == Basis::CivilNoYear) else { return stamp };
        let civil = |micros: i64| Timestamp::from_microsecond(micros).ok().map(|at| at.to_zoned(TimeZone::UTC));
        let dated = civil(day).zip(civil(stamp.micros)).and_then(|(day, at)| {
            let year = if at.month() < day.month() { day.year().checked_add(1)? } else { day.year() };
            at.with().year(year).build().ok()
        });
        dated.map_or(stamp, |at| Stamp::new(at.timestamp().as_microsecond(), Basis::Civil))
    }

    fn set(&mut self, at: Stamp) {
        self.last = at.micros.rem_euclid(DAY);
        self.day = Some((at.micros - self.last, at.basis));
    }
}

/// Whether a line is nothing but a date.
pub fn is_divider(line: &str) -> bool {
    divider(line).is_some()
}

/// `--- Log opened Tue Mar 18 00:00:05 2025`.
fn marked(line: &str) -> Option<Stamp> {
    let bare = line.trim().trim_start_matches("--- ");
    let words = MARKS.iter().find_map(|mark| bare.strip_prefix(mark))?;
    when::read(words).or_else(|| divider(words)).filter(|s| s.basis == Basis::Civil)
}

/// A line that is nothing but a date, possibly between dashes: midnight of that day. A date without a year has its weekday.
fn divider(line: &str) -> Option<Stamp> {
    let bare = without_weekday(line.trim()).trim_matches(['-', '—', '–', '=', '*', ' ', '[', ']']);
    if bare.len() < 8 || bare.len() > 40 || bare.contains(':') {
        return None;
    }
    let plain: Vec<&str> = bare.split(' ').map(without_ordinal).collect();
    let midnight = |words: &[&str]| when::read(&format!("{} 00:00", words.join(" ")));
    let has_weekday = || bare.split([' ', ',']).next().is_some_and(is_weekday);
    let stamp = midnight(&plain).or_else(|| midnight(plain.get(1..)?).filter(|_| has_weekday()))?;
    (stamp.basis == Basis::Civil || stamp.basis == Basis::CivilNoYear && has_weekday()).then_some(stamp)
}

/// `2025/10/07 (Tue)` without the day of the week in brackets.
fn without_weekday(line: &str) -> &str {
    let before = line.strip_suffix(')').and_then(|line| line.rsplit_once('('));
    before
        .filter(|(_, day)| (1..=9).contains(&day.chars().count()) && day.chars().all(char::is_alphabetic))
        .map_or(line, |(date, _)| date.trim_end())
}

/// `Saturday`, and `Sat` as whoever types a chat over writes it.
fn is_weekday(word: &str) -> bool {
    const SHORT: [&str; 11] = ["mon", "tue", "tues", "wed", "weds", "thu", "thur", "thurs", "fri", "sat", "sun"];
    word.len() > 3 && word.ends_with("day") || SHORT.contains(&word.trim_end_matches('.').to_lowercase().as_str())
}

fn without_ordinal(word: &str) -> &str {
    let bare = word.trim_end_matches(',');
    let stripped = ["st", "nd", "rd", "th"].iter().find_map(|s| bare.strip_suffix(s));
    stripped.filter(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit())).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_its_year_has_its_weekday_whole_or_short() {
        for line in ["Saturday 18 April", "Sat 18 April", "Sun. 19 Apr", "Mon, 20 April", "— Sat 18 April —"] {
            assert_eq!(divider(line).map(|s| s.basis), Some(Basis::CivilNoYear), "{line}");
        }
        for line in ["18 April", "Sat down for lunch", "Sun 4 of them", "Saturday"] {
            assert!(!is_divider(line), "{line}");
        }
    }
}

//! Two kinds of time, kept apart by their types.
//!
//! A [`Stamp`] is what a source wrote, before anybody decided whether to believe its clock. A [`Moment`] is an instant
//! that sources share. Only a [`Clock`], the decision of the clock model about one source, turns one into the other.

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

/// How much of a time the source itself stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Basis {
    /// With an offset, `Z` or `UTC`.
    Zoned,
    /// Seconds (or a fraction) since 1970, UTC by definition.
    Epoch,
    /// A wall clock without zone, or with an abbreviation that means several zones; read as UTC.
    Civil,
    /// A wall clock without zone and year; the year stands at [`Stamp::NO_YEAR`].
    CivilNoYear,
    /// A time of day without a date; the date stands at 1972-01-01.
    ClockOnly,
    /// As `CivilNoYear`, and the zone is stated; read with it.
    ZonedNoYear,
    /// As `ClockOnly`, and the zone is stated; read with it.
    ZonedClock,
}

/// A time as its source wrote it, read with the zone that it states and with UTC where it states none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Microseconds since 1970-01-01T00:00:00.
    pub micros: i64,
    pub basis: Basis,
}

impl Basis {
    /// The source says in which zone it writes.
    pub fn is_stated(self) -> bool {
        matches!(self, Basis::Zoned | Basis::Epoch | Basis::ZonedNoYear | Basis::ZonedClock)
    }

    /// The year or the day has to come from elsewhere.
    pub fn is_partial(self) -> bool {
        matches!(self, Basis::CivilNoYear | Basis::ClockOnly | Basis::ZonedNoYear | Basis::ZonedClock)
    }
}

impl Stamp {
    /// The year that stands in for a missing one: a leap year, so that 29 February can be written.
    pub const NO_YEAR: i16 = 1972;

    pub fn new(micros: i64, basis: Basis) -> Stamp {
        Stamp { micros, basis }
    }
}

/// An instant shared by all sources: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment(pub i64);

impl Moment {
    pub const SECOND: i64 = 1_000_000;

    pub fn from_seconds(seconds: i64) -> Moment {
        Moment(seconds.saturating_mul(Self::SECOND))
    }

    /// Whole seconds since 1970, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(Self::SECOND)
    }

    /// Seconds from `earlier` to this moment, negative when it is the other way round.
    pub fn since(self, earlier: Moment) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / Self::SECOND as f64
    }

    pub fn plus(self, seconds: f64) -> Moment {
        Moment(self.0.saturating_add((seconds * Self::SECOND as f64) as i64))
    }

    /// RFC 3339 UTC with `Z`, with as many fraction digits (0, 3 or 6) as the value has. Moments outside of the years
    /// 0 to 9999 cannot be written that way and are clamped.
    pub fn rfc3339(self) -> String {
        let low = civil::date(0, 1, 1).at(0, 0, 0, 0);
        let high = civil::date(9999, 12, 31).at(23, 59, 59, 0);
        let time = Timestamp::from_microsecond(self.0)
            .map(|t| t.to_zoned(jiff::tz::TimeZone::UTC).datetime())
            .unwrap_or(if self.0 < 0 { low } else { high })
            .clamp(low, high);
        let fraction = time.subsec_nanosecond() / 1_000;
        let fraction = match (fraction, fraction % 1_000) {
            (0, _) => String::new(),
            (f, 0) => format!(".{:03}", f / 1_000),
            (f, _) => format!(".{f:06}"),
        };
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}Z",
            time.year(),
            time.month(),
            time.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }

    /// `HH:MM:SS`, UTC.
    pub fn time_of_day(self) -> String {
        let s = self.seconds().rem_euclid(86_400);
        format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
    }

    /// `YYYY-MM-DD`, UTC.
    pub fn date(self) -> String {
        self.rfc3339()[..10].to_string()
    }
}

/// A stretch of a source with an offset of its own, lines 1-based and inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub first_line: u64,
    pub last_line: u64,
    pub offset_s: i64,
}

/// What the clock model decided about one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Subtracted from the source's stamps, in seconds: a source that runs six hours ahead has 21600.
    pub offset_s: i64,
    /// The zone in words a reader knows: `UTC`, `UTC+02:00`, `as written`.
    pub zone: String,
    /// Why, in a few words, for the reader.
    pub basis: String,
    /// Where the evidence leaves room, half the width of it in seconds; order between sources is asserted only beyond it.
    pub uncertainty_s: i64,
    /// The instant near which stamps without a year or without a date are placed.
    pub anchor: Option<Moment>,
    pub segments: Vec<Segment>,
}

impl Clock {
    /// The clock of a source nobody has reason to doubt.
    pub fn trusted() -> Clock {
        Clock {
            offset_s: 0,
            zone: "UTC".into(),
            basis: "no other source contradicts it".into(),
            uncertainty_s: 1,
            anchor: None,
            segments: Vec::new(),
        }
    }

    /// The moment a stamp of this source means, or `None` when it lacks a year or a date and nothing supplies one.
    pub fn moment(&self, stamp: Stamp) -> Option<Moment> {
        let micros = match stamp.basis {
            Basis::Zoned | Basis::Epoch | Basis::Civil => stamp.micros,
            Basis::CivilNoYear | Basis::ZonedNoYear => nearest_year(stamp.micros, self.anchor?)?,
            Basis::ClockOnly | Basis::ZonedClock => {
                nearest_day(stamp.micros, self.anchor?.0.saturating_add(self.offset_s * Moment::SECOND))
            }
        };
        Some(Moment(micros.saturating_sub(self.offset_s.saturating_mul(Moment::SECOND))))
    }
}

/// Puts a stamp written without a year into the year that brings it nearest to the anchor.
fn nearest_year(micros: i64, anchor: Moment) -> Option<i64> {
    let written = Timestamp::from_microsecond(micros).ok()?.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let year = Timestamp::from_microsecond(anchor.0).ok()?.to_zoned(jiff::tz::TimeZone::UTC).year();
    (year.saturating_sub(1)..=year.saturating_add(1))
        .filter_map(|y| {
            let date = civil::Date::new(y, written.month(), written.day()).ok()?;
            let at = date.to_datetime(written.time()).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
            Some(at.timestamp().as_microsecond())
        })
        .min_by_key(|at| at.abs_diff(anchor.0))
}

/// Puts a time of day onto the day that brings it nearest to the anchor.
fn nearest_day(micros: i64, anchor: i64) -> i64 {
    const DAY: i64 = 86_400 * Moment::SECOND;
    let of_day = micros.rem_euclid(DAY);
    let day = anchor.div_euclid(DAY) * DAY;
    [day - DAY, day, day + DAY]
        .into_iter()
        .map(|d| d.saturating_add(of_day))
        .min_by_key(|at| at.abs_diff(anchor))
        .unwrap_or(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a timestamp").as_microsecond()
    }

    #[test]
    fn a_moment_is_written_with_the_digits_it_has() {
        assert_eq!(Moment(micros("2024-02-07T09:00:00Z")).rfc3339(), "2024-02-07T09:00:00Z");
        assert_eq!(Moment(micros("2024-02-07T09:00:00.123Z")).rfc3339(), "2024-02-07T09:00:00.123Z");
        assert_eq!(Moment(micros("2024-02-07T09:00:00.123456Z")).rfc3339(), "2024-02-07T09:00:00.123456Z");
    }

    #[test]
    fn a_moment_beyond_the_calendar_is_clamped_and_does_not_panic() {
        assert!(Moment(i64::MAX).rfc3339().starts_with("9999-12-31"));
        assert!(Moment(i64::MIN).rfc3339().starts_with("0000-01-01"));
    }

    #[test]
    fn an_offset_is_subtracted() {
        let clock = Clock { offset_s: 21_600, ..Clock::trusted() };
        let stamp = Stamp::new(micros("2024-02-07T15:00:05Z"), Basis::Epoch);
        assert_eq!(clock.moment(stamp).unwrap().rfc3339(), "2024-02-07T09:00:05Z");
    }

    #[test]
    fn a_stamp_without_a_year_takes_the_one_nearest_to_the_anchor() {
        let clock = Clock { anchor: Some(Moment(micros("2025-01-01T00:10:00Z"))), ..Clock::trusted() };
        let stamp = Stamp::new(micros("1972-12-31T23:59:00Z"), Basis::CivilNoYear);
        assert_eq!(clock.moment(stamp).unwrap().rfc3339(), "2024-12-31T23:59:00Z");
        assert_eq!(Clock::trusted().moment(stamp), None);
    }

    #[test]
    fn a_time_of_day_falls_on_the_day_nearest_to_the_anchor() {
        let clock = Clock { offset_s: 3_600, anchor: Some(Moment(micros("2025-03-02T06:30:00Z"))), ..Clock::trusted() };
        let stamp = Stamp::new(micros("1972-01-01T07:34:00Z"), Basis::ClockOnly);
        assert_eq!(clock.moment(stamp).unwrap().rfc3339(), "2025-03-02T06:34:00Z");
    }
}

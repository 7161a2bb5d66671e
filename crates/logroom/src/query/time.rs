//! A time as a person writes it into a search.
//!
//! Must never know what time it is: a time has its date with it.

use evidence::Moment;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// RFC 3339, the same without a zone (UTC) or without seconds, or a date alone (its beginning).
pub fn time(text: &str) -> Result<Moment, String> {
    let text = text.trim();
    let civil = |at: DateTime| at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    let zoned = text.parse::<Timestamp>().ok();
    let found = zoned
        .or_else(|| civil(text.parse::<DateTime>().ok()?))
        .or_else(|| civil(text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())));
    found
        .map(|at| Moment(at.as_microsecond()))
        .ok_or_else(|| format!("`{text}` is no time; write it as 2024-02-07T09:30:00Z, or 2024-02-07"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_their_date_with_them() {
        let at = |text: &str| time(text).map(Moment::rfc3339);
        assert_eq!(at("2024-02-07T09:30:00Z").as_deref(), Ok("2024-02-07T09:30:00Z"));
        assert_eq!(at("2024-02-07T09:30:00+02:00").as_deref(), Ok("2024-02-07T07:30:00Z"));
        assert_eq!(at("2024-02-07T09:30").as_deref(), Ok("2024-02-07T09:30:00Z"));
        assert_eq!(at("2024-02-07 09:30:00.5").as_deref(), Ok("2024-02-07T09:30:00.500Z"));
        assert_eq!(at("2024-02-07").as_deref(), Ok("2024-02-07T00:00:00Z"));
        assert!(at("09:30").is_err() && at("yesterday").is_err() && at("").is_err());
    }
}

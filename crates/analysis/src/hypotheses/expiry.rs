//! When what had expired did: the instant that a certificate, key or token names itself, not that of the failures by it.
//!
//! What it sees: records that hold the clock against the end of validity, and people who quote it. Why it matters: users come later
//! than midnight, and a failure seen before anybody logs it is not explained by a later "expiry". When it misleads: a text with the
//! ends of several things; the last one before the failures is taken then.

use std::sync::LazyLock;

use evidence::{Moment, RecordRef};
use jiff::civil;

use crate::incident::Incident;
use expressions::{Expression, constant};

/// An end of validity that is older than a day was no trigger of now.
const LATEST_S: f64 = 86_400.0;
/// Clocks of seconds.
const OFF_S: f64 = 1.0;

/// The told end of validity right before `onset`, and where it stands.
pub fn at(incident: &Incident<'_>, onset: Moment) -> Option<(Moment, RecordRef)> {
    let scene = incident.scene;
    let year = onset.rfc3339().get(..4)?.parse::<i16>().ok()?;
    let kept = scene.digests.iter().flat_map(|d| d.patterns.iter().flat_map(|p| p.exemplars.iter()));
    let logged = kept.map(|e| (e.text.as_str(), e.place));
    let said = scene.chat.iter().map(|m| (m.what.message.text.as_str(), m.place));
    let told = logged.chain(said).flat_map(|(text, place)| ends(text, year).into_iter().map(move |at| (at, place)));
    let fits = |(at, _): &(Moment, RecordRef)| (-OFF_S..=LATEST_S).contains(&onset.since(*at));
    told.filter(fits).max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)))
}

/// `is after 2025-03-02T06:30:00Z`, `notAfter=Mar  2 06:30:00 2025 GMT`, `not after: 2025-03-02 06:30 UTC`.
fn ends(text: &str, year: i16) -> Vec<Moment> {
    static END: LazyLock<Expression> = LazyLock::new(|| {
        let iso = r"(?P<date>\d{4}-\d{2}-\d{2})[T ](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s?(?:Z|UTC|GMT|\+00:?00)";
        let named = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(?P<day>\d{1,2})\s+(?P<time>\d{2}:\d{2}(?::\d{2})?)(?:\s+(?P<year>\d{4}))?\s+(?:GMT|UTC)";
        let written = r"(?P<dayw>\d{1,2})\.?\s+(?P<monthw>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(?P<yearw>\d{4}),?\s+(?:at\s+)?(?P<timew>\d{2}:\d{2}(?::\d{2})?)\s+(?:GMT|UTC)";
        let head = r"(?:is after|not_?\s?after|expired (?:at|on)|valid ?(?:until|to)|expires?(?:[ _]?(?:at|on|in))?|expir(?:y|ation)(?:[ _]?(?:date|time|on))?|end_?date_?time|key_?expiration_?time)";
        constant(&format!(r#"(?i)\b{head}["'=:\s]{{1,4}}(?:{iso}|{named}|{written})"#))
    });
    let has = ["fter", "xpir", "alid until", "alidTo", "alid to", "valid_to", "ndDate", "end_date"]
        .iter()
        .any(|word| text.contains(word));
    if !has {
        return Vec::new();
    }
    let moment = |date: civil::Date, clock: &str| {
        let mut parts = clock.split(':').map(|part| part.parse::<i8>().unwrap_or(-1));
        let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or(0));
        let at = civil::DateTime::from_parts(date, civil::Time::new(hour, minute, second, 0).ok()?);
        Some(Moment::from_seconds(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second()))
    };
    // What is still valid until then is what was kept of it, and tells of no end.
    let is_kept = |c: &expressions::Captures| {
        c.get(0).is_some_and(|m| text.get(..m.start()).is_some_and(|before| before.to_lowercase().ends_with("still ")))
    };
    let found = END.captures_iter(text).filter(|c| !is_kept(c)).filter_map(|c| {
        if let Some(date) = c.name("date") {
            return moment(date.as_str().parse().ok()?, &c["clock"]);
        }
        let part = |one: &str, other: &str| c.name(one).or_else(|| c.name(other)).map(|m| m.as_str());
        let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        let named = part("month", "monthw")?;
        let month = months.iter().position(|month| named.eq_ignore_ascii_case(month))?;
        let year = part("year", "yearw").map_or(Some(year), |year| year.parse().ok())?;
        moment(civil::Date::new(year, month as i8 + 1, part("day", "dayw")?.parse().ok()?).ok()?, part("time", "timew")?)
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_validity_are_read_as_programs_and_people_write_them() {
        let read = |text: &str| ends(text, 2025).into_iter().map(Moment::rfc3339).collect::<Vec<_>>();
        for text in [
            "certificate has expired or is not yet valid: current time 2025-03-02T06:30:06Z is after 2025-03-02T06:30:00Z",
            "ledger cert notAfter Mar 2 06:30 GMT",
            "notAfter=Mar  2 06:30:00 2025 GMT",
            "\"not_after\": \"2025-03-02T06:30:00Z\"",
            "\"endDateTime\": \"2025-03-02T06:30:00Z\",",
            "\"expirationDate\": \"2025-03-02T06:30:00Z\"",
            "Expires: 2 March 2025 06:30 UTC",
        ] {
            assert_eq!(read(text), ["2025-03-02T06:30:00Z"], "{text}");
        }
        for text in [
            "refresh failed, cached token still valid until 2025-03-02T06:30:00Z",
            "the session expired at login",
            "rolled back after 06:30 UTC",
            "valid until Mar 2",
            "notAfter Mar 2 06:30",
        ] {
            assert_eq!(read(text), Vec::<String>::new(), "{text}");
        }
    }
}

//! Keeps what is of later out of the words that a report quotes: an element of a document may tell of what came after it.
//!
//! A line of a log was written at its time and says nothing of later; a page, an alert or a status in an export is one
//! element for all that became of it. Where such an element states a time beyond the one that was asked for, the report
//! keeps the place and leaves out the words. What breaks it: a document that tells of later without a time.

use std::collections::{BTreeMap, BTreeSet};

use analysis::Digest;
use evidence::{Clock, Moment, RecordRef, Source, SourceId};
use intake::Quote;
use report::model::{Report, WITHHELD};

/// What is needed to tell which elements of documents speak of later.
pub struct Later {
    until: Moment,
    elements: BTreeSet<RecordRef>,
    /// Name, and how far its times are off, of each source.
    sources: BTreeMap<SourceId, (String, i64)>,
}

impl Later {
    pub fn new(readings: &[(Source, Digest)], clocks: &BTreeMap<String, Clock>, until: Moment) -> Later {
        let offset = |name: &str| clocks.get(name).map_or(0, |clock| clock.offset_s);
        Later {
            until,
            elements: readings.iter().flat_map(|(_, digest)| digest.events.iter().map(|event| event.place)).collect(),
            sources: readings.iter().map(|(s, _)| (s.id, (s.name.clone(), offset(&s.name)))).collect(),
        }
    }

    /// Takes the words of such elements out of the report, which goes on to cite them. `shown` is how the report writes the name
    /// of a source.
    pub fn withhold<'q>(
        &self,
        report: &mut Report,
        quotes: impl Iterator<Item = &'q Quote>,
        mut shown: impl FnMut(&str) -> String,
    ) {
        let later = quotes.filter_map(|quote| self.speaks_of_later(quote)).map(|(name, bytes)| (shown(name), bytes));
        let later: BTreeSet<(String, [u64; 2])> = later.collect();
        let is_later = |e: &&mut report::model::Evidence| later.contains(&(e.source.clone(), e.bytes));
        for evidence in report.evidence.iter_mut().filter(is_later) {
            evidence.text = WITHHELD.to_string();
            evidence.withheld = true;
        }
    }

    fn speaks_of_later(&self, quote: &Quote) -> Option<(&str, [u64; 2])> {
        let (name, offset) = self.sources.get(&quote.place.source)?;
        let is_later = |at: i64| at.saturating_sub(*offset) > self.until.seconds();
        let speaks = self.elements.contains(&quote.place) && times(&quote.text).into_iter().any(is_later);
        speaks.then_some((name.as_str(), [quote.place.start, quote.place.end]))
    }
}

/// The times with a time of day that stand in a text, in seconds as they are written: ISO 8601, and seconds or
/// milliseconds since 1970.
fn times(text: &str) -> Vec<i64> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-:.+".contains(c);
    let words = text.split(|c: char| !is_part(c)).filter(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let words: Vec<&str> = words.collect();
    let pairs = words.windows(2).map(|pair| format!("{}T{}", pair[0], pair[1]));
    words.iter().filter_map(|word| iso(word).or_else(|| epoch(word))).chain(pairs.filter_map(|pair| iso(&pair))).collect()
}

fn iso(word: &str) -> Option<i64> {
    let date = |at: usize| word.as_bytes().get(at) == Some(&b'-');
    if !(date(4) && date(7)) || word.as_bytes().get(10) != Some(&b'T') || word.as_bytes().get(13) != Some(&b':') {
        return None;
    }
    let digits = |from: usize, to: usize| word.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let seconds = digits(11, 13)? * 3_600 + digits(14, 16)? * 60 + digits(17, 19).unwrap_or(0);
    Some(days(year, month, day) * 86_400 + seconds - zone(word.get(16..).unwrap_or_default()))
}

/// Seconds that a zone is ahead, `+02:00` or `-0530`; 0 for UTC and where none is written.
fn zone(rest: &str) -> i64 {
    let Some(at) = rest.rfind(['+', '-']) else { return 0 };
    let sign = if rest[at..].starts_with('-') { -1 } else { 1 };
    let digits: String = rest[at..].chars().filter(char::is_ascii_digit).collect();
    let part = |from: usize| digits.get(from..from + 2).and_then(|d| d.parse::<i64>().ok()).unwrap_or(0);
    sign * (part(0) * 3_600 + part(2) * 60)
}

/// Days since 1970 of a date of the Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Seconds or milliseconds since 1970, of this century.
fn epoch(word: &str) -> Option<i64> {
    let whole = word.split('.').next()?;
    let number = || whole.parse::<i64>().ok();
    match whole.len() {
        10 if whole.starts_with(['1', '2']) => number(),
        13 if whole.starts_with(['1', '2']) => Some(number()? / 1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::times;

    #[test]
    fn times_are_read_as_documents_write_them() {
        let noon = 1_707_307_200;
        let all = [
            "2024-02-07T12:00:00Z",
            "2024-02-07 12:00:00.123",
            "2024-02-07T14:00:00+02:00",
            "1707307200.000100",
            "1707307200123",
        ];
        for text in all {
            assert_eq!(times(&format!("{{\"at\": \"{text}\"}}")), [noon], "{text}");
        }
        assert!(times("v2.15.0 on 2024-02-07, order 1234567, 12:00").is_empty(), "a date alone is no time");
    }
}

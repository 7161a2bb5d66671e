//! In which year, and on which day, a source was written that does not say it: its anchor.
//!
//! What it sees: a date in the source's own name, times with a whole date in the same source, and those of the other
//! sources. Why it matters: a syslog line has no year, and a console line has no date. When it misleads: a name that
//! carries the date of something else (`backup-of-2019-01-01.log`), and a bundle from several years.

use std::collections::BTreeMap;

use evidence::{Basis, Moment, Stamp};
use serde::{Deserialize, Serialize};

use crate::stray::is_plausible;

/// What one source tells about the days it covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// The latest time with a whole date.
    last: Option<i64>,
    /// How many times have a whole date, and how many have not.
    whole: u64,
    partial: u64,
}

/// The instant near which times without a year or a date are placed, and why there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    pub at: Moment,
    pub why: String,
}

impl Dates {
    pub fn see(&mut self, stamp: Stamp) {
        self.see_all(stamp, 1);
    }

    /// So many times of one kind and one day, of which this is the last.
    pub fn see_all(&mut self, stamp: Stamp, times: u64) {
        if stamp.basis.is_partial() {
            self.partial += times;
            return;
        }
        self.whole += times;
        // A date of another century says nothing of the year in which the others were written.
        self.last = self.last.max(Some(stamp.micros).filter(|_| is_plausible(stamp)));
    }

    /// Adds what was seen of the same source elsewhere.
    pub fn join(&mut self, other: Dates) {
        self.last = self.last.max(other.last);
        self.whole += other.whole;
        self.partial += other.partial;
    }

    /// Some of its times need an anchor.
    pub fn lacks(&self) -> bool {
        self.partial > 0
    }
}

/// A time without a year that nothing tells stands in the year that takes its place; a time of day without any date is no
/// instant at all.
pub fn written(stamp: Option<Stamp>) -> Option<Moment> {
    stamp.filter(|s| matches!(s.basis, Basis::CivilNoYear | Basis::ZonedNoYear)).map(|s| Moment(s.micros))
}

/// One anchor per source, in the same order: from its name, else from its content, else from the other sources: those
/// of the same folder before all others.
pub fn anchors(sources: &[(&str, Dates)]) -> Vec<Option<Anchor>> {
    let mut folders: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (name, dates) in sources {
        if let Some(last) = dates.last {
            folders.entry(folder(name)).or_default().push(last);
        }
    }
    let everywhere = median(folders.values().flatten().copied().collect());
    let nearby: BTreeMap<&str, i64> = folders.into_iter().filter_map(|(folder, lasts)| Some((folder, median(lasts)?))).collect();
    let named = median(sources.iter().filter_map(|(name, _)| date_in(name)).collect());
    let anchor = |at: i64, why: &str| Anchor { at: Moment(at), why: why.to_string() };
    sources
        .iter()
        .map(|(name, dates)| {
            let own = date_in(name).map(|at| anchor(at, "the date in its name"));
            own.or_else(|| dates.last.map(|at| anchor(at, "its own times with a date")))
                .or_else(|| nearby.get(folder(name)).map(|at| anchor(*at, "the sources beside it")))
                .or_else(|| everywhere.map(|at| anchor(at, "the other sources")))
                .or_else(|| named.map(|at| anchor(at, "the dates in the names of the other sources")))
        })
        .collect()
}

fn folder(name: &str) -> &str {
    name.rsplit_once(['/', '!']).map_or("", |(folder, _)| folder)
}

/// The first date in the name of a source (`app-2025-09-18.log`, `2024_02_07.json`, `access-20240207.gz`), at noon.
fn date_in(name: &str) -> Option<i64> {
    let bytes = name.as_bytes();
    (0..bytes.len()).find_map(|at| {
        let apart = at == 0 || !bytes[at - 1].is_ascii_digit();
        if apart { noon_of(bytes.get(at..)?) } else { None }
    })
}

/// Microseconds of noon of `YYYY-MM-DD`, `YYYY_MM_DD`, `YYYY.MM.DD` or `YYYYMMDD` at the beginning.
fn noon_of(text: &[u8]) -> Option<i64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to).filter(|d| d.iter().all(u8::is_ascii_digit))?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    };
    let separator = *text.get(4)?;
    let (year, month, day, end) = match separator {
        b'-' | b'_' | b'.' if text.get(7) == Some(&separator) => (number(0, 4)?, number(5, 7)?, number(8, 10)?, 10),
        _ => (number(0, 4)?, number(4, 6)?, number(6, 8)?, 8),
    };
    let follows = text.get(end).is_some_and(u8::is_ascii_digit);
    let fits = (1990..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if follows || !fits {
        return None;
    }
    // Days from civil, H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let y = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = (y % 400) * 365 + (y % 400) / 4 - (y % 400) / 100 + of_year;
    Some(((y / 400 * 146_097 + of_era - 719_468) * 86_400 + 43_200) * Moment::SECOND)
}

fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(stamps: &[(&str, Basis)]) -> Dates {
        let mut dates = Dates::default();
        for (day, basis) in stamps {
            dates.see(Stamp::new(date_in(day).unwrap_or_default(), *basis));
        }
        dates
    }

    fn decided(sources: &[(&str, Dates)]) -> Vec<String> {
        anchors(sources).into_iter().map(|a| a.map_or("none".into(), |a| format!("{} {}", a.at.date(), a.why))).collect()
    }

    #[test]
    fn a_name_comes_before_the_content_and_that_before_the_others() {
        let yearless = dates(&[("x", Basis::CivilNoYear)]);
        let whole = dates(&[("2024-05-01", Basis::Civil), ("x", Basis::CivilNoYear)]);
        let sources = [("a/messages-20230807", yearless), ("a/mixed.log", whole), ("a/syslog", yearless), ("b/syslog", yearless)];
        assert_eq!(
            decided(&sources),
            [
                "2023-08-07 the date in its name",
                "2024-05-01 its own times with a date",
                "2024-05-01 the sources beside it",
                "2024-05-01 the other sources"
            ]
        );
    }

    #[test]
    fn without_any_date_there_is_no_anchor() {
        assert_eq!(decided(&[("syslog", dates(&[("x", Basis::CivilNoYear)]))]), ["none"]);
        assert!(dates(&[("x", Basis::ClockOnly)]).lacks() && !dates(&[("2024-05-01", Basis::Zoned)]).lacks());
    }

    #[test]
    fn a_date_in_a_name_is_found_however_it_is_written() {
        for name in ["pg/postgresql-2025-09-18.log", "app_2025_09_18", "x.20250918.gz", "2025.09.18"] {
            assert_eq!(date_in(name), Some(1_758_196_800_000_000), "{name}");
        }
        for name in ["app-12345.log", "202509181200", "build-20259918.log", "été-2025"] {
            assert_eq!(date_in(name), None, "{name}");
        }
    }
}

//! The zone that a text says for its times: `times UTC`, `UTC-6`, `(Mountain time)`, `all times CEST`.
//!
//! It must never guess: where summer time may be in force and the day is not known, or `CET` is written in July, nothing is
//! said. What breaks it: a country that changes its rules; those of 2025 are taken for all years.

use std::sync::LazyLock;

use evidence::{Basis, Stamp};
use expressions::Expression;
use jiff::civil;

use super::{weekdays, when};
use crate::formats::zone;

/// Which part of the year has summer time.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Summer {
    Never,
    /// From the last Sunday of March to that of October, 01:00 UTC.
    Europe,
    /// From the second Sunday of March to the first of November, 02:00.
    America,
}

/// A zone as people name it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Zone {
    /// Minutes east of UTC in winter.
    minutes: i64,
    summer: Summer,
    /// The name is that of the winter time; in summer, some mean it and some their own time.
    is_winter: bool,
}

use Summer::{America, Europe, Never};

/// Names as they stand beside `time`, the last part of the names of the IANA time zone database among them.
const NAMES: [(&str, i64, Summer); 108] = [
    ("Eastern", -300, America),
    ("Central", -360, America),
    ("Mountain", -420, America),
    ("Pacific", -480, America),
    ("New York", -300, America),
    ("Toronto", -300, America),
    ("Boston", -300, America),
    ("Chicago", -360, America),
    ("Denver", -420, America),
    ("Phoenix", -420, Never),
    ("Los Angeles", -480, America),
    ("San Francisco", -480, America),
    ("Seattle", -480, America),
    ("Vancouver", -480, America),
    ("ET", -300, America),
    ("CT", -360, America),
    ("MT", -420, America),
    ("PT", -480, America),
    ("London", 0, Europe),
    ("Dublin", 0, Europe),
    ("Lisbon", 0, Europe),
    ("Amsterdam", 60, Europe),
    ("Berlin", 60, Europe),
    ("Brussels", 60, Europe),
    ("Budapest", 60, Europe),
    ("Copenhagen", 60, Europe),
    ("Madrid", 60, Europe),
    ("Oslo", 60, Europe),
    ("Paris", 60, Europe),
    ("Prague", 60, Europe),
    ("Rome", 60, Europe),
    ("Stockholm", 60, Europe),
    ("Vienna", 60, Europe),
    ("Warsaw", 60, Europe),
    ("Zurich", 60, Europe),
    ("Zürich", 60, Europe),
    ("Athens", 120, Europe),
    ("Bucharest", 120, Europe),
    ("Helsinki", 120, Europe),
    ("Kyiv", 120, Europe),
    ("Sofia", 120, Europe),
    ("Sao Paulo", -180, Never),
    ("São Paulo", -180, Never),
    ("Buenos Aires", -180, Never),
    ("Bogota", -300, Never),
    ("Lima", -300, Never),
    ("Lagos", 60, Never),
    ("Johannesburg", 120, Never),
    ("Istanbul", 180, Never),
    ("Nairobi", 180, Never),
    ("Dubai", 240, Never),
    ("India", 330, Never),
    ("Singapore", 480, Never),
    ("Shanghai", 480, Never),
    ("Tokyo", 540, Never),
    ("Seoul", 540, Never),
    ("UK", 0, Europe),
    ("British", 0, Europe),
    ("Manchester", 0, Europe),
    ("Edinburgh", 0, Europe),
    ("Irish", 0, Europe),
    ("Portuguese", 0, Europe),
    ("German", 60, Europe),
    ("French", 60, Europe),
    ("Spanish", 60, Europe),
    ("Italian", 60, Europe),
    ("Dutch", 60, Europe),
    ("Belgian", 60, Europe),
    ("Swiss", 60, Europe),
    ("Austrian", 60, Europe),
    ("Danish", 60, Europe),
    ("Swedish", 60, Europe),
    ("Norwegian", 60, Europe),
    ("Polish", 60, Europe),
    ("Czech", 60, Europe),
    ("Hamburg", 60, Europe),
    ("Munich", 60, Europe),
    ("Milan", 60, Europe),
    ("Barcelona", 60, Europe),
    ("Finnish", 120, Europe),
    ("Greek", 120, Europe),
    ("Tallinn", 120, Europe),
    ("Riga", 120, Europe),
    ("Vilnius", 120, Europe),
    ("Montreal", -300, America),
    ("Atlanta", -300, America),
    ("Miami", -300, America),
    ("Austin", -360, America),
    ("Dallas", -360, America),
    ("Houston", -360, America),
    ("Portland", -480, America),
    ("Mexico City", -360, Never),
    ("Turkish", 180, Never),
    ("Karachi", 300, Never),
    ("Bangalore", 330, Never),
    ("Bengaluru", 330, Never),
    ("Mumbai", 330, Never),
    ("Dhaka", 360, Never),
    ("Bangkok", 420, Never),
    ("Jakarta", 420, Never),
    ("Hong Kong", 480, Never),
    ("Manila", 480, Never),
    ("Taipei", 480, Never),
    ("Beijing", 480, Never),
    ("Perth", 480, Never),
    ("Japan", 540, Never),
    ("Korea", 540, Never),
    ("Brisbane", 600, Never),
];

/// Names of winter times, by which people mean the summer time of the place, too.
const WINTERS: [(&str, Summer); 7] =
    [("CET", Europe), ("MEZ", Europe), ("EET", Europe), ("WET", Europe), ("EST", America), ("MST", America), ("PST", America)];

/// The zone that a note says for all of its times.
pub fn stated(note: &str) -> Option<Zone> {
    static SAID: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let names: Vec<&str> = NAMES.iter().map(|(name, ..)| *name).collect();
        let names = names.join("|").replace(' ', "[ _]");
        let zone = format!(r"(?:(?:UTC|GMT)(?: ?[+\-−]\d{{1,2}}(?::?\d{{2}})?)?|(?:[A-Z][a-z]+/)?(?:{names})|[A-Z]{{3,4}}T?)");
        let times = r"(?:[Tt]imes?(?:tamps?)?|[Cc]locks?|[Tt]ime ?zone|TZ|[Zz]eiten|[Uu]hrzeiten|[Hh]oras)";
        let between = r"(?: (?:are|is|in|shown|all|local|sind|en)\b| ?[:=])*";
        // Behind the time at which a log was begun or a chat was saved, or at the end of a line.
        let behind = format!(
            r"\b\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?: \d{{4}})? \(({zone})\)|\(((?:[A-VX-Z][A-Z]{{1,2}}T|UTC|GMT)(?:[+-]\d{{1,2}})?)\)\s*$"
        );
        let local = r"\((?:local|local time|lokal|lokale Zeit|hora local),? (?:UTC|GMT)?([+\-−]\d{2}(?::?\d{2})?)\)";
        let before = format!(r"\b{times}{between} ?\(?({zone})\b|(?:^|[\s(\[,])({zone})(?: local)? {times}\b");
        // The name of a zone of the database is that of a place, and of nothing else.
        let alone = format!(r"[(\[]((?:Africa|America|Asia|Australia|Europe|Pacific)/(?:{names}))[)\]]");
        // A place and, beside it, what its clocks show.
        let both =
            format!(r"\b{times}{between} ?\(?[A-Z][A-Za-z ]{{2,24}}?(?: time)?,? ?(?:UTC|GMT)?([+\-−]\d{{1,2}}(?::?\d{{2}})?)\b");
        Expression::new(&format!("{both}|{before}|{behind}|{local}|{alone}")).ok()
    });
    let found = SAID.as_ref()?.captures(note)?;
    named((1..=7).find_map(|part| found.get(part))?.as_str())
}

/// The zone behind a time: `UTC`, `UTC+2`, `CEST`.
pub fn abbreviated(word: &str) -> Option<Zone> {
    let is_word = word.len() >= 3 && word.starts_with(|c: char| c.is_ascii_uppercase());
    if is_word { named(word) } else { None }
}

/// The date that a note names: `Thursday, April 10, 2025`, `14 Oct 2025`, `2025-10-14`, `jeudi 5 mars 2026`, `05.03.2026`.
pub fn date_in(note: &str) -> Option<civil::Date> {
    english_date(note).or_else(|| weekdays::date_in(note)).or_else(|| foreign_date(note))
}

/// Months as other languages begin them; the first that fits counts.
const MONTHS: [(&[&str], i8); 12] = [
    (&["jan", "jän", "ener", "genna", "stycz", "tammi"], 1),
    (&["fév", "fev", "feb", "luty", "lutego", "helmi"], 2),
    (&["mars", "mär", "maart", "marz", "març", "marco", "marca"], 3),
    (&["avr", "abr", "apr", "kwie"], 4),
    (&["mai", "mayo", "mei", "maj", "magg", "maggio"], 5),
    (&["juin", "jun", "giu", "czerw"], 6),
    (&["juil", "jul", "lug", "lipc", "lipiec"], 7),
    (&["août", "aout", "aug", "agos", "sierp"], 8),
    (&["sept", "setem", "sette", "wrze"], 9),
    (&["oct", "okt", "out", "otto", "paźd"], 10),
    (&["nov", "listop"], 11),
    (&["déc", "dec", "dez", "dic", "des", "grud"], 12),
];

/// `5 mars 2026`, `5. März 2026`, `5 de marzo de 2026`, `05.03.2026`, and `05/03/2026` where only the first can be the day or
/// the line is not English.
fn foreign_date(note: &str) -> Option<civil::Date> {
    static DATE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(
            r"\b(?<d>\d{1,2})(?:\.|er|º)? (?:de )?(?<m>\p{L}{3,10})\.? (?:de )?(?<y>\d{4})\b|\b(?<dd>\d{1,2})\.(?<mm>\d{1,2})\.(?<yy>\d{4})\b|\b(?<ds>\d{2})/(?<ms>\d{2})/(?<ys>\d{4})\b",
        )
        .ok()
    });
    let found = DATE.as_ref()?.captures(note)?;
    let number = |name: &str| found.name(name).and_then(|part| part.as_str().parse::<i16>().ok());
    if let (Some(day), Some(month), Some(year)) = (number("d"), found.name("m"), number("y")) {
        let name = month.as_str().to_lowercase();
        let is_it = |begins: &[&str]| begins.iter().any(|begin| name.starts_with(begin));
        let month = MONTHS.iter().find(|(begins, _)| is_it(begins)).map(|(_, month)| *month)?;
        return civil::Date::new(year, month, i8::try_from(day).ok()?).ok();
    }
    let (day, month, year) = match (number("dd"), number("mm"), number("yy")) {
        (Some(day), Some(month), Some(year)) => (day, month, year),
        _ => (number("ds")?, number("ms")?, number("ys")?),
    };
    let is_dotted = found.name("dd").is_some();
    let is_told = is_dotted || day > 12 || !note.is_ascii() || says_of_elsewhere(note);
    let date = || civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    date().filter(|_| is_told)
}

/// Words of days and small words that no English line has.
fn says_of_elsewhere(note: &str) -> bool {
    const WORDS: [&str; 21] = [
        "du", "le", "les", "la", "el", "del", "vom", "den", "der", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi",
        "dimanche", "lunes", "jueves", "montag", "dienstag", "reunion",
    ];
    note.split(|c: char| !c.is_alphabetic()).any(|word| WORDS.contains(&word.to_lowercase().as_str()))
}

fn english_date(note: &str) -> Option<civil::Date> {
    static DATE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*";
        Expression::new(&format!(r"\b\d{{4}}-\d\d-\d\d\b|\b{month} \d{{1,2}},? \d{{4}}\b|\b\d{{1,2}} {month} \d{{4}}\b")).ok()
    });
    let found = DATE.as_ref()?.find(note)?;
    let stamp = when::read(&format!("{} 00:00", found.as_str()))?;
    Some(wall(stamp.micros)?.date())
}

/// The time with its zone, on a day near `day` where it has none of its own; as it was where that does not tell what to
/// subtract.
pub fn at(stamp: Stamp, zone: Zone, day: Option<civil::Date>) -> Stamp {
    let basis = match stamp.basis {
        Basis::Civil => Basis::Zoned,
        Basis::CivilNoYear => Basis::ZonedNoYear,
        Basis::ClockOnly => Basis::ZonedClock,
        _ => return stamp,
    };
    let own = wall(stamp.micros).map(|w| w.date());
    let day = match stamp.basis {
        Basis::Civil => own,
        Basis::ClockOnly => day,
        _ => {
            let dated = own.zip(day).and_then(|(own, day)| civil::Date::new(day.year(), own.month(), own.day()).ok());
            dated.or(own.filter(|own| is_far_from_turns(*own)))
        }
    };
    match zone.minutes_at(day) {
        Some(minutes) => Stamp::new(stamp.micros.saturating_sub(minutes * 60_000_000), basis),
        None => stamp,
    }
}

/// Whether it is summer or winter on that day of any year: clocks are turned in March, October and November.
fn is_far_from_turns(day: civil::Date) -> bool {
    !matches!((day.month(), day.day()), (3, 8..) | (10, 25..) | (11, ..=7))
}

fn wall(micros: i64) -> Option<civil::DateTime> {
    Some(jiff::Timestamp::from_microsecond(micros).ok()?.to_zoned(jiff::tz::TimeZone::UTC).datetime())
}

fn named(word: &str) -> Option<Zone> {
    let bare = word.rsplit('/').next().unwrap_or(word).replace('_', " ");
    if let Some((_, minutes, summer)) = NAMES.iter().find(|(name, ..)| *name == bare) {
        return Some(Zone { minutes: *minutes, summer: *summer, is_winter: false });
    }
    if let Some(rest) = bare.strip_prefix("UTC").or_else(|| bare.strip_prefix("GMT")) {
        return Some(Zone { minutes: offset(rest.trim())?, summer: Never, is_winter: false });
    }
    if bare.starts_with(['+', '-', '−']) {
        return Some(Zone { minutes: offset(&bare)?, summer: Never, is_winter: false });
    }
    let winter = WINTERS.iter().find(|(name, _)| *name == bare).map(|(_, summer)| *summer);
    Some(Zone { minutes: zone::minutes_of(&bare)?, summer: winter.unwrap_or(Never), is_winter: winter.is_some() })
}

/// `-6`, `+02:00`, `+0530`, or nothing.
fn offset(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let sign = if text.starts_with('+') { 1 } else { -1 };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = if digits.len() > 2 { digits.split_at(digits.len() - 2) } else { (digits.as_str(), "0") };
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

impl Zone {
    /// Minutes east of UTC on a day; the days on which clocks change tell nothing.
    fn minutes_at(self, day: Option<civil::Date>) -> Option<i64> {
        if self.summer == Never {
            return Some(self.minutes);
        }
        let day = day?;
        let (begins, ends) = match self.summer {
            Europe => (sunday(day.year(), 3, -1)?, sunday(day.year(), 10, -1)?),
            _ => (sunday(day.year(), 3, 2)?, sunday(day.year(), 11, 1)?),
        };
        let is_summer = day > begins && day < ends;
        let is_told = day != begins && day != ends && !(is_summer && self.is_winter);
        is_told.then_some(self.minutes + if is_summer { 60 } else { 0 })
    }
}

/// The nth Sunday of a month, the last one for -1.
fn sunday(year: i16, month: i8, nth: i8) -> Option<civil::Date> {
    civil::Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, civil::Weekday::Sunday).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(note: &str, local: &str) -> Option<(i64, Basis)> {
        let local = when::clock(local).or_else(|| when::read(local)).expect("a time");
        let stamp = at(local, stated(note)?, date_in(note));
        Some(((local.micros - stamp.micros) / 60_000_000, stamp.basis))
    }

    #[test]
    fn dates_of_other_languages_are_read_with_the_day_first() {
        let day = |note: &str| date_in(note).map(|date| date.to_string());
        for note in [
            "jeudi 5 mars 2026",
            "Donnerstag, 5. März 2026",
            "5 de marzo de 2026",
            "giovedì 5 marzo 2026",
            "05.03.2026",
            "réunion du 05/03/2026, 14h00",
            "czwartek 5 marca 2026",
        ] {
            assert_eq!(day(note).as_deref(), Some("2026-03-05"), "{note}");
        }
        assert_eq!(day("1er août 2025").as_deref(), Some("2025-08-01"));
        assert_eq!(day("03/05/2026"), None, "nobody knows which is the day");
        assert_eq!(day("03/25/2026"), None);
        assert_eq!(day("25/03/2026").as_deref(), Some("2026-03-25"));
        assert_eq!(day("10 servers 2026"), None);
    }

    #[test]
    fn a_note_states_the_zone_of_all_times() {
        let clock = Basis::ZonedClock;
        assert_eq!(check("#inc-cart (times UTC)", "10:11"), Some((0, clock)));
        assert_eq!(check("Times are UTC-6", "10:11"), Some((-360, clock)));
        assert_eq!(check("all times GMT+05:30, sorry", "10:11"), Some((330, clock)));
        assert_eq!(check("(times are Lisbon time, +1)", "10:11"), Some((60, clock)));
        assert_eq!(check("Copied on Monday, June 2, 2025 (Mountain time)", "10:11"), Some((-360, clock)));
        assert_eq!(check("copied 2 Dec 2025, times Berlin", "10:11"), Some((60, clock)));
        assert_eq!(check("typed over on 4 Jul 2025, UK time, only some of it", "10:11"), Some((60, clock)));
        assert_eq!(check("--- Log opened Thu Dec 04 00:00:01 2025 (KST)", "10:11"), Some((540, clock)));
        assert_eq!(check("#ops, copied Tuesday (JST)", "10:11"), Some((540, clock)));
        assert_eq!(check("copied by bo (local, +07)", "10:11"), Some((420, clock)));
        assert_eq!(check("Saved on: 2025/10/08 10:02 (UTC+7)", "10:11"), Some((420, clock)));
        assert_eq!(check("copied Dec 2 2025 (Sao Paulo time)", "10:11"), Some((-180, clock)));
        assert_eq!(check("timezone: Europe/Berlin", "2025-07-02 10:11"), Some((120, Basis::Zoned)));
        assert_eq!(check("all times CET", "2025-01-02 10:11"), Some((60, Basis::Zoned)));
        assert_eq!(check("export of #ops-night  (Europe/Vienna)", "2025-01-02 10:11"), Some((60, Basis::Zoned)));
        assert_eq!(check("#ops [America/New_York], 12 messages", "2025-07-02 10:11"), Some((-240, Basis::Zoned)));
    }

    #[test]
    fn nothing_is_said_where_summer_time_is_not_known() {
        assert_eq!(check("times Berlin", "10:11"), Some((0, Basis::ClockOnly)));
        assert_eq!(check("all times CET", "2025-07-02 10:11"), Some((0, Basis::Civil)));
        assert_eq!(check("times Berlin", "2025-03-30 10:11"), Some((0, Basis::Civil)));
    }

    #[test]
    fn other_words_beside_times_are_no_zone() {
        for note in [
            "copied from #berlin-ops",
            "restarted at 10:11 (OK)",
            "we asked the DBA (REST)",
            "three times Eastern users called",
            "tickets of the office (Berlin)",
            "the UTC rollout",
            "times out",
            "one more time",
        ] {
            assert_eq!(stated(note).filter(|_| !note.contains("Eastern")), None, "{note}");
        }
    }
}

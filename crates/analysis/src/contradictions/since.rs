//! Since when people say that they were harmed, beside when the first failure was recorded.
//!
//! What it sees: "customers cannot log in, since 9 o'clock" in a message of the incident. Why it matters: either the records miss the
//! beginning, or who asks the users asked of something else; a reader has to know which. When it misleads: a time of day is in the
//! zone of who wrote it; so it counts only where it lies well before the first failure in each zone that is in use here.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use evidence::Moment;

use super::speech::{self, Sentence};
use super::verdicts::is_of_another_house;
use crate::acts;
use crate::findings::{About, Contradiction, ContradictionKind, Side, Times};
use crate::incident::Incident;
use expressions::{Expression, constant};

const DAY: i64 = 86_400;
/// Who names an hour means it to a quarter of one.
const WELL_BEFORE_S: i64 = 900;
/// And who names minutes means it to a few of them.
const TO_THE_MINUTE_S: i64 = 420;

pub fn find(incident: &Incident<'_>, times: &Times, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let Some(started) = &times.started else { return Vec::new() };
    let zones = zones(incident, sentences);
    let end = times.mitigated.as_ref().map_or(incident.window.to, |m| m.at);
    let told = sentences.iter().filter(|s| s.message.at >= started.at && s.message.at <= end.plus(600.0) && !s.is_loose());
    let beside = |s: &Sentence<'_>| {
        let text = s.message.what.message.text.as_str();
        let (value, second) = since(s.text)
            .filter(|_| tells_of_harm(&acts::in_english(text)) && !is_of_a_part(text) && !is_of_another_house(text))?;
        if is_the_same_in_another_zone(second, started.at) || is_of_named_zone(s.text, value, second, started.at) {
            return None;
        }
        let well_before = if second % 1_800 == 0 { WELL_BEFORE_S } else { TO_THE_MINUTE_S };
        let is_before = |zone: &i64| started.at.seconds() - meant(second, *zone, s.message.at) >= well_before;
        let recorded = Side {
            value: started.at.time_of_day(),
            number: None,
            between: None,
            measure: None,
            stated_by: None,
            words: None,
            places: started.places.few(1),
        };
        let what = s.text.split_once(value).map_or(s.text, |(head, _)| head).trim();
        let about = About::When { what: what.to_string() };
        let sides = vec![s.side(value), recorded];
        zones.iter().all(is_before).then_some(Contradiction { kind: ContradictionKind::Time, about, sides })
    };
    told.filter_map(beside).take(2).collect()
}

/// Who tells a time to the minute and is off by whole hours writes in a zone of which nothing else here tells.
fn is_the_same_in_another_zone(second: i64, started: Moment) -> bool {
    let apart = (second - started.seconds().div_euclid(60) * 60).rem_euclid(3_600);
    second % 300 != 0 && (apart <= 120 || apart >= 3_480)
}

/// A zone is written behind it, of which only the letters are known: whole hours say nothing.
fn is_of_named_zone(text: &str, value: &str, second: i64, started: Moment) -> bool {
    static ZONE: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"^(?: sharp| o['’]?clock)? ?(?:\([A-Z]{2,5}\)|(?:[A-Z]{1,3}T|[A-Z]{3,4})\b|(?i:local|our) time)")
    });
    let behind = text.split_once(value).is_some_and(|(_, tail)| ZONE.is_match(tail) && !tail.trim_start().starts_with("UTC"));
    let apart = (second - started.seconds()).rem_euclid(1_800);
    behind && !(WELL_BEFORE_S / 3..=1_800 - WELL_BEFORE_S / 3).contains(&apart)
}

/// A part of a machine, or a job on it, failed before users felt it: no other beginning of the same.
fn is_of_a_part(text: &str) -> bool {
    static PART: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:batter(?:y|ies)|batterie\w*|disks?|drives?|platten?|raid|fans?|psus?|power supply|netzteil\w*|dimms?|sensors?|ports?|links?|backups?|jobs?|cron|replicas?|replication|cert(?:ificate)?s?|snapshots?)\b",
        )
    });
    PART.is_match(text)
}

/// Zones that people may write in: that of their own times, UTC, and those of the sources.
fn zones(incident: &Incident<'_>, sentences: &[Sentence<'_>]) -> BTreeSet<i64> {
    let scene = incident.scene;
    let own = scene.digests.iter().map(|d| scene.clock(d.source).offset_s).filter(|offset| offset % 900 == 0);
    own.chain(speech::zone(incident, sentences).map(|(zone, _)| zone)).chain([0]).collect()
}

/// The last time before a message at which clocks of a zone showed a second of the day.
fn meant(second: i64, zone: i64, said: Moment) -> i64 {
    said.seconds() - (said.seconds() + zone - second).rem_euclid(DAY)
}

/// The time since when, as it is written, and its second of the day.
pub fn since(text: &str) -> Option<(&str, i64)> {
    static SINCE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:since|seit|depuis|desde|dalle|da|sinds|sedan|siden|od)(?: (?:about|around|roughly|etwa|ca\.|gegen|las|environ|circa|le|ore|kl\.?|klokken))? (?P<time>(?P<h>\d{1,2})(?:[:.h](?P<m>\d{2}))?(?: ?(?P<mark>o['’]?clock|sharp|uhr|(?P<half>[ap]m)|heures?|h))?)\b",
        )
    });
    let c = SINCE.captures(text)?;
    let number = |name: &str| c.name(name).map_or(Some(0), |m| m.as_str().parse::<i64>().ok());
    let (mut hour, minute) = (number("h")?, number("m")?);
    let half = c.name("half").map(|m| m.as_str().to_ascii_lowercase());
    match half.as_deref() {
        Some("pm") if hour < 12 => hour += 12,
        Some("am") if hour == 12 => hour = 0,
        _ => {}
    }
    let rest = &text[c.get(0)?.end()..];
    let is_version = rest.starts_with(['.', '-']) && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    let is_time = !is_version && hour < 24 && minute < 60 && (c.name("m").is_some() || c.name("mark").is_some());
    is_time.then_some((c.name("time")?.as_str(), hour * 3_600 + minute * 60))
}

/// Somebody cannot do what they want to.
fn tells_of_harm(text: &str) -> bool {
    static HARM: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:cannot|can[’']?t|could(?:n[’']t| not)|unable|fail\w*|down|broken|errors?|calls?|complain\w*|tickets?|slow|timeouts?|timing out|crash\w*|hangs?|hanging|stuck|freez\w*|frozen|buggy|unreachable|won['’]t (?:load|start|open)|plante|nicht|kein\w*|anrufe|störung\w*|beschwerden|erreichbar)\b",
        )
    });
    HARM.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_told_from_other_numbers() {
        assert_eq!(since("some of them since 10 o'clock"), Some(("10 o'clock", 36_000)));
        assert_eq!(since("Anrufe seit etwa 7 Uhr"), Some(("7 Uhr", 25_200)));
        assert_eq!(since("down since 9:40"), Some(("9:40", 34_800)));
        assert_eq!(since("failing since 2 pm"), Some(("2 pm", 50_400)));
        for text in ["fails since 3 days", "since 4.2 of the client", "since 4.20.1", "since 30:10", "9 o'clock news"] {
            assert_eq!(since(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_to_the_minute_that_is_off_by_whole_hours_is_of_another_zone() {
        let started = Moment::from_seconds(10 * DAY + 7 * 3_600 + 41 * 60 + 23);
        assert!(is_the_same_in_another_zone(9 * 3_600 + 41 * 60, started));
        assert!(!is_the_same_in_another_zone(9 * 3_600 + 12 * 60, started));
        assert!(!is_the_same_in_another_zone(9 * 3_600 + 40 * 60, started), "who rounds may mean another time");
    }

    #[test]
    fn a_written_zone_makes_whole_hours_say_nothing() {
        let started = Moment::from_seconds(10 * DAY + 22 * 3_600 + 24);
        assert!(is_of_named_zone("fails since 6pm ET", "6pm", 64_800, started));
        assert!(is_of_named_zone("fails since 6pm sharp ET.", "6pm", 64_800, started));
        assert!(!is_of_named_zone("fails since 6pm", "6pm", 64_800, started), "no zone");
        assert!(!is_of_named_zone("fails since 6pm UTC", "6pm", 64_800, started), "one that is known");
        assert!(!is_of_named_zone("fails since 5:45pm ET", "5:45pm", 63_900, started), "not the same minutes");
    }

    #[test]
    fn a_part_that_failed_before_is_no_other_beginning() {
        assert!(
            is_of_a_part("controller says: cache battery FAILED since 02:11")
                && is_of_a_part("the nightly backup fails since 9 pm")
        );
        assert!(!is_of_a_part("customers cannot log in since 9 o'clock"));
    }

    #[test]
    fn the_last_such_time_before_the_message_is_meant() {
        let noon = Moment::from_seconds(10 * DAY + 43_200);
        assert_eq!(meant(36_000, 0, noon), 10 * DAY + 36_000);
        assert_eq!(meant(36_000, 3_600, noon), 10 * DAY + 32_400);
        assert_eq!(meant(50_400, 0, noon), 9 * DAY + 50_400);
    }
}

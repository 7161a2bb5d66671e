//! From when until when users were harmed as people tell it, beside how long it was: "planning was down 06:04-06:55" of an outage that
//! began six minutes before.
//!
//! What it sees: two times of day that are the ends of one stretch, in a sentence that tells of harm and was written when users were
//! served again. Why it matters: such an interval goes into the mail to the customers, and its beginning is when somebody looked. When it
//! misleads: a part of the users, or of the time; so only what is about as long as the outage, and clearly not as long, counts. The
//! two times are held against each other alone: in which zone they are does not matter.

use std::sync::LazyLock;

use super::corrections::ends;
use super::speech::Sentence;
use super::{computed, computed_side};
use crate::acts::{self, DurationOf};
use crate::findings::{Contradiction, ContradictionKind, Side, Times};
use expressions::{Expression, constant};

/// What is off by no more is rounded; where a word says so, by no more than the second ones.
const OFF_S: f64 = 180.0;
const OFF: f64 = 0.07;
const ABOUT_OFF_S: f64 = 300.0;
const ABOUT_OFF: f64 = 0.12;
/// Beyond so many times, or below such a part, it is of something else.
const MOST: f64 = 2.0;
/// Who sums up does so a little before the last failure, too.
const LATE_S: f64 = 120.0;

static HARM: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:down|outage|downtime|unavailable|unreachable|unreliable|degraded|disrupt\w*|interrupt\w*|impact(?:ed)?|failing|failed|rejected|declined|broken|disturbed|affected|not (?:working|available|reachable)|(?:could|can) ?(?:not|n[o’']t)|unable|errors?)\b",
    )
});
/// It tells of something else that took a while.
static ELSE: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:maintenance|window|backfill|backup|upgrade|freeze|meeting|call|shift|on[- ]?call|retro|between (?:those|these)|tomorrow|planned)\b|\?",
    )
});

/// The ends are not meant to the minute.
static ABOUT: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)~|≈|\b(?:about|around|approx\w*|roughly|circa|ca|some|nearly|almost|shortly|etwa|ungefähr|gegen|kurz|rund|vers|environ|hacia|sobre|cerca|verso|intorno|omkring|rond|omstreeks)\b",
    )
});

pub fn find(times: &Times, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let Some(end) = times.mitigated.as_ref().or(times.resolved.as_ref()).map(|end| end.at) else { return Vec::new() };
    sentences.iter().filter(|s| s.message.at >= end.plus(-LATE_S)).filter_map(|s| of(s, times)).collect()
}

fn of(sentence: &Sentence<'_>, times: &Times) -> Option<Contradiction> {
    let english = acts::in_english(sentence.text);
    if !HARM.is_match(&english) || ELSE.is_match(&english) {
        return None;
    }
    let (from, to, span) = ends(sentence.text)?;
    let length = (to.second - from.second).rem_euclid(86_400) as f64;
    let (about, began, over) = computed(DurationOf::Outage, "", times)?;
    let seconds = over.0.since(began.0);
    let longest = seconds.max(length);
    let off = (length - seconds).abs();
    let bound = match ABOUT.is_match(sentence.text.get(span.0..span.1)?) {
        true => ABOUT_OFF_S.max(ABOUT_OFF * longest),
        false => OFF_S.max(OFF * longest),
    };
    let is_like = length <= MOST * seconds && seconds <= MOST * length;
    // It may be told until it was declared over, or from when it was noticed.
    let other = |one: &Option<crate::findings::TimeFinding>, last: &Option<crate::findings::TimeFinding>| {
        one.as_ref().zip(last.as_ref()).is_some_and(|(a, b)| (b.at.since(a.at) - length).abs() <= OFF_S)
    };
    if off <= bound || !is_like || other(&times.started, &times.resolved) {
        return None;
    }
    let interval = sentence.text.get(span.0..span.1)?.trim();
    let told = Side { number: Some(length), ..sentence.side(interval) };
    Some(Contradiction { kind: ContradictionKind::Duration, about, sides: vec![told, computed_side(&began, &over)] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Places, TimeBasis, TimeFinding};
    use crate::scene::{At, Utterance};
    use evidence::{Message, Moment, RecordRef, SourceId};

    fn place(line: u64) -> RecordRef {
        RecordRef { source: SourceId { input: 0, entry: 0 }, start: line * 10, end: line * 10 + 9, line, last_line: line }
    }

    /// Users were harmed from minute 0 to 56 of an hour, and somebody says this later.
    fn told(text: &str) -> Vec<String> {
        let at = |minute: f64| Moment::from_seconds(1_700_000_000).plus(minute * 60.0);
        let mark = |minute: f64, line| {
            let (at, by) = (at(minute), TimeBasis::FailedRequests { service: None });
            Some(TimeFinding { at, earliest: at, latest: at, by, places: Places::one(place(line)) })
        };
        let times = Times { started: mark(0.0, 1), mitigated: mark(56.0, 2), ..Times::default() };
        let message = Message { author: "kim".into(), text: text.into(), ..Message::default() };
        let message = At { at: at(80.0), place: place(3), what: Utterance { message, speaker: "kim".into(), said: Vec::new() } };
        let sentence = Sentence { message: &message, text };
        find(&times, &[sentence]).into_iter().map(|c| c.sides[0].value.clone()).collect()
    }

    #[test]
    fn the_ends_of_the_harm_are_held_against_how_long_it_was() {
        assert_eq!(told("short summary: bookings were down 09:04-09:55 UTC"), ["09:04-09:55 UTC"]);
        assert_eq!(told("Unser Portal war von 07:04 bis 07:50 Uhr gestört."), ["07:04 bis 07:50"]);
        assert_eq!(told("payments rejected 14:05 - 14:49 UTC"), ["14:05 - 14:49 UTC"]);
    }

    #[test]
    fn what_is_as_long_or_of_something_else_contradicts_nothing() {
        assert!(told("bookings were down 09:00-09:55").is_empty());
        assert!(told("bookings were down from about 09:00 to 10:00").is_empty());
        assert!(told("the backup ran 09:04-09:50 and failed").is_empty());
        assert!(told("bookings were down 09:04-09:10 in one region").is_empty());
        assert!(told("were you down 09:04-09:50?").is_empty());
    }
}

//! How long users were harmed as people tell it in whatever words and language, beside how long it was.
//!
//! What it sees: a sentence that is written when users were served again and has one length of time, where its words vote for an
//! outage ([`crate::acts::votes::lengths`]) and no cue says what it is of. Why it matters: such numbers go to customers. When it
//! misleads: a part of the users, or of the time; so only what is far off every length that the incident had counts.

use evidence::Moment;

use super::speech::Sentence;
use super::{computed, computed_side, fits_another_end};
use crate::acts::{self, DurationOf, QuantityKind, votes};
use crate::findings::{Contradiction, ContradictionKind, Side, Times};

/// Shorter ones are of something else, and nobody minds.
const LEAST_S: f64 = 240.0;
/// What is off by no more is rounded.
const OFF_S: f64 = 180.0;
const OFF: f64 = 0.2;
/// Beyond so many times, or below such a part, it is of something else.
const MOST: f64 = 4.0;

pub fn find(times: &Times, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let Some(end) = times.mitigated.as_ref().or(times.resolved.as_ref()).map(|end| end.at) else { return Vec::new() };
    sentences.iter().filter(|s| s.message.at >= end.plus(-LATE_S)).filter_map(|s| of(s, times, end)).collect()
}

/// Who sums up does so a little before the last failure, too.
const LATE_S: f64 = 120.0;

fn of(sentence: &Sentence<'_>, times: &Times, end: Moment) -> Option<Contradiction> {
    let quantities = acts::quantities(sentence.text, false);
    let mut lengths = quantities.iter().filter(|q| matches!(q.what, QuantityKind::Duration(_)));
    let length = lengths.next().filter(|q| q.what == QuantityKind::Duration(DurationOf::Other) && q.value >= LEAST_S)?;
    if lengths.next().is_some() || is_status(&length.text) || !votes::lengths::is_of_outage(sentence.text) {
        return None;
    }
    let (about, from, to) = computed(DurationOf::Outage, sentence.text, times)?;
    let seconds = to.0.since(from.0);
    let of_all = [seconds, end.since(from.0)];
    let is_far = |seconds: &f64| (length.value - seconds).abs() > OFF_S.max(OFF * seconds.max(length.value));
    let is_like = |seconds: &f64| length.value <= MOST * seconds && *seconds <= MOST * length.value;
    if !of_all.iter().all(is_far) || !of_all.iter().any(is_like) || fits_another_end(DurationOf::Outage, length, times, OFF) {
        return None;
    }
    let found = computed_side(&from, &to);
    let told = Side { number: Some(length.value), ..sentence.side(&length.text) };
    Some(Contradiction { kind: ContradictionKind::Duration, about, sides: vec![told, found] })
}

/// `502s` are answers with that status. Nobody tells minutes in so many seconds.
fn is_status(text: &str) -> bool {
    let digits = text.trim_end_matches(['s', ' ']);
    digits.len() < text.len() && digits.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Places, TimeBasis, TimeFinding};
    use crate::scene::{At, Utterance};
    use evidence::{Message, RecordRef, SourceId};

    fn place(line: u64) -> RecordRef {
        RecordRef { source: SourceId { input: 0, entry: 0 }, start: line * 10, end: line * 10 + 9, line, last_line: line }
    }

    /// Users were harmed from minute 0 to 20 of an hour, and somebody says this later.
    fn told(text: &str, minute: f64) -> Vec<String> {
        let at = |minute: f64| Moment::from_seconds(1_700_000_000).plus(minute * 60.0);
        let mark = |minute: f64, line| {
            let (at, by) = (at(minute), TimeBasis::FailedRequests { service: None });
            Some(TimeFinding { at, earliest: at, latest: at, by, places: Places::one(place(line)) })
        };
        let times = Times { started: mark(0.0, 1), mitigated: mark(20.0, 2), ..Times::default() };
        let message = Message { author: "kim".into(), text: text.into(), ..Message::default() };
        let said = acts::read(text, "kim", false);
        let message = At { at: at(minute), place: place(3), what: Utterance { message, speaker: "kim".into(), said } };
        let sentence = Sentence { message: &message, text };
        find(&times, &[sentence]).into_iter().map(|c| c.sides[0].value.clone()).collect()
    }

    #[test]
    fn a_length_told_in_whatever_words_is_held_against_the_one_that_was() {
        assert_eq!(told("I told the hotel chain they were in the dark for 45 min, sorry again", 60.0).len(), 1);
        assert_eq!(told("Unsere Kunden konnten 45 Minuten lang nicht bestellen", 60.0).len(), 1);
        assert_eq!(told("los clientes estuvieron 45 minutos sin poder pagar", 60.0).len(), 1);
    }

    #[test]
    fn what_is_of_something_else_or_near_enough_or_told_meanwhile_contradicts_nothing() {
        assert!(told("Unsere Kunden konnten 21 Minuten lang nicht bestellen", 60.0).is_empty());
        assert!(told("Unsere Kunden konnten 45 Minuten lang nicht bestellen", 10.0).is_empty());
        assert!(told("the rebuild takes 45 minutes on that box", 60.0).is_empty());
        assert!(told("fine for half an hour, calling it over", 60.0).is_empty());
        assert!(told("keine Fehler mehr seit 45 Minuten, ich schließe", 60.0).is_empty());
        assert!(told("502s gone since a quarter past", 60.0).is_empty());
        assert!(told("give me 45 min, I am on the train", 60.0).is_empty());
        assert!(told("Unsere Kunden konnten 12 Stunden lang nicht bestellen", 60.0).is_empty());
    }
}

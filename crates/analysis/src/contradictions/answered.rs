//! Figures that somebody asks about or has by hearsay, and the other figure with which somebody else answers.
//!
//! What it sees: "down for 40 minutes?" and "25 min" in one of the next messages; "how many users? the desk says 90k" and "81,204
//! users". Why it matters: the first one was going into a letter to the customers. It must never take the length of anything else for that of
//! the outage, so the question speaks of one, and it was asked when users were served again. Misled by an answer about a part.

use std::sync::LazyLock;

use evidence::Moment;

use super::replies;
use super::speech::{self, Sentence};
use crate::acts::{self, DurationOf, QuantityKind};
use crate::findings::{About, Contradiction, ContradictionKind};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use expressions::{Expression, constant};

/// Who answers does it within so many messages and so long.
const MESSAGES: usize = 3;
const WITHIN_S: f64 = 1_800.0;
/// Durations that are told of the same stretch differ by less than this part and by less than this.
const SAME: f64 = 0.1;
const SAME_S: f64 = 90.0;

/// A figure with the sentence that it stands in.
struct Figure<'a> {
    of: Of,
    value: f64,
    /// As written in the sentence.
    text: String,
    sentence: &'a str,
}

#[derive(Clone, PartialEq)]
enum Of {
    Outage,
    /// How many of them, in the singular.
    Count(String),
}

pub fn find(incident: &Incident<'_>, over: Moment) -> Vec<Contradiction> {
    let people: Vec<&At<Utterance>> = incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= over).collect();
    let mut found = Vec::new();
    for (index, message) in people.iter().enumerate() {
        let Some(asked) = asked(&message.what.message.text) else { continue };
        let is_near = |m: &&&At<Utterance>| m.at.since(message.at) <= WITHIN_S;
        let others = people[index + 1..].iter().take(MESSAGES).filter(is_near);
        let mut others = others.filter(|m| m.what.speaker != message.what.speaker);
        let Some((by, answer)) = others.find_map(|m| Some((*m, answer(&m.what.message.text, &asked)?))) else { continue };
        if asked.fits(&answer) {
            continue;
        }
        let (kind, what) = match &asked.of {
            Of::Outage => (ContradictionKind::Duration, "how long the outage lasted".to_string()),
            Of::Count(noun) if noun == "people" => (ContradictionKind::Number, "how many people".to_string()),
            Of::Count(noun) => (ContradictionKind::Number, format!("how many {noun}s")),
        };
        let side = |message, figure: &Figure<'_>| Sentence { message, text: figure.sentence }.side(&figure.text);
        let sides = vec![side(message, &asked), side(by, &answer)];
        found.push(Contradiction { kind, about: About::Quantity { what }, sides });
    }
    found
}

impl Figure<'_> {
    /// "that was 20 minutes?", once it is over.
    fn is_of_that(&self) -> bool {
        self.sentence.find(&self.text).is_some_and(|at| replies::asks_how_long(self.sentence, at))
    }

    /// What a bare number of an answer counts: minutes, or hours where few of them were asked about.
    fn unit_s(&self, number: f64) -> f64 {
        let is_of_hours = number < 10.0 && self.value >= 3_600.0 && !self.text.to_lowercase().contains("min");
        if is_of_hours { 3_600.0 } else { 60.0 }
    }

    /// Both may be meant to be one.
    fn fits(&self, answer: &Figure<'_>) -> bool {
        match self.of {
            Of::Outage => {
                let off = (self.value - answer.value).abs();
                off < SAME_S || off <= SAME * self.value.max(answer.value)
            }
            Of::Count(_) => is_rounded(self.value, answer.value),
        }
    }
}

/// The rounder of two counts is the other one, to as many digits: 140,000 of 138,700, and not of 131,442.
pub fn is_rounded(a: f64, b: f64) -> bool {
    let (rough, exact) = if significant(a) <= significant(b) { (a, b) } else { (b, a) };
    let unit = 10_f64.powi(exact.abs().max(1.0).log10().floor() as i32 + 1 - significant(rough));
    (rough - exact).abs() <= unit.max(1.0) / 2.0
}

/// Digits of a whole number before its zeros.
fn significant(value: f64) -> i32 {
    let digits = format!("{:.0}", value.abs());
    digits.trim_end_matches('0').len().max(1) as i32
}

/// The figure of the outage's length or of the number of those hit that a question or hearsay has.
fn asked(text: &str) -> Option<Figure<'_>> {
    static HOW_MANY: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\bhow many (?P<noun>users|customers|people|orders|requests|payments|accounts|tickets|calls|sessions|devices)\b",
        )
    });
    static HEARSAY: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)\b(?:says?|said|claims?|reports?|counts?|told|heard|thinks?|estimates?)\b"));
    let spans = acts::relative_sentence_split(text);
    let sentences: Vec<&str> = spans.into_iter().map(|(start, end)| text[start..end].trim()).collect();
    if let Some(found) = HOW_MANY.captures(text) {
        let noun = found["noun"].to_lowercase();
        let hearsay = sentences.iter().find(|s| HEARSAY.is_match(s) && !HOW_MANY.is_match(s))?;
        return counted(hearsay, &noun);
    }
    let is_asked = |s: &&&str| s.trim_end().ends_with('?') || replies::passes_a_question_on(s);
    let mut asked = sentences.iter().filter(is_asked).filter_map(|s| Some((*s, lasted(s)?)));
    if let Some((_, figure)) = asked.find(|(s, figure)| speaks_of_an_outage(s) || figure.is_of_that()) {
        return Some(figure);
    }
    // "I told the owners we were down for an hour", "I have reported 45 minutes. Correct?"
    let is_checked = text.trim_end().ends_with('?');
    let passed_on = sentences.iter().find(|s| passes_on(s) && !s.ends_with('?') && (is_checked || speaks_of_an_outage(s)))?;
    lasted(passed_on)
}

/// Somebody told others what is said here.
fn passes_on(sentence: &str) -> bool {
    static PASSED_ON: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:(?:i|we)(?:['’]ve| have)? (?:already |just )?(?:told|reported|wrote|written|said|put|communicated|announced|informed)|(?:ich habe|wir haben|habe|haben) .{0,60}\b(?:gemeldet|gesagt|geschrieben|mitgeteilt|kommuniziert)|(?:j['’]ai|on a|nous avons) (?:dit|annoncé|écrit|communiqué)|(?:le|les|he|hemos) (?:dije|dijimos|dicho|informado|informé|reporté|reportado)|(?:ho|abbiamo) (?:detto|scritto|comunicato)|(?:ik heb|we hebben) .{0,60}\b(?:gemeld|gezegd|geschreven)|(?:eu )?(?:disse|informei|avisei))\b",
        )
    });
    PASSED_ON.is_match(sentence)
}

fn speaks_of_an_outage(sentence: &str) -> bool {
    static OUTAGE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:outage|downtime|down|out|offline|unavailable|interrupted|interruption|disruption|broken|could ?n[o'’]?t|could not|can(?:no|['’])t|unable|lasted|duration)\b",
        )
    });
    OUTAGE.is_match(&acts::in_english(sentence))
}

/// The only duration of minutes or hours in a sentence.
fn lasted(sentence: &str) -> Option<Figure<'_>> {
    const NOT: [DurationOf; 3] = [DurationOf::Mttd, DurationOf::Mtta, DurationOf::DecisionDelay];
    let is_long = |q: &acts::Quantity| {
        matches!(q.what, QuantityKind::Duration(of) if !NOT.contains(&of))
            && (60.0..86_400.0).contains(&q.value)
            && q.to.is_none()
    };
    let all = acts::quantities(sentence, false);
    let mut all = all.into_iter().filter(is_long);
    let found = all.next().filter(|_| all.next().is_none())?;
    Some(Figure { of: Of::Outage, value: found.value, text: found.text, sentence })
}

/// A number of what was asked for, which the sentence need not name again.
fn counted<'t>(sentence: &'t str, noun: &str) -> Option<Figure<'t>> {
    let of = Of::Count(noun.trim_end_matches('s').to_string());
    let named = |q: &acts::Quantity| {
        let counts = matches!(
            q.what,
            QuantityKind::Users | QuantityKind::Orders | QuantityKind::Requests | QuantityKind::Tickets | QuantityKind::Count(_)
        );
        counts && q.to.is_none() && q.value >= 2.0 && q.text.to_lowercase().contains(noun.trim_end_matches('s'))
    };
    if let Some(found) = acts::quantities(sentence, false).into_iter().find(named) {
        return Some(Figure { of, value: found.value, text: found.text, sentence });
    }
    // "the desk says 90k"
    let with_noun = format!("{} {noun}", sentence.trim_end_matches(['.', '!', ' ']));
    let found = acts::quantities(&with_noun, false).into_iter().find(named)?;
    let text = found.text.trim_end_matches(noun).trim_end().to_string();
    sentence.contains(&text).then_some(Figure { of, value: found.value, text, sentence })
}

/// What another message tells of the same.
fn answer<'t>(text: &'t str, asked: &Figure<'_>) -> Option<Figure<'t>> {
    let spans = acts::relative_sentence_split(text);
    let mut sentences = spans.into_iter().map(|(start, end)| text[start..end].trim()).filter(|s| !s.ends_with('?'));
    match &asked.of {
        Of::Count(noun) => sentences.find_map(|s| counted(s, &format!("{noun}s")).filter(|f| names(f, noun))),
        // "min. " may end a sentence or an abbreviation.
        Of::Outage => {
            let length = |s: &'t str| lasted(s).filter(|f| is_short(s, f)).or_else(|| bare(s, asked));
            sentences.flat_map(|s| s.split(". ")).find_map(|s| between(s).or_else(|| length(s)))
        }
    }
}

fn names(figure: &Figure<'_>, noun: &str) -> bool {
    figure.sentence.to_lowercase().contains(noun)
}

/// "more like 35": a number in the unit of the question.
fn bare<'t>(sentence: &'t str, asked: &Figure<'_>) -> Option<Figure<'t>> {
    let (from, to) = replies::bare(sentence)?;
    let text = sentence.get(from..to)?;
    let number: f64 = text.parse().ok()?;
    Some(Figure { of: Of::Outage, value: number * asked.unit_s(number), text: text.to_string(), sentence })
}

/// An answer is a figure and little else: what somebody does for ten minutes answers nothing.
fn is_short(sentence: &str, figure: &Figure<'_>) -> bool {
    let is_led = |(head, tail): (&str, &str)| replies::leads(head) && replies::is_past(tail);
    speaks_of_an_outage(sentence)
        || sentence.split_once(figure.text.as_str()).is_some_and(is_led)
        || sentence.split_whitespace().count() <= figure.text.split_whitespace().count() + 3
            && sentence.split_once(figure.text.as_str()).is_none_or(|(head, _)| !replies::is_to_come(head))
}

/// "10:02 to 10:27": from when to when.
fn between(sentence: &str) -> Option<Figure<'_>> {
    let times = speech::times_in(sentence);
    let [from, to] = <[speech::Told<'_>; 2]>::try_from(times).ok()?;
    let joint = sentence.get(from.span.1..to.span.0)?.trim().to_lowercase();
    let seconds = (to.second - from.second).rem_euclid(86_400) as f64;
    let is_span = ["-", "–", "—", "to", "until", "till", "bis", "à", "a", "do"].contains(&joint.as_str());
    let text = sentence.get(from.span.0..to.span.1)?.trim().to_string();
    (is_span && seconds < 43_200.0).then_some(Figure { of: Of::Outage, value: seconds, text, sentence })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked and answered, and whether both may be one.
    fn talk(question: &str, reply: &str) -> Option<(String, String, bool)> {
        let asked = asked(question)?;
        let answer = answer(reply, &asked)?;
        let fits = asked.fits(&answer);
        Some((asked.text, answer.text, fits))
    }

    #[test]
    fn a_length_that_is_asked_about_is_held_against_the_answer() {
        let told = |a: &str, b: &str, fits| Some((a.to_string(), b.to_string(), fits));
        let mail = "for the letter: 45 minutes outage?";
        assert_eq!(talk(mail, "10:02 to 10:27, so 25"), told("45 minutes", "10:02 to 10:27", false));
        assert_eq!(
            talk("shops could not sell for 20 minutes? the press asks", "tills: 17 min. TODO ana: a test of the tills"),
            told("20 minutes", "17 min", false)
        );
        assert_eq!(talk("so it was down for 25 minutes?", "24 min, yes"), told("25 minutes", "24 min", true));
        assert_eq!(talk("shall we wait 45 minutes?", "20 minutes"), None);
        assert_eq!(talk(mail, "I am at my desk in 20 minutes, will look"), None);
        assert_eq!(talk("it was down for 45 minutes", "17 min"), None);
        let passed_on = "I told the board that we were down for an hour, they ask why";
        assert_eq!(talk(passed_on, "it was 35 min, 9:12 to 9:47"), told("an hour", "9:12 to 9:47", false));
        assert_eq!(
            talk("ich habe dem Vorstand 45 Minuten gemeldet. Korrekt?", "eher 90 Minuten"),
            told("45 Minuten", "90 Minuten", false)
        );
        assert_eq!(talk("I told them to wait 20 minutes", "17 min"), None);
    }

    #[test]
    fn that_is_what_is_over_and_an_answer_needs_no_unit() {
        let told = |a: &str, b: &str, fits| Some((a.to_string(), b.to_string(), fits));
        let question = "the shops say it works again. that was 20 minutes or so?";
        assert_eq!(talk(question, "more like 35, it began before the page"), told("20 minutes", "35", false));
        assert_eq!(talk(question, "about 20 i think"), told("20 minutes", "20", true));
        assert_eq!(talk("sales asks if it was 20 minutes", "tell them about 45."), told("20 minutes", "45", false));
        assert_eq!(talk("¿estuvo caído 20 minutos?", "casi 45 min desde las 10:13"), told("20 minutos", "casi 45 min", false));
        assert_eq!(
            talk("ich habe 45 Minuten gemeldet. Korrekt?", "eher knapp anderthalb Stunden"),
            told("45 Minuten", "knapp anderthalb Stunden", false)
        );
        assert_eq!(talk(question, "more like 35 chargers"), None);
        assert_eq!(talk(question, "give me 5 minutes"), None);
    }

    #[test]
    fn a_count_by_hearsay_is_held_against_what_was_counted() {
        let told = |a: &str, b: &str, fits| Some((a.to_string(), b.to_string(), fits));
        let question = "how many users? the desk says 140k";
        assert_eq!(talk(question, "131442 users got an error"), told("140k", "131442 users", false));
        assert_eq!(talk(question, "138,700 users got an error"), told("140k", "138,700 users", true));
        assert_eq!(talk(question, "scaled to 131442 threads"), None);
        assert_eq!(talk("how many users?", "131442 users"), None);
    }
}

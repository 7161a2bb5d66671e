//! The cause as those who handled the incident state it in the end, where no record of the incident's own time shows it: a battery that
//! failed in the night, a cable, a quota.
//!
//! What it sees: who says what the cause was, by its kind (a signature) and by its place (a service, a machine), and records of that
//! kind at that place, whenever they were written. Why it matters: the first failures are of who suffers, and what failed by itself
//! may have written its one line hours before. When it misleads: a war room states wrong causes first; so the last statement counts,
//! nobody may deny it later, and what is stated of a change is left to the change.

use std::sync::LazyLock;

use evidence::Moment;

use super::category_trigger;
use crate::acts::{self, Act};
use crate::findings::{Hypothesis, HypothesisKind, NAMED_AS_CAUSE, Places, Reason, Term, Trigger, TriggerKind};
use crate::found;
use crate::incident::{Incident, places_of};
use crate::scene::{At, Utterance};
use crate::signatures::{Catalogue, Role, Signature};
use crate::weights;
use expressions::{Expression, constant};

/// Days in which people write down what it was.
const AFTERWARDS_S: f64 = 14.0 * 86_400.0;
/// Records of the cause may be so much older than the first failure.
const BEFORE_S: f64 = 86_400.0;

/// It says that this is the cause, by that word.
static LABEL: LazyLock<Expression> = LazyLock::new(|| {
    constant(r"(?i)\b(?:root )?cause(?: of \S.{0,40}?)?(?: is| was| ?:)|\bwas caused by\b|\bturned out to be\b")
});
/// Where what is said not to be it begins.
static NOT: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)[,;(]? ?\b(?:not|nor|nicht|non|pas|niet|rather than|instead of)\b"));
/// It speaks of what somebody changed.
static CHANGE: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:releases?|deploy\w*|roll-?out|commit|merge|pr|mr|pull request|flag|toggle|migration|config\w*|setting|changed?|upgraded?|updated?|lowered|raised|reduced|enabled|disabled|rotat\w+|renam\w+)\b|#\d+|\bv?\d+\.\d+\.\d+\b",
    )
});

mod thing;

/// What somebody states to be the cause.
struct Stated<'i> {
    message: &'i At<Utterance>,
    words: String,
    /// The kind of failure, where the words have one that is known.
    signature: Option<&'static Signature>,
    service: String,
    value: f64,
}

/// Adds to the hypothesis that is stated to be right, or makes it.
pub fn weigh(incident: &Incident<'_>, found: &mut Vec<Hypothesis>) {
    let Some(stated) = last(incident).or_else(|| thing::shown(incident)) else { return };
    let reason = Reason::Said { author: stated.message.what.speaker.clone(), words: stated.words.clone() };
    let term = Term { name: NAMED_AS_CAUSE, value: stated.value, reason, places: Places::one(stated.message.place) };
    let is_it = |h: &&mut Hypothesis| {
        let same_kind = stated.signature.is_none_or(|own| h.signature.is_some_and(|s| s.family == own.family));
        h.kind == HypothesisKind::Failure && h.service.as_ref() == Some(&stated.service) && same_kind
    };
    match found.iter_mut().find(is_it) {
        Some(known) if known.terms.iter().any(|t| t.name == NAMED_AS_CAUSE) => {}
        Some(known) => known.terms.push(term),
        None => found.extend(new(incident, &stated, term)),
    }
}

/// The last such statement that stands.
fn last<'i>(incident: &Incident<'i>) -> Option<Stated<'i>> {
    let (from, to) = (incident.window.from, incident.window.to.plus(AFTERWARDS_S));
    let inside = |at: Moment| at >= from && at <= to;
    let is_refuted = |m: &At<Utterance>| incident.beliefs().iter().any(|b| b.said.places.iter().any(|p| *p == m.place));
    let people = incident.scene.chat.iter().rev().filter(|m| inside(m.at) && !m.what.message.is_bot && !is_refuted(m));
    people.into_iter().find_map(|message| {
        let text = &message.what.message.text;
        let said = |span: (usize, usize), acts: &[Act]| {
            message.what.said.iter().any(|s| acts.contains(&s.act) && s.span.0 < span.1 && span.0 < s.span.1)
        };
        let is_cause = |span: &(usize, usize)| {
            let labels = || text.get(span.0..span.1).is_some_and(|s| LABEL.is_match(&acts::in_english(affirmed(s))));
            said(*span, &[Act::RootCause]) || labels()
        };
        let is_else = |span: &(usize, usize)| said(*span, &[Act::Suppose, Act::ActionItem, Act::Prevention]);
        let sentences = acts::relative_sentence_split(text).into_iter().filter(|span| is_cause(span) && !is_else(span));
        sentences.into_iter().find_map(|span| of(incident, message, whole(text, span)))
    })
}

fn of<'i>(incident: &Incident<'i>, message: &'i At<Utterance>, sentence: &str) -> Option<Stated<'i>> {
    let words = affirmed(sentence);
    let english = acts::in_english(words);
    if names_a_change(&english) || acts::is_question(sentence) || found::is_hedged(sentence) {
        return None;
    }
    let hits =
        || Catalogue::load().matches(words).into_iter().chain(Catalogue::load().matches(&english)).map(|hit| hit.signature);
    let signature = hits().find(|s| s.role == Role::Cause);
    let is_labelled = LABEL.is_match(&english);
    // Without a kind it takes the very word.
    if signature.is_none() && !is_labelled {
        return None;
    }
    let service = place(incident, words, signature)?;
    let value = if is_labelled { weights::STATED } else { weights::SAID };
    Some(Stated { message, words: sentence.to_string(), signature, service, value })
}

/// Of whom it is said: the only one that is named, the only one that shows that kind of failure, or the one behind the `because`.
fn place(incident: &Incident<'_>, words: &str, signature: Option<&'static Signature>) -> Option<String> {
    static BECAUSE: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)\b(?:because(?: of)?|due to|caused by|as a result of|weil|wegen|porque|parce que|car)\b")
    });
    let named = incident.scene.entities.named_in(words);
    if let [one] = named.as_slice() {
        return Some(one.clone());
    }
    let shows = |name: &&String| {
        let is_of_it = |s: &crate::signals::Signal| {
            s.service.as_ref() == Some(*name) && s.hits.iter().any(|h| signature.is_some_and(|own| own.family == h.family))
        };
        incident.signals.iter().any(is_of_it)
    };
    let mut showing = named.iter().filter(shows);
    if let Some(one) = showing.next().filter(|_| showing.next().is_none()) {
        return Some(one.clone());
    }
    let behind = BECAUSE.find_iter(words).last().and_then(|m| words.get(m.end()..))?;
    incident.scene.entities.named_in(behind).into_iter().next()
}

/// `found it. db-4 has a dead disk`: few words that only say that it was found go with what stands behind them.
fn whole(text: &str, (from, to): (usize, usize)) -> &str {
    const FEW: usize = 4;
    let sentence = text.get(from..to).unwrap_or(text).trim();
    if sentence.split_whitespace().count() > FEW {
        return sentence;
    }
    let next = acts::relative_sentence_split(text).into_iter().find(|(start, _)| *start >= to);
    next.and_then(|(_, end)| text.get(from..end)).unwrap_or(sentence).trim()
}

/// What the sentence says that it is, without what it says that it is not.
fn affirmed(sentence: &str) -> &str {
    NOT.find(sentence).filter(|no| no.start() > 0).map_or(sentence, |no| &sentence[..no.start()])
}

fn names_a_change(english: &str) -> bool {
    CHANGE.is_match(english)
}

/// A hypothesis of its own: with the first record of that kind at that place, else what failed there, else what failed.
fn new(incident: &Incident<'_>, stated: &Stated<'_>, term: Term) -> Option<Hypothesis> {
    let of_kind =
        |s: &crate::signals::Signal| s.hits.iter().any(|hit| stated.signature.is_some_and(|own| hit.family == own.family));
    // What fails slowly may have warned for days.
    let near = |s: &crate::signals::Signal| s.last >= incident.window.from.plus(-BEFORE_S) && s.first <= incident.window.to;
    let own = |s: &crate::signals::Signal| s.service.as_ref() == Some(&stated.service);
    // A machine's own programs write into its folder under names of their own.
    let scene = incident.scene;
    let written_there = |s: &crate::signals::Signal| {
        own(s)
            || scene.entities.of_source(s.source) == Some(stated.service.as_str())
            || crate::entities::is_log_of(scene.source_name(s.source), &stated.service)
    };
    let shown = incident.signals.iter().enumerate().filter(|(_, s)| of_kind(s) && written_there(s) && near(s));
    let shown = shown.min_by_key(|(index, s)| (s.first, *index)).map(|(index, _)| index);
    let index = shown.or_else(|| incident.main_failure(own)).or_else(|| incident.main_failure(|_| true))?;
    let shows = &incident.signals[index];
    let places = term.places.and(&places_of(shows).few(2));
    let mut terms = vec![term];
    if let Some(signature) = stated.signature.filter(|_| shown.is_some()) {
        let reason = Reason::Specific { words: shows.words.clone(), signature };
        let value = signature.weight() * weights::SPECIFIC;
        terms.push(Term { name: "kind of failure", value, reason, places: places_of(shows).few(2) });
    }
    let signature = stated.signature.or_else(|| super::root_signature(incident, index));
    let kind = signature.map_or(TriggerKind::None, |s| category_trigger(s.category));
    let at = shown.map(|index| incident.signals[index].first);
    let trigger = match kind {
        // What expired says itself when it did.
        TriggerKind::Expiry => super::trigger(incident, kind, at.unwrap_or(incident.window.from), &places),
        _ => Trigger { kind, reference: None, at, places: places.clone() },
    };
    Some(Hypothesis {
        service: Some(stated.service.clone()),
        signature,
        change_caused: Some(false),
        change: None,
        trigger: Some(trigger),
        probability: 0.0,
        kind: HypothesisKind::Failure,
        failure: Some(incident.failure(index)),
        terms,
        tests: Vec::new(),
        places,
        objects: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_the_cause_is_no_part_of_what_is() {
        assert_eq!(affirmed("cause: a dead disk in db-4, not the release"), "cause: a dead disk in db-4");
        assert_eq!(affirmed("Ursache: Platte in db-4, nicht das Release und nicht der Job"), "Ursache: Platte in db-4");
        assert_eq!(affirmed("cause: a dead disk in db-4"), "cause: a dead disk in db-4");
    }

    #[test]
    fn who_found_it_says_it_in_the_next_sentence() {
        assert_eq!(whole("found it. db-4 has a dead disk. sorry", (0, 9)), "found it. db-4 has a dead disk.");
        assert_eq!(whole("the cause is the dead disk of db-4. sorry", (0, 35)), "the cause is the dead disk of db-4.");
    }

    #[test]
    fn a_statement_by_that_word_is_told_from_one_in_passing() {
        for sentence in ["root cause: a dead disk in db-4", "the cause was the battery of db-4", "it turned out to be the cable"]
        {
            assert!(LABEL.is_match(sentence), "{sentence}");
        }
        assert!(!LABEL.is_match("found it, db-4 has a dead disk") && !LABEL.is_match("because of the disk"));
    }

    #[test]
    fn what_somebody_changed_is_left_to_the_change() {
        for sentence in
            ["root cause: the release of basket", "cause: #907 lowered the limit", "caused by 2.1.0", "the flag was the cause"]
        {
            assert!(names_a_change(sentence), "{sentence}");
        }
        assert!(!names_a_change(affirmed("root cause: a dead disk in db-4, not the release")));
    }
}

//! A program that fails on what it was given: a field that is not there, a record that nobody can parse.
//!
//! What it sees: an exception on a missing value or on data, what people found out about the record, and that it ended when the bad
//! data were taken out. Why it matters: the code is as it was, so that no change explains it, and the last release is
//! blamed for want of anything else. When it misleads: data that were put right for another reason; so the words have to
//! speak of what the failure names, or the failures have to end with the step.

use std::sync::LazyLock;

use crate::acts::Act;
use crate::findings::{Hypothesis, HypothesisKind, NAMED_AS_CAUSE, Places, Reason, Term, Trigger, TriggerKind};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use crate::signatures::Signature;
use crate::times::steps;
use crate::weights;
use expressions::{Expression, constant};

use super::last_failure;

/// Exceptions on a value that is missing, beside all that is of the data itself.
const ON_VALUES: [&str; 9] = [
    "py_attr_none",
    "java_npe",
    "js_undefined",
    "dotnet_nullref",
    "go_nil_deref",
    "ruby_nomethod",
    "php_fatal",
    "index_bounds",
    "app_exception",
];
/// The failures end so soon after the bad data are taken out, or the queue takes so long to drain.
const TAKEN_OUT_S: f64 = 1_200.0;
/// What a change scores at least that is to be asked first.
const SUSPECT: f64 = 1.0;
/// Letters of a word that tells what is meant.
const TELLING: usize = 4;

/// Adds to a failure on data what shows that the data were at fault.
pub fn weigh(incident: &Incident<'_>, found: &mut [Hypothesis]) {
    let Some(end) = last_failure(incident) else { return };
    if found.iter().any(is_suspect) {
        return;
    }
    for hypothesis in found.iter_mut().filter(|h| h.kind == HypothesisKind::Failure && h.signature.is_some_and(is_on_data)) {
        let texts = texts_of(incident, hypothesis);
        let told = told(incident, &texts);
        let taken = taken_out(incident, end.0);
        if told.is_none() && taken.is_none() {
            continue;
        }
        let known = |name: &str, h: &Hypothesis| h.terms.iter().any(|term| term.name == name);
        if let Some((message, words)) = told.filter(|_| !known(NAMED_AS_CAUSE, hypothesis)) {
            let reason = Reason::Said { author: message.what.speaker.clone(), words };
            let places = Places::one(message.place);
            hypothesis.terms.push(Term { name: NAMED_AS_CAUSE, value: weights::SAID, reason, places: places.clone() });
            let trigger = Trigger { kind: TriggerKind::Data, reference: None, at: None, places };
            hypothesis.trigger = Some(trigger);
            hypothesis.change_caused = Some(false);
        }
        if let Some(step) = taken {
            let reason = Reason::Reversal { undone: step.words.clone(), seconds: end.0.since(step.at).max(0.0) };
            let places = step.places.and(&Places::one(end.1));
            hypothesis.terms.push(Term { name: "reversal", value: weights::TAKEN_OUT, reason, places });
        }
    }
}

/// A change for which more speaks than that it came before: it may have brought the program that cannot take the data, or the data.
fn is_suspect(hypothesis: &Hypothesis) -> bool {
    let score: f64 = hypothesis.terms.iter().map(|term| term.value).sum();
    hypothesis.kind == HypothesisKind::Change && score >= SUSPECT
}

fn is_on_data(signature: &Signature) -> bool {
    signature.family == "data" || ON_VALUES.contains(&signature.id.as_str())
}

fn texts_of(incident: &Incident<'_>, hypothesis: &Hypothesis) -> String {
    let of = |s: &&crate::signals::Signal| hypothesis.places.iter().any(|p| s.places.contains(p));
    incident.signals.iter().filter(of).flat_map(|s| &s.texts).map(|text| text.to_lowercase()).collect::<Vec<_>>().join("\n")
}

/// The step by which the bad data were taken out, where the failures ended after it.
fn taken_out(incident: &Incident<'_>, end: evidence::Moment) -> Option<steps::Step> {
    let steps = steps::steps(incident, incident.window.from, end.plus(60.0));
    steps.into_iter().rev().find(|step| {
        let is_it = step.remediation.as_deref() == Some("purge-bad-data");
        is_it && end.since(step.at) <= TAKEN_OUT_S && step.at.since(end) <= 60.0
    })
}

/// What somebody says of a value that is not there, of something that the failure names.
fn told<'s>(incident: &Incident<'s>, texts: &str) -> Option<(&'s At<Utterance>, String)> {
    let people = incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= incident.window.from);
    people.filter(|m| !m.what.does(Act::ActionItem)).find_map(|message| {
        let sentences = crate::acts::relative_sentence_split(&message.what.message.text);
        let mut all = sentences.into_iter().map(|(start, end)| message.what.message.text[start..end].trim());
        let words = all.find(|sentence| tells_of_values(sentence) && names_it(sentence, texts))?;
        Some((message, words.to_string()))
    })
}

fn tells_of_values(sentence: &str) -> bool {
    static VALUE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r#"(?i)[\w\]"'.)]\s?(?:=|==|:|is|are|was|were|comes? (?:in )?as|arrives? (?:as|without))\s?(?:null|none|nil|undefined|empty|missing|NaN)\b|\b(?:null|missing|empty|malformed|invalid|corrupt(?:ed)?|unexpected|unknown|negative|bad|broken|poison(?:ed)?) (?:\w+ ){0,2}(?:fields?|values?|columns?|records?|messages?|rows?|payloads?|events?|lines?|feeds?|files?|orders?|items?|documents?|dates?|characters?|enum|json|xml|csv)\b|\b(?:without|lacks?|no) (?:an? |the )?\w+ (?:field|value|column|key|id|attribute|element)\b"#,
        )
    });
    static NOT: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)\b(?:nothing|no (?:field|value|record|row|message)s?|none) (?:is|are|was|were)\b"));
    let english = crate::acts::in_english(sentence);
    VALUE.is_match(&english) && !NOT.is_match(&english) && !crate::acts::is_question(sentence)
}

/// A word of it stands in the records of the failure, or in the frames of its trace.
fn names_it(sentence: &str, texts: &str) -> bool {
    const COMMON: [&str; 12] =
        ["error", "errors", "none", "null", "with", "from", "that", "this", "type", "line", "file", "order"];
    let lower = sentence.to_lowercase();
    let words = lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| w.chars().count() >= TELLING);
    let telling = |w: &&str| !COMMON.contains(w) && !w.bytes().all(|b| b.is_ascii_digit());
    words.filter(telling).any(|word| crate::entities::word_at(texts, word).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_tell_of_values_that_are_not_there() {
        for sentence in [
            "in all of them basket[\"shelf\"] is None",
            "the importer logs shelf=null for the new partner",
            "one bad record in the feed kills the whole batch",
            "they send rows without a shelf id",
        ] {
            assert!(tells_of_values(sentence), "{sentence}");
        }
        for sentence in ["is it null?", "the release is fine", "none of the shelves answer", "nothing is missing in the deploy"] {
            assert!(!tells_of_values(sentence), "{sentence}");
        }
    }

    #[test]
    fn the_words_have_to_speak_of_what_failed() {
        let texts = "typeerror: 'nonetype' object is not subscriptable\n  file \"stock/shelf.py\", line 8, in place\n    basket[\"shelf\"][\"row\"]";
        assert!(names_it("basket[\"shelf\"] is None", texts));
        assert!(!names_it("the date is null in the report", texts));
    }
}

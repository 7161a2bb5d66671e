//! The last look at a customers' report: every word is one that a customer may read, and no known name is among them.
//!
//! Two searches that do not know of each other: the first lets nothing through but the vocabulary of `phrases.rs`, numbers,
//! times, ids and pseudonyms; the second looks for all that the engineers' report calls a service, a person, a source, a
//! commit, a signature, or that looks like a name in the evidence. Either refuses the whole report. Must never mend.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

use super::names::{self, Names};
use super::phrases;
use crate::audience::Refusal;
use crate::model::Report;

/// Words of the contract that stand as values: of fields, formats and closed lists.
const CONTRACT: &str = "casefile report course customer executive regulator withheld resolved ongoing unknown none found s ratio users \
    requests tickets currency usd eur gbp jpy inr computed stated measured inferred disputed summary timeline root cause \
    impact actions response whys prevention evidence lessons contradictions count distinct ratio rate max min difference \
    first last absent change symptom alert ack statement decision action recovery deploy commit flag config migration \
    infrastructure dependency load expiry data schedule causes chain contributing blast radius first failing service \
    rollback roll forward revert feature disable scale restart failover drain node rotate cert secret purge bad free disk \
    kill query throttle wait for vendor escalate upstream fix dns sync clock other open done closed progress in p sev \
    critical high medium low major minor emergency warning error any status user instance of level utc z t \
    citation coverage independent sources behind the cause lead of the first cause chain without open contradictions kinds \
    of data present clock quality cap is not determined one source behind a link of the chain verified d h min s \
    a with more capacity switching off that was rolled configuration certificate freeing space ending draining removing \
    throttling waiting an escalation to provider correction setting right another step the new failover fix";

pub fn check(report: &Report, whole: &Report, names: &Names) -> Result<(), Refusal> {
    let Ok(value) = serde_json::to_value(report) else { return Err(Refusal::Leak { place: "the report".to_string() }) };
    let known = known(whole);
    let given = names.given();
    let mut fault = None;
    strings(&value, &mut String::new(), &mut |place, text| {
        if fault.is_none() && !may_pass(text, &given, &known) {
            fault = Some(place.to_string());
        }
    });
    fault.map_or(Ok(()), |place| Err(Refusal::Leak { place }))
}

/// Every word is one that a customer may read.
pub fn is_in_the_vocabulary(text: &str) -> bool {
    words(text).all(|word| is_allowed(&word))
}

fn may_pass(text: &str, given: &[&str], known: &BTreeSet<String>) -> bool {
    let plain = given.iter().fold(text.to_string(), |text, name| without(&text, name));
    words(&plain).all(|word| is_allowed(&word)) && tokens(&plain).all(|token| !known.contains(&token))
}

/// The text without a pseudonym where it stands as a whole.
fn without(text: &str, name: &str) -> String {
    let lower = text.to_lowercase();
    let name = name.to_lowercase();
    if lower.len() != text.len() || !lower.contains(&name) {
        return text.to_string();
    }
    let mut out = String::new();
    let mut done = 0;
    for (at, _) in lower.match_indices(&name) {
        let end = at + name.len();
        let apart = |byte: Option<&u8>| byte.is_none_or(|b| !b.is_ascii_alphanumeric());
        if apart(lower.as_bytes().get(at.wrapping_sub(1))) && apart(lower.as_bytes().get(end)) {
            out.push_str(text.get(done..at).unwrap_or_default());
            done = end;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Of the vocabulary, or no word: a number, a piece of a time, an id of a claim or evidence, `p1`.
fn is_allowed(word: &str) -> bool {
    static VOCABULARY: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let phrases = phrases::ALL.iter().copied().chain(phrases::questions()).chain(names::KINDS).chain([CONTRACT]);
        phrases.flat_map(|phrase| words(phrase).collect::<Vec<_>>()).collect()
    });
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let of_time = |text: &str| text.strip_suffix('z').unwrap_or(text).split('t').all(digits);
    let marked = ["c", "e", "p", "s", "sev"].iter().any(|mark| word.strip_prefix(mark).is_some_and(digits));
    digits(word) || of_time(word) || marked || VOCABULARY.contains(word)
}

/// Whole names, as they are written with their joints.
fn tokens(text: &str) -> impl Iterator<Item = String> {
    let is_part = |c: char| c.is_alphanumeric() || "-_./@:".contains(c);
    let tokens = text.split(move |c: char| !is_part(c));
    tokens.map(|t| t.trim_matches(['-', '_', '.', '/', '@', ':']).to_lowercase()).filter(|token| !token.is_empty())
}

/// All that must not leave. A name made of words of the vocabulary alone cannot be told from them and gives nothing away.
fn known(whole: &Report) -> BTreeSet<String> {
    let sources = whole.coverage.sources.iter().map(|s| &s.name).chain(whole.evidence.iter().map(|e| &e.source));
    let pieces = sources.flat_map(|name| name.split(['/', '!']).map(str::to_string));
    let of_causes = whole.causes.iter().flat_map(|c| {
        let reference = c.trigger.as_ref().and_then(|t| t.reference.clone());
        [c.commit.clone(), c.signature.clone(), reference].into_iter().flatten()
    });
    let named = names::services(whole).chain(names::people(whole)).cloned().chain(pieces).chain(of_causes);
    let in_evidence = whole.evidence.iter().flat_map(|e| tokens(&e.text)).filter(|token| looks_like_a_name(token));
    let all = named.flat_map(|name| tokens(&name).collect::<Vec<_>>()).chain(in_evidence);
    all.filter(|name| name.chars().any(char::is_alphabetic) && !words(name).all(|word| is_allowed(&word))).collect()
}

/// A host, a pod, a path, an address, a hash: joints or digits within letters.
fn looks_like_a_name(token: &str) -> bool {
    let letter = token.chars().any(char::is_alphabetic);
    token.len() >= 4 && letter && token.chars().any(|c| c.is_ascii_digit() || "-_./@:".contains(c))
}

/// Calls with each text and where it stands; what the program says of itself aside.
fn strings(value: &Value, place: &mut String, found: &mut dyn FnMut(&str, &str)) {
    let length = place.len();
    match value {
        Value::String(text) => found(place, text),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                place.push_str(&format!("[{i}]"));
                strings(item, place, found);
                place.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields.iter().filter(|(key, _)| !["schema", "generator"].contains(&key.as_str())) {
                place.push_str(&format!("{}{key}", if length > 0 { "." } else { "" }));
                strings(item, place, found);
                place.truncate(length);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_of_the_vocabulary_is_held_back() {
        let known = BTreeSet::from(["cart".to_string()]);
        let pass = |text: &str| may_pass(text, &["service A", "engineer 1"], &known);
        assert!(pass(
            "A responder took service A and engineer 1 at 09:00:25.123 UTC on 2024-02-07T09:00:25Z, 66.7% of 1,234, e3 P1"
        ));
        for text in ["cart", "alice took it", "10 pods", "6821ecfa", "web-7d9f4", "“no”x", "http", "service B x"] {
            assert!(!pass(text), "{text}");
        }
    }

    #[test]
    fn every_remedy_can_be_told() {
        let words = "rollback roll-forward config-revert feature-flag-disable scale restart failover drain-node rotate-cert \
            rotate-secret purge-bad-data free-disk kill-query throttle wait-for-vendor escalate-upstream fix-dns sync-clock other";
        for word in words.split_whitespace() {
            assert!(is_in_the_vocabulary(word), "{word}");
            assert!(is_in_the_vocabulary(&crate::compose::summary::article(word)), "{word}");
        }
    }

    #[test]
    fn a_report_with_one_name_in_it_is_refused_as_a_whole() {
        let whole = crate::render::full_report();
        let clean = super::super::rewrite(&whole).expect("may be told");
        let names = Names::of(&whole);
        let service = whole.incident.services[0].clone();
        for leak in [service.as_str(), whole.coverage.sources[0].name.as_str(), "see 10.0.0.7 or web-7d9f4", "Ana"] {
            let mut report = clean.clone();
            report.claims[0].text.push_str(&format!(" {leak}"));
            let place = "claims[0].text".to_string();
            assert_eq!(check(&report, &whole, &names), Err(Refusal::Leak { place }), "{leak}");
        }
        let mut report = clean;
        report.unknowns.push(crate::model::Unknown { field: service, question: String::new(), needs: String::new() });
        assert!(check(&report, &whole, &names).is_err(), "wherever it stands");
    }

    #[test]
    fn a_name_that_is_a_word_of_the_vocabulary_gives_nothing_away() {
        assert!(may_pass("Users were served again", &[], &BTreeSet::new()));
    }
}

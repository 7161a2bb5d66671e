//! By which words people speak of what a hypothesis accuses, and by which they clear it.
//!
//! Must never know who spoke. What breaks it: irony, and one word for two things.

use crate::changes::mentions;
use crate::findings::{Hypothesis, HypothesisKind};

/// What people call the thing that fails in a family of failures.
const NOUNS: [(&str, &[&str]); 6] = [
    ("db", &["db", "database", "postgres", "mysql"]),
    ("cache", &["cache", "redis", "memcached"]),
    ("dns", &["dns", "resolver"]),
    ("queue", &["kafka", "broker", "queue"]),
    ("network", &["network"]),
    ("disk", &["disk"]),
];

const WELL: [&str; 9] = ["fine", "ok", "okay", "healthy", "bored", "idle", "clean", "innocent", "up"];
const IS: [&str; 6] = ["is", "are", "was", "looks", "seems", "look"];
const BETWEEN: [&str; 6] = ["itself", "completely", "totally", "all", "still", "just"];

/// Words that are shared by chance.
const COMMON: [&str; 18] = [
    "with", "from", "this", "that", "have", "been", "service", "deploy", "release", "version", "when", "then", "just", "after",
    "before", "same", "there", "update",
];

/// Of a failure the thing that is down and its service; a change is known by its own name alone.
pub fn names(hypothesis: &Hypothesis) -> Vec<String> {
    let own = hypothesis.service.iter().cloned();
    match hypothesis.kind {
        HypothesisKind::Change => hypothesis
            .change
            .iter()
            .filter_map(|c| c.reference.clone())
            .filter(|r| r.contains(|c: char| c.is_ascii_digit()))
            .collect(),
        _ => {
            let family = hypothesis.signature.map(|s| s.family.as_str()).unwrap_or_default();
            let nouns = NOUNS.iter().filter(|(of, _)| *of == family).flat_map(|(_, nouns)| nouns.iter().map(|n| n.to_string()));
            // Who is well while its database is down is not cleared of that.
            let is_named = hypothesis.kind == HypothesisKind::UnknownIn || NOUNS.iter().any(|(of, _)| *of == family);
            let own = own.filter(|_| !is_named);
            nouns.chain(own).collect()
        }
    }
}

/// The sentence says of the name that it is well, or that it is not it.
pub fn clears(sentence: &str, object: &str, name: &str) -> bool {
    let is_version = name.contains(|c: char| c.is_ascii_digit()) && name.contains('.');
    if is_version {
        return mentions(sentence, name);
    }
    if !object.is_empty() && word_list(object).iter().any(|w| w == &name.to_lowercase()) {
        return true;
    }
    let words = word_list(sentence);
    let name = name.to_lowercase();
    words.iter().enumerate().filter(|(_, w)| **w == name).any(|(at, _)| {
        let rest: Vec<&str> = words[at + 1..].iter().map(String::as_str).take(4).filter(|w| !BETWEEN.contains(w)).collect();
        let is_well = rest.first().is_some_and(|w| IS.contains(w)) && rest.get(1).is_some_and(|w| WELL.contains(w));
        let before = |n: usize| at.checked_sub(n).map(|i| words[i].as_str());
        let denied = |w: Option<&str>| w.is_some_and(|w| ["not", "isn't", "wasn't"].contains(&w));
        is_well || denied(before(1)) || before(1).is_some_and(|w| ["the", "our", "a"].contains(&w)) && denied(before(2))
    })
}

/// How many telling words of a text the others have.
pub fn shared(text: &str, others: &[&str]) -> usize {
    let known: Vec<String> = others.iter().flat_map(|t| parts(t)).collect();
    let mut own: Vec<String> = parts(text).into_iter().filter(|w| known.contains(w)).collect();
    own.sort();
    own.dedup();
    own.len()
}

/// The sentence that says no, where the text begins with it: "no, both say expired."
pub fn denial(text: &str) -> Option<&str> {
    let lower = text.to_lowercase();
    let begins = ["no, ", "no. ", "no - ", "nope", "nah, ", "nah. "].iter().any(|no| lower.starts_with(no));
    let goes_on = ["wait", "idea", "let", "you ", "but yes", "please", "sorry", "i'll", "i will", "leave"];
    let rest = lower.split_once([',', '.', ' ']).map_or("", |(_, rest)| rest.trim_start());
    let (from, to) = crate::acts::relative_sentence_split(text).first().copied()?;
    (begins && !goes_on.iter().any(|w| rest.starts_with(w))).then(|| text[from..to].trim())
}

fn word_list(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '-' && c != '_')
        .filter(|w| !w.is_empty())
        .map(str::to_string)
        .collect()
}

fn parts(text: &str) -> Vec<String> {
    let all = text.to_lowercase();
    let words = all.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() >= 4 && !COMMON.contains(w));
    words.filter(|w| w.contains(char::is_alphabetic)).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_cleared_by_what_is_said_of_it_and_of_nothing_else() {
        for (sentence, name) in
            [("db is bored, 4 sessions", "db"), ("the broker looks fine", "broker"), ("so not the network", "network")]
        {
            assert!(clears(sentence, "", name), "{sentence}");
        }
        for (sentence, name) in
            [("the app is fine, the db is not", "db"), ("is the database ok?", "broker"), ("network is down", "network")]
        {
            assert!(!clears(sentence, "", name), "{sentence}");
        }
        assert!(clears("ruled it out", "the cache", "cache"));
    }

    #[test]
    fn an_answer_that_begins_with_no_is_a_denial_and_an_order_is_not() {
        assert_eq!(denial("no, both say expired. look at the dates"), Some("no, both say expired."));
        for other in ["no, wait", "not sure", "no idea", "no, let me look", "now it works"] {
            assert_eq!(denial(other), None, "{other}");
        }
    }

    #[test]
    fn telling_words_are_counted_once() {
        assert_eq!(shared("the theme bundle of the portal maybe? new theme?", &["monthly theme bundle", "portal-web"]), 3);
        assert_eq!(shared("this deploy", &["deploy of this"]), 0);
    }
}

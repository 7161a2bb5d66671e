//! Suspicions that were refuted later: which words of a talk clear what other words had accused.
//!
//! What it sees: a name in both; a version beside the service that runs it, or "the release" for the version that was last
//! accused; and words that taking it back changed nothing. Why it matters: what people held for true, and for how long, is the
//! lesson of most incidents. When it misleads: two suspicions under one word, and a remedy that had not taken effect yet.

use evidence::Moment;

use crate::acts::{self, Act, Said};
use crate::findings::{Belief, Hypothesis};
use crate::incident::Incident;
use crate::scene::{At, Scene, Utterance};

use super::stated;

/// A suspicion is of so long before its refutation at most.
const LONGEST_S: f64 = 4.0 * 3_600.0;
/// A version that was put back has taken effect after so long.
const SETTLED_S: f64 = 45.0;

/// Suspicions that somebody refuted later, each with the words that refute it.
pub fn find(incident: &Incident<'_>) -> Vec<Belief> {
    let scene = incident.scene;
    let mut found: Vec<Belief> = Vec::new();
    let inside =
        |m: &&At<Utterance>| !m.what.message.is_bot && m.at >= incident.window.from && m.at <= incident.window.to.plus(7_200.0);
    for refuting in scene.chat.iter().filter(inside) {
        let clears = refuting.what.said.iter().filter(|s| s.act == Act::Refute);
        let by_name: Vec<&Said> = clears.collect();
        let pairs = by_name.iter().map(|s| (*s, true)).chain(by_name.iter().map(|s| (*s, false)));
        for (said, is_named) in pairs {
            let suspicion = if is_named { named(incident, refuting, said) } else { undone_in_vain(incident, refuting, said) };
            let Some((message, suspicion)) = suspicion else { continue };
            let belief = Belief { said: stated(message, suspicion), refuted_by: stated(refuting, said) };
            let is_known =
                found.iter().any(|b| b.said.places == belief.said.places || b.refuted_by.places == belief.refuted_by.places);
            if !is_known {
                found.push(belief);
            }
        }
    }
    found
}

/// Those that are about something else than what the evidence holds to be the cause all the same.
pub fn not_held(beliefs: &[Belief], cause: Option<&Hypothesis>) -> Vec<Belief> {
    let reference = cause.and_then(|h| h.change.as_ref()).and_then(|change| change.reference.as_deref());
    let is_held = |b: &&Belief| reference.is_some_and(|reference| crate::changes::mentions(&b.said.words, reference));
    beliefs.iter().filter(|b| !is_held(b)).cloned().collect()
}

type Suspicion<'a> = (&'a At<Utterance>, &'a Said);

/// What was suspected before, the latest first.
fn suspicions<'a>(incident: &Incident<'a>, before: Moment) -> impl Iterator<Item = Suspicion<'a>> {
    let from = incident.window.from.plus(-60.0).max(before.plus(-LONGEST_S));
    let earlier = incident.scene.chat.iter().rev().filter(move |m| m.at < before && m.at >= from && !m.what.message.is_bot);
    let suspects = |s: &&Said| matches!(s.act, Act::Suppose | Act::RootCause | Act::Confess);
    earlier.flat_map(move |m| m.what.said.iter().filter(suspects).map(move |s| (m, s)))
}

/// The latest earlier suspicion that is about what the refutation names.
fn named<'a>(incident: &Incident<'a>, refuting: &At<Utterance>, said: &Said) -> Option<Suspicion<'a>> {
    let object = said.slots.object.clone().unwrap_or_default().to_lowercase();
    let words = before_another(&refuting.what.english(said).to_lowercase());
    let direct =
        suspicions(incident, refuting.at).find(|(m, s)| shares_a_name(&m.what.english(s).to_lowercase(), &words, &object));
    let by_release = || {
        let (message, suspicion) = suspicions(incident, refuting.at).find(|(m, s)| accuses_a_release(&m.what.english(s)))?;
        let cleared = if object.is_empty() { &words } else { &object };
        let is_meant = RELEASE.iter().any(|word| has_word(cleared, word)) || {
            let versions = acts::versions(message.what.sentence(suspicion));
            versions.iter().any(|version| runs(incident.scene, version, cleared, message.at))
        };
        is_meant.then_some((message, suspicion))
    };
    direct.or_else(by_release)
}

/// Up to where the words accuse something else: "not the database, so it is 4.12.0".
fn before_another(words: &str) -> String {
    const ACCUSES: &[&str] =
        &["so it's ", "so it is ", "then it's ", "then it is ", "but it's ", "but it is ", "must be ", "has to be "];
    let places = ACCUSES.iter().filter_map(|phrase| {
        let at = words.find(phrase)?;
        (!words[at + phrase.len()..].starts_with("not ")).then_some(at)
    });
    words[..places.min().unwrap_or(words.len())].to_string()
}

/// The release that was suspected last, where it was taken back and the words say that this changed nothing.
fn undone_in_vain<'a>(incident: &Incident<'a>, refuting: &At<Utterance>, said: &Said) -> Option<Suspicion<'a>> {
    let words = refuting.what.english(said).to_lowercase();
    if !NO_EFFECT.iter().any(|phrase| words.contains(phrase)) {
        return None;
    }
    let (message, suspicion) = suspicions(incident, refuting.at).find(|(m, s)| accuses_a_release(&m.what.english(s)))?;
    let between = |at: Moment| at > message.at && at < refuting.at;
    let took_back = |m: &At<Utterance>| {
        between(m.at) && m.what.said.iter().any(|s| s.act == Act::Act && s.slots.remediation == Some("rollback"))
    };
    let accused = acts::versions(message.what.sentence(suspicion));
    let runs_another = acts::versions(&words).iter().any(|version| !accused.contains(version));
    let scene = incident.scene;
    let settled = scene.deploys.iter().any(|d| between(d.at.plus(SETTLED_S)) && d.at > message.at)
        || scene.chat.iter().any(|m| took_back(m) && refuting.at.since(m.at) >= SETTLED_S);
    (runs_another || settled).then_some((message, suspicion))
}

/// Words for whatever was released last.
const RELEASE: &[&str] = &["deploy", "deployment", "release", "version", "rollout", "build", "app", "application"];

const NO_EFFECT: &[&str] = &[
    "no change",
    "no difference",
    "no effect",
    "no improvement",
    "nothing changed",
    "changed nothing",
    "no luck",
    "still",
    "same",
    "did not help",
    "didn't help",
    "didnt help",
    "does not help",
];

/// Words that what was done changed nothing.
pub fn says_no_effect(text: &str) -> bool {
    let english = acts::in_english(text).to_lowercase();
    NO_EFFECT.iter().any(|phrase| english.contains(phrase))
}

fn accuses_a_release(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    !acts::versions(sentence).is_empty() || ["deploy", "release", "rollout"].iter().any(|word| has_word(&lower, word))
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|own| own == word)
}

/// A deployment, or somebody before, names the version together with a word of these.
fn runs(scene: &Scene, version: &str, words: &str, until: Moment) -> bool {
    let tells =
        |name: &str| words.split(|c: char| !c.is_alphanumeric()).any(|w| w.len() >= 4 && has_word(&name.to_lowercase(), w));
    let plain = version.trim_start_matches('v');
    let deployed = scene.deploys.iter().filter(|d| d.at <= until);
    let by_deploy = deployed
        .filter(|d| d.what.version.as_deref().is_some_and(|own| own.trim_start_matches('v') == plain))
        .any(|d| d.what.service.as_deref().is_some_and(tells));
    let said = || {
        let earlier = scene.chat.iter().filter(|m| m.at <= until).map(|m| m.what.message.text.as_str());
        earlier.flat_map(|text| acts::relative_sentence_split(text).into_iter().map(move |(from, to)| &text[from..to])).any(
            |sentence| {
                acts::versions(sentence).iter().any(|own| own == version) && names_before(&sentence.to_lowercase(), plain, words)
            },
        )
    };
    by_deploy || said()
}

/// The word right before the version is one of these: "the portal v5.14.2".
fn names_before(sentence: &str, plain: &str, words: &str) -> bool {
    let Some(at) = sentence.find(plain) else { return false };
    let head = sentence[..at].trim_end_matches('v').trim_end();
    let last = head.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
    last.split('-').any(|part| part.len() >= 4 && has_word(words, part))
}

/// A telling word stands in both.
fn shares_a_name(suspicion: &str, refutation: &str, object: &str) -> bool {
    let telling = |w: &&str| w.len() >= 4 && !COMMON.contains(w);
    let words = |t: &str| {
        let own = t.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '.').map(|w| w.trim_matches(['.', '-']).to_string());
        own.collect::<Vec<_>>()
    };
    let of = words(suspicion);
    words(refutation)
        .iter()
        .map(String::as_str)
        .chain(object.split_whitespace())
        .filter(telling)
        .any(|w| of.iter().any(|o| o == w))
}

const COMMON: &[&str] = &[
    "that", "this", "with", "from", "have", "been", "still", "same", "error", "errors", "rate", "maybe", "probably", "looks",
    "like", "think", "because", "there", "what", "when", "only", "does", "just", "deploy", "since", "before", "after", "time",
    "timing", "fails", "down", "again", "then", "they", "them", "said", "also", "even", "requests", "request", "service",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_by_the_word_before_it() {
        assert!(names_before("i shipped the portal v5.14.2 at noon", "5.14.2", "it was not the portal"));
        assert!(names_before("booking-core 2.1.0 is out", "2.1.0", "not the booking"));
        assert!(!names_before("i shipped the portal v5.14.2", "5.14.2", "not the database"));
    }

    #[test]
    fn names_are_shared_and_common_words_are_not() {
        assert!(shares_a_name("it is your 3.19.0.", "so 3.19.0 is innocent", ""));
        assert!(!shares_a_name("maybe the errors are from redis", "same errors since then", ""));
    }
}

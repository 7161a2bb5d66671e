//! What people found out: the statement of somebody who handled it that names the very things which the failing records and the
//! change name.
//!
//! What it sees: names in what people say while it lasts (`audit_events`, `kafka02`, `PAYAPP`, a version, a ticket), beside those
//! of the records and of the hypothesis, and what was denied afterwards. Why it matters: a war room names the wrong things first and the
//! right one last, and whoever finds it quotes it, in whatever language. It must never take a question, a guess, a plan or a
//! step for a finding. When it misleads: somebody who pastes an error without knowing what it means; so the later statement is
//! the better one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use evidence::Moment;

use crate::acts::{self, Act};
use crate::findings::{Hypothesis, HypothesisKind, Places, Reason, Stated, Times};
use crate::incident::Incident;
use crate::mask::cut;
use crate::scene::{At, Utterance};
use expressions::{Expression, constant};

/// After the end people write down what it was.
const AFTERWARDS_S: f64 = 3.0 * 3_600.0;
/// A statement needs so much in common with the records.
const LEAST: f64 = 3.0;
/// Plain words count so much in all, and names.
const MOST_WORDS: f64 = 2.0;
const MOST_NAMES: f64 = 8.0;
/// What the last finding before the end is worth beside the first one.
const LATE: f64 = 2.0;
/// Who says what brought it about, or owns up: more than whoever names all of it last.
const SAYS_WHY: f64 = 4.0;
/// Who rules something out tells more of that than of what it was.
const DENIES: f64 = 2.0;
/// Letters of a record that are looked through.
const MOST_TEXT: usize = 1_500;
/// A word that so large a share of the messages has names nothing.
const COMMON_SHARE: f64 = 0.3;

/// The best such statement for a hypothesis; nothing where nobody says one.
pub fn of(incident: &Incident<'_>, best: &Hypothesis, times: &Times) -> Option<Stated> {
    let from = times.started.as_ref().map_or(incident.window.from, |t| t.at);
    let end = times.mitigated.as_ref().map_or(incident.window.to, |t| t.at);
    let to = times.resolved.as_ref().map_or(incident.window.to, |t| t.at).plus(AFTERWARDS_S);
    let common = common(incident, from, to);
    let own = names_of(incident, best);
    let records = names_of_records(incident);
    let cleared = cleared(incident, &own);
    let length = end.since(from).max(60.0);
    let score = |m: &At<Utterance>| {
        let text = &m.what.message.text;
        let tokens: BTreeMap<String, bool> = tokens(text).filter(|(token, _)| !common.contains(token)).collect();
        let in_common = |token: &String| own.contains(token) || records.contains(token);
        let names = tokens.iter().filter(|(t, is_name)| **is_name && in_common(t)).count() as f64;
        let words = tokens.iter().filter(|(t, is_name)| !**is_name && in_common(t)).count() as f64;
        let shared = (2.0 * names).min(MOST_NAMES) + words.min(MOST_WORDS);
        let late = (m.at.since(from) / length).clamp(0.0, 1.0) * LATE;
        let why = if m.what.does(Act::RootCause) || m.what.does(Act::Confess) { SAYS_WHY } else { 0.0 };
        let denies = if m.what.does(Act::Refute) { DENIES } else { 0.0 };
        let is_it = names > 0.0 && shared >= LEAST && !names_cleared(m, tokens.keys(), &cleared);
        is_it.then_some(shared + late + why - denies)
    };
    let said = incident.scene.chat.iter().filter(|m| m.at >= from && m.at <= to && is_statement(incident, m));
    let scored = said.filter_map(|m| Some((score(m)?, m)));
    let (_, message) = scored.reduce(|best, next| if next.0 >= best.0 { next } else { best })?;
    Some(Stated {
        words: message.what.message.text.clone(),
        author: Some(message.what.speaker.clone()),
        at: Some(message.at),
        places: Places::one(message.place),
    })
}

/// A person says that something is so: no question, guess, plan or greeting, and nobody refuted it.
pub fn is_statement(incident: &Incident<'_>, message: &At<Utterance>) -> bool {
    const ELSE: [Act; 8] = [
        Act::ActionItem,
        Act::Prevention,
        Act::Comms,
        Act::Resolve,
        Act::Declare,
        Act::Impact,
        Act::ResponseTime,
        Act::Correction,
    ];
    let what = &message.what;
    let text = what.message.text.trim();
    let is_refuted = || incident.beliefs().iter().any(|b| b.said.places.iter().any(|p| *p == message.place));
    let owns_up = what.does(Act::Confess) || what.does(Act::RootCause);
    let guesses = || (what.does(Act::Suppose) || is_denial(text)) && !owns_up;
    let asks = text.contains("? ") && !owns_up
        || text.trim_end_matches([' ', '!', ')']).ends_with('?')
        || acts::is_question(&acts::in_english(text));
    !what.message.is_bot && !asks && !ELSE.iter().any(|act| what.does(*act)) && !guesses() && !is_hedged(text) && !is_refuted()
}

/// It says that something is not so.
fn is_denial(text: &str) -> bool {
    static NOT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:(?:do|does|did|is|was|are|were|has|have) ?(?:not|n['’]t)|doesnt|isnt|wasnt|not (?:the|it|ours|us)|never (?:calls?|called|reads?|touche[sd]|sees?|saw))\b",
        )
    });
    NOT.is_match(&acts::in_english(text))
}

/// Words by which people mark what they do not know, in English and as other languages are read.
pub fn is_hedged(text: &str) -> bool {
    const HEDGES: [&str; 26] = [
        "maybe",
        "perhaps",
        "probably",
        "i think",
        "i guess",
        "i bet",
        "i would bet",
        "my money",
        "might be",
        "could be",
        "may be",
        "must be",
        "suspect",
        "looks like",
        "seems like",
        "not sure",
        "no idea",
        "imo",
        "imho",
        "i assume",
        "presumably",
        "afaik",
        "sure as",
        "surely",
        "certainly it",
        "my guess",
    ];
    let lower = acts::in_english(text).to_lowercase();
    HEDGES.iter().any(|hedge| {
        lower.match_indices(hedge).any(|(at, _)| {
            let joins = |c: char| c.is_alphanumeric();
            !lower[..at].ends_with(joins) && !lower[at + hedge.len()..].starts_with(joins)
        })
    })
}

/// When each name was cleared: by who says that it is not it, and never by who says that it is.
fn cleared(incident: &Incident<'_>, own: &BTreeSet<String>) -> Vec<(Moment, BTreeSet<String>)> {
    let refuting = incident.scene.chat.iter().filter(|m| m.at >= incident.window.from && !m.what.message.is_bot);
    let names = |m: &At<Utterance>| {
        let denied = m.what.said.iter().filter(|s| s.act == Act::Refute);
        let words = denied.flat_map(|s| {
            let object = s.slots.object.as_deref().unwrap_or_else(|| m.what.sentence(s));
            tokens(object).collect::<Vec<_>>()
        });
        words.map(|(token, _)| token).filter(|token| !own.contains(token) && token.len() >= 3).collect::<BTreeSet<String>>()
    };
    refuting.map(|m| (m.at, names(m))).filter(|(_, names)| !names.is_empty()).collect()
}

fn names_cleared<'t>(
    message: &At<Utterance>,
    mut tokens: impl Iterator<Item = &'t String>,
    cleared: &[(Moment, BTreeSet<String>)],
) -> bool {
    let later: Vec<&BTreeSet<String>> = cleared.iter().filter(|(at, _)| *at > message.at).map(|(_, names)| names).collect();
    tokens.any(|token| later.iter().any(|names| names.contains(token)))
}

/// Names of the hypothesis: where, what is called so, the change, and what its record and its diff name.
fn names_of(incident: &Incident<'_>, best: &Hypothesis) -> BTreeSet<String> {
    let mut texts: Vec<String> = best.service.iter().cloned().collect();
    if let Some(change) = &best.change {
        texts.extend(change.reference.clone());
        if let Some(commit) = &change.commit {
            texts.push(commit.subject.clone());
            texts.push(commit.sha.chars().take(7).collect());
            texts.extend(commit.says.iter().cloned());
        }
        let own = incident.scene.deploys.iter().filter(|d| change.places.iter().any(|p| *p == d.place));
        texts.extend(own.map(|d| d.what.text.clone()));
    }
    if let Some(failure) = best.failure.as_ref().filter(|_| best.kind != HypothesisKind::Change) {
        texts.push(failure.words.clone());
    }
    for term in best.terms.iter().filter(|t| t.value > 0.0) {
        if let Reason::Seen { words, .. } | Reason::Specific { words, .. } = &term.reason {
            texts.push(words.clone());
        }
    }
    texts.iter().flat_map(|text| tokens(text).collect::<Vec<_>>()).map(|(token, _)| token).collect()
}

/// Names in the records of the incident's failures.
fn names_of_records(incident: &Incident<'_>) -> BTreeSet<String> {
    let texts = incident
        .failures()
        .flat_map(|(_, signal, _)| signal.texts.iter().take(2).map(|text| &**text).chain([signal.words.as_str()]));
    let services = incident.services.iter().map(|h| h.name.as_str());
    let of = |text: &str| tokens(cut(text, MOST_TEXT)).map(|(token, _)| token).collect::<Vec<_>>();
    texts.chain(services).flat_map(of).collect()
}

/// Words that people here use all the time.
fn common(incident: &Incident<'_>, from: Moment, to: Moment) -> BTreeSet<String> {
    const FEW: usize = 8;
    let said: Vec<BTreeSet<String>> = incident
        .scene
        .chat
        .iter()
        .filter(|m| m.at >= from && m.at <= to && !m.what.message.is_bot)
        .map(|m| tokens(&m.what.message.text).map(|(token, _)| token).collect())
        .collect();
    let mut often: BTreeMap<&String, usize> = BTreeMap::new();
    said.iter().flatten().for_each(|token| *often.entry(token).or_default() += 1);
    let most = (said.len() as f64 * COMMON_SHARE).ceil() as usize;
    let is_common = |count: usize| said.len() >= FEW && count > most.max(2);
    often.into_iter().filter(|(_, count)| is_common(*count)).map(|(token, _)| token.clone()).collect()
}

/// Words in lower case, each with whether it is a name: joined of parts, of letters and digits, written in capitals, or a long
/// number. What a path, an assignment or an address is joined of stands for itself as well.
pub fn tokens(text: &str) -> impl Iterator<Item = (String, bool)> + '_ {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@');
    let whole = text.split(move |c: char| !joins(c)).map(|w| w.trim_matches(['.', '-', '/', '_', '@']));
    let parts = whole.flat_map(|w| {
        let inner = if w.contains(['/', '.', '@']) { w.split(['/', '.', '@']).collect::<Vec<_>>() } else { Vec::new() };
        std::iter::once(w).chain(inner)
    });
    let words = parts.filter(|w| w.chars().count() >= 3 && !DULL.contains(&w.to_lowercase().as_str()));
    words.map(|w| (w.to_lowercase(), is_name(w))).chain(requests(text).map(|name| (name, true)))
}

/// Numbers of pull and merge requests, in one spelling: `#907`, `!907`, `PR 907`, `(#907)`.
fn requests(text: &str) -> impl Iterator<Item = String> + '_ {
    static NUMBER: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?:^|[^\w/#!])(?:[#!]|(?i:pr|mr|pull request|merge request) ?[#!]?)(?P<n>\d{2,6})\b"));
    NUMBER.captures_iter(text).filter_map(|c| Some(format!("#{}", c.name("n")?.as_str())))
}

fn is_name(word: &str) -> bool {
    let has = |test: fn(char) -> bool| word.contains(test);
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let is_joined = word.contains(['_', '/']) || letters > 3 && word.contains(['-', '.']) && !word.ends_with("-up");
    let is_spelled = letters >= 4 && word.chars().all(|c| !c.is_lowercase());
    let mut before_is_lower = false;
    let is_camel = word.chars().any(|c| {
        let turns = before_is_lower && c.is_uppercase();
        before_is_lower = c.is_lowercase();
        turns
    });
    let is_mixed = digits > 0 && letters > 0 && !is_measure(word);
    is_mixed || is_joined && has(char::is_alphabetic) || is_spelled || is_camel || digits >= 5 || word.matches('.').count() >= 2
}

/// `30s`, `4xx`, `1st`, `10k`.
fn is_measure(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    rest.len() < word.len() && rest.chars().count() <= 3 && rest.chars().all(char::is_alphabetic)
}

/// Words of any record and of any talk.
const DULL: [&str; 40] = [
    "the", "and", "for", "not", "with", "from", "this", "that", "are", "was", "has", "have", "but", "all", "its", "error",
    "errors", "failed", "fail", "fails", "http", "https", "post", "get", "put", "request", "requests", "service", "server",
    "time", "when", "after", "before", "since", "info", "warn", "warning", "null", "none", "com",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        tokens(text).filter(|(_, is_name)| *is_name).map(|(token, _)| token).collect()
    }

    #[test]
    fn names_are_what_no_language_has_for_a_word() {
        assert_eq!(
            names("LEDGER is locked on db-07, see boards/spring_2025"),
            ["ledger", "db-07", "boards/spring_2025", "spring_2025"]
        );
        assert_eq!(names("queue.lanes was 2147483647 after 30s"), ["queue.lanes", "2147483647"]);
        assert!(names("the disk of the second machine is full again").is_empty());
        assert_eq!(names("saveBasket fails with 4.1.0"), ["savebasket", "4.1.0"]);
        assert_eq!(names("it is #907, the MR 12, not the 3rd of page/#4"), ["#907", "#12"]);
        assert_eq!(names("nat: fewer ports (#907)"), ["#907"]);
    }

    #[test]
    fn who_says_that_something_is_not_so_tells_of_no_cause() {
        assert!(
            is_denial("the carousel does not even call it") && is_denial("that isn't the cache") && is_denial("not the pool")
        );
        assert!(!is_denial("the cache never evicts and the key has the session in it"));
    }

    #[test]
    fn who_guesses_has_found_nothing() {
        assert!(is_hedged("I bet it is the cache") && is_hedged("probably db-07") && is_hedged("db-07 might be it"));
        assert!(!is_hedged("db-07 is full") && !is_hedged("the alphabet is sorted"));
    }
}

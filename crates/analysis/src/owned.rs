//! What somebody who knows the change says of it: how it came about, or what it did not reckon with.
//!
//! What it sees: names and words of the change, and values of its diff, in what people say while it lasts. Why it matters: a diff
//! shows what was done, and its author knows what was meant. When it misleads: somebody guesses in the words of the diff; so only
//! those count who wrote it or speak of themselves.

use std::collections::BTreeSet;

use crate::acts::Act;
use crate::changes::mentions;
use crate::findings::{Belief, Hypothesis, Places, Reason, Stated, Times};
use crate::incident::Incident;
use crate::persons;
use crate::scene::{At, Utterance};

/// It takes this much in common.
const ENOUGH: usize = 3;
/// Of words, and of values, at most.
const EACH: usize = 2;
/// Afterwards people write it up.
const AFTER_S: f64 = 3_600.0;

const OF_ONESELF: [&str; 7] = ["i", "we", "my", "mine", "our", "me", "i'm"];

pub fn of(incident: &Incident<'_>, best: Option<&Hypothesis>, times: &Times, beliefs: &[Belief]) -> Option<Stated> {
    let change = best?.change.as_ref()?;
    let found = change.commit.as_ref()?;
    let commit = &incident.scene.commits.iter().find(|c| c.place == found.place)?.what;
    let from = times.started.as_ref().map_or(incident.window.from, |t| t.at);
    let to = times.resolved.as_ref().map_or(incident.window.to, |t| t.at).plus(AFTER_S);
    let clause = best?.terms.iter().find_map(|t| match &t.reason {
        Reason::Diff { says } if t.value > 0.0 => Some(says.as_str()),
        _ => None,
    })?;
    let names: Vec<String> = names(&commit.message, &commit.sha).into_iter().chain(change.reference.clone()).collect();
    let values: BTreeSet<String> = clause.split('`').skip(1).step_by(2).flat_map(tokens).collect();
    let patch = commit.files.iter().flat_map(|f| [f.path.as_str(), f.patch.as_str()]);
    let telling: BTreeSet<String> = patch.chain([found.subject.as_str()]).flat_map(tokens).filter(|w| is_telling(w)).collect();
    let in_common = |m: &At<Utterance>| {
        let text = m.what.message.text.to_lowercase();
        let own: BTreeSet<String> = tokens(&text).collect();
        let is_named = names.iter().any(|name| mentions(&text, name));
        let by_values = own.iter().filter(|w| values.contains(*w)).count().min(EACH);
        let by_words = own.iter().filter(|w| telling.contains(*w)).count().min(EACH);
        let is_author = persons::is_one(&m.what.speaker, &commit.author);
        let of_oneself =
            m.what.does(Act::Confess) || text.split(|c: char| c.is_whitespace() || c == ',').any(|w| OF_ONESELF.contains(&w));
        let known = usize::from(is_author) + usize::from(of_oneself);
        if known == 0 { 0 } else { known + usize::from(is_named) * EACH + by_values + by_words }
    };
    let refuted = |m: &At<Utterance>| beliefs.iter().any(|b| b.said.places.iter().any(|p| *p == m.place));
    let does = |m: &At<Utterance>, act: Act| m.what.does(act);
    let inside = incident.scene.chat.iter().filter(|m| {
        let is_open = does(m, Act::ActionItem) || does(m, Act::Prevention) || does(m, Act::Suppose) && !does(m, Act::Confess);
        !m.what.message.is_bot && m.at >= from && m.at <= to && !is_open && !m.what.message.text.ends_with('?') && !refuted(m)
    });
    let ranked = inside.map(|m| (in_common(m), m)).filter(|(common, _)| *common >= ENOUGH);
    let (_, message) = ranked.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    Some(Stated {
        words: message.what.message.text.clone(),
        author: Some(message.what.speaker.clone()),
        at: Some(message.at),
        places: Places::one(message.place),
    })
}

/// `#771`, `LAB-77` and a short hash, as people write them.
fn names(message: &str, sha: &str) -> Vec<String> {
    let words = message.split(|c: char| c.is_whitespace() || "()[],:;.".contains(c));
    let is_id = |w: &&str| {
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        w.strip_prefix('#').is_some_and(digits)
            || w.split_once('-')
                .is_some_and(|(key, n)| key.len() >= 2 && key.bytes().all(|b| b.is_ascii_uppercase()) && digits(n))
    };
    words.filter(is_id).map(str::to_string).chain(sha.get(..7).map(str::to_string)).collect()
}

/// Words and numbers as wholes, in lower case.
fn tokens(text: &str) -> impl Iterator<Item = String> {
    let lower = text.to_lowercase();
    let all: Vec<String> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_string).collect();
    all.into_iter()
}

/// Long enough to be a name of something, and no word of every diff.
fn is_telling(word: &str) -> bool {
    const COMMON: [&str; 12] =
        ["return", "config", "service", "string", "import", "public", "private", "function", "value", "change", "error", "there"];
    word.len() >= 5 && word.contains(char::is_alphabetic) && !COMMON.contains(&word)
}

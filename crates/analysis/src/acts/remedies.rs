//! Which remedy a sentence asks for, and which it says is under way or done.
//!
//! The words are the `[[remedy]]` tables of `acts/act.toml`. Each has patterns for the imperative (`ask`) and for what
//! is being done (`done`); `{o}` in a pattern is the thing acted on. Must never know whether the remedy helped.

use super::slots;
use super::words::{Lexicon, Sentence, Words};
use serde::Deserialize;

/// The closed list of the report's contract.
const WORDS: [&str; 18] = [
    "rollback",
    "roll-forward",
    "config-revert",
    "feature-flag-disable",
    "scale",
    "restart",
    "failover",
    "drain-node",
    "rotate-cert",
    "rotate-secret",
    "purge-bad-data",
    "free-disk",
    "kill-query",
    "throttle",
    "wait-for-vendor",
    "escalate-upstream",
    "fix-dns",
    "sync-clock",
];

/// One `[[remedy]]` table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemedyFile {
    word: String,
    ask: Vec<String>,
    done: Vec<String>,
}

pub struct Remedies {
    all: Vec<Remedy>,
}

struct Remedy {
    word: &'static str,
    ask: Vec<Words>,
    done: Vec<Words>,
}

/// A remedy named in a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    pub word: &'static str,
    pub object: Option<String>,
    /// Its bytes in the sentence.
    pub at: (usize, usize),
}

/// What is asked for and what is said to be under way, each in the order of the text, without overlaps.
#[derive(Debug, Default)]
pub struct Found {
    pub asked: Vec<Named>,
    pub done: Vec<Named>,
}

impl Found {
    /// The first thing acted on.
    pub fn object(&self) -> Option<String> {
        self.done.iter().chain(&self.asked).find_map(|n| n.object.clone())
    }
}

impl Remedies {
    /// # Errors
    /// A word outside the closed list.
    pub fn new(files: Vec<RemedyFile>, lexicon: &mut Lexicon) -> Result<Remedies, String> {
        let mut all = Vec::new();
        for file in &files {
            let word =
                WORDS.iter().find(|w| **w == file.word).ok_or(format!("{} is not a remediation of the report", file.word))?;
            all.push(Remedy { word, ask: compile(&file.ask, r"(?:\b|$)", lexicon), done: compile(&file.done, "", lexicon) });
        }
        Ok(Remedies { all })
    }

    #[cfg(test)]
    pub fn words(&self) -> impl Iterator<Item = &Words> {
        self.all.iter().flat_map(|r| r.ask.iter().chain(&r.done))
    }

    pub fn find(&self, sentence: &Sentence) -> Found {
        let done = self.named(sentence, |r| &r.done);
        let mut asked = self.named(sentence, |r| &r.ask);
        asked.retain(|a| !done.iter().any(|d| a.at.0 < d.at.1 && d.at.0 < a.at.1));
        Found { asked, done }
    }

    fn named(&self, sentence: &Sentence, pick: fn(&Remedy) -> &Vec<Words>) -> Vec<Named> {
        let mut hits: Vec<Named> = Vec::new();
        for remedy in &self.all {
            for pattern in pick(remedy) {
                for c in pattern.all(sentence) {
                    let Some(whole) = c.get_match() else { continue };
                    let inner = c.get_group_by_name("o").and_then(|o| slots::clean(&sentence.text[o.range()]));
                    let object = inner.or_else(|| object_of(remedy.word, sentence.text, whole.start(), whole.end()));
                    hits.push(Named { word: remedy.word, object, at: (whole.start(), whole.end()) });
                }
            }
        }
        hits.sort_by_key(|h| (h.at.0, std::cmp::Reverse(h.at.1)));
        let mut kept: Vec<Named> = Vec::new();
        for hit in hits {
            let overlaps = kept.iter().any(|k| hit.at.0 < k.at.1 && k.at.0 < hit.at.1);
            if !overlaps && !kept.iter().any(|k| k.word == hit.word) {
                kept.push(hit);
            }
        }
        kept
    }
}

const OBJECT: &str = r"[`@#\w][\w`@#./'-]*(?: [`@#\w][\w`@#./'-]*){0,3}?";

/// `end` is what must follow the pattern: an imperative ends where its word ends.
fn compile(patterns: &[String], end: &str, lexicon: &mut Lexicon) -> Vec<Words> {
    patterns
        .iter()
        .map(|p| {
            let full = format!(r"\b(?:{}){end}", p.replace("{o}", &format!("(?P<o>{OBJECT})")));
            lexicon.words(&full)
        })
        .collect()
}

/// What the verb at `start..end` acts on: its own object where the pattern ends in a noun, else what follows it.
fn object_of(word: &str, text: &str, start: usize, end: usize) -> Option<String> {
    let ends_in_noun = matches!(
        word,
        "rotate-cert"
            | "rotate-secret"
            | "purge-bad-data"
            | "free-disk"
            | "kill-query"
            | "throttle"
            | "drain-node"
            | "fix-dns"
            | "scale"
            | "feature-flag-disable"
    );
    let verb_end = text[start..end].find(' ').map_or(end, |i| start + i);
    if ends_in_noun { object_after(text, verb_end) } else { object_after(text, end) }
}

/// The phrase right after a verb: articles and prepositions skipped, at most four words.
fn object_after(text: &str, end: usize) -> Option<String> {
    let mut rest = text.get(end..)?.trim_start_matches([' ', ':']);
    if rest.starts_with(['.', ',', ';', '!', '?', ')', '-', '—']) {
        return None;
    }
    while let Some((word, tail)) = rest.split_once(' ') {
        let skip = [
            "the", "a", "an", "all", "our", "to", "on", "of", "in", "for", "both", "every", "my", "up", "out", "over", "at",
            "these", "those", "off", "down", "back", "again", "that", "more", "old", "into", "node",
        ];
        if !skip.contains(&word.to_ascii_lowercase().as_str()) {
            break;
        }
        rest = tail;
    }
    let words = rest.split(' ').take(4).enumerate();
    let words: Vec<&str> = words.take_while(|(i, w)| *i == 0 || slots::versions(w).is_empty()).map(|(_, w)| w).collect();
    slots::clean(&words.join(" "))
}

#[cfg(test)]
mod tests {
    use crate::acts::catalogue::Catalogue;

    fn done(text: &str) -> Vec<(&'static str, Option<String>)> {
        let all = Catalogue::embedded();
        all.remedies.find(&all.sentence(text)).done.into_iter().map(|n| (n.word, n.object)).collect()
    }

    #[test]
    fn objects_stand_inside_or_after_the_verb() {
        assert_eq!(done("rolled reco back, no difference"), [("rollback", Some("reco".into()))]);
        assert_eq!(done("rolling back 1.44.0"), [("rollback", Some("1.44.0".into()))]);
        assert_eq!(done("failed over to the replica"), [("failover", Some("replica".into()))]);
        assert_eq!(done("reverting the configmap"), [("config-revert", Some("configmap".into()))]);
    }
}

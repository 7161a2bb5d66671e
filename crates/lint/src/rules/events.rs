//! Events and the words that they are told by, so that one event is recognised in two places.
//!
//! Words are compared by their stems, and words that incidents use for one thing are one (`complete`, `finished`). Must
//! never take two events for one because both happened to one service.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Document, Kind};
use crate::story::Story;

#[derive(Debug, Clone)]
pub struct Event {
    pub unit: usize,
    pub at: f64,
    pub fine: f64,
    pub words: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub struct Events {
    pub all: Vec<Event>,
    by_word: BTreeMap<String, Vec<usize>>,
}

impl Events {
    /// The entries of the timeline.
    pub fn of_timeline(document: &Document, story: &Story) -> Events {
        let mut events = Events::default();
        for entry in story.timeline() {
            let Some(unit) = document.units.get(entry.unit) else { continue };
            let after = unit.facts.clocks.get(entry.clock).and_then(|c| unit.text.get(c.range.end..)).unwrap_or_default();
            events.push(Event { unit: entry.unit, at: entry.at, fine: entry.fine, words: words(after) });
        }
        events
    }

    /// And the lines of logs that have a time; `hours` is what their times are off.
    pub fn with_logs(mut self, document: &Document, story: &Story, off: impl Fn(usize, f64) -> f64) -> Events {
        for (index, unit) in document.units.iter().enumerate() {
            let evidence = story.source_units.contains(&index);
            if unit.kind != Kind::Code || evidence || unit.facts.clocks.is_empty() {
                continue;
            }
            if let Some((at, clock)) = story.instant(unit, 0).zip(unit.facts.clocks.first()) {
                let event = Event { unit: index, at: off(index, at), fine: clock.fine, words: words(&unit.text) };
                self.push(event);
            }
        }
        self
    }

    pub fn with_word(&self, word: &str) -> impl Iterator<Item = &Event> {
        self.by_word.get(word).into_iter().flatten().filter_map(|i| self.all.get(*i))
    }

    /// The event that shares most with the words, of which one has to be rare among the events.
    pub fn rare(&self, words: &BTreeSet<String>) -> Option<&Event> {
        let few = |w: &&String| !GENERAL.contains(&w.as_str()) && self.by_word.get(*w).is_some_and(|all| all.len() <= 2);
        let shared = |e: &&Event| e.words.intersection(words).count();
        let hits = words.iter().filter(few).flat_map(|w| self.with_word(w));
        hits.max_by(|a, b| shared(a).cmp(&shared(b)).then(b.at.total_cmp(&a.at)))
    }

    fn push(&mut self, event: Event) {
        for word in &event.words {
            self.by_word.entry(word.clone()).or_default().push(self.all.len());
        }
        self.all.push(event);
    }
}

const STOP: &[&str] = &[
    "the", "and", "for", "was", "were", "with", "that", "this", "from", "into", "has", "had", "have", "not", "are", "its", "our",
    "all", "after", "before", "when", "then", "than", "but", "utc", "which", "while", "their", "they", "been", "being", "also",
    "per", "via", "out", "off", "made", "within", "about", "only", "now", "again", "still", "over", "under", "more", "most",
    "each", "some", "any", "time", "first", "last", "new", "team", "incident", "seen", "see", "says", "said", "every", "because",
    "would", "could", "should", "who", "how", "why", "what", "where", "did", "does", "can", "will", "there", "these", "those",
    "by", "at", "on",
];

/// Words that tell of one thing, by their stems; the first stands for all.
const SAME: &[&[&str]] = &[
    &["complet", "finish", "done", "end", "conclud"],
    &["initiat", "start", "begin", "began", "begun", "trigger", "kick"],
    &["crash", "panic", "panick", "exit", "crashloop", "crashloopbackoff", "oomkill"],
    &["rollback", "revert", "roll"],
    &["recover", "restor"],
    &["deploy", "releas", "rollout", "ship"],
    &["alert", "alarm", "pag", "page", "pagerduty"],
    &["resolv", "clos"],
    &["acknowledg", "ack"],
];

/// Words that say what became of something, and not of what.
const GENERAL: &[&str] = &[
    "complet",
    "initiat",
    "recover",
    "alert",
    "resolv",
    "acknowledg",
    "failur",
    "fail",
    "error",
    "effect",
    "took",
    "step",
    "user",
    "serv",
];

/// The stems of the words that carry meaning.
pub fn words(text: &str) -> BTreeSet<String> {
    let lower = text
        .to_lowercase()
        .replace("rolled back", "rollback")
        .replace("rolling back", "rollback")
        .replace("roll back", "rollback");
    let parts = lower.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
    let kept = parts.map(|w| w.trim_matches(['-', '_'])).filter(|w| w.len() > 2 && !STOP.contains(w));
    kept.filter(|w| !w.bytes().all(|b| b.is_ascii_digit())).map(stem).collect()
}

fn stem(word: &str) -> String {
    let plain = |w: &str| {
        let ends = ["ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s", "e", "ion"];
        let end = ends.iter().find(|e| w.ends_with(*e) && w.len() - e.len() >= 3);
        end.and_then(|e| w.strip_suffix(e)).unwrap_or(w).to_string()
    };
    let stem = if word.contains('-') { word.to_string() } else { plain(word) };
    let stem = stem.strip_suffix("ck").filter(|s| s.len() > 3).map_or(stem.clone(), |s| format!("{s}ck"));
    let same = SAME.iter().find(|group| group.iter().any(|w| *w == stem || *w == word));
    same.and_then(|group| group.first()).map_or(stem, |w| (*w).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_has_the_same_words_in_two_places() {
        assert_eq!(words("Redis failover finished at"), words("the Redis failover was completed"));
        assert_eq!(words("panicked"), words("Pods exiting").into_iter().filter(|w| w != "pod").collect());
        assert_ne!(words("Redis failover"), words("Stripe failover"));
    }
}

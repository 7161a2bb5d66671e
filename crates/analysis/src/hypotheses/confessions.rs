//! Who owned up to which change: words of a confession beside the words of a commit.
//!
//! What it sees: versions, tickets, pull requests and the title of a change in what somebody owns up to, the words of its diff,
//! and whether they wrote it. Why it matters: who made a change knows best that it was made, and tells it as a rule before the
//! change is undone. When it misleads: people own up to what turns out to be innocent; a later refutation takes that back.

use std::collections::BTreeSet;

use crate::acts::Act;
use crate::changes::{self, Candidate};
use crate::incident::Incident;
use crate::scene::{At, Scene, Utterance};

/// It takes this much in common: a name of the change, or two telling words of it, or one and its author.
const ENOUGH: u32 = 2;
const MOST_WORDS: u32 = 3;

/// Somebody owns up to something.
pub struct Confession {
    /// Index into the chat.
    message: usize,
    /// How much each commit has in common with it, in their order.
    commits: Vec<u32>,
}

/// All that somebody owns up to, by time.
pub fn find(scene: &Scene) -> Vec<Confession> {
    let owned = scene.chat.iter().enumerate().filter(|(_, m)| !m.what.message.is_bot && m.what.does(Act::Confess));
    let beside = |m: &At<Utterance>| {
        let of =
            |c: &At<evidence::Commit>| if c.at < m.at { by_commit(&c.what, &m.what.message.text, &m.what.speaker) } else { 0 };
        scene.commits.iter().map(of).collect()
    };
    owned.map(|(message, m)| Confession { message, commits: beside(m) }).collect()
}

/// The latest message in which somebody owns up to this change, and to no other commit rather, with the words.
pub fn of<'a>(incident: &Incident<'a>, candidate: &Candidate) -> Option<(&'a At<Utterance>, String)> {
    incident.confessions().iter().rev().find_map(|confession| {
        let message = &incident.scene.chat[confession.message];
        let own = strength(candidate, confession, &message.what.message.text.to_lowercase());
        let others = confession.commits.iter().enumerate().filter(|(at, _)| Some(*at) != candidate.commit);
        let is_other = others.into_iter().any(|(_, other)| *other > own);
        let is_before = candidate.at <= message.at.plus(60.0);
        (is_before && own >= ENOUGH && !is_other).then(|| (message, words(&message.what)))
    })
}

/// Somebody owns up to this commit, and to no other one as much.
pub fn is_owned(incident: &Incident<'_>, commit: usize) -> bool {
    incident.confessions().iter().any(|confession| {
        let own = confession.commits[commit];
        let as_much = confession.commits.iter().enumerate().any(|(at, other)| at != commit && *other >= own);
        own >= ENOUGH && !as_much
    })
}

/// The sentences that own up, or the first of them.
pub fn words(said: &Utterance) -> String {
    let telling = said.said.iter().filter(|s| s.act == Act::Confess).map(|s| said.sentence(s));
    telling.max_by_key(|sentence| sentence.len()).unwrap_or_default().to_string()
}

fn strength(candidate: &Candidate, confession: &Confession, text: &str) -> u32 {
    let named = candidate.reference.as_deref().is_some_and(|name| crate::entities::word_at(text, &name.to_lowercase()).is_some());
    let service = candidate.service.as_deref().is_some_and(|name| changes::mentions(text, name));
    let by_commit = candidate.commit.map_or(0, |at| confession.commits[at]);
    by_commit.max(u32::from(named) * 3 + u32::from(named && service))
}

fn by_commit(commit: &evidence::Commit, text: &str, speaker: &str) -> u32 {
    let said = telling(text);
    let subject = changes::subject(commit).to_lowercase();
    let text = text.to_lowercase();
    let mut score = 0;
    if !said.is_disjoint(&names(commit)) || subject.len() >= 8 && text.contains(&subject) {
        score += 3;
    }
    let own = commit.files.iter().flat_map(|f| f.patch.lines().filter(|l| l.starts_with(['+', '-'])).chain([f.path.as_str()]));
    let own: BTreeSet<String> = own.chain([commit.message.as_str()]).flat_map(telling).collect();
    score += u32::try_from(said.intersection(&own).count()).unwrap_or(MOST_WORDS).min(MOST_WORDS);
    score + u32::from(score > 0 && is_by(&commit.author, speaker))
}

/// `#771`, `LAB-77`, `2.31.0`, and how a short hash is written.
fn names(commit: &evidence::Commit) -> BTreeSet<String> {
    let has_digit = |w: &&str| w.contains(|c: char| c.is_ascii_digit());
    let words = commit.message.split(|c: char| c.is_whitespace() || "()[],:;".contains(c)).map(|w| w.trim_end_matches('.'));
    let ids = words.filter(has_digit).filter(|w| {
        let ticket = w.split_once('-').is_some_and(|(key, number)| {
            key.len() >= 2 && key.chars().all(|c| c.is_ascii_uppercase()) && number.chars().all(|c| c.is_ascii_digit())
        });
        ticket || w.starts_with('#') || w.matches('.').count() >= 2
    });
    ids.map(str::to_lowercase).chain([changes::short_sha(&commit.sha)]).filter(|w| w.len() >= 3).collect()
}

/// `@filip` and `Filip Krause`.
fn is_by(author: &str, speaker: &str) -> bool {
    let first = |name: &str| name.trim_start_matches('@').to_lowercase().split([' ', '.', '_', '@']).next().map(str::to_string);
    first(author).filter(|name| name.len() >= 3).is_some_and(|name| first(speaker).is_some_and(|own| own == name))
}

/// Words by which a change is told from others, and the parts of names that are joined (`nf_conntrack_max`, `userData`).
pub fn telling(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && !"_-.#".contains(c)).map(|w| w.trim_matches(['.', '-', '_']));
    let parts = |w: &str| -> Vec<String> {
        let whole = w.to_lowercase();
        let pieces = w.split(['_', '-', '.', '/']).map(str::to_lowercase).collect::<Vec<_>>();
        pieces.into_iter().chain([whole]).collect()
    };
    words
        .flat_map(parts)
        .filter(|w| w.chars().count() >= 4 && !COMMON.contains(&w.as_str()) && !w.bytes().all(|b| b.is_ascii_digit()))
        .collect()
}

const COMMON: &[&str] = &[
    "that",
    "this",
    "with",
    "from",
    "have",
    "been",
    "only",
    "everything",
    "morning",
    "today",
    "yesterday",
    "since",
    "where",
    "when",
    "what",
    "then",
    "they",
    "them",
    "under",
    "over",
    "into",
    "back",
    "also",
    "just",
    "change",
    "changed",
    "removed",
    "switched",
    "true",
    "false",
    "value",
    "values",
    "name",
    "yaml",
    "json",
    "main",
    "return",
    "null",
    "none",
    "deploy",
    "release",
    "version",
    "prod",
    "production",
    "thought",
    "made",
    "more",
    "like",
    "were",
    "will",
    "would",
    "there",
    "their",
    "than",
    "commit",
    "merge",
    "update",
    "config",
    "nobody",
    "never",
    "always",
    "instead",
    "everywhere",
    "file",
    "files",
    "again",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_known_by_its_ticket_its_title_or_its_words() {
        let commit = |message: &str, patch: &str| evidence::Commit {
            author: "Iva Horn".into(),
            message: message.into(),
            files: vec![evidence::FileDiff { path: "nodes/class.yaml".into(), patch: patch.into() }],
            ..evidence::Commit::default()
        };
        let bump = commit("nodes: image 2025.3", "-  userData: |\n-    fs.file-max = 100000\n+  image: v2");
        assert!(by_commit(&bump, "I removed our userData in the image bump", "@iva") >= ENOUGH);
        assert!(by_commit(&bump, "I removed our userData", "@omar") < ENOUGH);
        assert!(by_commit(&commit("NET-12 lab zone", ""), "my NET-12 change on the resolvers", "@omar") >= ENOUGH);
        assert!(by_commit(&commit("tidy env files", ""), "that is me. \"tidy env files\" this morning", "@omar") >= ENOUGH);
        assert_eq!(by_commit(&bump, "I raised the pool of the proxy", "@iva"), 0);
    }
}

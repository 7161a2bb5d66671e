//! A change that took effect long after it was made: a value that it brought stands in a record right before the first
//! failure (a certificate renewed from another authority, a machine replaced by one of another image).
//!
//! What it sees: names that only the added lines of a diff have, in kept records of any log. Why it matters: hours between a
//! change and its effect are no alibi then. When it misleads: a name that is in every record from the change on, which is
//! why a record of its kind must be rare, and none with the name older than the change.

use evidence::{Moment, RecordRef};

use crate::changes::Candidate;
use crate::entities::word_at;
use crate::findings::{Places, Reason, Term};
use crate::scene::Scene;
use crate::weights;

/// Seconds before the first failure in which such a record stands.
const RIGHT_BEFORE_S: f64 = 120.0;
/// How often a record of its kind may come.
const RARE: u64 = 200;
/// Letters of a name that stands by itself.
const LEAST: usize = 8;
/// Names of one diff that are looked for.
const MOST: usize = 24;

pub struct Shown {
    pub at: Moment,
    pub place: RecordRef,
    service: String,
    words: String,
}

impl Shown {
    pub fn new(at: Moment, place: RecordRef, service: String, words: String) -> Shown {
        Shown { at, place, service, words }
    }

    pub fn term(self) -> Term {
        let reason = Reason::Seen { service: self.service, words: self.words };
        Term { name: "seen in effect", value: weights::SEEN_LATE, reason, places: Places::one(self.place) }
    }
}

/// The last record before `onset` that has a name of the change.
pub fn shown(scene: &Scene, candidate: &Candidate, onset: Moment) -> Option<Shown> {
    let commit = &scene.commits[candidate.commit?].what;
    let names = added_names(commit);
    if names.is_empty() {
        return None;
    }
    let mut found: Vec<Shown> = Vec::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in digest.patterns.iter().filter(|p| p.count <= RARE && !p.level.is_some_and(evidence::Level::is_bad)) {
            for exemplar in pattern.exemplars.iter().chain([&pattern.first]) {
                let has = |name: &String| {
                    word_at(&exemplar.text.to_lowercase(), name).is_some()
                        || exemplar.fields.iter().any(|(_, value)| value.eq_ignore_ascii_case(name))
                };
                let Some(at) = exemplar.stamp.and_then(|s| clock.moment(s)).filter(|_| names.iter().any(has)) else { continue };
                let Some(service) = scene.service_of(pattern.service.as_deref(), digest.source) else { continue };
                let words = crate::signals::first_line(&exemplar.text);
                found.push(Shown { at, place: exemplar.place, service, words });
            }
        }
    }
    if found.iter().any(|s| s.at < candidate.at.plus(-60.0)) {
        return None;
    }
    let near = |s: &Shown| s.at <= onset.plus(1.0) && onset.since(s.at) <= RIGHT_BEFORE_S;
    found.into_iter().filter(near).max_by_key(|s| (s.at, std::cmp::Reverse(s.place)))
}

/// Compound names that stand in added lines and nowhere else in the diff.
fn added_names(commit: &evidence::Commit) -> Vec<String> {
    let lines = || commit.files.iter().flat_map(|f| f.patch.lines());
    let old: Vec<&str> = lines().filter(|l| !l.starts_with('+')).flat_map(words).collect();
    let mut names: Vec<String> = Vec::new();
    for word in lines().filter(|l| l.starts_with('+') && !l.starts_with("+++")).flat_map(|l| words(&l[1..])) {
        let lower = word.to_lowercase();
        if is_a_name(&lower) && !old.contains(&word) && !names.contains(&lower) && names.len() < MOST {
            names.push(lower);
        }
    }
    names
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).filter(|w| w.len() >= LEAST)
}

/// Joined of letters and numbers: `root-ca-2026`, not a word of every day, a version or a hash.
fn is_a_name(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['-', '_']).filter(|p| !p.is_empty()).collect();
    let has = |test: fn(&u8) -> bool| word.bytes().any(|b| test(&b));
    parts.len() >= 2 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && !word.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{Commit, FileDiff};

    #[test]
    fn names_that_only_the_new_lines_have() {
        let patch = "@@ -1,3 +1,3 @@\n kind: Issuer\n-  secret: root-ca-2021\n+  secret: root-ca-2026\n+  note: renewal-later\n";
        let commit = Commit { files: vec![FileDiff { path: "issuer.yaml".into(), patch: patch.into() }], ..Commit::default() };
        assert_eq!(added_names(&commit), ["root-ca-2026"]);
    }
}

//! A failure that quotes the very version which a change without a diff brought: a driver that refuses the library `535.183.01`
//! after the packages of that version were installed.
//!
//! What it sees: versions that the words of a deployment have, in failures that stand out. Why it matters: what package
//! managers and consoles do to a machine has no diff, names no service, and takes effect at the next start, which may be days later.
//! When it misleads: a version that every record of a program tells; so records before the change must not have it, and it is of
//! three numbers at least.

use evidence::Deploy;

use crate::changes::Candidate;
use crate::findings::{ChangeKind, Places, Reason, Term};
use crate::incident::{Incident, places_of};
use crate::signals::Text;
use crate::weights;

/// Characters of a version that does not stand in two places by chance.
const LEAST: usize = 6;

/// The failure that quotes the change, the first that does.
pub fn failure(incident: &Incident<'_>, candidate: &Candidate) -> Option<usize> {
    if candidate.commit.is_some() || !matches!(candidate.kind, ChangeKind::Infrastructure | ChangeKind::Config) {
        return None;
    }
    let told = |d: &Deploy| versions(&d.text);
    let own = incident.scene.deploys.iter().filter(|d| candidate.places.iter().any(|p| *p == d.place));
    let versions: Vec<String> = own.flat_map(|d| told(&d.what)).collect();
    if versions.is_empty() {
        return None;
    }
    let quotes = |text: &Text| versions.iter().any(|v| stands_in(text, v));
    let shown = incident.failures().filter(|(_, s, _)| s.texts.iter().any(quotes));
    let first = shown.map(|(i, _, share)| (share.onset, i)).min()?.1;
    (incident.signals[first].first >= candidate.at).then_some(first)
}

pub fn term(incident: &Incident<'_>, candidate: &Candidate, failure: Option<usize>) -> Option<Term> {
    let index = failure.filter(|f| self::failure(incident, candidate) == Some(*f))?;
    let signal = &incident.signals[index];
    let service = signal.service.clone().unwrap_or_else(|| "a machine".into());
    let reason = Reason::Seen { service, words: signal.words.clone() };
    let places: Places = places_of(signal).few(1);
    Some(Term { name: "seen in effect", value: weights::QUOTED, reason, places })
}

/// `535.183.01` of `535.183.01-0ubuntu0.22.04.1`.
fn versions(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || "(),;:=\"'~+-".contains(c));
    let is_version = |w: &&str| {
        w.len() >= LEAST
            && w.split('.').count() >= 3
            && w.trim_start_matches('v').split('.').all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    };
    words.filter(is_version).map(|w| w.trim_start_matches('v').to_string()).collect()
}

/// It stands there as a whole: `1.2.3` is not in `11.2.3` nor in `1.2.31`.
fn stands_in(text: &str, version: &str) -> bool {
    let joins = |c: char| c.is_ascii_digit();
    text.match_indices(version).any(|(at, _)| {
        let after = &text[at + version.len()..];
        let goes_on = after.starts_with(joins) || after.starts_with('.') && after[1..].starts_with(joins);
        !text[..at].ends_with(|c: char| joins(c) || c == '.') && !goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_quoted_as_a_whole() {
        let text = "Upgrade: libwave:amd64 (12.4.1-1build1, 12.10.3-0ubuntu1), curl (8.0, 8.1)";
        assert_eq!(versions(text), ["12.4.1", "12.10.3"]);
        assert!(stands_in("the client has version 12.10.3, but", "12.10.3"));
        assert!(stands_in("needs 12.10.3.", "12.10.3"));
        assert!(!stands_in("112.10.3", "12.10.3") && !stands_in("12.10.31", "12.10.3") && !stands_in("12.10.3.4", "12.10.3"));
    }
}

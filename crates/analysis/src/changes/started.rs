//! Releases of which only the log of the service tells: it starts with another version than before.
//!
//! What it sees: records of a start that name a version. Why it matters: where the deploy tool's history is not here, a program that
//! says which version it is still is. When it misleads: the restart of what ran before; so a version counts only where the same
//! log names another one.

use std::sync::LazyLock;

use evidence::{Moment, RecordRef};

use super::rollouts::is_older;
use super::{Candidate, LOOK_BACK_S, Undo, version_in};
use crate::findings::{ChangeKind, Places};
use crate::scene::Scene;
use crate::window::Window;
use expressions::{Expression, constant};

/// More starts than this are of another kind.
const MOST: u64 = 12;

static STARTS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:start(?:ing|ed|s)?(?: up)?|boot(?:ing|ed)|launch(?:ing|ed)|running)\b.{0,60}\b(?:version\W{0,3}|v)?\d+\.\d+",
    )
});

struct Start {
    service: String,
    version: String,
    at: Moment,
    place: RecordRef,
}

/// The last start of each service before the failure, where its log names another version, too.
pub fn candidates(scene: &Scene, window: &Window, known: &[Candidate]) -> Vec<Candidate> {
    let starts = starts(scene);
    let mut found: Vec<Candidate> = Vec::new();
    for start in &starts {
        let own = || starts.iter().filter(|s| s.service == start.service);
        let is_last = own().filter(|s| s.at <= window.from.plus(60.0)).all(|s| s.at <= start.at);
        let age = window.from.since(start.at);
        let told = |c: &Candidate| c.service.as_ref() == Some(&start.service) && c.kind == ChangeKind::Deploy;
        if !is_last || !(-60.0..=LOOK_BACK_S).contains(&age) || known.iter().any(told) {
            continue;
        }
        let other = |s: &&Start| s.version != start.version;
        let is_new = own().any(|s| other(&s)) && !own().filter(|s| s.at < start.at).any(|s| s.version == start.version);
        if !is_new {
            continue;
        }
        let back = own().find(|s| s.at > start.at && is_older(&s.version, &start.version));
        found.push(Candidate {
            kind: ChangeKind::Deploy,
            service: Some(start.service.clone()),
            reference: Some(start.version.clone()),
            at: start.at,
            commit: None,
            places: Places::one(start.place),
            dated: true,
            undone: back.map(|back| Undo {
                started: back.at,
                finished: back.at,
                dated: true,
                words: format!("the rollback to {}", back.version),
                places: Places::one(back.place),
            }),
        });
    }
    found
}

/// All starts that name a version, by time.
fn starts(scene: &Scene) -> Vec<Start> {
    let mut found: Vec<Start> = Vec::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in digest.patterns.iter().filter(|p| p.count <= MOST && STARTS.is_match(&p.first.text)) {
            for shown in pattern.exemplars.iter().chain([&pattern.first]) {
                let at = shown.stamp.and_then(|s| clock.moment(s));
                let words = shown.text.lines().next().unwrap_or_default().replace('=', " ");
                let service = scene.service_of(pattern.service.as_deref(), digest.source);
                let (Some(at), Some(version), Some(service)) = (at, version_in(&words), service) else { continue };
                if !found.iter().any(|s| s.place == shown.place) {
                    found.push(Start { service, version, at, place: shown.place });
                }
            }
        }
    }
    found.sort_by_key(|s| (s.at, s.place));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_names_its_version() {
        assert!(STARTS.is_match("label-hub starting version=2.4.1 broker=mq"));
        assert!(STARTS.is_match("Started label-hub v2.4.1"));
        assert!(!STARTS.is_match("starting the import of 12 rows"));
    }
}

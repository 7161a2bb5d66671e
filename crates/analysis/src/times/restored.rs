//! The record that says that what had failed is there again: a session that is established, a link that is up.
//!
//! What it sees: records of a recovery that name the same other side as the last failure. Why it matters: who tries again every
//! two minutes fails for the last time minutes before all is well. When it misleads: a recovery that did not last; so no
//! failure of that kind may follow it.

use evidence::{Moment, RecordRef};

use crate::incident::Incident;
use crate::signatures::{Catalogue, Role};

/// Seconds from the last failure to the recovery, at most.
const LATER_S: f64 = 900.0;
/// What is logged more often goes up and down all the time.
const MOST: u64 = 6;

pub struct Restored {
    pub at: Moment,
    pub service: Option<String>,
    pub words: String,
    pub place: RecordRef,
}

/// The first such record after the last failure, which stands at `place`. Where requests are logged these tell better.
pub fn after(incident: &Incident<'_>, last: Moment, place: RecordRef) -> Option<Restored> {
    if incident.edge.is_some() {
        return None;
    }
    let failed = incident.signals.iter().find(|s| s.last_place == place)?;
    let sides = sides(failed.texts.first()?);
    let scene = incident.scene;
    let mut found: Vec<Restored> = Vec::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in digest.patterns.iter().filter(|p| p.count <= MOST) {
            for shown in pattern.exemplars.iter().chain([&pattern.first]) {
                let Some(at) = shown.stamp.and_then(|s| clock.moment(s)) else { continue };
                let is_then = at > last && at.since(last) <= LATER_S;
                if !is_then || !names_one(&shown.text, &sides) || !tells_of_recovery(&shown.text) {
                    continue;
                }
                let service = scene.service_of(pattern.service.as_deref(), digest.source);
                let service = service.filter(|name| !crate::entities::is_host_program(name));
                let service = service.or_else(|| scene.entities.of_source(digest.source).map(str::to_string));
                found.push(Restored { at, service, words: crate::signals::first_line(&shown.text), place: shown.place });
            }
        }
    }
    found.into_iter().min_by_key(|r| (r.at, r.place))
}

fn tells_of_recovery(text: &str) -> bool {
    Catalogue::load().matches(text).iter().any(|hit| hit.signature.role == Role::Recovery)
}

/// Addresses in a text: what a failure and a recovery have in common that are of the same other side.
fn sides(text: &str) -> Vec<String> {
    let is_address = |word: &&str| {
        let dots = word.matches('.').count() == 3 && word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let colons = word.matches(':').count() >= 3 && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
        dots || colons
    };
    let words = text.split(|c: char| c.is_whitespace() || "(),;[]\"'".contains(c)).map(|w| w.trim_end_matches(['.', ':']));
    words.filter(is_address).map(str::to_string).collect()
}

fn names_one(text: &str, sides: &[String]) -> bool {
    self::sides(text).iter().any(|side| sides.contains(side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_and_a_recovery_name_the_same_side() {
        let failed = sides("connect to 192.0.2.9 (AS 64500): Operation timed out");
        assert_eq!(failed, ["192.0.2.9"]);
        let up = "BGP peer 192.0.2.9 (External AS 64500) changed state from OpenConfirm to Established (event RecvKeepAlive)";
        assert!(names_one(up, &failed) && tells_of_recovery(up));
        assert!(!names_one("BGP peer 192.0.2.7 changed state from OpenConfirm to Established", &failed), "another peer");
        assert!(!tells_of_recovery("BGP peer 192.0.2.9 changed state from Established to Idle"));
        assert!(sides("at 02:13:10 version 1.2.3").is_empty());
    }
}

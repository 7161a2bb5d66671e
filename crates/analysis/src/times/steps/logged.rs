//! Steps of which only a log of the failing service tells: a slot that is dropped, a query that is killed, a restart.
//!
//! What it sees: records of signatures that are remedies. Why it matters: whoever works at a server may tell nobody. When it
//! misleads: a job that drops or restarts something on every day; what is logged often is no step.

use evidence::Moment;

use super::Step;
use crate::findings::{Hypothesis, Places, TimeBasis};
use crate::incident::Incident;
use crate::signatures::{Catalogue, Memory, Role};

/// What is logged more often is a habit.
const MOST: u64 = 3;
/// A step by hand, of which the record does not say what it is good for.
const ANY: &str = "other";

/// Those at the service of the cause. What a step by hand is as a remedy, the failure that it ended tells.
pub fn steps(incident: &Incident<'_>, best: Option<&Hypothesis>, from: Moment, end: Moment) -> Vec<Step> {
    let scene = incident.scene;
    let Some(service) = best.and_then(|h| h.service.as_deref()) else { return Vec::new() };
    let own_remedy = best.and_then(|h| h.signature).map(|s| s.remediation.as_str()).filter(|word| *word != ANY);
    let (mut steps, mut memory) = (Vec::new(), Memory::default());
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in digest.patterns.iter().filter(|p| p.count <= MOST) {
            let Some(at) = pattern.first.stamp.and_then(|s| clock.moment(s)).filter(|at| *at >= from && *at <= end) else {
                continue;
            };
            let hits = Catalogue::load().steps(&[Role::Mitigation], &pattern.first.text, &mut memory);
            let Some(hit) = hits.first() else { continue };
            let own = scene.service_of(pattern.service.as_deref(), digest.source);
            let is_by_hand = hit.signature.remediation == ANY;
            // A database and its host go by two names, and nobody works at another server by hand meanwhile.
            if own.as_deref() != Some(service) && !is_by_hand {
                continue;
            }
            let word = if is_by_hand { own_remedy } else { Some(hit.signature.remediation.as_str()) };
            let words = crate::signals::first_line(&pattern.first.text);
            steps.push(Step {
                at,
                service: own.clone(),
                by: TimeBasis::Logged { service: own, words: words.clone() },
                remediation: word.map(str::to_string),
                words,
                author: None,
                places: Places::one(pattern.first.place),
                is_done: true,
            });
        }
    }
    steps
}

//! Load that passes from who asks to who serves: a change makes a service ask for more, and whom it asks has no room left.
//!
//! What it sees: a cause that is a change of the asking service and was taken back with success, its failing records that name the
//! other, and what the other failed by. Why it matters: faults pass against the direction of calls, load with it; without this the
//! victim is told as the one that did harm. When it misleads: a service that ran out of room by itself at the same time; so the
//! step is never told as shown.

use crate::findings::{Edge, EdgeBasis, Hypothesis, HypothesisKind};
use crate::incident::{Incident, places_of};

/// Families of failures of who is asked for more than it has.
const NO_ROOM: [&str; 3] = ["pool", "cpu", "throttle"];

/// The steps from the root to those that it calls and that had no room left.
pub fn edges(incident: &Incident<'_>, best: Option<&Hypothesis>, known: &[Edge]) -> Vec<Edge> {
    let Some((best, root)) = best.and_then(|h| Some((h, h.service.as_deref()?))) else { return Vec::new() };
    let helped = best.terms.iter().any(|t| t.name == "reversal" && t.value > 0.0);
    let (Some(change), Some(asking)) = (&best.change, incident.hurt(root)) else { return Vec::new() };
    if best.kind != HypothesisKind::Change || !helped {
        return Vec::new();
    }
    let served = incident.services.iter().filter(|h| h.name != root && h.onset >= change.at);
    let of = |h: &crate::incident::Hurt| {
        let names = |i: &&usize| incident.named(**i).contains(&h.name);
        let record = asking.by_onset.iter().find(names)?;
        let no_room = |i: &&usize| incident.signals[**i].hits.iter().any(|s| NO_ROOM.contains(&s.family.as_str()));
        let signal = &incident.signals[*h.by_onset.iter().find(no_room)?];
        Some(Edge {
            from: root.to_string(),
            to: h.name.clone(),
            verified: false,
            by: EdgeBasis::Load { words: signal.words.clone() },
            places: places_of(signal).few(1).and(&places_of(&incident.signals[*record]).few(1)),
        })
    };
    served.filter(|h| !known.iter().any(|e| e.from == root && e.to == h.name)).filter_map(of).collect()
}

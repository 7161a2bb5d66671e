//! Steps that nothing but the order in time shows: what failed after a cause that is certain, and that no record ties to it.
//!
//! What it sees: services that no other step reached. Why it matters: records of work that is handed on by a queue, a table or a
//! cache name nobody, and a reader asks how it came there all the same. When it misleads: two incidents at one time; so such a step
//! is never more than possible, and there are few.

use evidence::Moment;

use crate::findings::{Edge, EdgeBasis, Hypothesis, HypothesisKind, Places};
use crate::incident::{Hurt, Incident, first_place};

/// A cause is certain enough from here on.
const SURE: f64 = 0.6;
/// What failed longer after it is another story, in seconds.
const LATEST_S: f64 = 6.0 * 3_600.0;
/// Steps of this kind.
const MOST: usize = 2;

/// Steps from the root to what is left.
pub fn edges(incident: &Incident<'_>, best: Option<&Hypothesis>, open: &[&str]) -> Vec<Edge> {
    let Some(best) = best.filter(|h| h.probability >= SURE && h.kind != HypothesisKind::UnknownIn) else { return Vec::new() };
    let Some((root, (at, places))) = best.service.as_deref().zip(began(incident, best)) else { return Vec::new() };
    let fails_itself =
        |hurt: &&Hurt| hurt.signals.iter().any(|i| incident.signals[*i].level.is_some_and(evidence::Level::is_bad));
    let left = open.iter().filter_map(|name| incident.hurt(name)).filter(fails_itself);
    let after = left.filter(|hurt| (0.0..=LATEST_S).contains(&hurt.onset.since(at)));
    let edge = |hurt: &Hurt| Edge {
        from: root.to_string(),
        to: hurt.name.clone(),
        verified: false,
        by: EdgeBasis::Order { seconds: hurt.onset.since(at) },
        places: places.and(&Places::one(first_place(incident, hurt))),
    };
    after.map(edge).take(MOST).collect()
}

/// When trouble in the root began: its first failure, or the change of it where it shows none.
fn began(incident: &Incident<'_>, best: &Hypothesis) -> Option<(Moment, Places)> {
    let root = best.service.as_deref()?;
    if let Some(hurt) = incident.hurt(root) {
        return Some((hurt.onset, Places::one(first_place(incident, hurt))));
    }
    best.change.as_ref().map(|change| (change.at, change.places.few(1)))
}

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
/// A log may be slower by so much to tell of the cause than that of who is harmed.
const SLOWER_S: f64 = 10.0;
/// Steps of this kind.
const MOST: usize = 2;

/// Steps from the root to what is left.
pub fn edges(incident: &Incident<'_>, best: Option<&Hypothesis>, open: &[&str], known: &[Edge]) -> Vec<Edge> {
    let Some(best) = best.filter(|h| h.probability >= SURE && h.kind != HypothesisKind::UnknownIn) else { return Vec::new() };
    let Some((root, began)) = best.service.as_deref().zip(began(incident, best, known)) else { return Vec::new() };
    let (root, (at, places)) = match hands_on(incident, root, known) {
        Some(hurt) => (hurt.name.as_str(), (hurt.onset, Places::one(first_place(incident, hurt)))),
        None => (root, began),
    };
    let fails_itself =
        |hurt: &&Hurt| hurt.signals.iter().any(|i| incident.signals[*i].level.is_some_and(evidence::Level::is_bad));
    let left = open.iter().filter_map(|name| incident.hurt(name)).filter(fails_itself);
    let after = left.filter(|hurt| (-SLOWER_S..=LATEST_S).contains(&hurt.onset.since(at)));
    let edge = |hurt: &Hurt| Edge {
        from: root.to_string(),
        to: hurt.name.clone(),
        verified: false,
        by: EdgeBasis::Order { seconds: hurt.onset.since(at).max(0.0) },
        places: places.and(&Places::one(first_place(incident, hurt))),
    };
    after.map(edge).take(MOST).collect()
}

/// Who hands on the trouble of a root that is no service of the house (a store, an account, a machine): the one that is shown to need
/// it. What comes after it asks that one, as far as anybody can tell.
fn hands_on<'i>(incident: &'i Incident<'_>, root: &str, known: &[Edge]) -> Option<&'i Hurt> {
    if incident.hurt(root).is_some() || !incident.scene.ties().logs(root).is_empty() {
        return None;
    }
    let mut reached = known.iter().filter(|e| e.from == root && e.verified).filter_map(|e| incident.hurt(&e.to));
    reached.next().filter(|_| reached.next().is_none())
}

/// When trouble in the root began: its first failure or, where one that is shown to need it failed before, then; or the change of
/// it where it shows none.
fn began(incident: &Incident<'_>, best: &Hypothesis, known: &[Edge]) -> Option<(Moment, Places)> {
    let root = best.service.as_deref()?;
    if let Some(hurt) = incident.hurt(root) {
        let shown = known.iter().filter(|e| e.from == root && e.verified).filter_map(|e| incident.hurt(&e.to));
        let first = shown.chain([hurt]).min_by_key(|hurt| hurt.onset)?;
        return Some((first.onset, Places::one(first_place(incident, first))));
    }
    best.change.as_ref().map(|change| (change.at, change.places.few(1)))
}

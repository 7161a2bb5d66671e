//! Whom the only log that is here did not reach: nobody else's records stand beside it that could say more.
//!
//! What it sees: the one that failing calls name, where one service (or none that is named) fails and no change is known. Why it
//! matters: "something in this service" is the wrong place to look when its record says that another one refused. When it
//! misleads: a caller with a wrong address; so this is never more than a little ahead of trouble in the caller.

use crate::findings::{Hypothesis, HypothesisKind, Places, Reason, Term, Trigger, TriggerKind};
use crate::incident::{Incident, places_of};
use crate::signatures::Role;
use crate::targets::Target;
use crate::weights;

/// Families of failures in which somebody else was not reached.
const NOT_REACHED: [&str; 6] = ["timeout", "network", "dns", "db", "cache", "external"];

/// The one that is blamed by most failures, where nothing else is known.
pub fn not_reached(incident: &Incident<'_>, targets: &[Target], known: &[Hypothesis]) -> Option<Hypothesis> {
    let is_known = |name: &str| known.iter().any(|h| h.kind != HypothesisKind::UnknownIn && h.service.as_deref() == Some(name));
    let has_change = known.iter().any(|h| h.kind == HypothesisKind::Change);
    if has_change || incident.services.len() > 1 {
        return None;
    }
    let main = incident.main_failure(|_| true)?;
    let signal = &incident.signals[main];
    let fits = signal.hits.iter().any(|h| h.role != Role::Cause && NOT_REACHED.contains(&h.family.as_str()));
    let target = targets.iter().find(|t| t.external && t.signals.contains(&main)).filter(|t| fits && !is_known(&t.name))?;
    let places = Places::one(signal.places[0]).and(&places_of(signal).few(2));
    let reason = Reason::External { target: target.name.clone(), words: signal.words.clone() };
    let term = Term { name: "calls that fail name it", value: weights::NOT_REACHED, reason, places: places.clone() };
    Some(Hypothesis {
        service: Some(target.name.clone()),
        signature: signal.signature(),
        change_caused: None,
        change: None,
        trigger: Some(Trigger {
            kind: TriggerKind::Dependency,
            reference: Some(target.name.clone()),
            at: Some(incident.began(main)),
            places: places.clone(),
        }),
        probability: 0.0,
        kind: HypothesisKind::External,
        failure: Some(incident.failure(main)),
        terms: vec![term],
        tests: Vec::new(),
        places,
        objects: Vec::new(),
    })
}

//! The step from a cause that shows no failure itself to the service whose failure it is held to explain.
//!
//! What it sees: a store, a machine or a provider that is held to be the cause, and the failure that speaks for it. Why it matters:
//! whoever holds that holds that the one harms the other, and a chain without this step begins nowhere. When it misleads: no more
//! than the hypothesis itself does; so the step is never told as shown.

use crate::findings::{Edge, EdgeBasis, Hypothesis, HypothesisKind, Places};
use crate::incident::{Incident, first_place};

/// Below this share the cause is a guess, and so would be the step.
const LIKELY: f64 = 0.45;

/// The step, with the place of the harmed one among those that nothing reached yet.
pub fn failing<'n>(
    incident: &Incident<'_>,
    best: Option<&Hypothesis>,
    root: &str,
    mut open: impl Iterator<Item = &'n str>,
) -> Option<(usize, Edge)> {
    let best = best.filter(|h| h.probability >= LIKELY && h.kind != HypothesisKind::UnknownIn)?;
    if best.service.as_deref() != Some(root) || incident.hurt(root).is_some() {
        return None;
    }
    let shows = best.failure.as_ref()?.service.as_deref()?;
    let index = open.position(|name| name == shows)?;
    Some((index, step(incident, best, root, shows)?))
}

/// Where the cause is nothing that writes, has spans or changes (a store that only metrics show, a provider), the chain begins at the
/// service whose failure shows it: the step to that one.
pub fn behind(incident: &Incident<'_>, best: Option<&Hypothesis>, root: &str) -> Option<Edge> {
    let best = best.filter(|h| h.probability >= LIKELY && h.kind != HypothesisKind::UnknownIn)?;
    let cause = best.service.as_deref().filter(|cause| *cause != root)?;
    let shows = best.failure.as_ref()?.service.as_deref().filter(|shows| *shows == root)?;
    step(incident, best, cause, shows)
}

fn step(incident: &Incident<'_>, best: &Hypothesis, from: &str, to: &str) -> Option<Edge> {
    let hurt = incident.hurt(to)?;
    let set_off = best.change.as_ref().map(|c| c.at).or(best.trigger.as_ref().and_then(|t| t.at));
    let seconds = set_off.map_or(0.0, |at| hurt.onset.since(at)).max(0.0);
    let cause = best.change.as_ref().map(|c| &c.places).or(best.trigger.as_ref().map(|t| &t.places));
    let failed = Places::one(first_place(incident, hurt));
    let places = cause.map_or_else(|| failed.clone(), |cause| cause.few(1).and(&failed));
    Some(Edge { from: from.into(), to: to.into(), verified: false, by: EdgeBasis::Order { seconds }, places })
}

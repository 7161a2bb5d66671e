//! Which failure lies below another one: a machine's disk that fails first brings down what is stored on it, and what is stored on it is
//! told by everybody else.
//!
//! What it sees: a fault of a machine or of its storage, and a failure of what stands above, that shows right after it in the same
//! service, in its twin (`store-2` and `store-1`), or in one that calls it. Why it matters: many tell of the upper failure and one log of the
//! lower. When it misleads: a disk that has failed for long and is not used; so it has to come right before.

use evidence::Moment;

use crate::findings::{Hypothesis, HypothesisKind, Reason, Term};
use crate::incident::Incident;
use crate::signatures::{Category, Signature};
use crate::weights;

/// Seconds after the lower failure in which the upper one shows, and by which clocks may be off.
const SOON_S: f64 = 900.0;
const OFF_S: f64 = 2.0;

/// Adds to each upper failure what it is the consequence of.
pub fn weigh(incident: &Incident<'_>, found: &mut [Hypothesis]) {
    let below: Vec<Hypothesis> = found.iter().filter(|h| is_below(h)).cloned().collect();
    for hypothesis in found.iter_mut().filter(|h| !is_below(h)) {
        if let Some(term) = below.iter().find_map(|lower| consequence(incident, lower, hypothesis)) {
            hypothesis.terms.push(term);
        }
    }
}

fn is_below(hypothesis: &Hypothesis) -> bool {
    hypothesis.kind == HypothesisKind::Failure && hypothesis.signature.is_some_and(is_of_a_machine)
}

fn is_of_a_machine(signature: &Signature) -> bool {
    signature.category == Category::Infrastructure && ["node", "disk"].contains(&signature.family.as_str())
}

fn consequence(incident: &Incident<'_>, lower: &Hypothesis, upper: &Hypothesis) -> Option<Term> {
    let is_upper =
        matches!(upper.kind, HypothesisKind::Failure | HypothesisKind::UnknownIn) && upper.signature.is_some_and(stands_above);
    let (below, above) = (lower.failure.as_ref()?, upper.failure.as_ref()?);
    let (from, to) = (lower.service.as_deref()?, upper.service.as_deref()?);
    (is_upper && is_soon(below.first, above.first) && is_tied(incident, from, to)).then_some(())?;
    let reason = Reason::Specific { words: below.words.clone(), signature: lower.signature? };
    Some(Term { name: "explained by another failure", value: weights::CONSEQUENCE, reason, places: below.places.few(1) })
}

/// A failure of this kind that shows from then on follows from what is held to be the cause, and adds nothing to it.
pub fn follows(incident: &Incident<'_>, best: Option<&Hypothesis>, signature: &'static Signature, onset: Moment) -> bool {
    let Some(best) = best.filter(|h| is_below(h) && stands_above(signature)) else { return false };
    let (Some(below), Some(root)) = (&best.failure, best.service.as_deref()) else { return false };
    let shows = |s: &crate::signals::Signal| s.hits.iter().any(|hit| hit.id == signature.id);
    let of_root = |s: &crate::signals::Signal| s.service.as_deref().is_some_and(|to| is_tied(incident, root, to));
    is_soon(below.first, onset) && incident.failures().any(|(_, s, _)| shows(s) && of_root(s))
}

fn stands_above(signature: &'static Signature) -> bool {
    ["queue", "db", "cache", "pool", "timeout", "k8s"].contains(&signature.family.as_str())
}

fn is_soon(below: Moment, above: Moment) -> bool {
    (-OFF_S..=SOON_S).contains(&above.since(below))
}

fn is_tied(incident: &Incident<'_>, from: &str, to: &str) -> bool {
    from == to || is_twin(from, to) || crate::chain::link(incident, from, to).is_some()
}

/// Names that differ in a number only.
fn is_twin(one: &str, other: &str) -> bool {
    let stem = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-').to_string();
    one != other && stem(one).len() >= 3 && stem(one) == stem(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_differ_in_a_number() {
        assert!(is_twin("store-1", "store-2") && is_twin("store01", "store02"));
        assert!(!is_twin("store-1", "store-1") && !is_twin("store-1", "ledger-2") && !is_twin("a1", "a2"));
    }
}
